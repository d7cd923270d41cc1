import duckdb
import numpy as np
import pandas as pd
import pytest

from transforms.matching import training, trees
from transforms.matching.model import default


@pytest.fixture(scope="module")
def pairs():
    """6,000 pairs of two records each; clusters join whatever has a high level of ``person``."""
    random = np.random.default_rng(7)
    frame = pd.DataFrame({name: random.integers(-1, 5, 6000) for name in trees.COLUMNS})
    frame["gap_value"] = random.uniform(0, 60, 6000)
    frame.insert(0, "l", np.arange(0, 12_000, 2))
    frame.insert(1, "r", frame["l"] + 1)
    label = np.arange(12_000)
    alike = (frame["person"] > 2).to_numpy()
    label[frame["r"][alike]] = label[frame["l"][alike]]
    con = duckdb.connect()
    con.register("given", frame)
    con.execute("create table m_vector as from given")
    con.execute("create table m_reference (l bigint, r bigint)")
    late = alike & (frame["gap_value"] > 45).to_numpy()
    judged = np.flatnonzero(late)[:300]
    told = frame.loc[judged, ["l", "r"]].assign(same=False)
    return con, frame, label, told, frame[late].drop(index=judged)


def test_verdicts_teach_what_clusters_get_wrong(pairs):
    con, _, label, told, others = pairs
    nobody = training.boost(con, default(), label, told.head(0), 10.0)
    somebody = training.boost(con, default(), label, told, 10.0)
    assert (nobody.trees.weigh(others) > 0).all()
    assert (somebody.trees.weigh(others) < 0).mean() > 0.8


def test_verdicts_that_contradict_no_cluster_leave_the_rest_as_it_is(pairs):
    con, frame, label, _, _ = pairs
    same = frame.loc[frame["person"] > 2, ["l", "r"]].head(100).assign(same=True)
    taught = training.boost(con, default(), label, same, 10.0)
    assert ((taught.trees.weigh(frame) > 0) == (frame["person"] > 2)).mean() > 0.99


@pytest.fixture
def customers():
    """Two hundred pairs that numbers join, one in five of strangers; and a thousand strangers in one cluster each."""
    frame = pd.DataFrame({name: np.full(1400, -1.0) for name in trees.COLUMNS})
    frame.insert(0, "l", np.arange(0, 2800, 2))
    frame.insert(1, "r", frame["l"] + 1)
    frame["is_named"] = np.arange(1400) < 200
    familiar = (np.arange(1400) < 160) | (np.arange(1400) >= 1200)
    frame["person"] = np.where(familiar, 13.0, 1.0)
    return frame.assign(shared_value=0.1), np.linspace(0, 5, 1400), np.repeat(np.arange(1400), 2)


def test_strangers_with_matters_of_their_own_match_as_often_as_official_numbers_tell(customers):
    frame, weight, label = customers
    is_match, _ = training._lesson(frame, label, weight)
    strangers = (frame["person"] == 1).to_numpy()
    assert strangers[is_match].sum() == 360 * 40 // 160
    assert is_match[~strangers].all()
    kept = is_match & strangers & ~frame["is_named"].to_numpy()
    assert weight[kept].min() > weight[strangers & ~is_match].max()


def test_strangers_are_left_alone_where_the_matter_is_shared_or_numbers_are_few(customers):
    frame, weight, label = customers
    assert training._lesson(frame.assign(shared_value=0.9), label, weight)[0].all()
    few = frame.assign(is_named=frame["is_named"] & (np.arange(1400) % 4 == 0))
    assert training._lesson(few, label, weight)[0].all()


def test_a_cluster_does_not_confirm_itself():
    """A wrong cluster's pairs have a mark that no other pair has: only what is in the cluster could teach it."""
    random = np.random.default_rng(3)
    frame = pd.DataFrame({name: np.full(8000, -1.0) for name in trees.COLUMNS})
    frame["words_value"] = random.uniform(0, 1, 8000)
    frame.insert(0, "l", np.arange(0, 16_000, 2))
    frame.insert(1, "r", frame["l"] + 1)
    label = np.arange(16_000)
    alike = (frame["words_value"] > 0.5).to_numpy()
    label[frame["r"][alike]] = label[frame["l"][alike]]
    wrong = np.flatnonzero(frame["words_value"] < 0.2)[:110]
    label[frame["l"].iloc[wrong]] = label[frame["r"].iloc[wrong]] = 0
    frame.loc[wrong, "gap_value"] = 99.0
    is_match, use = label[frame["l"]] == label[frame["r"]], np.ones(8000)
    assert (training._by_others(frame, is_match, use, label)[wrong] < 0).all()
    assert (training.trees.fit(frame, is_match, use).weigh(frame)[wrong] > 0).all()
