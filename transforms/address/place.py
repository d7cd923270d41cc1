"""Which county, town and village a record speaks of, from all that speaks of it.

Here: the decision. Every mention of a place is a vote for units of the gazetteer: a village votes for its town too, a
county strengthens towns inside it. The best town wins when it is alone at the top; otherwise it stays open. Not here:
names (`transforms.address.gazetteer`), streets (`transforms.address.parts`).
votes (row, unit, weight, basis) -> codes per row
"""

import re
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from transforms.address import gazetteer, sounds
from transforms.lexicon import Array, Hits, Joined

BASES = ("code", "column", "address", "text")
INFERRED = ("county", "town", "older", "sound")
# How much a mention weighs by where it stands (假定), for each strength of `gazetteer`. A column is often wrong, an
# address is about the place.
_WEIGHT_ADDRESS = np.array([0.3, 0.5, 1.2, 4.0, 6.0])
_WEIGHT_TEXT = np.array([0.2, 0.4, 0.9, 2.0, 3.2])
_WEIGHT_COLUMN = np.array([0.3, 0.9, 2.0, 2.5, 3.0])
# the unit that answers: a station, a mediation committee; its name tells less than the columns, its code more
_WEIGHT_UNIT = np.array([0.2, 0.5, 0.9, 2.0, 2.8])
_WEIGHT_UNIT_CODE = 3.5
_WEIGHT_CODE = np.array([0.0, 3.0, 4.0, 5.0])
_GENERIC, _BARE, _USUAL = 0.31, 1.0, 4.5
_HINT = 0.5
_PLAIN, _OLDER, _SOUND = range(3)
# the lead over the next unit from which a decision is 高 or 中, by level (假定; how often they err: docs/addresses.md)
_SURE = {1: (3.2, 2.0), 2: (5.0, 2.5), 3: (2.5, 0.35)}
_COUNTY, _TOWN, _VILLAGE = 1, 2, 3
# a name that sounds alike, by level: a town's alone proves it unless another county is named; a village's does not
_WEIGHT_SOUND = np.array([0.0, 0.0, 2.0, 0.9])
# so many characters behind a place outside the city no name means a place here (昆明市五华区龙泉街道)
_BEHIND_OUTSIDE = 10


class Votes(NamedTuple):
    """Votes: ``row``, gazetteer ``unit``, ``weight``, ``basis`` (index into BASES), ``mention`` (an id per mention).

    ``how`` the name was written: `_PLAIN`, `_OLDER`, `_SOUND`.
    """

    row: Array
    unit: Array
    weight: Array
    basis: Array
    mention: Array
    how: Array


def _expand(hits: Hits, basis: int, scale: Array) -> Votes:
    """Turns mentions of aliases into votes for every unit that the alias may mean."""
    names = gazetteer.load()
    row, alias = hits.row, hits.word
    first = names.first[alias]
    count = names.first[alias + 1] - first
    mention = np.repeat(np.arange(len(row)), count)
    entry = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    strength = names.entry_strength[entry]
    # 红塔李棋: a town's stem right behind its county is as good as a usual name
    chained = _chained(hits)[mention] & (names.unit_level[names.entry_unit[entry]] == _TOWN)
    weight = scale[np.where(chained, np.maximum(strength, gazetteer.USUAL), strength)]
    return Votes(
        row[mention],
        names.entry_unit[entry],
        weight,
        np.full(len(mention), basis),
        mention,
        names.entry_older[entry].astype(np.int64),
    )


def _chained(hits: Hits) -> Array:
    """Is a mention a town that stands right behind its county (n, boolean)?"""
    names = gazetteer.load()
    chained = np.zeros(len(hits), dtype=bool)
    touches = (hits.row[1:] == hits.row[:-1]) & (hits.start[1:] == hits.end[:-1])
    touches &= (names.coarsest[hits.word[1:]] == _TOWN) & (names.coarsest[hits.word[:-1]] == _COUNTY)
    for position in (np.flatnonzero(touches) + 1).tolist():
        chained[position] = _inside(int(hits.word[position]), int(hits.word[position - 1]))
    return chained


def _find(texts: list[str]) -> Hits:
    """Returns credible mentions of places, those outside the city included."""
    return _credible(gazetteer.load().lexicon.find(Joined(texts)), texts)


