"""The numbers of the screen, each with the selection of rows that it counts.

Here: what is asked of a snapshot and how it is laid out. Not here: the counting (`warehouse/sql/screen`), the rows
(`rows`), the page.
Snapshot, Filter -> {title, headline, trend, ladder, areas, categories, sources, today, late}

A flow counts what was reported within the filter's dates; a stock what is open of all reported up to their end, as it
stands in this publication.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd

from warehouse.screen.choices import FACETS, Filter, Selection, a_year_before, last_day
from warehouse.screen.snapshot import Snapshot

TODAY, LATE = 60, 60
"""How many warnings and late disputes stand on the screen itself; all of them are one click away."""

_DAYS_BY_DAY, _DAYS_BY_WEEK = 45, 200


def summary(seen: Snapshot, chosen: Filter) -> dict[str, Any]:
    """All that the screen shows at once. A number is ``{"n": int, "rows": query of its rows}``."""
    former = chosen.former()
    asked = chosen.parameters() | {
        "former_since": former[0], "former_until": former[1], "parent": chosen.area or seen.city,
        "level": seen.level_below(chosen.area), "recipient": chosen.area or seen.city,
    }  # fmt: skip
    count = _Counter(seen, chosen)
    return {
        "publication": {"number": seen.number, "as_of": seen.as_of.isoformat(sep=" ", timespec="minutes")},
        "filter": chosen.said(),
        "last": str(last_day(seen.as_of)),
        "day": str(chosen.day),
        "path": [{"code": code, "name": name} for code, name in seen.path(chosen.area)],
        "headline": _headline(seen, asked, count),
        "trend": _trend(seen, chosen, count),
        "ladder": _ladder(seen, asked, count),
        "areas": _areas(seen, asked, count),
        "categories": _categories(seen, asked, count, is_covered=_is_covered(seen, former[0])),
        "sources": _sources(seen, asked, count),
        "warnings": _warnings(seen, asked, count),
        "late": _records(seen.ask("late", asked | {"limit": LATE})),
    }


class _Counter:
    """Makes numbers: a count beside the query of the rows that it counts."""

    def __init__(self, seen: Snapshot, chosen: Filter) -> None:
        self.seen = seen
        self.base = chosen.parameters()

    def flow(self, n: Any, **facets: Any) -> dict[str, Any]:
        return self._number(n, "dispute", self.base | facets)

    def stock(self, n: Any, **facets: Any) -> dict[str, Any]:
        return self._number(n, "dispute", self.base | {"since": None, "state": "open"} | facets)

    def high(self, n: Any, **facets: Any) -> dict[str, Any] | None:
        """High risk within what is open; None where the filter is about another risk."""
        return self.stock(n, risk="高", **facets) if self.base["risk"] in (None, "高") else None

    def alarms(self, n: Any, **facets: Any) -> dict[str, Any]:
        return self._number(n, "warning", self.base | {"since": None, "until": self.base["day"]} | facets)

    def notices(self, n: Any, **facets: Any) -> dict[str, Any]:
        return self._number(
            n,
            "notice",
            self.base
            | {"area": self.base["area"] or self.seen.city, "since": self.base["day"], "until": self.base["day"]}
            | facets,
        )

    def _number(self, n: Any, of: str, facets: Mapping[str, Any]) -> dict[str, Any]:
        chosen = Selection(of, {name: facets.get(name) for name in FACETS[of]})
        return {"n": int(n), "rows": chosen.said()}


def _headline(seen: Snapshot, asked: dict[str, Any], count: _Counter) -> dict[str, Any]:
    row = seen.ask("headline", asked).iloc[0]
    return {
        "reported": count.flow(row["reported"]),
        "resolved": count.flow(row["resolved"], state="已化解"),
        "below": count.flow(row["resolved_below"], resolved_tier="below"),
        "known": count.flow(row["resolved_known"], resolved_tier="known"),
        "several": count.flow(row["several"], systems="several"),
        "open": count.stock(row["open"]),
        "overdue": count.stock(row["overdue"], overdue=True),
        "overrun": count.stock(row["overrun"], overrun=True),
        "high": count.high(row["high"]),
        "alarms": count.alarms(row["alarms"], state="open"),
        "alarms_red": count.alarms(row["alarms_red"], state="open", level="红"),
        "alarms_today": count.alarms(row["alarms_today"], since=asked["day"]),
    }


def _trend(seen: Snapshot, chosen: Filter, count: _Counter) -> dict[str, Any]:
    unit, cut = _spans(max(chosen.since, min(seen.earliest or chosen.since, chosen.until)), chosen.until)
    spans = [(a, b) for a, b, _ in cut]
    step = chosen.days
    former = [(a - timedelta(days=step), b - timedelta(days=step)) for a, b in spans]
    year = [(a_year_before(a), a_year_before(b)) for a, b in spans]
    asked = chosen.parameters() | {
        "starts": [a for a, _ in spans], "ends": [b for _, b in spans],
        "former_starts": [a for a, _ in former], "former_ends": [b for _, b in former],
        "year_starts": [a for a, _ in year], "year_ends": [b for _, b in year],
    }  # fmt: skip
    counted = seen.ask("trend", asked)
    has_former, has_year = _is_covered(seen, former[0][0]), _is_covered(seen, year[0][0])
    points = []
    for (since, until, is_cut), (a, b), (c, d), row in zip(
        cut, former, year, counted.itertuples(index=False), strict=True
    ):
        points.append(
            {
                "since": str(since),
                "until": str(until),
                "is_cut": is_cut,
                "reported": count.flow(row.reported, since=since, until=until),
                "resolved": count.flow(row.resolved, since=since, until=until, clock="resolved", state="已化解"),
                "former": count.flow(row.former, since=a, until=b) if has_former else None,
                "last_year": count.flow(row.last_year, since=c, until=d) if has_year else None,
            }
        )
    return {
        "unit": unit,
        "points": points,
        "former": _whole(seen, chosen, count, chosen.former()),
        "last_year": _whole(seen, chosen, count, chosen.last_year()),
    }


def _whole(seen: Snapshot, chosen: Filter, count: _Counter, window: tuple[date, date]) -> dict[str, Any]:
    """The count of another window, None where the lake has nothing from its beginning on."""
    since, until = window
    said = {"since": str(since), "until": str(until), "number": None}
    if not _is_covered(seen, since):
        return said
    n = seen.ask("count", chosen.parameters() | {"since": since, "until": until})["n"].iloc[0]
    return said | {"number": count.flow(n, since=since, until=until)}


def _is_covered(seen: Snapshot, since: date) -> bool:
    """Whether the lake's data begin by then: a window from before is empty for want of data, which is no zero."""
    return seen.covered_from is not None and seen.covered_from <= since


