"""Every way to write a division of 玉溪, and which codes each may mean.

Here: full names, short names, older names. Not here: deciding between them for one record (`transforms.address.place`).
sources.reference -> alias, level, strength, candidate codes

Strength says how much an alias proves alone: 3 a full name with its class word, 2 a name that is usual but shared with
natural villages (小湾村), 1 a bare stem, which only speaks beside other evidence, 0 a name that villages everywhere
have (上村, 新村): it tells the village once the town is known, never the town.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from sources import reference
from transforms.lexicon import Array, Lexicon
from transforms.text import clean_one

LEVELS = ("city", "county", "town", "village")


@dataclass(frozen=True)
class Gazetteer:
    """Aliases found by ``lexicon``; candidate ``entry_*`` rows of alias i lie at ``first[i]:first[i+1]``."""

    lexicon: Lexicon
    first: Array
    entry_level: Array
    entry_strength: Array
    entry_unit: Array
    codes: Array
    unit_level: Array
    town_of: Array
    county_of: Array

    def alias_numbers(self) -> dict[str, int]:
        """Alias to its number."""
        return {word: number for number, word in enumerate(self.lexicon.words)}


@cache
def rules() -> dict[str, Any]:
    """The content of `address.yml`."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "address.yml").read_text("utf-8"))
    return loaded


_TOWN_FORMS = ("街道", "街道办事处", "街道办", "办事处", "镇", "乡", "镇人民政府", "镇政府", "乡政府", "彝族乡")
_VILLAGE_FORMS = (
    ("村民委员会", 3), ("村委会", 3), ("社区", 3), ("居委会", 3), ("社区居委会", 3), ("社区居民委员会", 3),
    ("社区居民委会", 3), ("社区委员会", 3), ("村", 2), ("", 1),
)  # fmt: skip


@cache
def load() -> Gazetteer:
    """Builds the gazetteer once."""
    frame = reference.divisions()
    codes = frame["code"].tolist()
    index = {code: number for number, code in enumerate(codes)}
    level = frame["level"].tolist()
    town_of = np.full(len(codes), -1)
    county_of = np.full(len(codes), -1)
    for code, number in index.items():
        if level[number] == "village":
            town_of[number] = index[code[:9] + "000"]
        elif level[number] == "town":
            town_of[number] = number
        if level[number] != "city":
            county_of[number] = index[code[:6] + "000000"]
    aliases: dict[str, dict[int, int]] = {}

    def add(alias: str, number: int, strength: int) -> None:
        alias = clean_one(alias)
        if len(alias) >= 2:
            known = aliases.setdefault(alias, {})
            known[number] = max(known.get(number, 0), strength)

    towns: dict[tuple[str, str], list[int]] = {}
    villages: dict[str, list[int]] = {}
    counties: dict[str, int] = {}
    for code, name, kind in zip(codes, frame["name"], level, strict=True):
        number = index[code]
        if kind == "city":
            for alias in (name, "玉溪", "云南省玉溪市", "云南省", "云南"):
                add(alias, number, 3)
        elif kind == "county":
            stem = reference.short_county(name)
            counties[stem] = number
            add(name, number, 3)
            for suffix in ("县", "区", "市"):
                add(stem + suffix, number, 3)
            add(stem, number, 2)
        elif kind == "town":
            stem = reference.short_town(name)
            towns.setdefault((code[:6], stem), []).append(number)
            add(name, number, 4)
            for form in _TOWN_FORMS:
                add(stem + form, number, 3)
            add(stem, number, 1)
        elif kind == "village":
            stem = reference.short_village(name)
            villages.setdefault(stem, []).append(number)
            add(name, number, 3)
            for form, strength in _VILLAGE_FORMS:
                add(stem + form, number, strength)
            if stem.endswith("村"):
                add(stem, number, 2)
    _add_older(add, towns, villages, counties, codes)
    for alias, spec in rules()["aliases"].items():
        for code in spec:
            add(alias, index[code.ljust(12, "0")], 3)
    # 小街乡 is a town of 易门 by its full name though 小街街道 of 峨山 has the same stem: the exact name wins
    first = [0]
    entry_unit: list[int] = []
    entry_strength: list[int] = []
    generic = frozenset(rules()["generic"])
    counties_short = frozenset(counties)
    for alias, units in aliases.items():
        top = max(units.values())
        if alias in counties_short:
            # 红塔 is the district, hardly ever the community of that name
            units = {unit: strength for unit, strength in units.items() if level[unit] == "county"}
        elif top <= 2 and any(level[unit] == "town" for unit in units):
            # 研和 is the town; its community of that name is written 研和社区
            units = {unit: strength for unit, strength in units.items() if level[unit] == "town"}
        elif alias in generic:
            units = dict.fromkeys(units, 0)
        kept = {unit: min(strength, 3) for unit, strength in units.items() if top < 4 or strength == 4}
        entry_unit += list(kept)
        entry_strength += list(kept.values())
        first.append(len(entry_unit))
    unit_level = np.array([LEVELS.index(kind) for kind in level])
    return Gazetteer(
        lexicon=Lexicon(list(aliases)),
        first=np.array(first),
        entry_level=unit_level[entry_unit],
        entry_strength=np.array(entry_strength),
        entry_unit=np.array(entry_unit),
        codes=np.array(codes, dtype=object),
        unit_level=unit_level,
        town_of=town_of,
        county_of=county_of,
    )


def _add_older(
    add: Any,
    towns: dict[tuple[str, str], list[int]],
    villages: dict[str, list[int]],
    counties: dict[str, int],
    codes: list[str],
) -> None:
    """Adds names of older lists: an old town is the towns that hold its villages today (大街街道 -> 星云, 宁海)."""
    old = reference.older_names()
    members: dict[tuple[str, str], set[int]] = {}
    for row in old.itertuples():
        if not isinstance(row.county, str) or not isinstance(row.town, str):
            continue
        county = counties.get(reference.short_county(row.county))
        if county is None:
            continue
        code = codes[county][:6]
        stem = reference.short_town(row.town)
        key = (code, row.town)
        same = towns.get((code, stem)) or towns.get((code, stem.removesuffix("路")))
        if same:
            members.setdefault(key, set()).update(same)
        if isinstance(row.village, str):
            village = reference.short_village(row.village)
            found = [number for number in villages.get(village, []) if codes[number][:6] == code]
            if len(found) > 1 and same:
                found = [number for number in found if any(codes[number][:9] == codes[town][:9] for town in same)]
            if len(found) == 1:
                add(row.village, found[0], 3)
                if not same:
                    index_town = codes.index(codes[found[0]][:9] + "000")
                    members.setdefault(key, set()).add(index_town)
    for (_, name), units in members.items():
        stem = reference.short_town(name)
        for unit in units:
            for form in (name, stem + "街道", stem + "街道办事处", stem + "镇", stem + "乡"):
                add(form, unit, 3)
