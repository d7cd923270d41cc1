"""Is a record a dispute at all? Every no carries its reason in Chinese.

Here: the decision and its rules [假定, `disputes.yml`]. Not here: which kind of dispute (`transforms.category`).
source, type, class, text, place -> is_dispute, not_dispute_reason

A dispute has two sides: somebody wants something from somebody who does not give it. A lamp that is dark, a question, a
thank-you have no second side. Rules look for words of conflict, never for sentences of one system.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sources import reference
from transforms.lexicon import Array, Hits


@cache
def rules() -> dict[str, Any]:
    """The content of `disputes.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def words() -> list[str]:
    """All words that the decision looks for in title and text."""
    conflict = rules()["conflict"]
    return sorted({*conflict["strong"], *conflict["weak"], *rules()["service"]})


def outcome_words() -> list[str]:
    """All phrases that it looks for in text and outcome of police rows and in the status of others."""
    phrases = [phrase for group in rules()["police"]["phrases"].values() for phrase in group]
    return sorted({*phrases, *rules()["void"]["words"]})


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

    def name(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        stem = value.strip().removeprefix("云南省")
        return stem if stem in others else None

    named = county_name.map({value: name(value) for value in county_name.dropna().unique().tolist()}).astype("str")
    code = division_code.astype("str").where(
        division_code.astype("str").str.fullmatch(r"[1-9]\d{5}(?:\d{3}|\d{6})?", na=False)
        & ~division_code.astype("str").str.startswith("5304", na=False)
    )
    return named.fillna(code)


def _contains(values: pd.Series, needles: list[str]) -> Array:
    """Returns whether each value holds one of the needles; worked out once per distinct value."""
    table = {value: any(needle in value for needle in needles) for value in values.dropna().unique().tolist()}
    contains: Array = values.map(table).fillna(False).to_numpy(dtype=bool)
    return contains


def decide(
    record: pd.DataFrame,
    *,
    conflict_strong: Array,
    conflict_weak: Array,
    service: Array,
    phrases: pd.DataFrame,
    has_respondent: Array,
    other_county: pd.Series,
    place_known: Array,
) -> pd.DataFrame:
    """Decides n rows.

    Args:
        record: columns source, request_type, source_category, first_category, status.
        conflict_strong: how many different strong words of conflict title and text hold (n).
        conflict_weak: the same for weak words (n).
        service: the same for words of services and facilities (n).
        phrases: one boolean column per reason of police phrases, and ``void`` (n).
        has_respondent: the source names the other side (n).
        other_county: name of a county elsewhere, null where the record is the city's own (n).
        place_known: address or text name a place inside the city (n).

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

    refuse(
        (record["status"] == "作废").fillna(False).to_numpy(dtype=bool) | phrases["void"].to_numpy(), "来源系统已作废"
    )
    outside = other_county.notna().to_numpy() & ~place_known
    refuse(outside, ("不属本市：" + other_county.fillna("")).to_numpy(dtype=object))

    strong = conflict_strong > 0
    conflict = strong | (conflict_weak >= 2) | (has_respondent & (conflict_weak >= 1))
    serviceable = (service > 0) & ~strong

    police = source == "police"
    for text in rules()["police"]["phrases"]:
        refuse(police & phrases[text].to_numpy(), text)
    confirmed = path.where(path != "", first)
    is_class = _contains(confirmed, rules()["police"]["dispute_classes"])
    not_class = _contains(confirmed, rules()["police"]["other_classes"])
    refuse(police & not_class & ~is_class, _quote("反馈类别不是纠纷：", confirmed))
    refuse(police & ~is_class & ~conflict, "警情类别与内容都未述及纠纷")

    citymgmt = source == "citymgmt"
    is_class = _contains(path, rules()["citymgmt"]["dispute_classes"])
    parts = (kind == "部件").to_numpy()
    refuse(citymgmt & parts & ~is_class, "城市部件问题，没有对立双方")
    refuse(citymgmt & ~is_class & ~(conflict_strong >= 2), _quote("城市管理事项，没有对立双方：", path))

    settled = (source == "mediation") | (source == "grid")
    calls = ~(police | citymgmt | settled)
    types = rules()["hotline"]["not_dispute_types"]
    plain = kind.map({value: types.get(value) for value in kind.unique().tolist()}).astype("str")
    asks = plain.notna().to_numpy()
    stated = (conflict_strong >= 2) | (strong & has_respondent)
    thanks = (plain == "感谢表扬").fillna(False).to_numpy(dtype=bool)
    refuse(calls & thanks, "感谢表扬")
    refuse(calls & asks & ~stated, plain.fillna("").to_numpy(dtype=object))
    speaks = _contains(path, rules()["dispute_path_words"])
    is_service = _contains(path, rules()["service_classes"]) & ~speaks
    refuse(
        calls & is_service & ~(conflict_strong >= 2) & ~(strong & has_respondent), _quote("公共服务或设施事项：", path)
    )
    refuse(calls & ~conflict & serviceable & ~speaks, "公共服务或设施事项，未述及冲突")
    refuse(calls & ~conflict & ~speaks & ~has_respondent, "未述及与他人的冲突")
    return pd.DataFrame(
        {"is_dispute": open_, "not_dispute_reason": pd.Series(reason, dtype="str").to_numpy()}, index=record.index
    ).astype({"not_dispute_reason": "str"})


def _quote(sentence: str, values: pd.Series) -> Array:
    quoted: Array = (sentence + values.where(values != "", "未填")).to_numpy(dtype=object)
    return quoted
