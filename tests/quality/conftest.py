"""A lake of a few rows in memory, whole and in order; each test breaks what it is about."""

import duckdb
import pandas as pd
import pytest

from sources.tables import RAW_TABLES
from transforms.tables import CORE_TABLES

AREA = pd.DataFrame({"area_code": ["530402", "530402001000", "530402001001"]})
CATEGORY = pd.DataFrame({"category_code": ["0402", "9900"]})


def event_id(source: str, record: str) -> str:
    import hashlib

    return "ev_" + hashlib.sha256(f"{source}\x1f{record}".encode()).hexdigest()[:20]


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict]) -> None:
    """Inserts rows by column name; what is not given stays null."""
    if not rows:
        return
    names = list(rows[0])
    marks = ", ".join("?" for _ in names)
    columns = ", ".join(f'"{name}"' for name in names)
    con.executemany(f"insert into {table} ({columns}) values ({marks})", [list(row.values()) for row in rows])


def record(number: int, record_id: str, *, date: str = "2025-03-02", is_dispute: bool = True) -> dict:
    """One current record of the hotline, in row ``number`` of its file."""
    return {
        "source": "hotline",
        "delivery_date": date,
        "file": "a.xlsx",
        "sheet": "工单",
        "row_number": number,
        "source_record_id": record_id,
        "event_id": event_id("hotline", record_id),
        "reported_at": "2025-03-01 08:15:02",
        "text": "物业不修电梯，电话13887712345",
        "text_published": "物业不修电梯，电话***",
        "title_published": "电梯",
        "request_type": "投诉",
        "source_category": "住房和城乡建设/物业管理",
        "status": "已办结",
        "closed_at": "2025-03-03 09:00:00",
        "is_dispute": is_dispute,
        "not_dispute_reason": None if is_dispute else "咨询",
        "category_code": "0402" if is_dispute else None,
        "county_code": "530402",
        "town_code": "530402001000",
        "village_code": "530402001001",
    }


@pytest.fixture
def lake() -> duckdb.DuckDBPyConnection:
    """Three hotline records (two of one dispute, one inquiry), one ignored and one quarantined row."""
    con = duckdb.connect()
    for table in (*RAW_TABLES, *CORE_TABLES):
        con.register("shape", table.schema.empty_table())
        con.execute(f"create table {table.name} as from shape")
        con.unregister("shape")
    con.execute(
        """
        create view current_event as
        select *, min(delivery_date) over (partition by event_id) as first_delivery_date
        from core_event
        qualify row_number() over (partition by event_id order by delivery_date desc, row_number desc) = 1
        """
    )
    con.execute("create view current_party as from core_party")
    events = [record(4, "1001"), record(5, "1002"), record(6, "1003", is_dispute=False)]
    fill(con, "core_event", events)
    raw = ["source", "delivery_date", "file", "sheet", "row_number", "source_record_id"]
    fill(con, "raw_record", [{name: event[name] for name in raw} | {"town_name": "玉兴街道"} for event in events])
    fill(
        con,
        "raw_row",
        [
            {name: event[name] for name in raw} | {"disposition": "accepted", "rule": None, "reason": None}
            for event in events
        ]
        + [
            dict(zip(raw, ["hotline", "2025-03-02", "a.xlsx", "工单", 7, None], strict=True))
            | {"disposition": "quarantined", "rule": "missing_record_id", "reason": "工单编号为空，请补上后重新交付"},
            dict(zip(raw, ["hotline", "2025-03-02", "a.xlsx", "工单", 8, None], strict=True))
            | {"disposition": "ignored", "rule": "total", "reason": "合计行"},
        ],
    )
    fill(
        con,
        "raw_file",
        [
            {
                "source": "hotline",
                "delivery_date": "2025-03-02",
                "file": "a.xlsx",
                "signature": "s",
                "status": "accepted",
                "rows_read": 5,
                "rows_ignored": 1,
                "rows_quarantined": 1,
                "rows_valid": 3,
            }
        ],
    )
    first, second = events[0]["event_id"], events[1]["event_id"]
    low, high = sorted([first, second])
    fill(con, "core_link", [{"event_id_l": low, "event_id_r": high, "match_probability": 0.97, "decided_by": "model"}])
    placed = {"dispute_id": "dp_1", "source": "hotline", "match_probability": 0.97, "explanation": "同一电话"}
    fill(
        con,
        "core_dispute_event",
        [
            placed | {"event_id": first, "source_record_id": "1001", "link_kind": "first", "linked_event_id": second},
            placed | {"event_id": second, "source_record_id": "1002", "link_kind": "repeat", "linked_event_id": first},
        ],
    )
    fill(con, "core_ledger", [{"dispute_id": "dp_1", "action": "mint", "run_id": "r1", "event_id": first}])
    fill(
        con,
        "core_dispute",
        [
            {
                "dispute_id": "dp_1",
                "title": "电梯",
                "category_code": "0402",
                "county_code": "530402",
                "town_code": "530402001000",
                "village_code": "530402001001",
                "first_reported_at": "2025-03-01 08:15:02",
                "last_reported_at": "2025-03-01 08:15:02",
                "event_count": 2,
                "source_count": 1,
                "status": "处理中",
                "risk_level": "低",
                "responsible_tier": "乡",
            }
        ],
    )
    fill(
        con,
        "core_warning",
        [
            {
                "warning_id": "wn_1",
                "rule": "overdue",
                "level": "蓝",
                "dispute_id": "dp_1",
                "area_code": "530402001000",
                "category_code": "0402",
                "raised_for": "1001",
                "first_seen_at": "2025-03-02",
                "last_seen_at": "2025-03-02",
                "evidence": "超期 2 天",
                "status": "open",
            }
        ],
    )
    return con
