"""Which pairs are worth comparing: blocking by exploding keys, bounded however large a block grows.

Here: the keys, the caps, and a report of both. Not here: how alike a pair is (`comparisons`).
A record gives one key for each thing that it holds (phone, name, place, rare word ...); records that share a key are
candidates. A block above the cap is not dropped: its records, ordered by time, meet the next few of their own class
and the next few of any, so that the number of candidates grows with the records and never with their square.
m_record, m_word_key -> m_key -> m_pair (l, r, rules)
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from transforms.matching.store import Store

RULES = {
    "number": "官方编号",
    "phone": "电话",
    "id": "证件",
    "name": "姓名同区县",
    "sound": "姓名同音同乡镇",
    "organisation": "单位",
    "room": "房号",
    "door": "楼栋房号同区县",
    "house": "门牌号与类别",
    "estate": "小区与楼栋",
    "road": "道路与门牌",
    "group": "村民小组",
    "village": "村社区与类别",
    "town": "乡镇与小类",
    "landmark": "地标",
    "place_name": "本地地名用词",
    "words": "罕见用词",
    "title": "标题用词",
}
"""Rules and their Chinese labels; a pair's ``rules`` has bit i set for the i-th of them."""

BIT = {name: number for number, name in enumerate(RULES)}
"""Which bit of a pair's ``rules`` each rule has."""

WEAK = ("village", "town", "place_name", "words", "title")
"""Rules under which many records meet that have nothing else in common: they propose within a window of time, and what
they alone propose must be about one matter, see `plausible`."""

UNLIKELY_TOPIC = -2.0
ALIKE = 0.13
SAME_NAMES = 0.2

MOST_PARTNERS = 60
"""Likely partners of a record through which others meet, see `complete`."""

_ROWS = 2_000_000
"""Keys whose pairs are worked out at one time: memory does not grow with the lake."""

KEYS = {
    "phone": "select unnest(list_distinct(list_concat(coalesce(r_phones, []), coalesce(o_phones, [])))) as a, "
    "null as b, null as c, n from m_record",
    "id": "select unnest(list_distinct(list_concat(coalesce(r_ids, []), coalesce(o_ids, [])))), null, null, n "
    "from m_record",
    "name": "select unnest(list_distinct(list_concat(coalesce(r_names, []), coalesce(o_names, [])))), county, null, n "
    "from m_record",
    "sound": "select unnest(list_distinct(list_concat(coalesce(r_sounds, []), coalesce(o_sounds, [])))), town, null, n "
    "from m_record where town is not null",
    "organisation": "select unnest(organisations), null, null, n from m_record",
    "room": "select estate || coalesce(road, ''), concat_ws('-', building, unit, room), county, n from m_record "
    "where room is not null and coalesce(estate, road, building) is not null",
    "door": "select unnest(doors), county, null, n from m_record where doors is not null",
    "house": "select unnest(houses), town, class, n from m_record where houses is not null and town is not null",
    "estate": "select estate, building, county, n from m_record where estate is not null",
    "road": "select road, road_number, county, n from m_record where road is not null and road_number is not null",
    "group": "select village, group_number, null, n from m_record "
    "where village is not null and group_number is not null",
    "village": "select village, class, null, n from m_record where village is not null and class is not null",
    "town": "select town, category, null, n from m_record where town is not null and category is not null",
    "landmark": "select landmark, town, null, n from m_record where landmark is not null",
}
"""SQL per rule: three parts of the key and the record number. A part may be null; the first may not."""


def block(con: Any, store: Store, settings: dict[str, Any], *, first: int | None = None) -> pd.DataFrame:
    """Fills ``m_pair`` (l < r, rules) with the candidate pairs, and adds the records' keys to the store.

    Args:
        con: connection with ``m_record`` and ``m_word_key`` of the records whose keys are new, ``m_reference`` (l, r),
            and, where ``first`` is given, ``m_retired`` (n).
        store: holds the keys of all records before them.
        settings: see settings.yml.
        first: number of the first new record: only pairs with a new record are wanted. None: all records are new.

    Returns:
        One row per rule: ``rule``, ``label``, ``keys``, ``largest_block``, ``pairs``, ``only_here``.
    """
    chosen = settings["blocking"]
    before = "" if first is None else store.parquet("key")
    write_keys(con, store)
    standing = ""
    if first is not None:
        standing = (
            f"union all select rule, key, n, class, day from {before} "
            "semi join m_key using (rule, key) anti join m_retired using (n)"
        )
    cap, near = chosen["block_cap"], chosen["neighbours"]
    # a key that only one record holds proposes nothing; records of a block are numbered by time, and among their class
    con.execute(
        f"""
        create or replace temp table m_block as
        select *, if(size > {cap}, (row_number() over (partition by rule, key order by day, n))::int, null) as position,
               if(size > {cap}, (row_number() over same_class)::int, null) as in_class
        from (
            select *, (count(*) over (partition by rule, key))::int as size from (
                select rule, key, n, class, day from m_key join m_record using (n) {standing}
            ) qualify size > 1
        )
        window same_class as (partition by rule, key, class order by day, n)
        """
    )
    con.execute("drop table m_key")
    con.execute("create or replace temp table m_pair (l integer, r integer, rules integer, part integer)")
    [(rows,)] = con.execute("select count(*) from m_block").fetchall()
    parts = 1 + rows // _ROWS
    wanted = "true" if first is None else f"greatest(l.n, r.n) >= {first}"
    weak = ", ".join(str(BIT[rule]) for rule in WEAK)
    soon = f"(l.rule not in ({weak}) or l.size <= {chosen['small_block']} or r.day - l.day <= {chosen['window_days']})"
    # the earlier record of a pair is the same under every rule: each part sees all that proposes its pairs
    for part in range(parts):
        con.execute(
            f"""
            insert into m_pair
            with one as (select * from m_block where n % {parts} = {part}),
            next as (select *, unnest(range(1, {near} + 1)) as step from one where size > {cap}),
            found as (
                select l.n as l, r.n as r, l.rule from one l join m_block r on l.rule = r.rule and l.key = r.key
                where l.size <= {cap} and (l.day < r.day or l.day = r.day and l.n < r.n) and {soon} and {wanted}
                union all
                select l.n, r.n, l.rule from next l
                join m_block r on r.rule = l.rule and r.key = l.key and r.position = l.position + l.step
                where {soon} and {wanted}
                union all
                select l.n, r.n, l.rule from next l
                join m_block r
                on r.rule = l.rule and r.key = l.key and r.class = l.class and r.in_class = l.in_class + l.step
                where {soon} and {wanted}
            )
            select l, r, rules, {part} from (
                select least(l, r) as l, greatest(l, r) as r, bit_or(1 << rule::integer) as rules
                from found group by found.l, found.r
            ) anti join m_reference using (l, r)
            """
        )
    con.execute(f"insert into m_pair select l, r, {1 << BIT['number']}, 0 from m_reference where r >= {first or 0}")
    report = _report(con)
    con.execute("drop table m_block")
    return report


