"""Names of companies, shops and offices: is it one, and which part of the name tells it from others.

Here: one name. Not here: organisations inside sentences (`transforms.mentions`).
name -> core key without place and legal form

Place prefixes and suffixes are 假定 and stand in `organisation.yml`.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sources import reference
from transforms.text import clean_one


@cache
def rules() -> dict[str, Any]:
    """The word lists of `organisation.yml`."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text("utf-8"))
    return loaded


def _alternation(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


@cache
def suffixes() -> tuple[str, ...]:
    """All words that end the name of an organisation, longest first."""
    words = [*rules()["legal_forms"], *rules()["trades"], *rules()["offices"]]
    return tuple(sorted(set(words), key=len, reverse=True))


@cache
def _is() -> re.Pattern[str]:
    words = [*suffixes(), *rules()["short"]]
    return re.compile(f"(?:{_alternation(words)})(?:[（(].*[）)])?$")


@cache
def _prefix() -> re.Pattern[str]:
    frame = reference.divisions()
    counties = frame.loc[frame["level"] == "county", "name"].tolist()
    towns = frame.loc[frame["level"] == "town", "name"].tolist()
    words = ["云南省", "云南", "玉溪市", "玉溪", "中国", *counties, *towns]
    for name in counties:
        stem = reference.short_county(name)
        words += [stem, stem + "县", stem + "区", stem + "市"]
    return re.compile(f"^(?:{_alternation(words)})+(?=.{{2,}})")


@cache
def _legal() -> re.Pattern[str]:
    return re.compile(f"(?:{_alternation(rules()['legal_forms'])})+$")


@cache
def _trade() -> re.Pattern[str]:
    return re.compile(f"(?<=..)(?:{_alternation(rules()['generic'])})+$")


_BRACKETS = re.compile(r"[（(]([^）)]*)[）)]")
_NOT_NAME = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")


def is_organisation(name: str) -> bool:
    """Returns whether a name ends like an organisation's; three characters at least (店 alone is none)."""
    return len(name) >= 3 and bool(_is().search(name))


def key(name: str | None) -> str | None:
    """Returns the core: 玉溪市红塔区鑫达建筑工程有限公司 -> 鑫达建筑; null when nothing is left."""
    if not name:
        return None
    core = _NOT_NAME.sub("", _BRACKETS.sub("", clean_one(name)))
    core = _prefix().sub("", core)
    bare = _legal().sub("", core)
    core = bare if len(bare) >= 2 else core
    core = _prefix().sub("", core)
    shorter = _trade().sub("", core)
    return (shorter if len(shorter) >= 2 else core) or None


def keys(names: pd.Series) -> pd.Series:
    """Returns the core of a column of names (n), worked out once per distinct name."""
    return names.map({name: key(name) for name in names.dropna().unique().tolist()}).astype("str")
