"""A dry look at quarantine: what would come back if the deliveries were read again now, with today's rules.

Here: which deliveries differ from what the lake holds, reading them without writing, and the comparison. Not here:
reading (`intake.reading`), what counts as coming back (`quality.quarantine_history`), what is printed (`commands`).
raw_row (quarantined) + landing/ -> Outlook
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa

from pipelines import intake
from pipelines.resources import look, run_now
from pipelines.settings import Settings
from quality import quarantine_history, remedies
from sources.tables import RAW_FILE, RAW_ROW
from transforms.tables import CORE_ACCEPTANCE, CORE_EVENT, CORE_INTAKE, CORE_QUARANTINE_HISTORY
from warehouse import masking
from warehouse.lake import Lake

OUTLOOK = {"accepted": "会采用", "open": "仍隔离", "gone": "已不在交付中", "new": "新隔离"}
_PLACE = ["source", "delivery_date", "file", "sheet", "row_number"]
_SHOWN = [*_PLACE, "source_record_id", "rule", "column_name", "outlook", "present_rule"]


@dataclass(frozen=True)
class Outlook:
    """What reading again would do.

    Attributes:
        rows: one row per quarantined row of the deliveries that were read again, and per row that would newly be set
            aside: source, delivery_date, file, sheet, row_number, source_record_id (masked), rule (why it is aside
            now), column_name, outlook (``accepted``, ``open``, ``gone`` or ``new``), present_rule (why it would be).
        unchanged: deliveries of which neither content nor rules have changed: they would be read as before.
        absent: deliveries that no longer lie complete in landing: they cannot be read again.
    """

    rows: pd.DataFrame
    unchanged: tuple[intake.Partition, ...]
    absent: tuple[intake.Partition, ...]


def retry(settings: Settings, lake: Lake, *, source: str | None = None, day: date | None = None) -> Outlook:
    """Reads the deliveries with quarantined rows again, as `dispute-lake run` would, and writes nothing.

    Args:
        settings: of the lake; its landing folder is looked at.
        lake: open, for reading.
        source: only this source.
        day: only deliveries of this date.

    Raises:
        sources.deliveries.LandingError: the landing folder cannot be looked at.
    """
    acceptance, finished = lake.read(CORE_ACCEPTANCE), lake.read(CORE_INTAKE)
    standing = {each.partition: each for each in intake.intakes(look(settings).complete, acceptance)}
    with lake.connect() as con:
        concerned = _concerned(con, source, day)
        here = [standing[partition] for partition in concerned if partition in standing]
        pending = intake.pending(here, finished)
        before = _history(con, as_of=run_now(settings, lake).date()) if pending else CORE_QUARANTINE_HISTORY.empty()
    found = []
    with intake.reading(lake, pending, workers=settings.workers) as batches:
        for batch, tables in batches:
            found.append(_after(tables, _of(before, {each.partition for each in batch})))
    again = {each.partition for each in pending}
    return Outlook(
        rows=pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_SHOWN),
        unchanged=tuple(each.partition for each in here if each.partition not in again),
        absent=tuple(partition for partition in concerned if partition not in standing),
    )


def _concerned(con: duckdb.DuckDBPyConnection, source: str | None, day: date | None) -> list[intake.Partition]:
    """Deliveries with quarantined rows, by date and source."""
    found: list[intake.Partition] = con.execute(
        """
        SELECT DISTINCT delivery_date, source
        FROM raw_row
        WHERE disposition = 'quarantined' AND source = coalesce($source, source)
            AND delivery_date = coalesce($day, delivery_date)
        ORDER BY ALL
        """,
        {"source": source, "day": day},
    ).fetchall()
    return found


def _history(con: duckdb.DuckDBPyConnection, *, as_of: date) -> pd.DataFrame:
    """All that is aside now, as history, whether it was published before or not; present_rule says why."""
    everything = quarantine_history.compared(con, as_of=as_of, mask=masking.quarantine)
    aside = everything.loc[everything["present_rule"].notna()]
    return aside.assign(state="open", settled_at=None, how=None, rule=aside["present_rule"])


def _of(rows: pd.DataFrame, partitions: Collection[intake.Partition]) -> pd.DataFrame:
    keys = zip(rows["delivery_date"], rows["source"], strict=True)
    return rows.loc[[key in partitions for key in keys]]


def _after(tables: Mapping[str, pa.Table], before: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``before`` as they would be once ``tables`` are taken in, and those that would newly be set aside."""
    views = {
        RAW_ROW.name: tables["row"],
        RAW_FILE.name: tables["file"],
        CORE_EVENT.name: tables["record"].select([*_PLACE, "source_record_id"]),
        CORE_QUARANTINE_HISTORY.name: CORE_QUARANTINE_HISTORY.conform(before[CORE_QUARANTINE_HISTORY.column_names]),
    }
    with duckdb.connect() as con:
        for name, table in views.items():
            con.register(name, table)
        after = quarantine_history.compared(con, as_of=before["first_seen_at"].max(), mask=masking.quarantine)
    new, is_aside = after["is_new"].astype(bool), after["present_rule"].notna()
    after["outlook"] = after["state"].mask(is_aside, "open").mask(new, "new")
    after["rule"] = after["rule"].mask(new)
    return after[_SHOWN].sort_values(_PLACE, ignore_index=True)


def by_reason(rows: pd.DataFrame) -> pd.DataFrame:
    """How many rows of each source and reason would come back; for the terminal."""
    told = rows.assign(reason=rows["rule"].fillna(rows["present_rule"]))
    counts = told.groupby(["source", "reason"])["outlook"].value_counts().unstack(fill_value=0)
    counts = counts.reindex(columns=list(OUTLOOK), fill_value=0).rename(columns=OUTLOOK).reset_index()
    counts["reason"] = [f"{remedies.of(rule).name}（{rule}）" for rule in counts["reason"]]
    return counts.rename(columns={"source": "来源", "reason": "原因"})


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of an `Outlook` for the terminal."""
    return pd.DataFrame(
        {
            "来源": rows["source"],
            "交付日期": rows["delivery_date"],
            "文件": rows["file"],
            "行": rows["row_number"].astype("Int64"),
            "记录编号": rows["source_record_id"],
            "列": rows["column_name"],
            "现在的原因": [_name(rule) for rule in rows["rule"]],
            "重读后": rows["outlook"].map(OUTLOOK),
            "重读后的原因": [_name(rule) for rule in rows["present_rule"]],
        }
    )


def _name(rule: object) -> str:
    return remedies.of(rule).name if isinstance(rule, str) else ""
