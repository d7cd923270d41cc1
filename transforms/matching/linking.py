"""The matching stage as one call: from cleaned records to disputes with ids, links with reasons, and the ledger.

Here: the order of the steps for the whole lake. Not here: any of the steps, what came since (`advancing`).
records -> candidates -> comparison vectors -> weights -> clusters -> ids -> core_link, core_dispute_event, core_ledger
"""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml

from transforms.matching import candidates, comparisons, explanations, identity, model_drift, standing, training
from transforms.matching import model as models
from transforms.matching.engines import DuckDB, Engine
from transforms.matching.records import ENDING, Records, number, prepare
from transforms.matching.scoring import Edges, Said, cluster, decide, decided_by_number
from transforms.matching.store import Store
from transforms.tables import CORE_DISPUTE_EVENT, CORE_LEDGER, CORE_LINK

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yml").read_text("utf-8"))


@dataclass(frozen=True)
class Matched:
    """``link``, ``dispute_event``, ``ledger`` in the shape of their tables; ``model``: text of the model file that
    was used; ``report``: figures for metadata (records, candidates, blocking per rule, weights, disputes); ``store``:
    to be committed once the tables are written."""

    link: pd.DataFrame
    dispute_event: pd.DataFrame
    ledger: pd.DataFrame
    model: str
    report: dict[str, Any]
    store: Store | None = None


@dataclass(frozen=True)
class Run:
    """What a run is given: its now and name, what the last one left, people's decisions, what a site may set."""

    as_of: datetime
    run_id: str
    previous: pd.DataFrame | None
    ledger: pd.DataFrame | None
    verdicts: pd.DataFrame | None
    settings: dict[str, Any]

    @property
    def judged(self) -> list[str]:
        """Events on which somebody has given a verdict."""
        if self.verdicts is None:
            return []
        return sorted({*self.verdicts["event_id_l"], *self.verdicts["event_id_r"]})


def match(
    con: Any,
    *,
    as_of: datetime,
    run_id: str,
    previous: pd.DataFrame | None = None,
    ledger: pd.DataFrame | None = None,
    model: str | None = None,
    verdicts: pd.DataFrame | None = None,
    settings: dict[str, Any] | None = None,
    root: Path | None = None,
    engine: Engine | None = None,
) -> Matched:
    """Links all disputes' records of the lake and gives each dispute its id.

    Args:
        con: DuckDB connection with views ``current_event``, ``current_party``, ``current_reference``; tables whose
            names begin with ``m_`` are made and replaced there, and stay (``m_pair`` for `evaluation.blocking_recall`).
        as_of: the run's now; records reported later are linked like any other.
        run_id: what this run is called in the ledger.
        previous: `core_dispute_event` of the last run.
        ledger: `core_ledger` of the last run.
        model: text of a model file; without it a model is trained on these records, or, where they are too few, the
            one that ships with the package is used.
        verdicts: people's decisions: ``event_id_l``, ``event_id_r``, ``verdict`` (same, different).
        settings: instead of settings.yml.
        root: where the store that `advance` goes on from is made; None: it is thrown away.
        engine: where pairs are proposed, scored and clustered; None: here, in DuckDB. The result is the same.
    """
    run = Run(as_of, run_id, previous, ledger, verdicts, settings or SETTINGS)
    if root is not None:
        return _match(con, run, model, Store.create(root), engine or DuckDB())
    with tempfile.TemporaryDirectory() as folder:
        return _match(con, run, model, Store.create(Path(folder)), engine or DuckDB())


