"""What every report starts from: area, window, words, an open ledger.

Here: reading `reports.yml`, the area, what the data covers. Not here: what a report tells.
warehouse, area, period -> Basis
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from sources import contract
from warehouse.reports import periods
from warehouse.reports.figures import Ledger
from warehouse.reports.periods import KINDS, Period, PeriodRefused
from warehouse.reports.wording import scope_name

_CHILD = {"市": "县", "县": "乡", "乡": "村", "村": "村"}
_CHILD_WORDS = {"县": "县（市、区）", "乡": "乡镇（街道）", "村": "村（社区）"}


@cache
def words() -> dict[str, Any]:
    """`reports.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("reports.yml").read_text("utf-8"))
    return loaded


@cache
def source_names() -> dict[str, str]:
    """Chinese name of each source system."""
    return {name: contract.load(name).label for name in contract.names()}


@dataclass(frozen=True)
class Basis:
    """Everything that composing a report asks for.

    ``as_of`` is the publication's now: how far resolved, at what risk, all that is told as of it. ``child`` is the tier
    below (县 乡 村) by which areas are told apart.
    """

    ledger: Ledger
    period: Period
    area_code: str
    area_name: str
    tier: str
    parent_name: str
    as_of: datetime
    first_day: date
    label: str | None

    @property
    def child(self) -> str:
        """The tier below: 县 乡 村."""
        return _CHILD[self.tier]

    @property
    def child_words(self) -> str:
        """How the areas below are called together."""
        return _CHILD_WORDS[self.child]

    @property
    def scope(self) -> str:
        """How the whole area is called."""
        return scope_name(self.area_name, self.tier)

    @property
    def known_until(self) -> str:
        """The last day that the publication knows of: 6月28日."""
        day = (self.as_of - timedelta(microseconds=1)).date()
        return f"{day.month}月{day.day}日"

    @property
    def min_count(self) -> int:
        """Below it counts are not judged."""
        return int(words()["min_count"])

    def head(self) -> dict[str, Any]:
        """The fields of a report that follow from the basis alone."""
        kind = KINDS[self.period.kind]
        names = {"area": self.area_name, "parent": self.parent_name, "kind": kind}
        marked = [self.label] if self.label else []
        window = []
        if self.period.window != ("eight" if self.period.kind == "day" else "calendar"):
            window = [{"calendar": "自然日", "noon": "12时", "eight": "8时", "assess": "考核月"}[self.period.window]]
        return {
            "red_head": words()["red_head"].format_map(names),
            "issue": f"（{self.period.year}年第{self.period.number}期）",
            "issuer": words()["issuer"].format_map(names),
            "issued_on": self.as_of.date(),
            "label": self.label,
            "copies": tuple((how, who.format_map(names)) for how, who in words()["copies"][self.tier]),
            "stem": "_".join([*marked, f"{self.area_name}矛盾纠纷研判{kind}", self.period.written, *window]),
        }


def open_basis(con: duckdb.DuckDBPyConnection, kind: str, written: str | None, area: str | None, window: str) -> Basis:
    """Reads what the publication covers, the area and the window.

    Args:
        con: on a published warehouse.
        kind: month, week or day.
        written: the period as the user wrote it; None: the last whole one.
        area: area code; None: the city.
        window: one of `periods.WINDOWS`.

    Raises:
        PeriodRefused: no such period or area, or no data for it.
        duckdb.Error: the warehouse is of an older version.
    """
    covered = Ledger(con, {}).ask("coverage").only
    as_of = covered["as_of"].to_pydatetime()
    first_day = None if covered["first_day"] is None else covered["first_day"].date()
    code = area or _city(con)
    code = f"{code}000" if len(code) == 9 else code  # towns are written both ways
    found = Ledger(con, {"area": code}).ask("scope")
    if not len(found):
        raise PeriodRefused(f"没有区划代码 {code}。区县写 6 位、乡镇与村写 12 位代码，代码见视图 area。")
    place = found.only
    parent = Ledger(con, {"area": place["parent_code"] or ""}).ask("scope")
    period = periods.read(
        kind, written or periods.latest(kind, window, as_of), window, as_of=as_of, first_day=first_day
    )
    previous, last_year = period.previous or (None, None), period.last_year or (None, None)
    parameters = {
        "area": code,
        "child": _CHILD[place["area_tier"]],
        "category": "",
        "since": period.since,
        "until": period.until,
        "previous_since": previous[0],
        "previous_until": previous[1],
        "last_year_since": last_year[0],
        "last_year_until": last_year[1],
        "as_of": as_of,
        "names_end": 1 if period.ends_day else 0,
    }
    assert first_day is not None  # `periods.read` refused otherwise
    return Basis(
        ledger=Ledger(con, parameters),
        period=period,
        area_code=code,
        area_name=place["area_name"],
        tier=place["area_tier"],
        parent_name=parent.only["area_name"] if len(parent) else "",
        as_of=as_of,
        first_day=first_day,
        label=covered["label"],
    )


def _city(con: duckdb.DuckDBPyConnection) -> str:
    found = con.execute("SELECT min(area_code) FROM area WHERE area_tier = '市'").fetchone()
    return str(found[0]) if found else ""
