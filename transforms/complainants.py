"""How many different people complain in one dispute, and from when on that number was known.

Here: counting identities inside a dispute, in the order in which they became known. Not here: linking records into
disputes (`transforms.matching`), cleaning of names and phones (`transforms.person`, `transforms.phone`).
core_party + core_dispute_event -> one row per identity that was new: dispute, ordinal, record, day
"""

from typing import Any

import numpy as np
import pandas as pd

ROLES = ("reporter", "applicant")
"""Roles that complain; respondents, mentioned people and parties whose side is unknown do not count."""

ORDER = ["dispute_id", "known_date", "reported_at", "event_id"]


def count(parties: pd.DataFrame) -> pd.DataFrame:
    """Counts distinct complainants per dispute, party after party.

    Two parties are one person when they share a phone token, an ID token or a full name. The count never looks ahead: a
    later record that shows two earlier parties to be one person lowers the count from then on, not before.

    Args:
        parties: n rows with ``dispute_id``, ``event_id``, ``known_date``, ``reported_at`` and ``keys`` (list of
            identity keys; parties without any are not counted).

    Returns:
        The n rows (those with keys) in order of `ORDER` with ``complainants``: distinct people known by then.
    """
    named = parties[parties["keys"].map(len, na_action="ignore").fillna(0) > 0]
    ordered = named.sort_values(ORDER, kind="stable", ignore_index=True)
    totals = np.ones(len(ordered), dtype=np.int64)
    several = np.flatnonzero(ordered.duplicated("dispute_id", keep=False).to_numpy())
    dispute: Any = None
    person_of: dict[str, int] = {}
    merged: dict[int, int] = {}
    total = following = 0
    columns = (several, ordered["dispute_id"].iloc[several], ordered["keys"].iloc[several])
    for row, dispute_id, keys in zip(*columns, strict=True):
        if dispute_id != dispute:
            dispute, person_of, merged, total, following = dispute_id, {}, {}, 0, 0
        people = {_living(merged, person_of[key]) for key in keys if key in person_of}
        if people:
            person = min(people)
            for other in people - {person}:
                merged[other] = person
            total -= len(people) - 1
        else:
            person, following, total = following, following + 1, total + 1
        for key in keys:
            person_of[key] = person
        totals[row] = total
    return ordered.assign(complainants=totals)


def _living(merged: dict[int, int], person: int) -> int:
    while person in merged:
        person = merged[person]
    return person
