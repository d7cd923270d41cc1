"""Texts as sparse vectors of character n-grams, counted without a Python loop over characters.

Here: which n-grams a text holds, how rare each is, and which are names. Not here: what is done with them
(`topics`, `comparisons`, `candidates`).
texts -> counts (records x buckets) -> weights
"""

import re
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

BUCKETS = 1 << 20
"""N-grams are hashed into so many columns: memory does not grow with the vocabulary."""

_LONG_NUMBER = re.compile(r"[0-9A-Za-z\-]{5,}")
_MULTIPLIERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


def count(texts: pd.Series, *, sizes: tuple[int, ...] = (2, 3)) -> Any:
    """Counts the n-grams of each text.

    Chinese characters give n-grams inside a run of them; Latin letters and digits count as whole words, so that an
    English text compares by words. Runs of five or more digits or letters (numbers of phones, cards, orders) are left
    out: they are compared as tokens, and what is left of a number must not look like a rare word.

    Args:
        texts: n texts; null counts as empty.
        sizes: lengths of the n-grams of Chinese characters.

    Returns:
        CSR matrix of float32, shape (n, `BUCKETS`).
    """
    cleaned = [
        _LONG_NUMBER.sub(lambda found: found[0] if found[0].isalpha() else " ", text) for text in texts.fillna("")
    ]
    rows, columns = [], []
    length = np.array([len(text) + 1 for text in cleaned], np.int64)
    joined = "\n".join([*cleaned, ""])
    code = np.frombuffer(joined.encode("utf-32-le"), np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(cleaned)), length)
    chinese = (code >= 0x3400) & (code <= 0x9FFF)
    for size in sizes:
        if len(code) < size:
            continue
        whole = chinese[: len(code) - size + 1].copy()
        value = np.full(len(whole), np.uint64(size), np.uint64)
        for shift in range(size):
            part = slice(shift, len(code) - size + 1 + shift)
            whole &= chinese[part]
            value = (value ^ code[part]) * _MULTIPLIERS[shift % 2]
            value ^= value >> np.uint64(29)
        rows.append(owner[: len(whole)][whole])
        columns.append((value[whole] % np.uint64(BUCKETS)).astype(np.int64))
    word_rows, word_columns = _words(cleaned)
    rows.append(word_rows)
    columns.append(word_columns)
    row, column = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.coo_matrix((np.ones(len(row), np.float32), (row, column)), shape=(len(cleaned), BUCKETS))
    return matrix.tocsr()


