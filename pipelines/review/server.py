"""The review page: one page and its data over HTTP, on this machine only, for whoever holds the token.

Here: addresses, who may ask, JSON in and out. Not here: what is shown and written (`desk`), how it looks (`page.html`).
browser -> token, host checked -> desk -> JSON

The page needs no network: style and script are inside it. A page of another site cannot ask, since it knows no token
and may not send the header that carries it; a name that was bent to 127.0.0.1 is refused by the Host header.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipelines.review.desk import Desk
from pipelines.reviewing import Act, ReviewRefused
from transforms.corrections import CorrectionRefused
from warehouse.lake import LakeBusy

HOST = "127.0.0.1"
_HERE = Path(__file__).parent
_LARGEST = 1 << 20
_Route = tuple[tuple[str, ...], Callable[[dict[str, Any]], Any]]
"""What a request must say, and what is done with it."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:"


class ReviewServer(ThreadingHTTPServer):
    """Serves one desk; ``address`` is what the reviewer opens."""

    daemon_threads = True

    def __init__(self, desk: Desk, *, port: int = 0, note: str | None = None) -> None:
        """Binds ``port`` (0: any free one) on 127.0.0.1; ``note`` stands in the page's head, such as 模拟数据."""
        super().__init__((HOST, port), _Handler)
        self.desk, self.token = desk, secrets.token_urlsafe(24)
        self.page = page(note)

    @property
    def address(self) -> str:
        """Where the page is, with its token."""
        return f"http://{HOST}:{self.server_port}/?token={self.token}"


def page(note: str | None = None) -> bytes:
    """Returns the page: one file with style and script inside."""
    html = (_HERE / "page.html").read_text("utf-8")
    for name in ("page.css", "page.js"):
        html = html.replace(f"/*{name}*/", (_HERE / name).read_text("utf-8"))
    return html.replace("<!--note-->", f'<b class="note">{escape(note)}</b>' if note else "").encode()


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    server_version, sys_version = "dispute-lake", ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The page itself, and everything that is only read."""
        path, asked = self._asked()
        if path == "/":
            if self._is_ours(asked.get("token", "")):
                self._send(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
            else:
                self._refuse(
                    HTTPStatus.FORBIDDEN, "地址里没有本次的口令；请用 dispute-lake review 打印的完整地址打开。"
                )
            return
        desk, reveal = self.server.desk, asked.get("reveal") == "1"
        reads: dict[str, _Route] = {
            "/api/queue": ((), lambda _: desk.queue()),
            "/api/count": ((), lambda _: desk.count()),
            "/api/pair": (("left", "right"), lambda said: desk.pair(said["left"], said["right"], reveal=reveal)),
            "/api/bars": (("left", "right"), lambda said: desk.bars(said["left"], said["right"])),
            "/api/dispute": (("id",), lambda said: desk.dispute(said["id"], reveal=reveal)),
            "/api/disputes": ((), lambda said: desk.find(said.get("text", ""))),
            "/api/records": ((), lambda said: desk.records(said.get("text", ""), said.get("doubt", ""))),
            "/api/record": (("id",), lambda said: desk.record(said["id"], reveal=reveal)),
            "/api/choices": ((), lambda _: desk.choices()),
            "/api/acts": ((), lambda _: desk.acts()),
            "/api/alerts": (
                (),
                lambda said: desk.alerts(said.get("area", ""), said.get("day", ""), said.get("which", "")),
            ),
            "/api/alert": (("id",), lambda said: desk.alert(said["id"])),
        }
        self._answer(reads.get(path), asked)

    def do_POST(self) -> None:
        """Everything that is written."""
        path, _ = self._asked()
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST:
            self.close_connection = True
            self._refuse(HTTPStatus.BAD_REQUEST, "请求太大或没有长度")
            return
        body = self.rfile.read(int(length))
        if self.headers.get_content_type() != "application/json":
            self._refuse(HTTPStatus.BAD_REQUEST, "请求应是 JSON")
            return
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self._refuse(HTTPStatus.BAD_REQUEST, "请求应是 JSON")
            return
        desk, why = self.server.desk, str(said.get("why") or "").strip() or None
        writes: dict[str, _Route] = {
            "/api/judge": (
                ("left", "right", "verdict"),
                lambda said: desk.judge(said["left"], said["right"], said["verdict"], why),
            ),
            "/api/split": (("dispute", "apart"), lambda said: desk.split(said["dispute"], list(said["apart"]), why)),
            "/api/merge": (("disputes",), lambda said: desk.merge(list(said["disputes"]), why)),
            "/api/correct": (
                ("event", "field", "value"),
                lambda said: desk.correct(said["event"], said["field"], said["value"], why),
            ),
            "/api/speak": (("warning", "what"), lambda said: desk.speak(said["warning"], said["what"], why)),
            "/api/withdraw": (("number",), lambda said: desk.withdraw(said["number"], why)),
            "/api/undo": ((), lambda _: {"number": desk.undo()}),
        }
        self._answer(writes.get(path), said)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: addresses hold the token, and the terminal belongs to the reviewer."""

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}

    def _is_ours(self, token: str) -> bool:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        return host in (HOST, "localhost") and hmac.compare_digest(token.encode(), self.server.token.encode())

    def _answer(self, route: _Route | None, said: dict[str, Any]) -> None:
        if not self._is_ours(self.headers.get("X-Token", "")):
            self._refuse(HTTPStatus.FORBIDDEN, "没有本次的口令")
            return
        if route is None:
            self._refuse(HTTPStatus.NOT_FOUND, "没有这个地址")
            return
        needed, work = route
        if not all(isinstance(said.get(name), str | list) and said[name] for name in needed):
            self._refuse(HTTPStatus.BAD_REQUEST, f"请求缺少 {'、'.join(needed)}")
            return
        try:
            result = work(said)
        except ReviewRefused as error:
            self._json(HTTPStatus.CONFLICT, {"refused": str(error), "against": list(error.against)})
            return
        except (CorrectionRefused, LakeBusy) as error:
            self._json(HTTPStatus.CONFLICT, {"refused": str(error), "against": []})
            return
        if isinstance(result, Act):
            result = {"number": result.number, "is_new": result.is_new}
        self._json(HTTPStatus.OK, result)

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._json(status, {"refused": sentence, "against": []})

    def _json(self, status: HTTPStatus, content: Any) -> None:
        self._send(
            status, json.dumps(content, ensure_ascii=False, allow_nan=False, default=str).encode(), "application/json"
        )

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind), ("Content-Length", str(len(content))), ("Cache-Control", "no-store"),
            ("Content-Security-Policy", _POLICY), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
