"""Is a matter shared (strangers complain of one lift) or individual (strangers bring back faulty goods to one shop)?

Here: learnt per topic, without labels or word lists, from one of two signs. Records say how many people are concerned:
topics where many are concerned are shared. Where head counts are too few, time tells: strangers who report one topic at
one spot do so in bursts where the matter is shared, and at any time where each has a matter of his own.
Not here: use of it (`comparisons`).
m_base, m_lists, topics -> how shared each class is -> how shared each record's topic is (0 to 1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from transforms.matching.topics import UNIT

if TYPE_CHECKING:
    from transforms.matching.records import Records

NEAR_DAYS = 12.0
FAR_DAYS = (45.0, 150.0)
LARGEST_SPOT = 150
NEUTRAL = 0.5
DOUBT = 6.0
"""So many imagined near pairs stand for the neutral share of a class: few pairs teach little."""

_BASE = "(select *, reported_day as day from m_base left join m_lists using (n))"

_SPOTS = """
    select 'e' || estate || coalesce(county, -1) as spot, * from {base} where estate is not null
    union all select 'r' || road || road_number || coalesce(county, -1), * from {base} where road_number is not null
    union all
    select 'g' || village || group_number, * from {base} where group_number is not null and village is not null
    union all select 'o' || unnest(organisations), * from {base} where organisations is not null
"""


MANY = 4
"""From so many people on a matter is no longer one family's."""

ENOUGH = 300
"""So many records must state a head count before it decides."""


_ROWS = 100_000


def learn(con: Any, records: Records) -> dict[str, Any]:
    """Estimates how shared the matters of each class are.

    Args:
        con: connection with ``m_base`` and ``m_lists`` of all records, numbered from 0.
        records: for topics.

    Returns:
        What `apply` takes, ready for JSON; empty where nothing could be learnt: every record then stays neutral.
    """
    if not records.topics:
        return {}
    people = con.execute("select people from m_base order by n").df()["people"].to_numpy(float, na_value=np.nan)
    known = ~np.isnan(people)
    if known.sum() >= ENOUGH and (people[known] >= MANY).mean() > 0.02:
        shares, weights = _by_head_count(records.topics, people)
    else:
        shares, weights = _by_bursts(con, records), [1.0] * len(records.topics)
    learnt = {"shares": [share.tolist() for share in shares], "weights": weights}
    score = _score(learnt, records, np.arange(len(people)))
    low, high = np.quantile(score, [0.1, 0.9])
    if high - low < 1e-6:
        return {}
    for _ in range(50):
        upper = score > (low + high) / 2
        low, high = score[~upper].mean(), score[upper].mean()
    return learnt | {"low": float(low), "high": float(high)}


def apply(learnt: dict[str, Any], records: Records, numbers: np.ndarray) -> np.ndarray:
    """Returns how shared the topic of each record in ``numbers`` is, float of shape (n,): above 0.5, strangers at one
    spot report one dispute; below, each has his own. 0.5 lies midway between the two groups that were learnt, and each
    group lies near 0 or 1."""
    if not learnt:
        return np.full(len(numbers), NEUTRAL)
    low, high = learnt["low"], learnt["high"]
    return np.asarray(1 / (1 + np.exp(-8 * (_score(learnt, records, numbers) - (low + high) / 2) / (high - low))))


def _score(learnt: dict[str, Any], records: Records, numbers: np.ndarray) -> np.ndarray:
    total = np.zeros(len(numbers))
    for chance, share, weight in zip(records.topics, learnt["shares"], learnt["weights"], strict=True):
        own = np.asarray(share) * (weight / UNIT)
        for start in range(0, len(numbers), _ROWS):
            part = slice(start, start + _ROWS)
            total[part] += chance[numbers[part]] @ own
    return np.asarray(total / max(sum(learnt["weights"]), 1e-12))


def _by_head_count(topics: list[np.ndarray], people: np.ndarray) -> tuple[list[np.ndarray], list[float]]:
    """Returns the chance that many are concerned, per class of each system, and how much each system counts: those
    whose classes tell it better count more."""
    known = np.flatnonzero(~np.isnan(people))
    many = (people[known] >= MANY).astype(float)
    shares, weights = [], []
    for chance in topics:
        concerned, size = np.zeros(chance.shape[1]), np.zeros(chance.shape[1])
        for start in range(0, len(known), _ROWS):
            own = chance[known[start : start + _ROWS]] / UNIT
            concerned += own.T @ many[start : start + _ROWS]
            size += own.sum(axis=0)
        share = (concerned + 5 * many.mean()) / (size + 5)
        predicted = np.concatenate(
            [chance[start : start + _ROWS] @ (share / UNIT) for start in range(0, len(people), _ROWS)]
        )
        shares.append(share)
        weights.append(float(predicted.std()) ** 4)
    return shares, weights


def _by_bursts(con: Any, records: Records) -> list[np.ndarray]:
    """Returns, per class of each system, how far near pairs of strangers at one spot exceed what far pairs lead to
    expect."""
    pairs = con.execute(
        f"""
        with spot as (
            select spot, n, day, r_surnames, r_phones from ({_SPOTS.format(base=_BASE)})
            qualify count(*) over (partition by spot) between 2 and {LARGEST_SPOT}
        )
        select distinct l.n as l, r.n as r, abs(l.day - r.day) as gap from spot l join spot r using (spot)
        where l.n < r.n and not coalesce(list_has_any(l.r_phones, r.r_phones), false)
          and not coalesce(list_has_any(l.r_surnames, r.r_surnames), false)
          and coalesce(l.r_surnames, l.r_phones) is not null and coalesce(r.r_surnames, r.r_phones) is not null
          and (abs(l.day - r.day) <= {NEAR_DAYS} or abs(l.day - r.day) between {FAR_DAYS[0]} and {FAR_DAYS[1]})
        order by l, r
        """
    ).df()
    is_near = (pairs["gap"] <= NEAR_DAYS).to_numpy()
    days = con.execute("select reported_day from m_base where reported_day is not null order by n").df()
    ratio = _window_ratio(days["reported_day"].to_numpy())
    shares = []
    for chance in records.topics:
        near, far = np.zeros(chance.shape[1]), np.zeros(chance.shape[1])
        for start in range(0, len(pairs), _ROWS):
            part = slice(start, start + _ROWS)
            one, other = pairs["l"].to_numpy()[part], pairs["r"].to_numpy()[part]
            together = chance[one].astype(np.float64) * chance[other] / (UNIT * UNIT)
            near += together[is_near[part]].sum(axis=0)
            far += together[~is_near[part]].sum(axis=0)
        excess = np.clip(near - far * ratio, 0, None)
        shares.append((excess + DOUBT * 0.02 * NEUTRAL) / (near + DOUBT * 0.02))
    return shares


def _window_ratio(day: np.ndarray) -> float:
    """Returns how many near pairs one far pair leads to expect, when reports came at any time."""
    if not len(day):
        return 1.0
    random = np.random.default_rng(12)
    one, other = random.choice(day, 20_000), random.choice(day, 20_000)
    gap = np.abs(one - other)
    far = ((gap >= FAR_DAYS[0]) & (gap <= FAR_DAYS[1])).mean()
    return float((gap <= NEAR_DAYS).mean() / max(far, 1e-3))
