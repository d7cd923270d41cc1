"""Phone numbers: which characters are the number, and is it one person's number at all.

Here: one number or one cell of numbers; one without an area code is of this city (`local` in `phone.yml`, 假定). Not
here: numbers inside sentences (`transforms.mentions`), tokens (`transforms.tokens`), offices found by behaviour
(`transforms.matching.records`, the published view `shared_contact`).
cell as delivered -> canonical digits and kind

Junk rules follow running code [certain] (domain notes F-3: fewer than 7 digits or all the same), the list of service
numbers is 假定 (`phone.yml`).
"""

import re
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import yaml

from transforms.text import clean_one

Kind = Literal["mobile", "landline", "short", "masked", "junk"]


@cache
def _rules() -> dict[str, Any]:
    """The content of `phone.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


@cache
def service_numbers() -> frozenset[str]:
    """Numbers of offices, emergency services and carriers: nobody's own."""
    return frozenset(str(number) for number in _rules()["service_numbers"])


@cache
def _placeholders() -> frozenset[str]:
    return frozenset(str(number) for number in _rules()["placeholders"])


@cache
def _local() -> tuple[str, int]:
    """The city's area code and how many digits its numbers have."""
    return str(_rules()["local"]["area_code"]), int(_rules()["local"]["digits"])


_NOT_DIGIT = re.compile(r"\D")
_EXTENSION = re.compile(r"(?:转|分机|[-—－]?ext\.?|#|,)\s*(\d{1,6})\s*$", re.IGNORECASE)
_DASH_EXTENSION = re.compile(r"^([(（]?(?:0\d{2,3}[-—)） ]?)?\d{7,8})(?:[-—]\d{1,6}|[(（]\d{1,6}[)）])$")
_ABROAD = re.compile(r"^(?:\+|00)\s*86\b|^(?:\+|00)86(?=\d)|^86(?=-)")
_SCIENTIFIC = re.compile(r"^\d(?:\.(\d+))?E\+?(\d{1,2})$", re.IGNORECASE)
_MASKED = re.compile(r"^(?:1[3-9]\d|0\d{2,3}-?\d?)[\dxX]*[*×]{2,}\d*$")
_SPLIT = re.compile(r"[,，;；、/|]|\s或\s?|或|\s{2,}|\n|(?<=\d{7})\s+(?=1[3-9]\d{9}|0\d{2,3}[-—]?\d{7})")
_TWO_MOBILES = re.compile(r"(1[3-9]\d{9})(1[3-9]\d{9})")


class Phone(NamedTuple):
    """``number``: canonical digits, mobile 11 digits, landline with area code where known; null when masked or junk."""

    number: str | None
    kind: Kind


_JUNK = Phone(None, "junk")
_HIDDEN = Phone(None, "masked")


def parse(text: str | None) -> Phone:
    """Returns one cell's number.

    ``+86 138-0000-1234`` -> 13800001234 mobile; ``0877-2012345转8001`` and ``2012345`` -> 08772012345 landline; 8
    digits without an area code stay as they are; 138****0001 is masked: no number, yet somebody's; 12345, 110, repeated
    digits, fewer than 7 digits and what Excel rounded (1.38E+10) are junk.
    """
    if not text:
        return _JUNK
    if len(text) == 11 and text.isascii() and text.isdigit():
        return judge(text)
    text = clean_one(text)
    if text.endswith(".0"):
        text = text[:-2]
    scientific = _SCIENTIFIC.match(text)
    if scientific:
        # all digits must be there: 1.3812345678E+10
        if len(scientific.group(1) or "") < int(scientific.group(2)):
            return _JUNK
        text = str(int(Decimal(text)))
    text = _EXTENSION.sub("", text)
    dashed = _DASH_EXTENSION.match(text)
    if dashed:
        text = dashed.group(1)
    if _MASKED.match(text.replace(" ", "")):
        return _HIDDEN
    abroad = _ABROAD.match(text)
    digits = _NOT_DIGIT.sub("", text[abroad.end() :] if abroad else text)
    if abroad and len(digits) in (9, 10) and digits[0] not in "01":
        # the zero of an area code goes behind +86
        digits = "0" + digits
    elif digits.startswith("86") and len(digits) in (12, 13) and digits[2] in "10":
        digits = digits[2:]
    elif len(digits) == 12 and digits.startswith("01") and digits[2] in "3456789":
        digits = digits[1:]
    return judge(digits)


def judge(digits: str) -> Phone:
    """Returns what bare digits are."""
    area_code, local_digits = _local()
    bare = digits.removeprefix(area_code)
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
        return Phone(area_code + digits, "landline") if len(digits) == local_digits else Phone(digits, "short")
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
    for part in _SPLIT.split(_TWO_MOBILES.sub(r"\1,\2", text)):
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
