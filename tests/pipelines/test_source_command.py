"""`dispute-lake source`: from a sample to a source.yml that reads it."""

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from sources import contract
from tests.sources.test_sketch import HEADER, ROWS, petition


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Sources in a folder of the test's own."""
    own = tmp_path / "sources"
    own.mkdir()
    monkeypatch.setattr(contract, "FOLDER", own)
    return own


@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "信访_20250302.csv"
    lines = [HEADER, *[[str(row[name]) for name in HEADER] for row in ROWS]]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["source", *map(str, arguments)])


def test_a_new_source_is_written_once_and_never_over_a_standing_one(folder, sample):
    done = run("new", "petitions", sample, "--label", "信访登记")
    assert done.exit_code == 0, done.output
    assert "全部为 假定" in done.output
    assert sorted(path.name for path in (folder / "petitions").iterdir()) == [
        "__init__.py", "expectations.yml", "source.yml",
    ]  # fmt: skip
    written = (folder / "petitions" / "source.yml").read_text("utf-8")
    again = run("new", "petitions", sample)
    assert again.exit_code == 2
    assert "已经存在，没有改动" in again.output
    assert (folder / "petitions" / "source.yml").read_text("utf-8") == written
    assert petition(1)["手机号码"] not in done.output


def test_what_is_wrong_in_a_source_yml_is_told_with_its_line():
    done = run("check", "hotlin")
    assert done.exit_code == 2
    assert "没有名为“hotlin”的来源" in done.output


def test_checking_a_file_tells_the_account_the_findings_and_the_codes_to_add(tmp_path):
    path = tmp_path / "12345工单_1.csv"
    path.write_text(
        "工单编号,来电时间,主要内容,来电号码,工单状态\n"
        "A1,2025-03-01 08:00:00,漏水,13800000001,挂起\n,2025-03-01,吵,,\n",
        encoding="utf-8",
    )
    done = run("check", "hotline", path, "--day", "2025-03-02")
    assert done.exit_code == 0, done.output
    assert "读到 2 行 = 可采用 1 + 忽略 0（{}）+ 隔离 1" in done.output
    assert "没有“工单编号”" in done.output
    assert "工单状态=挂起（1）" in done.output
    assert "13800000001" not in done.output


def test_a_file_of_which_nothing_can_be_used_fails(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("姓名,年龄\n张三,3\n", encoding="utf-8")
    done = run("check", "hotline", path)
    assert done.exit_code == 1
    assert "没有一行可以采用" in done.output
