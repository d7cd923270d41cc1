"""A published warehouse of any size for benches: a small publication, copied with other ids, dates and areas.

Here: `python -m tests.bench.large SOURCE_LAKE OUT --disputes 450000`; OUT is a lake root with `published/` alone.
Not here: any measurement. The size is real, the content is simulated data repeated: no figure from it says anything
about disputes, and texts name the places of the records they were copied from.
published views of records -> copies -> the lake's own SQL for all that is computed from them -> publication

Copy 0 keeps its ids, dates and areas. Copy k has ids ending in `_k<k>`, lies k mod 9 times 17 whole weeks earlier
(weekdays stay, nine blocks make three years), and each county, town and village moved on by k within its parent.
"""

import argparse
import time
from pathlib import Path

import duckdb
import pandas as pd

from transforms import areas
from transforms.warnings import notices
from warehouse import publish
from warehouse.lake import DUCKDB_TYPES
from warehouse.registry import PUBLISHED, View

BLOCKS, BLOCK_DAYS = 9, 17 * 7
LABEL = "模拟数据（重复放大，供测速）"
STEP = 10
"""Copies made by one statement: more need more memory."""
IDS = {
    "event_id", "event_id_l", "event_id_r", "linked_event_id", "source_record_id", "dispute_id", "other_dispute_id",
    "dispute_id_l", "dispute_id_r", "recurrence_of", "warning_id", "contact_token", "act_id", "verdict_id", "withdraws",
    "correction_id",
}  # fmt: skip
CODES = {"county_code", "town_code", "village_code", "area_code", "recipient_code"}
NAMES = {
    "county_name": ("county_code", "area_name"),
    "town_name": ("town_code", "area_name"),
    "village_name": ("village_code", "area_name"),
    "area_name": ("area_code", "full_name"),
    "recipient_name": ("recipient_code", "full_name || '综治中心'"),
}
FILLED = {"area", "category", "indicator_definition", "publication", "data_dictionary"}
"""Made by their own SQL from what the code declares."""


def build(source: Path, out: Path, disputes: int, *, memory: str = "2GB", threads: int = 2) -> publish.Publication:
    """Publishes about ``disputes`` disputes into ``out``/published from the published views of the lake ``source``.

    Raises:
        FileExistsError: ``out`` already holds a publication.
        ValueError: the source publishes no dispute.
    """
    published = out / "published"
    if published.exists():
        raise FileExistsError(published)
    published.mkdir(parents=True)
    scratch = out / "building.duckdb"
    con = duckdb.connect(config={"memory_limit": memory, "threads": str(threads)})
    try:
        con.execute("SET enable_progress_bar = false")
        con.execute("SET preserve_insertion_order = false")
        con.execute(f"SET temp_directory = '{out / 'spill'}'")
        con.execute(f"ATTACH '{source / 'published' / 'warehouse.duckdb'}' AS small (READ_ONLY)")
        con.execute(f"ATTACH '{scratch}' AS build")
        found = con.execute("SELECT as_of, (SELECT count(*) FROM small.dispute) FROM small.publication").fetchone()
        if found is None or not found[1]:
            raise ValueError(f"{source} publishes no dispute")
        publish.prepare(con, found[0], LABEL)
        _move_areas(con, copies=max(round(disputes / found[1]), 1))
        for name, view in PUBLISHED.items():
            if name in FILLED or all(origin in PUBLISHED for origin in view.origin):
                publish.fill(con, name)
            else:
                _copy(con, view)
            if name == "warning_notice":
                _rank_anew(con)
            if name != "area":  # its helper is for masking; what is copied here is masked
                publish.prepare_after(con, name)
        return publish.write(con, published, as_of=found[0])
    finally:
        con.close()
        scratch.unlink(missing_ok=True)


