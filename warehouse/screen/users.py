"""Who may look at a screen that others on the network can reach: a file of password hashes, sittings, a log.

Here: the file, checking a password, sittings in memory. Not here: forms and cookies (`app`), the commands
(`pipelines.commands.screen`).
name, password -> users file (scrypt); name, password -> sitting

The file lies outside the lake: who may read published data must not find it there. It holds no password, only what
scrypt makes of it. Sittings live in memory and end with the server.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

SHORTEST = 10
"""Characters of a password at least."""
HOURS = 12
"""How long a sitting lasts: a working day; a wall is logged in once a shift."""
FREE_TRIES = 5
"""Wrong passwords of one name or one address before the waiting begins; it doubles, up to `LONGEST_WAIT` seconds."""
LONGEST_WAIT = 900.0

_N, _R, _P = 1 << 14, 8, 1
_FORGET = 3600.0
_MOST_KEPT = 10_000


class UsersRefused(ValueError):
    """The users file cannot be used, or an entry not be made; the sentence is for the user."""


@dataclass(frozen=True)
class Users:
    """Names with the hashes of their passwords, as one file holds them."""

    hashes: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Users":
        """Reads the file.

        Raises:
            UsersRefused: it is not there, others may read it, or it is no users file.
        """
        try:
            if os.name == "posix" and path.stat().st_mode & 0o077:
                raise UsersRefused(f"用户文件 {path} 别人也能读。请先收回：chmod 600 {path}")
            found = json.loads(path.read_text("utf-8"))
        except FileNotFoundError as error:
            raise UsersRefused(
                f"没有用户文件 {path}。请先添加用户：dispute-lake screen user add 姓名 --user-file {path}"
            ) from error
        except (OSError, ValueError) as error:
            raise UsersRefused(f"用户文件 {path} 读不了：{error}") from error
        if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
            raise UsersRefused(f"{path} 不是用户文件")
        return cls(found)

    def write(self, path: Path) -> None:
        """Writes the file beside and renames it over, readable by its owner alone.

        Raises:
            UsersRefused: the place cannot be written.
        """
        beside = path.with_name(f".{path.name}.writing")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.unlink(missing_ok=True)
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump(self.hashes, file, ensure_ascii=False, indent=1, sort_keys=True)
            beside.replace(path)
        except OSError as error:
            raise UsersRefused(f"用户文件 {path} 写不了：{error}") from error

    def with_user(self, name: str, password: str) -> "Users":
        """The same with one more user, or another password for a known one.

        Raises:
            UsersRefused: an empty name, or a password that is too short.
        """
        if not name.strip() or len(name) > 60:
            raise UsersRefused("用户名不能是空的，也不能超过 60 个字")
        if len(password) < SHORTEST:
            raise UsersRefused(f"口令至少 {SHORTEST} 个字符")
        return Users(self.hashes | {name: _hash(password, secrets.token_bytes(16))})

    def without_user(self, name: str) -> "Users":
        """The same without one user.

        Raises:
            UsersRefused: there is no such user.
        """
        if name not in self.hashes:
            raise UsersRefused(f"没有用户“{name}”")
        return Users({each: kept for each, kept in self.hashes.items() if each != name})

    def accepts(self, name: str, password: str) -> bool:
        """Whether the password is that user's; takes as long where there is no such user."""
        kept = self.hashes.get(name, _NOBODY)
        made = _hash(password, bytes.fromhex(kept.split("$")[4]))
        return hmac.compare_digest(made.encode(), kept.encode()) and name in self.hashes


class Sittings:
    """Who is logged in, and who must wait; ``clock`` gives seconds that only grow."""

    def __init__(self, users: Users, clock: Callable[[], float] = time.monotonic) -> None:
        self._users = users
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, tuple[str, float]] = {}
        self._failed: dict[str, tuple[int, float]] = {}

    def log_in(self, name: str, password: str, address: str) -> tuple[str | None, int]:
        """Returns a new sitting's token, or None and the seconds to wait (0: try again at once).

        While somebody waits no password is looked at: the right one is refused too, so that guessing gains nothing.
        """
        keys = (f"name:{name[:60]}", f"address:{address}")
        waiting = self._wait(keys)
        if waiting:
            return None, waiting
        if self._users.accepts(name, password):
            token = secrets.token_urlsafe(32)
            with self._lock:
                now = self._clock()
                self._failed.pop(keys[0], None)
                self._until = {each: kept for each, kept in self._until.items() if kept[1] > now}
                self._until[_digest(token)] = (name, now + HOURS * 3600)
            return token, 0
        with self._lock:
            now = self._clock()
            if len(self._failed) > _MOST_KEPT:
                self._failed = {key: kept for key, kept in self._failed.items() if now - kept[1] < _FORGET}
            for key in keys:
                count, at = self._failed.get(key, (0, now))
                self._failed[key] = (1 if now - at > _FORGET else count + 1, now)
        return None, self._wait(keys)

    def who(self, token: str | None) -> str | None:
        """The user of a sitting that has not ended."""
        if not token:
            return None
        with self._lock:
            name, until = self._until.get(_digest(token), (None, 0.0))
        return name if self._clock() < until else None

    def log_out(self, token: str | None) -> None:
        """Ends a sitting."""
        with self._lock:
            self._until.pop(_digest(token or ""), None)

    def _wait(self, keys: tuple[str, ...]) -> int:
        """Seconds to wait, rounded up."""
        longest = 0.0
        with self._lock:
            now = self._clock()
            for key in keys:
                count, at = self._failed.get(key, (0, now))
                if count >= FREE_TRIES:
                    longest = max(longest, min(2.0 ** min(count - FREE_TRIES + 1, 20), LONGEST_WAIT) - (now - at))
        return max(0, -int(-longest // 1))


class Log:
    """Who logged in, looked at a dispute, took a list along: one JSON line each, only ever added to.

    The time is the clock's: these are acts of persons. Kept as long as the law asks (six months at least); turned over
    and deleted by the machine's own tools.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def add(self, user: str, address: str, what: str, about: str = "") -> None:
        """Adds a line: time, user, address of the browser, what was done, about what."""
        line = {
            "at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "user": user,
            "address": address,
            "what": what,
            "about": about,
        }
        with self._lock:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _digest(token: str) -> str:
    """Sittings are kept by a digest, so that comparing them tells nothing by its time."""
    return hashlib.sha256(token.encode()).hexdigest()


def _hash(password: str, salt: bytes) -> str:
    made = hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=64 << 20)
    return f"scrypt${_N}${_R}${_P}${salt.hex()}${made.hex()}"


_NOBODY = f"scrypt${_N}${_R}${_P}${'00' * 16}${'00' * 64}"
