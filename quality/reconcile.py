"""Do the counts of a delivery add up? Every row read is accepted, superseded, ignored or quarantined.

Here: arithmetic over the account of deliveries, as small functions. Not here: rules that look at other tables
(`quality.invariants`), the account itself (`warehouse`).
delivery table -> one finding per file that does not add up
"""

import pandas as pd

PARTS = ["rows_accepted", "rows_superseded", "rows_ignored", "rows_quarantined"]


def unbalanced(delivery: pd.DataFrame) -> pd.DataFrame:
    """Returns the files whose parts do not add up to rows_read, with `missing_rows` (negative: counted twice)."""
    missing = delivery["rows_read"] - delivery[PARTS].sum(axis="columns")
    return delivery.assign(missing_rows=missing).loc[missing != 0, ["source", "delivery_date", "file", "missing_rows"]]


def unmatched(delivery: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Returns the sources whose accepted rows are not as many as their published events.

    Args:
        delivery: one row per file, with source and rows_accepted.
        events: one row per source, with source and event_count (the number of current events).

    Returns:
        One row per source that differs: source, rows_accepted, event_count; a source that stands on one side only
        counts 0 on the other.
    """
    accepted = delivery.groupby("source", as_index=False)["rows_accepted"].sum()
    both = accepted.merge(events[["source", "event_count"]], on="source", how="outer").sort_values("source")
    both = both.fillna({"rows_accepted": 0, "event_count": 0}).astype(
        {"rows_accepted": "int64", "event_count": "int64"}
    )
    return both[both["rows_accepted"] != both["event_count"]].reset_index(drop=True)
