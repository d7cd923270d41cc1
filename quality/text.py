"""Words on their way to a page or a list: numbers of persons taken out, codes told in Chinese, sentences cut in two.

Here: the last guard over sentences that may quote a cell, the mask of a cell. Not here: scrubbing of event texts
(`transforms.scrub`), masks of quarantined rows (`warehouse.masking`).
text -> text without mobile or ID numbers
"""

import re
from typing import Any

import pandas as pd

_NUMBER = re.compile(r"(?<![0-9])(?:1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|[1-9][0-9]{16}[0-9Xx])(?![0-9Xx])")


def masked(text: Any) -> str:
    """Returns ``text`` without mobile or ID numbers; reasons and unknown codes may quote what a cell held."""
    return "" if pd.isna(text) else _NUMBER.sub("***", str(text))


# A date, a time or a short code says what is wrong and names nobody.
_TELLS_NOBODY = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
    r"|(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{6})?|[A-Za-z0-9.+-]{1,4}"
)


def mask_cell(value: Any) -> str:
    """Returns the first character of a delivered cell and stars; dates, times and codes of four characters stay."""
    if pd.isna(value):
        return ""
    text = str(value).strip()
    if len(text) <= 1 or _TELLS_NOBODY.fullmatch(text):
        return text
    return text[0] + "*" * min(len(text) - 1, 8)


_PLACE = re.compile(r"^\S{1,120}? 第 [0-9,]+ 行：")


def problem_and_advice(reason: Any, file: str = "") -> tuple[str, str]:
    """Cuts a sentence of `sources` into what is wrong and what to do, without the place it starts with, both masked.

    Every such sentence asks for something from its first 请 on; one that does not has no advice.
    """
    text = masked(reason)
    if file and text.startswith(file):
        text = text[len(file) :].lstrip()
        text = re.sub(r"^第 [0-9,]+ 行：?", "", text)
    else:
        text = _PLACE.sub("", text)
    head, ask, tail = text.partition("请")
    return head.rstrip("，。；：、 "), (ask + tail) if ask else ""
