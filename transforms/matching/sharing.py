"""Is a matter shared (strangers complain of one lift) or individual (strangers bring back faulty goods to one shop)?

Here: learnt per topic, without labels or word lists, from one of two signs. Records say how many people are concerned:
topics where many are concerned are shared. Where head counts are too few, time tells: strangers who report one topic at
one spot do so in bursts where the matter is shared, and at any time where each has a matter of his own.
Not here: use of it (`comparisons`).
m_record, topics -> how shared each record's topic is (0 to 1)
"""

from typing import Any

import numpy as np
import pandas as pd

from transforms.matching.records import Records

NEAR_DAYS = 12.0
FAR_DAYS = (45.0, 150.0)
LARGEST_SPOT = 150
NEUTRAL = 0.5
DOUBT = 6.0
"""So many imagined near pairs stand for the neutral share of a class: few pairs teach little."""

_SPOTS = """
    select 'e' || estate || coalesce(county, -1) as spot, * from m_record where estate is not null
    union all select 'r' || road || road_number || coalesce(county, -1), * from m_record where road_number is not null
    union all
    select 'g' || village || group_number, * from m_record where group_number is not null and village is not null
    union all select 'o' || unnest(organisations), * from m_record where organisations is not null
"""


MANY = 4
"""From so many people on a matter is no longer one family's."""

ENOUGH = 300
"""So many records must state a head count before it decides."""


def learn(con: Any, records: Records) -> np.ndarray:
    """Estimates for each record how shared its topic is.

    Args:
        con: connection with ``m_record``.
        records: for topics and head counts; without topics every record stays neutral.

    Returns:
        float of shape (n,): above 0.5, strangers at one spot report one dispute; below, each has his own.
    """
    if not records.topics:
        return np.full(len(records), NEUTRAL)
    people = records.frame["people"].to_numpy(float, na_value=np.nan)
    known = ~np.isnan(people)
    if known.sum() >= ENOUGH and (people[known] >= MANY).mean() > 0.02:
        return _halves(_by_head_count(records.topics, people))
    return _halves(_by_bursts(con, records))


def _halves(share: np.ndarray) -> np.ndarray:
    """Stretches ``share`` so that 0.5 lies midway between its two groups, and each group lies near 0 or 1."""
    low, high = np.quantile(share, [0.1, 0.9])
    if high - low < 1e-6:
        return np.full(len(share), NEUTRAL)
    for _ in range(50):
        upper = share > (low + high) / 2
        low, high = share[~upper].mean(), share[upper].mean()
    return np.asarray(1 / (1 + np.exp(-8 * (share - (low + high) / 2) / (high - low))))


def _by_head_count(topics: list[np.ndarray], people: np.ndarray) -> np.ndarray:
    """Returns the chance that many are concerned, by topic; systems whose classes tell it better count more."""
    known = ~np.isnan(people)
    many = (people[known] >= MANY).astype(float)
    total, weights = np.zeros(len(people)), 0.0
    for chance in topics:
        own = chance[known].astype(float)
        share = (own.T @ many + 5 * many.mean()) / (own.sum(axis=0) + 5)
        predicted = chance @ share
        weight = float(predicted.std()) ** 4
        total, weights = total + weight * predicted, weights + weight
    return total / max(weights, 1e-12)


def _by_bursts(con: Any, records: Records) -> np.ndarray:
    """Returns how far near pairs of strangers at one spot exceed what far pairs lead to expect, by topic."""
    pairs = con.execute(
        f"""
        with spot as (
            select spot, n, day, r_surnames, r_phones from ({_SPOTS})
            qualify count(*) over (partition by spot) between 2 and {LARGEST_SPOT}
        )
        select distinct l.n as l, r.n as r, abs(l.day - r.day) as gap from spot l join spot r using (spot)
        where l.n < r.n and not coalesce(list_has_any(l.r_phones, r.r_phones), false)
          and not coalesce(list_has_any(l.r_surnames, r.r_surnames), false)
          and coalesce(l.r_surnames, l.r_phones) is not null and coalesce(r.r_surnames, r.r_phones) is not null
          and (abs(l.day - r.day) <= {NEAR_DAYS} or abs(l.day - r.day) between {FAR_DAYS[0]} and {FAR_DAYS[1]})
        """
    ).df()
    gap = pairs["gap"].to_numpy()
    is_near = gap <= NEAR_DAYS
    ratio = _window_ratio(records.frame["day"].to_numpy())
    chance = np.concatenate(records.topics, axis=1).astype(np.float64)
    one, other = chance[pairs["l"]], chance[pairs["r"]]
    together = one * other
    near, far = together[is_near].sum(axis=0), together[~is_near].sum(axis=0)
    excess = np.clip(near - far * ratio, 0, None)
    share = (excess + DOUBT * 0.02 * NEUTRAL) / (near + DOUBT * 0.02)
    weight = chance.sum(axis=1)
    return np.asarray(chance @ share / np.maximum(weight, 1e-9))


def _window_ratio(day: np.ndarray) -> float:
    """Returns how many near pairs one far pair leads to expect, when reports came at any time."""
    random = np.random.default_rng(12)
    one, other = random.choice(day, 20_000), random.choice(day, 20_000)
    gap = np.abs(one - other)
    far = ((gap >= FAR_DAYS[0]) & (gap <= FAR_DAYS[1])).mean()
    return float((gap <= NEAR_DAYS).mean() / max(far, 1e-3))


def write(con: Any, records: Records) -> None:
    """Fills the column ``shared`` of ``m_record`` and of the records' frame."""
    share = learn(con, records)
    records.frame["shared"] = share
    con.register("m_shared", pd.DataFrame({"n": records.frame["n"], "shared": share}))
    con.execute(
        "create or replace table m_record as select r.* replace (s.shared as shared) "
        "from m_record r join m_shared s using (n) order by n"
    )
    con.unregister("m_shared")
