"""Messages about warnings to the centres, by webhook and by mail: each notice once, and only what is masked.

Here: the configuration (a file outside the lake), what is still to be told, sending one message, the ledger of what
was sent. Not here: when it is done (`telling`), the content of a notice (`warehouse.delivery.orders`), who is told
(`transforms.warnings.notices`).
warning_notice (published) - ledger -> Message per recipient -> HTTP or SMTP -> restricted/messages.jsonl

A message has an id that follows from its content: one sent twice, because a machine died between sending and noting it,
is known by it (header Idempotency-Key, Message-ID). Only published rows leave; passwords come from the environment.
"""

import fcntl
import hashlib
import json
import os
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, Literal

import duckdb
import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.settings import Settings
from warehouse.delivery import orders

CHANNELS = ("webhook", "mail")
FILE_VARIABLE = "LAKE_NOTIFY_FILE"
MOST_ATTEMPTS = 12
"""After so many failures a message is given up for this publication; a later one tells its notices again."""

_SENT = ("notice_date", "rank", "level", "rule", "rule_name", "warning_id", "dispute_id", "title", "area_name", "place",
         "category_name", "risk_level", "responsible_tier", "deadline_at", "feedback_due", "first_seen_at",
         "evidence")  # fmt: skip


class NotifyRefused(Exception):
    """The configuration cannot be used; the sentence is for the user."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Webhook(_Strict):
    """Where messages are posted as JSON. ``headers``: a value ``env:NAME`` is read from the environment."""

    url: str = Field(pattern=r"^https?://")
    headers: dict[str, str] = {}
    timeout_seconds: float = Field(default=10, gt=0, le=60)


class Mail(_Strict):
    """The mail server. ``password_env`` names the environment variable with the password."""

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password_env: str | None = None
    sender: str
    timeout_seconds: float = Field(default=20, gt=0, le=60)
    attach: bool = True


class Recipient(_Strict):
    """One centre: its mail addresses, and its webhook: an address, or ``shared`` for the one under ``webhook``."""

    webhook: str | None = Field(default=None, pattern=r"^(https?://.+|shared)$")
    mail: list[str] = []


class Written(_Strict):
    """The file. ``days_back``: notices older than so many days are not told any more, as after a long break."""

    webhook: Webhook | None = None
    mail: Mail | None = None
    recipients: dict[str, Recipient]
    days_back: int = Field(default=3, ge=0, le=30)


@dataclass(frozen=True)
class Config:
    """A configuration that was read: its ``path``, what stands in it."""

    path: Path
    written: Written

    @property
    def channels(self) -> tuple[str, ...]:
        """Those that are configured, of `CHANNELS`."""
        return tuple(name for name in CHANNELS if getattr(self.written, name) is not None)

    def codes(self, channel: str) -> list[str]:
        """Recipients that have an address on a channel."""
        return sorted(code for code, each in self.written.recipients.items() if getattr(each, channel))


@dataclass(frozen=True)
class Message:
    """What one recipient is told of one publication over one channel.

    ``notices``: plain values, most urgent first; ``keys``: what the ledger remembers; ``told``: the days they are from.
    """

    channel: str
    recipient_code: str
    recipient_name: str
    recipient_tier: str
    publication: int
    as_of: datetime
    label: str | None
    notices: list[dict[str, Any]]
    keys: list[str]
    told: list[orders.Day] = field(repr=False)

    @property
    def message_id(self) -> str:
        """Follows from channel, recipient and notices alone."""
        text = "\n".join([self.channel, self.recipient_code, *sorted(self.keys)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def payload(self) -> dict[str, Any]:
        """The body of a webhook."""
        return {
            "message_id": self.message_id,
            "publication": self.publication,
            "as_of": self.as_of.isoformat(),
            "label": self.label,
            "recipient": {"code": self.recipient_code, "name": self.recipient_name, "tier": self.recipient_tier},
            "notices": self.notices,
        }


def read_config(settings: Settings) -> Config | None:
    """The configuration that LAKE_NOTIFY_FILE names; None: nothing is configured, nothing leaves.

    Raises:
        NotifyRefused: the file is missing, inside the lake, no valid YAML, or says what is not understood.
    """
    path = settings.notify_file
    if path is None:
        return None
    if path.resolve().is_relative_to(settings.root.resolve()):
        raise NotifyRefused(
            f"{path} 在湖里：通知的配置须放在湖以外（湖会被复制、被多人读取）。请移走并改 {FILE_VARIABLE}。"
        )
    try:
        written = Written.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise NotifyRefused(f"{FILE_VARIABLE} 指向的 {path} 读不了：{error.strerror}") from error
    except yaml.YAMLError as error:
        raise NotifyRefused(f"{path} 不是有效的 YAML：{error}") from error
    except ValidationError as error:
        told = "；".join(f"{'.'.join(map(str, each['loc']))}：{each['msg']}" for each in error.errors())
        raise NotifyRefused(f"{path} 有看不懂的内容：{told}") from error
    return Config(path, written)


def write_orders(settings: Settings) -> str | None:
    """Writes the 交办单 of a publication's day into the folder that LAKE_ORDERS names, one folder a day.

    Returns:
        What came of it, for the log; None where no folder is named. A full disk does not undo a publication.
    """
    if settings.orders is None:
        return None
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        day = con.execute("SELECT CAST(as_of AS DATE) FROM publication").fetchall()[0][0]
        try:
            told = orders.read(con, day)
        except LookupError as error:
            return str(error)
    try:
        made = orders.write(told, settings.orders / str(day))
    except OSError as error:
        return f"交办单写不到 {settings.orders}：{error.strerror}；可用 dispute-lake orders 另写"
    return f"写了 {len(made)} 份交办单，在 {settings.orders / str(day)}"


def pending(settings: Settings, config: Config, channel: str) -> list[Message]:
    """What is still to be told over a channel: one message for each recipient who has an address there."""
    sent = _sent(settings, channel)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        as_of = con.execute("SELECT as_of FROM publication").fetchall()[0][0].date()
        days = con.execute(
            "SELECT DISTINCT notice_date FROM warning_notice "
            "WHERE notice_date BETWEEN $since AND $until AND NOT is_held_back ORDER BY notice_date DESC",
            {"since": as_of - timedelta(days=config.written.days_back), "until": as_of},
        ).fetchall()
        told = [orders.read(con, day[0]) for day in days]
    messages = []
    for code in config.codes(channel):
        parts = [(day, day.rows.loc[day.rows["recipient_code"] == code]) for day in told]
        parts = [(day, rows.loc[~_keys(rows).isin(sent)]) for day, rows in parts]
        parts = [(day, rows) for day, rows in parts if len(rows)]
        if parts:
            messages.append(_message(channel, code, parts))
    return messages


def send(settings: Settings, config: Config, message: Message, *, now: datetime | None = None) -> str:
    """Sends a message and notes in the ledger whether it arrived; returns 已送达 or why it did not."""
    at = now or datetime.now().astimezone()
    with _locked(settings) as ledger:  # two senders at once would tell it twice
        if _sent(settings, message.channel).issuperset(message.keys):
            return "已送达"
        failed = None
        try:
            if message.channel == "webhook":
                _post(config, message)
            else:
                _mail(config, message)
        except (OSError, HTTPException, smtplib.SMTPException, NotifyRefused) as error:
            failed = _reason(error)
        _note(ledger, message, at, failed)
    return "已送达" if failed is None else f"没有送达：{failed}"


def attempts(settings: Settings, message: Message) -> tuple[int, datetime | None]:
    """How often this very message failed, and when last."""
    failed = [
        line for line in _ledger(settings) if line["message_id"] == message.message_id and line["failed"] is not None
    ]
    return len(failed), datetime.fromisoformat(failed[-1]["at"]) if failed else None


def is_due(settings: Settings, message: Message, now: datetime) -> bool:
    """Says whether a message is to be tried now: after each failure the wait doubles, from one minute to an hour."""
    count, last = attempts(settings, message)
    if last is None:
        return True
    return count < MOST_ATTEMPTS and now - last >= timedelta(minutes=min(2 ** (count - 1), 60))


def _keys(rows: pd.DataFrame) -> "pd.Series[str]":
    return rows["recipient_code"] + "|" + rows["notice_date"].dt.strftime("%Y-%m-%d") + "|" + rows["warning_id"]


def _message(channel: str, code: str, parts: list[tuple[orders.Day, pd.DataFrame]]) -> Message:
    newest = parts[0][0]
    rows = pd.concat([rows for _, rows in parts], ignore_index=True)
    plain = rows[list(_SENT)].astype(object).where(rows[list(_SENT)].notna(), None)
    notices = [{name: _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]
    first = rows.iloc[0]
    return Message(
        channel=channel,
        recipient_code=code,
        recipient_name=first["recipient_name"],
        recipient_tier=first["recipient_tier"],
        publication=newest.publication,
        as_of=newest.as_of,
        label=newest.label,
        notices=notices,
        keys=_keys(rows).tolist(),
        told=[orders.Day(day.day, part, day.label, day.as_of, day.publication) for day, part in parts],
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that moved is told of, not followed: its credentials are meant for the address in the file."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


def _post(config: Config, message: Message) -> None:
    hook = config.written.webhook
    if hook is None:
        raise NotifyRefused("没有配置 webhook")
    own = config.written.recipients[message.recipient_code].webhook
    url = hook.url if own in (None, "shared") else own
    headers = {name: _secret(value) for name, value in hook.headers.items()}
    headers |= {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.message_id}
    body = json.dumps(message.payload, ensure_ascii=False).encode()
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=hook.timeout_seconds) as answer:
        answer.read(1)


def _mail(config: Config, message: Message) -> None:
    server = config.written.mail
    if server is None:
        raise NotifyRefused("没有配置 mail")
    mail = EmailMessage()
    mark = f"【{message.label}】" if message.label else ""
    mail["Subject"] = f"{mark}{message.recipient_name}：{len(message.notices)} 条矛盾纠纷预警"
    mail["From"] = server.sender
    mail["To"] = ", ".join(config.written.recipients[message.recipient_code].mail)
    mail["Message-ID"] = f"<{message.message_id}@dispute-lake>"
    mail.set_content(_text(message))
    for day in message.told if server.attach else []:
        mail.add_attachment(
            orders.workbook(day, day.rows),
            maintype="application",
            subtype="vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            filename=orders.file_name(day, day.rows),
        )
    context = ssl.create_default_context()
    kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
    more: dict[str, Any] = {"context": context} if server.security == "tls" else {}
    with kind(server.host, server.port, timeout=server.timeout_seconds, **more) as smtp:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user is not None:
            smtp.login(server.user, _secret(f"env:{server.password_env}"))
        refused = smtp.send_message(mail)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)


def _text(message: Message) -> str:
    lines = [
        f"{message.recipient_name}：",
        "",
        f"以下 {len(message.notices)} 条预警请核实办理（截止 {message.as_of:%Y-%m-%d}）。",
    ]
    for number, notice in enumerate(message.notices, start=1):
        due = notice["feedback_due"].replace("T", " ")[:16]
        lines += [
            "",
            f"{number}. 【{notice['level']}】{notice['rule_name']}　{notice['area_name']}",
            f"   {notice['title'] or notice['category_name'] or ''}",
            f"   依据：{notice['evidence'] or '—'}",
            f"   预警编号 {notice['warning_id']}；纠纷编号 {notice['dispute_id'] or '—'}；请于 {due} 前反馈",
        ]
    return "\n".join([*lines, "", orders.settings()["note"], *([message.label] if message.label else [])])


def _secret(value: str) -> str:
    if not value.startswith("env:"):
        return value
    found = os.environ.get(value.removeprefix("env:"))
    if found is None:
        raise NotifyRefused(f"环境变量 {value.removeprefix('env:')} 没有设")
    return found


def _reason(error: Exception) -> str:
    """Why it failed, without what the other side answered at length (it may quote the message)."""
    if isinstance(error, urllib.error.HTTPError):
        return f"对方回答 HTTP {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"连不上：{error.reason}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"邮件服务器回答 {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "邮件服务器拒收收件人"
    if isinstance(error, NotifyRefused):
        return str(error)
    return f"连不上：{error}"


def _file(settings: Settings) -> Path:
    return settings.root / "restricted" / "messages.jsonl"


@contextmanager
def _locked(settings: Settings) -> Iterator[BinaryIO]:
    """The ledger, open for appending, for this process alone; others wait."""
    handle = os.open(_file(settings), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "r+b") as ledger:
        fcntl.flock(ledger, fcntl.LOCK_EX)
        yield ledger


def _ledger(settings: Settings) -> list[dict[str, Any]]:
    """Every attempt, oldest first; a line that a killed process left half written is passed over."""
    if not _file(settings).exists():
        return []
    lines = []
    for line in _file(settings).read_text("utf-8").splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return lines


def _sent(settings: Settings, channel: str) -> set[str]:
    return {
        key
        for line in _ledger(settings)
        if line["channel"] == channel and line["failed"] is None
        for key in line["keys"]
    }


def _note(ledger: BinaryIO, message: Message, at: datetime, failed: str | None) -> None:
    line = {
        "at": at.isoformat(timespec="seconds"),
        "channel": message.channel,
        "recipient_code": message.recipient_code,
        "message_id": message.message_id,
        "publication": message.publication,
        "keys": message.keys,
        "failed": failed,
    }
    end = ledger.seek(0, os.SEEK_END)
    ledger.seek(max(end - 1, 0))
    torn = b"" if ledger.read(1) in (b"", b"\n") else b"\n"  # a process was killed while it wrote the last line
    ledger.write(torn + json.dumps(line, ensure_ascii=False).encode() + b"\n")
    ledger.flush()
    os.fsync(ledger.fileno())
