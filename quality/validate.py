"""Runs the suites with Great Expectations, which gets only the columns it needs and keeps counts, never values.

Here: rows of a suite as a frame, the suite as GX expectations, results as the `quality_result` table. Not here: what is
expected (`quality.suites`), the pages (`quality.docs`). GX is imported inside functions: its import takes seconds.
Suite + DuckDB -> frame -> GX -> quality_result, Validation
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pandas as pd

from quality import freshness, recent, scores, trends
from quality.suites import HIDDEN, Expectation, Suite
from quality.trends import Trend
from sources import contract
from transforms.tables import CORE_QUALITY_RESULT

RESULT_COLUMNS = CORE_QUALITY_RESULT.column_names
# No list of offending values, no index, no rows: a phone number must not reach a page or a store of results.
_AS_VERDICT = frozenset({"holds", "refers_to"})
"""Rules that DuckDB decides: the frame holds true or false under the expectation's name."""
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "include_unexpected_rows": False}


@dataclass
class Validation:
    """What one run found: ``result`` as a table, ``context`` with suites and results for the Data Docs.

    ``measured`` is what `quality.scores.measure` counted, delivery by delivery.
    """

    as_of: date
    result: pd.DataFrame
    context: Any
    keys: list[Any] = field(default_factory=list)
    measured: pd.DataFrame = field(default_factory=pd.DataFrame)


def frame(con: duckdb.DuckDBPyConnection, suite: Suite) -> pd.DataFrame:
    """Returns the rows of a suite (n rows) with the columns its expectations look at, and no others.

    An expression (`check`, `where`) comes as a boolean column named after its expectation; of a column that could tell
    a person only whether it is filled.

    Raises:
        ValueError: an expression or column does not exist in the table; names the suite and what DuckDB said.
    """
    wanted: dict[str, str] = {}
    for expectation in suite.of_rows:
        if expectation.rule in _AS_VERDICT:
            judged, met = expectation.judged_sql, expectation.met_sql
            wanted[expectation.name] = f"case when {judged} then cast(({met}) as boolean) end"
        for column in expectation.columns if expectation.rule not in _AS_VERDICT else ():
            wanted[column] = f"case when {column} is not null then '有值' end" if column in HIDDEN else column
        if expectation.where:
            wanted[_where_name(expectation)] = f"coalesce(({expectation.where}), false)"
    chosen = ",\n    ".join(f'{sql} as "{name}"' for name, sql in wanted.items())
    try:
        return con.execute(f"select {chosen or '1 as one'} from {suite.relation_sql} as item", suite.parameters).df()
    except (duckdb.BinderException, duckdb.ParserException) as error:
        raise ValueError(f"{suite.name} 的期望写了表里没有的列或写错的表达式：{error}") from error


def validate(con: duckdb.DuckDBPyConnection, suites: Iterable[Suite], *, as_of: date) -> Validation:
    """Validates every suite against the lake, and each source's punctuality; sources without a record are left out.

    An expectation fails over all rows of a table, or over those of the source's newest deliveries alone: in a lake of
    two years a bad week would not show otherwise. Great Expectations' own pages tell the former.
    """
    loaded = list(suites)
    histories = frozenset(name for name in contract.names() if contract.load(name).history)
    frames = ((suite, frame(con, suite)) for suite in loaded)
    found = ((suite, rows) for suite, rows in frames if len(rows) or suite.source is None)
    validation = validate_frames(
        ((suite, rows, trends.judge(con, suite, as_of=as_of, histories=histories)) for suite, rows in found),
        as_of=as_of,
    )
    validation.measured = scores.measure(con, loaded)
    validation.result = recent.judged(validation.result, validation.measured, histories=histories)
    labels = {suite.name: suite.label for suite in loaded}
    delivered = con.execute("select distinct source, delivery_date from raw_file").df()
    habits = freshness.results(delivered, as_of=as_of, history_sources=histories)
    habits["suite_label"] = [labels.get(name, name) for name in habits["suite"]]
    if len(habits):
        validation.result = pd.concat([validation.result, habits[RESULT_COLUMNS]], ignore_index=True)
    return validation


def validate_frames(parts: Iterable[tuple[Suite, pd.DataFrame, Sequence[Trend]]], *, as_of: date) -> Validation:
    """Validates suites, each with the frame that `frame` made and what `quality.trends.judge` found.

    Returns:
        `Validation` whose result has one row per expectation: as_of, suite, suite_label, expectation, column_name,
        dimension, severity (error, warn), success, evaluated_rows, unexpected_count, unexpected_share (of evaluated
        rows, 0 to 1), allowed_share (1 - mostly), says (Chinese), detail (Chinese, or None). Over no rows an
        expectation succeeds, 0 evaluated.
    """
    gx = _great_expectations()
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("dispute-lake")
    validation = Validation(as_of, pd.DataFrame(), context)
    rows: list[dict[str, Any]] = []
    for suite, data, found in parts:
        batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("全部")
        expectations = [_translate(expectation) for expectation in suite.expectations]
        built = context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=expectations))
        whole = _with_trends(data, suite, found)
        document = batch.get_batch({"dataframe": whole}).validate(built, result_format=COUNTS_ONLY)
        _strip(document, suite)
        validation.keys.append(_keep(context, document, suite, as_of))
        seen = {trend.expectation.name: trend for trend in found}
        for expectation, result in zip(suite.expectations, document.results, strict=True):
            row = _row(expectation, result) | _trend_row(seen.get(expectation.name))
            rows.append({"as_of": as_of, "suite": suite.name, "suite_label": suite.label} | row)
    validation.result = pd.DataFrame(rows, columns=RESULT_COLUMNS)
    return validation


