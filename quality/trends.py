"""The expectations that look at deliveries instead of rows: from the lake's rows to counts to verdicts.

Here: which deliveries are compared, their counts by SQL. Not here: the judgement (`quality.volume`, `quality.drift`),
single rows (`quality.validate`).
Suite + DuckDB -> counts by delivery -> one Trend per expectation
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from quality import drift, volume
from quality.suites import HIDDEN, Expectation, Suite
from sources.volume import rows_of


@dataclass(frozen=True)
class Trend:
    """The verdict of a `volume` or `drift` expectation.

    Attributes:
        expectation: which.
        verdicts: what Great Expectations is given: for `volume` whether each judged delivery is usual, for `drift` the
            divergence; empty where nothing could be judged.
        evaluated: judged deliveries (`volume`), or rows of the newest deliveries (`drift`).
        unexpected: of these, how many are unusual; 0 where the expectation is met.
        detail: what was seen, in Chinese, codes and counts only.
    """

    expectation: Expectation
    verdicts: tuple[bool | float, ...]
    evaluated: int
    unexpected: int
    detail: str | None

    @property
    def success(self) -> bool:
        """Nothing unusual was seen."""
        return self.unexpected == 0


def judge(con: duckdb.DuckDBPyConnection, suite: Suite, *, as_of: date, histories: Collection[str] = ()) -> list[Trend]:
    """Judges the newest deliveries of a source up to ``as_of``, in the suite's order.

    Args:
        con: DuckDB with a view for each raw and core table.
        suite: of a source; other suites have no such expectation.
        as_of: deliveries after it do not count.
        histories: sources whose one delivery spans many days: there the day after a record was reported stands for its
            delivery.
    """
    wanted = suite.of_deliveries
    if not wanted:
        return []
    is_history = suite.source in histories
    sizes = pd.DataFrame() if is_history else _sizes(con, suite, as_of)
    if not is_history and sizes.empty:
        return [Trend(each, (), 0, 0, None) for each in wanted]
    unit = "cast(reported_at as date) + 1" if is_history else "delivery_date"
    since = date.min if is_history else _since(sizes, wanted)
    columns = ", ".join(f"{_value_sql(each)} as value_{i}" for i, each in enumerate(wanted) if each.rule == "drift")
    con.execute(
        f"""
        create or replace temp table trend_row as
        select {unit} as delivery_date, {columns or "1 as one"}
        from {suite.relation_sql} as item
        where {unit} between $since and $until
        """,
        suite.parameters | {"since": since, "until": as_of},
    )
    try:
        if is_history:
            sizes = con.execute("select delivery_date, count(*) as rows from trend_row group by all").df()
        return [
            _volume(sizes, each) if each.rule == "volume" else _drift(con, each, f"value_{i}")
            for i, each in enumerate(wanted)
        ]
    finally:
        con.execute("drop table trend_row")


def _sizes(con: duckdb.DuckDBPyConnection, suite: Suite, as_of: date) -> pd.DataFrame:
    files = con.execute(
        "select source, delivery_date, status, rows_valid, rows_quarantined from raw_file "
        "where source = $source and delivery_date <= $as_of",
        {"source": suite.source, "as_of": as_of},
    ).df()
    return rows_of(files)[["delivery_date", "rows"]]


def _since(sizes: pd.DataFrame, wanted: Collection[Expectation]) -> date:
    """The first delivery that any of the expectations looks at."""
    longest = max(each.trend.window + each.trend.baseline for each in wanted if each.trend is not None)
    days = sorted(pd.Timestamp(day).date() for day in sizes["delivery_date"])
    return days[-longest:][0] if days else date.min


def _value_sql(expectation: Expectation) -> str:
    """SQL of a row's value: a letter and the value, the letter alone for an empty cell, null: it does not count."""
    column = expectation.columns[0]
    value = f"nullif(trim(cast({column} as varchar)), '')"
    if column in HIDDEN:
        value = f"case when {value} is not null then '有值' end"
    value = f"'v' || coalesce({value}, '')"
    return f"case when ({expectation.where}) then {value} end" if expectation.where else value


def _volume(sizes: pd.DataFrame, expectation: Expectation) -> Trend:
    assert isinstance(expectation.trend, volume.Settings)
    verdicts = volume.judge(sizes, expectation.trend)
    usual = tuple(bool(each) for each in verdicts["is_usual"])
    return Trend(expectation, usual, len(usual), usual.count(False), volume.sentence(verdicts))


def _drift(con: duckdb.DuckDBPyConnection, expectation: Expectation, name: str) -> Trend:
    assert isinstance(expectation.trend, drift.Settings)
    counts = con.execute(
        f"select delivery_date, nullif(substr({name}, 2), '') as value, count(*) as rows "
        f"from trend_row where {name} is not null group by all order by all"
    ).df()
    found = drift.judge(counts, expectation.trend)
    verdicts = (found.divergence,) if found.rows else ()
    return Trend(expectation, verdicts, found.rows, 0 if found.is_usual else max(1, found.moved), found.detail)
