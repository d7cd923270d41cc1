"""What to ask people next: the pairs whose verdict would change most.

Here: finding the decisions of the last run that were close, one pair of records for each, and their order. Not here:
verdicts themselves (`verdicts`), showing records (`pipelines.review`).
core_link, core_dispute_event, standing verdicts -> questions, the weightiest first

A question is either whether two disputes are one (links speak for it, the average did not reach), or whether one is two
(the weakest merges inside it). What a verdict would change is expected as uncertainty times the pairs of records that
would come together or apart: who answers the first hundred questions changes more than with a thousand at random.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from transforms.matching.verdicts import PAIR

MOST = 3_000
"""So many questions are asked; a person answers some hundreds before the next run asks anew."""

LEAST = 0.02
"""A verdict that is expected to change fewer pairs is not asked for."""

SURE = 6.0
"""A dispute in which every two records agree by so many bits needs no question."""

LARGEST = 1_500
"""Disputes up to this size are looked at for weak merges: n*n/2 numbers, 9 MB."""

TREES = 20_000
"""So many disputes are looked at for weak merges, those with the most weak pairs first."""

COLUMNS = ["kind", *PAIR, "dispute_id_l", "dispute_id_r", "size_l", "size_r", "average", "uncertainty", "change"]


def queue(
    link: pd.DataFrame, member: pd.DataFrame, held: pd.DataFrame, limits: dict[str, Any], *, most: int = MOST
) -> pd.DataFrame:
    """Returns the questions, the weightiest first.

    Args:
        link: rows of `CORE_LINK`.
        member: rows of `CORE_DISPUTE_EVENT` (``event_id``, ``dispute_id``, ``recurrence_of``).
        held: standing verdicts (`verdicts.standing`); what they answer is not asked again, unsure ones included.
        limits: the block ``clusters`` of settings.yml: ``absent``, ``floor``, ``ceiling`` (log-odds).
        most: at most so many.

    Returns:
        ``kind`` (merge: are two disputes one; split: is one two), ``event_id_l``, ``event_id_r`` (the strongest pair
        across), ``dispute_id_l``, ``dispute_id_r``, ``size_l``, ``size_r`` (records on either side), ``average``
        (log-odds of the decision), ``uncertainty`` (bits, 0 to 1), ``change`` (expected pairs).
    """
    if member.empty:
        return pd.DataFrame(columns=COLUMNS)
    order = member.sort_values("event_id", ignore_index=True)
    index = pd.Index(order["event_id"])
    dispute, names = pd.factorize(order["dispute_id"], sort=True)
    ends = np.column_stack([index.get_indexer(link[name]) for name in PAIR])
    known = (ends >= 0).all(axis=1) & (link["decided_by"] != "verdict").to_numpy(bool)
    left, right = ends[known].T
    weight = link["match_weight"].to_numpy(float)[known].clip(limits["floor"], limits["ceiling"])
    judged = np.column_stack([index.get_indexer(held[name]) for name in PAIR])
    judged = judged[(judged >= 0).all(axis=1)]
    found = pd.concat(
        [
            _merges(order, dispute, names, left, right, weight, judged, limits["absent"]),
            _splits(dispute, left, right, weight, judged, limits["absent"]),
        ],
        ignore_index=True,
    ).astype({"left": np.int64, "right": np.int64, "size_l": np.int64, "size_r": np.int64, "average": float})
    found["uncertainty"] = _uncertainty(found["average"].to_numpy(), (found["size_l"] * found["size_r"]).to_numpy())
    found["change"] = found["uncertainty"] * found["size_l"] * found["size_r"]
    found = found[found["change"] >= LEAST]
    found = found.assign(
        event_id_l=index[found["left"]], event_id_r=index[found["right"]],
        dispute_id_l=names[dispute[found["left"]]], dispute_id_r=names[dispute[found["right"]]],
    )  # fmt: skip
    found = found.sort_values(["change", *PAIR], ascending=[False, True, True], kind="stable").drop_duplicates(PAIR)
    return found.head(most)[COLUMNS].reset_index(drop=True)


def _uncertainty(average: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Entropy of the decision in bits.

    The n pairs between two sides say much the same again and again: together they count like the root of n pairs
    (假定).
    """
    odds = np.clip(average * np.sqrt(pairs), -50, 50)
    chance = 1 / (1 + np.exp2(-odds))
    entropy: np.ndarray = -(chance * np.log2(chance) + (1 - chance) * np.log2(1 - chance))
    return entropy


