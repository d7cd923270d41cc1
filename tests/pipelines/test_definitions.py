import dagster as dg
import pytest

from pipelines.definitions import build_definitions
from quality import suites
from sources import contract

GRAPH = {
    "raw": [],
    "event": ["raw"],
    "delivery": ["event"],
    "link": ["delivery", "event"],
    "dispute_event": ["delivery", "event"],
    "dispute_ledger": ["delivery", "event"],
    "dispute": ["dispute_event", "dispute_ledger"],
    "warning": ["dispute", "link"],
    "quality_result": ["dispute", "warning"],
    "warehouse": ["dispute", "warning"],
    "quality_site": ["dispute", "warning"],
}


@pytest.fixture(scope="module")
def definitions():
    return build_definitions()


@pytest.fixture(scope="module")
def specs(definitions):
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def test_the_asset_graph_is_the_journey_of_a_record(specs):
    graph = {name: sorted(dep.asset_key.to_user_string() for dep in spec.deps) for name, spec in specs.items()}
    assert graph == GRAPH


def test_every_asset_says_in_chinese_what_it_is_and_who_answers_for_it(specs):
    for name, spec in specs.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in spec.description or ""), name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.group_name in {"ingest", "match", "judge", "publish"}, name


def test_up_to_event_by_delivery_date_and_from_matching_on_unpartitioned(specs):
    partitioned = {name for name, spec in specs.items() if spec.partitions_def is not None}
    assert partitioned == {"raw", "event", "delivery"}


def test_only_rules_of_the_whole_lake_block_a_publication(definitions):
    checks = definitions.resolve_asset_graph().asset_check_keys
    blocking = {spec.name: spec.blocking for check in definitions.asset_checks for spec in check.check_specs}
    assert len(checks) == len(blocking)
    assert {name for name, blocks in blocking.items() if blocks} == {"lake_rules_hold"}


def test_every_suite_is_a_check_on_the_asset_it_speaks_of_and_every_system_is_watched(definitions):
    keys = definitions.resolve_asset_graph().asset_check_keys
    asset_of = {key.name: key.asset_key.to_user_string() for key in keys}
    for name in suites.names():
        assert asset_of[f"suite_{name}"] == (name if name in {"dispute_event", "dispute", "warning"} else "event")
    for name in contract.names():
        assert asset_of[f"delivered_{name}"] == "delivery"


def test_the_schedule_starts_at_six_in_shanghai_and_both_starters_run_by_default(definitions):
    schedule = definitions.resolve_schedule_def("daily_at_six")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 6 * * *", "Asia/Shanghai")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert definitions.resolve_sensor_def("complete_delivery").default_status is dg.DefaultSensorStatus.RUNNING
