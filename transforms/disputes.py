"""Is a record a dispute at all? Every no carries its reason in Chinese.

Here: the decision and its rules [假定, `disputes.yml`]. Not here: which kind of dispute (`transforms.category`).
source, type, class, text, place -> is_dispute, not_dispute_reason, decision_basis

A dispute has two sides: somebody wants something from somebody who does not give it. A lamp that is dark, a question, a
thank-you have no second side. Rules look for words of conflict, never for sentences of one system. Reasons are a closed
list to group by (`reasons`); what spoke for a decision stands in its basis. How well it does: docs/filter.md.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from sources import contract, reference
from transforms import category
from transforms.lexicon import Array, Hits
from transforms.mentions import Found


@cache
def rules() -> dict[str, Any]:
    """The content of `disputes.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def reasons() -> list[str]:
    """Every reason that `decide` can give, in the order in which they are tried."""
    named: dict[str, str] = rules()["reasons"]
    first = [named[name] for name in ("void", "elsewhere", "nil")]
    return [*first, *rules()["police"]["phrases"], *(text for text in named.values() if text not in first)]


def words() -> list[str]:
    """All words that the decision looks for in title and text."""
    conflict = rules()["conflict"]
    lists = [rules()[name] for name in ("service", "personal", "question", "nil", "offence", "harm")]
    lists.append(rules()["hotline"]["idle"])
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
    """What the texts of n records hold: numbers of different words, and some facts.

    ``strong`` and ``weak`` words of conflict, ``quarrel``: those strong ones that need two persons, words of
    ``service``, ``personal`` words, words of ``question``, of an ``offence`` against the public, of ``harm`` to the
    writer or his neighbours, of calls about nothing (``idle``) in title and text; ``evidence``: the first strong word
    there, else empty; ``handled``: strong words in the outcome;
    ``clue``: weight of the best two-sided category in the text; ``crowd``: persons or households that the text counts;
    ``asks_only``: all strong words belong to what is asked for (咨询工伤赔偿的所需材料); ``is_nil``: a routine
    report that nothing happened; ``is_void``: marked void in words; ``has_respondent``: the source names the other
    side; ``phrases``: one boolean column per reason of police phrases.
    """

    strong: Array
    quarrel: Array
    weak: Array
    service: Array
    personal: Array
    question: Array
    offence: Array
    harm: Array
    idle: Array
    evidence: Array
    handled: Array
    clue: Array
    crowd: Array
    asks_only: Array
    is_nil: Array
    is_void: Array
    has_respondent: Array
    phrases: pd.DataFrame


def signals(
    hits: Hits,
    own: Hits,
    lexicon_words: list[str],
    texts: Sequence[str],
    scores: Array,
    found: Found,
    has_respondent: Array,
) -> Signals:
    """Counts words.

    Args:
        hits: words found in title, text and outcome.
        own: those of title and text.
        lexicon_words: the words of the lexicon.
        texts: titles and texts (n).
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
    told = _outside(own, lexicon_words, conflict["strong"], conflict["exclusions"])
    strong = number(told, conflict["strong"])
    everywhere = number(_outside(hits, lexicon_words, conflict["strong"], conflict["exclusions"]), conflict["strong"])
    handled = everywhere - strong
    strong[list(found.threats)] += 1
    codes = category.scored_codes()
    two_sided = np.array([code not in rules()["one_sided_codes"] and code < "13" for code in codes], dtype=bool)
    return Signals(
        strong=strong,
        quarrel=number(told, conflict["quarrel"]),
        weak=number(own, conflict["weak"]),
        service=number(own, rules()["service"]),
        personal=number(own, rules()["personal"]),
        question=number(own, rules()["question"]),
        offence=number(own, rules()["offence"]),
        harm=number(own, rules()["harm"]),
        idle=number(own, rules()["hotline"]["idle"]),
        evidence=_first(told, lexicon_words, conflict["strong"], rows),
        handled=handled,
        clue=scores[:, two_sided].max(axis=1, initial=0),
        crowd=found.headcount,
        asks_only=_asks_only(texts, strong),
        is_nil=number(own, rules()["nil"]) > 0,
        is_void=number(hits, rules()["void"]["words"]) > 0,
        has_respondent=has_respondent,
        phrases=pd.DataFrame({reason: number(marked, group) > 0 for reason, group in police["phrases"].items()}),
    )


def _asks_only(texts: Sequence[str], strong: Array) -> Array:
    """Returns whether no strong word is left once what is asked for is taken out (n)."""
    asked = re.compile(rules()["asked"])
    word = re.compile("|".join(map(re.escape, rules()["conflict"]["strong"])))
    only = np.zeros(len(texts), dtype=bool)
    for row in np.flatnonzero(strong > 0).tolist():
        rest, number = asked.subn("", texts[row])
        only[row] = number > 0 and not word.search(rest)
    return only


def _first(hits: Hits, lexicon_words: list[str], chosen: list[str], rows: int) -> Array:
    """Returns per row the first of the ``chosen`` words, empty where there is none."""
    wanted = set(chosen)
    kept = hits.where(np.array([word in wanted for word in lexicon_words], dtype=bool)[hits.word])
    found = np.full(rows, "", dtype=object)
    row, at = np.unique(kept.row, return_index=True)
    found[row] = np.array(lexicon_words, dtype=object)[kept.word[at]]
    return found


def _outside(hits: Hits, lexicon_words: list[str], chosen: list[str], exclusions: list[str]) -> Hits:
    """Returns the hits of ``chosen`` words that do not lie within an exclusion (动手 in 没有动手)."""
    wanted = {*chosen, *exclusions}
    return hits.where(np.array([word in wanted for word in lexicon_words], dtype=bool)[hits.word]).longest()


def _uncoded(record: pd.DataFrame) -> dict[int, dict[str, str]]:
    """Returns the values that reading could not code, by row: column as delivered to value (`sources.rows`)."""
    lengths = record["unknown_codes"].map(len, na_action="ignore").fillna(0).to_numpy(dtype=np.int64)
    codes = record["unknown_codes"]
    return {
        row: {name: value for name, _, value in (code.partition("=") for code in codes.iloc[row])}
        for row in np.flatnonzero(lengths).tolist()
    }


def _types(record: pd.DataFrame, uncoded: dict[int, dict[str, str]]) -> pd.Series:
    """Returns request_type; what reading could not code as it was delivered; empty where there is none."""
    kinds = record["request_type"].astype("str")
    kinds = kinds.where(kinds != UNCODED).fillna("")
    for row, said in uncoded.items():
        named = [name for name in _type_columns(record["source"].iloc[row]) if name in said]
        if named and kinds.iloc[row] == "":
            kinds.iloc[row] = said[named[0]]
    return kinds


UNCODED = "未知"
"""What reading puts in a column of codes for a value that source.yml does not know."""


@cache
def _type_columns(source: str) -> tuple[str, ...]:
    if source not in contract.names():
        return ()
    return tuple(name for name, column in contract.load(source).columns.items() if "request_type" in column.to)


@cache
def _kind(value: str) -> str:
    """complaint, idle, praise, suggestion or question; empty for every other type of request."""
    types: dict[str, str] = rules()["hotline"]["types"]
    return next((kind for kind, pattern in types.items() if re.search(pattern, value)), "")


class _Decision:
    """Refusals one after the other: the first reason that fits a record stands."""

    def __init__(self, rows: int) -> None:
        self.is_open = np.ones(rows, dtype=bool)
        self.reason = np.full(rows, None, dtype=object)
        self.basis = np.full(rows, None, dtype=object)

    def refuse(self, mask: Array, reason: str, basis: Array | None = None) -> None:
        """Refuses what is open and in ``mask`` (n), with what spoke for it (n texts)."""
        where = mask & self.is_open
        self.reason[where] = reason
        if basis is not None:
            self.basis[where] = basis[where]
        self.is_open[where] = False


def _told(label: str, values: pd.Series) -> Array:
    """Returns ``label：value`` for each value, null where it is empty."""
    values = values.fillna("")
    told: Array = (label + "：" + values).where(values != "", None).to_numpy(dtype=object)
    return told


def decide(record: pd.DataFrame, signal: Signals, other_county: pd.Series, place_known: Array) -> pd.DataFrame:
    """Decides n rows.

    Args:
        record: columns source, request_type, unknown_codes, source_category, first_category, status, title.
        signal: what the texts hold.
        other_county: name of a county elsewhere, null where the record is the city's own (n).
        place_known: address, text or police station lie inside the city (n).

    Returns:
        is_dispute, not_dispute_reason (one of `reasons`, null for disputes), decision_basis (what spoke for it: class,
        type, county or word; null where nothing did).
    """
    decision = _Decision(len(record))
    why: dict[str, str] = rules()["reasons"]
    source = record["source"].to_numpy(dtype=object)
    path = record["source_category"].fillna("")
    confirmed = path.where(path != "", record["first_category"].fillna(""))
    words_told = _told("文字", pd.Series(signal.evidence, index=record.index))

    uncoded = _uncoded(record)
    types = _types(record, uncoded)
    voided = (record["status"] == "作废").fillna(False).to_numpy(dtype=bool) | signal.is_void
    # a status that reading could not code: 已作废
    voided[[row for row, said in uncoded.items() if any("作废" in value for value in said.values())]] = True
    decision.refuse(voided, why["void"], _told("状态", record["status"]))
    outside = other_county.notna().to_numpy() & ~place_known
    decision.refuse(outside, why["elsewhere"], _told("区县", other_county))
    decision.refuse(signal.is_nil & (signal.strong <= 1) & (signal.clue < 3), why["nil"])

    by_class = _police(decision, source == "police", confirmed, signal)
    by_class |= _citymgmt(decision, source == "citymgmt", types, path, signal)
    settled = np.isin(source, ["mediation", "grid"])
    calls = ~(settled | np.isin(source, ["police", "citymgmt"]))
    _calls(decision, calls, types, record["title"], path, signal)

    classes = _told("类别", confirmed)
    basis = np.where(by_class, classes, np.where(pd.isna(words_told), classes, words_told))
    basis = np.where(settled, "来源：纠纷系统", basis)
    basis = np.where(decision.is_open, basis, decision.basis)
    return pd.DataFrame(
        {
            "is_dispute": decision.is_open,
            "not_dispute_reason": pd.Series(decision.reason, dtype="str").to_numpy(),
            "decision_basis": pd.Series(basis, dtype="str").to_numpy(),
        },
        index=record.index,
    ).astype({"not_dispute_reason": "str", "decision_basis": "str"})


def _police(decision: _Decision, police: Array, confirmed: pd.Series, signal: Signals) -> Array:
    """Refuses calls to the police; returns where the class alone makes a dispute (n)."""
    said = rules()["police"]
    for text in said["phrases"]:
        decision.refuse(police & signal.phrases[text].to_numpy(), text)
    is_class = _contains(confirmed, said["dispute_classes"])
    conflict = signal.strong + signal.handled
    # 动物扰民: of both lists, and a snake in the yard quarrels with nobody
    is_class = is_class & (~_contains(confirmed, said["other_classes"]) | (signal.service == 0) | (conflict >= 1))
    told = (conflict >= 1) | (signal.clue >= 3)
    told &= ~_contains(confirmed, said["crime_classes"]) | (signal.handled >= 1) | (signal.strong >= 2)
    told &= ~_contains(confirmed, said["traffic_classes"]) | (conflict >= 1)
    told &= ~_contains(confirmed, ["骚扰", "咨询"])
    told &= (signal.service == 0) | (conflict >= 2)
    decision.refuse(police & ~is_class & ~told, rules()["reasons"]["police"], _told("警情类别", confirmed))
    by_class: Array = police & is_class
    return by_class


def _citymgmt(decision: _Decision, city: Array, types: pd.Series, path: pd.Series, signal: Signals) -> Array:
    """Refuses cases of city management; returns where the class alone makes a dispute (n)."""
    said, why = rules()["citymgmt"], rules()["reasons"]
    is_class = _contains(path, said["dispute_classes"])
    facility = _contains(path, said["facility_classes"])
    told = (signal.strong >= 1) | (signal.crowd >= 5) | ((signal.clue >= 3) & ~facility)
    parts = _contains(types, ["部件"])
    decision.refuse(city & parts & ~is_class & (signal.strong < 2), why["part"], _told("类别", path))
    decision.refuse(city & ~is_class & ~told, why["city"], _told("类别", path))
    return city & is_class


def _calls(
    decision: _Decision, calls: Array, types: pd.Series, titles: pd.Series, path: pd.Series, signal: Signals
) -> None:
    """Refuses requests of hotlines, mailboxes and message boards."""
    why = rules()["reasons"]
    kind = types.map({value: _kind(value) for value in types.unique().tolist()}).astype("str")
    is_free = (types == "").to_numpy()
    kind = kind.where(~(is_free & calls), _implied_type(titles))
    type_told = _told("诉求类型", types)
    own_matter = (signal.personal > 0) | signal.has_respondent

    idle = (kind == "idle").to_numpy() | ((signal.idle > 0) & (signal.strong == 0))
    decision.refuse(calls & idle & (signal.strong < 2), why["idle"], type_told)
    decision.refuse(calls & (kind == "praise").to_numpy() & (signal.strong < 3), why["praise"], type_told)
    states = np.where(
        signal.question == 0,
        (signal.strong >= 1) | (signal.clue >= 3),
        ((signal.strong >= 1) & own_matter & (signal.clue >= 2)) | (signal.strong >= 2),
    )
    states &= ~signal.asks_only
    decision.refuse(calls & (kind == "question").to_numpy() & ~states, why["question"], type_told)
    # who proposes a rule for all tells of conflicts too; of his own when somebody is harmed
    states &= (signal.harm >= 1) | signal.has_respondent | ~is_free
    decision.refuse(calls & (kind == "suggestion").to_numpy() & ~states, why["suggestion"], type_told)
    reports = (signal.offence >= 1) & (signal.harm == 0) & ~signal.has_respondent
    decision.refuse(calls & reports & (signal.strong <= signal.offence), why["report"], type_told)

    speaks = _contains(path, rules()["dispute_path_words"])
    is_service = _contains(path, rules()["service_classes"]) & ~speaks
    complains = (kind == "complaint").to_numpy()
    pro = 2 * signal.strong + np.minimum(signal.weak, 3) + 2 * speaks + 2 * signal.has_respondent
    # a letter of many words meets clues by chance, unless it tells of harm; a summary of the operator does not
    pro = pro + np.where(is_free & (signal.harm == 0), 1, 3) * (signal.clue >= 3) + 2 * (signal.crowd >= 5) + complains
    con = 2 * np.minimum(signal.service, 2) + 3 * is_service + np.where(complains, 0, np.minimum(signal.question, 2))
    weak = (pro - con < 2) & (signal.quarrel == 0)
    decision.refuse(calls & (is_service | (signal.service > 0)) & weak, why["service"], _told("类别", path))
    decision.refuse(calls & weak, why["nothing"], _told("类别", path))


def _implied_type(titles: pd.Series) -> pd.Series:
    """Reads the type off the title where the source has none: 请问 … -> question, 建议 … -> suggestion; else empty."""
    result = pd.Series("", index=titles.index, dtype="str")
    for kind, pattern in reversed(rules()["hotline"]["title_types"].items()):
        result = result.mask(titles.str.contains(pattern, regex=True, na=False).to_numpy(dtype=bool), kind)
    return result
