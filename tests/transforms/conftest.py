"""A lake of a few hand-made records, for whatever judges disputes: what a run finds in the restricted zone."""

import hashlib
from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from sources.table import Table
from transforms.tables import CORE_DISPUTE_EVENT, CORE_EVENT, CORE_PARTY


def _event_id(row: dict[str, Any]) -> str:
    return "ev_" + hashlib.sha256(f"{row['source']}\x1f{row['source_record_id']}".encode()).hexdigest()[:20]


def _create(con: duckdb.DuckDBPyConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    con.register("arriving", pa.Table.from_pylist(rows, schema=table.schema))
    con.execute(f"CREATE TABLE {table.name} AS SELECT * FROM arriving")
    con.unregister("arriving")


@pytest.fixture
def lake_of() -> Callable[..., duckdb.DuckDBPyConnection]:
    """Builds a connection from short rows.

    A row needs ``id``, ``at`` (reported) and ``dispute`` (None: no dispute); the delivery is the day after unless
    ``delivered`` says otherwise; several rows of one id are its versions. ``people`` lists keys of complainants.
    """

    def build(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
        events, parties, members = [], [], {}
        for number, given in enumerate(rows):
            row = dict(given)
            people, dispute = row.pop("people", []), row.pop("dispute")
            recurrence = row.pop("recurrence_of", None)
            reported = pd.Timestamp(row.pop("at"))
            delivered = pd.Timestamp(row.pop("delivered", (reported + pd.Timedelta(days=1)).date()))
            event = {
                "source": "hotline", "category_code": "0402", "county_code": "530402", "town_code": "530402001000",
                **row, "source_record_id": row["id"], "reported_at": reported, "delivery_date": delivered.date(),
                "file": "a", "sheet": None, "row_number": number, "is_dispute": dispute is not None,
            }  # fmt: skip
            event.pop("id")
            event["event_id"] = _event_id(event)
            for name in ("closed_at", "deadline_at", "outcome_at", "version_at"):
                event[name] = pd.Timestamp(event[name]) if name in event else None
            events.append(event)
            origin = {name: event[name] for name in ("event_id", "source", "delivery_date", "file", "row_number")}
            for person in people:
                party = {"role": "reporter", "kind": "person", "is_full_name": False, **origin}
                if isinstance(person, dict):
                    party |= person
                else:
                    party["phone_tokens"] = [person]
                parties.append(party)
            if dispute is not None:
                members[event["event_id"]] = {
                    "dispute_id": dispute, "event_id": event["event_id"], "source": event["source"],
                    "source_record_id": event["source_record_id"], "recurrence_of": recurrence,
                }  # fmt: skip
        con = duckdb.connect()
        for table, found in ((CORE_EVENT, events), (CORE_PARTY, parties), (CORE_DISPUTE_EVENT, list(members.values()))):
            _create(con, table, found)
        con.execute("CREATE VIEW corrected_event AS FROM core_event")
        con.execute(
            "CREATE VIEW current_event AS SELECT *, min(delivery_date) OVER (PARTITION BY event_id) AS"
            " first_delivery_date FROM core_event QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY"
            " coalesce(version_at, delivery_date::timestamp) DESC, delivery_date DESC, row_number DESC) = 1"
        )
        return con

    return build
