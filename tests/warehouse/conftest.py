"""A small lake made by hand: five systems, four disputes, one confidential record, one quarantined row."""

import json
from datetime import date

import pandas as pd
import pytest

from warehouse.lake import Lake

KEY = b"k" * 32
PHONE, ID_NUMBER, NAME = "13887712345", "530402198803123456", "欧阳建国"
NEIGHBOUR = "余铭锵"
"""Registered as a party by one system, named in the text of another."""
AS_OF = date(2025, 4, 3)
RED_TOWER, TOWN, VILLAGE = "530402", "530402001000", "530402001001"


def _event(source, number, reported, **more):
    at = pd.Timestamp(reported)
    return {
        "event_id": f"ev_{source}_{number}", "source": source, "source_record_id": number,
        "delivery_date": (at + pd.Timedelta(days=1)).date(), "file": f"{source}.csv", "sheet": None,
        "row_number": int(number[-2:]), "reported_at": at, "is_dispute": True, "category_code": "0201",
        "county_code": RED_TOWER, "town_code": TOWN, "village_code": VILLAGE, "status": "办理中",
        "is_confidential": False, "title": f"{NAME}反映", "text": f"我是{NAME}，电话{PHONE}，楼上漏水",
        "title_published": "楼上漏水",
        "text_published": "我是欧**，电话***，楼上漏水", "estate": "玉兴小区", "road": "东风路", "address": f"{NAME}家",
        "phone_tokens": ["t_1"], "threat_words": ["扬言", "跳楼"], "unknown_codes": None, **more,
    }  # fmt: skip


def _events():
    return pd.DataFrame(
        [
            _event("hotline", "H01", "2025-03-01 08:00", status="已办结", closed_at=pd.Timestamp("2025-03-03 10:00"),
                   deadline_at=pd.Timestamp("2025-03-02 18:00"), is_solved=True, is_visited=True, is_contacted=True,
                   satisfaction="基本满意", delivery_date=date(2025, 3, 4),
                   unknown_codes=["诉求类型=吐槽", "性别=13887712345"]),
            _event("hotline", "H01", "2025-03-01 08:00", status="待处理"),
            _event("police", "P02", "2025-03-02 20:00", status=None, amount=3000.0,
                   text_published=f"与{NEIGHBOUR}发生口角"),
            _event("mediation", "M03", "2025-03-10 00:00", status="已办结", outcome="成功",
                   outcome_at=pd.Timestamp("2025-03-12"), amount=30000.0, fulfilment="已履行"),
            _event("grid", "G04", "2025-03-20 09:00", category_code="0702", village_code=None),
            _event("hotline", "H05", "2025-04-01 09:00", is_confidential=True, text_published="内容已隐去"),
            _event("citymgmt", "C06", "2025-04-02 09:00", is_dispute=False,
                   not_dispute_reason="公共设施", category_code=None),
            _event("police", "P07", "2025-04-02 23:00", category_code="0601", town_code=None, village_code=None),
        ]
    )  # fmt: skip


def _members(events):
    groups = {"H01": "dp_1", "P02": "dp_1", "M03": "dp_1", "G04": "dp_2", "H05": "dp_3", "P07": "dp_4"}
    rows = events.drop_duplicates("event_id").query("is_dispute")
    kinds = {"P02": "repeat", "M03": "transfer"}
    return pd.DataFrame(
        [
            {"dispute_id": groups[row.source_record_id], "event_id": row.event_id, "source": row.source,
             "source_record_id": row.source_record_id, "link_kind": kinds.get(row.source_record_id, "first"),
             "match_probability": 0.99, "explanation": "同一手机号"}
            for row in rows.itertuples()
        ]
    )  # fmt: skip


def _dispute(number, first, **more):
    return {
        "dispute_id": f"dp_{number}", "title": "楼上漏水", "category_code": "0201", "county_code": RED_TOWER,
        "town_code": TOWN, "village_code": VILLAGE, "place": "玉兴小区", "first_reported_at": pd.Timestamp(first),
        "last_reported_at": pd.Timestamp(first), "event_count": 1, "source_count": 1, "reporter_count": 1,
        "persons_involved": 1, "scale_code": "01", "status": "处理中", "risk_level": "低", "risk_score": 1.0,
        "risk_reasons": "", "responsible_tier": "村", "is_overdue": False, "is_confidential": False, **more,
    }  # fmt: skip


