"""Inline rows in the shapes of the raw tables, for tests of transforms."""

import datetime as dt

import pandas as pd

from sources.tables import RAW_PARTY, RAW_RECORD, RAW_REFERENCE
from transforms import event
from transforms.tokens import Tokens

ORIGIN = {"source": "hotline", "delivery_date": dt.date(2025, 3, 2), "file": "a.xlsx", "sheet": "工单", "row_number": 4}
TOKENS = Tokens(b"k" * 32)


def record(**values):
    return {**ORIGIN, "source_record_id": "1", "reported_at": pd.Timestamp("2025-03-01 08:15:02"), **values}


def party(**values):
    return {**ORIGIN, "source_record_id": "1", "party_number": 1, "role": "reporter", **values}


def reference(**values):
    return {**ORIGIN, "source_record_id": "1", **values}


def frame(table, rows):
    return table.conform(pd.DataFrame(rows)).to_pandas() if rows else table.empty()


def build(records, parties=(), references=()):
    return event.build(
        frame(RAW_RECORD, list(records)),
        frame(RAW_PARTY, list(parties)),
        frame(RAW_REFERENCE, list(references)),
        TOKENS,
    )
