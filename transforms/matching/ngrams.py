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


def rarity(frequency: np.ndarray, by_source: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Returns the idf of each bucket: minus the log of its share of texts in the system where it is most common.

    A phrase that one system prints into every record says nothing, however rare it is in the others.

    Args:
        frequency: records that hold the bucket, shape (buckets,).
        by_source: the same per system, shape (systems, buckets).
        sizes: records per system.
    """
    shares = frequency / (sizes.sum() + 10.0)
    for found, size in zip(by_source, sizes, strict=True):
        shares = np.maximum(shares, found / (size + 10.0))
    return np.where(frequency > 0, -np.log(np.maximum(shares, 1e-12)), 0.0).astype(np.float32)


def names(frequency: np.ndarray, named: np.ndarray, *, share: float) -> np.ndarray:
    """Finds the buckets that name places and parties: what stands in address and party columns, wherever it occurs.

    No list of names is needed: a road, an estate, a company is in the columns of some records, and in the texts of
    others that left the columns empty.

    Args:
        frequency: records that hold the bucket in text or columns.
        named: records that hold it in the address and party columns.
        share: part of a bucket's records that must have it in those columns.

    Returns:
        Boolean per bucket.
    """
    found: np.ndarray = (frequency >= 2) & (named >= np.maximum(1, share * frequency))
    return found


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
