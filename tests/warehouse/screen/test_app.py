"""The screen's server: who may ask, what every answer carries, and which publication is shown."""

import http.client
import json
import time
from urllib.parse import urlencode

import duckdb
import pytest

from warehouse.publish import copy_publication
from warehouse.screen.app import COOKIE, Screen, Server
from warehouse.screen.snapshot import Follower
from warehouse.screen.users import FREE_TRIES, Log, Sittings, Users

PASSWORD = "一个足够长的口令句子"


@pytest.fixture(scope="module")
def follower(published):
    return Follower(published.warehouse)


@pytest.fixture(scope="module")
def server(follower):
    with Server(Screen(follower, label="模拟<数据>")) as server:
        yield server


@pytest.fixture
def guarded(follower):
    """A server that others could reach; the test reaches it as this machine does."""
    users = Users({}).with_user("李四", PASSWORD)
    with Server(Screen(follower, sittings=Sittings(users), is_local=False)) as server:
        yield server


def ask(server, path, *, method="GET", form=None, headers=None, **values):
    """Status, headers, body; JSON is read."""
    host, port = server.address.removeprefix("http://").rstrip("/").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    given = dict(headers or {})
    body = None
    if form is not None:
        body = urlencode(form)
        given |= {"Content-Type": "application/x-www-form-urlencoded"}
        given.setdefault("Origin", server.address.rstrip("/"))
    connection.request(method, path + ("?" + urlencode(values) if values else ""), body=body, headers=given)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.getheader("Content-Type", "").startswith("application/json"):
        content = json.loads(content)
    return answer.status, answer.headers, content


def log_in(server, name="李四", password=PASSWORD, **given):
    return ask(server, "/login", method="POST", form={"name": name, "password": password}, **given)


def test_the_page_comes_with_its_numbers_and_loads_nothing_from_elsewhere(server):
    status, headers, body = ask(server, "/")
    html = body.decode()
    assert status == 200
    assert "模拟&lt;数据&gt;" in html
    first = json.loads(html.split('id="first">')[1].split("</script>")[0])
    assert first["headline"]["reported"]["n"] > 0
    assert "http" not in html.replace("http-equiv", "")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name, value in (
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    ):
        assert headers[name] == value


def test_every_answer_carries_the_policy(server):
    for path in (
        "/api/summary",
        "/api/nothing",
        "/assets/page.css",
        "/api/rows?of=dispute",
        "/api/rows.csv?of=warning",
    ):
        assert "default-src 'none'" in ask(server, path)[1]["Content-Security-Policy"]


def test_only_this_machine_by_its_own_name(server):
    assert ask(server, "/", headers={"Host": "evil.example"})[0] == 403
    assert ask(server, "/api/summary", headers={"Host": "evil.example:80"})[0] == 403
    assert ask(server, "/api/state", headers={"Host": "localhost"})[0] == 200


