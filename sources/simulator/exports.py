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
import yaml

_COLUMNS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "columns.yml").read_text(encoding="utf-8"))
HOTLINE, POLICE, GRID = _COLUMNS["hotline"], _COLUMNS["police"], _COLUMNS["grid"]
MEDIATION, MEDIATION_PARTY = _COLUMNS["mediation"], _COLUMNS["mediation_party"]
CITYMGMT, CITYMGMT_DELAY = _COLUMNS["citymgmt"], _COLUMNS["citymgmt_delay"]

_MADE = datetime.fromisoformat("2025-01-01T00:00:00")
_EPOCH = datetime.fromisoformat("1899-12-30T00:00:00")
Rows = list[list[Any]]


def _book(path: Path, rows: int) -> Any:
    # A day of a city fits in memory and then needs no temporary files, whose removal took a third of a run; a huge
    # day goes to disk row by row.
    how = {"in_memory": True} if rows < 5000 else {"constant_memory": True}
    book = xlsxwriter.Workbook(str(path), {**how, "strings_to_urls": False})
    book.set_properties({"created": _MADE, "author": "模拟数据", "comments": "模拟数据，并非真实记录"})
    return book


def _plain(row: Iterable[Any]) -> list[str]:
    return [
        "" if cell is None else cell.strftime("%Y-%m-%d %H:%M:%S") if isinstance(cell, datetime) else str(cell)
        for cell in row
    ]


def hotline_book(path: Path, rows: Rows, day: date, rng: random.Random) -> None:
    """The 12345 workbook: title, export line, header on row 3, three ways to write a time, blank rows, 合计."""
    book = _book(path, len(rows))
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
    book = _book(path, len(cases) + len(parties))
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
