"""One way to write a text: compatibility forms, traditional characters, white space and control characters.

Here: cleaning that keeps the meaning and every digit. Not here: what a text says (`transforms.mentions`).
text as delivered -> text of NFKC letters and digits, simplified characters, single spaces

Chinese punctuation stays as people write it (，。：（）), though NFKC would turn some of it into ASCII.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pandas as pd

# Standard characters of mainland names and places that OpenCC would change (通用规范汉字表 2013 keeps them)
_KEPT_CHARACTERS = frozenset("昇堃喆淼塚钜锺甦夥")
_KEPT_PUNCTUATION = frozenset("，！？：；（）～…")


@cache
def _traditional() -> str:
    """Characters that are written in traditional texts only, from OpenCC's own table."""
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    found = []
    for line in table.read_text("utf-8").splitlines():
        character, _, simple = line.partition("\t")
        if len(character) == 1 and character not in simple.split() and character not in _KEPT_CHARACTERS:
            found.append(character)
    return "".join(found)


@cache
def _converter() -> Any:
    return opencc.OpenCC("t2s")


@cache
def _has_traditional() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(_traditional())}]")


@cache
def _odd() -> re.Pattern[str]:
    """Anything outside simplified Chinese, ASCII and common punctuation."""
    traditional = set(_traditional())
    simple = (chr(code) for code in range(0x4E00, 0xA000) if chr(code) not in traditional)
    return re.compile(
        f"[^{''.join(simple)}\u3001\u3002\u300a-\u3011\u3014\u3015\u201c\u201d\u2018\u2019\u2014…，！？：；（）～·\x20-\x7e]"
    )


class _Table(dict[int, str]):
    """Maps a character to its clean form, worked out at first sight."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if character in _KEPT_PUNCTUATION:
            clean = character
        elif character in "\t\r\n\x0b\x0c\u2028\u2029" or category == "Zs":
            clean = " "
        elif category in ("Cc", "Cf", "Cs", "Co", "Cn"):
            clean = ""
        else:
            clean = unicodedata.normalize("NFKC", character)
        self[code] = clean
        return clean


_TABLE = _Table()
_SPACES = re.compile(" {2,}")


def clean_one(text: str) -> str:
    """Returns one text cleaned."""
    if _odd().search(text):
        text = text.translate(_TABLE)
        if _has_traditional().search(text):
            text = _converter().convert(text)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text.strip(" ")


def clean(texts: pd.Series) -> pd.Series:
    """Returns a column (n, text or null) cleaned; what is empty afterwards is null."""
    values = [None if value is None or value != value else clean_one(value) or None for value in texts.tolist()]
    return pd.Series(values, index=texts.index, dtype="str")


def alternation(words: Iterable[object]) -> str:
    """Returns a regular expression of any of ``words``, the longest first: 开发商 is tried before 开发."""
    return "|".join(
        re.escape(word) for word in sorted({str(word) for word in words}, key=lambda word: (-len(word), word))
    )
