"""The screen over HTTP: who may ask, what is answered, and with which headers.

Here: addresses, the log-in, headers, the server. Not here: numbers, rows (`numbers`, `rows`), users (`users`), how the
page looks (`assets/`).
browser -> host and sitting checked -> current snapshot -> page, JSON, CSV

Everything is only read: the two things that a browser may post are a log-in and a log-out. Nothing is loaded from
elsewhere, and the policy forbids it.
"""

import gzip
import hashlib
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warehouse.screen import numbers, rows
from warehouse.screen.choices import ChoiceRefused, screen_filter, selection
from warehouse.screen.snapshot import Follower, Snapshot
from warehouse.screen.users import HOURS, Log, Sittings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
COOKIE = "dispute_lake_screen"

_ASSETS = Path(__file__).parent / "assets"
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with no-referrer a form's Origin is null, and no log-in would come from here
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LARGEST_FORM = 4096
_KEPT = 64


class Screen:
    """What is shown, to whom.

    Args:
        follower: the current publication.
        label: stands in the page's head and in the names of CSV files; None: what the publication is marked with,
            such as 模拟数据.
        sittings: with it everybody must log in.
        log: where log-ins, disputes looked at and lists taken along are written down; None: nowhere.
        is_local: only this machine can reach it; then the name that a browser asks for must be one of this machine's,
            so that no page of another site reaches it by a name bent to 127.0.0.1.
        is_encrypted: served over TLS; the cookie then never travels without.
    """

    def __init__(
        self,
        follower: Follower,
        *,
        label: str | None = None,
        sittings: Sittings | None = None,
        log: Log | None = None,
        is_local: bool = True,
        is_encrypted: bool = False,
    ) -> None:
        self.label, self.sittings, self.is_local, self.is_encrypted = label, sittings, is_local, is_encrypted
        self._follower, self._log = follower, log
        self._files = {path.name: _Asset(path) for path in sorted(_ASSETS.iterdir()) if path.suffix in _KINDS}
        self._pages = {name: self._linked(name) for name in ("page.html", "login.html")}
        self._lock = threading.Lock()
        follower.prepare = self._first  # what most ask for stands before anybody does
        self._first(follower.current())

    @property
    def app(self) -> Starlette:
        """The application for a server."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/login", self._login_page),
                Route("/login", self._log_in, methods=["POST"]),
                Route("/logout", self._log_out, methods=["POST"]),
                Route("/assets/{name}", self._asset),
                Route("/api/state", self._state),
                Route("/api/summary", self._summary),
                Route("/api/rows", self._rows),
                Route("/api/rows.csv", self._csv),
                Route("/api/dispute", self._dispute),
            ],
            middleware=[Middleware(_Gate, screen=self), Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)],
            exception_handlers={ChoiceRefused: _refused},
        )

    def label_of(self, seen: Snapshot) -> str | None:
        """What a snapshot is marked with."""
        return self.label or seen.label

    def who(self, request: Request) -> str | None:
        """The user that asks; an empty name where nobody needs to log in."""
        return "" if self.sittings is None else self.sittings.who(request.cookies.get(COOKIE))

    def _linked(self, name: str) -> str:
        """A page whose links to style and script carry the digest of their content."""
        html = (_ASSETS / name).read_text("utf-8")
        for asset, file in self._files.items():
            html = html.replace(f'"/assets/{asset}"', f'"/assets/{asset}?v={file.digest}"')
        return html

    def _labelled(self, name: str, seen: Snapshot) -> str:
        """A page with the mark of what it shows."""
        label = self.label_of(seen)
        told = f'<strong class="label">{escape(label)}</strong>' if label else ""
        return self._pages[name].replace("<!--label-->", told)

    def _page(self, request: Request) -> Response:
        """The page with its first numbers inside: one answer, and they stand."""
        seen = self._follower.current()
        try:
            first = self._counted(seen, dict(request.query_params))
        except ChoiceRefused as error:
            first = json.dumps({"refused": str(error)}, ensure_ascii=False).encode()
        boot = json.dumps(
            {"categories": [{"code": code, "name": name} for code, name in seen.categories.items()],
             "user": self.who(request)},
            ensure_ascii=False,
        )  # fmt: skip
        html = (
            self._labelled("page.html", seen)
            .replace("<!--boot-->", _inside(boot))
            .replace("<!--first-->", _inside(first.decode()))
        )
        return Response(html, media_type="text/html", headers={"Cache-Control": "no-store"})

    def _login_page(self, request: Request) -> Response:
        if self.sittings is None:
            return RedirectResponse("/", status_code=303)
        return self._say_login("")

    def _say_login(self, sentence: str, status: int = 200) -> Response:
        told = f'<p class="refused" role="alert">{escape(sentence)}</p>' if sentence else ""
        html = self._labelled("login.html", self._follower.current()).replace("<!--refused-->", told)
        return Response(html, status, media_type="text/html", headers={"Cache-Control": "no-store"})

    async def _log_in(self, request: Request) -> Response:
        if self.sittings is None or not _is_same_site(request):
            return self._say_login("请从本页登录", 403)
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > _LARGEST_FORM:
            return self._say_login("请求太大或没有长度", 400)
        form = {
            name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()
        }
        name, address = form.get("name", ""), _address(request)
        token, waiting = await run_in_threadpool(self.sittings.log_in, name, form.get("password", ""), address)
        await run_in_threadpool(self._note, name[:60], address, "登录" if token else "登录被拒")
        if token is None and waiting:
            return self._say_login(f"试错太多，请 {waiting} 秒后再试", 429)
        if token is None:
            return self._say_login("用户名或口令不对", 403)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE, token, max_age=HOURS * 3600, httponly=True, samesite="strict", secure=self.is_encrypted
        )
        return answer

    def _log_out(self, request: Request) -> Response:
        if self.sittings is not None and _is_same_site(request):
            self.sittings.log_out(request.cookies.get(COOKIE))
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self.is_encrypted)
        return answer

    def _asset(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            return JSONResponse({"refused": "没有这个地址"}, 404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, media_type=file.kind, headers=headers | {"Content-Encoding": "gzip"})
        return Response(file.content, media_type=file.kind, headers=headers)

    def _state(self, request: Request) -> Response:
        """Which publication is shown, for a page that stands open."""
        seen = self._follower.current()
        return _json({"number": seen.number, "as_of": str(seen.as_of), "problem": self._follower.problem})

    def _summary(self, request: Request) -> Response:
        return Response(
            self._counted(self._follower.current(), dict(request.query_params)),
            media_type="application/json",
            headers=_FRESH,
        )

    def _rows(self, request: Request) -> Response:
        seen, asked = self._follower.current(), dict(request.query_params)
        number = asked.pop("page", "1")
        if not number.isdecimal() or len(number) > 7:
            raise ChoiceRefused(f"页码应是正整数，现在是“{number}”")
        return _json(rows.page(seen, selection(asked, city=seen.city), int(number)))

    def _csv(self, request: Request) -> Response:
        seen = self._follower.current()
        chosen = selection(dict(request.query_params), city=seen.city)
        self._note(self.who(request) or "", _address(request), "导出", rows.title(seen, chosen))
        name = quote(rows.file_name(seen, chosen, self.label_of(seen)))
        headers = _FRESH | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return StreamingResponse(rows.as_csv(seen, chosen), media_type="text/csv", headers=headers)

    def _dispute(self, request: Request) -> Response:
        told = rows.dispute(self._follower.current(), request.query_params.get("id", ""))
        self._note(self.who(request) or "", _address(request), "看纠纷", told["dispute"]["dispute_id"])
        return _json(told)

    def _note(self, user: str, address: str, what: str, about: str = "") -> None:
        if self._log is not None:
            self._log.add(user, address, what, about)

    def _first(self, seen: Snapshot) -> None:
        self._counted(seen, {})

    def _counted(self, seen: Snapshot, asked: Mapping[str, str]) -> bytes:
        """The numbers for a filter as JSON; the last ones asked for are kept."""
        chosen = screen_filter(asked, city=seen.city, now=seen.as_of)
        key = urlencode(chosen.said())
        with self._lock:
            if key in seen.kept:
                seen.kept.move_to_end(key)
                return seen.kept[key]
        made = json.dumps(numbers.summary(seen, chosen), ensure_ascii=False, allow_nan=False).encode()
        with self._lock:
            seen.kept[key] = made
            while len(seen.kept) > _KEPT:
                seen.kept.popitem(last=False)
        return made


class Server:
    """Serves a screen; ``address`` is what a browser opens. Use as a context manager to serve beside other work."""

    def __init__(
        self, screen: Screen, *, host: str = "127.0.0.1", port: int = 0, certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:  # fmt: skip
        """Binds the port (0: any free one).

        Raises:
            OSError: it cannot be bound, or the certificate not be read.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=128)
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if certificate else "http"
        self.address = f"{scheme}://{shown}:{self._socket.getsockname()[1]}/"
        config = uvicorn.Config(
            screen.app, log_level="warning", access_log=False, server_header=False, lifespan="off", ws="none",
            timeout_graceful_shutdown=2, ssl_certfile=certificate, ssl_keyfile=key,
        )  # fmt: skip
        try:
            config.load()
        except ssl.SSLError as error:
            raise OSError(f"证书或私钥读不了：{error}") from error
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.serve)

    def serve(self) -> None:
        """Serves until interrupted."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class _Asset:
    """A file of the page, packed once."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.packed = gzip.compress(self.content, 9, mtime=0)
        self.kind = _KINDS[path.suffix]
        self.digest = hashlib.sha256(self.content).hexdigest()[:12]


class _Gate:
    """Lets in who may ask, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, screen: Screen) -> None:
        self._app, self._screen = app, screen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        request = Request(scope)
        await (self._stopped(request) or self._app)(scope, receive, sending)

    def _stopped(self, request: Request) -> Response | None:
        """The answer to who may not ask; None: go on."""
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname
        if self._screen.is_local and host not in LOOPBACK:
            return JSONResponse({"refused": "本页只在本机可见，请用 127.0.0.1 打开"}, 403)
        path = request.url.path
        if path == "/login" or path.startswith("/assets/") or self._screen.who(request) is not None:
            return None
        if path == "/":
            return RedirectResponse("/login", status_code=303)
        return JSONResponse({"refused": "请先登录"}, 401)


_FRESH = {"Cache-Control": "no-store"}


def _json(content: Any) -> Response:
    made = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    return Response(made, media_type="application/json", headers=_FRESH)


def _inside(text: str) -> str:
    """JSON that can stand inside a script element."""
    return text.replace("<", "\\u003c")


def _is_same_site(request: Request) -> bool:
    """Whether a form was sent by a page of this server; browsers say so, and what they do not say counts as none."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"refused": str(error)}, 400, headers=_FRESH)
