"""One delivery to raw tables: every row of every file is valid, ignored or quarantined, none vanishes.

Here: files of a delivery, side lists, the contract that can hold a delivery, the account of each file. Not here: bytes
(`sources.readers`), where a table lies (`sources.layout`), values (`sources.rows`), cleaning (`transforms`).
Delivery -> Reading(row, file, record, party, reference)

What counts: every row of a table but its header row. Titles, blank rows, totals and repeated headers are ignored by
rule, and so are the rows of side lists once they are joined to their record (``side_row``, ``side_superseded``); a side
row whose record is not in the delivery is quarantined. `rows_read = rows_valid + rows_ignored + rows_quarantined`.
"""

import fnmatch
import gc
import importlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from sources import contract as contracts
from sources import layout, readers, rows, values
from sources.contract import FOLDER, ColumnRule, Contract, Side
from sources.deliveries import Delivery
from sources.layout import Fate, Table
from sources.readers import archive
from sources.readers.sheet import FileRefused, Sheet
from sources.rows import Party, Rows
from sources.tables import ORIGIN, RAW_FILE, RAW_PARTY, RAW_RECORD, RAW_REFERENCE, RAW_ROW

_SIDE_RULES = ("side_row", "side_superseded")


@dataclass(frozen=True)
class Reading:
    """What a delivery holds, one frame for each raw table, in its shape (`sources.tables`)."""

    row: pd.DataFrame
    file: pd.DataFrame
    record: pd.DataFrame
    party: pd.DataFrame
    reference: pd.DataFrame

    @property
    def is_held(self) -> bool:
        """The delivery breaks its contract and waits for a person; it has no records then."""
        return bool((self.file["status"] == "held").any())


@dataclass
class _File:
    """One file of the delivery on its way through: its tables, or why there are none."""

    name: str
    status: str = "accepted"
    reason: str | None = None
    rule: str | None = None
    tables: list[Table] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def refuse(self, error: FileRefused) -> None:
        """Marks the file as unreadable."""
        self.status, self.rule, self.reason = "quarantined", error.rule, error.sentence


@dataclass
class _SideTable:
    """A side list found in the delivery: its table, its declaration, and the rows typed by it."""

    side: Side
    label: str
    table: Table
    rows: Rows


def read_delivery(delivery: Delivery, *, accept_held: bool = False, contract: Contract | None = None) -> Reading:
    """Reads one delivery.

    Args:
        delivery: a complete one, from `sources.deliveries.find`.
        accept_held: a person has accepted this content although it breaks its contract.
        contract: how the source is read; by default its source.yml.

    Returns:
        The frames. Whatever the files hold, no exception comes out of them: what cannot be read is quarantined.

    Raises:
        ContractError: there is no source.yml for the source, or it is faulty.
    """
    batches = _Batches()
    _read_into(batches, delivery, contract or contracts.load(delivery.source), accept_held)
    return batches.reading()


def read_in_batches(wanted: Iterable[tuple[Delivery, bool]], *, rows: int) -> Iterator[tuple[list[Delivery], Reading]]:
    """Reads many deliveries, several of them into one `Reading`: small ones cost little more than their rows then.

    Args:
        wanted: deliveries, each with whether a person has accepted it (`accept_held`).
        rows: a batch is handed over once it has as many rows; one delivery is never cut.

    Yields:
        The deliveries of a batch and what they hold, in the order of ``wanted``.

    Raises:
        ContractError: as for `read_delivery`.
    """
    batches, members = _Batches(), []
    for delivery, accept_held in wanted:
        _read_into(batches, delivery, contracts.load(delivery.source), accept_held)
        members.append(delivery)
        if batches.totals["read"] >= rows:
            yield members, batches.reading()
            batches, members = _Batches(), []
    if members:
        yield members, batches.reading()


