"""Why two records are one dispute, in one Chinese sentence with the strongest reasons, nobody's number in it.

Here: reasons, kinds of link, and the two result tables. Not here: what each kind of evidence adds (`waterfall`), the
wording of a level (`comparisons`), ids (`identity`).
decided pairs, levels, membership -> core_link, core_dispute_event
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transforms import areas, category
from transforms.address import gazetteer
from transforms.matching import waterfall
from transforms.matching.comparisons import COMPARISONS, compare
from transforms.matching.model import Model
from transforms.matching.records import Records
from transforms.matching.trees import COLUMNS
from transforms.registered import Register

REASONS = 3
"""So many of the strongest reasons are told, and the time between the records."""

NAMES = ("place_name", "rare_name", "town_by_names")
"""Three ways to say that the same names stand in both texts: the strongest is told."""

SPOTS = ("room", "building", "number", "estate", "group", "landmark")
"""Levels of the place that name a spot. The names in the texts are then mostly its own: both are one reason."""

SAID = {"door": ("place", "room")}
"""A reason that says nothing new where the other comparison reached that level."""

LEAST = 0.1
"""What adds less than this (log2) is no reason."""

ROWS = 200_000
"""Pairs that are explained at one time."""

LONG = 35
"""From so many days on, time that speaks against a link is told as such."""

WEAK = "单看这一对依据不足，由同一纠纷的其他记录相连"
NONE = "没有突出的一项，各项合计相近"

KINDS = {
    "earlier": "旧工单编号相连",
    "repeat_of": "官方标为重复",
    "related": "官方编号关联",
    "transfer": "移送编号相连",
    "mentioned": "文字中提到对方编号",
}


DECIDED_BY = ("model", "number", "verdict")
"""What decides a pair: the model, an official number, a person; `Decided.by` holds the place in this list."""

BY_MODEL, BY_NUMBER, BY_VERDICT = range(len(DECIDED_BY))


@dataclass(frozen=True)
class Decided:
    """Pairs of record numbers ``left`` < ``right`` with their ``weight`` (log2 odds), what decided them (``by``), and
    whether they must not be one dispute (``is_forbidden``)."""

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    by: np.ndarray
    is_forbidden: np.ndarray


def describe(
    con: Any,
    records: Records,
    frame: pd.DataFrame,
    member: pd.DataFrame,
    decided: Decided,
    model: Model,
    settings: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Writes the reasons of every pair inside a dispute, and what each record is to its dispute.

    Args:
        con: connection with ``m_record`` and ``m_reference``.
        records: the store's arrays.
        frame: the records to describe, with ``n``.
        member: their disputes, row by row.
        decided: pairs among them.
        model: what weighed the pairs.
        settings: see settings.yml.

    Returns:
        `core_link` rows (pairs that speak for one dispute, all inside one, and all that a person judged) and
        `core_dispute_event` rows.
    """
    place = np.full(int(frame["n"].max()) + 1, -1)
    place[frame["n"]] = np.arange(len(frame))
    dispute = pd.factorize(member["dispute_id"])[0]
    inside = dispute[place[decided.left]] == dispute[place[decided.right]]
    told = inside | (decided.weight > 0) | (decided.by == BY_VERDICT)
    kept = pd.DataFrame(
        {
            "l": decided.left[told],
            "r": decided.right[told],
            "weight": decided.weight[told].astype(float).round(4),
            "decided_by": pd.Categorical.from_codes(decided.by[told], DECIDED_BY).astype("str"),
            "inside": inside[told],
        }
    )
    con.register("m_kept", kept)
    con.execute("create or replace temp table m_link as select * from m_kept order by l, r")
    con.unregister("m_kept")
    area = areas.table()[["area_code", "area_name"]]
    named = category.table()[["category_code", "category_name"]]
    given = {
        "m_category": named[~named["category_code"].str.endswith("99")],
        "m_area": area,
        "m_told": frame[["n", "event_id", "source"]],
    }
    for name, table in given.items():
        con.register(name, table)
    _said(con)
    _firms(con, most=max(settings["text"]["office_records"], len(records) * settings["text"]["office_share"]))
    _places(con)
    _without_persons(con)
    sentences = _sql(settings)
    explained = pd.concat(
        [_explain(con, records, model, start, sentences) for start in range(0, max(len(kept), 1), ROWS)]
    )
    explained["l"], explained["r"] = place[explained["l"]], place[explained["r"]]
    for name in given:
        con.unregister(name)
    one, other = (frame["event_id"].to_numpy()[explained[side]] for side in ("l", "r"))
    swapped = one > other  # numbers follow the order of arrival, the published pair does not
    link = pd.DataFrame(
        {
            "event_id_l": np.where(swapped, other, one),
            "event_id_r": np.where(swapped, one, other),
            "match_probability": 1 / (1 + np.exp2(-explained["weight"].clip(-60, 60))),
            "match_weight": explained["weight"],
            "explanation": explained["explanation"],
            "decided_by": explained["decided_by"],
        }
    ).sort_values(["event_id_l", "event_id_r"], kind="stable", ignore_index=True)
    return link, _dispute_event(frame, member, explained)


