"""Which way to cut scored pairs into disputes? The same pairs, several clusterings: for docs/matching.md.

`python -m tests.bench.clusterings FOLDER [WORLD …]` matches each world once (see `worlds`), takes the pairs as they go
into the lake's clustering, and cuts them by each method. What each asks of a pair more or less than the lake does (a
shift of all weights) is set on the first world, by truth, for every method alike; the others are only measured.
linking.match -> scored pairs -> each clustering -> evaluation

All methods but connected components and centres see the whole cluster: pairs that were never scored count as the
lake counts them, as disagreement.
"""

import argparse
import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage

from tests.bench import worlds
from transforms.matching import clusters, evaluation

WORLDS = ["n1", "n2", "n3", "h2", "h3"]
SHIFTS = (-8.0, -6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0)
"""Added to every weight before cutting; below zero asks for more evidence."""


@dataclass(frozen=True)
class Pairs:
    """Scored pairs: records are numbered from 0 to ``count`` - 1, ``absent`` is what an unscored pair weighs."""

    count: int
    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    absent: float

    def shifted(self, by: float) -> "Pairs":
        """The same pairs with every weight, also of those never scored, raised."""
        return replace(self, weight=self.weight + by, absent=min(self.absent + by, -0.01))


def components(pairs: Pairs) -> np.ndarray:
    """Whatever a chain of pairs above zero connects."""
    keep = pairs.weight > 0
    return clusters.components(pairs.count, pairs.left[keep], pairs.right[keep])


def average(pairs: Pairs) -> np.ndarray:
    """What the lake does."""
    return clusters.average_linkage(pairs.count, pairs.left, pairs.right, pairs.weight, absent=pairs.absent)


def complete(pairs: Pairs) -> np.ndarray:
    """Complete linkage: a cluster in which every pair is above zero."""
    label = np.arange(pairs.count)
    for members, left, right, weight in _inside(pairs):
        matrix = np.full((len(members), len(members)), pairs.absent)
        matrix[left, right] = matrix[right, left] = weight
        similarity = matrix[np.triu_indices(len(members), 1)]
        top = similarity.max()
        cut = fcluster(linkage(top - similarity, "complete"), np.nextafter(top, -np.inf), criterion="distance")
        label[members] = members[0] + cut * pairs.count
    return label


