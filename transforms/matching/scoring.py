"""Scored pairs: what the comparison of two records weighs, what people say instead, and the clusters that follow.

Here: the steps from candidate pairs to clusters on one machine; engines call the same ones. Not here: the order of a
run (`linking`, `advancing`), where the steps run (`engines`).
m_pair, m_record, Records, Model -> Edges -> Decided -> cluster number per record
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.matching import candidates, clusters, comparisons, screening
from transforms.matching import model as models
from transforms.matching.explanations import BY_MODEL, BY_NUMBER, BY_VERDICT, Decided
from transforms.matching.records import Records
from transforms.matching.store import Store


@dataclass(frozen=True)
class Edges:
    """Scored pairs: ``left`` < ``right`` (record numbers), ``weight`` (log2 odds, the site's shift and official numbers
    included), ``by`` (`BY_MODEL`, `BY_NUMBER`), as the store keeps them; people's verdicts come on top at every run."""

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    by: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> "Edges":
        """The edges at the places ``chosen``."""
        return Edges(self.left[chosen], self.right[chosen], self.weight[chosen], self.by[chosen])

    @classmethod
    def together(cls, parts: list["Edges"]) -> "Edges":
        """The edges of all parts in their order."""
        nothing = np.zeros(0, np.int32)
        parts = [cls(nothing, nothing, np.zeros(0, np.float32), np.zeros(0, np.uint8)), *parts]
        return cls(*(np.concatenate(each) for each in zip(*(part._columns() for part in parts), strict=True)))

    def _columns(self) -> tuple[np.ndarray, ...]:
        return self.left, self.right, self.weight, self.by

    def write(self, store: Store) -> None:
        """Appends the edges to the store."""
        for name in ("left", "right", "weight", "by"):
            store.append(f"edge_{name}", getattr(self, name))

    @classmethod
    def read(cls, store: Store) -> "Edges":
        """All edges that the store holds."""
        return cls(*(store.array(f"edge_{name}") for name in ("left", "right", "weight", "by")))


def among(left: np.ndarray, right: np.ndarray, others_left: np.ndarray, others_right: np.ndarray) -> np.ndarray:
    """Tells which of the pairs ``left``, ``right`` are among the others, bool of shape (n,)."""
    size = np.int64(max(int(right.max(initial=0)), int(others_right.max(initial=0))) + 1)
    return np.isin(left * size + right, others_left * size + others_right)


def score_parts(con: Any, records: Records, model: models.Model, settings: dict[str, Any]) -> Edges:
    """Scores the plausible pairs of ``m_pair``, one of its parts after the other."""
    parts = [part for (part,) in con.execute("select distinct part from m_pair order by 1").fetchall()]
    found = []
    for part in parts:
        pairs = con.execute(f"select l, r, rules from m_pair where part = {part} order by l, r").fetchnumpy()
        left, right = pairs["l"].astype(np.int64), pairs["r"].astype(np.int64)
        found.append(score(con, records, model, left, right, settings, rules=pairs["rules"]))
    return Edges.together(found)


def completed(
    con: Any, records: Records, model: models.Model, settings: dict[str, Any], edges: Edges, *, first: int = 0
) -> Edges:
    """Adds the scored pairs of records that share a likely partner, of which one is numbered from ``first`` on; all in
    order of the record numbers."""
    likely = edges.weight > -settings["clusters"]["shift"]
    con.register("m_scored", pa.table({"l": edges.left, "r": edges.right}))
    more = candidates.complete(con, edges.left[likely], edges.right[likely], compared="m_scored")
    con.unregister("m_scored")
    left, right = (side[more[1] >= first] for side in more)
    if len(left):
        edges = Edges.together([edges, score(con, records, model, left, right, settings)])
    return edges[np.lexsort((edges.right, edges.left))]