def _here(hits: Hits) -> Hits:
    """Drops places outside the city and what stands close behind them, up to the next county of ours."""
    names = gazetteer.load()
    outside = names.outside[hits.word]
    if not outside.any():
        return hits
    keep = np.ones(len(hits), dtype=bool)
    reach: dict[int, int] = {}
    rows = np.flatnonzero(np.isin(hits.row, np.unique(hits.row[outside])))
    for position in rows.tolist():
        row, start = int(hits.row[position]), int(hits.start[position])
        word = hits.word[position]
        if outside[position]:
            keep[position] = False
        elif names.coarsest[word] <= _COUNTY and names.strength[word] >= gazetteer.USUAL:
            reach.pop(row, None)
        elif start <= reach.get(row, -1):
            keep[position] = False
        if not keep[position]:
            reach[row] = int(hits.end[position]) + _BEHIND_OUTSIDE
    return hits.where(keep)


def _division_end(hits: Hits, rows: int) -> Array:
    """Returns how many characters at the front of each address name divisions (玉溪市红塔区玉兴街道|凤凰路12号)."""
    end = np.zeros(rows, dtype=np.int64)
    names = gazetteer.load()
    hits = hits.where((names.strength[hits.word] == gazetteer.FULL) | names.outside[hits.word])
    for row, start, stop in zip(hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True):
        if start <= end[row] + 2:
            end[row] = stop
    return end


def _credible(hits: Hits, texts: list[str]) -> Hits:
    """Drops names inside longer names, and bare stems that are the name of a road or a shop (凤凰路, 红塔酒店)."""
    names = gazetteer.load()
    hits = hits.longest()
    if not len(hits):
        return hits
    strength, coarsest = names.strength[hits.word], names.coarsest[hits.word]
    outside = names.outside[hits.word]
    weak = np.flatnonzero((strength < gazetteer.FULL) & ~outside)
    if not len(weak):
        return hits
    rules = gazetteer.rules()
    before, refused = frozenset(rules["before_weak"]), tuple(rules["not_after_weak"])
    after, street = tuple(rules["after_stem"]), _street()
    # a stem right behind its county or town (红塔区飞井, 青龙海镜) needs no border on its right; stems alone that
    # touch each other (聂耳文化广场) prove nothing to each other
    bearing = (strength >= gazetteer.USUAL) | (coarsest <= _TOWN)
    span = int(hits.end.max()) + 1
    opens, closes = hits.row * span + hits.start, hits.row * span + hits.end
    ends, starts = set(closes[bearing].tolist()), set(opens[bearing].tolist())
    coarse = (coarsest >= 0) & (coarsest <= _TOWN)
    behind = dict(zip(closes[coarse].tolist(), hits.word[coarse].tolist(), strict=True))
    strong_starts = set(opens[(strength == gazetteer.FULL) | outside].tolist())
    denied = _denied()
    keep = np.ones(len(hits), dtype=bool)
    columns = (weak, hits.row[weak], hits.start[weak], hits.end[weak], hits.word[weak], strength[weak])
    for position, row, start, end, word, proves in zip(*(column.tolist() for column in columns), strict=True):
        opening, closing = row * span + start, row * span + end
        text = texts[row]
        above = behind.get(opening)
        if above is not None and proves < gazetteer.USUAL and not _inside(word, above):
            # 九溪大庄: the name of a village of another town is a hamlet or an estate here
            keep[position] = False
            continue
        open_left = start == 0 or not _is_han(text[start - 1]) or text[start - 1] in before or opening in ends
        open_right = end == len(text) or not _is_han(text[end]) or closing in strong_starts
        if not open_right:
            open_right = closing in starts or text.startswith(after, end)
        if not open_right and not text.startswith(refused, end) and not denied.match(text, end):
            open_right = (
                proves == gazetteer.USUAL
                or above is not None
                or (proves == gazetteer.DISTINCT and start == 0)
                or bool(street.match(text, end))
            )
        keep[position] = open_left and open_right
    return hits.where(keep)


@cache
def _street() -> re.Pattern[str]:
    """A street or house of another name, which may follow a bare stem."""
    return re.compile(r"[\u4e00-\u9fff]{2,4}(?:路|街|大道|巷)\d|[\u4e00-\u9fff]{1,4}\d{1,4}号")


