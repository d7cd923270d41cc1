from datetime import date, timedelta

import pandas as pd

from quality.recent import judged

RESULT = pd.DataFrame(
    {"suite": ["hotline", "event"], "expectation": ["e", "e"], "allowed_share": [0.02, 0.0], "success": [True, True],
     "detail": [None, None]}
)  # fmt: skip


def measured(*newest, rows=100, past=90):
    """Deliveries without a fault, then ``newest`` with so many rows that fall short each."""
    short = [0] * past + list(newest)
    return pd.DataFrame(
        {
            "source": "hotline",
            "delivery_date": [date(2025, 1, 1) + timedelta(days=day) for day in range(len(short))],
            "expectation": "e",
            "dimension": "有效性",
            "evaluated_rows": rows,
            "unexpected_count": short,
        }
    )


def test_a_bad_week_shows_although_the_whole_past_is_good():
    found = judged(RESULT, measured(0, 0, 0, 0, 0, 30, 40))
    assert found["success"].tolist() == [False, True]
    assert found["detail"].iloc[0] == "最近 7 次交付的 700 行中 70 行不符（10.0%）"


def test_a_bad_week_long_ago_is_past():
    assert judged(RESULT, measured(30, 40, *[0] * 7))["success"].all()


def test_one_odd_row_in_a_small_delivery_is_no_finding():
    assert judged(RESULT, measured(1, rows=1))["success"].all()


def test_a_source_that_delivers_a_whole_history_at_once_has_no_newest_deliveries():
    assert judged(RESULT, measured(90, 90), histories={"hotline"})["success"].all()


def test_nothing_measured_changes_nothing():
    pd.testing.assert_frame_equal(judged(RESULT, measured().head(0)), RESULT)
