"""Messages to centres against a real HTTP server and a real SMTP server, both on this machine."""

import email
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.policy import default as policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dagster as dg
import duckdb
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from pipelines import outgoing, telling
from pipelines.resources import Workspace

NOW = datetime(2026, 1, 1, 8, tzinfo=UTC)


class Posts(ThreadingHTTPServer):
    """Keeps what is posted; answers with ``status``."""

    def __init__(self):
        self.status, self.got = 200, []
        super().__init__(("127.0.0.1", 0), _Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/in"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


class Mails:
    """Keeps what arrives; refuses while ``refuse`` is true."""

    def __init__(self):
        self.got, self.refuse = [], False

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            return "451 later"
        self.got.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=policy)))
        return "250 OK"


@pytest.fixture
def posts():
    server = Posts()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mails():
    handler = Mails()

    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=data.login == b"lake" and data.password == b"secret")

    controller = Controller(
        handler, hostname="127.0.0.1", port=0, authenticator=check, auth_required=True, auth_require_tls=False
    )
    controller.port = _free_port()
    controller.start()
    yield handler, controller.port
    controller.stop()


def _free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(published, tmp_path):
    """A lake whose ledger a test may fill: the published files are those of all tests."""
    (tmp_path / "lake" / "restricted").mkdir(parents=True)
    (tmp_path / "lake" / "published").symlink_to(published.published)
    return replace(published, root=tmp_path / "lake")


@pytest.fixture
def recipients(published):
    """Two centres that were told something lately."""
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        found = con.execute(
            "SELECT recipient_code FROM warning_notice, publication WHERE NOT is_held_back "
            "AND notice_date BETWEEN CAST(as_of AS DATE) - 3 AND CAST(as_of AS DATE) "
            "GROUP BY recipient_code ORDER BY count(*) DESC, recipient_code LIMIT 2"
        ).fetchall()
    return [row[0] for row in found]


def configured(settings, tmp_path, text):
    file = tmp_path / "notify.yml"
    file.write_text(text, "utf-8")
    return replace(settings, notify_file=file)


@pytest.fixture
def by_webhook(settings, tmp_path, posts, recipients, monkeypatch):
    monkeypatch.setenv("HOOK_TOKEN", "Bearer abc")
    first, second = recipients
    text = f"""
webhook: {{url: "{posts.url}", headers: {{Authorization: "env:HOOK_TOKEN"}}}}
recipients:
  "{first}": {{webhook: shared}}
  "{second}": {{webhook: "{posts.url}2"}}
"""
    return configured(settings, tmp_path, text)


def tell(settings, channel):
    config = outgoing.read_config(settings)
    return [
        outgoing.send(settings, config, message, now=NOW) for message in outgoing.pending(settings, config, channel)
    ]


def test_each_centre_gets_one_message_with_its_own_notices_once(by_webhook, posts, recipients):
    assert tell(by_webhook, "webhook") == ["已送达"] * 2
    assert {body["recipient"]["code"] for _, _, body in posts.got} == set(recipients)
    assert {path for path, _, _ in posts.got} == {"/in", "/in2"}
    for _, headers, body in posts.got:
        assert headers["Authorization"] == "Bearer abc" and headers["Idempotency-Key"] == body["message_id"]
        assert body["notices"] and all(row["warning_id"] and row["feedback_due"] for row in body["notices"])
    assert tell(by_webhook, "webhook") == [] and len(posts.got) == 2


def test_what_did_not_arrive_is_told_again_and_what_arrived_is_not(by_webhook, posts):
    posts.status = 503
    assert all("HTTP 503" in state for state in tell(by_webhook, "webhook"))
    posts.status = 302
    assert all("HTTP 302" in state for state in tell(by_webhook, "webhook")), "a redirect is no delivery"
    posts.status = 200
    posts.got.clear()
    assert tell(by_webhook, "webhook") == ["已送达"] * 2
    assert len({body["message_id"] for _, _, body in posts.got}) == 2


def test_a_ledger_torn_by_a_killed_process_still_counts(by_webhook, posts):
    tell(by_webhook, "webhook")
    ledger = by_webhook.root / "restricted" / "messages.jsonl"
    assert ledger.stat().st_mode & 0o077 == 0
    whole = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(whole[0] + whole[1][:40])
    assert tell(by_webhook, "webhook") == ["已送达"] and tell(by_webhook, "webhook") == []


