from datetime import date, datetime

import pytest

from warehouse.reports.periods import PeriodRefused, latest, read

AS_OF, FIRST = datetime(2025, 6, 29), date(2024, 1, 1)


def period(kind, written, window="calendar", *, as_of=AS_OF, first_day=FIRST):
    return read(kind, written, window, as_of=as_of, first_day=first_day)


@pytest.mark.parametrize(
    ("kind", "written", "window", "since", "until", "before"),
    [
        ("month", "2025-03", "calendar", "2025-03-01", "2025-04-01", "2025-02-01"),
        ("month", "2025-03", "noon", "2025-02-28T12:00", "2025-03-31T12:00", "2025-01-31T12:00"),
        ("month", "2025-03", "assess", "2025-02-19", "2025-03-19", "2025-01-19"),
        ("week", "2025-W12", "calendar", "2025-03-17", "2025-03-24", "2025-03-10"),
        ("week", "2025-03-18", "eight", "2025-03-16T08:00", "2025-03-23T08:00", "2025-03-09T08:00"),
        ("day", "2025-03-15", "eight", "2025-03-14T08:00", "2025-03-15T08:00", "2025-03-13T08:00"),
        ("day", "2025-03-15", "calendar", "2025-03-15", "2025-03-16", "2025-03-14"),
    ],
)
def test_a_window_starts_and_ends_where_its_users_cut_it(kind, written, window, since, until, before):
    found = period(kind, written, window)
    assert (found.since, found.until) == (datetime.fromisoformat(since), datetime.fromisoformat(until))
    assert found.previous == (datetime.fromisoformat(before), found.since)


def test_a_year_ago_is_the_same_month_and_for_a_week_the_same_weekdays():
    assert period("month", "2025-03").last_year == (datetime(2024, 3, 1), datetime(2024, 4, 1))
    ago = period("week", "2025-W12").last_year
    assert ago == (datetime(2024, 3, 18), datetime(2024, 3, 25))
    assert ago[0].weekday() == 0


def test_a_leap_day_is_compared_with_the_day_before_it_a_year_ago():
    leap = period("day", "2024-02-29", "calendar", first_day=date(2020, 1, 1))
    assert leap.last_year == (datetime(2023, 2, 28), datetime(2023, 3, 1))
    assert period("month", "2024-02", first_day=date(2020, 1, 1)).last_year[1] == datetime(2023, 3, 1)


def test_an_unfinished_month_is_compared_with_as_many_days():
    june = period("month", "2025-06")
    assert june.is_partial and june.until == AS_OF
    assert june.previous == (datetime(2025, 5, 1), datetime(2025, 5, 29))
    assert june.before == "上月同期"


def test_what_the_data_does_not_reach_is_no_comparison():
    march = period("month", "2025-03", first_day=date(2025, 2, 10))
    assert march.previous is None and march.last_year is None
    assert not march.starts_late
    assert period("month", "2025-03", first_day=date(2025, 3, 10)).starts_late


@pytest.mark.parametrize(
    ("kind", "written", "window", "says"),
    [
        ("month", "2025-7", "calendar", "还没有数据"),
        ("month", "2023-07", "calendar", "没有数据：本湖的数据自 2024-01-01 起"),
        ("month", "三月", "calendar", "月份应写成 2025-03"),
        ("month", "2025-13", "calendar", "月份应写成 2025-03"),
        ("week", "2025-W60", "calendar", "周应写成 2025-W12"),
        ("day", "2025-02-30", "eight", "日期应写成 2025-03-15"),
        ("day", "2025-03-15", "assess", "只用于月报"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_a_sentence(kind, written, window, says):
    with pytest.raises(PeriodRefused, match=says):
        period(kind, written, window)


def test_without_any_dispute_there_is_nothing_to_report():
    with pytest.raises(PeriodRefused, match="还没有纠纷"):
        period("month", "2025-03", first_day=None)


@pytest.mark.parametrize(
    ("kind", "window", "expected"),
    [("month", "calendar", "2025-05"), ("week", "calendar", "2025-W25"), ("day", "eight", "2025-06-28")],
)
def test_the_last_whole_period_is_found(kind, window, expected):
    assert latest(kind, window, AS_OF) == expected


def test_names_are_written_as_people_write_them():
    assert period("week", "2025-W12").name == "2025年第12周（3月17日至23日）"
    assert period("week", "2025-W14").name == "2025年第14周（3月31日至4月6日）"
    assert period("week", "2025-W12", "eight").name == "2025年第12周（3月17日至23日）"
    assert period("day", "2025-03-15", "eight").says == "3月14日8时至3月15日8时"
    assert period("month", "2025-03").says == "3月1日0时至3月31日24时"
