"""One suite against the lake as it stands, without Great Expectations: counts and a few places to look at.

Here: what a check after a stage needs at once, so that a watcher sees it hours before a page. Not here: results that
are kept and Data Docs (`quality.validate`, which counts the same), how a check is shown (`pipelines.checks`).
Suite + DuckDB -> one row per expectation
"""

from collections.abc import Collection, Sequence
from datetime import date

import duckdb
import pandas as pd

from quality import recent, scores, trends
from quality.suites import Expectation, Suite

EXAMPLES = 5
COLUMNS = [
    "suite", "expectation", "says", "severity", "success", "evaluated_rows", "unexpected_count", "allowed_share",
    "detail", "examples",
]  # fmt: skip
_IN_FILE = "concat_ws(' ', delivery_date, file, sheet, '第 ' || row_number || ' 行')"
_PLACES = {
    "record": _IN_FILE,
    "current_event": _IN_FILE,
    "core_dispute": "dispute_id",
    "core_dispute_event": "event_id",
    "core_warning": "warning_id",
}


def check(
    con: duckdb.DuckDBPyConnection, suite: Suite, *, as_of: date, histories: Collection[str] = ()
) -> pd.DataFrame:
    """Counts, for each expectation of a suite, the rows it speaks about and those that fall short.

    Returns:
        Columns `COLUMNS`, in the suite's order. ``success`` is what `quality.validate` would say; ``examples`` are
        places of at most `EXAMPLES` rows that fall short, newest deliveries first: file and row, or an id, no value.
    """
    measured = scores.measure(con, [suite])
    counts = _summed(measured) if suite.source is not None else _counts(con, suite)
    seen = {trend.expectation.name: trend for trend in trends.judge(con, suite, as_of=as_of, histories=histories)}
    rows: list[tuple[object, ...]] = []
    found: tuple[object, ...]
    for each in suite.expectations:
        if each.name in seen:
            trend = seen[each.name]
            found = (trend.success, trend.evaluated, trend.unexpected, 0.0, trend.detail)
        else:
            judged, short = counts.get(each.name, (0, 0))
            met = judged == 0 or (judged - short) / judged >= each.mostly
            found = (met, judged, short, round(1 - each.mostly, 6), None)
        rows.append((suite.name, each.name, each.says, each.severity, *found))
    result = recent.judged(pd.DataFrame(rows, columns=COLUMNS[:-1]), measured, histories=histories)
    failing = set(result.loc[~result["success"].astype(bool), "expectation"])
    places = _examples(con, suite, [each for each in suite.of_rows if each.name in failing])
    return result.assign(examples=[places.get(name, []) for name in result["expectation"]])


def _summed(measured: pd.DataFrame) -> dict[str, tuple[int, int]]:
    totals = measured.groupby("expectation")[["evaluated_rows", "unexpected_count"]].sum()
    return {str(row.Index): (int(row.evaluated_rows), int(row.unexpected_count)) for row in totals.itertuples()}


def _counts(con: duckdb.DuckDBPyConnection, suite: Suite) -> dict[str, tuple[int, int]]:
    judged = [f"({each.judged_sql}) as judged_{i}, ({each.met_sql}) as met_{i}" for i, each in enumerate(suite.of_rows)]
    counts = [
        f"count(*) filter (where judged_{i}), count(*) filter (where judged_{i} and met_{i} is not true)"
        for i in range(len(suite.of_rows))
    ]
    [figures] = con.execute(
        f"with judgement as (select {', '.join(judged)} from {suite.relation_sql} as item) "
        f"select {', '.join(counts)} from judgement"
    ).fetchall()
    return {each.name: (figures[2 * i], figures[2 * i + 1]) for i, each in enumerate(suite.of_rows)}


def _examples(con: duckdb.DuckDBPyConnection, suite: Suite, failing: Sequence[Expectation]) -> dict[str, list[str]]:
    if not failing:
        return {}
    short = [f"(({each.judged_sql}) and ({each.met_sql}) is not true) as short_{i}" for i, each in enumerate(failing)]
    places = [f"max(place, {EXAMPLES}) filter (where short_{i})" for i in range(len(failing))]
    [found] = con.execute(
        f"with judgement as (select {_PLACES[suite.table]} as place, {', '.join(short)} "
        f"from {suite.relation_sql} as item) select {', '.join(places)} from judgement",
        suite.parameters,
    ).fetchall()
    return {each.name: list(examples or []) for each, examples in zip(failing, found, strict=True)}
