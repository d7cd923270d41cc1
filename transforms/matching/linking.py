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

from transforms.matching import (
    candidates,
    clusters,
    comparisons,
    explanations,
    identity,
    model_drift,
    standing,
    training,
)
from transforms.matching import model as models
from transforms.matching.records import ENDING, Records, number, prepare
from transforms.matching.store import Store
from transforms.tables import CORE_DISPUTE_EVENT, CORE_LEDGER, CORE_LINK

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yml").read_text("utf-8"))

BY_MODEL, BY_NUMBER = 0, 1
"""What decided a scored pair, as the store keeps it; people's verdicts come on top at every run."""


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


@dataclass(frozen=True)
class Edges:
    """Scored pairs: ``left`` < ``right`` (record numbers), ``weight`` (log2 odds, the site's shift and official numbers
    included), ``by`` (`BY_MODEL`, `BY_NUMBER`)."""

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    by: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> "Edges":
        """The edges at the places ``chosen``."""
        return Edges(self.left[chosen], self.right[chosen], self.weight[chosen], self.by[chosen])

    @classmethod
    def together(cls, parts: list["Edges"]) -> "Edges":
        """The edges of all parts in their order."""
        nothing = np.zeros(0, np.int32)
        parts = [cls(nothing, nothing, np.zeros(0, np.float32), np.zeros(0, np.uint8)), *parts]
        return cls(*(np.concatenate(each) for each in zip(*(part._columns() for part in parts), strict=True)))

    def _columns(self) -> tuple[np.ndarray, ...]:
        return self.left, self.right, self.weight, self.by

    def write(self, store: Store) -> None:
        """Appends the edges to the store."""
        for name in ("left", "right", "weight", "by"):
            store.append(f"edge_{name}", getattr(self, name))

    @classmethod
    def read(cls, store: Store) -> "Edges":
        """All edges that the store holds."""
        return cls(*(store.array(f"edge_{name}") for name in ("left", "right", "weight", "by")))


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
    """
    run = Run(as_of, run_id, previous, ledger, verdicts, settings or SETTINGS)
    if root is not None:
        return _match(con, run, model, Store.create(root))
    with tempfile.TemporaryDirectory() as folder:
        return _match(con, run, model, Store.create(Path(folder)))


def _match(con: Any, run: Run, text: str | None, store: Store) -> Matched:
    number(con, judged=run.judged)
    [(count,)] = con.execute("select count(*) from m_number").fetchall()
    if not count:
        return _uncompared(con, run, text, store)
    records, _ = prepare(con, store, run.settings)
    references(con, first=None)
    comparisons.register(con)
    blocking = candidates.block(con, store, run.settings)
    if text is not None:
        model = models.Model.from_json(text)
    elif count < run.settings["model"]["smallest_training"]:
        model = models.default()
    else:
        model = _train(con, records, run)
    edges = completed(con, records, model, run.settings, score_parts(con, records, model, run.settings))
    edges.write(store)
    standing.fingerprints(con)
    standing.write(con, store)
    store.meta |= {"model": model.to_json(), "recipe": standing.recipe(run.settings)}
    decided = decide(edges, said(con, run))
    label = cluster(decided, count, run.settings)
    con.execute("create or replace temp table m_everyone as select event_id from m_dispute")
    people = everyone(con, len(records))
    named = identify(people, labels(people, label), run)
    link, dispute_event = explanations.describe(con, records, people, named.member, decided, model, run.settings)
    _leave(con, records, edges)
    report = {
        "mode": "full",
        "records": len(people),
        "bare": len(people) - count,
        "candidates": int(con.execute("select count(*) from m_pair").fetchall()[0][0]),
        "compared": len(edges.left),
        "links": len(link),
        "disputes": int(dispute_event["dispute_id"].nunique()),
        "largest_dispute": int(dispute_event.groupby("dispute_id").size().max()),
        "blocking": blocking.to_dict("records"),
        "model": model.trained,
    }
    return Matched(link, dispute_event, named.ledger, model.to_json(), report, store)


def _leave(con: Any, records: Records, edges: Edges) -> None:
    """Leaves an even sample of the scored pairs in ``m_score`` (l, r, weight) and ``m_vector``."""
    places = np.arange(0, len(edges.left), model_drift.step(len(edges.left)))
    sample = {"l": edges.left[places], "r": edges.right[places], "weight": edges.weight[places]}
    con.register("m_found", pa.table(sample))
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
        frame = con.execute("select * from m_vector order by l, r").df()
        if weight is None:
            weight = models.weigh(model, frame, models.prior(len(chosen), settings["model"]["partners"]))
        return _decided(con, frame["l"].to_numpy(), frame["r"].to_numpy(), weight, model, settings)

    def trial(model: models.Model, shift: str, weight: np.ndarray | None) -> np.ndarray:
        edges = score(model, weight)
        if shift == "boosting_shift" and weight is None:
            likely = edges.weight > 0
            more = candidates.complete(con, edges.left[likely], edges.right[likely], compared="m_vector")
            if len(more[0]):
                for part in comparisons.vectors(con, records, *more):
                    con.register("m_part", part)
                    con.execute("insert into m_vector from m_part")
                    con.unregister("m_part")
                edges = score(model)
        shifted = Edges(edges.left, edges.right, edges.weight - np.float32(settings["clusters"][shift]), edges.by)
        return cluster(decide(shifted, judged), len(records), settings)

    told = pd.DataFrame({"l": judged.left, "r": judged.right, "same": judged.same})
    return training.train(con, records, chosen, settings, trial, told)


def score_parts(con: Any, records: Records, model: models.Model, settings: dict[str, Any]) -> Edges:
    """Scores the plausible pairs of ``m_pair``, one of its parts after the other."""
    parts = [part for (part,) in con.execute("select distinct part from m_pair order by 1").fetchall()]
    found = []
    for part in parts:
        pairs = con.execute(f"select l, r, rules from m_pair where part = {part} order by l, r").fetchnumpy()
        left, right = pairs["l"].astype(np.int64), pairs["r"].astype(np.int64)
        found.append(score(con, records, model, left, right, settings, rules=pairs["rules"]))
    return Edges.together(found)


def completed(con: Any, records: Records, model: models.Model, settings: dict[str, Any], edges: Edges) -> Edges:
    """Adds the scored pairs of records that share a likely partner; all in order of the record numbers."""
    likely = edges.weight > -settings["clusters"]["shift"]
    con.register("m_scored", pa.table({"l": edges.left, "r": edges.right}))
    more = candidates.complete(con, edges.left[likely], edges.right[likely], compared="m_scored")
    con.unregister("m_scored")
    if len(more[0]):
        edges = Edges.together([edges, score(con, records, model, *more, settings)])
    return edges[np.lexsort((edges.right, edges.left))]


def score(
    con: Any,
    records: Records,
    model: models.Model,
    left: np.ndarray,
    right: np.ndarray,
    settings: dict[str, Any],
    *,
    rules: np.ndarray | None = None,
) -> Edges:
    """Compares pairs and weighs them, `comparisons.CHUNK` at a time: nothing but the weight stays of a pair; ``rules``:
    see `comparisons.vectors`."""
    chance = models.prior(len(records), settings["model"]["partners"])
    shift = np.float32(settings["clusters"]["shift"])
    found = []
    for part in comparisons.vectors(con, records, left, right, rules):
        frame = part.to_pandas()
        weight = models.weigh(model, frame, chance)
        edges = _decided(con, frame["l"].to_numpy(), frame["r"].to_numpy(), weight, model, settings)
        found.append(Edges(edges.left, edges.right, edges.weight - shift, edges.by))
    return Edges.together(found)


def _decided(
    con: Any,
    left: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    model: models.Model,
    settings: dict[str, Any],
) -> Edges:
    """Lets official numbers act on the weights.

    A number that names the record takes the place of the prior (of a chance in thousands, or, for a refined model, of
    the share of candidates that match): it becomes ``trust``. The evidence then still counts, so that a wrong number
    between two records that agree in nothing joins nothing.
    """
    named = con.execute("select l, r from m_reference").fetchnumpy()
    size = np.int64(max(int(right.max(initial=0)), int(named["r"].max(initial=0))) + 1)
    is_named = np.isin(left * size + right, named["l"] * size + named["r"])
    trust = settings["numbers"]["trust"]
    chance = (
        models.prior(model.trained.get("sample", models.SMALLEST_CITY), settings["model"]["partners"])
        if model.refined is None
        else model.trained.get("matched_share", 0.05)
    )
    bonus = float(np.log2(trust / (1 - trust)) - np.log2(chance / (1 - chance)))
    return Edges(
        left.astype(np.int32),
        right.astype(np.int32),
        (weight + np.where(is_named, bonus, 0.0)).astype(np.float32),
        np.where(is_named, BY_NUMBER, BY_MODEL).astype(np.uint8),
    )


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


@dataclass(frozen=True)
class Said:
    """People's verdicts on pairs of records by number: ``left`` < ``right``, ``same``."""

    left: np.ndarray
    right: np.ndarray
    same: np.ndarray


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


