"""Holding a delivery after it was read: no row is lost, none of its records stays, and a person can let it in."""

import json

import pandas as pd

from sources import holding
from sources.read import Reading
from tests.sources.exports import DAY, HOTLINE, assert_adds_up, csv_text, findings, hotline

GOOD, BAD = "12345工单_好.csv", "12345工单_坏.csv"
WHY = {(DAY, "hotline"): "行数太少，整批挂起：请核对"}


def read(deliver):
    rows = [{"工单编号": "合计"}, hotline(1), hotline(2, 工单编号=None), hotline(3, 旧工单编号="YX9")]
    return deliver("hotline", {GOOD: csv_text(HOTLINE, rows), BAD: b""})


def test_a_held_delivery_keeps_every_row_and_no_record(deliver):
    before = read(deliver)
    held = holding.hold(before, WHY, accepted=())
    assert_adds_up(held)
    assert held.is_held
    assert not before.is_held
    assert held.record.empty and held.party.empty and held.reference.empty
    assert held.record.columns.tolist() == before.record.columns.tolist()
    account = held.file.set_index("file")
    assert account.loc[GOOD, ["status", "rows_read", "rows_ignored", "rows_quarantined", "rows_valid"]].tolist() == [
        "held", 4, 1, 3, 0,
    ]  # fmt: skip
    assert account.loc[GOOD, "reason"] == "行数太少，整批挂起：请核对"
    rows = held.row[held.row["file"] == GOOD]
    assert rows["rule"].tolist() == ["total", "held", "missing_record_id", "held"]
    assert rows["reason"].tolist()[1] == "行数太少，整批挂起：请核对"
    assert rows["content"].tolist() == before.row.loc[before.row["file"] == GOOD, "content"].tolist()


def test_a_file_that_could_not_be_read_keeps_its_own_reason(deliver):
    held = holding.hold(read(deliver), WHY, accepted=())
    account = held.file.set_index("file")
    assert account.loc[BAD, "status"] == "quarantined"
    assert "是空文件" in account.loc[BAD, "reason"]


def test_what_a_person_accepted_is_taken_and_says_so(deliver):
    before = read(deliver)
    taken = holding.hold(before, WHY, accepted=[(DAY, "hotline")])
    assert_adds_up(taken)
    assert not taken.is_held
    pd.testing.assert_frame_equal(taken.record, before.record)
    assert findings(taken, GOOD)[-1] == "经人工确认接收：行数太少，整批挂起：请核对"
    assert findings(taken, BAD) == findings(before, BAD)


def test_other_deliveries_of_a_batch_are_untouched(deliver):
    one = read(deliver)
    frames = {name: getattr(one, name) for name in ("row", "file", "record", "party", "reference")}
    other = {name: frame.assign(source="police") for name, frame in frames.items()}
    both = Reading(**{name: pd.concat([frames[name], other[name]], ignore_index=True) for name in frames})
    held = holding.hold(both, WHY, accepted=())
    for name in frames:
        left = getattr(held, name)
        pd.testing.assert_frame_equal(left[left["source"] == "police"].reset_index(drop=True), other[name])
    assert held.record["source"].unique().tolist() == ["police"]


def test_a_delivery_held_already_gets_the_further_reason(deliver):
    rows = [hotline(number, 工单编号=None if number < 3 else f"A{number}") for number in range(40)]
    before = deliver("hotline", {GOOD: csv_text(HOTLINE, rows)})
    held = holding.hold(before, WHY, accepted=())
    assert_adds_up(held)
    reason = held.file["reason"].iloc[0]
    assert "超过上限 5%，整批挂起" in reason
    assert reason.endswith("；行数太少，整批挂起：请核对")
    assert held.row["rule"].value_counts().to_dict() == {"held": 37, "missing_record_id": 3}


def test_nothing_to_hold_changes_nothing(deliver):
    before = read(deliver)
    assert holding.hold(before, {}, accepted=()) is before
    assert json.loads(before.file["findings"].iloc[0]) == []
