"""What a delivery left behind, gathered table by table: rows, accounts of files, records, parties, references.

Here: `File` on its way through, the account of each file, Arrow batches, the tables and frames at the end. Not here:
what becomes of a row (`sources.layout`, `sources.rows`), which files there are (`sources.read`).
File, Table, Rows -> Batches -> Reading
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa

from sources import rows
from sources.deliveries import Delivery
from sources.layout import Fate, Table
from sources.readers.sheet import FileRefused
from sources.rows import Party, Rows
from sources.tables import ORIGIN, RAW_FILE, RAW_PARTY, RAW_RECORD, RAW_REFERENCE, RAW_ROW

SIDE_RULES = ("side_row", "side_superseded")
"""Rules under which rows of side lists are ignored once they are joined; they keep the number of their record."""

TABLES = {"row": RAW_ROW, "file": RAW_FILE, "record": RAW_RECORD, "party": RAW_PARTY, "reference": RAW_REFERENCE}
"""What a `Reading` holds, by the names of its frames."""


@dataclass(frozen=True)
class Reading:
    """What a delivery holds, one frame for each raw table, in its shape (`sources.tables`)."""

    row: pd.DataFrame
    file: pd.DataFrame
    record: pd.DataFrame
    party: pd.DataFrame
    reference: pd.DataFrame

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> "Reading":
        """The frames of Arrow tables, see `Batches.tables`. Threads would cost small deliveries more than they give."""
        return cls(**{name: table.to_pandas(use_threads=False) for name, table in tables.items()})

    def tables(self) -> dict[str, pa.Table]:
        """The same as Arrow tables, by the names of the frames."""
        return {name: table.conform(getattr(self, name)) for name, table in TABLES.items()}

    @property
    def is_held(self) -> bool:
        """A delivery in it breaks its contract and waits for a person; no records of that one are here."""
        return bool((self.file["status"] == "held").any())


@dataclass
class File:
    """One file of the delivery on its way through: its tables, or why there are none."""

    name: str
    status: str = "accepted"
    reason: str | None = None
    rule: str | None = None
    tables: list[Table] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def refuse(self, error: FileRefused) -> None:
        """Marks the file as unreadable."""
        self.status, self.rule, self.reason = "quarantined", error.rule, error.sentence


class Batches:
    """Arrow batches of each raw table, one for each table of a file; one Arrow table of all at the end."""

    def __init__(self) -> None:
        self.rows: list[pa.RecordBatch] = []
        self.records: list[pa.RecordBatch] = []
        self.parties: list[pa.RecordBatch] = []
        self.references: list[pa.RecordBatch] = []
        self.files: list[dict[str, Any]] = []
        self.ignored: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """The counters as they stand, to tell what one file adds."""
        return Counter(self.ignored), Counter(self.totals)

    def tables(self) -> dict[str, pa.Table]:
        """All that was added, by the names of `TABLES`."""
        batches = {"row": self.rows, "record": self.records, "party": self.parties, "reference": self.references}
        tables = {name: pa.Table.from_batches(batches[name], schema=TABLES[name].schema) for name in batches}
        return tables | {"file": pa.Table.from_pylist(self.files, schema=RAW_FILE.schema)}

    def reading(self) -> Reading:
        """All that was added, as frames."""
        return Reading.of(self.tables())

    def _batch(self, schema: pa.Schema, count: int, data: Mapping[str, Any]) -> pa.RecordBatch:
        """A batch with the columns of ``schema``; absent ones are null, single values repeat."""
        arrays = []
        for column in schema:
            value = data.get(column.name)
            if value is None:
                arrays.append(pa.nulls(count, column.type))
            elif isinstance(value, list):
                arrays.append(pa.array(value, column.type))
            elif isinstance(value, pa.Array):
                arrays.append(value)
            else:
                arrays.append(pa.repeat(pa.scalar(value, column.type), count))
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _origin(self, delivery: Delivery, table: Table, numbers: list[int]) -> dict[str, Any]:
        values_ = (delivery.source, delivery.delivery_date, table.file, table.sheet, numbers)
        return dict(zip((column.name for column in ORIGIN), values_, strict=True))

    def add_unreadable(self, delivery: Delivery, file: File) -> None:
        """A row without a number that carries the reason of a whole file."""
        data = {
            "source": delivery.source,
            "delivery_date": delivery.delivery_date,
            "file": file.name,
            "disposition": "quarantined",
            "rule": file.rule,
            "reason": file.reason,
        }
        self.rows.append(self._batch(RAW_ROW.schema, 1, data))

    def add_rows(self, delivery: Delivery, table: Table, held: str | None) -> None:
        """raw_row of one table, and the counters."""
        count = len(table.numbers)
        self.totals["read"] += count
        if not count:
            return
        fates = table.fates
        if held:
            waiting = Fate("quarantined", "held", held)
            fates = {position: fates.get(position, waiting) for position in range(count)}
        for fate in fates.values():
            self.totals[fate.disposition] += 1
            if fate.disposition == "ignored":
                self.ignored[fate.rule] += 1
        dispositions = ["accepted"] * count
        rules: list[str | None] = [None] * count
        reasons: list[str | None] = [None] * count
        columns: list[str | None] = [None] * count
        ids = list(table.record_numbers())
        for position, fate in fates.items():
            if fate.disposition == "ignored" and fate.rule not in SIDE_RULES:
                ids[position] = None
            dispositions[position] = fate.disposition
            rules[position], reasons[position], columns[position] = fate.rule, fate.reason, fate.column
        filled = [
            rows.fragments(name, cells) for name, cells in zip(table.header, table.columns, strict=True) if any(cells)
        ]
        data = self._origin(delivery, table, table.numbers) | {
            "source_record_id": ids,
            "disposition": dispositions,
            "rule": rules,
            "reason": reasons,
            "column": columns,
            "content": ["{" + inner + "}" for inner in rows.joined(filled, count)],
        }
        self.rows.append(self._batch(RAW_ROW.schema, count, data))

    def add_file(
        self,
        delivery: Delivery,
        file: File,
        held: str | None,
        is_held: bool,
        before: tuple[Counter[str], Counter[str]],
    ) -> None:
        """The account of one file."""
        ignored = self.ignored - before[0]
        totals = self.totals - before[1]
        status, reason = file.status, file.reason
        findings = list(dict.fromkeys(file.findings))
        if status == "accepted" and is_held:
            status, reason = "held", held
        elif status == "accepted" and held:
            findings.append(f"经人工确认接收：{held}")
        self.files.append(
            {
                "source": delivery.source,
                "delivery_date": delivery.delivery_date,
                "file": file.name,
                "signature": delivery.signature,
                "status": status,
                "reason": reason,
                "rows_read": totals["read"],
                "rows_ignored": totals["ignored"],
                "rows_quarantined": totals["quarantined"],
                "rows_valid": totals["read"] - totals["ignored"] - totals["quarantined"],
                "ignored_by_rule": json.dumps(dict(sorted(ignored.items())), ensure_ascii=False),
                "findings": json.dumps(findings, ensure_ascii=False),
            }
        )

    def add_records(self, delivery: Delivery, typed: Rows) -> None:
        """raw_record, raw_party and raw_reference of the valid rows of one table."""
        valid = [row for row in range(len(typed)) if typed.is_valid(row)]
        if not valid:
            return
        pick = partial(rows.pick, positions=valid)
        table = typed.table
        numbers = [table.numbers[typed.positions[row]] for row in valid]
        data = self._origin(delivery, table, numbers)
        data |= {target: pick(column) for target, column in typed.record.items()}
        data["extra"] = [("{" + inner + "}") if inner else None for inner in pick(typed.extra)]
        data["unknown_codes"] = pick(typed.unknown_codes)
        self.records.append(self._batch(RAW_RECORD.schema, len(valid), data))
        ids = pick(typed.record["source_record_id"])
        self._add_parties(delivery, typed, ids, numbers, pick(typed.parties))
        self._add_references(delivery, typed, ids, numbers, pick(typed.references))

    def _add_parties(
        self, delivery: Delivery, typed: Rows, ids: list[str], numbers: list[int], parties: list[list[Party]]
    ) -> None:
        flat = [
            (id_, number, order, party)
            for id_, number, listed in zip(ids, numbers, parties, strict=True)
            for order, party in enumerate(listed, 1)
        ]
        if not flat:
            return
        data = self._origin(delivery, typed.table, [number for _, number, _, _ in flat])
        data |= {
            "source_record_id": [id_ for id_, _, _, _ in flat],
            "party_number": [order for _, _, order, _ in flat],
            "role": [party.role for *_, party in flat],
            "name": [party.name for *_, party in flat],
            "gender": [party.gender for *_, party in flat],
            "id_number": [party.id_number for *_, party in flat],
            "phones": [party.phones for *_, party in flat],
            "address": [party.address for *_, party in flat],
        }
        self.parties.append(self._batch(RAW_PARTY.schema, len(flat), data))

    def _add_references(
        self,
        delivery: Delivery,
        typed: Rows,
        ids: list[str],
        numbers: list[int],
        references: list[list[tuple[str, str]]],
    ) -> None:
        flat = [
            (id_, number, kind, target)
            for id_, number, listed in zip(ids, numbers, references, strict=True)
            for kind, target in listed
        ]
        if not flat:
            return
        data = self._origin(delivery, typed.table, [number for _, number, _, _ in flat])
        data |= {
            "source_record_id": [id_ for id_, _, _, _ in flat],
            "kind": [kind for *_, kind, _ in flat],
            "number": [target for *_, target in flat],
        }
        self.references.append(self._batch(RAW_REFERENCE.schema, len(flat), data))
