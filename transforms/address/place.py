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

from transforms.address import gazetteer
from transforms.lexicon import Array, Hits, Joined

BASES = ("code", "column", "address", "text")
# How much a mention weighs by where it stands (假定). A column is often wrong, an address is about the place.
_WEIGHT_ADDRESS = {3: 6.0, 2: 4.0, 1: 0.5, 0: 0.3}
_WEIGHT_TEXT = {3: 3.2, 2: 2.0, 1: 0.4, 0: 0.2}
_WEIGHT_COLUMN = 3.0
# the unit that answers: a station, a mediation committee; its name tells less than the columns, its code more
_WEIGHT_UNIT = {3: 2.8, 2: 2.0, 1: 0.5, 0: 0.2}
_WEIGHT_UNIT_CODE = 3.5
_WEIGHT_CODE = {1: 3.0, 2: 4.0, 3: 5.0}
_GENERIC, _BARE, _USUAL = 0.31, 1.0, 4.5
_COUNTY, _TOWN, _VILLAGE = 1, 2, 3


class Votes(NamedTuple):
    """Votes: ``row``, gazetteer ``unit``, ``weight``, ``basis`` (index into BASES), ``mention`` (an id per mention)."""

    row: Array
    unit: Array
    weight: Array
    basis: Array
    mention: Array


def _expand(row: Array, alias: Array, basis: int, scale: dict[int, float], offset: int) -> Votes:
    """Turns mentions of aliases into votes for every unit that the alias may mean."""
    names = gazetteer.load()
    first = names.first[alias]
    count = names.first[alias + 1] - first
    mention = np.repeat(np.arange(len(row)), count)
    entry = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    weight = np.array([scale[0], scale[1], scale[2], scale[3]])[names.entry_strength[entry]]
    return Votes(row[mention], names.entry_unit[entry], weight, np.full(len(mention), basis), mention + offset)


def _find(texts: list[str]) -> Hits:
    return _credible(gazetteer.load().lexicon.find(Joined(texts)), texts)


def _division_end(hits: Hits, rows: int) -> Array:
    """Returns how many characters at the front of each address name divisions (玉溪市红塔区玉兴街道|凤凰路12号)."""
    end = np.zeros(rows, dtype=np.int64)
    names = gazetteer.load()
    strong = np.maximum.reduceat(names.entry_strength, names.first[:-1])[hits.word] >= 3
    hits = hits.where(strong)
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
    strongest = np.maximum.reduceat(names.entry_strength, names.first[:-1])[hits.word]
    weak = np.flatnonzero(strongest < 3)
    if not len(weak):
        return hits
    rules = gazetteer.rules()
    before, refused = frozenset(rules["before_weak"]), tuple(rules["not_after_weak"])
    after = _after_stem()
    ends = set(zip(hits.row.tolist(), hits.end.tolist(), strict=True))
    # a stem right behind its county or town (红塔区飞井, 青龙海镜) needs no border on its right
    coarse = np.isin(np.minimum.reduceat(names.entry_level, names.first[:-1])[hits.word], (_COUNTY, _TOWN))
    behind = set(zip(hits.row[coarse].tolist(), hits.end[coarse].tolist(), strict=True))
    starts = set(zip(hits.row.tolist(), hits.start.tolist(), strict=True))
    strong = strongest >= 3
    strong_starts = set(zip(hits.row[strong].tolist(), hits.start[strong].tolist(), strict=True))
    business = _business()
    keep = np.ones(len(hits), dtype=bool)
    columns = (weak, hits.row[weak], hits.start[weak], hits.end[weak], strongest[weak])
    for position, row, start, end, strength in zip(*(column.tolist() for column in columns), strict=True):
        text = texts[row]
        open_left = start == 0 or not _is_han(text[start - 1]) or text[start - 1] in before or (row, start) in ends
        open_right = end == len(text) or not _is_han(text[end]) or (row, end) in strong_starts
        if not open_right and not text.startswith(refused, end) and not business.match(text, end):
            open_right = strength == 2 or (row, end) in starts or (row, start) in behind or bool(after.match(text, end))
        keep[position] = open_left and open_right
    return hits.where(keep)


