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
