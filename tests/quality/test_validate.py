import os
from datetime import date

import pandas as pd
import pytest

from quality.scores import measure, score
from quality.suites import Expectation, Suite, load_all
from quality.validate import frame, validate

AS_OF = date(2025, 3, 3)
PHONE = "13887712345"


def suite_of(*expectations: Expectation, table: str = "record") -> Suite:
    return Suite("hotline", "12345热线", table, "hotline" if table == "record" else None, expectations)


def expect(rule: str, **more) -> Expectation:
    default = {"name": "it", "says": "应当如此", "severity": "error", "dimension": "有效性"}
    return Expectation(**(default | {"rule": rule} | more))


# rule, an expectation, a change of the lake that breaks it for one of its rows
CASES = {
    "not_null": (expect("not_null", columns=("text",)), "update core_event set text = null where row_number = 4"),
    "not_null_where": (
        expect("not_null", columns=("town_code",), where="is_dispute"),
        "update core_event set town_code = null where row_number = 4",
    ),
    "in_set": (
        expect("in_set", columns=("status",), values=("已办结", "办理中")),
        "update core_event set status = '走流程' where row_number = 4",
    ),
    "between": (
        expect("between", columns=("limit_workdays",), minimum=0, maximum=60),
        "update core_event set limit_workdays = case row_number when 4 then 900 else 5 end",
    ),
    "matches": (
        expect("matches", columns=("source_record_id",), pattern="^[0-9]+$"),
        "update core_event set source_record_id = 'X-1' where row_number = 4",
    ),
    "unique": (
        expect("unique", columns=("source_record_id",), mostly=0.5),
        "update core_event set source_record_id = '1001' where row_number = 5",
    ),
    "unique_together": (
        expect("unique", columns=("delivery_date", "file", "source_record_id"), mostly=0.5),
        "update core_event set source_record_id = '1001' where row_number = 5",
    ),
    "holds": (
        expect("holds", check="closed_at >= reported_at"),
        "update core_event set closed_at = timestamp '2020-01-01' where row_number = 4",
    ),
    "holds_where": (
        expect("holds", check="closed_at >= reported_at", where="is_dispute"),
        "update core_event set closed_at = timestamp '2020-01-01' where row_number = 4",
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_good_rows_pass_and_each_bad_row_is_counted(lake, case):
    expectation, damage = CASES[case]
    suite = suite_of(expectation)
    good = validate(lake, [suite], as_of=AS_OF).result.iloc[0]
    assert (good["success"], good["unexpected_count"]) == (True, 0)
    lake.execute(damage)
    bad = validate(lake, [suite], as_of=AS_OF).result.iloc[0]
    assert not bad["success"]
    assert bad["unexpected_count"] == (2 if case.startswith("unique") else 1)


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_marks_of_deliveries_count_the_same_rows_as_great_expectations(lake, case):
    expectation, damage = CASES[case]
    suite = suite_of(expectation)
    lake.execute(damage)
    verdict = validate(lake, [suite], as_of=AS_OF).result.iloc[0]
    counted = measure(lake, [suite])
    assert counted["evaluated_rows"].sum() == verdict["evaluated_rows"]
    assert counted["unexpected_count"].sum() == verdict["unexpected_count"]


def test_every_declared_suite_runs_on_a_lake_and_agrees_with_the_marks(lake):
    suites = load_all()
    result = validate(lake, suites, as_of=AS_OF).result
    assert set(result["suite"]) == {"hotline", "event", "dispute_event", "dispute", "warning"}
    assert result.loc[result["suite"] != "hotline", "success"].all()
    both = result[result["suite"] == "hotline"].merge(measure(lake, suites), on="expectation", suffixes=("", "_sql"))
    assert (both["evaluated_rows"] == both["evaluated_rows_sql"]).all()
    assert (both["unexpected_count"] == both["unexpected_count_sql"]).all()


def test_every_source_suite_speaks_of_columns_that_exist(lake):
    for suite in load_all():
        frame(lake, suite)


def test_a_full_name_left_in_published_text_is_counted(lake):
    lake.execute("update core_event set text_published = '王** 与张三丰争吵，王小二不服' where row_number = 4")
    lake.execute(
        "insert into core_party by name "
        "select event_id, 'person' as kind, true as is_full_name, unnest(['王小二', '李四']) as name "
        "from core_event where row_number = 4"
    )
    suite = next(suite for suite in load_all() if suite.name == "event")
    result = validate(lake, [suite], as_of=AS_OF).result.set_index("expectation")
    assert result.loc["names_scrubbed", ["evaluated_rows", "unexpected_count"]].tolist() == [3, 1]


def test_a_share_that_is_allowed_is_no_failure(lake):
    lake.execute("update core_event set status = '走流程' where row_number = 4")
    expectation = expect("in_set", columns=("status",), values=("已办结",), mostly=0.6)
    row = validate(lake, [suite_of(expectation)], as_of=AS_OF).result.iloc[0]
    assert (row["success"], row["unexpected_count"], row["allowed_share"]) == (True, 1, 0.4)


def test_tables_without_rows_pass_with_nothing_evaluated(lake):
    for table in ("core_warning", "core_dispute", "core_dispute_event", "core_event"):
        lake.execute(f"delete from {table}")
    result = validate(lake, load_all(), as_of=AS_OF).result
    assert set(result["suite"]) == {"event", "dispute_event", "dispute", "warning"}
    assert result["success"].all()
    assert (result["evaluated_rows"] == 0).all()


def test_great_expectations_never_sees_a_value_that_could_tell_a_person(lake):
    suite = suite_of(expect("not_null", columns=("text",)), expect("holds", name="long", check="length(text) > 3"))
    assert frame(lake, suite).to_dict("list") == {"text": ["有值"] * 3, "long": [True] * 3}


def test_no_offending_value_stays_in_the_results(lake):
    lake.execute(f"update core_event set status = '{PHONE}', source_record_id = '{PHONE}'")
    expectations = (
        expect("in_set", name="a", columns=("status",), values=("已办结",)),
        expect("matches", name="b", columns=("status",), pattern="^已"),
        expect("unique", name="c", columns=("source_record_id",)),
        expect("unique", name="d", columns=("delivery_date", "source_record_id")),
    )
    validation = validate(lake, [suite_of(*expectations)], as_of=AS_OF)
    assert (validation.result["unexpected_count"] == 3).all()
    kept = [str(validation.context.validation_results_store.get(key)) for key in validation.keys]
    assert kept
    assert PHONE not in "".join(kept)


def test_an_expectation_about_a_column_that_is_not_there_names_the_suite(lake):
    with pytest.raises(ValueError, match="hotline 的期望写了表里没有的列"):
        validate(lake, [suite_of(expect("not_null", columns=("shoe_size",)))], as_of=AS_OF)


def test_analytics_are_off(lake):
    validation = validate(lake, [suite_of(expect("not_null", columns=("text",)))], as_of=AS_OF)
    assert validation.context.variables.analytics_enabled is False
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_marks_are_means_by_dimension_and_count_quarantined_rows(lake):
    lake.execute("update core_event set text = null where row_number = 4")
    suite = suite_of(
        expect("not_null", name="a", columns=("text",), dimension="完整性"),
        expect("not_null", name="b", columns=("reported_at",), dimension="完整性"),
    )
    delivery = pd.DataFrame(
        [
            {
                "source": "hotline",
                "delivery_date": date(2025, 3, 2),
                "rows_read": 5,
                "rows_ignored": 1,
                "rows_quarantined": 1,
            }
        ]
    )
    row = score(measure(lake, [suite]), delivery).iloc[0]
    assert row["完整性"] == pytest.approx((100 * 2 / 3 + 100) / 2, abs=0.01)
    assert row["有效性"] == 75.0
    assert pd.isna(row["及时性"])


def test_a_held_delivery_is_marked_by_its_quarantined_rows_alone():
    delivery = pd.DataFrame(
        [{"source": "police", "delivery_date": "2025-03-02", "rows_read": 9, "rows_ignored": 1, "rows_quarantined": 8}]
    )
    row = score(
        pd.DataFrame(
            columns=["source", "delivery_date", "expectation", "dimension", "evaluated_rows", "unexpected_count"]
        ),
        delivery,
    ).iloc[0]
    assert (row["有效性"], row["总分"]) == (0.0, 0.0)