def _explain(con: Any, records: Records, model: Model, start: int, sentences: str) -> pd.DataFrame:
    """Explains the `ROWS` pairs of ``m_link`` from the place ``start`` on."""
    con.execute(
        f"create or replace temp view m_stretch as from m_link where rowid >= {start} and rowid < {start + ROWS}"
    )
    compare(con, records, pairs="(select l, r from m_stretch)", into="m_vector")
    _contributions(con, model)
    explained: pd.DataFrame = con.execute(sentences).df()
    return explained


def _contributions(con: Any, model: Model) -> None:
    """Writes ``m_adds``: what each kind of evidence adds to the weight of each pair of ``m_stretch``."""
    columns = ", ".join(f"v.{name}" for name in COLUMNS)
    kept = (
        f"select v.l, v.r, {columns} from m_vector v semi join m_stretch k on k.l = v.l and k.r = v.r order by v.l, v.r"
    )
    vectors = con.execute(kept).df()
    _, parts = waterfall.take_apart(model, vectors)
    con.register("m_taken", pd.concat([vectors[["l", "r"]], parts.astype("float32")], axis=1))
    con.execute("create or replace table m_adds as select * from m_taken")
    con.unregister("m_taken")


def _said(con: Any) -> None:
    """Writes ``m_said``: what the sentences may name of each linked record; of one that is to be kept confidential no
    more than the village."""
    con.execute(
        """
        create or replace table m_said as
        select m.n, m.source, e.channel, e.reported_at::date as reported_on,
               coalesce(e.is_confidential, false) as is_confidential,
               if(is_confidential, null, e.estate) as estate, if(is_confidential, null, e.road) as road,
               if(is_confidential, null, e.road || e.road_number || if(e.road_number[-1] = '号', '', '号')) as number,
               if(is_confidential, null, e.building) as building, if(is_confidential, null, e.unit) as unit,
               if(is_confidential, null, e.landmark) as landmark,
               if(is_confidential, null, e.group_number) as team,
               regexp_replace(regexp_replace(village.area_name, '(社区)?(居民委员会|居委会)$', '社区'),
                   '村?(村民委员会|村委会)$', '村') as village, town.area_name as town, e.category_code as category,
               regexp_extract(e.source_category, '[/＞>|—-]([^/＞>|—0-9-]{2,12})$', 1) as leaf,
               if(leaf = '' or contains(leaf, '其他'), null, leaf) as own_category,
               e.amount,
               coalesce(e.headcount, e.persons_involved) as people
        from m_told m join current_event e using (event_id)
        left join m_area village on village.area_code = e.village_code
        left join m_area town on town.area_code = e.town_code
        where m.n in (select l from m_link union select r from m_link)
        """
    )


def _firms(con: Any, *, most: float) -> None:
    """Writes ``m_firm``: the firm that both records of a link name, if there is one that at most ``most`` records
    name."""
    con.execute(
        """
        create or replace table m_firm as
        with rare as (
            select organisation_key as key from current_party where kind = 'organisation'
            group by key having count(distinct event_id) <= $most
        ), named as (
            select m.n, p.organisation_key as key, min(p.name_masked) as name
            from current_party p join m_told m using (event_id) join m_said s on s.n = m.n and not s.is_confidential
            semi join rare on rare.key = p.organisation_key
            where p.kind = 'organisation' and length(p.organisation_key) >= 2 group by all
        ), listed as (
            select n, list(key order by length(key) desc, key) as keys from named group by n
        ), shared as (
            select k.l, k.r, list_filter(one.keys, lambda x: list_contains(other.keys, x))[1] as key
            from m_link k join listed one on one.n = k.l join listed other on other.n = k.r
        )
        select s.l, s.r, if(one.name = other.name, one.name, s.key) as firm
        from shared s join named one on one.n = s.l and one.key = s.key
        join named other on other.n = s.r and other.key = s.key
        """,
        {"most": most},
    )


