"""What is counted over the whole lake and then held: which words are rare, which are names, what a class's texts say.

Here: counting in chunks, the counts themselves, keeping them in the store. Not here: what a record is given by them
(`records`), how classes are learnt (`topics`).
Counts are made at a full linking and held until the next, so that a record prepared today compares with one prepared
last month as both would have been compared together. Only words that no record held before are counted as they come.
chunks of n-gram counts -> Counter -> Statistics
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transforms.matching import ngrams
from transforms.matching.store import Store
from transforms.matching.topics import Classifier

DOUBT = 20.0
"""So many imagined records stand for the wider area's share of a name."""


@dataclass
class Counter:
    """Frequencies of n-grams: in how many records each bucket stands, in ``text`` (title and text), ``title``,
    ``whole`` (text and columns), ``named`` (address and party columns), and ``whole`` per system."""

    sources: list[str]
    records: int = 0
    text: np.ndarray = field(default_factory=lambda: np.zeros(ngrams.BUCKETS, np.int32))
    title: np.ndarray = field(default_factory=lambda: np.zeros(ngrams.BUCKETS, np.int32))
    whole: np.ndarray = field(default_factory=lambda: np.zeros(ngrams.BUCKETS, np.int32))
    named: np.ndarray = field(default_factory=lambda: np.zeros(ngrams.BUCKETS, np.int32))
    by_source: np.ndarray = field(init=False)
    sizes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.by_source = np.zeros((len(self.sources), ngrams.BUCKETS), np.int32)
        self.sizes = np.zeros(len(self.sources), np.int64)

    def add(self, title: Any, text: Any, columns: Any, source: np.ndarray) -> None:
        """Counts a chunk of records: CSR counts of titles, of title and text, of address and party columns, and the
        number of each record's system in ``sources`` (-1: a system that came later)."""
        whole = text + columns
        self.records += text.shape[0]
        for frequency, counts in ((self.text, text), (self.title, title), (self.whole, whole), (self.named, columns)):
            frequency += np.bincount(counts.indices, minlength=ngrams.BUCKETS).astype(np.int32)
        for number in np.unique(source[source >= 0]):
            own = whole[np.flatnonzero(source == number)]
            self.by_source[number] += np.bincount(own.indices, minlength=ngrams.BUCKETS).astype(np.int32)
            self.sizes[number] += own.shape[0]