@cache
def _denied() -> re.Pattern[str]:
    """What bears a name without lying there: a business (永昌食品有限公司), a road (东风中路)."""
    words = "|".join(map(re.escape, gazetteer.rules()["business"]))
    return re.compile(rf"[\u4e00-\u9fff]{{0,6}}?(?:{words})|[东西南北中前后上下一二三四]{{1,2}}(?:大道|路|街|巷)")


@cache
def _inside(word: int, above: int) -> bool:
    """May alias ``word`` mean a unit inside one that alias ``above`` means?"""
    names = gazetteer.load()
    units = names.entry_unit[names.first[word] : names.first[word + 1]]
    outer = names.entry_unit[names.first[above] : names.first[above + 1]]
    towns, counties = names.town_of[units], names.county_of[units]
    return bool((names.unit_level[outer] == 0).any() or np.isin(outer, np.concatenate([towns, counties])).any())


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _from_column(values: pd.Series, level: int) -> Votes:
    """A whole cell that names one unit, or begins with one (红塔区玉兴街道 in the county's cell)."""
    names = gazetteer.load()
    numbers = names.alias_numbers()
    empty = np.zeros(0, dtype=np.int64)
    known = values.notna().to_numpy()
    if not known.any():
        return Votes(empty, empty, empty.astype(float), empty, empty, empty)
    position, unique = pd.factorize(values)
    order = np.argsort(position, kind="stable")
    first = np.searchsorted(position[order], np.arange(len(unique) + 1))
    rows: list[Array] = []
    units: list[Array] = []
    weights: list[Array] = []
    how: list[Array] = []
    for number, cell in enumerate(unique.tolist()):
        alias = numbers.get(cell)
        words = np.array([alias]) if alias is not None else names.lexicon.find(Joined([cell])).longest().word
        words = words[(names.strength[words] == gazetteer.FULL) | ((alias is not None) & ~names.outside[words])]
        entry = np.concatenate([np.arange(names.first[word], names.first[word + 1]) for word in words] or [empty])
        same = entry[names.unit_level[names.entry_unit[entry]] == level]
        # what the column is about needs no class word
        strength = np.maximum(names.entry_strength[same], gazetteer.USUAL) if len(same) else names.entry_strength[entry]
        meant = same if len(same) else entry
        found = names.entry_unit[meant]
        where = order[first[number] : first[number + 1]]
        if len(found):
            rows.append(np.repeat(where, len(found)))
            units.append(np.tile(found, len(where)))
            weights.append(np.tile(_WEIGHT_COLUMN[strength], len(where)))
            how.append(np.tile(names.entry_older[meant].astype(np.int64), len(where)))
    if not rows:
        return Votes(empty, empty, empty.astype(float), empty, empty, empty)
    row, unit = np.concatenate(rows), np.concatenate(units)
    return Votes(row, unit, np.concatenate(weights), np.full(len(row), 1), row, np.concatenate(how))


def _from_code(codes: pd.Series) -> Votes:
    names = gazetteer.load()
    index = {code: number for number, code in enumerate(names.codes.tolist())}

    def unit(code: object) -> int:
        if not isinstance(code, str) or not code.isdigit():
            return -1
        for length in (12, 9, 6):
            if len(code) >= length:
                found = index.get(code[:length].ljust(12, "0"), -1)
                if found > 0:
                    return found
        return -1

    found = (
        codes.map({code: unit(code) for code in codes.dropna().unique().tolist()}).fillna(-1).to_numpy(dtype=np.int64)
    )
    row = np.flatnonzero(found >= 0)
    level = names.unit_level[found[row]]
    return Votes(
        row,
        found[row],
        _WEIGHT_CODE[level],
        np.zeros(len(row), dtype=np.int64),
        row,
        np.zeros(len(row), dtype=np.int64),
    )