def _words(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    found = pd.Series(texts, dtype="str").str.lower().str.findall(r"[a-z]{2,}|[0-9]+")
    words = found.explode().dropna()
    words = words[words.str.len() > 0]
    if words.empty:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    hashed = pd.util.hash_array(words.to_numpy(dtype=object)) % np.uint64(BUCKETS)
    return words.index.to_numpy(np.int64), hashed.astype(np.int64)


def rarity(counts: Any, source: np.ndarray) -> np.ndarray:
    """Returns the idf of each bucket: minus the log of its share of texts in the system where it is most common.

    A phrase that one system prints into every record says nothing, however rare it is in the others.

    Args:
        counts: see `count`.
        source: system number of each record, shape (n,).
    """
    shares = np.zeros(counts.shape[1])
    for number in np.unique(source):
        chosen = counts[source == number]
        frequency = np.bincount(chosen.indices, minlength=counts.shape[1])
        shares = np.maximum(shares, frequency / (chosen.shape[0] + 10.0))
    total = np.bincount(counts.indices, minlength=counts.shape[1])
    shares = np.maximum(shares, total / (counts.shape[0] + 10.0))
    return np.where(total > 0, -np.log(np.maximum(shares, 1e-12)), 0.0)


def names(everything: Any, columns: Any, *, share: float) -> np.ndarray:
    """Finds the buckets that name places and parties: what stands in address and party columns, wherever it occurs.

    No list of names is needed: a road, an estate, a company is in the columns of some records, and in the texts of
    others that left the columns empty.

    Args:
        everything: counts over texts and columns (n x buckets).
        columns: counts over the address and party columns alone.
        share: part of a bucket's records that must have it in those columns.

    Returns:
        Boolean per bucket.
    """
    frequency = np.bincount(everything.indices, minlength=everything.shape[1])
    named = np.bincount(columns.indices, minlength=columns.shape[1])
    found: np.ndarray = (frequency >= 2) & (named >= np.maximum(1, share * frequency))
    return found


def placed_rarity(counts: Any, county: np.ndarray, town: np.ndarray, *, doubt: float = 20.0) -> tuple[Any, np.ndarray]:
    """Weighs each n-gram of each record by how rare it is where the record is from.

    The name of a town is rare in the city and says nothing inside the town; one common company name says much in a town
    that has one such company. Shares in a town are drawn towards those of its county, and these towards the city's;
    the record itself and one fellow do not count, so that a pair's own word does not look common in a small town.

    Args:
        counts: n-gram counts (n x buckets).
        county: county number per record, -1 unknown.
        town: town number per record, -1 unknown.
        doubt: so many imagined records stand for the wider area's share.

    Returns:
        CSR matrix: each row the square roots of its weights' shares, so that the dot product of two rows lies between
        0 (no name in common) and 1 (all); and the sum of each row's weights.
    """
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    bucket = counts.indices.astype(np.int64)
    frequency = np.bincount(bucket, minlength=counts.shape[1])
    share = np.maximum(frequency[bucket] - 2, 0) / max(counts.shape[0], 1)
    for area in (county, town):
        if not len(area) or area.max() < 0:
            continue
        code = area[row]
        size = np.bincount(area[area >= 0])
        inverse, number = np.unique(bucket * (area.max() + 2) + code + 1, return_inverse=True, return_counts=True)[1:]
        here = (np.maximum(number[inverse] - 2, 0) + doubt * share) / (size[code] + doubt)
        share = np.where(code >= 0, here, share)
    weight = -np.log(np.clip(share, 1e-4, 1.0)) + 1e-6
    total = np.bincount(row, weights=weight, minlength=counts.shape[0])
    value = np.sqrt(weight / total[row]).astype(np.float32)
    return sparse.csr_matrix((value, counts.indices, counts.indptr), shape=counts.shape), total.astype(np.float32)


def strongest(matrix: Any, keep: int) -> Any:
    """Keeps the ``keep`` largest values of each row, so that long texts cost no more than short ones."""
    if not len(matrix.data) or np.diff(matrix.indptr).max() <= keep:
        return matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, row))
    rank = np.arange(len(order)) - matrix.indptr[row[order]]
    chosen = np.sort(order[rank < keep])
    kept = sparse.coo_matrix((matrix.data[chosen], (row[chosen], matrix.indices[chosen])), shape=matrix.shape)
    return kept.tocsr()


def normalised(matrix: Any) -> Any:
    """Scales each row to length one."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.maximum(length, 1e-9)) @ matrix


def common(left: Any, right: Any) -> tuple[np.ndarray, np.ndarray]:
    """Returns, row by row, the dot product of two matrices and the largest product in it, each of shape (n,)."""
    product = left.multiply(right).tocsr()
    total, largest = np.zeros(product.shape[0], np.float32), np.zeros(product.shape[0], np.float32)
    filled = np.diff(product.indptr) > 0
    if filled.any():
        start = product.indptr[:-1][filled]
        total[filled] = np.add.reduceat(product.data, start)
        largest[filled] = np.maximum.reduceat(product.data, start)
    return total, largest


def dot(left: Any, right: Any) -> np.ndarray:
    """Returns the dot product of each row of ``left`` with the same row of ``right``, shape (n,)."""
    return np.asarray(left.multiply(right).sum(axis=1), np.float32).ravel()
