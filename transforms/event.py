"""From raw rows to events: cleaned, coded, located, judged, and a scrubbed text beside the full one.

Here: the order of the steps and the shapes of the frames. Not here: any rule; each has its module beside this one.
raw_record, raw_party, raw_reference -> core_event, core_party, core_reference, core_vault
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from sources import contract
from sources import reference as places
from sources.tables import ORIGIN
from transforms import (
    address,
    amounts,
    category,
    coordinates,
    disputes,
    identity,
    mentions,
    organisation,
    person,
    phone,
    scrub,
    text,
)
from transforms.lexicon import Array, Hits, Joined, Lexicon
from transforms.tables import CORE_EVENT, CORE_PARTY, CORE_REFERENCE, CORE_VAULT
from transforms.tokens import Tokens

_ORIGIN = [column.name for column in ORIGIN]
_SEPARATOR = mentions.SEPARATOR
_TEXTS = pa.list_(pa.string())
# 承办单位即当地单位的来源（派出所、调委会、网格）；热线与城管的承办单位可能是任何部门（假定）
_LOCAL_UNITS = ["police", "mediation", "grid"]


class Built(NamedTuple):
    """Frames in the shapes of CORE_EVENT, CORE_PARTY, CORE_REFERENCE and CORE_VAULT."""

    event: pd.DataFrame
    party: pd.DataFrame
    reference: pd.DataFrame
    vault: pd.DataFrame


def event_id(source: str, source_record_id: str) -> str:
    """Returns the event's identifier: the raw issuer fields hashed, before any cleaning. The recipe never changes."""
    return "ev_" + hashlib.sha256(f"{source}\x1f{source_record_id}".encode()).hexdigest()[:20]


def event_ids(source: pd.Series, source_record_id: pd.Series) -> pd.Series:
    """Returns the identifiers of n records."""
    pairs = zip(source.tolist(), source_record_id.tolist(), strict=True)
    return pd.Series([event_id(*pair) for pair in pairs], index=source.index, dtype="str")


@cache
def _lexicon() -> Lexicon:
    """All words of all rules, looked up together."""
    words = {*category.words(), *disputes.words(), *disputes.outcome_words(), *mentions.words()}
    return Lexicon(sorted(words))


def build(record: pd.DataFrame, party: pd.DataFrame, reference: pd.DataFrame, tokens: Tokens) -> Built:
    """Builds the events of a batch.

    Args:
        record: RAW_RECORD shape (n rows), one source or several.
        party: RAW_PARTY shape (m rows) of the same records.
        reference: RAW_REFERENCE shape (k rows).
        tokens: makes keyed tokens.

    Returns:
        n events in the order of ``record``; parties named by columns, then those that texts mention.
    """
    record = record.reset_index(drop=True)
    party = party.reset_index(drop=True)
    event = pd.DataFrame({name: record[name] for name in _kept(record)})
    event.insert(0, "event_id", event_ids(record["source"], record["source_record_id"]))
    for name in ("title", "text", "outcome_text"):
        event[name] = text.clean(record[name])
    event["address"] = text.clean(record["address"])

    combined = _combine(event)
    joined = Joined(combined)
    hits = _lexicon().find(joined)
    own = _own_text(hits, event)
    found = mentions.find(combined, joined, hits, _lexicon())

    built_party, secrets = _parties(party, tokens)
    spoken_party, spoken_secrets = _mentioned(event, found, tokens)
    row_of = _row_of_party(record, party)

    _place(event, record)
    _coordinates(event, record)
    scores = category.text_scores(own, _lexicon().words, len(event), _length(event["title"]))
    coded = category.decide(event["source"], event["source_category"], event["first_category"], scores)
    event["category_code"], event["category_basis"] = coded["category_code"], coded["category_basis"]
    _disputes(event, record, party, row_of, (hits, own), scores, found)
    _figures(event, record, found)
    _deadlines(event)
    event["phone_tokens"] = _reporter_phones(len(event), row_of, built_party)
    _publish(event, combined, found, built_party, row_of)

    parties = pd.concat([built_party, spoken_party], ignore_index=True) if len(spoken_party) else built_party
    vault = pd.concat([*secrets, *spoken_secrets], ignore_index=True).drop_duplicates(ignore_index=True)
    return Built(
        event[CORE_EVENT.column_names],
        parties[CORE_PARTY.column_names],
        _references(event, reference, found)[CORE_REFERENCE.column_names],
        vault[CORE_VAULT.column_names],
    )


