"""Phone numbers: which characters are the number, and is it one person's number at all.

Here: one number or one cell of numbers. Not here: numbers inside sentences (`transforms.mentions`), tokens
(`transforms.tokens`), offices found by behaviour (`transforms.matching`).
cell as delivered -> canonical digits and kind

Junk rules follow running code [certain] (domain notes F-3: fewer than 7 digits or all the same), the list of service
numbers is 假定 (`phone.yml`).
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd
import yaml

from transforms.text import clean_one

Kind = Literal["mobile", "landline", "short", "junk"]


@cache
def service_numbers() -> frozenset[str]:
    """Numbers of offices, emergency services and carriers: nobody's own."""
    loaded = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return frozenset(str(number) for number in loaded["service_numbers"])


@cache
def _placeholders() -> frozenset[str]:
    loaded = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return frozenset(str(number) for number in loaded["placeholders"])


_NOT_NUMBER = re.compile(r"[^\d+]")
_EXTENSION = re.compile(r"(?:转|分机|[-—－]?ext\.?|#|,)\s*(\d{1,6})\s*$", re.IGNORECASE)
_DASH_EXTENSION = re.compile(r"^(0\d{2,3}[-—)） ]?\d{7,8})[-—](\d{1,6})$")
_SPLIT = re.compile(r"[,，;；、/|]|\s或\s?|或|\s{2,}|\n|(?<=\d{11})\s+(?=1[3-9]|0\d)")
_AREA_CODES = ("0877",)


class Phone(NamedTuple):
    """``number``: canonical digits, mobile 11 digits, landline with area code where known; null when junk."""

    number: str | None
    kind: Kind


_JUNK = Phone(None, "junk")


def parse(text: str | None) -> Phone:
    """Returns one cell's number.

    ``+86 138-0000-1234`` -> 13800001234 mobile; ``0877-2012345转8001`` -> 08772012345 landline; 7 or 8 digits without
    an area code stay as they are; 12345, 110, repeated digits and fewer than 7 digits are junk.
    """
    if not text:
        return _JUNK
    if len(text) == 11 and text.isascii() and text.isdigit():
        return judge(text)
    text = clean_one(text)
    if text.endswith(".0"):
        text = text[:-2]
    text = _EXTENSION.sub("", text)
    dashed = _DASH_EXTENSION.match(text)
    if dashed:
        text = dashed.group(1)
    digits = _NOT_NUMBER.sub("", text)
    if digits.startswith("+"):
        digits = digits[1:]
    digits = digits.replace("+", "")
    if digits.startswith("0086"):
        digits = digits[4:]
    elif digits.startswith("86") and len(digits) in (12, 13) and digits[2] in "10":
        digits = digits[2:]
    elif len(digits) == 12 and digits.startswith("01") and digits[2] in "3456789":
        digits = digits[1:]
    return judge(digits)


def judge(digits: str) -> Phone:
    """Returns what bare digits are."""
    bare = digits[4:] if digits.startswith(_AREA_CODES) else digits
    if digits in service_numbers() or bare in service_numbers():
        return _JUNK
    if len(digits) < 7 or len(set(digits)) == 1 or len(set(digits[1:])) == 1:
        return _JUNK
    if digits in _placeholders():
        return _JUNK
    if len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789":
        return _JUNK if len(set(digits[3:])) == 1 else Phone(digits, "mobile")
    if digits[0] == "0" and 10 <= len(digits) <= 12 and digits[1] != "0":
        local = digits[3:] if digits[1] in "12" else digits[4:]
        return _JUNK if len(local) < 7 or len(set(local)) == 1 else Phone(digits, "landline")
    if len(digits) in (7, 8) and digits[0] not in "01":
        return Phone(digits, "short")
    return _JUNK


@lru_cache(maxsize=200_000)
def parse_cell(text: str | None) -> tuple[Phone, ...]:
    """Returns the distinct usable numbers of a cell that may hold several, in order."""
    if not text:
        return ()
    whole = parse(text)
    if whole.number:
        return (whole,)
    found: dict[str, Phone] = {}
    for part in _SPLIT.split(text):
        phone = parse(part)
        if phone.number:
            found.setdefault(phone.number, phone)
    return tuple(found.values())


def parse_all(texts: pd.Series) -> pd.DataFrame:
    """Returns number and kind for a column (n), worked out once per distinct text."""
    unique = texts.dropna().unique().tolist()
    parsed = {text: parse(text) for text in unique}
    frame = pd.DataFrame(
        [parsed.get(text, _JUNK) if text == text else _JUNK for text in texts.tolist()],
        columns=["number", "kind"],
        index=texts.index,
    )
    return frame.astype("str")
