"""A person's word from the command line to the publication: it outranks the model, stays, and can be taken back."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from pipelines import runs
from pipelines.cli import main
from tests.lakes import settings_in, snapshot


def call(settings, *arguments, code=0):
    environment = {
        "LAKE_LANDING": str(settings.landing), "LAKE_ROOT": str(settings.root), "LAKE_KEY_FILE": str(settings.key_file)
    }  # fmt: skip
    result = CliRunner().invoke(main, ["review", *arguments], env=environment, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


def members(seen):
    """Event ids of each dispute, the oldest first."""
    rows = seen["dispute_event"].sort_values(["reported_at", "event_id"])
    return rows.groupby("dispute_id")["event_id"].agg(list)


def dispute_of(seen, event):
    return seen["dispute_event"].set_index("event_id").loc[event, "dispute_id"]


def run(settings):
    outcome = runs.run(settings)
    assert outcome.is_published, outcome.failures
    return snapshot(settings)


def test_verdicts_act_on_the_next_run_stand_in_ledger_and_link_and_stay(own):
    before = snapshot(own)
    groups = members(before)
    large = groups[groups.str.len() >= 4].iloc[0]
    one, other = [each for each in groups[groups.str.len() == 2] if not set(each) & set(large)][:2]
    names = before["event"].set_index("event_id")["source_record_id"]
    call(own, "give", one[0], names[other[0]], "同一", "--by", "张三", "--why", "同一户，13887766554 打来的")
    call(own, "split", dispute_of(before, large[0]), large[1], large[2], "--by", "李四")
    seen = run(own)
    # two records were called one dispute: so are the disputes they were in
    assert {dispute_of(seen, event) for event in (*one, *other)} == {dispute_of(before, one[0])} | (
        {dispute_of(before, other[0])} & {dispute_of(seen, one[0])}
    )
    assert dispute_of(seen, large[1]) == dispute_of(seen, large[2]) != dispute_of(seen, large[0])
    assert {dispute_of(seen, event) for event in large[3:]} == {dispute_of(seen, large[0])}
    ledger = seen["dispute_ledger"]
    said = ledger[ledger["action"] == "verdict"]
    assert set(said["reason"]) == {"张三 裁定两条记录是同一纠纷", "李四 拆分纠纷"}
    assert set(said["verdict_id"]) == set(seen["verdict"]["verdict_id"])
    assert "absorb" in set(ledger["action"]) and "split" in set(ledger["action"])
    link = seen["link"][seen["link"]["decided_by"] == "verdict"]
    pair = link[link["event_id_l"].isin([one[0], other[0]]) & link["event_id_r"].isin([one[0], other[0]])]
    assert pair["explanation"].str.startswith("人工裁定为同一纠纷").tolist() == [True]
    assert (link["match_probability"] < 0.01).any()  # what was split stands there too
    assert not seen["verdict"]["reason"].fillna("").str.contains("13887766554").any()
    assert seen["verdict"]["is_standing"].all()
    # nothing more to do; and an unrelated act later changes none of it
    assert not runs.run(own).is_published
    alone = [each[0] for each in members(seen)[lambda rows: rows.str.len() == 1]][:2]
    call(own, "give", *alone, "不同", "--by", "张三")
    again = run(own)
    assert again["dispute_event"].equals(seen["dispute_event"])
    assert len(again["dispute_ledger"]) == len(ledger) + 1


def test_records_called_different_stay_apart_through_all_others_and_come_back_when_withdrawn(own):
    before = snapshot(own)
    groups = members(before)
    whole = groups[groups.str.len() >= 5].iloc[0]
    told = call(own, "give", whole[0], whole[-1], "different", "--by", "张三")
    number = told.partition("（")[2].partition("）")[0]
    seen = run(own)
    assert dispute_of(seen, whole[0]) != dispute_of(seen, whole[-1])
    assert {dispute_of(seen, event) for event in whole} == {dispute_of(seen, whole[0]), dispute_of(seen, whole[-1])}
    refused = call(own, "merge", *{dispute_of(seen, event) for event in whole}, "--by", "李四", code=2)
    assert "矛盾" in refused and number in refused
    call(own, "withdraw", number, "--by", "李四", "--why", "看错了")
    back = run(own)
    assert members(back)[dispute_of(before, whole[0])] == whole
    assert [each.split()[-1] for each in back["dispute_ledger"].query("action == 'verdict'")["reason"]] == [
        "裁定两条记录不是同一纠纷", "撤回裁定",
    ]  # fmt: skip
    assert not back["verdict"]["is_standing"].any()
    listed = call(own, "list")
    assert "已撤回" in listed and "看错了" in listed


def test_corrections_act_everywhere_and_the_value_that_was_read_stays(own):
    before = snapshot(own)
    groups = members(before)
    pair, single, third = (groups[groups.str.len() == size].iloc[at][0] for size, at in ((2, 0), (1, 0), (1, 1)))
    beside = before["event"].query("not is_dispute")["event_id"].iloc[0]
    call(own, "correct", pair, "--field", "is_dispute", "--value", "否", "--by", "张三", "--why", "只是咨询")
    call(own, "correct", beside, "--field", "是否纠纷", "--value", "是", "--by", "张三")
    call(own, "correct", single, "--field", "category_code", "--value", "0201", "--by", "张三")
    call(own, "correct", third, "--field", "village_code", "--value", "江川区", "--by", "张三")
    assert "没有代码或名称" in call(own, "correct", third, "--field", "地点", "--value", "昆明", "--by", "张三", code=2)
    seen = run(own)
    event, dispute = seen["event"].set_index("event_id"), seen["dispute"].set_index("dispute_id")
    assert pair not in set(seen["dispute_event"]["event_id"])
    assert event.loc[pair, ["is_dispute", "not_dispute_reason"]].tolist() == [False, "人工更正"]
    assert beside in set(seen["dispute_event"]["event_id"])
    assert dispute.loc[dispute_of(seen, single), "category_code"] == "0201"
    assert event.loc[single, "category_basis"] == "correction"
    assert dispute.loc[dispute_of(seen, third), "county_code"] == "530403"
    assert dispute.loc[dispute_of(seen, third), ["town_code", "village_code"]].isna().all()
    corrected = seen["correction"].set_index("event_id")
    assert corrected.loc[single, "read_value"] == before["event"].set_index("event_id").loc[single, "category_code"]
    assert corrected.loc[third, "value_name"] == "江川区"
    assert (seen["quality_result"].query("suite == 'event' and severity == 'error'")["success"]).all()


def test_verdicts_survive_kills_wherever_they_fall(own, tmp_path):
    groups = members(snapshot(own))
    large = groups[groups.str.len() >= 4].iloc[0]
    call(own, "split", groups.index[groups.str.len() >= 4][0], large[0], "--by", "张三")
    other = settings_in(tmp_path / "other", own.landing)
    shutil.copytree(own.root, other.root, symlinks=True)
    shutil.copy2(own.key_file, other.key_file)
    environment = os.environ | {
        "LAKE_LANDING": str(other.landing), "LAKE_ROOT": str(other.root), "LAKE_KEY_FILE": str(other.key_file)
    }  # fmt: skip
    began = time.monotonic()
    expected = run(own)
    takes = time.monotonic() - began + 5  # a process of its own starts from nothing
    for share in (0.5, 0.8):
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", "run"], env=environment, stdout=subprocess.DEVNULL
        )  # fmt: skip
        try:
            process.wait(timeout=takes * share)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    outcome = runs.run(other)
    assert not outcome.failures
    found = snapshot(other)
    for view in ("dispute_event", "dispute_ledger", "dispute", "link", "verdict"):
        assert found[view].equals(expected[view]), view


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["give", "ev_1", "ev_2", "same", "--by", "张三"], "湖中没有记录 ev_1"),
        (["give", "ev_1", "ev_2", "也许", "--by", "张三"], "应是 same（同一）"),
        (["split", "d_1", "ev_1", "--by", "张三"], "湖中没有记录 ev_1"),
        (["merge", "d_1", "d_2", "--by", "张三"], "没有纠纷 d_1"),
        (["withdraw", "v_1", "--by", "张三"], "没有裁定或更正 v_1"),
        (["--terminal"], "--by"),
    ],
)
def test_what_is_not_there_is_refused_with_a_sentence(published, arguments, sentence):
    assert sentence in call(published, *arguments, code=2)
