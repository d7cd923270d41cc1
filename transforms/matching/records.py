"""Disputes' records as matching sees them: numbered, with sets of coded persons, phones, places and word weights.

Here: from the core tables to one row per record with integers to compare, and the sparse text matrices; which records
say nothing that could be compared and stay alone. Not here: which pairs are compared (`candidates`), how
(`comparisons`).
current_event, current_party, current_reference -> table m_record, Records
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pypinyin import Style, lazy_pinyin

from transforms.matching import ngrams, topics

EVENT_COLUMNS = [
    "event_id", "source", "source_record_id", "reported_at", "channel", "title", "text", "outcome_text",
    "source_category", "status", "closed_at", "outcome", "outcome_at", "persons_involved", "headcount", "scale_code",
    "category_code", "county_code", "town_code", "village_code", "address", "road", "road_number", "estate", "building",
    "unit", "room", "group_number", "landmark", "amount", "county_name", "town_name", "village_name",
]  # fmt: skip

REPORTING = ("reporter", "applicant", "party", "mentioned")
ANSWERING = ("respondent", "party", "mentioned")


@dataclass
class Records:
    """What is compared. ``frame``: one row per record, numbered 0 to n - 1 by ``event_id``, so that numbers do not
    depend on the order of arrival; ``words``: unit-length n-gram weights of the matter; ``titles``: those of the title
    alone, as counts; ``names``, ``name_weight``:
    see `ngrams.placed_rarity`; ``topics``: see `topics.chances`; ``towns``: the chance of
    each town, for records whose town is not written; ``idf``: rarity per n-gram bucket; ``bare``: the records that
    nothing could identify, see `is_bare`, in the columns `EVENT_COLUMNS`.
    """

    frame: pd.DataFrame
    words: Any
    titles: Any
    names: Any
    name_weight: np.ndarray
    topics: list[np.ndarray]
    towns: list[np.ndarray]
    idf: np.ndarray
    bare: pd.DataFrame

    def __len__(self) -> int:
        """Number of records."""
        return len(self.frame)

    def everything(self) -> pd.DataFrame:
        """Returns the records that are compared, then the bare ones, numbered on."""
        both = pd.concat([self.frame, self.bare.astype({"reported_at": "datetime64[us]"})], ignore_index=True)
        return both.assign(n=np.arange(len(both), dtype=np.int64)) if len(self.bare) else self.frame


def load(con: Any, settings: dict[str, Any], *, judged: Collection[str] = ()) -> Records:
    """Reads the disputes' records from the core views and writes the table ``m_record`` of what is compared.

    Args:
        con: DuckDB connection with ``current_event``, ``current_party``, ``current_reference``.
        settings: see settings.yml.
        judged: events on which somebody has given a verdict; they are compared however little they say.
    """
    event = con.execute(f"select {', '.join(EVENT_COLUMNS)} from current_event where is_dispute order by event_id").df()
    party = con.execute(
        """
        select p.event_id, p.role, p.kind, p.name, p.surname, p.is_full_name, p.gender, p.id_token, p.phone_tokens,
               p.organisation_key
        from current_party p semi join (select event_id from current_event where is_dispute) using (event_id)
        """
    ).df()
    told = party[["name", "surname", "id_token", "organisation_key"]].notna().any(axis=1)
    told |= party["phone_tokens"].str.len().fillna(0) > 0
    bare = is_bare(event, party.loc[told, "event_id"]) & ~event["event_id"].isin([*_referring(con), *judged])
    if bare.all():  # the steps that follow want one record
        bare.iloc[:1] = False
    alone, event = event[bare].reset_index(drop=True), event[~bare].reset_index(drop=True)
    party = party[party["event_id"].isin(event["event_id"])]
    event["n"] = np.arange(len(event), dtype=np.int64)
    frame = _places(event)
    frame["day"] = (frame["reported_at"] - pd.Timestamp("2000-01-01")) / pd.Timedelta(days=1)
    frame["day"] = frame["day"].fillna(frame["day"].median() if frame["day"].notna().any() else 0.0)
    frame = _parties(frame, party, settings)
    frame["doors"], frame["houses"] = _doors(frame)
    words, titles, (names, name_weight), topic, town, idf = _texts(frame, settings)
    frame["shared"] = 0.5
    frame["people"] = frame["headcount"].fillna(frame["persons_involved"])
    _write(con, frame)
    return Records(frame, words, titles, names, name_weight, topic, town, idf, alone)


PLACES = ["road", "estate", "building", "room", "group_number", "landmark"]


def is_bare(event: pd.DataFrame, with_party: pd.Series) -> pd.Series:
    """Finds the records that hold nothing to tell one dispute from another.

    They have a class, an area and a day, as hundreds of others have: no party, no place finer than a village, and no
    words beyond the names of the class and the area. Compared, they would agree with each other in everything, and
    their agreement would teach the model that agreement means nothing.

    Args:
        event: in the columns `EVENT_COLUMNS`.
        with_party: events that name a party.

    Returns:
        Boolean per row of ``event``.
    """
    known = [event[name].fillna("") for name in ("source_category", "county_name", "town_name", "village_name")]
    said = [event[name].fillna("") for name in ("title", "text", "address")]
    words = [any(_own_words(cell, row[3:]) for cell in row[:3]) for row in zip(*said, *known, strict=True)]
    placed = event[PLACES].notna().any(axis=1)
    return ~(pd.Series(words, index=event.index, dtype=bool) | placed | event["event_id"].isin(with_party))


_PARTS = re.compile(r"[/＞>|\\—\-\s]+")


def _own_words(cell: str, known: tuple[str, ...]) -> bool:
    """Does a cell say more than the class and the area, up to one character?"""
    if not cell:
        return False
    for value in known:
        for part in sorted({value, *_PARTS.split(value)} - {""}, key=len, reverse=True):
            cell = cell.replace(part, "")
    return len(re.sub(r"[\W_]+", "", cell)) > 1


def _referring(con: Any) -> list[str]:
    """Events that give the number of another record, or whose number another gives."""
    rows = con.execute(
        """
        select event_id from current_reference
        union
        select e.event_id from current_event e semi join current_reference r on r.number = e.source_record_id
        """
    ).fetchall()
    return [event_id for (event_id,) in rows]


def _codes(values: pd.Series) -> np.ndarray:
    """Codes a text column by value, -1 where empty; equal texts get equal codes, whatever else is in the column."""
    code: np.ndarray = pd.factorize(values.where(values.notna() & (values != "")), sort=True)[0].astype(np.int64)
    return code


def _places(frame: pd.DataFrame) -> pd.DataFrame:
    out = frame.copy()
    for name in ("county", "town", "village"):
        out[name] = _codes(frame[f"{name}_code"])
    out["category"] = frame["category_code"].where(~frame["category_code"].str.startswith("99", na=True))
    out["class"] = out["category"].str[:2]
    return out


# 6栋2单元503、6幢503室、6-503、6栋2-503：楼栋与房号；柳树湾120号：门牌号（楼号、店号除外）
_DOOR = re.compile(
    r"(?<![0-9\-])([0-9]{1,3})(?:栋|幢|号楼|座|-)(?:[0-9]{1,2}(?:单元|-))?([0-9]{3,4})(?![0-9\-]|号|元|万|人|户|天|年|年级)"
)
_HOUSE = re.compile(r"(?<![0-9\-])([0-9]{1,4})号(?!楼|线|店|车|文|机|晚|早|上午|下午|凌晨)")


def _doors(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Returns building-and-room pairs and house numbers anywhere in address, title and text, as lists of numbers."""
    text = frame["address"].fillna("") + "\n" + frame["title"].fillna("") + "\n" + frame["text"].fillna("")

    def found(pattern: re.Pattern[str], cell: str) -> list[int] | None:
        hits = pattern.findall(cell)
        keys = {int(hit[0]) * 10_000 + int(hit[1]) if isinstance(hit, tuple) else int(hit) for hit in hits}
        return sorted(keys) or None

    doors = [found(_DOOR, cell) for cell in text]
    houses = [found(_HOUSE, cell) for cell in text]
    return pd.Series(doors, index=frame.index, dtype=object), pd.Series(houses, index=frame.index, dtype=object)


