"""The versions of the match model: what each run measured of the one it used, and how two of them differ.

Here: what a run is measured by, keeping measurements, finding a version, tables for the command line, metadata for
Dagster. Not here: what is measured and when a difference counts (`transforms.matching.model_drift`), when a model is
trained (`stages`).
Measured -> core_match_model, core_match_score -> tables, metadata; restricted/models/*.json -> versions
"""

import json
from datetime import date
from typing import Any

import pandas as pd

from transforms.matching import model_drift
from transforms.matching.linking import Matched
from transforms.matching.model import Model
from transforms.matching.model_drift import Measured, Scored
from transforms.matching.trees import COLUMNS
from transforms.tables import CORE_MATCH_MODEL, CORE_MATCH_SCORE
from warehouse.lake import Lake


def measure(con: Any, matched: Matched) -> Measured:
    """Measures a full linking by the sample of scored pairs that it left in ``con``: m_record, m_vector, m_score."""
    pairs = con.execute(
        """
        select s.weight, l.day as first, r.day as second
        from m_score s join m_record l on l.n = s.l join m_record r on r.n = s.r order by s.l, s.r
        """
    ).fetchnumpy()
    scored = Scored(pairs["weight"], pairs["first"], pairs["second"])
    vectors = con.execute(f"select {', '.join(COLUMNS)} from m_vector order by l, r").df()
    [(records,)] = con.execute("select count(*) from m_record").fetchall()
    return model_drift.measure(Model.from_json(matched.model), records=records, scored=scored, vectors=vectors)


def keep(lake: Lake, measured: Measured, *, version: str, as_of: date) -> dict[str, Any]:
    """Keeps what a run measured, and returns how it differs from the run before.

    Of each version the first run and the newest stay: what it was trained on, and what it meets now.

    Returns:
        ``compared_with`` (version and date of the run before, or None), ``matched_share``, ``level_psi`` and
        ``level_comparison`` (the largest over comparisons), ``weight_change`` (the largest mean over comparisons),
        ``month_psi`` (scores of the last month against those before); None where there is nothing to compare.
    """
    standing = lake.read(CORE_MATCH_MODEL)
    own = standing["version"] == version
    first = standing.loc[own, "as_of"].min()
    kept = standing[(standing["as_of"] != as_of) & ~(own & (standing["as_of"] != first))]
    levels = measured.levels.assign(version=version, as_of=as_of)
    lake.replace(CORE_MATCH_MODEL.name, _sorted(kept, levels, CORE_MATCH_MODEL.key))
    scores = lake.read(CORE_MATCH_SCORE)
    scores = scores[(scores["version"] != version) & (scores["as_of"] != as_of)]
    now = measured.scores.assign(version=version, as_of=as_of)
    lake.replace(CORE_MATCH_SCORE.name, _sorted(scores, now, CORE_MATCH_SCORE.key))
    monthly = model_drift.months(measured.scores)["psi"].dropna()
    found: dict[str, Any] = {
        "compared_with": None,
        "matched_share": float(levels["matched_share"].iloc[0]),
        "month_psi": round(float(monthly.iloc[-1]), 4) if len(monthly) else None,
    }
    earlier = standing[standing["as_of"] < as_of]
    if earlier.empty:
        return found
    before = earlier[earlier["as_of"] == earlier["as_of"].max()]
    comparisons, _ = model_drift.compare(before, levels)
    worst = comparisons.sort_values("psi", ascending=False, kind="stable").iloc[0]
    return found | {
        "compared_with": f"{before['version'].iloc[0]}（{before['as_of'].iloc[0]}）",
        "level_psi": round(float(worst["psi"]), 4),
        "level_comparison": worst["comparison_name"],
        "level_says": worst["says"],
        "weight_change": round(float(comparisons["weight_change"].max()), 4),
    }


