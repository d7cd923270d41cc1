import io
import zipfile

import duckdb
import openpyxl
import pandas as pd
import pytest

from tests.warehouse.conftest import AS_OF, ID_NUMBER, NAME, NEIGHBOUR, PHONE, RED_TOWER, TOWN
from warehouse.delivery import orders
from warehouse.publish import publish

OTHER = "530403"


def notice(recipient, tier, warning, rank, **more):
    return {
        "notice_date": AS_OF, "recipient_code": recipient, "recipient_tier": tier, "warning_id": warning,
        "rule": "repeat_complaint", "level": "红", "told_because": "新发", "raised_on": AS_OF, "rank": rank,
        "is_held_back": False, **more,
    }  # fmt: skip


@pytest.fixture
def warehouse(filled):
    """Warnings on a dispute of the town, on a confidential one, on one whose title looks like a formula."""
    disputes = filled.read("core_dispute")
    disputes.loc[disputes["dispute_id"] == "dp_4", "title"] = '=HYPERLINK("http://x","点")'
    filled.replace("core_dispute", disputes)
    common = {
        "rule": "repeat_complaint", "rule_name": "重复投诉", "level": "红", "area_code": TOWN, "first_seen_at": AS_OF,
        "status": "open",
    }  # fmt: skip
    filled.replace(
        "core_warning",
        pd.DataFrame(
            [
                {"warning_id": "w_1", "dispute_id": "dp_1", "evidence": "30 天内第 3 次", **common},
                {"warning_id": "w_2", "dispute_id": "dp_3", "evidence": "楼上漏水第 3 次", **common},
                {"warning_id": "w_3", "dispute_id": "dp_4", "evidence": "@SUM(1)", **common | {"area_code": RED_TOWER}},
            ]
        ),
    )
    notices = [
        notice(RED_TOWER, "县", "w_1", 1), notice(RED_TOWER, "县", "w_2", 2), notice(RED_TOWER, "县", "w_3", 3),
        notice(TOWN, "乡", "w_1", 1), notice(TOWN, "乡", "w_2", 2, is_held_back=True, held_back_reason="上限"),
        notice(OTHER, "县", "w_1", 1), notice("530400", "市", "w_1", 1),
    ]  # fmt: skip
    filled.replace("core_warning_notice", pd.DataFrame(notices))
    return publish(filled, as_of=AS_OF, label="模拟数据").warehouse


@pytest.fixture
def told(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return orders.read(con)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def _texts(path):
    book = openpyxl.load_workbook(path)
    return {sheet.title: [cell.value for row in sheet for cell in row if cell.value] for sheet in book}, book


def test_each_county_and_town_gets_one_workbook_with_a_list_and_a_page_for_each_warning(told, out):
    made = orders.write(told, out)
    assert made[["recipient_code", "order_count"]].values.tolist() == [[RED_TOWER, 3], [TOWN, 1], [OTHER, 1]]
    assert sorted(path.name for path in out.iterdir()) == sorted(made["file"])
    texts, book = _texts(out / made["file"][0])
    assert list(texts) == ["清单", "交办单01", "交办单02", "交办单03"]
    for wanted in ("w_1", "dp_1", "30 天内第 3 次", "签收人", "办理意见", "反馈时限", "2025-04-04", "红塔区玉兴街道"):
        assert any(wanted in str(text) for text in texts["交办单01"]), wanted
    for sheet in book:
        assert sheet.page_setup.paperSize == 9 and "&P" in sheet.oddFooter.center.text
        assert "模拟数据" in sheet.oddHeader.right.text
    assert book["清单"].print_title_rows == "$1:$3"


def test_what_the_cap_held_back_is_no_order(told, out):
    made = orders.write(told, out, code=TOWN)
    texts, _ = _texts(out / made["file"][0])
    assert "w_2" not in texts["清单"] and len(texts) == 2


def test_no_person_leaves_and_a_confidential_dispute_shows_no_content(told, out):
    orders.write(told, out, tiers=("市", "县", "乡", "村"))
    for path in out.iterdir():
        texts, _ = _texts(path)
        everything = "\n".join(str(text) for sheet in texts.values() for text in sheet)
        assert not any(secret in everything for secret in (NAME, NEIGHBOUR, PHONE, ID_NUMBER))
    texts, _ = _texts(next(out.glob(f"*_{RED_TOWER}_*")))
    confidential = "\n".join(map(str, texts["交办单02"]))
    assert "要求保密" in confidential and "漏水" not in confidential and "玉兴小区" not in confidential


def test_a_centre_sees_no_details_of_a_dispute_outside_its_area(told, out):
    orders.write(told, out, code=OTHER)
    texts, _ = _texts(next(out.iterdir()))
    everything = "\n".join(str(text) for sheet in texts.values() for text in sheet)
    assert "不在本辖区" in everything and "漏水" not in everything and "30 天" not in everything


def test_a_text_that_looks_like_a_formula_stays_text(told):
    raw = orders.workbook(told, told.rows.loc[told.rows["recipient_code"] == RED_TOWER])
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name)
        assert b"HYPERLINK(" in parts.read("xl/sharedStrings.xml")


def test_the_same_publication_gives_the_same_bytes(told, warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        again = orders.read(con, AS_OF)
    assert orders.workbook(told, told.rows) == orders.workbook(again, again.rows)


def test_a_day_without_warnings_says_which_days_there_are(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con, pytest.raises(LookupError, match="2025-04-03"):
        orders.read(con, AS_OF.replace(month=1))
