"""What holds for the whole lake, checked before publication; a single broken rule blocks it.

Here: running the rules. Each rule is one file of `rules/`: its first line is a Chinese sentence, its query returns one
row per breach, a single column with an id (never a value). Not here: what is merely worth watching (`quality.suites`).
restricted tables + code tables -> one row per rule: failing count, examples
"""

import re
from pathlib import Path

import duckdb
import pandas as pd

RULES = Path(__file__).parent / "rules"
EXAMPLES = 5
_SENTENCE = re.compile(r"\A-- (?P<says>.+)\n")


def check(con: duckdb.DuckDBPyConnection, *, area: pd.DataFrame, category: pd.DataFrame) -> pd.DataFrame:
    """Runs every rule against the lake.

    Args:
        con: DuckDB with a view for each raw and core table, and `current_event`.
        area: code table with `area_code` of counties (6 digits), towns and villages (12 digits).
        category: code table with `category_code` (4 digits).

    Returns:
        One row per rule, by name: rule, says (Chinese sentence), failing (number of breaches), examples (list of at
        most 5 ids, in order), passed.

    Raises:
        ValueError: a rule file lacks its sentence.
        duckdb.Error: a rule could not be evaluated; an unchecked lake must not be published either.
    """
    con.register("known_area", area[["area_code"]].drop_duplicates())
    con.register("known_category", category[["category_code"]].drop_duplicates())
    try:
        rows = [_run(con, path) for path in sorted(RULES.glob("*.sql"))]
    finally:
        con.unregister("known_area")
        con.unregister("known_category")
    return pd.DataFrame(rows, columns=["rule", "says", "failing", "examples", "passed"])


def broken(findings: pd.DataFrame) -> str | None:
    """Returns the Chinese sentence that refuses a publication, or None when every rule of ``findings`` holds."""
    failing = findings.loc[~findings["passed"]]
    if failing.empty:
        return None
    parts = [
        f"{row.says}（{row.rule}：{row.failing} 处，如 {'、'.join(row.examples[:3])}）"
        for row in failing.itertuples(index=False)
    ]
    return "全湖规则未通过，已停止发布，上一次的发布保持不变：" + "；".join(parts)


def _run(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, str, int, list[str], bool]:
    text = path.read_text(encoding="utf-8")
    sentence = _SENTENCE.match(text)
    if sentence is None:
        raise ValueError(f"{path.name}：第一行应是注释，写明规则的中文句子")
    query = text.rstrip().rstrip(";")
    rows = con.execute(
        f"with breach(id) as (\n{query}\n) select count(*), min(cast(id as varchar), {EXAMPLES}) from breach"
    ).fetchall()
    failing, examples = rows[0]
    return path.stem, sentence["says"], int(failing), [str(value) for value in examples or []], failing == 0
