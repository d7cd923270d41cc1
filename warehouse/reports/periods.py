"""The window of a report: which month, week or day, cut how, and what it is compared with.

Here: reading `2025-03`, `2025-W12`, `2025-03-15`; windows (calendar, noon, eight, assess); the former window and the
one a year ago; what of them the data covers. Not here: any figure.
written period, window, as_of, first day of data -> Period
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

KINDS = {"month": "月报", "week": "周报", "day": "日报"}
WINDOWS = {
    "calendar": "自然日（0时至24时）",
    "noon": "前一日12时至当日12时",
    "eight": "前一日8时至当日8时",
    "assess": "考核月（上月19日至本月18日）",
}
_HOURS = {"calendar": 0, "noon": 12, "eight": 8, "assess": 0}
_ASSESS_DAY = 19


class PeriodRefused(ValueError):
    """There is no such period, or no data for it; the sentence is for the user."""


@dataclass(frozen=True)
class Period:
    """One window, first moment in, last moment out, and its two others for comparison.

    Attributes:
        kind: ``month``, ``week`` or ``day``.
        window: one of `WINDOWS`.
        written: what the file is named after, such as ``2025-03``.
        number: which of its year (month, ISO week, day of the year).
        year: of ``number``.
        since, until: the part of the window that the data covers; ``full_until`` is where it would end.
        previous, last_year: the window before and the one a year ago, of as many days; None where the data does not
            reach back so far.
        starts_late: the data begins only inside the window.
    """

    kind: str
    window: str
    written: str
    number: int
    year: int
    since: datetime
    until: datetime
    full_until: datetime
    previous: tuple[datetime, datetime] | None
    last_year: tuple[datetime, datetime] | None
    starts_late: bool

    @property
    def is_partial(self) -> bool:
        """The window is not over yet as far as the data reaches."""
        return self.until < self.full_until

    @property
    def ends_day(self) -> bool:
        """A day of this window is named after its end (noon to noon), not after its start."""
        return _HOURS[self.window] > 0

    @property
    def name(self) -> str:
        """As a title says it: 2025年3月, 2025年第12周（3月17日至23日）, 2025年3月15日."""
        if self.kind == "month":
            return f"{self.year}年{self.number}月"
        if self.kind == "week":
            first = self.full_until - timedelta(days=7) + timedelta(days=1 if self.ends_day else 0)
            return f"{self.year}年第{self.number}周（{span(first, first + timedelta(days=7))}）"
        day = date.fromisoformat(self.written)
        return f"{day.year}年{day.month}月{day.day}日"

    @property
    def this(self) -> str:
        """本月, 本周, 当日."""
        return {"month": "本月", "week": "本周", "day": "当日"}[self.kind]

    @property
    def before(self) -> str:
        """上月, 上周, 前一日; of an unfinished window 上月同期."""
        words = {"month": "上月", "week": "上周", "day": "前一日"}
        return words[self.kind] + ("同期" if self.is_partial else "")

    @property
    def year_ago(self) -> str:
        """How the window a year ago is called: 去年同期."""
        return "去年同期"

    @property
    def says(self) -> str:
        """The window in full: 3月1日0时至3月31日24时."""
        return f"{moment(self.since)}至{moment(self.until, is_end=True)}"


def moment(at: datetime, *, is_end: bool = False) -> str:
    """3月1日0时; as an end, midnight is 24时 of the day before."""
    if is_end and at.time() == time():
        day = at - timedelta(days=1)
        return f"{day.month}月{day.day}日24时"
    return f"{at.month}月{at.day}日{at.hour}时"


def day_name(day: date) -> str:
    """2025年3月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


def span(since: datetime, until: datetime) -> str:
    """3月17日至23日: the days from ``since`` to the one before ``until``, the month said once."""
    last = until - timedelta(days=1)
    month = "" if since.month == last.month else f"{last.month}月"
    return f"{since.month}月{since.day}日至{month}{last.day}日"


