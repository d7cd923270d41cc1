"""Disputes' records as matching sees them: numbered, with sets of coded persons, phones, places and word weights.

Here: from the core tables to one row per record with integers to compare, the sparse text matrices and the words that
blocking uses; which records say nothing that could be compared and stay alone. Not here: which pairs are compared
(`candidates`), how (`comparisons`), what is counted over the lake (`statistics`).
current_event, current_party, current_reference -> table m_record, Store
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pypinyin import Style, lazy_pinyin
from scipy import sparse

from transforms.matching import ngrams, sharing, topics
from transforms.matching.statistics import Counter, Statistics, merge
from transforms.matching.store import Sparse, Store

CHUNK = 25_000
"""Records whose texts are in memory at one time."""

COMPARED = [
    "reported_at", "channel", "title", "text", "source_category", "persons_involved", "headcount", "category_code",
    "county_code", "town_code", "village_code", "address", "road", "road_number", "estate", "building", "unit", "room",
    "group_number", "landmark", "amount", "county_name", "town_name", "village_name",
]  # fmt: skip
"""Columns of an event that matching compares; a change in one of them is a change of the record."""

ENDING = ["reported_at", "status", "closed_at", "outcome", "outcome_at"]
"""Columns that tell when a matter ended; see `identity.endings`."""

PARTY = ["role", "kind", "name", "surname", "is_full_name", "gender", "id_token", "phone_tokens", "organisation_key"]

REPORTING = "('reporter', 'applicant', 'party', 'mentioned')"
ANSWERING = "('respondent', 'party', 'mentioned')"

LISTS = [
    f"{side}_{name}" for side in ("r", "o") for name in ("phones", "ids", "names", "sounds", "surnames", "partials")
] + ["organisations", "rare_organisations"]

RECORD = [
    "n", "event_id", "source", "day", "county", "town", "village", "category", "class", "road", "road_number", "estate",
    "building", "unit", "room", "group_number", "landmark", "amount", "organisation", "gender", "channel", "people",
    *LISTS,
]  # fmt: skip
"""Columns of ``m_record``, before those that the texts give: doors, houses, shared."""


@dataclass(frozen=True)
class Records:
    """What is compared: ``m_record`` holds record n, the arrays of ``store`` hold its words and chances at place n.

    ``words``: unit-length n-gram weights of the matter; ``names``, ``name_weight``: see `Statistics.weigh_names`;
    ``topics``, ``towns``: kept chances with their scales, see `topics`.
    """

    store: Store
    words: Sparse
    names: Sparse
    name_weight: np.ndarray
    topics: list[np.ndarray]
    topic_scale: list[np.ndarray]
    towns: list[np.ndarray]
    town_scale: list[np.ndarray]

    @classmethod
    def of(cls, store: Store, statistics: Statistics) -> "Records":
        """Opens what the store holds."""
        has_towns = statistics.towns is not None and statistics.usual_town is not None
        return cls(
            store,
            Sparse(store, "words"),
            Sparse(store, "names"),
            store.array("name_weight"),
            [store.array(f"topic{number}") for number in range(len(statistics.topics))],
            [topics.scale(usual) for usual in statistics.usual],
            [store.array("town")] if has_towns else [],
            [topics.scale(statistics.usual_town)] if has_towns and statistics.usual_town is not None else [],
        )

    def __len__(self) -> int:
        """Number of records that were ever numbered."""
        return len(self.name_weight)


def number(con: Any, *, judged: Collection[str] = (), only: str | None = None, first: int = 0) -> None:
    """Writes ``m_number`` (event_id, n) of the disputes' records that are compared, and ``m_bare`` (event_id).

    Numbers follow the event's id, so that they do not depend on the order of arrival.

    Args:
        con: DuckDB connection with ``current_event``, ``current_party``, ``current_reference``.
        judged: events on which somebody has given a verdict; they are compared however little they say.
        only: table with the column event_id to which this is confined.
        first: number of the first record.
    """
    confined = "" if only is None else f"semi join {only} using (event_id)"
    con.execute(f"create or replace temp table m_dispute as select * from current_event {confined} where is_dispute")
    con.execute(
        """
        create or replace temp table m_party as
        select event_id, role, kind, name, surname, coalesce(is_full_name, false) and name is not null as is_full,
               gender, nullif(id_token, '') as id_token, phone_tokens, nullif(organisation_key, '') as organisation_key
        from current_party semi join m_dispute using (event_id)
        """
    )
    con.register("m_found", pd.DataFrame({"event_id": sorted(judged)}, dtype="str"))
    plain = con.execute(
        f"""
        with told as (
            select event_id from m_party where coalesce(name, surname, id_token, organisation_key) is not null
            or len(phone_tokens) > 0
        ), referring as (
            select event_id from current_reference
            union select e.event_id from m_dispute e semi join current_reference r on r.number = e.source_record_id
            union select event_id from m_found
        )
        select event_id, source_category, county_name, town_name, village_name, title, text, address from m_dispute
        anti join told using (event_id) anti join referring using (event_id)
        where coalesce({", ".join(PLACES)}) is null
        order by event_id
        """
    ).df()
    con.unregister("m_found")
    bare = plain.loc[is_bare(plain), ["event_id"]]
    con.register("m_found", bare)
    con.execute("create or replace temp table m_bare as select event_id::varchar as event_id from m_found")
    con.unregister("m_found")
    con.execute(
        f"""
        create or replace temp table m_number as
        select event_id, {first} + row_number() over (order by event_id) - 1 as n
        from m_dispute anti join m_bare using (event_id) order by n
        """
    )


PLACES = ["road", "estate", "building", "room", "group_number", "landmark"]


def is_bare(plain: pd.DataFrame) -> np.ndarray:
    """Finds the records that hold nothing to tell one dispute from another, among those without party and place.

    They have a class, an area and a day, as hundreds of others have: no party, no place finer than a village, and no
    words beyond the names of the class and the area. Compared, they would agree with each other in everything, and
    their agreement would teach the model that agreement means nothing.

    Args:
        plain: ``title``, ``text``, ``address``, ``source_category``, ``county_name``, ``town_name``,
            ``village_name``.

    Returns:
        Boolean per row of ``plain``.
    """
    known = [plain[name].fillna("") for name in ("source_category", "county_name", "town_name", "village_name")]
    said = [plain[name].fillna("") for name in ("title", "text", "address")]
    words = [any(_own_words(cell, row[3:]) for cell in row[:3]) for row in zip(*said, *known, strict=True)]
    return ~np.asarray(words, bool)


_PARTS = re.compile(r"[/＞>|\\—\-\s]+")


def _own_words(cell: str, known: tuple[str, ...]) -> bool:
    """Does a cell say more than the class and the area, up to one character?"""
    if not cell:
        return False
    for value in known:
        for part in sorted({value, *_PARTS.split(value)} - {""}, key=len, reverse=True):
            cell = cell.replace(part, "")
    return len(re.sub(r"[\W_]+", "", cell)) > 1


def prepare(
    con: Any, store: Store, settings: dict[str, Any], statistics: Statistics | None = None
) -> tuple[Records, Statistics]:
    """Prepares the records of ``m_number``: appends their arrays and a segment of ``record`` and ``key`` to the store.

    Args:
        con: connection after `number`; gets ``m_record`` (of these records) and ``m_key`` (words' keys: rule, key, n).
        store: grows by these records.
        settings: see settings.yml.
        statistics: of the last full linking; None: counted on these records, and kept.
    """
    counting = statistics is None
    _people(con, settings, counting=counting, store=store)
    _base(con)
    chunks = _Chunks(con, store)
    if statistics is None:
        statistics = _count(con, chunks, settings)
    else:
        before = statistics.counter.whole.copy()
        for chunk in chunks:
            statistics.counter.add(*chunk.counts(), chunk.source_number(statistics.counter.sources))
        statistics.grow(name_share=settings["text"]["name_share"], before=before)
    con.execute("create or replace temp table m_word_key (rule varchar, key ubigint, n bigint)")
    con.execute("create or replace temp table m_adrift (rule varchar, bucket integer, n bigint)")
    for chunk in chunks:
        _append_texts(con, store, chunk, statistics, settings, is_counted=counting)
    if counting:
        _learn_classes(con, store, chunks, statistics)
    else:
        for chunk in chunks:
            _append_classes(store, chunk, statistics)
    chunks.close()
    records = Records.of(store, statistics)
    _moor(con, records, statistics)
    if counting:
        statistics.sharing = sharing.learn(con, records)
        statistics.write(store)
    _finish(con, store, records, statistics)
    return records, statistics


def _people(con: Any, settings: dict[str, Any], *, counting: bool, store: Store) -> None:
    """Writes ``m_lists`` (n, `LISTS`, organisation, gender) and ``m_party_text`` (n, party_text, is_silent)."""
    names = con.execute("select distinct name from m_party where is_full and name <> '' order by name").df()["name"]
    con.register("m_found", pd.DataFrame({"name": names, "sound": [_sound(name) for name in names]}, dtype="str"))
    again = """
        p.role = 'mentioned' and p.id_token is null
        and exists (select 1 from m_party s where s.event_id = p.event_id and s.name = p.name and s.role <> 'mentioned')
    """
    con.execute(
        f"""
        create or replace temp table m_person as
        select n, p.role, p.kind, p.name, p.surname, p.id_token, p.gender,
               {_code("p.surname")} as surname_code, {_code("p.id_token")} as id_code,
               {_code("if(is_full, f.name, null)")} as name_code, {_code("if(is_full, f.sound, null)")} as sound_code,
               {_code("if(is_full, null, p.surname)")} as partial_code
        from (select * replace (nullif(surname, '') as surname) from m_party) p join m_number using (event_id)
        left join m_found f on f.name = p.name
        where p.kind is distinct from 'organisation' and not ({again})
        """
    )
    con.unregister("m_found")
    con.execute(
        """
        create or replace temp table m_phone as
        select n, role, surname, hash(unnest(phone_tokens)) as code from m_party join m_number using (event_id)
        """
    )
    # what a text mentions stands in for columns that name nothing; beside them it joined strangers' matters: pairwise
    # F1 0.81 with it and 0.90 without it on exports of another author's making
    con.execute(
        f"""
        create or replace temp table m_organisation as
        with silent as ({_silent("true")})
        select n, role, kind, name, surname, id_token, organisation_key, hash(organisation_key) as code
        from m_party join m_number using (event_id)
        where organisation_key is not null and (role <> 'mentioned' or event_id in (select event_id from silent))
        """
    )
    if counting:
        con.execute(
            f"""
            create or replace temp table m_office as
            select code from m_phone where nullif(surname, '') is not null group by code
            having count(distinct surname) >= {settings["phones"]["shared_surnames"]} order by code
            """
        )
        con.execute(
            "create or replace temp table m_often as select code, count(distinct n) as records from m_organisation "
            "group by code order by code"
        )
        for table in ("office", "often"):
            con.execute(f"copy m_{table} to '{store.segment(table, whole=True)}'")
    else:
        for table in ("office", "often"):
            con.execute(f"create or replace temp table m_{table} as from {store.parquet(table)}")
    text = settings["text"]
    # offices that handle matters stand in the texts of hundreds of them
    sides = ", ".join(
        f"list_sort(list(distinct {code}_code) filter (where {code}_code is not null and role in {roles})) "
        f"as {side}_{code}s"
        for side, roles in (("r", REPORTING), ("o", ANSWERING))
        for code in ("id", "name", "sound", "surname", "partial")
    )
    calls = ", ".join(
        f"list_sort(list(distinct code) filter (where role in {roles})) as {side}_phones"
        for side, roles in (("r", REPORTING), ("o", ANSWERING))
    )
    order = "order by role, kind, name, surname, id_token"
    con.execute(
        f"""
        create or replace temp table m_lists as
        with person as (
            select n, {sides},
                   first(gender {order}) filter (where gender is not null and role in ('reporter', 'applicant'))
                   as gender
            from m_person group by n
        ), phone as (
            select n, {calls} from m_phone anti join m_office using (code) group by n
        ), limits as (
            select greatest({text["office_records"]}, {text["office_share"]} * {_whole(con, store, counting)}) as most
        ), organisation as (
            select n, list_sort(list(distinct code)) as organisations,
                   list_sort(list(distinct code) filter (where coalesce(records, 0) <= {text["rare_organisation"]}))
                   as rare_organisations,
                   first(organisation_key {order}) filter (where role <> 'mentioned') as organisation
            from m_organisation left join m_often using (code)
            where coalesce(records, 0) <= (select most from limits) group by n
        )
        select n, {", ".join(LISTS)}, organisation, gender from m_number
        left join person using (n) left join phone using (n) left join organisation using (n)
        """
    )
    partly = "(kind is distinct from 'person' or not is_full) and name is not null"
    con.execute(
        f"""
        create or replace temp table m_party_text as
        with silent as ({_silent(partly)})
        select n, is_silent, party_text from (
            select event_id, n, event_id in (select event_id from silent) as is_silent from m_number
        ) left join (
            select event_id, string_agg(name, chr(10) {order}) as party_text from m_party
            where {partly} and (role <> 'mentioned' or event_id in (select event_id from silent)) group by event_id
        ) using (event_id)
        """
    )


def _code(sql: str) -> str:
    """SQL: a number for a text, null for null (which DuckDB hashes like any value)."""
    return f"if({sql} is null, null, hash({sql}))"


def _silent(stated: str) -> str:
    """SQL: events whose columns give neither an address nor a name (of a party for which ``stated`` holds): all they
    say is their text."""
    return (
        "select event_id from m_dispute where address is null and event_id not in "
        f"(select event_id from m_party where role <> 'mentioned' and name is not null and {stated})"
    )


def _whole(con: Any, store: Store, counting: bool) -> int:
    if not counting:
        return int(store.meta["statistics"]["records"])
    return int(con.execute("select count(*) from m_number").fetchall()[0][0])


def _sound(name: str) -> str:
    return " ".join(_SOUNDS.get(character) or _learn_sound(character) for character in name)


_SOUNDS: dict[str, str] = {}


def _learn_sound(character: str) -> str:
    sound = _SOUNDS[character] = "".join(lazy_pinyin(character, style=Style.NORMAL)) or character
    return sound


def _base(con: Any) -> None:
    """Writes ``m_base`` (n, what a record says in columns) and ``m_text`` (n, what it says in words)."""
    con.execute(
        """
        create or replace temp table m_base as
        select n, event_id, source, source_category, channel, road, road_number, estate, building, unit, room,
               group_number, landmark, amount, coalesce(headcount, persons_involved) as people,
               epoch(reported_at) / 86400 as reported_day,
               try_cast(county_code as bigint) as county, try_cast(town_code as bigint) as town,
               try_cast(village_code as bigint) as village,
               if(category_code like '99%', null, category_code) as category, category[:2] as class
        from m_dispute join m_number using (event_id) order by n
        """
    )
    con.execute(
        """
        create or replace temp table m_text as
        select n, title, text, address, party_text, is_silent
        from m_dispute join m_number using (event_id) join m_party_text using (n) order by n
        """
    )
    # what the records say stands elsewhere now, and need not be held twice
    con.execute("create or replace temp table m_dispute as select event_id from m_dispute")
    con.execute("drop table m_party")


# 6栋2单元503、6幢503室、6-503、6栋2-503：楼栋与房号；柳树湾120号：门牌号（楼号、店号除外）
_DOOR = re.compile(
    r"(?<![0-9\-])([0-9]{1,3})(?:栋|幢|号楼|座|-)(?:[0-9]{1,2}(?:单元|-))?([0-9]{3,4})(?![0-9\-]|号|元|万|人|户|天|年|年级)"
)
_HOUSE = re.compile(r"(?<![0-9\-])([0-9]{1,4})号(?!楼|线|店|车|文|机|晚|早|上午|下午|凌晨)")


def _doors(text: pd.Series) -> pa.Table:
    """Returns building-and-room pairs and house numbers anywhere in a text, as sorted lists of numbers."""

    def found(pattern: re.Pattern[str], cell: str) -> list[int] | None:
        hits = pattern.findall(cell)
        keys = {int(hit[0]) * 10_000 + int(hit[1]) if isinstance(hit, tuple) else int(hit) for hit in hits}
        return sorted(keys) or None

    kind = pa.list_(pa.int64())
    return pa.table(
        {
            "doors": pa.array([found(_DOOR, cell) for cell in text], kind),
            "houses": pa.array([found(_HOUSE, cell) for cell in text], kind),
        }
    )


_CALLED_BY_PLACE = "[\u3400-\u9fffA-Za-z0-9]{2,8}开发商"
"""滨河苑开发商: no firm's name, but in a letter without columns the place in it tells which firm, and which matter."""


@dataclass(frozen=True)
class _Chunk:
    """A stretch of records: ``frame`` (n, event_id, source, source_category, county, town) and their n-grams."""

    frame: pd.DataFrame
    store: Store
    place: int

    def matrix(self, name: str) -> Any:
        """Counts of ``title``, ``text`` (title and text) or ``columns`` (address, parties), CSR (n x buckets)."""
        size, index, value = (
            np.load(self.store.folder / f"spool-{self.place}-{name}-{part}.npy") for part in ("size", "index", "value")
        )
        indptr = np.concatenate([[0], np.cumsum(size, dtype=np.int64)])
        return sparse.csr_matrix((value.astype(np.float32), index, indptr), shape=(len(size), ngrams.BUCKETS))

    def counts(self) -> tuple[Any, Any, Any]:
        """The counts of titles, texts and columns."""
        return self.matrix("title"), self.matrix("text"), self.matrix("columns")

    def keep(self, name: str, counts: Any) -> None:
        """Lays counts aside; a word that stands 255 times or more in a text counts 255 times."""
        parts = (np.diff(counts.indptr).astype(np.int32), counts.indices, np.minimum(counts.data, 255).astype(np.uint8))
        for part, values in zip(("size", "index", "value"), parts, strict=True):
            np.save(self.store.folder / f"spool-{self.place}-{name}-{part}.npy", values)

    def source_number(self, sources: list[str]) -> np.ndarray:
        """The position of each record's system in ``sources``, -1 for another."""
        return np.asarray(pd.Index(sources).get_indexer(self.frame["source"]))

    @property
    def county(self) -> np.ndarray:
        """County codes, -1 unknown."""
        return np.asarray(self.frame["county"].fillna(-1).to_numpy(np.int64))

    @property
    def town(self) -> np.ndarray:
        """Town codes, -1 unknown."""
        return np.asarray(self.frame["town"].fillna(-1).to_numpy(np.int64))


class _Chunks:
    """The records of ``m_base`` in stretches of `CHUNK`; their texts are read and counted once and spooled."""

    def __init__(self, con: Any, store: Store) -> None:
        self._chunks: list[_Chunk] = []
        con.execute("create or replace temp table m_doors (n bigint, doors bigint[], houses bigint[])")
        first, last = con.execute("select coalesce(min(n), 0), coalesce(max(n), -1) from m_base").fetchall()[0]
        for start in range(first, last + 1, CHUNK):
            within = f"n between {start} and {start + CHUNK - 1}"
            frame = con.execute(
                f"select n, event_id, source, source_category, county, town from m_base where {within} order by n"
            ).df()
            said = con.execute(f"select * from m_text where {within} order by n").df()
            chunk = _Chunk(frame, store, len(self._chunks))
            said = said.assign(**{name: said[name].fillna("") for name in ("title", "text", "address", "party_text")})
            whole = said["title"] + "\n" + said["text"]
            called = whole.where(said["is_silent"], "").str.findall(_CALLED_BY_PLACE).str.join("\n")
            title = ngrams.count(said["title"])
            chunk.keep("title", title)
            chunk.keep("text", title + ngrams.count(said["text"]))
            chunk.keep("columns", ngrams.count(said["address"] + "\n" + said["party_text"] + "\n" + called))
            doors = _doors(said["address"] + "\n" + whole).add_column(0, "n", pa.array(frame["n"]))
            con.register("m_found", doors)
            con.execute("insert into m_doors from m_found")
            con.unregister("m_found")
            self._chunks.append(chunk)
        con.execute("drop table m_text")

    def __iter__(self) -> Iterator[_Chunk]:
        """The chunks in the order of their numbers."""
        return iter(self._chunks)

    def close(self) -> None:
        """Removes the spooled counts."""
        for chunk in self._chunks:
            for file in chunk.store.folder.glob(f"spool-{chunk.place}-*.npy"):
                file.unlink()


def _count(con: Any, chunks: _Chunks, settings: dict[str, Any]) -> Statistics:
    sources = [name for (name,) in con.execute("select distinct source from m_base order by 1").fetchall()]
    counter = Counter(sources)
    for chunk in chunks:
        counter.add(*chunk.counts(), chunk.source_number(sources))
    [(median,)] = con.execute("select coalesce(median(reported_day), 0) from m_base").fetchall()
    statistics = Statistics.of(counter, name_share=settings["text"]["name_share"], median_day=float(median))
    for level in ("county", "town"):
        known = con.execute(f"select distinct {level} as code from m_base where {level} is not null order by 1").df()
        statistics.areas.append(known["code"].to_numpy(np.int64))
    counted = [statistics.count_places(_names_of(chunk, statistics), chunk.county, chunk.town) for chunk in chunks]
    for place, known in enumerate(statistics.areas):
        key, count = merge([part[place] for part in counted])
        numbers = [statistics.area_numbers(chunk.county, chunk.town)[place] for chunk in chunks]
        placed = np.concatenate(numbers)
        size = np.bincount(placed[placed >= 0], minlength=len(known))
        statistics.placed.append((key, count, size))
    return statistics


def _names_of(chunk: _Chunk, statistics: Statistics) -> Any:
    names = chunk.matrix("text") + chunk.matrix("columns")
    names.data = statistics.is_name[names.indices].astype(np.float32)
    names.eliminate_zeros()
    return names


def _append_texts(
    con: Any, store: Store, chunk: _Chunk, statistics: Statistics, settings: dict[str, Any], *, is_counted: bool
) -> None:
    """Appends a chunk's words and names to the store, its rarest ones to ``m_word_key``, and those of records without a
    county to ``m_adrift``."""
    counter, kept = statistics.counter, settings["text"]["ngrams_kept"]
    words = chunk.matrix("text")
    # what only one record says can agree with none; what names a place or party is compared as such
    usable = (counter.text[words.indices] > 1) & ~statistics.is_name[words.indices]
    words.data = np.where(usable, statistics.idf[words.indices], 0).astype(np.float32)
    words.eliminate_zeros()
    words = ngrams.normalised(ngrams.strongest(words, kept)).tocsr()
    words.sort_indices()
    Sparse.append(store, "words", words)
    names = _names_of(chunk, statistics)
    weighed, total = statistics.weigh_names(names, chunk.county, chunk.town, is_counted=is_counted)
    Sparse.append(store, "names", weighed)
    store.append("name_weight", total)
    title = chunk.matrix("title")
    for rule, counts, frequency in (
        ("place_name", names, counter.whole), ("words", words, counter.text), ("title", title, counter.title),
    ):  # fmt: skip
        keys = _rarest(counts, frequency, statistics.idf, settings["blocking"])
        number, county = chunk.frame["n"].to_numpy()[keys[0]], chunk.county[keys[0]]
        is_rare = frequency[keys[1]] <= settings["blocking"]["anywhere_most"]
        con.register("m_found", pa.table({"bucket": keys[1], "county": county, "n": number, "is_rare": is_rare}))
        con.execute(f"insert into m_word_key select '{rule}', hash('{rule}', bucket, county), n from m_found")
        # a written county may be wrong: the rarest words are keys anywhere
        con.execute(f"insert into m_word_key select '{rule}', hash('{rule}', bucket), n from m_found where is_rare")
        con.execute(f"insert into m_adrift select '{rule}', bucket, n from m_found where county < 0")
        con.unregister("m_found")


def _moor(con: Any, records: Records, statistics: Statistics) -> None:
    """Gives the rarest words of records without a county as keys of the county that their names tell of, too."""
    numbers = con.execute("select distinct n from m_adrift order by n").fetchnumpy()["n"]
    if records.towns and len(numbers):
        town = statistics.areas[1][records.towns[0][numbers].argmax(axis=1)]
        county = pd.Series(town).astype("str").str[:6].astype("int64")
        con.register("m_found", pa.table({"n": numbers, "county": county.to_numpy()}))
        con.execute(
            "insert into m_word_key select rule, hash(rule, bucket, county), n from m_adrift join m_found using (n)"
        )
        con.unregister("m_found")
    con.execute("drop table m_adrift")


def _rarest(
    counts: Any, frequency: np.ndarray, idf: np.ndarray, chosen: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns row and bucket of each row's rarest n-grams that others hold too."""
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    bucket = counts.indices
    usable = (frequency[bucket] > 1) & (frequency[bucket] <= chosen["rarest_most"])
    row, bucket = row[usable], bucket[usable]
    order = np.lexsort((bucket, -idf[bucket], row))
    row, bucket = row[order], bucket[order]
    start = np.searchsorted(row, np.arange(counts.shape[0]))
    keep = np.arange(len(row)) - start[row] < chosen["rare_ngrams"]
    return row[keep], bucket[keep]


def _learn_classes(con: Any, store: Store, chunks: _Chunks, statistics: Statistics) -> None:
    """Learns one classifier per system and one of towns, and appends what they say of every record."""
    statistics.column = topics.columns(statistics.counter.text)
    width = int(statistics.column.max()) + 1
    for source in statistics.counter.sources:
        sizes = con.execute(
            f"select source_category as class, count(*) as records from m_base where source = '{source}' "
            "and source_category is not null group by 1 order by records desc, class"
        ).df()
        classes = sorted(sizes.loc[sizes["records"] >= topics.SMALLEST_CLASS, "class"].head(topics.MOST_CLASSES))
        if len(classes) < 2:
            continue
        learnt = topics.Classifier.fit(
            (
                (
                    topics.mapped(chunk.matrix("text"), statistics.column, width),
                    np.where(
                        chunk.frame["source"] == source,
                        pd.Index(classes).get_indexer(chunk.frame["source_category"]),
                        -1,
                    ),
                    topics.folds(chunk.frame["event_id"]),
                )
                for chunk in chunks
            ),
            classes,
            width,
            unseen=int((statistics.counter.text > 0).sum()) - width,
        )
        number = len(statistics.topics)
        total = np.zeros(len(classes))
        for chunk in chunks:
            counts = topics.mapped(chunk.matrix("text"), statistics.column, width)
            chance = learnt.predict(counts, topics.folds(chunk.frame["event_id"]))
            total += chance.sum(axis=0, dtype=np.float64)
            store.append(f"topic{number}", topics.kept(chance))
        statistics.topics.append(learnt)
        statistics.usual.append((total / statistics.counter.records).astype(np.float32))
    towns = statistics.areas[1]
    if len(towns) < 2:
        return
    statistics.town_column = topics.columns(np.where(statistics.is_name, statistics.counter.whole, 0))
    width = int(statistics.town_column.max()) + 1
    statistics.towns = topics.Classifier.fit(
        (
            (
                topics.mapped(_names_of(chunk, statistics), statistics.town_column, width),
                statistics.area_numbers(chunk.county, chunk.town)[1],
                topics.folds(chunk.frame["event_id"]),
            )
            for chunk in chunks
        ),
        [str(code) for code in towns],
        width,
        unseen=int((statistics.is_name & (statistics.counter.whole > 0)).sum()) - width,
        sharpness=topics.TOWN_SHARPNESS,
    )
    total = np.zeros(len(towns))
    for chunk in chunks:
        chance = _town_chance(chunk, statistics)
        total += chance.sum(axis=0, dtype=np.float64)
        store.append("town", topics.kept(chance))
    statistics.usual_town = (total / statistics.counter.records).astype(np.float32)


def _town_chance(chunk: _Chunk, statistics: Statistics) -> np.ndarray:
    if statistics.towns is None:
        raise ValueError("no towns were learnt")
    width = int(statistics.town_column.max()) + 1
    counts = topics.mapped(_names_of(chunk, statistics), statistics.town_column, width)
    chance = statistics.towns.predict(counts, topics.folds(chunk.frame["event_id"]))
    written = statistics.area_numbers(chunk.county, chunk.town)[1]
    known = np.flatnonzero(written >= 0)
    chance[known] *= topics.TOWN_DOUBT
    chance[known, written[known]] += 1 - topics.TOWN_DOUBT
    return chance


def _append_classes(store: Store, chunk: _Chunk, statistics: Statistics) -> None:
    """Appends what the standing classifiers say of a chunk's records."""
    width = int(statistics.column.max()) + 1
    fold = topics.folds(chunk.frame["event_id"])
    counts = topics.mapped(chunk.matrix("text"), statistics.column, width)
    for number, classifier in enumerate(statistics.topics):
        store.append(f"topic{number}", topics.kept(classifier.predict(counts, fold)))
    if statistics.towns is not None:
        store.append("town", topics.kept(_town_chance(chunk, statistics)))


def _finish(con: Any, store: Store, records: Records, statistics: Statistics) -> None:
    """Writes ``m_record`` and the store's next segments of it and of the words' keys."""
    numbers = con.execute("select n from m_base order by n").df()["n"].to_numpy()
    shared = sharing.apply(statistics.sharing, records, numbers)
    con.register("m_found", pa.table({"n": numbers, "shared": shared}))
    columns = ", ".join(RECORD).replace("day,", f"coalesce(reported_day, {statistics.median_day}) as day,")
    con.execute(
        f"""
        create or replace temp table m_record as
        select {columns}, doors, houses, shared
        from m_base left join m_lists using (n) left join m_doors using (n) left join m_found using (n) order by n
        """
    )
    con.unregister("m_found")
    for table in ("m_base", "m_lists", "m_doors", "m_party_text", "m_person", "m_phone", "m_organisation"):
        con.execute(f"drop table {table}")
    con.execute(f"copy m_record to '{store.segment('record')}'")