def _read_into(batches: "_Batches", delivery: Delivery, rules: Contract, accept_held: bool) -> None:
    """Reads one delivery and adds what it holds to ``batches``."""
    with _without_collector():
        files = []
        sides: list[_SideTable] = []
        for name, content in _contents(delivery):
            files.append(_read_file(delivery, rules, name, content, sides))
        _join_sides(files, sides)
        held = _held_sentence(delivery, rules, files)
        is_held = held is not None and not accept_held
        for file in files:
            before = batches.counts()
            if not any(table.numbers for table in file.tables) and file.reason:
                batches.add_unreadable(delivery, file)
            for table in file.tables:
                batches.add_rows(delivery, table, held if is_held else None)
            batches.add_file(delivery, file, held, is_held, before)
            for typed in [] if is_held else file.rows:
                batches.add_records(delivery, typed)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keeps the cyclic collector out: a million new cells make it look through all of them again and again (a fifth of
    the time), and there are no cycles among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _contents(delivery: Delivery) -> Iterator[tuple[str, bytes | FileRefused]]:
    """Name and bytes of each file; a ZIP gives those inside it, named ``outer.zip/inner.xlsx``."""
    for path in delivery.files:
        try:
            content = _bytes(path)
            if path.suffix.lower() != ".zip":
                yield path.name, content
                continue
            inner = archive.members(content, path.name)
        except FileRefused as error:
            yield path.name, error
            continue
        if not inner:
            yield path.name, FileRefused("empty_zip", f"{path.name} 压缩包里没有文件：请重新打包后再交付")
        seen: Counter[str] = Counter()
        for name, member in inner:
            seen[name] += 1
            yield f"{path.name}/{name}" + (f"#{seen[name]}" if seen[name] > 1 else ""), member


def _bytes(path: Path) -> bytes:
    """The content of a file that may have gone or be too large by now."""
    try:
        if path.stat().st_size > readers.MAX_BYTES:
            raise FileRefused(
                "too_large", f"{path.name} 超过 {readers.MAX_BYTES >> 30} GB，没有读：请按日期分成多个文件再交付"
            )
        return path.read_bytes()
    except OSError as error:
        raise FileRefused(
            "unreadable_file", f"{path.name} 无法读取（已被移走，或没有权限）：请检查后重新交付"
        ) from error


def _fits(name: str, patterns: list[str]) -> bool:
    """Whether a file is meant by one of the patterns; the case of its name does not matter."""
    base = name.rsplit("/", 1)[-1].split("#")[0].lower()
    return any(fnmatch.fnmatchcase(base, pattern.lower()) for pattern in patterns)


def _read_file(
    delivery: Delivery, rules: Contract, name: str, content: bytes | FileRefused, sides: list[_SideTable]
) -> _File:
    """Reads one file: a main one, a side list, or one that does not belong here."""
    file = _File(name)
    try:
        if isinstance(content, FileRefused):
            raise content
        side_of_file = next(((label, side) for label, side in rules.sides.items() if _fits(name, side.files)), None)
        if side_of_file is None and not _fits(name, rules.files):
            raise FileRefused(
                "unknown_file",
                f"{name} 的文件名不是 {rules.label} 的交付文件（应形如 {'、'.join(rules.files)}），没有读："
                "请改正文件名或移走",
            )
        encoding = side_of_file[1].encoding if side_of_file else rules.layout.encoding
        sheets = readers.read_bytes(content, name, encoding=encoding)
    except FileRefused as error:
        file.refuse(error)
        return file
    if side_of_file is not None:
        for sheet in sheets:
            _take_side(delivery, rules, file, sheet, *side_of_file, sides)
    else:
        _take_sheets(delivery, rules, file, sheets, sides)
    _settle(file)
    return file


def _take_sheets(
    delivery: Delivery, rules: Contract, file: _File, sheets: list[Sheet], sides: list[_SideTable]
) -> None:
    """Sorts the sheets of a main file into data, side lists, and others."""
    by_sheet = {side.sheet: (label, side) for label, side in rules.sides.items() if side.sheet}
    main = [
        sheet
        for sheet in sheets
        if sheet.name not in by_sheet
        and (sheet.name == rules.layout.sheet or layout.holds(sheet, rules.columns, rules.record_id))
    ]
    if not main:
        rest = [sheet for sheet in sheets if sheet.name not in by_sheet]
        main = rest[:1]
        if not main:
            file.refuse(
                FileRefused(
                    "no_sheet",
                    f"{file.name} 里没有工作表“{rules.layout.sheet}”，只有 {'、'.join(str(s.name) for s in sheets)}："
                    "请重新导出后再交付",
                )
            )
    for sheet in sheets:
        if any(sheet is one for one in main):
            if rules.layout.sheet and sheet.name is not None and sheet.name != rules.layout.sheet:
                file.findings.append(
                    f"{file.name} 的数据在工作表“{sheet.name}”（登记的是“{rules.layout.sheet}”），已按前者读取"
                )
            _take_main(delivery, rules, file, sheet)
        elif sheet.name in by_sheet:
            _take_side(delivery, rules, file, sheet, *by_sheet[sheet.name], sides)
        else:
            _pass_over(file, sheet)


