import json

import pandas as pd
import pytest

from warehouse.masking import mask, mask_number, quarantine


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("李伟", "李*"),
        ("13887712345", "1********"),
        ("530402198803123456", "5********"),
        ("玉溪市红塔区玉兴街道东风路5号", "玉********"),
        # what is wrong must stay visible: dates, times, short codes
        ("2062-03-06 12:32:30", "2062-03-06 12:32:30"),
        ("20620301081502", "20620301081502"),
        ("05", "05"),
        ("", ""),
    ],
)
def test_a_cell_keeps_its_first_character_dates_and_short_codes(cell, shown):
    assert mask(cell) == shown


@pytest.mark.parametrize("number", ["530423000000202503013814979", "YZT5304232025030158682", "188809"])
def test_a_record_number_stays_readable(number):
    assert mask_number(number) == number


@pytest.mark.parametrize("number", ["13887712345", "530402198803123456", "李伟", "0877-2012345", "20123456"])
def test_what_slipped_into_the_number_column_does_not(number):
    assert mask_number(number) != number


def rows(reason, content, **more):
    return pd.DataFrame(
        [
            {
                "source": "grid", "delivery_date": pd.Timestamp("2025-03-02").date(), "file": "a", "sheet": None,
                "row_number": 1, "source_record_id": None, "rule": "r", "reason": reason, "column": None,
                "content": content, **more,
            }
        ]
    )  # fmt: skip


def test_a_reason_that_quotes_a_cell_quotes_its_mask():
    content = json.dumps({"当事人": "李建国", "地址": "东风路5号2单元"}, ensure_ascii=False)
    (row,) = quarantine(rows("“当事人”的值“李建国”多了一列（东风路5号2单元）", content)).to_dict("records")
    assert row["reason"] == "“当事人”的值“李**”多了一列（东*******）"


def test_a_line_that_is_no_json_is_masked_as_a_whole():
    (row,) = quarantine(rows("第 1 行不是有效的 JSON", '{"姓名": "李建国", "电')).to_dict("records")
    assert "李" not in row["values_masked"]


def test_numbers_in_a_reason_are_masked_unless_they_are_times():
    (row,) = quarantine(rows("电话 13887712345 出现在 20620301081502", None)).to_dict("records")
    assert row["reason"] == "电话 1******** 出现在 20620301081502"
    assert row["values_masked"] is None


def test_no_rows_make_an_empty_frame_with_the_columns():
    assert list(quarantine(rows("x", None).iloc[:0]).columns)[:2] == ["source", "delivery_date"]
