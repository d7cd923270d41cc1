"""Publication: what analysts read, as plain Parquet and one DuckDB file of views, swapped in whole.

Here: filling the published tables, writing only what changed, building `warehouse.duckdb` beside and renaming it over,
copies, removal of old publications. Not here: columns and comments (`warehouse.registry`), the queries
(`warehouse/sql`), pages about quality (`quality`).
Lake -> build tables -> publications/<number>/<view>/*.parquet -> warehouse.duckdb

A publication is complete once its `publication.json` stands; the rename of `warehouse.duckdb` makes it the current one.
A run killed anywhere before leaves the former publication as it was, and the next run clears what it finds half made.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from sources.table import Table
from transforms import areas, category, person
from transforms.registered import Register
from warehouse import funnel, indicators, masking
from warehouse.delivery import feed
from warehouse.lake import DUCKDB_TYPES, FORMAT, Lake
from warehouse.registry import PUBLISHED, View

KEEP = 2
"""Former publications that stay for readers who still hold the file that names them."""

_SQL = Path(__file__).parent / "sql"
_BUILD_MACROS = ("safe", "quarantine_id", "hide_names", "hours_bucket", "hours_between", "areas_of", "became_case")
_BUILD_VIEWS = {
    "area": ("person_name",),
    "dispute_event": ("known", "official", "system"),
}
"""Helper views, each made as soon as the published table before it stands."""
_WAREHOUSE = "warehouse.duckdb"
_MARK = "publication.json"
_ROW_GROUP = 122_880
_READABLE_FROM = "v1.0.0"
"""Oldest DuckDB that must open the warehouse: analysts' tools are older than the lake's."""


@dataclass(frozen=True)
class Publication:
    """One publication. ``rows`` and files by view; ``is_new`` false: nothing had changed, nothing was written."""

    number: int
    folder: Path
    warehouse: Path
    rows: Mapping[str, int]
    files_written: int
    files_shared: int
    is_new: bool


def publish(
    lake: Lake,
    *,
    as_of: date | datetime,
    label: str | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> Publication:
    """Publishes the lake as it stands.

    Args:
        lake: an open lake; the caller holds its lock.
        as_of: the run's now (a date: its first moment), against which open matters are timed.
        label: what the publication is marked with, such as ``"模拟数据"``; real data has none.
        memory_limit: of DuckDB, such as ``"2GB"``.
        threads: of DuckDB.

    Returns:
        The publication; the former one when nothing changed.

    Raises:
        duckdb.Error: a query failed; the former publication stands.
    """
    now = as_of if isinstance(as_of, datetime) else datetime.combine(as_of, time())
    con = lake.connect(memory_limit=memory_limit, threads=threads)
    try:
        _build(con, lake, now, label)
        return write(con, lake.published, as_of=now)
    finally:
        con.close()


def write(con: duckdb.DuckDBPyConnection, published: Path, *, as_of: datetime) -> Publication:
    """Writes the filled tables of the database ``build`` in ``con`` as the next publication of ``published``.

    Returns:
        The publication; the former one when nothing changed.
    """
    current = current_number(published)
    publications = published / "publications"
    _make(publications)
    _clear_half_made(publications)
    former = publications / _name(current) if current is not None else None
    if former is not None and not (former / _MARK).exists():
        former = None
    plan = {name: _cuts(con, view) for name, view in PUBLISHED.items()}
    rows = {name: sum(cut.rows for cut in cuts) for name, cuts in plan.items()}
    identity = _identity(plan)
    if former is not None and _mark_of(former)["identity"] == identity:
        feed.show(published, former / feed.NAME)
        return Publication(
            _mark_of(former)["number"], former, published / _WAREHOUSE, rows, 0, len(_files_of(former)), False
        )
    number = max([current or 0, *_numbers(publications)]) + 1
    folder = publications / _name(number)
    written, shared = _write_files(con, plan, folder, former, number)
    label = con.execute("SELECT label FROM build.main.publication").fetchall()[0][0]
    feed.write(con, folder / feed.NAME, number=number, as_of=as_of, label=label)
    mark = {"number": number, "as_of": as_of.isoformat(), "format": FORMAT, "identity": identity, "rows": rows}
    _write_text(folder / _MARK, json.dumps(mark, ensure_ascii=False, indent=1))
    _write_warehouse(published / _WAREHOUSE, folder)
    feed.show(published, folder / feed.NAME)
    _remove_old(publications, number)
    return Publication(number, folder, published / _WAREHOUSE, rows, written, shared, True)


def copy_publication(published: Path, target: Path) -> Path:
    """Copies the current publication into ``target``; returns its `warehouse.duckdb`, which works wherever it is put.

    Its views became tables: a view names files by absolute path, a relative path follows the reader's folder, and both
    break on a stick or a share. The Parquet files are copied beside it for other tools.

    Raises:
        ValueError: nothing is published, or ``target`` holds something; the sentence is for the user.
        OSError: ``target`` cannot be written.
    """
    number = current_number(published)
    if number is None:
        raise ValueError(f"{published} 还没有发布。请先运行 dispute-lake run。")
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(f"{target} 不是空文件夹。请另选一个文件夹。")
    _make(target)
    source = published / "publications" / _name(number)
    for view in PUBLISHED:
        shutil.copytree(source / view, target / view)
    _write_warehouse(target / _WAREHOUSE, target, as_tables=True)
    return target / _WAREHOUSE


def current_number(published: Path) -> int | None:
    """Returns the number of the publication that `warehouse.duckdb` shows; None where there is none to be read."""
    warehouse = published / _WAREHOUSE
    if not warehouse.exists():
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            found = con.execute("SELECT number FROM publication").fetchone()
    except duckdb.Error:  # damaged, or its files are gone: a new publication takes its place
        return None
    return None if found is None else int(found[0])


@dataclass(frozen=True)
class _Cut:
    """One file of a view: its month (None: the only file), rows, and a name that changes with its content."""

    view: str
    month: str | None
    rows: int
    file: str


def _build(con: duckdb.DuckDBPyConnection, lake: Lake, now: datetime, label: str | None) -> None:
    """Fills every published table inside ``con``, in a compressed in-memory database named build."""
    con.execute("ATTACH ':memory:' AS build (COMPRESS)")
    prepare(con, now, label, root=lake.root)
    _hide_registered(con)
    rows = con.execute("SELECT * FROM raw_row WHERE disposition = 'quarantined'").df()
    con.register("quarantine_table", masking.quarantine(rows))
    for name in PUBLISHED:
        fill(con, name)
        prepare_after(con, name)


def prepare(
    con: duckdb.DuckDBPyConnection, now: datetime, label: str | None = None, *, root: Path | None = None
) -> None:
    """Gives ``con`` what filling its empty database ``build`` asks for: macros, functions, variables, code tables.

    Raises:
        ValueError: the residents of the lake at ``root`` cannot be read; the sentence is for the user.
    """
    con.execute("SET search_path = 'build.main,memory.main'")
    area_table = areas.table()
    city = area_table.loc[area_table["level"] == "city", "area_code"].iloc[0]
    for name, value in (("as_of", now), ("city_code", city), ("number", 0), ("format", FORMAT), ("label", label)):
        con.execute(f"SET VARIABLE {name} = $value", {"value": value})
    for name in _BUILD_MACROS:
        con.execute(_statement("build", name))
    funnel.register(con)
    given = {
        "area_table": area_table,
        "category_table": category.table(),
        "surname_table": pd.DataFrame({"surname": sorted(person.surnames())}),
        "indicator_definition_table": indicators.definitions(),
        "resident_table": indicators.residents(root),
        "data_dictionary_table": data_dictionary(),
    }
    for name, frame in given.items():
        con.register(name, frame)


def fill(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Fills one published table by its SQL; those that it reads are filled already."""
    if name == "indicator":
        indicators.count(con)
    _create(con, PUBLISHED[name].table, _statement("published", name))


