"""Citizen identity numbers: 15 digits of old, 18 characters now.

Here: format, date, checksum (GB 11643-1999, ISO 7064 MOD 11-2) and the step from 15 to 18. Not here: tokens.
cell -> canonical 18 characters or nothing
"""

import re
from typing import NamedTuple

from transforms.text import clean_one

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_EIGHTEEN = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_FIFTEEN = re.compile(r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_SEPARATOR = re.compile(r"[\s\-_.·]")


class Identity(NamedTuple):
    """``number``: 18 characters, or null; ``is_checked``: the checksum holds; ``gender`` 男 or 女 from digit 17."""

    number: str | None
    is_checked: bool
    gender: str | None


def check_character(seventeen: str) -> str:
    """Returns the 18th character for 17 digits (GB 11643-1999)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True)) % 11]


def parse(text: str | None) -> Identity:
    """Returns one cell's number.

    15 digits gain the century 19 and a check character. An 18-character number with a wrong checksum keeps its value
    (clerks mistype, and two systems copy the same mistake) with ``is_checked`` false. Anything else gives no number.
    """
    if not text:
        return Identity(None, False, None)
    value = _SEPARATOR.sub("", clean_one(text)).upper()
    if _FIFTEEN.fullmatch(value):
        seventeen = value[:6] + "19" + value[6:]
        number = seventeen + check_character(seventeen)
        return Identity(number, True, _gender(number))
    if _EIGHTEEN.fullmatch(value):
        return Identity(value, check_character(value[:17]) == value[17], _gender(value))
    return Identity(None, False, None)


def _gender(number: str) -> str:
    return "男" if int(number[16]) % 2 else "女"
