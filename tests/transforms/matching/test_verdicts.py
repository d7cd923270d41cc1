from datetime import datetime

import pandas as pd
import pytest

from transforms.matching import verdicts
from transforms.matching.verdicts import PAIR
from transforms.tables import CORE_VERDICT

NAMES = [*PAIR, "verdict"]


def give(*acts):
    """Acts one after the other as the table holds them; each: (verdict, left, right) or a frame of pairs."""
    rows = []
    for hour, said in enumerate(acts):
        frame = said if isinstance(said, pd.DataFrame) else verdicts.pairs([said[1]], [said[2]], said[0])
        kind = "pair" if not isinstance(said, pd.DataFrame) else "merge"
        rows.append(verdicts.act(frame, kind=kind, at=datetime(2025, 5, 1, hour), by="张三"))
    return CORE_VERDICT.conform(pd.concat(rows)).to_pandas()


def triples(frame):
    return [tuple(row) for row in frame[NAMES].to_numpy().tolist()]


def test_the_last_verdict_on_a_pair_stands_whichever_record_comes_first():
    given = give(("same", "b", "a"), ("different", "a", "b"), ("unsure", "c", "d"))
    assert triples(verdicts.standing(given)) == [("a", "b", "different"), ("c", "d", "unsure")]
    assert triples(verdicts.for_matching(given)) == [("a", "b", "different")]


def test_a_withdrawn_act_falls_with_all_its_pairs_and_what_it_had_replaced_stands_again():
    given = give(("different", "a", "c"), verdicts.merge("abc"))
    merged = given["verdict_id"].iloc[-1]
    back = verdicts.withdrawal(merged, at=datetime(2025, 5, 2), by="李四")
    after = pd.concat([given, back], ignore_index=True)
    assert triples(verdicts.standing(given)) == [("a", "b", "same"), ("a", "c", "same")]
    assert triples(verdicts.standing(after)) == [("a", "c", "different")]


def test_a_split_keeps_each_group_whole_and_every_two_groups_apart():
    assert triples(verdicts.split(["dc", "ab", "e"])) == [
        ("c", "d", "same"),
        ("a", "b", "same"),
        ("a", "c", "different"),
        ("c", "e", "different"),
        ("a", "e", "different"),
    ]
    for groups in (["ab"], ["ab", ""], ["ab", "bc"]):
        with pytest.raises(ValueError, match="组"):
            verdicts.split(groups)


def test_a_contradiction_is_told_with_the_chain_that_it_breaks():
    held = verdicts.standing(give(("same", "a", "b"), ("same", "c", "b"), ("same", "x", "y")))
    [found] = verdicts.contradictions(held, verdicts.pairs(["c"], ["a"], "different"))
    assert found.chain == ("a", "b", "c")
    assert triples(found.together) == [("a", "b", "same"), ("b", "c", "same")]
    assert triples(found.apart.to_frame().T) == [("a", "c", "different")]
    held = verdicts.standing(give(("same", "a", "b"), ("different", "b", "c")))
    [found] = verdicts.contradictions(held, verdicts.pairs(["c"], ["a"], "same"))
    assert (found.chain, found.apart["event_id_r"]) == (("b", "a", "c"), "c")


def test_judging_a_pair_anew_or_another_pair_contradicts_nothing():
    held = verdicts.standing(give(("same", "a", "b"), ("different", "c", "d")))
    for said in (("a", "b", "different"), ("c", "d", "same"), ("b", "c", "same"), ("a", "d", "different")):
        assert verdicts.contradictions(held, verdicts.pairs([said[0]], [said[1]], said[2])) == []
    assert verdicts.contradictions(verdicts.standing(verdicts.empty()), verdicts.merge("ab")) == []
    # a split is one whole: neither a pair nor a merge replaces one of its threads in passing
    held = verdicts.standing(give(verdicts.split(["ab", "cd"])))
    assert len(verdicts.contradictions(held, verdicts.pairs(["a"], ["c"], "same"))) == 1
    held = verdicts.standing(give(("different", "a", "b")))
    assert len(verdicts.contradictions(held, verdicts.merge("ab"), kind="merge")) == 1
    # a merge that also says what a split denied
    split = give(verdicts.split(["ab", "cd"]))
    assert len(verdicts.contradictions(verdicts.standing(split), verdicts.merge("bd"))) == 1


def test_agreement_counts_what_the_matcher_held_before_people_spoke():
    given = give(("same", "a", "b"), ("different", "c", "d"), ("same", "e", "f"), ("unsure", "g", "h"))
    given["was_together"] = [True, True, False, True]
    given["was_decided_by"] = ["number", "model", None, "model"]
    later = give(("different", "a", "b"), ("same", "a", "b")).assign(was_together=False, was_decided_by="verdict")
    later["decided_at"] += pd.Timedelta(days=1)
    member = pd.DataFrame({"event_id": list("abcdef"), "dispute_id": ["d1", "d1", "d2", "d3", "d4", "d4"]})
    found = verdicts.agreement(pd.concat([given, later], ignore_index=True), member).set_index("decided_by")
    assert found["pairs"].to_dict() == {"all": 3, "number": 1, "model": 1, "none": 1}
    everything = found.loc["all"]
    assert (everything["precision"], everything["recall"]) == (0.5, 0.5)
    assert everything["agreed"] == pytest.approx(1 / 3)
    assert everything["agrees_now"] == 1.0
    assert pd.isna(found.loc["none", "precision"])
    assert verdicts.agreement(verdicts.empty(), member)["pairs"].tolist() == [0]