def decide(edges: Edges, said: Said) -> explanations.Decided:
    """Lets people's verdicts take the place of the weights."""
    rest = np.ones(len(edges.left), bool)
    if len(said.left):
        size = np.int64(max(int(edges.right.max(initial=0)), int(said.right.max(initial=0))) + 1)
        rest = ~np.isin(edges.left.astype(np.int64) * size + edges.right, said.left * size + said.right)
    told = np.where(said.same, 50.0, -50.0).astype(np.float32)
    return explanations.Decided(
        np.concatenate([edges.left[rest].astype(np.int64), said.left]),
        np.concatenate([edges.right[rest].astype(np.int64), said.right]),
        np.concatenate([edges.weight[rest], told]),
        np.concatenate([edges.by[rest], np.full(len(said.left), explanations.BY_VERDICT, np.uint8)]),
        np.concatenate([np.zeros(int(rest.sum()), bool), ~said.same]),
    )


def cluster(decided: explanations.Decided, count: int, settings: dict[str, Any]) -> np.ndarray:
    """Returns the cluster of each of ``count`` records; see `clusters.average_linkage`."""
    limits = settings["clusters"]
    weight = decided.weight.astype(np.float64).clip(limits["floor"], limits["ceiling"])
    certain = (decided.by == explanations.BY_VERDICT) & ~decided.is_forbidden
    return clusters.average_linkage(
        count,
        decided.left,
        decided.right,
        np.where(certain, 1e5, weight),
        absent=limits["absent"],
        forbidden_left=decided.left[decided.is_forbidden],
        forbidden_right=decided.right[decided.is_forbidden],
    )


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
