"""Who complains: one person behind several phones is one, and what is learnt later does not change what was known."""

import pandas as pd

from transforms import complainants


def count(*parties):
    """parties: (dispute, day, keys) in any order -> [(dispute, day, count)]"""
    rows = []
    for dispute, number, keys in parties:
        day = pd.Timestamp(f"2025-03-{number:02}")
        event = f"e{number}"
        rows.append({"dispute_id": dispute, "known_date": day, "reported_at": day, "event_id": event, "keys": keys})
    found = complainants.count(pd.DataFrame(rows))
    return [(r.dispute_id, r.known_date.day, r.complainants) for r in found.itertuples()]


def test_different_keys_are_different_people():
    assert count(("D", 1, ["p1"]), ("D", 2, ["p2"]), ("D", 3, ["p1"])) == [("D", 1, 1), ("D", 2, 2), ("D", 3, 2)]


def test_a_shared_key_joins_two_people_from_then_on_and_not_before():
    found = count(("D", 1, ["p1"]), ("D", 2, ["p2"]), ("D", 3, ["p1", "p2"]), ("D", 4, ["p3"]))
    assert found == [("D", 1, 1), ("D", 2, 2), ("D", 3, 1), ("D", 4, 2)]


def test_disputes_do_not_mix_and_parties_without_keys_do_not_count():
    assert count(("B", 1, ["p1"]), ("A", 2, ["p1"]), ("A", 3, [])) == [("A", 2, 1), ("B", 1, 1)]
