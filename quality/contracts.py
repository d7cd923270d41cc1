"""The contract of a delivery: which expectations it breaks so plainly that a person should look before it is used.

Here: the severity ``error`` expectations of a source's suite, counted over one delivery's rows as they were read. Not
here: observations and results over time (`quality.validate`), the holding itself (`sources.holding`), volumes
(`sources.volume`).
raw_record + Suite -> (delivery date, source) -> one Chinese sentence

A contract speaks of columns that a delivery brings; an ``error`` about what cleaning derives (`is_dispute`, codes) is
reported after the run and holds nothing. A delivery is held only where fewer rows than ``hold_below`` are as they
should be, and at least `MIN_ROWS` could be judged: three odd rows, or one odd row in a hundred, are no reason.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from quality.suites import Expectation, Suite, load
from sources.contract import FOLDER, ContractError
from sources.table import Table
from sources.tables import RAW_RECORD

MIN_ROWS = 20  # 假定：可判断的行少于此数的交付从不因内容挂起
# Columns that cleaning changes stand in a suite under another name as they came; the bare name is the cleaned one.
_AS_DELIVERED = {
    "address": "address_text",
    "longitude": "x",
    "latitude": "y",
    "amount": "amount_text",
    "persons_involved": "persons_text",
}
_WORD = re.compile(r"[a-z_]+")


def broken(record: pd.DataFrame, suites: Iterable[Suite]) -> dict[tuple[date, str], str]:
    """Finds the deliveries that break the contract of their source.

    Args:
        record: rows of the table raw_record (n rows), of any number of deliveries.
        suites: what `quality.suites.load_all` returns.

    Returns:
        For each delivery that should be held, by (delivery_date, source): a sentence with the expectation, how many of
        how many rows fall short, one of them, and what to do. Most runs return nothing.
    """
    found: dict[tuple[date, str], str] = {}
    present = set(record["source"].unique())
    with duckdb.connect() as con:
        for suite in suites:
            if suite.source in present:
                found |= _broken(con, record, suite)
    return dict(sorted(found.items()))


@cache
def contract_of(suite: Suite) -> tuple[Expectation, ...]:
    """Returns the expectations of a source's suite that a delivery can be held for."""
    if suite.source is None:
        return ()
    with duckdb.connect() as con:
        con.register("delivered", _as_arrow(RAW_RECORD.empty(), RAW_RECORD.column_names))
        return tuple(
            expectation
            for expectation in suite.expectations
            if expectation.severity == "error" and _speaks_of_delivered(con, expectation)
        )


def fingerprint(source: str, folder: Path = FOLDER) -> str:
    """Returns 64 hex digits that change with what a delivery of ``source`` can be held for, and with nothing else.

    Raises:
        ContractError: its expectations.yml is faulty; the sentence names file and line.
    """
    path = folder / source / "expectations.yml"
    try:
        state = path.stat()
    except OSError:  # a source without expectations
        return hashlib.sha256().hexdigest()
    return _fingerprint(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _fingerprint(path: Path, changed: int, size: int) -> str:
    """A file of the same time and size is not read again: finding out what it can hold for takes 30 ms."""
    del changed, size
    try:
        suite = load(path)
    except ValueError as error:
        raise ContractError(str(error)) from error
    parts = ["\0".join((each.name, each.judged_sql, each.met_sql, str(each.hold_below))) for each in contract_of(suite)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _speaks_of_delivered(con: duckdb.DuckDBPyConnection, expectation: Expectation) -> bool:
    try:
        con.execute(f"select {expectation.judged_sql}, {expectation.met_sql} from delivered as item").fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):  # a column or table that only cleaning makes
        return False
    return True


def _broken(con: duckdb.DuckDBPyConnection, record: pd.DataFrame, suite: Suite) -> dict[tuple[date, str], str]:
    expectations = contract_of(suite)
    if not expectations:
        return {}
    words = {word for each in expectations for word in _WORD.findall(f"{each.judged_sql} {each.met_sql}")}
    needed = [name for name in record.columns if _AS_DELIVERED.get(str(name), name) in words]
    origin = ["delivery_date", "file", "row_number"]
    mine = record.loc[record["source"] == suite.source]
    con.register("delivered", _as_arrow(mine, [*origin, *(name for name in needed if name not in origin)]))
    verdicts = ",\n".join(
        f"({each.judged_sql}) as judged_{i}, ({each.met_sql}) as met_{i}" for i, each in enumerate(expectations)
    )
    counts = ",\n".join(
        f"count(*) filter (where judged_{i}), count(*) filter (where judged_{i} and met_{i} is not true), "
        f"min(place) filter (where judged_{i} and met_{i} is not true)"
        for i in range(len(expectations))
    )
    rows = con.execute(
        f"""
        with judgement as (
            select delivery_date, {{'file': file, 'row_number': row_number}} as place, {verdicts}
            from delivered as item
        )
        select delivery_date, {counts}
        from judgement
        group by delivery_date
        order by delivery_date
        """
    ).fetchall()
    con.unregister("delivered")
    found = {}
    for day, *figures in rows:
        breaches = [
            _breach(expectation, *figures[3 * i : 3 * i + 3])
            for i, expectation in enumerate(expectations)
            if figures[3 * i] >= MIN_ROWS and figures[3 * i + 1] > (1 - expectation.hold_below) * figures[3 * i]
        ]
        if breaches:
            found[(day, str(suite.source))] = _sentence(suite, day, breaches)
    return found


def _as_arrow(record: pd.DataFrame, names: list[str]) -> pa.Table:
    """Columns ``names`` under the names of the suites; typed as declared, since a frame without a value has no type."""
    declared = {column.name: column for column in RAW_RECORD.columns}
    table = Table("delivered", "", tuple(declared[name] for name in names)).conform(record[names])
    return table.rename_columns([_AS_DELIVERED.get(name, name) for name in names])


def _breach(expectation: Expectation, judged: int, short: int, place: dict[str, object]) -> str:
    return (
        f"“{expectation.says}”：{judged} 行中 {short} 行不满足（{short / judged:.0%}，上限 "
        f"{1 - expectation.hold_below:.0%}），如 {place['file']} 第 {place['row_number']} 行"
    )


def _sentence(suite: Suite, day: date, breaches: list[str]) -> str:
    return (
        f"{suite.label} {day} 的交付不符合契约，整批挂起：{'；'.join(breaches)}。请核对后重新交付；"
        f"确认无误可由负责人接收（dispute-lake delivery accept {suite.source} {day} --note 理由）"
    )
