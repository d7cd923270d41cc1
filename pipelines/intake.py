"""Taking deliveries in: which of them differ from what the lake holds, and from files to events in batches.

Here: comparison of landing and lake, batching by rows, order of writes. Not here: reading (`sources.read`), cleaning
(`transforms.event`), storage (`warehouse.lake`), Dagster (`ingest`).
landing/ + core_intake -> Intake -> raw_* -> core_event … -> core_intake
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from pipelines.progress import step
from sources import contract
from sources.deliveries import Delivery
from sources.read import read_in_batches
from sources.tables import RAW_FILE, RAW_PARTY, RAW_RECORD, RAW_REFERENCE, RAW_ROW
from transforms import event
from transforms.tables import CORE_EVENT, CORE_INTAKE, CORE_PARTY, CORE_REFERENCE, CORE_VAULT
from transforms.tokens import Tokens
from warehouse.lake import Lake

# Raise when reading or cleaning gives another result for the same file: every delivery is then pending once more.
INTAKE_RECIPE = 1
ROWS_IN_BATCH = 20_000
# Dagster records one event for each day of a range, delivered or not: wide gaps cost more than a run of their own.
MAX_GAP = timedelta(days=31)

Partition = tuple[date, str]
RAW_TABLES = {
    RAW_ROW.name: "row",
    RAW_FILE.name: "file",
    RAW_RECORD.name: "record",
    RAW_PARTY.name: "party",
    RAW_REFERENCE.name: "reference",
}
CORE_TABLES = {
    CORE_EVENT.name: "event",
    CORE_PARTY.name: "party",
    CORE_REFERENCE.name: "reference",
    CORE_VAULT.name: "vault",
}


@dataclass(frozen=True)
class Intake:
    """A delivery as it stands in landing: ``signature`` covers its files, its source's definition and acceptance."""

    delivery: Delivery
    signature: str
    is_accepted_by_person: bool

    @property
    def partition(self) -> Partition:
        """Where its rows lie in the lake."""
        return (self.delivery.delivery_date, self.delivery.source)


def intakes(deliveries: Iterable[Delivery], acceptance: pd.DataFrame) -> list[Intake]:
    """Pairs each delivery with its signature, in order of date and source.

    ``acceptance`` is the table core_acceptance: a held delivery that a person accepted is read again, its content
    as it was when accepted.
    """
    accepted = set(zip(acceptance["delivery_date"], acceptance["source"], acceptance["content_signature"], strict=True))
    fingerprints = {name: contract.fingerprint(name) for name in contract.names()}
    result = []
    for delivery in sorted(deliveries, key=lambda each: (each.delivery_date, each.source)):
        by_person = (delivery.delivery_date, delivery.source, delivery.signature) in accepted
        parts = [str(INTAKE_RECIPE), delivery.signature, fingerprints[delivery.source], str(by_person)]
        result.append(Intake(delivery, hashlib.sha256("\n".join(parts).encode()).hexdigest(), by_person))
    return result


def pending(found: Sequence[Intake], finished: pd.DataFrame) -> list[Intake]:
    """Returns the intakes whose signature the lake does not hold yet (``finished``: the table core_intake)."""
    held = set(zip(finished["delivery_date"], finished["source"], finished["signature"], strict=True))
    return [intake for intake in found if (*intake.partition, intake.signature) not in held]


def ranges(dates: Iterable[date], occupied: Iterable[date]) -> list[tuple[date, date]]:
    """Groups ``dates`` into ranges, first and last day included, for single-run backfills.

    A range spans days without any delivery, but no day in ``occupied`` that is not among ``dates``: what the lake
    holds already is not read again.
    """
    wanted = sorted(set(dates))
    others = sorted(set(occupied) - set(wanted))
    result: list[tuple[date, date]] = []
    for day in wanted:
        last = result[-1][1] if result else None
        if last is not None and day - last <= MAX_GAP and not any(last < other < day for other in others):
            result[-1] = (result[-1][0], day)
        else:
            result.append((day, day))
    return result