def write_keys(con: Any, store: Store) -> None:
    """Writes the keys of ``m_record`` into ``m_key`` (rule, key, n), and with class and day as the store's next segment
    of ``key``."""
    con.execute("create or replace temp table m_key (rule utinyint, key ubigint, n integer)")
    for rule, sql in KEYS.items():
        con.execute(
            f"insert into m_key select distinct {BIT[rule]}, "
            f"hash({BIT[rule]}, a::varchar, b::varchar, c::varchar), n from ({sql}) as t(a, b, c, n) "
            "where a is not null"
        )
    bits = " ".join(f"when '{rule}' then {bit}" for rule, bit in BIT.items())
    con.execute(f"insert into m_key select distinct case rule {bits} end, key, n from m_word_key")
    con.execute("drop table m_word_key")
    con.execute(
        f"copy (select rule, key, n, class, day from m_key join m_record using (n) order by rule, key, n) "
        f"to '{store.segment('key')}'"
    )


def _report(con: Any) -> pd.DataFrame:
    found = con.execute(
        "select rule, count(distinct key) as keys, max(size) as largest from m_block group by rule"
    ).fetchall()
    counts = ", ".join(
        f"count(*) filter (rules & {1 << bit} > 0), count(*) filter (rules = {1 << bit})" for bit in BIT.values()
    )
    [pairs] = con.execute(f"select {counts} from m_pair").fetchall()
    return report(
        {rule: (keys, largest) for rule, keys, largest in found}, list(zip(pairs[::2], pairs[1::2], strict=True))
    )


def report(blocks: Mapping[int, tuple[int, int]], pairs: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Returns what `block` returns.

    Args:
        blocks: keys that two records or more share, and the largest block, by the rule's bit.
        pairs: per rule the pairs that it proposes, and those that no other does.
    """
    rows = [(rule, RULES[rule], *blocks.get(bit, (0, 0)), *pairs[bit]) for rule, bit in BIT.items()]
    return pd.DataFrame(rows, columns=["rule", "label", "keys", "largest_block", "pairs", "only_here"])


def plausible(rules: np.ndarray, topic: np.ndarray, words: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Tells which candidates are worth the full comparison: a word, a village or a town in common proposes many pairs,
    and those whose matters are evidently different are left out, as blocking on the matter would have done.

    On simulated exports this drops over half of all candidates and one in 250 of the pairs that would have matched.

    Args:
        rules: see `RULES`.
        topic: natural log of how much likelier one topic is than two, NaN unknown; see `comparisons.measured`.
        words: cosine of the texts, NaN unknown.
        names: share of place and party names in common, NaN unknown.
    """
    only_weak = (rules & ~sum(1 << BIT[rule] for rule in WEAK)) == 0
    return np.asarray(~(only_weak & (topic < UNLIKELY_TOPIC) & ~(words >= ALIKE) & ~(names >= SAME_NAMES)))


def complete(con: Any, left: np.ndarray, right: np.ndarray, *, compared: str) -> tuple[np.ndarray, np.ndarray]:
    """Finds what blocking left out between records that share a likely partner.

    Average linkage counts a pair that was never compared as a disagreement, so a capped block would tear a dispute of
    many callers apart; here its members meet.

    Args:
        con: DuckDB connection.
        left: record of each pair that is likely one dispute.
        right: the other record.
        compared: table of the pairs (l, r) that were compared.

    Returns:
        Record numbers of the pairs to compare, l < r, in order.
    """
    con.register("m_likely", pa.table({"l": left, "r": right}))
    found = con.execute(
        f"""
        with twoway as (select l as a, r as b from m_likely union all select r, l from m_likely),
             bounded as (select * from twoway qualify row_number() over (partition by a order by b) <= {MOST_PARTNERS}),
             found as materialized (
                 select distinct x.b as l, y.b as r from bounded x join bounded y on x.a = y.a and x.b < y.b
             )
        select l::bigint as l, r::bigint as r from found
        anti join (select p.l, p.r from {compared} p semi join found using (l, r)) using (l, r) order by l, r
        """
    ).fetchnumpy()
    con.unregister("m_likely")
    return found["l"], found["r"]
