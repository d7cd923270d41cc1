"""The life of warnings: raised once, updated while it lasts, closed with a reason, raised again when it returns.

Here: putting what the rules and the surges found on each day, how disputes ended, and what people judged into one life
for each warning. Not here: what makes a rule true (`rules`, `surge`), who is told (`notices`), people's acts (`acts`).
rules.findings + surge.detect + resolution.sql + acts -> steps -> core_warning, core_warning_step, core_warning_notice

A warning holds on a day where its rule holds, by what was known that day, and its dispute is not resolved. What came
later never changes a step of an earlier day.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd

from transforms import areas, category, dispute_record
from transforms.tables import CORE_WARNING, CORE_WARNING_NOTICE, CORE_WARNING_STEP
from transforms.warnings import acts, notices, rules, surge

SURGE = "surge"
OVER, RESOLVED, FALSE = "情形解除", "纠纷已化解", "人工判定不实"
"""Why a warning was closed."""

RAISED, RISEN, CHANGED, CLOSED, RETURNED = "新发", "升级", "更新", "解除", "再发"
"""What can happen to a warning on a day."""

_KEY = ["rule", "raised_for", "occasion"]


class Replay(NamedTuple):
    """What daily runs would have left: `CORE_WARNING`, `CORE_WARNING_STEP` and `CORE_WARNING_NOTICE` rows."""

    warning: pd.DataFrame
    step: pd.DataFrame
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
        One row per warning, ordered by first_seen_at, rule, raised_for; what happened to each, day by day; who was
        told. Steps and notices of a day follow from what was known that day; which records are one dispute is taken as
        matching has it now.
    """
    try:
        rules.prepare(con, as_of=as_of, history_sources=history_sources)
        runs = con.execute("SELECT run_date FROM warning_run_day ORDER BY run_date").df()["run_date"]
        found = pd.concat([_about_disputes(con, as_of), _about_areas(con, runs, history_sources)], ignore_index=True)
        turns, places = _of_disputes(con, found, history_sources)
        member = con.execute("SELECT event_id, dispute_id FROM core_dispute_event").df()
    finally:
        rules.clear(con)
    if found.empty:
        return Replay(CORE_WARNING.empty(), CORE_WARNING_STEP.empty(), CORE_WARNING_NOTICE.empty())
    found = _graded(found)
    heard = _heard(acts.standing(acts.empty() if said is None else said), found, member)
    step = _live(_days(found, turns, heard, runs), found)
    warning = _standing(step, found, heard, runs)
    return Replay(warning, step[CORE_WARNING_STEP.column_names], notices.tell(_occasions(step, found, places), runs))


def warning_id(rule: str, raised_for: str, occasion: str) -> str:
    """``wn_`` and 20 hex digits of SHA-256; occasion tells warnings of one rule about one object apart."""
    return "wn_" + hashlib.sha256("\x1f".join((rule, raised_for, occasion)).encode()).hexdigest()[:20]


def _about_disputes(con: duckdb.DuckDBPyConnection, as_of: datetime) -> pd.DataFrame:
    found = rules.findings(con, as_of=as_of)
    about = con.execute(
        "SELECT dispute_id, category_code, coalesce(village_code, town_code, county_code) AS area_code"
        " FROM core_dispute"
    ).df()
    found = found.merge(about, on="dispute_id", how="left")
    return found.assign(
        known_on=pd.to_datetime(found["known_on"]).fillna(pd.to_datetime(found["first_seen_at"])),
        ended_on=pd.to_datetime(found["ended_on"]),
        measure=pd.to_numeric(found["measure"]).astype(float),
        occasion=found["event_id"],
    )


