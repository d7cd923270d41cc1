"""From scored pairs to disputes: average linkage that does not chain.

Here: cutting a weighted graph into clusters. Not here: the weights (`model`), what a cluster is called (`identity`).
A trial measured 0.58 pairwise F1 for connected components and 0.93 for average linkage on log-odds with absent pairs
as negative: one wrong bridge joins two disputes in the first; in the second the pairs that do not match outvote it.
pairs with log-odds, forbidden pairs -> cluster number per record
"""

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from transforms.matching import kernels

DENSE = 1_500
"""Components up to this size are clustered on a dense matrix (n*n/2 numbers, 9 MB); larger ones on a list of pairs."""

SMALL = 48
"""Components up to this size, nearly all of them, are clustered by a compiled loop instead of a call to scipy."""

FORBIDDEN = -1e9
"""Log-odds of a pair that must not share a dispute: the agreeing pairs of two disputes of 9,000 records each cannot
outweigh it."""

CERTAIN = 1e4
"""Log-odds from here on are a person's word, not evidence to be averaged."""


def components(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Returns the connected component of each of ``count`` records, numbered by first appearance."""
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def average_linkage(
    count: int,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    *,
    absent: float,
    ceiling: float = np.inf,
    floor: float = -np.inf,
    forbidden_left: np.ndarray | None = None,
    forbidden_right: np.ndarray | None = None,
    dense: int = DENSE,
    merged: np.ndarray | None = None,
) -> np.ndarray:
    """Merges the two closest clusters while their average log-odds over all pairs between them is above zero.

    A pair from `CERTAIN` on joins the two clusters that the evidence makes, whole as they are: who says that two
    records are one dispute does not say that either leaves the records it was with. Only where the joined clusters hold
    a pair that must not meet are their records clustered anew, the certain pairs first.

    Args:
        count: number of records, which are numbered 0 to count - 1.
        left: record of each scored pair, each pair once.
        right: the other record of the pair.
        weight: log-odds (base 2) of the pair being one dispute; pairs below zero count as well, `CERTAIN`: above.
        absent: log-odds of a pair that was never scored; negative, blocking found nothing in common.
        ceiling: log-odds above this count as this, so that one strong pair cannot carry many weak ones.
        floor: log-odds below this count as this.
        forbidden_left: records of pairs that must not meet, also across other records.
        forbidden_right: the other records of those pairs.
        dense: largest component that gets a full matrix.
        merged: the clusters that `merge` gives of the pairs, certain ones without evidence, where an engine has worked
            them out.

    Returns:
        Cluster number per record, int64 of shape (count,), numbered by the smallest record in it: the order of the
        pairs does not matter.
    """
    left, right, weight = np.asarray(left), np.asarray(right), np.asarray(weight)
    if merged is None:  # pairs between components never matter: in a large lake they are most of all
        likely = weight > 0
        component = components(count, left[likely], right[likely])
        inside = component[left] == component[right]
        left, right, weight = left[inside], right[inside], weight[inside]
    left, right = np.asarray(left, np.int64), np.asarray(right, np.int64)
    given = np.asarray(weight, float)
    certain = given >= CERTAIN
    weight = np.clip(np.where(certain, 0.0, given), floor, ceiling)  # no evidence: what joins the clusters comes below
    ban = np.empty((0, 2), np.int64)
    if forbidden_left is not None and forbidden_right is not None and len(forbidden_left):
        ban = np.column_stack([forbidden_left, forbidden_right]).astype(np.int64)
    label = merge(count, left, right, weight, absent, ban, dense) if merged is None else merged
    if not certain.any():
        return label
    label = _smallest(components(count, label[left[certain]], label[right[certain]])[label])
    torn = label[ban[:, 0]][label[ban[:, 0]] == label[ban[:, 1]]]
    if len(torn):
        again = np.isin(label, torn)
        position = np.cumsum(again) - 1
        pairs, bans = again[left] & again[right], ban[again[ban].all(axis=1)]
        strongest = np.where(certain, given, weight)[pairs]
        records = np.flatnonzero(again)
        fresh = merge(
            len(records), position[left[pairs]], position[right[pairs]], strongest, absent, position[bans], dense
        )
        label[records] = records[fresh]
    return label


def _smallest(label: np.ndarray) -> np.ndarray:
    """Returns the labels as the smallest record that bears each."""
    smallest = np.full(int(label.max(initial=-1)) + 1, len(label))
    np.minimum.at(smallest, label, np.arange(len(label)))
    result: np.ndarray = smallest[label]
    return result


def merge(
    count: int,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    absent: float,
    ban: np.ndarray,
    dense: int,
) -> np.ndarray:
    """Average linkage inside each connected component of pairs above zero; see `average_linkage`.

    A component's clusters depend on its own pairs alone, and on the order of its records but not on their numbers.

    Returns:
        The smallest record of its cluster for each record.
    """
    positive = weight > 0
    component = components(count, left[positive], right[positive])
    inside = component[left] == component[right]
    left, right, weight = left[inside], right[inside], weight[inside]
    ban = ban[component[ban[:, 0]] == component[ban[:, 1]]]
    result = np.arange(count)
    size = np.bincount(component, minlength=1)
    order = np.argsort(component, kind="stable")
    start = np.concatenate([[0], np.cumsum(size)])
    edge_order = np.argsort(component[left], kind="stable")
    edge_start = np.searchsorted(component[left][edge_order], np.arange(len(size) + 1))
    ban_order = np.argsort(component[ban[:, 0]], kind="stable")
    ban_start = np.searchsorted(component[ban[:, 0]][ban_order], np.arange(len(size) + 1))
    position = np.empty(count, np.int64)
    position[order] = np.arange(count) - np.repeat(start[:-1], size)
    for number in np.flatnonzero(size > 1):
        members = order[start[number] : start[number + 1]]
        edges = edge_order[edge_start[number] : edge_start[number + 1]]
        bans = ban[ban_order[ban_start[number] : ban_start[number + 1]]]
        if len(members) == 2:
            label = np.array([0, 0] if not len(bans) else [0, 1])
        else:
            cut = _dense if len(members) <= dense else _sparse
            label = cut(
                len(members), position[left[edges]], position[right[edges]], weight[edges], absent, position[bans]
            )
        smallest = np.full(label.max() + 1, count)
        np.minimum.at(smallest, label, members)
        result[members] = smallest[label]
    return result


def _dense(
    count: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray, absent: float, bans: np.ndarray
) -> np.ndarray:
    matrix = np.full((count, count), float(absent))
    matrix[left, right] = matrix[right, left] = weight
    matrix[bans[:, 0], bans[:, 1]] = matrix[bans[:, 1], bans[:, 0]] = FORBIDDEN
    if count <= SMALL:
        return np.asarray(kernels.agglomerate(matrix))
    upper = np.triu_indices(count, 1)
    similarity = matrix[upper]
    top = similarity.max()
    tree = linkage(top - similarity, method="average")
    # scipy wants distances that are not negative; the shift by the best pair keeps the order and the cut
    label = fcluster(tree, np.nextafter(top, -np.inf), criterion="distance")
    return np.unique(label, return_inverse=True)[1]


def _sparse(
    count: int, left: np.ndarray, right: np.ndarray, weight: np.ndarray, absent: float, bans: np.ndarray
) -> np.ndarray:
    """The same agglomeration in rounds over arrays: memory grows with the pairs, not with count squared.

    Pairs of clusters without any scored pair between them average to `absent` and never merge, so they need no entry.
    Averages do not rise when clusters merge; so two clusters that are each other's best partner (of equal averages, the
    pair of the smallest records) will be merged whatever happens elsewhere, all such pairs of a round can be merged at
    once, and who has no partner above zero never gets one. Sums are whole numbers of `_UNIT`, exact in any order.
    """
    one = np.concatenate([np.minimum(left, right), bans.min(axis=1, initial=count)])
    other = np.concatenate([np.maximum(left, right), bans.max(axis=1, initial=-1)])
    above = np.rint((weight - absent) / _UNIT).astype(np.int64)
    one, other, total = _summed(one, other, np.concatenate([above, np.full(len(bans), int(FORBIDDEN / _UNIT))]), count)
    size, label = np.ones(count, np.int64), np.arange(count)
    while True:
        average = total * _UNIT / (size[one] * size[other]) + absent
        best = kernels.best_edge(one, other, average, count)
        edge = best[best >= 0]
        if not len(edge):
            return np.unique(label, return_inverse=True)[1]
        mutual = np.unique(edge[(best[one[edge]] == edge) & (best[other[edge]] == edge)])
        first, second = one[mutual], other[mutual]
        to = np.arange(count)
        to[second] = first
        size[first] += size[second]
        label = to[label]
        alive = (best[one] >= 0) & (best[other] >= 0)
        one, other, total = to[one[alive]], to[other[alive]], total[alive]
        apart = one != other
        one, other, total = _summed(np.minimum(one, other)[apart], np.maximum(one, other)[apart], total[apart], count)


_UNIT = 2.0**-20
"""Log-odds are float32 below 32; finer steps than this are lost in most of them."""


def _summed(one: np.ndarray, other: np.ndarray, total: np.ndarray, count: int) -> tuple[np.ndarray, ...]:
    """Adds up what stands more than once; in order of the pairs."""
    key = one * count + other
    order = np.argsort(key, kind="stable")
    key = key[order]
    start = np.flatnonzero(np.diff(key, prepend=-1))
    summed = np.add.reduceat(total[order], start) if len(start) else total[:0]
    return one[order][start], other[order][start], summed
