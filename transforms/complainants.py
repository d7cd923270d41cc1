"""How many different people complain in one dispute, and from when on that number was known.

Here: counting identities inside a dispute, in the order in which they became known. Not here: linking records into
disputes (`transforms.matching`), cleaning of names and phones (`transforms.person`, `transforms.phone`).
core_party + core_dispute_event -> one row per identity that was new: dispute, ordinal, record, day
"""

from collections.abc import Sequence
from typing import Any

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
    ordered = parties.sort_values(ORDER, kind="stable").reset_index(drop=True)
    totals: list[int] = []
    kept: list[int] = []
    dispute: Any = None
    person_of: dict[str, int] = {}
    merged: dict[int, int] = {}
    total = following = 0
    for row, (dispute_id, keys) in enumerate(zip(ordered["dispute_id"], ordered["keys"], strict=True)):
        if dispute_id != dispute:
            dispute, person_of, merged, total, following = dispute_id, {}, {}, 0, 0
        names: Sequence[str] = keys if keys is not None else ()
        if len(names) == 0:
            continue
        people = {_living(merged, person_of[name]) for name in names if name in person_of}
        if people:
            person = min(people)
            for other in people - {person}:
                merged[other] = person
            total -= len(people) - 1
        else:
            person, following, total = following, following + 1, total + 1
        for name in names:
            person_of[name] = person
        kept.append(row)
        totals.append(total)
    return ordered.iloc[kept].assign(complainants=totals)


def _living(merged: dict[int, int], person: int) -> int:
    while person in merged:
        person = merged[person]
    return person
