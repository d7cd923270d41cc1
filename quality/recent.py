"""Does an expectation that holds over a source's whole past still hold in its newest deliveries?

Here: that comparison, on counts by delivery. Not here: the counts (`quality.scores`), comparisons of distributions
(`quality.drift`).
counts by delivery + quality_result -> quality_result with what the newest deliveries add
"""

from collections.abc import Collection

import numpy as np
import pandas as pd
from scipy import stats

DELIVERIES = 7  # 假定：最近 7 次交付
CHANCE = 1e-4  # 假定：若真实比例恰在容许线上，一万次里至多一次误报


def judged(result: pd.DataFrame, measured: pd.DataFrame, *, histories: Collection[str] = ()) -> pd.DataFrame:
    """Fails expectations that the newest deliveries break, and says what these show.

    An expectation is broken there when more rows fall short than its allowance explains: the upper tail of a binomial
    with the allowed share is below `CHANCE`, so that one odd row among five is no finding.

    Args:
        result: rows of quality_result.
        measured: what `quality.scores.measure` returns.
        histories: sources whose one delivery spans many days; all they have is recent.

    Returns:
        ``result`` with ``success`` false and ``detail`` filled where the newest deliveries say so.
    """
    if measured.empty or result.empty:
        return result
    newest = measured.loc[~measured["source"].isin(sorted(histories))]
    rank = newest.groupby("source")["delivery_date"].rank(method="dense", ascending=False)
    newest = newest.loc[rank <= DELIVERIES]
    counts = newest.groupby(["source", "expectation"], as_index=False)[["evaluated_rows", "unexpected_count"]].sum()
    both = result[["suite", "expectation", "allowed_share"]].merge(
        counts, left_on=["suite", "expectation"], right_on=["source", "expectation"], how="left"
    )
    rows = both["evaluated_rows"].fillna(0).to_numpy(dtype=float)
    short = both["unexpected_count"].fillna(0).to_numpy(dtype=float)
    tail = stats.binom.sf(short - 1, rows, both["allowed_share"].to_numpy(dtype=float))
    broken = (short > 0) & (tail < CHANCE)
    sentences = np.array(
        [
            f"最近 {DELIVERIES} 次交付的 {int(n):,} 行中 {int(k):,} 行不符（{k / n:.1%}）" if n and k else None
            for n, k in zip(rows, short, strict=True)
        ],
        dtype=object,
    )
    success = result["success"].to_numpy(dtype=bool) & ~broken
    told = (short > 0) & ~success
    detail = np.where(told, sentences, result["detail"].to_numpy(dtype=object))
    return result.assign(success=success, detail=detail)
