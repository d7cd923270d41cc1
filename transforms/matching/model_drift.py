"""Whether the match model still weighs as it did: its levels and scores measured in each run, and two of them compared.

Here: counting levels and scores of a run, the population stability index, the comparison of two measurements. Not here:
the model (`model`), when it is trained anew (the pipelines), tables and commands.
m_vector, m_score, Model -> core_match_model, core_match_score -> what changed
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from transforms.matching import waterfall
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import Model
from transforms.matching.trees import COLUMNS

SAMPLED = 200_000
"""What each level adds in trees is the mean over at most so many candidates: it is the same to the second digit."""

EDGES = np.arange(-12, 13, 2)
"""Weights (log2) between which scores are counted; below the first and above the last are bins too."""

CHANGED, MUCH_CHANGED = 0.1, 0.25

NEAR_DAYS = 31
"""Scores are compared between pairs this near in time: pairs further apart grow in number with the lake's age."""

FEWEST = 100
"""A month with fewer candidates says nothing about scores."""


@dataclass(frozen=True)
class Measured:
    """``levels``: in the columns of `CORE_MATCH_MODEL` from ``records`` on; ``scores``: of `CORE_MATCH_SCORE` from
    ``month`` on."""

    levels: pd.DataFrame
    scores: pd.DataFrame


def measure(con: Any, model: Model, *, vectors: str = "m_vector", scores: str = "m_score") -> Measured:
    """Counts the levels and the scores of a run.

    Args:
        con: connection as `linking.match` leaves it, with ``m_record``.
        model: what scored the pairs.
        vectors: table of the candidates' comparison vectors.
        scores: table of their weights: ``l``, ``r``, ``weight``.
    """
    names = [comparison.name for comparison in COMPARISONS]
    sets = ", ".join(f"({name})" for name in names)
    counted = con.execute(
        f"""
        select {", ".join(names)}, count(*) as candidate_count, count(*) filter (s.weight > 0) as match_count
        from {vectors} v join {scores} s on s.l = v.l and s.r = v.r group by grouping sets ({sets})
        """
    ).df()
    [(records,)] = con.execute("select count(*) from m_record").fetchall()
    [(candidates, matches)] = con.execute(f"select count(*), count(*) filter (weight > 0) from {scores}").fetchall()
    adds = _adds(con, model, vectors, candidates)
    frames = []
    for comparison in COMPARISONS:
        codes = ["missing", *(level.code for level in comparison.levels)]
        numbers = [-1, *range(len(comparison.levels) - 1, -1, -1)]
        own = counted[counted[comparison.name].notna()].set_index(comparison.name).reindex(numbers)
        weights = model.weights(comparison)
        frames.append(
            pd.DataFrame(
                {
                    "records": records,
                    "candidates": candidates,
                    "matched_share": round(matches / max(candidates, 1), 6),
                    "comparison": comparison.name,
                    "comparison_name": comparison.label,
                    "level": codes,
                    "level_name": list(waterfall.LEVELS[comparison.name].values()),
                    "level_order": range(len(codes)),
                    "m": [None, *(model.m[comparison.name][code] for code in codes[1:])],
                    "u": [None, *(model.u[comparison.name][code] for code in codes[1:])],
                    "weight": [None, *(round(weights[code], 4) for code in codes[1:])],
                    "mean_contribution": adds[comparison.name].reindex(numbers).round(3).to_numpy(),
                    "candidate_count": own["candidate_count"].fillna(0).astype("int64").to_numpy(),
                    "match_count": own["match_count"].fillna(0).astype("int64").to_numpy(),
                }
            )
        )
    levels = pd.concat(frames, ignore_index=True).astype({"m": "float64", "u": "float64", "weight": "float64"})
    return Measured(levels, _scores(con, scores))


def _adds(con: Any, model: Model, vectors: str, candidates: int) -> dict[str, pd.Series]:
    """What each comparison adds on average, by its level, over every n-th candidate."""
    step = candidates // SAMPLED + 1
    sample = con.execute(
        f"select {', '.join(COLUMNS)} from {vectors} where (l * 31 + r) % {step} = 0 order by l, r"
    ).df()
    _, parts = waterfall.take_apart(model, sample)
    return {
        comparison.name: parts[comparison.name].groupby(sample[comparison.name]).mean() for comparison in COMPARISONS
    }


def _scores(con: Any, scores: str) -> pd.DataFrame:
    """Candidates at most `NEAR_DAYS` apart by month of the later record and by bin of the weight."""
    edges = ", ".join(map(str, EDGES.tolist()))
    found: pd.DataFrame = con.execute(
        f"""
        select date_trunc('month', date '2000-01-01' + floor(greatest(l.day, r.day))::integer)::date as month,
               len(list_filter([{edges}], lambda x: x <= s.weight)) as bin,
               count(*) as candidate_count, count(*) filter (s.weight > 0) as match_count
        from {scores} s join m_record l on l.n = s.l join m_record r on r.n = s.r
        where abs(l.day - r.day) <= {NEAR_DAYS} group by all order by month, bin
        """
    ).df()
    found["month"] = found["month"].dt.date
    return found


