"""What a record is about, in the classes of every system, learnt from the systems' own category columns.

Here: one naive Bayes classifier per system, trained on its own records and asked about the records of all, out of fold.
Two clerks who file one quarrel under different headings still write similar texts. Not here: the crosswalk to
GB/T 31000 (`transforms.category`).
n-gram counts, source category -> chance of each class of each system, per record
"""

from typing import Any

import numpy as np
import pandas as pd

FOLDS = 4
SMALLEST_CLASS = 15
MOST_CLASSES = 80
SHARPNESS = 0.12
"""Naive Bayes counts dependent n-grams as independent: the log-likelihood of a text is scaled to this power."""


TOWN_SHARPNESS = 0.3


def folds(event_id: pd.Series) -> np.ndarray:
    """Returns the fold of each record, told by its own id: a new record moves no other to another fold."""
    fold: np.ndarray = pd.util.hash_array(event_id.to_numpy(dtype=object)) % np.uint64(FOLDS)
    return fold


def chances(counts: Any, source: pd.Series, category: pd.Series, fold: np.ndarray) -> list[np.ndarray]:
    """Predicts the classes of each system for every record, out of fold.

    Args:
        counts: n-gram counts (n x buckets).
        source: system of each record.
        category: the system's own category, null where it has none.
        fold: see `folds`.

    Returns:
        One float32 array of shape (n, classes) per system that has two classes of `SMALLEST_CLASS` records: the chance
        of each class. Systems without categories learn from the others' but teach nothing.
    """
    blocks = []
    used = np.unique(counts.indices)
    counts = counts[:, used]
    for name in sorted(source.dropna().unique()):
        own = ((source == name) & category.notna()).to_numpy(bool)
        sizes = category[own].value_counts()
        classes = sorted(sizes[sizes >= SMALLEST_CLASS].head(MOST_CLASSES).index)
        if len(classes) < 2:
            continue
        label = pd.Series(np.arange(len(classes)), index=classes)
        code = category.map(label).where(own, -1).fillna(-1).to_numpy(np.int64)
        blocks.append(_predict(counts, code, len(classes), fold))
    return blocks


def towns(names: Any, town: pd.Series, fold: np.ndarray) -> list[np.ndarray]:
    """Predicts the town of records that do not say it, from the names of places and parties in them.

    Args:
        names: counts of n-grams that are names (n x buckets).
        town: town code per record, null where unknown.
        fold: see `folds`.

    Returns:
        One array (n x towns) as in `chances`, or none where fewer than two towns are known. A written town counts as
        nearly sure: one in thirty of them is wrong.
    """
    classes = sorted(town.dropna().unique())
    if len(classes) < 2:
        return []
    code = town.map(pd.Series(np.arange(len(classes)), index=classes)).fillna(-1).to_numpy(np.int64)
    used = np.unique(names.indices)
    chance = _predict(names[:, used], code, len(classes), fold, sharpness=TOWN_SHARPNESS)
    known = np.flatnonzero(code >= 0)
    chance[known] *= 0.03
    chance[known, code[known]] += 0.97
    return [chance]


def agreement(blocks: list[np.ndarray], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Returns how much likelier two texts are under one topic than under two (natural log, summed over systems).

    Per system the chance that both are of one class, over what chance agreement of their classes would give.
    """
    total = np.zeros(len(left))
    for chance in blocks:
        usual = np.maximum(chance.mean(axis=0), 1e-6)
        both = np.einsum("ij,ij->i", chance[left] / usual, chance[right])
        total += np.log(np.maximum(both, 1e-6))
    return total


def _predict(
    counts: Any, label: np.ndarray, classes: int, fold: np.ndarray, *, sharpness: float = SHARPNESS
) -> np.ndarray:
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
        score = sharpness * (texts @ share.T) + prior - np.log(np.exp(prior).sum())
        score -= score.max(axis=1, keepdims=True)
        chance = np.exp(score)
        result[asked] = chance / chance.sum(axis=1, keepdims=True)
    return result
