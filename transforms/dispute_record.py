"""One dispute record out of everything the systems say about it.

Here: voting on category and place, the published title, counts, and whether and when the matter was resolved. Not here:
which records belong together (`transforms.matching`), which dispute is an older one returned
(`transforms.recurrence`), what the risk is (`transforms.risk`), warnings (`transforms.warnings`).
current_event + core_party + core_dispute_event -> core_dispute
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import yaml

from transforms import complainants, recurrence, risk
from transforms.tables import CORE_DISPUTE

_HERE = Path(__file__).parent
_MEMBERS = "core_dispute_event d JOIN current_event e USING (event_id)"
_MOMENT = "dispute_moment"


def build(con: duckdb.DuckDBPyConnection, *, as_of: datetime) -> pd.DataFrame:
    """Builds the dispute table as of a moment.

    Args:
        con: connection with ``current_event``, ``corrected_event``, ``core_party``, ``core_dispute_event``.
        as_of: the run's now (local time); decides what is overdue and how fresh reports are.

    Returns:
        One row per dispute in `CORE_DISPUTE` shape, ordered by dispute_id.
    """
    frame = _features(con, f"SELECT d.dispute_id, e.*, TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}' AS as_of FROM {_MEMBERS}")
    returned = recurrence.find(con).set_index("dispute_id")["recurrence_of"]
    frame["recurrence_of"] = frame["dispute_id"].map(returned)
    frame = _with_persons(frame, frame["dispute_id"].map(reporters(con)))
    return pd.concat([frame, risk.assess(frame)], axis="columns")[CORE_DISPUTE.column_names]


def as_known(
    con: duckdb.DuckDBPyConnection, moments: pd.DataFrame, *, history_sources: Sequence[str] = ()
) -> pd.DataFrame:
    """Makes the records of some disputes as they were known on some days; nothing delivered later counts.

    Args:
        con: connection with ``corrected_event``, ``current_event``, ``core_party``, ``core_dispute_event``.
        moments: ``dispute_id``, ``as_of`` (a day, 00:00), each pair once.
        history_sources: sources of which one delivery spans many days; their records count as delivered on the day
            after they were reported.

    Returns:
        One row per moment on which a record of the dispute was known: ``dispute_id``, ``as_of`` and the features that
        `risk.assess` takes, ordered by both. Which records are one dispute is taken as matching has it now.
    """
    history = ", ".join(f"'{name}'" for name in history_sources) or "NULL"
    known = f"coalesce(CASE WHEN e.source IN ({history}) THEN e.reported_at::date + 1 END, e.delivery_date)"
    con.register(_MOMENT, moments.assign(key=np.arange(len(moments)).astype(str)))
    try:
        frame = _features(
            con,
            "SELECT m.key AS dispute_id, e.*, m.as_of::timestamp AS as_of"
            f" FROM {_MOMENT} m JOIN core_dispute_event d ON d.dispute_id = m.dispute_id"
            f" JOIN corrected_event e ON e.event_id = d.event_id AND {known} <= m.as_of::date"
            " QUALIFY row_number() OVER (PARTITION BY m.key, e.event_id ORDER BY"
            " coalesce(e.version_at, e.delivery_date::timestamp) DESC, e.delivery_date DESC,"
            " (e.version_at IS NOT NULL AND e.status = '已办结') IS TRUE DESC, e.file DESC, e.sheet DESC,"
            " e.row_number DESC) = 1",
        )
    finally:
        con.unregister(_MOMENT)
    frame["dispute_id"] = moments["dispute_id"].to_numpy()[frame["dispute_id"].astype("int64")]
    frame["as_of"] = frame["as_of"].astype("datetime64[us]")
    frame = frame.sort_values(["as_of", "dispute_id"], kind="stable", ignore_index=True)
    returned = recurrence.find(con, history_sources=history_sources).set_index("dispute_id")
    earlier = returned[["recurrence_of", "known_date"]].reindex(frame["dispute_id"]).reset_index(drop=True)
    frame["recurrence_of"] = earlier["recurrence_of"].where(pd.to_datetime(earlier["known_date"]) <= frame["as_of"])
    counted = complainants.count(_complainants(con, history_sources))
    counted = counted.assign(known_date=pd.to_datetime(counted["known_date"]).astype("datetime64[us]"))
    counted = counted.astype({"dispute_id": frame["dispute_id"].dtype})
    counted = counted.sort_values("known_date", kind="stable")[["dispute_id", "known_date", "complainants"]]
    people = pd.merge_asof(
        frame[["dispute_id", "as_of"]], counted, left_on="as_of", right_on="known_date", by="dispute_id"
    )
    frame = _with_persons(frame, people["complainants"])
    return frame.sort_values(["dispute_id", "as_of"], kind="stable", ignore_index=True)


def _features(con: duckdb.DuckDBPyConnection, members: str) -> pd.DataFrame:
    """Runs dispute_record.sql over the rows of a query: dispute_id, as_of and the columns of current_event."""
    block = settings()
    con.execute(f"CREATE OR REPLACE TEMP VIEW dispute_member AS {members}")
    try:
        return con.execute(
            (_HERE / "dispute_record.sql").read_text("utf-8"),
            {
                "tier_of_industry": block["tier_of_industry"],
                **_map("category_keys", "category_weights", block["category_weight"]),
                **_map("place_keys", "place_weights", block["place_weight"]),
                **_map("title_keys", "title_ranks", block["title_rank"]),
                **_map("tier_keys", "tiers", block["tier_of_source"]),
                **block["category_factor"],
                "corrected": block["corrected"],
                "title_length": block["title_length"],
                "vulnerable": "|".join(risk.settings()["vulnerable_words"]),
            },
        ).df()
    finally:
        con.execute("DROP VIEW dispute_member")


def _with_persons(frame: pd.DataFrame, complainants_of: pd.Series) -> pd.DataFrame:
    counted = complainants_of.fillna(1).astype("int64").clip(lower=1)
    written = frame["headcount"].fillna(0).astype("int64")
    persons = counted.where(counted >= written, written)
    return frame.assign(
        reporter_count=counted, persons_involved=persons, scale_code=_scale(frame["scale_written"], persons)
    )


def _complainants(con: duckdb.DuckDBPyConnection, history_sources: Sequence[str]) -> pd.DataFrame:
    return con.execute(
        (_HERE / "complainants.sql").read_text("utf-8"),
        {"roles": list(complainants.ROLES), "history_sources": list(history_sources) or [""]},
    ).df()


def reporters(con: duckdb.DuckDBPyConnection) -> pd.Series:
    """Counts the distinct identified complainants of each dispute (index: dispute_id); none identified: absent."""
    return complainants.count(_complainants(con, ())).groupby("dispute_id")["complainants"].last()


def _scale(written: pd.Series, persons: pd.Series) -> pd.Series:
    """The larger of the scale a source wrote and the scale that the number of persons means (GB/T 31000 事件规模)."""
    limits = settings()["scale"]
    by_persons = pd.Series("01", index=persons.index).mask(persons >= limits["general_from"], "02")
    by_persons = by_persons.mask(persons >= limits["major_from"], "03")
    given = written.fillna("01")
    return given.where(given >= by_persons, by_persons)


def _map(keys: str, values: str, mapping: dict[str, Any]) -> dict[str, list[Any]]:
    return {keys: list(mapping), values: list(mapping.values())}


@cache
def settings() -> dict[str, Any]:
    """The contents of dispute_record.yml."""
    loaded: dict[str, Any] = yaml.safe_load((_HERE / "dispute_record.yml").read_text("utf-8"))
    return loaded
