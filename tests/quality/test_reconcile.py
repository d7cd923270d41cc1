import pandas as pd

from quality.reconcile import unbalanced, unmatched


def account(read, accepted, superseded=0, ignored=0, quarantined=0, source="hotline"):
    return pd.DataFrame(
        [
            {
                "source": source,
                "delivery_date": "2025-03-02",
                "file": "a.xlsx",
                "rows_read": read,
                "rows_accepted": accepted,
                "rows_superseded": superseded,
                "rows_ignored": ignored,
                "rows_quarantined": quarantined,
            }
        ]
    )


def test_a_file_whose_rows_are_all_accounted_for_is_no_finding():
    assert unbalanced(account(10, 6, 2, 1, 1)).empty


def test_a_vanished_row_is_found_and_counted():
    assert unbalanced(account(10, 6, 2, 1, 0))["missing_rows"].tolist() == [1]


def test_a_row_counted_twice_is_found_as_a_negative_number():
    assert unbalanced(account(10, 10, 0, 1, 0))["missing_rows"].tolist() == [-1]


def test_accepted_rows_and_events_that_agree_are_no_finding():
    assert unmatched(account(10, 10), pd.DataFrame({"source": ["hotline"], "event_count": [10]})).empty


def test_a_source_whose_events_got_lost_is_found():
    found = unmatched(account(10, 10), pd.DataFrame({"source": ["hotline"], "event_count": [9]}))
    assert found.to_dict("records") == [{"source": "hotline", "rows_accepted": 10, "event_count": 9}]


def test_events_of_a_source_that_was_never_delivered_are_found():
    found = unmatched(account(10, 10), pd.DataFrame({"source": ["hotline", "grid"], "event_count": [10, 3]}))
    assert found.to_dict("records") == [{"source": "grid", "rows_accepted": 0, "event_count": 3}]
