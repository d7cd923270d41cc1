"""The rows behind a number, as pages and as CSV; and one dispute over all systems.

Here: pages, columns with their Chinese heads, CSV. Not here: which rows (`choices`), the queries
(`warehouse/sql/screen`), addresses (`app`).
Snapshot, Selection -> page, CSV; Snapshot, dispute_id -> timeline, links, warnings, contradictions
"""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pandas as pd

from warehouse.screen.choices import NAMES, ChoiceRefused, Selection, sentence
from warehouse.screen.numbers import plain
from warehouse.screen.snapshot import Snapshot

PAGE = 50
_LARGEST_OFFSET = 10_000_000
_CHUNK = 2000
HEADS = {
    "dispute": {
        "dispute_id": "纠纷编号", "title": "纠纷", "category_name": "类别", "area_name": "区域",
        "first_reported_at": "首次反映", "last_reported_at": "最近反映", "event_count": "记录数", "sources": "来源系统",
        "persons_involved": "涉及人数", "amount": "涉及金额（元）", "risk_level": "风险", "answering_tier": "负责层级",
        "deadline_at": "时限", "is_overdue": "超期", "tier_due_at": "层级期限", "is_tier_overrun": "层级逾期",
        "status": "状态", "resolved_at": "化解时间", "resolved_tier": "化解层级",
    },
    "warning": {
        "warning_id": "预警编号", "level": "级别", "rule_name": "规则", "area_name": "区域", "category_name": "类别",
        "evidence": "依据", "first_seen_at": "首次可知", "raised_on": "最近发出", "times_raised": "发出次数",
        "closed_at": "解除日期", "closed_reason": "为何解除", "judgement": "人工判定", "acknowledged_at": "签收",
        "status": "状态", "risk_level": "纠纷风险", "dispute_id": "纠纷编号",
    },
    "notice": {
        "notice_date": "告知日期", "rank": "名次", "level": "级别", "rule_name": "规则", "area_name": "区域",
        "category_name": "类别", "evidence": "依据", "told_because": "因何告知", "occasion_on": "事由日期",
        "is_held_back": "暂缓", "held_back_reason": "为何暂缓", "status": "状态", "warning_id": "预警编号",
        "dispute_id": "纠纷编号",
    },
}  # fmt: skip
"""Columns of the rows, in order, with what stands above them."""

_STATUS = {"open": "生效", "closed": "已解除"}
_KINDS = {"first": "首条", "repeat": "重复（同人同事）", "same_matter": "同一事件（异人同事）", "transfer": "移交"}


def total(seen: Snapshot, chosen: Selection) -> int:
    """How many rows are chosen."""
    return int(seen.ask(f"{chosen.of}_total", chosen.parameters)["n"].iloc[0])


def title(seen: Snapshot, chosen: Selection) -> str:
    """What is chosen, in Chinese."""
    return f"{NAMES[chosen.of]}：{sentence(chosen, seen.name_of)}"


def page(seen: Snapshot, chosen: Selection, number: int) -> dict[str, Any]:
    """Page ``number`` (from 1) of the chosen rows, `PAGE` on each, the newest first."""
    count = total(seen, chosen)
    pages = max(1, -(-count // PAGE))
    number = min(max(number, 1), pages)
    found = seen.ask(
        f"{chosen.of}_rows",
        dict(chosen.parameters) | {"limit": PAGE, "offset": min((number - 1) * PAGE, _LARGEST_OFFSET)},
    )
    heads = HEADS[chosen.of]
    rows = [
        {str(name): _shown(seen, str(name), value) for name, value in row.items()}
        for row in found.astype("object").to_dict("records")
    ]
    return {
        "of": chosen.of,
        "said": chosen.said(),
        "title": title(seen, chosen),
        "total": count,
        "page": number,
        "pages": pages,
        "size": PAGE,
        "heads": [{"name": name, "head": head} for name, head in heads.items()],
        "rows": rows,
    }


def as_csv(seen: Snapshot, chosen: Selection) -> Iterator[bytes]:
    """All chosen rows as CSV for Excel (UTF-8 with its mark), some thousand at a time.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    heads = HEADS[chosen.of]
    cursor = seen.stream(f"{chosen.of}_rows", dict(chosen.parameters) | {"limit": _LARGEST_OFFSET, "offset": 0})
    names = [column[0] for column in cursor.description or []]
    places = [names.index(name) for name in heads]
    yield "\ufeff".encode() + _lines([list(heads.values())])
    while rows := cursor.fetchmany(_CHUNK):
        yield _lines([[_cell(_shown(seen, names[place], row[place])) for place in places] for row in rows])


def file_name(seen: Snapshot, chosen: Selection, label: str | None) -> str:
    """A name for the CSV that says what it is: label, kind of row, area, publication."""
    area = seen.name_of("area", chosen.parameters["area"] or seen.city)
    return "_".join([*([label] if label else []), NAMES[chosen.of], area, f"第{seen.number}号发布"]) + ".csv"


def dispute(seen: Snapshot, dispute_id: str) -> dict[str, Any]:
    """One dispute: its facts, what every system recorded of it, why that is one dispute, warnings, contradictions.

    Raises:
        ChoiceRefused: no such dispute.
    """
    found = seen.ask("one_dispute", {"id": dispute_id})
    if found.empty:
        raise ChoiceRefused(f"没有纠纷 {dispute_id}；它可能已并入另一起，或编号有误")
    row = found.astype("object").to_dict("records")[0]
    window = {
        "id": dispute_id,
        "since": row["first_reported_at"] - timedelta(days=1),
        "until": row["last_reported_at"] + timedelta(days=1),
    }
    facts = {name: _shown(seen, name, value) for name, value in row.items()}
    timeline = _told(seen, seen.ask("one_timeline", window))
    for event in timeline:
        event["source_name"] = seen.name_of("source", event["source"])
        event["link_name"] = _KINDS.get(event["link_kind"], event["link_kind"])
    coverage = _told(seen, seen.ask("one_coverage", window))
    conflicts = _told(seen, seen.ask("one_conflicts", window))
    for conflict in conflicts:
        conflict["name_l"] = seen.name_of("source", conflict["source_l"])
        conflict["name_r"] = seen.name_of("source", conflict["source_r"])
    missing = [each for each in (coverage[0]["missing_sources"] or "").split(",") if each] if coverage else []
    return {
        "dispute": facts,
        "timeline": timeline,
        "warnings": _told(seen, seen.ask("one_alarms", window)),
        "conflicts": conflicts,
        "missing": [seen.name_of("source", source) for source in missing],
    }


def _told(seen: Snapshot, frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): _shown(seen, str(name), value) for name, value in row.items()}
        for row in frame.astype("object").to_dict("records")
    ]


def _shown(seen: Snapshot, name: str, value: Any) -> Any:
    """A value as the reader expects it: names for codes, 是 and 否, days without a clock."""
    if name == "status" and value in _STATUS:
        return _STATUS[value]
    if name == "sources" and isinstance(value, str):
        return "、".join(seen.name_of("source", source) for source in value.split(","))
    told = plain(pd.Timestamp(value)) if hasattr(value, "isoformat") else plain(value)
    return ("是" if told else "否") if isinstance(told, bool) else told


def _cell(value: Any) -> Any:
    """A cell that no spreadsheet runs."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