def _match(con: Any, run: Run, text: str | None, store: Store, engine: Engine) -> Matched:
    number(con, judged=run.judged)
    [(count,)] = con.execute("select count(*) from m_number").fetchall()
    if not count:
        return _uncompared(con, run, text, store)
    records, _ = prepare(con, store, run.settings)
    references(con, first=None)
    comparisons.register(con)
    blocking = engine.block(con, store, run.settings)
    if text is not None:
        model = models.Model.from_json(text)
    elif count < run.settings["model"]["smallest_training"]:
        model = models.default()
    else:
        model = _train(con, records, run)
    edges = engine.score(con, records, model, run.settings)
    edges.write(store)
    standing.fingerprints(con)
    standing.write(con, store)
    store.meta |= {"model": model.to_json(), "recipe": standing.recipe(run.settings)}
    compared, sample = len(edges.left), _sample(edges)
    decided = decide(edges, said(con, run))
    del edges
    label = engine.cluster(decided, count, run.settings)
    con.execute("create or replace temp table m_everyone as select event_id from m_dispute")
    people = everyone(con, len(records))
    named = identify(people, labels(people, label), run)
    link, dispute_event = explanations.describe(con, records, people, named.member, decided, model, run.settings)
    _leave(con, records, sample)
    report = {
        "mode": "full",
        "records": len(people),
        "bare": len(people) - count,
        "candidates": int(con.execute("select count(*) from m_pair").fetchall()[0][0]),
        "compared": compared,
        "links": len(link),
        "disputes": int(dispute_event["dispute_id"].nunique()),
        "largest_dispute": int(dispute_event.groupby("dispute_id").size().max()),
        "blocking": blocking.to_dict("records"),
        "model": model.trained,
        "engine": engine.figures(),
    }
    return Matched(link, dispute_event, named.ledger, model.to_json(), report, store)


def _sample(edges: Edges) -> pa.Table:
    """Returns an even sample of the scored pairs (l, r, weight)."""
    places = np.arange(0, len(edges.left), model_drift.step(len(edges.left)))
    return pa.table({"l": edges.left[places], "r": edges.right[places], "weight": edges.weight[places]})


def _leave(con: Any, records: Records, sample: pa.Table) -> None:
    """Leaves a sample of the scored pairs in ``m_score`` (l, r, weight) and ``m_vector``."""
    con.register("m_found", sample)
    con.execute("create or replace temp table m_score as select * from m_found order by l, r")
    con.unregister("m_found")
    comparisons.compare(con, records, pairs="(select l, r from m_score)", into="m_vector")


def _uncompared(con: Any, run: Run, text: str | None, store: Store) -> Matched:
    """No record says anything that could be compared: each stays alone."""
    model = text or models.default().to_json()
    con.execute("create or replace temp table m_everyone as select event_id from m_dispute")
    people = everyone(con, 0)
    if not len(people):
        old = run.ledger if run.ledger is not None else CORE_LEDGER.empty()
        return Matched(CORE_LINK.empty(), CORE_DISPUTE_EVENT.empty(), old, model, {"records": 0, "disputes": 0})
    named = identify(people, np.arange(len(people)), run)
    dispute_event = explanations.alone(people, named.member)
    report = {"records": len(people), "bare": len(people), "disputes": len(people)}
    return Matched(CORE_LINK.empty(), dispute_event, named.ledger, model, report)


def _train(con: Any, records: Records, run: Run) -> models.Model:
    """Trains on the newest records, as many as `largest_training`: a year more of records takes no longer."""
    settings = run.settings
    newest = con.execute(
        f"select n from m_record order by day desc, n desc limit {settings['model']['largest_training']}"
    ).fetchnumpy()["n"]
    chosen = np.sort(newest)
    con.register("m_chosen", pa.table({"n": chosen}))
    con.execute(
        "create or replace temp table m_taught as select p.* from m_pair p "
        "semi join m_chosen a on a.n = p.l semi join m_chosen b on b.n = p.r"
    )
    con.unregister("m_chosen")
    comparisons.compare(con, records, pairs="m_taught", into="m_vector")
    judged = said(con, run)

    def score(model: models.Model, weight: np.ndarray | None = None) -> Edges:
        columns = "*" if weight is None else "l, r"
        frame = con.execute(f"select {columns} from m_vector order by l, r").df()
        if weight is None:
            weight = models.weigh(model, frame, models.prior(len(chosen), settings["model"]["partners"]))
        return decided_by_number(con, frame["l"].to_numpy(), frame["r"].to_numpy(), weight, model, settings)

    def trial(model: models.Model, shift: str, weight: np.ndarray | None) -> np.ndarray:
        edges = score(model, weight)
        if shift == "boosting_shift" and weight is None:
            likely = edges.weight > 0
            more = candidates.complete(con, edges.left[likely], edges.right[likely], compared="m_vector")
            if len(more[0]):
                for stretch in comparisons.stretches(records, *more, None):
                    con.register("m_part", comparisons.vectors(con, stretch))
                    con.execute("insert into m_vector from m_part")
                    con.unregister("m_part")
                edges = score(model)
        shifted = Edges(edges.left, edges.right, edges.weight - np.float32(settings["clusters"][shift]), edges.by)
        return cluster(decide(shifted, judged), len(records), settings)

    told = pd.DataFrame({"l": judged.left, "r": judged.right, "same": judged.same})
    return training.train(con, records, chosen, settings, trial, told)


