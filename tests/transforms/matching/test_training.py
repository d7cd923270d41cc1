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