def score(
    con: Any,
    records: Records,
    model: models.Model,
    left: np.ndarray,
    right: np.ndarray,
    settings: dict[str, Any],
    *,
    rules: np.ndarray | None = None,
) -> Edges:
    """Compares pairs and weighs them, `comparisons.CHUNK` at a time: nothing but the weight stays of a pair; ``rules``:
    see `comparisons.stretches`. Pairs that the model's screen finds far from a match get the lowest weight that
    counts."""
    chance = models.prior(len(records), settings["model"]["partners"])
    shift = np.float32(settings["clusters"]["shift"])
    screen = None if rules is None else model.screen
    plain = None if screen is None else screening.Plain.read(con, len(records))
    found = []
    for stretch in comparisons.stretches(records, left, right, rules):
        is_far = np.zeros(len(stretch.left), bool)
        if screen is not None and plain is not None:
            is_far = screen.is_far(plain.values(stretch))
        frame = comparisons.vectors(con, stretch[~is_far]).to_pandas()
        weight = models.weigh(model, frame, chance)
        edges = decided_by_number(con, frame["l"].to_numpy(), frame["r"].to_numpy(), weight, model, settings)
        found.append(Edges(edges.left, edges.right, edges.weight - shift, edges.by))
        if is_far.any():
            far = stretch[is_far]
            lowest = np.full(len(far.left), settings["clusters"]["floor"], np.float32)
            by = np.full(len(far.left), BY_MODEL, np.uint8)
            found.append(Edges(far.left.astype(np.int32), far.right.astype(np.int32), lowest, by))
    return Edges.together(found)


def decided_by_number(
    con: Any,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    model: models.Model,
    settings: dict[str, Any],
) -> Edges:
    """Lets official numbers act on the weights.

    A number that names the record takes the place of the prior (of a chance in thousands, or, for a refined model, of
    the share of candidates that match): it becomes ``trust``. The evidence then still counts, so that a wrong number
    between two records that agree in nothing joins nothing.
    """
    named = con.execute("select l, r from m_reference").fetchnumpy()
    is_named = among(left, right, named["l"], named["r"])
    trust = settings["numbers"]["trust"]
    chance = (
        models.prior(model.trained.get("sample", models.SMALLEST_CITY), settings["model"]["partners"])
        if model.refined is None
        else model.trained.get("matched_share", 0.05)
    )
    bonus = float(np.log2(trust / (1 - trust)) - np.log2(chance / (1 - chance)))
    return Edges(
        left.astype(np.int32),
        right.astype(np.int32),
        (weight + np.where(is_named, bonus, 0.0)).astype(np.float32),
        np.where(is_named, BY_NUMBER, BY_MODEL).astype(np.uint8),
    )


@dataclass(frozen=True)
class Said:
    """People's verdicts on pairs of records by number: ``left`` < ``right``, ``same``."""

    left: np.ndarray
    right: np.ndarray
    same: np.ndarray


def decide(edges: Edges, said: Said) -> Decided:
    """Lets people's verdicts take the place of the weights."""
    rest = np.ones(len(edges.left), bool)
    if len(said.left):
        rest = ~among(edges.left, edges.right, said.left, said.right)
    told = np.where(said.same, 50.0, -50.0).astype(np.float32)
    return Decided(
        np.concatenate([edges.left[rest].astype(np.int64), said.left]),
        np.concatenate([edges.right[rest].astype(np.int64), said.right]),
        np.concatenate([edges.weight[rest], told]),
        np.concatenate([edges.by[rest], np.full(len(said.left), BY_VERDICT, np.uint8)]),
        np.concatenate([np.zeros(int(rest.sum()), bool), ~said.same]),
    )


def cluster(decided: Decided, count: int, settings: dict[str, Any], *, merged: np.ndarray | None = None) -> np.ndarray:
    """Returns the cluster of each of ``count`` records; ``merged`` and the rest: see `clusters.average_linkage`."""
    limits = settings["clusters"]
    weight = decided.weight.clip(limits["floor"], limits["ceiling"])
    weight[(decided.by == BY_VERDICT) & ~decided.is_forbidden] = 1e5  # certain
    return clusters.average_linkage(
        count,
        decided.left,
        decided.right,
        weight,
        absent=limits["absent"],
        forbidden_left=decided.left[decided.is_forbidden],
        forbidden_right=decided.right[decided.is_forbidden],
        merged=merged,
    )
