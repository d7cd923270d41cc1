import json
import re

import numpy as np
import pandas as pd
import pytest

from transforms.matching import trees, waterfall
from transforms.matching.comparisons import COMPARISONS, RAW
from transforms.matching.model import Model, default


def pairs(count, seed=3):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({c.name: random.integers(-1, len(c.levels), count).astype("float64") for c in COMPARISONS})
    for name in RAW:
        frame[f"{name}_value"] = np.where(random.random(count) < 0.2, np.nan, random.uniform(0, 9, count))
    frame["shared_value"] = random.random(count)
    return frame


@pytest.fixture(scope="module")
def boosted():
    frame = pairs(3000)
    signs = [frame["person"] > 8, frame["gap_value"] < 5, frame["topic"] > 3, frame["words"] > 3, frame["place"] > 9]
    is_match = (sum(signs) + np.random.default_rng(1).normal(0, 0.5, len(frame)) > 3).to_numpy()
    base = default()
    return Model(base.m, base.u, base.trained, base.refined, base.bias, trees.fit(frame, is_match))


def models(boosted):
    base = default()
    return {"trees": boosted, "refined": base, "m and u": Model(base.m, base.u)}


@pytest.mark.parametrize("kind", ["trees", "refined", "m and u"])
def test_start_and_parts_add_up_to_the_weight_of_the_pair(boosted, kind):
    model, vectors = models(boosted)[kind], pairs(400, seed=8)
    start, parts = waterfall.take_apart(model, vectors)
    if model.trees is not None:
        expected = model.trees.weigh(vectors)
    else:
        expected = np.full(len(vectors), model.bias or 0.0)
        for comparison in COMPARISONS:
            weights = model.weights(comparison)
            codes = [level.code for level in comparison.levels][::-1]
            expected += [0.0 if level < 0 else weights[codes[int(level)]] for level in vectors[comparison.name]]
    np.testing.assert_allclose(start + parts.sum(axis=1), expected, atol=1e-6)


def test_every_value_that_trees_look_at_belongs_to_a_part():
    assert len(waterfall.GROUP) == len(trees.COLUMNS)
    assert set(waterfall.GROUP) == set(range(len(waterfall.PARTS)))


def test_every_level_has_a_name_for_people():
    for comparison in COMPARISONS:
        assert list(waterfall.LEVELS[comparison.name]) == ["missing", *(level.code for level in comparison.levels)]
    assert set(waterfall.LEVELS) == {comparison.name for comparison in COMPARISONS}
    assert waterfall.level_name("person", -1) == "至少一方没有可比的人"
    assert waterfall.level_name("time", 0) == "相隔180天以上"
    assert waterfall.level_name("person", len(COMPARISONS[0].levels) - 1) == "同一证件号"


def one(boosted, decided_by="model", more=0.0):
    vector = pairs(1, seed=4)
    weight = float(boosted.trees.weigh(vector)[0]) + 0.5 + more
    decided = waterfall.Decided(weight, decided_by, -0.5)
    return weight, waterfall.bars(boosted, vector, decided, {"person": ("张*", "张**"), "words": ("<b>", "&")})


@pytest.mark.parametrize(("decided_by", "more"), [("model", 0.0), ("number", 7.25), ("verdict", 41.0)])
def test_bars_lead_from_the_start_to_the_weight_of_the_link(boosted, decided_by, more):
    weight, bars = one(boosted, decided_by, more)
    assert bars["part"].iloc[0] == "start"
    assert bars["part"].iloc[-1] == "total"
    assert bars["weight"].iloc[-1] == pytest.approx(weight, abs=1e-9)
    np.testing.assert_allclose(bars["after"].iloc[:-1], bars["weight"].iloc[:-1].cumsum())
    assert (decided_by == "model") == (not {"number", "verdict"} & set(bars["part"]))
    if more:
        assert bars.set_index("part")["weight"][decided_by] == pytest.approx(more, abs=1e-9)


def test_what_speaks_for_the_link_comes_first(boosted):
    _, bars = one(boosted)
    parts = bars[bars["part"].isin(waterfall.PARTS)]
    assert len(parts) > 3
    assert parts["weight"].is_monotonic_decreasing
    assert bars.set_index("part")["value_l"]["person"] == "张*"


def test_the_chart_is_splinks_with_chinese_words_and_the_bars(boosted):
    _, bars = one(boosted)
    chart = waterfall.chart(bars)
    assert [each["column_name"] for each in chart["data"]["values"]] == bars["label"].tolist()
    text = json.dumps(chart, ensure_ascii=False)
    for english in ("Prior", "Final score", "Value (L)", "SQL condition", "Bayes", "Match weight", "record_number =="):
        assert english not in text
    assert "至此的概率" in text


def test_values_cannot_break_out_of_the_page(boosted):
    _, bars = one(boosted)
    bars.loc[bars["part"] == "person", "value_l"] = "</script><script>alert(1)</script>"
    page = waterfall.waterfall_html(bars, title="<i>甲</i>", whole=False)
    assert "alert(1)</script>" not in page
    assert page.count("</script>") == 1
    whole = waterfall.waterfall_html(bars, title="<i>甲</i>")
    assert "<i>" not in re.sub(r"<script>.*?</script>", "", whole, flags=re.DOTALL)
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", whole.replace(waterfall.libraries()["vega-embed"], ""))
