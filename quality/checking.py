"""One suite against the lake as it stands, without Great Expectations: counts and a few places to look at.

Here: what a check after a stage needs at once, so that a watcher sees it hours before a page. Not here: results that
are kept and Data Docs (`quality.validate`, which counts the same), how a check is shown (`pipelines.checks`).
Suite + DuckDB -> one row per expectation
"""

from collections.abc import Collection
from datetime import date

import duckdb
import pandas as pd

from quality import recent, scores, trends
from quality.suites import Suite

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
    judged = ", ".join(
        f"({each.judged_sql}) as judged_{i}, ({each.met_sql}) as met_{i}" for i, each in enumerate(suite.of_rows)
    )
    counts = ", ".join(
        f"count(*) filter (where judged_{i}), count(*) filter (where judged_{i} and met_{i} is not true), "
        f"max(place, {EXAMPLES}) filter (where judged_{i} and met_{i} is not true)"
        for i in range(len(suite.of_rows))
    )
    [figures] = con.execute(
        f"""
        with judgement as (
            select {_PLACES[suite.table]} as place, {judged}
            from {suite.relation_sql} as item
        )
        select {counts} from judgement
        """,
        suite.parameters,
    ).fetchall()
    seen = {trend.expectation.name: trend for trend in trends.judge(con, suite, as_of=as_of, histories=histories)}
    place = {each.name: i for i, each in enumerate(suite.of_rows)}
    rows: list[tuple[object, ...]] = []
    found: tuple[object, ...]
    for each in suite.expectations:
        if each.name in seen:
            trend = seen[each.name]
            found = (trend.success, trend.evaluated, trend.unexpected, 0.0, trend.detail, [])
        else:
            rows_judged, short, examples = figures[3 * place[each.name] : 3 * place[each.name] + 3]
            met = rows_judged == 0 or (rows_judged - short) / rows_judged >= each.mostly
            found = (met, rows_judged, short, round(1 - each.mostly, 6), None, list(examples or []))
        rows.append((suite.name, each.name, each.says, each.severity, *found))
    result = pd.DataFrame(rows, columns=COLUMNS)
    return recent.judged(result, scores.measure(con, [suite]), histories=histories)
