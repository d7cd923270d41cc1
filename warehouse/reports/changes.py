"""Which categories rose or fell by more than chance.

Here: the test. Not here: counts (SQL), words.
counts of two windows -> frame with verdict

Counts of two windows are compared on the square-root scale (Anscombe), where their spread does not depend on their
size; spread beyond Poisson enters as dispersion, estimated from the days of both windows. Many categories are tested at
once, so the share of false verdicts among all is held (Benjamini and Hochberg 1995), not that of each test.
"""

import numpy as np
import pandas as pd
from scipy.stats import norm


def judged(
    counts: pd.DataFrame,
    *,
    days: tuple[float, float],
    dispersion: float,
    min_count: int,
    false_share: float,
    min_change: float,
) -> pd.DataFrame:
    """Adds ``verdict``: 升, 降, or None.

    Args:
        counts: one row a category with dispute_count and previous_count; any order.
        days: length of this window and the former one.
        dispersion: variance over mean of a day's count; below 1 it counts as 1.
        min_count: categories with fewer in both windows are not tested.
        false_share: expected share of chance among the verdicts.
        min_change: smaller changes of the daily mean, as a share, are not told.
    """
    own = counts["dispute_count"].to_numpy(float)
    before = counts["previous_count"].to_numpy(float)
    ratio = days[0] / days[1]
    z = 2 * (np.sqrt(own + 3 / 8) - np.sqrt(ratio * (before + 3 / 8))) / np.sqrt(max(dispersion, 1.0) * (1 + ratio))
    tested = np.maximum(own, before) >= min_count
    p = np.where(tested, 2 * norm.sf(np.abs(z)), 1.0)
    found = _discoveries(p, tested, false_share)
    change = np.divide(own, ratio * before, out=np.full_like(own, np.inf), where=before > 0) - 1
    worth = found & (np.abs(change) >= min_change)
    told = [("升" if rose else "降") if is_told else None for is_told, rose in zip(worth, z > 0, strict=True)]
    return counts.assign(verdict=pd.Series(told, index=counts.index, dtype=object))


def _discoveries(p: np.ndarray, tested: np.ndarray, false_share: float) -> np.ndarray:
    """Which p stay below the line of Benjamini and Hochberg."""
    count = int(tested.sum())
    if not count:
        return tested
    ordered = np.sort(p[tested])
    below = np.nonzero(ordered <= false_share * np.arange(1, count + 1) / count)[0]
    if not len(below):
        return np.zeros_like(tested)
    found: np.ndarray = tested & (p <= ordered[below[-1]])
    return found
