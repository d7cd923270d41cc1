"""File formats of the five systems, with the traps of real exports.

Here: columns, encodings, titles, totals, blank rows, time formats, side files. Not here: what a row says (`clerks`).
rows of one day -> landing/<source>/<delivery_date>/ files and `_SUCCESS`

Files are byte-identical for identical rows: the workbooks carry a fixed creation date.
"""

import csv
import json
import random
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

HOTLINE = (
    "工单编号 旧工单编号 来电时间 受理渠道 诉求类型 诉求人 性别 来电号码 联系方式 是否保密 工单标题 主要内容 问题分类 所属区县 所属街道 "
    "详细地址 被投诉人 被反映人电话 承办单位 处理时限 办理截止时间 办结时间 工单状态 是否有效回访 是否联系 是否解决 满意度 处理结果"
).split()
POLICE = (
    "接警单编号 报警时间 报警电话 联系电话 报警人 报警人证件号 接警报警类别 接警报警类型 接警报警细类 反馈报警类别 反馈报警类型 "
    "反馈报警细类 警情级别 警情地址 行政区划 报警内容 处警情况 警情处理结果 管辖单位代码 管辖单位名称 经度 纬度 重复警情编号 "
    "关联警情编号 关联工单编号"
).split()
MEDIATION = (
    "案件编号 案号 受理日期 案件来源 移送单号 纠纷类别 纠纷简要情况 涉及人数 涉案金额 难度级别 纠纷发生地 所属区县 所属乡镇 "
    "所属村社区 调解组织 调解组织层级 调解员 调解日期 调解结果 协议类型 协议内容 履行方式 履行情况 司法确认"
).split()
MEDIATION_PARTY = "案件编号 当事人类型 姓名或名称 证件号码 联系电话 住址 更新时间".split()
CITYMGMT = (
    "上报时间 任务号 大类名称 小类名称 问题来源 问题描述 当前阶段名称 处置部门 捆绑处置截止时间 处置截止时间 结案时间 所属片区 "
    "所属区域 所属街道 所属社区 单元网格 问题类型 地址描述 监督员 X坐标 Y坐标 延期理由 延期次数 处置意见"
).split()
CITYMGMT_DELAY = "任务号 延期次数 延期理由".split()
GRID = (
    "事件编号 事件名称 发生日期 发生地点 经度 纬度 网格编码 行政区划代码 事件规模 事件类别 涉及人数 涉及金额 涉及单位 事件简述 "
    "当事人 上报来源 化解时限 化解方式 化解组织 化解责任人 化解责任人联系方式 是否化解成功 化解情况 化解日期 处理状态 风险等级 "
    "关联事件编号 更新时间"
).split()

_MADE = datetime(2025, 1, 1)
_EPOCH = datetime(1899, 12, 30)
Rows = list[list[Any]]


def _book(path: Path, *, in_memory: bool) -> Any:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": not in_memory, "in_memory": in_memory, "strings_to_urls": False}
    )
    book.set_properties({"created": _MADE, "author": "模拟数据", "comments": "模拟数据，并非真实记录"})
    return book


def _plain(row: Iterable[Any]) -> list[str]:
    return [
        "" if cell is None else cell.strftime("%Y-%m-%d %H:%M:%S") if isinstance(cell, datetime) else str(cell)
        for cell in row
    ]


