import json

import numpy as np
import pandas as pd
import pytest

from transforms.matching import trees
from transforms.matching.model import Model, default


@pytest.fixture(scope="module")
def taught():
    """Pairs whose match hangs on two columns together: a level speaks for it only where a raw value is low."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame({name: random.integers(-1, 5, 4000).astype(float) for name in trees.COLUMNS})
    frame["gap_value"] = np.where(random.random(4000) < 0.2, np.nan, random.uniform(0, 60, 4000))
    frame["amount_ratio_value"] = np.nan
    is_match = ((frame["person"] > 2) & (frame["gap_value"] < 20)).to_numpy()
    return frame, is_match, trees.fit(frame, is_match)


def test_trees_learn_what_no_sum_of_weights_can_say(taught):
    frame, is_match, fitted = taught
    assert ((fitted.weigh(frame) > 0) == is_match).mean() > 0.99


def test_the_numbers_weigh_as_scikit_learn_does(taught):
    from sklearn.ensemble import HistGradientBoostingClassifier

    frame, is_match, fitted = taught
    values = trees.matrix(frame)
    values[:, np.isnan(values).all(axis=0)] = 0.0
    own = HistGradientBoostingClassifier(**trees.SHAPE).fit(values, is_match).decision_function(values)
    np.testing.assert_allclose(fitted.weigh(frame), own / np.log(2), atol=1e-9)


def test_a_model_file_keeps_the_trees_to_the_last_digit(taught):
    frame, _, fitted = taught
    base = default()
    text = Model(base.m, base.u, base.trained, base.refined, base.bias, fitted).to_json()
    again = Model.from_json(text)
    assert again.trees is not None
    np.testing.assert_array_equal(again.trees.weigh(frame), fitted.weigh(frame))
    assert again.to_json() == text


def test_trees_over_other_values_are_refused(taught):
    base = default()
    content = json.loads(Model(base.m, base.u, base.trained, base.refined, base.bias, taught[2]).to_json())
    content["trees"]["columns"][0] = "shoe_size"
    with pytest.raises(ValueError, match="请重新训练"):
        Model.from_json(json.dumps(content))


def test_no_pairs_have_no_weights(taught):
    assert taught[2].weigh(taught[0].head(0)).shape == (0,)


def each_column():
    return np.arange(len(trees.COLUMNS))


def test_what_each_value_adds_adds_up_to_the_weight(taught):
    frame, _, fitted = taught
    base, parts = fitted.explain(frame, each_column())
    np.testing.assert_allclose(base + parts.sum(axis=1), fitted.weigh(frame), atol=1e-9)


def test_the_expected_weight_is_the_mean_of_the_pairs_that_taught(taught):
    frame, _, fitted = taught
    base, parts = fitted.explain(frame, each_column())
    assert base == pytest.approx(fitted.weigh(frame).mean(), abs=1e-9)
    np.testing.assert_allclose(parts.mean(axis=0), 0, atol=1e-9)


def test_values_that_decide_are_what_adds(taught):
    frame, is_match, fitted = taught
    _, parts = fitted.explain(frame, each_column())
    adds = pd.DataFrame(np.abs(parts[is_match]), columns=list(trees.COLUMNS)).mean().sort_values(ascending=False)
    assert set(adds.index[:2]) == {"person", "gap_value"}
    assert adds.iloc[1] > 10 * adds.iloc[2]


def test_values_of_one_kind_add_to_one_part(taught):
    frame, _, fitted = taught
    _, apart = fitted.explain(frame, each_column())
    group = np.arange(len(trees.COLUMNS)) % 3
    _, summed = fitted.explain(frame, group)
    for number in range(3):
        np.testing.assert_allclose(summed[:, number], apart[:, group == number].sum(axis=1), atol=1e-9)


def test_trees_of_an_earlier_version_still_weigh_and_their_parts_add_up(taught):
    frame, _, fitted = taught
    content = fitted.to_plain()
    del content["cover"]
    earlier = trees.Trees.from_plain(content)
    np.testing.assert_array_equal(earlier.weigh(frame), fitted.weigh(frame))
    base, parts = earlier.explain(frame, each_column())
    np.testing.assert_allclose(base + parts.sum(axis=1), earlier.weigh(frame), atol=1e-9)
