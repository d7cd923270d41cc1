"""A mixed landing as departments hand over a backlog: the hotline in XLSX files of 20,000 rows.

Here: repacking what `dispute-lake simulate` wrote. Not here: measuring (`__main__`).
`python -m tests.bench.landing FOLDER`: simulated landing/hotline -> the same rows in files of 20,000, in place

The rows of the hotline are taken day by day, whether they came as XLSX or CSV, and written as soon as 20,000 are
together, into the delivery of that day; times, numbers and text keep the forms in which the simulator wrote them.
"""

import csv
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import load_workbook

ROWS_IN_FILE = 20_000


def repack(hotline: Path) -> int:
    """Repacks the deliveries in ``hotline`` (landing/hotline) and returns how many files there are now."""
    header: list[Any] = []
    waiting: list[list[Any]] = []
    files = 0
    days = sorted(hotline.iterdir())
    for day in days:
        for found in _tables(day):
            header = found[0]
            waiting += found[1:]
        shutil.rmtree(day)
        while len(waiting) >= ROWS_IN_FILE or (waiting and day == days[-1]):
            files += 1
            day.mkdir(exist_ok=True)
            _write(day / f"12345工单_{day.name.replace('-', '')}_{files:02}.xlsx", [header, *waiting[:ROWS_IN_FILE]])
            waiting = waiting[ROWS_IN_FILE:]
        if day.is_dir():
            (day / "_SUCCESS").touch()
    return files


def _tables(day: Path) -> Iterator[list[list[Any]]]:
    """Header and data rows of each file of a day, without titles, blank rows and 合计."""
    for file in sorted(day.glob("12345工单*")):
        if file.suffix == ".csv":
            with file.open(encoding="gb18030", newline="") as stream:
                rows: list[list[Any]] = list(csv.reader(stream))
        else:
            rows = load_workbook(str(file)).get_sheet_by_index(0).to_python(skip_empty_area=False)[2:]
        yield [row for row in rows if row[0] not in ("", "合计")]


def _write(path: Path, rows: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("工单")
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_string(0, 0, "玉溪市12345政务服务便民热线工单明细表")
        for line, row in enumerate(rows, 2):
            for column, cell in enumerate(row):
                if isinstance(cell, date):  # with a time or, at midnight, without
                    sheet.write_datetime(line, column, cell, stamp)
                elif isinstance(cell, str):
                    if cell:
                        sheet.write_string(line, column, cell)
                else:
                    sheet.write_number(line, column, cell)


if __name__ == "__main__":
    sys.stdout.write(f"{repack(Path(sys.argv[1]) / 'landing' / 'hotline')} files\n")
