"""Figures that carry their queries: no number reaches a report in another way.

Here: asking a named query (`warehouse/sql/reports/periodic/<name>.sql`) with its parameters written out, figures that
remember the statement they come from, texts in which figures leave a mark. Not here: which figures a report tells.
name, parameters -> Rows -> Figure -> text with marks -> Run

A figure put into an f-string leaves a mark around its digits; `runs` finds it again, and the renderers make a link of
it. Text that people wrote (titles, records) goes in through `quote` and is marked too: its digits are not the report's.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

_SQL = Path(__file__).parents[1] / "sql" / "reports" / "periodic"
_OPEN, _AFTER_NUMBER, _CLOSE = "\ue000", "\ue001", "\ue002"
_QUOTE, _UNQUOTE = "\ue003", "\ue004"
_MARKS = re.compile(f"{_OPEN}([0-9]+){_AFTER_NUMBER}([^{_CLOSE}]*){_CLOSE}|{_QUOTE}([^{_UNQUOTE}]*){_UNQUOTE}")
_PRIVATE = re.compile("[\ue000-\ue0ff]")
_PARAMETER = re.compile(r"\$([a-z_]+)\b")
_MEANING = re.compile(r"^-- ([a-z_]+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """A named query with its parameters written out: it runs as it stands on `warehouse.duckdb`.

    ``view`` names it inside one report; ``says`` is its purpose, ``columns`` what each column means.
    """

    view: str
    name: str
    says: str
    sql: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """One number of a report.

    Attributes:
        number: of the report's figures, in the order in which they were asked for.
        value: the number as `statement` gives it.
        shown: the number as the text has it.
        query: where it comes from.
        select: the statement on that query, one row, one column.
        says: what it is.
    """

    number: int
    value: float
    shown: str
    query: Query
    select: str
    says: str

    @property
    def statement(self) -> str:
        """One statement that gives the number on `warehouse.duckdb`."""
        return f"WITH {self.query.view} AS (\n{self.query.sql}\n)\n{self.select}"

    def __str__(self) -> str:
        return f"{_OPEN}{self.number}{_AFTER_NUMBER}{self.shown}{_CLOSE}"

    def __format__(self, spec: str) -> str:
        return str(self)


@dataclass(frozen=True)
class Run:
    """A piece of a text. ``figure``: number of the figure it shows; ``is_quote``: people wrote it, not this lake."""

    text: str
    figure: int | None = None
    is_quote: bool = False


def runs(text: str) -> Iterator[Run]:
    """Cuts a text with marks into pieces."""
    end = 0
    for found in _MARKS.finditer(text):
        if found.start() > end:
            yield Run(text[end : found.start()])
        if found[1] is not None:
            yield Run(found[2], figure=int(found[1]))
        else:
            yield Run(found[3], is_quote=True)
        end = found.end()
    if end < len(text):
        yield Run(text[end:])


def plain(text: str) -> str:
    """A text without its marks."""
    return "".join(run.text for run in runs(text))


def quote(value: Any, longest: int | None = None) -> str:
    """Text from the data, marked as such, on one line, cut to ``longest`` characters; nothing for null."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    text = " ".join(_PRIVATE.sub("", str(value)).split()).strip("。；，, ")
    if longest is not None and len(text) > longest:
        text = text[: longest - 1] + "…"
    return f"{_QUOTE}{text}{_UNQUOTE}" if text else ""


@dataclass
class Row:
    """One row of a query: raw values for conditions, figures for the text."""

    ledger: "Ledger"
    query: Query
    where: str
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """The raw value; None for null."""
        value = self.values[column]
        return None if value is None or value is pd.NaT or value is pd.NA or value != value else value

    def number(self, column: str) -> float:
        """The raw value as a number; 0 for null."""
        value = self[column]
        return 0.0 if value is None else float(value)

    def count(self, column: str) -> Figure:
        """A count, as a figure."""
        return self._figure(column, f'"{column}"', self.number(column), f"{self.number(column):.0f}")

    def share(self, column: str) -> Figure:
        """A share as percent with one decimal."""
        return self._percent(column, f'"{column}"', self.number(column))

    def change(self, column: str) -> Figure:
        """The size of a change as percent with one decimal; whether up or down is for the words around it."""
        return self._percent(column, f'abs("{column}")', abs(self.number(column)))

    def decimal(self, column: str) -> Figure:
        """A number with one decimal."""
        value = rounded(self.number(column))
        return self._figure(column, f'round("{column}", 1)', value, f"{value:.1f}")

    def _percent(self, column: str, expression: str, value: float) -> Figure:
        percent = rounded(100 * value)
        return self._figure(column, f"round(100 * {expression}, 1)", percent, f"{percent:.1f}%")

    def _figure(self, column: str, expression: str, value: float, shown: str) -> Figure:
        return self.ledger.figure(
            self.query, f"SELECT {expression} FROM {self.query.view}{self.where}", value, shown, column
        )


