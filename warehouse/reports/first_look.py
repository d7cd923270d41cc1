"""The first look: what came in, which disputes were found, what to worry about first.

Here: queries on the published warehouse, and what `make demo` suggests to try. Not here: printing (`pipelines.cli`).
warehouse.duckdb -> FirstLook
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

_SQL = Path(__file__).parents[1] / "sql" / "reports"

QUERIES = (
    "SELECT level, rule_name, area_name, evidence FROM warning WHERE status = 'open' "
    "ORDER BY first_seen_at DESC LIMIT 10",
    "FROM dispute_timeline((SELECT dispute_id FROM dispute "
    "ORDER BY source_count DESC, event_count DESC, dispute_id LIMIT 1))",
)
"""Two queries to try; they hold no double quotes, so that they can be pasted between some."""


@dataclass(frozen=True)
class FirstLook:
    """Three frames with Chinese headings.

    Attributes:
        sources: one row per source (rows read, accepted, superseded, ignored, quarantined), the last one all together.
        disputes: one row: how many, in how many systems, resolved, at high risk, overdue.
        warnings: the five highest open warnings with their evidence.
    """

    sources: pd.DataFrame
    disputes: pd.DataFrame
    warnings: pd.DataFrame


def read(warehouse: Path) -> FirstLook:
    """Reads the first look from a published `warehouse.duckdb`.

    Raises:
        duckdb.Error: there is no such file, or it cannot be read.
    """
    with duckdb.connect(str(warehouse), read_only=True) as con:
        sources = _ask(con, "sources")
        sources["来源"] = sources["来源"].fillna("合计")
        return FirstLook(sources, _ask(con, "disputes"), _ask(con, "warnings"))


def held(warehouse: Path, deliveries: Iterable[tuple[date, str]]) -> pd.DataFrame:
    """Returns the files of ``deliveries`` (date, source) that were held or could not be read, with the reason."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        frames = [
            _ask(con, "held", {"delivery_date": day, "source": source}) for day, source in sorted(set(deliveries))
        ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _ask(con: duckdb.DuckDBPyConnection, name: str, parameters: dict[str, Any] | None = None) -> pd.DataFrame:
    frame: pd.DataFrame = con.execute((_SQL / f"{name}.sql").read_text("utf-8"), parameters or {}).df()
    return frame
