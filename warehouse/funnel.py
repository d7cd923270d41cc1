"""League tables that do not fool: how far an area's count lies from its peers', and where chance alone would reach.

Here: exact tail probabilities and limits as functions that DuckDB calls. Not here: peers, pooled centre, ranks
(`warehouse/sql/published/comparison_league.sql`).
numerators, denominators, centres -> z, limits

Spiegelhalter (2005), Funnel plots for comparing institutional performance: limits from the exact distribution, widened
by the square root of the overdispersion. A share is binomial, a rate Poisson. A weighted score has a count that is no
whole number: the binomial goes on between whole numbers as the incomplete beta function; it is wider than the score's
own distribution, so that its limits err towards saying nothing.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special, stats

Numbers = npt.NDArray[np.float64]


def deviation(numerator: Numbers, denominator: Numbers, centre: Numbers, is_rate: npt.NDArray[np.bool_]) -> Numbers:
    """Returns how unlikely each count is under the centre, as a normal z.

    Args:
        numerator: counts, 0 or more, at most ``denominator`` where no rate.
        denominator: cases (share), or exposure in the unit of the centre (rate).
        centre: share 0 to 1, or count per exposure.
        is_rate: Poisson instead of binomial.

    Returns:
        Above zero: more than the centre; 0 where chance alone reaches as far every other time. The tail includes the
        count itself, so that few cases never look far out.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        upper = np.where(
            is_rate,
            special.gammainc(np.maximum(numerator, 1e-12), centre * denominator),
            special.betainc(np.maximum(numerator, 1e-12), np.maximum(denominator - numerator + 1, 1e-12), centre),
        )
        lower = np.where(
            is_rate,
            special.gammaincc(numerator + 1, centre * denominator),
            special.betaincc(numerator + 1, np.maximum(denominator - numerator, 1e-12), centre),
        )
        z = np.where(upper <= lower, np.maximum(-special.ndtri(upper), 0), -np.maximum(-special.ndtri(lower), 0))
    return np.clip(np.where((centre > 0) & (is_rate | (centre < 1)), z, 0), -38, 38)


def limit(denominator: Numbers, centre: Numbers, z: Numbers, is_rate: npt.NDArray[np.bool_]) -> Numbers:
    """Returns the value that chance reaches at ``z``: beyond it lies what chance hardly explains.

    Arguments as in `deviation`; ``z`` below zero asks for the lower limit.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        level = special.ndtr(z)
        cases = np.where(
            is_rate,
            stats.poisson.ppf(level, centre * denominator),
            stats.binom.ppf(level, np.round(denominator), np.clip(centre, 0, 1)),
        )
        return np.asarray(cases / denominator, dtype=np.float64)


def bar(peers: Numbers) -> Numbers:
    """Returns the z beyond which one of ``peers`` stands out although all were looked at (Bonferroni, 5 %)."""
    return np.asarray(-special.ndtri(0.025 / np.maximum(peers, 1)), dtype=np.float64)


def register(con: Any) -> None:
    """Gives ``con`` funnel_deviation, funnel_limit, funnel_bar: the functions above, with their arguments in order."""

    def deviations(numerator: Any, denominator: Any, centre: Any, is_rate: Any) -> Any:
        return pa.array(deviation(*_arrays(numerator, denominator, centre, is_rate)))

    def limits(denominator: Any, centre: Any, z: Any, is_rate: Any) -> Any:
        return pa.array(limit(*_arrays(denominator, centre, z, is_rate)))

    def bars(peers: Any) -> Any:
        return pa.array(bar(*_arrays(peers)))

    kinds = ["DOUBLE", "DOUBLE", "DOUBLE", "BOOLEAN"]
    con.create_function("funnel_deviation", deviations, kinds, "DOUBLE", type="arrow")
    con.create_function("funnel_limit", limits, kinds, "DOUBLE", type="arrow")
    con.create_function("funnel_bar", bars, ["DOUBLE"], "DOUBLE", type="arrow")


def _arrays(*columns: Any) -> list[Any]:
    return [np.asarray(column.to_numpy(zero_copy_only=False)) for column in columns]
