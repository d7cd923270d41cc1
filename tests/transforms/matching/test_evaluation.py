import itertools

import numpy as np
import pandas as pd
import pytest

from transforms.matching.evaluation import blocking_recall, evaluate, read_truth


def frame(ids, **slices):
    numbers = [str(number) for number in range(len(ids))]
    sources = ["hotline" if number % 2 else "police" for number in range(len(ids))]
    return pd.DataFrame({"source": sources, "source_record_id": numbers, "dispute_id": ids, **slices})


def figures(rows, measure="pairwise", name="all"):
    return rows[(rows["measure"] == measure) & (rows["slice"] == name)].iloc[0]


def test_figures_equal_counting_the_pairs_one_by_one():
    random = np.random.default_rng(1)
    true, found = random.integers(0, 12, 60), random.integers(0, 15, 60)
    flag = random.random(60) < 0.3
    rows = evaluate(frame([f"t{label}" for label in true], slice_x=flag), frame([f"d{label}" for label in found]))
    pairs = list(itertools.combinations(range(60), 2))
    for name, keep in {
        "all": lambda i, j: True,
        "x": lambda i, j: flag[i] or flag[j],
        "across_systems": lambda i, j: i % 2 != j % 2,
    }.items():
        chosen = [(true[i] == true[j], found[i] == found[j]) for i, j in pairs if keep(i, j)]
        hit = sum(a and b for a, b in chosen)
        row = figures(rows, name=name)
        assert row["precision"] == pytest.approx(hit / sum(b for _, b in chosen))
        assert row["recall"] == pytest.approx(hit / sum(a for a, _ in chosen))
    precision = np.mean([np.mean(true[found == found[i]] == true[i]) for i in range(60)])
    assert figures(rows, "bcubed")["precision"] == pytest.approx(precision)


def test_a_record_that_is_no_dispute_costs_precision_when_it_is_linked():
    rows = evaluate(frame(["t1", "t1", ""]), frame(["d1", "d1", "d1"]))
    assert figures(rows)["precision"] == pytest.approx(1 / 3)
    assert figures(rows)["recall"] == 1


def test_a_dispute_the_filter_lost_costs_recall():
    rows = evaluate(frame(["t1", "t1", "t1"]), frame(["d1", "d1", "d1"]).iloc[:2])
    assert figures(rows)["recall"] == pytest.approx(1 / 3)


def test_blocking_recall_counts_true_pairs_that_were_proposed():
    truth = frame(["t1", "t1", "t1", ""])
    events = truth.assign(event_id=["e0", "e1", "e2", "e3"])
    pairs = pd.DataFrame({"event_id_l": ["e0", "e1", "e0"], "event_id_r": ["e1", "e2", "e3"]})
    measured = blocking_recall(truth, pairs, events)
    assert measured["recall"] == pytest.approx(2 / 3)
    assert measured["connected"] == 1


def test_a_truth_file_gives_its_flags_as_slices(tmp_path):
    path = tmp_path / "record.csv"
    path.write_text(
        "source,source_record_id,dispute_id,is_dispute,no_phone,place\nhotline,01,D1,1,1,x\nhotline,02,,0,0,y\n"
    )
    truth = read_truth(path)
    assert truth["slice_no_phone"].tolist() == [True, False]
    assert truth["source_record_id"].tolist() == ["01", "02"]
    assert "slice_is_dispute" not in truth
