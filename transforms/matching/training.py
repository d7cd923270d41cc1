"""Where a run's model comes from: a model file, training on these records, or the one that ships with the package.

Here: the choice, and training without labels. Not here: what a model is (`model`), the levels (`comparisons`).
Training starts from a model, counts u on these records and holds it, learns m by Splink's EM inside blocks whose pairs
are nearly all matches, and then lets the clusters of its own first answer teach: what stands in one cluster is one
dispute, also where the two records alone would not have told.
m_vector, m_random -> Model
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from transforms.matching import model as models
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import Model
from transforms.matching.records import Records

# Blocks whose pairs are nearly all matches. EM leaves out the comparisons that a block names: inside it they only say
# what the block was made of. Levels are written as {comparison.level} and mean "this level or a stronger one".
BLOCKS = (
    "l.person >= {person.two_names} and l.topic >= {topic.near}",
    "l.place >= {place.landmark} and l.topic >= {topic.close} and l.words >= {words.related}",
)
PURITY = 0.7
"""Share of matches that EM starts from inside such a block."""

ROUNDS = 2

REFINEMENTS = 2
"""So often the second stage learns from its own clusters."""


def obtain(
    con: Any,
    records: Records,
    settings: dict[str, Any],
    text: str | None,
    cluster: Callable[[Model], np.ndarray],
) -> Model:
    """Returns the model to use: ``text`` if given, the shipped one for few records, else one trained here.

    Args:
        con: connection with ``m_vector``, ``m_reference``.
        records: what is linked.
        settings: see settings.yml.
        text: a model file, or None.
        cluster: gives the cluster of every record under a model.
    """
    if text is not None:
        return Model.from_json(text)
    if len(records) < settings["model"]["smallest_training"]:
        return models.default()
    return train(con, records, settings, models.default(), cluster)


def train(
    con: Any, records: Records, settings: dict[str, Any], start: Model, cluster: Callable[[Model], np.ndarray]
) -> Model:
    """Trains a model on these records without labels, from ``start``; see the module's charter."""
    models.random_vectors(con, records=len(records), pairs=settings["model"]["random_pairs"])
    u = models.estimate_u(con, records=len(records))
    current = Model(_learn_m(con, Model(start.m, u)), u)
    for _ in range(ROUNDS):
        label = cluster(current)
        con.register("m_label", pd.DataFrame({"n": np.arange(len(label)), "label": label}))
        con.execute(
            """
            create or replace table m_taught as
            select v.*, a.label = b.label as is_match, 1.0 / greatest(a.size - 1, 1) as share
            from m_vector v
            join (select *, count(*) over (partition by label) as size from m_label) a on a.n = v.l
            join m_label b on b.n = v.r
            """
        )
        con.unregister("m_label")
        u = models.estimate_u(con, records=len(records), vectors="m_taught", matched="is_match")
        m = models.shares(models.count_levels(con, "m_taught", "is_match", "share"))
        current = Model(m, u)
    for _ in range(REFINEMENTS):
        current = refine(con, current, cluster(current))
    trained = {
        "records": len(records),
        "candidates": int(con.execute("select count(*) from m_vector").fetchall()[0][0]),
        "rounds": ROUNDS,
    }
    return Model(current.m, current.u, trained, current.refined, current.bias)


def refine(con: Any, model: Model, label: np.ndarray) -> Model:
    """The second stage: weighs the levels together, by logistic regression on clusters.

    Fellegi-Sunter adds the weights of comparisons as if they were independent; an address and the words that name it
    are not. What stands in one cluster teaches the weights that levels have beside each other.

    Args:
        con: connection with ``m_vector``.
        model: gives m and u, which stay.
        label: cluster of each record.
    """
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    names = [comparison.name for comparison in COMPARISONS]
    frame = con.execute(f"select l, r, {', '.join(names)} from m_vector order by l, r").df()
    is_match = label[frame["l"]] == label[frame["r"]]
    blocks = []
    for comparison in COMPARISONS:
        value = frame[comparison.name].to_numpy()
        rows = np.flatnonzero(value >= 0)
        shape = (len(frame), len(comparison.levels))
        blocks.append(sparse.csr_matrix((np.ones(len(rows)), (rows, value[rows])), shape=shape))
    fitted = LogisticRegression(C=1.0, max_iter=300).fit(sparse.hstack(blocks).tocsr(), is_match)
    weight = fitted.coef_[0] / np.log(2)
    refined, start = {}, 0
    for comparison in COMPARISONS:
        own = weight[start : start + len(comparison.levels)]
        start += len(comparison.levels)
        refined[comparison.name] = {
            level.code: float(own[len(own) - 1 - number]) for number, level in enumerate(comparison.levels)
        }
    return Model(model.m, model.u, model.trained, refined, float(fitted.intercept_[0] / np.log(2)))


def _learn_m(con: Any, start: Model) -> dict[str, dict[str, float]]:
    """Returns m after one EM session per block; a comparison that no session could train keeps its start."""
    linker = models.linker(con, start, PURITY)
    trained = False
    for block in BLOCKS:
        condition = _levels(block)
        if con.execute(f"select count(*) from m_vector l where {condition}").fetchall()[0][0] < 200:
            continue
        linker.training.estimate_parameters_using_expectation_maximisation(
            f"l.pair = r.pair and {condition}", estimate_without_term_frequencies=True
        )
        trained = True
    if not trained:
        return start.m
    content = {item["output_column_name"]: item for item in linker.misc.save_model_to_json()["comparisons"]}
    learnt = {}
    for comparison in COMPARISONS:
        found = {
            level["label_for_charts"]: level.get("m_probability") for level in content[comparison.name]["comparison_levels"]
        }
        m = {
            level.code: max(float(found[level.code] or 0.0), models.SMALLEST) for level in comparison.levels
        }
        whole = sum(m.values())
        learnt[comparison.name] = {code: value / whole for code, value in m.items()}
    return learnt


def _levels(condition: str) -> str:
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        for number, level in enumerate(comparison.levels):
            condition = condition.replace(f"{{{comparison.name}.{level.code}}}", str(last - number))
    return condition
