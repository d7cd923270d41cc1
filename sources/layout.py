"""Where the table lies in a sheet: its header row, which column is which, which rows are layout.

Here: header search, aliases, doubled and missing columns, rows to ignore, rows that broke. Not here: bytes
(`sources.readers`), values (`sources.values`).
Sheet + columns of source.yml -> Table: every row of the sheet is data, ignored or quarantined
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from sources.contract import ColumnRule, Ignore
from sources.readers.sheet import Cells, Sheet

SEARCHED_ROWS = 20
"""The header is looked for in this many first rows where it is not on the registered one."""

_INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u2060\xad]+")
_DECORATION = re.compile(r"[\s*＊\ufeff\u200b-\u200f\u2060\xad]+")
_BRACKETED = re.compile(r"\([^()]*\)$")
_NOTE = re.compile(
    r"(?:制表|填表|打印|导出|生成|统计|审核|复核|填报|报送|备注|说明|注|操作|经办|联系|单位|日期|时间)[^:：]{0,8}[:：].*"
    r"|第\s*\d+\s*页.*|共\s*\d+\s*[页条行].*|以下为?空白",
    re.DOTALL,
)
"""What stands below a table: 制表人：张三, 导出时间：…, 第 1 页 共 2 页 (假定)."""
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+[eE][+-]?\d{1,3}|[eE][+]\d{1,3})")
_TRAILING_ZERO = re.compile(r"\d+\.0")


@dataclass(frozen=True)
class Fate:
    """What became of a row that is no valid record: ignored or quarantined, by which rule, in a sentence."""

    disposition: str
    rule: str
    reason: str | None = None
    column: str | None = None


@dataclass
class Table:
    """A sheet whose header is known.

    Attributes:
        file, sheet: where it comes from.
        header: name of each column as delivered, made unique.
        columns: cells of each column, without the header row.
        numbers: row number of each row.
        key: the declared column with the record number; None in a sheet that no one declared.
        index: declared column name to position in ``columns``.
        undeclared: positions of columns that source.yml does not know.
        fates: row position to what became of it; rows without one are data.
        findings: sentences on what is odd and was read nevertheless.
        refusal: why no row of this table can be used (header or mandatory column missing); its rows carry it too.
    """

    file: str
    sheet: str | None
    header: list[str]
    columns: list[Cells]
    numbers: list[int]
    key: str | None = None
    index: dict[str, int] = field(default_factory=dict)
    undeclared: list[int] = field(default_factory=list)
    fates: dict[int, Fate] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    refusal: Fate | None = None

    def cells(self, name: str) -> Cells:
        """Returns the cells of a declared column; empty ones where the file lacks it."""
        position = self.index.get(name)
        return [None] * len(self.numbers) if position is None else self.columns[position]

    def record_numbers(self) -> Cells:
        """Returns the record number of each row as delivered."""
        return self.cells(self.key) if self.key else [None] * len(self.numbers)

    def quarantine(self, position: int, rule: str, reason: str, column: str | None = None) -> None:
        """Puts one row aside; the first reason stands."""
        self.fates.setdefault(position, Fate("quarantined", rule, reason, column))

    def refuse(self, rule: str, reason: str, column: str | None = None) -> None:
        """Puts all data rows aside."""
        self.refusal = Fate("quarantined", rule, reason, column)
        for position in range(len(self.numbers)):
            self.fates.setdefault(position, self.refusal)


@lru_cache(maxsize=4096)
def spelling(name: str) -> str:
    """Returns a header as it is compared: NFKC, without blanks, line breaks and asterisks, in lower case."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", name)).casefold()


def fitting(sheet: Sheet, rules: Mapping[str, ColumnRule], key: str) -> set[str]:
    """Returns the declared columns that ``sheet`` has in its best header row; none where ``key`` is not among them."""
    names = _spellings(rules)
    if sheet.header is not None:
        known = _known(names, list(sheet.header))
        return known if key in known else set()
    found: set[str] = set()
    for position in range(min(SEARCHED_ROWS, len(sheet.numbers))):
        known = _known(names, sheet.row(position))
        if found:
            return max(found, known if key in known else set(), key=len)
        found = known if key in known else set()
    return found