def _disputes():
    return pd.DataFrame(
        [
            _dispute(1, "2025-03-01 08:00", title=f"{NEIGHBOUR}漏水", status="已化解", event_count=3,
                     resolved_at=pd.Timestamp("2025-03-12"), source_count=3, resolved_by_tier="乡"),
            _dispute(2, "2025-03-20 09:00", category_code="0702", village_code=None, risk_level="高"),
            _dispute(3, "2025-04-01 09:00", is_confidential=True),
            _dispute(4, "2025-04-02 23:00", category_code="0601", town_code=None, village_code=None),
        ]
    )  # fmt: skip


def fill(lake):
    """Writes the small world into a lake; returns nothing."""
    events = _events()
    lake.replace("core_event", events)
    origin = events[["event_id", "source", "delivery_date", "file", "sheet", "row_number"]]
    common = {"kind": "person", "is_full_name": True, "gender": "男", "address": f"{NAME}家"}
    reporters = origin.assign(role="reporter", name=NAME, surname="欧阳", name_masked="欧阳**", **common)
    mediated = origin.loc[origin["source"] == "mediation"]
    others = mediated.assign(role="respondent", name=NEIGHBOUR, surname="余", name_masked="余**", **common)
    lake.replace("core_party", pd.concat([reporters, others], ignore_index=True))
    lake.replace("core_dispute_event", _members(events))
    lake.replace("core_dispute", _disputes())
    lake.replace("core_ledger", pd.DataFrame({"dispute_id": [f"dp_{n}" for n in range(1, 5)], "action": "mint"}))
    lake.replace(
        "core_link",
        pd.DataFrame(
            {"event_id_l": ["ev_hotline_H01"], "event_id_r": ["ev_police_P02"], "match_probability": [0.99],
             "match_weight": [9.0], "explanation": ["官方编号"], "decided_by": ["number"]}
        ),
    )  # fmt: skip
    lake.replace(
        "core_warning",
        pd.DataFrame(
            {"warning_id": ["w_1"], "rule": ["surge"], "rule_name": ["激增"], "level": ["橙"], "area_code": [TOWN],
             "category_code": ["0201"], "raised_for": [f"0201@{TOWN}"], "first_seen_at": [date(2025, 4, 2)],
             "evidence": ["当日 9 件，平时 1 件"], "status": ["open"]}
        ),
    )  # fmt: skip
    lake.replace(
        "raw_file",
        pd.DataFrame(
            [
                ("hotline", date(2025, 3, 2), "hotline.csv", "accepted", 3, 1, 1, 1),
                ("hotline", date(2025, 3, 4), "hotline.csv", "accepted", 1, 0, 0, 1),
            ],
            columns=[
                "source", "delivery_date", "file", "status", "rows_read", "rows_ignored", "rows_quarantined",
                "rows_valid",
            ],
        ),
    )  # fmt: skip
    cells = {"工单编号": "", "来电时间": "2062-13-01 08:00", "诉求人": NAME, "来电号码": PHONE, "证件": ID_NUMBER}
    content = json.dumps(cells, ensure_ascii=False)
    lake.replace(
        "raw_row",
        pd.DataFrame(
            [
                {"source": "hotline", "delivery_date": date(2025, 3, 2), "file": "hotline.csv", "row_number": 7,
                 "source_record_id": PHONE, "disposition": "quarantined", "rule": "missing_record_id",
                 "reason": f"工单编号为空（诉求人 {NAME}，电话 {PHONE}）；请补齐后重新交付", "column": "来电号码",
                 "content": content},
                {"source": "hotline", "delivery_date": date(2025, 3, 2), "file": "hotline.csv", "row_number": 8,
                 "disposition": "ignored", "rule": "total", "content": content},
            ]
        ),
    )  # fmt: skip


@pytest.fixture
def lake(tmp_path):
    """An empty lake."""
    return Lake.open(tmp_path / "lake", KEY)


@pytest.fixture
def filled(lake):
    """The small world in a lake."""
    fill(lake)
    return lake
