"""Disputes that their tier had not resolved when its time was over, as was known on that day.

Here: which tier answered on the day on which its working days ended. Not here: what makes a tier answer and how long it
has (`transforms.risk`), the warning (tier_overrun.sql).
warning_record, warning_run_day -> moments -> dispute_record.as_known -> risk.assess -> one row per dispute and tier
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from sources import reference
from transforms import dispute_record, risk

COLUMNS = ["dispute_id", "event_id", "source_record_id", "tier", "next_tier", "rank", "due_on", "run_date"]


def find(con: duckdb.DuckDBPyConnection, *, history_sources: Sequence[str]) -> pd.DataFrame:
    """Finds the tiers that were late: one row per dispute and tier, columns `COLUMNS`.

    ``due_on`` is the tier's last working day, counted from the first record that was known; ``run_date`` the first day
    with a run after it, on which the tier still answered, a record was still open and the dispute not resolved.
    ``rank`` counts tiers from 1 (村) to 4 (市).
    """
    first = con.execute(
        "SELECT dispute_id, unnest(arg_min(struct_pack(event_id, source_record_id, reported_at),"
        " struct_pack(known_date, ordered_at, event_id))) FROM warning_record WHERE reported_at IS NOT NULL"
        " GROUP BY dispute_id ORDER BY dispute_id"
    ).df()
    runs = con.execute("SELECT run_date FROM warning_run_day ORDER BY run_date").df()["run_date"]
    days = runs.to_numpy().astype("datetime64[D]")
    began = first["reported_at"].to_numpy().astype("datetime64[D]")
    parts = []
    for rank, tier in enumerate(risk.TIERS, start=1):
        due = reference.add_workdays(began, risk.limits([tier] * len(first)))
        place = np.searchsorted(days, due, side="right")
        told = place < len(days)
        on = days[place[told]].astype("datetime64[us]")
        parts.append(first[told].assign(tier=tier, rank=rank, due_on=due[told].astype("datetime64[us]"), as_of=on))
    moments = pd.concat(parts, ignore_index=True)
    days_of = _still_open(con, moments[["dispute_id", "as_of"]].drop_duplicates(ignore_index=True))
    known = dispute_record.as_known(con, days_of, history_sources=history_sources)
    known = known[known["status"].ne("已化解") & (known["open_count"] > 0)].reset_index(drop=True)
    judged = known[["dispute_id", "as_of"]].join(risk.assess(known)["responsible_tier"])
    late = moments.merge(judged, on=["dispute_id", "as_of"])
    late = late[late["tier"] == late["responsible_tier"]].rename(columns={"as_of": "run_date"})
    following = risk.settings()["tier"]["next"]
    late = late.assign(next_tier=late["tier"].map(following))
    return late[COLUMNS].sort_values(["run_date", "dispute_id"], ignore_index=True)


def _still_open(con: duckdb.DuckDBPyConnection, moments: pd.DataFrame) -> pd.DataFrame:
    """The moments at which a record of the dispute was open, by the version then known: few of all."""
    con.register("overrun_moment", moments)
    try:
        return con.execute(
            "SELECT dispute_id, as_of FROM overrun_moment m WHERE EXISTS (SELECT 1 FROM warning_version v"
            " WHERE v.dispute_id = m.dispute_id AND v.known_date <= m.as_of AND v.ended_at IS NULL"
            " AND (v.until_date IS NULL OR v.until_date > m.as_of)"
            " AND (v.status IN ('待处理', '办理中', '未知') OR v.outcome = '进行中')) ORDER BY ALL"
        ).df()
    finally:
        con.unregister("overrun_moment")