def locate(
    division_code: pd.Series,
    county_name: pd.Series,
    town_name: pd.Series,
    village_name: pd.Series,
    address: pd.Series,
    text: pd.Series,
    unit_code: pd.Series | None = None,
    unit_name: pd.Series | None = None,
) -> pd.DataFrame:
    """Decides county_code (6), town_code (12) and village_code (12) for n rows, and tells why.

    ``place_basis``: what spoke for it; ``place_confidence``: 高 中 低; ``place_inferred``: which of ``county`` and
    ``town`` no one named and the finer unit tells, and whether only an ``older`` name or a name of like ``sound`` was
    given; ``division_end``: how many characters at the front of the address name divisions.

    Args:
        division_code: codes of 6, 9 or 12 digits.
        county_name: the source's county.
        town_name: the source's town.
        village_name: the source's village.
        address: cleaned address.
        text: cleaned title and content.
        unit_code: 12-digit code of the responsible unit, whose first six digits are its county; where there is one.
        unit_name: name of the responsible unit, where it serves one town or village (红塔公安局春和派出所).
    """
    rows = len(address)
    names = gazetteer.load()
    texts = address.fillna("").tolist()
    found = _find(texts)
    every = [
        *_from_columns(division_code, (county_name, town_name, village_name), unit_code, unit_name),
        _expand(_here(found), 2, _WEIGHT_ADDRESS),
        _from_sounds(texts, found),
        _expand(_here(_find(text.fillna("").tolist())), 3, _WEIGHT_TEXT),
    ]
    votes = _together(every)
    town, town_lead = _decide_town(votes, rows)
    county, county_lead = _decide_county(votes, town)
    village, village_lead = _decide_village(votes, town)

    codes = np.array([*names.codes.tolist(), None], dtype=object)
    result = pd.DataFrame(
        {
            "county_code": pd.Series(codes[county], dtype="str").str[:6],
            "town_code": pd.Series(codes[town], dtype="str"),
            "village_code": pd.Series(codes[village], dtype="str"),
        }
    )
    result["place_basis"] = _basis(votes, county, town, village)
    result["place_confidence"] = _confidence((county, town, village), (county_lead, town_lead, village_lead))
    result["place_inferred"] = _inferred(votes, county, town, village)
    result["division_end"] = _division_end(found, rows)
    result.index = address.index
    return result


def _from_columns(
    division_code: pd.Series,
    columns: tuple[pd.Series, pd.Series, pd.Series],
    unit_code: pd.Series | None,
    unit_name: pd.Series | None,
) -> list[Votes]:
    """What the cells of a record say: its code, the names of county, town and village, the unit that answers."""
    county, town, village = (_from_column(values, level) for level, values in enumerate(columns, start=_COUNTY))
    votes = [_from_code(division_code), county, _consistent(town, county), _consistent(village, county)]
    if unit_code is not None:
        unit_votes = _from_code(unit_code.str[:6])
        votes.append(unit_votes._replace(weight=np.full(len(unit_votes.row), _WEIGHT_UNIT_CODE)))
    if unit_name is not None:
        named = _here(_find(unit_name.str.replace("公安局|公安分局|分局", "", regex=True).fillna("").tolist()))
        votes.append(_consistent(_expand(named, 1, _WEIGHT_UNIT), county))
    return votes


def _from_sounds(texts: list[str], found: Hits) -> Votes:
    """What an address says by ear."""
    row, unit = sounds.find(texts, found)
    weight = _WEIGHT_SOUND[gazetteer.load().unit_level[unit]]
    return Votes(row, unit, weight, np.full(len(row), 2), np.arange(len(row)), np.full(len(row), _SOUND))


def _together(every: list[Votes]) -> Votes:
    """Joins votes of all sorts, mentions numbered anew; the city speaks for nothing."""
    first = 0
    joined = []
    for votes in every:
        joined.append(votes._replace(mention=votes.mention + first))
        first += int(votes.mention.max(initial=-1)) + 1
    together = Votes(*(np.concatenate(part) for part in zip(*joined, strict=True)))
    return _where(together, (together.weight > 0) & (gazetteer.load().unit_level[together.unit] > 0))


def _where(votes: Votes, keep: Array) -> Votes:
    return Votes(*(part[keep] for part in votes))


