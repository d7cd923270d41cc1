import json
from dataclasses import replace

import numpy as np
import pytest

from transforms.matching import screening
from transforms.matching.candidates import BIT
from transforms.matching.comparisons import Stretch
from transforms.matching.model import Model, default

FLOOR = -8.0


@pytest.fixture(scope="module")
def pairs():
    """20,000 pairs whose weight follows their words and the days between them, with some noise."""
    random = np.random.default_rng(3)
    count = 20_000
    measured = {
        name: random.random(count).astype(np.float32) for name in ("words", "names", "rarest", "topic", "towns")
    }
    rules = np.full(count, 1 << BIT["town"], np.int32)
    plain = screening.Plain(random.uniform(0, 200, 2 * count), random.random(2 * count))
    stretch = Stretch(np.arange(count), np.arange(count) + count, rules, measured)
    gap = np.abs(plain.day[:count] - plain.day[count:])
    weight = 16 * measured["words"] - gap / 10 - 10 + random.normal(0, 0.5, count)
    return plain, stretch, weight


@pytest.fixture(scope="module")
def screen(pairs):
    plain, stretch, weight = pairs
    return screening.learn(plain.values(stretch), weight, FLOOR)


def test_most_pairs_below_the_floor_are_far_and_hardly_one_that_might_match(pairs, screen):
    plain, stretch, weight = pairs
    is_far = screen.is_far(plain.values(stretch))
    assert is_far[weight < FLOOR].mean() > 0.6
    assert is_far[weight > FLOOR / 2].mean() <= 2 * screening.LOST


def test_a_pair_that_a_number_names_is_never_far(pairs, screen):
    plain, stretch, _ = pairs
    named = replace(stretch, rules=stretch.rules | 1 << BIT["number"])
    assert not screen.is_far(plain.values(named)).any()


def test_nothing_is_learnt_where_all_pairs_are_alike(pairs):
    plain, stretch, weight = pairs
    values = plain.values(stretch)
    assert screening.learn(values, np.full(len(weight), -20.0), FLOOR) is None
    assert screening.learn(values, np.full(len(weight), 3.0), FLOOR) is None


def test_the_model_file_holds_the_screen(pairs, screen):
    plain, stretch, _ = pairs
    values = plain.values(stretch)
    model = replace(default(), screen=screen)
    kept = Model.from_json(model.to_json())
    assert (kept.screen.is_far(values) == screen.is_far(values)).all()
    assert (kept.m, kept.u, kept.trees) == (model.m, model.u, model.trees)


def test_a_screen_that_looks_at_other_values_is_refused(screen):
    content = json.loads(json.dumps(screen.to_plain()))
    content["trees"]["columns"][0] = "hours"
    with pytest.raises(ValueError, match="重新训练"):
        screening.Screen.from_plain(content)