COMMON = 0.05
"""A place that more of the linked records write of says nothing: 居民小区."""

_NO_NAME = (
    "[的了在是与把被从到为就也都还又于我你他她您们该本某各其及一二三四五六七八九十]|位于|家住|住在|关于|反映|投诉|举报|请问|请求|附近|周边|旁边|隔壁|"
    "整个|居民|业主|住宅|老旧|所有|多个|楼盘|[A-Za-z0-9]+[区县市镇乡]"
)
"""What is no part of a place's name in running text, so that 我是丽发新城的业主 writes of 丽发新城."""

_DIVISION = "([\\p{Han}]{2}(?:街道|[县镇乡]))"


def _places(con: Any) -> None:
    """Writes ``m_written``: the name of an estate, school, market or road that both texts of a link write, as they are
    published; the longest one, at full length in one of the two. For letters, which have no address."""
    rules = gazetteer.rules()
    words = [*(word for word in rules["estates"] if len(word) > 1 or word in "苑郡"), "大道", "路"]
    ends = "|".join(sorted(words, key=lambda word: (-len(word), word)))
    con.execute(
        f"""
        create or replace table m_written as
        with said as (
            select s.n, regexp_replace(regexp_replace(concat_ws(' ', e.title_published, e.text_published),
                       '{_DIVISION}', '\\1 ', 'g'), '{_NO_NAME}', ' ', 'g') as text
            from m_said s join m_told m using (n) join current_event e using (event_id)
            where not s.is_confidential
        ), name as (
            select distinct n, unnest(regexp_extract_all(text, '[\\p{{Han}}]{{2,8}}?(?:{ends})')) as name from said
        ), form as (
            select n, substr(name, start) as form, bool_or(start = 1) as is_whole
            from (select n, name, unnest(range(1, length(name) - 1)) as start from name) group by all
            having regexp_full_match(form, '.{{2,}}(?:{ends})')
        ), rare as (
            select form from form group by form
            having count(*) between 2 and greatest(30, {COMMON} * (select count(*) from said))
        ), listed as (
            select n, list(form order by length(form) desc, form) as forms,
                   coalesce(list(form) filter (where is_whole), []) as whole
            from form semi join rare using (form) group by n
        )
        select k.l, k.r, list_filter(one.forms, lambda x: list_contains(other.forms, x)
                         and (list_contains(one.whole, x) or list_contains(other.whole, x)))[1] as written
        from m_link k join listed one on one.n = k.l join listed other on other.n = k.r
        where written is not null
        """
    )


def _without_persons(con: Any) -> None:
    """Takes out of ``m_firm`` and ``m_written`` what holds the name of a person whom any record registers: a text taken
    for a firm's name may."""
    named = con.execute("select distinct firm from m_firm union select distinct written from m_written").df()["firm"]
    cuts = {text[at : at + size] for text in named for size in range(2, 7) for at in range(len(text) - size + 1)}
    con.register("m_cut", pd.DataFrame({"name": pd.Series(sorted(cuts), dtype="str")}))
    names = con.execute(
        "select distinct name from current_party semi join m_cut using (name) "
        "where kind = 'person' and is_full_name and role <> 'mentioned' order by name"
    ).df()["name"]
    con.unregister("m_cut")
    hidden = Register(names).hide(named.tolist())
    con.register("m_named", pd.DataFrame({"name": named[[a != b for a, b in zip(named, hidden, strict=True)]]}))
    con.execute("delete from m_firm where firm in (select name from m_named)")
    con.execute("delete from m_written where written in (select name from m_named)")
    con.unregister("m_named")


