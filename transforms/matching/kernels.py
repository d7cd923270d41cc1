"""The loops over millions of pairs that no array expression can say without copying rows: compiled by numba.

Here: products of sparse rows, agreement of classes, scores of texts against classes, walking decision trees, the best
edge of a node. Not here: what the numbers mean (`ngrams`, `topics`, `trees`, `clusters`). Each result depends on its
own row alone, so that the number of threads changes no digit. Compiled code is kept beside the module (numba's cache),
so only the first run waits for it.
"""

import numpy as np
from numba import njit, prange


@njit(cache=True, parallel=True, nogil=True)
def common(
    indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Dot products of rows ``left[i]`` and ``right[i]`` of a CSR matrix with sorted indices, and the largest product in
    each sum; NaN where a row is empty.

    Returns:
        Two float32 arrays of shape (n,).
    """
    total = np.full(len(left), np.nan, np.float32)
    largest = np.full(len(left), np.nan, np.float32)
    for pair in prange(len(left)):
        a, a_end = indptr[left[pair]], indptr[left[pair] + 1]
        b, b_end = indptr[right[pair]], indptr[right[pair] + 1]
        if a == a_end or b == b_end:
            continue
        whole, most = np.float32(0.0), np.float32(0.0)
        while a < a_end and b < b_end:
            one, other = indices[a], indices[b]
            if one == other:
                product = data[a] * data[b]
                whole += product
                most = max(most, product)
                a += 1
                b += 1
            elif one < other:
                a += 1
            else:
                b += 1
        total[pair] = whole
        largest[pair] = most
    return total, largest


@njit(cache=True, parallel=True, nogil=True)
def agreement(chance: np.ndarray, scale: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Natural log of sum over classes of ``chance[left] * chance[right] * scale``, at least log(1e-6).

    Args:
        chance: unsigned integers of shape (records, classes).
        scale: float32 per class.
        left: record per pair.
        right: the other record.
    """
    found = np.empty(len(left), np.float32)
    for pair in prange(len(left)):
        one, other = chance[left[pair]], chance[right[pair]]
        total = np.float32(0.0)
        for number in range(len(scale)):
            total += np.float32(one[number]) * np.float32(other[number]) * scale[number]
        found[pair] = np.log(max(total, np.float32(1e-6)))
    return found


@njit(cache=True, parallel=True, nogil=True)
def against(indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Product of a CSR matrix with a dense float32 ``table`` of shape (columns, classes); negative indices count
    nothing."""
    found = np.zeros((len(indptr) - 1, table.shape[1]), np.float32)
    for row in prange(len(indptr) - 1):
        for place in range(indptr[row], indptr[row + 1]):
            column = indices[place]
            if column >= 0:
                weight = np.float32(data[place])
                for number in range(table.shape[1]):
                    found[row, number] += weight * table[column, number]
    return found


@njit(cache=True, parallel=True, nogil=True)
def walk(
    values: np.ndarray,
    start: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    missing_left: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    leaf: np.ndarray,
    base: float,
) -> np.ndarray:
    """Sums the leaves that each row of ``values`` (n, features) reaches; see `trees.Trees` for the arrays."""
    found = np.empty(len(values), np.float64)
    for row in prange(len(values)):
        total = base
        for tree in range(len(start)):
            node = start[tree]
            while feature[node] >= 0:
                value = values[row, feature[node]]
                goes_left = missing_left[node] if np.isnan(value) else value <= threshold[node]
                node = start[tree] + (left[node] if goes_left else right[node])
            total += leaf[node]
        found[row] = total
    return found


@njit(cache=True, parallel=True, nogil=True)
def steps(
    values: np.ndarray,
    start: np.ndarray,
    group: np.ndarray,
    feature: np.ndarray,
    threshold: np.ndarray,
    missing_left: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    expected: np.ndarray,
    groups: int,
) -> np.ndarray:
    """Sums what each step through the trees adds to the group of the value asked for.

    Args:
        values: float64 of shape (n, features), NaN for missing.
        start: see `trees.Trees`, as are feature, threshold, missing_left, left and right.
        group: per node, the group of its feature.
        feature: number of the value that a node asks for, -1 for a leaf.
        threshold: per node.
        missing_left: per node.
        left: per node.
        right: per node.
        expected: expected weight per node.
        groups: how many groups there are.

    Returns:
        float64 of shape (n, groups).
    """
    found = np.zeros((len(values), groups), np.float64)
    for row in prange(len(values)):
        for tree in range(len(start)):
            node = start[tree]
            while feature[node] >= 0:
                value = values[row, feature[node]]
                goes_left = missing_left[node] if np.isnan(value) else value <= threshold[node]
                below = start[tree] + (left[node] if goes_left else right[node])
                found[row, group[node]] += expected[below] - expected[node]
                node = below
    return found


@njit(cache=True, nogil=True)
def agglomerate(weight: np.ndarray) -> np.ndarray:
    """Merges the two clusters with the highest average weight between them, again and again while it is above zero.

    Args:
        weight: float64 of shape (n, n), symmetric; changed.

    Returns:
        Cluster number per row, int64 of shape (n,), numbered by the first row of each.
    """
    count = len(weight)
    size = np.ones(count, np.int64)
    label = np.arange(count)
    while True:
        best, one, other = 0.0, -1, -1
        for left in range(count):
            if size[left] == 0:
                continue
            for right in range(left + 1, count):
                if size[right] > 0:
                    average = weight[left, right] / (size[left] * size[right])
                    if average > best:
                        best, one, other = average, left, right
        if one < 0:
            break
        for third in range(count):
            total = weight[one, third] + weight[other, third]
            weight[one, third] = total
            weight[third, one] = total
        size[one] += size[other]
        size[other] = 0
        for row in range(count):
            if label[row] == other:
                label[row] = one
    number = np.full(count, -1)
    found = 0
    result = np.empty(count, np.int64)
    for row in range(count):
        if number[label[row]] < 0:
            number[label[row]] = found
            found += 1
        result[row] = number[label[row]]
    return result


@njit(cache=True, nogil=True)
def best_edge(one: np.ndarray, other: np.ndarray, value: np.ndarray, count: int) -> np.ndarray:
    """The place of the highest edge above zero at each of ``count`` nodes, of equals the first; -1: there is none.

    Returns:
        int64 of shape (count,).
    """
    best = np.full(count, -1, np.int64)
    for edge in range(len(value)):
        if value[edge] > 0:
            for node in (one[edge], other[edge]):
                if best[node] < 0 or value[edge] > value[best[node]]:
                    best[node] = edge
    return best
