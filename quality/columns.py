"""How well each delivered column is filled, and with what that cannot be right: the cells as the department wrote them.

Here: the newest deliveries of each source, by the column names of its export, so that the department can act on it. Not
here: expectations over cleaned columns (`quality.suites`), rows set aside (`sources.read`). Values leave masked.
raw_row, raw_record, source.yml -> Columns (count: delivery × column; example: column × problem)
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from quality.text import mask_cell
from sources.contract import ColumnRule, Contract
from sources.frames import SIDE_RULES
from transforms import identity, phone

WINDOW = 30  # deliveries of a source: what a department can still correct, and a bounded cost however old the lake is
EXAMPLES = 3

COUNT_COLUMNS = [
    "source", "delivery_date", "side_list", "column_name", "is_declared", "row_count", "empty_count", "invalid_count",
]  # fmt: skip
EXAMPLE_COLUMNS = [
    "source", "side_list", "column_name", "problem", "cell_count", "delivery_date", "file", "row_number",
    "value_masked",
]  # fmt: skip
EMPTY = "空"
_UNREADABLE = {
    "local_time": "不是有效的时间，已按空值采用",
    "integer": "不是整数，已按空值采用",
    "number": "不是数字，已按空值采用",
    "boolean": "不是“是”或“否”，已按空值采用",
}
# GB 32100-2015: registration authority, kind, six digits of a division, ten characters without I O Z S V
_CREDIT_CODE = re.compile(r"[1-9A-Y][1-9A-Y]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True)
class Columns:
    """``count``: `COUNT_COLUMNS`, one row per delivery and column; ``example``: `EXAMPLE_COLUMNS`, some cells."""

    count: pd.DataFrame
    example: pd.DataFrame


def measure(con: duckdb.DuckDBPyConnection, contracts: Iterable[Contract]) -> Columns:
    """Looks at each cell of the last `WINDOW` deliveries of each source.

    A cell is empty when the department left it so or wrote a placeholder of source.yml. It is not valid when its row
    was set aside because of it, when it is outside the code table, cannot be read as what the column should hold, or is
    no usable telephone or identity number. Rows whose cells do not stand under their column (too many cells, bytes that
    cannot be decoded) are not counted here, nor are titles and totals.

    Args:
        con: DuckDB with a view for each raw table; gets temporary tables.
        contracts: the sources to look at; one without rows gives none.

    Returns:
        ``count``: source, delivery_date, side_list (empty, or the name of a side list), column_name (as declared in
        source.yml, else as delivered), is_declared, row_count, empty_count, invalid_count (not among the empty).
        ``example``: up to three cells for each column and problem, the newest first, with how many there are.
    """
    parts = [_of_source(con, contract) for contract in contracts]
    counts = [part.count for part in parts if len(part.count)]
    examples = [part.example for part in parts if len(part.example)]
    return Columns(
        pd.concat(counts, ignore_index=True) if counts else pd.DataFrame(columns=COUNT_COLUMNS),
        pd.concat(examples, ignore_index=True) if examples else pd.DataFrame(columns=EXAMPLE_COLUMNS),
    )


def _of_source(con: duckdb.DuckDBPyConnection, contract: Contract) -> Columns:
    con.execute(_line_sql(contract), {"source": contract.name, "window": WINDOW})
    con.register("column_rule", _rules(contract))
    try:
        con.execute(_CELL)
        con.register("bad_number", _bad_numbers(con, contract))
        try:
            con.execute(_JUDGED)
        finally:
            con.unregister("bad_number")
        count = con.execute(_COUNT).df()
        example = con.execute(_EXAMPLE, {"examples": EXAMPLES}).df()
    finally:
        con.unregister("column_rule")
    example["value_masked"] = [mask_cell(value) for value in example.pop("value")]
    return Columns(
        count.assign(source=contract.name)[COUNT_COLUMNS], example.assign(source=contract.name)[EXAMPLE_COLUMNS]
    )


def _parts(contract: Contract) -> Mapping[str, Mapping[str, ColumnRule]]:
    """Columns of the export itself (key: empty text) and of each side list."""
    return {"": contract.columns} | {label: side.columns for label, side in contract.sides.items()}


def _rules(contract: Contract) -> pd.DataFrame:
    """One row per list and spelling of a column: what it is called, and what in it means nothing."""
    rows = []
    for side_list, columns in _parts(contract).items():
        for name, rule in columns.items():
            missing = [*contract.missing, *rule.missing]
            for spelling in [name, *rule.aliases]:
                rows.append(
                    {
                        "side_list": side_list,
                        "spelling": spelling,
                        "column_name": name,
                        "is_expected": not rule.optional,
                        "strip": rule.strip,
                        "missing": missing,
                        "nothing": [float(word) for word in rule.missing if _is_number(word)],
                        "unreadable": _UNREADABLE.get(rule.type) if rule.to else None,
                    }
                )
    return pd.DataFrame(rows)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _line_sql(contract: Contract) -> str:
    """The rows of the window with their cells as a map, and the typed columns that stayed empty.

    Which list a row belongs to: rows of side lists are known by their rule, the lists by their sheet.
    """
    sheets = {side.sheet: label for label, side in contract.sides.items() if side.sheet}
    in_files = next((label for label, side in contract.sides.items() if side.files), "")
    cases = "".join(f" WHEN line.sheet = {_quote(sheet)} THEN {_quote(label)}" for sheet, label in sheets.items())
    side = f"CASE{cases} ELSE {_quote(in_files)} END" if cases else _quote(in_files)
    typed = [
        f"CASE WHEN record.row_number IS NOT NULL AND record.{rule.to[0]} IS NULL THEN {_quote(name)} END"
        for name, rule in contract.columns.items()
        if rule.to and rule.type in _UNREADABLE
    ]
    rules = ", ".join(_quote(rule) for rule in SIDE_RULES)
    return f"""
        CREATE OR REPLACE TEMP TABLE line AS
        WITH day AS (
            SELECT DISTINCT delivery_date FROM raw_file WHERE source = $source ORDER BY delivery_date DESC LIMIT $window
        )
        SELECT
            line.delivery_date, line.file, line.row_number,
            CASE WHEN line.rule IN ({rules}) THEN {side} ELSE '' END AS side_list,
            CASE WHEN line.disposition = 'quarantined' THEN line."column" END AS rejected_column,
            CAST(line.content AS JSON)::MAP(VARCHAR, VARCHAR) AS cells,
            [{", ".join(typed) or "CAST(NULL AS VARCHAR)"}] AS unread,
            coalesce(record.unknown_codes, []) AS unknown_codes
        FROM raw_row AS line
        LEFT JOIN raw_record AS record
            ON record.source = $source
            AND record.delivery_date = line.delivery_date
            AND record.file = line.file
            AND record.sheet IS NOT DISTINCT FROM line.sheet
            AND record.row_number = line.row_number
        WHERE line.source = $source
            AND line.delivery_date IN (FROM day)
            AND line.row_number IS NOT NULL
            AND json_type(TRY_CAST(line.content AS JSON)) = 'OBJECT'
            AND (
                line.disposition = 'accepted' OR line.rule IN ({rules}, 'held')
                OR (line.disposition = 'quarantined' AND line."column" IS NOT NULL)
            )
    """


# Each row × each column that the source should deliver or did deliver in the window.
_CELL = """
    CREATE OR REPLACE TEMP TABLE cell AS
    WITH delivered AS (
        SELECT DISTINCT side_list, unnest(map_keys(cells)) AS spelling FROM line
    ),
    wanted AS (
        SELECT
            side_list,
            coalesce(column_rule.column_name, delivered.spelling) AS column_name,
            list(DISTINCT spelling) AS spellings,
            bool_or(column_rule.column_name IS NOT NULL) AS is_declared,
            any_value(column_rule.strip) AS strip,
            any_value(column_rule.missing) AS missing,
            any_value(column_rule.nothing) AS nothing,
            any_value(column_rule.unreadable) AS unreadable
        FROM column_rule FULL JOIN delivered USING (side_list, spelling)
        WHERE column_rule.is_expected OR delivered.spelling IS NOT NULL
        GROUP BY ALL
    ),
    filled AS (
        SELECT
            line.* EXCLUDE (cells),
            wanted.* EXCLUDE (side_list, spellings, strip),
            list_extract(list_filter(
                list_transform(wanted.spellings, lambda name: map_extract_value(line.cells, name)),
                lambda value: value IS NOT NULL
            ), 1) AS value,
            wanted.strip
        FROM line JOIN wanted USING (side_list)
    )
    SELECT
        * EXCLUDE (value, strip, missing, nothing),
        CASE
            WHEN trim(trim(value, coalesce(strip, ''))) IN ('', '　') THEN NULL
            WHEN list_contains(missing, trim(value)) THEN NULL
            WHEN list_contains(nothing, TRY_CAST(value AS DOUBLE)) THEN NULL
            ELSE value
        END AS value
    FROM filled