def stability_index(expected: np.ndarray, actual: np.ndarray) -> float:
    """Returns the population stability index of two counts over the same bins: 0 where their shares are the same.

    PSI = sum over bins of (a - e) * ln(a / e), with a and e the shares of either (N. Siddiqi, Credit Risk Scorecards,
    Wiley 2006, whose rule of thumb calls less than 0.1 stable and more than 0.25 a shift; it is Jeffreys' symmetric
    divergence). Half a count is added to each bin, so that an empty one is not infinitely far away.
    """
    one, other = expected + 0.5, actual + 0.5
    e, a = one / one.sum(), other / other.sum()
    return float(((a - e) * np.log(a / e)).sum())


def chance_bound(expected: float, actual: float, bins: int) -> float:
    """Returns the PSI that 95 of 100 samples without any change stay below.

    PSI / (1/N + 1/M) is then chi-squared with bins - 1 degrees of freedom (B. Yurdakul, J. Naranjo, Statistical
    properties of the population stability index, Journal of Risk Model Validation 14(4), 2020).
    """
    return float(stats.chi2.ppf(0.95, bins - 1) * (1 / max(expected, 1) + 1 / max(actual, 1)))


def judged(index: float, bound: float) -> str:
    """Returns what an index says: 稳定, 略有变化, 明显变化; below what chance explains all is 稳定."""
    if index < max(CHANGED, bound):
        return "稳定"
    return "略有变化" if index < MUCH_CHANGED else "明显变化"


def months(scores: pd.DataFrame) -> pd.DataFrame:
    """Compares each month's scores with those of all months before it.

    Args:
        scores: rows of one run: month, bin, candidate_count, match_count.

    Returns:
        ``month``, ``candidates``, ``matched_share``, ``psi``, ``bound``, ``says``; the first month, and those with
        fewer than `FEWEST` candidates, have no psi.
    """
    table = scores.pivot_table(index="month", columns="bin", values="candidate_count", aggfunc="sum", fill_value=0)
    table = table.sort_index()
    matches = scores.groupby("month")["match_count"].sum().reindex(table.index)
    before = table.cumsum().shift(1)
    rows = []
    for month, now in table.iterrows():
        past, total = before.loc[month], int(now.sum())
        row = {"month": month, "candidates": total, "matched_share": matches[month] / total}
        if past.notna().all() and min(total, past.sum()) >= FEWEST:
            index = stability_index(past.to_numpy(), now.to_numpy())
            bound = chance_bound(past.sum(), total, table.shape[1])
            row |= {"psi": index, "bound": bound, "says": judged(index, bound)}
        rows.append(row)
    return pd.DataFrame(rows, columns=["month", "candidates", "matched_share", "psi", "bound", "says"])


def compare(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compares two measurements (rows of `CORE_MATCH_MODEL`, each of one run).

    Returns:
        Comparisons: ``comparison_name``, ``psi`` (of the matches' levels), ``bound``, ``says``, ``weight_change`` (mean
        size of the changes of weights, by the matches on each level). Levels: ``comparison_name``, ``level_name``,
        ``weight_l``, ``weight_r``, ``weight_change``, ``contribution_l``, ``contribution_r``, ``share_l``, ``share_r``
        (of the matches).
    """
    key = ["comparison", "level"]
    both = before.merge(after, on=key, suffixes=("_l", "_r"), how="outer")
    both = both.sort_values(["comparison", "level_order_r", "level_order_l"], kind="stable", ignore_index=True)
    rows, shares = [], []
    for comparison in COMPARISONS:
        own = both[both["comparison"] == comparison.name]
        one, other = (own[f"match_count_{side}"].fillna(0).to_numpy("float64") for side in "lr")
        index = stability_index(one, other)
        bound = chance_bound(one.sum(), other.sum(), len(own))
        change = (own["weight_r"] - own["weight_l"]).abs()
        mean = float(np.average(change.fillna(0), weights=other + one + 1e-9))
        rows.append((comparison.label, index, bound, judged(index, bound), mean))
        shares.append(
            pd.DataFrame(
                {
                    "comparison_name": comparison.label,
                    "level_name": own["level_name_r"].fillna(own["level_name_l"]),
                    "weight_l": own["weight_l"],
                    "weight_r": own["weight_r"],
                    "weight_change": own["weight_r"] - own["weight_l"],
                    "contribution_l": own["mean_contribution_l"],
                    "contribution_r": own["mean_contribution_r"],
                    "share_l": one / max(one.sum(), 1),
                    "share_r": other / max(other.sum(), 1),
                }
            )
        )
    names = ["comparison_name", "psi", "bound", "says", "weight_change"]
    return pd.DataFrame(rows, columns=names), pd.concat(shares, ignore_index=True)