def _kept(record: pd.DataFrame) -> list[str]:
    return [name for name in CORE_EVENT.column_names if name in record.columns and name not in ("amount", "address")]


def _combine(event: pd.DataFrame) -> list[str]:
    columns = (event[name].fillna("").tolist() for name in ("title", "text", "outcome_text"))
    return [_SEPARATOR.join(parts) for parts in zip(*columns, strict=True)]


def _length(texts: pd.Series) -> Array:
    lengths: Array = texts.str.len().fillna(0).to_numpy(dtype=np.int64)
    return lengths


def _own_text(hits: Hits, event: pd.DataFrame) -> Hits:
    """Returns the hits in title and text, without those in the outcome."""
    border = _length(event["title"]) + _length(event["text"])
    return hits.where(hits.start <= border[hits.row] + 1)


# ------------------------------------------------------------------------------------------------------------- place
def _place(event: pd.DataFrame, record: pd.DataFrame) -> None:
    located = address.locate(
        record["division_code"].astype("str"),
        text.clean(record["county_name"]),
        text.clean(record["town_name"]),
        text.clean(record["village_name"]),
        event["address"],
        event["title"].fillna("") + "\n" + event["text"].fillna(""),
        unit_code=record["unit_code"].astype("str"),
        unit_name=record["handling_unit"].astype("str").where(record["source"].isin(_LOCAL_UNITS)),
    )
    for name in ("county_code", "town_code", "village_code", "place_basis", "place_confidence", "place_inferred"):
        event[name] = located[name]
    parts = address.parse_parts(event["address"], located["division_end"])
    for name in parts.columns:
        event[name] = parts[name]


@cache
def _system(source: str) -> str:
    """The coordinate system that source.yml names; GCJ-02, which domestic maps give, where it names none (假定)."""
    return (contract.load(source).coordinates if source in contract.names() else None) or "gcj02"


def _coordinates(event: pd.DataFrame, record: pd.DataFrame) -> None:
    longitude = np.full(len(record), np.nan)
    latitude = np.full(len(record), np.nan)
    x = pd.to_numeric(record["longitude"], errors="coerce").to_numpy(dtype=np.float64)
    y = pd.to_numeric(record["latitude"], errors="coerce").to_numpy(dtype=np.float64)
    for source, rows in record.groupby("source").indices.items():
        longitude[rows], latitude[rows] = coordinates.to_wgs84(x[rows], y[rows], _system(str(source)))
    event["longitude"], event["latitude"] = longitude, latitude


# ---------------------------------------------------------------------------------------------------------- decision
def _disputes(
    event: pd.DataFrame,
    record: pd.DataFrame,
    party: pd.DataFrame,
    row_of: Array,
    hits: tuple[Hits, Hits],
    scores: Array,
    found: mentions.Found,
) -> None:
    """Fills is_dispute, its reason and basis; ``hits`` are those of all text and those of title and content."""
    respondent = np.zeros(len(event), dtype=bool)
    named = (party["role"].isin(["respondent", "party"]) & party["name"].notna()).to_numpy(dtype=bool) & (row_of >= 0)
    respondent[row_of[named]] = True
    told = (event["title"].fillna("") + "\n" + event["text"].fillna("")).tolist()
    signal = disputes.signals(*hits, _lexicon().words, told, scores, found, respondent)
    located = event["town_code"].notna() & event["place_basis"].str.contains("address|text", na=False)
    other = disputes.elsewhere(record["county_name"], record["division_code"])
    own = disputes.ours(event["address"], event["text"], record["unit_code"].astype("str"))
    written = disputes.told_elsewhere(event["address"]).where(event["county_code"].isna())
    decided = disputes.decide(event, signal, other.fillna(written), located.to_numpy(dtype=bool) | own)
    for name in ("is_dispute", "not_dispute_reason", "decision_basis"):
        event[name] = decided[name]


