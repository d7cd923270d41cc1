"""Indicators: one definition of each in indicators.yml, counted by month into a table and by a macro for any window.

Here: reading the definitions, the residents, the SQL that is made of them, docs/indicators.md. Not here: the rows that
are counted (`warehouse/sql/indicators`), columns (`warehouse.registry`), league tables (`warehouse.funnel`).
indicators.yml + sql/indicators/<dispute|event>.sql -> indicator_count (area x month) and CREATE MACRO indicator_in
"""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

CLOCKS = {
    "first_reported_at": "首次反映时间",
    "resolved_at": "化解时间",
    "first_mediated_at": "首次调解时间",
    "police_known_at": "110 首次知道的时间",
    "reported_at": "受理时间",
    "closed_at": "办结时间",
}
"""Columns that may place a row in a window, and how they are called."""
_HERE = Path(__file__).parent
_AREA_LEVELS = ("county_code", "town_code", "village_code")
_RESIDENTS_FILE = "residents.csv"
_MEASURES = {"share": "比例", "score": "加权得分", "rate": "按人口的率", "mean": "平均数"}
_BETTER = {"high": "高为好", "low": "低为好", "none": "无好坏"}


@cache
def settings() -> dict[str, Any]:
    """Returns the indicators of indicators.yml by name, in its order."""
    loaded: dict[str, Any] = yaml.safe_load((_HERE / "indicators.yml").read_text("utf-8"))["indicators"]
    return loaded


def definitions() -> pd.DataFrame:
    """Returns one row per indicator, as `indicator_definition` publishes it."""
    return pd.DataFrame(
        [
            {
                "indicator": name,
                "numerator_says": entry["numerator"]["says"],
                "denominator_says": entry["denominator"]["says"],
                "clock_says": CLOCKS[entry["clock"]],
                "basis": entry["basis"],
                "is_assumed": "假定" in entry["basis"],
                "measure": entry["measure"],
                "measure_says": _MEASURES[entry["measure"]],
                "better": entry["better"],
                "better_says": _BETTER[entry["better"]],
                "unit": entry.get("unit", "率"),
                "per": entry.get("per", 1),
                "example": _example_says(entry),
                "numerator_sql": entry["numerator"]["sql"],
                "denominator_sql": entry["denominator"].get("sql", "常住人口"),
                "clock": entry["clock"],
                "counted_from": entry["counted_from"],
            }
            for name, entry in settings().items()
        ]
    )


def residents(root: Path | None = None) -> pd.DataFrame:
    """Returns the resident population: area_code, residents (persons, null: unknown), basis.

    Args:
        root: the lake; its `residents.csv` (columns area_code, residents), where there is one, takes the place of
            residents.yml.

    Raises:
        ValueError: that file has other columns, or numbers that are none; the sentence is for the user.
    """
    own = None if root is None else root / _RESIDENTS_FILE
    if own is None or not own.exists():
        loaded = yaml.safe_load((_HERE / "residents.yml").read_text("utf-8"))
        frame = pd.DataFrame(loaded["residents"].items(), columns=["area_code", "residents"])
        frame["residents"] = pd.to_numeric(frame["residents"])
        return frame.assign(basis=loaded["basis"])
    frame = pd.read_csv(own, dtype=str, encoding="utf-8-sig")
    if not {"area_code", "residents"} <= set(frame.columns):
        raise ValueError(f"{own} 须有 area_code、residents 两列（UTF-8）。请改好再运行，或移走它以用内置的数。")
    persons = pd.to_numeric(frame["residents"], errors="coerce")
    wrong = frame["residents"].notna() & ~(persons > 0)
    if wrong.any() or frame["area_code"].duplicated().any():
        where = "、".join(frame.loc[wrong | frame["area_code"].duplicated(), "area_code"].astype(str).head(3))
        raise ValueError(f"{own} 里 {where} 的 residents 不是正数，或区域写了两次。请改好再运行。")
    return pd.DataFrame({"area_code": frame["area_code"], "residents": persons, "basis": f"本地文件 {_RESIDENTS_FILE}"})