_NAMED = {
    "days": "abs(date_diff('day', l.reported_on, r.reported_on))",
    "span": "case days when 0 then '同一天' else '相隔' || days || '天' end",
    "is_hidden": "l.is_confidential or r.is_confidential",
    "same_estate": "case when l.estate = r.estate or contains(r.estate, l.estate) then l.estate "
    "when contains(l.estate, r.estate) then r.estate end",
    "spot": "coalesce(same_estate, if(l.number = r.number, l.number, null))",
    "block": "if(l.building = r.building, l.building || if(l.unit = r.unit, l.unit, ''), null)",
    "alike": "'地点名称相近（' || l.estate || '、' || r.estate || '）'",
    "road": "if(l.road = r.road, l.road, null)",
    "landmark": "if(l.landmark = r.landmark, l.landmark, null)",
    "team": "if(l.team = r.team, l.team, null)",
    "village": "if(l.village = r.village, l.village, null)",
    "town": "if(l.town = r.town, l.town, null)",
    "matter": "coalesce(if(l.own_category = r.own_category, l.own_category, null), c.category_name)",
    "people": "if(l.people = r.people, l.people::varchar, null)",
    "money": "if(l.amount = r.amount, if(l.amount >= 10000, format('{:.6g}万元', l.amount / 10000), "
    "format('{:.6g}元', l.amount)), null)",
    "written": "w.written",
    "firm": "if(contains(same_estate, f.firm) or starts_with(f.firm, l.village), null, f.firm)",
}
"""What the sentences of `comparisons` may name: null where the two records do not agree in it, or may not tell it."""


def _sql(settings: dict[str, Any]) -> str:
    """Reasons are sorted by what they add to the pair's weight, of one kind the strongest is told; what weighs against,
    or hardly, is no reason. Time is a circumstance, told of every pair, after them."""
    reasons, texts = [], []
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        cases = [
            f"when level_{comparison.name} = {last - number} then {level.sentence}"
            for number, level in enumerate(comparison.levels)
            if level.sentence
        ]
        if comparison.name in SAID:
            other, code = SAID[comparison.name]
            cases.insert(0, f"when level_{other} = {_level(other, code)} then null")
        adds = f"coalesce(adds_{comparison.name}, 0)"
        if comparison.name in NAMES:
            cases.insert(0, "when is_placed then null")
        if comparison.name == "place":
            adds += f" + if(is_placed, {' + '.join(f'greatest(adds_{name}, 0)' for name in NAMES)}, 0)"
        kind = "names" if comparison.name in NAMES else comparison.name
        text = f"(case {' '.join(cases)} end)::varchar"
        if comparison.name == "time":
            time = f"if({adds} < 0 and days > {LONG}, '虽', '') || {text}"
        else:
            text = f"if({adds} >= {LEAST}, {text}, null)"
            kind = f"if(starts_with(text_{comparison.name}, '都涉及'), 'firm', '{kind}')"
            texts.append(f"{text} as text_{comparison.name}")
            reasons.append(f"{{'adds': ({adds})::double, 'kind': {kind}, 'text': text_{comparison.name}}}")
    kinds = " ".join(f"when '{kind}' then '{text}'" for kind, text in KINDS.items())
    patterns = "|".join(settings["transfer_channels"])
    spots = ", ".join(str(_level("place", code)) for code in SPOTS)
    # what later columns ask for stands in a step of its own: DuckDB works an alias out anew wherever it is used
    return f"""
        with compared as (
            select k.l as n_l, k.r as n_r, k.weight as total, k.decided_by, k.inside, e.kind as number_kind,
                   regexp_matches(concat(l.channel, r.channel), '{patterns}') as is_handed_over,
                   l.source <> r.source as is_across,
                   {", ".join(f"v.{c.name} as level_{c.name}, p.{c.name} as adds_{c.name}" for c in COMPARISONS)},
                   {", ".join(f"{sql} as {name}" for name, sql in _NAMED.items())}
            from m_stretch k
            join m_said l on l.n = k.l join m_said r on r.n = k.r
            left join m_vector v on v.l = k.l and v.r = k.r
            left join m_adds p on p.l = k.l and p.r = k.r
            left join m_category c on c.category_code = l.category and l.category = r.category
            left join m_reference e on e.l = k.l and e.r = k.r
            left join m_firm f on f.l = k.l and f.r = k.r
            left join m_written w on w.l = k.l and w.r = k.r
        ), placed as (
            select *, adds_place >= {LEAST} and level_place in ({spots}) as is_placed from compared
        ), worded as (
            select *, {time} as time, {", ".join(texts)} from placed
        ), sorted as (
            select *, list_sort(list_filter([{", ".join(reasons)}], lambda x: x.text is not null), 'desc') as speaking
            from worded
        ), kept as (
            select *, list_transform(speaking, lambda x: x.kind) as kinds from sorted
        ), told as (
            select *, list_filter(speaking, lambda x, i: list_position(kinds, x.kind) = i)[:{REASONS}] as strongest
            from kept
        )
        select n_l as l, n_r as r, total as weight, decided_by, inside, number_kind as kind, is_handed_over,
               level_person as person, is_across,
               if(decided_by = 'verdict' and total <= 0, '人工裁定为不同纠纷', array_to_string(list_filter(
                   [if(decided_by = 'verdict', '人工裁定为同一纠纷', null),
                    if(number_kind is not null, case number_kind {kinds} else '官方编号关联' end, null)]
                   || list_transform(strongest, lambda x: x.text)
                   || [time, if(decided_by = 'model' and total <= 0, '{WEAK}',
                       if(len(strongest) = 0 and decided_by = 'model', '{NONE}', null))],
                   lambda x: x is not null), '；')) as explanation
        from told order by n_l, n_r
    """


