"""12345 hotline: what source.yml cannot say.

Here: the address column that is sometimes JSON. Not here: cleaning of values (transforms), storage (warehouse).
rows of a delivery -> rows with `address`, `longitude`, `latitude`
"""

import json
from typing import NamedTuple

from sources.rows import Rows


class Address(NamedTuple):
    """An address as delivered; longitude and latitude in degrees (GCJ-02), None where the export had none."""

    text: str | None
    longitude: float | None
    latitude: float | None


def derive(rows: Rows) -> None:
    """Splits the 详细地址 of each row; a cell that opens like JSON and is none rejects its row."""
    cells = rows.record.get("address", [])
    with_json = [row for row, cell in enumerate(cells) if cell is not None and cell[0] == "{"]
    longitudes: list[float | None] = [None] * len(cells)
    latitudes: list[float | None] = [None] * len(cells)
    for row in with_json:
        try:
            cells[row], longitudes[row], latitudes[row] = split_address(cells[row])
        except ValueError as error:
            rows.reject(row, "bad_address", "详细地址", f"{error}，请核对后重新交付")
    if with_json:
        rows.record["longitude"], rows.record["latitude"] = longitudes, latitudes


def split_address(cell: str) -> Address:
    """Splits a 详细地址 cell, plain text or ``{"address", "lng", "lat"}``.

    Raises:
        ValueError: the cell opens like JSON and is none; the row goes to quarantine with this sentence.
    """
    if not cell.startswith("{"):
        return Address(cell.strip(), None, None)
    try:
        value = json.loads(cell)
    except json.JSONDecodeError as error:
        raise ValueError(f"“详细地址”不是有效的 JSON（第 {error.pos + 1} 个字符处）") from error
    except RecursionError as error:
        raise ValueError("“详细地址”的 JSON 嵌套过深") from error
    text = value.get("address")
    if text is not None and not isinstance(text, str):
        raise ValueError("“详细地址”的 JSON 里 address 不是文字")
    return Address((text or "").strip() or None, _degrees(value.get("lng")), _degrees(value.get("lat")))


def _degrees(value: object) -> float | None:
    """A coordinate written as number or text; None for nothing, 0, and what is no number."""
    try:
        degrees = float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return None
    return degrees if 0 < abs(degrees) <= 180 else None
