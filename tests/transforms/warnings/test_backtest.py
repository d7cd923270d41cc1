"""The figures of a back-test, on warnings whose truth and outcomes are written by hand."""

from datetime import date

import pandas as pd
import pytest

from transforms.warnings import backtest

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)


def warning(number, rule, raised_for, seen, dispute="D1", **more):
    base = {"closed_at": None, "judgement": None, "category_code": "0402", "area_code": "530402001001"}
    return base | {
        "warning_id": f"w{number}", "rule": rule, "raised_for": raised_for, "dispute_id": dispute,
        "first_seen_at": pd.Timestamp(seen), **more,
    }  # fmt: skip


def test_a_warning_is_right_where_the_truth_names_its_record_or_one_of_its_dispute_and_each_counts_once():
    warnings = pd.DataFrame(
        [
            warning(1, "mass", "R1", "2025-03-05"),
            warning(2, "mass", "R9", "2025-03-08", "D2"),  # the truth names R8 of the same dispute
            warning(3, "mass", "R7", "2025-03-09", "D2"),  # one too many
            warning(4, "mass", "R4", "2025-04-02", "D4"),  # outside of the days
        ]
    )
    truth = pd.DataFrame(
        [("mass", "R1", "2025-03-04"), ("mass", "R8", "2025-03-08"), ("mass", "R5", "2025-03-08"),
         ("mass", "R4", "2025-04-02")],
        columns=["rule", "raised_for", "first_known_date"],
    )  # fmt: skip
    member = pd.DataFrame({"source_record_id": ["R1", "R7", "R8", "R9"], "dispute_id": ["D1", "D2", "D2", "D2"]})
    none = pd.DataFrame(columns=["category_code", "area_code", "start_date", "end_date"])
    found = backtest.against_truth(warnings, truth, none, member, FIRST, LAST).loc["mass"]
    assert (found["true"], found["raised"], found["found"]) == (3, 3, 2)
    assert found["recall"] == pytest.approx(2 / 3) and found["precision"] == pytest.approx(2 / 3)
    assert found["late_days"] == 0.5


def test_a_surge_is_found_in_its_category_by_an_area_that_holds_it_or_lies_in_it_in_time():
    found = pd.DataFrame(
        [
            warning(1, "surge", "0402@530402", "2025-03-06", None, area_code="530402"),
            warning(2, "surge", "0402@530403", "2025-03-06", None, area_code="530403"),
            warning(3, "surge", "0601@530402", "2025-03-25", None, area_code="530402", category_code="0601"),
        ]
    )
    surge = pd.DataFrame(
        [("0402", "530402001000", "2025-03-04", "2025-03-07"), ("0601", "530402001000", "2025-03-04", "2025-03-07")],
        columns=["category_code", "area_code", "start_date", "end_date"],
    )
    none = pd.DataFrame(columns=["rule", "raised_for", "first_known_date"], dtype="str")
    member = pd.DataFrame({"source_record_id": ["R1"], "dispute_id": ["D1"]})
    row = backtest.against_truth(found, none, surge, member, FIRST, LAST).loc["surge"]
    assert (row["true"], row["raised"], row["found"], row["late_days"]) == (2, 3, 1, 2.0)
    assert row["precision"] == pytest.approx(1 / 3)


def test_lead_time_is_counted_to_the_first_outcome_after_the_warning_and_the_usual_stands_beside():
    warnings = pd.DataFrame(
        [
            warning(1, "mass", "R1", "2025-03-05", "D1"),
            warning(2, "mass", "R2", "2025-03-05", "D2"),
            warning(3, "mass", "R3", "2025-03-05", "D3"),
        ]
    )
    outcome = pd.DataFrame(
        [
            ("D1", "再次反映", "2025-03-05"), ("D1", "扬言", "2025-03-04"), ("D1", "扬言", "2025-03-09"),
            ("D2", "再次反映", "2025-03-05"), ("D2", "扬言", "2025-03-05"),  # known together with the warning
            ("D3", "再次反映", "2025-03-05"), ("D3", "扬言", "2025-09-05"),  # too late to have to do with it
            ("D4", "再次反映", "2025-03-07"), ("D4", "扬言", "2025-03-08"),
            ("D5", "再次反映", "2025-03-07"),
        ],
        columns=["dispute_id", "outcome", "day"],
    )  # fmt: skip
    row = backtest.against_outcomes(warnings, outcome, FIRST, LAST).loc["mass"]
    assert row["followed"] == pytest.approx(1 / 3) and row["lead_days"] == 4
    assert row["usual"] == 0.5  # D4 of D4 and D5
    # something serious came first in March in D1, D2, D4; of none was there a warning before
    assert (row["serious"], row["foreseen"]) == (3, 0.0)


def test_notices_are_counted_by_tier_with_what_the_cap_put_off():
    rows = [
        ("村", "V", "w1", "2025-03-05", "2025-03-05", False), ("村", "V", "w2", "2025-03-05", "2025-03-05", True),
        ("村", "V", "w2", "2025-03-06", "2025-03-05", False), ("村", "V", "w3", "2025-03-05", "2025-03-05", True),
        ("县", "C", "w1", "2025-03-05", "2025-03-05", False), ("县", "C", "w9", "2025-05-05", "2025-05-05", False),
    ]  # fmt: skip
    columns = ["recipient_tier", "recipient_code", "warning_id", "notice_date", "raised_on", "is_held_back"]
    notice = pd.DataFrame(rows, columns=columns).assign(told_because="新发")
    found = backtest.told(notice, FIRST, LAST)
    assert found.index.tolist() == ["县", "村"]
    columns = ["recipients", "told", "per_day", "most", "held_back", "never"]
    assert found.loc["村", columns].tolist() == [1, 2, 1, 1, 2, 1]
