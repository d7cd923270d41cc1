"""`dispute-lake delivery`: the deliveries, and the acceptance of one that is held.

Here: options, what is printed. Not here: why a delivery is held (`sources.read`, `sources.volume`,
`quality.contracts`), which deliveries are meant and what is written (`accepting`).
published delivery -> table; arguments -> core_acceptance
"""

import getpass
from datetime import datetime

import click
import pandas as pd

from pipelines.terminal import DAY, ask, console, known_source, settings_from, show, stop

_STATES = {"accepted": "采用", "held": "挂起", "quarantined": "无法读取"}


@click.group()
def delivery() -> None:
    """交付：列出，接收被挂起的。"""


@delivery.command("list")
@click.option("--held", is_flag=True, help="只列未能全部采用的")
@click.option("--source", callback=known_source, help="只看某一来源")
@click.option("--date", "day", type=DAY, help="只看某一天的交付")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="最多列多少份文件")
def delivery_list(held: bool, source: str | None, day: datetime | None, limit: int) -> None:
    """列出每份交付文件的行数账，最近的在前。"""
    found = ask(
        """
        FROM delivery
        WHERE source = coalesce($source, source) AND delivery_date = coalesce(CAST($day AS DATE), delivery_date)
            AND (NOT $held OR status <> 'accepted')
        ORDER BY delivery_date DESC, source, file
        """,
        {"source": source, "day": day, "held": held},
    )
    if found.empty:
        console.print("没有未能全部采用的交付。" if held else "没有符合的交付。", markup=False)
        return
    table = pd.DataFrame(
        {
            "来源": found["source"],
            "交付日期": found["delivery_date"],
            "文件": found["file"],
            "状态": found["status"].map(_STATES),
            "读入": found["rows_read"],
            "采用": found["rows_accepted"],
            "被取代": found["rows_superseded"],
            "忽略": found["rows_ignored"],
            "隔离": found["rows_quarantined"],
            "原因": found["reason"],
        }
    )
    show(table.head(limit), f"{len(found):,} 份文件" + (f"（前 {limit} 份）" if len(found) > limit else ""))


@delivery.command("accept")
@click.argument("source")
@click.argument("day", type=DAY)
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="接收人")
@click.option("--note", required=True, help="理由，留档")
def delivery_accept(source: str, day: datetime, by: str, note: str) -> None:
    """接收一批被挂起的交付；下次 dispute-lake run 时采用。内容一变，须重新接收。"""
    from pipelines import accepting, runs
    from warehouse.lake import LakeBusy

    try:
        lake = runs.standing(settings_from())
        taken = accepting.accept(lake, source, day.date(), by=by, note=note)
    except (runs.Refused, LakeBusy, accepting.AcceptRefused) as error:
        stop(str(error))
    show(taken.files, f"{source} {day.date()} 将采用的行")
    if taken.was_accepted:
        console.print("这一内容已接收过，没有再写；请运行 dispute-lake run", markup=False)
        return
    console.print(f"已接收 {source} {day.date()}（{by}）；请再运行 dispute-lake run", markup=False)
