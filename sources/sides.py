"""Side lists: rows of a second sheet or file that belong to records by their number.

Here: which row of several versions counts, what it gives to its record, rows whose record is not there. Not here:
finding and typing the side list (`sources.read`, `sources.rows`).
SideTable + Rows of the records -> parties, columns and references on the records; a fate for every side row
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sources import contract, rows, values
from sources.contract import ColumnRule, Side
from sources.layout import Fate, Table
from sources.rows import Party, Rows


@dataclass
class SideTable:
    """A side list found in the delivery: its table, its declaration, and the rows typed by it."""

    side: Side
    label: str
    table: Table
    rows: Rows


def join(records_of: Iterable[Rows], sides: list[SideTable]) -> None:
    """Gives the rows of side lists to the records they name."""
    if not sides:
        return
    records: dict[str, list[tuple[Rows, int]]] = {}
    quarantined: set[str] = set()
    for typed in records_of:
        for row, number in enumerate(typed.record.get("source_record_id", [])):
            if typed.is_valid(row):
                records.setdefault(number, []).append((typed, row))
            else:
                quarantined.add(number)
    for side in sides:
        _join_side(side, records, quarantined)


def _join_side(side: SideTable, records: Mapping[str, list[tuple[Rows, int]]], quarantined: set[str]) -> None:
    """Joins one side list: the latest row for each thing counts, older ones are superseded, orphans put aside."""
    declared, typed, table = side.side, side.rows, side.table
    keys = typed.cells[declared.key]
    versions = values.times(typed.cells[declared.version], contract.TIME_FORMATS)[0] if declared.version else None
    latest: dict[tuple[str | None, ...], int] = {}
    for row, key in enumerate(keys):
        thing = (key, *(typed.cells[name][row] for name in declared.one_per))
        before = latest.get(thing)
        if before is None or versions is None or _order(versions[row]) >= _order(versions[before]):
            latest[thing] = row
    counting = set(latest.values())
    for row, key in enumerate(keys):
        position = typed.positions[row]
        if position in table.fates:
            continue
        if key is None or key not in records:
            _put_orphan_aside(side, row, str(key), key in quarantined)
        elif row not in counting:
            table.fates[position] = Fate("ignored", "side_superseded")
        else:
            table.fates[position] = Fate("ignored", "side_row")
            for record_rows, record_row in records[key]:
                _give(side, row, record_rows, record_row)


def _order(moment: Any) -> float:
    return moment.timestamp() if moment is not None else float("-inf")


def _put_orphan_aside(side: SideTable, row: int, key: str, is_quarantined: bool) -> None:
    column = side.side.key
    if is_quarantined:
        side.rows.reject(
            row, "side_of_quarantined", column, f"所属记录“{key}”已被隔离，随之隔离：该记录补正后一并重新交付即可"
        )
    else:
        side.rows.reject(
            row,
            "orphan_side_row",
            column,
            f"“{side.label}”里的{column}“{key}”不在本次交付的记录中，无法并入：请连同该记录一起重新交付",
        )


def _give(side: SideTable, row: int, record: Rows, record_row: int) -> None:
    """Parties, record columns and other columns of one side row go to one record; what the side list says counts."""
    typed, rules = side.rows, side.side.columns
    record.parties[record_row].extend(_side_parties(typed, row, rules))
    record.references[record_row].extend(
        pair for pair in typed.references[row] if pair not in record.references[record_row]
    )
    for target, column in typed.record.items():
        if target != "source_record_id" and column[row] is not None:
            record.record.setdefault(target, [None] * len(record))[record_row] = column[row]
    for code in typed.unknown_codes[row]:
        record.unknown_codes[record_row].append(code)
    if typed.extra[row] and not any(rule.party for rule in rules.values()):
        kept = json.loads("{" + record.extra[record_row] + "}") | json.loads("{" + typed.extra[row] + "}")
        record.extra[record_row] = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _side_parties(typed: Rows, row: int, rules: Mapping[str, ColumnRule]) -> list[Party]:
    """The parties of one side row; a column with the field ``role`` says which role it is."""
    parties = typed.parties[row]
    for name, rule in rules.items():
        cell = typed.cells[name][row]
        if rule.party and rule.party.field == "role" and cell:
            role = rows.role_of(typed, row, name, rule, cell)
            for party in parties:
                party.role = role
    return parties
