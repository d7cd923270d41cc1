from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from quality.drift import Settings, judge

SHARES = {"投诉": 0.5, "咨询": 0.3, "求助": 0.15, None: 0.05}


def counts(days=40, per_day=60, seed=1, newest=None, weekend=None):
    """Rows by delivery and value, drawn from ``SHARES``; the last 7 deliveries from ``newest``."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(days):
        day = date(2025, 3, 3) + timedelta(days=number)
        shares = newest if newest is not None and number >= days - 7 else SHARES
        if weekend is not None and day.weekday() >= 5:
            shares = weekend
        drawn = rng.multinomial(per_day, list(shares.values()))
        rows += [(day, value, int(count)) for value, count in zip(shares, drawn, strict=True)]
    return pd.DataFrame(rows, columns=["delivery_date", "value", "rows"])


@pytest.mark.parametrize("seed", range(20))
def test_chance_is_no_change(seed):
    found = judge(counts(seed=seed), Settings())
    assert found.is_usual
    assert found.rows == 420


@pytest.mark.parametrize("seed", range(5))
def test_weekdays_are_no_change_because_a_window_holds_whole_weeks(seed):
    weekend = {"投诉": 0.1, "咨询": 0.8, "求助": 0.05, None: 0.05}
    assert judge(counts(seed=seed, weekend=weekend), Settings()).is_usual


CHANGES = {
    "a cell that is no longer filled": ({"投诉": 0.4, "咨询": 0.2, "求助": 0.1, None: 0.3}, "（空） 5."),
    "a value that was never there": (
        {"投诉": 0.4, "咨询": 0.3, "求助": 0.05, None: 0.05, "走流程": 0.2},
        "走流程 0.0% → ",
    ),
    "two values swapped": ({"投诉": 0.3, "咨询": 0.5, "求助": 0.15, None: 0.05}, "投诉 "),
}


@pytest.mark.parametrize("case", sorted(CHANGES))
def test_a_change_is_found_with_its_measure_and_the_values_that_moved(case):
    newest, words = CHANGES[case]
    found = judge(counts(newest=newest), Settings())
    assert not found.is_usual
    assert found.divergence > Settings().limit
    assert words in found.detail
    assert "Jensen–Shannon 散度" in found.detail
    assert 0.15 < found.moved / found.rows < 0.35


def test_a_limit_that_the_data_team_raised_is_kept():
    newest, _ = CHANGES["two values swapped"]
    assert judge(counts(newest=newest), Settings(limit=0.2)).is_usual


@pytest.mark.parametrize("frame", [counts(days=13), counts(per_day=6), counts().head(0)])
def test_too_few_deliveries_or_rows_are_not_judged(frame):
    found = judge(frame, Settings())
    assert (found.rows, found.is_usual, found.detail) == (0, True, None)


def test_a_source_whose_shares_wander_from_week_to_week_is_given_more_room():
    steady, wandering = counts(days=63), []
    for week in range(9):
        push = 0.12 if week % 2 else -0.12
        shares = {"投诉": 0.5 + push, "咨询": 0.3 - push, "求助": 0.15, None: 0.05}
        part = counts(days=7, seed=week, newest=shares)
        wandering.append(part.assign(delivery_date=part["delivery_date"] + timedelta(days=7 * week)))
    newest = {"投诉": 0.62, "咨询": 0.18, "求助": 0.15, None: 0.05}
    calm = counts(days=63, newest=newest)
    assert judge(steady, Settings()).divergence == 0
    assert judge(pd.concat(wandering), Settings()).divergence < judge(calm, Settings()).divergence


def test_a_number_of_a_person_among_the_values_does_not_reach_the_sentence():
    newest = {"投诉": 0.3, "咨询": 0.3, "13887712345": 0.35, None: 0.05}
    found = judge(counts(newest=newest), Settings())
    assert not found.is_usual
    assert "13887712345" not in found.detail