def _where(rules: Contract) -> str:
    return f"sources/{rules.name}/source.yml"


def _take_main(delivery: Delivery, rules: Contract, file: _File, sheet: Sheet) -> None:
    table = layout.locate(
        sheet,
        file.name,
        rules.columns,
        key=rules.record_id,
        header_row=rules.layout.header_row,
        ignore=rules.layout.ignore,
        where=_where(rules),
    )
    typed = rows.read(table, rules.columns, rules.missing, delivery.delivery_date)
    derive = _derive(rules.name)
    if derive is not None and len(typed):
        derive(typed)
    file.tables.append(table)
    file.rows.append(typed)


@lru_cache(maxsize=64)
def _derive(name: str) -> Callable[[Rows], None] | None:
    """The ``derive`` function of ``sources/<name>/parse.py``: what source.yml cannot say. Most sources have none."""
    if not (FOLDER / name / "parse.py").is_file():
        return None
    function: Callable[[Rows], None] = importlib.import_module(f"sources.{name}.parse").derive
    return function


def _take_side(
    delivery: Delivery,
    rules: Contract,
    file: _File,
    sheet: Sheet,
    label: str,
    side: Side,
    sides: list[_SideTable],
) -> None:
    table = layout.locate(
        sheet,
        file.name,
        side.columns,
        key=side.key,
        header_row=side.header_row,
        ignore=side.ignore,
        where=_where(rules),
    )
    file.tables.append(table)
    typed = rows.read(table, side.columns, rules.missing, delivery.delivery_date)
    sides.append(_SideTable(side, label, table, typed))


def _pass_over(file: _File, sheet: Sheet) -> None:
    """A sheet that no one declared: its rows are kept as they came and counted as ignored."""
    if not sheet.numbers:
        return
    names = [f"第{number}列" for number in range(1, len(sheet.columns) + 1)]
    table = Table(file.name, sheet.name, names, sheet.columns, sheet.numbers)
    table.fates = {position: Fate("ignored", "other_sheet") for position in range(len(sheet.numbers))}
    file.tables.append(table)
    file.findings.append(
        f"{file.name} 的工作表“{sheet.name}”没有登记，其 {len(sheet.numbers)} 行原样存下、没有采用：如是数据请登记"
    )


def _settle(file: _File) -> None:
    """A file of which no table can be used counts as quarantined, with that reason."""
    refusals = [table.refusal for table in file.tables if table.refusal]
    if refusals and len(refusals) == sum(table.refusal is not None or bool(table.index) for table in file.tables):
        file.status, file.rule, file.reason = "quarantined", refusals[0].rule, refusals[0].reason
    for table in file.tables:
        file.findings.extend(table.findings)
        if table.refusal and file.status != "quarantined":
            file.findings.append(str(table.refusal.reason))


def _join_sides(files: list[_File], sides: list[_SideTable]) -> None:
    """Gives the rows of side lists to the records they name."""
    if not sides:
        return
    records: dict[str, list[tuple[Rows, int]]] = {}
    quarantined: set[str] = set()
    for file in files:
        for typed in file.rows:
            for row, number in enumerate(typed.record.get("source_record_id", [])):
                if typed.is_valid(row):
                    records.setdefault(number, []).append((typed, row))
                else:
                    quarantined.add(number)
    for side in sides:
        _join_side(side, records, quarantined)