def _parties(frame: pd.DataFrame, party: pd.DataFrame, settings: dict[str, Any]) -> pd.DataFrame:
    number = pd.Series(frame["n"].to_numpy(), index=frame["event_id"])
    party = party.assign(n=party["event_id"].map(number)).sort_values(
        ["n", "role", "kind", "name", "surname", "id_token"], kind="stable"
    )
    person = party[(party["kind"] != "organisation") & ~_said_again(party)].copy()
    full = person["is_full_name"].fillna(False).astype(bool) & person["name"].notna()
    person["name_code"] = _codes(person["name"].where(full))
    sound = pd.Series({name: _sound(name) for name in person.loc[full, "name"].unique()}, dtype="str")
    person["sound_code"] = _codes(person["name"].where(full).map(sound))
    person["surname_code"] = _codes(person["surname"])
    person["partial_code"] = np.where(full, -1, person["surname_code"])
    person["given"] = person["name"].where(full).str.len()
    person["id_code"] = _codes(party["id_token"])[party.index.get_indexer(person.index)] if len(person) else -1
    phones = party[["n", "role", "surname", "phone_tokens"]].explode("phone_tokens").dropna(subset=["phone_tokens"])
    phones["phone_code"] = _codes(phones["phone_tokens"])
    spread = phones.dropna(subset=["surname"]).groupby("phone_code")["surname"].nunique()
    office = phones["phone_code"].map(spread).fillna(0) >= settings["phones"]["shared_surnames"]
    # what a text mentions stands in for columns that name nothing; beside them it joined strangers' matters: pairwise
    # F1 0.81 with it and 0.90 without it on exports of another author's making
    usable = (party["role"] != "mentioned") | party["n"].isin(_silent(frame, party))
    organisation = party[usable & party["organisation_key"].notna() & (party["organisation_key"] != "")].copy()
    organisation["organisation_code"] = _codes(organisation["organisation_key"])
    # offices that handle matters stand in the texts of hundreds of them
    often = organisation.drop_duplicates(["n", "organisation_code"])["organisation_code"].value_counts()
    too_often = max(settings["text"]["office_records"], len(frame) * settings["text"]["office_share"])
    organisation = organisation[organisation["organisation_code"].map(often) <= too_often]
    rare = organisation["organisation_code"].map(often) <= settings["text"]["rare_organisation"]
    party_organisation = organisation["role"] != "mentioned"

    def gather(rows: pd.DataFrame, column: str, name: str) -> None:
        chosen = rows.loc[rows[column] >= 0, ["n", column]].drop_duplicates().sort_values(["n", column])
        frame[name] = frame["n"].map(chosen.groupby("n")[column].agg(list))

    for side, roles in (("r", REPORTING), ("o", ANSWERING)):
        persons = person[person["role"].isin(roles)]
        called = phones["role"].isin(roles)
        gather(phones[called & ~office], "phone_code", f"{side}_phones")
        gather(phones[called & office], "phone_code", f"{side}_offices")
        gather(persons, "id_code", f"{side}_ids")
        gather(persons, "name_code", f"{side}_names")
        gather(persons, "sound_code", f"{side}_sounds")
        gather(persons, "surname_code", f"{side}_surnames")
        gather(persons, "partial_code", f"{side}_partials")
    gather(organisation, "organisation_code", "organisations")
    gather(organisation[rare], "organisation_code", "rare_organisations")
    gather(organisation[party_organisation], "organisation_code", "party_organisations")
    frame["party_text"] = _party_text(frame, party)
    first = organisation[organisation["role"] != "mentioned"].drop_duplicates("n").set_index("n")["organisation_key"]
    frame["organisation"] = frame["n"].map(first)
    gender = person[person["role"].isin(("reporter", "applicant"))].dropna(subset=["gender"]).drop_duplicates("n")
    frame["gender"] = frame["n"].map(gender.set_index("n")["gender"])
    return frame