def _decide_town(votes: Votes, rows: int) -> tuple[Array, Array]:
    """Returns the town of each row, -1 where open, and by how much it leads."""
    names = gazetteer.load()
    size = len(names.codes)
    level, county, town = names.unit_level[votes.unit], names.county_of[votes.unit], names.town_of[votes.unit]
    # own mentions and those of their villages, which names of villages everywhere are not
    inside = (level >= _TOWN) & (votes.weight > _GENERIC)
    kind = votes.basis * 2 + (level == _VILLAGE)
    best = _best(votes.row[inside], town[inside], kind[inside], votes.weight[inside], size, kinds=2 * len(BASES))
    town_row, town_unit, town_weight = _sum(best, size)
    # a town gains by mentions of its county as such
    stated = level == _COUNTY
    county_row, county_unit, county_weight = _sum(
        _best(votes.row[stated], county[stated], votes.basis[stated], votes.weight[stated], size), size
    )
    key = town_row * size + town_unit
    support = _lookup(county_row * size + county_unit, county_weight, town_row * size + names.county_of[town_unit])
    # 大街镇上营村: a name of villages everywhere tells which of the named towns is meant
    hints = np.unique((votes.row * size + town)[(level == _VILLAGE) & ~inside])
    total = town_weight + support + np.where(np.isin(key, hints), _HINT, 0.0)
    # a bare stem counts only where its county is stated; a usual name not where another county is
    elsewhere = np.isin(town_row, county_row) & (support == 0)
    total[(town_weight <= _BARE) & (support == 0)] = 0
    total[(town_weight <= _USUAL) & elsewhere] = 0
    return _winner(town_row, town_unit, total, rows, margin=0.4)


def _decide_county(votes: Votes, town: Array) -> tuple[Array, Array]:
    """Returns the county of each row: that of its town, else the one that all mentions speak for."""
    names = gazetteer.load()
    size = len(names.codes)
    county = names.county_of[votes.unit]
    # an alias of many counties proves none of them
    share = _share(votes.weight, votes.mention, county)
    speaks = (votes.weight > _GENERIC) & (share > _GENERIC)
    score = _best(votes.row[speaks], county[speaks], votes.basis[speaks], share[speaks], size)
    best, margin = _winner(*_sum(score, size), len(town), margin=0.4)
    return np.where(town >= 0, names.county_of[np.maximum(town, 0)], best), margin


def _decide_village(votes: Votes, town: Array) -> tuple[Array, Array]:
    """Returns the village of each row, which lies in its town."""
    names = gazetteer.load()
    fits = (names.unit_level[votes.unit] == _VILLAGE) & (names.town_of[votes.unit] == town[votes.row])
    inside = _where(votes, fits)
    score = _best(inside.row, inside.unit, inside.basis, inside.weight, len(names.codes))
    return _winner(*_sum(score, len(names.codes)), len(town), margin=0.2)


def _consistent(lower: Votes, county: Votes) -> Votes:
    """Drops what a column says about a town or village outside the county that the same row's column names.

    One of the two cells is wrong then; the shorter list of counties is the one that clerks get right.
    """
    if not len(lower.row) or not len(county.row):
        return lower
    names = gazetteer.load()
    pairs = county.row * len(names.codes) + names.county_of[county.unit]
    has_county = np.isin(lower.row, county.row)
    fits = np.isin(lower.row * len(names.codes) + names.county_of[lower.unit], pairs)
    keep = ~has_county | fits
    return Votes(*(part[keep] for part in lower))


