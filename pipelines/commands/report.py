"""`dispute-lake report`: 日报, 周报, 月报 of the city or one area, as DOCX, HTML, workbook and statements.

Here: options, what is printed. Not here: anything that a report says or looks like (`warehouse.reports`).
arguments -> warehouse.duckdb -> four files
"""

from pathlib import Path

import click

from pipelines.terminal import console, settings_from, stop

_WINDOWS = {"calendar": "自然日", "noon": "12时至12时", "eight": "8时至8时", "assess": "考核月，上月19日至本月18日"}


@click.command()
@click.option("--month", metavar="2025-03", help="月报：哪一月")
@click.option("--week", metavar="2025-W12", help="周报：哪一周，或其中的一天如 2025-03-18")
@click.option("--day", metavar="2025-03-15", help="日报：哪一天")
@click.option(
    "--last",
    type=click.Choice(["month", "week", "day"]),
    help="不写日期：最近一个满的月 month、周 week、日 day",
)
@click.option("--area", metavar="530402", help="区划代码：区县 6 位，乡镇、村 12 位；不写为全市")
@click.option(
    "--window",
    type=click.Choice(list(_WINDOWS)),
    help="一天从几时算起：" + "，".join(f"{name} {says}" for name, says in _WINDOWS.items())
    + "；日报默认 eight，周报、月报默认 calendar",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="写到哪个文件夹，默认发布区的 reports")
def report(
    month: str | None,
    week: str | None,
    day: str | None,
    last: str | None,
    area: str | None,
    window: str | None,
    out: Path | None,
) -> None:
    """研判报告：日报、周报、月报（Word、网页、附表与取数语句）。

    例：dispute-lake report --month 2025-03；dispute-lake report --week 2025-W12 --area 530402
    """
    from warehouse.reports import writing
    from warehouse.reports.periods import PeriodRefused

    given = [(kind, written) for kind, written in (("month", month), ("week", week), ("day", day)) if written]
    if len(given) + (last is not None) != 1:
        stop("请写明一个期间：--month 2025-03、--week 2025-W12、--day 2025-03-15 或 --last month。")
    kind, written = given[0] if given else (str(last), None)
    settings = settings_from()
    try:
        paths = writing.write(
            settings.warehouse, out or settings.published / "reports", kind, written, area=area, window=window
        )
    except (PeriodRefused, OSError) as error:
        stop(str(error))
    for path in paths:
        console.print(str(path), markup=False)
