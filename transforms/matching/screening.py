"""Which candidates need no full comparison: what costs next to nothing shows that they are far from a match.

Here: small trees over the values that the store's arrays give, and the rules that proposed a pair; teaching them by the
weights that the full model gave. Not here: the comparison (`comparisons`), the weights of the rest (`model`).
Three quarters of all compared candidates of a large lake end below the floor of a single pair's weight, where one
weight is as good as another; the screen finds most of them before their persons and places are compared.
values of a pair, rules -> is it far
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from transforms.matching.candidates import BIT
from transforms.matching.comparisons import Stretch
from transforms.matching.trees import Trees, fit_values

COLUMNS = ("gap", "shared", "words", "names", "rarest", "topic", "towns", *(f"rule_{name}" for name in BIT))
"""What the screen looks at: days between the records, share of matters that concern many, `comparisons.measured`, and
each rule that may have proposed the pair."""

NUMBER = COLUMNS.index("rule_number")

SHAPE: dict[str, Any] = {
    "max_iter": 20,
    "learning_rate": 0.3,
    "max_leaf_nodes": 16,
    "min_samples_leaf": 200,
    "l2_regularization": 1.0,
    "early_stopping": False,
}

LOST = 0.001
"""So large a share of the pairs that are no more than half as far from a match as the floor may be taken for far."""


@dataclass(frozen=True)
class Screen:
    """``trees`` give the odds of a pair not being far; it is far ``below`` these log2 odds."""

    trees: Trees
    below: float

    def is_far(self, values: np.ndarray) -> np.ndarray:
        """Tells which pairs are far from a match, bool of shape (n,), a pair that an official number names never is;
        ``values``: see `Plain.values`."""
        return np.asarray((self.trees.odds(values) < self.below) & (values[:, NUMBER] == 0))

    def to_plain(self) -> dict[str, Any]:
        """Returns the screen as lists, for a model file."""
        return {"below": self.below, "trees": self.trees.to_plain()}

    @classmethod
    def from_plain(cls, content: dict[str, Any]) -> "Screen":
        """Reads what `to_plain` wrote.

        Raises:
            ValueError: the screen looks at other values than this version has.
        """
        return cls(Trees.from_plain(content["trees"], COLUMNS), content["below"])


@dataclass(frozen=True)
class Plain:
    """``day`` and ``shared`` of ``m_record`` by record number, NaN where it does not hold the record."""

    day: np.ndarray
    shared: np.ndarray

    @classmethod
    def read(cls, con: Any, count: int) -> "Plain":
        """Reads them of ``count`` records."""
        held = con.execute("select n, day, shared from m_record").fetchnumpy()
        day, shared = np.full(count, np.nan), np.full(count, np.nan)
        day[held["n"]], shared[held["n"]] = held["day"], held["shared"]
        return cls(day, shared)

    def values(self, stretch: Stretch) -> np.ndarray:
        """Returns `COLUMNS` of n pairs as floats of shape (n, columns), NaN where missing."""
        left, right = stretch.left, stretch.right
        given = {
            "gap": np.abs(self.day[left] - self.day[right]),
            "shared": (self.shared[left] + self.shared[right]) / 2,
        } | stretch.values
        plain = COLUMNS[: -len(BIT)]
        found = np.empty((len(left), len(COLUMNS)))
        for place, name in enumerate(plain):
            found[:, place] = given[name]
        for bit in BIT.values():
            found[:, len(plain) + bit] = stretch.rules >> bit & 1
        return found


def learn(values: np.ndarray, weight: np.ndarray, floor: float) -> Screen | None:
    """Learns a screen from pairs that were compared in full.

    Args:
        values: see `Plain.values`.
        weight: of each pair, log2 odds above the threshold of a match.
        floor: pairs below it are all alike.

    Returns:
        The screen; None where all pairs are far, or none is.
    """
    is_open = weight > floor
    close = np.flatnonzero(weight > floor / 2)
    if is_open.all() or not len(close):
        return None
    fitted = fit_values(values.copy(), is_open, None, SHAPE, COLUMNS)
    below = np.quantile(fitted.odds(values)[close], LOST, method="lower")
    return Screen(fitted, float(below))
