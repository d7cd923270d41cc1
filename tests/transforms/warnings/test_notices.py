"""Who is told, in which order, and what the day's cap holds back."""

import pandas as pd
import pytest

from transforms.tables import CORE_WARNING_NOTICE
from transforms.warnings import notices

RUNS = pd.Series(pd.date_range("2025-03-01", "2025-03-31"))
VILLAGE, TOWN, COUNTY, CITY = "530402001001", "530402001000", "530402", "530400"


def occasion(number, day="2025-03-05", *, level="黄", area=VILLAGE, until=None, rule="mass", measure=10.0, weight=1):
    return {
        "warning_id": f"wn_{number:03}", "rule": rule, "level": level, "area_code": area, "day": pd.Timestamp(day),
        "until": pd.Timestamp(until) if until else pd.NaT, "measure": measure, "weight": weight, "why": "新发",
    }  # fmt: skip


def tell(*rows):
    found = notices.tell(pd.DataFrame(rows), RUNS)
    CORE_WARNING_NOTICE.conform(found)
    return found


def told(found, recipient, day=None):
    mine = found[(found["recipient_code"] == recipient) & ~found["is_held_back"]]
    if day is not None:
        mine = mine[mine["notice_date"] == pd.Timestamp(day)]
    return mine["warning_id"].tolist()


@pytest.mark.parametrize(
    ("level", "area", "recipients"),
    [
        ("红", VILLAGE, {CITY, COUNTY, TOWN, VILLAGE}),
        ("橙", VILLAGE, {COUNTY, TOWN, VILLAGE}),
        ("黄", VILLAGE, {TOWN, VILLAGE}),
        ("蓝", VILLAGE, {VILLAGE}),
        ("蓝", TOWN, {TOWN}),
        ("黄", TOWN, {TOWN}),
        ("蓝", "530402001", {TOWN}),
        ("蓝", COUNTY, {COUNTY}),
        ("红", None, {CITY}),
        ("黄", "某市某街道", {CITY}),
    ],
)
def test_the_level_says_which_centres_and_an_unknown_place_goes_to_the_next_one_above(level, area, recipients):
    found = tell(occasion(1, level=level, area=area))
    assert set(found["recipient_code"]) == recipients
    assert found["recipient_code"].is_unique


def test_a_day_tells_at_most_the_cap_and_the_rest_comes_the_day_after():
    cap = notices.settings()["cap"]["村"]
    found = tell(*(occasion(n, level="蓝", measure=100 - n) for n in range(cap + 3)))
    assert told(found, VILLAGE, "2025-03-05") == [f"wn_{n:03}" for n in range(cap)]
    held = found[found["is_held_back"]]
    assert held["warning_id"].tolist() == [f"wn_{n:03}" for n in range(cap, cap + 3)]
    assert held["rank"].tolist() == [cap + 1, cap + 2, cap + 3] and held["held_back_reason"].notna().all()
    assert told(found, VILLAGE, "2025-03-06") == [f"wn_{n:03}" for n in range(cap, cap + 3)]
    assert len(found) == cap + 6  # nothing is told twice, and nothing is lost


def test_what_was_held_back_gives_way_to_what_is_more_urgent():
    cap = notices.settings()["cap"]["村"]
    first = [occasion(n, level="蓝") for n in range(cap + 1)]
    later = [occasion(100 + n, "2025-03-06", level="黄") for n in range(cap)]
    found = tell(*first, *later)
    assert set(told(found, VILLAGE, "2025-03-06")) == {f"wn_{100 + n:03}" for n in range(cap)}
    assert told(found, VILLAGE, "2025-03-07") == [f"wn_{cap:03}"]


def test_what_is_over_or_waited_too_long_is_told_no_more():
    cap, days = notices.settings()["cap"]["村"], notices.settings()["wait_days"]
    crowd = [occasion(100 * day + n, f"2025-03-{day:02}") for day in range(5, days + 7) for n in range(cap)]
    found = tell(*crowd, occasion(1, level="蓝"), occasion(2, level="蓝", until="2025-03-07"))
    waited = found[found["warning_id"] == "wn_001"]
    assert waited["is_held_back"].all() and len(waited) == days + 1
    assert len(found[found["warning_id"] == "wn_002"]) == 2


def test_level_then_rule_then_measure_then_what_else_is_known_then_age_decide():
    rows = [
        occasion(1, level="黄", rule="overdue", measure=99.0),
        occasion(2, level="黄", rule="mass", measure=5.0),
        occasion(3, level="橙", rule="cross_source_gap"),
        occasion(4, level="黄", rule="mass", measure=8.0),
        occasion(5, level="黄", rule="mass", measure=8.0, weight=3),
        occasion(6, level="黄", rule="extreme_words", measure=1.0),
    ]
    assert told(tell(*rows), VILLAGE) == [f"wn_00{n}" for n in (3, 6, 5, 4, 2, 1)]
    assert tell(*rows).equals(tell(*rows[::-1]))


def test_a_warning_over_on_the_day_it_was_raised_is_nobodys_business():
    assert tell(occasion(1, until="2025-03-05")).empty
