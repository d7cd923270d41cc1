"""How long each question of docs/sql-cookbook.md takes on a large published warehouse.

Here: reading the questions out of the document, timing them. Not here: whether their answers are right
(`tests/warehouse/test_cookbook.py`), the large warehouse (`tests.bench.large`).
docs/sql-cookbook.md -> questions -> DuckDB -> a table: median of wall and processor milliseconds, rows

`python -m tests.bench.cookbook WAREHOUSE [--runs 7]`. Simulated data; on a busy machine wall times are upper bounds.
"""

import argparse
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

DOCUMENT = Path(__file__).parents[2] / "docs" / "sql-cookbook.md"
TARGET = 200


@dataclass(frozen=True)
class Question:
    """One question: its SQL, the columns it documents, and whether the document says that it may give no row."""

    number: int
    title: str
    sql: str
    columns: tuple[str, ...]
    is_empty: bool
    may_be_empty: bool


def questions() -> list[Question]:
    """The questions of the document, in its order."""
    found = []
    for match in re.finditer(r"^### \d+\. .*?(?=^##|\Z)", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        parts = re.match(r"### (\d+)\. (.+?)\n```sql\n(.+?)```\n列：(.+?)\n(.*)", match.group(), re.DOTALL)
        if parts is None:
            raise ValueError(f"not a question with SQL and columns: {match.group()[:80]}")
        number, title, sql, columns, after = parts.groups()
        found.append(
            Question(
                int(number), title, sql, tuple(re.findall(r"`(.+?)`", columns)),
                "演示数据中没有行：" in after, "演示数据中可能没有行：" in after,
            )
        )  # fmt: skip
    return found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="手册里每条 SQL 的耗时（模拟数据）")
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    slow = []
    with duckdb.connect(str(given.warehouse), read_only=True) as con:
        disputes = con.execute("SELECT count(*) FROM dispute").fetchall()[0][0]
        print(f"{disputes:,} disputes, DuckDB {duckdb.__version__}, median of {given.runs} runs; simulated data")
        print("| # | question | wall ms | processor ms | rows |\n|---:|---|---:|---:|---:|")
        for question in questions():
            walls, processors, rows = [], [], 0
            for _ in range(given.runs):
                wall, processor = time.perf_counter(), time.process_time()
                rows = len(con.execute(question.sql).fetchall())
                walls.append(time.perf_counter() - wall)
                processors.append(time.process_time() - processor)
            wall, processor = (1000 * statistics.median(times) for times in (walls, processors))
            print(f"| {question.number} | {question.title} | {wall:.0f} | {processor:.0f} | {rows} |", flush=True)
            slow += [question.number] if wall > TARGET else []
    print(f"over {TARGET} ms: {slow or 'none'}")


if __name__ == "__main__":
    main()
