"""Exports written by code, and readers of what came out of them, for the tests of reading."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from sources.read import Reading

DAY = date(2025, 3, 2)


def _words(text: str) -> list[str]:
    return text.split()


HOTLINE = _words("""
    工单编号 旧工单编号 来电时间 受理渠道 诉求类型 诉求人 性别 来电号码 联系方式 是否保密 工单标题 主要内容
    问题分类 所属区县 所属街道 详细地址 被投诉人 被反映人电话 承办单位 处理时限 办理截止时间 办结时间
    工单状态 是否有效回访 是否联系 是否解决 满意度 处理结果
""")
POLICE = _words("""
    接警单编号 报警时间 报警电话 联系电话 报警人 报警人证件号 接警报警类别 接警报警类型 接警报警细类
    反馈报警类别 反馈报警类型 反馈报警细类 警情级别 警情地址 行政区划 报警内容 处警情况 警情处理结果
    管辖单位代码 管辖单位名称 经度 纬度 重复警情编号 关联警情编号 关联工单编号
""")
MEDIATION = _words("""
    案件编号 案号 受理日期 案件来源 移送单号 纠纷类别 纠纷简要情况 涉及人数 涉案金额 难度级别 纠纷发生地
    所属区县 所属乡镇 所属村社区 调解组织 调解组织层级 调解员 调解日期 调解结果 协议类型 协议内容 履行方式
    履行情况 司法确认
""")
PARTIES = ["案件编号", "当事人类型", "姓名或名称", "证件号码", "联系电话", "住址", "更新时间"]
CITYMGMT = _words("""
    上报时间 任务号 大类名称 小类名称 问题来源 问题描述 当前阶段名称 处置部门 捆绑处置截止时间 处置截止时间
    结案时间 所属片区 所属区域 所属街道 所属社区 单元网格 问题类型 地址描述 监督员 X坐标 Y坐标 延期理由
    延期次数 处置意见
""")


def hotline(number: int = 1, **other: Any) -> dict[str, Any]:
    """One sound hotline row; ``other`` replaces cells."""
    return {
        "工单编号": f"YX2025030100{number:04d}",
        "来电时间": "2025-03-01 08:15:02",
        "受理渠道": "电话",
        "诉求类型": "投诉",
        "诉求人": "王先生",
        "来电号码": "13800000001",
        "工单标题": "反映楼上漏水",
        "主要内容": "楼上漏水泡坏天花板，协商不成",
        "所属区县": "红塔区",
        "详细地址": "东风中路5号",
        "工单状态": "办理中",
    } | other


def write_xlsx(
    path: Path, sheets: dict[str, list[list[Any]]], change: Callable[[Any, Any], None] | None = None
) -> Path:
    """Writes sheets of rows; ``change`` gets workbook and first sheet before closing."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "nan_inf_to_errors": True})
    first = None
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        first = first or sheet
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)
    if change:
        change(book, first)
    book.close()
    return path


def hotline_sheet(rows: list[dict[str, Any]], header: list[str] | None = None) -> dict[str, list[list[Any]]]:
    """The sheet 工单 with title, export line, header on row 3 and the rows."""
    names = header or HOTLINE
    return {
        "工单": [
            ["12345政务服务便民热线工单"],
            ["导出时间：2025-03-02 06:00 操作员：01"],
            names,
            *[[row.get(name.strip()) for name in names] for row in rows],
        ]
    }


def csv_text(header: list[str], rows: list[dict[str, Any]]) -> str:
    """Lines of a CSV; cells with commas, quotes or line breaks are quoted."""

    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\n') else text

    lines = [header, *[[row.get(name) for name in header] for row in rows]]
    return "\n".join(",".join(map(cell, line)) for line in lines) + "\n"


def findings(reading: Reading, file: str | None = None) -> list[str]:
    """All findings, of one file or of all."""
    rows = reading.file if file is None else reading.file[reading.file["file"] == file]
    return [sentence for text in rows["findings"] for sentence in json.loads(text)]


def reasons(reading: Reading) -> dict[str, str]:
    """Rule to first sentence of the quarantined rows."""
    bad = reading.row[reading.row["disposition"] == "quarantined"]
    return bad.drop_duplicates("rule").set_index("rule")["reason"].to_dict()


def assert_adds_up(reading: Reading) -> None:
    """Every row read is valid, ignored or quarantined, in the account and row by row."""
    file, row = reading.file, reading.row
    parts = file["rows_valid"] + file["rows_ignored"] + file["rows_quarantined"]
    assert (file["rows_read"] == parts).all()
    numbered = row[row["row_number"].notna()]
    for account in file.to_dict("records"):
        rows = numbered[numbered["file"] == account["file"]]
        assert len(rows) == account["rows_read"]
        counts = rows["disposition"].value_counts()
        assert counts.get("accepted", 0) == account["rows_valid"]
        assert counts.get("ignored", 0) == account["rows_ignored"]
        assert counts.get("quarantined", 0) == account["rows_quarantined"]
        assert sum(json.loads(account["ignored_by_rule"]).values()) == account["rows_ignored"]
        records = reading.record[reading.record["file"] == account["file"]] if len(reading.record) else reading.record
        assert len(records) == account["rows_valid"]
        if account["status"] == "quarantined":
            assert account["reason"]
    bad = row[row["disposition"] == "quarantined"]
    assert bad["reason"].notna().all()
    assert bad["rule"].notna().all()
    assert not numbered.duplicated(["file", "sheet", "row_number"]).any()
