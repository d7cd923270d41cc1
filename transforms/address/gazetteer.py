"""Every way to write a division of 玉溪, and which codes each may mean.

Here: full names, short names, older names. Not here: deciding between them for one record (`transforms.address.place`).
sources.reference -> alias, level, strength, candidate codes

Strength says how much an alias proves alone: `FULL` a full name with its class word, `USUAL` a name that is usual but
shared with natural villages (小湾村), `DISTINCT` the bare stem of a town that no other place of the province is called
by (研和, 盘溪), `BARE` any other bare stem, which only speaks beside other evidence, `GENERIC` a name that villages
everywhere have (上村, 新村): it tells the village once the town is known, never the town.

Places outside the city (昆明市, 红河县) are aliases too, of no unit: what stands behind them is not here.
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
GENERIC, BARE, DISTINCT, USUAL, FULL = range(5)
_EXACT = FULL + 1


@dataclass(frozen=True)
class Gazetteer:
    """Aliases found by ``lexicon``; candidate ``entry_*`` rows of alias i lie at ``first[i]:first[i+1]``.

    ``strength`` and ``coarsest`` per alias: its strongest candidate and the highest level among them (0 city, 3
    village); both are -1 for a place ``outside``. ``entry_older``: the alias is a name of earlier days.
    """

    lexicon: Lexicon
    first: Array
    strength: Array
    coarsest: Array
    outside: Array
    entry_strength: Array
    entry_unit: Array
    entry_older: Array
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


_TOWN_FORMS = ("街道", "街道办事处", "街道办", "街办", "办事处", "镇", "乡", "镇人民政府", "镇政府", "乡政府", "彝族乡")
_RURAL_FORMS = ("村民委员会", "村委会")
_URBAN_FORMS = ("社区", "居委会", "社区居委会", "社区居民委员会", "社区居民委会", "社区委员会")


class _Aliases:
    """Aliases as they are collected: alias -> unit -> strength, and which of them are older names."""

    def __init__(self) -> None:
        self.units: dict[str, dict[int, int]] = {}
        self.older: set[tuple[str, int]] = set()

    def add(self, alias: str, unit: int, strength: int, *, older: bool = False) -> None:
        """Adds a way to write ``unit``; the strongest proof of several counts."""
        alias = clean_one(alias)
        for form in {alias, alias.replace("竜", "龙")}:
            if len(form) >= 2:
                known = self.units.setdefault(form, {})
                if older and unit not in known:
                    self.older.add((form, unit))
                known[unit] = max(known.get(unit, GENERIC), strength)


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
    names = _Aliases()
    towns: dict[tuple[str, str], list[int]] = {}
    villages: dict[str, list[int]] = {}
    counties: dict[str, int] = {}
    for code, name, kind in zip(codes, frame["name"], level, strict=True):
        number = index[code]
        if kind == "city":
            for alias in (name, "玉溪", "云南省玉溪市", "云南省", "云南"):
                names.add(alias, number, FULL)
        elif kind == "county":
            stem = reference.short_county(name)
            counties[stem] = number
            names.add(name, number, FULL)
            for suffix in ("县", "区", "市"):
                names.add(stem + suffix, number, FULL, older=not name.endswith(suffix))
            names.add(stem, number, USUAL)
        elif kind == "town":
            stem = reference.short_town(name)
            towns.setdefault((code[:6], stem), []).append(number)
            names.add(name, number, _EXACT)
            for form in _TOWN_FORMS:
                names.add(stem + form, number, FULL, older=form in ("街道", "镇", "乡") and not name.endswith(form))
            if stem.endswith("街"):
                names.add(stem + "道", number, FULL)
            names.add(stem, number, BARE)
        elif kind == "village":
            villages.setdefault(reference.short_village(name), []).append(number)
    is_urban = (frame["kind"] == "居委会").tolist()
    for stem, units in villages.items():
        for number in units:
            names.add(frame["name"].iloc[number], number, FULL)
            _add_village(names, stem, number, is_urban[number], {is_urban[unit] for unit in units})
            # 纳古纳家营 of 纳古镇 is 纳家营 to everybody
            town = reference.short_town(frame["name"].iloc[town_of[number]])
            short = stem.removeprefix(town)
            if short != stem and len(short) >= 2:
                _add_village(names, short, number, is_urban[number], {is_urban[number]})
    _add_older(names, towns, villages, counties, codes)
    for alias, spec in rules()["aliases"].items():
        for code in spec:
            names.add(alias, index[code.ljust(12, "0")], FULL, older=True)
    for stem, code in rules()["spelt_otherwise"].items():
        for form in ("村", *_RURAL_FORMS, *_URBAN_FORMS):
            names.add(stem + form, index[code], USUAL if form == "村" else FULL, older=True)
    kept = _settle(names.units, level, frame["name"].tolist(), town_of, frozenset(counties))
    outside = sorted(_outside(frozenset(kept), frozenset(stem for _, stem in towns)))
    first = [0]
    entries: list[tuple[int, int, bool]] = []
    for alias, meant in kept.items():
        entries += [(unit, strength, (alias, unit) in names.older) for unit, strength in meant.items()]
        first.append(len(entries))
    unit_level = np.array([LEVELS.index(kind) for kind in level])
    none = [-1] * len(outside)
    return Gazetteer(
        lexicon=Lexicon([*kept, *outside]),
        first=np.array(first + [len(entries)] * len(outside)),
        strength=np.array([max(units.values()) for units in kept.values()] + none),
        coarsest=np.array([min(int(unit_level[unit]) for unit in units) for units in kept.values()] + none),
        outside=np.arange(len(kept) + len(outside)) >= len(kept),
        entry_strength=np.array([strength for _, strength, _ in entries]),
        entry_unit=np.array([unit for unit, _, _ in entries]),
        entry_older=np.array([older for _, _, older in entries]),
        codes=np.array(codes, dtype=object),
        unit_level=unit_level,
        town_of=town_of,
        county_of=county_of,
    )


def _add_village(names: _Aliases, stem: str, number: int, is_urban: bool, kinds: set[bool]) -> None:
    """Adds the forms of a village's name; of 上营社区 and 上营村委会 the class word tells which one is meant."""
    for forms, urban in ((_URBAN_FORMS, True), (_RURAL_FORMS, False)):
        for form in forms:
            strength = FULL if urban == is_urban or urban not in kinds else USUAL
            names.add(stem + form, number, strength, older=urban != is_urban)
    names.add(stem + "村", number, USUAL)
    names.add(stem, number, USUAL if stem.endswith("村") else BARE)


