"""What is compared between two records, in which levels, and the sentence that explains each level to a reader.

Here: the list of comparisons, as data; the functions they call, vectorised over Arrow arrays; the statement that turns
candidate pairs into comparison vectors, each thing worked out once per pair. Not here: what a level weighs (`model`).
Rules: what is missing is not different (level -1, weight zero); likeness of texts is counted in code points by
rapidfuzz (DuckDB's own functions count bytes); evidence of one kind stands in one comparison, strongest level first, so
that a shared phone and the shared name of its owner are not counted twice.
m_pair, m_record, Records -> m_vector (l, r, one level per comparison, raw values)
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from transforms.matching import kernels, topics
from transforms.matching.candidates import plausible
from transforms.matching.records import Records


@dataclass(frozen=True)
class Level:
    """``code``: stable name used in model files; ``when``: SQL over `FEATURES` (None: everything else); ``sentence``:
    SQL text expression over the columns that `explanations` names for the reader, or None where the level is no reason
    to link; ``most``: a contradiction never weighs more than this (log2), however rarely training met it."""

    code: str
    when: str | None
    sentence: str | None = None
    most: float | None = None


@dataclass(frozen=True)
class Comparison:
    """One kind of evidence; ``missing``: SQL that is true where the pair cannot be compared."""

    name: str
    label: str
    missing: str
    levels: tuple[Level, ...]


def _crossed(kind: str) -> str:
    """SQL: the reporting side of one record names somebody of the answering side of the other."""
    one = f"coalesce(list_has_any(l.r_{kind}, r.o_{kind}), false)"
    other = f"coalesce(list_has_any(l.o_{kind}, r.r_{kind}), false)"
    return f"({one} or {other})"


# Each value is worked out once per pair; later ones may use earlier ones.
FEATURES = {
    "gap": "abs(l.day - r.day)",
    "shared": "(l.shared + r.shared) / 2",
    "same_phone": "coalesce(list_has_any(l.r_phones, r.r_phones), false)",
    "cross_phone": _crossed("phones"),
    "other_phone": "coalesce(list_has_any(l.o_phones, r.o_phones), false)",
    "same_id": "coalesce(list_has_any(l.r_ids, r.r_ids), false) or " + _crossed("ids"),
    "other_id": "coalesce(list_has_any(l.o_ids, r.o_ids), false)",
    "same_name": "coalesce(list_has_any(l.r_names, r.r_names), false)",
    "cross_name": _crossed("names"),
    "other_name": "coalesce(list_has_any(l.o_names, r.o_names), false)",
    "names_shared": "case when same_name or cross_name or other_name then len(list_distinct(list_concat("
    "list_intersect(list_concat(coalesce(l.r_names, []), coalesce(l.o_names, [])), "
    "list_concat(coalesce(r.r_names, []), coalesce(r.o_names, []))), []))) else 0 end",
    "same_sound": "coalesce(list_has_any(l.r_sounds, r.r_sounds), false)",
    "cross_sound": _crossed("sounds"),
    "other_sound": "coalesce(list_has_any(l.o_sounds, r.o_sounds), false)",
    "genders_differ": "coalesce(l.gender <> r.gender, false)",
    "partial": "not genders_differ and (coalesce(list_has_any(l.r_partials, r.r_surnames), false) "
    "or coalesce(list_has_any(l.r_surnames, r.r_partials), false))",
    "surnames_differ": "coalesce(not list_has_any(l.r_surnames, r.r_surnames), false)",
    "phones_differ": "coalesce(not list_has_any(l.r_phones, r.r_phones), false)",
    "other_differ": "coalesce(not list_has_any(l.o_surnames, r.o_surnames), false)",
    "same_organisation": "coalesce(list_has_any(l.organisations, r.organisations), false)",
    "rare_organisation": "coalesce(list_has_any(l.rare_organisations, r.rare_organisations), false)",
    "organisation_ratio": "case when not same_organisation and l.organisation is not null "
    "and r.organisation is not null then text_ratio(l.organisation, r.organisation) end",
    "estate_ratio": "case when l.estate is null or r.estate is null then null when l.estate = r.estate then 1.0 "
    "else text_ratio(l.estate, r.estate) end",
    "same_town": "l.town = r.town",
    "same_estate": "coalesce(estate_ratio >= 0.85, false) and coalesce(l.county = r.county, true)",
    "same_road": "coalesce(l.road = r.road, false) and coalesce(l.county = r.county, true)",
    "same_number": "same_road and coalesce(l.road_number = r.road_number, false)",
    "same_spot": "same_estate or same_number",
    "near": "coalesce(l.town = r.town, l.county = r.county, true)",
    "same_door": "near and coalesce(list_has_any(l.doors, r.doors), false)",
    "same_house": "near and coalesce(list_has_any(l.houses, r.houses), false)",
    "doors_differ": "coalesce(not list_has_any(l.doors, r.doors), false)",
    "same_village": "coalesce(l.village = r.village, false)",
    "buildings_differ": "coalesce(l.building <> r.building, false)",
    "rooms_differ": "buildings_differ or coalesce(l.unit <> r.unit, false) or coalesce(l.room <> r.room, false)",
    "people_ratio": "case when l.people > 2 and r.people > 2 "
    "then least(l.people, r.people) / greatest(l.people, r.people) end",
    "same_surname": "coalesce(list_has_any(l.r_surnames, r.r_surnames), false)",
    "cross_surname": _crossed("surnames"),
    "other_surname": "coalesce(list_has_any(l.o_surnames, r.o_surnames), false)",
    '"where"': "case when l.town is null or r.town is null then towns end",
    "categories": "case when l.category is null or r.category is null then null when l.category = r.category then 2 "
    "when l.class = r.class then 1 else 0 end",
    "amount_ratio": "case when l.amount > 0 and r.amount > 0 "
    "then least(l.amount, r.amount) / greatest(l.amount, r.amount) end",
}

_COMMON = "shared >= 0.5"

COMPARISONS = (
    Comparison(
        "person",
        "人",
        "not (same_id or same_phone or cross_phone or same_name or cross_name or same_sound or cross_sound or partial "
        "or same_surname or surnames_differ or phones_differ)",
        (
            Level("id", "same_id", "'同一证件号'"),
            Level(
                "phone_and_name",
                "(same_phone or cross_phone) and (same_name or cross_name or same_sound or cross_sound or partial)",
                "'同一电话号码且姓名相符'",
            ),
            Level("two_names", "names_shared >= 2", "'有两人姓名相同'"),
            Level("phone", "same_phone and not surnames_differ", "'同一电话号码'"),
            Level("phone_other_name", "same_phone or cross_phone", "'同一电话号码（姓名不同）'"),
            Level("name", "same_name and not genders_differ", "'当事人同名'"),
            Level("name_crossed", "cross_name", "'一方的反映人与另一方的当事人同名'"),
            Level("sound", "same_sound or cross_sound", "'当事人姓名同音'"),
            Level("partial", "partial", "'称呼与姓氏相符'"),
            Level("surname", "same_surname and not genders_differ", "'当事人同姓'"),
            Level("surname_crossed", "cross_surname"),
            Level("other_person_common", f"surnames_differ and {_COMMON}"),
            Level("other_person", "surnames_differ"),
            Level("other_phone_common", _COMMON),
            Level("other_phone", None),
        ),
    ),
    Comparison(
        "other_party",
        "对方",
        "not (other_id or other_phone or other_name or other_sound or same_organisation "
        "or organisation_ratio is not null or other_surname or other_differ)",
        (
            Level(
                "same",
                "(other_id or other_phone or other_name) and not (same_id or same_phone or same_name)",
                "'被反映的人相符'",
            ),
            Level("rare_organisation", "rare_organisation", "coalesce('都涉及' || firm, '单位相同')"),
            Level("organisation", "same_organisation", "coalesce('都涉及' || firm, '单位相同')"),
            Level("organisation_alike", "organisation_ratio >= 0.7", "'单位名称相近'"),
            Level("sound", "other_sound and not same_sound", "'被反映的人姓名同音'"),
            Level("surname", "other_surname and not same_surname"),
            Level("other_organisation", "organisation_ratio is not null"),
            Level("other_person", None),
        ),
    ),
    Comparison(
        "place",
        "地点",
        "l.county is null or r.county is null",
        (
            Level(
                "room",
                "same_spot and l.room = r.room and not rooms_differ",
                "coalesce('地址同为' || spot || coalesce(block, '') || '同一户', '地址为同一户')",
            ),
            Level(
                "other_room_common",
                "same_spot and rooms_differ and shared > 0.55",
                "coalesce('同在' || spot, '地点相同')",
            ),
            Level("other_room", "same_spot and rooms_differ", most=-6.0),
            Level(
                "building",
                "same_spot and l.building = r.building",
                "coalesce('地址同为' || spot || block, '地址为同一栋')",
            ),
            Level("number", "same_number", "coalesce('地址同为' || spot, '地址为同一门牌')"),
            Level("estate", "same_estate", "coalesce('同在' || spot, alike, '地点相同')"),
            Level(
                "group",
                "same_village and l.group_number = r.group_number",
                "coalesce('同在' || village || team || '组', '同一村民小组')",
            ),
            Level("landmark", "same_town and l.landmark = r.landmark", "coalesce('地标同为' || landmark, '地标相同')"),
            Level("other_estate", "estate_ratio < 0.6"),
            Level("other_number", "same_road and l.road_number <> r.road_number", most=-1.0),
            Level("road", "same_road", "coalesce('同在' || road, '同在一条路')"),
            Level("other_group", "same_village and l.group_number <> r.group_number", most=-2.0),
            Level("village", "same_village", "coalesce('同在' || village, '同一村社区')"),
            Level("other_village", "same_town and l.village <> r.village"),
            Level("town", "same_town", "coalesce('同在' || town, '同一乡镇街道')"),
            Level("town_unknown", "l.county = r.county and (l.town is null or r.town is null)"),
            Level("other_town", "l.county = r.county"),
            Level("other_county", None),
        ),
    ),
    Comparison(
        "door",
        "门牌",
        "not (same_door or same_house or doors_differ) and (l.houses is null or r.houses is null)",
        (
            Level("door", "same_door", "'写有同一楼栋房号（隐去）'"),
            Level("other_door_common", "doors_differ and shared > 0.55"),
            Level("other_door", "doors_differ", most=-2.0),
            Level("house", "same_house", "'写有同样的门牌或号数'"),
            Level("other_house_common", "shared > 0.55"),
            Level("other_house", None),
        ),
    ),
    Comparison(
        "place_name",
        "本地用词",
        "names is null",
        (
            Level("all", "names >= 0.5", "coalesce('都写到' || written, '都涉及' || firm, '所写地名、单位名大多相同')"),
            Level(
                "most", "names >= 0.35", "coalesce('都写到' || written, '都涉及' || firm, '有不少相同的地名、单位名')"
            ),
            Level("many", "names >= 0.24", "coalesce('都写到' || written, '都涉及' || firm, '地名、单位名用词相近')"),
            Level("some", "names >= 0.15", "coalesce('都写到' || written, '都涉及' || firm, '地名、单位名用词相近')"),
            Level("few", "names >= 0.08"),
            Level("hardly", "names >= 0.03"),
            Level("none", None),
        ),
    ),
    Comparison(
        "rare_name",
        "罕见地名与单位名",
        "rarest is null",
        (
            Level(
                "unique",
                "rarest >= 6.5",
                "coalesce('都写到' || written, '都涉及' || firm, '有少见的相同地名、单位名用词')",
            ),
            Level(
                "very_rare",
                "rarest >= 5",
                "coalesce('都写到' || written, '都涉及' || firm, '有少见的相同地名、单位名用词')",
            ),
            Level(
                "rare", "rarest >= 4", "coalesce('都写到' || written, '都涉及' || firm, '有少见的相同地名、单位名用词')"
            ),
            Level("uncommon", "rarest >= 3"),
            Level("common", "rarest >= 2"),
            Level("usual", "rarest >= 1"),
            Level("none", None),
        ),
    ),
    Comparison(
        "town_by_names",
        "由地名推断的乡镇",
        '"where" is null',
        (
            Level("same", '"where" >= 3.5', "'所写地名多属同一乡镇街道'"),
            Level("likely", '"where" >= 2'),
            Level("open", '"where" >= 0.5'),
            Level("unclear", '"where" >= -0.5'),
            Level("unlikely", '"where" >= -1.5'),
            Level("other", None),
        ),
    ),
    Comparison(
        "topic",
        "诉求",
        "topic is null and categories is null",
        (
            Level(
                "same",
                "topic >= 9 or (topic is null and categories = 2)",
                "coalesce('诉求同为' || matter, '诉求相近')",
            ),
            Level("close", "topic >= 6", "coalesce('诉求同为' || matter, '诉求相近')"),
            Level("near", "topic >= 3.5", "'诉求相近'"),
            Level("far", "topic >= 1 or (topic is null and categories = 1)"),
            Level("remote", "topic >= -4"),
            Level("other", None),
        ),
    ),
    Comparison(
        "words",
        "文字",
        "words is null",
        (
            Level("verbatim", "words >= 0.8", "'内容几乎相同'"),
            Level("very_alike", "words >= 0.45", "'内容很相似'"),
            Level("alike", "words >= 0.25", "'内容相似'"),
            Level("related", "words >= 0.13", "'用词相近'"),
            Level("some", "words >= 0.06"),
            Level("little", "words >= 0.02"),
            Level("none", None),
        ),
    ),
    Comparison(
        "time",
        "时间",
        "gap is null",
        (
            Level("day", "gap <= 1", "span"),
            Level("days", "gap <= 4", "span"),
            Level("week", "gap <= 9", "span"),
            Level("fortnight", "gap <= 18", "span"),
            Level("month", "gap <= 35", "span"),
            Level("two_months", "gap <= 65", "span"),
            Level("half_year", "gap <= 180", "span"),
            Level("longer", None, "span"),
        ),
    ),
    Comparison(
        "amount",
        "金额",
        "amount_ratio is null",
        (
            Level("same", "amount_ratio >= 0.98", "coalesce('金额同为' || money, '金额几乎相同')"),
            Level("close", "amount_ratio >= 0.8", "'金额相近'"),
            Level("other", None),
        ),
    ),
    Comparison(
        "people",
        "人数",
        "people_ratio is null",
        (
            Level("same", "people_ratio = 1", "coalesce('人数同为' || people || '人', '人数相同')"),
            Level("close", "people_ratio >= 0.75"),
            Level("other", None),
        ),
    ),
)


def register(con: Any) -> None:
    """Registers the vectorised function that `FEATURES` call."""

    def text_ratio(left: pa.Array, right: pa.Array) -> pa.Array:
        score = cpdist(left.to_pylist(), right.to_pylist(), scorer=fuzz.ratio, dtype=np.float32)
        return pa.array(score / np.float32(100))

    with contextlib.suppress(duckdb.Error):  # a connection that matched before has it
        con.remove_function("text_ratio")
    con.create_function("text_ratio", text_ratio, ["VARCHAR", "VARCHAR"], "FLOAT", type="arrow")


def measured(records: Records, left: np.ndarray, right: np.ndarray) -> dict[str, np.ndarray]:
    """Returns what the store's arrays say of pairs, float32 per pair, NaN where missing: ``words`` (cosine of the
    texts), ``names`` (share of names in common), ``rarest`` (weight of the rarest of them), ``topic`` and ``towns``
    (natural log of how much likelier they are of one topic, of one town)."""
    words, names, weight = records.words, records.names, records.name_weight
    shared, rarest = kernels.common(names.indptr, names.indices, names.data, left, right)
    found = {
        "words": kernels.common(words.indptr, words.indices, words.data, left, right)[0],
        "names": shared,
        "rarest": rarest * np.sqrt(weight[left] * weight[right]),
    }
    for name, blocks, scales in (
        ("topic", records.topics, records.topic_scale),
        ("towns", records.towns, records.town_scale),
    ):
        missing = np.full(len(left), np.nan, np.float32)
        found[name] = topics.agreement(blocks, scales, left, right) if blocks else missing
    return found


def level_sql(comparison: Comparison) -> str:
    """Returns the CASE expression of one comparison: the last level is 0, the first the highest, missing is -1."""
    last = len(comparison.levels) - 1
    cases = [f"when {comparison.missing} then -1"]
    cases += [f"when {level.when} then {last - n}" for n, level in enumerate(comparison.levels) if level.when]
    return f"(case {' '.join(cases)} else 0 end)::tinyint"


MEASURED = ("words", "names", "rarest", "topic", "towns")
"""Values that come from the store's arrays, see `measured`."""

