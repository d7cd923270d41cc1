import re

import duckdb
import pytest

from tests.warehouse.conftest import AS_OF, KEY, RED_TOWER, TOWN, fill
from warehouse.lake import Lake
from warehouse.publish import publish


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    lake = Lake.open(tmp_path_factory.mktemp("comparisons") / "lake", KEY)
    fill(lake)
    publish(lake, as_of=AS_OF)
    with duckdb.connect(str(lake.published / "warehouse.duckdb"), read_only=True) as con:
        yield lambda sql: con.execute(sql).fetchall()


def test_coverage_says_who_knows_a_dispute_who_does_not_and_since_when(ask):
    assert ask(
        "SELECT sources, missing_sources, first_source, hours, hours_bucket, is_in_police, is_in_grid "
        "FROM comparison_coverage WHERE dispute_id = 'dp_1'"
    ) == [("hotline,police,mediation", "citymgmt,grid", "hotline", 36.0, "48以内", True, False)]
    assert ask("SELECT hours, hours_bucket, is_single_source FROM comparison_coverage WHERE dispute_id = 'dp_4'") == [
        (1.0, "12以内", True)
    ]


def test_a_handover_with_an_official_number_is_told_from_one_without(ask):
    assert ask(
        "SELECT other_source, is_missing, hours_bucket, has_official_number FROM comparison_handover "
        "WHERE dispute_id = 'dp_1' ORDER BY 1"
    ) == [
        ("citymgmt", True, "超过72", False),
        ("grid", True, "超过72", False),
        ("mediation", False, "超过72", False),
        ("police", False, "48以内", True),
    ]


def test_the_coverage_matrix_adds_up_everywhere(ask):
    assert (
        ask(
            "SELECT * FROM comparison_coverage_summary WHERE dispute_count <> shared_count + missing_count "
            "OR missing_count <> missing_12 + missing_24 + missing_48 + missing_72 + missing_over_72"
        )
        == []
    )
    assert ask(
        "SELECT dispute_count, shared_count, official_count FROM comparison_coverage_summary "
        "WHERE source = 'police' AND other_source = 'hotline'"
    ) == [(2, 1, 1)]


def test_systems_that_contradict_each_other_are_listed(ask):
    assert ask(
        "SELECT dispute_id, kind, source_l, value_l, source_r, value_r FROM comparison_status_conflict ORDER BY kind"
    ) == [
        ("dp_1", "amount", "mediation", "30000元", "police", "3000元"),
        ("dp_1", "reported_after_solved", "hotline", "已解决", "mediation", "又有反映"),
    ]


def test_an_open_month_is_compared_with_as_many_days_of_the_one_before(ask):
    # 1 and 2 April against 1 and 2 March; last year has no data, which is not zero
    assert ask(
        "SELECT dispute_count, previous_count, previous_change, last_year_count, is_complete, is_small "
        "FROM comparison_period WHERE period_kind = 'month' AND period_start = '2025-04-01' AND clock = 'reported' "
        f"AND area_code = '{RED_TOWER}' AND category_code = '00'"
    ) == [(2, 1, 1.0, None, False, True)]
    assert ask(
        "SELECT previous_count FROM comparison_period WHERE period_kind = 'month' AND period_start = '2025-03-01' "
        f"AND clock = 'reported' AND area_code = '{RED_TOWER}' AND category_code = '00'"
    ) == [(None,)]


def test_classes_and_areas_add_up_to_the_whole(ask):
    assert (
        ask(
            "WITH total AS (SELECT period_kind, period_start, clock, area_code, sum(dispute_count) "
            "FILTER (category_code = '00') AS whole, sum(dispute_count) FILTER (length(category_code) = 4) AS fine, "
            "sum(dispute_count) FILTER (length(category_code) = 2 AND category_code <> '00') AS coarse "
            "FROM comparison_period GROUP BY ALL) FROM total WHERE whole <> fine OR whole <> coarse"
        )
        == []
    )
    assert ask(
        "SELECT sum(dispute_count) FROM comparison_period "
        "WHERE period_kind = 'week' AND clock = 'reported' AND area_tier = '市' AND category_code = '00'"
    ) == [(4,)]


def test_a_village_of_one_dispute_is_neither_high_nor_low(ask):
    assert ask("SELECT DISTINCT verdict, is_small FROM comparison_area WHERE area_tier = '村'") == [("数少不比", True)]


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator"),
    [
        ("化解率", 1, 2),
        ("调解成功率", 1, 1),
        ("重复率", 1, 4),
        ("超期率", 1, 1),
        ("跨系统率", 1, 2),
        ("县及县以下化解占比", 1, 1),
        ("履行率", 1, 1),
        ("响应率", 1, 1),
        ("解决率", 1, 1),
        ("满意率", 0.9, 1),
    ],
)
def test_an_indicator_counts_what_its_definition_says(ask, indicator, numerator, denominator):
    assert ask(
        f"SELECT numerator, denominator, value, is_complete FROM indicator WHERE indicator = '{indicator}' "
        f"AND area_code = '{TOWN}' AND period_start = '2025-03-01'"
    ) == [(numerator, denominator, numerator / denominator, True)]
    assert len(ask(f"SELECT basis FROM indicator_definition WHERE indicator = '{indicator}' AND basis <> ''")) == 1


def test_macros_answer(ask):
    assert [row[1] for row in ask("FROM dispute_timeline('dp_1')")] == ["hotline", "police", "mediation"]
    assert ask("SELECT dispute_id FROM dispute_of('police', 'P02')") == [("dp_1",)]
    assert ask(f"FROM compare_period('{RED_TOWER}', '00', '2025-03-20', '2025-04-08')")[0][:2] == (3, 1)
    # the window before it begins where no data reach: unknown, not zero
    assert ask(f"FROM compare_period('{RED_TOWER}', '00', '2025-03-19', '2025-04-19')")[0][:3] == (3, None, None)
    assert ask("SELECT category_code, dispute_count FROM top_reasons('530400', '2025-03-01', '2025-05-01')")[0] == (
        "0201",
        2,
    )


def test_every_query_of_the_document_runs_and_totals_add_up(ask, pytestconfig):
    text = (pytestconfig.rootpath / "docs" / "comparison.md").read_text("utf-8")
    queries = [line for block in re.findall(r"```sql\n(.+?)```", text, re.DOTALL) for line in block.splitlines()]
    assert len(queries) >= 7
    for query in queries:
        rows = ask(query)
        assert (rows == []) if "difference" in query else len(rows) == 1, query
