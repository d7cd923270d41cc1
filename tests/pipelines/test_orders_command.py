import duckdb
import openpyxl
import pytest
from click.testing import CliRunner

from pipelines.cli import main


@pytest.fixture
def run(published, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(published.root))
    monkeypatch.setenv("LAKE_KEY_FILE", str(published.key_file))
    monkeypatch.delenv("LAKE_NOTIFY_FILE", raising=False)
    return lambda *words: CliRunner().invoke(main, list(words))


def test_orders_of_the_last_day_are_written_for_counties_and_towns(run, tmp_path):
    done = run("orders", "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    files = sorted((tmp_path / "out").iterdir())
    assert files and all(file.suffix == ".xlsx" for file in files)
    assert {"清单", "交办单01"} <= set(openpyxl.load_workbook(files[0]).sheetnames)


def test_a_centre_or_day_without_warnings_is_refused_with_those_there_are(run, tmp_path):
    wrong = run("orders", "--out", str(tmp_path), "--area", "999999")
    assert wrong.exit_code == 2 and not list(tmp_path.iterdir())
    assert run("orders", "--out", str(tmp_path), "--day", "1999-01-01").exit_code == 2


def test_without_a_configuration_nothing_is_sent_and_the_command_says_what_to_set(run):
    assert run("notify").exit_code == 2


def test_a_dry_run_tells_who_would_be_told_and_notes_nothing(run, published, tmp_path, monkeypatch):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        code = con.execute(
            "SELECT max_by(recipient_code, (notice_date, recipient_code)) FROM warning_notice WHERE NOT is_held_back"
        ).fetchall()[0][0]
    file = tmp_path / "notify.yml"
    file.write_text(f'webhook: {{url: "http://127.0.0.1:9/x"}}\nrecipients: {{"{code}": {{webhook: shared}}}}', "utf-8")
    monkeypatch.setenv("LAKE_NOTIFY_FILE", str(file))
    done = run("notify", "--dry-run")
    assert done.exit_code == 0, done.output
    assert not (published.root / "restricted" / "messages.jsonl").exists()
