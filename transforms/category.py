"""From the classes of five systems to the four-digit codes of GB/T 31000-2015.

Here: the code table A-1 [certain], crosswalks of the sources' own classes and, where those do not decide, clues in the
text [both 假定, `category.yml`]. Not here: whether it is a dispute at all (`transforms.disputes`).
source class, text -> category_code, category_basis
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transforms.lexicon import Array, Hits

UNKNOWN = "9900"


@cache
def rules() -> dict[str, Any]:
    """The content of `category.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


@cache
def names() -> dict[str, str]:
    """Code (two or four digits) to Chinese name."""
    found: dict[str, str] = {}
    for major, (name, minors) in rules()["codes"].items():
        found[major] = name
        found.update(minors)
    return found


def table() -> pd.DataFrame:
    """The published table: category_code, category_name, level (1 or 2), parent_code, full_name.

    Level 1 has two digits, level 2 four. Source: GB/T 31000-2015 table A-1; 9900 stands for 99 其他, which has no
    sub-classes in the standard.
    """
    rows = []
    for major, (name, minors) in rules()["codes"].items():
        rows.append((major, name, 1, None, name))
        rows += [
            (code, label, 2, major, f"{name}/{label}" if code != UNKNOWN else label) for code, label in minors.items()
        ]
    return pd.DataFrame(rows, columns=["category_code", "category_name", "level", "parent_code", "full_name"])


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code in names() if len(code) == 4)


@cache
def _paths() -> list[tuple[re.Pattern[str], str, bool]]:
    return [(re.compile(rule["match"]), rule["code"], rule.get("sure", True)) for rule in rules()["paths"]]


@cache
def from_source(source: str, path: str) -> tuple[str, bool]:
    """Returns code and whether the source's class decides; ``path`` holds its levels joined by ``/``.

    ``("9900", False)`` where the class says nothing.
    """
    path = path.strip()
    if re.fullmatch(r"\d{2}(?:\d{2})?(?:\.0)?", path):
        return _from_code(path.removesuffix(".0"))
    short = re.sub(r"(?:纠纷|争议|类)$", "", path)
    if source == "mediation" or short in rules()["mediation"]:
        rule = rules()["mediation"].get(short) or rules()["mediation"].get(path)
        if rule:
            return rule["code"], rule.get("sure", True)
    levels = [level for level in re.split(r"[/>＞\\]", path) if level]
    for level in reversed(levels):
        for pattern, code, sure in _paths():
            if pattern.search(level):
                if code != UNKNOWN:
                    return code, sure
                break
    return UNKNOWN, False


def _from_code(code: str) -> tuple[str, bool]:
    if code in _codes():
        return code, code != UNKNOWN
    major = code[:2]
    if f"{major}99" in _codes():
        return f"{major}99", True
    return UNKNOWN, False


@cache
def words() -> dict[str, list[tuple[str, int]]]:
    """Clue word to the codes it speaks for, with weights."""
    found: dict[str, list[tuple[str, int]]] = {}
    for code, by_weight in rules()["words"].items():
        for weight, clues in by_weight.items():
            for clue in clues:
                entries = found.setdefault(str(clue), [])
                if code not in [entry[0] for entry in entries]:
                    entries.append((code, int(weight)))
    return found


@cache
def _word_table() -> tuple[list[str], dict[str, int]]:
    codes = sorted(rules()["words"])
    return codes, {code: number for number, code in enumerate(codes)}


def scored_codes() -> list[str]:
    """Codes that clues can speak for, in the order of the columns of `text_scores`."""
    return _word_table()[0]


def text_scores(hits: Hits, lexicon_words: list[str], rows: int) -> Array:
    """Returns the weight of clues per row and code (rows × codes of `_word_table`), each word counted once per row."""
    codes, number = _word_table()
    spoken = words()
    pairs = [
        (index, number[code], weight)
        for index, word in enumerate(lexicon_words)
        for code, weight in spoken.get(word, [])
    ]
    scores = np.zeros((rows, len(codes)), dtype=np.float32)
    if not pairs or not len(hits):
        return scores
    word, column, weight = (np.array(part) for part in zip(*pairs, strict=True))
    seen = np.unique(hits.row * len(lexicon_words) + hits.word)
    row, index = seen // len(lexicon_words), seen % len(lexicon_words)
    first = np.searchsorted(word, index, side="left")
    count = np.searchsorted(word, index, side="right") - first
    row = np.repeat(row, count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    entry = np.repeat(first, count) + offset
    np.add.at(scores, (row, column[entry]), weight[entry].astype(np.float32))
    return scores


def decide(source: pd.Series, path: pd.Series, first_path: pd.Series, scores: Array) -> pd.DataFrame:
    """Returns category_code and category_basis (n rows).

    The confirmed class of the source comes first, then its first class. A class that decides is taken. One that names
    only a major class (xx99) is refined by the clues of the text within that major class. One that is too broad gives
    way to clues that weigh 3 or more, and stands where there are none.
    """
    codes, _ = _word_table()
    majors = np.array([code[:2] for code in codes])
    keys = pd.MultiIndex.from_arrays([source.fillna(""), path.fillna(""), first_path.fillna("")])
    number, unique = keys.factorize()
    decided = []
    for name, own, first in unique:
        code, sure = from_source(name, own) if own else (UNKNOWN, False)
        if code == UNKNOWN and first:
            code, sure = from_source(name, first)
        decided.append((code, sure))
    code = np.array([entry[0] for entry in decided], dtype=object)[number]
    sure = np.array([entry[1] for entry in decided], dtype=bool)[number]
    basis = np.where(code == UNKNOWN, "none", "source").astype(object)

    best = scores.argmax(axis=1)
    weight = scores[np.arange(len(scores)), best]
    text_code = np.array(codes, dtype=object)[best]
    broad = np.array([str(entry).endswith("99") for entry in code], dtype=bool)
    for major in sorted({str(entry)[:2] for entry in set(code[broad & sure])}):
        rows = np.flatnonzero(broad & sure & np.array([str(entry)[:2] == major for entry in code]))
        inside = np.where(majors == major, scores[rows], 0)
        choice = inside.argmax(axis=1)
        found = inside[np.arange(len(rows)), choice] >= 2
        code[rows[found]] = np.array(codes, dtype=object)[choice[found]]
    by_text = ~sure & (weight >= 3)
    # a class that is not sure still speaks: its own code wins a near tie
    own_column = np.array([codes.index(entry) if entry in codes else -1 for entry in code], dtype=np.int64)
    own_weight = np.where(own_column >= 0, scores[np.arange(len(scores)), np.maximum(own_column, 0)], 0)
    by_text &= (own_weight + 2 < weight) | (code == UNKNOWN)
    weak = ~sure & ~by_text & (code == UNKNOWN) & (weight >= 2)
    code[by_text | weak] = text_code[by_text | weak]
    basis[by_text | weak] = "text"
    return pd.DataFrame({"category_code": code, "category_basis": basis}, index=source.index).astype("str")
