from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from quality.volume import COLUMNS, Settings, judge, sentence

WORKDAY, WEEKEND = 120, 60


def counts(days=60, start=date(2025, 3, 3), seed=1, **replaced):
    """Deliveries of a source with fewer rows on weekends; ``replaced``: position from the end to rows."""
    rng = np.random.default_rng(seed)
    dates = [start + timedelta(days=number) for number in range(days)]
    rows = [int(rng.poisson(WEEKEND if day.weekday() >= 5 else WORKDAY)) for day in dates]
    for place, value in replaced.items():
        rows[-int(place.removeprefix("last"))] = value
    return pd.DataFrame({"delivery_date": dates, "rows": rows})


def unusual(frame, **settings):
    found = judge(frame, Settings(**settings))
    return found.loc[~found["is_usual"].astype(bool), "delivery_date"].tolist()


@pytest.mark.parametrize("seed", range(20))
def test_weekdays_and_chance_are_no_finding(seed):
    assert unusual(counts(seed=seed), window=55) == []


@pytest.mark.parametrize(("rows", "words"), [(30, "交付 30 行"), (400, "交付 400 行"), (0, "交付 0 行")])
def test_a_delivery_far_from_its_past_is_found_and_told(rows, words):
    frame = counts(last3=rows)
    assert unusual(frame) == [frame["delivery_date"].iloc[-3]]
    told = sentence(judge(frame, Settings()))
    assert words in told
    assert "按此前 51 次交付" in told  # 56 less the days about 清明


def test_eight_deliveries_are_enough_to_see_that_the_ninth_is_empty():
    frame = counts(days=9, last1=0)
    assert unusual(frame) == [frame["delivery_date"].iloc[-1]]


def test_the_first_weekend_is_no_finding_for_a_large_source():
    frame = counts(days=21)
    assert unusual(frame.assign(rows=frame["rows"] * 20), window=21) == []


def test_too_few_deliveries_are_not_judged():
    assert judge(counts(days=5, last1=0), Settings()).empty
    assert list(judge(counts(days=0), Settings()).columns) == COLUMNS


def test_a_weekend_is_measured_by_weekends():
    saturday = counts(days=62, start=date(2025, 3, 3), last1=WEEKEND)  # delivered on a Saturday
    assert saturday["delivery_date"].iloc[-1].weekday() == 5
    assert unusual(saturday) == []


def test_a_small_delivery_about_a_public_holiday_is_honest_and_a_large_one_is_not():
    def holiday(rows):
        frame = counts(days=40, start=date(2025, 3, 24))  # ends on 2025-05-02, the records being of Labour Day
        frame.loc[frame.index[-1], "rows"] = rows
        return frame

    assert unusual(holiday(20)) == []
    assert unusual(holiday(600)) == [date(2025, 5, 2)]


def test_a_source_that_grew_is_measured_by_its_new_level():
    frame = counts(days=60)
    grown = frame.assign(rows=[rows * (3 if place >= 30 else 1) for place, rows in enumerate(frame["rows"])])
    assert unusual(grown) == []


def test_tiny_sources_raise_no_alarm():
    rng = np.random.default_rng(3)
    frame = counts(days=200)
    frame["rows"] = rng.poisson(1.5, len(frame))
    assert unusual(frame, window=190) == []
