import numpy as np
import pytest

from transforms.matching.clusters import CERTAIN, average_linkage


def cut(count, edges, dense=1_500, **options):
    left, right, weight = (np.array(column) for column in zip(*edges, strict=True))
    return average_linkage(count, left, right, weight, absent=-4.0, dense=dense, **options).tolist()


@pytest.mark.parametrize("dense", [1_500, 1])
def test_a_weak_bridge_does_not_join_two_disputes(dense):
    two = [(0, 1, 8.0), (1, 2, 8.0), (0, 2, 8.0), (3, 4, 8.0), (4, 5, 8.0), (3, 5, 8.0), (2, 3, 5.0)]
    assert cut(6, two, dense) == [0, 0, 0, 3, 3, 3]


@pytest.mark.parametrize("dense", [1_500, 1])
def test_records_that_agree_on_the_whole_are_one_dispute(dense):
    assert cut(4, [(0, 1, 6.0), (1, 2, 6.0), (0, 2, 5.0), (2, 3, 9.0), (1, 3, 7.0), (0, 3, -1.0)], dense) == [0] * 4


@pytest.mark.parametrize("dense", [1_500, 1])
def test_a_forbidden_pair_is_kept_apart_even_through_a_third_record(dense):
    edges = [(0, 1, 20.0), (1, 2, 19.0), (0, 2, 20.0)]
    label = cut(3, edges, dense, forbidden_left=np.array([0]), forbidden_right=np.array([2]))
    assert label[0] != label[2]


def test_both_ways_of_clustering_agree_and_the_order_of_pairs_does_not_matter():
    random = np.random.default_rng(7)
    pairs = {(min(pair), max(pair)) for pair in random.integers(0, 60, (400, 2)).tolist() if pair[0] != pair[1]}
    edges = [
        (*pair, float(weight)) for pair, weight in zip(sorted(pairs), random.normal(1, 5, len(pairs)), strict=True)
    ]
    expected = cut(60, edges)
    assert cut(60, edges, dense=1) == expected
    random.shuffle(edges)
    assert cut(60, edges) == expected


TRIPLES = [(a, b, 8.0) for a, b in ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5))]


@pytest.mark.parametrize("dense", [1_500, 1])
def test_a_person_who_joins_two_records_joins_the_disputes_they_belong_to(dense):
    assert cut(6, [*TRIPLES, (2, 3, CERTAIN)], dense) == [0] * 6


@pytest.mark.parametrize("dense", [1_500, 1])
def test_what_a_person_joined_stays_joined_where_another_word_tears_the_disputes(dense):
    label = cut(
        6, [*TRIPLES, (2, 3, CERTAIN)], dense, forbidden_left=np.array([0]), forbidden_right=np.array([4])
    )  # fmt: skip
    assert label[2] == label[3]
    assert label[0] != label[4]


@pytest.mark.parametrize("dense", [1_500, 1])
def test_a_dispute_is_split_just_as_a_person_said_against_all_evidence(dense):
    every = [(a, b, 9.0) for a in range(6) for b in range(a + 1, 6)]
    stars = {(0, 2), (0, 4), (1, 3), (1, 5)}
    edges = [(a, b, CERTAIN * 10 if (a, b) in stars else weight) for a, b, weight in every if (a, b) != (0, 1)]
    assert cut(6, edges, dense, forbidden_left=np.array([0]), forbidden_right=np.array([1])) == [0, 1, 0, 1, 0, 1]


def best_pair_first(count, left, right, weight):
    """Merges the best pair of clusters, of equals the one with the smallest records, until none is above zero."""
    above = {(one, other): value + 4.0 for one, other, value in zip(left, right, weight, strict=True)}
    size, label = [1] * count, list(range(count))
    while True:
        average = [(4.0 - total / (size[one] * size[other]), one, other) for (one, other), total in above.items()]
        if not average or min(average)[0] >= 0:
            return label
        _, one, other = min(average)
        size[one] += size[other]
        label = [one if each == other else each for each in label]
        merged = {}
        for pair, total in above.items():
            pair = tuple(sorted({one if each == other else each for each in pair}))
            if len(pair) == 2:
                merged[pair] = merged.get(pair, 0.0) + total
        above = merged


@pytest.mark.parametrize("seed", range(40))
def test_a_large_component_is_merged_best_pair_first_also_among_equals(seed):
    random = np.random.default_rng(seed)
    count = int(random.integers(4, 40))
    left, right = np.divmod(np.unique(random.integers(0, count * count, 200)), count)
    left, right = left[left < right], right[left < right]
    weight = random.choice([12.0, 12.0, 6.0, 3.0, 0.5, -2.0, -5.0], len(left))
    found = average_linkage(count, left, right, weight, absent=-4.0, dense=1)
    assert found.tolist() == best_pair_first(count, left.tolist(), right.tolist(), weight.tolist())
