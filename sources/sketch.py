"""A first source.yml for an export that no one has described yet, made from a sample of it.

Here: where the header is, and a guess for each column from its name (`sketch.yml`, the known sources) and its cells.
Not here: reading by a source.yml (`sources.read`), whether one is valid (`sources.contract`).
bytes of a sample -> header, columns -> text of source.yml and expectations.yml, each guess marked 假定

A guess is only made where the cells allow it: a column called 时间 without times in it stays undescribed ({}), and so
does every column for which nothing speaks. All is for a person to correct.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sources import contract, readers, values
from sources.contract import TIME_FORMATS, VOCABULARY
from sources.layout import SEARCHED_ROWS, spelling
from sources.readers.sheet import Cells, FileRefused, Sheet

FEW_CODES = 12
"""A column with more different values than this is no list of codes."""

_ENOUGH = 0.7
_PHONE = re.compile(r"(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}|(?:0\d{2,3}[- ]?)?\d{7,8}")
_ID = re.compile(r"\d{17}[\dXx]|\d{15}")
_NAME = re.compile(r"(?!.*(?:\d{3}|[:：。]))(?=.*[^\W\d_])", re.DOTALL)
_NOTHING = values.NOTHING | {"无"}
_LONG_NUMBER = re.compile(r"\d{6}")
_RESERVED = {"readers", "reference", "simulator"}
_JOINED = {"source_category", "handling_unit"}
"""Targets that several columns may share."""

_SUFFIXES = {".csv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx", ".jsonl": "jsonl", ".json": "jsonl"}


class SketchError(ValueError):
    """No source.yml can be made of the sample; the message is for the user."""


@dataclass(frozen=True)
class Sketched:
    """The texts of the two files, and what each column was taken for (header name to a Chinese phrase)."""

    source_yml: str
    expectations_yml: str
    guesses: Mapping[str, str]


@dataclass
class _Column:
    """One column of the sample: its name, its cells below the header, and what is made of it."""

    name: str
    cells: list[str]
    rule: dict[str, Any]
    why: str = "没有猜出用途，只存进其余列"

    def share(self, test: Callable[[str], bool]) -> float:
        """Share of the filled cells that pass; 0 for an empty column."""
        return sum(map(test, self.cells)) / len(self.cells) if self.cells else 0.0


def check_name(name: str) -> None:
    """Refuses a name under which no source can be made.

    Raises:
        SketchError: not lower case letters, digits, underscores, or a folder of that name stands.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise SketchError(f"来源名“{name}”只能用小写字母、数字与下划线，以字母开头，如 petitions")
    if name in _RESERVED or (contract.FOLDER / name).exists():
        raise SketchError(f"sources/{name} 已经存在，没有改动：请换一个名字，或直接修改 sources/{name}/source.yml")


def sketch(name: str, label: str, content: bytes, file: str) -> Sketched:
    """Makes a source.yml and an expectations.yml of a sample.

    Args:
        name: the source, also its folder.
        label: what users call it.
        content: bytes of the sample.
        file: its name.

    Raises:
        SketchError: the file cannot be read, or has no header or no rows.
    """
    try:
        sheets = readers.read_bytes(content, file)
    except FileRefused as error:
        raise SketchError(error.sentence) from error
    sheet, row = _header(sheets, file)
    names: Cells = list(sheet.header) if sheet.header is not None else sheet.row(row)
    columns = _columns(sheet, names, -1 if sheet.header is not None else row)
    if not any(column.cells for column in columns):
        raise SketchError(f"{file} 表头之下没有数据：请用有几十行数据的样本")
    key = _record_number(columns)
    key.rule, key.why = {"to": "source_record_id", "required": True}, "每行都有且不重复的编号"
    taken = {"source_record_id"}
    for column in columns:
        if column is not key:
            _guess(column, taken)
    _require(columns)
    text = _source_yml(name, label, file, sheet, 0 if sheet.header is not None else row + 1, key, columns)
    contract.parse(text, f"sources/{name}/source.yml")
    guesses = {column.name: column.why for column in columns}
    return Sketched(text, _expectations_yml(name, label, columns), guesses)


