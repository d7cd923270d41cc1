"""How a model is trained on a lake's own records, without labels, but for the verdicts there are.

Here: the order of training. Not here: what a model is (`model`), the levels (`comparisons`).
1. u is counted over random pairs of these records and held.
2. m starts from what official numbers join (in a trial 96 % of them were right), drawn towards the shipped model where
   they are few, and is learnt further by Splink's EM inside the block of one person's records, nearly all matches.
3. The clusters of that answer teach: what stands in one cluster is one dispute, also where the two records alone would
   not have told. Logistic regression on them weighs the levels beside each other, because an address and the words that
   name it are not independent. Measured on simulated records: pairwise F1 0.81 when EM is left to find its own
   matches, 0.87 from seeds, 0.91 after the clusters taught.
4. Decision trees are taught by the clusters in turn, each pair weighed by what other clusters taught, and strangers who
   each have a matter of their own held to what official numbers tell of such. A pair on which somebody gave a verdict
   counts many times, because it is asked where the model is least sure. Measured on simulated records:
   docs/matching.md.
m_vector, m_taught, m_random, m_reference, verdicts -> Model
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from transforms.matching import comparisons, screening, trees
from transforms.matching import model as models
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import Model
from transforms.matching.records import Records

BLOCK = "l.person >= {person.two_names}"
"""Pairs of one person's records: nearly all are one dispute. EM leaves out the comparison that makes the block."""

PURITY = 0.9
"""Share of matches that EM starts from inside the block."""

SEEDS = 200.0
"""The shipped model's m counts as so many pairs beside the pairs that official numbers join."""

OVERLAP = 0.6
"""Weights of overlapping comparisons add up to too much; the first answer takes this part of them."""

PARTS = 4
"""The last stage learns from so many parts of the clusters; each part is weighed by what the others taught."""

LARGE = 0.03
"""A cluster with more than this share of all matches is in every part: what is left without it is another world."""

EASY = -9.0
"""Pairs below this weight (log2) are no matches anyhow: of them, one in `EASY_PART` teaches, and counts for all."""

EASY_PART = 4

ENOUGH_NAMED = 100
"""So many pairs must be joined by official numbers before these tell how often strangers share a matter."""

STRICT = 1.0
"""The first answer asks for so much more evidence (log2), so that the clusters that teach are clean."""


def train(
    con: Any,
    records: Records,
    chosen: np.ndarray,
    settings: dict[str, Any],
    cluster: Callable[[Model, str, np.ndarray | None], np.ndarray],
    told: pd.DataFrame,
) -> Model:
    """Trains a model on the records ``chosen``, from the shipped one; see the module's charter.

    Args:
        con: connection with ``m_taught``, the candidates among them, ``m_vector`` of those, ``m_reference``.
        records: all records.
        chosen: numbers of those that teach.
        settings: see settings.yml.
        cluster: gives the cluster of every record under a model and one of the settings' shifts; a model's weights of
            the pairs in ``m_vector`` (ordered by l, r) may be given in its place.
        told: people's verdicts by record number: ``l``, ``r``, ``same``.
    """
    start = models.default()
    models.random_vectors(con, records, chosen, pairs=settings["model"]["random_pairs"])
    u = models.estimate_u(con, records=len(chosen))
    con.execute(
        "create or replace table m_seed as select v.* from m_vector v join m_reference f on f.l = v.l and f.r = v.r"
    )
    seeds = models.count_levels(con, "m_seed")
    m = {
        name: {code: count + SEEDS * start.m[name][code] for code, count in levels.items()}
        for name, levels in seeds.items()
    }
    current = Model(_learn_m(con, Model(models.shares(m), u)), u)
    pairs = {
        "records": len(records),
        "sample": len(chosen),
        "candidates": int(con.execute("select count(*) from m_vector").fetchall()[0][0]),
        "seeds": int(con.execute("select count(*) from m_seed").fetchall()[0][0]),
    }
    chance = models.prior(len(chosen), settings["model"]["partners"])
    first = {c.name: {code: OVERLAP * w for code, w in current.weights(c).items()} for c in COMPARISONS}
    bias = OVERLAP * float(np.log2(chance / (1 - chance))) - STRICT
    current = Model(current.m, current.u, pairs, first, bias)
    for _ in range(settings["model"]["refinements"]):
        current = refine(con, current, cluster(current, "teaching_shift", None))
    label = cluster(current, "boosting_shift", None)
    pairs = _candidates(con)
    weight = models.weigh(current, pairs, chance)
    for _ in range(settings["model"]["boosts"]):
        is_match, use = _lesson(pairs, label, weight)
        weight = _by_others(pairs, is_match, use, label)
        current = _with_share(current, is_match)
        label = cluster(current, "boosting_shift", weight)
    taught = boost(con, current, label, told, settings["model"]["verdict_weight"], weight)
    return replace(taught, screen=_screen(con, records, taught, pairs, settings["clusters"]))


