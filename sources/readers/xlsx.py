"""XLSX to text cells, through python-calamine.

Here: size limits before anything is unpacked, cell values to the text a user sees, merged cells. Not here: where the
header is, what a column means (`sources.read`).
bytes -> list[Sheet]
"""

import copy
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from sources.readers.sheet import Cells, FileRefused, Sheet

MAX_UNPACKED = 2 << 30
"""Bytes that all parts of one workbook may have unpacked (2 GiB); 20,000 hotline rows have about 0.02 GiB."""

MAX_CELLS = 30_000_000
"""Cells between the first and the last one filled: calamine keeps them all, so one stray cell in the corner of a sheet
(XFD1048576) would ask for 17 thousand million. With up to 52 columns the limit is about 577,000 rows."""

MAX_EXACT = 10**15
"""Excel keeps 15 digits; a longer number has lost its last ones."""

_ROW = re.compile(rb'[^>]*?\br="(\d{1,7})"')
_FAR_CELL = re.compile(rb' r="((?:[B-Z][A-Z]|[A-Z]{3}))(\d{1,7})"[^/>]*>')
"""A filled cell from column BA on: a sound export of ours has none. Cells that are only formatted close themselves."""

_NO_RESULT = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"(?:(?! t="str")[^>])*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v ?/>|<v></v>)?</c>'
)
_ERROR = re.compile(rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]* t="e"')

_NEAR_COLUMNS = 52
_PIECE = 1 << 20
_OVERLAP = 256


def read(content: bytes, file: str) -> list[Sheet]:
    """Reads all work sheets, hidden ones too.

    Raises:
        FileRefused: password, damaged, not a workbook, or larger unpacked than `MAX_UNPACKED`.
    """
    findings = _check_parts(content, file)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [data.name for data in workbook.sheets_metadata if data.typ == SheetTypeEnum.WorkSheet]
        sheets = [_sheet(workbook.get_sheet_by_name(name)) for name in names]
    except PasswordError as error:
        raise FileRefused("password", f"{file} 有打开密码，无法读取：请在 Excel 中去掉密码后另存，再交付") from error
    except (CalamineError, ValueError, OSError, OverflowError) as error:
        raise _corrupt(file, str(error)) from error
    except BaseException as error:
        # The Rust side answers some damaged files with a panic, which pyo3 hands over outside of Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise _corrupt(file, "内部结构错误") from error
    if not sheets:
        raise FileRefused("no_sheet", f"{file} 里没有工作表：请重新导出后再交付")
    sheets[0].findings.extend(findings)
    return sheets


def _corrupt(file: str, detail: str) -> FileRefused:
    detail = detail.split("\n")[0][:80]
    return FileRefused(
        "corrupt_xlsx", f"{file} 已损坏或没有传完，无法作为 XLSX 打开（{detail}）：请重新导出或重新上传后再交付"
    )


def _check_parts(content: bytes, file: str) -> list[str]:
    """Refuses a workbook that would unpack beyond the limits, before anything is kept of it; returns findings.

    The central directory is believed where it says too much, and checked where it says little: the parts are inflated
    piecewise, counted and dropped.
    """
    empty: dict[bytes, None] = {}
    faulty: dict[bytes, None] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise _too_large(file)
            if not any(part.filename.replace("\\", "/").lower() == "xl/workbook.xml" for part in parts):
                raise FileRefused(
                    "not_a_workbook", f"{file} 是压缩包，里面不是 Excel 工作簿：请交付导出的 .xlsx 原文件"
                )
            left = MAX_UNPACKED
            for part in parts:
                if part.flag_bits & 1:
                    raise FileRefused("password", f"{file} 的内容加了密，无法读取：请去掉密码后再交付")
                name = part.filename.replace("\\", "/").lower()
                if name.startswith(("xl/worksheets/", "xl/sharedstrings", "xl/styles", "xl/workbook")):
                    is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
                    left = _inflate(archive, part, left, file, (empty, faulty) if is_sheet else None)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        if isinstance(error, FileRefused):
            raise
        raise _corrupt(file, "压缩结构不完整") from error
    return [
        f"{file} 有 {len(cells)} 个格（如 {next(iter(cells)).decode()}）{problem}，已按空值读取：{advice}"
        for cells, problem, advice in (
            (empty, "的公式没有存下结果", "请用 Excel 打开、保存后重新交付"),
            (faulty, "是错误值（#N/A 之类）", "请核对后重新交付"),
        )
        if cells
    ]