def _with_trends(data: pd.DataFrame, suite: Suite, found: Sequence[Trend]) -> pd.DataFrame:
    """``data`` with a column for each expectation about deliveries: its verdicts on top, empty below.

    Great Expectations passes over empty cells, so that rows and deliveries can stand in one suite and on one page.
    """
    seen = {trend.expectation.name: trend for trend in found}
    columns: dict[str, Any] = {}
    for expectation in suite.of_deliveries:
        verdicts = sorted(seen[expectation.name].verdicts if expectation.name in seen else ())[: len(data)]
        kind = "boolean" if expectation.rule == "volume" else "float64"
        columns[expectation.name] = pd.Series(verdicts, dtype=kind).reindex(range(len(data))).array
    return data.assign(**columns)


def _trend_row(trend: Trend | None) -> dict[str, Any]:
    if trend is None:
        return {}
    share = round(trend.unexpected / trend.evaluated, 6) if trend.evaluated else 0.0
    return {
        "success": trend.success,
        "evaluated_rows": trend.evaluated,
        "unexpected_count": trend.unexpected,
        "unexpected_share": share,
        "detail": trend.detail,
    }


_NOT_FOR_GX = ("pyspark", "pyspark.sql.connect")


def _great_expectations() -> Any:
    """Imports GX, which is to find no PySpark.

    It is given frames; and PySpark's Connect ends a program that has no file of its own (``python -c``), without a
    word, when it misses a dependency.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    hidden = [name for name in _NOT_FOR_GX if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: importing it fails, as documented
    try:
        import great_expectations
    finally:
        for name in hidden:
            del sys.modules[name]
    return great_expectations


def _translate(expectation: Expectation) -> Any:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    common: dict[str, Any] = {
        "description": _description(expectation),
        "severity": "critical" if expectation.severity == "error" else "warning",
        "meta": {"name": expectation.name, "dimension": expectation.dimension},
        "mostly": expectation.mostly,
    }
    if expectation.where and expectation.rule != "drift":
        common["row_condition"] = Column(_where_name(expectation)) == True  # noqa: E712 - GX's own syntax
    if expectation.rule == "drift":
        assert expectation.trend is not None
        return gxe.ExpectColumnValuesToBeBetween(column=expectation.name, max_value=expectation.trend.limit, **common)
    if expectation.rule in _AS_VERDICT or expectation.rule == "volume":
        return gxe.ExpectColumnValuesToBeInSet(column=expectation.name, value_set=[True], **common)
    column = expectation.columns[0]
    if expectation.rule == "not_null":
        return gxe.ExpectColumnValuesToNotBeNull(column=column, **common)
    if expectation.rule == "in_set":
        return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(expectation.values), **common)
    if expectation.rule == "between":
        return gxe.ExpectColumnValuesToBeBetween(
            column=column, min_value=expectation.minimum, max_value=expectation.maximum, **common
        )
    if expectation.rule == "matches":
        return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=expectation.pattern, **common)
    if len(expectation.columns) > 1:
        return gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(expectation.columns), ignore_row_if="any_value_is_missing", **common
        )
    return gxe.ExpectColumnValuesToBeUnique(column=column, **common)


def _description(expectation: Expectation) -> str:
    share = "" if expectation.mostly == 1 else f"（至少 {100 * expectation.mostly:g}%）"
    return f"【{expectation.dimension}】{expectation.says}{share}"


def _row(expectation: Expectation, result: Any) -> dict[str, Any]:
    if _failed_to_run(result.exception_info):
        counts = {"evaluated_rows": 0, "unexpected_count": 0, "unexpected_share": 0.0}
    else:
        found = result.result
        evaluated = int(found.get("element_count", 0)) - int(found.get("missing_count", 0) or 0)
        unexpected = int(found.get("unexpected_count", 0))
        share = round(unexpected / evaluated, 6) if evaluated else 0.0
        counts = {"evaluated_rows": evaluated, "unexpected_count": unexpected, "unexpected_share": share}
    return {
        "expectation": expectation.name,
        "column_name": "、".join(expectation.columns) or None,
        "dimension": expectation.dimension,
        "severity": expectation.severity,
        "success": bool(result.success),
        **counts,
        "allowed_share": round(1 - expectation.mostly, 6),
        "says": expectation.says,
        "detail": None,
    }


def _failed_to_run(information: dict[str, Any]) -> bool:
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(entry.get("raised_exception") for entry in information.values())


def _strip(document: Any, suite: Suite) -> None:
    """Puts results into the suite's order and takes out what a clock, a hash of data or a traceback left behind."""
    order = {expectation.name: index for index, expectation in enumerate(suite.expectations)}
    document.results.sort(key=lambda result: order[result.expectation_config.meta["name"]])
    for result in document.results:
        if _failed_to_run(result.exception_info):
            raise ValueError(
                f"{suite.name} 的期望 {result.expectation_config.meta['name']} 无法计算：请检查 rule 与列的类型是否相配"
            )
    document.meta.pop("batch_markers", None)
    document.meta.pop("batch_spec", None)
    document.meta["active_batch_definition"] = {
        "datasource_name": "dispute-lake",
        "data_connector_name": "fluent",
        "data_asset_name": suite.label,
        "batch_identifiers": {},
    }


def _keep(context: Any, document: Any, suite: Suite, as_of: date) -> Any:
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = RunIdentifier(run_name=as_of.isoformat(), run_time=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC))
    document.meta["run_id"] = run
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(name=suite.name), run_id=run, batch_identifier="all"
    )
    context.validation_results_store.add(key, document)
    return key


def _where_name(expectation: Expectation) -> str:
    return f"{expectation.name}_applies"
