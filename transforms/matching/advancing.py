"""Linking what came since the last run, without linking history again.

Here: which records are new or changed, which disputes they can touch, and the merge of the result with what stands.
Not here: the steps themselves, which are those of a full linking (`linking`).
What a full linking counted over the lake is held (`statistics`), and so is the model; a new record is then compared
with the standing ones as a full linking would have compared them. Only disputes that a new pair can touch, the
connected components of likely pairs, are clustered and named anew.
store, changed records -> link, dispute_event, ledger
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from transforms.matching import candidates, clusters, comparisons, explanations, standing
from transforms.matching import model as models
from transforms.matching.linking import SETTINGS, Matched, Run, everyone, identify, labels, references, said
from transforms.matching.records import number, prepare
from transforms.matching.scoring import Edges, Said, among, cluster, completed, decide, score_parts
from transforms.matching.statistics import Statistics
from transforms.matching.store import Store

LARGE = 2_000
"""From so many records on, a component of likely pairs is no longer clustered whole for one day's records."""


def advance(
    con: Any,
    store: Store,
    *,
    as_of: datetime,
    run_id: str,
    link: pd.DataFrame,
    previous: pd.DataFrame,
    ledger: pd.DataFrame,
    verdicts: pd.DataFrame | None = None,
    settings: dict[str, Any] | None = None,
) -> Matched | None:
    """Links the records that are new or changed since the store was committed to the standing disputes and to each
    other.

    Args:
        con: as for `linking.match`.
        store: of the last run; grows, and counts once the caller commits it.
        as_of: the run's now.
        run_id: what this run is called in the ledger.
        link: `core_link` of the last run.
        previous: `core_dispute_event` of the last run.
        ledger: `core_ledger` of the last run.
        verdicts: see `linking.match`.
        settings: instead of settings.yml.

    Returns:
        The whole tables after the run, or None where the lake is to be linked in full: the store was made by another
        version or other settings, or so many records are new that what was counted over the lake no longer holds.
    """
    run = Run(as_of, run_id, previous, ledger, verdicts, settings or SETTINGS)
    if store.meta.get("recipe") != standing.recipe(run.settings):
        return None
    change = standing.changes(con, store, run.judged)
    if change.is_large(run.settings):
        return None
    first = len(store.array("name_weight"))
    number(con, judged=run.judged, only="m_only", first=first)
    con.execute(
        "create or replace temp table m_known_number as select event_id, n from m_number union all "
        "select event_id, n from m_known anti join m_changed using (event_id) where n is not null"
    )
    records, statistics = prepare(con, store, run.settings, Statistics.read(store))
    statistics.write_counts(store)
    references(con, first=first)
    comparisons.register(con)
    blocking = candidates.block(con, store, run.settings, first=first)
    _load(con, store, first, con.execute("select distinct l from m_pair").fetchnumpy()["l"])
    model = models.Model.from_json(store.meta["model"])
    old = Edges.read(store)
    fresh = score_parts(con, records, model, run.settings)
    judged = said(con, run, "m_known_number")
    nodes = _touched(con, old, fresh, judged, _groups(con, previous, len(records)), change)
    _load(con, store, first, np.flatnonzero(nodes[:first]))
    kept = old[np.flatnonzero(nodes[old.left] & nodes[old.right])]
    inside = Edges.together([kept, fresh[np.flatnonzero(nodes[fresh.left] & nodes[fresh.right])]])
    whole = completed(con, records, model, run.settings, inside, first=first)
    is_inside = among(whole.left, whole.right, inside.left, inside.right)
    more = Edges.together([fresh, whole[np.flatnonzero(~is_inside)]])
    more.write(store)
    decided = decide(whole, judged)
    con.register("m_found", pa.table({"n": np.flatnonzero(nodes)}))
    con.execute(
        "create or replace temp table m_everyone as select event_id from m_known_number semi join m_found using (n) "
        "union select event_id from m_bare union select event_id from m_ended where n is null"
    )
    con.unregister("m_found")
    people = everyone(con, len(records), "m_known_number")
    touched = pd.Index(people["event_id"]).union(pd.Index(change.gone))
    earlier = replace(run, previous=previous[previous["event_id"].isin(people["event_id"])])
    if len(people):
        named = identify(people, labels(people, cluster(decided, len(records), run.settings)), earlier)
        ours, member = explanations.describe(con, records, people, named.member, decided, model, run.settings)
        ledger = named.ledger
    else:
        ours, member = link.iloc[:0], previous.iloc[:0]
    standing.write(con, store, "m_known_number")
    store.append("retired", change.retired)
    apart = ~(link["event_id_l"].isin(touched) | link["event_id_r"].isin(touched))
    links = pd.concat([link[apart], ours], ignore_index=True).sort_values(["event_id_l", "event_id_r"], kind="stable")
    members = pd.concat([previous[~previous["event_id"].isin(touched)], member], ignore_index=True)
    members = members.sort_values("event_id", kind="stable", ignore_index=True)
    report = {
        "mode": "incremental",
        "records": len(members),
        "new": change.new,
        "retired": len(change.retired),
        "touched": len(people),
        "candidates": int(con.execute("select count(*) from m_pair").fetchall()[0][0]),
        "compared": len(more.left),
        "links": len(links),
        "disputes": int(members["dispute_id"].nunique()),
        "largest_dispute": int(members.groupby("dispute_id").size().max()) if len(members) else 0,
        "blocking": blocking.to_dict("records"),
        "model": model.trained,
    }
    return Matched(links.reset_index(drop=True), members, ledger, store.meta["model"], report, store)