def _join_side(side: _SideTable, records: Mapping[str, list[tuple[Rows, int]]], quarantined: set[str]) -> None:
    """Joins one side list: the latest row for each thing counts, older ones are superseded, orphans put aside."""
    declared, typed, table = side.side, side.rows, side.table
    keys = typed.cells[declared.key]
    versions = values.times(typed.cells[declared.version], contracts.TIME_FORMATS)[0] if declared.version else None
    latest: dict[tuple[str | None, ...], int] = {}
    for row, key in enumerate(keys):
        thing = (key, *(typed.cells[name][row] for name in declared.one_per))
        before = latest.get(thing)
        if before is None or versions is None or _order(versions[row]) >= _order(versions[before]):
            latest[thing] = row
    counting = set(latest.values())
    for row, key in enumerate(keys):
        position = typed.positions[row]
        if position in table.fates:
            continue
        if key is None or key not in records:
            _put_orphan_aside(side, row, str(key), key in quarantined)
        elif row not in counting:
            table.fates[position] = Fate("ignored", "side_superseded")
        else:
            table.fates[position] = Fate("ignored", "side_row")
            for record_rows, record_row in records[key]:
                _give(side, row, record_rows, record_row)


def _order(moment: Any) -> float:
    return moment.timestamp() if moment is not None else float("-inf")


def _put_orphan_aside(side: _SideTable, row: int, key: str, is_quarantined: bool) -> None:
    column = side.side.key
    if is_quarantined:
        side.rows.reject(
            row, "side_of_quarantined", column, f"所属记录“{key}”已被隔离，随之隔离：该记录补正后一并重新交付即可"
        )
    else:
        side.rows.reject(
            row,
            "orphan_side_row",
            column,
            f"“{side.label}”里的{column}“{key}”不在本次交付的记录中，无法并入：请连同该记录一起重新交付",
        )


def _give(side: _SideTable, row: int, record: Rows, record_row: int) -> None:
    """Parties, record columns and other columns of one side row go to one record; what the side list says counts."""
    typed, rules = side.rows, side.side.columns
    record.parties[record_row].extend(_side_parties(typed, row, rules))
    record.references[record_row].extend(
        pair for pair in typed.references[row] if pair not in record.references[record_row]
    )
    for target, column in typed.record.items():
        if target != "source_record_id" and column[row] is not None:
            record.record.setdefault(target, [None] * len(record))[record_row] = column[row]
    for code in typed.unknown_codes[row]:
        record.unknown_codes[record_row].append(code)
    if typed.extra[row] and not any(rule.party for rule in rules.values()):
        kept = json.loads("{" + record.extra[record_row] + "}") | json.loads("{" + typed.extra[row] + "}")
        record.extra[record_row] = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _side_parties(typed: Rows, row: int, rules: Mapping[str, ColumnRule]) -> list[Party]:
    """The parties of one side row; a column with the field ``role`` says which role it is."""
    parties = typed.parties[row]
    for name, rule in rules.items():
        cell = typed.cells[name][row]
        if rule.party and rule.party.field == "role" and cell:
            role = rows.role_of(typed, row, name, rule, cell)
            for party in parties:
                party.role = role
    return parties


def _held_sentence(delivery: Delivery, rules: Contract, files: list[_File]) -> str | None:
    """Why the whole delivery is held, with figures; None when it keeps its contract.

    Files that cannot be read at all, and side lists, do not count: they are put aside by themselves.
    """
    reasons: Counter[str] = Counter()
    data = 0
    for file in files:
        if file.status != "accepted":
            continue
        for typed in file.rows:
            fates = typed.table.fates.values()
            reasons.update(_REASONS.get(fate.rule, fate.rule) for fate in fates if fate.disposition == "quarantined")
            data += len(typed.table.numbers) - sum(fate.disposition == "ignored" for fate in fates)
    rejected = reasons.total()
    limit = rules.contract
    if data < limit.min_rows or rejected / data <= limit.max_rejected_share:
        return None
    most = "、".join(f"{reason} {count} 行" for reason, count in reasons.most_common(3))
    return (
        f"{rules.label} {delivery.delivery_date} 的交付有 {data} 行数据，其中 {rejected} 行（{rejected / data:.1%}）"
        f"不合格（{most}），超过上限 {limit.max_rejected_share:.0%}，整批挂起：请核对后重新交付；确认无误可由负责人接收"
        f"（dispute-lake delivery accept {delivery.source} {delivery.delivery_date}）"
    )