def _spellings(rules: Mapping[str, ColumnRule]) -> dict[str, str]:
    return {spelling(name): declared for declared, rule in rules.items() for name in [declared, *rule.aliases]}


def _declared(names: Mapping[str, str], cell: str) -> str | None:
    """The declared column that a header cell names; 处理时限（工作日） is 处理时限 where nothing else is called so."""
    written = spelling(cell)
    return names.get(written) or names.get(_BRACKETED.sub("", written))


def _known(names: Mapping[str, str], cells: Cells) -> set[str]:
    return {declared for cell in cells if cell and (declared := _declared(names, cell))}


def locate(
    sheet: Sheet, file: str, rules: Mapping[str, ColumnRule], *, key: str, header_row: int, ignore: Ignore, where: str
) -> Table:
    """Finds the table in a sheet and sorts its rows into data, layout and broken ones.

    Args:
        sheet: as read.
        file: name of the file, for sentences.
        rules: declared columns.
        key: the column with the record number.
        header_row: registered row of the header, from 1; 0 where the format brings names along.
        ignore: rules for layout rows.
        where: the file in which a person would add an alias, for sentences.
    """
    names = _spellings(rules)
    found = None if sheet.header is not None else _header_position(sheet, names, key, header_row)
    if sheet.header is None and found is None:
        header = [f"第{number}列" for number in range(1, len(sheet.columns) + 1)]
        table = Table(file, sheet.name, header, sheet.columns, sheet.numbers, key, findings=list(sheet.findings))
        _ignore_blank(table, range(len(table.numbers)))
        table.refuse(
            "no_header",
            f"{_place(file, sheet)}的前 {SEARCHED_ROWS} 行里找不到表头（应有“{key}”等列），可能不是这个来源的文件，"
            "或编码不对：请核对后重新交付",
            key,
        )
        return table
    table = _table(sheet, file, names, key, found)
    _report_header(table, sheet, rules, header_row, found)
    _mark_layout(table, key, found, ignore)
    _mark_broken(table, sheet, found)
    absent = [
        name
        for name, rule in rules.items()
        if name not in table.index and not _report_missing(table, name, rule, where) and not rule.optional
    ]
    if absent and sheet.header is None:  # a JSON object may leave out what is null
        table.findings.append(
            f"{_place(file, sheet)}缺少列{'、'.join(f'“{name}”' for name in absent)}，已按空值读取："
            f"若系统已不提供，可在 {where} 标为 optional"
        )
    if not table.refusal and key in table.index:
        _mark_record_numbers(table, key)
        for name, rule in rules.items():
            if rule.required is True and name != key:
                _mark_empty(table, name)
    return table


_NOTE_ROWS = 10


def _place(file: str, sheet: Sheet) -> str:
    return f"{file} 工作表“{sheet.name}”" if sheet.name else file


def _header_position(sheet: Sheet, names: Mapping[str, str], key: str, header_row: int) -> int | None:
    """Position of the header row: the one that knows most names, those with the key column before others.

    Of equal ones the first: a header that comes again lies below data. Under a row of group names with the key merged
    over both the second is the header; further down nobody looks.
    """
    best: int | None = None
    most = 0
    last = len(sheet.numbers)
    for position in sorted({header_row - 1, *range(SEARCHED_ROWS)}):
        if not 0 <= position < last:
            continue
        known = _known(names, sheet.row(position))
        score = len(known) + (len(names) if key in known else 0)
        if score > most:
            best, most = position, score
        if key in known:
            last = min(last, position + 2)
    return best if most >= 2 else None


