"""The lake: restricted tables as Delta Lake, replaced piece by piece and read through DuckDB.

Here: creating and opening a lake, the refusals before any change, atomic replacement, the run lock, a DuckDB connection
over exactly the files of one version, tidying. Not here: which tables there are (`warehouse.registry`), what analysts
see (`warehouse.publish`).
frame -> Parquet files -> one Delta commit -> DuckDB views

Files are cut by month and source, not by delivery: a backlog of 600 deliveries writes some twenty files instead of
600, and a delivery that comes again rewrites the one file that holds it. Analysts never read these folders: a glob
over them also finds dead files.
"""

import contextlib
import fcntl
import hashlib
import hmac
import itertools
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable, Field, Schema
from deltalake.transaction import AddAction, RemoveAction

from sources.table import Table
from warehouse.registry import RESTRICTED

FORMAT = 1
"""Version of the folder layout; a lake with a larger one was written by newer software and is left alone."""

_MARK = "lake.json"
_PART = "part"
_MAX_FILES = 8
"""Small files of one month and source before the next write merges them."""
_LARGE = 4 << 20
"""Bytes from which on a file is left as it is: a large backlog would be merged whole, again and again, in memory."""
_ROW_GROUP = 122_880
"""DuckDB reads row groups in parallel; this is its own vector-friendly size."""
_OURS = frozenset({"restricted", "published", "landing", "lost+found"})
_FINGERPRINT = b"dispute-lake key fingerprint 1"
_SQL = Path(__file__).parent / "sql" / "restricted"
_VIEWS = (
    "current_correction", "corrected_event", "current_version", "current_event", "current_party", "current_reference",
)  # fmt: skip
DUCKDB_TYPES = {
    "text": "VARCHAR", "texts": "VARCHAR[]", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
    "date": "DATE", "time": "TIMESTAMP",
}  # fmt: skip

Partition = tuple[date, str]


class LakeRefused(Exception):
    """The lake may not be opened or written; nothing was changed. The message is a sentence for the user."""


class LakeBusy(LakeRefused):
    """Another run holds the lake."""


def fingerprint(key: bytes) -> str:
    """Returns 32 hex characters that tell whether a key is the lake's own; the key cannot be computed from them."""
    return hmac.new(key, _FINGERPRINT, hashlib.sha256).hexdigest()[:32]


def inspect(root: Path) -> Literal["new", "standing"]:
    """Says whether ``root`` is a lake already or a place where one can be made, changing nothing.

    Raises:
        LakeRefused: the folder cannot be written, holds something else, or was written by a newer version.
    """
    if root.exists() and not root.is_dir():
        raise LakeRefused(f"湖目录 {root} 不是文件夹。请把 LAKE_ROOT 指向一个文件夹。")
    mark = root / _MARK
    if mark.exists():
        _read_mark(mark)
        state: Literal["new", "standing"] = "standing"
    else:
        try:
            foreign = sorted(item.name for item in root.iterdir() if _is_foreign(item)) if root.exists() else []
        except OSError as error:
            raise LakeRefused(f"湖目录 {root} 无法读取（{error.strerror}）。请检查权限。") from error
        if foreign:
            raise LakeRefused(
                f"{root} 不是空文件夹，也不是数据湖（有 {'、'.join(foreign[:3])}{' 等' if len(foreign) > 3 else ''}）。"
                "请把 LAKE_ROOT 指向空文件夹或已有的湖。"
            )
        state = "new"
    _probe(root)
    return state


def _is_foreign(item: Path) -> bool:
    """Tells what a lake in the making, Dagster's home, or a mount point would not hold."""
    if item.name == "restricted":
        return any(inner.name not in {"dagster", "tables", "tmp"} for inner in item.iterdir())
    if item.name == "published":
        return any(item.iterdir())
    return item.name not in _OURS and not item.name.startswith(".")


def _probe(root: Path) -> None:
    """Writes and removes an empty file where the lake will write: the only test that quotas and mounts cannot fool."""
    folders = [folder for folder in (root, root / "restricted", root / "published") if folder.is_dir()]
    if not folders:
        parent = root.parent
        while not parent.exists():
            parent = parent.parent
        folders = [parent]
    for folder in folders:
        probe = folder / f".probe-{os.getpid()}"
        try:
            # an administrator writes everywhere; a folder without any write bit was closed on purpose all the same
            if not folder.stat().st_mode & 0o222:
                raise PermissionError(13, "文件夹设为只读")
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise LakeRefused(
                f"湖目录 {root} 不可写：{folder}（{error.strerror}）。请检查权限、磁盘空间或改用别的 LAKE_ROOT；"
                "未作任何改动。"
            ) from error