def _load(con: Any, store: Store, first: int, numbers: np.ndarray) -> None:
    """Adds standing records to ``m_record``, those that it does not hold yet."""
    con.register("m_found", pa.table({"n": numbers[numbers < first].astype(np.int64)}))
    con.execute(
        f"insert into m_record select * from {store.parquet('record')} semi join m_found using (n) "
        "anti join m_record using (n)"
    )
    con.unregister("m_found")


def _touched(
    con: Any,
    old: Edges,
    fresh: Edges,
    judged: Said,
    group: np.ndarray,
    change: "standing.Change",
) -> np.ndarray:
    """Tells, per record number, whether something new may move it.

    That is every record in a component of likely pairs with something new in it. In components of more than `LARGE`
    records, where likely pairs chain through a third of a city's records, it is the disputes that something new has a
    likely pair with.
    """
    count = len(group)
    alive = np.ones(count, bool)
    alive[change.retired_ever] = False
    likely = np.flatnonzero(old.weight > 0)
    left, right = old.left[likely], old.right[likely]
    lost = np.concatenate([right[~alive[left]], left[~alive[right]]])
    holds = alive[left] & alive[right]
    new = fresh.weight > 0
    ends = (
        np.concatenate([left[holds], fresh.left[new], judged.left[judged.same]]),
        np.concatenate([right[holds], fresh.right[new], judged.right[judged.same]]),
    )
    component = clusters.components(count, *ends)
    ended = con.execute("select n from m_ended where n is not null").fetchnumpy()["n"]
    asked = con.execute("select n from m_known_number semi join m_judged using (event_id)").fetchnumpy()["n"]
    seeds = np.concatenate([np.arange(change.first, count), lost, ended, asked]).astype(np.int64)
    marked = np.zeros(count, bool)
    marked[component[seeds]] = True
    is_small = np.bincount(component, minlength=count)[component] <= LARGE
    near = np.concatenate([seeds, fresh.left[new], fresh.right[new], judged.left, judged.right])
    moved = np.zeros(int(group.max(initial=-1)) + 1, bool)
    moved[group[near][group[near] >= 0]] = True
    own = np.where(group >= 0, moved[group], False)
    own[seeds] = True
    return np.asarray(np.where(is_small, marked[component], own) & alive)


def _groups(con: Any, previous: pd.DataFrame, count: int) -> np.ndarray:
    """Returns, per record number, which standing disputes it is clustered with: its own, and those that it is a
    recurrence of or that recur from it; -1 for a new record."""
    of = previous.set_index("event_id")
    disputes = pd.Index(of["dispute_id"].unique())
    later = of[["dispute_id", "recurrence_of"]].dropna().drop_duplicates()
    one, other = disputes.get_indexer(later["dispute_id"]), disputes.get_indexer(later["recurrence_of"])
    known = (one >= 0) & (other >= 0)
    chain = clusters.components(len(disputes), one[known], other[known])
    numbered = con.execute("select event_id, n from m_known_number").df()
    place = disputes.get_indexer(of["dispute_id"].reindex(numbered["event_id"]))
    group = np.full(count, -1, np.int64)
    group[numbered["n"]] = np.where(place >= 0, chain[np.maximum(place, 0)], -1)
    return group
