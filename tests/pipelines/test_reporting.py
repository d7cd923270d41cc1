import dagster as dg
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.definitions import build_definitions
from pipelines.resources import Workspace


@pytest.fixture
def here(published, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(published.root))
    monkeypatch.setenv("LAKE_LANDING", str(published.landing))
    return published


def run(*arguments):
    return CliRunner().invoke(main, ["report", *arguments])


def test_the_command_writes_a_report_and_says_where(here, tmp_path):
    result = run("--week", "2025-W10", "--area", "530402", "--out", str(tmp_path / "周报"))
    assert result.exit_code == 0, result.output
    written = sorted(path.name for path in (tmp_path / "周报").iterdir())
    assert written == [
        f"模拟数据_红塔区矛盾纠纷研判周报_2025-W10{end}" for end in (".docx", ".html", "_取数.sql", "_附表.xlsx")
    ]
    assert all(name in result.output for name in written)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--month", "2025-03", "--day", "2025-03-08"),
        ("--month", "2025年3月"),
        ("--day", "2026-01-01"),
        ("--day", "2025-03-08", "--window", "assess"),
        ("--week", "2025-W10", "--area", "1"),
    ],
)
def test_what_cannot_be_reported_ends_with_a_sentence_and_writes_nothing(here, tmp_path, arguments):
    result = run(*arguments, "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_reports_are_off_until_turned_on_and_follow_the_run_of_six():
    definitions = build_definitions()
    expected = {"day": "30 7 * * *", "week": "40 7 * * 1", "month": "50 7 1 * *"}
    for kind, cron in expected.items():
        schedule = definitions.resolve_schedule_def(f"report_{kind}_schedule")
        assert (schedule.cron_schedule, schedule.execution_timezone) == (cron, "Asia/Shanghai")
        assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_the_job_writes_the_last_whole_day_into_the_published_zone(own):
    workspace = Workspace(landing=str(own.landing), root=str(own.root), key_file=str(own.key_file))
    job = build_definitions(workspace=workspace).resolve_job_def("report_day")
    assert job.execute_in_process().success
    written = sorted(path.name for path in (own.published / "reports").iterdir())
    assert len(written) == 4 and all("研判日报_2025-03-1" in name for name in written)
