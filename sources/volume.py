"""Deliveries that are too small: far fewer rows than the same weekdays before them had.

Here: how many rows a delivery should have, from earlier ones of its source, and when it has far fewer. Not here: what
follows from it (`sources.holding`), counts of an area or category (`transforms.warnings.surge`).
accounts of files + history -> (date, source) -> sentence

A delivery is measured by its own past alone: the median of the same weekday in the last `WEEKS` weeks, times the level
of the last `RECENT` deliveries where that is lower, so that a source that shrinks for good is held a few times and not
for weeks. How far below that an honest day may lie depends on how much the source varies: its usual deviation (of the
logarithm of rows over expected) times ``tolerance``, and never above ``lowest_share``. Public holidays are neither
history nor judged like other days: on them, and on the days around them, the limit is a fraction of the usual one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from sources import contract as contracts
from sources import reference
from sources.contract import Contract, Volume

WEEKS = 8
"""Weeks that a delivery is measured by."""

MIN_SAME_WEEKDAY = 3
"""Of these, weeks whose same weekday was delivered and was no holiday: with fewer nothing is judged."""

RECENT = 7
_MARGIN = {"春节": 7}
"""Days before and after a holiday on which less is reported; 1 for the others (假定)."""

# Where the calendar ends nobody knows the holidays yet: the days on which they can fall. 春节 from 21 January to
# 20 February, 端午 from 27 May to 25 June, 中秋 from 8 September to 6 October; each with its margin.
_POSSIBLE_HOLIDAYS = (
    ("01-01", "01-04"), ("01-13", "03-06"), ("04-03", "04-07"), ("04-30", "05-06"), ("05-26", "06-28"),
    ("09-07", "10-09"),
)  # fmt: skip

Partition = tuple[date, str]


@dataclass
class _Past:
    """Accepted deliveries of one source in order: delivery dates as days since 1970, and their rows."""

    days: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def add(self, day: int, rows: int) -> None:
        self.days.append(day)
        self.rows.append(rows)


def rows_of(file: pd.DataFrame) -> pd.DataFrame:
    """Returns the data rows of each delivery of which all files were read and used.

    Args:
        file: accounts of files, in the shape of raw_file.

    Returns:
        source, delivery_date, rows (taken or set aside, without layout and side lists), in order of source and date.
    """
    rows = file["rows_valid"] + file["rows_quarantined"]
    counts = (
        pd.DataFrame(
            {
                "source": file["source"],
                "delivery_date": file["delivery_date"],
                "rows": rows,
                "is_whole": file["status"] == "accepted",
            }
        )
        .groupby(["source", "delivery_date"], as_index=False)
        .agg(rows=("rows", "sum"), is_whole=("is_whole", "all"))
    )
    return counts.loc[counts["is_whole"], ["source", "delivery_date", "rows"]].reset_index(drop=True)


def too_few(
    file: pd.DataFrame,
    history: pd.DataFrame,
    *,
    accepted: Collection[Partition] = (),
    contract_of: Mapping[str, Contract] | None = None,
) -> dict[Partition, str]:
    """Finds deliveries with far fewer rows than their own history allows.

    Args:
        file: accounts of the deliveries to judge, in the shape of raw_file. One of which a file could not be read or
            that is held already is not judged: why it is small is known.
        history: earlier deliveries as `rows_of` gives them. Of each delivery in ``file`` only those before it count,
            and those before it in ``file`` join them.
        accepted: deliveries in ``file`` that a person has accepted: they are named again, and count as history.
        contract_of: contracts by source; by default those of `sources.contract`.

    Returns:
        Delivery date and source to a Chinese sentence with figures and what to do. Sources with ``history: true`` and
        those for which less is expected than their contract asks for are never in it.
    """
    found: dict[Partition, str] = {}
    judged = rows_of(file)
    for source, counts in judged.groupby("source", sort=True):
        rules = contract_of[str(source)] if contract_of is not None else contracts.load(str(source))
        if rules.history:
            continue
        earlier = history.loc[history["source"] == source].sort_values("delivery_date")
        own = set(counts["delivery_date"])
        past = _Past()
        standing = [
            (day, int(rows))
            for day, rows in zip(earlier["delivery_date"], earlier["rows"], strict=True)
            if day not in own
        ]
        place = 0
        for day, rows in zip(counts["delivery_date"], counts["rows"], strict=True):
            while place < len(standing) and standing[place][0] < day:
                past.add(_number(standing[place][0]), standing[place][1])
                place += 1
            sentence = _judge(rules, day, int(rows), past)
            if sentence is not None:
                found[(day, str(source))] = sentence
            if sentence is None or (day, str(source)) in accepted:
                past.add(_number(day), int(rows))
    return found


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _judge(rules: Contract, day: date, rows: int, past: _Past) -> str | None:
    """The sentence on one delivery, None when it has rows enough or nothing can be said."""
    limits = rules.contract.volume
    if len(past.days) < limits.min_deliveries:
        return None
    number = _number(day)
    days, counts = np.array(past.days), np.array(past.rows, dtype=float)
    inside = days >= number - 7 * WEEKS
    days, counts = days[inside], counts[inside]
    plain = np.array([not is_quiet(date(1970, 1, 1) + timedelta(days=int(each) - 1)) for each in days], dtype=bool)
    days, counts = days[plain], counts[plain]
    same = counts[days % 7 == number % 7]
    if len(same) < MIN_SAME_WEEKDAY:
        return None
    weekday = float(np.median(same))
    ratios = _ratios(days, counts)
    level = min(1.0, float(np.median(ratios[-RECENT:]))) if len(ratios) >= RECENT else 1.0
    expected = weekday * level
    quiet = is_quiet(day - timedelta(days=1))
    share = _share(ratios, expected, limits) * (limits.holiday_factor if quiet else 1)
    if expected < limits.min_expected or rows >= share * expected:
        return None
    return (
        f"{rules.label} {day} 的交付只有 {rows} 行数据，前 {WEEKS} 周同为星期{'一二三四五六日'[day.weekday()]}的 "
        f"{len(same)} 次交付按近期水平应有约 {expected:.0f} 行，这次不到其 {share:.0%}"
        f"{'（节假日前后，已从宽）' if quiet else ''}，多半没有导全，整批挂起：请核对后重新交付；"
        f"确认无误可由负责人接收（dispute-lake delivery accept {rules.name} {day} --note 理由）"
    )


def _ratios(days: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Rows of each earlier delivery over the median of its weekday, in order; weekdays seen too rarely are left out."""
    ratios = np.full(len(days), np.nan)
    for weekday in range(7):
        mine = days % 7 == weekday
        if mine.sum() >= MIN_SAME_WEEKDAY and np.median(counts[mine]) > 0:
            ratios[mine] = counts[mine] / np.median(counts[mine])
    known: np.ndarray = ratios[~np.isnan(ratios)]
    return known


