"""How good is a linkage? Pairwise and B-cubed precision, recall and F1 against a truth table, whole and by slice.

Here: counting from cluster labels alone, so that a dispute of 40 records costs no enumeration of its 780 pairs. Not
here: what is compared with it (`baselines`), how truth is simulated (`sources.simulator`).
truth labels + found labels -> one row of figures per slice
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

KEY = ["source", "source_record_id"]
SMALL_DISPUTE = 15
"""Disputes of up to so many records get a slice of their own: a few mass disputes hold most of the pairs."""


def read_truth(path: Path) -> pd.DataFrame:
    """Reads a truth table ``record.csv`` of the simulator.

    Returns:
        Its columns as text; each one that holds nothing but 0 and 1 also as a slice (``slice_no_phone`` ...).
    """
    truth = pd.read_csv(path, dtype="str")
    for name in truth.columns.difference(["is_dispute", *KEY, "dispute_id"], sort=False):
        values = truth[name].fillna("0")
        if values.isin(["0", "1"]).all() and (values == "1").any():
            truth[f"slice_{name}"] = values == "1"
    return truth


def label(truth: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Lays truth and result side by side, one row per record that is a dispute in either.

    A dispute that the lake did not recognise as one stands alone in `found_label`; a record that is no dispute but was
    taken for one stands alone in `true_label`, so that linking it costs precision.

    Args:
        truth: ``source``, ``source_record_id``, ``dispute_id`` (empty or null: no dispute), and slices: columns that
            start with ``slice_`` and hold truth values.
        found: ``source``, ``source_record_id``, ``dispute_id``, one row per record; more columns are ignored.

    Returns:
        ``source``, ``source_record_id``, ``true_label``, ``found_label`` (integers), and the slices as booleans.
    """
    slices = [name for name in truth.columns if name.startswith("slice_")]
    left = truth[[*KEY, "dispute_id", *slices]].rename(columns={"dispute_id": "true_id"})
    right = found[[*KEY, "dispute_id"]].rename(columns={"dispute_id": "found_id"})
    both = left.merge(right, on=KEY, how="outer", sort=True)
    both["true_id"] = both["true_id"].astype("str").where(both["true_id"].notna() & (both["true_id"] != ""))
    both = both[both["true_id"].notna() | both["found_id"].notna()].reset_index(drop=True)
    alone = pd.Series([f"\x00{number}" for number in range(len(both))], dtype="str", index=both.index)
    labels = both[KEY].copy()
    labels["true_label"] = pd.factorize(both["true_id"].where(both["true_id"].notna(), alone))[0]
    labels["found_label"] = pd.factorize(both["found_id"].where(both["found_id"].notna(), alone))[0]
    for name in slices:
        labels[name] = both[name].fillna(False).astype(bool)
    return labels


def _pairs(size: Any) -> Any:
    return size * (size - 1) // 2


def _touching(groups: pd.Series, flag: np.ndarray) -> int:
    """Counts pairs inside ``groups`` of which at least one record has ``flag``."""
    table = pd.DataFrame({"group": groups.to_numpy(), "flag": flag}).groupby("group")["flag"].agg(["size", "sum"])
    size = table["size"].to_numpy(np.int64)
    return int((_pairs(size) - _pairs(size - table["sum"].to_numpy(np.int64))).sum())


def _across(groups: pd.Series, source: pd.Series) -> int:
    """Counts pairs inside ``groups`` whose two records come from different systems."""
    size = groups.groupby(groups).size().to_numpy(np.int64)
    same = pd.DataFrame({"group": groups, "source": source}).groupby(["group", "source"]).size().to_numpy(np.int64)
    return int(_pairs(size).sum() - _pairs(same).sum())


def _scores(true_pairs: int, found_pairs: int, both_pairs: int) -> dict[str, float]:
    precision = both_pairs / found_pairs if found_pairs else 1.0
    recall = both_pairs / true_pairs if true_pairs else 1.0
    total = true_pairs + found_pairs
    return {"precision": precision, "recall": recall, "f1": 2 * both_pairs / total if total else 1.0}


