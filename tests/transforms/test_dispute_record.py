"""One record per dispute: what the votes decide, when it counts as resolved, and who is never shown."""

from datetime import datetime

import pandas as pd
import pytest

from transforms import dispute_record
from transforms.tables import CORE_DISPUTE

AS_OF = datetime.fromisoformat("2025-04-01")


@pytest.fixture
def dispute(lake_of):
    """The single dispute that the rows make."""

    def build(*rows, as_of=AS_OF):
        named = [
            {"id": f"R{n}", "at": f"2025-03-{n:02} 09:00", "dispute": "D1", **row} for n, row in enumerate(rows, 1)
        ]
        frame = dispute_record.build(lake_of(named), as_of=as_of)
        CORE_DISPUTE.conform(frame)
        assert len(frame) == 1
        return frame.iloc[0]

    return build


def test_a_precise_class_beats_an_unknown_subclass_and_a_class_read_from_text(dispute):
    rows = [
        {"category_code": "0499", "source": "mediation"},
        {"category_code": "0499", "source": "police"},
        {"category_code": "0402", "source": "grid"},
        {"category_code": "0601", "category_basis": "text"},
    ]
    assert dispute(*rows)["category_code"] == "0402"


def test_many_calls_do_not_outvote_every_other_system(dispute):
    calls = [{"category_code": "0203"}] * 3
    rows = [*calls, {"source": "grid", "category_code": "0202"}, {"source": "mediation", "category_code": "0202"},
            {"source": "police", "category_code": "0202"}]  # fmt: skip
    assert dispute(*rows)["category_code"] == "0202"


def test_what_a_person_corrected_outvotes_every_system(dispute):
    rows = [{"source": "grid", "category_code": "0202", "county_code": "530402", "town_code": "530402001000"}] * 4
    said = {
        "category_code": "0601",
        "category_basis": "correction",
        "county_code": "530423",
        "place_basis": "correction",
    }
    row = dispute(*rows, said)
    assert (row["category_code"], row["county_code"], row["town_code"]) == ("0601", "530423", None)


def test_a_dispute_of_unknown_class_stays_unknown(dispute):
    assert dispute({"category_code": None})["category_code"] == "9900"


def test_place_is_voted_level_by_level_and_as_fine_as_any_record_knows(dispute):
    row = dispute(
        {"county_code": "530423", "town_code": "530423001000"},
        {"source": "grid", "county_code": "530402", "town_code": "530402001000", "village_code": "530402001003"},
        {"source": "police", "county_code": "530402", "town_code": None},
    )
    assert (row["county_code"], row["town_code"], row["village_code"]) == ("530402", "530402001000", "530402001003")


def test_a_village_outside_the_winning_town_is_not_taken(dispute):
    row = dispute(
        {"source": "grid", "town_code": "530402001000"},
        {"source": "hotline", "town_code": "530402002000", "village_code": "530402002001"},
    )
    assert row["town_code"] == "530402001000"
    assert pd.isna(row["village_code"])


def test_place_never_shows_a_room(dispute):
    row = dispute(
        {
            "estate": "锦绣花园",
            "building": "3栋",
            "unit": "2单元",
            "room": "502",
            "road": "红塔大道",
            "road_number": "5号",
        }
    )
    assert row["place"] == "红塔大道锦绣花园"


def test_the_title_is_published_text_and_not_that_of_a_confidential_caller(dispute):
    row = dispute(
        {"title_published": "反映某小区噪音", "is_confidential": True, "title": "张三反映噪音"},
        {"title_published": None, "text_published": "楼上装修噪音扰民"},
    )
    assert row["title"] == "楼上装修噪音扰民"
    assert row["is_confidential"]


def test_reporters_are_counted_as_people_and_persons_take_the_larger_figure(dispute):
    name = {"name": "李建国", "is_full_name": True}
    row = dispute(
        {"people": ["a", {**name, "phone_tokens": ["b"]}]},
        {"people": [{**name, "phone_tokens": ["c"]}, "a"]},
        {"people": ["d"], "headcount": 2},
    )
    assert (row["reporter_count"], row["persons_involved"]) == (3, 3)
    assert dispute({"headcount": 35})["persons_involved"] == 35


@pytest.mark.parametrize(("persons", "scale"), [(1, "01"), (4, "01"), (5, "02"), (29, "02"), (30, "03")])
def test_scale_follows_the_number_of_persons(dispute, persons, scale):
    assert dispute({"headcount": persons})["scale_code"] == scale


def test_a_written_scale_is_kept_when_larger(dispute):
    assert dispute({"headcount": 2, "scale_code": "02", "source": "grid"})["scale_code"] == "02"


# --- status