@dataclass
class Rows:
    """The rows of a query in its order."""

    query: Query
    frame: pd.DataFrame
    rows: list[Row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def only(self) -> Row:
        """The one row."""
        (row,) = self.rows
        return row


@dataclass
class Ledger:
    """All queries and figures of one report, on one connection to a published warehouse.

    ``parameters`` are those that every query may name; a query's own are given when it is asked.
    """

    con: duckdb.DuckDBPyConnection
    parameters: Mapping[str, Any]
    queries: dict[str, Query] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    _numbers: dict[str, Figure] = field(default_factory=dict)

    def ask(self, name: str, key: str | None = None, **own: Any) -> Rows:
        """Asks a named query; ``key`` names the column that tells its rows apart, None where it has one row.

        Raises:
            KeyError: the query names a parameter that was not given.
        """
        text = (_SQL / f"{name}.sql").read_text("utf-8")
        says, _, rest = text.partition("\n")
        values = {**self.parameters, **own}
        body = "\n".join(line for line in rest.splitlines() if not _MEANING.match(line))
        sql = _PARAMETER.sub(lambda found: literal(values[found[1]]), body)
        query = self.queries.get(sql)
        if query is None:
            view = f"q{len(self.queries) + 1:02}_{name}"
            purpose = _PARAMETER.sub(lambda found: str(values[found[1]]), says.removeprefix("-- "))
            purpose += f"（类别代码 {own['category']}）" if own.get("category") else ""
            query = Query(view, name, purpose, sql, dict(_MEANING.findall(text)))
            self.queries[sql] = query
        frame = self.con.execute(sql).df()
        rows = []
        for record in frame.astype("object").where(frame.notna(), None).to_dict("records"):
            where = "" if key is None else f" WHERE {key} {_equals(record[key])}"
            rows.append(Row(self, query, where, record))
        return Rows(query, frame, rows)

    def tally(self, rows: Rows, condition: str, says: str) -> Figure:
        """How many rows of a query meet an SQL condition, as a figure."""
        select = f"SELECT count(*) FROM {rows.query.view} WHERE {condition}"
        found = self.con.execute(f"WITH {rows.query.view} AS (\n{rows.query.sql}\n)\n{select}").fetchone()
        count = int(found[0]) if found else 0
        return self.figure(rows.query, select, count, str(count), says)

    def figure(self, query: Query, select: str, value: float, shown: str, column: str) -> Figure:
        """The figure of a statement; asked twice, the same one."""
        known = self._numbers.get(f"{select}\n{shown}")
        if known is None:
            known = Figure(len(self.figures) + 1, value, shown, query, select, query.columns.get(column, column))
            self._numbers[f"{select}\n{shown}"] = known
            self.figures.append(known)
        return known


def used(texts: Iterable[str]) -> list[int]:
    """Numbers of the figures that some texts show, in the order of their first appearance."""
    found: dict[int, None] = {}
    for text in texts:
        for run in runs(text):
            if run.figure is not None:
                found.setdefault(run.figure)
    return list(found)


def rounded(value: float) -> float:
    """One decimal, halves away from zero, as DuckDB's round does it."""
    return math.copysign(math.floor(abs(value) * 10 + 0.5) / 10, value) if value else 0.0


def _equals(value: Any) -> str:
    return "IS NULL" if value is None else f"= {literal(value)}"


def literal(value: Any) -> str:
    """A value as DuckDB reads it in a statement."""
    if value is None:
        return "CAST(NULL AS TIMESTAMP)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value:%Y-%m-%d %H:%M:%S}'"
    if isinstance(value, date):
        return f"DATE '{value:%Y-%m-%d}'"
    if isinstance(value, str):
        escaped = value.replace("'", "''")
        return f"'{escaped}'"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    raise TypeError(f"{type(value)} has no literal")
