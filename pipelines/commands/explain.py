"""`dispute-lake explain`: why two records are one dispute or not, bar by bar; what holds a dispute together.

Here: options and what is printed. Not here: the pair and its parts (`explaining`), the chart
(`transforms.matching.waterfall`).
arguments -> Pair -> table, HTML
"""

import getpass
from pathlib import Path

import click
import pandas as pd

from pipelines.terminal import FAILED, console, display, settings_from, show, stop

WIDTH = 28
KINDS = {"first": "首次", "repeat": "同人同事", "same_matter": "异人同事", "transfer": "系统间移送"}
DECIDERS = {"model": "模型打分", "number": "官方编号", "verdict": "人工裁定"}


@click.command()
@click.argument("first", metavar="甲")
@click.argument("second", metavar="[乙]", required=False)
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="把瀑布图存成网页（不联网可看）")
@click.option("--reveal", is_flag=True, help="显示姓名、电话、地址原文；须写 --reason，查看留档")
@click.option("--by", default=getpass.getuser, show_default="当前用户", help="查看人")
@click.option("--reason", help="事由，留档")
@click.option("--limit", default=30, show_default=True, type=click.IntRange(min=1), help="纠纷的链接最多列多少对")
def explain(
    first: str, second: str | None, page: Path | None, reveal: bool, by: str, reason: str | None, limit: int
) -> None:
    """解释两条记录为何（不）算同一纠纷：各项证据各加减多少权重。

    甲、乙是事件编号（ev_…）或来源系统的记录编号；只给一条记录，则解释它凭哪一条归入纠纷；只给纠纷编号（d_…），
    则列出其中各条记录与各对链接的理由。
    """
    settings = settings_from()
    if not settings.warehouse.exists():
        stop(f"{settings.root} 还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    if reveal and not reason:
        stop("显示原文须写 --reason 事由，查看会留档")
    if second is None and first.startswith("d_"):
        _dispute(settings.warehouse, first, limit)
        return
    from pipelines import explaining, runs
    from pipelines.reviewing import ReviewRefused, find_record
    from transforms.matching import waterfall

    try:
        lake = runs.standing(settings)
        left = find_record(lake, first)
        right = find_record(lake, second) if second is not None else explaining.linked(settings.warehouse, left)
        if right is None:
            stop(f"{first} 是所属纠纷的首条记录，或不属任何纠纷；请再给一条记录与它相比", FAILED)
        with display():
            pair = explaining.pair(lake, settings.warehouse, left, right)
        if reveal and reason:
            events = pair.records["event_id"].tolist()
            pair = explaining.shown(pair, explaining.revealed(lake, events, by=by, reason=reason))
    except runs.Refused as error:
        stop(str(error))
    except (LookupError, ReviewRefused, ValueError) as error:
        stop(str(error), FAILED)
    for line in explaining.in_words(pair.records):
        console.print(line, markup=False)
    table = pair.bars.rename(columns={"label": "比较项", "says": "结果", "value_l": "甲", "value_r": "乙"})[
        ["比较项", "结果", "甲", "乙"]
    ]
    table["权重"] = pair.bars["weight"].map("{:+.2f}".format)
    table["累计"] = drawn(pair.bars)
    show(table, f"权重的构成（模型 {pair.version}；以 2 为底，每加 1 可能性翻倍）")
    chance = waterfall.probability(pair.decided.weight)
    verdict = "现属同一纠纷" if pair.is_one else "现不属同一纠纷"
    decider = DECIDERS[pair.decided.decided_by]
    console.print(f"合计 {pair.decided.weight:+.2f}，同一纠纷的概率 {chance:.1%}（{decider}）；{verdict}", markup=False)
    if pair.link is not None:
        console.print(f"理由：{pair.link['explanation']}", markup=False)
    elif not pair.is_one:
        console.print("这一对没有列入 link：权重未过门槛，两条记录也不在同一纠纷", markup=False)
    if not pair.is_of_model:
        console.print("注意：发布的权重与现在所算不同——其后换了模型或改了记录，下次运行后一致", markup=False)
    if reveal:
        console.print("本次查看已留档", markup=False)
    if page is not None:
        names = "、".join(pair.records["event_id"])
        page.write_text(waterfall.waterfall_html(pair.bars, title=f"匹配权重的构成：{names}"), "utf-8")
        console.print(f"瀑布图：{page}", markup=False)


def drawn(bars: pd.DataFrame, width: int = WIDTH) -> list[str]:
    """Draws the bars of a waterfall as text, all on one scale: █ what adds, ░ what takes away, ┊ the zero."""
    before = (bars["after"] - bars["weight"]).where(bars["part"] != "total", 0.0)
    low, high = min(0.0, before.min(), bars["after"].min()), max(0.0, before.max(), bars["after"].max())
    scale = (width - 1) / ((high - low) or 1.0)
    zero = round((0 - low) * scale)
    lines = []
    for start, end in zip(before, bars["after"], strict=True):
        first, last = sorted((round((start - low) * scale), round((end - low) * scale)))
        mark = "█" if end >= start else "░"
        cells = [mark if first <= place <= last else "┊" if place == zero else " " for place in range(width)]
        lines.append("".join(cells).rstrip())
    return lines


def _dispute(warehouse: Path, dispute_id: str, limit: int) -> None:
    from pipelines import explaining
    from sources import contract

    try:
        records, links = explaining.dispute(warehouse, dispute_id)
    except LookupError as error:
        stop(str(error), FAILED)
    short = {event: number for number, event in enumerate(records["event_id"], 1)}
    ends = pd.DataFrame({name: links[name].map(short) for name in ("event_id_l", "event_id_r")}, dtype="int64")
    told = pd.DataFrame(
        {
            "序": list(short.values()),
            "来源": [contract.load(source).label for source in records["source"]],
            "编号": records["source_record_id"],
            "受理": records["reported_at"].dt.strftime("%Y-%m-%d"),
            "归入": records["link_kind"].map(KINDS),
            "凭": records["linked_event_id"].map(short).astype("Int64"),
            "理由": records["explanation"],
        }
    )
    show(told, f"纠纷 {dispute_id}：{len(records):,} 条记录")
    if links.empty:
        console.print("只有一条记录，没有链接", markup=False)
        return
    pairs = pd.DataFrame(
        {
            "甲": ends.min(axis=1),
            "乙": ends.max(axis=1),
            "权重": links["match_weight"].map("{:+.1f}".format),
            "概率": links["match_probability"].map("{:.1%}".format),
            "由": links["decided_by"].map(DECIDERS),
            "理由": links["explanation"],
        }
    )
    possible = len(records) * (len(records) - 1) // 2
    more = f"（前 {limit} 对）" if len(pairs) > limit else ""
    show(pairs.head(limit), f"其中打过分的 {len(pairs):,} 对，共 {possible:,} 对{more}")
    weakest = links.iloc[-1]
    console.print(
        f"看最弱一对的构成：dispute-lake explain {weakest['event_id_l']} {weakest['event_id_r']}", markup=False
    )
