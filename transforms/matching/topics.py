"""What a record is about, in the classes of every system, learnt from the systems' own category columns.

Here: one naive Bayes classifier per system, trained on its own records and asked about the records of all, out of fold.
Two clerks who file one quarrel under different headings still write similar texts. Not here: the crosswalk to
GB/T 31000 (`transforms.category`).
n-gram counts, source category -> chance of each class of each system, per record
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from transforms.matching import kernels

FOLDS = 4
SMALLEST_CLASS = 15
MOST_CLASSES = 80
MOST_NGRAMS = 100_000
"""A classifier knows so many of the most frequent n-grams: its size is bounded, whatever the lake's."""

SHARPNESS = 0.12
"""Naive Bayes counts dependent n-grams as independent: the log-likelihood of a text is scaled to this power."""

TOWN_SHARPNESS = 0.3
TOWN_DOUBT = 0.03
"""One in thirty of the written towns is wrong."""

_SMOOTHING = 0.05
UNIT = 65_535
"""Chances are kept as whole numbers of this many parts."""


def folds(event_id: pd.Series) -> np.ndarray:
    """Returns the fold of each record, told by its own id: a new record moves no other to another fold."""
    fold: np.ndarray = pd.util.hash_array(event_id.to_numpy(dtype=object)) % np.uint64(FOLDS)
    return np.asarray(fold, np.int64)


def columns(frequency: np.ndarray) -> np.ndarray:
    """Returns per bucket its column in a classifier, -1 where it has none; ``frequency``: records per bucket."""
    usable = np.flatnonzero(frequency >= 2)
    if len(usable) > MOST_NGRAMS:
        usable = np.sort(usable[np.argsort(-frequency[usable], kind="stable")[:MOST_NGRAMS]])
    column = np.full(len(frequency), -1, np.int32)
    column[usable] = np.arange(len(usable), dtype=np.int32)
    return column


@dataclass(frozen=True)
class Classifier:
    """``table``: log share of each column in each class, float32 (FOLDS, columns, classes); ``prior``: (FOLDS,
    classes); what fold f is asked was learnt without fold f."""

    classes: list[str]
    table: np.ndarray
    prior: np.ndarray
    sharpness: float

    @classmethod
    def fit(
        cls,
        chunks: Iterable[tuple[Any, np.ndarray, np.ndarray]],
        classes: list[str],
        width: int,
        *,
        unseen: int,
        sharpness: float = SHARPNESS,
    ) -> "Classifier":
        """Learns from chunks of (n-gram counts over columns, class number or -1, fold), each of n rows; ``unseen``:
        so many more n-grams exist that have no column."""
        total = np.zeros((FOLDS, len(classes), width), np.float32)
        size = np.zeros((FOLDS, len(classes)))
        for counts, label, fold in chunks:
            for number in range(FOLDS):
                chosen = np.flatnonzero((label >= 0) & (fold == number))
                if not len(chosen):
                    continue
                place = (label[chosen], chosen)
                shape = (len(classes), counts.shape[0])
                member = sparse.csr_matrix((np.ones(len(chosen), np.float32), place), shape=shape)
                total[number] += (member @ counts).toarray()
                size[number] += np.bincount(label[chosen], minlength=len(classes))
        table = np.empty((FOLDS, width, len(classes)), np.float32)
        prior = np.empty((FOLDS, len(classes)), np.float32)
        everything, every_size = total.sum(axis=0), size.sum(axis=0)
        for number in range(FOLDS):
            other = everything - total[number] + np.float32(_SMOOTHING)
            whole = other.sum(axis=1, dtype=np.float64, keepdims=True) + _SMOOTHING * unseen
            table[number] = np.log(other / whole).T
            before = np.log(every_size - size[number] + 1.0)
            prior[number] = before - np.log(np.exp(before).sum())
        return cls(classes, table, prior, sharpness)

    def predict(self, counts: Any, fold: np.ndarray) -> np.ndarray:
        """Returns the chance of each class, float32 of shape (n, classes), rows adding up to one."""
        chance = np.zeros((counts.shape[0], len(self.classes)), np.float32)
        for number in range(FOLDS):
            asked = np.flatnonzero(fold == number)
            if not len(asked):
                continue
            texts = counts[asked]
            score = kernels.against(texts.indptr, texts.indices, texts.data, np.asarray(self.table[number]))
            score = self.sharpness * score + self.prior[number]
            score -= score.max(axis=1, keepdims=True)
            score = np.exp(score)
            chance[asked] = score / score.sum(axis=1, keepdims=True)
        return chance


def mapped(counts: Any, column: np.ndarray, width: int) -> Any:
    """Returns the counts over a classifier's columns (see `columns`); buckets without one are left out."""
    place = column[counts.indices]
    keep = place >= 0
    size = np.bincount(np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))[keep], minlength=counts.shape[0])
    indptr = np.concatenate([[0], np.cumsum(size)])
    return sparse.csr_matrix((counts.data[keep], place[keep], indptr), shape=(counts.shape[0], width))


def kept(chance: np.ndarray) -> np.ndarray:
    """Returns chances as they are kept: uint16 of `UNIT` parts."""
    return np.asarray(np.rint(chance * UNIT), np.uint16)


def scale(usual: np.ndarray) -> np.ndarray:
    """Returns what `kernels.agreement` multiplies kept chances by, per class; ``usual``: their mean over the lake."""
    return np.asarray(1.0 / (np.maximum(usual, 1e-6) * UNIT * UNIT), np.float32)


def agreement(blocks: list[np.ndarray], scales: list[np.ndarray], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Returns how much likelier two texts are under one topic than under two (natural log, summed over systems).

    Per system the chance that both are of one class, over what chance agreement of their classes would give.
    """
    total = np.zeros(len(left), np.float32)
    for chance, factor in zip(blocks, scales, strict=True):
        total += kernels.agreement(chance, factor, left, right)
    return total