def hotline_book(path: Path, rows: Rows, day: date, rng: random.Random) -> None:
    """The 12345 workbook: title, export line, header on row 3, three ways to write a time, blank rows, 合计."""
    book = _book(path, in_memory=False)
    sheet = book.add_worksheet("工单")
    stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.write_string(0, 0, "玉溪市12345政务服务便民热线工单明细表")
    sheet.write_string(1, 0, f"导出时间：{day} 06:{rng.randrange(10, 59)}:00")
    sheet.write_string(1, 4, "操作员：管理员")
    for index, name in enumerate(HOTLINE):
        sheet.write_string(2, index, name)
    line = 3
    for row in rows:
        if rng.random() < 0.004:
            line += 1
        for index, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, datetime):
                draw = rng.random()
                if draw < 0.6:
                    sheet.write_string(line, index, cell.strftime("%Y-%m-%d %H:%M:%S"))
                elif draw < 0.8:
                    sheet.write_string(line, index, cell.strftime("%Y%m%d%H%M%S"))
                elif draw < 0.95:
                    sheet.write_datetime(line, index, cell, stamp)
                else:
                    sheet.write_number(line, index, round((cell - _EPOCH).total_seconds() / 86400, 8))
            elif index == 0 and not cell.startswith("0"):
                sheet.write_number(line, index, int(cell))
            elif isinstance(cell, str):
                sheet.write_string(line, index, cell)
            else:
                sheet.write_number(line, index, cell)
        line += 1
    line += rng.randrange(3)
    sheet.write_string(line, 0, "合计")
    sheet.write_number(line, 2, len(rows))
    book.close()


def _csv(path: Path, header: list[str], rows: Rows, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(map(_plain, rows))


def hotline_csv(path: Path, rows: Rows, rng: random.Random) -> None:
    """The older 12345 system: the same columns as CSV in GB18030, header on row 1, times as text."""
    plain = [
        [cell.strftime("%Y%m%d%H%M%S") if isinstance(cell, datetime) and rng.random() < 0.4 else cell for cell in row]
        for row in rows
    ]
    _csv(path, HOTLINE, plain, "gb18030")


def mediation_book(path: Path, cases: Rows, parties: Rows) -> None:
    """The 云智调 workbook with its two sheets."""
    book = _book(path, in_memory=False)
    for title, header, rows in (("案件信息", MEDIATION, cases), ("当事人信息", MEDIATION_PARTY, parties)):
        sheet = book.add_worksheet(title)
        for line, row in enumerate([header, *rows]):
            for index, cell in enumerate(row):
                if cell is None or cell == "":
                    continue
                if isinstance(cell, str):
                    sheet.write_string(line, index, cell)
                else:
                    sheet.write_number(line, index, cell)
    book.close()


def grid_lines(path: Path, rows: Rows) -> None:
    """The grid's JSON Lines, UTF-8."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(GRID, row, strict=True)), ensure_ascii=False) + "\n")


def deliver(
    landing: Path, day: date, rows: dict[str, Rows], parties: Rows, delays: Rows, rng: random.Random
) -> dict[str, int]:
    """Writes what the five systems hand over on ``day``; returns data rows per source (case rows, not parties)."""
    stamp = f"{day:%Y%m%d}"
    for source, lines in rows.items():
        if not lines:
            continue
        folder = landing / source / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        if source == "hotline":
            old_system = rng.random()
            if old_system < 0.12:
                hotline_csv(folder / f"12345工单_{stamp}.csv", lines, rng)
            elif old_system < 0.2:
                cut = len(lines) // 4
                hotline_csv(folder / f"12345工单_{stamp}.csv", lines[:cut], rng)
                hotline_book(folder / f"12345工单_{stamp}.xlsx", lines[cut:], day, rng)
            else:
                hotline_book(folder / f"12345工单_{stamp}.xlsx", lines, day, rng)
        elif source == "police":
            _csv(folder / f"110非警务警情_{stamp}.csv", POLICE, lines, "gb18030")
        elif source == "mediation":
            mediation_book(folder / f"云智调案件_{stamp}.xlsx", lines, parties)
        elif source == "citymgmt":
            _csv(folder / f"数字城管_{stamp}.csv", CITYMGMT, lines, "utf-8-sig")
            if delays:
                _csv(folder / f"延期清单_{stamp}.csv", CITYMGMT_DELAY, delays, "utf-8-sig")
        else:
            grid_lines(folder / f"矛盾纠纷_{stamp}.jsonl", lines)
        (folder / "_SUCCESS").write_bytes(b"")
    return {source: len(lines) for source, lines in rows.items()}
