"""Names of towns and villages that were written down by ear: 北诚街道, 帽合村.

Here: class words (街道, 村委会) whose name no list has, compared by sound; only a name that sounds like exactly one
town, or village, is taken for it. Not here: how much that proves (`transforms.address.place`).
texts, mentions that were found -> row, unit of names that sound alike

Tones do not count, nor what the speech of the south keeps no apart: zh z, ch c, sh s, n l, ng n.
"""

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources import reference
from transforms.address import gazetteer
from transforms.lexicon import Array, Hits

_CLASS_WORDS = "街道|镇|乡|社区|村委会|村民委员会|居委会"
_CLASS = re.compile(f"([\u4e00-\u9fff]{{2,6}}?)({_CLASS_WORDS})")
_TOWN_CLASSES = ("街道", "镇", "乡")


@cache
def _fold(character: str) -> str:
    """The sound of one character: 诚 -> cen."""
    from pypinyin import lazy_pinyin

    sound = lazy_pinyin(character)[0]
    sound = re.sub("^([zcs])h", r"\1", sound)
    return re.sub("^n(?=[aeiouv])", "l", re.sub("ng$", "n", sound))


def _sound(name: str) -> tuple[str, ...]:
    return tuple(_fold(character) for character in name)


@cache
def _known() -> tuple[dict[tuple[str, ...], frozenset[int]], dict[tuple[str, ...], frozenset[int]]]:
    """Sounds of the stems of towns and of villages, to gazetteer units."""
    frame = reference.divisions()
    tables: tuple[dict[tuple[str, ...], set[int]], dict[tuple[str, ...], set[int]]] = ({}, {})
    for number, (name, level) in enumerate(zip(frame["name"], frame["level"], strict=True)):
        if level in ("town", "village"):
            stem = reference.short_town(name) if level == "town" else reference.short_village(name)
            tables[level == "village"].setdefault(_sound(stem), set()).add(number)
    towns, villages = ({sound: frozenset(units) for sound, units in table.items()} for table in tables)
    return towns, villages


def find(texts: list[str], hits: Hits) -> tuple[Array, Array]:
    """Returns row and unit (k each) of names that only sound like one of ours.

    Args:
        texts: cleaned addresses.
        hits: mentions found in them by name.
    """
    names = gazetteer.load()
    full = names.strength[hits.word] >= gazetteer.USUAL
    ends: dict[int, list[tuple[int, int]]] = {}
    for row, start, end in zip(*(part[full].tolist() for part in (hits.row, hits.start, hits.end)), strict=True):
        ends.setdefault(row, []).append((start, end))
    rows: list[int] = []
    units: list[int] = []
    answers: dict[tuple[str, bool], int] = {}
    has_class = pc.match_substring_regex(pa.array(texts, type=pa.string()), _CLASS_WORDS)
    for row in np.flatnonzero(has_class.to_numpy(zero_copy_only=False)).tolist():
        text = texts[row]
        for match in _CLASS.finditer(text):
            start, end = match.start(), match.end(1)
            for known_start, known_end in ends.get(row, ()):
                if known_start < match.end() and known_end > start:
                    start = max(start, known_end)
            run, is_town = text[start:end], match[2] in _TOWN_CLASSES
            if len(run) < 2:
                continue
            key = (run, is_town)
            if key not in answers:
                answers[key] = _alike(run, is_town)
            if answers[key] >= 0:
                rows.append(row)
                units.append(answers[key])
    return np.array(rows, dtype=np.int64), np.array(units, dtype=np.int64)


def _alike(run: str, is_town: bool) -> int:
    """Returns the only unit that the end of ``run`` sounds like, -1 where none or several do."""
    table = _known()[0 if is_town else 1]
    sound = _sound(run)
    for start in range(len(sound) - 1):
        found = table.get(sound[start:])
        if found:
            return next(iter(found)) if len(found) == 1 else -1
    return -1
