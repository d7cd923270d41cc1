"""Marks of each delivery in the six dimensions of GB/T 36344, from the same expectations that the suites declare.

Here: counting by delivery date, in the database, one pass over a source. Not here: the verdict over a whole suite
(`quality.validate`); a test holds both to the same counts.
Suite + DuckDB -> measure (delivery × expectation) -> score (delivery × dimension)
"""

from collections.abc import Iterable

import duckdb
import pandas as pd

from quality.suites import DIMENSIONS, Suite

MEASURE_COLUMNS = ["source", "delivery_date", "expectation", "dimension", "evaluated_rows", "unexpected_count"]
SCORE_COLUMNS = ["source", "delivery_date", *DIMENSIONS, "总分"]


def measure(con: duckdb.DuckDBPyConnection, suites: Iterable[Suite]) -> pd.DataFrame:
    """Counts, for each delivery of each source, the rows an expectation speaks about and those that fall short.

    Returns:
        One row per source, delivery_date and expectation, in that order; sources without records give none.
    """
    parts = [_measure(con, suite) for suite in suites if suite.source is not None]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=MEASURE_COLUMNS)
    return pd.concat(parts, ignore_index=True)


def score(measured: pd.DataFrame, delivery: pd.DataFrame) -> pd.DataFrame:
    """Turns counts into marks from 0 to 100.

    The mark of a dimension is the mean of its expectations' shares of good rows; 有效性 also counts the share of rows
    that were not quarantined, so that a delivery of which little could be read cannot look good. 总分 is the mean of
    the dimensions that could be judged.

    Args:
        measured: what `measure` returns.
        delivery: one row per file with source, delivery_date, rows_read, rows_ignored, rows_quarantined.

    Returns:
        One row per source and delivery_date: the six dimensions (NaN: nothing to judge) and 总分.
    """
    shares = measured[measured["evaluated_rows"] > 0]
    shares = shares.assign(share=100 * (1 - shares["unexpected_count"] / shares["evaluated_rows"]))
    files = delivery.groupby(["source", "delivery_date"], as_index=False)[
        ["rows_read", "rows_ignored", "rows_quarantined"]
    ].sum()
    data_rows = files["rows_read"] - files["rows_ignored"]
    files = files[data_rows > 0].assign(
        share=100 * (1 - files["rows_quarantined"] / data_rows.where(data_rows > 0)), dimension="有效性"
    )
    columns = ["source", "delivery_date", "dimension", "share"]
    both = [part[columns] for part in (shares, files) if len(part)]
    if not both:
        return pd.DataFrame(columns=SCORE_COLUMNS)
    marks = pd.concat(both, ignore_index=True).astype({"share": "float64"})
    marks["delivery_date"] = pd.to_datetime(marks["delivery_date"])
    wide = marks.pivot_table(index=["source", "delivery_date"], columns="dimension", values="share", aggfunc="mean")
    wide = wide.reindex(columns=list(DIMENSIONS)).round(2)
    wide["总分"] = wide[list(DIMENSIONS)].mean(axis="columns").round(2)
    return wide.reset_index().rename_axis(columns=None)[SCORE_COLUMNS]


def _measure(con: duckdb.DuckDBPyConnection, suite: Suite) -> pd.DataFrame:
    judged = [f"({expectation.judged_sql}) as judged_{i}" for i, expectation in enumerate(suite.of_rows)]
    met = [f"({expectation.met_sql}) as met_{i}" for i, expectation in enumerate(suite.of_rows)]
    counts = [
        f"count(*) filter (where judged_{i}), count(*) filter (where judged_{i} and met_{i} is not true)"
        for i in range(len(suite.of_rows))
    ]
    rows = con.execute(
        f"""
        with judgement as (
            select delivery_date, {", ".join([*judged, *met])}
            from {suite.relation_sql} as item
        )
        select delivery_date, {", ".join(counts)}
        from judgement
        group by delivery_date
        order by delivery_date
        """,
        suite.parameters,
    ).fetchall()
    return pd.DataFrame(
        [
            (suite.source, row[0], expectation.name, expectation.dimension, row[1 + 2 * i], row[2 + 2 * i])
            for row in rows
            for i, expectation in enumerate(suite.of_rows)
        ],
        columns=MEASURE_COLUMNS,
    )
