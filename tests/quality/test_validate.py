import os
from datetime import date

import pandas as pd
import pytest

from quality import drift, volume
from quality.scores import measure, score
from quality.suites import Expectation, Suite, load_all
from quality.validate import frame, validate

AS_OF = date(2025, 3, 3)
PHONE = "13887712345"


@pytest.fixture(autouse=True)
def references(lake):
    """One reference to a record of the lake, one to a number that looks right, one of another kind."""
    lake.execute(
        """
        insert into core_reference by name
        select event_id, source, delivery_date, file, sheet, row_number,
            case row_number when 6 then 'related' else 'earlier' end as kind,
            case row_number when 4 then '1002' when 5 then 'OLD-7' else 'nowhere' end as number
        from core_event
        """
    )


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
    "refers_to": (
        expect("refers_to", reference="earlier", pattern="^OLD"),
        "update core_reference set number = 'nowhere' where row_number = 4",
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


def test_a_column_of_the_lake_refers_to_something_that_is_there(lake):
    expectation = expect("refers_to", columns=("event_id",), to="event")
    suite = suite_of(expectation, table="core_dispute_event")
    assert validate(lake, [suite], as_of=AS_OF).result["unexpected_count"].tolist() == [0]
    lake.execute("update core_dispute_event set event_id = 'ev_gone' where source_record_id = '1001'")
    assert validate(lake, [suite], as_of=AS_OF).result["unexpected_count"].tolist() == [1]


def many_deliveries(lake, days=30, rows=40, **changes):
    """Replaces the lake's hotline records by ``rows`` a day; ``changes`` are SQL for columns of the last 3 days."""
    first = {"channel": "case row_number % 4 when 0 then '微信' else '电话' end", "status": "'已办结'"}
    columns = ", ".join(
        f"case when day > {days - 3} then {changes.get(name, sql)} else {sql} end as {name}"
        for name, sql in first.items()
    )
    lake.execute("delete from core_event; delete from raw_record; delete from raw_file; delete from core_reference")
    lake.execute(
        f"""
        insert into core_event by name
        select *, {columns}, source || source_record_id as event_id, true as is_dispute
        from (
            select 'hotline' as source, date '2025-03-01' + cast(day as integer) as delivery_date, 'a.xlsx' as file,
                day, row_number, day || '-' || row_number as source_record_id
            from range(1, {days} + 1) as days(day), range(4, {rows} + 4) as file(row_number)
        )
        """.replace("select *,", "select * exclude (day),")
    )
    shared = "source, delivery_date, file, sheet, row_number, source_record_id"
    lake.execute(f"insert into raw_record by name select {shared} from core_event")
    lake.execute(
        "insert into raw_file by name select source, delivery_date, file, 'accepted' as status, "
        "count(*) as rows_valid, 0 as rows_quarantined from core_event group by all"
    )


TRENDS = suite_of(
    expect("volume", name="size", severity="warn", trend=volume.Settings()),
    expect("drift", name="drift", severity="warn", columns=("channel",), trend=drift.Settings()),
)


def test_deliveries_like_those_before_pass_and_are_counted_by_delivery_and_by_row(lake):
    many_deliveries(lake)
    result = validate(lake, [TRENDS], as_of=date(2025, 3, 31)).result.set_index("expectation")
    assert result["success"].all()
    assert result.loc["size", ["evaluated_rows", "unexpected_count"]].tolist() == [7, 0]
    assert result.loc["drift", ["evaluated_rows", "unexpected_count"]].tolist() == [280, 0]


def test_a_column_that_changed_in_the_newest_deliveries_is_told_with_its_values(lake):
    many_deliveries(lake, channel="null")
    result = validate(lake, [TRENDS], as_of=date(2025, 3, 31)).result.set_index("expectation")
    assert not result.loc["drift", "success"]
    assert result.loc["drift", "unexpected_count"] == 120
    assert "（空） 0.0% → 42.9%" in result.loc["drift", "detail"]


def test_a_delivery_with_a_tenth_of_its_rows_is_told(lake):
    many_deliveries(lake)
    lake.execute("update raw_file set rows_valid = 4 where delivery_date = date '2025-03-31'")
    result = validate(lake, [TRENDS], as_of=date(2025, 3, 31)).result.set_index("expectation")
    assert result.loc["size", ["success", "evaluated_rows", "unexpected_count"]].tolist() == [False, 7, 1]
    assert "2025-03-31 交付 4 行" in result.loc["size", "detail"]


def test_days_after_the_day_of_the_run_do_not_count(lake):
    many_deliveries(lake, channel="null")
    result = validate(lake, [TRENDS], as_of=date(2025, 3, 28)).result
    assert result["success"].all()


def test_a_bad_week_after_a_good_year_is_no_success(lake):
    many_deliveries(lake, days=200, rows=40, status="'走流程'")
    expectation = expect("in_set", columns=("status",), values=("已办结",), mostly=0.98)
    row = validate(lake, [suite_of(expectation)], as_of=date(2025, 9, 17)).result.iloc[0]
    assert row["unexpected_share"] == 0.015
    assert not row["success"]
    assert row["detail"] == "最近 7 次交付的 280 行中 120 行不符（42.9%）"
