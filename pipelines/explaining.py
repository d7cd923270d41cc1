"""Why two records are, or are not, one dispute: the parts of their weight beside what both of them say.

Here: finding the pair, its comparison vector, the model that scored it, and what a reader may see of either record. Not
here: how a weight is taken apart (`transforms.matching.waterfall`), printing (`commands.explain`), pages
(`pipelines.review`).
two records -> vector, model, link -> bars; a dispute -> records, links
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from pipelines import revealing
from sources import contract
from transforms.matching import comparisons, waterfall
from transforms.matching.linking import SETTINGS
from transforms.matching.model import Model, default
from transforms.matching.records import Records
from transforms.matching.statistics import Statistics
from transforms.matching.store import FOLDER, Store
from transforms.matching.waterfall import Decided
from transforms.tables import CORE_DISPUTE_EVENT, CORE_LINK, CORE_MATCH_MODEL
from warehouse.lake import Lake

_TEXT = 40


@dataclass(frozen=True)
class Pair:
    """Two records and what their weight is made of.

    ``records``: two rows: event_id, source, source_record_id, reported_at, dispute_id (None: no dispute's record).
    ``bars``: see `waterfall.bars`. ``decided``: what became of the weight. ``link``: the row of `core_link`, or None
    where the pair is none. ``version``: of the model. ``is_of_model`` false: the standing link was scored by another
    model or on other values than now, and the bars do not lead to its weight.
    """

    records: pd.DataFrame
    bars: pd.DataFrame
    decided: Decided
    link: dict[str, Any] | None
    version: str
    is_of_model: bool

    @property
    def is_one(self) -> bool:
        """Do both stand in one dispute?"""
        dispute = self.records["dispute_id"]
        return bool(dispute.notna().all() and dispute.nunique() == 1)


def vectors(lake: Lake, left: str, right: str) -> pd.DataFrame:
    """Returns the comparison vector of two events, one row in the columns of `trees.COLUMNS`.

    Records are compared as the last linking prepared them, by what it counted over the whole lake.

    Raises:
        LookupError: one of the two is no dispute's record, or nothing was linked yet.
    """
    store = Store.standing(lake.restricted / FOLDER)
    if store is None:
        raise LookupError("湖中还没有匹配结果；请先执行 dispute-lake run")
    with lake.connect() as con:
        asked = {"events": [left, right]}
        known = f"select event_id, n from {store.parquet('known')} where list_contains($events, event_id)"
        number = dict(con.execute(known, asked).fetchall())
        absent = [event for event in (left, right) if event not in number]
        if absent:
            raise LookupError(f"记录 {absent[0]} 不在匹配之列：它不是矛盾纠纷，或湖中没有它")
        bare = [event for event in (left, right) if number[event] is None]
        if bare:
            raise LookupError(f"记录 {bare[0]} 没有可供比较的内容（只有类别与地区），没有与其他记录比较")
        one, other = sorted(number.values())
        con.execute(f"create temp table m_record as from {store.parquet('record')} where n in ({one}, {other})")
        comparisons.register(con)
        records = Records.of(store, Statistics.read(store))
        [stretch] = comparisons.stretches(records, np.array([one]), np.array([other]), None)
        found = comparisons.vectors(con, stretch)
        vector: pd.DataFrame = found.to_pandas()
    return vector


def standing(lake: Lake) -> tuple[str, Model]:
    """Returns the model that the links of the last run were scored with, and its version.

    Raises:
        ValueError: the file is of another format; the sentence is for the user.
    """
    files = {file.stem: file for file in sorted((lake.restricted / "models").glob("*.json"))}
    used = lake.read(CORE_MATCH_MODEL, columns=["version", "as_of"]).sort_values("as_of", kind="stable")["version"]
    known = [version for version in (*files, *used) if version in files]  # a lake of an earlier version measured none
    if not known:
        return "随包", default()
    return known[-1], Model.from_json(files[known[-1]].read_text("utf-8"))


def pair(lake: Lake, warehouse: Path, left: str, right: str) -> Pair:
    """Explains two events.

    Args:
        lake: an open lake.
        warehouse: its publication: what it does not hold of a record is not shown.
        left: an event id, 甲.
        right: another, 乙.

    Raises:
        LookupError: the two are one, or one of them is no dispute's record; the sentence is for the user.
    """
    if left == right:
        raise LookupError("这是同一条记录；请给出两条不同的记录")
    version, model = standing(lake)
    vector = vectors(lake, left, right)
    shift = float(SETTINGS["clusters"]["shift"])
    start, parts = waterfall.take_apart(model, vector)
    weight = start + float(parts.iloc[0].sum()) - shift
    link = lake.read(CORE_LINK)
    low, high = sorted((left, right))
    found = link[(link["event_id_l"] == low) & (link["event_id_r"] == high)].to_dict("records")
    decided = Decided(weight, "model", shift)
    is_of_model = True
    if found:
        kept, by = float(found[0]["match_weight"]), found[0]["decided_by"]
        is_screened = by == "model" and kept == SETTINGS["clusters"]["floor"]  # it was not compared in full; here it is
        decided = Decided(weight if is_screened else kept, by, shift)
        is_of_model = by != "model" or abs(decided.weight - weight) < 0.05
    said = masked(warehouse, [left, right])
    bars = waterfall.bars(model, vector, decided, values(said))
    dispute = lake.read(CORE_DISPUTE_EVENT).set_index("event_id")["dispute_id"]
    records = said[["event_id", "source", "source_record_id", "reported_at"]].assign(
        dispute_id=[dispute.get(event) for event in said["event_id"]]
    )
    return Pair(records, bars, decided, found[0] if found else None, version, is_of_model)


_MASKED = """
    WITH asked AS (SELECT unnest($events) AS event_id), person AS (
        SELECT event_id,
            string_agg(name_masked, '、' ORDER BY name_masked) FILTER (kind <> 'organisation' AND role <> 'respondent')
                AS person,
            string_agg(name_masked, '、' ORDER BY name_masked) FILTER (kind = 'organisation' OR role = 'respondent')
                AS other_party
        FROM (SELECT DISTINCT event_id, name_masked, kind, role FROM event_party) GROUP BY event_id
    )
    SELECT asked.event_id, e.source, e.source_record_id, e.reported_at, person.person, person.other_party,
        concat_ws(' ', e.county_name, e.town_name, e.village_name, e.road, e.estate, e.group_number || '组') AS place,
        e.category_name AS topic, coalesce(e.title, e.text) AS words, e.amount, e.headcount AS people
    FROM asked LEFT JOIN event AS e USING (event_id) LEFT JOIN person USING (event_id)
"""

_REVEALED = """
    WITH asked AS (SELECT unnest($events) AS event_id), told AS (
        SELECT event_id, role, kind, name, unnest(list_concat([''], phone_tokens)) AS token
        FROM current_party WHERE event_id IN (SELECT event_id FROM asked)
    ), one AS (
        SELECT told.event_id, told.role = 'respondent' OR told.kind = 'organisation' AS is_other,
            concat_ws(' ', told.name, string_agg(DISTINCT v.value, ' ' ORDER BY v.value)) AS said
        FROM told LEFT JOIN core_vault AS v ON v.token = told.token
        GROUP BY told.event_id, told.role, told.kind, told.name
    ), person AS (
        SELECT event_id, string_agg(DISTINCT said, '、' ORDER BY said) FILTER (NOT is_other) AS person,
            string_agg(DISTINCT said, '、' ORDER BY said) FILTER (is_other) AS other_party
        FROM one GROUP BY event_id
    )
    SELECT asked.event_id, e.source, e.source_record_id, e.reported_at, person.person, person.other_party,
        concat_ws(' ', e.county_name, e.town_name, e.village_name, e.address) AS place,
        concat_ws('', e.building, e.unit, e.room) AS door, e.source_category AS topic,
        coalesce(e.title, e.text) AS words, e.amount, e.headcount AS people
    FROM asked LEFT JOIN current_event AS e USING (event_id) LEFT JOIN person USING (event_id)
"""


def masked(warehouse: Path, events: list[str]) -> pd.DataFrame:
    """Returns what the publication says of events, one row each, in their order."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found: pd.DataFrame = con.execute(_MASKED, {"events": events}).df()
    return found.set_index("event_id").loc[events].reset_index()


def revealed(lake: Lake, events: list[str], *, by: str, reason: str) -> pd.DataFrame:
    """Returns what two records say as they came, as `masked`; the look is logged first, whatever comes of it."""
    revealing.log_look(lake, events, by=by, reason=reason)
    with lake.connect() as con:
        found: pd.DataFrame = con.execute(_REVEALED, {"events": events}).df()
    return found.set_index("event_id").loc[events].reset_index()


def shown(explained: Pair, said: pd.DataFrame) -> Pair:
    """Returns the pair with other values of the two records: `revealed` ones."""
    bars = explained.bars.copy()
    both = values(said)
    for side, name in enumerate(("value_l", "value_r")):
        bars[name] = [both.get(part, ("", ""))[side] for part in bars["part"]]
    return replace(explained, bars=bars)


def values(said: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Returns what two records (rows of ``said``) say, by part of the waterfall, cut to what fits a cell."""
    one, other = said.to_dict("records")
    found = {}
    for part in ("person", "other_party", "place", "door", "topic", "words", "amount", "people"):
        if part in said.columns:
            found[part] = (_cell(one[part]), _cell(other[part]))
    found["time"] = (_day(one["reported_at"]), _day(other["reported_at"]))
    return found


def _cell(value: Any) -> str:
    if value is None or pd.isna(value):
        return ""
    text = f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"


def _day(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:%Y-%m-%d}"


def in_words(records: pd.DataFrame) -> list[str]:
    """One line for each record: which system, its number, when, which dispute."""
    lines = []
    for name, row in zip("甲乙", records.to_dict("records"), strict=True):
        label = "未发布" if pd.isna(row["source"]) else contract.load(row["source"]).label
        number = "" if pd.isna(row["source_record_id"]) else f" {row['source_record_id']}"
        dispute = "，不在任何纠纷" if row["dispute_id"] is None else f"，属纠纷 {row['dispute_id']}"
        lines.append(f"{name}：{row['event_id']}（{label}{number}，{_day(row['reported_at'])}{dispute}）")
    return lines


def dispute(warehouse: Path, dispute_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns a dispute's records in order of time with why each is there, and its links, the strongest first.

    Raises:
        LookupError: no such dispute is published.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        records = con.execute(
            """
            SELECT event_id, source, source_record_id, reported_at, link_kind, linked_event_id, match_probability,
                explanation
            FROM dispute_event WHERE dispute_id = $dispute_id ORDER BY reported_at, event_id
            """,
            {"dispute_id": dispute_id},
        ).df()
        links = con.execute(
            """
            SELECT link.event_id_l, link.event_id_r, link.match_weight, link.match_probability, link.decided_by,
                link.explanation
            FROM link
            JOIN dispute_event AS l ON l.event_id = link.event_id_l
            JOIN dispute_event AS r ON r.event_id = link.event_id_r AND r.dispute_id = l.dispute_id
            WHERE l.dispute_id = $dispute_id ORDER BY link.match_weight DESC, link.event_id_l, link.event_id_r
            """,
            {"dispute_id": dispute_id},
        ).df()
    if records.empty:
        raise LookupError(f"没有发布过纠纷 {dispute_id}；纠纷编号以 d_ 开头，见 dispute 表")
    return records, links


def linked(warehouse: Path, event_id: str) -> str | None:
    """Returns the record by which an event stands in its dispute; None for the first one, and for no dispute's."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = con.execute("SELECT linked_event_id FROM dispute_event WHERE event_id = $1", [event_id]).fetchone()
    return None if found is None else found[0]
