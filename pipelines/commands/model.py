"""`dispute-lake model`: versions of the match model, what each weighs, and whether it still weighs what it did.

Here: options and tables on the terminal. Not here: the queries (`modelling`), what counts as a change
(`transforms.matching.model_drift`).
arguments -> core_match_model, restricted/models -> tables
"""

from typing import TYPE_CHECKING

import click
import pandas as pd

from pipelines.terminal import FAILED, console, settings_from, show, stop

if TYPE_CHECKING:
    from warehouse.lake import Lake

_ALL = click.option("--all", "everything", is_flag=True, help="列出全部级别，而不只是变动最大的二十个")
_MOST = 20


@click.group()
def model() -> None:
    """匹配模型：有哪些版本、各级别的权重，与之前相比有没有漂移。"""


@model.command("list")
def list_versions() -> None:
    """各版本：由什么训练、何时使用、匹配率。"""
    from pipelines import modelling

    found = modelling.versions(_lake())
    if found.empty:
        stop("还没有模型版本：请先运行 dispute-lake run", FAILED)
    for name in ("训练匹配占比", "最近匹配率"):
        found[name] = found[name].map("{:.2%}".format, na_action="ignore")
    show(found, "模型版本（参数全文：受限区 models/<版本>.json）")


@model.command("show")
@click.argument("version", required=False, metavar="[版本]")
def show_version(version: str | None) -> None:
    """一个版本的各级别：m、u、权重、实际平均作用与出现的比例，及逐月得分漂移；不写版本则为最近所用。"""
    from pipelines import modelling

    lake = _lake()
    try:
        rows = modelling.measured(lake, version)
    except LookupError as error:
        stop(str(error), FAILED)
    head = rows.iloc[0]
    console.print(
        f"版本 {head['version']}，{head['as_of']} 的运行：记录 {head['records']:,}，候选对 {head['candidates']:,}，"
        f"匹配率 {head['matched_share']:.2%}",
        markup=False,
    )
    told = pd.DataFrame({"比较项": rows["comparison_name"], "级别": rows["level_name"]})
    told["m"] = rows["m"].map("{:.4f}".format, na_action="ignore")
    told["u"] = rows["u"].map("{:.2g}".format, na_action="ignore")
    told["权重"] = rows["weight"].map("{:+.2f}".format, na_action="ignore")
    told["平均作用"] = rows["mean_contribution"].map("{:+.2f}".format, na_action="ignore")
    told["占候选"] = (rows["candidate_count"] / max(head["candidates"], 1)).map("{:.2%}".format)
    matches = rows.groupby("comparison")["match_count"].transform("sum").clip(lower=1)
    told["占匹配"] = (rows["match_count"] / matches).map("{:.2%}".format)
    show(told, "各级别（平均作用：打分实际加减的权重，以 2 为底）")
    _months(modelling.scores(lake, head["version"]))


@model.command()
@click.argument("before", required=False, metavar="[甲版本]")
@click.argument("after", required=False, metavar="[乙版本]")
@_ALL
def compare(before: str | None, after: str | None, everything: bool) -> None:
    """两个版本相比：匹配率、级别分布的 PSI、权重的变动。不写则比最近两个；只有一个，则比它首次与最近的运行。"""
    from pipelines import modelling
    from transforms.matching import model_drift

    lake = _lake()
    try:
        one, other = modelling.two(lake, before, after)
    except LookupError as error:
        stop(str(error), FAILED)
    for name, head in (("甲", one.iloc[0]), ("乙", other.iloc[0])):
        console.print(
            f"{name}：{head['version']}，{head['as_of']} 的运行：记录 {head['records']:,}，候选对 "
            f"{head['candidates']:,}，匹配率 {head['matched_share']:.2%}",
            markup=False,
        )
    comparisons, levels = model_drift.compare(one, other)
    told = pd.DataFrame({"比较项": comparisons["comparison_name"]})
    told["PSI"] = comparisons["psi"].map("{:.4f}".format)
    told["偶然上限"] = comparisons["bound"].map("{:.4f}".format)
    told["判断"] = comparisons["says"]
    told["权重平均变动"] = comparisons["weight_change"].map("{:.2f}".format)
    show(told, "匹配的对在各级别上的分布（PSI：不足 0.1 稳定，0.25 以上明显变化）")
    chosen = levels if everything else levels.loc[_largest(levels)]
    told = pd.DataFrame({"比较项": chosen["comparison_name"], "级别": chosen["level_name"]})
    for label, column, form in (
        ("权重甲", "weight_l", "{:+.2f}"),
        ("权重乙", "weight_r", "{:+.2f}"),
        ("平均作用甲", "contribution_l", "{:+.2f}"),
        ("平均作用乙", "contribution_r", "{:+.2f}"),
        ("占匹配甲", "share_l", "{:.2%}"),
        ("占匹配乙", "share_r", "{:.2%}"),
    ):
        told[label] = chosen[column].map(form.format, na_action="ignore")
    show(told, "全部级别" if everything else f"平均作用变动最大的 {len(told)} 个级别")
    _months(modelling.scores(lake, other["version"].iloc[0]))


def _largest(levels: pd.DataFrame) -> pd.Index:
    """The levels whose contribution changed most, counted by how many matches are on them."""
    change = (levels["contribution_r"] - levels["contribution_l"]).abs().fillna(0)
    weighed = change * (levels["share_l"] + levels["share_r"])
    return weighed.sort_values(ascending=False, kind="stable").index[:_MOST]


def _months(months: pd.DataFrame) -> None:
    if months.empty:
        return
    told = pd.DataFrame({"月份": [f"{month:%Y-%m}" for month in months["month"]], "候选对": months["candidates"]})
    told["匹配率"] = months["matched_share"].map("{:.2%}".format)
    told["PSI"] = months["psi"].map("{:.4f}".format, na_action="ignore")
    told["偶然上限"] = months["bound"].map("{:.4f}".format, na_action="ignore")
    told["判断"] = months["says"].astype("str").where(months["says"].notna(), "")
    show(told, "逐月得分分布，与此前各月相比（相隔不超过 31 天的候选对）")


def _lake() -> "Lake":
    from pipelines import runs

    try:
        return runs.standing(settings_from())
    except runs.Refused as error:
        stop(str(error))