# --------------------------------------------------------------------------------------------------- where the table is
def _header(sheets: list[Sheet], file: str) -> tuple[Sheet, int]:
    """The sheet with the most rows below a header, and the position of that header."""
    best: tuple[int, Sheet, int] | None = None
    for sheet in sheets:
        row = 0 if sheet.header is not None else _header_row(sheet)
        if row is not None and sheet.numbers and (best is None or len(sheet.numbers) - row > best[0]):
            best = (len(sheet.numbers) - row, sheet, row)
    if best is None:
        raise SketchError(f"{file} 的前 {SEARCHED_ROWS} 行里没有像表头的一行（至少两个不同的列名）：请核对样本")
    return best[1], best[2]


def _header_row(sheet: Sheet) -> int | None:
    """Of the first rows the one with the most cells that look like names: distinct, short, no numbers."""
    best, most = None, 1
    for position in range(min(SEARCHED_ROWS, len(sheet.numbers))):
        cells = [cell for cell in sheet.row(position) if cell]
        fitting = {cell for cell in cells if len(cell) <= 20 and _NAME.match(cell)}
        if len(fitting) > most and len(fitting) == len(cells):
            best, most = position, len(fitting)
    return best


def _columns(sheet: Sheet, names: Cells, row: int) -> list[_Column]:
    """The named columns, each name once, without totals and other rows that have no second cell."""
    found: dict[str, _Column] = {}
    kept = [
        position
        for position in range(row + 1, len(sheet.numbers))
        if sum(cells[position] is not None for cells in sheet.columns) > 1
        and not (sheet.columns[0][position] or "").startswith(("合计", "总计", "小计"))
    ]
    for name, cells in zip(names, sheet.columns, strict=True):
        plain = re.sub(r"[\s*＊\ufeff]+", "", name or "")
        if plain and spelling(plain) not in map(spelling, found):
            filled = [cell for position in kept if (cell := cells[position]) and cell not in _NOTHING]
            found[plain] = _Column(plain, filled, {})
    return list(found.values())


def _record_number(columns: list[_Column]) -> _Column:
    """The column with the record number: filled and distinct, by its name if several are."""
    most = max(len(column.cells) for column in columns)

    def order(column: _Column) -> tuple[bool, bool, float]:
        distinct = len(set(column.cells)) / max(len(column.cells), 1)
        named = any(word in column.name.lower() for word in _words()["record_number"])
        plausible = len(column.cells) >= 0.9 * most and distinct >= 0.5 and not _is(column, "time", "phone")
        return (plausible and named, plausible and max(map(len, column.cells), default=99) <= 40, distinct)

    return max(columns, key=order)


# ----------------------------------------------------------------------------------------------------- what a column is
@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text(encoding="utf-8"))
    return loaded


@cache
def _known() -> dict[str, dict[str, Any]]:
    """Rules of the columns of the known sources by their spelling, as far as they fit a source without codes."""
    kept = {"to", "type", "party", "reference", "missing", "strip", "sensitivity", "end_of_day", "future", "codes"}
    rules: dict[str, dict[str, Any]] = {}
    for name in contract.names():
        for column, rule in contract.load(name).columns.items():
            plain = rule.model_dump(include=kept, exclude_defaults=True)
            plain["to"] = [target for target in rule.to if target != "source_record_id"]
            if len(plain["to"]) == 1:
                [plain["to"]] = plain["to"]
            if not plain["to"]:
                del plain["to"]
            if plain and rule.type != "parties":
                for written in (column, *rule.aliases):
                    rules.setdefault(spelling(written), plain)
    return rules


def _time(cell: str) -> bool:
    try:
        values.time(cell, TIME_FORMATS)
    except (ValueError, OverflowError):
        return False
    return True


_CELLS: Mapping[str, Callable[[str], bool]] = {
    "text": lambda _: True,
    "time": _time,
    "phone": lambda cell: _PHONE.fullmatch(cell) is not None and not _ID.fullmatch(cell),
    "id": lambda cell: _ID.fullmatch(cell) is not None,
    "integer": lambda cell: not values.integers([cell])[1],
    "number": values.is_number,
    "boolean": lambda cell: not values.booleans([cell], None)[1],
}
_KINDS = {"local_time": "time", "integer": "integer", "number": "number", "boolean": "boolean", "code": "code"}