RAW = ("gap", "shared", "words", "names", "rarest", "topic", "amount_ratio", "people_ratio", "organisation_ratio")
"""Values kept beside the levels, for explanations and for the second stage."""


CHUNK = 400_000
"""Pairs that are compared at one time."""

VECTOR = ("l", "r", *(comparison.name for comparison in COMPARISONS), *(f"{name}_value" for name in RAW))
"""Columns of comparison vectors: record numbers, the level of each comparison, raw values."""


@dataclass(frozen=True)
class Stretch:
    """Some pairs in their order: record numbers, what proposed each (`candidates.RULES`), and what `measured` says."""

    left: np.ndarray
    right: np.ndarray
    rules: np.ndarray
    values: dict[str, np.ndarray]

    def __getitem__(self, chosen: np.ndarray) -> "Stretch":
        """The pairs for which ``chosen`` holds."""
        values = {name: value[chosen] for name, value in self.values.items()}
        return Stretch(self.left[chosen], self.right[chosen], self.rules[chosen], values)


def stretches(records: Records, left: np.ndarray, right: np.ndarray, rules: np.ndarray | None) -> Iterator[Stretch]:
    """Yields pairs, at most `CHUNK` at a time; with ``rules`` given, those of them that are `candidates.plausible`."""
    for start in range(0, len(left), CHUNK):
        one, other = left[start : start + CHUNK], right[start : start + CHUNK]
        values = measured(records, one, other)
        if rules is None:
            yield Stretch(one, other, np.zeros(len(one), np.int32), values)
            continue
        stretch = Stretch(one, other, rules[start : start + CHUNK], values)
        yield stretch[plausible(stretch.rules, values["topic"], values["words"], values["names"])]


