import numpy as np
import pandas as pd
import pytest

from warehouse.reports.changes import judged

SETTINGS = {"days": (30.0, 30.0), "dispersion": 1.0, "min_count": 10, "false_share": 0.1, "min_change": 0.1}


def verdicts(pairs, **more):
    counts = pd.DataFrame(pairs, columns=["dispute_count", "previous_count"])
    return judged(counts, **{**SETTINGS, **more})["verdict"].tolist()


def test_a_doubling_is_a_rise_and_a_halving_a_fall():
    assert verdicts([(120, 60), (60, 120), (100, 98)]) == ["升", "降", None]


def test_few_cases_are_not_judged_however_they_moved():
    assert verdicts([(9, 1), (0, 9), (40, 8)]) == [None, None, "升"]


def test_a_shorter_window_is_no_fall():
    assert verdicts([(140, 310)], days=(14.0, 31.0)) == [None]


def test_a_change_too_small_to_speak_of_is_not_told_even_when_certain():
    assert verdicts([(105_000, 100_000)]) == [None]
    assert verdicts([(115_000, 100_000)]) == ["升"]


def test_days_that_scatter_widely_ask_for_more():
    assert verdicts([(150, 110)]) == ["升"]
    assert verdicts([(150, 110)], dispersion=4.0) == [None]


@pytest.mark.parametrize("size", [12.0, 60.0, 400.0])
def test_months_without_any_change_seldom_bring_a_verdict(size):
    draw = np.random.default_rng(5)
    months = 400
    told = 0
    for _ in range(months):
        told += any(verdicts(draw.poisson(size, (17, 2)).tolist()))
    assert told / months < 0.15  # the share of false verdicts is held at a tenth


def test_nothing_is_judged_of_nothing():
    assert verdicts([]) == []
