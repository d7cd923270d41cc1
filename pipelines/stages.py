"""The stages after intake, each over the whole lake: read what the stage before left, call it, replace its tables.

Here: which tables a stage reads and writes. Not here: what a stage does (`transforms`, `quality`, `warehouse`), Dagster.
core_event -> core_link, core_dispute_event, core_ledger -> core_dispute -> core_warning -> findings
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pandas as pd

from quality import invariants
from transforms import areas, category, dispute_record
from transforms.matching.linking import Matched, match
from transforms.tables import CORE_DISPUTE, CORE_DISPUTE_EVENT, CORE_LEDGER, CORE_LINK, CORE_WARNING
from transforms.warnings import replay
from warehouse.lake import Lake


def model_file(lake: Lake) -> Path:
    """Where the lake keeps the model that its links were scored with."""
    return lake.restricted / "model.json"


def match_lake(lake: Lake, *, as_of: datetime) -> Matched:
    """Links all current events and replaces link, membership and ledger.

    The three are written in the order ledger, membership, link: ids are first known, then used. A run killed in
    between gives the same ids when it runs again, because ids follow from the records.
    """
    ledger = lake.read(CORE_LEDGER)
    with lake.connect() as con:
        matched = match(
            con,
            as_of=as_of,
            run_id=f"run-{as_of:%Y%m%d}",
            previous=lake.read(CORE_DISPUTE_EVENT),
            ledger=ledger,
        )
    lake.replace(CORE_LEDGER.name, matched.ledger)
    lake.replace(CORE_DISPUTE_EVENT.name, matched.dispute_event)
    lake.replace(CORE_LINK.name, matched.link)
    model_file(lake).write_text(matched.model, "utf-8")
    return matched


def judge_disputes(lake: Lake, *, as_of: datetime) -> pd.DataFrame:
    """Makes one record for each dispute, with risk and tier, and replaces core_dispute."""
    with lake.connect() as con:
        disputes = dispute_record.build(con, as_of=as_of)
    lake.replace(CORE_DISPUTE.name, disputes)
    return disputes


def raise_warnings(lake: Lake, *, as_of: datetime, history_sources: Collection[str]) -> pd.DataFrame:
    """Replays the warning rules day by day up to ``as_of`` and replaces core_warning."""
    with lake.connect() as con:
        warnings = replay(con, as_of=as_of, history_sources=set(history_sources))
    lake.replace(CORE_WARNING.name, warnings)
    return warnings


def check_lake(lake: Lake) -> pd.DataFrame:
    """Runs the rules that hold for the whole lake; see `quality.invariants.check`."""
    with lake.connect() as con:
        return invariants.check(con, area=areas.table(), category=category.table())