def test_it_is_only_read(server):
    for path in ("/", "/api/summary", "/api/rows", "/api/dispute"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert ask(server, path, method=method)[0] == 405


def test_a_choice_that_cannot_be_is_a_sentence_not_a_fault(server):
    for path, values in (
        ("/api/summary", {"since": "2025-06-01", "until": "2025-05-01"}),
        ("/api/rows", {"of": "dispute", "area": "' OR 1=1"}),
        ("/api/rows", {"of": "dispute", "page": "-1"}),
        ("/api/rows", {}),
        ("/api/dispute", {"id": "'; DROP VIEW dispute"}),
    ):
        status, _, content = ask(server, path, **values)
        assert status == 400
        assert content["refused"]
    assert ask(server, "/?area=x")[0] == 200  # the page says so and shows the whole


def test_rows_and_csv_are_for_the_same_selection(server):
    _, _, page = ask(server, "/api/rows", of="dispute", risk="高")
    status, headers, body = ask(server, "/api/rows.csv", of="dispute", risk="高")
    assert status == 200
    assert len(body.decode("utf-8-sig").strip().splitlines()) >= page["total"] + 1 > 1
    assert headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")


def test_assets_are_kept_by_the_browser_and_packed(server):
    status, headers, packed = ask(server, "/assets/echarts.simple.min.js", headers={"Accept-Encoding": "gzip"})
    assert status == 200
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert len(packed) < 200_000
    assert ask(server, "/assets/LICENSES.md")[0] == 404
    assert ask(server, "/assets/..%2fapp.py")[0] == 404


def test_who_is_not_logged_in_sees_nothing(guarded):
    status, headers, _ = ask(guarded, "/")
    assert (status, headers["Location"]) == (303, "/login")
    for path in ("/api/summary", "/api/rows?of=dispute", "/api/rows.csv?of=dispute", "/api/dispute?id=x", "/api/state"):
        status, _, content = ask(guarded, path)
        assert (status, content) == (401, {"refused": "请先登录"})
    assert ask(guarded, "/api/state", headers={"Cookie": f"{COOKIE}=guess"})[0] == 401


def test_a_log_in_opens_the_screen_until_the_log_out(guarded):
    status, headers, _ = log_in(guarded)
    assert (status, headers["Location"]) == (303, "/")
    cookie = headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    mine = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    assert ask(guarded, "/api/state", headers=mine)[0] == 200
    assert "李四" in ask(guarded, "/", headers=mine)[2].decode()
    ask(guarded, "/logout", method="POST", form={}, headers=mine)
    assert ask(guarded, "/api/state", headers=mine)[0] == 401


def test_who_looked_at_what_and_took_what_along_is_written_down(follower, tmp_path):
    users = Users({}).with_user("李四", PASSWORD)
    log = tmp_path / "users.log"
    with Server(Screen(follower, sittings=Sittings(users), log=Log(log), is_local=False)) as server:
        log_in(server, password="wrong")
        mine = {"Cookie": log_in(server)[1]["Set-Cookie"].split(";")[0]}
        shown = ask(server, "/api/rows", headers=mine, of="dispute")[2]["rows"][0]["dispute_id"]
        ask(server, "/api/dispute", headers=mine, id=shown)
        ask(server, "/api/rows.csv", headers=mine, of="dispute", risk="低")
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [(line["user"], line["what"]) for line in lines] == [
        ("李四", "登录被拒"), ("李四", "登录"), ("李四", "看纠纷"), ("李四", "导出")
    ]  # fmt: skip
    assert lines[2]["about"] == shown
    assert lines[3]["about"] == "纠纷：全市 · 低风险"
    assert PASSWORD not in log.read_text("utf-8")
    assert "wrong" not in log.read_text("utf-8")
    assert log.stat().st_mode & 0o077 == 0


def test_the_cookie_of_an_encrypted_server_never_travels_in_the_open(follower):
    users = Users({}).with_user("李四", PASSWORD)
    with Server(Screen(follower, sittings=Sittings(users), is_local=False, is_encrypted=True)) as server:
        assert "secure" in log_in(server)[1]["Set-Cookie"].lower()


def test_a_wrong_password_is_refused_and_guessing_is_slowed_down(guarded):
    for _ in range(FREE_TRIES - 1):
        assert log_in(guarded, password="wrong")[0] == 403
    status, _, body = log_in(guarded, password="wrong")
    assert status == 429
    assert "秒后再试" in body.decode()
    assert log_in(guarded)[0] == 429


def test_another_sites_form_cannot_log_in(guarded):
    assert log_in(guarded, headers={"Origin": "http://evil.example"})[0] == 403
    assert ask(guarded, "/login", method="POST", form={"name": "a" * 5000, "password": "b"})[0] == 400


def test_a_new_publication_is_followed_without_a_restart(published, tmp_path):
    warehouse = copy_publication(published.published, tmp_path / "first")
    following = Follower(warehouse)
    number = following.current().number
    with Server(Screen(following)) as server:
        assert ask(server, "/api/state")[2]["number"] == number
        beside = copy_publication(published.published, tmp_path / "second")
        with duckdb.connect(str(beside)) as con:
            con.execute("UPDATE publication SET number = 99")
            con.execute("DELETE FROM dispute WHERE risk_level = '低'")
        before = ask(server, "/api/summary", since="2000-01-01")[2]["headline"]["open"]["n"]
        beside.replace(warehouse)
        until = time.monotonic() + 30
        while ask(server, "/api/state")[2]["number"] != 99 and time.monotonic() < until:
            time.sleep(0.05)
        after = ask(server, "/api/summary", since="2000-01-01")[2]
        assert after["publication"]["number"] == 99
        assert after["headline"]["open"]["n"] < before

        broken = tmp_path / "broken"
        broken.write_bytes(b"half a file")
        broken.replace(warehouse)
        while ask(server, "/api/state")[2]["problem"] is None and time.monotonic() < until:
            time.sleep(0.05)
        assert "仍显示第 99 号" in ask(server, "/api/state")[2]["problem"]
        assert ask(server, "/api/summary", since="2000-01-01")[2]["headline"] == after["headline"]