"""

_JUDGED = """
    CREATE OR REPLACE TEMP TABLE judged AS
    SELECT
        cell.delivery_date, cell.file, cell.row_number, cell.side_list, cell.column_name, cell.is_declared, cell.value,
        CASE
            WHEN cell.value IS NULL THEN '空'
            WHEN cell.rejected_column = cell.column_name THEN '不合格，整行隔离'
            WHEN list_contains(cell.unknown_codes, cell.column_name || '=' || cell.value) THEN '未登记的代码值'
            WHEN list_contains(cell.unread, cell.column_name) THEN cell.unreadable
            ELSE bad_number.problem
        END AS problem
    FROM cell LEFT JOIN bad_number USING (side_list, column_name, value)
"""

_COUNT = """
    SELECT
        delivery_date, side_list, column_name, bool_or(is_declared) AS is_declared,
        count(*) AS row_count,
        count(*) FILTER (WHERE problem = '空') AS empty_count,
        count(*) FILTER (WHERE problem <> '空') AS invalid_count
    FROM judged
    GROUP BY delivery_date, side_list, column_name
    ORDER BY delivery_date, side_list, column_name
"""

_EXAMPLE = """
    SELECT side_list, column_name, problem, cell_count, delivery_date, file, row_number, value
    FROM (
        SELECT
            *,
            count(*) OVER (PARTITION BY side_list, column_name, problem) AS cell_count,
            row_number() OVER (
                PARTITION BY side_list, column_name, problem ORDER BY delivery_date DESC, file, row_number
            ) AS place
        FROM judged
        WHERE problem IS NOT NULL
    )
    WHERE place <= $examples
    ORDER BY side_list, column_name, problem, place
