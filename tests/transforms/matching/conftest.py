"""A connection with the three core views over inline rows: tests say only what they are about."""

import duckdb
import pandas as pd
import pytest

from transforms.tables import CORE_EVENT, CORE_PARTY, CORE_REFERENCE


def build(events, parties=(), references=()):
    """Events and parties: (event_id, {column: value}); references: (event_id, number)."""
    event = pd.DataFrame(
        [
            {
                "event_id": event_id,
                "source": "hotline",
                "source_record_id": event_id.removeprefix("ev_"),
                "is_dispute": True,
                **values,
            }
            for event_id, values in events
        ]
    )
    for name in ("reported_at", "closed_at", "outcome_at"):
        if name in event:
            event[name] = pd.to_datetime(event[name], format="ISO8601")
    party = pd.DataFrame(
        [
            {"event_id": event_id, "kind": "person", "role": "reporter", "is_full_name": True, **values}
            for event_id, values in parties
        ]
    )
    reference = pd.DataFrame([{"event_id": a, "kind": "transfer", "number": b} for a, b in references])
    con = duckdb.connect()
    for name, table, frame in (
        ("current_event", CORE_EVENT, event),
        ("current_party", CORE_PARTY, party),
        ("current_reference", CORE_REFERENCE, reference),
    ):
        con.register("arrived", table.conform(frame))
        con.execute(f"create table {name} as select * from arrived")
        con.unregister("arrived")
    return con


@pytest.fixture
def lake():
    return build
