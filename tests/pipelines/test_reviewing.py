"""Acts of people on a lake: written at once, refused where they contradict, taken in by the next matching."""

from datetime import date, datetime

import pandas as pd
import pytest

from pipelines import evaluating, reviewing
from pipelines.reviewing import ReviewRefused
from transforms.corrections import CorrectionRefused
from transforms.matching import verdicts
from transforms.tables import CORE_CORRECTION, CORE_VERDICT
from transforms.tokens import new_key, read_key
from warehouse.lake import Lake

AT = datetime(2025, 5, 1, 9)


@pytest.fixture
def lake(tmp_path):
    new_key(tmp_path / "lake.key")
    lake = Lake.open(tmp_path / "lake", read_key(tmp_path / "lake.key"))
    events = [
        {"event_id": f"ev_{name}", "source": "hotline", "source_record_id": f"R{name}", "is_dispute": name != "z",
         "delivery_date": date(2025, 3, 2), "file": "一.csv", "row_number": number, "category_code": "0601",
         "not_dispute_reason": "咨询" if name == "z" else None, "county_code": "530402", "category_basis": "source"}
        for number, name in enumerate("abcdez", 1)
    ]  # fmt: skip
    lake.replace("core_event", pd.DataFrame(events))
    member = [{"event_id": f"ev_{name}", "dispute_id": "d_1" if name in "ab" else f"d_{name}"} for name in "abcde"]
    lake.replace("core_dispute_event", pd.DataFrame(member))
    link = {"event_id_l": ["ev_a"], "event_id_r": ["ev_b"], "match_probability": [0.7], "decided_by": ["model"]}
    lake.replace("core_link", pd.DataFrame(link))
    return lake


def judge(lake, one, other, verdict, **more):
    given = {"kind": "pair", "by": "张三", "at": AT, **more}
    return reviewing.judge(lake, verdicts.pairs([f"ev_{one}"], [f"ev_{other}"], verdict), **given)


def test_a_verdict_is_written_with_what_the_matcher_held_and_a_scrubbed_reason(lake):
    judge(lake, "b", "a", "different", reason="王小明（13887766554）说不是他家")
    [row] = lake.read(CORE_VERDICT).to_dict("records")
    assert (row["event_id_l"], row["event_id_r"], row["verdict"], row["decided_by"]) == (
        "ev_a", "ev_b", "different", "张三",
    )  # fmt: skip
    assert (row["was_together"], row["was_probability"], row["was_decided_by"]) == (True, 0.7, "model")
    assert "13887766554" in row["reason"]
    assert "13887766554" not in row["reason_published"]


def test_saying_the_same_again_writes_nothing_and_another_person_or_verdict_is_added(lake):
    assert judge(lake, "a", "b", "same").is_new
    assert not judge(lake, "a", "b", "same").is_new
    assert judge(lake, "a", "b", "same", by="李四").is_new
    assert judge(lake, "a", "b", "different").is_new
    rows = lake.read(CORE_VERDICT)
    assert len(rows) == 3
    assert rows["decided_at"].is_unique  # the clock stood still, the order of acts did not
    assert verdicts.standing(rows)["verdict"].tolist() == ["different"]


def test_a_contradiction_is_refused_with_the_verdicts_to_withdraw(lake):
    first, second = judge(lake, "a", "b", "same"), judge(lake, "b", "c", "same")
    with pytest.raises(ReviewRefused, match="ev_a = ev_b = ev_c 为同一纠纷，而 ev_a 与 ev_c 为不同纠纷") as refused:
        judge(lake, "a", "c", "different")
    assert set(refused.value.against) == {first.number, second.number}
    assert len(lake.read(CORE_VERDICT)) == 2
    reviewing.withdraw(lake, second.number, by="李四", at=AT)
    judge(lake, "a", "c", "different")
    with pytest.raises(ReviewRefused, match="已经撤回"):
        reviewing.withdraw(lake, second.number, by="李四", at=AT)


def test_withdrawing_may_not_bring_back_what_others_have_contradicted_since(lake):
    judge(lake, "a", "b", "same")
    replaced = judge(lake, "a", "b", "different")
    judge(lake, "a", "c", "same")
    judge(lake, "b", "c", "different")
    with pytest.raises(ReviewRefused, match="撤回之后"):
        reviewing.withdraw(lake, replaced.number, by="张三", at=AT)


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [("a", "y", "湖中没有记录 ev_y"), ("a", "z", "不是纠纷，不参与匹配"), ("a", "a", "两条不同的记录")],
)
def test_what_cannot_be_judged_is_refused(lake, one, other, sentence):
    with pytest.raises(ReviewRefused, match=sentence):
        judge(lake, one, other, "same")
    assert lake.read(CORE_VERDICT).empty


