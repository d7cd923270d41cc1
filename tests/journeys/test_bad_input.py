"""Bad input as the person at the console meets it: a sentence, an exit code, and the rest published."""

import json
import shutil

import duckdb
import pytest
from click.testing import CliRunner

from pipelines import runs
from pipelines.cli import main
from tests.lakes import snapshot


def call(settings, *arguments):
    environment = {
        "LAKE_LANDING": str(settings.landing),
        "LAKE_ROOT": str(settings.root),
        "LAKE_KEY_FILE": str(settings.key_file),
        "DAGSTER_HOME": None,
    }
    return CliRunner().invoke(main, list(arguments), env=environment, catch_exceptions=False)


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.stat().st_mtime_ns
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".probe")
    }


def deliver(own, source, file, content):
    folder = own.landing / source / "2025-03-20"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(content)
    (folder / "_SUCCESS").touch()


def test_a_missing_landing_folder_is_named_and_nothing_is_made(own):
    shutil.rmtree(own.landing)
    shutil.rmtree(own.root)
    result = call(own, "run")
    assert result.exit_code == 2
    assert str(own.landing) in result.stderr
    assert "不存在" in result.stderr
    assert not own.root.exists()


def test_an_empty_landing_folder_is_no_failure_but_is_said(own):
    shutil.rmtree(own.landing)
    own.landing.mkdir()
    result = call(own, "run")
    assert result.exit_code == 0
    assert "是空的" in result.stderr


def test_a_delivery_dated_in_the_far_future_is_named_and_left(own):
    [folder] = (own.landing / "grid").glob("2025-03-08")
    shutil.copytree(folder, own.landing / "grid" / "2062-01-01")
    result = call(own, "run")
    assert result.exit_code == 0
    assert "grid/2062-01-01" in result.stderr
    assert "没有待处理的交付" in result.stdout


def test_a_standing_lake_without_its_key_is_left_alone(own):
    own.key_file.unlink()
    before = files_of(own.root)
    result = call(own, "run")
    assert result.exit_code == 2
    assert "密钥" in result.stderr
    assert not own.key_file.exists()
    assert files_of(own.root) == before


def test_another_key_than_the_lakes_own_is_refused(own):
    own.key_file.write_text("ab" * 32)
    before = files_of(own.root)
    assert call(own, "run").exit_code == 2
    assert files_of(own.root) == before


def test_a_lake_of_a_newer_version_is_left_alone(own):
    mark = own.root / "lake.json"
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"format": 999}))
    before = files_of(own.root)
    result = call(own, "run")
    assert result.exit_code == 2
    assert "更新的版本" in result.stderr
    assert files_of(own.root) == before


def test_a_root_that_cannot_be_written_is_refused(own):
    for folder in (own.root, own.root / "restricted", own.root / "published"):
        folder.chmod(0o555)
    try:
        result = call(own, "run")
    finally:
        for folder in (own.root, own.root / "restricted", own.root / "published"):
            folder.chmod(0o755)
    assert result.exit_code == 2
    assert "不可写" in result.stderr


@pytest.fixture
def broken(own):
    """One day on which every system delivers something that cannot be taken as it is."""
    [whole] = sorted((own.landing / "hotline").glob("2025-03-08/*.xlsx"))[:1]
    deliver(own, "hotline", "12345工单_20250319.xlsx", whole.read_bytes()[:2000])
    [police] = sorted((own.landing / "police").glob("2025-03-08/*.csv"))
    lines = police.read_bytes().split(b"\r\n" if b"\r\n" in police.read_bytes() else b"\n")
    renamed = lines[0].decode("gb18030").replace("接警单编号", "接警编号").encode("gb18030")
    deliver(own, "police", police.name, b"\n".join([renamed, *lines[1:]]))
    [grid] = sorted((own.landing / "grid").glob("2025-03-08/*"))[-1:]
    rows = [json.loads(line) for line in grid.read_text("utf-8").splitlines()][:4]
    rows[0]["事件编号"] = ""
    rows[1] |= {"事件编号": "NEW-1", "发生日期": "2062-01-01"}
    rows[2] |= {"事件编号": "NEW-2", "事件类别": "8888"}
    rows[3] |= {"事件编号": "NEW-3"}
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    deliver(own, "grid", grid.name, text.encode("utf-8"))
    return own


def test_each_fault_has_its_sentence_and_the_rest_is_published(broken):
    result = call(broken, "run")
    assert result.exit_code == 3
    with duckdb.connect(str(broken.warehouse), read_only=True) as con:
        status = dict(
            con.execute("SELECT source, status FROM delivery WHERE delivery_date = DATE '2025-03-20'").fetchall()
        )
        reasons = dict(
            con.execute(
                "SELECT source || coalesce(row_number, 0), any_value(reason) FROM quarantine "
                "WHERE delivery_date = DATE '2025-03-20' GROUP BY 1"
            ).fetchall()
        )
        new = con.execute("SELECT category_code FROM event WHERE source_record_id = 'NEW-2'").fetchone()
        kept = con.execute("SELECT count(*) FROM event WHERE source_record_id = 'NEW-3'").fetchone()
    assert status == {"hotline": "quarantined", "police": "quarantined", "grid": "accepted"}
    assert kept == (1,)
    assert new is not None
    sentences = "\n".join(reasons.values())
    assert "接警单编号" in sentences
    assert "接警编号" in sentences
    assert "2062" in sentences
    assert any("编号" in sentence for key, sentence in reasons.items() if key.startswith("grid"))


def test_a_held_delivery_waits_until_a_person_accepts_it(own):
    [source] = sorted((own.landing / "police").glob("2025-03-08/*.csv"))
    header, *rows = source.read_text("gb18030").splitlines()
    many = [row.replace(row.split(",")[0], f"5304{number:023d}", 1) for number, row in enumerate(rows * 30)][:60]
    many[:20] = ["," + row.split(",", 1)[1] for row in many[:20]]
    deliver(own, "police", source.name, "\n".join([header, *many]).encode("gb18030"))
    result = call(own, "run")
    assert result.exit_code == 3
    events = snapshot(own)["event"]
    assert not events["source_record_id"].str.startswith("53040000").any()
    accepted = call(own, "delivery", "accept", "police", "2025-03-20", "--by", "张三", "--note", "已核实")
    assert accepted.exit_code == 0
    assert runs.run(own).is_published
    account = snapshot(own)["delivery"]
    taken = account.loc[account["delivery_date"].astype("str").str.startswith("2025-03-20")]
    assert taken["status"].tolist() == ["accepted"]
    assert taken[["rows_read", "rows_quarantined"]].iloc[0].tolist() == [60, 20]
