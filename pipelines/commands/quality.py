"""`dispute-lake quality`: signatures of the data team under deliveries, what nobody has signed, where the page is.

Here: options and what is printed. Not here: what may be signed (`signing`), what a signature covers
(`quality.signatures`), the page (`quality.page`).
arguments -> core_signature -> page; published signature -> table
"""

import getpass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from pipelines.terminal import DAY, console, known_source, settings_from, show, stop

if TYPE_CHECKING:
    from warehouse.lake import Lake

_SOURCE = click.option("--source", callback=known_source, help="只看某一来源")
_LIMIT = click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="最多列多少行")
_TOLD = 10
_MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"])


@click.group()
def quality() -> None:
    """质量：数据组对交付签字，看哪些还没有人签，质量网页在哪里。"""


@quality.command()
@click.option("--delivery", "deliveries", multiple=True, metavar="来源/日期[..日期]", help="签哪批交付，可多次")
@click.option("--all-clean", is_flag=True, help="签全部还没有人签、又没有可处理之事的交付")
@click.option("--source", callback=known_source, help="与 --all-clean 合用：只签某一来源")
@click.option("--file", help="只签这批交付中的一份文件")
@click.option("--decision", default="接收", show_default=True, help="接收 退回 改规则（accepted returned rule_change）")
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="签字人")
@click.option("--note", help="说明；退回与改规则必须写")
@click.option("--at", type=_MOMENT, help="签字时间，默认现在")
def sign(
    deliveries: tuple[str, ...],
    all_clean: bool,
    source: str | None,
    file: str | None,
    decision: str,
    by: str,
    note: str | None,
    at: datetime | None,
) -> None:
    """签字：谁看过这批交付、怎么定的。只增不改；重新交付后内容一变，须重新签。"""
    from pipelines import runs, signing
    from quality import signatures
    from transforms.tables import CORE_SIGNATURE
    from warehouse.lake import LakeBusy

    if bool(deliveries) == all_clean:
        stop("请用 --delivery 来源/日期 指明交付，或用 --all-clean 签全部没有可处理之事的交付（二者取一）")
    try:
        code = signatures.decision_of(decision)
        if code != "accepted" and all_clean:
            stop("--all-clean 只能用于接收")
        if code != "accepted" and not note:
            stop("退回与改规则须用 --note 写明说明")
        lake = runs.standing(settings_from())
        files = signing.account(lake)
        if all_clean:
            open_ = signatures.unsigned(files, lake.read(CORE_SIGNATURE))
            wanted = signing.clean(lake, signing.among(files, open_, source))
        else:
            wanted = signing.chosen(files, [signing.Span.of(text) for text in deliveries], file)
        moment = at or datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
        signed = signing.sign(lake, wanted, decision=code, by=by, note=note, at=moment, by_file=file is not None)
    except (signing.SignRefused, runs.Refused, LakeBusy, ValueError) as error:
        stop(str(error))
    name = signatures.DECISIONS[code]
    for row in signed.before.itertuples(index=False):
        console.print(f"已签过：{row.source} {row.delivery_date} {name}（{by}），没有再写", markup=False)
    if signed.fresh.empty and signed.before.empty:
        console.print("没有可签的交付：未签的都有要处理的事，见 dispute-lake quality unsigned", markup=False)
        return
    for row in signed.fresh.head(_TOLD).itertuples(index=False):
        console.print(f"已签：{row.source} {row.delivery_date} {row.file or '整批'} {name}（{by}）", markup=False)
    if len(signed.fresh) > _TOLD:
        console.print(f"…… 共 {len(signed.fresh):,} 批，见 dispute-lake quality signatures", markup=False)
    if len(signed.fresh):
        console.print("质量网页已更新；视图 signature 随下次 dispute-lake run 更新", markup=False)


@quality.command("signatures")
@_SOURCE
@click.option("--date", "day", type=DAY, help="只看某一天的交付")
@click.option("--by", help="只看某人签的")
@_LIMIT
def list_signatures(source: str | None, day: datetime | None, by: str | None, limit: int) -> None:
    """列出签字，最近的在前；含还没有发布的。"""
    from pipelines import signing

    found = signing.listed(_standing(), source=source, day=day.date() if day else None, by=by)
    if found.empty:
        console.print("没有签字。", markup=False)
        return
    show(found.head(limit), f"签字 {len(found):,} 次" + (f"（前 {limit} 次）" if len(found) > limit else ""))


@quality.command()
@_SOURCE
@_LIMIT
def unsigned(source: str | None, limit: int) -> None:
    """列出现行内容还没有人签的交付，最近的在前。"""
    from pipelines import signing
    from transforms.tables import CORE_SIGNATURE

    lake = _standing()
    found = signing.unsigned(signing.account(lake), lake.read(CORE_SIGNATURE))
    if source is not None:
        found = found.loc[found["来源"] == source]
    if found.empty:
        console.print("全部交付都已有人签字。", markup=False)
        return
    show(found.head(limit), f"未签的交付 {len(found):,} 批" + (f"（前 {limit} 批）" if len(found) > limit else ""))
    console.print("签一批：dispute-lake quality sign --delivery 来源/日期 --by 姓名 --note 说明", markup=False)
    console.print("签全部没有可处理之事的：dispute-lake quality sign --all-clean --by 姓名", markup=False)


@quality.command()
def page() -> None:
    """写出质量网页在哪里（用浏览器打开，无需网络）。"""
    index = settings_from().published / "quality" / "index.html"
    if not index.exists():
        stop(f"{index} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    console.print(str(index), markup=False)


def _standing() -> "Lake":
    """The lake, for reading; where there is none, a sentence, and the command ends."""
    from warehouse.lake import Lake, LakeRefused

    try:
        return Lake.standing(settings_from().root)
    except LakeRefused as error:
        stop(str(error))
