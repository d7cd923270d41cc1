"""The life of warnings: from findings to one row each, with level, area, id, and when it was over.

Here: putting the rules' findings and the surges into `CORE_WARNING` shape. Not here: what makes a rule true (`rules`,
`surge`), nor who is told (pipelines).
rules.findings + surge.detect + core_dispute -> core_warning
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from transforms import areas, category
from transforms.tables import CORE_WARNING
from transforms.warnings import acts, notices, rules, surge

SURGE = "surge"
OVER, RESOLVED, FALSE = "情形解除", "纠纷已化解", "人工判定不实"
"""Why a warning was closed."""


class Replay(NamedTuple):
    """What daily runs would have left: warnings (`CORE_WARNING`) and who was told (`CORE_WARNING_NOTICE`)."""

    warning: pd.DataFrame
    notice: pd.DataFrame


def replay(
    con: duckdb.DuckDBPyConnection, *, as_of: datetime, history_sources: Sequence[str], said: pd.DataFrame | None = None
) -> Replay:
    """Replays a backlog day by day: the warnings that daily runs would have left by ``as_of``, closed ones included.

    Args:
        con: connection with ``core_event`` (all versions), ``corrected_event`` (the same with people's corrections),
            ``core_party``, ``current_event``, ``core_dispute_event``, ``core_dispute``. Temporary tables named
            warning_* are made and removed.
        as_of: the run's now (local time).
        history_sources: sources of which one delivery spans many days; their records count as delivered on the day
            after they were reported.
        said: what people said of warnings (`CORE_WARNING_ACT` with ``taken_as_of``); None: nothing.

    Returns:
        One row per warning, ordered by first_seen_at, rule, raised_for, and the notices. ``first_seen_at`` never
        depends on later deliveries; level, evidence and life are as of ``as_of``.
    """
    try:
        rules.prepare(con, as_of=as_of, history_sources=history_sources)
        runs = con.execute("SELECT run_date FROM warning_run_day ORDER BY run_date").df()["run_date"]
        found = pd.concat([_about_disputes(con, as_of), _about_areas(con, runs, history_sources)], ignore_index=True)
    finally:
        rules.clear(con)
    warning = _finish(found, runs, acts.standing(acts.empty() if said is None else said))
    return Replay(warning, notices.tell(_occasions(warning), runs))


def warning_id(rule: str, raised_for: str, occasion: str) -> str:
    """``wn_`` and 20 hex digits of SHA-256; occasion tells warnings of one rule about one object apart."""
    return "wn_" + hashlib.sha256("\x1f".join((rule, raised_for, occasion)).encode()).hexdigest()[:20]


def _about_disputes(con: duckdb.DuckDBPyConnection, as_of: datetime) -> pd.DataFrame:
    found = rules.findings(con, as_of=as_of)
    about = con.execute(
        "SELECT dispute_id, coalesce(village_code, town_code, county_code) AS area_code, category_code,"
        " CASE WHEN status = '已化解' THEN resolved_at::date + 1 END AS resolved_on FROM core_dispute"
    ).df()
    found = found.merge(about, on="dispute_id", how="left")
    first_seen = pd.to_datetime(found["first_seen_at"])
    both = pd.concat([pd.to_datetime(found[name]) for name in ("ended_on", "resolved_on")], axis="columns")
    ended = both.min(axis="columns")
    return found.assign(
        closed_reason=np.where(both["ended_on"].isna() | (both["resolved_on"] <= both["ended_on"]), RESOLVED, OVER),
        first_seen_at=first_seen,
        closed_at=ended.where(ended.isna() | (ended >= first_seen), first_seen),
        last_high=pd.NaT,
        occasion=found["event_id"],
    )


def _about_areas(con: duckdb.DuckDBPyConnection, runs: pd.Series, history_sources: Sequence[str]) -> pd.DataFrame:
    block = rules.settings()[SURGE]
    records = con.execute(
        rules.sql("surge_record"), {"history_sources": list(history_sources), "city_prefix": block["city_prefix"]}
    ).df()
    found = surge.detect(records, runs, block)
    excess = found["count"].astype(float) - found["expected"].astype(float)
    return pd.DataFrame(
        {
            "rule": SURGE,
            "dispute_id": None,
            "event_id": None,
            "closed_reason": OVER,
            "raised_for": found["category"] + "@" + found["area"],
            "first_seen_at": found["first_seen_at"],
            "last_high": found["last_seen_at"],
            "closed_at": found["closed_at"],
            "measure": excess,
            "evidence": _surge_sentences(found),
            "area_code": found["area"],
            "category_code": found["category"],
            "occasion": pd.to_datetime(found["first_seen_at"]).dt.strftime("%Y-%m-%d"),
        }
    )


def _surge_sentences(found: pd.DataFrame) -> list[str]:
    """What was counted against what was expected; areas and categories by name where they have codes."""
    places = areas.table().set_index("area_code")["full_name"]
    classes = category.table().set_index("category_code")["category_name"]
    place = found["area"].map(places).fillna(found["area"])
    kind = found["category"].map(classes).fillna(found["category"])
    columns = (found[name] for name in ("day", "days", "count", "expected"))
    return [
        f"{where}“{what}”截至{day:%Y-%m-%d}的{days}天内{count:.0f}条，按以往、星期、季节与节假日只应有"
        + (f"{expected:.1f}条" if expected >= 0.1 else "不到0.1条")
        for where, what, day, days, count, expected in zip(place, kind, *columns, strict=True)
    ]


def _finish(found: pd.DataFrame, runs: pd.Series, said: pd.DataFrame) -> pd.DataFrame:
    """Adds id, name, level, status, last day seen, what people said; orders the rows."""
    last_run = pd.to_datetime(runs).max()
    closed = pd.to_datetime(found["closed_at"])
    closed = closed.where(closed <= last_run)
    numbers = [warning_id(*parts) for parts in zip(found["rule"], found["raised_for"], found["occasion"], strict=True)]
    heard = said.set_index("warning_id").reindex(numbers).reset_index(drop=True)
    refuted = pd.to_datetime(heard["judged_on"]).where(heard["judgement"] == "不实")
    refuted = refuted.where(refuted.isna() | (refuted >= found["first_seen_at"]), found["first_seen_at"])
    is_refuted = refuted.notna() & ~(closed < refuted)
    closed = closed.where(~is_refuted, refuted)
    frame = pd.DataFrame(
        {
            "warning_id": numbers,
            "rule": found["rule"],
            "rule_name": found["rule"].map({rule: block["name"] for rule, block in rules.settings().items()}),
            "level": _levels(found["rule"], found["measure"]),
            "dispute_id": found["dispute_id"],
            "area_code": found["area_code"],
            "category_code": found["category_code"],
            "raised_for": found["raised_for"],
            "event_id": found["event_id"],
            "first_seen_at": pd.to_datetime(found["first_seen_at"]),
            "closed_at": closed,
            "evidence": found["evidence"],
            "status": np.where(closed.isna(), "open", "closed"),
            "closed_reason": found["closed_reason"].where(~is_refuted, FALSE).where(closed.notna(), None),
            "times_raised": 1,
            "last_raised_at": pd.to_datetime(found["first_seen_at"]),
            "measure": pd.to_numeric(found["measure"]),
            "judgement": heard["judgement"],
            "acknowledged_at": heard["acknowledged_at"],
        }
    )
    before = (closed - pd.Timedelta(days=1)).where(closed > frame["first_seen_at"], frame["first_seen_at"])
    frame["last_seen_at"] = found["last_high"].fillna(before.where(closed.notna(), last_run))
    order = ["first_seen_at", "rule", "raised_for", "warning_id"]
    frame = frame.sort_values(order, kind="stable", ignore_index=True)
    return frame[CORE_WARNING.column_names]


def _occasions(warning: pd.DataFrame) -> pd.DataFrame:
    """Why somebody should be told: each warning once, as long as it is open."""
    return warning.assign(day=warning["first_seen_at"], until=warning["closed_at"], weight=0, why="新发")


def _levels(rule: pd.Series, measure: pd.Series) -> Any:
    """The first level of each rule whose ``at_least`` the measure reaches."""
    values = pd.to_numeric(measure).fillna(0).to_numpy(dtype=float)
    level: Any = np.full(len(rule), None, dtype=object)
    for name, block in rules.settings().items():
        for step in block["levels"]:
            level[rule.eq(name).to_numpy() & (level == None) & (values >= step["at_least"])] = step["level"]  # noqa: E711
    return level