def _spans(since: date, until: date) -> tuple[str, list[tuple[date, date, bool]]]:
    """The window in days, in sevens of days up to its end, or in calendar months, each with whether it is cut short."""
    days = (until - since).days + 1
    if days <= _DAYS_BY_DAY:
        unit, edges = "日", pd.date_range(since, until, freq="D")
    elif days <= _DAYS_BY_WEEK:
        unit, edges = "7 天", pd.date_range(end=until - timedelta(days=6), freq="7D", periods=days // 7)
    else:
        unit, edges = "月", pd.date_range(since, until, freq="MS")
    starts = sorted({since, *(edge.date() for edge in edges)})
    ends = [*(day - timedelta(days=1) for day in starts[1:]), until]
    return unit, [(a, b, _is_cut(unit, a, b)) for a, b in zip(starts, ends, strict=True)]


def _is_cut(unit: str, since: date, until: date) -> bool:
    if unit == "月":
        return since.day > 1 or (until + timedelta(days=1)).day > 1
    return unit == "7 天" and (until - since).days < 6


def _ladder(seen: Snapshot, asked: dict[str, Any], count: _Counter) -> list[dict[str, Any]]:
    rows = []
    for row in seen.ask("ladder", asked).itertuples(index=False):
        tier = row.tier
        found = {
            "tier": tier,
            "resolved": count.flow(row.resolved, resolved_tier=tier),
            "answering": count.flow(row.answering, answering_tier=tier),
            "open": count.stock(row.open, answering_tier=tier),
            "overdue": count.stock(row.overdue, answering_tier=tier, overdue=True),
            "overrun": count.stock(row.overrun, answering_tier=tier, overrun=True),
        }
        if tier != "不明" or any(row[1:]):
            rows.append(found)
    return rows


def _areas(seen: Snapshot, asked: dict[str, Any], count: _Counter) -> list[dict[str, Any]]:
    rows = []
    for row in seen.ask("areas", asked).itertuples(index=False):
        code = row.area_code
        rows.append(
            {
                "code": code,
                "name": row.area_name,
                "reported": count.flow(row.reported, area=code),
                "resolved": count.flow(row.resolved, area=code, state="已化解"),
                "open": count.stock(row.open, area=code),
                "overdue": count.stock(row.overdue, area=code, overdue=True),
                "high": count.high(row.high, area=code),
                "alarms": count.alarms(row.alarms, area=code, state="open"),
                "verdict": row.verdict,
            }
        )
    return rows


def _categories(seen: Snapshot, asked: dict[str, Any], count: _Counter, *, is_covered: bool) -> list[dict[str, Any]]:
    rows = []
    window = {"since": asked["former_since"], "until": asked["former_until"]}
    for row in seen.ask("categories", asked).itertuples(index=False):
        code = row.category_code
        rows.append(
            {
                "code": code,
                "name": row.category_name,
                "reported": count.flow(row.reported, category=code),
                "resolved": count.flow(row.resolved, category=code, state="已化解"),
                "former": count.flow(row.former, category=code, **window) if is_covered else None,
                "open": count.stock(row.open, category=code),
            }
        )
    return rows


def _sources(seen: Snapshot, asked: dict[str, Any], count: _Counter) -> list[dict[str, Any]]:
    return [
        {
            "code": row.source,
            "name": seen.name_of("source", row.source),
            "known": count.flow(row.known, source=row.source),
            "alone": count.flow(row.alone, source=row.source, systems="one"),
        }
        for row in seen.ask("sources", asked).itertuples(index=False)
    ]


def _warnings(seen: Snapshot, asked: dict[str, Any], count: _Counter) -> dict[str, Any]:
    told = seen.ask("told", asked).iloc[0]
    return {
        "told": count.notices(told["told"], held="told"),
        "held": count.notices(told["held"], held="held"),
        "levels": [
            {
                "level": row.level,
                "raised": count.alarms(row.raised, since=asked["day"], level=row.level),
                "open": count.alarms(row.open, level=row.level, state="open"),
            }
            for row in seen.ask("levels", asked).itertuples(index=False)
        ],
        "list": _records(seen.ask("today", asked | {"limit": TODAY})),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: nothing is None, a day has no clock."""
    return [
        {str(name): plain(value) for name, value in row.items()} for row in frame.astype("object").to_dict("records")
    ]


def plain(value: Any) -> Any:
    """A value for JSON; a moment at midnight is its day, others to the minute."""
    if value is None or (not isinstance(value, list) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else value.strftime("%Y-%m-%d %H:%M")
    return value.item() if hasattr(value, "item") else value
