"""The six rules about single disputes, each a SQL statement over versions as they became known.

Here: the tables the rules read, and running them. Not here: the seventh rule, about areas (`surge`), levels and ids
(`life`). Every rule answers with the same columns, so that a new rule is one .sql file and one block in warnings.yml.
core_event + core_dispute_event + core_party -> warning_* (temporary) -> one row per finding
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

from sources import reference
from transforms import complainants

HERE = Path(__file__).parent
PARAMETERS: dict[str, tuple[str, ...]] = {
    "repeat_complaint": ("count", "days"),
    "mass": ("persons", "complainants"),
    "extreme_words": (),
    "overdue": ("not_open", "steps"),
    "recurrence": (),
    "cross_source_gap": ("hours", "from_sources", "to_sources", "steps"),
}
"""The rules about disputes, in the order in which they are reported, with the parameters their SQL takes.

``as_of`` is the run's now, ``steps`` what the levels ask for (``at_least``), all others stand in the rule's block."""

COLUMNS = [
    "rule", "dispute_id", "event_id", "raised_for", "first_seen_at", "known_on", "ended_on", "measure", "evidence",
]  # fmt: skip
TEMPORARY = ("warning_version", "warning_record", "warning_run_day")
_REGISTERED = ("warning_deadline", "warning_complainant")


@cache
def settings() -> dict[str, Any]:
    """The contents of warnings.yml: one block per rule."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / "warnings.yml").read_text("utf-8"))
    return loaded


def sql(name: str) -> str:
    """The statement in ``<name>.sql`` beside this module."""
    return (HERE / f"{name}.sql").read_text("utf-8")


def prepare(con: duckdb.DuckDBPyConnection, *, as_of: datetime, history_sources: Sequence[str]) -> None:
    """Makes the temporary tables that the rules read; `clear` removes them."""
    history = {"history_sources": list(history_sources)}
    con.execute(sql("run_day"), {"as_of": as_of, **history})
    con.execute(sql("version"), history)
    con.execute(sql("first_known"))
    parties = con.execute(
        (HERE.parent / "complainants.sql").read_text("utf-8"), {"roles": list(complainants.ROLES), **history}
    ).df()
    counted = complainants.count(parties)
    wanted = counted["complainants"] >= settings()["mass"]["complainants"]
    columns = ["dispute_id", "event_id", "source_record_id", "known_date", "reported_at", "complainants"]
    con.register("warning_complainant", counted.loc[wanted, columns])
    con.register("warning_deadline", _deadlines(con))


def clear(con: duckdb.DuckDBPyConnection) -> None:
    """Removes what `prepare` made."""
    for name in _REGISTERED:
        con.unregister(name)
    for name in TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS {name}")


def findings(con: duckdb.DuckDBPyConnection, *, as_of: datetime) -> pd.DataFrame:
    """Runs the rules over what `prepare` made; needs ``core_dispute`` as well.

    Returns:
        One row per finding (rule, raised_for, event_id) and day on which it changed, columns `COLUMNS`:
        ``first_seen_at`` the day whose run would have raised it, ``known_on`` the day from which ``measure`` (what
        levels are set by) and ``evidence`` (a Chinese sentence without personal data) were so, by what was known then;
        ``ended_on`` the day on which the rule's own condition was known to be over (null: lasts, or ends with the
        dispute).
    """
    frames = []
    for rule, names in PARAMETERS.items():
        block = settings()[rule]
        given = {"as_of": as_of, "steps": sorted(step["at_least"] for step in block["levels"]), **block}
        frames.append(con.execute(sql(rule), {name: given[name] for name in names}).df().assign(rule=rule))
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _deadlines(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The deadline of each version that has one: as written, else so many working days after the report."""
    frame = con.execute(
        "SELECT event_id, version_number, deadline_at, reported_at, limit_workdays FROM warning_version"
        " WHERE deadline_at IS NOT NULL OR (limit_workdays > 0 AND reported_at IS NOT NULL) ORDER BY ALL"
    ).df()
    counted = frame["deadline_at"].isna()
    if counted.any():
        days = frame.loc[counted, "reported_at"].to_numpy().astype("datetime64[D]")
        limits = np.ceil(frame.loc[counted, "limit_workdays"].to_numpy(dtype=float)).astype(int)
        last = reference.add_workdays(days, limits).astype("datetime64[us]") + np.timedelta64(86_399, "s")
        frame.loc[counted, "deadline_at"] = last
    return frame[["event_id", "version_number", "deadline_at"]]
