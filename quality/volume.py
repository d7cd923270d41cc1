"""Was a delivery as large as its source's own past lets one expect?

Here: the newest deliveries against those before them, both ways, as an observation from a handful of deliveries on.
Not here: holding a delivery that is far too small (`sources.volume`, which knows a source for weeks first), missing
deliveries (`quality.freshness`).
rows by delivery -> one verdict for each of the newest deliveries

What to expect is the median of the last `LEVEL_DELIVERIES` deliveries times the factor of the weekday, which is learnt
from the same weekdays and drawn towards 1 while few of them are known; a delivery that is near the plain median of its
weekday is usual too, whatever the factor says, and one whose weekday was never delivered before is not judged. The
deviation is measured on the square root, where the variance of a count does not depend on its mean (Anscombe 1948), in
units of the source's usual deviation, which is never taken smaller than that of a Poisson count. Public holidays and
the days around them teach nothing, and a delivery about one may be small.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from sources.volume import is_quiet

MIN_PAST = 5  # 假定：此前至少 5 次交付才判断
LEVEL_DELIVERIES = 14  # 假定：近期水平取最近 14 次的中位数
WEEKDAY_WEIGHT = 3.0  # 假定：同一星期几的系数向 1 收缩，相当于 3 周的观察
LEAST_RATIO = 1.5  # 假定：相差不到一半的不算异常，样本再大也一样
COLUMNS = ["delivery_date", "rows", "expected", "past", "is_usual"]


@dataclass(frozen=True)
class Settings:
    """``window`` newest deliveries are judged, each by up to ``baseline`` before it; ``limit`` in usual deviations."""

    window: int = 7
    baseline: int = 56
    limit: float = 4.0


def judge(counts: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Judges the newest deliveries of one source.

    Args:
        counts: one row per delivery, ``delivery_date`` (date) and ``rows``; 0 for a delivery without a record.
        settings: see `Settings`.

    Returns:
        One row per judged delivery, in order of date, columns `COLUMNS`: ``expected`` rows, from how many deliveries
        (``past``), and whether ``rows`` is usual. Those with fewer than `MIN_PAST` before them are left out.
    """
    ordered = counts.sort_values("delivery_date", kind="stable")
    days = [pd.Timestamp(day).date() for day in ordered["delivery_date"]]
    rows = ordered["rows"].to_numpy(dtype=float)
    quiet = np.array([is_quiet(day - timedelta(days=1)) for day in days], dtype=bool)
    weekday = np.array([day.weekday() for day in days])
    verdicts = []
    for place in range(max(0, len(days) - settings.window), len(days)):
        past = np.arange(max(0, place - settings.baseline), place)
        past = past[~quiet[past]]
        if len(past) < MIN_PAST:
            continue
        same = rows[past][weekday[past] == weekday[place]]
        if not len(same):
            continue
        expected, deviation = _expect(rows[past], weekday[past], int(weekday[place]))
        far = all(
            _is_far(rows[place], middle, settings.limit * deviation) for middle in (expected, float(np.median(same)))
        )
        excused = bool(quiet[place]) and rows[place] < expected
        verdicts.append((days[place], int(rows[place]), expected, len(past), excused or not far))
    return pd.DataFrame(verdicts, columns=COLUMNS)


def sentence(verdicts: pd.DataFrame) -> str | None:
    """Returns what is unusual, newest first, in Chinese; None where nothing is."""
    wrong = verdicts.loc[~verdicts["is_usual"].astype(bool)]
    parts = [
        f"{row.delivery_date} 交付 {row.rows:,} 行，按此前 {row.past} 次交付与星期应有约 {row.expected:,.0f} 行"
        for row in wrong.iloc[::-1].head(3).itertuples(index=False)
    ]
    return "；".join(parts) or None


def _is_far(rows: float, expected: float, limit: float) -> bool:
    distance = 2 * abs(np.sqrt(rows + 0.375) - np.sqrt(expected + 0.375))
    ratio = max(rows, 1) / max(expected, 1)
    return bool(distance > limit and not 1 / LEAST_RATIO <= ratio <= LEAST_RATIO)


def _expect(rows: np.ndarray, weekday: np.ndarray, today: int) -> tuple[float, float]:
    """Rows to expect today, and the usual deviation of twice the square root of a count."""
    middle = max(float(np.median(rows)), 0.5)
    factors = np.ones(7)
    for day in range(7):
        same = rows[weekday == day]
        if len(same):
            factors[day] = (float(np.median(same)) / middle * len(same) + WEEKDAY_WEIGHT) / (len(same) + WEEKDAY_WEIGHT)
    level = float(np.median((rows / factors[weekday])[-LEVEL_DELIVERIES:]))
    expected = level * factors
    residuals = 2 * (np.sqrt(rows + 0.375) - np.sqrt(expected[weekday] + 0.375))
    spread = max(1.0, 1.4826 * float(np.median(np.abs(residuals))))
    known = len(rows)
    return float(expected[today]), spread * float(np.sqrt(1 + 1 / min(known, LEVEL_DELIVERIES))) * (1 + 3 / known)
