"""What matching keeps between runs: each record's prepared values, the lake-wide counts they were made with, and every
scored pair; so that a day's delivery costs the day.

Here: arrays that grow at their end, tables in Parquet segments, and the one file that says how much of them counts. Not
here: what is in them (`records`, `statistics`, `linking`).
A run appends and then replaces ``current.json`` in one step; what a killed run appended lies beyond the lengths that
this file names and is cut off by the next one. All of it can be made anew from the core tables.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

POINTER = "current.json"
FOLDER = "matching"
"""Where the store stands inside a lake's restricted zone."""


class Store:
    """A folder of growing arrays. ``meta``: what `commit` was given; ``tables``: table name -> its Parquet files."""

    def __init__(self, folder: Path, content: Mapping[str, Any]) -> None:
        self.folder = folder
        self.meta: dict[str, Any] = dict(content.get("meta", {}))
        self.tables: dict[str, list[str]] = {name: list(files) for name, files in content.get("tables", {}).items()}
        self._kinds: dict[str, dict[str, Any]] = {name: dict(kind) for name, kind in content.get("arrays", {}).items()}
        for kind in self._kinds.values():
            self._cut(kind)

    @classmethod
    def create(cls, root: Path) -> "Store":
        """Makes a new empty store below ``root``; it counts from its first `commit` on, and the old one until then."""
        root.mkdir(parents=True, exist_ok=True)
        taken = _pointer(root)
        for beside in root.glob("store-*"):
            if taken is None or beside.name != taken["folder"]:
                shutil.rmtree(beside)
        number = 0 if taken is None else int(taken["folder"].rpartition("-")[2]) + 1
        folder = root / f"store-{number}"
        folder.mkdir()
        return cls(folder, {})

    @classmethod
    def standing(cls, root: Path) -> "Store | None":
        """Returns the store that was committed last, or None."""
        content = _pointer(root)
        if content is None or not (root / content["folder"]).is_dir():
            return None
        return cls(root / content["folder"], content)

    @staticmethod
    def forget(root: Path) -> None:
        """Lets no store count any more."""
        (root / POINTER).unlink(missing_ok=True)

    def content(self) -> dict[str, Any]:
        """What is in the store, for `commit` and for another process that opens it as ``Store(folder, content)``."""
        return {"folder": self.folder.name, "meta": self.meta, "tables": self.tables, "arrays": self._kinds}

    def commit(self) -> None:
        """Makes all that was written count, and removes what this store takes the place of."""
        root = self.folder.parent
        content = self.content()
        beside = root / f".{POINTER}.writing"
        beside.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
        beside.replace(root / POINTER)
        for other in root.glob("store-*"):
            if other != self.folder:
                shutil.rmtree(other)
        counts = {kind["file"] for kind in self._kinds.values()} | {
            file for each in self.tables.values() for file in each
        }
        for file in self.folder.iterdir():
            if file.name not in counts:
                file.unlink()

    def append(self, name: str, rows: np.ndarray) -> None:
        """Adds rows to the end of an array; all rows of one array have one type and shape."""
        shape = list(rows.shape[1:])
        kind = self._kinds.setdefault(
            name, {"file": f"{name}.0.bin", "dtype": rows.dtype.str, "shape": shape, "rows": 0}
        )
        if kind["dtype"] != rows.dtype.str or kind["shape"] != shape:
            raise ValueError(f"array {name} holds {kind}, not {rows.dtype.str} {shape}")
        with (self.folder / kind["file"]).open("ab") as file:
            file.write(np.ascontiguousarray(rows).data)
        kind["rows"] += len(rows)

    def put(self, name: str, rows: np.ndarray) -> None:
        """Takes ``rows`` in place of all that the array held; the old rows count until the next `commit`."""
        file = f"{name}.{int(self._kinds[name]['file'].split('.')[-2]) + 1 if name in self._kinds else 0}.bin"
        (self.folder / file).unlink(missing_ok=True)
        self._kinds[name] = {"file": file, "dtype": rows.dtype.str, "shape": list(rows.shape[1:]), "rows": 0}
        self.append(name, rows)

    def array(self, name: str) -> np.ndarray:
        """Returns the rows of an array, mapped from its file."""
        kind = self._kinds[name]
        shape = (kind["rows"], *kind["shape"])
        if 0 in shape:
            return np.zeros(shape, kind["dtype"])
        return np.memmap(self.folder / kind["file"], kind["dtype"], "r", shape=shape)

    def __contains__(self, name: str) -> bool:
        """Is there an array of this name?"""
        return name in self._kinds

    def segment(self, table: str, *, whole: bool = False) -> Path:
        """Returns where the next Parquet segment of a table belongs, and lists it; ``whole``: instead of the others."""
        files = self.tables.get(table, [])
        number = int(files[-1].split("-")[-1].removesuffix(".parquet")) + 1 if files else 0
        self.tables[table] = [*([] if whole else files), f"{table}-{number:04}.parquet"]
        return self.folder / self.tables[table][-1]

    def parquet(self, table: str) -> str:
        """Returns SQL that reads all segments of a table."""
        files = ", ".join(f"'{self.folder / file}'" for file in self.tables[table])
        return f"read_parquet([{files}])"

    def _cut(self, kind: dict[str, Any]) -> None:
        whole = int(np.dtype(kind["dtype"]).itemsize * kind["rows"] * np.prod(kind["shape"], dtype=np.int64))
        path = self.folder / kind["file"]
        if path.stat().st_size > whole:
            with path.open("ab") as file:
                file.truncate(whole)


class Sparse:
    """The CSR matrix whose rows stand in the arrays ``<name>_size``, ``<name>_index`` and ``<name>_value``; ``indptr``
    follows from the sizes where it is not given."""

    def __init__(self, store: Store, name: str, indptr: np.ndarray | None = None) -> None:
        if indptr is None:
            indptr = np.concatenate([[0], np.cumsum(store.array(f"{name}_size"), dtype=np.int64)])
        self.indptr = indptr
        self.indices = store.array(f"{name}_index")
        self.data = store.array(f"{name}_value")

    @staticmethod
    def append(store: Store, name: str, matrix: Any) -> None:
        """Adds the rows of a CSR matrix with sorted indices."""
        store.append(f"{name}_size", np.diff(matrix.indptr).astype(np.int32))
        store.append(f"{name}_index", matrix.indices.astype(np.int32))
        store.append(f"{name}_value", matrix.data.astype(np.float32))


def _pointer(root: Path) -> dict[str, Any] | None:
    file = root / POINTER
    if not file.exists():
        return None
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content
