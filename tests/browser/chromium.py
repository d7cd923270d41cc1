"""Chromium driven over its own pipe: opens a page, presses keys, clicks, looks, takes pictures; no driver needed.

The protocol is DevTools' (JSON ended by a zero byte, on the file handles 3 and 4).
"""

import base64
import json
import os
import shutil
import subprocess
import time
from pathlib import Path

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-pipe", "about:blank",
]  # fmt: skip
PATIENCE = 20.0
_CODES = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39}


class Chromium:
    """One tab; use as a context manager. ``console``: what the page's scripts and its policy complained of."""

    def __init__(self, profile: Path, *, width: int = 1366, height: int = 768) -> None:
        assert shutil.which("chromium"), "需要 chromium：apt-get install chromium fonts-noto-cjk"
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        command = ["chromium", f"--user-data-dir={profile}", f"--window-size={width},{height}", *FLAGS]
        handles = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", handles, "chromium", *command],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.console: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )  # fmt: skip

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)

    def open(self, address: str) -> None:
        """Goes to a page."""
        self._ask("Page.navigate", url=address)

    def look(self, script: str):
        """Returns what a piece of script gives; an element: that it is there."""
        expression = f"(value => value instanceof Node ? true : value)({script})"
        found = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, script: str):
        """Waits until a piece of script gives something true, and returns it."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.look(script)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"等不到：{script}\n{self.look('document.body.innerText')[:2000]}")

    def press(self, key: str) -> None:
        """Presses and releases a key, as a keyboard does."""
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = {"windowsVirtualKeyCode": _CODES.get(key, ord(key.upper()[0]))}
        self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, **text, **code)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def write(self, text: str) -> None:
        """Types a text where the cursor is."""
        self._ask("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Clicks in the middle of the first element that a CSS selector finds, where a person sees it."""
        place = self.wait(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e || e.disabled) return null;"
            " e.scrollIntoView({block: 'nearest'}); const b = e.getBoundingClientRect();"
            " return b.width ? [b.x + b.width / 2, b.y + b.height / 2] : null; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def picture(self, file: Path) -> None:
        """Writes what is seen as a PNG."""
        file.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png")["data"]))

    def _ask(self, method: str, **values):
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]
            if answer.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.console.append(json.dumps(answer["params"], ensure_ascii=False))

    def _next(self):
        while b"\0" not in self._buffer:
            piece = os.read(self._read, 1 << 16)
            assert piece, "Chromium 已退出"
            self._buffer += piece
        message, self._buffer = self._buffer.split(b"\0", 1)
        return json.loads(message)