def _settle(
    aliases: dict[str, dict[int, int]], level: list[str], name: list[str], town_of: Array, counties: frozenset[str]
) -> dict[str, dict[int, int]]:
    """Decides which units of an alias stay, and how much it proves for each."""
    generic = frozenset(rules()["generic"])
    ordinary = generic | frozenset(rules()["ordinary"]) | _stems_elsewhere()
    kept: dict[str, dict[int, int]] = {}
    for alias, units in aliases.items():
        top = max(units.values())
        own_towns = {unit for unit in units if level[unit] == "town"}
        if alias in counties:
            # 红塔 is the district, hardly ever the community of that name
            units = {unit: proves for unit, proves in units.items() if level[unit] == "county"}
        elif own_towns and min(units[unit] for unit in own_towns) == BARE:
            # 研和 is the town, its community of that name is written 研和社区; 右所 may be a village of another town
            others = {unit: GENERIC for unit in units if level[unit] == "village" and town_of[unit] not in own_towns}
            is_distinct = len(own_towns) == 1 and not others and alias not in ordinary
            units = dict.fromkeys(own_towns, DISTINCT if is_distinct else BARE) | others
        elif own_towns and top < _EXACT:
            units = {unit: strength for unit, strength in units.items() if unit in own_towns or strength > BARE}
        elif alias in generic:
            units = dict.fromkeys(units, GENERIC)
        # 小街乡 is a town of 易门 by its full name though 小街街道 of 峨山 has the same stem: the exact name wins
        kept[alias] = {unit: min(s, FULL) for unit, s in units.items() if top < _EXACT or s == _EXACT}
    return kept


@cache
def _stems_elsewhere() -> frozenset[str]:
    """Stems of counties and towns of 云南 outside the city."""
    frame = reference.province()
    frame = frame[~frame["code"].str.startswith(reference.CITY_CODE[:4])]
    towns = frame.loc[frame["level"] == "town", "name"].map(reference.short_town)
    counties = frame.loc[frame["level"].isin(["county", "city"]), "name"].map(reference.short_county)
    return frozenset(towns) | frozenset(counties)


def _outside(own: frozenset[str], own_towns: frozenset[str]) -> set[str]:
    """Names with a class word of cities and counties outside: those of 云南, and those of `address.yml`."""
    found = set(rules()["outside"])
    for name in reference.counties_elsewhere():
        stem = reference.short_county(name)
        forms = {name, *(stem + kind for kind in "市县州")} | (set() if stem in own_towns else {stem + "区"})
        found |= {form for form in forms if len(form) >= 3 and form[-1] in "市县州区"}
    return {clean_one(name) for name in found} - own


def _add_older(
    names: _Aliases,
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
                names.add(row.village, found[0], FULL, older=True)
                if not same:
                    index_town = codes.index(codes[found[0]][:9] + "000")
                    members.setdefault(key, set()).add(index_town)
    for (_, name), units in members.items():
        stem = reference.short_town(name)
        for unit in units:
            for form in (name, stem + "街道", stem + "街道办事处", stem + "镇", stem + "乡"):
                names.add(form, unit, FULL, older=True)