def _sorted(kept: pd.DataFrame, new: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    both = pd.concat([kept, new], ignore_index=True) if len(kept) else new
    return both.sort_values(list(key), kind="stable", ignore_index=True)


def metadata(report: dict[str, Any]) -> dict[str, Any]:
    """Returns what Dagster shows, and plots over runs, of a matching's report."""
    drift = report.get("drift", {})
    told = {
        "模型版本": report.get("model_version"),
        "匹配率": drift.get("matched_share"),
        "与哪次运行相比": drift.get("compared_with"),
        "级别分布漂移 PSI": drift.get("level_psi"),
        "漂移最大的比较项": drift.get("level_comparison"),
        "权重平均变动": drift.get("weight_change"),
        "最近一月得分漂移 PSI": drift.get("month_psi"),
    }
    return {name: value for name, value in told.items() if value is not None}


def versions(lake: Lake) -> pd.DataFrame:
    """Returns all versions in the order of their dates: trained on what, trees, first and last use, match rate."""
    used = lake.read(CORE_MATCH_MODEL)
    runs = used.groupby("version").agg(first=("as_of", "min"), last=("as_of", "max"))
    newest = used.sort_values("as_of", kind="stable").drop_duplicates("version", keep="last").set_index("version")
    rows = []
    for file in sorted((lake.restricted / "models").glob("*.json")):
        content = json.loads(file.read_text("utf-8"))
        trained, use = content["trained"], runs.reindex([file.stem]).iloc[0]
        rows.append(
            {
                "版本": file.stem,
                "训练记录": trained.get("records"),
                "训练候选对": trained.get("candidates"),
                "编号种子": trained.get("seeds"),
                "训练匹配占比": trained.get("matched_share"),
                "决策树": len(content["trees"]["start"]) if "trees" in content else 0,
                "首次使用": use["first"],
                "最近使用": use["last"],
                "最近匹配率": newest["matched_share"].get(file.stem),
            }
        )
    return pd.DataFrame(rows)


def measured(lake: Lake, named: str | None, *, first: bool = False) -> pd.DataFrame:
    """Returns the rows of one run of a version: of its newest run, or of its first.

    Args:
        lake: an open lake.
        named: a version or how it begins; None: the one of the newest run.
        first: the first run instead.

    Raises:
        LookupError: no such version, several, or none that was measured; the sentence is for the user.
    """
    rows = lake.read(CORE_MATCH_MODEL)
    if rows.empty:
        raise LookupError("还没有量过任何模型版本：请先运行 dispute-lake run")
    if named is None:
        named = rows.sort_values("as_of", kind="stable")["version"].iloc[-1]
    known = sorted(set(rows["version"]))
    found = [version for version in known if version.startswith(named)]
    if len(found) != 1:
        which = "没有" if not found else "不止一个"
        raise LookupError(f"{which}版本以 {named} 开头；量过的版本：{'、'.join(known)}")
    own = rows[rows["version"] == found[0]]
    day = own["as_of"].min() if first else own["as_of"].max()
    return own[own["as_of"] == day].sort_values(["comparison", "level_order"], kind="stable", ignore_index=True)


def two(lake: Lake, before: str | None, after: str | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the measurements to compare: of two versions, or, without names, of the newest and the one before it; of
    a single version its first run and its newest.

    Raises:
        LookupError: see `measured`; also where there is only one run.
    """
    later = measured(lake, after)
    rows = lake.read(CORE_MATCH_MODEL)
    version, day = later["version"].iloc[0], later["as_of"].iloc[0]
    if before is None:
        others = rows[(rows["version"] != version) & (rows["as_of"] < day)].sort_values("as_of", kind="stable")
        before = version if others.empty else others["version"].iloc[-1]
    earlier = measured(lake, before)
    if earlier["version"].iloc[0] == version:
        earlier = measured(lake, version, first=True)
    if (earlier["version"].iloc[0], earlier["as_of"].iloc[0]) == (version, day):
        raise LookupError(f"只有一次运行（{version}，{day}），还没有可比的；下次运行之后再看")
    return earlier, later


def scores(lake: Lake, version: str) -> pd.DataFrame:
    """Returns the months of a version's newest run, see `model_drift.months`."""
    rows = lake.read(CORE_MATCH_SCORE)
    return model_drift.months(rows[rows["version"] == version])
