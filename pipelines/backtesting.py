"""Back-test: the warnings of some days as daily runs would have left them, counted against what came afterwards.

Here: reading the lake and the truth, putting the figures side by side. Not here: the replay and the counting
(`transforms.warnings`), printing (`commands.backtest`).
lake (+ truth folder) -> replay -> one table per rule, one per tier of recipients
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines import reviewing
from transforms.tables import CORE_DISPUTE_EVENT
from transforms.warnings import backtest, replay, rules
from warehouse.lake import Lake

RULE = {
    "rule_name": "规则", "raised": "发出", "per_day": "每天", "returned": "再发", "closed": "已解除",
    "judged": "已判定", "judged_precision": "判定准确率", "followed": "应验",
    "usual": "未预警的同样发生", "lead_days": "提前天数",
    "serious": "出事的纠纷", "foreseen": "其中事前有预警",
}  # fmt: skip
TRUTH = {
    "rule_name": "规则", "raised": "发出", "true": "真值", "found": "找到", "recall": "查全", "precision": "查准",
    "late_days": "迟几天（中位）",
}  # fmt: skip
TOLD = {
    "recipient_tier": "层级", "recipients": "单位数", "told": "告知", "per_day": "有告知之日每单位平均",
    "most": "一日最多", "held_back": "曾暂缓", "never": "其中始终没有告知",
}  # fmt: skip


class TruthError(ValueError):
    """The truth folder cannot be used; the message is a sentence for the user."""


@dataclass(frozen=True)
class Backtest:
    """The figures of a back-test, with Chinese column names: by rule, by tier of recipients, against truth or None."""

    rules: pd.DataFrame
    told: pd.DataFrame
    truth: pd.DataFrame | None
    first: date
    last: date


def run(
    lake: Lake, *, as_of: datetime, history_sources: Collection[str], first: date, last: date, truth: Path | None = None
) -> Backtest:
    """Replays all days up to ``as_of`` in memory and counts the warnings first seen from ``first`` to ``last``.

    Nothing in the lake changes.

    Raises:
        TruthError: ``truth`` lacks its files or columns.
    """
    lines = _truth(truth) if truth is not None else None
    said = reviewing.taken_of_warnings(lake)
    history = sorted(history_sources)
    with lake.connect() as con:
        warning, step, notice = replay(con, as_of=as_of, history_sources=history, said=said)
        rules.prepare(con, as_of=as_of, history_sources=history)
        try:
            outcome = con.execute(rules.sql("outcome"), {"persons": backtest.settings()["persons"]}).df()
        finally:
            rules.clear(con)
    by_rule = backtest.raised(warning, step, first, last)
    by_rule = by_rule.join(backtest.against_outcomes(warning, outcome, first, last))
    against = None
    if lines is not None:
        member = lake.read(CORE_DISPUTE_EVENT, columns=["source_record_id", "dispute_id"])
        against = _shown(backtest.against_truth(warning, *lines, member, first, last), TRUTH)
    told = backtest.told(notice, first, last).reset_index()
    return Backtest(_shown(by_rule, RULE), _shown(told, TOLD), against, first, last)


def _truth(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``warning.csv`` and ``surge.csv`` (may be absent) of a truth folder, all as text."""
    found = []
    for name, columns, is_needed in (
        ("warning.csv", ["rule", "raised_for", "first_known_date"], True),
        ("surge.csv", ["category_code", "area_code", "start_date", "end_date"], False),
    ):
        file = folder / name
        if not file.exists() and not is_needed:
            found.append(pd.DataFrame(columns=columns, dtype="str"))
            continue
        try:
            frame = pd.read_csv(file, dtype="str")
        except (OSError, ValueError) as error:
            raise TruthError(f"真值表 {file} 无法读取：{error}") from error
        missing = [each for each in columns if each not in frame.columns]
        if missing:
            raise TruthError(f"真值表 {file} 缺少列 {'、'.join(missing)}")
        found.append(frame[columns])
    warning, surge = found
    return warning[warning["rule"] != "surge"], surge


def _shown(frame: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Chinese heads; shares as per cent, days with one digit."""
    if "rule_name" in names:
        labels = {rule: block["name"] for rule, block in rules.settings().items()}
        frame = frame.assign(rule_name=[labels.get(rule, rule) for rule in frame.index])
    shown: dict[str, Any] = {}
    for name, label in names.items():
        values = frame[name]
        if name in ("recall", "precision", "judged_precision", "followed", "usual", "foreseen"):
            shown[label] = [None if pd.isna(value) else f"{100 * value:.1f}%" for value in values]
        elif pd.api.types.is_float_dtype(values):
            whole = name in ("serious", "told", "most", "held_back", "never")
            shown[label] = [
                None if pd.isna(value) else f"{value:,.0f}" if whole else f"{value:.1f}" for value in values
            ]
        else:
            shown[label] = values.tolist()
    return pd.DataFrame(shown)