def _screen(
    con: Any, records: Records, model: Model, pairs: pd.DataFrame, limits: dict[str, Any]
) -> screening.Screen | None:
    """Learns which of the proposed pairs among ``pairs`` need no full comparison."""
    rules = con.execute(
        "select coalesce(t.rules, 0) as rules from m_vector v left join m_taught t on t.l = v.l and t.r = v.r "
        "order by v.l, v.r"
    ).fetchnumpy()["rules"]
    proposed = np.flatnonzero(rules > 0)
    left, right = (pairs[side].to_numpy(np.int64)[proposed] for side in ("l", "r"))
    stretch = comparisons.Stretch(left, right, rules[proposed], comparisons.measured(records, left, right))
    weight = models.weigh(model, pairs.iloc[proposed], 0.5) - limits["shift"]
    return screening.learn(screening.Plain.read(con, len(records)).values(stretch), weight, limits["floor"])


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
    refined = {name: {code: round(value, 4) for code, value in levels.items()} for name, levels in refined.items()}
    trained = model.trained | {"matched_share": round(float(is_match.mean()), 6)}
    return Model(model.m, model.u, trained, refined, round(float(fitted.intercept_[0] / np.log(2)), 4))


def boost(
    con: Any, model: Model, label: np.ndarray, told: pd.DataFrame, extra: float, weight: np.ndarray | None = None
) -> Model:
    """The last stage: decision trees, which know that a level may mean something else beside another.

    Args:
        con: connection with ``m_vector``, ``m_reference``.
        model: gives all that is not a pair's weight.
        label: cluster of each record.
        told: people's verdicts by record number: ``l``, ``r``, ``same``.
        extra: a pair with a verdict counts as so many pairs more.
        weight: log2 odds of the pairs by which ``label`` came about, ordered by l, r; None: each pair counts alike.
    """
    pairs = _candidates(con)
    if weight is None:
        is_match, use = label[pairs["l"]] == label[pairs["r"]], np.ones(len(pairs))
    else:
        is_match, use = _lesson(pairs, label, weight)
    verdict = pairs[["l", "r"]].merge(told, on=["l", "r"], how="left")["same"]
    judged = verdict.notna().to_numpy()
    is_match[judged] = verdict[judged].astype(bool)
    use[judged] = 1.0 + extra
    model = _with_share(model, is_match)
    seen = use > 0
    fitted = trees.fit(pairs[seen], is_match[seen], use[seen])
    return replace(model, trained=model.trained | {"verdicts": int(judged.sum())}, trees=fitted)


def _with_share(model: Model, is_match: np.ndarray) -> Model:
    return replace(model, trained=model.trained | {"matched_share": round(float(is_match.mean()), 6)})


def _candidates(con: Any) -> pd.DataFrame:
    """Returns ``m_vector`` in the order of l, r, and whether an official number joins the pair (``is_named``)."""
    frame: pd.DataFrame = con.execute(
        "select v.*, f.l is not null as is_named from m_vector v "
        "left join m_reference f on f.l = v.l and f.r = v.r order by v.l, v.r"
    ).df()
    return frame


