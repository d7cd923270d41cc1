"""Where the heavy steps of a full linking run: in DuckDB on this machine, or on Spark over many.

Here: what an engine does, the one that runs here, and choosing one by name. Not here: the steps themselves
(`candidates`, `scoring`, `clusters`), which every engine calls, so that the clusters are the same; preparing records,
training, ids and explanations, which run beside the lake whatever the engine.
store, m_record, m_reference -> m_pair -> Edges -> cluster number per record
"""

from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from transforms.matching import candidates, scoring
from transforms.matching.explanations import Decided
from transforms.matching.model import Model
from transforms.matching.records import Records
from transforms.matching.scoring import Edges
from transforms.matching.store import Store


class Engine(Protocol):
    """What a full linking asks of an engine, in this order; a context that gives back what it holds."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def block(self, con: Any, store: Store, settings: dict[str, Any]) -> pd.DataFrame:
        """Makes ``m_pair`` (l < r, rules), and returns a row per rule; see `candidates.block`."""

    def score(self, con: Any, records: Records, model: Model, settings: dict[str, Any]) -> Edges:
        """Scores ``m_pair`` and the pairs that share a likely partner, in order of l, r; see `scoring.completed`."""

    def cluster(self, decided: Decided, count: int, settings: dict[str, Any]) -> np.ndarray:
        """Returns the cluster of each record; ``decided``: what `score` gave, and people's verdicts on top."""

    def figures(self) -> dict[str, Any]:
        """What the run's report says of the engine: its name, and what it counted."""


class DuckDB:
    """The engine of one machine."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held."""

    def block(self, con: Any, store: Store, settings: dict[str, Any]) -> pd.DataFrame:
        """See `Engine`."""
        return candidates.block(con, store, settings)

    def score(self, con: Any, records: Records, model: Model, settings: dict[str, Any]) -> Edges:
        """See `Engine`."""
        return scoring.completed(con, records, model, settings, scoring.score_parts(con, records, model, settings))

    def cluster(self, decided: Decided, count: int, settings: dict[str, Any]) -> np.ndarray:
        """See `Engine`."""
        return scoring.cluster(decided, count, settings)

    def figures(self) -> dict[str, Any]:
        """See `Engine`."""
        return {"name": "duckdb"}


def of(name: str) -> Engine:
    """Returns the engine of this name, duckdb or spark."""
    if name == "spark":
        from transforms.matching.engines.spark import Spark

        return Spark()
    return DuckDB()
