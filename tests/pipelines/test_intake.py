import importlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from pipelines import intake
from sources import deliveries
from sources.deliveries import Delivery
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from transforms.tokens import Tokens
from warehouse.lake import Lake


def day(text):
    return date.fromisoformat(f"2025-03-{text}")


def delivery(number="02", source="hotline", signature="a"):
    return Delivery(source, day(number), Path("landing"), (), signature)


def finished(*intakes):
    rows = [(*each.partition, each.signature) for each in intakes]
    return pd.DataFrame(rows, columns=["delivery_date", "source", "signature"])


def test_a_delivery_is_pending_until_it_was_taken_in_as_it_stands():
    first = intake.intakes([delivery()], CORE_ACCEPTANCE.empty())
    assert intake.pending(first, CORE_INTAKE.empty()) == first
    assert intake.pending(first, finished(*first)) == []
    corrected = intake.intakes([delivery(signature="b")], CORE_ACCEPTANCE.empty())
    assert intake.pending(corrected, finished(*first)) == corrected


@pytest.mark.parametrize("module", ["sources.contract", "quality.contracts"])
def test_a_changed_definition_or_contract_of_its_source_makes_a_delivery_pending(monkeypatch, module):
    before = intake.intakes([delivery(), delivery(source="grid")], CORE_ACCEPTANCE.empty())
    real = importlib.import_module(module).fingerprint
    monkeypatch.setattr(f"{module}.fingerprint", lambda name: "changed" if name == "grid" else real(name))
    after = intake.intakes([delivery(), delivery(source="grid")], CORE_ACCEPTANCE.empty())
    assert [each.delivery.source for each in intake.pending(after, finished(*before))] == ["grid"]


def test_accepting_a_held_delivery_makes_it_pending_and_a_new_content_needs_a_new_acceptance():
    before = intake.intakes([delivery()], CORE_ACCEPTANCE.empty())
    acceptance = pd.DataFrame([{"delivery_date": day("02"), "source": "hotline", "content_signature": "a"}])
    [after] = intake.intakes([delivery()], acceptance)
    assert after.is_accepted_by_person
    assert intake.pending([after], finished(*before)) == [after]
    [changed] = intake.intakes([delivery(signature="b")], acceptance)
    assert not changed.is_accepted_by_person


def test_ranges_span_days_without_deliveries_but_not_what_is_taken_in_already():
    wanted = [day("01"), day("02"), day("05"), day("09")]
    assert intake.ranges(wanted, wanted) == [(day("01"), day("09"))]
    assert intake.ranges(wanted, [*wanted, day("07")]) == [(day("01"), day("05")), (day("09"), day("09"))]
    assert intake.ranges([], wanted) == []


def test_far_apart_deliveries_run_apart():
    assert intake.ranges([date(2018, 11, 1), date(2020, 7, 9)], []) == [
        (date(2018, 11, 1), date(2018, 11, 1)),
        (date(2020, 7, 9), date(2020, 7, 9)),
    ]


def taken_in(root, landing, workers):
    """A lake after reading and cleaning; and the counts of both."""
    lake = Lake.open(root, b"k" * 32)
    found = deliveries.find(landing, now=datetime.now(tz=UTC))
    wanted = intake.intakes(found.complete, CORE_ACCEPTANCE.empty())
    counts = intake.read_into(lake, wanted, workers=workers)
    dates = {each.delivery.delivery_date for each in wanted}
    return lake, (counts, intake.clean_into(lake, dates, Tokens(b"k" * 32), workers=workers))


def test_workers_leave_the_same_lake_as_one_process(exports, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "ROWS_FOR_WORKERS", 0)
    monkeypatch.setattr(intake, "ROWS_IN_COMMIT", 700)
    alone, counts = taken_in(tmp_path / "alone", exports / "landing", 1)
    monkeypatch.setattr(intake, "ROWS_IN_BATCH", 150)
    together, counts_together = taken_in(tmp_path / "together", exports / "landing", 2)
    assert counts_together == counts
    assert counts[1]["events"] > 1000
    for table in (*intake.frames.TABLES.values(), *intake.CORE_TABLES.values()):
        left, right = (
            lake.read(table).sort_values(["delivery_date", "source"], kind="stable", ignore_index=True)
            for lake in (alone, together)
        )
        pd.testing.assert_frame_equal(left, right)
    assert list(together.scratch.iterdir()) == []


def test_an_error_in_a_worker_is_the_error_of_the_run_and_leaves_no_files(exports, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "ROWS_FOR_WORKERS", 0)
    lake = Lake.open(tmp_path / "lake", b"k" * 32)
    landing = tmp_path / "landing"
    shutil.copytree(exports / "landing", landing)
    found = deliveries.find(landing, now=datetime.now(tz=UTC))
    strange = [
        Delivery("nowhere", each.delivery_date, each.folder, each.files, each.signature) for each in found.complete[:2]
    ]
    wanted = [intake.Intake(each, "signature", is_accepted_by_person=False) for each in strange]
    monkeypatch.setattr(intake, "ROWS_IN_BATCH", 1)
    with pytest.raises(intake.contract.ContractError, match="nowhere"):
        intake.read_into(lake, wanted, workers=2)
    assert list(lake.scratch.iterdir()) == []