def read_into(lake: Lake, wanted: Sequence[Intake]) -> Counter[str]:
    """Reads deliveries and replaces their rows in the raw tables, batch by batch; returns the counts by disposition."""
    counts: Counter[str] = Counter()
    pairs = ((each.delivery, each.is_accepted_by_person) for each in step(wanted, "读入交付", len(wanted)))
    for members, reading in read_in_batches(pairs, rows=ROWS_IN_BATCH):
        partitions = [(delivery.delivery_date, delivery.source) for delivery in members]
        for table, name in RAW_TABLES.items():
            lake.replace(table, getattr(reading, name), partitions)
        counts.update(reading.row["disposition"].value_counts().to_dict())
        counts["files"] += len(reading.file)
    return counts


def clean_into(lake: Lake, dates: Collection[date], tokens: Tokens) -> Counter[str]:
    """Makes events of the raw records of ``dates`` and replaces them, batch by batch; returns counts."""
    counts: Counter[str] = Counter()
    with lake.connect() as con:
        sizes = con.execute(
            """
            SELECT delivery_date, source, sum(rows_valid)::BIGINT AS rows
            FROM raw_file WHERE delivery_date IN (SELECT unnest(?::DATE[]))
            GROUP BY ALL ORDER BY ALL
            """,
            [sorted(dates)],
        ).fetchall()
        for partitions in step(list(_groups(sizes)), "清洗与编码"):
            parts = {}
            for table in (RAW_RECORD.name, RAW_PARTY.name, RAW_REFERENCE.name):
                parts[RAW_TABLES[table]] = con.execute(
                    f"""
                    SELECT * FROM {table}
                    WHERE delivery_date BETWEEN ? AND ? AND (delivery_date || '/' || source) IN (SELECT unnest(?))
                    ORDER BY delivery_date, source, file, sheet, row_number
                    """,
                    [partitions[0][0], partitions[-1][0], [f"{day}/{source}" for day, source in partitions]],
                ).df()
            built = event.build(**parts, tokens=tokens)
            for table, name in CORE_TABLES.items():
                lake.replace(table, getattr(built, name), partitions)
            counts["events"] += len(built.event)
            counts["disputes"] += int(built.event["is_dispute"].sum())
    return counts


def _groups(sizes: Sequence[tuple[date, str, int]]) -> Iterator[list[Partition]]:
    """Cuts (date, source, rows) into groups of about `ROWS_IN_BATCH` rows, in order."""
    group: list[Partition] = []
    rows = 0
    for day, source, count in sizes:
        group.append((day, source))
        rows += count
        if rows >= ROWS_IN_BATCH:
            yield group
            group, rows = [], 0
    if group:
        yield group


def finish(lake: Lake, wanted: Sequence[Intake]) -> pd.DataFrame:
    """Marks deliveries as taken in and returns them in the shape of core_intake; the last write of an intake.

    A run that was killed before this leaves them pending, and the next one does them again from the start.
    """
    files = lake.read(RAW_FILE)
    account = files.groupby(["delivery_date", "source", "signature"]).agg(
        is_held=("status", lambda status: bool((status == "held").any())), rows_valid=("rows_valid", "sum")
    )
    # joined by content: a delivery that came, or changed, after it was read stays pending
    read = {key: values for key, *values in account.itertuples(name=None)}
    rows = [
        (*each.partition, each.signature, "held" if is_held else "accepted", rows_valid)
        for each in wanted
        if (key := (*each.partition, each.delivery.signature)) in read
        for is_held, rows_valid in [read[key]]
    ]
    taken = pd.DataFrame(rows, columns=["delivery_date", "source", "signature", "status", "rows_valid"])
    partitions = list(zip(taken["delivery_date"], taken["source"], strict=True))
    lake.replace(CORE_INTAKE.name, taken, partitions)
    return taken
