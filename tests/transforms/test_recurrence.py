"""Which new dispute is an older one returned: the same people and the same matter, long after it was over."""

import pandas as pd
import pytest

from transforms import recurrence

WANG = {"phone_tokens": ["p1"], "name": "王先生", "surname": "王"}
OVER = {"status": "已办结", "outcome": "成功", "outcome_at": "2025-01-10", "closed_at": "2025-01-10"}


def record(number, at, dispute, **more):
    return {"id": f"R{number}", "at": at, "dispute": dispute, **more}


@pytest.fixture
def found(lake_of):
    def find(rows, **more):
        frame = recurrence.find(lake_of(rows), **more)
        return [(r.dispute_id, r.recurrence_of, f"{r.known_date:%Y-%m-%d}") for r in frame.itertuples()]

    return find


def returned(**later):
    """A dispute that was resolved on 10 January, and one that came on 1 March."""
    return [
        record(1, "2025-01-05", "D1", people=[WANG], **OVER),
        record(2, "2025-03-01 09:00", "D2", **{"people": [WANG], "status": "办理中", **later}),
    ]


def test_the_same_person_with_the_same_matter_after_the_resolution_is_a_recurrence(found):
    assert found(returned()) == [("D2", "D1", "2025-03-02")]


def test_what_matching_cut_stays_and_is_known_with_its_first_record(found):
    rows = [
        record(1, "2025-01-05", "D1", people=[WANG], **OVER),
        record(2, "2025-03-01", "D2", people=[WANG], recurrence_of="D0"),
    ]
    assert found(rows) == [("D2", "D0", "2025-03-02")]


def test_a_return_within_thirty_days_of_the_resolution_is_none(found):
    rows = returned()
    rows[0] |= {"outcome_at": "2025-02-10", "closed_at": "2025-02-10"}
    assert found(rows) == []


def test_a_matter_that_was_still_open_has_not_returned(found):
    rows = returned()
    rows[0] |= {"status": "办理中", "outcome": None, "closed_at": "2025-03-20"}
    assert found(rows) == []


def test_a_caller_with_a_matter_in_another_town_is_no_recurrence(found):
    assert found(returned(town_code="530402002000")) == []


def test_a_phone_that_many_use_says_nothing(found):
    others = [record(10 + n, "2025-01-06", f"X{n}", people=[{"phone_tokens": ["p1"]}]) for n in range(8)]
    assert found([*returned(), *others]) == []


def test_another_surname_on_the_same_phone_is_another_person(found):
    assert found(returned(people=[{"phone_tokens": ["p1"], "name": "李女士", "surname": "李"}])) == []


def test_a_caller_who_buys_badly_in_two_shops_has_two_matters(found):
    def shop(name):
        return {"role": "respondent", "kind": "organisation", "organisation_key": name, "phone_tokens": []}

    rows = returned(people=[WANG, shop("腾泰美容")])
    rows[0]["people"] = [WANG, shop("广铭驾校")]
    assert found(rows) == []
    rows[0]["people"] = [WANG, shop("红塔腾泰美容")]
    assert found(rows) == [("D2", "D1", "2025-03-02")]


def test_one_person_in_two_crowds_does_not_make_them_one_matter(found):
    name = {"name": "王建国", "is_full_name": True, "surname": "王", "phone_tokens": ["p1"]}
    old, new = ([{"phone_tokens": [f"{which}{n}"]} for n in range(4)] for which in ("a", "b"))
    rows = returned(people=[name, *new], category_code="0701")
    rows[0]["people"] = [name, *old]
    assert found(rows) == []


def test_silence_of_a_matter_that_nobody_closed_counts_when_the_person_is_certain(found):
    certain = {**WANG, "name": "王建国", "is_full_name": True}
    rows = [
        record(1, "2025-01-05", "D1", source="police", people=[certain]),
        record(2, "2025-03-01", "D2", source="police", people=[certain]),
    ]
    assert found(rows) == [("D2", "D1", "2025-03-02")]
    [row] = [r for r in rows if r["id"] == "R1"]
    row["at"] = "2025-02-05"
    assert found(rows) == []


def test_it_is_known_on_the_day_on_which_the_evidence_came_and_no_earlier(found):
    rows = returned(people=[])
    rows.append(record(3, "2025-03-08", "D2", people=[WANG]))
    assert found(rows) == [("D2", "D1", "2025-03-09")]
    for cut, known in (("2025-03-05", []), ("2025-03-20", [("D2", "D1", "2025-03-09")])):
        seen = [row for row in rows if pd.Timestamp(row["at"]) < pd.Timestamp(cut)]
        assert found(seen) == known


def test_an_ending_that_was_told_too_late_does_not_count(found):
    rows = returned()
    rows.insert(0, record(1, "2025-01-05", "D1", people=[WANG], status="办理中"))
    rows[1]["delivered"] = "2025-03-20"
    assert found(rows) == []
    rows[1]["delivered"] = "2025-02-20"
    assert found(rows) == [("D2", "D1", "2025-03-02")]


def test_a_history_source_counts_from_the_day_after_the_report(found):
    rows = [{**row, "source": "messages", "delivered": "2025-06-01"} for row in returned()]
    assert found(rows, history_sources=["messages"]) == [("D2", "D1", "2025-03-02")]
