"""Data rows of one table, typed into the one shape of all sources.

Here: what each declared column gives (record columns, parties, references, other columns) and values that cannot be
right. Not here: finding the table (`sources.layout`), joining side lists and writing frames (`sources.read`).
Table -> Rows
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from json.encoder import encode_basestring
from typing import Any

from sources import values
from sources.contract import RECORD_KINDS, ColumnRule
from sources.layout import Table
from sources.readers.sheet import Cells

EARLIEST = datetime.fromisoformat("1990-01-01")
DEADLINE_YEARS = 5
"""A deadline this many years after the delivery is still believed (假定)."""

_JOINERS = {"source_category": "/", "first_category": "/", "address": "", "handling_unit": "/"}
_LIKE_A_TIME = re.compile(r"(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}(?:\D|$)|(?:19|20)\d{6}(?:\d{6})?$|\d{5}\.\d+$")
_NUMBERS_IN_CELL = re.compile(r"[、,，;；\s]+")
ROLES = {
    "申请人": "applicant",
    "被申请人": "respondent",
    "反映人": "reporter",
    "报警人": "reporter",
    "诉求人": "reporter",
    "被反映人": "respondent",
    "当事人": "party",
}
"""Roles of a person in a ``parties`` list or side list, unless the column lists its own."""


@dataclass
class Party:
    """One person or organisation of a record, as delivered."""

    role: str
    name: str | None = None
    gender: str | None = None
    id_number: str | None = None
    phones: list[str] = field(default_factory=list)
    address: str | None = None

    @property
    def is_empty(self) -> bool:
        """Nothing tells who it is."""
        return not (self.name or self.id_number or self.phones)


@dataclass
class Rows:
    """The data rows of a table; every list has one value a row.

    Attributes:
        table: where they come from.
        positions: position of each row in the table.
        cells: cells by declared column, placeholders for "nothing" already None.
        record: raw_record column to values. A parser may change it.
        parties: persons and organisations of each row.
        references: (kind, number) pairs of each row.
        extra: other columns of each row, as the inner part of a JSON object (no braces).
        unknown_codes: ``column=value`` of each row.
    """

    table: Table
    positions: list[int]
    cells: dict[str, Cells] = field(default_factory=dict)
    record: dict[str, list[Any]] = field(default_factory=dict)
    parties: list[list[Party]] = field(default_factory=list)
    references: list[list[tuple[str, str]]] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    unknown_codes: list[list[str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.positions)

    def number(self, row: int) -> int:
        """Returns the row number that the user sees."""
        return self.table.numbers[self.positions[row]]

    def reject(self, row: int, rule: str, column: str, sentence: str) -> None:
        """Puts one row into quarantine; ``sentence`` says what is wrong and what to do, file and row are added."""
        reason = f"{self.table.file} 第 {self.number(row)} 行：{sentence}"
        self.table.quarantine(self.positions[row], rule, reason, column)

    def is_valid(self, row: int) -> bool:
        """Tells whether the row is still to become a record."""
        return self.positions[row] not in self.table.fates


def read(table: Table, rules: Mapping[str, ColumnRule], missing: Sequence[str], delivery_date: date) -> Rows:
    """Types the data rows of ``table`` (those without a fate) by ``rules``.

    Args:
        table: n rows of cells, some with a fate.
        rules: declared columns.
        missing: values that mean "nothing" in every column.
        delivery_date: what later times are measured against.
    """
    positions = [position for position in range(len(table.numbers)) if position not in table.fates]
    rows = Rows(table, positions)
    count = len(positions)
    rows.parties = [[] for _ in range(count)]
    rows.references = [[] for _ in range(count)]
    rows.unknown_codes = [[] for _ in range(count)]
    rows.cells = {name: _cells(table, name, rule, missing, positions) for name, rule in rules.items()}
    by_role: dict[str, dict[str, list[Cells]]] = {}
    for name, rule in rules.items():
        if name not in table.index:
            continue
        cells = rows.cells[name]
        if rule.type == "parties":
            _add_listed_parties(rows, name, rule, cells)
        elif rule.to:
            typed = _typed(rows, name, rule, cells, delivery_date)
            for target in rule.to:
                _put(rows.record, target, typed)
        if rule.party and rule.party.field in ("phone", "id_number"):
            spoilt = [row for row, cell in enumerate(cells) if cell and "E+" in cell]
            if spoilt:
                table.findings.append(
                    f"{table.file} 的“{name}”有 {len(spoilt)} 个值是科学计数法（如第 {rows.number(spoilt[0])} 行），"
                    "末几位已丢失，不能用来比对：请把该列设为文本格式后重新导出"
                )
        if rule.party:
            by_role.setdefault(rule.party.role, {}).setdefault(rule.party.field, []).append(cells)
        if rule.reference:
            _add_references(rows, rule.reference, cells)
    for role, fields in by_role.items():
        _add_parties(rows, role, fields)
    rows.extra = _extra(table, rules, positions)
    return rows


def pick(column: list[Any], positions: Sequence[int]) -> list[Any]:
    """Returns the values at ascending ``positions``; a slice where none between the first and the last is left out."""
    if not positions:
        return []
    first, last = positions[0], positions[-1]
    if last - first + 1 == len(positions):
        return column if len(positions) == len(column) else column[first : last + 1]
    return [column[position] for position in positions]


def fragments(name: str, cells: Cells) -> list[str]:
    """Returns ``"name":"cell"`` of each cell as JSON, an empty text for an empty cell."""
    key = encode_basestring(name) + ":"
    return [key + encode_basestring(cell) if cell is not None else "" for cell in cells]


def joined(columns: Sequence[Iterable[str]], count: int) -> list[str]:
    """Returns the fragments of each row with commas between them: the inner part of a JSON object."""
    if not columns:
        return [""] * count
    return [",".join(filter(None, row)) for row in zip(*columns, strict=True)]


def _cells(table: Table, name: str, rule: ColumnRule, missing: Sequence[str], positions: list[int]) -> Cells:
    """Cells of the data rows, without placeholders and wrapping characters."""
    cells = pick(table.cells(name), positions)
    if rule.strip:
        cells = [(cell.strip(rule.strip).strip() or None) if cell else None for cell in cells]
    is_text = rule.type == "text" and not rule.party and not rule.reference
    if missing or rule.missing or not is_text:
        nothing = {*missing, *rule.missing} if is_text else {*missing, *rule.missing, *values.NOTHING}
        if not nothing.isdisjoint(cells):
            cells = [None if cell in nothing else cell for cell in cells]
    return cells


def _typed(rows: Rows, name: str, rule: ColumnRule, cells: Cells, delivery_date: date) -> list[Any]:
    """Values of one column; what cannot be understood is reported, or its row rejected."""
    if rule.type == "local_time":
        return _times(rows, name, rule, cells, delivery_date)
    if rule.type == "integer":
        whole, bad = values.integers(cells)
        _report(rows, name, bad, "不是整数")
        return whole
    if rule.type == "number":
        decimal, bad = values.numbers(cells)
        _report(rows, name, bad, "不是数字")
        if rule.missing:
            nothing = {float(text) for text in rule.missing if values.is_number(text)}
            decimal = [None if number in nothing else number for number in decimal]
        return decimal
    if rule.type == "boolean":
        truth, bad = values.booleans(cells, rule.codes)
        _note_unknown(rows, name, cells, bad)
        if "is_confidential" in rule.to:  # whoever wrote something there wanted something; 否 is known
            for row in bad:
                truth[row] = True
        return truth
    if rule.type == "code":
        kept, bad = values.coded(cells, rule.codes or {}, rule.patterns)
        _note_unknown(rows, name, cells, bad)
        return kept
    return cells


def _times(rows: Rows, name: str, rule: ColumnRule, cells: Cells, delivery_date: date) -> list[Any]:
    """Times of one column. One that cannot be right rejects the row if it says when the record was reported."""
    moments, bad = values.times(cells, rule.formats, end_of_day=rule.end_of_day)
    days = 366 * DEADLINE_YEARS if rule.future else 1
    latest = datetime.combine(delivery_date + timedelta(days=days), datetime.max.time())
    known = [moment for moment in moments if moment is not None]
    if known and (min(known) < EARLIEST or max(known) > latest):
        outside = [row for row, moment in enumerate(moments) if moment and not EARLIEST <= moment <= latest]
    else:
        outside = []
    if "reported_at" in rule.to:
        for row in bad:
            rows.reject(row, "impossible_time", name, f"“{name}”{_shown(cells[row])}不是有效的时间，请核对后重新交付")
        for row in outside:
            if (moments[row] or EARLIEST) > latest:
                problem = f"晚于交付日期的次日（{latest.date()}）"
            else:
                problem = f"早于 {EARLIEST.year} 年"
            rows.reject(row, "impossible_time", name, f"“{name}”{_shown(cells[row])}{problem}，请核对后重新交付")
    else:
        _report(rows, name, bad, "不是有效的时间")
        _report(rows, name, outside, f"不在 {EARLIEST.year} 年与 {latest.date()} 之间")
        for row in outside:
            moments[row] = None
    return moments


def _shown(cell: str | None) -> str:
    """``的值“2062-01-01”`` where a cell looks like a time, else ``的值``: sentences are published, and in a row that
    slipped sideways the cell may be a phone number or a name."""
    return f"的值“{cell[:30]}”" if cell and _LIKE_A_TIME.match(cell) else "的值"


def _report(rows: Rows, name: str, bad: list[int], problem: str) -> None:
    """One finding for all cells of a column that cannot be understood; they are empty from here on."""
    if bad:
        rows.table.findings.append(
            f"{rows.table.file} 的“{name}”有 {len(bad)} 个值{problem}"
            f"（如第 {rows.number(bad[0])} 行），已按空值采用：请核对"
        )


def _note_unknown(rows: Rows, name: str, cells: Cells, bad: list[int]) -> None:
    for row in bad:
        rows.unknown_codes[row].append(f"{name}={cells[row]}")


def _put(record: dict[str, list[Any]], target: str, typed: list[Any]) -> None:
    """Gives a raw_record column its values; a second source column is joined to text, else fills what is empty."""
    if target not in record:
        record[target] = list(typed)
    elif RECORD_KINDS[target] == "text":
        joiner = _JOINERS.get(target, "\n")
        record[target] = [
            left if right is None else right if left is None else f"{left}{joiner}{right}"
            for left, right in zip(record[target], typed, strict=True)
        ]
    else:
        record[target] = [right if left is None else left for left, right in zip(record[target], typed, strict=True)]


def _add_references(rows: Rows, kind: str, cells: Cells) -> None:
    for row, cell in enumerate(cells):
        if cell is not None:
            for number in dict.fromkeys(_NUMBERS_IN_CELL.split(cell)):
                if number and (kind, number) not in rows.references[row]:
                    rows.references[row].append((kind, number))


def _add_parties(rows: Rows, role: str, fields: Mapping[str, list[Cells]]) -> None:
    """One party of this role for each row whose columns name one."""
    nothing: Cells = [None] * len(rows)
    names, genders, ids, addresses = (
        fields.get(part, [nothing])[0] for part in ("name", "gender", "id_number", "address")
    )
    phones = list(zip(*fields.get("phone", [nothing]), strict=True))
    for row, (name, id_number, numbers) in enumerate(zip(names, ids, phones, strict=True)):
        kept = [number for number in numbers if number]
        if name or id_number or kept:
            if len(kept) > 1:
                kept = list(dict.fromkeys(kept))
            rows.parties[row].append(Party(role, name, genders[row], id_number, kept, addresses[row]))


def _add_listed_parties(rows: Rows, name: str, rule: ColumnRule, cells: Cells) -> None:
    """Parties from a JSON list of objects; anything else in the cell is reported, and kept in the row as delivered."""
    bad: list[int] = []
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            listed = json.loads(cell)
        except (ValueError, RecursionError):
            listed = cell
        if isinstance(listed, dict):
            listed = [listed]
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            bad.append(row)
            continue
        for item in listed:
            party = _party(rows, row, name, rule, item)
            if not party.is_empty:
                rows.parties[row].append(party)
    _report(rows, name, bad, "不是当事人对象的列表")


def _party(rows: Rows, row: int, name: str, rule: ColumnRule, item: Mapping[str, Any]) -> Party:
    party = Party("party")
    for key, part in rule.fields.items():
        value = item.get(key)
        text = str(value).strip() if value is not None and not isinstance(value, dict | list) else None
        if isinstance(value, list) and part == "phone":
            party.phones.extend(str(number) for number in value if number)
        elif not text or text in rule.missing:
            continue
        elif part == "phone":
            party.phones.append(text)
        elif part == "role":
            party.role = role_of(rows, row, f"{name}.{key}", rule, text)
        else:
            setattr(party, part, text)
    return party


def role_of(rows: Rows, row: int, label: str, rule: ColumnRule, text: str) -> str:
    """Returns the role a text names; an unknown one is a ``party`` and noted as an unknown code."""
    roles: Mapping[str, str] = rule.roles or ROLES
    if text not in roles:
        rows.unknown_codes[row].append(f"{label}={text}")
    return roles.get(text, "party")


def _extra(table: Table, rules: Mapping[str, ColumnRule], positions: list[int]) -> list[str]:
    """Columns that fill nothing else, declared or not."""
    kept = [
        index
        for name, index in table.index.items()
        if not (rules[name].to or rules[name].party or rules[name].reference or rules[name].type == "parties")
    ]
    columns = []
    for index in sorted([*kept, *table.undeclared]):
        cells = pick(table.columns[index], positions)
        if any(cells):
            columns.append(fragments(table.header[index], cells))
    return joined(columns, len(positions))
