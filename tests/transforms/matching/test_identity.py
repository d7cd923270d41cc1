import pandas as pd

from transforms.matching.identity import dispute_id, endings, identify, living, record_verdicts, recurrences

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


def test_a_person_who_calls_a_return_the_same_dispute_makes_it_one():
    frame = records(
        ("ev_a", 0, "2025-01-01", "2025-01-03"),
        ("ev_b", 0, "2025-03-01", "2025-03-03"),
        ("ev_c", 0, "2025-05-01", None),
    )
    assert run(frame).member["dispute_id"].nunique() == 3
    said = pd.DataFrame({"event_id_l": ["ev_b"], "event_id_r": ["ev_c"], "verdict": ["same"]})
    joined = identify(
        frame, previous=None, ledger=None, run_id="r1", at=AT, recurrence_days=30, verdicts=said
    ).member.set_index("event_id")  # fmt: skip
    assert joined.loc["ev_b", "dispute_id"] == joined.loc["ev_c", "dispute_id"] == dispute_id("ev_b")
    assert joined.loc["ev_c", "recurrence_of"] == dispute_id("ev_a")


def acts(*rows):
    names = ["verdict_id", "kind", "event_id_l", "event_id_r", "verdict", "withdraws"]
    frame = pd.DataFrame(rows, columns=names).assign(decided_by="张三")
    return frame.assign(decided_at=pd.date_range("2025-05-01", periods=len(frame), freq="h"))


def test_the_ledger_tells_each_verdict_once_with_the_disputes_it_is_about():
    member = pd.DataFrame({"event_id": ["a", "b", "c"], "dispute_id": ["d_2", "d_2", "d_1"]})
    given = acts(
        ("v_1", "pair", "a", "b", "same", None),
        ("v_2", "pair", "b", "c", "different", None),
        ("v_3", "pair", "a", "c", "unsure", None),
        ("v_4", "pair", "x", "y", "same", None),
    )
    old = run(records(("a", 0, "2025-03-01", None))).ledger
    grown = record_verdicts(old, given, member, run_id="r2", at=AT)
    told = grown[grown["action"] == "verdict"]
    assert told["dispute_id"].tolist() == ["d_2", "d_1"]
    assert told["other_dispute_id"].fillna("").tolist() == ["", "d_2"]
    assert told["reason"].tolist() == ["张三 裁定两条记录是同一纠纷", "张三 裁定两条记录不是同一纠纷"]
    assert record_verdicts(grown, given, member, run_id="r3", at=AT) is grown


def test_a_withdrawal_is_told_where_the_withdrawn_verdict_was():
    member = pd.DataFrame({"event_id": ["a", "b"], "dispute_id": ["d_1", "d_1"]})
    old = run(records(("a", 0, "2025-03-01", None))).ledger
    first = acts(("v_1", "pair", "a", "b", "same", None))
    grown = record_verdicts(old, first, member, run_id="r2", at=AT)
    both = acts(("v_1", "pair", "a", "b", "same", None), ("v_2", "withdrawal", None, None, None, "v_1"))
    after = record_verdicts(grown, both, member, run_id="r3", at=AT)
    assert after.iloc[-1][["dispute_id", "verdict_id", "reason", "run_id"]].tolist() == [
        "d_1", "v_2", "张三 撤回裁定", "r3",
    ]  # fmt: skip
    assert record_verdicts(old, both, member, run_id="r3", at=AT) is old
