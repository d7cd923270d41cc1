"""A feed for other systems: today's warnings and what changed, as Parquet and JSON beside the published tables.

Here: which files, their columns, writing them into a publication, the link that readers follow. Not here: messages to
centres (`pipelines.outgoing`), the published tables (`warehouse.publish`).
filled tables of a publication -> publications/<number>/feed/ <- published/feed (a link, swapped with the publication)

Only published tables are read: people are masked, a confidential dispute shows no content.
"""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from sources.table import Column, Table
from warehouse.lake import DUCKDB_TYPES
from warehouse.registry import DISPUTE, DISPUTE_LEDGER, WARNING, WARNING_NOTICE, View

NAME = "feed"
_SQL = Path(__file__).parents[1] / "sql" / "delivery"


def _of(view: View, *names: str) -> tuple[Column, ...]:
    by_name = {column.name: column for column in view.table.columns}
    return tuple(by_name[name] for name in names)


FEEDS = (
    Table(
        "feed_warning",
        "截止日当天告知各中心的预警（没有暂缓的），每个接收单位一行",
        (
            *_of(WARNING_NOTICE, "notice_date", "recipient_code", "recipient_name", "recipient_tier", "rank"),
            *_of(WARNING, "warning_id", "rule", "rule_name", "level", "status", "first_seen_at", "dispute_id"),
            *_of(WARNING, "area_code", "area_name", "category_code", "category_name", "evidence"),
        ),
        key=("notice_date", "recipient_code", "rank"),
    ),
    Table(
        "feed_dispute",
        "截止日前七天内有记录新到或更新的纠纷，现状一行",
        (
            Column("changed_on", "date", "最近一条记录交付的日期", "public"),
            Column("changed_record_count", "integer", "七天内新到或更新的记录数", "public"),
            *DISPUTE.table.columns,
        ),
        key=("changed_on", "dispute_id"),
    ),
    Table(
        "feed_identity",
        "截止日前三十天纠纷编号的并入、拆分与裁定",
        _of(DISPUTE_LEDGER, "at", "dispute_id", "action", "other_dispute_id"),
        key=("at", "dispute_id", "action", "other_dispute_id"),
    ),
)


def recipe() -> str:
    """What the feed follows from, besides the published tables; a publication with another one is another."""
    return "\n".join(_select(table) for table in FEEDS)


def write(con: duckdb.DuckDBPyConnection, folder: Path, *, number: int, as_of: datetime, label: str | None) -> None:
    """Writes the feed of a publication that is being written into ``folder``.

    Args:
        con: holds the filled tables under their published names, and the variable as_of.
        folder: does not exist.
        number: of the publication.
        as_of: the publication's now.
        label: what the publication is marked with.
    """
    folder.mkdir()
    folder.chmod(0o755)
    files = []
    for table in FEEDS:
        for form, options in (("parquet", "FORMAT parquet, COMPRESSION zstd"), ("json", "FORMAT json, ARRAY true")):
            path = folder / f"{table.name}.{form}"
            con.execute(f"COPY ({_select(table)}) TO '{str(path).replace(chr(39), chr(39) * 2)}' ({options})")
            path.chmod(0o644)
        rows = con.execute(f"SELECT count(*) FROM ({_select(table)})").fetchall()[0][0]
        columns = [
            {"name": column.name, "type": DUCKDB_TYPES[column.kind], "comment": column.comment}
            for column in table.columns
        ]
        files.append({"name": table.name, "comment": table.comment, "rows": rows, "key": table.key, "columns": columns})
    about = {"publication": number, "as_of": as_of.isoformat(), "label": label, "files": files}
    path = folder / "schema.json"
    path.write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
    path.chmod(0o644)


def show(published: Path, folder: Path) -> None:
    """Makes ``published``/feed lead to ``folder``: readers see the former feed or this one, never parts of both.

    Where the file system knows no links the folder is copied, and a reader may find none for a moment.
    """
    link, beside = published / NAME, published / f".{NAME}.new"
    _remove(beside)
    try:
        beside.symlink_to(os.path.relpath(folder, published), target_is_directory=True)
    except OSError:
        shutil.copytree(folder, beside)
        _remove(link)
    if link.is_dir() and not link.is_symlink():
        _remove(link)
    beside.replace(link)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _select(table: Table) -> str:
    typed = ", ".join(
        f'CAST("{column.name}" AS {DUCKDB_TYPES[column.kind]}) AS "{column.name}"' for column in table.columns
    )
    order = ", ".join(f'"{name}" NULLS FIRST' for name in table.key)
    return f"SELECT {typed} FROM ({(_SQL / f'{table.name}.sql').read_text('utf-8')}) ORDER BY {order}"