def _inflate(
    archive: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    left: int,
    file: str,
    odd_cells: tuple[dict[bytes, None], dict[bytes, None]] | None,
) -> int:
    """Reads one part to its true end; returns how many bytes of the limit remain.

    ``odd_cells`` (a work sheet's only) takes the names of cells whose formula has no result, and of error values.
    """
    honest = copy.copy(part)
    honest.file_size = MAX_UNPACKED + 1
    extent, tail, done = (0, _NEAR_COLUMNS), b"", 0
    with archive.open(honest) as stream:
        while piece := stream.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise _too_large(file)
            done += len(piece)
            if done > part.file_size:
                raise FileRefused(
                    "unpack_bomb", f"{file} 解压后比它自己写明的大，可能已损坏或来历不明，没有读：请重新导出后再交付"
                )
            if odd_cells is not None:
                text = tail + piece
                extent = _extent(text, *extent)
                if b"<f" in text:
                    odd_cells[0].update(dict.fromkeys(_NO_RESULT.findall(text)))
                if b't="e"' in text:
                    odd_cells[1].update(dict.fromkeys(_ERROR.findall(text)))
                tail = text[-_OVERLAP:]
    if extent[0] * extent[1] > MAX_CELLS:
        raise FileRefused(
            "too_large",
            f"{file} 的表格大到第 {extent[0]} 行，没有读，多半是远处误填了一个格："
            "请删去表格以外的内容后另存，或按日期分成多个文件，再交付",
        )
    return left


def _extent(text: bytes, last_row: int, widest: int) -> tuple[int, int]:
    """Widens (last filled row, widest filled column) by a piece of sheet XML.

    The last filled row of a piece is the row that opened last before its last value: rows ascend. Rows and cells that
    are only formatted do not count, calamine drops them too.
    """
    value = max(text.rfind(b"v>"), text.rfind(b"is>"))
    match = _ROW.match(text, text.rfind(b"row ", 0, max(value, 0)) + 4) if value > 0 else None
    last_row = max(last_row, int(match[1])) if match else last_row
    for letters, number in set(_FAR_CELL.findall(text)):
        last_row, widest = max(last_row, int(number)), max(widest, _column_number(letters))
    return last_row, widest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(file: str) -> FileRefused:
    return FileRefused(
        "unpack_bomb",
        f"{file} 解压后超过 {MAX_UNPACKED >> 30} GB，为防止占满内存没有读：请核实文件来历，按日期分成多个文件再交付",
    )


def _sheet(sheet: CalamineSheet) -> Sheet:
    """One work sheet; row 1 is the first row of the sheet even when it is empty."""
    rows = sheet.to_python(skip_empty_area=False)
    columns: list[Cells] = [_texts(column) for column in zip(*rows, strict=True)]
    _fill_merged(columns, sheet.merged_cell_ranges or [])
    return Sheet(sheet.name, columns, list(range(1, len(rows) + 1)))


def _fill_merged(columns: list[Cells], ranges: Iterable[Any]) -> None:
    """Gives every cell of a merged block of one column its value: that is what the user sees in each of its rows.

    Blocks over several columns are titles; they keep their value in the first cell alone.
    """
    for (top, left), (bottom, right) in ranges:
        if left != right or left >= len(columns):
            continue
        column = columns[left]
        for row in range(top + 1, min(bottom + 1, len(column))):
            column[row] = column[top]


def _texts(column: Iterable[Any]) -> Cells:
    """Cells of one column as text; None where nothing but blanks stands."""
    return [(cell.strip() or None) if type(cell) is str else as_text(cell) for cell in column]


def as_text(cell: Any) -> str | None:
    """Returns a typed cell as the text a user would read.

    188809.0 gives 188809 and 1.38e10 its 11 digits. Whole numbers from `MAX_EXACT` on keep the scientific notation:
    their last digits are lost, and a record number of that kind must not look sound.
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < MAX_EXACT else f"{cell:.5E}"
        return repr(cell)
    if isinstance(cell, int):
        return str(cell) if abs(cell) < MAX_EXACT else f"{cell:.5E}"
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M:%S")
    if isinstance(cell, timedelta):
        return str(cell)
    return (str(cell).strip() or None) if cell is not None else None
