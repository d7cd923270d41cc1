"""`dispute-lake quarantine`: rows set aside, why, what to do about them, and what became of them.

Here: options, order of what is printed. Not here: the queries (`quarantined`), rows as delivered (`revealing`), reading
again without writing (`retrying`).
published quarantine, quarantine_history, landing/ -> tables and sentences
"""

import getpass
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
import pandas as pd

from pipelines.terminal import DAY, FAILED, ask, console, display, known_source, settings_from, show, stop

_SOURCE = click.option("--source", callback=known_source, help="只看某一来源")
_DATE = click.option("--date", "day", type=DAY, help="只看某一天的交付")
_LIMIT = click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="最多列多少行")


def _filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    return _SOURCE(_DATE(_LIMIT(command)))


@click.group(invoke_without_command=True)
@_filtered
@click.option("--rule", help="只看某一原因（代码，见汇总）")
@click.pass_context
def quarantine(context: click.Context, source: str | None, day: datetime | None, limit: int, rule: str | None) -> None:
    """隔离的行：汇总、逐行列出；explain 解释一行，retry 试读，history 看后来怎样。"""
    if context.invoked_subcommand is not None:
        return
    from pipelines import quarantined

    found = quarantined.rows(ask, source=source, day=day, rule=rule)
    if found.empty:
        console.print("没有被隔离的行。以前隔离、后来采用的：dispute-lake quarantine history", markup=False)
        return
    show(quarantined.by_reason(found), f"隔离 {len(found):,} 行，按来源与原因")
    show(quarantined.listed(found.head(limit)), _rows_title(len(found), limit))
    console.print("解释一行：dispute-lake quarantine explain 编号", markup=False)
    console.print("改了 source.yml 或重新交付之后，先试：dispute-lake quarantine retry", markup=False)


def _rows_title(count: int, limit: int) -> str:
    return f"逐行（前 {limit} 行）" if count > limit else "逐行"


@quarantine.command()
@click.argument("key", metavar="编号")
@click.option("--as-delivered", is_flag=True, help="显示这一行的原样（受限）；须写 --reason，查看留档")
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="查看人")
@click.option("--reason", help="事由，留档")
def explain(key: str, as_delivered: bool, by: str, reason: str | None) -> None:
    """解释一行：在哪里、什么规则、为什么、部门该做什么、数据组能做什么。编号是隔离编号（或开头几位）或记录编号。"""
    from pipelines import quarantined

    if as_delivered and not reason:
        stop("查看原样须写 --reason 事由，查看会留档")
    try:
        row = quarantined.find(ask, key)
    except LookupError as error:
        stop(str(error), FAILED)
    remedy = quarantined.remedy(row)
    number = "整份文件" if pd.isna(row["row_number"]) else f"第 {int(row['row_number'])} 行"
    sheet = "" if pd.isna(row["sheet"]) else f"，工作表“{row['sheet']}”"
    lines = {
        "编号": row["quarantine_id"],
        "来源": quarantined.label(row["source"]),
        "交付日期": f"{row['delivery_date']:%Y-%m-%d}",
        "位置": f"{row['file']}{sheet}，{number}",
        "记录编号": row["source_record_id"],
        "列": row["column_name"],
        "规则": f"{remedy.name}（{row['rule']}）",
        "说明": row["reason"],
        "为什么": remedy.why,
        "交付部门": remedy.department,
        "数据组": remedy.team,
    }
    for name, text in lines.items():
        if not pd.isna(text):
            console.print(f"{name}：{text}", markup=False)
    if "state" in row:
        console.print("现在：" + quarantined.became(row), markup=False)
    elif not as_delivered and isinstance(row["values_masked"], str):
        _show_cells("整行（打码）", json.loads(row["values_masked"]))
    if as_delivered and reason:
        _show_as_delivered(row, by, reason)


def _show_cells(title: str, cells: dict[str, str]) -> None:
    show(pd.DataFrame({"列": list(cells), "值": list(cells.values())}), title)


def _show_as_delivered(row: pd.Series, by: str, reason: str) -> None:
    from pipelines import revealing, runs

    place = {name: None if pd.isna(row[name]) else row[name] for name in ("quarantine_id", "source", "file", "sheet")}
    place |= {
        "delivery_date": row["delivery_date"].date(),
        "row_number": None if pd.isna(row["row_number"]) else int(row["row_number"]),
    }
    try:
        cells = revealing.as_delivered(runs.standing(settings_from()), place, by=by, reason=reason)
    except runs.Refused as error:
        stop(str(error))
    except LookupError as error:
        stop(str(error), FAILED)
    _show_cells("整行（原样；本次查看已留档）", cells)


@quarantine.command()
@_filtered
def retry(source: str | None, day: datetime | None, limit: int) -> None:
    """试读：用现在的规则重读有隔离行的交付，不写入，只说哪些行会采用、哪些不会。"""
    from pipelines import retrying
    from sources.contract import ContractError
    from sources.deliveries import LandingError
    from warehouse.lake import Lake, LakeRefused

    settings = settings_from()
    try:
        lake = Lake.standing(settings.root)
        with display():
            outlook = retrying.retry(settings, lake, source=source, day=day.date() if day else None)
    except (LakeRefused, LandingError, ContractError) as error:
        stop(str(error))
    for partitions, sentence in (
        (outlook.unchanged, "内容与规则都没有变，再读仍会隔离：更正后重新交付，或改 source.yml"),
        (outlook.absent, "交付文件夹里没有完整的这一批，无法重读：请放回或重新交付"),
    ):
        for each in partitions[:limit]:
            console.print(f"{each[1]} {each[0]}：{sentence}", markup=False)
        if len(partitions) > limit:
            console.print(f"…… 另有 {len(partitions) - limit} 批同此", markup=False)
    if outlook.rows.empty:
        if not outlook.unchanged and not outlook.absent:
            console.print("没有被隔离的行。", markup=False)
        return
    show(retrying.by_reason(outlook.rows), "重读的结果，按来源与原因")
    show(
        retrying.listed(outlook.rows.head(limit)), "逐行" + (f"（前 {limit} 行）" if len(outlook.rows) > limit else "")
    )
    back = int((outlook.rows["outlook"] == "accepted").sum())
    if back:
        console.print(f"{back:,} 行会采用。现在没有写入任何内容；要采用，请运行 dispute-lake run", markup=False)
    else:
        console.print("没有行会采用；运行 dispute-lake quarantine explain 编号 看怎么办", markup=False)


@quarantine.command()
@_filtered
@click.option("--state", type=click.Choice(["open", "accepted", "later", "gone"]), help="只看某一去向")
def history(source: str | None, day: datetime | None, limit: int, state: str | None) -> None:
    """隔离过的行后来怎样：仍隔离、已采用（由哪批交付、为什么）、由之后的交付采用、不再出现。"""
    from pipelines import quarantined

    found = quarantined.history(ask, source=source, day=day, state=state)
    if found.empty:
        console.print("没有符合的记录。", markup=False)
        return
    counts = "，".join(f"{name} {count:,}" for name, count in found["现在"].value_counts(sort=False).items())
    show(found.head(limit), f"隔离史 {len(found):,} 行：{counts}")