def _figures(event: pd.DataFrame, record: pd.DataFrame, found: mentions.Found) -> None:
    cells = record["amount"].astype("str")
    stated = cells.map({cell: amounts.cell(cell) for cell in cells.dropna().unique().tolist()}).astype(float)
    event["amount"] = stated.where(stated > 0).fillna(pd.Series(found.amount))
    persons = pd.to_numeric(record["persons_involved"], errors="coerce").astype("Int64")
    spoken = pd.Series(found.headcount, dtype="Int64")
    event["headcount"] = persons.where(persons > 0).fillna(spoken.where(spoken > 0))
    event["threat_words"] = _texts([found.threats.get(row, []) for row in range(len(event))])


def _deadlines(event: pd.DataFrame) -> None:
    """Fills a missing deadline from the limit in working days: the end of the last working day (假定)."""
    deadline = pd.to_datetime(event["deadline_at"])
    reported = pd.to_datetime(event["reported_at"])
    limit = pd.to_numeric(event["limit_workdays"], errors="coerce")
    needed = (deadline.isna() & reported.notna() & limit.notna() & (limit >= 0) & (limit < 2000)).to_numpy()
    if needed.any():
        days = reported[needed].to_numpy().astype("datetime64[D]")
        last = places.add_workdays(days, np.ceil(limit[needed].to_numpy(dtype=float)).astype(np.int64))
        deadline = deadline.astype("datetime64[us]")
        deadline[needed] = last.astype("datetime64[us]") + np.timedelta64(86_399, "s")
    event["deadline_at"] = deadline


# ------------------------------------------------------------------------------------------------------------ people
def _texts(values: Iterable[Iterable[str]]) -> pd.Series:
    return pd.Series(pd.array(pa.array(values, type=_TEXTS), dtype=pd.ArrowDtype(_TEXTS)))


def _row_of_party(record: pd.DataFrame, party: pd.DataFrame) -> Array:
    """Returns the row of ``record`` that each party belongs to, -1 where none."""
    keys = _ORIGIN
    if not len(party):
        return np.zeros(0, dtype=np.int64)
    left = pd.MultiIndex.from_frame(party[keys])
    right = pd.MultiIndex.from_frame(record[keys])
    found: Array = right.get_indexer(left) if right.is_unique else np.full(len(party), -1)
    if (found < 0).any():
        keys = ["source", "delivery_date", "file", "source_record_id"]
        latest = record[keys].reset_index().drop_duplicates(keys, keep="last").set_index(keys)["index"]
        position = latest.index.get_indexer(pd.MultiIndex.from_frame(party[keys]))
        by_record = np.where(position >= 0, latest.to_numpy()[position], -1)
        found = np.where(found >= 0, found, by_record)
    return found


def _phone_lists(cells: pd.Series) -> tuple[Array, list[str]]:
    """Returns which party (index) each usable number belongs to, and the numbers."""
    array = pa.array(cells, type=_TEXTS)
    parents = np.repeat(
        np.arange(len(array)), np.diff(array.offsets.to_numpy()) if not array.null_count else _lengths(array)
    )
    values = array.flatten().to_pandas().astype("str")
    number, unique = pd.factorize(values)
    parsed = [[entry.number or "" for entry in phone.parse_cell(value)] for value in unique.tolist()]
    owners: list[int] = []
    numbers: list[str] = []
    for parent, code in zip(parents.tolist(), number.tolist(), strict=True):
        if code >= 0:
            for entry in parsed[code]:
                owners.append(parent)
                numbers.append(entry)
    return np.array(owners, dtype=np.int64), numbers


