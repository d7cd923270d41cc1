"""Is a record a dispute at all? Every no carries its reason in Chinese.

Here: the decision and its rules [假定, `disputes.yml`]. Not here: which kind of dispute (`transforms.category`).
source, type, class, text, place -> is_dispute, not_dispute_reason

A dispute has two sides: somebody wants something from somebody who does not give it. A lamp that is dark, a question, a
thank-you have no second side. Rules look for words of conflict, never for sentences of one system.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from sources import reference
from transforms import category
from transforms.lexicon import Array, Hits
from transforms.mentions import Found


@cache
def rules() -> dict[str, Any]:
    """The content of `disputes.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def words() -> list[str]:
    """All words that the decision looks for in title and text."""
    conflict = rules()["conflict"]
    lists = (rules()[name] for name in ("service", "personal", "question", "nil"))
    return sorted(
        {
            *conflict["strong"],
            *conflict["weak"],
            *conflict["exclusions"],
            *(word for words_ in lists for word in words_),
        }
    )


def outcome_words() -> list[str]:
    """All phrases that it looks for in text and outcome of police rows and in the status of others."""
    phrases = [phrase for group in rules()["police"]["phrases"].values() for phrase in group]
    return sorted({*phrases, *rules()["police"]["exclusions"], *rules()["void"]["words"]})


def count(hits: Hits, lexicon_words: list[str], chosen: list[str], rows: int) -> Array:
    """Returns per row how many different words of ``chosen`` were found."""
    wanted = np.zeros(len(lexicon_words), dtype=bool)
    position = {word: number for number, word in enumerate(lexicon_words)}
    wanted[[position[word] for word in chosen if word in position]] = True
    keep = wanted[hits.word]
    seen = np.unique(hits.row[keep] * len(lexicon_words) + hits.word[keep])
    counts: Array = np.bincount(seen // len(lexicon_words), minlength=rows)
    return counts


def elsewhere(county_name: pd.Series, division_code: pd.Series) -> pd.Series:
    """Returns the name (or code) of the county outside 玉溪 that the source's own columns give, else null."""
    others = reference.counties_elsewhere()

    def name(value: str) -> str | None:
        stem = value.strip().removeprefix("云南省")
        if stem in others:
            return stem
        # 昆明市晋宁区: the last county named counts
        return next((known for known in others if len(known) >= 3 and stem.endswith(known)), None)

    named = county_name.map({value: name(value) for value in county_name.dropna().unique().tolist()}).astype("str")
    code = division_code.astype("str").where(
        division_code.astype("str").str.fullmatch(r"[1-9]\d{5}(?:\d{3}|\d{6})?", na=False)
        & ~division_code.astype("str").str.match("5304|..0000", na=False)
    )
    return named.fillna(code)


@cache
def _county_pattern(within: bool) -> str:
    """Full names of the counties of 玉溪, or of those outside it (通海县, 建水县); stems alone prove nothing."""
    if within:
        known = reference.divisions().query("level == 'county'")["name"].tolist()
    else:
        known = [name for name in reference.counties_elsewhere() if len(name) >= 3 and name[-1] in "县区市"]
    return "|".join(sorted(map(re.escape, known), key=lambda name: (-len(name), name)))


def told_elsewhere(address: pd.Series) -> pd.Series:
    """Returns the county outside 玉溪 that an address begins with (云南省红河州建水县临安镇), else null."""
    return address.str.extract(
        rf"^(?:云南省)?(?:[\u4e00-\u9fff]{{2,6}}?[市州])?({_county_pattern(False)})", expand=False
    )


def ours(address: pd.Series, content: pd.Series, unit_code: pd.Series) -> Array:
    """Does a row whose columns name a county elsewhere belong to 玉溪 all the same (n)?

    Address or content name one of its counties in full, or a police station of 玉溪 has the case and neither names a
    county elsewhere: the call taker's division code is often wrong, the station that went there is not.
    """
    told = address.fillna("") + "\n" + content.fillna("")
    within = told.str.contains(_county_pattern(True), regex=True)
    outside = told.str.contains(_county_pattern(False), regex=True)
    found: Array = (within | (unit_code.str.startswith("5304", na=False) & ~outside)).to_numpy(dtype=bool)
    return found


def _contains(values: pd.Series, needles: list[str]) -> Array:
    """Returns whether each value holds one of the needles; worked out once per distinct value."""
    table = {value: any(needle in value for needle in needles) for value in values.dropna().unique().tolist()}
    contains: Array = values.map(table).fillna(False).to_numpy(dtype=bool)
    return contains


class Signals(NamedTuple):
    """What the texts of n records hold: numbers of different words, and two facts.

    ``strong`` and ``weak`` words of conflict, words of ``service``, ``personal`` words, words of ``question`` in title
    and text; ``handled``: strong words in the outcome; ``clue``: weight of the best two-sided category in the text;
    ``crowd``: persons or households that the text counts; ``is_nil``: a routine report that nothing happened;
    ``is_void``: marked void in words; ``has_respondent``: the source names the other side; ``phrases``: one boolean
    column per reason of police phrases.
    """

    strong: Array
    weak: Array
    service: Array
    personal: Array
    question: Array
    handled: Array
    clue: Array
    crowd: Array
    is_nil: Array
    is_void: Array
    has_respondent: Array
    phrases: pd.DataFrame


def signals(
    hits: Hits, own: Hits, lexicon_words: list[str], scores: Array, found: Found, has_respondent: Array
) -> Signals:
    """Counts words.

    Args:
        hits: words found in title, text and outcome.
        own: those of title and text.
        lexicon_words: the words of the lexicon.
        scores: weights of category clues in title and text (n × codes).
        found: mentions in the texts; a threat counts like a strong word.
        has_respondent: the source names the other side (n).
    """
    rows = len(has_respondent)

    def number(found: Hits, chosen: list[str]) -> Array:
        return count(found, lexicon_words, chosen, rows)

    conflict = rules()["conflict"]
    police = rules()["police"]
    phrases = [phrase for group in police["phrases"].values() for phrase in group]
    marked = _outside(hits, lexicon_words, phrases, police["exclusions"])
    strong = number(_outside(own, lexicon_words, conflict["strong"], conflict["exclusions"]), conflict["strong"])
    everywhere = number(_outside(hits, lexicon_words, conflict["strong"], conflict["exclusions"]), conflict["strong"])
    handled = everywhere - strong
    strong[list(found.threats)] += 1
    codes = category.scored_codes()
    two_sided = np.array([code not in rules()["one_sided_codes"] and code < "13" for code in codes], dtype=bool)
    return Signals(
        strong=strong,
        weak=number(own, conflict["weak"]),
        service=number(own, rules()["service"]),
        personal=number(own, rules()["personal"]),
        question=number(own, rules()["question"]),
        handled=handled,
        clue=scores[:, two_sided].max(axis=1, initial=0),
        crowd=found.headcount,
        is_nil=number(own, rules()["nil"]) > 0,
        is_void=number(hits, rules()["void"]["words"]) > 0,
        has_respondent=has_respondent,
        phrases=pd.DataFrame({reason: number(marked, group) > 0 for reason, group in police["phrases"].items()}),
    )


def _outside(hits: Hits, lexicon_words: list[str], chosen: list[str], exclusions: list[str]) -> Hits:
    """Returns the hits of ``chosen`` words that do not lie within an exclusion (动手 in 没有动手)."""
    wanted = {*chosen, *exclusions}
    return hits.where(np.array([word in wanted for word in lexicon_words], dtype=bool)[hits.word]).longest()


def decide(record: pd.DataFrame, signal: Signals, other_county: pd.Series, place_known: Array) -> pd.DataFrame:
    """Decides n rows.

    Args:
        record: columns source, request_type, source_category, first_category, status.
        signal: what the texts hold.
        other_county: name of a county elsewhere, null where the record is the city's own (n).
        place_known: address, text or police station lie inside the city (n).

    Returns:
        is_dispute, not_dispute_reason (null for disputes).
    """
    rows = len(record)
    reason = np.full(rows, None, dtype=object)
    source = record["source"].to_numpy(dtype=object)
    kind = record["request_type"].fillna("")
    path = record["source_category"].fillna("")
    first = record["first_category"].fillna("")
    open_ = np.ones(rows, dtype=bool)

    def refuse(mask: Array, text: Any) -> None:
        where = mask & open_
        reason[where] = text[where] if isinstance(text, np.ndarray) else text
        open_[where] = False

    refuse((record["status"] == "作废").fillna(False).to_numpy(dtype=bool) | signal.is_void, "来源系统已作废")
    outside = other_county.notna().to_numpy() & ~place_known
    refuse(outside, ("不属本市：" + other_county.fillna("")).to_numpy(dtype=object))
    refuse(signal.is_nil & (signal.strong <= 1) & (signal.clue < 3), "例行零报告，没有纠纷发生")

    police = source == "police"
    for text in rules()["police"]["phrases"]:
        refuse(police & signal.phrases[text].to_numpy(), text)
    confirmed = path.where(path != "", first)
    is_class = _contains(confirmed, rules()["police"]["dispute_classes"])
    told = (signal.strong + signal.handled >= 1) | (signal.clue >= 3)
    crime = _contains(confirmed, rules()["police"]["crime_classes"])
    told &= ~crime | (signal.handled >= 1) | (signal.strong >= 2)
    traffic = _contains(confirmed, rules()["police"]["traffic_classes"])
    told &= ~traffic | (signal.strong + signal.handled >= 1)
    told &= ~_contains(confirmed, ["骚扰", "咨询"])
    told &= (signal.service == 0) | (signal.strong + signal.handled >= 2)
    not_class = _contains(confirmed, rules()["police"]["other_classes"])
    refuse(police & not_class & ~is_class & ~told, _quote("警情类别不是纠纷，内容也未述及：", confirmed))
    refuse(police & ~is_class & ~told, "警情类别与内容都未述及纠纷")

    citymgmt = source == "citymgmt"
    is_class = _contains(path, rules()["citymgmt"]["dispute_classes"])
    facility = _contains(path, rules()["citymgmt"]["facility_classes"])
    told = (signal.strong >= 1) | (signal.crowd >= 5) | ((signal.clue >= 3) & ~facility)
    parts = (kind == "部件").to_numpy()
    refuse(citymgmt & parts & ~is_class & (signal.strong < 2), "城市部件问题，没有对立双方")
    refuse(citymgmt & ~is_class & ~told, _quote("城市管理事项，没有对立双方：", path))

    settled = (source == "mediation") | (source == "grid")
    calls = ~(police | citymgmt | settled)
    speaks = _contains(path, rules()["dispute_path_words"])
    types = rules()["hotline"]["not_dispute_types"]
    kind = kind.where((kind != "") | ~calls, _implied_type(record["title"]))
    plain = kind.map({value: types.get(value) for value in kind.unique().tolist()}).astype("str")
    asks = plain.notna().to_numpy()
    thanks = (plain == "感谢表扬").fillna(False).to_numpy(dtype=bool)
    refuse(calls & thanks & (signal.strong < 3), "感谢表扬")
    own_matter = (signal.personal > 0) | signal.has_respondent
    stated = np.where(
        signal.question == 0,
        (signal.strong >= 1) | (signal.clue >= 3),
        ((signal.strong >= 1) & own_matter & (signal.clue >= 2)) | (signal.strong >= 2),
    )
    refuse(calls & asks & ~stated, plain.fillna("").to_numpy(dtype=object))

    is_service = _contains(path, rules()["service_classes"]) & ~speaks
    complains = kind.isin(rules()["hotline"]["complaint_types"]).to_numpy(dtype=bool)
    pro = 2 * signal.strong + np.minimum(signal.weak, 3) + 2 * speaks + 2 * signal.has_respondent
    pro = pro + 3 * (signal.clue >= 3) + 2 * (signal.crowd >= 5) + complains
    con = 2 * np.minimum(signal.service, 2) + 3 * is_service + np.where(complains, 0, np.minimum(signal.question, 2))
    refuse(calls & is_service & (pro - con < 2), _quote("公共服务或设施事项：", path))
    refuse(calls & (signal.service > 0) & (pro - con < 2), "公共服务或设施事项，未述及冲突")
    refuse(calls & (pro - con < 2), "未述及与他人的冲突")
    return pd.DataFrame(
        {"is_dispute": open_, "not_dispute_reason": pd.Series(reason, dtype="str").to_numpy()}, index=record.index
    ).astype({"not_dispute_reason": "str"})


def _implied_type(titles: pd.Series) -> pd.Series:
    """Reads the type off the title where the source has none: 请问 … -> 咨询, 建议 … -> 建议; empty: unsaid."""
    result = pd.Series("", index=titles.index, dtype="str")
    for kind, pattern in reversed(rules()["hotline"]["title_types"].items()):
        result = result.mask(titles.str.contains(pattern, regex=True, na=False).to_numpy(dtype=bool), kind)
    return result


def _quote(sentence: str, values: pd.Series) -> Array:
    quoted: Array = (sentence + values.where(values != "", "未填")).to_numpy(dtype=object)
    return quoted
