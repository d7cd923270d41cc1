"""`dispute-lake orders`: 交办单 of a day as workbooks to print; `dispute-lake notify`: messages sent by hand.

Here: options and what is printed. Not here: the workbooks (`warehouse.delivery.orders`), messages and their ledger
(`outgoing`).
arguments -> published warehouse -> XLSX files; notices -> messages -> table
"""

from datetime import datetime
from pathlib import Path

import click
import pandas as pd

from pipelines.terminal import DAY, FAILED, console, settings_from, show, stop

_TIERS = click.Choice(["市", "县", "乡", "村"])


@click.command()
@click.option("--day", type=DAY, help="哪一天告知的预警，默认最近有告知的一天")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="写到哪个文件夹")
@click.option("--tier", "tiers", type=_TIERS, multiple=True, help="给哪一级中心，可多次；默认 县 和 乡")
@click.option("--area", help="只给一个中心：区划代码，如 530402")
def orders(day: datetime | None, out: Path, tiers: tuple[str, ...], area: str | None) -> None:
    """出预警交办单：每个中心一份 Excel，首页清单，每条预警一页 A4，有签收、办理意见、反馈时限各栏。"""
    import duckdb

    from warehouse.delivery import orders as sheets

    warehouse = settings_from().warehouse
    if not warehouse.exists():
        stop(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            told = sheets.read(con, day.date() if day else None)
    except LookupError as error:
        stop(str(error))
    except (duckdb.CatalogException, duckdb.BinderException):
        stop(f"{warehouse} 是较早的版本发布的，缺少预警告知。请先运行 dispute-lake run。")
    if area is not None and area not in told.recipients():
        stop(f"{told.day} 没有告知 {area} 任何预警；当日有预警的中心：{'、'.join(told.recipients())}")
    try:
        made = sheets.write(told, out, tiers=tiers or None, code=area)
    except OSError as error:
        stop(f"写不到 {out}：{error.strerror}。请检查文件夹与权限。", FAILED)
    if made.empty:
        console.print(f"{told.day} 没有告知这几级中心任何预警，没有写文件。", markup=False)
        return
    names = {"recipient_code": "区划", "recipient_name": "中心", "order_count": "条数", "file": "文件"}
    show(made.rename(columns=names), f"{told.day} 的交办单，写在 {out}" + (f"（{told.label}）" if told.label else ""))


@click.command()
@click.option("--channel", type=click.Choice(["webhook", "mail"]), help="只走哪一种渠道，默认配置了的都走")
@click.option("--dry-run", is_flag=True, help="只看会发给谁、几条，不发送、不留档")
def notify(channel: str | None, dry_run: bool) -> None:
    """把还没有送达的预警发给各中心（接口或邮件）；渠道写在 LAKE_NOTIFY_FILE 指明的、湖以外的文件里。

    每个中心每次发布一条消息；送达的留档，不会再发；没有送达的下次再发。平时由 Dagster 的两个传感器发送，默认关闭。
    """
    from pipelines import outgoing

    settings = settings_from()
    if not settings.warehouse.exists():
        stop(f"{settings.warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    try:
        config = outgoing.read_config(settings)
    except outgoing.NotifyRefused as error:
        stop(str(error))
    if config is None:
        stop("没有配置通知：请设 LAKE_NOTIFY_FILE 指向配置文件（见 docs/delivery.md）。")
    chosen = [name for name in outgoing.CHANNELS if name in config.channels and channel in (None, name)]
    if not chosen:
        stop(f"{config.path} 里没有配置 {channel or 'webhook 或 mail'}。")
    rows, failed = [], False
    for name in chosen:
        messages = outgoing.pending(settings, config, name)
        for message in messages:
            state = "待发" if dry_run else outgoing.send(settings, config, message)
            failed |= state not in ("待发", "已送达")
            rows.append((name, message.recipient_name, len(message.notices), state))
    if not rows:
        console.print("没有待发的预警。", markup=False)
        return
    show(pd.DataFrame(rows, columns=["渠道", "中心", "条数", "结果"]))
    if failed:
        stop("有没有送达的，下次再发；原因见上表。", FAILED)
