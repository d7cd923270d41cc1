"""A delivery that was read, held back as a whole until a person accepts it.

Here: what holding changes in a `Reading`. Not here: why a delivery is held (`sources.read` by its rejected rows,
`sources.volume` by its size, `quality.contracts` by its values), who accepted it (the pipeline).
Reading + (date, source) -> sentence -> Reading
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from sources.frames import Reading

HELD = "held"
"""Rule of the rows that wait; the same for every cause."""

Partition = tuple[date, str]


def hold(reading: Reading, sentences: Mapping[Partition, str], accepted: Collection[Partition]) -> Reading:
    """Turns deliveries into held ones: their good rows wait in quarantine, and no records of theirs are left.

    Args:
        reading: one or more deliveries.
        sentences: (delivery date, source) to why it is held, with what to do.
        accepted: deliveries that a person accepted in spite of it: they keep their records, and each of their files
            says so among its findings.

    Returns:
        The reading, with the same rows; that of deliveries not in ``sentences`` is unchanged. One that is held already
        gets the further reason. Files that could not be read stay as they are.
    """
    waiting = {each: sentence for each, sentence in sentences.items() if each not in accepted}
    told = {each: sentence for each, sentence in sentences.items() if each in accepted}
    if not waiting and not told:
        return reading
    file = reading.file.copy()
    keys = _keys(file)
    known = keys.isin(list(told)) & (file["status"] == "accepted")
    file.loc[known, "findings"] = [
        json.dumps([*json.loads(findings), f"经人工确认接收：{told[key]}"], ensure_ascii=False)
        for findings, key in zip(file.loc[known, "findings"], keys[known], strict=True)
    ]
    if not waiting:
        return replace(reading, file=file)

    chosen = keys.isin(list(waiting))
    fresh, held = chosen & (file["status"] == "accepted"), chosen & (file["status"] == "held")
    file.loc[held, "reason"] = [
        f"{before}；{waiting[key]}" for before, key in zip(file.loc[held, "reason"], keys[held], strict=True)
    ]
    file.loc[fresh, "reason"] = [waiting[key] for key in keys[fresh]]
    file.loc[fresh, "rows_quarantined"] += file.loc[fresh, "rows_valid"]
    file.loc[fresh, "rows_valid"] = 0
    file.loc[fresh, "status"] = HELD

    row = reading.row.copy()
    keys = _keys(row)
    good = keys.isin(list(waiting)) & (row["disposition"] == "accepted")
    row.loc[good, "disposition"] = "quarantined"
    row.loc[good, "rule"] = HELD
    row.loc[good, "reason"] = [waiting[key] for key in keys[good]]
    return Reading(
        row=row,
        file=file,
        record=_without(reading.record, waiting),
        party=_without(reading.party, waiting),
        reference=_without(reading.reference, waiting),
    )


def _keys(frame: pd.DataFrame) -> pd.Series:
    """(delivery date, source) of each row."""
    pairs = list(zip(frame["delivery_date"], frame["source"], strict=True))
    return pd.Series(pairs, index=frame.index, dtype="object")


def _without(frame: pd.DataFrame, waiting: Collection[Partition]) -> pd.DataFrame:
    return frame.loc[~_keys(frame).isin(list(waiting))].reset_index(drop=True)
