"""Every number of the screen is the count of the rows that it opens, and parts add up to their whole."""

import calendar
from datetime import date, timedelta
from itertools import pairwise

import duckdb
import pytest

from warehouse.publish import copy_publication
from warehouse.screen import numbers, rows
from warehouse.screen.choices import screen_filter, selection
from warehouse.screen.snapshot import ScreenRefused, Snapshot


@pytest.fixture(scope="module")
def seen(published):
    return Snapshot(published.warehouse)


def summary(seen, **asked):
    return numbers.summary(seen, screen_filter(asked, city=seen.city, now=seen.as_of))


def found(content):
    """All numbers inside, wherever they stand."""
    if isinstance(content, dict):
        if set(content) == {"n", "rows"}:
            yield content
        else:
            for value in content.values():
                yield from found(value)
    elif isinstance(content, list):
        for value in content:
            yield from found(value)


def busiest(seen, level):
    """The area of a level with most disputes."""
    key = {"county": "county_key", "town": "town_key", "village": "village_key"}[level]
    return seen._con.execute(
        f"SELECT {key} FROM board WHERE {key} NOT LIKE '%-' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    ).fetchall()[0][0]


def asked_for(seen):
    kept = {"since": "2000-01-01"}
    return [
        {},
        kept,
        kept | {"area": busiest(seen, "county")},
        kept | {"area": busiest(seen, "town"), "risk": "中"},
        kept | {"area": busiest(seen, "village")},
        kept | {"area": "530400-"},
        kept | {"category": "06", "risk": "低"},
        kept | {"category": "0601"},
        {"since": "2025-03-03", "until": "2025-03-09", "risk": "高"},
    ]


def test_every_number_is_the_count_of_the_rows_behind_it(seen):
    for asked in asked_for(seen):
        every = list(found(summary(seen, **asked)))
        assert len(every) > 60
        for number in every:
            chosen = selection(number["rows"], city=seen.city)
            assert rows.total(seen, chosen) == number["n"], (asked, number)


def test_the_rows_themselves_are_as_many_as_the_number_says(seen):
    tiles = summary(seen, since="2000-01-01")["headline"]
    for number in (tiles["reported"], tiles["overdue"], tiles["alarms"], tiles["below"]):
        chosen = selection(number["rows"], city=seen.city)
        first = rows.page(seen, chosen, 1)
        shown = [row for page in range(first["pages"]) for row in rows.page(seen, chosen, page + 1)["rows"]]
        key = "warning_id" if chosen.of == "warning" else "dispute_id"
        assert len({row[key] for row in shown}) == number["n"] > 0


def test_parts_add_up_to_the_whole_at_every_level(seen):
    for asked in asked_for(seen):
        told = summary(seen, **asked)
        tiles = told["headline"]
        total = {
            name: sum(each[name]["n"] for each in told["areas"]) for name in ("reported", "open", "overdue", "alarms")
        }
        assert total == {name: tiles[name]["n"] for name in total}, asked
        for part in ("categories", "trend"):
            each = told[part]["points"] if part == "trend" else told[part]
            assert sum(one["reported"]["n"] for one in each) == tiles["reported"]["n"], (asked, part)
        assert sum(each["resolved"]["n"] for each in told["ladder"]) == tiles["resolved"]["n"]
        for name in ("open", "overdue", "overrun"):
            assert sum(each[name]["n"] for each in told["ladder"]) == tiles[name]["n"]
        assert sum(each["raised"]["n"] for each in told["warnings"]["levels"]) == tiles["alarms_today"]["n"]
        assert sum(each["open"]["n"] for each in told["warnings"]["levels"]) == tiles["alarms"]["n"]


def test_the_rates_are_those_of_the_published_indicators(seen, published):
    start = seen.earliest.replace(day=1)
    end = start.replace(day=calendar.monthrange(start.year, start.month)[1])
    tiles = summary(seen, since=str(start), until=str(end))["headline"]
    query = "FROM indicator SELECT indicator, numerator, denominator WHERE area_code = $city AND period_start = $start"
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        kept = {
            name: (numerator, denominator)
            for name, numerator, denominator in con.execute(query, {"city": seen.city, "start": start}).fetchall()
        }
    assert kept["化解率"] == (tiles["resolved"]["n"], tiles["reported"]["n"])
    assert kept["县及县以下化解占比"] == (tiles["below"]["n"], tiles["known"]["n"])
    assert kept["跨系统率"] == (tiles["several"]["n"], tiles["reported"]["n"])


def test_the_changes_are_those_of_the_macro_that_analysts_use(seen, published):
    chosen = screen_filter({"since": "2025-03-07", "until": "2025-03-11"}, city=seen.city, now=seen.as_of)
    told = numbers.summary(seen, chosen)
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        count, former, last_year = con.execute(
            "SELECT dispute_count, previous_count, last_year_count FROM compare_period($area, '00', $since, $until)",
            {"area": seen.city, "since": chosen.since, "until": chosen.until + timedelta(days=1)},
        ).fetchall()[0]
    assert told["headline"]["reported"]["n"] == count > 0
    assert told["trend"]["former"]["number"]["n"] == former > 0
    assert told["trend"]["last_year"]["number"] is last_year is None


def test_a_window_before_the_data_begin_is_no_zero(seen):
    recent = summary(seen, since="2025-03-08")
    assert recent["trend"]["former"]["number"] is not None
    whole = summary(seen)
    assert whole["trend"]["former"]["number"] is None
    assert whole["trend"]["last_year"]["number"] is None
    assert all(each["former"] is None for each in whole["categories"])


def test_drilling_down_names_the_way_back(seen):
    village = busiest(seen, "village")
    told = summary(seen, since="2000-01-01", area=village)
    codes = [step["code"] for step in told["path"]]
    assert codes[0] == seen.city
    assert codes[-1] == village
    assert len(codes) == 4
    town = summary(seen, since="2000-01-01", area=codes[2])
    assert {each["code"] for each in town["areas"]} >= {village}
    assert all(each["name"] for each in town["areas"])


@pytest.mark.parametrize(
    ("since", "unit", "count", "cut"),
    [("2025-03-01", "日", 31, []), ("2025-01-01", "7 天", 13, [0]), ("2024-03-15", "月", 13, [0])],
)
def test_a_window_is_cut_into_days_sevens_or_months(since, unit, count, cut):
    told, spans = numbers._spans(date.fromisoformat(since), date(2025, 3, 31))
    assert (told, len(spans)) == (unit, count)
    assert spans[0][0] == date.fromisoformat(since)
    assert spans[-1][1] == date(2025, 3, 31)
    assert all((after[0] - before[1]).days == 1 for before, after in pairwise(spans))
    assert [number for number, span in enumerate(spans) if span[2]] == cut


def test_the_trend_begins_with_the_data(seen):
    points = summary(seen, since="2000-01-01")["trend"]["points"]
    assert points[0]["since"] == str(seen.earliest)


def test_the_same_dates_a_year_before(seen):
    leap = screen_filter({"since": "2024-02-29", "until": "2024-03-01"}, city=seen.city, now=seen.as_of)
    assert leap.last_year() == (date(2023, 2, 28), date(2023, 3, 1))
    assert leap.former() == (date(2024, 2, 27), date(2024, 2, 28))


def test_what_stands_on_the_screen_is_todays_most_urgent(seen):
    told = summary(seen, since="2000-01-01")
    today = told["warnings"]
    assert sum(each["same_count"] for each in today["list"]) <= told["headline"]["alarms_today"]["n"]
    ranks = [each["rank"] for each in today["list"] if each["rank"] is not None]
    assert ranks == sorted(ranks)
    untold = ["红橙黄蓝".index(each["level"]) for each in today["list"] if each["rank"] is None]
    assert untold == sorted(untold)
    risks = ["高中低".index(each["risk_level"]) for each in told["late"]]
    assert risks == sorted(risks)


def test_no_publication_or_an_old_one_is_a_sentence(tmp_path):
    with pytest.raises(ScreenRefused, match="还没有发布"):
        Snapshot(tmp_path / "warehouse.duckdb")
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    with pytest.raises(ScreenRefused, match="较早的版本"):
        Snapshot(tmp_path / "old.duckdb")
    (tmp_path / "broken.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(ScreenRefused, match="打不开"):
        Snapshot(tmp_path / "broken.duckdb")


def test_a_lake_without_disputes_shows_zeros(published, tmp_path):
    warehouse = copy_publication(published.published, tmp_path / "empty")
    with duckdb.connect(str(warehouse)) as con:
        for table in ("dispute", "warning", "warning_notice", "dispute_event"):
            con.execute(f"DELETE FROM {table}")
    told = summary(Snapshot(warehouse))
    assert {number["n"] for number in found(told)} == {0}
    assert len(told["areas"]) == 9
    assert told["late"] == told["warnings"]["list"] == []
