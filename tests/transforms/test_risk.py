"""Risk: each reason speaks for itself, the level follows the sum, the tier follows the level."""

import pandas as pd
import pytest

from transforms import risk

CALM = {
    "status": "处理中", "threat_words": [], "persons_involved": 1, "event_count": 1, "events_last_7_days": 1,
    "events_previous_7_days": 0, "amount": None, "is_vulnerable": False, "failed_mediations": 0,
    "is_unfulfilled": False, "recurrence_of": None, "source_count": 1, "is_known_to_police": False,
    "is_reported_high": False, "is_difficult": False, "is_overdue": False, "is_dissatisfied": False, "open_days": 1,
    "category_code": "0402", "scale_code": "01", "village_code": "530402001001",
    "as_of": pd.Timestamp("2025-05-20"), "first_reported_at": pd.Timestamp("2025-05-19 10:00"),
}  # fmt: skip


def assess(**features):
    frame = pd.DataFrame([CALM | features])
    frame["amount"] = frame["amount"].astype(float)
    return risk.assess(frame).iloc[0]


def test_a_single_calm_record_is_low_and_stays_in_the_village():
    row = assess()
    assert (row["risk_level"], row["responsible_tier"], row["risk_score"]) == ("低", "村", 0)
    assert row["risk_reasons"] == "单条记录，没有加重情节"


def test_low_risk_with_several_records_belongs_to_the_town():
    assert assess(event_count=2)["responsible_tier"] == "乡"


def test_a_threat_by_several_persons_is_high_and_belongs_to_the_county():
    row = assess(threat_words=["跳楼"], persons_involved=12)
    assert (row["risk_level"], row["responsible_tier"]) == ("高", "县")
    assert row["risk_reasons"] == "有人扬言极端行为（跳楼）；涉及12人"


def test_a_high_risk_of_the_largest_scale_belongs_to_the_city():
    row = assess(threat_words=["跳楼"], persons_involved=40, scale_code="03")
    assert (row["risk_level"], row["responsible_tier"]) == ("高", "市")


def test_only_the_heaviest_reason_of_a_group_counts():
    assert assess(persons_involved=40)["risk_score"] == 35
    assert assess(persons_involved=40)["risk_reasons"] == "涉及40人"


def test_amounts_are_written_as_people_write_them():
    assert "涉及金额62万元" in assess(amount=620000.0)["risk_reasons"]


def test_a_resolved_dispute_counts_less():
    high = assess(threat_words=["跳楼"], persons_involved=12)
    assert assess(threat_words=["跳楼"], persons_involved=12, status="已化解")["risk_score"] < high["risk_score"] / 2


@pytest.mark.parametrize(
    ("features", "sentence"),
    [
        ({"events_last_7_days": 4, "events_previous_7_days": 1}, "近7天反映4次，多于前7天的1次"),
        ({"failed_mediations": 2}, "调解未成2次"),
        ({"is_unfulfilled": True}, "协议没有履行完"),
        ({"recurrence_of": "D9"}, "化解后再次发生"),
        ({"source_count": 3}, "3个系统都有记录"),
        ({"is_overdue": True}, "超过时限没有办结"),
        ({"is_vulnerable": True}, "涉及未成年人、老人等需要照顾的人"),
        ({"category_code": "0701"}, "属劳资、土地、征拆等易激化类别"),
    ],
)
def test_each_reason_is_said_in_a_sentence(features, sentence):
    assert sentence in assess(**features)["risk_reasons"]


def test_rows_are_judged_independently():
    rows = [CALM, CALM | {"threat_words": ["自杀"]}, CALM | {"persons_involved": 10}]
    together = risk.assess(pd.DataFrame(rows).astype({"amount": float}))
    alone = [risk.assess(pd.DataFrame([row]).astype({"amount": float})).iloc[0].tolist() for row in rows]
    assert together.values.tolist() == alone


def test_the_tier_has_working_days_from_the_first_report_on():
    """Monday 2025-05-19: ten working days of the village end on Wednesday 4 June (2 June is a holiday)."""
    row = assess(as_of=pd.Timestamp("2025-06-04"))
    assert (row["responsible_tier"], f"{row['tier_due_at']:%Y-%m-%d %H:%M}") == ("村", "2025-06-03 23:59")
    assert bool(row["is_tier_overrun"])
    assert not assess(as_of=pd.Timestamp("2025-06-03"))["is_tier_overrun"]
    assert not assess(as_of=pd.Timestamp("2025-06-04"), status="已化解")["is_tier_overrun"]


def test_every_level_is_explained_in_one_sentence():
    assert assess()["risk_explanation"] == (
        "单条记录，没有加重情节，共0分，不到中风险的20分；由村级负责，应于2025-06-03前化解"
    )
    explained = assess(threat_words=["跳楼"], persons_involved=12)["risk_explanation"]
    assert explained.startswith("有人扬言极端行为（跳楼）计40分，涉及12人计25分，共65分，达到高风险的45分；由县级负责")
    resolved = assess(threat_words=["跳楼"], status="已化解")["risk_explanation"]
    assert "已化解，按0.4倍计，共16分" in resolved and "前化解" not in resolved


@pytest.mark.parametrize(
    ("day", "features", "period"),
    [
        ("2025-03-05", {"persons_involved": 6}, "全国两会"),
        ("2025-03-05", {"threat_words": ["跳楼"]}, "全国两会"),
        ("2025-01-20", {"persons_involved": 6}, "春节"),
        ("2024-01-25", {"persons_involved": 6}, "春节"),
        ("2025-06-07", {"category_code": "0203"}, "高考中考"),
        ("2025-03-05", {}, ""),
        ("2025-03-20", {"persons_involved": 6}, ""),
        ("2025-03-05", {"persons_involved": 6, "status": "已化解"}, ""),
        ("2025-03-05", {"category_code": "0203"}, ""),
    ],
)
def test_weighty_matters_count_more_in_sensitive_periods(day, features, period):
    reasons = assess(as_of=pd.Timestamp(day), **features)["risk_reasons"]
    assert (f"正值{period}，" in reasons) if period else ("正值" not in reasons)


def test_other_weights_change_the_level_and_leave_the_standing_ones():
    frame = pd.DataFrame([CALM | {"threat_words": ["跳楼"]}]).astype({"amount": float})
    other = risk.changed(risk.settings(), {"threat": 50, "high_from": 48}, {"tier": {"village_score_below": 3}})
    assert risk.assess(frame, other).iloc[0]["risk_level"] == "高"
    assert risk.assess(frame).iloc[0]["risk_level"] == "中"


@pytest.mark.parametrize(
    ("weights", "given", "said"),
    [
        ({"thread": 30}, {}, "没有名为 thread 的权重；可写：threat"),
        ({}, {"tiers": {}}, "权重文件里的 tiers 不认识"),
        ({"middle_from": 60}, {}, "high_from 不得低于 middle_from"),
        ({}, {"reasons": [{"name": "new", "weight": 3}]}, "理由 new 须有 column"),
    ],
)
def test_weights_that_cannot_be_worked_with_are_refused_in_a_sentence(weights, given, said):
    with pytest.raises(ValueError, match=said):
        risk.changed(risk.settings(), weights, given)
