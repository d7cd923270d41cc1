"""What users take away with a report: a workbook with 总体, 区域, 大类, 细类, 重复, 详情.

Here: sheets from the queries of a report. Not here: which queries (`periodic`, `daily`).
Report -> XLSX
"""

import io
from datetime import datetime, time

import duckdb
import pandas as pd
import xlsxwriter

from warehouse.reports.document import Report


def render(report: Report, con: duckdb.DuckDBPyConnection) -> bytes:
    """Renders the annexes of a report; the same publication gives the same bytes."""
    held = io.BytesIO()
    # text from exports is text, also where it opens like a formula or a link
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with xlsxwriter.Workbook(held, options) as book:
        book.set_properties(
            {
                "title": report.title,
                "author": report.issuer,
                "subject": report.label or "",
                "created": datetime.combine(report.issued_on, time()),
            }
        )
        bold = book.add_format({"bold": True, "border": 1, "bg_color": "#F3F3F3", "align": "center"})
        title = book.add_format({"bold": True, "font_size": 14})
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        share = book.add_format({"num_format": "0.0%"})
        for annex in report.annexes:
            frame = con.execute(annex.query.sql).df()
            sheet = book.add_worksheet(annex.name)
            marked = f"【{report.label}】" if report.label else ""
            sheet.write_string(0, 0, f"{marked}{report.title}　{annex.query.says}", title)
            sheet.freeze_panes(2, 0)
            sheet.set_landscape()
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 0)
            sheet.repeat_rows(1)
            for at, name in enumerate(frame.columns):
                column = frame[name]
                heading = annex.query.columns.get(name, _NAMES.get(name, name))
                sheet.write_string(1, at, heading, bold)
                is_share = name.endswith(("share", "change"))
                width = max(10, min(40, 2 * max(len(heading), *(len(str(value)) for value in column.head(200)), 0)))
                sheet.set_column(at, at, width)
                for row, value in enumerate(column, start=2):
                    if pd.isna(value):
                        continue
                    if isinstance(value, bool):
                        sheet.write_string(row, at, "是" if value else "否")
                    elif isinstance(value, datetime):
                        sheet.write_datetime(row, at, value, when)
                    elif isinstance(value, int | float):
                        sheet.write_number(row, at, value, share if is_share else None)
                    else:
                        sheet.write_string(row, at, str(value))
            if len(frame):
                sheet.autofilter(1, 0, 1 + len(frame), len(frame.columns) - 1)
    return held.getvalue()


_NAMES = {
    "area_code": "区域代码",
    "area_name": "区域",
    "full_name": "区域全名",
    "category_code": "类别代码",
    "category_name": "类别",
    "verdict": "化解率与全部相比",
    "source_record_id": "记录编号",
    "source": "来源系统",
    "reported_at": "受理时间",
    "text": "内容",
    "record_title": "标题",
    "record_status": "记录状态",
    "outcome": "结果",
    "handling_unit": "承办单位",
    "threat_words": "扬言词",
    "dispute_id": "纠纷编号",
    "place": "区域",
    "status": "纠纷状态",
    "risk_level": "风险等级",
    "risk_reasons": "风险理由",
    "responsible_tier": "责任层级",
    "is_overdue": "是否超期",
    "scale_code": "事件规模",
    "rules": "预警规则",
}
"""Headings of columns that are no figures."""
