import numpy as np
import pandas as pd

from transforms.matching import review, verdicts
from transforms.matching.verdicts import PAIR

LIMITS = {"absent": -4.0, "floor": -12.0, "ceiling": 12.0}


def asked(disputes, links, held=(), recurrence=(), **options):
    """Disputes: {id: events}; links: (event, event, weight); held: (event, event, verdict)."""
    member = pd.DataFrame([(event, name) for name, events in disputes.items() for event in events])
    member = member.set_axis(["event_id", "dispute_id"], axis="columns")
    member = member.assign(recurrence_of=member["dispute_id"].map(dict(recurrence)))
    link = pd.DataFrame(links, columns=[*PAIR, "match_weight"]).assign(decided_by="model")
    said = pd.DataFrame(held, columns=[*PAIR, "verdict"])
    return review.queue(link, member, said, LIMITS, **options)


def pairs(found):
    return [tuple(row) for row in found[["kind", *PAIR]].to_numpy().tolist()]


def test_two_disputes_that_links_join_are_asked_about_by_their_strongest_pair():
    links = [("a", "b", 11.0), ("c", "d", 11.0), ("a", "c", 4.0), ("b", "d", 6.0)]
    found = asked({"d1": "ab", "d2": "cd"}, links)
    assert pairs(found) == [("merge", "b", "d")]
    row = found.iloc[0]
    assert (row["dispute_id_l"], row["dispute_id_r"], row["size_l"], row["size_r"]) == ("d1", "d2", 2, 2)
    assert row["average"] == (4 + 6 - 8) / 4


def test_a_dispute_held_by_a_weak_bridge_is_asked_about_at_the_bridge():
    links = [("a", "b", 11.0), ("c", "d", 11.0), ("a", "c", -3.0), ("b", "d", 8.0), ("a", "d", 1.0), ("b", "c", -4.0)]
    found = asked({"d1": "abcd"}, links)
    assert pairs(found) == [("split", "b", "d")]
    assert found.iloc[0][["size_l", "size_r", "average"]].tolist() == [2, 2, 0.5]


def test_what_all_records_agree_on_is_not_asked():
    assert asked({"d1": "abc", "d2": "d"}, [("a", "b", 9.0), ("b", "c", 9.0), ("a", "c", 8.0)]).empty


def test_the_verdict_that_moves_most_pairs_comes_first_and_sure_ones_last():
    links = [
        ("a", "b", 0.2),  # one pair, open
        *((x, y, 11.0) for x, y in ("ef", "eg", "fg", "hi", "hj", "ij")),
        ("e", "h", 9.0), ("f", "i", 6.0), ("g", "j", 7.0), ("e", "i", 1.0),  # nine pairs, open
        ("k", "l", 5.0),  # nearly sure
    ]  # fmt: skip
    found = asked({"d1": "ab", "d2": "efg", "d3": "hij", "d4": "kl"}, links)
    assert pairs(found) == [("merge", "e", "h"), ("split", "a", "b"), ("split", "k", "l")]
    assert found["change"].is_monotonic_decreasing
    assert (found["uncertainty"].between(0, 1)).all()


def test_an_answer_is_not_asked_again_whichever_pair_it_was_given_on():
    links = [("a", "b", 11.0), ("c", "d", 11.0), ("a", "c", 4.0), ("b", "d", 6.0), ("x", "y", 1.0)]
    disputes = {"d1": "ab", "d2": "cd", "d3": "xy"}
    for verdict in verdicts.VERDICTS:
        assert pairs(asked(disputes, links, [("a", "d", verdict)])) == [("split", "x", "y")]
        assert pairs(asked(disputes, links, [("x", "y", verdict)])) == [("merge", "b", "d")]


def test_a_recurrence_is_no_question():
    links = [("a", "b", 5.0)]
    assert asked({"d1": "a", "d2": "b"}, links, recurrence={"d2": "d1"}).empty
    assert len(asked({"d1": "a", "d2": "b"}, links)) == 1


def test_the_order_of_rows_changes_nothing_and_the_number_of_questions_is_bounded():
    random = np.random.default_rng(3)
    disputes = {f"d{number}": [f"e{number}_{each}" for each in range(4)] for number in range(40)}
    events = [event for each in disputes.values() for event in each]
    chosen = {tuple(sorted(random.choice(events, 2, replace=False).tolist())) for _ in range(500)}
    links = [(*pair, float(weight)) for pair, weight in zip(sorted(chosen), random.normal(1, 3, 500), strict=False)]
    forward = asked(disputes, links)
    backward = asked(dict(reversed(disputes.items())), links[::-1])
    pd.testing.assert_frame_equal(forward, backward)
    assert len(forward) > 30
    pd.testing.assert_frame_equal(asked(disputes, links, most=10), forward.head(10))


def test_an_empty_lake_has_no_questions():
    empty = pd.DataFrame(columns=["event_id", "dispute_id", "recurrence_of"])
    link = pd.DataFrame(columns=[*PAIR, "match_weight", "decided_by"])
    assert review.queue(link, empty, verdicts.standing(verdicts.empty()), LIMITS).empty
    alone = pd.DataFrame({"event_id": ["a"], "dispute_id": ["d"], "recurrence_of": [None]})
    assert review.queue(link, alone, verdicts.standing(verdicts.empty()), LIMITS).empty
