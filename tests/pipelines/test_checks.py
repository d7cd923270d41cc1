"""The checks on a lake of one source, forty daily deliveries, made by hand."""

from datetime import date, timedelta

import dagster as dg
import pandas as pd
import pytest

from pipelines import checks
from pipelines.definitions import build_definitions
from pipelines.resources import Workspace
from warehouse.lake import Lake

KEY = bytes.fromhex("6b" * 32)
PHONE = "13887712345"
FIRST = date(2025, 3, 1)
DAYS = 40


@pytest.fixture
def place(tmp_path):
    (tmp_path / "landing").mkdir()
    (tmp_path / "lake.key").write_text(KEY.hex(), "ascii")
    return tmp_path


def fill(place, *, days=range(DAYS), status="已办结", newest_time=None):
    """Grid records, ten a day; ``status`` and ``newest_time`` are those of the newest delivery."""
    rows = []
    for day in days:
        delivered = FIRST + timedelta(days=day)
        for number in range(1, 11):
            is_newest = day == max(days)
            rows.append(
                {
                    "source": "grid", "delivery_date": delivered, "file": "a.jsonl", "sheet": None,
                    "row_number": number, "source_record_id": f"G{day:03d}{number:03d}",
                    "reported_at": newest_time if is_newest and newest_time else pd.Timestamp(delivered - timedelta(1)),
                    "status": status if is_newest else "已办结", "text": f"电话{PHONE}",
                }
            )  # fmt: skip
    records = pd.DataFrame(rows)
    files = records.groupby(["source", "delivery_date", "file"], as_index=False).agg(rows_valid=("row_number", "size"))
    events = records.assign(event_id="ev_" + records["source_record_id"], is_dispute=True, category_code="0201")
    lake = Lake.open(place / "lake", KEY)
    partitions = [(day, "grid") for day in files["delivery_date"]]
    files = files.assign(status="accepted", rows_read=10, rows_ignored=0, rows_quarantined=0)
    lake.replace("raw_file", files, partitions)
    lake.replace("raw_record", records, partitions)
    lake.replace("core_event", events, partitions)


def evaluated(place, *wanted, as_of=""):
    workspace = Workspace(
        landing=str(place / "landing"), root=str(place / "lake"), key_file=str(place / "lake.key"), as_of=as_of
    )
    job = dg.define_asset_job("only_checks", selection=dg.AssetSelection.checks(*wanted))
    definitions = dg.Definitions.merge(build_definitions(workspace=workspace), dg.Definitions(jobs=[job]))
    result = definitions.resolve_job_def("only_checks").execute_in_process()
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def text(evaluation):
    return str({name: value.value for name, value in evaluation.metadata.items()})


def test_a_suite_says_what_falls_short_and_where_and_quotes_no_value(place):
    fill(place, status=PHONE)
    found = evaluated(place, checks.events_meet_expectations)
    grid = found["suite_grid"]
    assert not grid.passed
    assert grid.severity is dg.AssetCheckSeverity.WARN
    assert "2025-04-09 a.jsonl 第 9 行" in text(grid)
    assert "最近 7 次交付的 70 行中 10 行不符" in text(grid)
    assert "quality/index.html" in text(grid)
    assert PHONE not in text(grid)


def test_a_breach_of_contract_is_an_error(place):
    fill(place, newest_time=pd.Timestamp("2030-01-01"))
    grid = evaluated(place, checks.events_meet_expectations)["suite_grid"]
    assert (grid.passed, grid.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_a_source_that_never_delivered_fails_nothing(place):
    fill(place)
    found = evaluated(place, checks.events_meet_expectations, checks.systems_deliver)
    assert found["suite_police"].passed
    assert "没有数据" in text(found["suite_police"])
    assert found["delivered_police"].passed
    assert "从未交付" in text(found["delivered_police"])


def test_a_lake_without_any_delivery_fails_nothing(place):
    Lake.open(place / "lake", KEY)
    found = evaluated(place, checks.events_meet_expectations, checks.disputes_meet_expectations, checks.systems_deliver)
    assert len(found) > 10
    assert all(each.passed for each in found.values())


def test_a_system_that_did_not_deliver_is_named_for_a_week(place):
    fill(place, days=[day for day in range(DAYS) if day != 37])
    late = evaluated(place, checks.systems_deliver)["delivered_grid"]
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "2025-04-07 没有交付" in text(late)
    assert evaluated(place, checks.systems_deliver, as_of="2025-04-20")["delivered_grid"].passed is False
    fill(place, days=[day for day in range(DAYS) if day != 20])
    assert evaluated(place, checks.systems_deliver)["delivered_grid"].passed
