import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import date

import pandas as pd
import pytest

from sources.table import Column, Table
from warehouse import lake as lake_module
from warehouse.lake import Lake, LakeBusy, LakeRefused, inspect
from warehouse.registry import RESTRICTED

KEY = b"k" * 32
D1, D2, D3 = date(2025, 3, 1), date(2025, 3, 2), date(2025, 4, 1)


def rows(*items):
    """(delivery_date, source, source_record_id) -> raw_record rows."""
    return pd.DataFrame(
        [
            {"delivery_date": day, "source": source, "source_record_id": number, "file": "a.csv", "row_number": place}
            for place, (day, source, number) in enumerate(items)
        ],
        columns=["delivery_date", "source", "source_record_id", "file", "row_number"],
    )


def numbers(lake):
    return sorted(lake.read("raw_record")["source_record_id"])


def event(number, day, *, version_at=None, file="a.csv", row_number=1, **more):
    return {
        "event_id": f"ev_{number}", "source": "grid", "source_record_id": number, "delivery_date": day,
        "version_at": version_at, "file": file, "row_number": row_number, **more,
    }  # fmt: skip


def test_exactly_the_named_deliveries_are_replaced(lake):
    lake.replace("raw_record", rows((D1, "grid", "1"), (D1, "police", "2"), (D2, "grid", "3"), (D3, "grid", "4")), None)
    lake.replace("raw_record", rows((D2, "grid", "3b")), [(D2, "grid")])
    assert numbers(lake) == ["1", "2", "3b", "4"]


def test_a_replaced_delivery_without_rows_becomes_empty(lake):
    lake.replace("raw_record", rows((D1, "grid", "1"), (D2, "grid", "2")), [(D1, "grid"), (D2, "grid")])
    lake.replace("raw_record", rows(), [(D1, "grid")])
    assert numbers(lake) == ["2"]


def test_only_the_asked_deliveries_and_columns_are_read(lake):
    lake.replace("raw_record", rows((D1, "grid", "1"), (D2, "grid", "2"), (D3, "grid", "3")))
    assert lake.read("raw_record", columns=["source_record_id"], dates={D2, D3}).to_dict("list") == {
        "source_record_id": ["2", "3"]
    }
    assert lake.read("raw_file", columns=["file"], dates={D2}).empty


def test_many_deliveries_are_one_commit(lake):
    days = pd.date_range("2025-01-01", periods=120).date
    everything = [(day, source) for day in days for source in ("grid", "police", "hotline")]
    lake.replace("raw_record", rows(*((*item, "x") for item in everything)), everything)
    assert lake.version("raw_record") == 1
    assert len(lake.read("raw_record")) == 360


def test_the_same_content_again_makes_no_new_version(lake):
    frame = rows((D1, "grid", "1"), (D2, "grid", "2"))
    lake.replace("raw_record", frame, [(D1, "grid"), (D2, "grid")])
    before = lake.version("raw_record")
    lake.replace("raw_record", frame, [(D1, "grid"), (D2, "grid")])
    lake.replace("raw_record", frame.iloc[1:], [(D2, "grid")])
    assert lake.version("raw_record") == before


def test_daily_deliveries_do_not_pile_up_files(lake):
    for day in pd.date_range("2025-03-01", periods=30).date:
        lake.replace("raw_record", rows((day, "grid", str(day))), [(day, "grid")])
    assert len(lake._files(RESTRICTED["raw_record"])) <= 9
    assert len(numbers(lake)) == 30


def test_large_files_are_not_merged_again(lake, monkeypatch):
    monkeypatch.setattr("warehouse.lake._LARGE", 1)
    for day in pd.date_range("2025-03-01", periods=12).date:
        lake.replace("raw_record", rows((day, "grid", str(day))), [(day, "grid")])
    assert len(lake._files(RESTRICTED["raw_record"])) == 12
    assert len(numbers(lake)) == 12


def test_rows_outside_the_named_deliveries_are_an_error(lake):
    with pytest.raises(ValueError, match="不在要替换的分区"):
        lake.replace("raw_record", rows((D1, "grid", "1")), [(D2, "grid")])


def test_a_column_nobody_declared_is_an_error(lake):
    with pytest.raises(KeyError, match="未登记的列"):
        lake.replace("raw_record", rows((D1, "grid", "1")).assign(surprise=1), [(D1, "grid")])


def test_a_table_without_deliveries_is_replaced_whole(lake):
    for ids in (["dp_1", "dp_2"], ["dp_3"]):
        lake.replace("core_ledger", pd.DataFrame({"dispute_id": ids, "action": "mint"}))
    assert lake.read("core_ledger")["dispute_id"].tolist() == ["dp_3"]


