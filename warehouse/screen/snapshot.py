"""One publication, opened for the screen: narrow tables in memory, the whole behind them; and which one is current.

Here: opening, names of codes, following a new publication. Not here: what is counted (`numbers`), rows (`rows`).
warehouse.duckdb -> Snapshot(board, alarm, lake.*); a new file there -> the next Snapshot

Numbers are counted in memory: 450,000 disputes answer in milliseconds there, whatever is filtered. Rows' texts stay in
the Parquet files until somebody asks for one dispute.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from sources import contract

_SQL = Path(__file__).parents[1] / "sql" / "screen"
_LEVELS = ("city", "county", "town", "village")


class ScreenRefused(ValueError):
    """There is nothing that could be shown; the sentence is for the user."""


class Snapshot:
    """One publication. Queries may come from several threads at once."""

    def __init__(self, warehouse: Path) -> None:
        """Opens a warehouse and fills the tables in memory.

        Raises:
            ScreenRefused: it is not there, cannot be read, or an older version published it.
        """
        if not warehouse.exists():
            raise ScreenRefused(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
        self._lock = threading.Lock()
        self.kept: OrderedDict[str, bytes] = OrderedDict()
        """Answers that whoever shows this publication keeps; they end with it."""
        self._con = duckdb.connect()
        try:
            self._con.execute(f"ATTACH '{str(warehouse).replace(chr(39), chr(39) * 2)}' AS lake (READ_ONLY)")
            self._fill()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise ScreenRefused(
                f"{warehouse} 是较早的版本发布的，缺少一屏全览要用的内容。请先运行 dispute-lake run。"
            ) from error
        except duckdb.Error as error:
            raise ScreenRefused(f"{warehouse} 打不开：{error}") from error

    def _fill(self) -> None:
        found = self._con.execute("SELECT number, as_of, label FROM lake.publication").fetchall()[0]
        self.number: int = int(found[0])
        self.as_of: datetime = found[1]
        self.label: str | None = found[2]
        areas = self._con.execute("SELECT area_code, area_name, level, parent_code FROM lake.area").fetchall()
        self.areas: dict[str, tuple[str, str, str | None]] = {code: tuple(rest) for code, *rest in areas}
        self.city: str = next(code for code, (_, level, _) in self.areas.items() if level == "city")
        self.categories: dict[str, str] = dict(
            self._con.execute("SELECT category_code, full_name FROM lake.category ORDER BY 1").fetchall()
        )
        for table in ("board", "alarm", "notice"):
            self._con.execute(statement(table), _named(table, {"city": self.city}))
        for macro in ("chosen_dispute", "chosen_warning", "chosen_notice"):
            self._con.execute(statement(macro))
        self.rules: dict[str, str] = dict(
            self._con.execute("SELECT DISTINCT rule, rule_name FROM alarm ORDER BY 1").fetchall()
        )
        # a few old records at the beginning are no coverage: the same rule as in the macro compare_period
        self.covered_from: date | None
        self.earliest: date | None
        self.earliest, self.covered_from = self._con.execute(
            "SELECT min(reported_on), quantile_disc(reported_on, 0.001) FROM board"
        ).fetchall()[0]

    def ask(self, name: str, parameters: Mapping[str, Any]) -> pd.DataFrame:
        """The rows of `warehouse/sql/screen/<name>.sql`, with the parameters that it names."""
        with self._cursor() as cursor:
            found: pd.DataFrame = cursor.execute(statement(name), _named(name, parameters)).df()
        return found

    def stream(self, name: str, parameters: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        """The same without holding the rows: a cursor that gives them a thousand at a time."""
        return self._cursor().execute(statement(name), _named(name, parameters))

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one question; they are made one at a time."""
        with self._lock:
            return self._con.cursor()

    def name_of(self, kind: str, code: str) -> str:
        """The Chinese name of an area, category, source or rule; a code that nobody knows stays as it is."""
        if code.endswith("-"):
            return f"{self.name_of(kind, code[:-1])}（没有定到下一级）"
        if kind == "area":
            return self.areas[code][0] if code in self.areas else code
        if kind == "source":
            return contract.load(code).label if code in contract.names() else code
        if code == "9900":
            return "未定类别"
        return (self.categories if kind == "category" else self.rules).get(code, code)

    def path(self, area: str | None) -> list[tuple[str, str]]:
        """Codes and names from the city down to an area; an unknown area stands right under the city."""
        found = [(self.city, self.areas[self.city][0])]
        chain: list[tuple[str, str]] = []
        code = area
        while code is not None and code != self.city:
            chain.append((code, self.name_of("area", code)))
            code = code[:-1] if code.endswith("-") else self.areas[code][2] if code in self.areas else None
        return found + chain[::-1]

    def level_below(self, area: str | None) -> str:
        """The level of an area's parts: county, town or village; a village's only part is itself."""
        level = self.areas[area][1] if area in self.areas else "city" if area is None else "village"
        return _LEVELS[min(_LEVELS.index(level) + 1, 3)]


class Follower:
    """The current publication: once `warehouse.duckdb` was replaced, the new one is opened beside, then shown."""

    def __init__(self, warehouse: Path) -> None:
        """Opens the publication that is current now.

        Raises:
            ScreenRefused: see `Snapshot`.
        """
        self._warehouse = warehouse
        self._seen = self._mark()
        self._current = Snapshot(warehouse)
        self._lock = threading.Lock()
        self.prepare: Callable[[Snapshot], object] | None = None
        """Called with a new snapshot before it is shown."""
        self.problem: str | None = None
        """Why a newer publication is not shown; None: the newest is."""

    def current(self) -> Snapshot:
        """The snapshot to answer from; looks whether another publication stands, and opens it in the background."""
        mark = self._mark()
        if mark is not None and mark != self._seen and self._lock.acquire(blocking=False):
            threading.Thread(target=self._advance, args=(mark,), daemon=True).start()
        return self._current

    def _advance(self, mark: tuple[int, int]) -> None:
        try:
            opened = Snapshot(self._warehouse)
            if self.prepare is not None:
                self.prepare(opened)
            self._current = opened
            self.problem = None
        except ScreenRefused as error:
            self.problem = f"新的发布打不开，仍显示第 {self._current.number} 号：{error}"
        finally:
            self._seen = mark
            self._lock.release()

    def _mark(self) -> tuple[int, int] | None:
        try:
            found = self._warehouse.stat()
        except OSError:  # between two names, or on a share that is away: the former one stays
            return None
        return found.st_ino, found.st_mtime_ns


def statement(name: str) -> str:
    """A statement of `warehouse/sql/screen`."""
    return (_SQL / f"{name}.sql").read_text("utf-8")


def _named(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Only those parameters that the statement names; DuckDB refuses others."""
    text = statement(name)
    return {key: value for key, value in parameters.items() if f"${key}" in text}
