"""`dispute-lake risk`: what other weights would do, before they are put to work.

Here: options and what is printed. Not here: the judgement (`transforms.risk`), the comparison (`weighing`).
arguments -> weighing -> tables
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from pipelines.terminal import FAILED, console, settings_from, show, stop


@click.group()
def risk() -> None:
    """风险等级：权重与门槛在 transforms/risk.yml，每个纠纷的等级怎么来的在 dispute 的 risk_explanation。"""


@risk.command("what-if")
@click.option("--month", type=click.DateTime(formats=["%Y-%m"]), required=True, help="看哪个月，如 2025-05")
@click.option(
    "--weights", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="另一份 risk.yml，或只写要改的部分",
)  # fmt: skip
@click.option(
    "--set", "given", multiple=True, metavar="名称=数值", help="改一个权重或门槛，可写多次，如 --set threat=30"
)
@click.option("--examples", default=10, show_default=True, type=click.IntRange(0), help="列出改变最大的多少个纠纷")
def what_if(month: datetime, file: Path | None, given: tuple[str, ...], examples: int) -> None:
    """换一组权重，那个月会有多少纠纷的等级、层级改变：按区县列出，附例子。只看不改。

    按月末当日所知评估（不看以后的数据）：当月有反映的，和月初尚未化解的纠纷。
    """
    from pipelines import runs, weighing
    from pipelines.resources import history_sources, run_now
    from transforms import risk as rules
    from warehouse.lake import Lake, LakeRefused

    if file is None and not given:
        stop("没有写要改什么：请写 --weights 文件，或 --set 名称=数值（如 --set threat=30）")
    try:
        config = rules.changed(rules.settings(), _numbers(given), _read(file))
        settings = settings_from()
        lake = Lake.standing(settings.root)
        found = weighing.weigh(
            lake, month=month.date(), now=run_now(settings, lake), config=config, history_sources=history_sources(),
            examples=examples,
        )  # fmt: skip
    except LookupError as error:
        stop(str(error), FAILED)
    except (LakeRefused, runs.Refused, ValueError) as error:
        stop(str(error))
    frame = found.dispute
    moved = int((frame["tier"] != frame["tier_new"]).sum())
    console.print(
        f"{month:%Y-%m}，按 {found.as_of} 所知：{len(frame):,} 个纠纷，升级 {int((frame['rise'] > 0).sum()):,}，"
        f"降级 {int((frame['rise'] < 0).sum()):,}，层级改变 {moved:,}。只看不改；要启用，请改 transforms/risk.yml。",
        markup=False,
    )
    show(found.level, "等级：现在（行）与改后（列）")
    show(found.tier, "负责层级：现在（行）与改后（列）")
    show(found.county, "各区县")
    if len(found.example):
        show(found.example, f"改变最大的 {len(found.example)} 个纠纷")


def _numbers(given: tuple[str, ...]) -> dict[str, float]:
    numbers = {}
    for text in given:
        name, mark, value = text.partition("=")
        try:
            numbers[name.strip()] = float(value)
        except ValueError:
            mark = ""
        if not mark:
            stop(f"--set {text} 看不懂：请写成 名称=数值，如 --set threat=30")
    return numbers


def _read(file: Path | None) -> dict[str, Any]:
    import yaml

    if file is None:
        return {}
    try:
        loaded = yaml.safe_load(file.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        stop(f"{file} 不是 UTF-8 的 YAML：{str(error).splitlines()[0]}")
    if not isinstance(loaded, dict):
        stop(f"{file} 里没有权重：请照 transforms/risk.yml 的写法，写要改的部分")
    return loaded