@cache
def _after_stem() -> re.Pattern[str]:
    """What may follow a bare stem: public places that bear their town's name, or a street or house of another name."""
    words = "|".join(map(re.escape, gazetteer.rules()["after_stem"]))
    return re.compile(rf"(?:{words})|[\u4e00-\u9fff]{{2,4}}(?:路|街|大道|巷)\d|[\u4e00-\u9fff]{{1,4}}\d{{1,4}}号")


@cache
def _business() -> re.Pattern[str]:
    """A business that bears the name: 永昌食品有限公司 lies anywhere."""
    words = "|".join(map(re.escape, gazetteer.rules()["business"]))
    return re.compile(rf"[\u4e00-\u9fff]{{0,6}}?(?:{words})")


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _from_column(values: pd.Series, level: int, offset: int) -> Votes:
    """A whole cell that names one unit, or begins with one (红塔区玉兴街道 in the county's cell)."""
    names = gazetteer.load()
    numbers = names.alias_numbers()
    empty = np.zeros(0, dtype=np.int64)
    known = values.notna().to_numpy()
    if not known.any():
        return Votes(empty, empty, empty.astype(float), empty, empty)
    position, unique = pd.factorize(values)
    rows: list[Array] = []
    units: list[Array] = []
    for number, cell in enumerate(unique.tolist()):
        alias = numbers.get(cell)
        if alias is not None:
            found = names.entry_unit[names.first[alias] : names.first[alias + 1]]
        else:
            hits = names.lexicon.find(Joined([cell])).longest()
            strongest = [
                names.entry_unit[names.first[word] : names.first[word + 1]]
                for word in hits.word.tolist()
                if names.entry_strength[names.first[word] : names.first[word + 1]].max() >= 3
            ]
            found = np.concatenate(strongest) if strongest else empty
        same = found[names.unit_level[found] == level]
        found = same if len(same) else found
        where = np.flatnonzero(position == number)
        if len(found) and len(where):
            rows.append(np.repeat(where, len(found)))
            units.append(np.tile(found, len(where)))
    if not rows:
        return Votes(empty, empty, empty.astype(float), empty, empty)
    row, unit = np.concatenate(rows), np.concatenate(units)
    return Votes(row, unit, np.full(len(row), _WEIGHT_COLUMN), np.full(len(row), 1), row + offset)