def _lengths(array: Any) -> Array:
    lengths: Array = np.array([len(value) if value is not None else 0 for value in array.to_pylist()], dtype=np.int64)
    return lengths


def _group(owners: Array, values: list[str], rows: int) -> pd.Series:
    """Returns lists of distinct values per owner (rows), in order."""
    lists: list[list[str]] = [[] for _ in range(rows)]
    for owner, value in zip(owners.tolist(), values, strict=True):
        if value not in lists[owner]:
            lists[owner].append(value)
    return _texts(lists)


def _parties(party: pd.DataFrame, tokens: Tokens) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Returns CORE_PARTY rows for the parties of columns, and their vault rows."""
    result = party[_ORIGIN].copy()
    result.insert(0, "event_id", event_ids(party["source"], party["source_record_id"]))
    result["role"] = party["role"]
    names = person.parse_all(party["name"].astype("str"))
    owners, numbers = _phone_lists(party["phones"])
    phone_tokens = tokens.tokens("phone", numbers)
    spoken = [phone_tokens[number] for number in numbers]
    result["kind"] = names["kind"]
    result["name"], result["surname"] = names["name"], names["surname"]
    result["is_full_name"] = names["is_full_name"]
    result["name_masked"] = names["masked"]
    cells = party["id_number"].astype("str")
    identities = {cell: identity.parse(cell) for cell in cells.dropna().unique().tolist()}
    id_tokens = {cell: tokens.token("id", entry.number) if entry.number else None for cell, entry in identities.items()}
    result["id_token"] = cells.map(id_tokens).astype("str")
    by_id = cells.map({cell: entry.gender for cell, entry in identities.items()}).astype("str")
    stated = party["gender"].astype("str").str.strip()
    stated = stated.where(stated.isin(["男", "女"]))
    result["gender"] = stated.fillna(names["gender"]).fillna(by_id)
    result["kind"] = result["kind"].mask(result["id_token"].notna() & (result["kind"] == "unknown"), "person")
    result["phone_tokens"] = _group(owners, spoken, len(party))
    result["organisation_key"] = organisation.keys(names["name"].where(names["kind"] == "organisation"))
    result["address"] = text.clean(party["address"])
    known = np.flatnonzero(result["id_token"].notna().to_numpy())
    id_numbers = [identities[cell].number or "" for cell in cells.iloc[known].tolist()]
    return result, [
        _secrets(party, owners, "phone", spoken, numbers),
        _secrets(party, known, "id", result["id_token"].iloc[known].tolist(), id_numbers),
    ]


def _mentioned(event: pd.DataFrame, found: mentions.Found, tokens: Tokens) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Returns CORE_PARTY rows for persons, organisations, phones and ID numbers in texts, and their vault rows."""
    phone_tokens = tokens.tokens("phone", (span.value for span in found.phones))
    rows: dict[tuple[int, str, str], None] = {}
    for kind, spans in (
        ("person", found.persons),
        ("organisation", found.organisations),
        ("phone", found.phones),
        ("id", found.identities),
    ):
        for span in spans:
            rows.setdefault((span.row, kind, span.value), None)
    keys = sorted(rows)
    row = np.array([key[0] for key in keys], dtype=np.int64)
    kind = pd.Series([key[1] for key in keys], dtype="str")
    value = pd.Series([key[2] for key in keys], dtype="str")
    result = event.iloc[row][["event_id", *_ORIGIN]].reset_index(drop=True)
    result["role"] = "mentioned"
    names = person.parse_all(value.where(kind == "person"))
    is_organisation = kind == "organisation"
    result["kind"] = kind.map({"person": "person", "organisation": "organisation", "phone": "unknown", "id": "person"})
    result["name"] = names["name"].where(kind == "person").fillna(value.where(is_organisation))
    result["surname"] = names["surname"]
    result["is_full_name"] = names["is_full_name"]
    result["name_masked"] = names["masked"].fillna(value.where(is_organisation))
    result["gender"] = names["gender"]
    result["id_token"] = (
        value.where(kind == "id").map(lambda number: tokens.token("id", number), na_action="ignore").astype("str")
    )
    result["phone_tokens"] = _texts([[phone_tokens[key[2]]] if key[1] == "phone" else [] for key in keys])
    result["organisation_key"] = organisation.keys(value.where(is_organisation))
    result["address"] = pd.Series([None] * len(keys), dtype="str")
    secrets = []
    for label in ("phone", "id"):
        mine = np.flatnonzero((kind == label).to_numpy())
        values = value.iloc[mine].tolist()
        secrets.append(_secrets(event, row[mine], label, [tokens.token(label, entry) for entry in values], values))
    return result, secrets


