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
