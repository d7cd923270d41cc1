"""Text cells to typed values, column by column: times, numbers, yes/no, codes.

Here: what a cell says. Not here: whether it is plausible for a delivery (`sources.read`), cleaning (`transforms`).
list of cells -> list of values, and the positions that could not be understood
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from sources.readers.sheet import Cells

_SHANGHAI = timedelta(hours=8)
"""Offset of Asia/Shanghai; without summer time since 1991, and no record is older than 1990."""
_EXCEL_EPOCH = datetime.fromisoformat("1899-12-30")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_SERIAL_RANGE = (20000, 80000)  # 1954 to 2119
_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.年])(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[ T]*(?P<hour>\d{1,2})[:时：](?P<minute>\d{1,2})(?:[:分：](?P<second>\d{1,2})秒?)?分?(?P<fraction>\.\d+)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_MARKS = {"-": "iso", "/": "slash", ".": "slash", "年": "chinese"}
_INTEGER = re.compile(r"[约近]?\s*(\d{1,9})(?:\.0+)?\s*[余多]?\s*[人名户次天]?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")
_UNIT = re.compile(r"\s*(?:个?工作日|天|日|次|元|米|°)$")
_YES = {"是": True, "否": False, "1": True, "0": False, "true": True, "false": False, "y": True, "n": False}
_WHOLE = re.compile(r"0*(\d+?)(?:\.0+)?")
_BLANKS = re.compile(r"\s+")

UNKNOWN = "未知"
"""Stands in a coded column for a value that its source.yml does not list; an empty cell stays empty."""

NOTHING = frozenset(
    {"-", "--", "---", "—", "——", "/", "\\", "NULL", "null", "None", "N/A", "#N/A", "NaN", "nan", "\\N"}
)
"""What systems write into a cell that holds nothing. In columns of text it counts only where source.yml says so."""


def time(cell: str, formats: Collection[str], *, end_of_day: bool = False) -> datetime:
    """Returns the local time a cell says, without offset.

    Args:
        cell: ``2025-03-01 08:15:02``, ``2025/3/1 8:15``, ``2025年3月1日``, ``20250301081502``, ``20250301``, an Excel
            date serial (``45717.34``), or ISO 8601 with an offset, which is converted to Asia/Shanghai.
        formats: which of iso, slash, chinese, compact14, compact8, excel_serial may come.
        end_of_day: a date without a time means its last second.

    Raises:
        ValueError: it says no time.
    """
    length = len(cell)
    if length == 19 and cell[4] == "-" and "iso" in formats:
        try:
            return datetime.fromisoformat(cell)
        except ValueError:
            pass
    if cell.isdecimal():
        if length == 14 and "compact14" in formats:
            return datetime.fromisoformat(f"{cell[:8]}T{cell[8:]}")
        if length == 8 and "compact8" in formats:
            return _closing(datetime.fromisoformat(cell), end_of_day)
    if _SERIAL.fullmatch(cell) and "excel_serial" in formats:
        days = float(cell)
        if _SERIAL_RANGE[0] <= days < _SERIAL_RANGE[1]:
            moment = _EXCEL_EPOCH + timedelta(seconds=round(days * 86400))
            return _closing(moment, end_of_day) if days == int(days) else moment
    match = _WRITTEN.fullmatch(cell)
    if not match or _MARKS[match["mark"]] not in formats:
        raise ValueError(cell)
    return _written(match, end_of_day)


def _written(match: re.Match[str], end_of_day: bool) -> datetime:
    """The time of a matched `_WRITTEN`; 24:00 is the next day's midnight."""
    day = datetime.fromisoformat(f"{match['year']}-{match['month']:>02}-{match['day']:>02}")
    if match["hour"] is None:
        return _closing(day, end_of_day)
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        raise ValueError(match[0])
    moment = day + timedelta(hours=hour, minutes=minute, seconds=second)
    if match["zone"] and match["zone"] != "Z":
        sign = -1 if match["zone"][0] == "-" else 1
        offset = timedelta(hours=int(match["zone"][1:3]), minutes=int(match["zone"][-2:])) * sign
        return moment - offset + _SHANGHAI
    return moment + _SHANGHAI if match["zone"] else moment


def _closing(day: datetime, end_of_day: bool) -> datetime:
    return day + timedelta(hours=23, minutes=59, seconds=59) if end_of_day else day