def vectors(con: Any, stretch: Stretch) -> pa.Table:
    """Returns the comparison vectors of pairs in their order, in the columns `VECTOR`; ``con``: connection with
    ``m_record`` of these records at least, after `register`."""
    features = ", ".join(f"{sql} as {name}" for name, sql in FEATURES.items())
    levels = ", ".join(f"{level_sql(comparison)} as {comparison.name}" for comparison in COMPARISONS)
    raw = ", ".join(f"{name}::float as {name}_value" for name in RAW)
    given = ", ".join(f"if(isnan({name}), null, {name}) as {name}" for name in MEASURED)
    # the levels ask for few of a record's columns; packing all of them for each pair took most of the time
    packed = ", ".join(f"{_packed(side, levels)} as {side}" for side in ("l", "r"))
    columns = {"position": np.arange(len(stretch.left)), "n_l": stretch.left, "n_r": stretch.right} | stretch.values
    con.register("m_asked", pa.table(columns))
    found = con.sql(
        f"""
        select l.n as l, r.n as r, {levels}, {raw} from (
            select p.*, {packed}, {features} from (select position, n_l, n_r, {given} from m_asked) p
            join m_record l on l.n = p.n_l join m_record r on r.n = p.n_r
        ) order by position
        """
    ).to_arrow_table()
    con.unregister("m_asked")
    return found