def _share(ratios: np.ndarray, expected: float, limits: Volume) -> float:
    """The share of the rows expected below which no honest day of this source lies.

    The deviation is the median one times 1.4826 (as for a normal distribution), at least that of counts that only
    chance moves. It is measured against medians of a few days, which follow them: hence the factor. Where it allows
    nearly anything, half of the least that was seen is the limit.
    """
    if not len(ratios):
        return 0.0
    logs = np.log(np.maximum(ratios, 0.01))
    deviation = max(1.4826 * _SHRUNK * float(np.median(np.abs(logs))), expected**-0.5)
    return min(limits.lowest_share, max(float(np.exp(-limits.tolerance * deviation)), float(ratios.min()) / 2))


_SHRUNK = 1.3
"""How much a deviation from the median of 4 to 8 values, one's own among them, falls short of the true one."""


@cache
def is_quiet(day: date) -> bool:
    """Tells whether less may honestly be reported on ``day``: a public holiday, or a day around one.

    Beyond the calendar (`sources.reference.calendar`) these are all days on which a holiday can fall.
    """
    quiet, first, last = _quiet_days()
    if first <= day <= last:
        return day in quiet
    return any(start <= f"{day:%m-%d}" <= end for start, end in _POSSIBLE_HOLIDAYS)


@cache
def _quiet_days() -> tuple[frozenset[date], date, date]:
    """Public holidays of the calendar with their margins, and the first and last day that it knows."""
    calendar = reference.calendar()
    named = calendar.loc[calendar["is_holiday"] & calendar["holiday_name"].notna()]
    quiet = set()
    for day, name in zip(named["date"].dt.date, named["holiday_name"], strict=True):
        margin = _MARGIN.get(name, 1)
        quiet |= {day + timedelta(days=shift) for shift in range(-margin, margin + 1)}
    return frozenset(quiet), calendar["date"].min().date(), calendar["date"].max().date()
