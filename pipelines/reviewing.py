"""Verdicts and corrections of people: kept at once, taken in by the next matching.

Here: writing an act, refusing one that contradicts what stands, which acts matching has taken. Not here: what an act
means (`transforms.matching.verdicts`, `transforms.corrections`), what to ask next (`transforms.matching.review`), pages
and commands (`review_server`, `commands.review`).
a person's word -> core_verdict, core_correction -> (next run) core_taken_act -> matcher, corrected_event

An act is one commit, also while a run holds the lake: a reviewer need not wait for a run, and a run works with the acts
that its matching took (`core_taken_act`) to its end. The next run takes what came meanwhile.
"""

from datetime import date

import pandas as pd

from transforms.tables import CORE_CORRECTION, CORE_TAKEN_ACT, CORE_VERDICT
from warehouse.lake import Lake


def given(lake: Lake) -> set[str]:
    """The ids of all acts, also of those that no matching has taken."""
    verdict = lake.read(CORE_VERDICT, columns=["verdict_id"])["verdict_id"]
    return {*verdict, *lake.read(CORE_CORRECTION, columns=["correction_id"])["correction_id"]}


def taken(lake: Lake) -> set[str]:
    """The ids of the acts that matching has taken."""
    return set(lake.read(CORE_TAKEN_ACT)["act_id"])


def take_acts(lake: Lake, *, as_of: date) -> pd.DataFrame:
    """Marks the acts of now as taken, and returns the verdicts among all that were (`CORE_VERDICT` rows).

    From here on corrections show in ``current_event``. The caller holds the lake's lock.
    """
    fresh = sorted(given(lake) - taken(lake))
    if fresh:
        lake.append(CORE_TAKEN_ACT, pd.DataFrame({"act_id": fresh, "taken_as_of": as_of}))
    verdict = lake.read(CORE_VERDICT)
    return verdict[verdict["verdict_id"].isin(taken(lake))].reset_index(drop=True)
