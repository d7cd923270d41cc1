import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date

import duckdb
import pandas as pd
import pytest

from tests.lakes import CONTRACT
from tests.warehouse.conftest import AS_OF, ID_NUMBER, KEY, NAME, NEIGHBOUR, PHONE
from warehouse.publish import KEEP, copy_publication, current_number, publish
from warehouse.registry import PUBLISHED


def query(lake, sql):
    with duckdb.connect(str(lake.published / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def files(lake):
    """Path to inode and time of change of everything published: what a second run must not touch."""
    return {
        str(path.relative_to(lake.published)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in lake.published.rglob("*")
        if path.is_file()
    }


def test_an_empty_lake_publishes_every_view(lake):
    publish(lake, as_of=AS_OF)
    for name in PUBLISHED:
        query(lake, f"SELECT * FROM {name}")
    assert query(lake, "SELECT count(*) FROM dispute") == [(0,)]


def test_the_names_that_others_rely_on_are_there(filled):
    publish(filled, as_of=AS_OF)
    for view, columns in CONTRACT.items():
        quoted = ", ".join(f'"{column}"' for column in columns.split())  # at is a keyword of DuckDB
        query(filled, f"SELECT {quoted} FROM {view}")


def test_every_view_and_column_has_a_chinese_comment(filled):
    publish(filled, as_of=AS_OF)
    views = query(filled, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal")
    columns = query(filled, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal")
    assert {name for name, _ in views} == set(PUBLISHED)
    for *names, comment in [*views, *columns]:
        assert comment and re.search("[\u4e00-\u9fff]", comment), names
    listed = query(filled, "SELECT view_name, column_name, comment FROM data_dictionary")
    assert sorted(listed) == sorted(columns)


def test_older_duckdb_tools_can_open_the_warehouse(filled):
    publish(filled, as_of=AS_OF)
    assert "v1.0.0" in str(query(filled, "SELECT tags FROM duckdb_databases() WHERE NOT internal"))


def test_no_personal_value_is_in_any_published_file(filled):
    publish(filled, as_of=AS_OF)
    secrets = [PHONE, ID_NUMBER, NAME, NEIGHBOUR]
    for view in PUBLISHED:
        content = json.dumps(query(filled, f"SELECT * FROM {view}"), default=str, ensure_ascii=False)
        for secret in secrets:
            assert secret not in content, (view, secret)
    for path in filled.published.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for secret in secrets:
                assert secret.encode() not in data, (path, secret)


def test_a_name_that_only_another_record_of_the_dispute_registers_is_masked(filled):
    publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT text FROM event WHERE event_id = 'ev_police_P02'") == [("与余**发生口角",)]
    assert query(filled, "SELECT title FROM dispute WHERE dispute_id = 'dp_1'") == [("余**漏水",)]


def test_a_confidential_record_shows_no_person_and_no_house(filled):
    publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT count(*) FROM event_party WHERE event_id = 'ev_hotline_H05'") == [(0,)]
    assert query(filled, "SELECT estate, road FROM event WHERE event_id = 'ev_hotline_H05'") == [(None, None)]
    assert query(filled, "SELECT place FROM dispute WHERE dispute_id = 'dp_3'") == [(None,)]


def test_a_quarantined_row_tells_what_is_wrong_and_not_whose_it_is(filled):
    publish(filled, as_of=AS_OF)
    ((number, reason, value, values),) = query(
        filled, "SELECT source_record_id, reason, value_masked, values_masked FROM quarantine"
    )
    assert "工单编号为空" in reason and "请补齐后重新交付" in reason
    assert value == number == "1********"
    assert json.loads(values)["来电时间"] == "2062-13-01 08:00"


def test_only_the_newest_version_is_an_event_and_the_other_is_counted(filled):
    publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT status, version_count FROM event WHERE source_record_id = 'H01'") == [("已办结", 2)]
    assert query(
        filled,
        "SELECT rows_read, rows_accepted, rows_superseded, rows_ignored, rows_quarantined FROM delivery "
        "ORDER BY delivery_date",
    ) == [(3, 0, 1, 1, 1), (1, 1, 0, 0, 0)]


def test_publishing_the_same_again_touches_nothing(filled):
    assert publish(filled, as_of=AS_OF).is_new
    before = files(filled)
    assert not publish(filled, as_of=AS_OF, threads=1).is_new
    assert files(filled) == before


def test_a_day_costs_the_day_and_old_months_are_shared(filled):
    first = publish(filled, as_of=AS_OF)
    warning = filled.read("core_warning")
    filled.replace("core_warning", warning.assign(status="closed"))
    second = publish(filled, as_of=AS_OF)
    assert second.files_written == 2  # warning, and the publication's own number
    shared = next((second.folder / "event").glob("2025-03-*.parquet"))
    assert shared.stat().st_ino == (first.folder / "event" / shared.name).stat().st_ino
    assert query(filled, "SELECT status FROM warning") == [("closed",)]


def test_former_publications_stay_for_their_readers_and_then_go(filled):
    publish(filled, as_of=AS_OF)
    reader = duckdb.connect(str(filled.published / "warehouse.duckdb"), read_only=True)
    warning = filled.read("core_warning")
    for turn in range(KEEP):
        filled.replace("core_warning", warning.assign(evidence=str(turn)))
        publish(filled, as_of=AS_OF)
    assert reader.execute("SELECT evidence FROM warning").fetchall() == [("当日 9 件，平时 1 件",)]
    filled.replace("core_warning", warning.assign(evidence="again"))
    publish(filled, as_of=AS_OF)
    assert len(list((filled.published / "publications").iterdir())) == KEEP + 1


def test_a_run_killed_anywhere_leaves_the_former_publication_and_the_next_one_succeeds(filled):
    publish(filled, as_of=AS_OF)
    script = textwrap.dedent(f"""
        from datetime import date
        from warehouse.lake import Lake
        from warehouse.publish import publish
        lake = Lake.open({str(filled.root)!r}, {KEY!r})
        print("ready", flush=True)
        publish(lake, as_of=date(2025, 4, 4))
    """)
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", script.replace("4, 4", "4, 5")], check=True, capture_output=True)
    whole = time.monotonic() - started
    numbers = set()
    for share in (0.65, 0.85):
        run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        run.stdout.readline()
        time.sleep(max(0.0, share * whole - 0.6 * whole))
        run.send_signal(signal.SIGKILL)
        run.wait()
        ((day,),) = query(filled, "SELECT CAST(as_of AS DATE) FROM publication")
        numbers.add(str(day))
        assert query(filled, "SELECT count(*) FROM event JOIN dispute_event USING (event_id)") == [(6,)]
    assert numbers <= {"2025-04-05", "2025-04-04"}
    publish(filled, as_of=pd.Timestamp("2025-04-06").to_pydatetime())
    assert query(filled, "SELECT count(*) FROM dispute") == [(4,)]


@pytest.mark.parametrize("broken_at", ["_write_cut", "_write_text", "_write_warehouse", "_remove_old"])
def test_a_run_that_fails_at_any_step_leaves_something_whole(filled, monkeypatch, broken_at):
    publish(filled, as_of=AS_OF)
    filled.replace("core_warning", filled.read("core_warning").assign(status="closed"))

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"warehouse.publish.{broken_at}", die)
        with pytest.raises(KeyboardInterrupt):
            publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT status FROM warning") == [("closed" if broken_at == "_remove_old" else "open",)]
    publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT status FROM warning") == [("closed",)]
    assert current_number(filled.published) is not None


def test_a_damaged_warehouse_file_is_built_anew(filled):
    publish(filled, as_of=AS_OF)
    (filled.published / "warehouse.duckdb").write_bytes(b"nonsense")
    publish(filled, as_of=AS_OF)
    assert query(filled, "SELECT count(*) FROM dispute") == [(4,)]


def test_a_copy_works_wherever_it_is_put(filled, tmp_path):
    publish(filled, as_of=AS_OF)
    copy = copy_publication(filled.published, tmp_path / "copy")
    with pytest.raises(ValueError, match="不是空文件夹"):
        copy_publication(filled.published, tmp_path / "copy")
    for path in filled.published.rglob("*.parquet"):
        path.unlink()
    moved = (tmp_path / "copy").rename(tmp_path / "moved")
    with duckdb.connect(str(moved / copy.name), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM dispute").fetchone() == (4,)
        assert con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'dispute'").fetchone() == (
            PUBLISHED["dispute"].table.comment,
        )
        assert len(con.execute("FROM dispute_timeline('dp_1')").fetchall()) == 3


def test_analysts_can_read_whatever_the_umask_of_the_run(filled):
    old = os.umask(0o077)
    try:
        publish(filled, as_of=AS_OF)
    finally:
        os.umask(old)
    for path in filled.published.rglob("*"):
        assert path.stat().st_mode & 0o044 == 0o044, path


def test_the_results_of_all_runs_are_published_with_the_day_since_which_an_expectation_fails(filled):
    runs = [("01", True, 0.0), ("02", False, 0.2), ("03", True, 0.0), ("04", False, 0.1), ("05", False, 0.3)]
    rows = [
        {
            "as_of": date(2025, 4, int(day)),
            "suite": "event",
            "expectation": "e",
            "success": met,
            "unexpected_share": bad,
        }
        for day, met, bad in runs
    ]
    rows.append({"as_of": date(2025, 4, 5), "suite": "event", "expectation": "new", "success": False})
    filled.replace("core_quality_result", pd.DataFrame(rows))
    publish(filled, as_of=AS_OF)
    found = query(
        filled, "SELECT CAST(as_of AS VARCHAR), success FROM quality_result WHERE expectation = 'e' ORDER BY 1"
    )
    assert found == [(f"2025-04-{day}", met) for day, met, _ in runs]
    trend = query(
        filled,
        "SELECT expectation, success, previous_share, CAST(first_failed_as_of AS VARCHAR), "
        "CAST(last_met_as_of AS VARCHAR), run_count, failed_count FROM quality_trend ORDER BY 1",
    )
    assert trend == [
        ("e", False, 0.1, "2025-04-04", "2025-04-03", 5, 3),
        ("new", False, None, "2025-04-05", None, 1, 1),
    ]


def test_what_is_published_of_simulated_exports_says_so_and_real_data_has_no_mark(filled):
    def label():
        with duckdb.connect(str(filled.published / "warehouse.duckdb"), read_only=True) as con:
            return con.execute("SELECT label FROM publication").fetchone()[0]

    assert publish(filled, as_of=AS_OF).is_new
    assert label() is None
    assert publish(filled, as_of=AS_OF, label="模拟数据").is_new
    assert label() == "模拟数据"
