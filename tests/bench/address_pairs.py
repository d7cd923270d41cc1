"""Pairs of addresses from elsewhere in China, labelled by people: how well `transforms.address.compare` tells them.

Here: the split by query, the training, the table of figures. Not here: the comparison itself.
address_pairs/pairs.csv -> three-way macro F1, AUC of 完全匹配 against the rest

    python -m tests.bench.address_pairs [FOLDER]

FOLDER holds ``pairs.csv`` (query_id, query, candidate, label); by default ../shared/data/address_pairs. A query and all
its candidates lie on one side of the split: seven of ten queries, by hash, to learn from, the rest to report on. The
rows by rule and by rapidfuzz learn nothing but the two thresholds of their classes, on the train split too.
"""

import hashlib
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import f1_score, roc_auc_score

from transforms.address import compare

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "address_pairs"
LABELS = ["不匹配", "部分匹配", "完全匹配"]
# what one candidate has that the others of its query have less of
RANKED = [
    "ratio",
    "pairs_kept",
    "pairs_told",
    "place_ratio",
    "place_partial",
    "core_ratio",
    "figures_alike",
    "name_best",
]


def is_train(query_id: pd.Series) -> np.ndarray:
    """Which pairs are learnt from (n, boolean): by the hash of their query."""
    table = {one: int(hashlib.sha256(one.encode()).hexdigest(), 16) % 10 < 7 for one in query_id.unique()}
    return query_id.map(table).to_numpy(dtype=bool)


def ranked(levels: pd.DataFrame, query_id: pd.Series) -> pd.DataFrame:
    """Adds for each of `RANKED` how far a candidate stays behind the best one of its query."""
    behind = levels[RANKED] - levels[RANKED].groupby(query_id).transform("max")
    place = levels[RANKED].groupby(query_id).rank(ascending=False)
    return pd.concat([levels, behind.add_suffix("_behind"), place.add_suffix("_rank")], axis=1)


def learnt(levels: pd.DataFrame, label: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Returns the probabilities (m, 3) of the pairs that were not learnt from."""
    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.05, max_leaf_nodes=8, max_features=0.4, min_samples_leaf=30, random_state=0
    )
    values = levels.to_numpy(dtype=float)
    model.fit(values[train], label[train])
    return model.predict_proba(values[~train])


def thresholds(score: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Returns the two borders on ``score`` with the best macro F1 of three classes."""
    steps = np.quantile(score, np.linspace(0.02, 0.98, 49))
    pairs = [(low, high) for low in steps for high in steps if low < high]
    return max(pairs, key=lambda pair: f1_score(label, np.digitize(score, pair), average="macro"))


def main(folder: Path) -> None:
    """Prints the table."""
    pairs = pd.read_csv(folder / "pairs.csv", dtype=str)
    label = pairs["label"].map({name: number for number, name in enumerate(LABELS)}).to_numpy()
    train = is_train(pairs["query_id"])
    truth = label[~train]
    began = time.perf_counter()
    levels = compare.compare(compare.split(pairs["query"]), compare.split(pairs["candidate"]))
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{len(pairs)} pairs, {train.sum()} to learn from, {len(truth)} to report on\n")
    sys.stdout.write(f"taken apart and compared in {seconds:.1f} s\n")
    plain = np.array([fuzz.ratio(*pair) for pair in zip(pairs["query"], pairs["candidate"], strict=True)])
    scores = {"rapidfuzz ratio": plain, "parts, by rule": compare.likeness(levels).to_numpy()}
    for name, score in scores.items():
        classes = np.digitize(score[~train], thresholds(score[train], label[train]))
        report(name, score[~train], classes, truth)
    for name, given in (
        ("parts, learnt on train", levels),
        ("parts and rank within the query, learnt on train", ranked(levels, pairs["query_id"])),
    ):
        probability = learnt(given, label, train)
        report(name, probability[:, 2], probability.argmax(axis=1), truth)


def report(name: str, score: np.ndarray, classes: np.ndarray, truth: np.ndarray) -> None:
    """Writes one line."""
    area, f1 = roc_auc_score(truth == 2, score), f1_score(truth, classes, average="macro")
    sys.stdout.write(f"{name}: AUC {area:.3f}, macro F1 {f1:.3f}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
