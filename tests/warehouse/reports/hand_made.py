"""A published warehouse made by hand: the real columns, and only the rows that a test says."""

from datetime import datetime, timedelta

import duckdb
import pandas as pd

from transforms import areas, category
from warehouse.lake import DUCKDB_TYPES
from warehouse.registry import PUBLISHED

AS_OF = datetime(2025, 5, 1)
COUNTY, TOWN, VILLAGE = "530402", "530402001000", "530402001001"


def disputes(since, until, count, *, code="0201", start=0, **more):
    """``count`` disputes spread over [since, until), each with one hotline record."""
    step = (until - since) / max(count, 1)
    rows = []
    for number in range(count):
        at = since + step * number + timedelta(hours=1)
        rows.append(
            {
                "dispute_id": f"d_{code}_{since:%m%d}_{start + number:04}", "title": "楼上漏水", "category_code": code,
                "county_code": COUNTY, "town_code": TOWN, "village_code": VILLAGE, "county_name": "红塔区",
                "town_name": "玉兴街道", "first_reported_at": at, "last_reported_at": at, "event_count": 1,
                "source_count": 1, "sources": "hotline", "reporter_count": 1, "persons_involved": 2,
                "status": "已化解", "resolved_at": at + timedelta(days=2), "resolved_by_tier": "村",
                "risk_level": "低", "risk_score": 1.0, "responsible_tier": "乡", "is_overdue": False,
                "is_confidential": False, "text": "楼上漏水，物业不管", **more,
            }
        )  # fmt: skip
    return rows


def warehouse(path, rows, *, warnings=(), notices=(), label=None, as_of=AS_OF):
    """Writes a `warehouse.duckdb` of these disputes (`disputes`), one record each, these warnings and notices."""
    frame = pd.DataFrame(rows)
    names = category.table().set_index("category_code")["full_name"]
    with duckdb.connect(str(path)) as con:
        for view in PUBLISHED.values():
            columns = ", ".join(f'"{column.name}" {DUCKDB_TYPES[column.kind]}' for column in view.table.columns)
            con.execute(f"CREATE TABLE {view.name} ({columns})")
        place = areas.table()
        tiers = {"city": "市", "county": "县", "town": "乡", "village": "村"}
        _insert(con, "area", place.assign(area_tier=place["level"].map(tiers)))
        _insert(con, "category", category.table())
        if len(frame):
            frame["category_name"] = frame["category_code"].map(names)
            _insert(con, "dispute", frame)
            records = frame.assign(
                event_id="ev_" + frame["dispute_id"], source="hotline", source_record_id="H" + frame["dispute_id"],
                reported_at=frame["first_reported_at"], is_dispute=True, link_kind="first",
            ).drop(columns=["status"])  # fmt: skip
            _insert(con, "event", records)
            _insert(con, "dispute_event", records)
        for view, given in (("warning", warnings), ("warning_notice", notices)):
            if given:
                _insert(con, view, pd.DataFrame(list(given)))
        publication = pd.DataFrame([{"number": 1, "as_of": as_of, "format": 1, "label": label}])
        _insert(con, "publication", publication)
    return path


def _insert(con, table, frame):
    columns = [name for name in PUBLISHED[table].table.column_names if name in frame]
    con.register("given", frame)
    listed = ", ".join(f'"{name}"' for name in columns)
    con.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM given")
    con.unregister("given")
