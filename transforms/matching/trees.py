"""The last stage of the weights: boosted decision trees over levels and raw values, kept as plain numbers.

Here: fitting by scikit-learn, the numbers of a fitted model, weighing pairs by them, and what each value adds to a
pair's weight. Not here: what teaches the trees (`training`), what the values mean (`comparisons`), sums over values of
one kind (`waterfall`).
Weights that add up cannot say "another name speaks against, but only where each has a matter of his own". Trees can:
taught by the clusters of the stage before, without labels, they raised pairwise F1 from 0.907 to 0.922 on simulated
exports, and from 0.851 to 0.863 on exports of another author's making.
m_vector -> Trees -> weight (log2 odds)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transforms.matching import kernels
from transforms.matching.comparisons import COMPARISONS, RAW

COLUMNS = (*(comparison.name for comparison in COMPARISONS), *(f"{name}_value" for name in RAW))
"""What trees look at: the level of each comparison (-1: missing) and the raw values (NaN: missing)."""

SHAPE: dict[str, Any] = {
    "max_iter": 60,
    "learning_rate": 0.15,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
"""Small trees, each leaf of at least 60 pairs: they must not learn single pairs of the clusters that teach them."""

_ROWS = 200_000


@dataclass(frozen=True)
class Trees:
    """Every tree's nodes in one row of arrays; ``start`` says where each tree begins.

    A node with ``feature`` -1 is a leaf and adds ``value`` (natural log odds); another sends a pair to ``left`` where
    its value is at most ``threshold``, or is missing and ``missing_left``, else to ``right`` (numbers within the tree).
    ``cover``: so many of the pairs that taught the trees came by each node. ``columns``: what the features are.
    """

    base: float
    start: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    cover: np.ndarray
    columns: tuple[str, ...] = COLUMNS

    def weigh(self, vectors: pd.DataFrame) -> np.ndarray:
        """Returns the log2 odds of each row of ``vectors`` (columns `COLUMNS`), float of shape (n,)."""
        return self.odds(matrix(vectors))

    def odds(self, values: np.ndarray) -> np.ndarray:
        """Returns the log2 odds of each row of ``values`` (n, columns; NaN: missing), float of shape (n,)."""
        odds = kernels.walk(
            values, self.start, self.feature, self.threshold, self.missing_left, self.left, self.right,
            self.value, self.base,
        )  # fmt: skip
        return np.asarray(odds / np.log(2))

    def explain(self, vectors: pd.DataFrame, group: np.ndarray) -> tuple[float, np.ndarray]:
        """Takes the weights of ``vectors`` apart along the way that each row goes through the trees.

        A node's expected weight is that of the pairs that came by it when the trees were fitted; each step from a node
        to its child adds the difference to the value that the node asks for (A. Saabas, "Interpreting random forests",
        2014, http://blog.datadive.net/interpreting-random-forests/). The parts add up to the weight.

        Args:
            vectors: n rows in the columns `COLUMNS`.
            group: number of the group, 0 and up, to which each of `COLUMNS` adds.

        Returns:
            The expected weight of all pairs, and what each group adds to it: float64 of shape (n, groups), log2 odds.
        """
        expected = self._expected()
        groups = int(group.max()) + 1
        base = float((self.base + expected[self.start].sum()) / np.log(2))
        found = np.empty((len(vectors), groups))
        for at in range(0, len(vectors), _ROWS):
            rows = slice(at, at + _ROWS)
            found[rows] = kernels.steps(
                matrix(vectors.iloc[rows]),
                self.start,
                np.where(self.feature < 0, -1, group[self.feature]),
                self.feature,
                self.threshold,
                self.missing_left,
                self.left,
                self.right,
                expected / np.log(2),
                groups,
            )
        return base, found

    def _expected(self) -> np.ndarray:
        """Value of each node: of a leaf its own, of another its leaves' mean by ``cover``."""
        value, cover = self.value.copy(), np.maximum(self.cover, 1).astype("float64")
        first = np.repeat(self.start, np.diff([*self.start, len(self.value)]))
        for node in np.flatnonzero(self.feature >= 0)[::-1]:  # children stand behind their node
            pair = first[node] + np.array([self.left[node], self.right[node]])
            value[node] = (value[pair] * cover[pair]).sum() / cover[pair].sum()
        return value

    def to_plain(self) -> dict[str, Any]:
        """Returns the trees as lists, for a model file; numbers keep all their digits."""
        arrays = {name: getattr(self, name).tolist() for name in _ARRAYS}
        return {"columns": list(self.columns), "base": self.base} | arrays

    @classmethod
    def from_plain(cls, content: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> "Trees":
        """Reads what `to_plain` wrote of trees over ``columns``.

        Raises:
            ValueError: the trees look at other values than this version has.
        """
        if tuple(content["columns"]) != columns:
            raise ValueError("匹配模型文件中的决策树与本版本的比较项不同；请重新训练")
        if "cover" not in content:  # kept by an earlier version: each branch then counts alike
            content = content | {"cover": np.ones(len(content["value"]))}
        arrays = {name: np.asarray(content[name], kind) for name, kind in _ARRAYS.items()}
        return cls(content["base"], **arrays, columns=columns)


_ARRAYS = {
    "start": "int64",
    "feature": "int64",
    "threshold": "float64",
    "missing_left": "bool",
    "left": "int64",
    "right": "int64",
    "value": "float64",
    "cover": "int64",
}


def matrix(vectors: pd.DataFrame) -> np.ndarray:
    """Returns `COLUMNS` of ``vectors`` as floats of shape (n, columns), NaN for missing."""
    return np.asarray(vectors[list(COLUMNS)].to_numpy("float64", na_value=np.nan))


def fit(vectors: pd.DataFrame, is_match: np.ndarray, weight: np.ndarray | None = None) -> Trees:
    """Fits trees to the pairs ``vectors`` (n rows), of which ``is_match`` (bool, n) are taken for one dispute.

    Args:
        vectors: columns `COLUMNS`.
        is_match: what is learnt.
        weight: how often each pair counts; once by default.
    """
    return fit_values(matrix(vectors), is_match, weight, SHAPE, COLUMNS)


def fit_values(
    values: np.ndarray, is_match: np.ndarray, weight: np.ndarray | None, shape: dict[str, Any], columns: tuple[str, ...]
) -> Trees:
    """Fits trees of a shape (see `SHAPE`) to ``values`` (n, columns), which it may change; the rest as for `fit`."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    values[:, np.isnan(values).all(axis=0)] = 0.0  # scikit-learn cannot bin a column without any value
    with threadpool_limits(1, user_api="openmp"):  # its threads wait busily: beside other work two are slower than one
        fitted = HistGradientBoostingClassifier(**shape).fit(values, is_match, sample_weight=weight)
    # scikit-learn has no other way to the trees' numbers; a test holds that they weigh as its own prediction does
    trees = [stage[0].nodes for stage in fitted._predictors]
    nodes = np.concatenate(trees)
    leaf = nodes["is_leaf"].astype(bool)
    return Trees(
        base=float(fitted._baseline_prediction.ravel()[0]),
        start=np.concatenate([[0], np.cumsum([len(tree) for tree in trees[:-1]])]).astype("int64"),
        feature=np.where(leaf, -1, nodes["feature_idx"]).astype("int64"),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        missing_left=np.where(leaf, 0, nodes["missing_go_to_left"]).astype(bool),
        left=np.where(leaf, 0, nodes["left"]).astype("int64"),
        right=np.where(leaf, 0, nodes["right"]).astype("int64"),
        value=np.where(leaf, nodes["value"], 0.0),
        cover=nodes["count"].astype("int64"),
        columns=columns,
    )
