"""The stages after intake, each over the whole lake: read what the stage before left, call it, replace its tables.

Here: which tables a stage reads and writes. Not here: what a stage does (the layers below), Dagster (the assets).
core_event -> core_link, core_dispute_event, core_ledger -> core_dispute -> core_warning -> published/
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines import modelling, reviewing
from pipelines.progress import stage
from quality import columns, freshness, invariants, page, quarantine_history, scores, site, suites, validate
from sources import contract
from transforms import areas, category, dispute_record
from transforms.matching import engines, identity, verdicts
from transforms.matching.advancing import advance
from transforms.matching.evaluation import agreement
from transforms.matching.linking import Matched, match
from transforms.matching.model import default
from transforms.matching.store import FOLDER, Store
from transforms.tables import (
    CORE_COLUMN_QUALITY,
    CORE_DELIVERY_SCORE,
    CORE_DISPUTE,
    CORE_DISPUTE_EVENT,
    CORE_INTAKE,
    CORE_LEDGER,
    CORE_LINK,
    CORE_QUALITY_RESULT,
    CORE_QUARANTINE_HISTORY,
    CORE_SIGNATURE,
    CORE_WARNING,
    CORE_WARNING_NOTICE,
    CORE_WARNING_STEP,
)
from transforms.warnings import replay
from warehouse import masking
from warehouse.lake import Lake
from warehouse.publish import Publication, current_number, publish
from warehouse.together import finish_interrupted, replace_together


def keep_model(lake: Lake, text: str, *, as_of: datetime) -> str:
    """Keeps the model that the links were scored with, and returns its version.

    A version is the run's date and eight digits of its content; the file `restricted/models/<version>.json` holds the
    training data's figures and all parameters, and is never written over.
    """
    content = hashlib.sha256(text.encode()).hexdigest()[:8]
    folder = lake.restricted / "models"
    folder.mkdir(exist_ok=True)
    kept = sorted(folder.glob(f"*-{content}.json"))
    if kept:  # used before: it keeps its version
        return kept[0].stem
    version = f"{as_of:%Y-%m-%d}-{content}"
    beside = folder / f".{version}.writing"
    beside.write_text(text, "utf-8")
    beside.replace(folder / f"{version}.json")
    return version


def standing_model(lake: Lake, *, records: int) -> str | None:
    """Returns the newest model trained in this lake, or None when one should be trained.

    A model is trained anew once the lake holds twice the records that it was trained on: rarely, so that weights and
    ids do not drift from day to day.
    """
    files = sorted((lake.restricted / "models").glob("*.json"))
    for file in reversed(files):
        text = file.read_text("utf-8")
        if text == default().to_json():  # the one that ships with the package was trained elsewhere
            continue
        return text if json.loads(text)["trained"]["records"] * 2 > records else None
    return None


def match_lake(lake: Lake, *, as_of: datetime, engine: str = "duckdb") -> Matched:
    """Links the events that came since the last run, or all of them, and replaces link, membership and ledger.

    All are linked where the store of the last run is missing or no longer holds; see `advance`. The three tables change
    as one: a run killed anywhere gives the same ids when it runs again. ``engine``: what links all of
    them, see `transforms.matching.engines`; the tables are the same.
    """
    finish_interrupted(lake)
    said = reviewing.take_acts(lake, as_of=as_of.date())
    previous = lake.read(CORE_DISPUTE_EVENT)
    given: dict[str, Any] = {
        "as_of": as_of,
        "run_id": f"run-{as_of:%Y%m%d}",
        "previous": previous,
        "ledger": lake.read(CORE_LEDGER),
        "verdicts": verdicts.for_matching(said),
    }
    store = Store.standing(_matching(lake))
    with stage("匹配"), lake.connect() as con:
        [(records,)] = con.execute("SELECT count(*) FROM current_event WHERE is_dispute").fetchall()
        model = standing_model(lake, records=records)
        matched = None
        if store is not None and model == store.meta["model"]:
            matched = advance(con, store, link=lake.read(CORE_LINK), **given)
        if matched is None:
            with engines.of(engine) as chosen:
                matched = match(con, model=model, root=_matching(lake), engine=chosen, **given)
            matched.report["agreement"] = agreement(previous, matched.dispute_event)
        measured = modelling.measure(con, matched) if matched.report.get("mode") == "full" else None
    grown = identity.record_verdicts(
        matched.ledger, said, matched.dispute_event, run_id=f"run-{as_of:%Y%m%d}", at=pd.Timestamp(as_of)
    )
    replace_together(
        lake,
        {
            CORE_LEDGER.name: grown,
            CORE_DISPUTE_EVENT.name: matched.dispute_event,
            CORE_LINK.name: matched.link,
        },
    )
    if matched.store is not None:
        matched.store.commit()
    report = {**matched.report, "model_version": keep_model(lake, matched.model, as_of=as_of)}
    if measured is not None:
        report["drift"] = modelling.keep(lake, measured, version=report["model_version"], as_of=as_of.date())
    return replace(matched, ledger=grown, report=report)


def _matching(lake: Lake) -> Path:
    return lake.restricted / FOLDER


def forget_links(lake: Lake) -> None:
    """Lets the next run link all events anew, and publish."""
    Store.forget(_matching(lake))
    _mark(lake).unlink(missing_ok=True)


def judge_disputes(lake: Lake, *, as_of: datetime) -> pd.DataFrame:
    """Makes one record for each dispute, with risk and tier, and replaces core_dispute."""
    with stage("合成纠纷记录"), lake.connect() as con:
        disputes = dispute_record.build(con, as_of=as_of)
    lake.replace(CORE_DISPUTE.name, disputes)
    return disputes


def raise_warnings(lake: Lake, *, as_of: datetime, history_sources: Collection[str]) -> pd.DataFrame:
    """Replays the warning rules day by day up to ``as_of``; replaces warnings, steps and notices, returns warnings."""
    said = reviewing.taken_of_warnings(lake)
    with stage("逐日重放预警"), lake.connect() as con:
        lived = replay(con, as_of=as_of, history_sources=sorted(history_sources), said=said)
    lake.replace(CORE_WARNING.name, lived.warning)
    lake.replace(CORE_WARNING_STEP.name, lived.step)
    lake.replace(CORE_WARNING_NOTICE.name, lived.notice)
    return lived.warning


def keep_quarantine_history(lake: Lake, *, as_of: datetime) -> pd.DataFrame:
    """Brings the history of quarantined rows up to the present tables; see `quality.quarantine_history`."""
    with stage("核对隔离史"), lake.connect() as con:
        history = quarantine_history.update(con, as_of=as_of.date(), mask=masking.quarantine)
    lake.replace(CORE_QUARANTINE_HISTORY.name, history)
    return history


def check_lake(lake: Lake) -> pd.DataFrame:
    """Runs the rules that hold for the whole lake; see `quality.invariants.check`.

    Where one is broken nothing will be published: the standing quality page then says so, and why.
    """
    with stage("检查全湖规则"), lake.connect() as con:
        findings = invariants.check(con, area=areas.table(), category=category.table())
    sentence = invariants.broken(findings)
    if sentence is not None:
        site.block(quality_folder(lake), sentence)
    return findings


def quality_folder(lake: Lake) -> Path:
    """Where the quality site stands."""
    return lake.published / "quality"


# Raise when judging, checking or publishing gives another result for the same events: the lake is then published anew.
PUBLISH_RECIPE = 7


PREVIEWS = {
    "纠纷预览": "SELECT title, category_name, county_name, event_count, source_count, status, risk_level FROM dispute "
    "ORDER BY last_reported_at DESC, dispute_id LIMIT 5",
    "预警预览": "SELECT level, rule_name, area_name, first_seen_at, evidence FROM warning "
    "ORDER BY first_seen_at DESC, warning_id LIMIT 5",
}


@dataclass(frozen=True)
class Published:
    """What a publication left: the publication, the results of the suites, the quality page, a few published rows."""

    publication: Publication
    quality_result: pd.DataFrame
    page: Path
    previews: Mapping[str, pd.DataFrame]


# The page's marks by their names in the lake's table.
_MARK_COLUMNS = {
    "完整性": "completeness", "准确性": "accuracy", "一致性": "consistency", "及时性": "timeliness",
    "唯一性": "uniqueness", "有效性": "validity", "总分": "score",
}  # fmt: skip


def keep_results(lake: Lake, result: pd.DataFrame) -> None:
    """Keeps the results of the suites over time: those of the same ``as_of`` are replaced, all others stay."""
    standing = lake.read(CORE_QUALITY_RESULT)
    kept = standing.loc[~standing["as_of"].isin(set(result["as_of"]))]
    both = pd.concat([kept, result], ignore_index=True) if len(kept) else result
    lake.replace(CORE_QUALITY_RESULT.name, both.sort_values(["as_of", "suite", "expectation"], kind="stable"))


def publish_lake(
    lake: Lake, *, as_of: datetime, history_sources: Collection[str], label: str | None = None
) -> Published:
    """Runs the suites, publishes the tables, builds the quality site over them, and marks the state as published.

    ``label`` marks what is published, such as 模拟数据.
    """
    state = _state(lake, as_of, acts=reviewing.taken(lake))
    loaded = suites.load_all()
    with stage("检查各套件"), lake.connect() as con:
        validation = validate.validate(con, loaded, as_of=as_of.date())
        measured = validation.measured
        rules = invariants.check(con, area=areas.table(), category=category.table())
        marks = scores.score(measured, con.execute("FROM raw_file").df())
        cells = columns.measure(con, [contract.load(name) for name in contract.names()])
    keep_quarantine_history(lake, as_of=as_of)
    keep_results(lake, validation.result)
    lake.replace(CORE_DELIVERY_SCORE.name, marks.rename(columns=_MARK_COLUMNS))
    lake.replace(CORE_COLUMN_QUALITY.name, cells.count)
    with stage("发布"):
        publication = publish(lake, as_of=as_of, label=label)
    with duckdb.connect(str(publication.warehouse), read_only=True) as con:
        delivery, quarantine, unmapped, signature = (
            con.execute(f"FROM {view}").df() for view in ("delivery", "quarantine", "unmapped_value", "signature")
        )
        previews = {name: con.execute(query).df() for name, query in PREVIEWS.items()}
    findings = page.Findings(
        as_of=as_of.date(),
        quality_result=validation.result,
        delivery=delivery,
        quarantine=quarantine,
        unmapped=unmapped,
        invariants=rules,
        measured=measured,
        scores=marks,
        column_count=cells.count,
        column_example=cells.example,
        late=freshness.missing(delivery, as_of=as_of.date(), history_sources=frozenset(history_sources)),
        signature=signature,
        labels={name: contract.load(name).label for name in contract.names()},
    )
    site.keep(findings, _kept_findings(lake))
    index = site.build_site(quality_folder(lake), findings, validation)
    lake.tidy()
    _mark(lake).write_text(state, "ascii")
    return Published(publication, validation.result, index, previews)


def refresh_page(lake: Lake) -> Path | None:
    """Writes the quality page anew with the signatures of now, all else as last published.

    Returns:
        The page; None where nothing was published. The warehouse shows the signatures from the next publication on.
    """
    findings = site.kept(_kept_findings(lake))
    if findings is None:
        return None
    return site.write_page(quality_folder(lake), replace(findings, signature=lake.read(CORE_SIGNATURE)))


def _kept_findings(lake: Lake) -> Path:
    return lake.restricted / "quality_page"


def is_published(lake: Lake, *, as_of: datetime) -> bool:
    """Says whether what is published follows from what the lake holds.

    False after a run that was cut short, and where the publication is gone or the lake was moved.
    """
    mark = _mark(lake)
    if not mark.exists() or mark.read_text("ascii") != _state(lake, as_of, acts=reviewing.given(lake)):
        return False
    return current_number(lake.published) is not None and (quality_folder(lake) / "index.html").exists()


def _mark(lake: Lake) -> Path:
    return lake.restricted / "published.state"


def _state(lake: Lake, as_of: datetime, *, acts: Collection[str]) -> str:
    """A fingerprint of all that a publication follows from; ``acts``: the ids of verdicts and corrections."""
    taken = lake.read(CORE_INTAKE).sort_values(["delivery_date", "source"])
    text = taken[["delivery_date", "source", "signature"]].to_csv(index=False)
    text += lake.read(CORE_SIGNATURE).to_csv(index=False)
    text += "\n".join(sorted(acts))
    return hashlib.sha256(f"{PUBLISH_RECIPE}\n{as_of.isoformat()}\n{text}".encode()).hexdigest()