_CALLED_BY_PLACE = "[\u3400-\u9fffA-Za-z0-9]{2,8}开发商"
"""滨河苑开发商: no firm's name, but in a letter without columns the place in it tells which firm, and which matter."""


def _said_again(party: pd.DataFrame) -> pd.Series:
    """Tells which rows are names in the text that a column of the same record gives already: a reporter whom his own
    letter names is not the other side as well."""
    is_mentioned = party["role"] == "mentioned"
    stated = party.loc[~is_mentioned & party["name"].notna(), ["n", "name"]].drop_duplicates()
    again = pd.MultiIndex.from_frame(party[["n", "name"]]).isin(pd.MultiIndex.from_frame(stated))
    return is_mentioned & party["id_token"].isna() & again


def _silent(frame: pd.DataFrame, party: pd.DataFrame) -> pd.Series:
    """Returns the numbers of records whose columns give neither an address nor a name: all they say is their text."""
    named = party.loc[(party["role"] != "mentioned") & party["name"].notna(), "n"]
    return frame["n"][frame["address"].isna() & ~frame["n"].isin(named)]


def _party_text(frame: pd.DataFrame, party: pd.DataFrame) -> pd.Series:
    """Returns the names that are not full names of persons; from the text only where the columns name nothing."""
    rows = party[(party["kind"] != "person") | ~party["is_full_name"].fillna(False).astype(bool)].dropna(
        subset=["name"]
    )
    silent = _silent(frame, rows)
    rows = rows[(rows["role"] != "mentioned") | rows["n"].isin(silent)]
    named = frame["n"].map(rows.groupby("n")["name"].agg("\n".join)).astype("str").fillna("")
    text = (frame["title"].fillna("") + "\n" + frame["text"].fillna("")).where(frame["n"].isin(silent), "")
    called = text.str.findall(_CALLED_BY_PLACE).str.join("\n")
    both = (named + "\n" + called).str.strip("\n")
    return both.where(both != "")


