import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console

from pipelines import cli, terminal
from pipelines.settings import Settings


@pytest.fixture
def bare(monkeypatch, tmp_path):
    for name in (
        "LAKE_LANDING",
        "LAKE_ROOT",
        "LAKE_KEY_FILE",
        "LAKE_AS_OF",
        "LAKE_QUIET_MINUTES",
        "LAKE_ENGINE",
        "DAGSTER_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_an_environment_all_lies_in_this_folder_and_the_key_outside_the_lake(bare):
    settings = Settings.from_environment()
    assert (settings.landing, settings.root) == (bare / "landing", bare / "lake")
    assert settings.root not in settings.key_file.parents
    assert settings.dagster_home.parent == bare / "lake" / "restricted"


def test_the_option_outranks_the_environment(bare, monkeypatch):
    monkeypatch.setenv("LAKE_AS_OF", "2025-03-02")
    assert Settings.from_environment().as_of == date(2025, 3, 2)
    assert Settings.from_environment(as_of=date(2025, 4, 1)).as_of == date(2025, 4, 1)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LAKE_AS_OF", "昨天", "应是日期"),
        ("LAKE_QUIET_MINUTES", "十", "应是分钟数"),
        ("LAKE_ENGINE", "flink", "应是 duckdb 或 spark"),
    ],
)
def test_a_faulty_variable_is_named_and_nothing_runs(bare, monkeypatch, name, value, sentence):
    monkeypatch.setenv(name, value)
    result = CliRunner().invoke(cli.main, ["run"])
    assert result.exit_code == 2
    assert name in result.stderr
    assert sentence in result.stderr
    assert list(bare.iterdir()) == []


def test_spark_without_pyspark_says_how_to_install_it(bare, monkeypatch):
    monkeypatch.setenv("LAKE_ENGINE", "spark")
    monkeypatch.setitem(sys.modules, "pyspark", None)  # what Python itself does for a package that is not there
    result = CliRunner().invoke(cli.main, ["run"])
    assert result.exit_code == 2
    assert "dispute-lake[spark]" in result.stderr


def test_looking_at_a_lake_without_a_publication_says_what_to_do(bare):
    result = CliRunner().invoke(cli.main, ["look"])
    assert result.exit_code == 2
    assert "dispute-lake run" in result.stderr


def test_every_command_is_explained_in_chinese():
    for name, command in cli.main.commands.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in command.help or ""), name


def test_null_cells_are_empty_and_thousands_apart():
    assert [terminal.cell(value) for value in (None, pd.NaT, 12345, "甲")] == ["", "", "12,345", "甲"]


def test_dates_are_shown_without_an_hour_and_times_with_it():
    assert terminal.cell(pd.Timestamp("2025-03-02")) == "2025-03-02"
    assert terminal.cell(pd.Timestamp("2025-03-02 08:15")) == "2025-03-02 08:15:00"


def test_a_table_shows_brackets_as_they_stand(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "console", Console(width=80))
    terminal.show(pd.DataFrame({"文件": ["[bold]甲[/x].csv"]}))
    assert "[bold]甲[/x].csv" in capsys.readouterr().out


def test_an_unknown_source_is_refused_with_those_there_are(bare):
    result = CliRunner().invoke(cli.main, ["delivery", "list", "--source", "polise"])
    assert result.exit_code == 2
    assert "是否指 police？" in result.stderr
    assert "hotline" in result.stderr


def test_paths_are_shown_as_typed_from_here(bare):
    assert terminal.shown(bare / "demo" / "lake") == "demo/lake"
    assert terminal.shown(Path("/elsewhere")) == "/elsewhere"


@pytest.mark.parametrize(
    "command",
    [
        ["quality", "sign", "--delivery", "hotline/2025-03-02"],
        ["delivery", "accept", "hotline", "2025-03-02", "--note", "已核对"],
        ["reveal", "t_1", "--reason", "核对"],
        ["quarantine", "explain", "ff62502c02"],
        ["quarantine", "retry"],
    ],
)
def test_an_act_on_a_lake_that_is_not_there_makes_none(bare, command):
    result = CliRunner().invoke(cli.main, command)
    assert result.exit_code == 2
    assert "dispute-lake run" in result.stderr
    assert list(bare.iterdir()) == []
