"""The matching stage as one call: from cleaned records to disputes with ids, links with reasons, and the ledger.

Here: the order of the steps. Not here: any of the steps.
records -> candidates -> comparison vectors -> weights -> clusters -> ids -> core_link, core_dispute_event, core_ledger
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transforms.matching import candidates, clusters, comparisons, explanations, identity, sharing, training
from transforms.matching import model as models
from transforms.matching.records import Records, load
from transforms.tables import CORE_DISPUTE_EVENT, CORE_LEDGER, CORE_LINK

SETTINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("settings.yml").read_text("utf-8"))


@dataclass(frozen=True)
class Matched:
    """``link``, ``dispute_event``, ``ledger`` in the shape of their tables; ``model``: text of the model file that
    was used; ``report``: figures for metadata (records, candidates, blocking per rule, weights, disputes)."""

    link: pd.DataFrame
    dispute_event: pd.DataFrame
    ledger: pd.DataFrame
    model: str
    report: dict[str, Any]


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
) -> Matched:
    """Links the disputes' records of the lake and gives each dispute its id.

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
    """
    chosen = settings or SETTINGS
    judged = [] if verdicts is None else [*verdicts["event_id_l"], *verdicts["event_id_r"]]
    records = load(con, chosen, judged=judged)
    if not len(records) + len(records.bare):
        return _nothing(ledger, model)
    _references(con)
    comparisons.register(con, records)
    sharing.write(con, records)
    blocking = candidates.block(con, records, chosen)
    comparisons.compare(con, pairs="m_pair", into="m_vector")

    def trial(tried: models.Model, shift: str) -> np.ndarray:
        if shift == "shift":
            _weigh(con, records, tried, chosen)
        else:
            _score(con, records, tried, chosen)
        decided = _decide(con, verdicts, tried, chosen, shift=chosen["clusters"][shift])
        return _cluster(decided, len(records), chosen)

    used = training.obtain(con, records, chosen, model, trial)
    _weigh(con, records, used, chosen)
    decided = _decide(con, verdicts, used, chosen, shift=chosen["clusters"]["shift"])
    label = _cluster(decided, len(records), chosen)
    everyone = records.everything()
    label = np.concatenate([label, np.arange(len(records), len(everyone))])
    member = _identify(everyone, label, previous, ledger, run_id, as_of, chosen)
    link, dispute_event = explanations.describe(con, everyone, member.member, decided, used, chosen)
    report = {
        "records": len(everyone),
        "bare": len(records.bare),
        "candidates": int(con.execute("select count(*) from m_pair").fetchall()[0][0]),
        "completed": int(con.execute("select count(*) from m_pair where rules = 0").fetchall()[0][0]),
        "links": len(link),
        "disputes": int(dispute_event["dispute_id"].nunique()),
        "largest_dispute": int(dispute_event.groupby("dispute_id").size().max()),
        "blocking": blocking.to_dict("records"),
        "model": used.trained,
    }
    return Matched(link, dispute_event, member.ledger, used.to_json(), report)


def _nothing(ledger: pd.DataFrame | None, model: str | None) -> Matched:
    old = ledger if ledger is not None else CORE_LEDGER.empty()
    text = model or models.default().to_json()
    return Matched(CORE_LINK.empty(), CORE_DISPUTE_EVENT.empty(), old, text, {"records": 0, "disputes": 0})


def _references(con: Any) -> None:
    """Writes ``m_reference``: pairs of records of which one names the other's number."""
    con.execute(
        """
        create or replace table m_reference as
        with target as (
            select r.event_id, r.number, r.kind, m.n from current_reference r join m_record m using (event_id)
        ), named as (
            select t.n as a, m.n as b, t.kind from target t
            join (select e.source_record_id as number, m.n from current_event e join m_record m using (event_id)) m
            using (number)
        )
        select least(a, b) as l, greatest(a, b) as r, min(kind) as kind from named
        where a <> b group by 1, 2 order by 1, 2
        """
    )


def _score(con: Any, records: Records, model: models.Model, chosen: dict[str, Any]) -> None:
    models.score(con, model, records=len(records), partners=chosen["model"]["partners"], into="m_score")


