"""`dispute-lake review`: a person's verdicts on pairs and disputes, and corrections of records.

Here: options and what is printed. Not here: what is shown (`pipelines.review`), what an act does
(`pipelines.reviewing`).
arguments -> desk -> page or terminal; arguments -> core_verdict, core_correction
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from pipelines.terminal import console, settings_from, show, stop

if TYPE_CHECKING:
    from pipelines.review.desk import Desk
    from pipelines.reviewing import Act
    from warehouse.lake import Lake

_BY = click.option("--by", required=True, help="裁定人姓名，留档")
_WHY = click.option("--why", help="理由，留档；发布时去除电话、证件、姓名")
_SAID = {
    "same": "same", "同一": "same", "1": "same", "different": "different", "不同": "different", "2": "different",
    "unsure": "unsure", "不确定": "unsure", "3": "unsure",
}  # fmt: skip


@click.group(invoke_without_command=True)
@click.option("--by", help="裁定人姓名，留档（打开网页或终端时必须写）")
@click.option("--terminal", is_flag=True, help="在终端里逐对裁定，不开网页")
@click.option("--port", default=0, show_default="任一空闲端口", help="网页的端口；只在本机可见")
@click.option("--label", help="网页页首的标注，如 模拟数据")
@click.pass_context
def review(context: click.Context, by: str | None, terminal: bool, port: int, label: str | None) -> None:
    """裁定：两条记录是不是同一纠纷，拆分与合并，更正记录；默认打开一个只在本机可见的网页。

    裁定立即写下，在下次 dispute-lake run 时生效；它高于模型，重跑不变，也用于评测。
    """
    if context.invoked_subcommand is not None:
        return
    if not by:
        stop("请写明是谁在裁定：dispute-lake review --by 姓名")
    desk = _desk(by)
    try:
        if terminal:
            _in_terminal(desk)
        else:
            _in_browser(desk, port, label)
    finally:
        desk.close()


def _in_terminal(desk: "Desk") -> None:
    from pipelines.review.terminal import sit
    from pipelines.reviewing import ReviewRefused

    try:
        given = sit(desk, console, input)
    except ReviewRefused as error:
        stop(str(error))
    console.print(f"本次裁定 {given} 对；下次 dispute-lake run 时生效", markup=False)


def _in_browser(desk: "Desk", port: int, label: str | None) -> None:
    from pipelines.review.server import ReviewServer
    from pipelines.reviewing import ReviewRefused

    try:
        left = len(desk.queue()["items"])
        server = ReviewServer(desk, port=port, note=label)
    except ReviewRefused as error:
        stop(str(error))
    except OSError as error:
        stop(f"端口 {port} 不能用（{error.strerror}）；请换一个 --port，或不写")
    with server, suppress(KeyboardInterrupt):
        console.print(f"要裁定的 {left} 对，裁定人 {desk.by}；在本机浏览器打开（含口令，勿转发）：", markup=False)
        console.print(server.address, markup=False)
        console.print("Ctrl-C 结束；每次裁定都已写下", markup=False)
        console.file.flush()  # the address, also where a log is read
        server.serve_forever()


@review.command()
@click.argument("event_a")
@click.argument("event_b")
@click.argument("verdict", metavar="same|different|unsure")
@_BY
@_WHY
def give(event_a: str, event_b: str, verdict: str, by: str, why: str | None) -> None:
    """裁定两条记录（事件编号或来源记录编号）：same 同一，different 不同，unsure 不确定。"""
    code = _SAID.get(verdict)
    if code is None:
        stop(f"“{verdict}”不是裁定；应是 same（同一）、different（不同）或 unsure（不确定）")
    _do(by, lambda desk: desk.judge(_record(desk.lake, event_a), _record(desk.lake, event_b), code, why))


@review.command()
@click.argument("dispute_id")
@click.argument("events", nargs=-1, required=True)
@_BY
@_WHY
def split(dispute_id: str, events: tuple[str, ...], by: str, why: str | None) -> None:
    """拆分纠纷：把所写的记录从它拆出，成为另一起。"""
    _do(by, lambda desk: desk.split(dispute_id, [_record(desk.lake, event) for event in events], why))


@review.command()
@click.argument("disputes", nargs=-1, required=True)
@_BY
@_WHY
def merge(disputes: tuple[str, ...], by: str, why: str | None) -> None:
    """合并纠纷：所写的各纠纷现有的记录成为一起。"""
    _do(by, lambda desk: desk.merge(list(disputes), why))


@review.command()
@click.argument("event")
@click.option("--field", required=True, help="更正哪一项：is_dispute 是否纠纷，category_code 类别，area_code 地点")
@click.option("--value", required=True, help="更正为：是 否；类别代码或名称；区县、乡镇、村的代码或名称")
@_BY
@_WHY
def correct(event: str, field: str, value: str, by: str, why: str | None) -> None:
    """更正一条记录：是不是纠纷、类别、地点；原值仍可在视图 correction 中看到。"""
    _do(by, lambda desk: desk.correct(_record(desk.lake, event), field, value, why))


@review.command()
@click.argument("number")
@_BY
@_WHY
def withdraw(number: str, by: str, why: str | None) -> None:
    """撤回一次裁定（v_…）或更正（c_…），不论谁作出的。"""
    _do(by, lambda desk: desk.withdraw(number, why), "已撤回")


@review.command("list")
@click.option("--by", help="只看某人作出的")
@click.option("--standing", is_flag=True, help="只看现在生效或待运行的")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1), help="最多列多少行")
def list_acts(by: str | None, standing: bool, limit: int) -> None:
    """列出裁定与更正，最近的在前；含还没有运行的。"""
    from pipelines import reviewing

    found = reviewing.acts(_lake())
    if by is not None:
        found = found[found["by"] == by]
    if standing:
        found = found[found["state"].isin(["生效", "待运行"])]
    if found.empty:
        console.print("没有裁定或更正。", markup=False)
        return
    told = found.head(limit).assign(at=found["at"].dt.floor("s").astype("str"), events=found["events"].str.join(" "))
    names = {
        "number": "编号",
        "at": "时间",
        "by": "谁",
        "what": "做了什么",
        "reason": "理由",
        "events": "记录",
        "state": "现状",
    }
    title = f"裁定与更正 {len(found):,} 次" + (f"（前 {limit} 次）" if len(found) > limit else "")
    show(told[list(names)].rename(columns=names), title)


@review.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="最多列多少对")
def queue(limit: int) -> None:
    """列出要裁定的对，裁定后改变最大的在前。"""
    import pandas as pd

    from pipelines.reviewing import ReviewRefused

    desk = _desk("")
    try:
        items = desk.queue()["items"]
    except ReviewRefused as error:
        stop(str(error))
    finally:
        desk.close()
    if not items:
        console.print("没有要裁定的对。", markup=False)
        return
    names = {"kind_name": "问题", "left": "甲", "right": "乙", "size_l": "甲方条数", "size_r": "乙方条数",
             "uncertainty": "不确定度", "change": "预计改变的对数"}  # fmt: skip
    frame = pd.DataFrame(items[:limit])[list(names)].rename(columns=names)
    show(frame, f"要裁定的 {len(items):,} 对" + (f"（前 {limit} 对）" if len(items) > limit else ""))


def _do(by: str, work: Callable[["Desk"], "Act"], what: str = "已记下") -> None:
    from pipelines.reviewing import ReviewRefused
    from transforms.corrections import CorrectionRefused
    from warehouse.lake import LakeBusy

    desk = _desk(by)
    try:
        done = work(desk)
    except (ReviewRefused, CorrectionRefused, LakeBusy) as error:
        stop(str(error))
    finally:
        desk.close()
    if done.is_new:
        console.print(f"{what}（{done.number}）；下次 dispute-lake run 时生效", markup=False)
    else:
        console.print(f"{by} 先前已如此裁定（{done.number}），没有再写", markup=False)


def _record(lake: "Lake", named: str) -> str:
    from pipelines import reviewing

    return reviewing.find_record(lake, named)


def _desk(by: str) -> "Desk":
    from pipelines.review.desk import Desk

    return Desk(_lake(), settings_from().warehouse, by=by)


def _lake() -> Any:
    from pipelines import runs

    try:
        return runs.standing(settings_from())
    except runs.Refused as error:
        stop(str(error))
