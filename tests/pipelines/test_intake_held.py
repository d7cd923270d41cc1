"""Deliveries held on the way in: too small for their past, or against their contract; and what lets them in."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from pipelines import intake
from sources import deliveries
from tests.sources.exports import csv_text
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from transforms.tokens import new_key, read_key
from warehouse.lake import Lake

FIRST = date(2025, 6, 10)
DAYS = 30
CUT = FIRST + timedelta(days=29)
HEADER = ["任务号", "上报时间", "问题描述"]


def deliver(landing, day, rows, text="占道经营吵架"):
    """One small export of the city management of a day."""
    folder = landing / "citymgmt" / str(day)
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {"任务号": f"T{day:%m%d}{number:04d}", "上报时间": f"{day - timedelta(days=1)} 08:00:00", "问题描述": text}
        for number in range(rows)
    ]
    (folder / "城管.csv").write_text(csv_text(HEADER, lines), encoding="utf-8")
    (folder / "_SUCCESS").touch()


@pytest.fixture
def landing(tmp_path):
    """Thirty days of about 120 rows; the last one was cut to 50."""
    for number in range(DAYS - 1):
        deliver(tmp_path / "landing", FIRST + timedelta(days=number), 118 + number % 5)
    deliver(tmp_path / "landing", CUT, 50)
    return tmp_path / "landing"


@pytest.fixture
def lake(tmp_path):
    key = tmp_path / "lake.key"
    new_key(key)
    return Lake.open(tmp_path / "lake", read_key(key))


def pending(lake, landing):
    found = deliveries.find(landing, now=datetime.now(UTC))
    return intake.pending(intake.intakes(found.complete, lake.read(CORE_ACCEPTANCE)), lake.read(CORE_INTAKE))


def take_in(lake, landing):
    """One run up to the end of intake; returns the deliveries that it took."""
    wanted = pending(lake, landing)
    intake.read_into(lake, wanted)
    intake.finish(lake, wanted)
    return {each.delivery.delivery_date for each in wanted}


def statuses(lake):
    files = lake.read("raw_file")
    return dict(zip(files["delivery_date"], files["status"], strict=True))


def accept(lake, day):
    files = lake.read("raw_file")
    signature = files.loc[files["delivery_date"] == day, "signature"].iloc[0]
    row = {"delivery_date": day, "source": "citymgmt", "content_signature": signature, "accepted_by": "张", "note": "x"}
    lake.append(CORE_ACCEPTANCE, pd.DataFrame([row]))


def test_a_delivery_cut_to_less_than_half_is_held_until_a_person_accepts_it(lake, landing):
    take_in(lake, landing)
    assert [day for day, status in statuses(lake).items() if status != "accepted"] == [CUT]
    files = lake.read("raw_file").set_index("delivery_date")
    assert "的交付只有 50 行数据" in files.loc[CUT, "reason"]
    assert files.loc[CUT, ["rows_read", "rows_ignored", "rows_quarantined", "rows_valid"]].tolist() == [50, 0, 50, 0]
    assert not (lake.read("raw_record")["delivery_date"] == CUT).any()
    assert take_in(lake, landing) == set()

    accept(lake, CUT)
    assert take_in(lake, landing) == {CUT}
    assert statuses(lake)[CUT] == "accepted"
    assert (lake.read("raw_record")["delivery_date"] == CUT).sum() == 50


def test_the_whole_export_delivered_again_is_taken(lake, landing):
    take_in(lake, landing)
    deliver(landing, CUT, 121)
    assert take_in(lake, landing) == {CUT}
    assert statuses(lake)[CUT] == "accepted"


def test_a_new_content_of_an_accepted_day_is_judged_again(lake, landing):
    take_in(lake, landing)
    accept(lake, CUT)
    take_in(lake, landing)
    deliver(landing, CUT, 40)
    take_in(lake, landing)
    assert statuses(lake)[CUT] == "held"


def test_day_by_day_in_one_run_and_after_a_kill_the_same_is_held(lake, landing, tmp_path):
    later = CUT + timedelta(days=1)
    deliver(landing, later, 45)
    wanted = pending(lake, landing)
    intake.read_into(lake, wanted[:20])  # killed here: nothing was marked as taken in
    take_in(lake, landing)
    whole = statuses(lake)
    assert [day for day, status in whole.items() if status == "held"] == [CUT, later]

    daily = Lake.open(tmp_path / "other", read_key(tmp_path / "lake.key"))
    for each in pending(daily, landing):
        intake.read_into(daily, [each])
        intake.finish(daily, [each])
    assert statuses(daily) == whole


def test_a_late_delivery_is_measured_by_what_lies_before_it(lake, landing):
    early = FIRST + timedelta(days=10)
    content = (landing / "citymgmt" / str(early) / "城管.csv").read_bytes()
    (landing / "citymgmt" / str(early) / "城管.csv").unlink()
    (landing / "citymgmt" / str(early) / "_SUCCESS").unlink()
    (landing / "citymgmt" / str(early)).rmdir()
    take_in(lake, landing)
    deliver(landing, early, 1)
    (landing / "citymgmt" / str(early) / "城管.csv").write_bytes(content)
    assert take_in(lake, landing) == {early}
    assert statuses(lake)[early] == "accepted"


def test_a_delivery_that_breaks_its_contract_is_held_and_accepted_alike(lake, landing):
    deliver(landing, FIRST, 120, text="����锟斤拷��锟斤拷")
    take_in(lake, landing)
    assert statuses(lake)[FIRST] == "held"
    assert "不符合契约" in lake.read("raw_file").set_index("delivery_date").loc[FIRST, "reason"]
    accept(lake, FIRST)
    take_in(lake, landing)
    assert statuses(lake)[FIRST] == "accepted"


def test_an_empty_delivery_is_taken_in_once_and_held_where_there_should_have_been_many(lake, landing):
    early = FIRST + timedelta(days=3)
    for day in (early, CUT):
        (landing / "citymgmt" / str(day) / "城管.csv").unlink()
    take_in(lake, landing)
    assert {statuses(lake)[early], statuses(lake)[CUT]} == {"accepted", "held"}
    assert statuses(lake)[CUT] == "held"
    assert "只有 0 行数据" in lake.read("raw_file").set_index("delivery_date").loc[CUT, "reason"]
    assert take_in(lake, landing) == set()


def test_a_day_delivered_again_without_any_file_withdraws_what_it_had(lake, landing):
    take_in(lake, landing)
    (landing / "citymgmt" / str(FIRST) / "城管.csv").unlink()
    assert take_in(lake, landing) == {FIRST}
    assert not (lake.read("raw_record")["delivery_date"] == FIRST).any()
    assert not (lake.read("raw_row")["delivery_date"] == FIRST).any()
