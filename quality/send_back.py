"""校核纠错: the list that goes back to the department that issued the rows, one workbook a source.

Here: quarantined rows, values that could not be used, and unknown codes as XLSX: where it stands, what is wrong, what
to do, and room for the answer. Not here: why a row was set aside (`sources.read`), the page that links the workbooks
(`quality.page`). Values of rows are masked: the department finds them in its own file by row number.
quarantine, unmapped values, columns -> 校核纠错_<source>.xlsx
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pandas as pd
import xlsxwriter

from quality.columns import EMPTY, WINDOW
from quality.text import masked, problem_and_advice
from sources.reasons import name_of

LIMIT = 5_000  # rows of one sheet; a department with more has one problem, not five thousand
ANSWERS = ["已更正，将重新交付", "原值无误", "无法核实", "应删除此行"]
# What the sentences of `sources` ask of the data team is put here as it concerns the department.
_ADVICE_OF_TABLE = {
    "held": "请核对后重新导出并交付；确认无误的，请回复数据组，由数据组接收",
    "missing_column": "请按原来的列名重新导出并交付；列名确要更改的，请告知数据组",
}
_ADVICE = {
    "不是可用的电话号码": "请补全号码；没有号码的请留空，不要写 0 或 1",
    "不是有效的证件号码": "请核对位数；没有的请留空",
    "证件号码的校验码不对": "请核对有无抄错的数字",
}


@dataclass(frozen=True)
class _Sheet:
    """One sheet: columns with their widths, those for the answer, rows of cells for the others."""

    title: str
    hint: str
    columns: Sequence[tuple[str, float]]
    answers: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[object]]
    choices: bool = True


def write(
    folder: Path,
    *,
    as_of: date,
    quarantine: pd.DataFrame,
    unmapped: pd.DataFrame,
    column_example: pd.DataFrame,
    labels: Mapping[str, str],
) -> dict[str, str]:
    """Writes one workbook for each source with something to correct, the same bytes for the same input.

    Args:
        folder: where to write; made when needed.
        as_of: the day the data stands at, also the workbook's date of creation.
        quarantine: source, delivery_date, file, sheet, row_number, rule, reason, column_name, value_masked.
        unmapped: source, column_name, value, event_count, first_delivery_date.
        column_example: ``example`` of `quality.columns.measure`.
        labels: source code to Chinese name.

    Returns:
        Source to file name.
    """
    wrong = column_example[~column_example["problem"].isin([EMPTY, "未登记的代码值", "不合格，整行隔离"])]
    written: dict[str, str] = {}
    for source in sorted({*quarantine["source"], *unmapped["source"], *wrong["source"]}):
        folder.mkdir(parents=True, exist_ok=True)
        name = f"校核纠错_{source}.xlsx"
        rows = quarantine[quarantine["source"] == source]
        sheets = [
            _row_sheet(rows),
            _column_sheet(wrong[wrong["source"] == source]),
            _value_sheet(unmapped[unmapped["source"] == source]),
        ]
        sheets = [sheet for sheet in sheets if sheet.rows]
        label = labels.get(source, source)
        with xlsxwriter.Workbook(str(folder / name), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            book.set_properties({"title": f"{label} 校核纠错", "created": _noon(as_of)})
            _cover(book, label, as_of, rows, sheets)
            for sheet in sheets:
                _write_sheet(book, sheet, f"{label} 校核纠错　数据截至 {as_of}")
        written[source] = name
    return written


def _row_sheet(rows: pd.DataFrame) -> _Sheet:
    # the fault of a table is told once, in the place of its first row
    rows = rows.assign(**{name: [_text(value) for value in rows[name]] for name in ("sheet", "column_name")})
    whole = rows["rule"].isin(list(_ADVICE_OF_TABLE))
    keys = ["delivery_date", "file", "sheet", "rule", "column_name"]
    spans = rows[whole].groupby(keys)["row_number"].agg(first="min", last="max", total="count").reset_index()
    listed = pd.concat([rows[~whole], rows[whole].drop_duplicates(keys)], ignore_index=True)
    listed = listed.merge(spans, on=keys, how="left").sort_values(
        ["delivery_date", "file", "row_number"], ascending=[False, True, True], kind="stable"
    )
    cells: list[list[object]] = []
    for row in listed.head(LIMIT).itertuples(index=False):
        problem, advice = problem_and_advice(row.reason, str(row.file))
        if row.rule in _ADVICE_OF_TABLE:
            problem, advice = problem.split("，是否")[0], _ADVICE_OF_TABLE[row.rule]
        if row.rule in _ADVICE_OF_TABLE and row.total > 1:
            place: object = f"{int(row.first)}–{int(row.last)}，共 {int(row.total)} 行"
        else:
            place = "整个文件" if pd.isna(row.row_number) else int(row.row_number)
        where = [_day(row.delivery_date), row.file, row.sheet, place, row.column_name]
        cells.append([len(cells) + 1, *where, masked(row.value_masked), problem, advice])
    left = max(0, len(listed) - LIMIT)
    return _Sheet(
        "请更正的行",
        "这些行没有采用。请按文件与行号找到原记录，更正后按原交付日期重新导出并交付整个文件；值已打码，只供辨认。"
        + (f"只列最近的 {LIMIT:,} 条，另有 {left:,} 条请向数据组索取。" if left else ""),
        (("序号", 6), ("交付日期", 11), ("文件", 30), ("工作表", 9), ("行号", 12), ("列", 13), ("值（打码）", 14),
         ("问题", 34), ("怎么办", 34)),
        (("核实结果", 16), ("更正后的值", 14), ("核实人", 9), ("核实日期", 11)),
        cells,
    )  # fmt: skip


def _column_sheet(examples: pd.DataFrame) -> _Sheet:
    cells: list[list[object]] = []
    for (part, column, problem), group in examples.groupby(["side_list", "column_name", "problem"], sort=True):
        places = "\n".join(
            f"{row.file} 第 {int(row.row_number)} 行　{row.value_masked}" for row in group.itertuples(index=False)
        )
        shown = f"{part}·{column}" if part else column
        advice = _ADVICE.get(str(problem), "请核对并按登记的格式填写")
        cells.append([len(cells) + 1, shown, problem, int(group["cell_count"].iloc[0]), places, advice])
    return _Sheet(
        "请核对的列",
        f"最近 {WINDOW} 次交付中写了、但不能用的值：记录已经采用，这些值没有用上。请核对填写的规定，以后按规定填写。",
        (("序号", 6), ("列", 20), ("问题", 30), ("处数", 9), ("举例：文件、行号、打码的值", 62), ("怎么办", 34)),
        (("核实结果", 18), ("说明", 20), ("核实人", 9), ("核实日期", 11)),
        cells,
    )


def _value_sheet(values: pd.DataFrame) -> _Sheet:
    ordered = values.sort_values(["event_count", "column_name", "value"], ascending=[False, True, True], kind="stable")
    return _Sheet(
        "未登记的代码值",
        "这些值不在登记的取值之内，记录已按“未知”采用。请写明它的含义，或应归入哪一个已有的值。",
        (("序号", 6), ("列", 24), ("值", 28), ("记录数", 10), ("首次出现", 12)),
        (("含义", 34), ("应归入", 24), ("核实人", 10), ("核实日期", 12)),
        [
            [place, row.column_name, masked(row.value), int(row.event_count), _day(row.first_delivery_date)]
            for place, row in enumerate(ordered.head(LIMIT).itertuples(index=False), start=1)
        ],
        choices=False,
    )


def _cover(book: xlsxwriter.Workbook, label: str, as_of: date, rows: pd.DataFrame, sheets: Iterable[_Sheet]) -> None:
    """What this is, what to do with it, and what is in it."""
    sheet = book.add_worksheet("说明")
    title = book.add_format({"bold": True, "font_size": 16})
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    boxed = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    sheet.set_column(0, 0, 26, wrapped)
    sheet.set_column(1, 1, 12, wrapped)
    sheet.set_column(2, 2, 88, wrapped)
    sheet.write(0, 0, f"{label}　校核纠错清单", title)
    sheet.write(1, 0, f"数据截至 {as_of}")
    lines = [
        "一、请逐条核对，在右侧黄色的栏内填写核实结果；填好后连同更正的文件一并退回。",
        "二、行号与用 Excel 或文本编辑器打开原文件所见一致；值已打码，只留首字，原值请看原文件。",
        "三、“请更正的行”须更正后按原交付日期重新导出整个文件再交付，新的一份会取代旧的。",
    ]
    for place, line in enumerate(lines, start=3):
        sheet.merge_range(place, 0, place, 2, line, wrapped)
    sheet.write_row(7, 0, ["清单", "条数", "内容"], bold)
    place = 8
    for listed in sheets:
        sheet.write_row(place, 0, [listed.title, len(listed.rows), listed.hint], boxed)
        place += 1
    if len(rows):
        place += 1
        sheet.write_row(place, 0, ["没有采用的行，按原因", "行数", "最近一例"], bold)
        counts = rows.groupby("rule").agg(count=("rule", "size"), reason=("reason", "last")).reset_index()
        for row in counts.sort_values(["count", "rule"], ascending=[False, True]).itertuples(index=False):
            place += 1
            sheet.write_row(place, 0, [name_of(row.rule), int(row.count), masked(row.reason)], boxed)
    _to_print(sheet, f"{label} 校核纠错　数据截至 {as_of}")


def _write_sheet(book: xlsxwriter.Workbook, listed: _Sheet, title: str) -> None:
    sheet = book.add_worksheet(listed.title)
    hint = book.add_format({"text_wrap": True, "valign": "vcenter", "font_color": "#55626F"})
    bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True, "valign": "vcenter"})
    asked = book.add_format({"bold": True, "bg_color": "#FFF2CC", "border": 1, "text_wrap": True, "valign": "vcenter"})
    boxed = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    empty = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFFBEA"})
    columns = [*listed.columns, *listed.answers]
    first = len(listed.columns)
    sheet.merge_range(0, 0, 0, len(columns) - 1, listed.hint, hint)
    sheet.set_row(0, 34)
    for place, (name, width) in enumerate(columns):
        sheet.write(1, place, name, bold if place < first else asked)
        sheet.set_column(place, place, width)
    for number, cells in enumerate(listed.rows, start=2):
        sheet.write_row(number, 0, cells, boxed)
        for place in range(first, len(columns)):
            sheet.write_blank(number, place, None, empty)
    last = max(2, len(listed.rows) + 1)
    if listed.choices:
        sheet.data_validation(
            2, first, last, first, {"validate": "list", "source": ANSWERS, "error_type": "information"}
        )
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, last, len(columns) - 1)
    sheet.repeat_rows(1)
    _to_print(sheet, title)


def _to_print(sheet: xlsxwriter.worksheet.Worksheet, title: str) -> None:
    """A4 landscape, one page wide, with title and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header(f"&L&10{title.replace('&', '&&')}")
    sheet.set_footer("&R&9第 &P 页，共 &N 页")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def _day(value: object) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)