def _read_mark(mark: Path) -> dict[str, Any]:
    try:
        content = json.loads(mark.read_text("utf-8"))
        version = int(content["format"])
        content["key_fingerprint"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeRefused(f"{mark} 无法读取或已损坏（{error}）。请从备份恢复这个文件；未作任何改动。") from error
    if version > FORMAT:
        raise LakeRefused(
            f"这个湖由更新的版本写成（格式 {version}，本程序只认得到 {FORMAT}）。请升级 dispute-lake 后再运行；"
            "未作任何改动。"
        )
    return dict(content)


_CONNECTIONS = itertools.count(1)
_COMMITTING = threading.Lock()
_HELD: dict[Path, int] = {}
"""Locks of this process: a file lock knows open files, not processes, and would lock out its own holder."""


@contextlib.contextmanager
def _flock(path: Path, wait_seconds: float, sentence: str) -> Iterator[None]:
    if path in _HELD:
        _HELD[path] += 1
        try:
            yield
        finally:
            _HELD[path] -= 1
        return
    with path.open("ab") as handle:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() >= until:
                    raise LakeBusy(sentence) from error
                time.sleep(0.05)
        _HELD[path] = 1
        try:
            yield
        finally:
            del _HELD[path]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _write_whole(path: Path, content: bytes) -> None:
    """Writes beside and renames over, so that a reader sees the old or the new content, never half."""
    beside = path.with_name(f".{path.name}.writing")
    with beside.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(path)


@dataclass
class Lake:
    """An open lake. ``root`` is absolute; use `Lake.open`, which checks, or `Lake.standing`, which needs no key."""

    root: Path
    read_only: bool = False
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)

    @classmethod
    def open(cls, root: Path | str, key: bytes | None) -> "Lake":
        """Opens the lake at ``root``, or makes a new one that belongs to ``key`` (32 bytes or more).

        Raises:
            LakeRefused: see `inspect`; also no key, or another key than the one the lake's tokens were made with.
        """
        root = Path(root).absolute()
        state = inspect(root)
        mark = root / _MARK
        if key is None:
            raise LakeRefused(
                f"{root} 已有数据湖，但没有给出密钥。没有原来的密钥，新记录与旧记录的电话、证件令牌对不上。"
                "请把 LAKE_KEY_FILE 指向原密钥文件，或从备份恢复；未作任何改动。"
                if state == "standing"
                else "新建数据湖需要密钥（LAKE_KEY_FILE）；未作任何改动。"
            )
        if state == "standing":
            if not hmac.compare_digest(str(_read_mark(mark)["key_fingerprint"]), fingerprint(key)):
                raise LakeRefused(
                    f"密钥不是 {root} 这个湖原来的密钥，令牌会对不上。请把 LAKE_KEY_FILE 指向原密钥文件；未作任何改动。"
                )
        else:
            root.mkdir(parents=True, exist_ok=True)
            content = {"format": FORMAT, "key_fingerprint": fingerprint(key)}
            _write_whole(mark, json.dumps(content, indent=2).encode())
            mark.chmod(0o644)
        lake = cls(root)
        for folder, mode in ((lake.restricted, 0o700), (lake.published, 0o755)):
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)  # whatever the umask says: analysts read one and never the other
        for folder in (lake.tables, lake.scratch):
            folder.mkdir(exist_ok=True)
        return lake

    @classmethod
    def standing(cls, root: Path | str) -> "Lake":
        """Opens a standing lake for reading only; no key needed, nothing made or changed.

        Raises:
            LakeRefused: there is no lake, or it was written by a newer version.
        """
        root = Path(root).absolute()
        if not (root / _MARK).exists():
            raise LakeRefused(f"{root} 没有数据湖。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
        _read_mark(root / _MARK)
        return cls(root, read_only=True)

    def __enter__(self) -> "Lake":
        """Holds the run lock while the ``with`` block lasts, see `lock`."""
        self._held.enter_context(self.lock())
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    @property
    def restricted(self) -> Path:
        """The zone of plain personal data, mode 0700."""
        return self.root / "restricted"

    @property
    def published(self) -> Path:
        """The zone that analysts read."""
        return self.root / "published"

    @property
    def tables(self) -> Path:
        """Folder of the Delta tables."""
        return self.restricted / "tables"

    @property
    def scratch(self) -> Path:
        """Where DuckDB spills; inside the restricted zone, since it holds what the zone protects."""
        return self.restricted / "tmp"

    @contextlib.contextmanager
    def lock(self, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Holds the lake for one writing process; inside one process it may be taken again.

        The system releases it when the process ends, however it ends.

        Raises:
            LakeBusy: another process still holds it after ``wait_seconds``.
        """
        with _flock(
            self.restricted / "run.lock",
            wait_seconds,
            f"另一个运行正在写 {self.root}。请等它结束后再试；未作任何改动。",
        ):
            yield

    @contextlib.contextmanager
    def acting(self) -> Iterator[None]:
        """Holds what people decide (verdicts, corrections) for one process: it is compared before it is written.

        Raises:
            LakeBusy: another process still holds it after half a minute.
        """
        with _flock(self.restricted / "acts.lock", 30.0, f"另一个人正在写裁定（{self.root}），等候超时；请再试。"):
            yield

    @contextlib.contextmanager
    def _committing(self) -> Iterator[None]:
        with _COMMITTING, _flock(self.restricted / "commit.lock", 600.0, f"{self.root} 正被另一个进程写入，等候超时。"):
            yield

    def replace(self, table: str, frame: pd.DataFrame | pa.Table, partitions: Iterable[Partition] | None = None) -> int:
        """Replaces rows of a restricted table in one commit and returns how many rows ``frame`` brought.

        With ``partitions``, pairs of (delivery_date, source), exactly those are replaced; one without rows in ``frame``
        becomes empty. Without, the whole table is. The same content again makes no new version.

        Raises:
            KeyError: no such table, or a column that it does not declare.
            ValueError: ``frame`` holds rows outside ``partitions``, or the table has no partitions.
        """
        declared = self._declared(table)
        rows = _conform(declared, frame)
        if partitions is None:
            wanted = None
        else:
            if not declared.partitions:
                raise ValueError(f"{declared.name} 不分区，只能整表替换")
            wanted = {(_as_date(day), str(source)) for day, source in partitions}
            outside = set(_partitions_of(rows)) - wanted
            if outside:
                raise ValueError(
                    f"{declared.name}: 有 {len(outside)} 个分区的行不在要替换的分区之内，如 {min(outside)}"
                )
        with self._committing():
            self._commit(declared, rows, wanted)
        return int(rows.num_rows)

    def append(self, table: Table | str, frame: pd.DataFrame | pa.Table) -> int:
        """Adds rows to a table that only grows (ledgers, acceptances); returns how many.

        Raises:
            KeyError: no such table, or a column that it does not declare.
        """
        declared = self._declared(table)
        rows = _conform(declared, frame)
        with self._committing():
            self._commit(declared, rows, set())
        return int(rows.num_rows)

    def read(
        self, table: Table | str, *, columns: Sequence[str] | None = None, dates: Collection[date] | None = None
    ) -> pd.DataFrame:
        """Returns a restricted table as a frame (dates as `datetime.date`, times as datetime64[us]).

        Args:
            table: the table or its name.
            columns: only these; by default all.
            dates: only deliveries of these dates; files of other months are not opened.
        """
        declared = self._declared(table)
        if columns is not None:
            kept = tuple(column for column in declared.columns if column.name in set(columns))
            declared = Table(declared.name, declared.comment, kept, partitions=declared.partitions)
        delta = self._delta(declared.name)
        parts = [declared.schema.empty_table()]
        for file in _live_files(delta) if delta is not None else []:
            if dates is not None and not file.may_hold(dates):
                continue
            path = self.tables / declared.name / file.path
            rows = _read_file(path, declared)
            if dates is not None:
                days = pq.read_table(path, columns=["delivery_date"], partitioning=None)["delivery_date"]
                rows = rows.filter(pc.is_in(days, pa.array(sorted(dates), pa.date32())))
            parts.append(rows)
        return pa.concat_tables(parts).to_pandas()

    def version(self, name: str) -> int:
        """Returns the Delta version of a restricted table; -1 where nothing was ever written."""
        delta = self._delta(name)
        return -1 if delta is None else int(delta.version())

    def connect(self, *, memory_limit: str | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:
        """Returns a DuckDB connection with one view for every restricted table, as it stands now.

        Views: each name in `warehouse.registry.RESTRICTED` (without rows where nothing was written) and
        ``current_correction``, ``corrected_event`` (core_event with people's corrections laid over it),
        ``current_version``, ``current_event`` (corrected_event's columns, first_delivery_date, version_count; one row a
        record), ``current_party``, ``current_reference``. Later writes do not show.

        Args:
            memory_limit: as DuckDB takes it, such as ``"2GB"``; beyond it DuckDB spills into the restricted zone.
            threads: how many; by default all.
        """
        con = duckdb.connect()
        con.execute("SET autoinstall_known_extensions = false")  # a lake has no internet
        con.execute("SET enable_progress_bar = false")  # progress is shown by whoever runs the work
        con.execute(f"SET temp_directory = {_quote(str(self.scratch_folder()))}")
        if memory_limit is not None:
            con.execute(f"SET memory_limit = {_quote(memory_limit)}")
        if threads is not None:
            con.execute(f"SET threads = {int(threads)}")
        for declared in RESTRICTED.values():
            con.execute(f"CREATE VIEW {declared.name} AS {self._select(declared)}")
        for view in _VIEWS:
            con.execute(f"CREATE VIEW {view} AS {(_SQL / f'{view}.sql').read_text('utf-8')}")
        return con

    def tidy(self, *, retention_hours: int = 168) -> int:
        """Removes data files that no version of the last ``retention_hours`` uses; returns how many.

        Also removes what a killed write left behind. Until then, older versions stay readable.
        """
        removed = 0
        with self._committing():
            for name in RESTRICTED:
                delta = self._delta(name)
                if delta is not None:
                    removed += len(
                        delta.vacuum(retention_hours, dry_run=False, enforce_retention_duration=False, full=True)
                    )
        return removed

    def scratch_folder(self) -> Path:
        """The path of a scratch folder that nobody else has, not made yet; those of dead processes are removed.

        DuckDB spills into one for each connection (it names its files alike in every process), and worker processes
        lay their results into one.
        """
        if self.scratch.is_dir():
            for folder in self.scratch.iterdir():
                owner = folder.name.split("-")[0]
                if owner.isdigit() and int(owner) != os.getpid() and not _is_alive(int(owner)):
                    shutil.rmtree(folder, ignore_errors=True)
        return self.scratch / f"{os.getpid()}-{next(_CONNECTIONS)}"

    def _declared(self, table: Table | str) -> Table:
        name = table if isinstance(table, str) else table.name
        if name not in RESTRICTED:
            raise KeyError(f"没有登记的表 {name}")
        return RESTRICTED[name]

    def _delta(self, name: str) -> DeltaTable | None:
        folder = self.tables / name
        return (
            DeltaTable(folder) if (folder / "_delta_log").is_dir() and DeltaTable.is_deltatable(str(folder)) else None
        )

    def _files(self, declared: Table) -> list[str]:
        """Paths of the live files below the table's folder, in a stable order."""
        delta = self._delta(declared.name)
        if delta is None:
            return []
        return sorted(pa.table(delta.get_add_actions(flatten=True))["path"].to_pylist())

    def _select(self, declared: Table) -> str:
        columns = ", ".join(f'"{column.name}"' for column in declared.columns)
        empty = ", ".join(f'NULL::{DUCKDB_TYPES[column.kind]} AS "{column.name}"' for column in declared.columns)
        nothing = f"SELECT {empty} WHERE false"
        files = self._files(declared)
        if not files:
            return nothing
        paths = ", ".join(_quote(str(self.tables / declared.name / file)) for file in files)
        if all(_shape_of(file) == _shape(declared) for file in files):
            return f"SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = false)"
        # some files were written before a column was declared: there it reads as empty
        everything = f"FROM read_parquet([{paths}], hive_partitioning = false, union_by_name = true)"
        return f"SELECT {columns} FROM ({nothing} UNION ALL BY NAME {everything})"

    def _commit(self, declared: Table, rows: pa.Table, wanted: set[Partition] | None) -> None:
        """Writes ``rows`` and drops what they replace: all (None), those partitions, or nothing (empty set)."""
        folder = self.tables / declared.name
        delta = self._delta(declared.name) or DeltaTable.create(
            folder, _delta_schema(declared), partition_by=[_PART], description=declared.comment
        )
        _declare_new_columns(delta, declared)
        live = _live_files(delta)
        fresh = _by_part(declared, rows)
        removed: list[_File] = []
        for part in sorted({file.part for file in live} | fresh.keys()):
            here = [file for file in live if file.part == part]
            kept: list[pa.Table] = []
            for file in here:
                remainder = _remainder(folder / file.path, file, declared, wanted)
                if remainder is not None:
                    removed.append(file)
                    kept.append(remainder)
            added = part in fresh
            standing = [file for file in here if file not in removed]
            small = [file for file in standing if file.size < _LARGE]
            if added and len(small) + 1 > _MAX_FILES:
                kept.extend(_read_file(folder / file.path, declared) for file in small)
                removed.extend(small)
            pieces = [piece for piece in (*kept, *([fresh[part]] if added else [])) if piece.num_rows]
            if pieces:
                fresh[part] = _in_order(declared, pa.concat_tables(pieces))
            else:
                fresh.pop(part, None)
        written = [_write_file(folder, part, declared, content) for part, content in sorted(fresh.items())]
        unchanged = {file.path for file in live} & {action.path for action in written}
        actions: list[AddAction | RemoveAction] = [action for action in written if action.path not in unchanged]
        now = int(time.time() * 1000)  # read by vacuum alone
        actions.extend(
            RemoveAction(file.path, True, now, file.size, {_PART: file.part})
            for file in removed
            if file.path not in unchanged
        )
        if actions:
            delta.create_write_transaction(actions, "append", _delta_schema(declared), partition_by=[_PART])


@dataclass(frozen=True)
class _File:
    """A live data file: path below the table, its part, size in bytes, first and last delivery date where known."""

    path: str
    part: str
    size: int
    first: date | None
    last: date | None

    def may_hold(self, days: Iterable[date]) -> bool:
        """Tells whether one of ``days`` lies between the file's first and last."""
        return any(
            (self.first is None or self.first <= day) and (self.last is None or day <= self.last) for day in days
        )


def _conform(declared: Table, frame: pd.DataFrame | pa.Table) -> pa.Table:
    if isinstance(frame, pa.Table):
        unknown = [name for name in frame.column_names if name not in set(declared.column_names)]
        if unknown:
            raise KeyError(f"{declared.name}: 未登记的列 {unknown}")
        return _shaped(frame, declared)
    return declared.conform(frame)


def _shaped(rows: pa.Table, declared: Table) -> pa.Table:
    """Returns ``rows`` with exactly the declared columns, those it lacks as null."""
    columns = [
        rows[item.name].cast(item.type) if item.name in rows.column_names else pa.nulls(rows.num_rows, item.type)
        for item in declared.schema
    ]
    return pa.table(columns, schema=declared.schema)


def _as_date(day: Any) -> date:
    if isinstance(day, str):
        return date.fromisoformat(day)
    return date(day.year, day.month, day.day)


def _partitions_of(rows: pa.Table) -> Iterator[Partition]:
    distinct = rows.select(["delivery_date", "source"]).group_by(["delivery_date", "source"]).aggregate([])
    yield from zip(distinct["delivery_date"].to_pylist(), distinct["source"].to_pylist(), strict=True)


def _part(day: date | None, source: str | None) -> str:
    month = "none" if day is None else f"{day:%Y-%m}"
    return f"{month}_{re.sub('[^A-Za-z0-9_-]', '-', source or 'none')}"


def _by_part(declared: Table, rows: pa.Table) -> dict[str, pa.Table]:
    """Cuts rows by month and source; a table without partitions is one part, ``all``."""
    if not declared.partitions:
        return {"all": rows} if rows.num_rows else {}
    keys = [_part(day, source) for day, source in _partitions_of(rows)]
    if len(set(keys)) == 1:
        return {keys[0]: rows}
    months = pc.strftime(rows["delivery_date"], format="%Y-%m")
    sources = pc.replace_substring_regex(rows["source"], pattern="[^A-Za-z0-9_-]", replacement="-")
    labels = pc.binary_join_element_wise(
        pc.fill_null(months, "none"), pc.fill_null(sources, "none"), "_"
    ).combine_chunks()
    encoded = labels.dictionary_encode()
    order = pc.sort_indices(encoded.indices)  # stable: rows keep their order within a part
    sorted_codes = encoded.indices.take(order)
    gathered = rows.take(order)
    counts = {item["values"]: item["counts"] for item in pc.value_counts(sorted_codes).to_pylist()}
    parts: dict[str, pa.Table] = {}
    start = 0
    for code in sorted(counts):
        parts[encoded.dictionary[code].as_py()] = gathered.slice(start, counts[code])
        start += counts[code]
    return parts


def _in_order(declared: Table, rows: pa.Table) -> pa.Table:
    """Sorts by delivery, keeping the order inside a delivery: the same content always makes the same file."""
    if not declared.partitions:
        return rows
    order = pc.sort_indices(rows, sort_keys=[("delivery_date", "ascending"), ("source", "ascending")])
    return rows if pc.all(pc.equal(order, pa.array(np.arange(rows.num_rows), order.type))).as_py() else rows.take(order)


def _remainder(path: Path, file: _File, declared: Table, wanted: set[Partition] | None) -> pa.Table | None:
    """What stays of a file once ``wanted`` is dropped from it; None: the file is not touched."""
    if wanted is None:
        return declared.schema.empty_table()
    if not file.may_hold(day for day, source in wanted if _part(day, source) == file.part):
        return None
    keys = pq.read_table(path, columns=["delivery_date", "source"], partitioning=None)
    present = set(_partitions_of(keys))
    if not present & wanted:
        return None
    if present <= wanted:
        return declared.schema.empty_table()
    rows = _read_file(path, declared)
    keep = pa.array(
        [
            (day, source) not in wanted
            for day, source in zip(keys["delivery_date"].to_pylist(), keys["source"].to_pylist(), strict=True)
        ]
    )
    return rows.filter(keep)


def _read_file(path: Path, declared: Table) -> pa.Table:
    standing = set(pq.read_schema(path).names)
    columns = [name for name in declared.column_names if name in standing]
    rows = pq.read_table(path, columns=columns, partitioning=None)
    if not columns:
        rows = pa.table({"": pa.nulls(pq.read_metadata(path).num_rows)})
    return _shaped(rows, declared)


def _shape(declared: Table) -> str:
    """Eight hex characters that change with the table's columns or types; they stand in the names of its files."""
    text = ",".join(f"{column.name}:{column.kind}" for column in declared.columns)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _shape_of(path: str) -> str:
    return path.rsplit("/", 1)[-1].split("-", 1)[0]


def _write_file(folder: Path, part: str, declared: Table, rows: pa.Table) -> AddAction:
    """Writes one Parquet file named after its content; an equal file that is there already is the same file."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", row_group_size=_ROW_GROUP, store_schema=False)
    content = sink.getvalue()
    name = f"{_shape(declared)}-{hashlib.sha256(content).hexdigest()[:24]}.parquet"
    path = folder / f"{_PART}={part}" / name
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.stat().st_size != content.size:
        _write_whole(path, content)
    stats: dict[str, Any] = {"numRecords": rows.num_rows}
    if declared.partitions:
        for bound, compute in (("minValues", pc.min), ("maxValues", pc.max)):
            values = {name: compute(rows[name]).as_py() for name in ("delivery_date", "source")}
            stats[bound] = {name: str(value) for name, value in values.items() if value is not None}
    modified = int(path.stat().st_mtime * 1000)
    return AddAction(f"{_PART}={part}/{name}", content.size, {_PART: part}, modified, True, json.dumps(stats))


def _live_files(delta: DeltaTable) -> list[_File]:
    actions = pa.table(delta.get_add_actions(flatten=True))
    bounds = [
        actions[name].to_pylist() if name in actions.column_names else [None] * actions.num_rows
        for name in ("min.delivery_date", "max.delivery_date")
    ]
    columns = (actions["path"], actions[f"partition.{_PART}"], actions["size_bytes"])
    rows = zip(*(column.to_pylist() for column in columns), *bounds, strict=True)
    return sorted((_File(*row) for row in rows), key=lambda file: file.path)


def _delta_schema(declared: Table) -> Schema:
    return Schema.from_arrow(declared.schema.append(pa.field(_PART, pa.string())))


def _declare_new_columns(delta: DeltaTable, declared: Table) -> None:
    """Adds columns to a standing table that this version declares and an earlier one did not."""
    known = {item.name for item in delta.schema().fields}
    new: Sequence[Field] = [item for item in _delta_schema(declared).fields if item.name not in known]
    if new:
        delta.alter.add_columns(list(new))


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