def _about_areas(con: duckdb.DuckDBPyConnection, runs: pd.Series, history_sources: Sequence[str]) -> pd.DataFrame:
    block = rules.settings()[SURGE]
    records = con.execute(
        rules.sql("surge_record"), {"history_sources": list(history_sources), "city_prefix": block["city_prefix"]}
    ).df()
    found = surge.detect(records, runs, block)
    grown = found[["area", "category", "first_seen_at", "last_seen_at", "closed_at"]].join(
        found["grown"].rename("figures")
    )
    grown = grown.explode("figures", ignore_index=True)
    figures = pd.DataFrame(grown["figures"].tolist(), columns=["known_on", "count", "expected", "days", "day"])
    grown = pd.concat([grown, figures], axis="columns")
    return pd.DataFrame(
        {
            "rule": SURGE,
            "dispute_id": None,
            "event_id": None,
            "raised_for": grown["category"] + "@" + grown["area"],
            "known_on": pd.to_datetime(grown["known_on"]),
            "ended_on": pd.to_datetime(grown["closed_at"]),
            "seen_until": pd.to_datetime(grown["last_seen_at"]),
            "measure": grown["count"].astype(float) - grown["expected"].astype(float),
            "evidence": _surge_sentences(grown),
            "area_code": grown["area"],
            "category_code": grown["category"],
            "occasion": pd.to_datetime(grown["first_seen_at"]).dt.strftime("%Y-%m-%d"),
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


def _of_disputes(
    con: duckdb.DuckDBPyConnection, found: pd.DataFrame, history_sources: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """For the disputes that ``found`` is about: when each was known as resolved or no longer so, and where it was."""
    con.register("warning_dispute", found[["dispute_id"]].dropna().drop_duplicates().astype("str"))
    votes = dispute_record.settings()
    parameters = {
        "history_sources": list(history_sources),
        "place_keys": list(votes["place_weight"]),
        "place_weights": list(votes["place_weight"].values()),
        "corrected": votes["corrected"],
    }
    try:
        return con.execute(rules.sql("resolution")).df(), con.execute(rules.sql("place"), parameters).df()
    finally:
        con.unregister("warning_dispute")


def _graded(found: pd.DataFrame) -> pd.DataFrame:
    """Orders the states of each finding by day, and gives each its level: it rises with the measure and never falls."""
    found = found.sort_values(["known_on", *_KEY], kind="stable", ignore_index=True)
    found["key"] = found.groupby(_KEY, dropna=False, sort=False).ngroup()
    found = found.drop_duplicates(["key", "known_on"], keep="last", ignore_index=True)
    found["measure"] = found.groupby("key")["measure"].cummax()
    texts = dict.fromkeys(["rule", "dispute_id", "event_id", "raised_for", "occasion", "area_code"], "str")
    times = dict.fromkeys(["known_on", "ended_on", "seen_until"], "datetime64[us]")
    return found.astype(texts | times).assign(level=_levels(found["rule"], found["measure"]))


def _heard(standing: pd.DataFrame, found: pd.DataFrame, member: pd.DataFrame) -> pd.DataFrame:
    """What people said, by the finding (``key``) that it is about now; ``heir``: the number of its warning.

    A warning keeps its number as long as the same record makes its rule true. Where matching has changed and another
    record does, what was said goes to the warning of the same rule about the dispute that holds the former record.
    """
    keys = found.drop_duplicates("key")[["key", *_KEY, "dispute_id"]]
    numbers = [warning_id(*parts) for parts in keys[_KEY].itertuples(index=False)]
    keys = keys.assign(heir=pd.Series(numbers, index=keys.index, dtype="str"))
    of = member.set_index("event_id")["dispute_id"].astype("str")
    standing = standing.assign(dispute_id=standing["event_id"].map(of).astype("str")).astype({"warning_id": "str"})
    known = standing.drop(columns=["rule", "dispute_id"]).merge(
        keys[["key", "heir"]], left_on="warning_id", right_on="heir"
    )
    lost = standing[~standing["warning_id"].isin(known["warning_id"])].dropna(subset=["dispute_id"])
    heirs = keys.dropna(subset=["dispute_id"]).drop_duplicates(["rule", "dispute_id"])
    moved = lost.merge(heirs[["rule", "dispute_id", "key", "heir"]], on=["rule", "dispute_id"])
    return pd.concat([moved[known.columns], known], ignore_index=True)


def _days(found: pd.DataFrame, turns: pd.DataFrame, heard: pd.DataFrame, runs: pd.Series) -> pd.DataFrame:
    """One row per finding and day on which anything may have changed, in order: what was so on that day.

    Columns: ``key``, ``day``, ``state`` (row of ``found``), ``reason`` (why it does not hold; null: it holds),
    ``is_refuted`` (somebody judged it 不实, taken that day).
    """
    state = found[["key", "known_on", "ended_on"]].rename(columns={"known_on": "day"}).assign(state=found.index)
    first = state.groupby("key")["day"].min()
    disputes = found[["key", "dispute_id"]].dropna().drop_duplicates("key")
    turned = disputes.merge(turns, on="dispute_id")
    turned = turned.assign(day=pd.to_datetime(turned["day"]), is_resolved=turned["resolved_at"].notna())
    refuted = heard.loc[heard["judgement"] == "不实", ["key", "judged_on"]].set_axis(["key", "day"], axis="columns")
    refuted["day"] = pd.to_datetime(refuted["day"]).clip(lower=refuted["key"].map(first))
    ended = state[["key", "ended_on"]].dropna().set_axis(["key", "day"], axis="columns")
    every = pd.concat([part[["key", "day"]] for part in (state, ended, turned, refuted)]).drop_duplicates()
    every = every[(every["day"] >= every["key"].map(first)) & (every["day"] <= pd.to_datetime(runs).max())]
    every = every.sort_values(["day", "key"], kind="stable").astype({"day": "datetime64[us]"})
    for part, names in ((state, ["state", "ended_on"]), (turned, ["is_resolved"])):
        part = part.sort_values("day", kind="stable").astype({"day": "datetime64[us]"})
        every = pd.merge_asof(every, part[["key", "day", *names]], on="day", by="key")
    reason = pd.Series(None, index=every.index, dtype="object").mask(every["is_resolved"].eq(True), RESOLVED)
    every["reason"] = reason.mask(every["ended_on"] <= every["day"], OVER)
    every = every.merge(refuted.drop_duplicates().assign(is_refuted=True), on=["key", "day"], how="left")
    every["is_refuted"] = every["is_refuted"].eq(True)
    return every.sort_values(["key", "day"], kind="stable", ignore_index=True)


def _live(days: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """What happened to each warning, day by day: `CORE_WARNING_STEP` columns, ``state`` (row of ``found``), ``key``."""
    reopen = pd.Timedelta(days=int(notices.settings()["reopen_days"]))
    severity = found["level"].map({level: number for number, level in enumerate(notices.LEVELS)})
    graded = days.assign(severity=severity[days["state"]].to_numpy())
    rows = graded[["key", "day", "state", "severity", "reason", "is_refuted"]].itertuples(index=False)
    keys = list(found.drop_duplicates("key").sort_values("key")[_KEY].itertuples(index=False, name=None))
    steps = [
        (key, *step) for key, today in groupby(rows, key=attrgetter("key")) for step in _life(keys[key], today, reopen)
    ]
    frame = pd.DataFrame(steps, columns=["key", "warning_id", "day", "what", "reason", "state"])
    told = found.loc[frame["state"], ["level", "measure", "evidence"]].reset_index(drop=True)
    return pd.concat([frame, told], axis="columns")


def _life(key: tuple[str, ...], days: Iterable[Any], reopen: pd.Timedelta) -> Iterator[tuple[str, Any, str, Any, int]]:
    """Goes through the days of one finding: yields warning number, day, what happened, why (of an end), state."""
    rule, raised_for, occasion = key
    number, is_open, state = warning_id(rule, raised_for, occasion), False, -1
    severity = closed_on = refuted_at = None
    for today in days:
        over = today.reason if isinstance(today.reason, str) else None
        holds = over is None and (refuted_at is None or today.severity < refuted_at)
        what = None
        if severity is None:
            what = RAISED  # also where it is over by the time that it is known: it was so, and is kept
        elif is_open:
            what = RISEN if today.severity < severity else CHANGED if today.state != state else None
        elif holds and (refuted_at is not None or today.day - closed_on <= reopen):
            what = RETURNED
        elif holds:  # too long ago to be the same
            what, number = RAISED, warning_id(rule, raised_for, f"{occasion}|{today.day:%Y-%m-%d}")
        if what is not None:
            yield number, today.day, what, None, today.state
            is_open, severity, state, refuted_at = True, today.severity, today.state, None
        reason = FALSE if today.is_refuted else over
        if today.is_refuted:
            refuted_at = severity
        if is_open and reason is not None:
            yield number, today.day, CLOSED, reason, state
            is_open, closed_on = False, today.day


def _standing(step: pd.DataFrame, found: pd.DataFrame, heard: pd.DataFrame, runs: pd.Series) -> pd.DataFrame:
    """One row per warning as it stands after the last run; its level and evidence are those of its last step."""
    last_run = pd.to_datetime(runs).max()
    by_number = step.groupby("warning_id", sort=False)
    last = by_number.tail(1).set_index("warning_id")
    opened = step[step["what"].isin([RAISED, RETURNED])].groupby("warning_id")["day"]
    closed = last["day"].where(last["what"] == CLOSED)
    about = found.loc[last["state"]].set_index(last.index)
    heard = heard.assign(warning_id=heard["warning_id"].where(heard["warning_id"].isin(last.index), heard["heir"]))
    heard = heard.drop_duplicates("warning_id", keep="last").set_index("warning_id").reindex(last.index)
    first = opened.min().reindex(last.index)
    seen = about["seen_until"].fillna((closed - pd.Timedelta(days=1)).where(closed > first, first)).fillna(last_run)
    frame = pd.DataFrame(
        {
            "rule": about["rule"],
            "rule_name": about["rule"].map({rule: block["name"] for rule, block in rules.settings().items()}),
            **{name: about[name] for name in ("dispute_id", "area_code", "category_code", "raised_for", "event_id")},
            **{name: last[name] for name in ("level", "measure", "evidence")},
            "first_seen_at": first,
            "last_seen_at": seen,
            "closed_at": closed,
            "status": np.where(closed.isna(), "open", "closed"),
            "closed_reason": last["reason"],
            "times_raised": opened.count().reindex(last.index),
            "last_raised_at": opened.max().reindex(last.index),
            "judgement": heard["judgement"],
            "acknowledged_at": heard["acknowledged_at"],
        }
    ).reset_index()
    order = ["first_seen_at", "rule", "raised_for", "warning_id"]
    return frame.sort_values(order, kind="stable", ignore_index=True)[CORE_WARNING.column_names]


def _occasions(step: pd.DataFrame, found: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Why somebody should be told, see `notices.tell`; where a dispute is, by what was known on that day."""
    turning = step[step["what"] != CHANGED]
    turning = turning.assign(until=turning.groupby("warning_id")["day"].shift(-1), why=turning["what"])
    about = found.loc[turning["state"], ["rule", "dispute_id", "area_code"]].reset_index(drop=True)
    turning = pd.concat([turning.reset_index(drop=True), about], axis="columns")
    spans = turning[turning["what"] != CLOSED]
    spans = spans.sort_values("day", kind="stable", ignore_index=True).astype({"day": "datetime64[us]"})
    places = places.astype({"day": "datetime64[us]", "dispute_id": "str"}).sort_values("day", kind="stable")
    known = pd.merge_asof(spans[["day", "dispute_id"]], places, on="day", by="dispute_id")["area_code"]
    spans = spans.assign(area_code=known.where(spans["dispute_id"].notna(), spans["area_code"]), span=spans.index)
    around = spans[["span", "dispute_id", "day"]].merge(
        spans[["dispute_id", "rule", "day", "until"]].dropna(subset=["dispute_id"]),
        on="dispute_id",
        suffixes=("", "_of"),
    )
    around = around[(around["day_of"] <= around["day"]) & ~(around["until"] <= around["day"])]
    return spans.assign(weight=around.groupby("span")["rule"].nunique().reindex(spans.index).fillna(1))


def _levels(rule: pd.Series, measure: pd.Series) -> Any:
    """The first level of each rule whose ``at_least`` the measure reaches."""
    values = pd.to_numeric(measure).fillna(0).to_numpy(dtype=float)
    level: Any = np.full(len(rule), None, dtype=object)
    for name, block in rules.settings().items():
        for step in block["levels"]:
            level[rule.eq(name).to_numpy() & (level == None) & (values >= step["at_least"])] = step["level"]  # noqa: E711
    return level
