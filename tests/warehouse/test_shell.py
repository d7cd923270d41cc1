import csv
import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.warehouse.conftest import AS_OF
from warehouse import shell
from warehouse.publish import publish


@pytest.fixture
def warehouse(filled):
    return publish(filled, as_of=AS_OF).warehouse


def test_a_query_shows_its_whole_result(warehouse, capsys):
    assert shell.run(warehouse, "SELECT dispute_id, category_name FROM dispute ORDER BY 1") == 0
    assert "邻里纠纷/用水、排水、通行、通风、采光纠纷" in capsys.readouterr().out


def test_a_wrong_query_says_so_and_nothing_can_be_changed(warehouse, capsys):
    assert shell.run(warehouse, "SELECT nothing FROM dispute") == 1
    assert "nothing" in capsys.readouterr().err
    assert shell.run(warehouse, "DROP VIEW dispute") == 1
    assert shell.run(warehouse, "SELECT count(*) FROM dispute") == 0


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELEC 1", "语句写法有误"),
        ("FROM disput", "是否指 dispute"),
        ("SELECT titel FROM dispute", "找不到这一列"),
        ("CREATE TABLE t AS FROM dispute", "只读"),
        ("SELECT CAST(title AS INTEGER) FROM dispute", "转换不了"),
    ],
)
def test_an_error_says_in_chinese_what_to_do_beside_the_message_of_duckdb(warehouse, capsys, query, says):
    assert shell.run(warehouse, query) == 1
    said = capsys.readouterr().err
    assert says in said and "Error" in said


def test_a_result_is_written_as_excel_csv_and_json_and_a_formula_stays_text(warehouse, tmp_path, capsys):
    query = "SELECT dispute_id, is_overdue, amount, first_reported_at, '=1+1' AS note FROM dispute ORDER BY 1"
    for name in ("a.xlsx", "a.csv", "a.json"):
        assert shell.run(warehouse, query, out=tmp_path / name) == 0
    assert "4 行写在" in capsys.readouterr().out
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [cell.value for cell in sheet[1]] == ["dispute_id", "is_overdue", "amount", "first_reported_at", "note"]
    assert sheet["E2"].value == "=1+1" and sheet["E2"].data_type == "s" and sheet.max_row == 5
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig"))))
    assert [row["dispute_id"] for row in rows] == ["dp_1", "dp_2", "dp_3", "dp_4"] and rows[0]["note"] == "'=1+1"
    loaded = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert loaded[0]["note"] == "=1+1" and loaded[0]["is_overdue"] is False and loaded[1]["amount"] is None
    assert not list(tmp_path.glob(".*"))


def test_a_format_goes_to_the_terminal_too_but_excel_needs_a_file(warehouse, capsys):
    assert shell.run(warehouse, "SELECT 1 AS n", form="json") == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 1}]
    assert shell.run(warehouse, "SELECT 1 AS n", form="xlsx") == 2
    assert "--out" in capsys.readouterr().err


def test_the_prompt_helps_in_chinese_and_exports_the_last_result(warehouse, tmp_path, capsys, monkeypatch):
    file = tmp_path / "n.csv"
    typed = f".help\nSELECT count(*) AS n FROM event；\n.export {file}\n.mode json\nSELECT 2 AS m;\n.nonsense\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert shell.run(warehouse) == 0
    shown = capsys.readouterr()
    assert "dispute_timeline(id)" in shown.out and "comparison_period" in shown.out
    assert file.read_text("utf-8-sig") == "n\n7\n"
    assert '"m": 2' in shown.out and "没有“.nonsense”" in shown.err


def test_names_are_completed(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        complete = shell.completer(con)
    assert complete("dispute_tim", 0) == "dispute_timeline(" and complete("comparison_per", 0) == "comparison_period"
    assert complete("dispute_timx", 0) is None


def test_ctrl_c_ends_a_query_and_not_the_prompt_and_history_is_kept_for_this_user(warehouse, tmp_path):
    theirs, ours = pty.openpty()
    program = f"from pathlib import Path; from warehouse import shell; shell.run(Path({str(warehouse)!r}))"
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=ours, stdout=ours, stderr=ours, start_new_session=True,
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path), "TERM": "dumb", "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    os.close(ours)
    seen = b""

    def until(wanted):
        nonlocal seen
        while wanted.encode() not in seen:
            ready, _, _ = select.select([theirs], [], [], 60)
            assert ready and child.poll() is None, seen.decode("utf-8", "replace")
            seen += os.read(theirs, 65536)
        seen = seen.split(wanted.encode(), 1)[1]

    try:
        until("湖> ")
        os.write(theirs, b"SELECT count(*) FROM range(1000000000000) AS t(a) WHERE a % 7 = hash(a) % 7;\n")
        time.sleep(1)
        os.kill(child.pid, signal.SIGINT)
        until("已中断")
        until("湖> ")
        os.write(theirs, "SELECT count(*) AS 记录 FROM event;\n".encode())
        until("│")
        os.write(theirs, b".quit\n")
        assert child.wait(timeout=60) == 0
    finally:
        child.kill()
        os.close(theirs)
    history = tmp_path / "dispute-lake" / "sql_history"
    assert "FROM event" in history.read_text("utf-8") and history.stat().st_mode & 0o077 == 0


def test_without_a_publication_it_says_what_to_do(tmp_path, capsys):
    assert shell.run(tmp_path / "warehouse.duckdb", "SELECT 1") == 2
    assert "dispute-lake run" in capsys.readouterr().err


def test_a_prompt_reads_statements_over_several_lines(warehouse, capsys, monkeypatch):
    monkeypatch.setattr(
        "sys.stdin", io.StringIO(".tables\n.columns dispute\n.macros\nSELECT count(*) AS disputes\nFROM dispute;\n")
    )
    assert shell.run(warehouse) == 0
    shown = capsys.readouterr().out
    assert "comparison_period" in shown and "纠纷编号" in shown and "dispute_timeline" in shown and "disputes" in shown