def _merges(
    order: pd.DataFrame, dispute: np.ndarray, names: Any, left: np.ndarray, right: np.ndarray, weight: np.ndarray,
    judged: np.ndarray, absent: float,
) -> pd.DataFrame:  # fmt: skip
    """Pairs of disputes that links join and the average keeps apart; those that are a recurrence of each other not."""
    size = np.bincount(dispute)
    matter = _matters(order, dispute, names)
    across = (matter[dispute[left]] != matter[dispute[right]]) & (weight > 0)
    one, other = dispute[left[across]], dispute[right[across]]
    frame = pd.DataFrame(
        {
            "first": np.minimum(one, other), "second": np.maximum(one, other),
            "left": left[across], "right": right[across], "weight": weight[across],
        }
    )  # fmt: skip
    frame = frame.sort_values(["first", "second", "weight", "left", "right"], ascending=[True, True, False, True, True])
    grouped = frame.groupby(["first", "second"], sort=True)
    result = grouped[["left", "right"]].first().reset_index()
    total, count = grouped["weight"].sum().to_numpy(), grouped.size().to_numpy()
    answered = pd.MultiIndex.from_arrays(np.sort(dispute[judged], axis=1).T if len(judged) else [[], []])
    pairs = size[result["first"]] * size[result["second"]]
    result = result.assign(
        kind="merge", size_l=size[dispute[result["left"]]], size_r=size[dispute[result["right"]]],
        average=(total + (pairs - count) * absent) / pairs,
    )  # fmt: skip
    return result[~pd.MultiIndex.from_frame(result[["first", "second"]]).isin(answered)].drop(
        columns=["first", "second"]
    )


def _matters(order: pd.DataFrame, dispute: np.ndarray, names: Any) -> np.ndarray:
    """Returns one number for each dispute that those share which are recurrences of each other."""
    from transforms.matching.clusters import components

    before = order.assign(number=dispute).drop_duplicates("number").dropna(subset=["recurrence_of"])
    earlier = pd.Index(names).get_indexer(before["recurrence_of"])
    known = earlier >= 0
    return components(len(names), before["number"].to_numpy()[known], earlier[known])


def _splits(
    dispute: np.ndarray, left: np.ndarray, right: np.ndarray, weight: np.ndarray, judged: np.ndarray, absent: float
) -> pd.DataFrame:
    """The weak merges inside disputes: average linkage once more, over the pairs that were scored."""
    inside = dispute[left] == dispute[right]
    left, right, weight = left[inside], right[inside], weight[inside]
    size = np.bincount(dispute)
    strong = np.bincount(dispute[left], weights=weight >= SURE, minlength=len(size))
    weak = size * (size - 1) // 2 - strong
    weak[(size < 2) | (size > LARGEST)] = 0
    chosen = np.argsort(-weak, kind="stable")[: int(min(TREES, (weak > 0).sum()))]
    members, starts = np.argsort(dispute, kind="stable"), np.concatenate([[0], np.cumsum(size)])
    edges = np.argsort(dispute[left], kind="stable")
    edge_starts = np.searchsorted(dispute[left][edges], np.arange(len(size) + 1))
    both = judged[dispute[judged[:, 0]] == dispute[judged[:, 1]]]
    judged_by = np.argsort(dispute[both[:, 0]], kind="stable")
    judged_starts = np.searchsorted(dispute[both[:, 0]][judged_by], np.arange(len(size) + 1))
    rows: list[tuple[int, int, int, int, float]] = []
    for number in chosen:
        records = members[starts[number] : starts[number + 1]]
        mine = edges[edge_starts[number] : edge_starts[number + 1]]
        matrix = np.full((len(records), len(records)), float(absent))
        one, other = np.searchsorted(records, left[mine]), np.searchsorted(records, right[mine])
        matrix[one, other] = matrix[other, one] = weight[mine]
        said = np.searchsorted(records, both[judged_by[judged_starts[number] : judged_starts[number + 1]]])
        rows += [
            (int(records[a]), int(records[b]), n, m, average) for a, b, n, m, average in _weak_merges(matrix, said)
        ]
    return pd.DataFrame(rows, columns=["left", "right", "size_l", "size_r", "average"]).assign(kind="split")


def _weak_merges(matrix: np.ndarray, said: np.ndarray) -> list[tuple[int, int, int, int, float]]:
    """The merges of one dispute's tree that were close: (record, record, size, size, average), none judged across."""
    count = len(matrix)
    top = matrix.max()
    np.fill_diagonal(matrix, top)
    tree = linkage(squareform(top - matrix, checks=False), method="average")
    size = np.concatenate([np.ones(count), tree[:, 3]])
    children, average = tree[:, :2].astype(np.int64), top - tree[:, 2]
    pairs = size[children[:, 0]] * size[children[:, 1]]
    is_asked = (_uncertainty(average, pairs) * pairs >= LEAST).tolist()
    sides: list[np.ndarray] = [np.array([number]) for number in range(count)]
    found = []
    for step, (one, other) in enumerate(children.tolist()):
        a, b = sides[one], sides[other]
        sides.append(np.concatenate([a, b]))
        if not is_asked[step] or (len(said) and _is_judged(said, a, b)):
            continue
        block = matrix[np.ix_(a, b)]
        best = np.unravel_index(int(np.argmax(block)), block.shape)
        first, second, n, m, mean = int(a[best[0]]), int(b[best[1]]), len(a), len(b), float(average[step])
        found.append((first, second, n, m, mean) if first < second else (second, first, m, n, mean))
    return found


def _is_judged(said: np.ndarray, a: np.ndarray, b: np.ndarray) -> bool:
    """Has somebody judged a pair with one record on either side?"""
    in_a, in_b = np.isin(said, a), np.isin(said, b)
    return bool(((in_a[:, 0] & in_b[:, 1]) | (in_a[:, 1] & in_b[:, 0])).any())
