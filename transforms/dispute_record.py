"""One dispute record out of everything the systems say about it.

Here: voting on category and place, the published title, counts, and whether and when the matter was resolved. Not here:
which records belong together (`transforms.matching`), which dispute is an older one returned
(`transforms.recurrence`), what the risk is (`transforms.risk`), warnings (`transforms.warnings`).
current_event + core_party + core_dispute_event -> core_dispute
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from transforms import complainants, recurrence, risk
from transforms.tables import CORE_DISPUTE

_HERE = Path(__file__).parent


def build(con: duckdb.DuckDBPyConnection, *, as_of: datetime) -> pd.DataFrame:
    """Builds the dispute table as of a moment.

    Args:
        con: connection with ``current_event``, ``core_party``, ``core_dispute_event``.
        as_of: the run's now (local time); decides what is overdue and how fresh reports are.

    Returns:
        One row per dispute in `CORE_DISPUTE` shape, ordered by dispute_id.
    """
    block = settings()
    frame = con.execute(
        (_HERE / "dispute_record.sql").read_text("utf-8"),
        {
            "as_of": as_of,
            "tier_of_industry": block["tier_of_industry"],
            **_map("category_keys", "category_weights", block["category_weight"]),
            **_map("place_keys", "place_weights", block["place_weight"]),
            **_map("title_keys", "title_ranks", block["title_rank"]),
            **_map("tier_keys", "tiers", block["tier_of_source"]),
            **block["category_factor"],
            "corrected": block["corrected"],
            "title_length": block["title_length"],
            "vulnerable": "|".join(risk.settings()["vulnerable_words"]),
        },
    ).df()
    returned = recurrence.find(con).set_index("dispute_id")["recurrence_of"]
    frame["recurrence_of"] = frame["dispute_id"].map(returned)
    people = reporters(con)
    counted = frame["dispute_id"].map(people).fillna(1).astype("int64").clip(lower=1)
    written = frame["headcount"].fillna(0).astype("int64")
    frame["reporter_count"] = counted
    frame["persons_involved"] = counted.where(counted >= written, written)
    frame["scale_code"] = _scale(frame["scale_written"], frame["persons_involved"])
    assessed = risk.assess(frame)
    return pd.concat([frame, assessed], axis="columns")[CORE_DISPUTE.column_names]


def reporters(con: duckdb.DuckDBPyConnection) -> pd.Series:
    """Counts the distinct identified complainants of each dispute (index: dispute_id); none identified: absent."""
    parties = con.execute(
        (_HERE / "complainants.sql").read_text("utf-8"), {"roles": list(complainants.ROLES), "history_sources": [""]}
    ).df()
    return complainants.count(parties).groupby("dispute_id")["complainants"].last()


def _scale(written: pd.Series, persons: pd.Series) -> pd.Series:
    """The larger of the scale a source wrote and the scale that the number of persons means (GB/T 31000 事件规模)."""
    limits = settings()["scale"]
    by_persons = pd.Series("01", index=persons.index).mask(persons >= limits["general_from"], "02")
    by_persons = by_persons.mask(persons >= limits["major_from"], "03")
    given = written.fillna("01")
    return given.where(given >= by_persons, by_persons)


def _map(keys: str, values: str, mapping: dict[str, Any]) -> dict[str, list[Any]]:
    return {keys: list(mapping), values: list(mapping.values())}


@cache
def settings() -> dict[str, Any]:
    """The contents of dispute_record.yml."""
    loaded: dict[str, Any] = yaml.safe_load((_HERE / "dispute_record.yml").read_text("utf-8"))
    return loaded