def test_a_record_corrected_to_be_a_dispute_may_be_judged_before_the_next_run(lake):
    reviewing.correct(lake, "ev_z", "is_dispute", "是", by="张三", at=AT)
    assert judge(lake, "a", "z", "same").is_new


def test_a_correction_keeps_the_value_before_and_shows_once_it_was_taken(lake):
    def now():
        with lake.connect() as con:
            return con.execute(
                "SELECT category_code, category_basis, county_code, town_code, village_code FROM current_event "
                "WHERE event_id = 'ev_a'"
            ).fetchone()

    reviewing.correct(lake, "ev_a", "类别", "0201", by="张三", at=AT)
    second = reviewing.correct(lake, "ev_a", "category_code", "0202", by="李四", at=AT)
    reviewing.correct(lake, "ev_a", "地点", "红塔区玉兴街道", by="张三", at=AT)
    assert lake.read(CORE_CORRECTION).sort_values("corrected_at")["original_value"].tolist() == [
        "0601",
        "0201",
        "530402",
    ]
    assert now() == ("0601", "source", "530402", None, None)
    reviewing.take_acts(lake, as_of=date(2025, 5, 2))
    assert now() == ("0202", "correction", "530402", "530402001000", None)
    reviewing.withdraw(lake, second.number, by="李四", at=AT)
    reviewing.take_acts(lake, as_of=date(2025, 5, 3))
    assert now()[0] == "0201"
    with pytest.raises(CorrectionRefused, match="没有“金额”"):
        reviewing.correct(lake, "ev_a", "金额", "3", by="张三", at=AT)
    with pytest.raises(ReviewRefused, match="没有记录"):
        reviewing.correct(lake, "ev_y", "类别", "0201", by="张三", at=AT)


def test_a_record_corrected_to_be_no_dispute_has_its_reason(lake):
    reviewing.correct(lake, "ev_a", "is_dispute", "否", by="张三", at=AT)
    reviewing.correct(lake, "ev_z", "is_dispute", "是", by="张三", at=AT)
    reviewing.take_acts(lake, as_of=date(2025, 5, 2))
    with lake.connect() as con:
        found = con.execute(
            "SELECT is_dispute, not_dispute_reason FROM current_event WHERE event_id IN ('ev_a', 'ev_z') ORDER BY 1"
        ).fetchall()
    assert found == [(False, "人工更正"), (True, None)]


def test_acts_that_came_after_matching_wait_for_the_next(lake):
    first = judge(lake, "a", "b", "same")
    assert reviewing.take_acts(lake, as_of=date(2025, 5, 2))["verdict_id"].tolist() == [first.number]
    second = judge(lake, "c", "d", "same")
    assert reviewing.given(lake) - reviewing.taken(lake) == {second.number}
    assert reviewing.acts(lake).set_index("number")["state"].to_dict() == {
        first.number: "生效",
        second.number: "待运行",
    }
    assert len(reviewing.take_acts(lake, as_of=date(2025, 5, 3))) == 2


def test_acts_are_listed_in_words(lake):
    one = judge(lake, "a", "b", "unsure", reason="看不清")
    reviewing.judge(lake, verdicts.merge(["ev_c", "ev_d", "ev_e"]), kind="merge", by="李四", at=AT)
    reviewing.correct(lake, "ev_a", "is_dispute", "否", by="张三", at=AT)
    reviewing.withdraw(lake, one.number, by="张三", at=AT)
    told = reviewing.acts(lake)
    assert set(told["what"]) == {"裁定不确定", "合并纠纷（2 对）", "是否纠纷：是纠纷 → 不是纠纷", f"撤回 {one.number}"}
    assert told.set_index("number").loc[one.number, "state"] == "已撤回"


def test_a_record_is_found_by_its_own_number_unless_two_systems_have_it(lake):
    assert reviewing.find_record(lake, "Ra") == reviewing.find_record(lake, "ev_a") == "ev_a"
    with pytest.raises(ReviewRefused, match="湖中没有记录 R9"):
        reviewing.find_record(lake, "R9")
    rows = lake.read("core_event")
    other = rows.head(1).assign(event_id="ev_q", source="grid")
    lake.replace("core_event", pd.concat([rows, other], ignore_index=True))
    with pytest.raises(ReviewRefused, match="grid 的 ev_q"):
        reviewing.find_record(lake, "Ra")


def test_without_truth_the_matcher_is_held_against_verdicts(lake):
    assert evaluating.against_verdicts(lake.root).empty
    judge(lake, "a", "b", "different")
    judge(lake, "c", "d", "different")
    judge(lake, "d", "e", "unsure")
    found = evaluating.against_verdicts(lake.root).set_index("原由什么决定")
    assert found["裁定的对数"].to_dict() == {"全部": 2, "模型": 1, "没有打分（不相连）": 1}
    assert found.loc["全部", ["原判同一", "查准", "裁定前一致"]].tolist() == [1, 0.0, 0.5]
