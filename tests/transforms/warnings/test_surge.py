"""Surges: planted ones are found early and in the right place; seasons, holidays and single disputes are none."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from transforms.warnings import rules, surge

START = pd.Timestamp("2025-03-01")
SETTINGS = rules.settings()["surge"]
TOWNS = [f"53040{county}00{town}000" for county in (2, 3) for town in range(1, 6)]
CATEGORIES = ["0203", "0402", "0601", "0701"]


def rows(day, town, category, count, name, **more):
    """``count`` records of one day, each a matter of its own."""
    at = START + timedelta(days=int(day))
    base = {
        "pool": "", "day": at, "known_date": at + timedelta(days=1), "county": town[:6], "town": town, "village": None,
        "category": category,
    }  # fmt: skip
    names = [f"{name}-{day}-{n}" for n in range(count)]
    return [base | {"reported_at": at, "event_id": one, "matter": one} | more for one in names]


def quiet(days, rate=0.4, seed=1, factor=lambda day: 1.0):
    """Independent counts around a rate per town, category and day."""
    rng = np.random.default_rng(seed)
    return [
        row
        for day in range(days)
        for town in TOWNS
        for category in CATEGORIES
        for row in rows(day, town, category, rng.poisson(rate * factor(day)), f"q-{town}-{category}")
    ]


def detect(records):
    frame = pd.DataFrame(records)
    return surge.detect(frame, sorted(frame["known_date"].dt.date.unique()), SETTINGS)


def planted_part(found, category="0601", day=60):
    """Alarms about what was planted; the quiet part has its chance alarms, bounded in a test of their own."""
    return found[(found["category"] == category) & (found["first_seen_at"] > START + timedelta(days=day))]


def rate_of_false(found, days):
    """Alarms per county and month in a world without surges."""
    return len(found) / (len({town[:6] for town in TOWNS}) * days / 30)


def test_a_planted_surge_is_found_on_its_first_day_once_and_in_its_town():
    planted = [row for day in (60, 61, 62) for row in rows(day, TOWNS[3], "0601", 9, "s")]
    found = planted_part(detect(quiet(80) + planted))
    assert found["area"].tolist() == [TOWNS[3]]
    row = found.iloc[0]
    assert row["first_seen_at"] == START + timedelta(days=61), "known with the delivery of the next day"
    assert row["closed_at"] > START + timedelta(days=63)


def test_a_surge_over_many_towns_is_raised_once_for_the_county():
    planted = [row for day in (60, 61) for town in TOWNS[:5] for row in rows(day, town, "0601", 5, "s")]
    assert planted_part(detect(quiet(80) + planted))["area"].tolist() == ["530402"]


def test_a_surge_in_one_village_is_raised_for_the_village():
    village = TOWNS[0][:9] + "007"
    planted = rows(60, TOWNS[0], "0601", 12, "s", village=village)
    assert planted_part(detect(quiet(80) + planted))["area"].tolist() == [village]


def test_four_times_the_usual_over_a_week_is_found_while_it_lasts():
    """Of a town with 0.4 records a day: 8 more than usual, spread over seven days."""
    planted = [row for day in range(60, 67) for row in rows(day, TOWNS[3], "0601", 1 + day % 2, "s")]
    found = planted_part(detect(quiet(80) + planted))
    assert found["area"].tolist() == [TOWNS[3]]
    assert found["first_seen_at"].iloc[0] <= START + timedelta(days=67)


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_ordinary_days_raise_less_than_one_a_county_and_month(seed):
    assert rate_of_false(detect(quiet(150, rate=0.3, seed=seed)), 150) < 0.5


def test_busy_weekdays_are_no_surge():
    """Mondays with four times the records of other days."""
    found = detect(
        quiet(150, seed=2, factor=lambda day: 4.0 if (START + timedelta(days=day)).day_of_week == 0 else 1.0)
    )
    assert rate_of_false(found, 150) < 1


def test_growth_of_everything_is_no_surge():
    found = detect(quiet(150, rate=0.2, seed=3, factor=lambda day: 1 + day / 30))
    assert rate_of_false(found, 150) < 1


def test_a_category_that_rises_everywhere_is_season_not_surge():
    rng = np.random.default_rng(4)
    season = [
        row
        for day in range(60, 100)
        for town in TOWNS
        for row in rows(day, town, "0701", rng.poisson(min((day - 60) / 20, 1.0)), f"season-{town}")
    ]
    found = planted_part(detect(quiet(110, rate=0.6) + season), "0701")
    assert "county" not in set(found["level"])
    assert len(found) <= 1, "a town's chance alarm, not each town's"


def test_a_code_that_the_whole_city_begins_to_use_is_no_surge():
    rng = np.random.default_rng(8)
    new = [row for day in range(60, 110) for town in TOWNS for row in rows(day, town, "0801", rng.poisson(0.8), town)]
    assert planted_part(detect(quiet(110) + new), "0801").empty


def test_a_code_that_appears_in_one_town_alone_is_a_surge():
    new = [row for day in (60, 61) for row in rows(day, TOWNS[3], "0801", 5, "s")]
    assert planted_part(detect(quiet(80) + new), "0801")["area"].tolist() == [TOWNS[3]]


def test_many_records_of_one_dispute_are_no_surge():
    planted = rows(60, TOWNS[3], "0601", 30, "s", matter="one-dispute")
    assert planted_part(detect(quiet(80) + planted)).empty


def test_a_day_without_deliveries_that_come_later_is_judged_when_they_come():
    late = START + timedelta(days=66)
    planted = rows(60, TOWNS[3], "0601", 12, "s", known_date=late)
    found = planted_part(detect(quiet(80) + planted))
    assert found["first_seen_at"].tolist() == [late]


def test_too_short_a_past_raises_nothing():
    assert detect(quiet(9) + rows(8, TOWNS[3], "0601", 20, "s")).empty


def test_what_comes_later_never_changes_an_alarm():
    planted = [
        *(row for day in (50, 51, 52) for row in rows(day, TOWNS[3], "0601", 8, "s")),
        *rows(70, TOWNS[7], "0203", 12, "t"),
        *rows(55, TOWNS[8], "0402", 12, "u", known_date=START + timedelta(days=61)),
    ]
    records = quiet(80) + planted
    whole = detect(records)
    raised = set((whole["area"] + whole["category"]).tolist())
    assert {TOWNS[3] + "0601", TOWNS[7] + "0203", TOWNS[8] + "0402"} <= raised
    for cut in range(45, 80, 5):
        until = START + timedelta(days=cut)
        part = detect([row for row in records if row["known_date"] <= until])
        columns = ["area", "category", "first_seen_at"]
        expected = whole.loc[whole["first_seen_at"] <= until, columns]
        assert part[columns].values.tolist() == expected.values.tolist()


def test_the_order_of_rows_changes_nothing():
    records = quiet(80) + rows(60, TOWNS[3], "0601", 12, "s")
    pd.testing.assert_frame_equal(detect(records), detect(records[::-1]))


@pytest.mark.shared_data
def test_both_known_bursts_of_the_street_orders_are_raised_on_their_day(shared_data):
    """Real work orders of one district; few enough alarms to read them all."""
    orders = pd.read_csv(shared_data / "street_orders" / "orders_2018_02_to_10.csv", dtype=str).replace("-", None)
    orders = orders[orders["SUB_TYPE_NAME"].notna()]
    at = pd.to_datetime(orders["CREATE_TIME"])
    found = detect(
        pd.DataFrame(
            {
                "pool": "street_orders", "day": at.dt.normalize(), "known_date": at.dt.normalize() + timedelta(days=1),
                "reported_at": at, "county": orders["DISTRICT_NAME"], "town": orders["STREET_NAME"],
                "village": orders["COMMUNITY_NAME"], "category": orders["SUB_TYPE_NAME"],
                "matter": orders["REC_ID"], "event_id": orders["REC_ID"],
            }
        )
    )  # fmt: skip
    seen = {(r.area, r.category, f"{r.first_seen_at:%Y-%m-%d}") for r in found.itertuples()}
    assert ("老坑社区", "公共交通管理", "2018-09-21") in seen
    assert ("汤坑社区", "精神文明建设", "2018-08-28") in seen
    assert len(found) <= 50
    assert (found["count"] >= 2 * found["expected"]).all()