def _bcubed(labels: pd.DataFrame) -> dict[str, float]:
    """B-cubed (Bagga and Baldwin 1998): for each record the share of its cluster, and of its dispute, that is right."""
    cell = labels.groupby(["true_label", "found_label"])["source"].transform("size").to_numpy(float)
    precision = float((cell / labels.groupby("found_label")["source"].transform("size")).mean())
    recall = float((cell / labels.groupby("true_label")["source"].transform("size")).mean())
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def evaluate(truth: pd.DataFrame, found: pd.DataFrame, *, small: int = SMALL_DISPUTE) -> pd.DataFrame:
    """Measures a linkage against truth.

    Args:
        truth: see `label`.
        found: see `label`; a `core_dispute_event` frame fits as it is.
        small: largest size of a dispute that counts as small.

    Returns:
        One row per measure: ``measure`` (pairwise, bcubed), ``slice`` (all, across_systems, small_disputes, and the
        truth's own), ``records``, ``true_pairs``, ``found_pairs``, ``precision``, ``recall``, ``f1``. A slice counts
        the pairs of which at least one record is in it.
    """
    labels = label(truth, found)
    if labels.empty:
        labels = labels.astype({"true_label": int, "found_label": int})
    cell = pd.Series(pd.factorize(pd.MultiIndex.from_frame(labels[["true_label", "found_label"]]))[0])
    size = labels.groupby("true_label")["source"].transform("size").to_numpy() if len(labels) else np.zeros(0)
    flags: dict[str, np.ndarray] = {"all": np.ones(len(labels), bool), "small_disputes": size <= small}
    flags |= {name.removeprefix("slice_"): labels[name].to_numpy() for name in labels if name.startswith("slice_")}
    rows = []
    for name, flag in flags.items():
        pairs = [_touching(groups, flag) for groups in (labels["true_label"], labels["found_label"], cell)]
        rows.append(("pairwise", name, int(flag.sum()), pairs[0], pairs[1], *_scores(*pairs).values()))
        if name == "all":
            groups = (labels["true_label"], labels["found_label"], cell)
            across = [_across(group, labels["source"]) for group in groups]
            rows.append(("pairwise", "across_systems", len(labels), across[0], across[1], *_scores(*across).values()))
            if len(labels):
                rows.append(("bcubed", "all", len(labels), pairs[0], pairs[1], *_bcubed(labels).values()))
    names = ["measure", "slice", "records", "true_pairs", "found_pairs", "precision", "recall", "f1"]
    return pd.DataFrame(rows, columns=names)


def agreement(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    """Compares the disputes of two linkings, on the records that both hold.

    Args:
        before: ``event_id``, ``dispute_id``.
        after: the same.

    Returns:
        ``pairs_before`` and ``pairs_after`` (pairs of records in one dispute), ``pairs_both``, and ``share``: of the
        pairs of either, those of both (1 where there is none).
    """
    both = before[["event_id", "dispute_id"]].merge(after[["event_id", "dispute_id"]], on="event_id")
    counts = [
        int(_pairs(both.groupby(names).size().to_numpy(np.int64)).sum())
        for names in (["dispute_id_x"], ["dispute_id_y"], ["dispute_id_x", "dispute_id_y"])
    ]
    either = counts[0] + counts[1] - counts[2]
    share = counts[2] / either if either else 1.0
    return {"pairs_before": counts[0], "pairs_after": counts[1], "pairs_both": counts[2], "share": round(share, 6)}


def blocking_recall(truth: pd.DataFrame, pairs: pd.DataFrame, event_ids: pd.DataFrame) -> dict[str, float]:
    """What share of the true pairs did blocking propose?

    Args:
        truth: see `label`.
        pairs: candidate pairs, ``event_id_l`` and ``event_id_r``.
        event_ids: ``source``, ``source_record_id``, ``event_id`` of the records that blocking saw.

    Returns:
        ``true_pairs``, ``proposed`` (true pairs among the candidates), ``recall``, ``candidates``,
        ``connected`` (share of true pairs that candidates join directly or through records of the same dispute).
    """
    true = truth[truth["dispute_id"].notna() & (truth["dispute_id"] != "")]
    true = true[[*KEY, "dispute_id"]].merge(event_ids[[*KEY, "event_id"]], on=KEY, how="left")
    total = int(_pairs(true.groupby("dispute_id").size().to_numpy(np.int64)).sum())
    of = true.dropna(subset=["event_id"]).set_index("event_id")["dispute_id"]
    left, right = pairs["event_id_l"].map(of), pairs["event_id_r"].map(of)
    same = (left == right) & left.notna()
    proposed = int(same.sum())
    found = _connected(pairs.loc[same, ["event_id_l", "event_id_r"]])
    connected = int(_pairs(found.groupby(found).size().to_numpy(np.int64)).sum())
    return {
        "true_pairs": total,
        "candidates": len(pairs),
        "proposed": proposed,
        "recall": proposed / total if total else 1.0,
        "connected": connected / total if total else 1.0,
    }


def _connected(pairs: pd.DataFrame) -> pd.Series:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    ids = pd.unique(pd.concat([pairs["event_id_l"], pairs["event_id_r"]]))
    if not len(ids):
        return pd.Series([], dtype="int64")
    index = pd.Index(ids)
    left, right = index.get_indexer(pairs["event_id_l"]), index.get_indexer(pairs["event_id_r"])
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(ids), len(ids)))
    return pd.Series(connected_components(graph, directed=False)[1], index=ids)


def report(rows: pd.DataFrame, only: Iterable[str] = ()) -> str:
    """Returns the figures as Markdown lines for the command line, the slices named in ``only`` first."""
    wanted = list(only) or list(rows["slice"])
    picked = rows[rows["slice"].isin(wanted)]
    lines = ["| measure | slice | records | true pairs | precision | recall | F1 |", "|---|---|---|---|---|---|---|"]
    lines += [
        f"| {row.measure} | {row.slice} | {row.records} | {row.true_pairs} | {row.precision:.4f} | {row.recall:.4f} "
        f"| {row.f1:.4f} |"
        for row in picked.itertuples()
    ]
    return "\n".join(lines)