def _from_code(codes: pd.Series, offset: int) -> Votes:
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
    weight = np.array([0.0, _WEIGHT_CODE[1], _WEIGHT_CODE[2], _WEIGHT_CODE[3]])[level]
    return Votes(row, found[row], weight, np.zeros(len(row), dtype=np.int64), row + offset)


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
    """Decides county_code (6), town_code (12), village_code (12) and place_basis for n rows.

    ``division_end`` is how many characters at the front of the address name divisions.

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
    columns = zip((county_name, town_name, village_name), (_COUNTY, _TOWN, _VILLAGE), strict=True)
    votes = [_from_code(division_code, 0)]
    votes += [_from_column(values, level, rows * level) for values, level in columns]
    start = rows * 4
    if unit_code is not None:
        unit_votes = _from_code(unit_code.str[:6], start)
        votes.append(unit_votes._replace(weight=np.full(len(unit_votes.row), _WEIGHT_UNIT_CODE)))
        start += rows
    if unit_name is not None:
        named = _find(unit_name.str.replace("公安局|公安分局|分局", "", regex=True).fillna("").tolist())
        votes.append(_consistent(_expand(named.row, named.word, 1, _WEIGHT_UNIT, start), votes[1]))
        start += int(votes[-1].mention.max(initial=start)) + 1
    spoken = _find(address.fillna("").tolist())
    votes.append(_expand(spoken.row, spoken.word, 2, _WEIGHT_ADDRESS, start))
    start += int(votes[-1].mention.max(initial=start)) + 1
    told = _find(text.fillna("").tolist())
    votes.append(_expand(told.row, told.word, 3, _WEIGHT_TEXT, start))
    votes[2] = _consistent(votes[2], votes[1])
    votes[3] = _consistent(votes[3], votes[1])
    row, unit, weight, basis, mention = (np.concatenate(part) for part in zip(*votes, strict=True))

    level = names.unit_level[unit]
    keep = (weight > 0) & (level > 0)
    row, unit, weight, basis, mention, level = (part[keep] for part in (row, unit, weight, basis, mention, level))
    county = names.county_of[unit]
    town = names.town_of[unit]
    size = len(names.codes)

    # towns: own mentions and those of their villages, which names of villages everywhere are not
    inside = (level >= _TOWN) & (weight > _GENERIC)
    kind = basis * 2 + (level == _VILLAGE)
    best = _best(row[inside], town[inside], kind[inside], weight[inside], size, kinds=2 * len(BASES))
    town_row, town_unit, town_weight = _sum(best, size)
    # a town gains by mentions of its county as such
    stated = level == _COUNTY
    stated_score = _best(row[stated], county[stated], basis[stated], weight[stated], size)
    county_row, county_unit, county_weight = _sum(stated_score, size)
    support = _lookup(county_row * size + county_unit, county_weight, town_row * size + names.county_of[town_unit])
    total = town_weight + support
    # a bare stem counts only where its county is stated; a usual name not where another county is
    elsewhere = np.isin(town_row, county_row) & (support == 0)
    total[(town_weight <= _BARE) & (support == 0)] = 0
    total[(town_weight <= _USUAL) & elsewhere] = 0
    chosen_town = _winner(town_row, town_unit, total, rows, margin=0.4)

    # without a town: every mention speaks for its county; an alias of many counties proves none of them
    speaks = weight > _GENERIC
    share = _share(weight[speaks], mention[speaks], county[speaks])
    county_score = _best(row[speaks], county[speaks], basis[speaks], share, size)
    county_row, county_unit, county_weight = _sum(county_score, size)
    chosen_county = np.where(chosen_town >= 0, names.county_of[np.maximum(chosen_town, 0)], -1)
    best_county = _winner(county_row, county_unit, county_weight, rows, margin=0.4)
    chosen_county = np.where(chosen_county >= 0, chosen_county, best_county)

    # villages: inside the chosen town only
    village = level == _VILLAGE
    v_row, v_unit, v_basis, v_weight = row[village], unit[village], basis[village], weight[village]
    fits = names.town_of[v_unit] == chosen_town[v_row]
    village_score = _best(v_row[fits], v_unit[fits], v_basis[fits], v_weight[fits], size)
    chosen_village = _winner(*_sum(village_score, size), rows, margin=0.2)

    codes = np.array([*names.codes.tolist(), None], dtype=object)
    result = pd.DataFrame(
        {
            "county_code": pd.Series(codes[chosen_county], dtype="str").str[:6],
            "town_code": pd.Series(codes[chosen_town], dtype="str"),
            "village_code": pd.Series(codes[chosen_village], dtype="str"),
        }
    )
    result["place_basis"] = _basis(row, unit, basis, chosen_county, chosen_town, chosen_village, rows)
    result["division_end"] = _division_end(spoken, rows)
    result.index = address.index
    return result


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


def _winner(row: Array, unit: Array, weight: Array, rows: int, margin: float) -> Array:
    """Returns the unit with the highest weight per row, -1 where none or where the second comes within ``margin``."""
    chosen = np.full(rows, -1, dtype=np.int64)
    keep = weight > 0
    row, unit, weight = row[keep], unit[keep], weight[keep]
    if not len(row):
        return chosen
    order = np.lexsort((unit, -weight, row))
    row, unit, weight = row[order], unit[order], weight[order]
    first = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1])))
    second = np.minimum(first + 1, len(row) - 1)
    rival = np.where((second > first) & (row[second] == row[first]), weight[second], -np.inf)
    clear = weight[first] - rival >= margin
    chosen[row[first[clear]]] = unit[first[clear]]
    return chosen


def _basis(row: Array, unit: Array, basis: Array, county: Array, town: Array, village: Array, rows: int) -> pd.Series:
    """Names, joined by +, what spoke for the finest unit that was decided."""
    finest = np.where(village >= 0, village, np.where(town >= 0, town, county))
    names = gazetteer.load()
    mine = finest[row]
    agrees = (mine >= 0) & (
        (unit == mine) | (names.town_of[unit] == mine) | (names.county_of[unit] == mine)
    )  # fmt: skip
    mask = np.zeros(rows, dtype=np.int64)
    np.bitwise_or.at(mask, row[agrees], 1 << basis[agrees])
    labels = np.array(
        ["+".join(name for bit, name in enumerate(BASES) if number >> bit & 1) or None for number in range(16)],
        dtype=object,
    )
    return pd.Series(labels[mask], dtype="str")