@dataclass
class Statistics:
    """``counter``; ``idf`` and ``is_name`` per bucket; ``areas``: sorted county and town codes; ``placed``: sorted
    keys (bucket * areas + area) and counts of names by county and by town, and records per area; ``topics``,
    ``usual``: classifiers and the mean chance of their classes; ``towns``, ``usual_town``: the same for towns;
    ``column``, ``town_column``: bucket to classifier column; ``sharing``: see `sharing.Sharing`."""

    counter: Counter
    idf: np.ndarray
    is_name: np.ndarray
    median_day: float
    areas: list[np.ndarray] = field(default_factory=list)
    placed: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    column: np.ndarray = field(default_factory=lambda: np.full(ngrams.BUCKETS, -1, np.int32))
    town_column: np.ndarray = field(default_factory=lambda: np.full(ngrams.BUCKETS, -1, np.int32))
    topics: list[Classifier] = field(default_factory=list)
    usual: list[np.ndarray] = field(default_factory=list)
    towns: Classifier | None = None
    usual_town: np.ndarray | None = None
    sharing: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, counter: Counter, *, name_share: float, median_day: float) -> "Statistics":
        """Works rarity and names out from the counts; the rest is learnt later."""
        idf = ngrams.rarity(counter.whole, counter.by_source, counter.sizes)
        return cls(counter, idf, ngrams.names(counter.whole, counter.named, share=name_share), median_day)

    def grow(self, *, name_share: float, before: np.ndarray) -> None:
        """Takes words in that the counter now knows and that no record held when the counts were made.

        Args:
            name_share: see settings.yml.
            before: records per bucket (``counter.whole``) at that time.
        """
        fresh = before == 0
        idf = ngrams.rarity(self.counter.whole, self.counter.by_source, self.counter.sizes)
        is_name = ngrams.names(self.counter.whole, self.counter.named, share=name_share)
        self.idf = np.where(fresh, idf, self.idf)
        self.is_name = np.where(fresh, is_name, self.is_name)

    def area_numbers(self, county: np.ndarray, town: np.ndarray) -> list[np.ndarray]:
        """Returns the positions of county and town codes in ``areas``, -1 where unknown."""
        found = []
        for known, code in zip(self.areas, (county, town), strict=True):
            place = np.searchsorted(known, code)
            place[place == len(known)] = 0
            is_known = (known[place] == code) if len(known) else np.zeros(len(code), bool)
            found.append(np.where(is_known, place, -1))
        return found

    def count_places(self, names: Any, county: np.ndarray, town: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Counts a chunk's names (CSR) by area: per level sorted keys and counts, to be `merge`d."""
        row = np.repeat(np.arange(names.shape[0]), np.diff(names.indptr))
        found = []
        for known, number in zip(self.areas, self.area_numbers(county, town), strict=True):
            code = number[row]
            keep = code >= 0
            key = names.indices[keep].astype(np.int64) * max(len(known), 1) + code[keep]
            found.append(np.unique(key, return_counts=True))
        return found

    def weigh_names(self, names: Any, county: np.ndarray, town: np.ndarray, *, is_counted: bool) -> tuple[Any, Any]:
        """Weighs each name of each record by how rare it is where the record is from.

        The name of a town is rare in the city and says nothing inside the town; one common company name says much in
        a town that has one such company. Shares in a town are drawn towards those of its county, and these towards
        the city's; the record itself and one fellow do not count, so that a pair's own word does not look common in a
        small town.

        Args:
            names: CSR of the records' names (n x buckets).
            county: county code per record.
            town: town code per record.
            is_counted: whether these records are among those that were counted.

        Returns:
            CSR matrix: each row the square roots of its weights' shares, so that the dot product of two rows lies
            between 0 (no name in common) and 1 (all); and the sum of each row's weights.
        """
        from scipy import sparse

        row = np.repeat(np.arange(names.shape[0]), np.diff(names.indptr))
        bucket = names.indices.astype(np.int64)
        less = 2 if is_counted else 1
        share = np.maximum(self.counter.whole[bucket] - 2, 0) / max(self.counter.records, 1)
        for known, number, (key, count, size) in zip(
            self.areas, self.area_numbers(county, town), self.placed, strict=True
        ):
            if not len(key):
                continue
            code = number[row]
            asked = bucket * max(len(known), 1) + code
            place = np.minimum(np.searchsorted(key, asked), len(key) - 1)
            counted = np.where(key[place] == asked, count[place], 0)
            here = (np.maximum(counted - less, 0) + DOUBT * share) / (size[code] + DOUBT)
            share = np.where(code >= 0, here, share)
        weight = -np.log(np.clip(share, 1e-4, 1.0)) + 1e-6
        total = np.bincount(row, weights=weight, minlength=names.shape[0])
        value = np.sqrt(weight / total[row]).astype(np.float32)
        return sparse.csr_matrix((value, names.indices, names.indptr), shape=names.shape), total.astype(np.float32)

    def write(self, store: Store) -> None:
        """Puts everything into the store."""
        counter = self.counter
        self.write_counts(store)
        store.put("column", self.column)
        store.put("town_column", self.town_column)
        for level, (known, (key, count, size)) in enumerate(zip(self.areas, self.placed, strict=True)):
            for part, values in (("area", known), ("key", key), ("count", count), ("size", size)):
                store.put(f"placed{level}_{part}", values)
        asked = [*self.topics, *([self.towns] if self.towns is not None else [])]
        usual = [*self.usual, *([self.usual_town] if self.usual_town is not None else [])]
        for number, (classifier, mean) in enumerate(zip(asked, usual, strict=True)):
            store.put(f"class{number}_table", classifier.table)
            store.put(f"class{number}_prior", classifier.prior)
            store.put(f"class{number}_usual", mean)
        store.meta["statistics"] = {
            "sources": counter.sources,
            "records": counter.records,
            "median_day": self.median_day,
            "classes": [[classifier.classes, classifier.sharpness] for classifier in asked],
            "has_towns": self.towns is not None,
            "sharing": self.sharing,
        }

    def write_counts(self, store: Store) -> None:
        """Puts into the store what `grow` changes."""
        for name in ("text", "title", "whole", "named", "by_source", "sizes"):
            store.put(f"count_{name}", getattr(self.counter, name))
        store.put("idf", self.idf)
        store.put("is_name", self.is_name)

    @classmethod
    def read(cls, store: Store) -> "Statistics":
        """Reads what `write` put there; large tables stay in their files."""
        meta = store.meta["statistics"]
        counter = Counter(meta["sources"], meta["records"])
        for name in ("text", "title", "whole", "named", "by_source", "sizes"):
            setattr(counter, name, np.array(store.array(f"count_{name}")))
        levels = [
            [np.asarray(store.array(f"placed{level}_{part}")) for part in ("area", "key", "count", "size")]
            for level in range(2)
        ]
        asked = [
            Classifier(classes, store.array(f"class{n}_table"), np.array(store.array(f"class{n}_prior")), sharpness)
            for n, (classes, sharpness) in enumerate(meta["classes"])
        ]
        usual = [np.array(store.array(f"class{n}_usual")) for n in range(len(asked))]
        has_towns = meta["has_towns"]
        return cls(
            counter,
            np.array(store.array("idf")),
            np.array(store.array("is_name")),
            meta["median_day"],
            [level[0] for level in levels],
            [(level[1], level[2], level[3]) for level in levels],
            np.array(store.array("column")),
            np.array(store.array("town_column")),
            asked[:-1] if has_towns else asked,
            usual[:-1] if has_towns else usual,
            asked[-1] if has_towns else None,
            usual[-1] if has_towns else None,
            meta["sharing"],
        )


def merge(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Adds up sorted keys and counts of chunks."""
    key = np.concatenate([part[0] for part in parts])
    count = np.concatenate([part[1] for part in parts]).astype(np.int64)
    order = np.argsort(key, kind="stable")
    key, count = key[order], count[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
    return key[first], np.add.reduceat(count, first) if len(first) else np.zeros(0, np.int64)
