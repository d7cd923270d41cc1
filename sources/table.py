"""What a table is: name, columns, key, partitions, and what each column means to a reader.

Here: the two small types that every layer declares its tables with. Not here: the tables themselves (`sources.tables`,
`transforms.tables`, `warehouse.registry`) and storage (`warehouse.lake`).
Table -> pyarrow schema, empty frame, conformed frame
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa

Sensitivity = Literal["public", "internal", "personal", "secret"]

TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
}


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is a key of `TYPES`; times are local (Asia/Shanghai) without an offset.

    ``comment`` is the Chinese sentence that users read; ``sensitivity`` grades it (public, internal, personal: a person
    can be told from it; secret: never leaves the restricted zone).
    """

    name: str
    kind: str
    comment: str
    sensitivity: Sensitivity = "internal"


@dataclass(frozen=True)
class Table:
    """A table: Chinese ``comment``, ``columns`` in order, ``key`` that is unique, ``partitions`` on disk."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, all columns nullable."""
        return pa.schema([pa.field(column.name, TYPES[column.kind]) for column in self.columns])

    def conform(self, frame: pd.DataFrame) -> pa.Table:
        """Returns ``frame`` (n rows) as an Arrow table with exactly this table's columns and types.

        Columns that are absent become null.

        Raises:
            KeyError: the frame has a column that the table does not declare.
            pyarrow.ArrowInvalid: a value does not fit the declared type.
        """
        unknown = [name for name in frame.columns if name not in set(self.column_names)]
        if unknown:
            raise KeyError(f"{self.name}: 未登记的列 {unknown}")
        arrays = []
        for field in self.schema:
            if field.name in frame.columns:
                arrays.append(pa.Array.from_pandas(frame[field.name], type=field.type))
            else:
                arrays.append(pa.nulls(len(frame), field.type))
        return pa.Table.from_arrays(
            [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array in arrays],
            schema=self.schema,
        )

    def empty(self) -> pd.DataFrame:
        """Returns a frame with this table's columns and no rows."""
        return self.schema.empty_table().to_pandas()
