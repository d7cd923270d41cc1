"""A report from a published warehouse to its files: DOCX, HTML, workbook, statements.

Here: opening the warehouse, composing, writing all files. Not here: what is said, any form.
warehouse.duckdb, period, area -> folder/<name>.docx .html _附表.xlsx _取数.sql
"""

from pathlib import Path

import duckdb

from warehouse.reports import daily, html, periodic, word, workbook
from warehouse.reports.basis import open_basis
from warehouse.reports.document import Report
from warehouse.reports.periods import PeriodRefused


def default_window(kind: str) -> str:
    """How a period is cut unless the user says: days from eight to eight, weeks and months by calendar days."""
    return "eight" if kind == "day" else "calendar"


def compose(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    written: str | None = None,
    *,
    area: str | None = None,
    window: str | None = None,
) -> Report:
    """Composes one report; see `basis.open_basis` for what is taken and raised."""
    basis = open_basis(con, kind, written, area, window or default_window(kind))
    return daily.compose(basis) if kind == "day" else periodic.compose(basis)


def write(
    warehouse: Path,
    folder: Path,
    kind: str,
    written: str | None = None,
    *,
    area: str | None = None,
    window: str | None = None,
) -> list[Path]:
    """Composes a report and writes its four files into ``folder``; returns their paths.

    Raises:
        PeriodRefused: no publication, no such period or area, or no data for it; the sentence is for the user.
        OSError: the folder cannot be written.
    """
    if not warehouse.exists():
        raise PeriodRefused(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            report = compose(con, kind, written, area=area, window=window)
            sheets = workbook.render(report, con)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise PeriodRefused(
            f"{warehouse} 是较早的版本发布的，缺少报告要用的内容。请先运行 dispute-lake run。"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        f"{report.stem}.docx": word.render(report),
        f"{report.stem}.html": html.render(report).encode(),
        f"{report.stem}_附表.xlsx": sheets,
        f"{report.stem}_取数.sql": statements(report).encode(),
    }
    paths = []
    for name, content in files.items():
        path = folder / name
        beside = folder / f".{name}.writing"
        beside.write_bytes(content)
        beside.replace(path)  # a reader who has the former one open keeps it whole
        paths.append(path)
    return paths


def statements(report: Report) -> str:
    """Every number's statement, as one script for DuckDB: queries first, then one SELECT a number with its value."""
    parts = [
        f"-- {report.red_head}{report.issue}　取数语句",
        "-- 在发布的 warehouse.duckdb 上执行：duckdb -readonly warehouse.duckdb < 本文件",
        *([f"-- {report.label}"] if report.label else []),
    ]
    for query in report.queries:
        parts.append(f"\n-- {query.says}\nCREATE OR REPLACE TEMP VIEW {query.view} AS\n{query.sql.strip()};")
    for at, figure in enumerate(report.figures, start=1):
        parts.append(f"\n-- 第{at}号　{figure.says} = {figure.shown}\n{figure.select};")
    return "\n".join(parts) + "\n"