def test_a_table_that_only_grows_keeps_what_it_had(lake):
    for person in ("甲", "乙"):
        lake.append("core_acceptance", pd.DataFrame({"delivery_date": [D1], "accepted_by": [person]}))
    assert sorted(lake.read("core_acceptance")["accepted_by"]) == ["乙", "甲"]


def test_every_restricted_table_can_be_queried_before_anything_is_written(lake):
    con = lake.connect()
    for name, table in RESTRICTED.items():
        assert [column[0] for column in con.execute(f"SELECT * FROM {name}").description] == table.column_names
    assert con.execute("SELECT count(*) FROM current_event").fetchone() == (0,)
    types = dict(
        con.execute("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'core_event'").fetchall()
    )
    assert (types["phone_tokens"], types["reported_at"], types["delivery_date"]) == ("VARCHAR[]", "TIMESTAMP", "DATE")


def test_a_connection_keeps_reading_what_it_opened(lake):
    lake.replace("raw_record", rows((D1, "grid", "1")), [(D1, "grid")])
    con = lake.connect()
    lake.replace("raw_record", rows((D1, "grid", "2")), [(D1, "grid")])
    lake.tidy()
    assert con.execute("SELECT source_record_id FROM raw_record").fetchall() == [("1",)]
    assert lake.connect().execute("SELECT source_record_id FROM raw_record").fetchall() == [("2",)]


def test_the_newest_version_of_a_record_is_the_current_one(lake):
    frame = pd.DataFrame(
        [
            event("A", D1, status="待处理"),
            event("A", D2, status="已办结"),
            # an issuer's own time of change outranks the order of delivery
            event("B", D1, version_at=pd.Timestamp("2025-03-05 08:00"), status="已办结"),
            event("B", D2, version_at=pd.Timestamp("2025-03-01 08:00"), status="待处理"),
            # twice in one file: the later row
            event("C", D1, row_number=4, status="待处理"),
            event("C", D1, row_number=9, status="办理中"),
            # two statuses of one moment by the issuer's own account: the end came last, wherever it stands
            event("D", D1, version_at=pd.Timestamp("2025-03-05 08:00"), row_number=4, status="已办结"),
            event("D", D1, version_at=pd.Timestamp("2025-03-05 08:00"), row_number=9, status="办理中"),
        ]
    )
    lake.replace("core_event", frame)
    party = frame[["event_id", "source", "delivery_date", "file", "row_number"]].assign(name=frame["status"])
    lake.replace("core_party", party)
    con = lake.connect()
    found = con.execute(
        "SELECT source_record_id, status, first_delivery_date, version_count FROM current_event ORDER BY 1"
    ).fetchall()
    assert found == [("A", "已办结", D1, 2), ("B", "已办结", D1, 2), ("C", "办理中", D1, 2), ("D", "已办结", D1, 2)]
    assert con.execute("SELECT event_id, name FROM current_party ORDER BY 1").fetchall() == [
        ("ev_A", "已办结"), ("ev_B", "已办结"), ("ev_C", "办理中"), ("ev_D", "已办结"),
    ]  # fmt: skip


def test_a_column_declared_later_reads_as_empty_in_older_files(lake, monkeypatch):
    lake.replace("core_ledger", pd.DataFrame({"dispute_id": ["dp_1"]}))
    old = RESTRICTED["core_ledger"]
    new = Table(old.name, old.comment, (*old.columns, Column("weather", "text", "天气")), key=old.key)
    monkeypatch.setitem(RESTRICTED, "core_ledger", new)
    assert lake.connect().execute("SELECT dispute_id, weather FROM core_ledger").fetchall() == [("dp_1", None)]
    lake.append("core_ledger", pd.DataFrame({"dispute_id": ["dp_2"], "weather": ["雨"]}))
    found = lake.connect().execute("SELECT dispute_id, weather FROM core_ledger ORDER BY 1").fetchall()
    assert found == [("dp_1", None), ("dp_2", "雨")]
    assert lake.read("core_ledger").sort_values("dispute_id")["weather"].tolist()[1] == "雨"


def test_zones_have_their_modes_whatever_the_umask(tmp_path):
    old = os.umask(0o077)
    try:
        lake = Lake.open(tmp_path / "lake", KEY)
    finally:
        os.umask(old)
    assert lake.restricted.stat().st_mode & 0o777 == 0o700
    assert lake.published.stat().st_mode & 0o777 == 0o755
    os.umask(0)
    try:
        assert Lake.open(tmp_path / "other", KEY).restricted.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(old)


def test_the_key_itself_is_nowhere_in_the_lake(lake):
    for path in lake.root.rglob("*"):
        if path.is_file():
            assert KEY not in path.read_bytes()
            assert KEY.hex().encode() not in path.read_bytes()


