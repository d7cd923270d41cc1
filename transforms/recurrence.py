"""A matter that comes back long after it was over: which new dispute is an older one returned.

Here: finding such pairs by the same people and the same matter (同人 + 同事), day by day as it became known. Not here:
cutting a cluster that holds both (`transforms.matching.identity`), the warning about it (`transforms.warnings`).
core_dispute_event + corrected_event (all versions) + core_party -> new dispute, older dispute, day it was knowable

Matching links records that lie close in time: a return after 30 days and more mostly opens a dispute of its own, which
nobody connects with the old one. Here few pairs are looked at, those with a phone, an ID or a full name in common that
is rare, and the time between them counts for nothing. The points are in recurrence.yml.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from transforms.matching import identity

COLUMNS = ["dispute_id", "recurrence_of", "known_date", "first_reported_at", "resolved_at"]
_HERE = Path(__file__)
_VERSION = "recurrence_version"


@cache
def settings() -> dict[str, Any]:
    """The contents of recurrence.yml: points and thresholds."""
    loaded: dict[str, Any] = yaml.safe_load(_HERE.with_suffix(".yml").read_text("utf-8"))
    return loaded


def find(con: duckdb.DuckDBPyConnection, *, history_sources: Sequence[str] = ()) -> pd.DataFrame:
    """Finds the disputes that are older ones returned.

    Args:
        con: connection with ``corrected_event``, ``core_party``, ``core_dispute_event``.
        history_sources: sources of which one delivery spans many days; their records count as delivered on the day
            after they were reported.

    Returns:
        One row per returned dispute, columns `COLUMNS`, ordered by dispute_id: ``known_date`` the delivery date from
        which it could be told, ``resolved_at`` of the older one (null: silent for long, no record open, end unknown).
        What matching already cut (``core_dispute_event.recurrence_of``) is among them.
    """
    version = con.execute(
        "SELECT d.dispute_id, d.recurrence_of, e.event_id, e.delivery_date, e.reported_at, e.category_code,"
        " e.town_code, e.village_code, e.status, e.outcome, e.closed_at, e.outcome_at,"
        " CASE WHEN e.estate IS NOT NULL THEN e.estate"
        " WHEN e.road IS NOT NULL AND e.road_number IS NOT NULL THEN e.road || e.road_number"
        " WHEN coalesce(e.hamlet, e.group_number) IS NOT NULL"
        " THEN concat_ws('|', e.village_code, e.hamlet, e.group_number) END AS spot,"
        " CASE WHEN list_contains($history_sources::text[], e.source) THEN e.reported_at::date + 1"
        " ELSE e.delivery_date END AS known_date,"
        " row_number() OVER (PARTITION BY e.event_id ORDER BY coalesce(e.version_at, e.delivery_date::timestamp),"
        " e.delivery_date, (e.version_at IS NOT NULL AND e.status = '已办结') IS TRUE, e.file, e.sheet, e.row_number)"
        " AS version_number"
        " FROM core_dispute_event d JOIN corrected_event e USING (event_id) WHERE e.reported_at IS NOT NULL",
        {"history_sources": list(history_sources)},
    ).df()
    cut = version.dropna(subset=["recurrence_of"]).groupby("dispute_id", as_index=False)
    cut = cut.agg(
        recurrence_of=("recurrence_of", "first"),
        known_date=("known_date", "min"),
        first_reported_at=("reported_at", "min"),
    )
    ended = identity.endings(version)
    cut = cut.assign(resolved_at=_resolved(cut, version, ended))
    con.register(_VERSION, version.drop(columns=["status", "outcome", "closed_at", "outcome_at"]).join(ended))
    try:
        found = con.execute(_HERE.with_suffix(".sql").read_text("utf-8"), settings()).df()
    finally:
        con.unregister(_VERSION)
    found = found.loc[~found["dispute_id"].isin(cut["dispute_id"]), COLUMNS]
    both = pd.concat([cut[COLUMNS], found], ignore_index=True) if len(cut) else found
    return both.sort_values("dispute_id", ignore_index=True)


def _resolved(cut: pd.DataFrame, version: pd.DataFrame, ended: pd.DataFrame) -> pd.Series:
    """When the older dispute ended, by its records that tell of an end before the return."""
    at = ended["success_at"].where(ended["success_at"].notna(), ended["closed_at"])
    ends = pd.DataFrame({"recurrence_of": version["dispute_id"], "at": at}).dropna()
    both = cut.reset_index().merge(ends, on="recurrence_of")
    last = both[both["at"] < both["first_reported_at"]].groupby("index")["at"].max()
    return last.reindex(cut.index)
