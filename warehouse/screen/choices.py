"""What may be chosen on the screen: the page's filter, and the selection of rows behind a number.

Here: which facets there are, what they may say, the Chinese sentence that says what is chosen. Not here: the SQL that
obeys (`warehouse/sql/screen/chosen_*.sql`), numbers (`numbers`), rows (`rows`).
query string -> Filter, Selection -> parameters of SQL, sentence

Whatever comes from the browser is checked here and reaches SQL as a bound parameter only.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

DISPUTE = (
    "area", "category", "risk", "since", "until", "clock", "state", "resolved_tier", "answering_tier", "overdue",
    "overrun", "source", "systems",
)  # fmt: skip
WARNING = ("area", "category", "risk", "since", "until", "level", "rule", "state")
NOTICE = ("area", "category", "risk", "since", "until", "held")
FACETS = {"dispute": DISPUTE, "warning": WARNING, "notice": NOTICE}
NAMES = {"dispute": "纠纷", "warning": "预警", "notice": "预警告知"}

DEFAULT_DAYS = 30
_TIERS = ("村", "乡", "县", "市", "不明")
_STATES = {
    "dispute": {"open": "没有化解", "已化解": "已化解", "处理中": "处理中", "未化解": "未化解（调处未成）"},
    "warning": {"open": "生效", "closed": "已解除"},
    "notice": {},
}
_HELD = {"told": "已告知", "held": "因当日上限暂缓"}


class ChoiceRefused(ValueError):
    """A choice that cannot be; the sentence is for the user."""


@dataclass(frozen=True)
class Filter:
    """What the whole screen is about; None: all.

    ``since`` and ``until`` are dates of reports, both included. ``lag``: days until a report is delivered and can raise
    a warning: 1 where the publication's now is the first moment of a day, which then has no reports yet.
    """

    area: str | None
    category: str | None
    risk: str | None
    since: date
    until: date
    lag: int = 0

    @property
    def day(self) -> date:
        """The day on which what was reported until the window's end raised warnings."""
        return self.until + timedelta(days=self.lag)

    @property
    def days(self) -> int:
        """Length of the window in days."""
        return (self.until - self.since).days + 1

    def former(self) -> tuple[date, date]:
        """The window of the same length just before (环比)."""
        return self.since - timedelta(days=self.days), self.since - timedelta(days=1)

    def last_year(self) -> tuple[date, date]:
        """The same dates a year before (同比); 29 February becomes the 28th."""
        return a_year_before(self.since), a_year_before(self.until)

    def parameters(self) -> dict[str, Any]:
        """The parameters that every query of `warehouse/sql/screen` knows."""
        return {
            "area": self.area, "category": self.category, "risk": self.risk, "since": self.since, "until": self.until,
            "day": self.day,
        }  # fmt: skip

    def said(self) -> dict[str, str]:
        """As a query string says it."""
        return said({name: value for name, value in self.parameters().items() if name != "day"})


@dataclass(frozen=True)
class Selection:
    """Rows behind a number: ``of`` dispute, warning or notice, ``parameters`` a value or None for each facet."""

    of: str
    parameters: Mapping[str, Any]

    def said(self) -> dict[str, str]:
        """As a query string says it; `selection` reads it back."""
        return {"of": self.of} | said(self.parameters)