def snapshot(root):
    return {path: path.stat().st_mtime_ns for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_standing_lake_without_its_key_is_refused_unchanged(lake):
    before = snapshot(lake.root)
    with pytest.raises(LakeRefused, match="没有给出密钥"):
        Lake.open(lake.root, None)
    with pytest.raises(LakeRefused, match="原来的密钥，令牌会对不上"):
        Lake.open(lake.root, b"x" * 32)
    assert snapshot(lake.root) == before


def test_a_lake_of_a_newer_version_is_refused_unchanged(lake):
    mark = lake.root / "lake.json"
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"format": lake_module.FORMAT + 1}))
    before = snapshot(lake.root)
    for attempt in (lambda: Lake.open(lake.root, KEY), lambda: Lake.standing(lake.root), lambda: inspect(lake.root)):
        with pytest.raises(LakeRefused, match="更新的版本"):
            attempt()
    assert snapshot(lake.root) == before


def test_a_damaged_mark_is_refused(lake):
    (lake.root / "lake.json").write_text("{")
    with pytest.raises(LakeRefused, match="已损坏"):
        Lake.open(lake.root, KEY)


def test_a_folder_that_holds_something_else_is_refused_unchanged(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with pytest.raises(LakeRefused, match="不是空文件夹"):
        Lake.open(tmp_path, KEY)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_root_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LakeRefused, match="不是文件夹"):
        Lake.open(tmp_path / "file", KEY)
    with pytest.raises(LakeRefused, match="不可写"):
        Lake.open(tmp_path / "file" / "lake", KEY)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    with pytest.raises(LakeRefused, match="不可写"):
        Lake.open(closed, KEY)
    with pytest.raises(LakeRefused, match="不可写"):
        Lake.open(closed / "lake", KEY)
    assert list(closed.iterdir()) == []


def test_a_lake_whose_making_was_cut_short_is_made_anew(tmp_path):
    (tmp_path / "restricted" / "dagster").mkdir(parents=True)
    (tmp_path / ".lake.json.writing").touch()
    assert inspect(tmp_path) == "new"
    Lake.open(tmp_path, KEY)
    assert inspect(tmp_path) == "standing"


def test_two_runs_do_not_write_at_once_and_a_killed_one_lets_go(lake):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""
                import time
                from warehouse.lake import Lake
                with Lake.open({str(lake.root)!r}, {KEY!r}).lock():
                    print("held", flush=True)
                    time.sleep(60)
            """),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LakeBusy, match="另一个运行"), lake.lock():
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lake.lock(wait_seconds=5), lake.lock():  # one process may take it again
        pass


def test_a_replacement_killed_anywhere_left_the_old_rows_or_the_new(lake):
    days = pd.date_range("2025-01-01", periods=60).date
    partitions = [(day, "grid") for day in days]
    lake.replace("raw_record", rows(*((day, "grid", "0") for day in days)), partitions)
    script = textwrap.dedent(f"""
        import pandas as pd
        from warehouse.lake import Lake
        lake = Lake.open({str(lake.root)!r}, {KEY!r})
        days = list(pd.date_range("2025-01-01", periods=60).date)
        print("ready", flush=True)
        for turn in range(1, 100_000):
            frame = pd.DataFrame({{"delivery_date": days, "source": "grid", "source_record_id": str(turn)}})
            lake.replace("raw_record", frame, [(day, "grid") for day in days])
    """)
    for wait in (0.05, 0.12, 0.2):
        run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        run.stdout.readline()
        time.sleep(wait)
        run.send_signal(signal.SIGKILL)
        run.wait()
        found = lake.read("raw_record")
        assert len(found) == 60
        assert found["source_record_id"].nunique() == 1
        assert lake.connect().execute(
            "SELECT count(*), count(DISTINCT source_record_id) FROM raw_record"
        ).fetchone() == (60, 1)
    lake.replace("raw_record", rows(), partitions)
    assert numbers(lake) == []


def test_spill_files_of_dead_processes_are_removed_and_stay_in_the_restricted_zone(lake):
    left = lake.scratch / "999999999-1"
    left.mkdir()
    (left / "duckdb_temp_storage-0.tmp").write_bytes(b"x")
    for opened in (lake, Lake.standing(lake.root)):
        (folder,) = opened.connect().execute("SELECT current_setting('temp_directory')").fetchone()
        assert folder.startswith(str(lake.restricted))
    assert not left.exists()


def test_reading_needs_no_key_but_a_lake(lake, tmp_path):
    lake.replace("raw_record", rows((D1, "grid", "1")), [(D1, "grid")])
    assert numbers(Lake.standing(lake.root)) == ["1"]
    with pytest.raises(LakeRefused, match="没有数据湖"):
        Lake.standing(tmp_path / "nowhere")


def test_tidy_removes_what_nothing_uses_and_keeps_what_stands(lake):
    for number in ("1", "2"):
        lake.replace("raw_record", rows((D1, "grid", number)), [(D1, "grid")])
    assert lake.tidy(retention_hours=0) == 1
    assert numbers(lake) == ["2"]