def times(
    cells: Cells, formats: Collection[str], *, end_of_day: bool = False
) -> tuple[list[datetime | None], list[int]]:
    """Returns the times of a column (empty and unreadable cells: None) and the positions of unreadable ones."""
    known: dict[str | None, datetime | None] = {None: None}
    bad: list[int] = []
    values: list[datetime | None] = []
    for position, cell in enumerate(cells):
        if cell not in known:
            try:
                known[cell] = time(str(cell), formats, end_of_day=end_of_day)
            except (ValueError, OverflowError):
                known[cell] = None
        value = known[cell]
        values.append(value)
        if value is None and cell is not None:
            bad.append(position)
    return values, bad


def integers(cells: Cells) -> tuple[list[int | None], list[int]]:
    """As `times`, for whole numbers: ``30``, ``30.0``, ``30人``, ``约30余人``."""
    matches = [_INTEGER.fullmatch(_THOUSANDS.sub("", cell)) if cell else None for cell in cells]
    bad = [position for position, cell in enumerate(cells) if cell and not matches[position]]
    return [int(match[1]) if match else None for match in matches], bad


def numbers(cells: Cells) -> tuple[list[float | None], list[int]]:
    """As `times`, for decimal numbers with a point; ``1,203.5`` and ``5个工作日`` too."""
    good = [cell if cell is None or _NUMBER.fullmatch(cell) else _bare_number(cell) for cell in cells]
    bad = [position for position, cell in enumerate(cells) if cell and good[position] is None]
    return [float(cell) if cell else None for cell in good], bad


def _bare_number(cell: str) -> str | None:
    """A number without its unit and the commas between thousands; None where that leaves none."""
    bare = _UNIT.sub("", _THOUSANDS.sub("", unicodedata.normalize("NFKC", cell)))
    return bare if _NUMBER.fullmatch(bare) else None


def is_number(text: str) -> bool:
    """Tells whether `numbers` would understand a text."""
    return _NUMBER.fullmatch(text) is not None


def booleans(cells: Cells, codes: Mapping[str, Any] | None) -> tuple[list[bool | None], list[int]]:
    """As `times`, for yes/no: 是 否 1 0 true false, or the ``codes`` of the column."""
    meaning, unknown = _meanings(cells, _YES if codes is None else codes, {})
    bad = [position for position, cell in enumerate(cells) if cell in unknown] if unknown else []
    return [meaning.get(cell) for cell in cells], bad


def coded(cells: Cells, codes: Mapping[str, Any], patterns: Mapping[str, Any]) -> tuple[list[str | None], list[int]]:
    """Maps values by ``codes``, then by the first of ``patterns`` that fits; others become `UNKNOWN`.

    Values that are only spelt differently (`plain`) are known too.

    Returns:
        The values, and the positions of those that neither knows.
    """
    meaning, unknown = _meanings(cells, codes, patterns)
    kept = {cell: None if value is None else str(value) for cell, value in meaning.items()}
    if not unknown:
        return [kept[cell] for cell in cells], []
    kept |= dict.fromkeys(unknown, UNKNOWN)
    return [kept[cell] for cell in cells], [position for position, cell in enumerate(cells) if cell in unknown]


def plain(text: str) -> str:
    """Returns a code as it is compared: full-width as half-width, no blanks, lower case; 1.0 and 01 like 1."""
    text = _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _meanings(
    cells: Cells, codes: Mapping[str, Any], patterns: Mapping[str, Any]
) -> tuple[dict[str | None, Any], set[str]]:
    """What each distinct cell means, and the cells that neither codes nor patterns know."""
    meaning: dict[str | None, Any] = {None: None}
    unknown: set[str] = set()
    by_plain: dict[str, list[Any]] = {}
    for code, kept in codes.items():
        by_plain.setdefault(plain(code), []).append(kept)
    for cell in dict.fromkeys(cells):
        if cell is None:
            continue
        alike = by_plain.get(plain(cell), [])
        fitting = [
            kept
            for pattern, kept in patterns.items()
            if fnmatchcase(cell, pattern) or fnmatchcase(plain(cell), pattern)
        ]
        if cell in codes:
            meaning[cell] = codes[cell]
        elif alike and all(kept == alike[0] for kept in alike):
            meaning[cell] = alike[0]
        elif fitting:
            meaning[cell] = fitting[0]
        else:
            unknown.add(cell)
    return meaning, unknown