def references(con: Any, *, first: int | None) -> None:
    """Writes ``m_reference``: pairs of records of which one names the other's number; with ``first``, pairs with a
    record from that number on."""
    numbered = "m_number" if first is None else "m_known_number"
    wanted = "" if first is None else f"and greatest(a, b) >= {first}"
    con.execute(
        f"""
        create or replace temp table m_reference as
        with target as (
            select r.event_id, r.number, r.kind, m.n from current_reference r join {numbered} m using (event_id)
        ), named as (
            select t.n as a, m.n as b, t.kind from target t
            join (select e.source_record_id as number, m.n from current_event e join {numbered} m using (event_id)) m
            using (number)
        )
        select least(a, b) as l, greatest(a, b) as r, min(kind) as kind from named
        where a <> b {wanted} group by 1, 2 order by 1, 2
        """
    )


def said(con: Any, run: Run, numbered: str = "m_number") -> Said:
    """Returns people's verdicts by record number; the last on a pair counts, unsure says nothing, and those about
    records that are not in ``numbered`` are left out."""
    if run.verdicts is None or run.verdicts.empty:
        nobody = np.zeros(0, np.int64)
        return Said(nobody, nobody, nobody.astype(bool))
    of = con.execute(f"select event_id, n from {numbered}").df().set_index("event_id")["n"]
    left, right = run.verdicts["event_id_l"].map(of), run.verdicts["event_id_r"].map(of)
    both = (left.notna() & right.notna()).to_numpy()
    frame = pd.DataFrame(
        {
            "l": np.minimum(left, right)[both].astype("int64"),
            "r": np.maximum(left, right)[both].astype("int64"),
            "verdict": run.verdicts["verdict"][both],
        }
    ).drop_duplicates(["l", "r"], keep="last")
    frame = frame[frame["verdict"].isin(["same", "different"]) & (frame["l"] != frame["r"])]
    return Said(frame["l"].to_numpy(), frame["r"].to_numpy(), (frame["verdict"] == "same").to_numpy(bool))


def everyone(con: Any, first: int, numbered: str = "m_number") -> pd.DataFrame:
    """Returns the records of ``m_everyone``, compared ones by number, then the bare ones, numbered from ``first``."""
    columns = ", ".join(dict.fromkeys(["event_id", "source", "source_record_id", *ENDING]))
    frame = con.execute(
        f"select {columns}, n from current_event semi join m_everyone using (event_id) "
        f"left join {numbered} using (event_id) order by n nulls last, event_id"
    ).df()
    is_bare = frame["n"].isna().to_numpy()
    n = frame["n"].fillna(0).to_numpy(np.int64, copy=True)
    n[is_bare] = first + np.arange(int(is_bare.sum()))
    return frame.assign(n=n)


def labels(everyone: pd.DataFrame, label: np.ndarray) -> np.ndarray:
    """Returns each record's cluster; a bare record is its own."""
    n = everyone["n"].to_numpy()
    known = n < len(label)
    return np.where(known, label[np.where(known, n, 0)], n)


def identify(everyone: pd.DataFrame, label: np.ndarray, run: Run) -> identity.Identified:
    """Names the clusters of the records ``everyone``; see `identity.identify`."""
    clustered = pd.DataFrame(
        {
            "event_id": everyone["event_id"],
            "cluster": label,
            "reported_at": everyone["reported_at"].fillna(pd.Timestamp(run.as_of)),
        }
    ).join(identity.endings(everyone))
    return identity.identify(
        clustered,
        previous=run.previous,
        ledger=run.ledger,
        run_id=run.run_id,
        at=pd.Timestamp(run.as_of),
        recurrence_days=run.settings["identity"]["recurrence_days"],
        verdicts=run.verdicts,
    )