def test_a_wait_that_doubles_lies_between_attempts_and_there_is_an_end(by_webhook, posts):
    posts.status = 500
    config = outgoing.read_config(by_webhook)
    message = outgoing.pending(by_webhook, config, "webhook")[0]
    now, tried = NOW, 0
    for _ in range(2000):
        if outgoing.is_due(by_webhook, message, now):
            outgoing.send(by_webhook, config, message, now=now)
            tried += 1
        now += timedelta(minutes=1)
    assert tried == outgoing.MOST_ATTEMPTS
    posts.status = 200


def test_a_mail_says_what_to_do_and_brings_the_orders(settings, tmp_path, mails, recipients, monkeypatch):
    handler, port = mails
    monkeypatch.setenv("MAIL_PASSWORD", "secret")
    text = f"""
mail:
  {{host: 127.0.0.1, port: {port}, security: none, user: lake, password_env: MAIL_PASSWORD, sender: lake@city.example}}
recipients:
  "{recipients[0]}": {{mail: [a@county.example, b@county.example]}}
"""
    ready = configured(settings, tmp_path, text)
    handler.refuse = True
    assert tell(ready, "mail") == ["没有送达：邮件服务器回答 451"]
    handler.refuse = False
    assert tell(ready, "mail") == ["已送达"] and tell(ready, "mail") == []
    [(to, mail)] = handler.got
    assert to == ["a@county.example", "b@county.example"] and "条矛盾纠纷预警" in mail["Subject"]
    assert "预警编号" in mail.get_body().get_content()
    assert [part.get_filename().endswith(".xlsx") for part in mail.iter_attachments()]


def test_no_server_is_a_sentence_not_a_crash(by_webhook, posts):
    posts.shutdown()
    posts.server_close()
    assert all("连不上" in state for state in tell(by_webhook, "webhook"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("recipients: {x: {fax: 1}}", "看不懂"),
        ("recipients: [", "YAML"),
        ('webhook: {url: "ftp://x"}\nrecipients: {}', "看不懂"),
    ],
)
def test_a_faulty_configuration_is_refused_with_a_sentence(settings, tmp_path, text, says):
    with pytest.raises(outgoing.NotifyRefused, match=says):
        outgoing.read_config(configured(settings, tmp_path, text))


def test_a_configuration_inside_the_lake_is_refused_and_without_one_nothing_leaves(settings):
    inside = settings.root / "notify.yml"
    inside.write_text("recipients: {}", "utf-8")
    with pytest.raises(outgoing.NotifyRefused, match="湖以外"):
        outgoing.read_config(replace(settings, notify_file=inside))
    assert outgoing.read_config(settings) is None
    assert "没有配置" in telling.due(settings, "webhook", NOW)


def test_the_sensors_are_off_and_a_run_that_they_start_sends_and_fails_where_nothing_arrives(
    by_webhook, posts, monkeypatch, tmp_path
):
    assert {sensor.default_status for sensor in telling.SENSORS} == {dg.DefaultSensorStatus.STOPPED}
    monkeypatch.setenv("LAKE_NOTIFY_FILE", str(by_webhook.notify_file))
    workspace = Workspace(root=str(by_webhook.root), key_file=str(by_webhook.key_file))
    sensor, job = telling.SENSORS[0], telling.JOBS[0]
    with dg.instance_for_test() as instance:

        def look():
            return sensor.evaluate_tick(dg.build_sensor_context(instance=instance, resources={"workspace": workspace}))

        [request] = look().run_requests
        posts.status = 500
        failed = job.execute_in_process(resources={"workspace": workspace}, instance=instance, raise_on_error=False)
        assert not failed.success
        assert look().run_requests == [] and "重试" in look().skip_message
        posts.status = 200
        ledger = by_webhook.root / "restricted" / "messages.jsonl"
        lines = [
            json.loads(line) | {"at": "2020-01-01T00:00:00+00:00"} for line in ledger.read_text("utf-8").splitlines()
        ]
        ledger.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        [again] = look().run_requests
        assert again.run_key != request.run_key, "Dagster starts no second run for the same key"
        assert job.execute_in_process(resources={"workspace": workspace}, instance=instance).success
        assert look().run_requests == [] and "没有待发" in look().skip_message


def test_the_orders_of_a_publication_are_written_where_the_environment_says(settings, tmp_path):
    assert outgoing.write_orders(settings) is None
    said = outgoing.write_orders(replace(settings, orders=tmp_path / "out"))
    assert said.startswith("写了") and list((tmp_path / "out").glob("*/*.xlsx"))
