from datetime import date

import pandas as pd

from quality.freshness import missing, results


def delivered(days, source="grid"):
    return pd.DataFrame({"source": source, "delivery_date": [day.date() for day in days]})


def test_a_source_that_delivers_every_day_is_no_finding():
    assert missing(delivered(pd.date_range("2025-03-01", "2025-04-30")), as_of=date(2025, 4, 30)).empty


def test_a_day_without_delivery_is_found_and_told_in_a_sentence():
    days = [day for day in pd.date_range("2025-03-01", "2025-04-30") if day != pd.Timestamp("2025-04-23")]
    found = missing(delivered(days), as_of=date(2025, 4, 30))
    assert found["delivery_date"].tolist() == [pd.Timestamp("2025-04-23")]
    assert "2025-04-23 没有交付；平常星期三有 100% 会交付" in found["says"].iloc[0]


def test_a_source_that_stopped_is_found_up_to_the_day_of_the_run():
    found = missing(delivered(pd.date_range("2025-03-01", "2025-04-27")), as_of=date(2025, 4, 30))
    assert len(found) == 3


def test_weekends_off_are_a_habit_and_no_finding():
    days = [day for day in pd.date_range("2025-03-03", "2025-04-27") if day.day_of_week < 5]
    assert missing(delivered(days), as_of=date(2025, 4, 27)).empty


def test_the_first_days_are_too_short_for_a_habit():
    days = [day for day in pd.date_range("2025-03-01", "2025-03-16") if day != pd.Timestamp("2025-03-10")]
    assert missing(delivered(days), as_of=date(2025, 3, 16)).empty


def test_ten_days_without_a_gap_are_a_daily_habit():
    days = [day for day in pd.date_range("2025-03-01", "2025-03-16") if day != pd.Timestamp("2025-03-12")]
    assert missing(delivered(days), as_of=date(2025, 3, 16))["delivery_date"].tolist() == [pd.Timestamp("2025-03-12")]


def test_a_source_that_delivers_whole_histories_has_no_habit():
    days = pd.date_range("2025-03-01", "2025-04-20")
    found = missing(delivered(days, "messages"), as_of=date(2025, 4, 30), history_sources=frozenset({"messages"}))
    assert found.empty


def test_the_result_counts_expected_and_missing_days_of_each_source():
    grid = [day for day in pd.date_range("2025-03-01", "2025-04-30") if day != pd.Timestamp("2025-04-23")]
    both = pd.concat([delivered(grid), delivered(pd.date_range("2025-03-01", "2025-04-30"), "police")])
    found = results(both, as_of=date(2025, 4, 30)).set_index("suite")
    assert found["success"].to_dict() == {"grid": False, "police": True}
    assert found["unexpected_count"].to_dict() == {"grid": 1, "police": 0}
    # ten days are learnt from: 61 days less 10
    assert found["evaluated_rows"].to_dict() == {"grid": 51, "police": 51}


def test_nothing_delivered_gives_no_result():
    assert results(delivered([]), as_of=date(2025, 4, 30)).empty