def _reporter_phones(rows: int, row_of: Array, party: pd.DataFrame) -> pd.Series:
    """Returns the phone tokens of reporters and applicants per event."""
    chosen = np.flatnonzero((party["role"].isin(["reporter", "applicant"])).to_numpy(dtype=bool) & (row_of >= 0))
    lists: list[list[str]] = [[] for _ in range(rows)]
    for row, values in zip(row_of[chosen].tolist(), party["phone_tokens"].iloc[chosen].tolist(), strict=True):
        lists[row] += [value for value in values if value not in lists[row]]
    return _texts(lists)


def _publish(
    event: pd.DataFrame, combined: list[str], found: mentions.Found, party: pd.DataFrame, row_of: Array
) -> None:
    """Fills title_published and text_published."""
    names: list[list[str]] = [[] for _ in combined]
    chosen = np.flatnonzero(
        (party["kind"] == "person").to_numpy(dtype=bool) & (row_of >= 0) & party["name"].notna().to_numpy()
    )
    for row, name in zip(row_of[chosen].tolist(), party["name"].iloc[chosen].tolist(), strict=True):
        names[row].append(name)
    withheld = event["is_confidential"].fillna(False).astype(bool)
    scrubbed = [value.split(_SEPARATOR) for value in scrub.scrub(combined, names, found)]
    for column, part in (("title", 0), ("text", 1)):
        values = pd.Series([value[part] for value in scrubbed], dtype="str")
        event[f"{column}_published"] = values.where(event[column].notna()).mask(withheld, scrub.WITHHELD)


# ------------------------------------------------------------------------------------------------ numbers, the vault
def _references(event: pd.DataFrame, reference: pd.DataFrame, found: mentions.Found) -> pd.DataFrame:
    """Returns the official numbers of columns and those that texts mention, upper case without white space."""
    stated = reference[_ORIGIN].copy()
    stated.insert(0, "event_id", event_ids(reference["source"], reference["source_record_id"]))
    stated["kind"] = reference["kind"]
    stated["number"] = _number(reference["number"])
    stated = stated[stated["number"].notna()]
    row = np.array([span.row for span in found.numbers], dtype=np.int64)
    spoken = event.iloc[row][["event_id", *_ORIGIN]].reset_index(drop=True)
    spoken["kind"] = "mentioned"
    spoken["number"] = _number(pd.Series([span.value for span in found.numbers], dtype="str"))
    spoken = spoken[
        (spoken["number"] != event["source_record_id"].iloc[row].reset_index(drop=True)).to_numpy(dtype=bool)
    ]
    return pd.concat([stated, spoken], ignore_index=True).drop_duplicates(ignore_index=True)


def _number(values: pd.Series) -> pd.Series:
    cleaned = text.clean(values).str.replace(r"\s", "", regex=True).str.upper()
    return cleaned.where(~cleaned.isin(["", "无", "-", "/", "NULL", "NONE", "0"]))


def _secrets(rows: pd.DataFrame, owners: Array, kind: str, tokens: list[str], values: list[str]) -> pd.DataFrame:
    """Returns vault rows: token and value once for each delivery of ``rows`` that holds them."""
    frame = rows[["delivery_date", "source"]].iloc[owners].reset_index(drop=True)
    return frame.assign(token=tokens, kind=kind, value=values).drop_duplicates(ignore_index=True)