def read(
    kind: str, written: str, window: str, *, as_of: datetime, first_day: date | None, name_only: bool = False
) -> Period:
    """Reads a period as a user writes it.

    Args:
        kind: ``month`` (`2025-03`), ``week`` (`2025-W12`, or a day in it) or ``day`` (`2025-03-15`).
        written: the period.
        window: one of `WINDOWS`; ``assess`` goes with months alone.
        as_of: where the data of the publication ends.
        first_day: where it begins; None without any data.
        name_only: do not ask whether the data reaches there.

    Raises:
        PeriodRefused: what was written is no period, or lies outside the data.
    """
    if window == "assess" and kind != "month":
        raise PeriodRefused("考核月（--window assess）只用于月报；周报、日报请用 calendar、noon 或 eight。")
    first, last, label, year, number = _days(kind, written, window)
    shift = timedelta(hours=_HOURS[window]) - timedelta(days=1 if _HOURS[window] else 0)
    since, full_until = _at(first) + shift, _at(last) + timedelta(days=1) + shift
    data_since = _at(first_day) if first_day is not None else None
    if not name_only:
        _refuse_outside(label, since, full_until, as_of, data_since)
    whole_days = (as_of - since) // timedelta(days=1)
    until = full_until if as_of >= full_until else since + timedelta(days=max(whole_days, 0))
    if kind == "month":
        before = _month_before(first), first
        year_before = first.replace(year=first.year - 1), _year_before(last) + timedelta(days=1)
    else:
        days = (last - first).days + 1
        before = first - timedelta(days=days), first
        back = timedelta(days=364) if kind == "week" else first - _year_before(first)
        year_before = first - back, last - back + timedelta(days=1)
    is_partial = until < full_until
    length = until - since
    pairs = []
    for start, end in (before, year_before):
        begins, ends = _at(start) + shift, _at(end) + shift
        if is_partial:
            ends = min(ends, begins + length)
        pairs.append((begins, ends) if data_since is not None and begins >= data_since else None)
    starts_late = data_since is not None and data_since > since
    return Period(kind, window, label, number, year, since, until, full_until, pairs[0], pairs[1], starts_late)


def latest(kind: str, window: str, as_of: datetime) -> str:
    """The last whole month, week or day before ``as_of``, as `read` takes it."""
    day = as_of.date()
    for back in range(1, 70):
        candidate = day - timedelta(days=back)
        written = f"{candidate:%Y-%m}" if kind == "month" else candidate.isoformat()
        period = read(kind, written, window, as_of=as_of, first_day=None, name_only=True)
        if not period.is_partial:
            return period.written
    raise PeriodRefused(f"{as_of:%Y-%m-%d} 之前没有满的期间。")


def _refuse_outside(label: str, since: datetime, until: datetime, as_of: datetime, data_since: datetime | None) -> None:
    if data_since is None:
        raise PeriodRefused("本次发布里还没有纠纷，无从出报告。请先运行 dispute-lake run。")
    if as_of - since < timedelta(days=1):
        raise PeriodRefused(f"{label} 还没有数据：本次发布的数据截至 {as_of:%Y-%m-%d %H:%M}。请选更早的期间。")
    if until <= data_since:
        raise PeriodRefused(f"{label} 没有数据：本湖的数据自 {data_since:%Y-%m-%d} 起。请选更晚的期间。")


def _days(kind: str, written: str, window: str) -> tuple[date, date, str, int, int]:
    """First and last day, the period as written out, its year and number."""
    if kind == "month":
        found = re.fullmatch(r"(\d{4})-(\d{1,2})", written)
        if not found or not 1 <= int(found[2]) <= 12 or not 1900 < int(found[1]) < 9000:
            raise PeriodRefused(f"月份应写成 2025-03 的样子，现在是“{written}”。")
        first = date(int(found[1]), int(found[2]), 1)
        label, year, number = f"{first:%Y-%m}", first.year, first.month
        if window == "assess":
            return (
                _month_before(first).replace(day=_ASSESS_DAY),
                first.replace(day=_ASSESS_DAY - 1),
                label,
                year,
                number,
            )
        return first, _month_after(first) - timedelta(days=1), label, year, number
    if kind == "week":
        found = re.fullmatch(r"(\d{4})-?W(\d{1,2})", written, re.IGNORECASE)
        try:
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else date.fromisoformat(written)
        except ValueError as error:
            raise PeriodRefused(f"周应写成 2025-W12，或其中的一天如 2025-03-18，现在是“{written}”。") from error
        first -= timedelta(days=first.weekday())
        year, number, _ = first.isocalendar()
        return first, first + timedelta(days=6), f"{year}-W{number:02}", year, number
    try:
        day = date.fromisoformat(written)
    except ValueError as error:
        raise PeriodRefused(f"日期应写成 2025-03-15 的样子，现在是“{written}”。") from error
    return day, day, day.isoformat(), day.year, day.timetuple().tm_yday


def _at(day: date) -> datetime:
    return datetime.combine(day, time())


def _month_before(first: date) -> date:
    return (first.replace(day=1) - timedelta(days=1)).replace(day=first.day)


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _year_before(day: date) -> date:
    """The same day a year ago; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
