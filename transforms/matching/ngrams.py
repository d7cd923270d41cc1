"""Texts as sparse vectors of character n-grams, counted without a Python loop over characters.

Here: which n-grams a text holds, how rare each is, and which belong to one place. Not here: what is done with them
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
    cleaned = [_LONG_NUMBER.sub(lambda found: found[0] if found[0].isalpha() else " ", text) for text in texts.fillna("")]
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


def local(counts: Any, town: np.ndarray, *, share: float, most: int) -> np.ndarray:
    """Finds the buckets that belong to one place: names of estates, roads, companies, hamlets that no list holds.

    Args:
        counts: see `count`.
        town: place number of each record, -1 where unknown, shape (n,).
        share: part of a bucket's records that its commonest place must hold.
        most: a bucket in more records than this is no name.

    Returns:
        Boolean per bucket. All false when fewer than five places occur.
    """
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    places = int(town.max()) + 1 if len(town) else 0
    if places < 5:
        return np.zeros(counts.shape[1], bool)
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    known = town[row] >= 0
    pair, number = np.unique(counts.indices[known].astype(np.int64) * places + town[row[known]], return_counts=True)
    top = np.zeros(counts.shape[1], np.int64)
    np.maximum.at(top, pair // places, number)
    placed = np.bincount(counts.indices[known], minlength=counts.shape[1])
    return (frequency >= 2) & (frequency <= most) & (placed >= 2) & (top >= share * placed)


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


def dot(left: Any, right: Any) -> np.ndarray:
    """Returns the dot product of each row of ``left`` with the same row of ``right``, shape (n,)."""
    return np.asarray(left.multiply(right).sum(axis=1), np.float32).ravel()
