"""Rows set aside, as the data team works through them: explained, looked at, tried again, and taken back in."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

import pipelines
from pipelines import runs
from pipelines.cli import main
from pipelines.runs import prepare
from tests.lakes import settings_in

ROOT = Path(pipelines.__file__).parents[1]
PARTS = "quality", "pipelines", "sources", "transforms", "warehouse"


def environment(settings):
    return {
        "LAKE_LANDING": str(settings.landing),
        "LAKE_ROOT": str(settings.root),
        "LAKE_KEY_FILE": str(settings.key_file),
        "DAGSTER_HOME": None,
        "LAKE_WORKERS": "1",
    }


def call(settings, *arguments):
    return CliRunner().invoke(main, list(arguments), env=environment(settings), catch_exceptions=False)


def ask(settings, query):
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return con.execute(query).fetchall()


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path, rows):
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")


@pytest.fixture(scope="module")
def one_day(exports, tmp_path_factory):
    """A lake of one delivery of the grid of which two rows were set aside; tests copy it."""
    folder = tmp_path_factory.mktemp("one_day")
    day = min((exports / "landing" / "grid").iterdir())
    [file] = (shutil.copytree(day, folder / "landing" / "grid" / day.name)).glob("*.jsonl")
    text = "邻居装修噪音，电话13887712345"
    rows = [rows_of(file)[0] | {"事件编号": f"G{number}", "事件简述": text} for number in range(6)]
    rows[1]["发生日期"] = "2062-01-01"
    del rows[2]["事件编号"]
    write(file, rows)
    settings = settings_in(folder, folder / "landing")
    outcome = runs.run(settings)
    assert outcome.is_published, outcome.failures
    return folder


@pytest.fixture
def aside(one_day, tmp_path):
    """A copy of that lake (its views read the original until it is published anew), the delivered file, its rows."""
    folder = tmp_path / "one_day"
    shutil.copytree(one_day, folder, symlinks=True, copy_function=shutil.copy2)
    [file] = (folder / "landing").rglob("*.jsonl")
    return settings_in(folder, folder / "landing"), file, rows_of(file)


def test_a_row_is_listed_summed_up_and_explained_without_showing_whose_it_is(aside):
    settings, _, _ = aside
    result = call(settings, "quarantine")
    assert result.exit_code == 0
    assert "隔离 2 行" in result.stdout
    assert "时间不可能" in result.stdout
    assert "缺少记录编号" in result.stdout
    assert "13887712345" not in result.stdout
    [(key,)] = ask(settings, "SELECT quarantine_id FROM quarantine WHERE rule = 'impossible_time'")
    assert key in result.stdout
    told = call(settings, "quarantine", "explain", key[:6]).stdout
    for words in ("第 2 行", "发生日期", "交付部门：", "数据组：", "sources/grid/source.yml", "2062-01-01"):
        assert words in told
    assert "13887712345" not in told
    assert call(settings, "quarantine", "explain", "G1").stdout == told


def test_filters_narrow_the_list_and_wrong_ones_are_told(aside):
    settings, _, _ = aside
    assert "时间不可能" not in call(settings, "quarantine", "--rule", "missing_record_id").stdout
    assert "没有被隔离的行" in call(settings, "quarantine", "--date", "2024-01-01").stdout
    wrong = call(settings, "quarantine", "--source", "gird")
    assert (wrong.exit_code, "是否指 grid" in wrong.stderr) == (2, True)
    unknown = call(settings, "quarantine", "explain", "nothing")
    assert (unknown.exit_code, "没有编号为" in unknown.stderr) == (1, True)


def test_the_row_as_it_came_is_shown_for_a_reason_and_the_look_is_logged_first(aside):
    settings, _, _ = aside
    log = settings.root / "restricted" / "reveal.log"
    refused = call(settings, "quarantine", "explain", "G1", "--as-delivered", "--by", "张三")
    assert (refused.exit_code, log.exists()) == (2, False)
    shown = call(settings, "quarantine", "explain", "G1", "--as-delivered", "--by", "张三", "--reason", "核对原件")
    assert "13887712345" in shown.stdout
    [line] = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert (line["by"], line["reason"], line["quarantine"]["row_number"]) == ("张三", "核对原件", "2")
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_corrected_delivery_brings_rows_back_and_the_history_says_so(aside):
    settings, file, rows = aside
    unchanged = call(settings, "quarantine", "retry")
    assert "都没有变" in unchanged.stdout
    rows[1]["发生日期"] = rows[0]["发生日期"]
    write(file, rows)
    before = prepare(settings).version("raw_row")
    outlook = call(settings, "quarantine", "retry", "--source", "grid")
    assert "1 行会采用" in outlook.stdout
    assert "仍隔离" in outlook.stdout
    assert prepare(settings).version("raw_row") == before
    assert ask(settings, "SELECT count(*) FROM quarantine") == [(2,)]
    assert runs.run(settings).is_published
    assert ask(settings, "SELECT rule FROM quarantine") == [("missing_record_id",)]
    assert ask(settings, "SELECT rows_read, rows_accepted, rows_quarantined FROM delivery") == [(6, 5, 1)]
    told = dict(ask(settings, "SELECT rule, state || coalesce(' ' || how, '') FROM quarantine_history"))
    assert told == {"impossible_time": "accepted redelivered", "missing_record_id": "open"}
    assert "更正后重新交付" in call(settings, "quarantine", "history", "--state", "accepted").stdout
    assert "已采用" in call(settings, "quarantine", "explain", "G1").stdout


def test_a_signature_shows_on_the_page_at_once_and_in_the_warehouse_after_the_next_run(aside):
    settings, file, rows = aside
    history = ask(settings, "FROM quarantine_history ORDER BY ALL")
    page = settings.published / "quality" / "index.html"
    day = file.parent.name
    before = {view: ask(settings, f"FROM {view} ORDER BY ALL") for view in ("event", "dispute", "delivery")}
    words = ("--by", "张三丰", "--decision", "退回", "--note", "编号缺失，已请部门补")
    result = call(settings, "quality", "sign", "--delivery", f"grid/{day}", *words)
    assert result.exit_code == 0, result.stderr
    assert "张三丰" in page.read_text("utf-8")
    assert ask(settings, "SELECT count(*) FROM signature") == [(0,)]
    assert runs.run(settings).is_published
    query = "SELECT decision_name, signed_by, note, is_current FROM signature"
    assert ask(settings, query) == [("退回", "张三丰", "编号缺失，已请部门补", True)]
    assert "张三丰" in page.read_text("utf-8")
    assert not runs.run(settings).is_published
    # publishing once more changed nothing but the signature, the history of quarantine included
    assert {view: ask(settings, f"FROM {view} ORDER BY ALL") for view in before} == before
    assert ask(settings, "FROM quarantine_history ORDER BY ALL") == history
    rows[2]["事件编号"] = "G2"
    write(file, rows)
    assert runs.run(settings).is_published
    assert ask(settings, "SELECT is_current FROM signature") == [(False,)]
    assert "签过，内容已变" in call(settings, "quality", "unsigned").stdout
    assert ask(settings, "SELECT state, how FROM quarantine_history WHERE rule = 'missing_record_id'") == [
        ("accepted", "redelivered")
    ]


def test_a_delivery_that_left_landing_cannot_be_tried_again_and_that_is_said(aside):
    settings, file, _ = aside
    shutil.rmtree(file.parent)
    assert "无法重读" in call(settings, "quarantine", "retry").stdout


def test_a_changed_rule_brings_rows_back_with_the_next_run(exports, tmp_path):
    """The whole way with a source.yml that a person edits: another process, its own copy of the sources."""
    day = min((exports / "landing" / "grid").iterdir())
    [file] = (shutil.copytree(day, tmp_path / "landing" / "grid" / day.name)).glob("*.jsonl")
    own = settings_in(tmp_path, tmp_path / "landing")
    rows = [rows_of(file)[0] | {"事件编号": f"G{number}"} for number in range(4)]
    write(file, [{("编号" if name == "事件编号" else name): value for name, value in row.items()} for row in rows])
    program = tmp_path / "program"
    program.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, program / part, ignore=shutil.ignore_patterns("__pycache__"))

    def dispute_lake(*arguments):
        settings = {name: value for name, value in environment(own).items() if value is not None}
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            cwd=program, env={**os.environ, **settings}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert runs.run(own).held  # the copy's sources are the same so far, and so is their fingerprint
    assert ask(own, "SELECT rows_read, rows_accepted, rows_quarantined FROM delivery") == [(4, 0, 4)]
    assert ask(own, "SELECT DISTINCT rule FROM quarantine") == [("missing_column",)]
    definition = program / "sources" / "grid" / "source.yml"
    text = definition.read_text("utf-8")
    changed = text.replace("事件编号: {to: source_record_id,", "事件编号: {to: source_record_id, aliases: [编号],")
    assert changed != text
    definition.write_text(changed, "utf-8")
    outlook = dispute_lake("quarantine", "retry")
    assert "4 行会采用" in outlook.stdout, outlook.stderr
    assert dispute_lake("run").returncode == 0
    assert ask(own, "SELECT rows_read, rows_accepted, rows_quarantined FROM delivery") == [(4, 4, 0)]
    assert ask(own, "SELECT count(*) FROM event WHERE source_record_id LIKE 'G_'") == [(4,)]
    told = ask(own, "SELECT DISTINCT state, how, accepted_delivery_date FROM quarantine_history")
    assert [(state, how, taken == date.fromisoformat(day.name)) for state, how, taken in told] == [
        ("accepted", "rule_change", True)
    ]
