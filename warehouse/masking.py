"""Masks for rows that could not be read: what is wrong with them stays visible, whose they are does not.

Here: masks of cells that nobody has understood yet, so any of them may hold a person. Not here: scrubbing of text that
was read (`transforms.scrub`), masked names of parties (`transforms.person`).
raw_row (quarantined) -> quarantine
"""

import json
import re
from typing import Any

import pandas as pd

from warehouse.registry import QUARANTINE

# dates and times in any of the exports' forms say what is wrong and name nobody
_TIME = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?([ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?)?"
    r"|(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{6})?"
)
_SHORT_CODE = re.compile(r"[A-Za-z0-9.+-]{1,4}")
_NUMBER = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{4,40}")
_PHONE_OR_ID = re.compile(r"(?:86)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{7,8}|[1-9]\d{14}|[1-9]\d{16}[0-9Xx]")
_LONGEST = 8


def mask(value: str) -> str:
    """Returns the first character and stars; dates, times and codes of up to four characters stay as they are."""
    value = value.strip()
    if len(value) <= 1 or _TIME.fullmatch(value) or _SHORT_CODE.fullmatch(value):
        return value
    return value[0] + "*" * min(len(value) - 1, _LONGEST)


def mask_number(value: str) -> str:
    """Returns a record number as it is, unless it does not look like one or looks like a phone or an ID number."""
    value = value.strip()
    return value if _NUMBER.fullmatch(value) and not _PHONE_OR_ID.fullmatch(value) else mask(value)


def quarantine(rows: pd.DataFrame) -> pd.DataFrame:
    """Returns the published form of quarantined rows (``rows``: raw_row columns): no cell as it came.

    A sentence that quotes a cell quotes its mask afterwards.
    """
    records = [_masked(row) for row in rows.to_dict("records")]
    names = [name for name in QUARANTINE.table.column_names if name != "quarantine_id"]
    return pd.DataFrame(records, columns=names).astype({"row_number": "Int64", "source": "str", "file": "str"})


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    cells = _cells(row["content"])
    reason = _text(row["reason"])
    for name, value in sorted(cells.items(), key=lambda item: -len(item[1])):
        hidden = mask(value)
        if reason and len(value) > 1 and hidden != value and value not in cells and name != value:
            reason = reason.replace(value, hidden)
    number = _text(row["source_record_id"])
    column = _text(row["column"])
    return {
        **{name: row[name] for name in ("source", "delivery_date", "file", "sheet", "row_number", "rule")},
        "column_name": column,
        "source_record_id": None if number is None else mask_number(number),
        "reason": None if reason is None else _hide_numbers(reason),
        "value_masked": mask(cells[column]) if column in cells else None,
        "values_masked": json.dumps({name: mask(value) for name, value in cells.items()}, ensure_ascii=False)
        if cells
        else None,
    }


def _hide_numbers(sentence: str) -> str:
    """Masks what looks like a phone or an ID number; other long numbers may be record numbers that the reader needs."""
    pattern = rf"(?<![0-9A-Za-z])(?:{_PHONE_OR_ID.pattern})(?![0-9A-Za-z])"
    return re.sub(pattern, lambda found: found[0] if _TIME.fullmatch(found[0]) else mask(found[0]), sentence)


def _cells(content: Any) -> dict[str, str]:
    """The row's cells by column; a row that is no JSON object (a line that could not be cut) is one cell."""
    text = _text(content)
    if text is None:
        return {}
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError:
        return {"": text}
    if not isinstance(loaded, dict):
        return {"": text}
    return {
        str(name): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in loaded.items()
        if value is not None and value != ""
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
