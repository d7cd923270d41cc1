import pandas as pd

from transforms.matching.identity import dispute_id, endings, identify, living, recurrences

AT = pd.Timestamp("2025-06-01")


def records(*rows):
    frame = pd.DataFrame(rows, columns=["event_id", "cluster", "reported_at", "resolved_at"])
    return frame.assign(
        reported_at=pd.to_datetime(frame["reported_at"], format="ISO8601"),
        success_at=pd.to_datetime(frame["resolved_at"], format="ISO8601"),
        closed_at=pd.NaT,
        is_open=False,
    )


def run(frame, previous=None, ledger=None, run_id="r1"):
    return identify(frame, previous=previous, ledger=ledger, run_id=run_id, at=AT, recurrence_days=30)


def test_an_id_comes_from_the_first_record_and_running_again_changes_nothing():
    frame = records(("ev_b", 0, "2025-03-02", None), ("ev_a", 0, "2025-03-01", None), ("ev_c", 1, "2025-03-03", None))
    first = run(frame)
    assert first.member["dispute_id"].tolist() == [dispute_id("ev_a"), dispute_id("ev_a"), dispute_id("ev_c")]
    again = run(frame.iloc[::-1], first.member, first.ledger, "r2")
    assert again.member.set_index("event_id").loc["ev_b", "dispute_id"] == dispute_id("ev_a")
    assert len(again.ledger) == len(first.ledger) == 2


def test_an_earlier_record_that_comes_late_does_not_rename_the_dispute():
    first = run(records(("ev_b", 0, "2025-03-02", None)))
    later = records(("ev_b", 0, "2025-03-02", None), ("ev_a", 0, "2025-03-01", None))
    assert set(run(later, first.member, first.ledger, "r2").member["dispute_id"]) == {dispute_id("ev_b")}


def test_two_disputes_that_become_one_keep_the_older_id_and_the_ledger_resolves_the_other():
    apart = run(records(("ev_a", 0, "2025-03-01", None), ("ev_b", 1, "2025-03-02", None)))
    together = records(("ev_a", 0, "2025-03-01", None), ("ev_b", 0, "2025-03-02", None))
    joined = run(together, apart.member, apart.ledger, "r2")
    assert set(joined.member["dispute_id"]) == {dispute_id("ev_a")}
    assert living(joined.ledger).to_dict() == {dispute_id("ev_b"): dispute_id("ev_a")}


def test_a_part_that_leaves_gets_a_new_id_and_the_ledger_says_from_where():
    frame = records(("ev_a", 0, "2025-03-01", None), ("ev_b", 0, "2025-03-02", None), ("ev_c", 0, "2025-03-03", None))
    first = run(frame)
    split = run(frame.assign(cluster=[1, 0, 0]), first.member, first.ledger, "r2")
    ids = split.member.set_index("event_id")["dispute_id"]
    assert ids["ev_b"] == ids["ev_c"] == dispute_id("ev_a")
    assert ids["ev_a"] == dispute_id("ev_a", 1)
    assert split.ledger.query("action == 'split'")[["dispute_id", "other_dispute_id"]].values.tolist() == [
        [dispute_id("ev_a", 1), dispute_id("ev_a")]
    ]


def test_a_matter_that_returns_long_after_it_was_resolved_is_a_new_dispute_of_the_old_one():
    frame = records(
        ("ev_a", 0, "2025-03-01", "2025-03-05"), ("ev_b", 0, "2025-04-01", None), ("ev_c", 0, "2025-06-20", None)
    )
    assert recurrences(frame, days=30).tolist() == [0, 0, 0]
    returned = run(frame.drop(index=1))
    assert returned.member["dispute_id"].tolist() == [dispute_id("ev_a"), dispute_id("ev_c")]
    assert returned.member["recurrence_of"].iloc[1] == dispute_id("ev_a")
    assert pd.isna(returned.member["recurrence_of"].iloc[0])


def test_a_return_within_thirty_days_stays_the_old_dispute():
    frame = records(("ev_a", 0, "2025-03-01", "2025-03-05 10:00"), ("ev_b", 0, "2025-04-04 10:00", None))
    assert recurrences(frame, days=30).tolist() == [0, 0]
    assert recurrences(frame, days=29).tolist() == [0, 1]


def test_a_closed_record_resolves_only_when_none_is_open():
    frame = records(("ev_a", 0, "2025-03-01", None), ("ev_b", 0, "2025-03-02", None), ("ev_c", 0, "2025-05-01", None))
    closed = frame.assign(closed_at=pd.to_datetime(["2025-03-05", None, None]))
    assert recurrences(closed, days=30).tolist() == [0, 0, 1]
    assert recurrences(closed.assign(is_open=[False, True, False]), days=30).tolist() == [0, 0, 0]


def test_unrelated_records_change_no_id():
    frame = records(("ev_b", 5, "2025-03-02", None), ("ev_c", 5, "2025-03-03", None))
    more = pd.concat([records(("ev_0", 1, "2025-03-01", None)), frame, records(("ev_9", 9, "2025-01-01", None))])
    before = run(frame).member.set_index("event_id")["dispute_id"]
    after = run(more.reset_index(drop=True)).member.set_index("event_id")["dispute_id"]
    assert after.loc[before.index].equals(before)


def test_a_status_or_outcome_that_reading_did_not_know_ends_nothing():
    event = pd.DataFrame(
        {
            "outcome": ["未知", "未知", None],
            "outcome_at": pd.to_datetime(["2025-03-02", None, None]),
            "status": ["办理中", "已办结", "未知"],
            "closed_at": pd.to_datetime([None, "2025-03-05", "2025-03-05"]),
        }
    )
    ends = endings(event)
    assert ends["success_at"].isna().all()
    assert ends["closed_at"].notna().tolist() == [False, True, False]
    assert ends["is_open"].tolist() == [True, False, True]
