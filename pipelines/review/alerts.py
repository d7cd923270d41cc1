"""Warnings for people: who was told of what on a day, what is open, one with its course and its records.

Here: reading the publication, laid over with what people said since. Not here: writing what they say
(`pipelines.reviewing`), how it looks (`server`, `commands.warning`).
warehouse.duckdb + core_warning_act -> dictionaries of plain values
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pandas as pd

from pipelines.reviewing import ReviewRefused
from transforms import areas
from transforms.warnings import acts, rules
from transforms.warnings.notices import LEVELS

MOST = 500
"""Warnings in one list; the rest is counted."""

RECORDS = 60
"""Records of a dispute or a surge that stand under a warning."""

_LISTED = """
    WITH state AS (  -- as it was after the run of $day
        SELECT warning_id, level, evidence, what, reason, day AS changed_at
        FROM warning_history
        WHERE day <= $day
        QUALIFY row_number() OVER (
            PARTITION BY warning_id ORDER BY day DESC, what = '解除' DESC, what = '新发'
        ) = 1
    ),
    notice AS (
        SELECT warning_id, min(rank) AS rank, bool_and(is_held_back) AS is_held_back, any_value(told_because) AS why
        FROM warning_notice
        WHERE notice_date = $day AND recipient_code = $recipient
        GROUP BY warning_id
    )
    SELECT
        w.warning_id, w.rule, w.rule_name, w.area_name, w.area_code, w.category_name, w.dispute_id, d.title,
        w.first_seen_at, w.times_raised, s.level, s.evidence, s.changed_at, s.what <> '解除' AS is_open,
        s.reason AS closed_reason, n.rank, n.is_held_back, n.why
    FROM warning w
    JOIN state s USING (warning_id)
    LEFT JOIN notice n USING (warning_id)
    LEFT JOIN dispute d ON d.dispute_id = w.dispute_id
    WHERE starts_with(coalesce(w.area_code, ''), $prefix)
        AND ($rule IS NULL OR w.rule = $rule)
        AND ($level IS NULL OR s.level = $level)
        AND CASE $which WHEN 'told' THEN n.rank IS NOT NULL WHEN 'open' THEN s.what <> '解除' ELSE true END
    ORDER BY n.rank NULLS LAST, list_position($levels, s.level), w.first_seen_at DESC, w.warning_id
"""


def area_of(text: str) -> str:
    """Returns the area code that a person names by code or by name; the city's too.

    Raises:
        ReviewRefused: there is none, or the name means several.
    """
    table = areas.table()
    text = text.strip()
    named = table[(table[["area_code", "area_name", "full_name"]] == text).any(axis="columns")]
    if len(named) == 1:
        return str(named["area_code"].iloc[0])
    if named.empty:
        raise ReviewRefused(f"没有区域“{text}”；请写区县、乡镇、村的代码或名称")
    told = "、".join(f"{row.area_code}（{row.full_name}）" for row in named.head(5).itertuples(index=False))
    raise ReviewRefused(f"区域“{text}”有 {len(named)} 个：{told}；请写代码或全名")


def rule_of(text: str) -> str:
    """Returns the rule that a person names by code or by Chinese name.

    Raises:
        ReviewRefused: there is none.
    """
    named = {block["name"]: rule for rule, block in rules.settings().items()}
    rule = named.get(text.strip(), text.strip())
    if rule not in rules.settings():
        told = "、".join(f"{code}（{name}）" for name, code in named.items())
        raise ReviewRefused(f"没有规则“{text}”；有 {told}")
    return rule


def last_day(con: duckdb.DuckDBPyConnection) -> date:
    """The day up to which the publication reaches."""
    [(day,)] = con.execute("SELECT max(as_of)::date FROM publication").fetchall()
    found: date = day
    return found


def listed(
    con: duckdb.DuckDBPyConnection, said: pd.DataFrame, *, which: str = "open", area: str | None = None,
    rule: str | None = None, level: str | None = None, day: date | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The warnings of an area as they were on a day, the most urgent first.

    Args:
        con: connection to the publication.
        said: what people said (`CORE_WARNING_ACT`), also since the last run.
        which: told (those that the centre of the area was told of that day, or that were held back), open, or all.
        area: area code; None: the whole city.
        rule: rule code; None: all.
        level: 红 橙 黄 蓝; None: all.
        day: by default the day of the publication.

    Returns:
        One dictionary per warning: as in view `warning`, with ``is_open``, ``rank``, ``is_held_back``, ``why``,
        ``title`` of its dispute, ``judgement``, ``judged_by``, ``acknowledged_by`` and their act numbers.
    """
    city = areas.table().query("level == 'city'")["area_code"].iloc[0]
    recipient = area or city
    prefix = "" if recipient == city else recipient
    prefix = prefix[:9] if len(prefix) == 12 and prefix.endswith("000") else prefix
    frame = con.execute(
        _LISTED,
        {
            "day": day or last_day(con), "recipient": recipient, "prefix": prefix, "rule": rule, "level": level,
            "which": which, "levels": list(LEVELS),
        },
    ).df()  # fmt: skip
    frame["first_seen_at"] = frame["first_seen_at"].dt.strftime("%Y-%m-%d")
    frame["changed_at"] = frame["changed_at"].dt.strftime("%Y-%m-%d")
    return _plain(_with_acts(frame, said))


