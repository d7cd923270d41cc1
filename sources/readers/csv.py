"""Delimited text to text cells.

Here: encoding, bytes that do not decode, quotes that never close, NUL bytes, the delimiter. Not here: where the header
is, what a column means (`sources.read`).
bytes -> Sheet

Row numbers count records as Excel shows them, so a cell with line breaks is one row. After a quote that never closes
each line counts as one row.
"""

import csv
import re
from collections import Counter

from sources.readers.sheet import Fault, FileRefused, Sheet

csv.field_size_limit(1 << 30)

_LABELS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（带 BOM）", "gb18030": "GB18030", "utf-16": "UTF-16"}
_DELIMITERS = ",\t;|"
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")
_SPAN = 200
"""Lines that one cell may hold before its opening quote counts as one that never closes."""


def read(content: bytes, file: str, *, encoding: str | None = None) -> Sheet:
    """Reads a CSV (or one with tabs, semicolons or bars).

    Raises:
        FileRefused: mostly NUL bytes, or no text in any encoding.
    """
    text, found, is_sound = decode(content, file)
    sheet = Sheet(None, [], [])
    if encoding and _family(encoding) != _family(found):
        sheet.findings.append(f"{file} 的编码是 {_LABELS[found]}，登记的是 {_LABELS[encoding]}，已按前者读取")
    if "\ufeff" in text:  # exports pasted one behind the other bring their marks along
        text = text.replace("\ufeff", "")
    has_nul = "\0" in text
    # A NUL stays visible in the row as U+2400; Python would keep it, many tools that read the lake would not.
    text = text.replace("\0", "\u2400") if has_nul else text
    rows, unclosed = _rows(text, _delimiter(text))
    sheet.widths = [len(row) for row in rows]
    width = max(sheet.widths, default=0)
    for position in sorted(unclosed):
        sentence = f"{file} 第 {position + 1} 行有引号没有闭合：请补上引号或去掉它，再交付这一行"
        sheet.faults[position] = Fault("unclosed_quote", sentence)
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    sheet.columns = [[cell.strip() or None for cell in column] for column in zip(*rows, strict=True)]
    if '="' in text:
        sheet.columns = [[_unwrapped(cell) for cell in column] for column in sheet.columns]
    sheet.numbers = list(range(1, len(rows) + 1))
    if has_nul or not is_sound:
        _mark_broken_bytes(sheet, file, _LABELS[found])
    return sheet


def _unwrapped(cell: str | None) -> str | None:
    """``="00188"``, which systems write to keep Excel from taking a number for one, without its wrapping."""
    if cell is None or not cell.startswith('="') or not cell.endswith('"'):
        return cell
    return cell[2:-1].strip() or None