def closed(day, **more):
    return {"status": "已办结", "closed_at": f"2025-03-{day:02} 10:00", **more}


def mediated(outcome, day, **more):
    return {"source": "mediation", "outcome": outcome, "outcome_at": f"2025-03-{day:02}", **more}


def test_a_successful_mediation_resolves_even_while_an_order_is_open(dispute):
    row = dispute({"status": "办理中"}, mediated("成功", 10, handling_tier="村"))
    assert (row["status"], f"{row['resolved_at']:%m-%d}", row["resolved_by_tier"]) == ("已化解", "03-10", "村")
    assert not row["is_overdue"]


def test_a_report_after_the_mediation_opens_it_again(dispute):
    assert dispute(mediated("成功", 2), {"status": "办理中"}, {"status": "办理中"})["status"] == "处理中"


def test_it_is_resolved_when_all_systems_have_closed(dispute):
    row = dispute(closed(5), closed(12, source="police", handling_tier="乡"))
    assert (row["status"], f"{row['resolved_at']:%m-%d}", row["resolved_by_tier"]) == ("已化解", "03-12", "乡")


def test_one_open_record_keeps_it_open(dispute):
    assert dispute(closed(5), {"status": "待处理"})["status"] == "处理中"


def test_a_failed_mediation_with_nothing_after_it_is_unresolved(dispute):
    assert dispute(closed(5), mediated("不成功", 12))["status"] == "未化解"


def test_a_status_that_reading_did_not_know_is_not_taken_for_closed(dispute):
    assert dispute(closed(5), {"status": "未知"})["status"] == "处理中"
    assert dispute({"status": "未知", "deadline_at": "2025-03-20 18:00"})["is_overdue"]
    assert dispute({"status": "未知"}, mediated("成功", 10))["status"] == "已化解"


def test_an_outcome_or_tier_that_reading_did_not_know_is_none(dispute):
    row = dispute(closed(5, outcome="未知", handling_tier="未知"))
    assert (row["status"], row["resolved_by_tier"]) == ("已化解", dispute(closed(5))["resolved_by_tier"])


def test_a_void_record_says_nothing_about_the_state(dispute):
    assert dispute(closed(5), {"status": "作废"})["status"] == "已化解"


def test_the_earliest_open_deadline_makes_it_overdue(dispute):
    open_record = {"status": "办理中", "deadline_at": "2025-03-20 18:00"}
    assert dispute(open_record, {"status": "办理中", "deadline_at": "2025-05-01"})["is_overdue"]
    assert not dispute(open_record, as_of=datetime.fromisoformat("2025-03-20T12:00"))["is_overdue"]
    assert not dispute({**open_record, **closed(18)})["is_overdue"]


def test_the_order_of_records_changes_nothing(lake_of):
    rows = [
        {
            "id": f"R{n}",
            "at": f"2025-03-{n:02}",
            "dispute": f"D{n % 3}",
            "category_code": f"0{n}01",
            "title_published": f"题{n}",
        }
        for n in range(1, 9)
    ]
    one = dispute_record.build(lake_of(rows), as_of=AS_OF)
    other = dispute_record.build(lake_of(rows[::-1]), as_of=AS_OF)
    assert one.equals(other)


def test_a_record_as_it_was_known_on_a_day_knows_nothing_of_later_deliveries(lake_of):
    rows = [
        {"id": "R1", "at": "2025-03-01", "dispute": "D1", "status": "办理中", "people": ["p1"], "headcount": 3},
        {"id": "R2", "at": "2025-03-05", "dispute": "D1", "threat_words": ["跳楼"], "people": ["p2"], "headcount": 12},
        {"id": "R1", "at": "2025-03-01", "dispute": "D1", "status": "已办结", "closed_at": "2025-03-08",
         "delivered": "2025-03-09"},
        {"id": "R2", "at": "2025-03-05", "dispute": "D1", "status": "已办结", "closed_at": "2025-03-08",
         "delivered": "2025-03-09"},
    ]  # fmt: skip
    days = pd.to_datetime(["2025-03-01", "2025-03-02", "2025-03-06", "2025-03-10"])
    moments = pd.DataFrame({"dispute_id": "D1", "as_of": days})
    found = dispute_record.as_known(lake_of(rows), moments).set_index("as_of")
    assert [f"{day:%d}" for day in found.index] == ["02", "06", "10"]
    assert found["event_count"].tolist() == [1, 2, 2]
    assert found["persons_involved"].tolist() == [3, 12, 2]
    assert found["reporter_count"].tolist() == [1, 2, 2]
    assert found["status"].tolist() == ["处理中", "处理中", "已化解"]
    assert [list(words) for words in found["threat_words"]] == [[], ["跳楼"], []]
