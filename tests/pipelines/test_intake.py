from datetime import date
from pathlib import Path

import pandas as pd

from pipelines import intake
from sources.deliveries import Delivery
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE


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