"""


def _bad_numbers(con: duckdb.DuckDBPyConnection, contract: Contract) -> pd.DataFrame:
    """Distinct values of telephone and identity columns that are none: side_list, column_name, value, problem."""
    judges: list[tuple[str, str, Any]] = []
    for side_list, columns in _parts(contract).items():
        for name, rule in columns.items():
            if rule.party is not None and rule.party.field in _JUDGES:
                judges.append((side_list, name, _JUDGES[rule.party.field]))
    found = []
    for side_list, name, judge in judges:
        values = con.execute(
            "SELECT DISTINCT value FROM cell WHERE side_list = $list AND column_name = $name AND value IS NOT NULL",
            {"list": side_list, "name": name},
        ).fetchall()
        found += [(side_list, name, value, problem) for (value,) in values if (problem := judge(value)) is not None]
    return pd.DataFrame(found, columns=["side_list", "column_name", "value", "problem"], dtype="str")


def _phone_problem(value: str) -> str | None:
    return None if phone.parse_cell(value) else "不是可用的电话号码"


def _identity_problem(value: str) -> str | None:
    parsed = identity.parse(value)
    if parsed.number is None:
        return None if _CREDIT_CODE.fullmatch(value.strip().upper()) else "不是有效的证件号码"
    return None if parsed.is_checked else "证件号码的校验码不对"


_JUDGES = {"phone": _phone_problem, "id_number": _identity_problem}


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
