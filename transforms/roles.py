"""Who a person in a text is: the one who calls, the one the matter is with, or somebody else.

Here: the role of names that were found. Not here: finding them (`transforms.mentions`), parties of columns
(`transforms.event`). Words are 假定 and stand in `roles.yml`.
one text, its names in order -> caller, other_party or other for each

The word right before a name says most (报警人, 被申请人, 调解员), then what stands behind it (反映, 来电); with neither
the first name of a text that begins a clause is the caller and later ones are the other party.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from transforms.text import alternation

CALLER, OTHER_PARTY, OTHER = "caller", "other_party", "other"


@cache
def rules() -> dict[str, Any]:
    """The content of `roles.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def _any(name: str) -> str:
    return alternation(rules()[name])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    gap = r"[:：是为系\s“\"（(]{0,2}$"
    return {
        "other": re.compile(f"(?:{_any('other')}){gap}"),
        "other_party": re.compile(f"(?:{_any('other_party')}){gap}"),
        "caller": re.compile(f"(?<!被)(?:{_any('caller')}){gap}"),
        "calls": re.compile(f"(?:{_any('calls')})"),
        "office": re.compile(f"(?:{_any('office')})"),
        "listed": re.compile(r"^[、和与及]$"),
        "clause": re.compile(r"[，,。；;：:、\s\x01]$"),
    }


def _length(pattern: re.Pattern[str], left: str) -> int:
    """Returns how long the word before a name is, 0 where it is none: 对方家长 tells more than 家长."""
    match = pattern.search(left)
    return len(match.group()) if match else 0


def roles(text: str, places: Sequence[tuple[int, int]]) -> list[str]:
    """Returns the role of each name of one text; ``places``: start and end, in order."""
    patterns = _patterns()
    result: list[str] = []
    known: dict[str, str] = {}
    for number, (start, end) in enumerate(places):
        name, left = text[start:end], text[max(0, start - 9) : start]
        role = ""
        if patterns["other"].search(left) or patterns["office"].match(text, end) or patterns["office"].search(name, 1):
            role = OTHER
        elif _length(patterns["caller"], left) > _length(patterns["other_party"], left):
            role = CALLER
        elif name in known:
            role = known[name]
        elif number and patterns["listed"].match(text[places[number - 1][1] : start]) and left.endswith("、"):
            role = result[-1]
        elif patterns["other_party"].search(left):
            role = OTHER_PARTY
        elif patterns["calls"].match(text, end) or (
            CALLER not in result and (not left or patterns["clause"].search(left))
        ):
            role = CALLER
        result.append(role or OTHER_PARTY)
        known.setdefault(name, result[-1])
    return result