def _weigh(con: Any, records: Records, model: models.Model, chosen: dict[str, Any]) -> None:
    """Scores the candidates, adds what blocking left out between records with a likely partner in common, and scores
    anew."""
    _score(con, records, model, chosen)
    likely = con.execute("select l, r from m_score where weight > 0").df()
    if candidates.complete(con, likely):
        pairs = "(select p.* from m_pair p anti join m_vector v on v.l = p.l and v.r = p.r)"
        comparisons.compare(con, pairs=pairs, into="m_more")
        con.execute("insert into m_vector select * from m_more")
        _score(con, records, model, chosen)


def _decide(
    con: Any, verdicts: pd.DataFrame | None, model: models.Model, chosen: dict[str, Any], *, shift: float
) -> pd.DataFrame:
    """Lets official numbers and people's verdicts act on the weights.

    A number that names the record takes the place of the prior (of a chance in thousands, or, for a refined model, of
    the share of candidates that match): it becomes ``trust``. The evidence then still counts, so that a wrong number
    between two records that agree in nothing joins nothing.

    Returns:
        ``l``, ``r``, ``weight``, ``decided_by``, ``is_forbidden``.
    """
    partners, records = chosen["model"]["partners"], con.execute("select count(*) from m_record").fetchall()[0][0]
    trust = chosen["numbers"]["trust"]
    chance = models.prior(records, partners) if model.refined is None else model.trained.get("matched_share", 0.05)
    bonus = float(np.log2(trust / (1 - trust)) - np.log2(chance / (1 - chance)))
    frame = con.execute(
        f"""
        select s.l, s.r, s.weight - ({shift}) + if(f.l is null, 0, {bonus}) as weight,
               if(f.l is null, 'model', 'number') as decided_by, false as is_forbidden
        from m_score s left join m_reference f on f.l = s.l and f.r = s.r order by s.l, s.r
        """
    ).df()
    if verdicts is None or verdicts.empty:
        return frame
    number = con.execute("select event_id, n from m_record").df().set_index("event_id")["n"]
    left, right = verdicts["event_id_l"].map(number), verdicts["event_id_r"].map(number)
    both = (left.notna() & right.notna()).to_numpy()
    said = pd.DataFrame(
        {
            "l": np.minimum(left, right)[both].astype("int64"),
            "r": np.maximum(left, right)[both].astype("int64"),
            "same": (verdicts["verdict"] == "same")[both],
        }
    ).drop_duplicates(["l", "r"], keep="last")
    said["weight"] = np.where(said["same"], 50.0, -50.0)
    said["decided_by"] = "verdict"
    said["is_forbidden"] = ~said["same"]
    rest = frame.merge(said[["l", "r"]], on=["l", "r"], how="left", indicator=True)
    rest = rest[rest["_merge"] == "left_only"].drop(columns="_merge")
    return pd.concat([rest, said[rest.columns]], ignore_index=True).sort_values(["l", "r"], ignore_index=True)


def _cluster(decided: pd.DataFrame, count: int, chosen: dict[str, Any]) -> np.ndarray:
    limits = chosen["clusters"]
    banned = decided[decided["is_forbidden"]]
    weight = decided["weight"].to_numpy().clip(limits["floor"], limits["ceiling"])
    weight = np.where((decided["decided_by"] == "verdict") & ~decided["is_forbidden"], 1e5, weight)
    return clusters.average_linkage(
        count,
        decided["l"].to_numpy(),
        decided["r"].to_numpy(),
        weight,
        absent=limits["absent"],
        forbidden_left=banned["l"].to_numpy(),
        forbidden_right=banned["r"].to_numpy(),
    )


def _identify(
    frame: pd.DataFrame,
    label: np.ndarray,
    previous: pd.DataFrame | None,
    ledger: pd.DataFrame | None,
    run_id: str,
    as_of: datetime,
    chosen: dict[str, Any],
) -> identity.Identified:
    clustered = pd.DataFrame(
        {
            "event_id": frame["event_id"],
            "cluster": label,
            "reported_at": frame["reported_at"].fillna(pd.Timestamp(as_of)),
        }
    ).join(identity.endings(frame))
    return identity.identify(
        clustered,
        previous=previous,
        ledger=ledger,
        run_id=run_id,
        at=pd.Timestamp(as_of),
        recurrence_days=chosen["identity"]["recurrence_days"],
    )