def prepare_after(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Makes the helper views that stand on the published table ``name``."""
    for helper in _BUILD_VIEWS.get(name, ()):
        con.execute(_statement("build", helper))


def _hide_registered(con: Any) -> None:
    """Gives ``con`` the function hide_registered(text): names of persons whom any record registers become 张**.

    A record's text speaks of persons whom only other records name; `hide_names` knows those of the same dispute.
    """
    names = con.execute(_statement("build", "registered_name")).df()["name"]
    register = Register(names.tolist())

    def hide(texts: Any) -> Any:
        return pa.array(register.hide(texts.to_pylist()), type=pa.string())

    con.create_function("hide_registered", hide, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")


def _create(con: duckdb.DuckDBPyConnection, table: Table, select: str) -> None:
    typed = ", ".join(
        f'CAST("{column.name}" AS {DUCKDB_TYPES[column.kind]}) AS "{column.name}"' for column in table.columns
    )
    con.execute(f"CREATE TABLE build.main.{table.name} AS SELECT {typed} FROM ({select})")


def _statement(folder: str, name: str) -> str:
    return (_SQL / folder / f"{name}.sql").read_text("utf-8")


def data_dictionary() -> pd.DataFrame:
    """Every published column: view_name, view_comment, column_name, position, type, comment, sensitivity, source."""
    return pd.DataFrame(
        [
            {
                "view_name": view.name,
                "view_comment": view.table.comment,
                "column_name": column.name,
                "position": position,
                "type": DUCKDB_TYPES[column.kind],
                "comment": column.comment,
                "sensitivity": column.sensitivity,
                "source": "、".join(view.origin),
            }
            for view in PUBLISHED.values()
            for position, column in enumerate(view.table.columns, start=1)
        ]
    )


def _cuts(con: duckdb.DuckDBPyConnection, view: View) -> list[_Cut]:
    """Cuts a built table into files, each named after a hash of its rows; without rows, one empty file.

    The hash adds up row hashes, so the order in which rows were made does not matter. It is DuckDB's own and may differ
    between its versions: then everything is written anew, which is correct and merely slow.
    """
    columns = ", ".join(f'"{name}"' for name in view.table.column_names)
    month = "NULL" if view.month_of is None else f"coalesce(strftime(\"{view.month_of}\", '%Y-%m'), 'none')"
    found = con.execute(
        f"""
        SELECT month, count(*), bit_xor(row_hash), sum(CAST(row_hash AS HUGEINT) % 1000000007)
        FROM (SELECT {month} AS month, hash({columns}) AS row_hash FROM build.main.{view.name})
        GROUP BY month
        ORDER BY month
        """
    ).fetchall()
    shape = [duckdb.__version__, *(f"{column.name}:{column.kind}" for column in view.table.columns), *view.table.key]
    cuts = []
    for name, rows, mixed, summed in found or [(None, 0, 0, 0)]:
        digest = hashlib.sha256("\n".join([*shape, str(rows), str(mixed), str(summed)]).encode()).hexdigest()[:16]
        cuts.append(_Cut(view.name, name, int(rows), f"{name or 'all'}-{digest}.parquet"))
    return cuts


def _identity(plan: Mapping[str, list[_Cut]]) -> str:
    """What a publication is, apart from its number: its files, its comments, its macros, its feed."""
    parts = [f"{name}/{cut.file}" for name, cuts in plan.items() if name != "publication" for cut in cuts]
    parts += [f"publication/{cut.file}" for cut in plan["publication"]]
    parts += list(_macros().values())
    parts.append(feed.recipe())
    return hashlib.sha256("\n".join([*parts, data_dictionary().to_csv()]).encode()).hexdigest()


def _macros() -> dict[str, str]:
    """The statements of the macros by name, those that others call before them."""
    left = {path.stem: _statement("macros", path.stem) for path in sorted((_SQL / "macros").glob("*.sql"))}
    left["indicator_in"] = indicators.macro()
    ordered: dict[str, str] = {}
    while left:
        for name, text in list(left.items()):
            body = text.split("\n", 2)[2]
            if not any(f"{other}(" in body for other in left if other != name):
                ordered[name] = left.pop(name)
    return ordered


def _write_files(
    con: duckdb.DuckDBPyConnection,
    plan: Mapping[str, list[_Cut]],
    folder: Path,
    former: Path | None,
    number: int,
) -> tuple[int, int]:
    """Writes the files of a publication, or links those that the former one has; returns how many of each."""
    written = shared = 0
    _make(folder)
    con.execute("UPDATE build.main.publication SET number = $number", {"number": number})
    for name, cuts in plan.items():
        _make(folder / name)
        for cut in cuts:
            path = folder / name / cut.file
            old = None if former is None or name == "publication" else former / name / cut.file
            if old is not None and old.exists():
                _link(old, path)
                shared += 1
            else:
                _write_cut(con, cut, path)
                written += 1
    return written, shared


def _write_cut(con: duckdb.DuckDBPyConnection, cut: _Cut, path: Path) -> None:
    view = PUBLISHED[cut.view]
    columns = ", ".join(f'"{name}"' for name in view.table.column_names)
    order = ", ".join(f'"{name}" NULLS FIRST' for name in view.table.key)
    where = (
        "" if cut.month is None else f"WHERE coalesce(strftime(\"{view.month_of}\", '%Y-%m'), 'none') = '{cut.month}'"
    )
    con.execute(
        f"""
        COPY (SELECT {columns} FROM build.main.{cut.view} {where} ORDER BY {order})
        TO {_quote(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})
        """
    )
    path.chmod(0o644)


def _link(old: Path, new: Path) -> None:
    """Shares a file with the former publication; copies it where the file system knows no hard links."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)
        new.chmod(0o644)


def _write_warehouse(warehouse: Path, folder: Path, *, as_tables: bool = False) -> None:
    """Builds the DuckDB file beside and renames it over: readers hold the old or the new one, never half."""
    beside = warehouse.with_name(f".{warehouse.name}.building")
    for leftover in (beside, beside.with_name(beside.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(beside), config={"storage_compatibility_version": _READABLE_FROM}) as con:
        con.execute("BEGIN")
        for view in PUBLISHED.values():
            columns = ", ".join(f'"{name}"' for name in view.table.column_names)
            files = ", ".join(_quote(path) for path in sorted((folder / view.name).glob("*.parquet")))
            kind = "TABLE" if as_tables else "VIEW"
            con.execute(f"CREATE {kind} {view.name} AS SELECT {columns} FROM read_parquet([{files}])")
            con.execute(f"COMMENT ON {kind} {view.name} IS {_quote(view.table.comment)}")
            for column in view.table.columns:
                con.execute(f'COMMENT ON COLUMN {view.name}."{column.name}" IS {_quote(column.comment)}')
        for name, statement in _macros().items():
            con.execute(statement)
            says = statement.splitlines()[0].removeprefix("-- ")
            kind = "MACRO TABLE" if ") AS TABLE" in statement else "MACRO"
            con.execute(f"COMMENT ON {kind} {name} IS {_quote(says)}")
        con.execute("COMMIT")
    beside.chmod(0o644)
    with beside.open("rb") as handle:
        os.fsync(handle.fileno())
    beside.replace(warehouse)


def _clear_half_made(publications: Path) -> None:
    for folder in publications.iterdir():
        if folder.is_dir() and not (folder / _MARK).exists():
            shutil.rmtree(folder)


def _remove_old(publications: Path, number: int) -> None:
    for folder in publications.iterdir():
        if folder.name.isdigit() and not number - KEEP <= int(folder.name) <= number:
            shutil.rmtree(folder)


def _numbers(publications: Path) -> list[int]:
    return [int(folder.name) for folder in publications.iterdir() if folder.name.isdigit()]


def _files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*.parquet") if path.parent.name != feed.NAME)


def _mark_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / _MARK).read_text("utf-8")))


def _name(number: int) -> str:
    return f"{number:06d}"


def _make(folder: Path) -> None:
    """Makes a folder that others may read, whatever the umask says."""
    if not folder.exists():
        _make(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def _write_text(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.writing")
    beside.write_text(text, "utf-8")
    beside.chmod(0o644)
    beside.replace(path)


def _quote(text: Path | str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