def said(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as a query string says them: what is not chosen is left out."""
    return {
        name: "1" if value is True else str(value) for name, value in parameters.items() if value not in (None, False)
    }


def a_year_before(day: date) -> date:
    """The same day of the former year; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def screen_filter(asked: Mapping[str, str], *, city: str, now: datetime) -> Filter:
    """Reads the page's filter; without dates the last 30 days that have reports.

    Args:
        asked: query string: area, category, risk, since, until; others are not looked at.
        city: code of the whole city, which is no restriction.
        now: the publication's now.

    Raises:
        ChoiceRefused: a value that cannot be, or an end before its beginning.
    """
    read = {name: _read("dispute", name, asked.get(name)) for name in ("area", "category", "risk", "since", "until")}
    until = read["until"] or last_day(now)
    since = read["since"] or until - timedelta(days=DEFAULT_DAYS - 1)
    if since > until:
        raise ChoiceRefused(f"起始日 {since} 晚于截止日 {until}")
    return Filter(
        None if read["area"] == city else read["area"],
        read["category"],
        read["risk"],
        since,
        until,
        (now.date() - last_day(now)).days,
    )


def last_day(now: datetime) -> date:
    """The last day that had begun before a publication's now: at its first moment a day has no reports yet."""
    return (now - timedelta(microseconds=1)).date()


def selection(asked: Mapping[str, str], *, city: str) -> Selection:
    """Reads which rows are wanted.

    Raises:
        ChoiceRefused: an unknown facet, or a value that cannot be.
    """
    of = asked.get("of", "")
    if of not in FACETS:
        raise ChoiceRefused(f"没有“{of}”这类行；应是 dispute（纠纷）、warning（预警）或 notice（告知）")
    unknown = sorted(set(asked) - {"of", *FACETS[of]})
    if unknown:
        raise ChoiceRefused(f"{NAMES[of]}不能按“{'、'.join(unknown)}”选")
    read = {name: _read(of, name, asked.get(name)) for name in FACETS[of]}
    if of == "notice":
        read["area"] = read["area"] or city
    elif read["area"] == city:
        read["area"] = None
    return Selection(of, read)


def sentence(chosen: Selection, name_of: Callable[[str, str], str]) -> str:
    """Says in Chinese what is chosen.

    Args:
        chosen: the selection.
        name_of: the name of an ``area``, ``category``, ``source`` or ``rule`` by its code.
    """
    value = chosen.parameters
    parts = [name_of("area", value["area"])] if value["area"] else ["全市"]
    if value["category"]:
        parts.append(name_of("category", value["category"]))
    if value["risk"]:
        parts.append(f"{value['risk']}风险")
    if chosen.of == "dispute":
        parts += _of_dispute(value, name_of)
    elif chosen.of == "warning":
        parts += [f"{value['level']}色"] if value["level"] else []
        parts += [name_of("rule", value["rule"])] if value["rule"] else []
    else:
        parts += [_HELD[value["held"]]] if value["held"] else []
    parts += _when(chosen)
    if value.get("state"):
        parts.append(_STATES[chosen.of][value["state"]])
    return " · ".join(parts)


def _of_dispute(value: Mapping[str, Any], name_of: Callable[[str, str], str]) -> list[str]:
    parts = []
    resolved = value["resolved_tier"]
    if resolved:
        known = {"below": "在县级及以下化解", "known": "已化解且知道在哪一级", "不明": "已化解、不知在哪一级"}
        parts.append(known.get(resolved, f"在{resolved}级化解"))
    if value["answering_tier"]:
        tier = value["answering_tier"]
        parts.append("负责层级不明" if tier == "不明" else f"{tier}级负责")
    if value["overdue"]:
        parts.append("超过时限")
    if value["overrun"]:
        parts.append("负责层级逾期")
    if value["source"]:
        parts.append(f"{name_of('source', value['source'])}有记录")
    if value["systems"]:
        parts.append({"one": "只有一个系统知道", "several": "两个以上系统知道"}[value["systems"]])
    return parts


def _when(chosen: Selection) -> list[str]:
    since, until = chosen.parameters["since"], chosen.parameters["until"]
    clock = {"warning": "发出", "notice": "告知"}.get(chosen.of, "受理")
    what = "化解" if chosen.parameters.get("clock") == "resolved" else clock
    if since and until:
        return [f"{since} {what}" if since == until else f"{since} 至 {until} {what}"]
    if until:
        return [f"截至 {until} {what}"]
    return [f"{since} 起{what}"] if since else []


def _read(of: str, name: str, text: str | None) -> Any:
    """One facet's value, checked; None where nothing is said."""
    if text is None or text == "":
        return None
    if name in ("since", "until"):
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise ChoiceRefused(f"日期应写成 2025-03-02，现在是“{text}”") from error
        if not 1990 <= day.year <= 2200:
            raise ChoiceRefused(f"日期 {text} 不在 1990 年至 2200 年之间")
        return day
    if name in ("overdue", "overrun"):
        if text != "1":
            raise ChoiceRefused(f"{name} 只能是 1，现在是“{text}”")
        return True
    patterns = {"area": r"\d{6}(\d{6})?-?", "category": r"\d{2}|\d{4}", "source": r"\w{1,60}", "rule": r"\w{1,60}"}
    choices = {
        "risk": ("高", "中", "低"), "clock": ("reported", "resolved"), "state": tuple(_STATES[of]),
        "resolved_tier": (*_TIERS, "below", "known"), "answering_tier": _TIERS, "systems": ("one", "several"),
        "level": ("红", "橙", "黄", "蓝"), "held": tuple(_HELD),
    }  # fmt: skip
    if name in patterns and not re.fullmatch(patterns[name], text, re.ASCII):
        raise ChoiceRefused(f"{name} 不能是“{text}”")
    if name in choices and text not in choices[name]:
        raise ChoiceRefused(f"{name} 应是 {'、'.join(choices[name])} 之一，现在是“{text}”")
    return text