def _sound(name: str) -> str:
    return " ".join(lazy_pinyin(name, style=Style.NORMAL))


def _texts(
    frame: pd.DataFrame, settings: dict[str, Any]
) -> tuple[Any, Any, tuple[Any, np.ndarray], list[np.ndarray], list[np.ndarray], np.ndarray]:
    text = frame["title"].fillna("") + "\n" + frame["text"].fillna("")
    columns = frame["address"].fillna("") + "\n" + frame["party_text"].fillna("")
    fold = topics.folds(frame["event_id"])
    counts, named = ngrams.count(text), ngrams.count(columns)
    everything = ngrams.count(text + "\n" + columns)
    is_name = ngrams.names(everything, named, share=settings["text"]["name_share"])
    idf = ngrams.rarity(everything, _codes(frame["source"]))
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    words = counts.copy()
    # what only one record says can agree with none; what names a place or party is compared as such
    words.data = np.where((frequency[words.indices] > 1) & ~is_name[words.indices], idf[words.indices], 0)
    words.data = words.data.astype(np.float32)
    words.eliminate_zeros()
    words = ngrams.normalised(ngrams.strongest(words, settings["text"]["ngrams_kept"])).tocsr()
    names = everything.copy()
    names.data = is_name[names.indices].astype(np.float32)
    names.eliminate_zeros()
    town = topics.towns(names, frame["town_code"], fold)
    placed = ngrams.placed_rarity(names, frame["county"].to_numpy(), frame["town"].to_numpy())
    topic = topics.chances(counts, frame["source"], frame["source_category"], fold)
    return words, ngrams.count(frame["title"]), placed, topic, town, idf


LISTS = [
    f"{side}_{name}"
    for side in ("r", "o")
    for name in ("phones", "offices", "ids", "names", "sounds", "surnames", "partials")
] + ["doors", "houses", "organisations", "rare_organisations", "party_organisations"]

PLAIN = [
    "n", "event_id", "source", "day", "county", "town", "village", "category", "class", "road", "road_number", "estate",
    "building", "unit", "room", "group_number", "landmark", "amount", "organisation", "gender", "channel", "shared",
    "people",
]  # fmt: skip


def _write(con: Any, frame: pd.DataFrame) -> None:
    import pyarrow as pa

    columns = {
        name: pa.Array.from_pandas(frame[name].astype(object).where(frame[name].notna(), None)) for name in PLAIN
    }
    lists = {
        name: pa.array([v if isinstance(v, list) else None for v in frame[name]], pa.list_(pa.int64()))
        for name in LISTS
    }
    con.register("m_arrow", pa.table({**columns, **lists}))
    nullable = ", ".join(f"nullif({name}, -1) as {name}" for name in ("county", "town", "village"))
    con.execute(f"create or replace table m_record as select * replace ({nullable}) from m_arrow order by n")
    con.unregister("m_arrow")