def _move_areas(con: duckdb.DuckDBPyConnection, *, copies: int) -> None:
    """Makes `moved`: copy, code in the source, code and names in the copy; 9-digit codes of towns too."""
    con.register("areas_of_the_city", areas.table())
    con.execute(
        """
        CREATE TEMP TABLE placed AS
        SELECT *, row_number() OVER (PARTITION BY parent_code ORDER BY area_code) - 1 AS place,
            count(*) OVER (PARTITION BY parent_code) AS among
        FROM areas_of_the_city
        """
    )
    con.execute("CREATE TEMP TABLE moved (copy BIGINT, old VARCHAR, area_code VARCHAR)")
    con.execute(
        "INSERT INTO moved SELECT copy, area_code, area_code FROM placed, range($copies) AS copies(copy) "
        "WHERE level = 'city'",
        {"copies": copies},
    )
    for level in ("county", "town", "village"):
        con.execute(
            """
            INSERT INTO moved
            SELECT moved.copy, old.area_code, target.area_code
            FROM placed AS old
            JOIN moved ON moved.old = old.parent_code
            JOIN placed AS target ON target.parent_code = moved.area_code
                AND target.place = (old.place + moved.copy) % target.among
            WHERE old.level = $level
            """,
            {"level": level},
        )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE moved AS
        SELECT moved.copy, moved.old, moved.area_code, area.area_name, area.full_name
        FROM moved
        JOIN areas_of_the_city AS area USING (area_code)
        UNION ALL
        SELECT moved.copy, left(moved.old, 9), left(moved.area_code, 9), area.area_name, area.full_name
        FROM moved
        JOIN areas_of_the_city AS area USING (area_code)
        WHERE area.level = 'town'
        """
    )


def _copy(con: duckdb.DuckDBPyConnection, view: View) -> None:
    """Fills a table with the source's rows: once, or once a copy where it holds records, disputes or warnings."""
    there = {row[0] for row in con.execute(f"DESCRIBE small.{view.name}").fetchall()} if _has(con, view.name) else set()
    names = view.table.column_names
    many = bool(IDS & set(names)) and view.name not in ("delivery", "quarantine", "quarantine_history")
    codes = [name for name in names if name in CODES and name in there] if many else []
    chosen = []
    for column in view.table.columns:
        name, kind = column.name, DUCKDB_TYPES[column.kind]
        value = f'small."{name}"'
        if name not in there:
            value = "NULL"
        elif not many:
            pass
        elif name in IDS:
            value = f"{value} || suffix"
        elif name in CODES:
            value = f"{name}_to.area_code"
        elif name in NAMES and NAMES[name][0] in codes:
            code, text = NAMES[name]
            label = f"{code}_to.full_name || '综治中心'" if "||" in text else f"{code}_to.{text}"
            value = f"CASE WHEN small.{code} IS NULL THEN {value} ELSE {label} END"
        elif name == "raised_for" and "area_code" in codes:
            value = (
                f"CASE WHEN contains({value}, '@') THEN split_part({value}, '@', 1) || '@' || area_code_to.area_code "
                f"ELSE {value} || suffix END"
            )
        elif column.kind in ("date", "time"):
            value = f"{value} - earlier"
        chosen.append(f'CAST({value} AS {kind}) AS "{name}"')
    tables = [f"FROM {'small.' + view.name if there else '(SELECT 1 WHERE false)'} AS small"]
    copies = con.execute("SELECT max(copy) + 1 FROM moved").fetchall()[0][0] if many else 1
    if many:
        tables.append(
            f"CROSS JOIN (SELECT copy, CASE WHEN copy = 0 THEN '' ELSE '_k' || copy END AS suffix, "
            f"to_days(CAST(copy % {BLOCKS} * {BLOCK_DAYS} AS INTEGER)) AS earlier FROM range($first, $last) AS r(copy))"
            f" AS copies"
        )
    for code in codes:
        tables.append(f"LEFT JOIN moved AS {code}_to ON {code}_to.copy = copies.copy AND {code}_to.old = small.{code}")
    select = f"SELECT {', '.join(chosen)} {' '.join(tables)}"
    for first in range(0, copies, STEP):
        values = {"first": first, "last": min(first + STEP, copies)} if many else {}
        kind = f"CREATE TABLE build.main.{view.name} AS" if first == 0 else f"INSERT INTO build.main.{view.name}"
        con.execute(f"{kind} {select}", values)


def _rank_anew(con: duckdb.DuckDBPyConnection) -> None:
    """Several copies tell one centre on one day: ranks are given anew, and the cap holds again."""
    con.register("caps", pd.DataFrame(notices.settings()["cap"].items(), columns=["recipient_tier", "cap"]))
    con.execute(
        """
        CREATE OR REPLACE TABLE build.main.warning_notice AS
        SELECT * EXCLUDE (place, cap) REPLACE (
            place AS rank,
            place > cap AS is_held_back,
            CASE WHEN place > cap THEN '当日至多告知 ' || cap || ' 条，此条排第 ' || place END AS held_back_reason
        )
        FROM (
            SELECT *, row_number() OVER (PARTITION BY notice_date, recipient_code ORDER BY rank, warning_id) AS place
            FROM build.main.warning_notice
        ) AS ordered
        JOIN caps USING (recipient_tier)
        """
    )


def _has(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'small' AND view_name = $name", {"name": name}
    ).fetchone()
    return found is not None and found[0] == 1


def main() -> None:
    """Builds, and prints rows, files and seconds."""
    parser = argparse.ArgumentParser(description="大的发布，供测速：规模是真的，内容是重复的模拟数据")
    parser.add_argument("source", type=Path, help="小的湖（其下 published/）")
    parser.add_argument("out", type=Path, help="写到哪里；其下 published/")
    parser.add_argument("--disputes", type=int, default=450_000, help="约多少个纠纷")
    parser.add_argument("--memory", default="2GB", help="DuckDB 的内存上限")
    given = parser.parse_args()
    start = time.perf_counter()
    made = build(given.source, given.out, given.disputes, memory=given.memory)
    for name, rows in made.rows.items():
        print(f"{name:<30}{rows:>12,}")
    print(f"{made.warehouse}: {made.files_written} files in {time.perf_counter() - start:.0f} s (simulated, repeated)")


if __name__ == "__main__":
    main()