def _table(sheet: Sheet, file: str, names: Mapping[str, str], key: str, found: int | None) -> Table:
    """The table below (and above) the header row; which column is which."""
    header: list[str] = []
    index: dict[str, int] = {}
    undeclared: list[int] = []
    findings = list(sheet.findings)
    raw: list[str | None] = list(sheet.header) if sheet.header is not None else sheet.row(found or 0)
    columns = sheet.columns if found is None else [cells[:found] + cells[found + 1 :] for cells in sheet.columns]
    numbers = sheet.numbers if found is None else sheet.numbers[:found] + sheet.numbers[found + 1 :]
    used: dict[str, int] = {}
    for position, cell in enumerate(raw):
        name = _DECORATION.sub("", cell) if cell else f"第{position + 1}列"
        declared = _declared(names, name)
        if declared is not None and declared in index:
            findings.append(
                f"{_place(file, sheet)}的列“{declared}”出现了不止一次"
                f"（第 {index[declared] + 1} 列与第 {position + 1} 列），已用前一列，后一列原样存入其余列："
                "请在导出时去掉重复列"
            )
            undeclared.append(position)
        elif declared is not None:
            index[declared] = position
            if spelling(declared) != spelling(name):
                findings.append(f"{_place(file, sheet)}的列“{name}”按别名读作“{declared}”")
        elif sheet.header is not None and not cell:
            undeclared.append(position)  # what the reader kept of lines that are no object
        elif cell or any(columns[position]):
            undeclared.append(position)
            findings.append(f"{_place(file, sheet)}的列“{name}”没有登记，已原样存入其余列")
        used[name] = used.get(name, 0) + 1
        header.append(name if used[name] == 1 else f"{name}#{used[name]}")
    return Table(file, sheet.name, header, columns, numbers, key, index, undeclared, findings=findings)


def _report_header(
    table: Table, sheet: Sheet, rules: Mapping[str, ColumnRule], header_row: int, found: int | None
) -> None:
    """A header on another row than registered is no fault; a text file may well have it on its first line."""
    if found is None or found == header_row - 1 or (found == 0 and sheet.widths is not None):
        return
    number = sheet.numbers[found]
    table.findings.append(
        f"{_place(table.file, sheet)}的表头在第 {number} 行（登记的是第 {header_row} 行），已按前者读取"
    )


def _ignore_blank(table: Table, positions: range | list[int]) -> None:
    for position in positions:
        if not any(cells[position] for cells in table.columns):
            table.fates[position] = Fate("ignored", "blank")


def _mark_layout(table: Table, key: str, found: int | None, ignore: Ignore) -> None:
    """Titles above the header, blank rows, totals, headers that come again on a later page."""
    key_cells = table.cells(key)
    empty = [position for position, cell in enumerate(key_cells) if cell is None]
    if ignore.blank:
        _ignore_blank(table, empty)
    for position in range(found or 0):
        table.fates.setdefault(position, Fate("ignored", "title"))
    words = tuple(ignore.first_cell)
    if words:
        total = re.compile(rf"({'|'.join(map(re.escape, words))})\s*[:：]?\s*[\d,]*\s*[条件行笔]?")
        for position in empty:
            first = next((cells[position] for cells in table.columns if cells[position]), None)
            if first and total.fullmatch(_DECORATION.sub("", first)):
                table.fates.setdefault(position, Fate("ignored", "total"))
        initials = {word[0] for word in words}
        # 合计 may stand in a first column 序号 and the count below the record numbers
        for cells in (key_cells, table.columns[0] if table.columns else []):
            for position, cell in enumerate(cells):
                if cell is not None and cell[0] in initials and total.fullmatch(_DECORATION.sub("", cell)):
                    table.fates.setdefault(position, Fate("ignored", "total"))
    if found is not None and key in table.index:
        heading = spelling(table.header[table.index[key]])
        for position, cell in enumerate(key_cells):
            if cell is not None and _is_heading(cell, heading):
                table.fates.setdefault(position, Fate("ignored", "repeated_header"))
    for position in _last(table, found or 0):
        filled = [cell for cells in table.columns if (cell := cells[position])]
        if filled and all(map(_NOTE.fullmatch, filled)):
            table.fates.setdefault(position, Fate("ignored", "note"))


def _is_heading(cell: str, heading: str) -> bool:
    """Whether a cell is the column's own name; told cheaply, since nearly none is."""
    if len(cell) > 2 * len(heading) + 8 or (cell.isascii() and len(cell) < len(heading)):
        return False
    return (heading[0] in cell.casefold() or not cell.isascii()) and spelling(cell) == heading


def _last(table: Table, found: int) -> range:
    """The last rows of a sheet, where notes stand."""
    return range(max(found, len(table.numbers) - _NOTE_ROWS), len(table.numbers))


