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

from sources import reference
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
def _paths(name: str) -> list[tuple[re.Pattern[str], str, bool]]:
    return [(re.compile(rule["match"]), rule["code"], rule.get("sure", True)) for rule in rules()[name]]


@cache
def from_source(source: str, path: str) -> tuple[str, bool]:
    """Returns code and whether the source's class decides; ``path`` holds its levels joined by ``/``.

    ``("9900", False)`` where the class says nothing.
    """
    path = path.strip()
    if re.fullmatch(r"\d{2}(?:\d{2})?(?:\.0)?", path):
        return _from_code(path.removesuffix(".0"))
    short = re.sub(r"(?:纠纷|争议|类)+$", "", path)
    if source == "mediation" or short in rules()["mediation"]:
        rule = rules()["mediation"].get(short) or rules()["mediation"].get(path)
        if rule:
            return rule["code"], rule.get("sure", True)
    levels = [level for level in re.split(r"[/>＞\\]", path) if level]
    for pattern, code, sure in _paths("full_paths"):
        if pattern.search(path):
            return code, sure
    own = rules()["police"] if source == "police" else {}
    for level in reversed(levels):
        rule = own.get(re.sub(r"(?:纠纷|争议|类)+$", "", level))
        if rule:
            return rule["code"], rule.get("sure", True)
        for pattern, code, sure in _paths("paths"):
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
    for word in (*rules()["not_clues"], *_village_names()):
        found.setdefault(word, [])
    return found


def _village_names() -> list[str]:
    """Names of villages as clerks write them: 团田村委会 speaks neither of fields nor of how a village is run."""
    villages = reference.divisions().query("level == 'village'")["name"]
    kinds = ("村民委员会", "村委会", "社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区", "村")
    stems = {reference.short_village(name) for name in villages}
    return sorted({*villages, *(stem + kind for stem in stems if len(stem) >= 2 for kind in kinds)})


@cache
def _word_table() -> tuple[list[str], dict[str, int]]:
    codes = sorted(rules()["words"])
    return codes, {code: number for number, code in enumerate(codes)}


def scored_codes() -> list[str]:
    """Codes that clues can speak for, in the order of the columns of `text_scores`."""
    return _word_table()[0]


def text_scores(hits: Hits, lexicon_words: list[str], rows: int, title_length: Array) -> Array:
    """Returns the weight of clues per row and code (rows × columns of `scored_codes`).

    Each word counts once per row, a word within a longer one not at all (遗产 in 文化遗产), one in the title twice.

    Args:
        hits: words found in title and content, one behind the other.
        lexicon_words: the words of the lexicon.
        rows: number of texts.
        title_length: how many characters at the front are the title (rows).
    """
    codes, number = _word_table()
    spoken = words()
    known = np.array([word in spoken for word in lexicon_words], dtype=bool)
    hits = hits.where(known[hits.word]).longest()
    pairs = [
        (index, number[code], weight)
        for index, word in enumerate(lexicon_words)
        for code, weight in spoken.get(word, [])
    ]
    scores = np.zeros((rows, len(codes)), dtype=np.float32)
    if not pairs or not len(hits):
        return scores
    word, column, weight = (np.array(part) for part in zip(*pairs, strict=True))
    key = hits.row * len(lexicon_words) + hits.word
    seen, back = np.unique(key, return_inverse=True)
    factor = np.ones(len(seen), dtype=np.float32)
    np.maximum.at(factor, back, np.where(hits.start < title_length[hits.row], np.float32(2), np.float32(1)))
    row, index = seen // len(lexicon_words), seen % len(lexicon_words)
    first = np.searchsorted(word, index, side="left")
    count = np.searchsorted(word, index, side="right") - first
    entry = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    np.add.at(scores, (np.repeat(row, count), column[entry]), weight[entry] * np.repeat(factor, count))
    return scores


def decide(source: pd.Series, path: pd.Series, first_path: pd.Series, scores: Array) -> pd.DataFrame:
    """Returns category_code and category_basis (n rows).

    The confirmed class of the source comes first, then its first class. What it says is a weight beside the clues of
    the text (`weights` in category.yml): a class that decides stands against all but overwhelming clues, one that names
    only a major class (xx99) is refined within it, one that is too broad gives way to any clear clue.
    """
    codes = scored_codes()
    weights = rules()["weights"]
    keys = pd.MultiIndex.from_arrays([source.fillna(""), path.fillna(""), first_path.fillna("")])
    number, unique = keys.factorize()
    prior = np.zeros((len(unique), len(codes)), dtype=np.float32)
    own: list[str] = []
    for row, (name, confirmed, earlier) in enumerate(unique):
        code, sure = from_source(name, confirmed) if confirmed else (UNKNOWN, False)
        first, first_sure = from_source(name, earlier) if earlier else (UNKNOWN, False)
        own.append(code if code != UNKNOWN else first)
        for said, is_sure, share in ((code, sure, 1.0), (first, first_sure, weights["first"])):
            # a first class copied into the confirmed one says nothing of its own
            if said == UNKNOWN or (share < 1 and earlier == confirmed):
                continue
            within = [column for column, known in enumerate(codes) if known[:2] == said[:2]]
            settled = is_sure or said.endswith("99")
            prior[row, within] += share * weights["major" if settled else "unsure_major"]
            if said in codes:
                kind = "broad" if said.endswith("99") else "sure" if is_sure else "unsure"
                prior[row, codes.index(said)] += share * weights[kind]
    told = np.array(own, dtype=object)[number]
    clues = np.minimum(scores, weights["ceiling"])
    total = clues + prior[number]
    best = total.argmax(axis=1) if len(total) else np.zeros(0, dtype=np.int64)
    clear = total[np.arange(len(total)), best] >= 2
    code = np.where(clear, np.array(codes, dtype=object)[best], told)
    same_major = np.array([str(a)[:2] == str(b)[:2] for a, b in zip(code, told, strict=True)], dtype=bool)
    basis = np.where(code == UNKNOWN, "none", np.where(same_major & (told != UNKNOWN), "source", "text"))
    return pd.DataFrame({"category_code": code, "category_basis": basis}, index=source.index).astype("str")