def _is(column: _Column, *kinds: str) -> bool:
    """Whether enough of the cells are of one of the kinds. An empty column may be anything."""
    if not column.cells:
        return True
    for kind in kinds:
        if kind == "code":
            different = len(set(column.cells))
            if any(map(_LONG_NUMBER.search, column.cells)):  # a person's number must not come to stand in a YAML
                continue
            if different <= FEW_CODES and (len(column.cells) < 2 * FEW_CODES or different * 2 <= len(column.cells)):
                return True
        elif column.share(_CELLS[kind]) >= _ENOUGH:
            return True
    return False


def _guess(column: _Column, taken: set[str]) -> None:
    """Gives a column its rule: by a column of a known source, by words in its name, else by its cells."""
    known = _known().get(spelling(column.name))
    if known and _fits(column, known, taken):
        _take(column, known, taken, "与已有来源的同名列相同")
        return
    for guess in _words()["guesses"]:
        word = next((word for word in guess["words"] if word in column.name), None)
        if word and _is(column, guess["cells"]) and _fits(column, guess["rule"], taken):
            _take(column, guess["rule"], taken, f"列名含“{word}”")
            return
    if not column.cells:
        column.why = "样本里是空列，只存进其余列"
    elif _is(column, "id"):
        _take(
            column, {"party": {"role": "reporter", "field": "id_number"}, "sensitivity": "secret"}, taken, "值像证件号"
        )
    elif _is(column, "phone"):
        _take(column, {"party": {"role": "reporter", "field": "phone"}, "sensitivity": "secret"}, taken, "值像电话")
    elif _is(column, "time"):
        column.why = "值像时间，但看不出是什么时间，只存进其余列"
    elif _is(column, "code") and not re.search("[人员名]", column.name):
        column.why = f"取值只有 {'、'.join(_common(column))}，像代码，但看不出是什么，只存进其余列"


def _fits(column: _Column, rule: Mapping[str, Any], taken: set[str]) -> bool:
    """Whether the cells allow the rule and nothing else fills its place already."""
    return _is(column, _KINDS.get(rule.get("type", "text"), "text")) and not (_places(rule) & taken)


def _places(rule: Mapping[str, Any]) -> set[str]:
    """What a rule fills that only one column may fill; phones, categories and units may come in several."""
    to = rule.get("to", [])
    places = {to} if isinstance(to, str) else set(to)
    party = rule.get("party")
    if party and party["field"] != "phone":
        places.add(f"{party['role']}.{party['field']}")
    return places - _JOINED


def _take(column: _Column, rule: Mapping[str, Any], taken: set[str], why: str) -> None:
    column.rule, column.why = dict(rule), why
    taken |= _places(rule)
    if column.rule.get("type") == "code":
        _list_codes(column)


def _common(column: _Column) -> list[str]:
    return [cell for cell, _ in Counter(column.cells).most_common(FEW_CODES)]


def _list_codes(column: _Column) -> None:
    """Lists the values of the sample. Where the lake has values of its own only those that can be told are mapped."""
    found = _common(column)
    allowed = VOCABULARY.get(str(column.rule.get("to")))
    if allowed is None:
        known = column.rule.get("codes") or {}
        column.rule["codes"] = list(dict.fromkeys([*map(str, known.values()), *found])) if known else found
        return
    codes = dict(column.rule.get("codes") or {})
    for value in found:
        if values.coded([value], codes, {})[1]:
            kept = value if value in allowed else None
            if kept is None and column.rule["to"] == "status":
                rules = _words()["statuses"]
                kept = next((each["kept"] for each in rules if any(word in value for word in each["words"])), None)
            if kept is not None:
                codes[value] = kept
    unmapped = [value for value in found if values.coded([value], codes, {})[1]]
    column.rule["codes"] = codes
    if unmapped:
        column.why += f"；{'、'.join(unmapped)} 还没有对应，会记为未知，请补进 codes（可用：{'、'.join(allowed)}）"


