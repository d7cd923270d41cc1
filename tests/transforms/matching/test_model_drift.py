import numpy as np
import pandas as pd
import pytest

from tests.transforms.matching.test_waterfall import pairs
from transforms.matching import model_drift
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import default
from transforms.tables import CORE_MATCH_MODEL, CORE_MATCH_SCORE


def run(vectors, weight, days):
    """What is measured of a run of so many pairs, each of two records of one day."""
    scored = model_drift.Scored(np.asarray(weight, float), np.asarray(days, float), np.asarray(days, float))
    return model_drift.measure(default(), records=2 * len(vectors), scored=scored, vectors=vectors)


def measured(count=2000, seed=3, shift=0.0):
    random = np.random.default_rng(seed)
    days = 9131 + random.integers(0, 120, count)  # from 2025-01-01 on
    return run(pairs(count, seed), random.normal(shift, 5, count), days)


def test_every_level_is_counted_once_and_all_pairs_on_some_level():
    levels = measured().levels
    assert len(levels) == sum(len(comparison.levels) + 1 for comparison in COMPARISONS)
    assert (levels.groupby("comparison")["candidate_count"].sum() == 2000).all()
    assert (levels["match_count"] <= levels["candidate_count"]).all()
    assert levels["matched_share"].iloc[0] == pytest.approx(0.5, abs=0.05)


def test_of_many_candidates_every_nth_is_looked_at(monkeypatch):
    monkeypatch.setattr(model_drift, "SAMPLED", 500)
    random = np.random.default_rng(1)
    weight = random.normal(0, 5, 2000)
    step = model_drift.step(2000)
    assert len(range(0, 2000, step)) <= 500
    levels = run(pairs(2000).iloc[::step], weight, np.full(2000, 9131)).levels
    assert levels["candidates"].iloc[0] == 2000
    own = levels[levels["comparison"] == "time"]
    assert own["candidate_count"].sum() == len(weight[::step])
    assert own["match_count"].sum() == (weight[::step] > 0).sum()


def test_what_is_measured_fits_its_tables():
    found = measured()
    version = {"version": "v", "as_of": pd.Timestamp("2025-05-01").date()}
    assert CORE_MATCH_MODEL.conform(found.levels.assign(**version)).num_rows == len(found.levels)
    assert CORE_MATCH_SCORE.conform(found.scores.assign(**version)).num_rows == len(found.scores)


def test_a_level_adds_what_the_model_gives_it():
    levels = measured().levels.set_index(["comparison", "level"])
    assert levels.loc[("person", "id"), "mean_contribution"] == pytest.approx(
        levels.loc[("person", "id"), "weight"], abs=1e-3
    )
    assert levels.loc[("person", "missing"), "mean_contribution"] == 0


def test_the_index_of_equal_shares_is_zero_and_that_of_a_known_case_is_known():
    assert model_drift.stability_index(np.array([100, 200]), np.array([1000, 2000])) == pytest.approx(0, abs=1e-4)
    expected = (0.6 - 0.5) * np.log(0.6 / 0.5) + (0.4 - 0.5) * np.log(0.4 / 0.5)
    found = model_drift.stability_index(np.array([5e5, 5e5]), np.array([6e5, 4e5]))
    assert found == pytest.approx(expected, abs=1e-5)


def test_samples_of_one_distribution_stay_below_the_bound_19_times_in_20():
    random = np.random.default_rng(7)
    shares = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    bound = model_drift.chance_bound(3000, 1000, 5)
    indices = [
        model_drift.stability_index(random.multinomial(3000, shares), random.multinomial(1000, shares))
        for _ in range(2000)
    ]
    assert np.mean(np.array(indices) < bound) == pytest.approx(0.95, abs=0.02)


def test_a_month_whose_scores_moved_is_told_and_others_are_not():
    random = np.random.default_rng(5)
    days = 9131 + np.repeat([0, 31, 59, 90], 1000)
    weight = random.normal(0, 4, 4000)
    weight[3000:] += 6
    found = model_drift.months(run(pairs(4000), weight, days).scores)
    assert found["says"].fillna("").tolist() == ["", "稳定", "稳定", "明显变化"]
    assert found["candidates"].sum() == 4000


def test_a_month_of_few_pairs_says_nothing():
    days = np.concatenate([np.full(2000, 9131), np.full(20, 9170)])
    found = model_drift.months(run(pairs(2020), np.concatenate([np.full(2000, -9), np.full(20, 9)]), days).scores)
    assert found["psi"].isna().all()


def test_two_runs_alike_do_not_differ_and_a_level_that_became_common_is_told():
    one, other = measured(seed=3).levels, measured(seed=4).levels
    comparisons, levels = model_drift.compare(one, other)
    assert (comparisons["says"] == "稳定").all()
    assert (levels["weight_change"].dropna() == 0).all()
    vectors = pairs(2000, 4)
    vectors["place"] = 17.0
    random = np.random.default_rng(4)
    moved = run(vectors, random.normal(0, 5, 2000), np.full(2000, 9131)).levels
    comparisons, levels = model_drift.compare(one, moved)
    told = comparisons.set_index("comparison_name")["says"]
    assert told["地点"] == "明显变化"
    assert (told.drop("地点") == "稳定").all()
    assert levels.set_index(["comparison_name", "level_name"])["share_r"]["地点", "同一户"] == 1


def test_a_run_without_candidates_is_measured():
    found = run(pairs(0), np.zeros(0), np.zeros(0))
    assert found.scores.empty
    assert model_drift.months(found.scores).empty
    assert (found.levels["candidate_count"] == 0).all()