def _packed(side: str, sql: str) -> str:
    """SQL: a struct of the columns of one record for which ``sql`` asks, and its number."""
    columns = sorted({"n", *re.findall(rf"\b{side}\.([a-z_]+)", sql)})
    return "{" + ", ".join(f"'{column}': {side}.{column}" for column in columns) + "}"


def compare(con: Any, records: Records, *, pairs: str, into: str) -> None:
    """Writes the comparison vectors of the table ``pairs`` (l, r; with rules: of the plausible ones) into the table
    ``into``, in order of l, r."""
    asked = con.execute(f"select * from {pairs} order by l, r").fetchnumpy()
    con.execute(f"create or replace temp table {into} as {_nothing()}")
    left, right = asked["l"].astype(np.int64), asked["r"].astype(np.int64)
    for stretch in stretches(records, left, right, asked.get("rules")):
        con.register("m_part", vectors(con, stretch))
        con.execute(f"insert into {into} from m_part")
        con.unregister("m_part")


def _nothing() -> str:
    levels = ", ".join(f"0::tinyint as {comparison.name}" for comparison in COMPARISONS)
    raw = ", ".join(f"0::float as {name}_value" for name in RAW)
    return f"select 0::bigint as l, 0::bigint as r, {levels}, {raw} limit 0"
