"""`dispute-lake screen` on the command line: local by itself, for others only with a log-in."""

import pytest
from click.testing import CliRunner

from pipelines.cli import main

PASSWORD = "一个足够长的口令句子"


@pytest.fixture
def run(published, monkeypatch):
    monkeypatch.setenv("LAKE_ROOT", str(published.root))
    monkeypatch.delenv("LAKE_USER_FILE", raising=False)

    def run(*arguments, typed=None):
        done = CliRunner().invoke(main, ["screen", *arguments], input=typed)
        return done.exit_code, done.output

    return run


def test_others_may_not_look_without_a_log_in(run, tmp_path):
    code, said = run("--host", "0.0.0.0", "--port", "0")
    assert code == 2
    assert "必须登录" in said
    empty = tmp_path / "users.json"
    empty.write_text("{}", "utf-8")
    empty.chmod(0o600)
    code, said = run("--host", "0.0.0.0", "--port", "0", "--user-file", str(empty))
    assert code == 2
    assert "没有用户" in said


def test_the_users_file_may_not_lie_inside_the_lake(run, published):
    inside = published.root / "users.json"
    code, said = run("user", "add", "李四", "--user-file", str(inside), typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert code == 2
    assert "湖之外" in said
    assert not inside.exists()
    assert run("--user-file", str(inside))[0] == 2


def test_users_are_added_listed_and_removed(run, tmp_path):
    file = tmp_path / "users.json"
    assert run("user", "add", "李四", "--user-file", str(file), typed=f"{PASSWORD}\n{PASSWORD}\n")[0] == 0
    assert PASSWORD not in file.read_text("utf-8")
    code, said = run("user", "list", "--user-file", str(file))
    assert code == 0
    assert said.split() == ["李四"]
    assert run("user", "remove", "王五", "--user-file", str(file))[0] == 2
    assert run("user", "remove", "李四", "--user-file", str(file))[0] == 0
    code, said = run("user", "add", "李四", "--user-file", str(file), typed="short\nshort\n")
    assert code == 2
    assert "至少" in said


def test_what_is_missing_is_said(run, tmp_path, monkeypatch):
    code, said = run("user", "list")
    assert code == 2
    assert "--user-file" in said
    key = tmp_path / "key.pem"
    key.write_text("no key", "utf-8")
    assert run("--port", "0", "--key", str(key))[0] == 2
    code, said = run("--port", "0", "--key", str(key), "--certificate", str(key))
    assert code == 2
    assert "证书" in said
    monkeypatch.setenv("LAKE_ROOT", str(tmp_path / "none"))
    code, said = run("--port", "0")
    assert code == 2
    assert "还没有发布" in said
