"""What a record is about, in the classes of every system, learnt from the systems' own category columns.

Here: one naive Bayes classifier per system, trained on its own records and asked about the records of all, out of fold.
Two clerks who file one quarrel under different headings still write similar texts. Not here: the crosswalk to
GB/T 31000 (`transforms.category`).
n-gram counts, source category -> topic vectors (records x classes of all systems)
"""

from typing import Any

import numpy as np
import pandas as pd

FOLDS = 4
SMALLEST_CLASS = 15
MOST_CLASSES = 80
SHARPNESS = 0.35
"""Naive Bayes counts dependent n-grams as independent: the log-likelihood of a text is scaled to this power."""


def vectors(counts: Any, source: pd.Series, category: pd.Series) -> np.ndarray:
    """Predicts the classes of each system for every record.

    Args:
        counts: n-gram counts (n x buckets) without the n-grams that name places.
        source: system of each record.
        category: the system's own category, null where it has none.

    Returns:
        Square roots of class probabilities, float32 of shape (n, classes of all systems), each system's block scaled
        so that the dot product of two rows lies between 0 (other topic) and 1 (same topic). Zero columns when no
        system has two classes of `SMALLEST_CLASS` records.
    """
    blocks = []
    used = np.unique(counts.indices)
    counts = counts[:, used]
    fold = pd.util.hash_array(np.arange(counts.shape[0])) % np.uint64(FOLDS)
    for name in sorted(source.dropna().unique()):
        own = ((source == name) & category.notna()).to_numpy(bool)
        sizes = category[own].value_counts()
        classes = sorted(sizes[sizes >= SMALLEST_CLASS].head(MOST_CLASSES).index)
        if len(classes) < 2:
            continue
        label = pd.Categorical(category, categories=classes).codes.astype(np.int64)
        label[~own] = -1
        blocks.append(_predict(counts, label, len(classes), fold))
    if not blocks:
        return np.zeros((counts.shape[0], 0), np.float32)
    return np.concatenate(blocks, axis=1) / np.sqrt(np.float32(len(blocks)))


def _predict(counts: Any, label: np.ndarray, classes: int, fold: np.ndarray) -> np.ndarray:
    from scipy import sparse

    known = label >= 0
    result = np.zeros((counts.shape[0], classes), np.float32)
    for number in range(FOLDS):
        train = known & (fold != number)
        asked = fold == number
        member = sparse.csr_matrix(
            (np.ones(train.sum(), np.float32), (label[train], np.flatnonzero(train))), shape=(classes, counts.shape[0])
        )
        total = np.asarray((member @ counts).todense(), np.float64) + 0.05
        share = np.log(total / total.sum(axis=1, keepdims=True)).astype(np.float32)
        prior = np.log(np.bincount(label[train], minlength=classes) + 1.0)
        texts = counts[asked]
        score = SHARPNESS * (texts @ share.T) + prior - np.log(np.exp(prior).sum())
        score -= score.max(axis=1, keepdims=True)
        chance = np.exp(score)
        result[asked] = np.sqrt(chance / chance.sum(axis=1, keepdims=True))
    return result
