"""Quarantined rows as a person works through them: which there are, by reason, one of them, what became of them.

Here: queries over what is published, summed up and put into words. Not here: the texts about each reason
(`quality.remedies`), rows as delivered (`revealing`), reading again (`retrying`), what is printed (`commands`).
published quarantine, quarantine_history -> frames with Chinese headings
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from quality import quarantine_history, remedies
from quality.remedies import Remedy
from sources import contract

Ask = Callable[[str, Mapping[str, Any]], pd.DataFrame]

_FILTER = """
    WHERE source = coalesce($source, source)
        AND delivery_date = coalesce(CAST($day AS DATE), delivery_date)
        AND rule = coalesce($rule, rule)
"""
_ORDER = "ORDER BY delivery_date DESC, source, file, sheet, row_number, source_record_id"
SHORTEST_KEY = 4


def rows(ask: Ask, *, source: str | None, day: object, rule: str | None) -> pd.DataFrame:
    """The published quarantined rows, newest delivery first."""
    return ask(f"FROM quarantine {_FILTER} {_ORDER}", {"source": source, "day": day, "rule": rule})


def by_reason(found: pd.DataFrame) -> pd.DataFrame:
    """How many rows of which source for which reason, since when, and what the department should do.

    Args:
        found: rows of the view ``quarantine``.

    Returns:
        来源, 原因, 代码, 行数, 交付数, 最近交付, 交付部门该做; most rows first.
    """
    groups = found.groupby(["source", "rule"], as_index=False).agg(
        行数=("rule", "size"), 交付数=("delivery_date", "nunique"), 最近交付=("delivery_date", "max"),
        column=("column_name", _common),
    )  # fmt: skip
    groups = groups.sort_values(["行数", "source", "rule"], ascending=[False, True, True])
    told = [
        remedies.of(rule).told(source=source, column=column, file="", date="")
        for source, rule, column in zip(groups["source"], groups["rule"], groups["column"], strict=True)
    ]
    return pd.DataFrame(
        {
            "来源": [label(source) for source in groups["source"]],
            "原因": [remedy.name for remedy in told],
            "代码": groups["rule"].to_numpy(),
            "行数": groups["行数"].to_numpy(),
            "交付数": groups["交付数"].to_numpy(),
            "最近交付": groups["最近交付"].to_numpy(),
            "交付部门该做": [remedy.department for remedy in told],
        }
    )


def listed(found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the view ``quarantine`` for the terminal: 编号, 来源, 交付日期, 文件, 行, 列, 值, 说明."""
    return pd.DataFrame(
        {
            "编号": found["quarantine_id"],
            "来源": found["source"],
            "交付日期": found["delivery_date"],
            "文件": found["file"],
            "行": found["row_number"].astype("Int64").astype("str").replace("<NA>", "整份"),
            "列": found["column_name"],
            "值（打码）": found["value_masked"],
            "说明": [
                reason.removeprefix(f"{file} 第 {number} 行：") if isinstance(reason, str) else ""
                for reason, file, number in zip(
                    found["reason"], found["file"], found["row_number"].astype("Int64"), strict=True
                )
            ],
        }
    )


def find(ask: Ask, key: str) -> pd.Series:
    """Returns the quarantined row of a short id (or its beginning) or a record number.

    Returns:
        A row of the view ``quarantine`` with the columns of ``quarantine_history`` that tell what became of it; for a
        row that is no longer aside those of the history alone, the others empty.

    Raises:
        LookupError: none or several; the sentence is for the user.
    """
    parameters = {"key": key, "start": f"{key}%" if len(key) >= SHORTEST_KEY else key}
    condition = "WHERE quarantine_id LIKE $start OR source_record_id = $key"
    found = ask(f"FROM quarantine {condition} {_ORDER}", parameters)
    past = ask(f"FROM quarantine_history {condition} {_ORDER}", parameters)
    candidates = found if len(found) else past
    if candidates.empty:
        raise LookupError(f"没有编号为“{key}”的隔离行；用 dispute-lake quarantine 查看编号，或写记录编号")
    if candidates["quarantine_id"].nunique() > 1:
        several = "、".join(candidates["quarantine_id"].head(8))
        raise LookupError(f"“{key}”对应 {len(candidates)} 行：{several}；请写完整的隔离编号")
    return candidates.iloc[-1]


def history(ask: Ask, *, source: str | None, day: object, state: str | None) -> pd.DataFrame:
    """What became of rows that were published as quarantined, for the terminal."""
    found = ask(
        f"FROM quarantine_history {_FILTER} AND state = coalesce($state, state) {_ORDER}",
        {"source": source, "day": day, "rule": None, "state": state},
    )
    return pd.DataFrame(
        {
            "编号": found["quarantine_id"],
            "来源": found["source"],
            "交付日期": found["delivery_date"],
            "记录编号": found["source_record_id"],
            "原因": [remedies.of(rule).name for rule in found["rule"]],
            "首次隔离": found["first_seen_at"],
            "现在": found["state"].map(quarantine_history.STATES),
            "现状始于": found["settled_at"],
            "怎样采用": found["how"].map(quarantine_history.HOW),
            "由哪批交付": found["accepted_delivery_date"],
            "采用的文件": found["accepted_file"],
            "采用的行": found["accepted_row_number"],
        }
    )


def remedy(row: pd.Series) -> Remedy:
    """The plain words about one row."""
    return remedies.of(row["rule"]).told(
        source=row["source"],
        column="" if pd.isna(row["column_name"]) else row["column_name"],
        file=row["file"],
        date=f"{row['delivery_date']:%Y-%m-%d}",
    )


def became(row: pd.Series) -> str:
    """What became of a row of the view ``quarantine_history``, as a sentence."""
    sentence = quarantine_history.STATES[row["state"]]
    if not pd.isna(row["settled_at"]):
        sentence += f"（自 {row['settled_at']:%Y-%m-%d} 的发布起）"
    if row["state"] in ("accepted", "later"):
        sentence += f"，在 {row['accepted_delivery_date']:%Y-%m-%d} 的 {row['accepted_file']}"
        if not pd.isna(row["accepted_row_number"]):
            sentence += f" 第 {int(row['accepted_row_number'])} 行"
    if isinstance(row["how"], str):
        sentence += f"，{quarantine_history.HOW[row['how']]}"
    return sentence


def label(source: str) -> str:
    """The Chinese name of a source with its code; the code alone where the source is no longer registered."""
    return f"{contract.load(source).label}（{source}）" if source in contract.names() else source


def _common(columns: pd.Series) -> str:
    """The names of the columns, at most three."""
    names = sorted(set(columns.dropna()))
    return "、".join(names[:3]) + (" 等" if len(names) > 3 else "")