def _share(weight: Array, mention: Array, county: Array) -> Array:
    """Divides a mention's weight among the counties that it may mean."""
    pair = np.unique(mention * 2048 + county)
    owner, count = np.unique(pair // 2048, return_counts=True)
    shares: Array = weight / count[np.searchsorted(owner, mention)]
    return shares


def _best(
    row: Array, unit: Array, kind: Array, weight: Array, size: int, kinds: int = len(BASES)
) -> tuple[Array, Array]:
    """Returns for each row, unit and kind the weight of the strongest mention (repeating a name proves no more)."""
    key = (row * size + unit) * kinds + kind
    order = np.lexsort((-weight, key))
    key, weight = key[order], weight[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    return key[first] // kinds, weight[first]


def _sum(score: tuple[Array, Array], size: int) -> tuple[Array, Array, Array]:
    """Adds over bases: row, unit, weight."""
    key, weight = score
    if not len(key):
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty.astype(float)
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return key[first] // size, key[first] % size, np.add.reduceat(weight, first)


def _lookup(keys: Array, values: Array, wanted: Array) -> Array:
    if not len(keys) or not len(wanted):
        return np.zeros(len(wanted))
    position = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    found: Array = np.where(keys[position] == wanted, values[position], 0.0)
    return found


def _winner(row: Array, unit: Array, weight: Array, rows: int, margin: float) -> tuple[Array, Array]:
    """Returns the unit with the highest weight per row, -1 where none or where the second comes within ``margin``, and
    by how much it leads."""
    chosen, lead = np.full(rows, -1, dtype=np.int64), np.zeros(rows)
    keep = weight > 0
    row, unit, weight = row[keep], unit[keep], weight[keep]
    if not len(row):
        return chosen, lead
    order = np.lexsort((unit, -weight, row))
    row, unit, weight = row[order], unit[order], weight[order]
    first = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    second = np.minimum(first + 1, len(row) - 1)
    rival = np.where((second > first) & (row[second] == row[first]), weight[second], 0.0)
    clear = weight[first] - rival >= np.minimum(margin, weight[first])
    chosen[row[first[clear]]] = unit[first[clear]]
    lead[row[first[clear]]] = (weight[first] - rival)[clear]
    return chosen, lead


def _basis(votes: Votes, county: Array, town: Array, village: Array) -> pd.Series:
    """Names, joined by +, what spoke for the finest unit that was decided."""
    finest = np.where(village >= 0, village, np.where(town >= 0, town, county))
    names = gazetteer.load()
    mine, unit = finest[votes.row], votes.unit
    agrees = (mine >= 0) & (
        (unit == mine) | (names.town_of[unit] == mine) | (names.county_of[unit] == mine)
    )  # fmt: skip
    mask = np.zeros(len(finest), dtype=np.int64)
    np.bitwise_or.at(mask, votes.row[agrees], 1 << votes.basis[agrees])
    labels = np.array(
        ["+".join(name for bit, name in enumerate(BASES) if number >> bit & 1) or None for number in range(16)],
        dtype=object,
    )
    return pd.Series(labels[mask], dtype="str")


def _confidence(units: tuple[Array, Array, Array], leads: tuple[Array, Array, Array]) -> pd.Series:
    """Returns 高, 中 or 低 for the finest unit decided: no surer than the town that it lies in."""
    rank = np.full(len(units[0]), 3)
    for level in (_COUNTY, _TOWN, _VILLAGE):
        unit, lead = units[level - 1], leads[level - 1]
        sure, likely = _SURE[level]
        mine = np.where(lead >= sure, 2, np.where(lead >= likely, 1, 0))
        # a county follows from its town
        decided = (unit >= 0) & ((level != _COUNTY) | (units[1] < 0))
        rank = np.where(decided, np.minimum(rank, mine), rank)
    return pd.Series(np.array(["低", "中", "高", None], dtype=object)[rank], dtype="str")


def _inferred(votes: Votes, county: Array, town: Array, village: Array) -> pd.Series:
    """Names, joined by +, what nobody said in so many words: see `locate`; null where all was said."""
    rows, names = len(county), gazetteer.load()
    finest = np.where(village >= 0, village, np.where(town >= 0, town, county))

    def said(unit: Array, *, how: int = _SOUND, least: int = _PLAIN) -> Array:
        """Has a row a vote for exactly ``unit``, or the code of one inside, written from ``least`` to ``how``?"""
        mine = unit[votes.row]
        within = (names.town_of[votes.unit] == mine) | (names.county_of[votes.unit] == mine)
        named = (votes.unit == mine) | ((votes.basis == 0) & within & (mine >= 0))
        found = np.zeros(rows, dtype=bool)
        found[votes.row[named & (votes.how <= how) & (votes.how >= least)]] = True
        return found

    named = said(finest)
    marks = [
        (county >= 0) & (town >= 0) & ~said(county),
        (town >= 0) & (village >= 0) & ~said(town),
        named & ~said(finest, how=_PLAIN) & said(finest, how=_OLDER),
        named & ~said(finest, how=_OLDER),
    ]
    number = sum(mark.astype(np.int64) << bit for bit, mark in enumerate(marks))
    labels = ["+".join(name for bit, name in enumerate(INFERRED) if each >> bit & 1) or None for each in range(16)]
    return pd.Series(np.array(labels, dtype=object)[number], dtype="str")
