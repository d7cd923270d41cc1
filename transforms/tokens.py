"""Keyed tokens: the same phone gives the same token, and without the key nobody can try all phones.

Here: HMAC-SHA256 over canonical values, and the key file. Not here: cleaning (`transforms.phone`), the vault table.
canonical value, key -> token
"""

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be used; the message says in Chinese what to do."""


class Tokens:
    """Makes tokens with one key. ``kind`` is part of what is hashed: a phone never equals an ID number by chance."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a key of at least 16 bytes is needed")
        self._key = key

    def token(self, kind: str, value: str) -> str:
        """Returns ``<kind>_`` and 24 hex digits (96 bits) of the HMAC-SHA256 of kind and value."""
        return f"{kind}_{hmac.digest(self._key, f'{kind}:{value}'.encode(), 'sha256').hex()[:24]}"

    def tokens(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """Returns the token of each distinct value."""
        return {value: self.token(kind, value) for value in dict.fromkeys(values)}


def new_key(path: Path) -> bytes:
    """Writes a new random key to ``path`` (mode 0600, folder 0700 when made) and returns it.

    Raises:
        FileExistsError: something stands there already; a key is never overwritten.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key


def read_key(path: Path) -> bytes:
    """Returns the key that ``new_key`` wrote.

    Raises:
        KeyFileError: absent, unreadable, or not a key.
    """
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise KeyFileError(f"找不到密钥文件 {path}：请放回建湖时的密钥，或用 LAKE_KEY_FILE 指明位置") from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"密钥文件 {path} 无法读取：{error}") from None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise KeyFileError(f"密钥文件 {path} 的内容不是密钥（应为至少 32 个十六进制字符）")
    return key