def _lesson(pairs: pd.DataFrame, label: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the clusters say of the candidates.

    Args:
        pairs: see `_candidates`.
        label: cluster of each record.
        weight: log2 odds of the pairs by which the clusters came about.

    Returns:
        For each pair whether it is taken for a match, and how often it counts as an example (0: not at all).
    """
    is_match = label[pairs["l"]] == label[pairs["r"]]
    is_match &= ~_too_many_strangers(pairs, is_match, weight)
    is_easy = (weight < EASY) & ~is_match
    is_drawn = ((pairs["l"] * 7_919 + pairs["r"]) % EASY_PART == 0).to_numpy()
    return is_match, np.where(is_easy, np.where(is_drawn, float(EASY_PART), 0.0), 1.0)


def _by_others(pairs: pd.DataFrame, is_match: np.ndarray, use: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Weighs each pair by trees that were taught by other clusters than the one it stands in.

    A cluster that joined two disputes would teach that such pairs match, and so confirm itself. Only a cluster too
    large to do without, see `LARGE`, stands on both sides.
    """
    home = label[pairs["l"]]
    size = np.bincount(home[is_match], minlength=len(label))
    is_large = size > LARGE * max(size.sum(), 1)
    part = np.where(is_large[home], pairs["l"], home).astype(np.int64) * 2_654_435_761 % 2**32 % PARTS
    weight = np.zeros(len(pairs))
    for number in range(PARTS):
        taught, asked = (part != number) & (use > 0), part == number
        weight[asked] = trees.fit(pairs[taught], is_match[taught], use[taught]).weigh(pairs[asked])
    return weight


def _too_many_strangers(pairs: pd.DataFrame, is_match: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Finds the matches of strangers that are more than official numbers lead to expect.

    Where each has a matter of his own, the many customers of one shop look alike in all but the person, and clusters
    that joined them would teach that the person means nothing. What official numbers join is a sample of the truth
    that no weight chose: it tells how many matches of strangers there are for one match of the same person. Of more
    than that, the likeliest stay.
    """
    none = np.zeros(len(pairs), bool)
    is_own = (pairs["shared_value"] < 0.5).to_numpy(bool, na_value=False)
    is_stranger = (pairs["person"] < int(_levels("{person.sound}"))).to_numpy(bool)
    named = pairs["is_named"].to_numpy(bool) & is_own
    familiar = int((named & ~is_stranger).sum())
    if named.sum() < ENOUGH_NAMED or familiar < ENOUGH_NAMED / 10:
        return none
    expected = (named & is_stranger).sum() * (is_match & is_own & ~is_stranger).sum() / familiar
    found = np.flatnonzero(is_match & is_own & is_stranger & ~named)
    likeliest = found[np.argsort(-weight[found], kind="stable")]
    none[likeliest[max(int(expected) - int((named & is_stranger).sum()), 0) :]] = True
    return none


def _learn_m(con: Any, start: Model) -> dict[str, dict[str, float]]:
    """Returns m after Splink's EM inside `BLOCK`, averaged with the seeds' m; the block's own comparison keeps it."""
    condition = _levels(BLOCK)
    if con.execute(f"select count(*) from m_vector l where {condition}").fetchall()[0][0] < 500:
        return start.m
    linker = models.linker(con, start, PURITY, training=True)
    linker.training.estimate_parameters_using_expectation_maximisation(
        f"l.pair = r.pair and {condition}", estimate_without_term_frequencies=True
    )
    trained = {item["output_column_name"]: item for item in linker.misc.save_model_to_json()["comparisons"]}
    learnt = {}
    for comparison in COMPARISONS:
        if comparison.name in BLOCK:
            learnt[comparison.name] = start.m[comparison.name]
            continue
        levels = trained[comparison.name]["comparison_levels"]
        found = {level["label_for_charts"]: level.get("m_probability") for level in levels}
        seeded = start.m[comparison.name]
        m = {code: (float(found[code] or 0.0) + seeded[code]) / 2 for code in seeded}
        whole = sum(m.values())
        learnt[comparison.name] = {code: value / whole for code, value in m.items()}
    return learnt


def _levels(condition: str) -> str:
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        for number, level in enumerate(comparison.levels):
            condition = condition.replace(f"{{{comparison.name}.{level.code}}}", str(last - number))
    return condition
