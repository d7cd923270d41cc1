"""Names of companies, shops and offices: is it one, and which part of the name tells it from others.

Here: one name. Not here: names inside sentences (`transforms.firms`).
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
from transforms.text import alternation, clean_one


@cache
def rules() -> dict[str, Any]:
    """The word lists of `organisation.yml`."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).with_suffix(".yml")).read_text("utf-8"))
    return loaded


@cache
def suffixes() -> tuple[str, ...]:
    """All words that end the name of an organisation, longest first."""
    words = [*rules()["legal_forms"], *rules()["trades"], *rules()["offices"]]
    return tuple(sorted(set(words), key=len, reverse=True))


@cache
def _is() -> re.Pattern[str]:
    words = [*suffixes(), *rules()["short"]]
    return re.compile(f"(?:{alternation(words)})(?:[（(].*[）)])?$")


# A市, A7县: how published data hide their places; any province
_HIDDEN_PLACE = r"[A-Z]\d{0,2}(?:市|县|区)(?!场)|[\u4e00-\u9fff]{2}省(?=[\u4e00-\u9fff]{2})"


@cache
def _prefix() -> re.Pattern[str]:
    frame = reference.divisions()
    counties = frame.loc[frame["level"] == "county", "name"].tolist()
    towns = frame.loc[frame["level"] == "town", "name"].tolist()
    words = ["云南省", "云南", "玉溪市", "玉溪", "中国", *counties, *towns]
    for name in counties:
        stem = reference.short_county(name)
        words += [stem, stem + "县", stem + "区", stem + "市"]
    return re.compile(f"^(?:{alternation(words)}|{_HIDDEN_PLACE})+(?=.{{2,}})")


@cache
def _legal() -> re.Pattern[str]:
    return re.compile(f"(?:{alternation(rules()['legal_forms'])})+$")


@cache
def _trade() -> re.Pattern[str]:
    return re.compile(f"(?<=..)(?:{alternation(rules()['generic'])})+$")


_BRACKETS = re.compile(r"[（(]([^）)]*)[）)]")
_NOT_NAME = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")


def is_organisation(name: str) -> bool:
    """Returns whether a name ends like an organisation's; three characters at least (店 alone is none)."""
    if len(name) >= 3 and bool(_is().search(name)):
        return True
    return (len(name) >= 4 and bool(_stem().search(name))) or (len(name) >= 3 and name in _divisions())


@cache
def _stem() -> re.Pattern[str]:
    return re.compile(f"..(?:{alternation(rules()['trade_stems'])})$")


@cache
def _divisions() -> frozenset[str]:
    """Names of counties, towns and villages as cells give them: 河西镇, 桂山街道."""
    names = set(reference.divisions()["name"])
    return frozenset(names | {reference.short_town(name) + end for name in names for end in ("镇", "乡", "街道")})


@cache
def _common() -> re.Pattern[str]:
    words = [
        *rules()["common"],
        *suffixes(),
        *rules()["short"],
        *rules()["same"].values(),
        *rules()["in_text"],
        *rules()["placed"],
    ]
    return re.compile(f"(?:{alternation(words)})*")


def is_common(name: str) -> bool:
    """Returns whether a name is made of ordinary words only: 有关部门, 小区配套幼儿园, 前期物业公司."""
    return bool(_common().fullmatch(name))


@cache
def _wide() -> re.Pattern[str]:
    """Places too wide to tell one office from another."""
    return re.compile("^(?:云南省|云南|玉溪市|玉溪|中国|[A-Z]市|[\u4e00-\u9fff]{2}省)+")


@cache
def _same() -> re.Pattern[str]:
    return re.compile(f"(?:{alternation(list(rules()['same']))})$")


@cache
def place() -> re.Pattern[str]:
    """A place as names of organisations begin with it: 玉溪市, 红塔区, A7县 (as published data hide them)."""
    frame = reference.divisions()
    counties = frame.loc[frame["level"] == "county", "name"].tolist()
    words = ["云南省", "玉溪市", *rules()["places"], *counties]
    words += [reference.short_county(name) for name in counties]
    words += frame.loc[frame["level"] == "town", "name"].tolist()
    return re.compile(f"(?:{alternation(words)}|{_HIDDEN_PLACE})")


def key(name: str | None) -> str | None:
    """Returns the core: 玉溪市红塔区鑫达建筑工程有限公司 -> 鑫达建筑; null when no proper name is left.

    An office without a name of its own keeps its county, town or village (塔甸镇人民政府 -> 塔甸政府); one of the whole
    city or of no place (市委市政府, 物业公司) has no key, for it tells no matter from another.
    """
    if not name:
        return None
    full = _NOT_NAME.sub("", _BRACKETS.sub("", clean_one(name)))
    core = _prefix().sub("", full)
    bare = _legal().sub("", core)
    core = bare if len(bare) >= 2 else core
    core = _prefix().sub("", core)
    shorter = _trade().sub("", core)
    core = shorter if len(shorter) >= 2 else core
    if core.endswith(tuple(rules()["handlers"])):
        return None
    core = _same().sub(lambda match: rules()["same"][match.group()], core)
    if not is_common(core):
        return core or None
    found = _prefix().match(_wide().sub("", full))
    if not found or len(core) < 2:
        return None
    towns = _places("town", "village").search(found.group())
    if not towns and core not in rules()["county_proper"]:
        return None
    within = towns.group() if towns else found.group()
    return (_LEVEL.sub("", within) or within) + core


def without_place(name: str) -> str:
    """Returns a name without the places it begins with: 玉溪市红塔区鑫达建筑 -> 鑫达建筑."""
    return _places_before().sub("", name)


@cache
def _places_before() -> re.Pattern[str]:
    return re.compile(f"^(?:{place().pattern}|(?<=.)市)+")


@cache
def _places(*levels: str) -> re.Pattern[str]:
    frame = reference.divisions()
    return re.compile(alternation(frame.loc[frame["level"].isin(levels), "name"].tolist()) + "$")


_LEVEL = re.compile("(?:街道|彝族乡|彝族傣族乡|哈尼族彝族乡|镇|乡|县|区|市)$")


def keys(names: pd.Series) -> pd.Series:
    """Returns the core of a column of names (n), worked out once per distinct name."""
    return names.map({name: key(name) for name in names.dropna().unique().tolist()}).astype("str")