def decode(content: bytes, file: str) -> tuple[str, str, bool]:
    """Returns the text, its encoding, and whether every byte decoded; bytes that do not become U+FFFD.

    UTF-8 is tried first: Chinese text in GB18030 is hardly ever valid UTF-8, the other way round it often seems valid.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _try(content, "utf-16")
    if content.count(b"\0") * 4 > len(content):
        raise FileRefused(
            "nul_file", f"{file} 有大量空字节（NUL），可能传输中断或编码不对：请重新导出为 UTF-8 后再交付"
        )
    if content[:3] == b"\xef\xbb\xbf":
        return _try(content, "utf-8-sig")
    tried = [_try(content, "utf-8")]
    if not tried[0][2]:
        if _is_mostly_utf_8(content):
            return tried[0]
        tried.append(_try(content, "gb18030"))
    text, name, is_sound = min(tried, key=lambda result: (not result[2], result[0].count("\ufffd")))
    strange = len(_CONTROL.findall(text)) + (0 if is_sound else text.count("\ufffd"))
    if strange * 20 > len(text):
        raise FileRefused("no_text", f"{file} 不是文字文件，或编码既不是 UTF-8 也不是 GB18030：请重新导出后再交付")
    return text, name, is_sound


def _is_mostly_utf_8(content: bytes) -> bool:
    """Whether more of the first lines with Chinese are UTF-8 than are not: then a few were pasted in from elsewhere,
    and GB18030, which takes nearly every byte, would spoil the others."""
    good = bad = 0
    for line in content[: 1 << 20].split(b"\n"):
        if not line.isascii():
            is_sound = _try(line, "utf-8")[2]
            good, bad = good + is_sound, bad + (not is_sound)
    return good > bad


def _try(content: bytes, encoding: str) -> tuple[str, str, bool]:
    try:
        return content.decode(encoding), encoding, True
    except UnicodeDecodeError:
        return content.decode(encoding, "replace"), encoding, False


def _family(encoding: str) -> str:
    return encoding.removesuffix("-sig")


def _delimiter(text: str) -> str:
    """The delimiter that stands most often in the first lines; a comma where none does."""
    head = text[:4000]
    return max(_DELIMITERS, key=lambda mark: (head.count(mark), mark == ","))


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], set[int]]:
    """Cells of each record, and the positions of records with a quote that never closes."""
    lines = re.split(r"\r\n|\n|\r", text)
    if not lines[-1]:
        lines.pop()
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return _resynchronised(lines, delimiter)
    # A quote that ate the lines after it and met another quote leaves a record of another width with line breaks.
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    if any(len(row) != usual and any("\n" in cell for cell in row) for row in rows):
        return _resynchronised(lines, delimiter)
    return rows, set()


def _resynchronised(lines: list[str], delimiter: str) -> tuple[list[list[str]], set[int]]:
    """Reads record by record; a line whose quote does not close in a record of the usual width stands for itself."""
    width = _usual_width(lines, delimiter)
    rows: list[list[str]] = []
    unclosed: set[int] = set()
    start = 0
    while start < len(lines):
        cells, taken = _record(lines, start, delimiter)
        if taken > 1 and (len(cells) != width or not _closes(lines[start : start + taken], delimiter)):
            unclosed.add(len(rows))
            cells, taken = lines[start].replace('"', "").split(delimiter), 1
        rows.append(cells)
        start += taken
    return rows, unclosed


def _record(lines: list[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """The record that begins on a line, and how many lines it takes (`_SPAN` at most)."""
    reader = csv.reader((line + "\n" for line in lines[start : start + _SPAN]), delimiter=delimiter)
    cells = next(reader, [])
    return cells, max(reader.line_num, 1)


def _closes(lines: list[str], delimiter: str) -> bool:
    """Whether the last quote of these lines is a closing one, and nothing stands between it and the delimiter."""
    try:
        list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _usual_width(lines: list[str], delimiter: str) -> int:
    """The commonest number of cells among lines with an even number of quotes."""
    counts: dict[int, int] = {}
    for line in lines[:2000]:
        if line.count('"') % 2 == 0 and line:
            cells = len(next(csv.reader([line], delimiter=delimiter), []))
            counts[cells] = counts.get(cells, 0) + 1
    return max(counts, key=lambda cells: (counts[cells], cells), default=0)


def _mark_broken_bytes(sheet: Sheet, file: str, encoding: str) -> None:
    """Gives every row with U+FFFD (undecodable) or U+2400 (NUL) its fault."""
    for column in sheet.columns:
        for position, cell in enumerate(column):
            if cell and ("\ufffd" in cell or "\u2400" in cell) and position not in sheet.faults:
                number = sheet.numbers[position]
                if "\u2400" in cell:
                    sentence = f"{file} 第 {number} 行含有空字节（NUL），可能传输中断：请重新导出这一行"
                    sheet.faults[position] = Fault("nul", sentence)
                else:
                    sentence = f"{file} 第 {number} 行有无法按 {encoding} 解码的字节：请按 {encoding} 重新导出这一行"
                    sheet.faults[position] = Fault("undecodable", sentence)