_REASONS = {
    "missing_record_id": "缺少记录编号",
    "scientific_record_id": "记录编号是科学计数法",
    "missing_value": "缺少必填值",
    "impossible_time": "时间不可能",
    "ragged_row": "格数与表头不符",
    "undecodable": "有无法解码的字节",
    "nul": "含空字节",
    "unclosed_quote": "引号没有闭合",
    "bad_json": "不是有效的 JSON",
    "missing_column": "缺少必须有的列",
    "bad_address": "地址不是有效的 JSON",
}


def _frame(schema: pa.Schema, batches: list[pa.RecordBatch]) -> pd.DataFrame:
    """One pandas frame of all batches. Threads would cost small deliveries more than they give."""
    return pa.Table.from_batches(batches, schema=schema).to_pandas(use_threads=False)


class _Batches:
    """Arrow batches of each raw table, one for each table of a file; one pandas frame of all at the end."""

    def __init__(self) -> None:
        self.rows: list[pa.RecordBatch] = []
        self.records: list[pa.RecordBatch] = []
        self.parties: list[pa.RecordBatch] = []
        self.references: list[pa.RecordBatch] = []
        self.files: list[dict[str, Any]] = []
        self.ignored: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """The counters as they stand, to tell what one file adds."""
        return Counter(self.ignored), Counter(self.totals)

    def reading(self) -> Reading:
        """All that was added, as frames."""
        return Reading(
            row=_frame(RAW_ROW.schema, self.rows),
            file=pa.Table.from_pylist(self.files, schema=RAW_FILE.schema).to_pandas(use_threads=False),
            record=_frame(RAW_RECORD.schema, self.records),
            party=_frame(RAW_PARTY.schema, self.parties),
            reference=_frame(RAW_REFERENCE.schema, self.references),
        )

    def _batch(self, schema: pa.Schema, count: int, data: Mapping[str, Any]) -> pa.RecordBatch:
        """A batch with the columns of ``schema``; absent ones are null, single values repeat."""
        arrays = []
        for column in schema:
            value = data.get(column.name)
            if value is None:
                arrays.append(pa.nulls(count, column.type))
            elif isinstance(value, list):
                arrays.append(pa.array(value, column.type))
            elif isinstance(value, pa.Array):
                arrays.append(value)
            else:
                arrays.append(pa.repeat(pa.scalar(value, column.type), count))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _origin(self, delivery: Delivery, table: Table, numbers: list[int]) -> dict[str, Any]:
        values_ = (delivery.source, delivery.delivery_date, table.file, table.sheet, numbers)
        return dict(zip((column.name for column in ORIGIN), values_, strict=True))

    def add_unreadable(self, delivery: Delivery, file: _File) -> None:
        """A row without a number that carries the reason of a whole file."""
        data = {
            "source": delivery.source,
            "delivery_date": delivery.delivery_date,
            "file": file.name,
            "disposition": "quarantined",
            "rule": file.rule,
            "reason": file.reason,
        }
        self.rows.append(self._batch(RAW_ROW.schema, 1, data))

    def add_rows(self, delivery: Delivery, table: Table, held: str | None) -> None:
        """raw_row of one table, and the counters."""
        count = len(table.numbers)
        self.totals["read"] += count
        if not count:
            return
        fates = table.fates
        if held:
            waiting = Fate("quarantined", "held", held)
            fates = {position: fates.get(position, waiting) for position in range(count)}
        for fate in fates.values():
            self.totals[fate.disposition] += 1
            if fate.disposition == "ignored":
                self.ignored[fate.rule] += 1
        dispositions = ["accepted"] * count
        rules: list[str | None] = [None] * count
        reasons: list[str | None] = [None] * count
        columns: list[str | None] = [None] * count
        ids = list(table.record_numbers())
        for position, fate in fates.items():
            if fate.disposition == "ignored" and fate.rule not in _SIDE_RULES:
                ids[position] = None
            dispositions[position] = fate.disposition
            rules[position], reasons[position], columns[position] = fate.rule, fate.reason, fate.column
        filled = [
            rows.fragments(name, cells) for name, cells in zip(table.header, table.columns, strict=True) if any(cells)
        ]
        data = self._origin(delivery, table, table.numbers) | {
            "source_record_id": ids,
            "disposition": dispositions,
            "rule": rules,
            "reason": reasons,
            "column": columns,
            "content": ["{" + inner + "}" for inner in rows.joined(filled, count)],
        }
        self.rows.append(self._batch(RAW_ROW.schema, count, data))

    def add_file(
        self,
        delivery: Delivery,
        file: _File,
        held: str | None,
        is_held: bool,
        before: tuple[Counter[str], Counter[str]],
    ) -> None:
        """The account of one file."""
        ignored = self.ignored - before[0]
        totals = self.totals - before[1]
        status, reason = file.status, file.reason
        findings = list(dict.fromkeys(file.findings))
        if status == "accepted" and is_held:
            status, reason = "held", held
        elif status == "accepted" and held:
            findings.append(f"经人工确认接收：{held}")
        self.files.append(
            {
                "source": delivery.source,
                "delivery_date": delivery.delivery_date,
                "file": file.name,
                "signature": delivery.signature,
                "status": status,
                "reason": reason,
                "rows_read": totals["read"],
                "rows_ignored": totals["ignored"],
                "rows_quarantined": totals["quarantined"],
                "rows_valid": totals["read"] - totals["ignored"] - totals["quarantined"],
                "ignored_by_rule": json.dumps(dict(sorted(ignored.items())), ensure_ascii=False),
                "findings": json.dumps(findings, ensure_ascii=False),
            }
        )

    def add_records(self, delivery: Delivery, typed: Rows) -> None:
        """raw_record, raw_party and raw_reference of the valid rows of one table."""
        valid = [row for row in range(len(typed)) if typed.is_valid(row)]
        if not valid:
            return
        pick = partial(rows.pick, positions=valid)
        table = typed.table
        numbers = [table.numbers[typed.positions[row]] for row in valid]
        data = self._origin(delivery, table, numbers)
        data |= {target: pick(column) for target, column in typed.record.items()}
        data["extra"] = [("{" + inner + "}") if inner else None for inner in pick(typed.extra)]
        data["unknown_codes"] = pick(typed.unknown_codes)
        self.records.append(self._batch(RAW_RECORD.schema, len(valid), data))
        ids = pick(typed.record["source_record_id"])
        self._add_parties(delivery, typed, ids, numbers, pick(typed.parties))
        self._add_references(delivery, typed, ids, numbers, pick(typed.references))

    def _add_parties(
        self, delivery: Delivery, typed: Rows, ids: list[str], numbers: list[int], parties: list[list[Party]]
    ) -> None:
        flat = [
            (id_, number, order, party)
            for id_, number, listed in zip(ids, numbers, parties, strict=True)
            for order, party in enumerate(listed, 1)
        ]
        if not flat:
            return
        data = self._origin(delivery, typed.table, [number for _, number, _, _ in flat])
        data |= {
            "source_record_id": [id_ for id_, _, _, _ in flat],
            "party_number": [order for _, _, order, _ in flat],
            "role": [party.role for *_, party in flat],
            "name": [party.name for *_, party in flat],
            "gender": [party.gender for *_, party in flat],
            "id_number": [party.id_number for *_, party in flat],
            "phones": [party.phones for *_, party in flat],
            "address": [party.address for *_, party in flat],
        }
        self.parties.append(self._batch(RAW_PARTY.schema, len(flat), data))

    def _add_references(
        self,
        delivery: Delivery,
        typed: Rows,
        ids: list[str],
        numbers: list[int],
        references: list[list[tuple[str, str]]],
    ) -> None:
        flat = [
            (id_, number, kind, target)
            for id_, number, listed in zip(ids, numbers, references, strict=True)
            for kind, target in listed
        ]
        if not flat:
            return
        data = self._origin(delivery, typed.table, [number for _, number, _, _ in flat])
        data |= {
            "source_record_id": [id_ for id_, _, _, _ in flat],
            "kind": [kind for *_, kind, _ in flat],
            "number": [target for *_, target in flat],
        }
        self.references.append(self._batch(RAW_REFERENCE.schema, len(flat), data))
