"""`dispute-lake warning`: what is warned of, and what people say of it.

Here: options and what is printed. Not here: reading (`pipelines.review.alerts`), writing (`pipelines.reviewing`).
arguments -> alerts, reviewing -> text
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pipelines.terminal import DAY, console, settings_from, show, stop

if TYPE_CHECKING:
    from pipelines.reviewing import Act

_BY = click.option("--by", required=True, help="谁，留档；不进入发布")
_NOTE = click.option("--note", help="说明，留档；发布时去除电话、证件、姓名")
_COLUMNS = {
    "warning_id": "编号", "level": "级别", "rule_name": "规则", "area_name": "区域", "first_seen_at": "首次可知",
    "state": "现状", "evidence": "依据", "judgement": "判定", "acknowledged_by": "签收",
}  # fmt: skip


@click.group()
def warning() -> None:
    """预警：列出、查看、签收、判定（属实 不实 已知）。

    签收与判定立即写下，在下次 dispute-lake run 时进入发布；判为不实的即解除，除非升了一级，不再发。
    """


@warning.command("list")
@click.option("--area", help="区域：市、区县、乡镇、村的代码或名称；不写则全市")
@click.option("--rule", help="规则代码或名称，如 mass、群体性苗头")
@click.option("--level", type=click.Choice(["红", "橙", "黄", "蓝"]), help="只看某一级")
@click.option("--day", type=DAY, help="看某一天当时的情形；默认最近一次运行之日")
@click.option(
    "--which", type=click.Choice(["open", "told", "all"]), default="open", show_default=True,
    help="open 尚未解除的，told 当日告知该区域中心的（含暂缓的），all 全部",
)  # fmt: skip
@click.option("--limit", default=30, show_default=True, type=click.IntRange(min=1), help="最多列多少条")
def list_warnings(
    area: str | None, rule: str | None, level: str | None, day: datetime | None, which: str, limit: int
) -> None:
    """列出预警，最急的在前。"""
    import pandas as pd

    from pipelines.review import alerts

    with _reading() as (con, said):
        found = alerts.listed(
            con, said, which=which, area=alerts.area_of(area) if area else None,
            rule=alerts.rule_of(rule) if rule else None, level=level, day=day.date() if day else None,
        )  # fmt: skip
    if not found:
        console.print("没有符合的预警。")
        return
    frame = pd.DataFrame(found[:limit])
    frame["state"] = [_state(each) for each in found[:limit]]
    title = f"预警 {len(found):,} 条" + (f"（前 {limit} 条）" if len(found) > limit else "")
    show(frame[list(_COLUMNS)].rename(columns=_COLUMNS), title)


@warning.command("show")
@click.argument("warning_id")
def show_warning(warning_id: str) -> None:
    """查看一条预警：依据、经过、告知了谁、谁说了什么、所涉的记录。"""
    import pandas as pd

    from pipelines.review import alerts

    with _reading() as (con, said):
        one = alerts.shown(con, said, warning_id)
    console.print(
        f"{one['level']} {one['rule_name']}　{one['area_name'] or one['area_code']}　{_state(one)}", markup=False
    )
    console.print(f"依据：{one['evidence']}", markup=False)
    console.print(
        f"对象：{one['raised_for']}；纠纷 {one['dispute_id'] or '（区域类，无）'}；发出 {one['times_raised']} 次",
        markup=False,
    )
    show(
        _named(one["steps"], {"day": "日期", "what": "经过", "level": "级别", "evidence": "依据", "reason": "原因"}),
        "经过",
    )
    if one["notices"]:
        told = pd.DataFrame(one["notices"]).assign(
            how=lambda frame: frame["is_held_back"].map({True: "暂缓", False: "告知"})
        )
        names = {"day": "日期", "recipient_name": "单位", "told_because": "因", "rank": "排第", "how": "结果"}
        show(told[list(names)].rename(columns=names), "告知")
    if one["said"]:
        names = {"number": "编号", "what": "说了什么", "by": "谁", "at": "何时", "note": "说明", "withdraws": "撤回的"}
        show(_named(one["said"], names), "签收与判定")
    if one["records"]:
        names = {"at": "受理", "source": "来源", "source_record_id": "编号", "title": "标题", "status": "状态"}
        show(_named(one["records"], names), "所涉的记录，最近的在前")


@warning.command()
@click.argument("warning_id")
@_BY
@_NOTE
def ack(warning_id: str, by: str, note: str | None) -> None:
    """签收一条预警：已经看到，由谁负责。"""
    _say(warning_id, "acknowledge", by, None, note)


@warning.command()
@click.argument("warning_id")
@click.argument("judgement", metavar="属实|不实|已知")
@_BY
@_NOTE
def judge(warning_id: str, judgement: str, by: str, note: str | None) -> None:
    """判定一条预警：属实；不实（即解除）；已知（情况不假，早已掌握）。"""
    _say(warning_id, "judge", by, judgement, note)


@warning.command()
@click.argument("number")
@_BY
@_NOTE
def withdraw(number: str, by: str, note: str | None) -> None:
    """撤回一次签收或判定（w_…），不论谁作出的。"""
    from pipelines import reviewing
    from pipelines.review.desk import now

    if not number.startswith("w_"):
        stop(f"{number} 不是签收或判定的编号（w_…）；裁定与更正请用 dispute-lake review withdraw")
    _do(lambda lake: reviewing.withdraw(lake, number, by=by, at=now(), reason=note), by, "已撤回")


def _say(warning_id: str, kind: str, by: str, judgement: str | None, note: str | None) -> None:
    from pipelines import reviewing
    from pipelines.review.desk import now

    _do(
        lambda lake: reviewing.speak(lake, warning_id, kind, by=by, at=now(), judgement=judgement, note=note),
        by, f"已判为{judgement}" if judgement else "已签收",
    )  # fmt: skip


def _do(work: Any, by: str, what: str) -> None:
    from pipelines.reviewing import ReviewRefused
    from warehouse.lake import LakeBusy

    try:
        done: Act = work(_lake())
    except (ReviewRefused, LakeBusy) as error:
        stop(str(error))
    if done.is_new:
        console.print(f"{what}（{done.number}）；下次 dispute-lake run 时进入发布", markup=False)
    else:
        console.print(f"{by} 先前已如此说过（{done.number}），没有再写", markup=False)


@contextmanager
def _reading() -> Iterator[tuple[Any, Any]]:
    """The publication, and what people said of warnings up to now; what is refused ends the command."""
    import duckdb

    from pipelines.reviewing import ReviewRefused
    from transforms.tables import CORE_WARNING_ACT

    warehouse = settings_from().warehouse
    if not warehouse.exists():
        stop(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            yield con, _lake().read(CORE_WARNING_ACT)
    except ReviewRefused as error:
        stop(str(error))
    except (duckdb.CatalogException, duckdb.BinderException):
        stop(f"{warehouse} 是较早的版本发布的，缺少这里要用的内容。请先运行 dispute-lake run。")


def _lake() -> Any:
    from pipelines import runs

    try:
        return runs.standing(settings_from())
    except runs.Refused as error:
        stop(str(error))


def _state(one: dict[str, Any]) -> str:
    is_open = one["is_open"] if "is_open" in one else one["status"] == "open"
    if not is_open:
        return f"已解除（{one['closed_reason']}）"
    return "生效" if not one.get("is_held_back") else "生效，当日暂缓"


def _named(rows: list[dict[str, Any]], names: dict[str, str]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows)[list(names)].rename(columns=names)
