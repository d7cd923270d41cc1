"""校核纠错: the list that goes back to the department that issued the rows, one workbook a source.

Here: quarantined rows and unknown codes as XLSX with room for the answer. Not here: why a row was set aside
(`sources.read`), the page that links the workbooks (`quality.page`). Values of rows are not in it: the department finds
them in its own file by row number.
quarantine, unmapped values -> 校核纠错_<source>.xlsx
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

import pandas as pd
import xlsxwriter

from quality.text import masked

LIMIT = 50_000  # rows of one sheet; a department with more has one problem, not fifty thousand
_ROWS = ("交付日期", "文件", "工作表", "行号", "列", "问题与办法", "核实结果", "核实人", "核实日期")
_VALUES = ("列", "值", "记录数", "首次出现", "应归入（请填写）")
_WIDTHS = (12, 34, 12, 8, 16, 70, 24, 12, 12)


def write(
    folder: Path, *, as_of: date, quarantine: pd.DataFrame, unmapped: pd.DataFrame, labels: Mapping[str, str]
) -> dict[str, str]:
    """Writes one workbook for each source with something to correct, the same bytes for the same input.

    Args:
        folder: where to write; made when needed.
        as_of: the day the data stands at, also the workbook's date of creation.
        quarantine: source, delivery_date, file, row_number, rule, reason, column_name, and, if known, sheet.
        unmapped: source, column_name, value, event_count, first_delivery_date.
        labels: source code to Chinese name.

    Returns:
        Source to file name.
    """
    written: dict[str, str] = {}
    for source in sorted({*quarantine["source"], *unmapped["source"]}):
        folder.mkdir(parents=True, exist_ok=True)
        name = f"校核纠错_{source}.xlsx"
        with xlsxwriter.Workbook(str(folder / name), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            book.set_properties({"title": f"{labels.get(source, source)} 校核纠错", "created": _noon(as_of)})
            rows = quarantine[quarantine["source"] == source]
            if len(rows):
                _sheet(book, "请更正的行", _ROWS, _row_cells(rows))
            values = unmapped[unmapped["source"] == source]
            if len(values):
                _sheet(book, "未登记的代码值", _VALUES, _value_cells(values))
        written[source] = name
    return written


def _row_cells(rows: pd.DataFrame) -> list[list[object]]:
    ordered = rows.sort_values(["delivery_date", "file", "row_number"], kind="stable").head(LIMIT)
    sheets = ordered["sheet"] if "sheet" in ordered else pd.Series("", index=ordered.index)
    return [
        [_day(day), file, _text(sheet), None if pd.isna(number) else int(number), _text(column), masked(reason)]
        for day, file, sheet, number, column, reason in zip(
            ordered["delivery_date"],
            ordered["file"],
            sheets,
            ordered["row_number"],
            ordered["column_name"],
            ordered["reason"],
            strict=True,
        )
    ]


def _value_cells(values: pd.DataFrame) -> list[list[object]]:
    ordered = values.sort_values(["event_count", "column_name", "value"], ascending=[False, True, True], kind="stable")
    return [
        [row.column_name, masked(row.value), int(row.event_count), _day(row.first_delivery_date)]
        for row in ordered.head(LIMIT).itertuples(index=False)
    ]


def _sheet(book: xlsxwriter.Workbook, title: str, header: tuple[str, ...], rows: list[list[object]]) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_row(0, 0, header, bold)
    for number, cells in enumerate(rows, start=1):
        sheet.write_row(number, 0, cells, wrapped)
    for column, width in zip(range(len(header)), _WIDTHS, strict=False):
        sheet.set_column(column, column, width if header is _ROWS else 24)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(header) - 1)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _day(value: object) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