def _dispute_event(frame: pd.DataFrame, member: pd.DataFrame, explained: pd.DataFrame) -> pd.DataFrame:
    order = pd.DataFrame(
        {
            "n": np.arange(len(frame)),
            "dispute_id": member["dispute_id"].to_numpy(),
            "reported_at": frame["reported_at"].to_numpy(),
            "event_id": frame["event_id"].to_numpy(),
        }
    ).sort_values(["dispute_id", "reported_at", "event_id"], kind="stable")
    position = pd.Series(np.arange(len(order)), index=order["n"].to_numpy()).sort_index().to_numpy()
    is_first = ~order.duplicated("dispute_id")
    first = pd.Series(is_first.to_numpy(), index=order["n"].to_numpy()).sort_index().to_numpy()
    pairs = explained[explained["inside"]].reset_index(drop=True)
    rank = pairs["decided_by"].map({"verdict": 2, "number": 1, "model": 0})
    ends = pd.DataFrame({"weight": pairs["weight"], "rank": rank, "pair": np.arange(len(pairs))})
    both = pd.concat(
        [ends.assign(n=pairs["l"], other=pairs["r"]), ends.assign(n=pairs["r"], other=pairs["l"])], ignore_index=True
    )
    both["is_earlier"] = position[both["other"]] < position[both["n"]]
    both = both.sort_values(
        ["n", "is_earlier", "rank", "weight", "other"], ascending=[True, False, False, False, True]
    ).drop_duplicates("n")
    told = pairs[["kind", "is_handed_over", "person", "is_across", "explanation"]].iloc[both["pair"]]
    best = both.set_index("n").join(told.set_index(both["n"])).reindex(np.arange(len(frame)))
    same_person = best["person"].fillna(-1).to_numpy() >= _level("person", "partial")
    across = best["is_across"].fillna(False).to_numpy(bool)
    handed = across & (best["kind"].notna().to_numpy() | best["is_handed_over"].fillna(False).to_numpy(bool))
    kind = np.select([first, handed, same_person], ["first", "transfer", "repeat"], "same_matter")
    other = best["other"]
    described = pd.DataFrame(
        {
            "dispute_id": member["dispute_id"].to_numpy(),
            "event_id": frame["event_id"].to_numpy(),
            "source": frame["source"].to_numpy(),
            "source_record_id": frame["source_record_id"].to_numpy(),
            "link_kind": kind,
            "match_probability": np.where(
                first, 1.0, 1 / (1 + np.exp2(-best["weight"].clip(-60, 60).fillna(0).to_numpy()))
            ),
            "explanation": pd.Series(best["explanation"].to_numpy(), dtype="str")
            .fillna("与本纠纷的其他记录间接相连")
            .where(~first, "本纠纷的首条记录")
            .to_numpy(),
            "linked_event_id": np.where(
                first | other.isna().to_numpy(), None, frame["event_id"].to_numpy()[other.fillna(0).astype(int)]
            ),
            "recurrence_of": member["recurrence_of"].to_numpy(),
        }
    )
    return described.sort_values("event_id", kind="stable", ignore_index=True)


def alone(frame: pd.DataFrame, member: pd.DataFrame) -> pd.DataFrame:
    """Returns `core_dispute_event` rows of records that nothing could be compared of."""
    nothing = pd.DataFrame(
        {name: pd.Series(dtype=kind) for name, kind in (
            ("l", int), ("r", int), ("weight", float), ("decided_by", "str"), ("inside", bool), ("kind", "str"),
            ("is_handed_over", bool), ("person", float), ("is_across", bool), ("explanation", "str"),
        )}
    )  # fmt: skip
    return _dispute_event(frame, member, nothing)


def _level(name: str, code: str) -> int:
    comparison = next(c for c in COMPARISONS if c.name == name)
    codes = [level.code for level in comparison.levels]
    return len(codes) - 1 - codes.index(code)
