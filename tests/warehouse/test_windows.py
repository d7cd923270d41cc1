"""Windows of statistics and what they are compared with: 环比 the window before, 同比 the same window a year ago."""

from datetime import datetime

import duckdb
import pytest

from tests.warehouse.test_indicators import table
from warehouse.publish import _macros

PLACE = {"county_code": "530402", "town_code": "530402001000", "village_code": "530402001001"}


def city(*reports, as_of="2026-04-03", resolved=None):
    """A dispute for each time at which one was first reported, under the macros of the warehouse."""
    con = duckdb.connect()
    rows = [
        {
            "dispute_id": f"d{n}",
            "category_code": "0701",
            **PLACE,
            "first_reported_at": at,
            "resolved_at": resolved,
        }
        for n, at in enumerate(reports)
    ]
    table(con, "publication", [{"as_of": as_of}])
    table(con, "dispute", rows)
    table(con, "area", [])
    for name in ("dispute_course", "event", "dispute_event", "indicator_definition"):
        table(con, name, [])
    for name, statement in _macros().items():
        if name.startswith(("window", "compare_period", "compare_window")):
            con.execute(statement)
    return lambda sql: con.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("kind", "day", "starts", "ends", "before", "year_ago"),
    [
        ("日", "2025-03-02", "2025-03-02", "2025-03-03", "2025-03-01", "2024-03-02"),
        ("正午日", "2025-03-02", "2025-03-01 12:00", "2025-03-02 12:00", "2025-02-28 12:00", "2024-03-01 12:00"),
        ("八点日", "2025-03-02", "2025-03-01 08:00", "2025-03-02 08:00", "2025-02-28 08:00", "2024-03-01 08:00"),
        ("周", "2025-03-05", "2025-03-03", "2025-03-10", "2025-02-24", "2024-03-04"),
        ("月", "2025-03-31", "2025-03-01", "2025-04-01", "2025-02-01", "2024-03-01"),
        ("季", "2025-05-31", "2025-04-01", "2025-07-01", "2025-01-01", "2024-04-01"),
        ("年", "2025-05-31", "2025-01-01", "2026-01-01", "2024-01-01", "2024-01-01"),
        ("考核月", "2025-03-18", "2025-02-19", "2025-03-19", "2025-01-19", "2024-02-19"),
        ("考核月", "2025-03-19", "2025-03-19", "2025-04-19", "2025-02-19", "2024-03-19"),
        ("考核月", "2025-01-01", "2024-12-19", "2025-01-19", "2024-11-19", "2023-12-19"),
        ("考核月", "2025-03-31", "2025-03-19", "2025-04-19", "2025-02-19", "2024-03-19"),
    ],
)
def test_a_window_and_those_it_is_compared_with(kind, day, starts, ends, before, year_ago):
    ((found_starts, found_ends, found_before, found_before_ends, found_year_ago),) = city()(
        f"SELECT starts, ends, previous_starts, previous_ends, last_year_starts FROM windows('{kind}', '{day}')"
    )
    assert (found_starts, found_ends) == (datetime.fromisoformat(starts), datetime.fromisoformat(ends))
    assert (found_before, found_before_ends) == (datetime.fromisoformat(before), found_starts)
    assert found_year_ago == datetime.fromisoformat(year_ago)


def test_a_window_that_nobody_knows_is_refused_with_those_that_are_known():
    with pytest.raises(duckdb.Error, match=r"没有这种统计窗：旬.*考核月"):
        city()("FROM windows('旬', '2025-03-02')")


def test_noon_to_noon_and_eight_to_eight_cut_a_night_differently():
    ask = city("2025-02-01", "2025-03-01 12:00", "2025-03-02 07:59", "2025-03-02 08:00", "2025-03-02 12:00")
    count = "SELECT dispute_count FROM compare_window('{}', '2025-03-02', '530400', '00')"
    assert ask(count.format("正午日")) == [(3,)]
    assert ask(count.format("八点日")) == [(2,)]
    assert ask(count.format("日")) == [(3,)]


@pytest.mark.parametrize(
    ("day", "starts", "ends"), [("2024-03-01", "2023-02-28", "2023-03-01"), ("2025-03-01", "2024-02-28", "2024-02-29")]
)
def test_a_day_beside_a_leap_day_is_compared_with_one_day(day, starts, ends):
    found = city()(f"SELECT last_year_starts, last_year_ends FROM windows('八点日', '{day}')")
    assert found == [tuple(datetime.fromisoformat(f"{each} 08:00") for each in (starts, ends))]


def test_an_assessment_month_is_compared_with_the_assessment_month_before_and_a_year_ago():
    ask = city(
        "2024-03-01", "2024-03-19", "2024-04-18 23:59", "2024-04-19",
        *["2025-02-18 23:59", "2025-02-19", "2025-03-18"],
        *["2025-03-19 00:00"] * 3, "2025-04-18 23:59", "2025-04-19",
    )  # fmt: skip
    assert ask(
        "SELECT dispute_count, previous_count, previous_change, last_year_count, last_year_change, is_complete, "
        "is_small FROM compare_window('考核月', '2025-04-01', '530402', '00')"
    ) == [(4, 2, 1.0, 2, 1.0, True, True)]


def test_an_open_window_is_compared_with_as_much_of_the_one_before():
    ask = city("2025-01-01", "2025-02-19", "2025-02-24", "2025-03-10", "2025-03-20", as_of="2025-03-24")
    assert ask(
        "SELECT dispute_count, previous_count, previous_ends, is_complete "
        "FROM compare_window('考核月', '2025-03-20', '530400', '00')"
    ) == [(1, 1, datetime(2025, 2, 24), False)]


def test_a_window_before_the_data_is_unknown_and_not_zero():
    ask = city("2025-03-01", "2025-03-02", "2025-03-03 09:00")
    assert ask(
        "SELECT dispute_count, previous_count, last_year_count, last_year_change "
        "FROM compare_window('日', '2025-03-01', '530400', '00')"
    ) == [(1, None, None, None)]
    assert ask(
        "SELECT dispute_count, previous_count, last_year_count "
        "FROM compare_period('530403', '00', '2025-03-02', '2025-03-03')"
    ) == [(0, 0, None)]


def test_the_clock_decides_whether_reports_or_resolutions_are_counted():
    ask = city("2025-02-01", "2025-03-05", resolved="2025-04-02 10:00")
    count = "SELECT dispute_count FROM {}, clock := '{}')"
    for window in (
        "compare_window('月', '2025-04-01', '530400', '00'",
        "compare_period('530400', '00', '2025-04-01', '2025-05-01'",
    ):
        assert ask(count.format(window, "reported")) == [(0,)]
        assert ask(count.format(window, "resolved")) == [(2,)]
        with pytest.raises(duckdb.Error, match="clock 只能是"):
            ask(count.format(window, "closed"))


def test_areas_from_city_to_village_and_categories_by_class_or_code():
    ask = city("2025-02-01", "2025-03-05")
    count = "SELECT dispute_count FROM compare_window('月', '2025-03-05', '{}', '{}')"
    for area in ("530400", "530402", "530402001000", "530402001", "530402001001"):
        for category in ("00", "07", "0701"):
            assert ask(count.format(area, category)) == [(1,)], (area, category)
    assert ask(count.format("530403", "00")) == ask(count.format("530402", "0702")) == [(0,)]