def _mark_broken(table: Table, sheet: Sheet, found: int | None) -> None:
    """Rows that the reader could not make sense of, and rows with more or fewer cells than the header."""
    shift = {position: position - (found is not None and position > found) for position in sheet.faults}
    for position, fault in sheet.faults.items():
        if position == found:
            continue
        fate = Fate("quarantined", fault.rule, fault.sentence, fault.column)
        if table.fates.get(shift[position], fate).rule in ("title", "blank"):
            continue
        table.fates[shift[position]] = fate
    if sheet.widths is None or found is None:
        return
    wide = max((position + 1 for position, cell in enumerate(sheet.row(found)) if cell), default=0)
    widths = sheet.widths[:found] + sheet.widths[found + 1 :]
    # Some systems end every line with a comma that the header lacks; one row wider than the others is another matter.
    usual = max(Counter(widths[found:]).items(), key=lambda item: (item[1], item[0]), default=(wide, 0))[0]
    for position, width in enumerate(widths):
        if width == wide:
            continue
        number = table.numbers[position]
        if width > wide and (width != usual or any(cells[position] for cells in table.columns[wide:])):
            table.quarantine(
                position,
                "ragged_row",
                f"{table.file} 第 {number} 行有 {width} 格，表头只有 {wide} 列，多半是内容里的逗号没有加引号："
                "请给含逗号的内容加引号后重新交付",
            )
        elif width < wide:
            table.quarantine(
                position,
                "ragged_row",
                f"{table.file} 第 {number} 行只有 {width} 格，表头有 {wide} 列，可能被截断：请重新导出这一行",
            )


def _report_missing(table: Table, name: str, rule: ColumnRule, where: str) -> bool:
    """A declared column that the file lacks: the end of the table if mandatory, a finding if a similar one is there.

    Returns:
        Whether something was said of it.
    """
    unknown = {table.header[position]: position for position in table.undeclared}
    near = get_close_matches(name, unknown, 1, cutoff=0.5)
    if rule.required and table.numbers and len(table.fates) == len(table.numbers):
        return True  # no row is left that could miss it
    if near:
        advice = (
            f"，表中有未登记的列“{near[0]}”，是否改名为它？若是，请在 {where} 的“{name}”下写 aliases: [{near[0]}]；"
            "若不是，请重新导出"
        )
    else:
        advice = "：请重新导出"
    if rule.required:
        table.refuse(
            "missing_column", f"{table.file} 缺少必须有的列“{name}”{advice}。该表的行已全部隔离，等待改正", name
        )
    elif near:
        table.findings.append(f"{table.file} 缺少列“{name}”{advice}。已按空值读取")
    return bool(rule.required or near)


def _mark_record_numbers(table: Table, key: str) -> None:
    """Record numbers that are missing, or that a spreadsheet has spoilt."""
    cells = table.cells(key)
    if any(cell is not None and (cell[0] == "'" or cell[-2:] == ".0" or not cell.isascii()) for cell in cells):
        cells = table.columns[table.index[key]] = [_plain_number(cell) for cell in cells]
    for position, cell in enumerate(cells):
        if cell is None:
            table.quarantine(
                position,
                "missing_record_id",
                f"{table.file} 第 {table.numbers[position]} 行没有“{key}”，无法登记：请补上记录编号后重新交付",
                key,
            )
        elif ("E" in cell or "e" in cell) and _SCIENTIFIC.fullmatch(cell):
            table.quarantine(
                position,
                "scientific_record_id",
                f"{table.file} 第 {table.numbers[position]} 行“{key}”的值“{cell}”是科学计数法，末几位已丢失："
                "请把该列设为文本格式后重新导出",
                key,
            )


def _plain_number(cell: str | None) -> str | None:
    """A record number without invisible characters, the apostrophe or the ``.0`` that a spreadsheet left on it."""
    if cell is None:
        return None
    cell = _INVISIBLE.sub("", cell).strip()
    cell = cell.removeprefix("'") or cell
    return (cell[:-2] if _TRAILING_ZERO.fullmatch(cell) else cell) or None


def _mark_empty(table: Table, name: str) -> None:
    for position, cell in enumerate(table.cells(name)):
        if cell is None:
            table.quarantine(
                position,
                "missing_value",
                f"{table.file} 第 {table.numbers[position]} 行没有必填的“{name}”：请补上后重新交付",
                name,
            )