def _require(columns: list[_Column]) -> None:
    """The time of reporting and the text must be there: without them a row says little."""
    targets = {str(column.rule.get("to")): column for column in columns}
    if "reported_at" not in targets:
        times = [column for column in columns if column.cells and _is(column, "time") and "to" not in column.rule]
        first = next(iter(times), targets.get("occurred_at"))
        if first is not None:
            to: str | list[str] = "reported_at" if first in times else ["reported_at", "occurred_at"]
            first.rule, first.why = {"to": to, "type": "local_time"}, "唯一像受理时间的列"
    if "text" not in targets:
        plain = [column for column in columns if not column.rule and column.cells]
        longest = max(plain, key=lambda column: sum(map(len, column.cells)) / len(column.cells), default=None)
        if longest is not None and sum(map(len, longest.cells)) / len(longest.cells) > 15:
            longest.rule, longest.why = {"to": "text", "sensitivity": "personal"}, "最长的文字列"
    for column in columns:
        if {"reported_at", "text"} & _places(column.rule):
            column.rule["required"] = "column"


# ------------------------------------------------------------------------------------------------------------ the texts
def _flow(value: Any) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return text.removesuffix("\n").removesuffix("\n...").removesuffix("...").strip()


def _source_yml(
    name: str, label: str, file: str, sheet: Sheet, header_row: int, key: _Column, columns: list[_Column]
) -> str:
    suffix = "." + file.rsplit(".", 1)[-1].lower()
    stem = re.split(r"\d{4}", file.rsplit("/", 1)[-1])[0].removesuffix(suffix).rstrip("_- （(")
    patterns = list(dict.fromkeys([*([f"{stem}*{suffix}"] if stem else []), f"*{suffix}"]))
    layout: dict[str, Any] = {"header_row": header_row}
    if _SUFFIXES.get(suffix) != "jsonl":
        layout["ignore"] = {"blank": True, "first_cell": ["合计", "总计", "小计"]}
    if sheet.name is not None:
        layout = {"sheet": sheet.name, **layout}
    targets = {str(column.rule.get("to")) for column in columns}
    lines = [
        f"# {label}。由 dispute-lake source new 从样本 {file} 猜出，全部为 假定：请逐行核对，改好后删去行尾的说明。",
        "# 每列怎样写见 docs/adding-a-source.md；改完运行 dispute-lake source check " + name,
        f"name: {name}",
        f"label: {_flow(label)}",
        *(["coordinates: wgs84  # 假定：核对坐标系，可为 wgs84 gcj02 bd09 bd09mc"] if "longitude" in targets else []),
        f"files: {_flow(patterns)}  # 假定：文件名的样子",
        f"layout: {_flow(layout)}",
        f"record_id: {_flow(key.name)}",
        "missing: [无, '-']  # 假定：各列里表示“没有”的写法",
        "columns:",
        *(f"  {_flow(column.name)}: {_flow(column.rule)}  # 假定：{column.why}" for column in columns),
        "contract: {max_rejected_share: 0.05, min_rows: 20}",
    ]
    return "\n".join(lines) + "\n"


def _expectations_yml(name: str, label: str, columns: list[_Column]) -> str:
    named = {str(column.rule.get("to")): column.name for column in columns}
    chosen = [
        ("record_id_present", named["source_record_id"], "source_record_id", "必须填写", "error"),
        *(
            [("reported_at_present", named["reported_at"], "reported_at", "必须填写", "error")]
            if "reported_at" in named
            else []
        ),
        *([("text_present", named["text"], "text", "应填写", "warn")] if "text" in named else []),
    ]
    text = (
        f"# {label}：怎样才算好数据（起步的几条，假定）。语法见 quality/suites.py；改这里不必改代码。\n"
        f"suite: {name}\nlabel: {_flow(label)}\ntable: record\nexpectations:\n"
    )
    for rule, column, target, says, severity in chosen:
        text += f"  - name: {rule}\n    says: {_flow(column + says)}\n    rule: not_null\n    column: {target}\n"
        text += ("    mostly: 0.98\n" if severity == "warn" else "") + f"    severity: {severity}\n\n"
    return text + (
        "  - name: codes_known\n    says: 代码值都已登记\n    rule: holds\n"
        '    check: "len(coalesce(unknown_codes, [])) = 0"\n'
        "    mostly: 0.98\n    severity: warn\n    dimension: 有效性\n"
    )
