"""`dispute-lake delivery`: the deliveries, and the acceptance of one that is held.

arguments -> core_acceptance
"""

import getpass
import sys
from datetime import datetime

import click
import pandas as pd

from pipelines.terminal import DAY, console, settings_from, stop


@click.group()
def delivery() -> None:
    """交付：列出，接收被挂起的。"""


@delivery.command("list")
@click.option("--held", is_flag=True, help="只列未能全部采用的")
def delivery_list(held: bool) -> None:
    """列出每份交付文件的行数账。"""
    from warehouse import shell

    condition = "WHERE status <> 'accepted'" if held else ""
    sys.exit(shell.run(settings_from().warehouse, f"FROM delivery {condition} ORDER BY delivery_date, source, file"))


@delivery.command("accept")
@click.argument("source")
@click.argument("day", type=DAY)
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="接收人")
@click.option("--note", required=True, help="理由，留档")
def delivery_accept(source: str, day: datetime, by: str, note: str) -> None:
    """接收一批被挂起的交付；下次 dispute-lake run 时采用。内容一变，须重新接收。"""
    from pipelines import runs
    from transforms.tables import CORE_ACCEPTANCE

    settings = settings_from()
    try:
        lake = runs.prepare(settings)
        files = lake.read("raw_file")
        chosen = files.loc[(files["source"] == source) & (files["delivery_date"] == day.date())]
        if not (chosen["status"] == "held").any():
            stop(f"{source} {day.date()} 没有被挂起的交付；用 dispute-lake delivery list --held 查看")
        with lake.lock():
            lake.append(
                CORE_ACCEPTANCE,
                pd.DataFrame(
                    [
                        {
                            "delivery_date": day.date(),
                            "source": source,
                            "content_signature": chosen["signature"].iloc[0],
                            "accepted_by": by,
                            "note": note,
                        }
                    ]
                ),
            )
    except runs.Refused as error:
        stop(str(error))
    console.print(f"已接收 {source} {day.date()}；请再运行 dispute-lake run", markup=False)