def shown(con: duckdb.DuckDBPyConnection, said: pd.DataFrame, warning_id: str) -> dict[str, Any]:
    """One warning: as in view `warning`, its course, who was told, what people said, and its records.

    Raises:
        ReviewRefused: the publication has no such warning.
    """
    asked = {"warning_id": warning_id}
    found = con.execute("SELECT * FROM warning WHERE warning_id = $warning_id", asked).df()
    if found.empty:
        raise ReviewRefused(f"没有预警 {warning_id}；见 dispute-lake warning list")
    for name in ("first_seen_at", "last_seen_at", "closed_at", "last_raised_at"):
        found[name] = pd.to_datetime(found[name]).dt.strftime("%Y-%m-%d")
    found["acknowledged_at"] = pd.to_datetime(found["acknowledged_at"]).dt.strftime("%Y-%m-%d %H:%M")
    [one] = _plain(_with_acts(found.drop(columns="judgement"), said))
    steps = con.execute(
        "SELECT strftime(day, '%Y-%m-%d') AS day, what, level, evidence, reason FROM warning_history"
        " WHERE warning_id = $warning_id ORDER BY warning_history.day, what = '解除', what <> '新发'",
        asked,
    ).df()
    notices = con.execute(
        "SELECT strftime(notice_date, '%Y-%m-%d') AS day, recipient_name, recipient_tier, told_because, rank,"
        " is_held_back FROM warning_notice WHERE warning_id = $warning_id ORDER BY notice_date, recipient_code",
        asked,
    ).df()
    mine = said[said["warning_id"] == warning_id].sort_values("acted_at")
    spoken = [
        {
            "number": row.act_id, "what": row.judgement if row.kind == "judge" else acts.KINDS[row.kind],
            "by": row.acted_by, "at": f"{row.acted_at:%Y-%m-%d %H:%M}", "note": row.note, "withdraws": row.withdraws,
        }
        for row in mine.astype("object").where(mine.notna(), None).itertuples(index=False)
    ]  # fmt: skip
    return one | {
        "steps": _plain(steps), "notices": _plain(notices), "said": spoken, "records": _records(con, one),
    }  # fmt: skip


def recipients(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Code and full name of the areas that any warning is about, the city and the counties first."""
    return [
        (str(code), str(name))
        for code, name in con.execute(
            "SELECT area_code, full_name FROM area WHERE level IN ('city', 'county', 'town') OR area_code IN"
            " (SELECT recipient_code FROM warning_notice) ORDER BY level <> 'city', level <> 'county', area_code"
        ).fetchall()
    ]


def _records(con: duckdb.DuckDBPyConnection, one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The records of its dispute; of a surge those of its category and area in its days; the last first."""
    area = str(one["area_code"])
    where = (
        "event_id IN (SELECT event_id FROM dispute_event WHERE dispute_id = $dispute)" if one["dispute_id"]
        else "is_dispute AND category_code = $category AND starts_with(coalesce(village_code, town_code, county_code),"
        " $prefix) AND reported_at::date BETWEEN $first::date - 7 AND $last::date"
    )  # fmt: skip
    given = {
        "dispute": one["dispute_id"], "category": one["category_code"], "first": one["first_seen_at"],
        "last": one["last_seen_at"], "prefix": area[:9] if len(area) == 12 and area.endswith("000") else area,
    }  # fmt: skip
    frame = con.execute(
        f"""
        SELECT event_id, source, source_record_id, strftime(reported_at, '%Y-%m-%d %H:%M') AS at, title,
            left(text, 400) AS text, status, concat_ws('', town_name, village_name) AS place,
            coalesce(event_id = $event, false) AS is_cause
        FROM event WHERE {where} ORDER BY reported_at DESC, event_id LIMIT {RECORDS}
        """,
        {name: value for name, value in given.items() if f"${name}" in where} | {"event": one["event_id"]},
    ).df()
    return _plain(frame)


def _with_acts(frame: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    held = acts.alive(said)
    for kind, names in (
        ("judge", {"act_id": "judge_number", "judgement": "judgement", "acted_by": "judged_by"}),
        ("acknowledge", {"act_id": "acknowledge_number", "acted_by": "acknowledged_by"}),
    ):
        mine = held.loc[held["kind"] == kind, ["warning_id", *names]].rename(columns=names)
        frame = frame.merge(mine.astype({"warning_id": "str"}), on="warning_id", how="left")
    return frame


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(frame.astype("object").where(frame.notna(), None).to_dict("records"))
