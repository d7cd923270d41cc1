"""Which records changed since the last linking: what is asked of the lake before `advancing.advance`.

Here: fingerprints of what matching compares and of how a matter ended. Not here: linking.
current_event, current_party, current_reference -> fingerprints; store's table ``known`` (event_id, n, compared, ending)
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from transforms.matching.records import COMPARED, ENDING, PARTY
from transforms.matching.store import Store

RECIPE = 1
"""Raise when a record is prepared otherwise than before: all stores are then made anew."""


@dataclass(frozen=True)
class Change:
    """``new``: records that are new or changed; ``gone``: events that are disputes' records no more; ``retired``:
    numbers that no longer stand for a record, ``retired_ever``: with those of earlier runs; ``first``: number of the
    first new record; ``standing``: records that a full linking counted."""

    new: int
    gone: list[str]
    retired: np.ndarray
    retired_ever: np.ndarray
    first: int
    standing: int

    def is_large(self, settings: dict[str, Any]) -> bool:
        """Is so much new that the lake is to be linked in full?"""
        limits = settings["incremental"]
        if self.standing < limits["smallest"]:
            return True
        since = self.first + self.new - self.standing
        return bool(max(since, len(self.retired_ever)) > limits["growth"] * self.standing)


def recipe(settings: dict[str, Any]) -> str:
    """Returns a fingerprint of what a store's content depends on beside the records."""
    made = json.dumps([RECIPE, duckdb.__version__, settings], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(made.encode()).hexdigest()[:16]


def fingerprints(con: Any) -> None:
    """Writes ``m_print``: event_id of every dispute's record, with a fingerprint of what is ``compared`` and one of its
    ``ending``."""
    con.execute(
        f"""
        create or replace temp table m_print as
        with party as (
            select event_id, bit_xor(hash({", ".join(PARTY)})) as parties, count(*) as party_rows from current_party
            group by event_id
        ), reference as (
            select event_id, bit_xor(hash(number, kind)) as numbers from current_reference group by event_id
        )
        select event_id, hash({", ".join(COMPARED)}, parties, party_rows, numbers) as compared,
               hash({", ".join(ENDING)}) as ending
        from current_event left join party using (event_id) left join reference using (event_id) where is_dispute
        """
    )


def write(con: Any, store: Store, numbered: str = "m_number") -> None:
    """Keeps the fingerprints of all records, with their numbers (null: not compared), in the store."""
    con.execute(
        f"copy (select event_id, n, compared, ending from m_print left join {numbered} using (event_id) "
        f"order by event_id) to '{store.segment('known', whole=True)}'"
    )


def changes(con: Any, store: Store, judged: Collection[str]) -> Change:
    """Finds what changed since the store was committed.

    Writes ``m_known`` (the store's fingerprints), ``m_only`` (event_id: new or changed, to be prepared), ``m_changed``
    (event_id: known ones whose number holds no more), ``m_retired`` (n, of this run and earlier ones), ``m_ended``
    (event_id, n: only the ending changed) and ``m_judged`` (event_id).
    """
    fingerprints(con)
    con.execute(f"create or replace temp table m_known as from {store.parquet('known')}")
    con.register("m_found", pd.DataFrame({"event_id": sorted(judged)}, dtype="str"))
    con.execute("create or replace temp table m_judged as select event_id::varchar as event_id from m_found")
    con.unregister("m_found")
    con.execute(
        """
        create or replace temp table m_only as
        select p.event_id from m_print p left join m_known k using (event_id)
        where k.event_id is null or k.compared <> p.compared
           or k.n is null and p.event_id in (select event_id from m_judged)
        """
    )
    gone = con.execute("select event_id from m_known anti join m_print using (event_id) order by 1").df()["event_id"]
    con.register("m_found", gone.to_frame())
    con.execute(
        "create or replace temp table m_changed as select event_id from m_known semi join m_only using (event_id) "
        "union all select event_id::varchar from m_found"
    )
    con.unregister("m_found")
    retired = (
        con.execute("select n from m_known semi join m_changed using (event_id) where n is not null order by n")
        .fetchnumpy()["n"]
        .astype(np.int64)
    )
    ever = np.concatenate([np.asarray(store.array("retired")), retired]) if "retired" in store else retired
    con.register("m_found", pd.DataFrame({"n": ever}))
    con.execute("create or replace temp table m_retired as select n from m_found")
    con.unregister("m_found")
    con.execute(
        """
        create or replace temp table m_ended as
        select event_id, k.n from m_print p join m_known k using (event_id)
        where k.ending <> p.ending and event_id not in (select event_id from m_only)
        """
    )
    [(new,)] = con.execute("select count(*) from m_only").fetchall()
    first = len(store.array("name_weight"))
    return Change(int(new), gone.tolist(), retired, ever, first, int(store.meta["statistics"]["records"]))
