"""Whether the match model still weighs as it did: its levels and scores measured in each run, and two of them compared.

Here: counting levels and scores of a run, the population stability index, the comparison of two measurements. Not here:
the model (`model`), when it is trained anew (the pipelines), tables and commands.
scored pairs, vectors of some of them, Model -> core_match_model, core_match_score -> what changed
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from transforms.matching import waterfall
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import Model

SAMPLED = 200_000
"""Levels are counted over at most so many candidates: shares and means are the same to the second digit."""

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


@dataclass(frozen=True)
class Scored:
    """All candidates of a run: ``weight`` (log2 odds, as the model gives it), ``first`` and ``second``: the two
    records' days since 2000-01-01. Three arrays of one length."""

    weight: np.ndarray
    first: np.ndarray
    second: np.ndarray


def step(candidates: int) -> int:
    """Returns n: of so many candidates, in order of their records, every n-th is looked at, at most `SAMPLED`."""
    return candidates // SAMPLED + 1


def measure(model: Model, *, records: int, scored: Scored, vectors: pd.DataFrame) -> Measured:
    """Counts the levels and the scores of a run.

    Args:
        model: what scored the pairs.
        records: so many records were compared.
        scored: all candidates.
        vectors: comparison vectors of every n-th of them, see `step`.
    """
    is_match = scored.weight > 0
    chosen = is_match[:: step(len(is_match))]
    _, parts = waterfall.take_apart(model, vectors)
    frames = []
    for comparison in COMPARISONS:
        codes = ["missing", *(level.code for level in comparison.levels)]
        numbers = [-1, *range(len(comparison.levels) - 1, -1, -1)]
        level = vectors[comparison.name].to_numpy("int64")
        weights = model.weights(comparison)
        adds = parts[comparison.name].groupby(level).mean().reindex(numbers).round(3)
        frames.append(
            pd.DataFrame(
                {
                    "records": records,
                    "candidates": len(is_match),
                    "matched_share": round(float(is_match.mean()), 6) if len(is_match) else 0.0,
                    "comparison": comparison.name,
                    "comparison_name": comparison.label,
                    "level": codes,
                    "level_name": list(waterfall.LEVELS[comparison.name].values()),
                    "level_order": range(len(codes)),
                    "m": [None, *(model.m[comparison.name][code] for code in codes[1:])],
                    "u": [None, *(model.u[comparison.name][code] for code in codes[1:])],
                    "weight": [None, *(round(weights[code], 4) for code in codes[1:])],
                    "mean_contribution": adds.to_numpy(),
                    "candidate_count": [int((level == number).sum()) for number in numbers],
                    "match_count": [int((chosen & (level == number)).sum()) for number in numbers],
                }
            )
        )
    levels = pd.concat(frames, ignore_index=True).astype({"m": "float64", "u": "float64", "weight": "float64"})
    return Measured(levels, _scores(scored))


def _scores(scored: Scored) -> pd.DataFrame:
    """Candidates at most `NEAR_DAYS` apart by month of the later record and by bin of the weight."""
    near = np.abs(scored.first - scored.second) <= NEAR_DAYS
    later = np.floor(np.maximum(scored.first, scored.second)[near]).astype("int64")
    month = (np.datetime64("2000-01-01") + later).astype("datetime64[M]").astype("datetime64[s]")
    counted = pd.DataFrame(
        {"month": month, "bin": np.digitize(scored.weight[near], EDGES), "is_match": scored.weight[near] > 0}
    )
    found = counted.groupby(["month", "bin"])["is_match"].agg(candidate_count="size", match_count="sum").reset_index()
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
