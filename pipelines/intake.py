"""Taking deliveries in: which of them differ from what the lake holds, and from files to events in batches.

Here: comparison of landing and lake, batching by rows, what a worker process does with a batch, which deliveries
are held, order of writes. Not here: reading (`sources.read`), why a delivery is held (`sources.volume`,
`quality.contracts`), cleaning (`transforms.event`), the processes (`workers`), storage (`warehouse.lake`), Dagster
(`ingest`).
landing/ + core_intake -> Intake -> raw_* -> core_event … -> core_intake
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.progress import step
from pipelines.workers import Tables, produced
from quality import contracts, suites
from sources import contract, frames, volume
from sources.deliveries import Delivery
from sources.frames import Reading
from sources.holding import hold
from sources.read import read_group, without_collector
from sources.tables import RAW_FILE, RAW_PARTY, RAW_RECORD, RAW_REFERENCE
from transforms import event
from transforms.tables import CORE_EVENT, CORE_INTAKE, CORE_PARTY, CORE_REFERENCE, CORE_VAULT
from transforms.tokens import Tokens
from warehouse.lake import Lake

# Raise when reading or cleaning gives another result for the same file: every delivery is then pending once more.
INTAKE_RECIPE = 2
ROWS_IN_BATCH = 20_000
ROWS_IN_COMMIT = 50_000
"""Every write rewrites what shares its month and source once in a while: fewer and larger ones cost less."""
# Below this the start of a worker process (about 1 s) costs more than it saves.
ROWS_FOR_WORKERS = 20_000
_BYTES_IN_ROW = {".xlsx": 150, ".xlsm": 150, ".zip": 100, ".jsonl": 1000, ".json": 1000}
_BYTES_IN_OTHER_ROW = 300
# Dagster records one event for each day of a range, delivered or not: wide gaps cost more than a run of their own.
MAX_GAP = timedelta(days=31)

Partition = tuple[date, str]
Sized = TypeVar("Sized")
CORE_TABLES = {"event": CORE_EVENT, "party": CORE_PARTY, "reference": CORE_REFERENCE, "vault": CORE_VAULT}


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
    # what a source is read by, and what its deliveries can be held for
    fingerprints = {name: contract.fingerprint(name) + contracts.fingerprint(name) for name in contract.names()}
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


def read_into(lake: Lake, wanted: Sequence[Intake], *, workers: int = 1) -> Counter[str]:
    """Reads deliveries and replaces their rows in the raw tables, batch by batch; returns the counts by disposition.

    ``workers``: processes that read; this one writes. A small backlog is read by this process all the same.
    """
    counts: Counter[str] = Counter()
    writer = _Writer(lake, {name: table.name for name, table in frames.TABLES.items()})
    with reading(lake, wanted, workers=workers) as batches:
        for batch, tables in batches:
            writer.add(tables, [each.partition for each in batch])
            counts.update(_dispositions(tables["row"]))
            counts["files"] += tables["file"].num_rows
        writer.flush()
    return counts


@contextmanager
def reading(
    lake: Lake, wanted: Sequence[Intake], *, workers: int = 1
) -> Iterator[Iterator[tuple[list[Intake], Tables]]]:
    """Gives the raw tables of deliveries batch by batch, in order of date, and writes nothing.

    The very tables that `read_into` writes: what breaks its contract or is far too small is held.
    """
    batches = list(_grouped([(each, _rows_guessed(each.delivery)) for each in wanted]))
    sizes = _Sizes(lake, wanted)
    with _produced(lake, _Reading(), batches, workers) as read:
        pairs = step(zip(_members(batches), read, strict=True), "读入交付", len(batches))
        yield ((batch, sizes.judged(tables)) for batch, tables in pairs)


class _Reading:
    """In a worker: the raw tables of a batch of deliveries; one that breaks its contract is held."""

    @cached_property
    def _suites(self) -> list[suites.Suite]:
        return suites.load_all()

    def __call__(self, batch: Sequence[Intake]) -> Tables:
        tables = read_group((each.delivery, each.is_accepted_by_person) for each in batch)
        sentences = contracts.broken(tables["record"].to_pandas(use_threads=False), self._suites)
        return _held(tables, sentences, _accepted(batch))


def _accepted(wanted: Iterable[Intake]) -> set[Partition]:
    return {each.partition for each in wanted if each.is_accepted_by_person}


def _held(tables: Tables, sentences: Mapping[Partition, str], accepted: Collection[Partition]) -> Tables:
    return hold(Reading.of(tables), sentences, accepted).tables() if sentences else tables


class _Sizes:
    """Holds deliveries that are far smaller than those before them; to be asked in order of date.

    What counts as before is what the lake holds and what this run has read, never what lies in a partition that this
    run reads later: a run that was killed and does it all again holds the same deliveries.
    """

    def __init__(self, lake: Lake, wanted: Sequence[Intake]) -> None:
        self._accepted = _accepted(wanted)
        before = volume.rows_of(lake.read(RAW_FILE))
        mine = {each.partition for each in wanted}
        keys = list(zip(before["delivery_date"], before["source"], strict=True))
        self._before = before.loc[[key not in mine for key in keys]]

    def judged(self, tables: Tables) -> Tables:
        """The tables of a batch, too small deliveries held; the others are what the next batch is measured by."""
        file = tables["file"].to_pandas()
        tables = _held(tables, volume.too_few(file, self._before, accepted=self._accepted), self._accepted)
        self._before = pd.concat([self._before, volume.rows_of(tables["file"].to_pandas())], ignore_index=True)
        return tables


def _dispositions(row: pa.Table) -> dict[str, int]:
    return {each["values"]: each["counts"] for each in pc.value_counts(row["disposition"]).to_pylist()}


def _rows_guessed(delivery: Delivery) -> int:
    """About how many rows a delivery has, from the size of its files: nothing is opened for it."""
    rows = 0
    for file in delivery.files:
        try:
            rows += file.stat().st_size // _BYTES_IN_ROW.get(file.suffix.lower(), _BYTES_IN_OTHER_ROW)
        except OSError:  # gone by now: the reader says so
            continue
    return rows


def clean_into(lake: Lake, dates: Collection[date], tokens: Tokens, *, workers: int = 1) -> Counter[str]:
    """Makes events of the raw records of ``dates`` and replaces them, batch by batch; returns counts.

    ``workers``: as for `read_into`.
    """
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
    batches = list(_grouped([((day, source), rows) for day, source, rows in sizes]))
    writer = _Writer(lake, {name: table.name for name, table in CORE_TABLES.items()})
    with _produced(lake, _Cleaning(lake.root, tokens), batches, workers) as cleaned:
        for partitions, tables in step(zip(_members(batches), cleaned, strict=True), "清洗与编码", len(batches)):
            writer.add(tables, partitions)
            counts["events"] += tables["event"].num_rows
            counts["disputes"] += pc.sum(tables["event"]["is_dispute"]).as_py() or 0
        writer.flush()
    return counts


@dataclass
class _Cleaning:
    """In a worker: the core tables of a batch of partitions, read from the lake as it stood at the first one."""

    root: Path
    tokens: Tokens

    @cached_property
    def _con(self) -> duckdb.DuckDBPyConnection:
        return Lake.standing(self.root).connect(threads=1)

    def __call__(self, partitions: Sequence[Partition]) -> Tables:
        parts = {}
        for name, table in (("record", RAW_RECORD), ("party", RAW_PARTY), ("reference", RAW_REFERENCE)):
            rows = self._con.sql(
                f"""
                SELECT * FROM {table.name}
                WHERE delivery_date BETWEEN ? AND ? AND (delivery_date || '/' || source) IN (SELECT unnest(?))
                ORDER BY {", ".join(table.key)}
                """,
                params=[partitions[0][0], partitions[-1][0], [f"{day}/{source}" for day, source in partitions]],
            )
            parts[name] = rows.to_arrow_table().to_pandas(use_threads=False)
        with without_collector():
            built = event.build(**parts, tokens=self.tokens)
        return {name: table.conform(getattr(built, name)) for name, table in CORE_TABLES.items()}


# ----------------------------------------------------------------------------------------------- batches and commits
def _grouped(sized: Iterable[tuple[Sized, int]]) -> Iterator[tuple[list[Sized], int]]:
    """Cuts things with a number of rows into groups of at most `ROWS_IN_BATCH` rows, in order; one alone may have more.

    With each group come its rows.
    """
    group: list[Sized] = []
    total = 0
    for thing, rows in sized:
        if group and total + rows > ROWS_IN_BATCH:
            yield group, total
            group, total = [], 0
        group.append(thing)
        total += rows
    if group:
        yield group, total


def _members(batches: Iterable[tuple[list[Sized], int]]) -> list[list[Sized]]:
    return [members for members, _ in batches]


def _produced(
    lake: Lake, work: Callable[[Any], Tables], batches: Sequence[tuple[list[Sized], int]], workers: int
) -> AbstractContextManager[Iterator[Tables]]:
    """The tables of each batch, made by worker processes where there is enough to do for more than one."""
    is_small = sum(rows for _, rows in batches) < ROWS_FOR_WORKERS
    processes = 1 if is_small else min(workers, len(batches))
    return produced(work, _members(batches), processes=processes, folder=lake.scratch_folder())


class _Writer:
    """Collects batches and replaces their partitions in the lake, `ROWS_IN_COMMIT` rows at a time.

    ``names``: from the names of the tables in a batch to those in the lake.
    """

    def __init__(self, lake: Lake, names: Mapping[str, str]) -> None:
        self._lake = lake
        self._names = names
        self._batches: list[Tables] = []
        self._partitions: list[Partition] = []

    def add(self, tables: Tables, partitions: Iterable[Partition]) -> None:
        """Takes a batch; writes when enough has come together."""
        self._batches.append(tables)
        self._partitions.extend(partitions)
        if sum(max(table.num_rows for table in batch.values()) for batch in self._batches) >= ROWS_IN_COMMIT:
            self.flush()

    def flush(self) -> None:
        """Writes what has come together, one commit for each table."""
        if not self._partitions:
            return
        for name, table in self._names.items():
            self._lake.replace(table, pa.concat_tables([batch[name] for batch in self._batches]), self._partitions)
        self._batches, self._partitions = [], []


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