def count(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table indicator_count in ``con``: every indicator by area and month.

    Its columns: indicator, area_code, period_start, numerator, denominator, and of both what lies in the area but in
    none of the areas below it (unplaced_numerator, unplaced_denominator). The rows are summed once for each table and
    clock, by the finest area known, and the levels above from those sums.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE indicator_count (indicator VARCHAR, area_code VARCHAR, period_start DATE, "
        "numerator DOUBLE, denominator DOUBLE, unplaced_numerator DOUBLE, unplaced_denominator DOUBLE)"
    )
    groups: dict[tuple[str, str], list[str]] = {}
    for name, entry in settings().items():
        groups.setdefault((entry["counted_from"], entry["clock"]), []).append(name)
    for (table, clock), names in groups.items():
        sums = ", ".join(
            f"sum({_value(name, 'numerator')}) AS n{at}, sum({_value(name, 'denominator')}) AS d{at}"
            for at, name in enumerate(names)
        )
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE indicator_fine AS
            SELECT {", ".join(_AREA_LEVELS)}, CAST(date_trunc('month', {clock}) AS DATE) AS period_start, {sums}
            FROM ({base(table)})
            WHERE {clock} <= as_of
            GROUP BY ALL
            """
        )
        for at, name in enumerate(names):
            con.execute(_by_area(at), {"indicator": name})
    con.execute("DROP TABLE indicator_fine")
    _fill_in_residents(con)


def _by_area(at: int) -> str:
    """SQL that adds the indicator at place ``at`` of indicator_fine to indicator_count, at every level of area."""
    return f"""
        INSERT INTO indicator_count
        SELECT $indicator, area.code, period_start, round(sum(n{at}), 6), round(sum(d{at}), 6),
            coalesce(round(sum(n{at}) FILTER (area.below IS NULL), 6), 0),
            coalesce(round(sum(d{at}) FILTER (area.below IS NULL), 6), 0)
        FROM (
            SELECT period_start, n{at}, d{at}, unnest([
                struct_pack(code := getvariable('city_code'), below := county_code),
                struct_pack(code := county_code, below := town_code),
                struct_pack(code := town_code, below := village_code),
                struct_pack(code := village_code, below := '')
            ]) AS area
            FROM indicator_fine
        )
        WHERE area.code IS NOT NULL
        GROUP BY ALL
        HAVING sum(d{at}) > 0
        """


def _fill_in_residents(con: duckdb.DuckDBPyConnection) -> None:
    """Replaces the denominators that are residents: null where their number is not known."""
    for name, entry in settings().items():
        if "residents" in entry["denominator"]:
            con.execute(
                """
                UPDATE indicator_count
                SET denominator = (
                    SELECT resident_count / $each FROM area WHERE area.area_code = indicator_count.area_code
                ), unplaced_denominator = NULL
                WHERE indicator = $indicator
                """,
                {"indicator": name, "each": entry["denominator"]["residents"]},
            )


def macro() -> str:
    """Returns the statement that makes indicator_in(name, area, since, until), from the same definitions."""
    parts = []
    for table in ("dispute", "event"):
        names = [name for name, entry in settings().items() if entry["counted_from"] == table]
        cases = {
            side: " ".join(f"WHEN {_quote(name)} THEN {_value(name, side)}" for name in names)
            for side in ("numerator", "denominator")
        }
        clock = " ".join(f"WHEN {_quote(name)} THEN {settings()[name]['clock']}" for name in names)
        parts.append(
            f"""
        SELECT sum(CASE name {cases["numerator"]} END) AS numerator,
            sum(CASE name {cases["denominator"]} END) AS denominator
        FROM ({base(table)}) AS counted
        CROSS JOIN asked
        WHERE name IN ({", ".join(map(_quote, names))})
            AND CASE name {clock} END >= CAST(since AS TIMESTAMP)
            AND CASE name {clock} END < CAST(until AS TIMESTAMP)
            AND CASE name {clock} END <= as_of
            AND (length(asked.code) = 6 AND right(asked.code, 2) = '00'
                OR asked.code IN (county_code, town_code, village_code, left(town_code, 9)))"""
        )
    people = " ".join(
        f"WHEN {_quote(name)} THEN (SELECT any_value(resident_count) / {entry['denominator']['residents']} FROM area "
        "WHERE area_code = asked.code OR left(area_code, 9) = asked.code AND area_tier = '乡')"
        for name, entry in settings().items()
        if "residents" in entry["denominator"]
    )
    return f"""-- 任意时间窗的指标：indicator_in('化解率', '530402', '2025-03-19', '2025-04-19')，窗含首不含尾
CREATE MACRO indicator_in(name, area, since, until) AS TABLE
    WITH asked AS (
        SELECT CAST(since AS TIMESTAMP) AS starts, CAST(until AS TIMESTAMP) AS ends, CAST(area AS VARCHAR) AS code
    ),
    summed AS (
        SELECT round(sum(numerator), 6) AS numerator, round(sum(denominator), 6) AS denominator
        FROM ({" UNION ALL ".join(parts)}
        )
    ),
    divided AS (
        SELECT numerator, CASE name {people} ELSE denominator END AS denominator
        FROM summed
        CROSS JOIN asked
    )
    SELECT indicator, asked.code AS area_code, asked.starts, asked.ends, coalesce(numerator, 0) AS numerator,
        coalesce(denominator, CASE WHEN measure <> 'rate' THEN 0 END) AS denominator,
        CASE WHEN denominator > 0 THEN coalesce(numerator, 0) / denominator * per END AS value, unit,
        CASE WHEN measure = 'rate' THEN coalesce(numerator, 0) < 10 ELSE coalesce(denominator, 0) < 10 END AS is_small
    FROM indicator_definition
    CROSS JOIN divided
    CROSS JOIN asked
    WHERE indicator = name
"""


def base(table: str) -> str:
    """Returns the query of the rows that indicators count from ``table``: dispute or event."""
    return (_HERE / "sql" / "indicators" / f"{table}.sql").read_text("utf-8").split("\n", 1)[1].strip()


def document() -> str:
    """Returns docs/indicators.md, which a test holds equal to the definitions."""
    lines = [
        "# 指标 (indicators)",
        "",
        "由 `warehouse/indicators.yml` 生成：`python -m warehouse.indicators > docs/indicators.md`。",
        "改公式只改 YAML 一处：",
        "视图 `indicator`（区域 × 自然月）与宏 `indicator_in`、`compare_indicator`（任意时间窗）同出一源，",
        "算例由测试逐个核对。标“假定”的没有公开公式，请按本地口径改。",
        "分子、分母都发布；分母不足 10（万人发生率：件数不足 10）标 `is_small`。",
        "(Generated. One definition of each; the examples are checked through the SQL that is published.)",
        "",
        "常住人口在 `warehouse/residents.yml`；本地数放 `$LAKE_ROOT/residents.csv`（列 area_code、residents）。",
        "不知道的为空。",
    ]
    for row in definitions().itertuples(index=False):
        lines += [
            "",
            f"## {row.indicator}",
            f"- 分子：{row.numerator_says}",
            f"- 分母：{row.denominator_says}",
            f"- 时间：按{row.clock_says}归入时间窗；计数的表：`{row.counted_from}`",
            f"- 单位：{row.unit}{f'（乘 {row.per}）' if row.per != 1 else ''}；{row.measure_says}，{row.better_says}",
            f"- 出处：{row.basis}",
            f"- 算例：{row.example}",
        ]
    return "\n".join(lines) + "\n"


def _value(name: str, side: str) -> str:
    """SQL of one row's share in the numerator or denominator, a DOUBLE, never null."""
    entry: Mapping[str, Any] = settings()[name][side]
    return f"coalesce(CAST(({entry.get('sql', 'true')}) AS DOUBLE), 0)"


def _example_says(entry: Mapping[str, Any]) -> str:
    example = entry["example"]
    return f"{example['says']}：{example['numerator']} ÷ {example['denominator']} = {example['value']}"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    sys.stdout.write(document())