def _inside(pairs: Pairs) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Yields each component of two and more: its records, and its pairs in numbers within it."""
    component = components(pairs)
    same = component[pairs.left] == component[pairs.right]
    order = np.argsort(component, kind="stable")
    starts = np.searchsorted(component[order], np.arange(component.max() + 2))
    edge = np.flatnonzero(same)[np.argsort(component[pairs.left[same]], kind="stable")]
    bounds = np.searchsorted(component[pairs.left[edge]], np.arange(component.max() + 2))
    position = np.empty(pairs.count, np.int64)
    position[order] = np.arange(pairs.count) - np.repeat(starts[:-1], np.diff(starts))
    for number in np.flatnonzero(np.diff(starts) > 1):
        inner = edge[bounds[number] : bounds[number + 1]]
        yield (
            order[starts[number] : starts[number + 1]],
            position[pairs.left[inner]],
            position[pairs.right[inner]],
            pairs.weight[inner],
        )


def centres(pairs: Pairs) -> np.ndarray:
    """Centre clustering (Haveliwala and others 2000): pairs from the heaviest down; the first record of a pair in which
    neither has a place becomes a centre and takes the other; records that are not centres take nobody."""
    centre = np.full(pairs.count, -1)
    order = np.lexsort((pairs.right, pairs.left, -pairs.weight))
    for number in order[: int((pairs.weight > 0).sum())].tolist():
        one, other = int(pairs.left[number]), int(pairs.right[number])
        if centre[one] == -1 and centre[other] == -1:
            centre[one] = centre[other] = one
        elif centre[one] == one and centre[other] == -1:
            centre[other] = one
        elif centre[other] == other and centre[one] == -1:
            centre[one] = other
    return np.where(centre == -1, np.arange(pairs.count), centre)


def contraction(pairs: Pairs) -> np.ndarray:
    """Correlation clustering by greedy additive edge contraction (Keuper and others 2015): merges the two clusters with
    the largest sum of weights between them, unscored pairs included, while that sum is above zero."""
    above = pairs.weight - pairs.absent
    neighbours: list[dict[int, float]] = [{} for _ in range(pairs.count)]
    for one, other, value in zip(pairs.left.tolist(), pairs.right.tolist(), above.tolist(), strict=True):
        neighbours[one][other] = neighbours[other][one] = value
    size, parent = [1] * pairs.count, list(range(pairs.count))

    def total(one: int, other: int) -> float:
        return neighbours[one][other] + size[one] * size[other] * pairs.absent

    heap = [(-total(one, other), one, other) for one in parent for other in neighbours[one] if one < other]
    heap = [entry for entry in heap if entry[0] < 0]
    heapq.heapify(heap)
    while heap:
        distance, one, other = heapq.heappop(heap)
        if parent[one] != one or parent[other] != other or -total(one, other) != distance:
            continue
        parent[other] = one
        neighbours[one].pop(other)
        for third, value in neighbours[other].items():
            if third == one:
                continue
            neighbours[third].pop(other)
            neighbours[one][third] = neighbours[third][one] = neighbours[one].get(third, 0.0) + value
        size[one] += size[other]
        neighbours[other] = {}
        for third in neighbours[one]:
            if (gain := total(one, third)) > 0:
                heapq.heappush(heap, (-gain, min(one, third), max(one, third)))
    return _roots(np.array(parent))


def _roots(parent: np.ndarray) -> np.ndarray:
    while (parent[parent] != parent).any():
        parent = parent[parent]
    return parent


def moves(pairs: Pairs, start: np.ndarray | None = None) -> np.ndarray:
    """Correlation clustering by moving single records (the first phase of Louvain, on the sum of weights): each record
    goes to the cluster where its weights add up to most, or stays alone, until none gains; begins at ``start``."""
    neighbours: list[list[tuple[int, float]]] = [[] for _ in range(pairs.count)]
    above = (pairs.weight - pairs.absent).tolist()
    for one, other, value in zip(pairs.left.tolist(), pairs.right.tolist(), above, strict=True):
        neighbours[one].append((other, value))
        neighbours[other].append((one, value))
    label = list(range(pairs.count)) if start is None else np.unique(start, return_inverse=True)[1].tolist()
    size = np.bincount(label, minlength=pairs.count).tolist()
    empty = [number for number in range(pairs.count) if not size[number]]
    for _ in range(20):
        moved = 0
        for record in range(pairs.count):
            here = label[record]
            size[here] -= 1
            sums: dict[int, float] = {here: 0.0}
            for other, value in neighbours[record]:
                sums[label[other]] = sums.get(label[other], 0.0) + value
            best, gain = here, sums[here] + size[here] * pairs.absent
            for cluster, value in sums.items():
                if (found := value + size[cluster] * pairs.absent) > gain + 1e-9:
                    best, gain = cluster, found
            if gain < -1e-9 and size[here]:
                best = empty.pop()
            if not size[here] and best != here:
                empty.append(here)
            size[best] += 1
            moved += best != here
            label[record] = best
        if not moved:
            break
    return np.array(label)


METHODS: dict[str, Callable[[Pairs], np.ndarray]] = {
    "connected components": components,
    "centres": centres,
    "complete linkage": complete,
    "average linkage (the lake)": average,
    "correlation clustering, greedy contraction": contraction,
    "correlation clustering, Louvain moves": moves,
    "average linkage, then Louvain moves": lambda pairs: moves(pairs, average(pairs)),
}


def scored(world: Path) -> tuple[Pairs, pd.DataFrame, pd.DataFrame]:
    """Matches a world; returns the pairs of the last clustering, its records in order, and what the lake found."""
    con = worlds.connect(world)
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    inner = clusters.average_linkage

    def recorded(*args: Any, **kwargs: Any) -> np.ndarray:
        calls.append((args, kwargs))
        return inner(*args, **kwargs)

    with patch.object(clusters, "average_linkage", recorded):
        matched, _ = worlds.match(con)
    (count, left, right, weight, *_), options = calls[-1]
    records = con.execute(
        "select e.source, e.source_record_id from m_record m join current_event e using (event_id) order by m.n"
    ).df()
    pairs = Pairs(count, np.asarray(left), np.asarray(right), np.asarray(weight, float), options["absent"])
    return pairs, records, matched.dispute_event


def measure(
    method: Callable[[Pairs], np.ndarray], pairs: Pairs, records: pd.DataFrame, found: pd.DataFrame, truth: pd.DataFrame
) -> dict[str, float]:
    """Cuts and evaluates; records that are not compared (``found`` has them, ``records`` not) stay alone."""
    began = time.perf_counter()
    label = method(pairs)
    seconds = time.perf_counter() - began
    cut = records.assign(dispute_id=pd.Series(label).astype("str").to_numpy())
    alone = found.merge(records, on=evaluation.KEY, how="left", indicator=True)
    alone = alone[alone["_merge"] == "left_only"][[*evaluation.KEY, "dispute_id"]]
    rows = evaluation.evaluate(truth, pd.concat([cut, alone], ignore_index=True)).set_index(["measure", "slice"])
    every, small, cubed = (
        rows.loc[key] for key in (("pairwise", "all"), ("pairwise", "small_disputes"), ("bcubed", "all"))
    )
    return {
        "P": float(every["precision"]),
        "R": float(every["recall"]),
        "F1": float(every["f1"]),
        "F1, up to 15 records": float(small["f1"]),
        "B³ F1": float(cubed["f1"]),
        "seconds": seconds,
    }


def main() -> None:
    """Sets each method's shift on the first world and measures all on the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("worlds", nargs="*", default=WORLDS)
    arguments = parser.parse_args()
    first, *others = arguments.worlds
    shift, rows = {}, []
    for name in (first, *others):
        world = worlds.make(arguments.folder.absolute(), name, rows=20_000, days=120)
        truth = worlds.truth(world)
        pairs, records, found = scored(world)
        for method, cut in METHODS.items():
            if name == first:
                tried = {by: measure(cut, pairs.shifted(by), records, found, truth)["F1"] for by in SHIFTS}
                shift[method] = max(tried, key=lambda by: (tried[by], -abs(by)))
            figures = measure(cut, pairs.shifted(shift[method]), records, found, truth)
            rows.append({"world": name, "method": method, "shift": shift[method]} | figures)
    frame = pd.DataFrame(rows)
    frame = frame[frame["world"] != first] if others else frame
    mean = frame.groupby("method", sort=False).mean(numeric_only=True).reset_index()
    mean["shift"] = mean["shift"].map("{:+.0f}".format)
    print(worlds.headline("python -m tests.bench.clusterings FOLDER", data="Simulated"), "\n")
    print(f"Shift set on {first}; means over {' '.join(others) or first}.\n")
    print(worlds.table(mean))


if __name__ == "__main__":
    main()
