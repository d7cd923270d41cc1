"""What became of the rows that were set aside: still there, taken in since and by which delivery, or gone.

Here: the history of quarantined rows, brought up to the present tables. Not here: why a row is set aside (`sources`),
masks (`warehouse.masking`, handed in), when it is brought up to date (the pipeline, before each publication).
raw_row, raw_file, core_event, core_quarantine_history -> core_quarantine_history

A row enters when it is first published as quarantined, and stays: each time the whole history is written anew from the
former one and what the lake holds, so that a run that was killed does no harm and doing it twice changes nothing. A
row is known again by its record number within its source and delivery date, without one by its place in the file.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from transforms.tables import CORE_QUARANTINE_HISTORY

_QUERY = Path(__file__).with_name("quarantine_history.sql")

STATES = {
    "open": "仍隔离",
    "accepted": "已采用",
    "later": "由之后的交付采用",
    "gone": "不在现行交付中",
}
HOW = {"redelivered": "更正后重新交付", "rule_change": "规则改了", "acceptance": "人工接收"}


def update(
    con: duckdb.DuckDBPyConnection, *, as_of: date, mask: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Returns the history as it stands now, in the shape of core_quarantine_history.

    Args:
        con: a connection of `warehouse.lake.Lake.connect`.
        as_of: the run's day, for rows that enter and states that change.
        mask: `warehouse.masking.quarantine`: reason and record number of rows that enter are kept masked.
    """
    found = compared(con, as_of=as_of, mask=mask)
    return CORE_QUARANTINE_HISTORY.conform(found.drop(columns=["is_new", "present_rule"])).to_pandas()


def compared(
    con: duckdb.DuckDBPyConnection, *, as_of: date, mask: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """Returns the history as for `update`, with is_new (it enters now) and present_rule (why it is aside now)."""
    rows: pa.Table = con.sql(_QUERY.read_text("utf-8"), params={"as_of": as_of}).to_arrow_table()
    found = rows.to_pandas()
    new = found["is_new"].astype(bool)
    if new.any():
        entering = found.loc[new].drop(columns="content")
        masked = mask(entering.rename(columns={"column_name": "column", "whole_row": "content"}))
        for name in ("reason", "source_record_id"):
            found[name] = found[name].astype("object")
            found.loc[new, name] = masked[name].to_numpy(dtype="object", na_value=None)
    return found.drop(columns="whole_row")
