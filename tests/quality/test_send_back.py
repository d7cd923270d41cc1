from datetime import date

import openpyxl
import pandas as pd
import python_calamine

from quality.columns import EXAMPLE_COLUMNS
from quality.send_back import ANSWERS, write

PHONE = "13887712345"


def quarantine(**more):
    row = {
        "source": "hotline",
        "delivery_date": date(2025, 3, 2),
        "file": "12345工单_20250302.xlsx",
        "sheet": "工单",
        "row_number": 7,
        "rule": "impossible_time",
        "reason": f"12345工单_20250302.xlsx 第 7 行：“来电时间”的值“{PHONE}”不是有效的时间，请核对后重新交付",
        "column_name": "来电时间",
        "value_masked": "1********",
    }
    return pd.DataFrame([row | more])


def unmapped(source="hotline"):
    return pd.DataFrame(
        [
            {
                "source": source,
                "column_name": "满意度",
                "value": "=1+1",
                "event_count": 31,
                "first_delivery_date": date(2025, 3, 2),
            }
        ]
    )


def examples(**more):
    row = {
        "source": "hotline",
        "side_list": "",
        "column_name": "来电号码",
        "problem": "不是可用的电话号码",
        "cell_count": 12,
        "delivery_date": date(2025, 3, 2),
        "file": "12345工单_20250302.xlsx",
        "row_number": 9,
        "value_masked": "0****",
    }
    return pd.DataFrame([row | more], columns=EXAMPLE_COLUMNS)


def read(path):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def made(folder, rows, values, cells=None):
    return write(
        folder,
        as_of=date(2025, 3, 3),
        quarantine=rows,
        unmapped=values,
        column_example=examples().iloc[:0] if cells is None else cells,
        labels={"hotline": "12345热线"},
    )


def test_a_department_gets_the_place_of_each_row_what_is_wrong_what_to_do_and_room_for_the_answer(tmp_path):
    assert made(tmp_path, quarantine(), unmapped()) == {"hotline": "校核纠错_hotline.xlsx"}
    sheets = read(tmp_path / "校核纠错_hotline.xlsx")
    assert list(sheets) == ["说明", "请更正的行", "未登记的代码值"]
    _, header, row = sheets["请更正的行"]
    assert header[:9] == ["序号", "交付日期", "文件", "工作表", "行号", "列", "值（打码）", "问题", "怎么办"]
    assert header[9:] == ["核实结果", "更正后的值", "核实人", "核实日期"]
    assert row[:7] == [1.0, "2025-03-02", "12345工单_20250302.xlsx", "工单", 7.0, "来电时间", "1********"]
    assert row[7:9] == ["“来电时间”的值“***”不是有效的时间", "请核对后重新交付"]
    assert row[9:] == ["", "", "", ""]
    # a value that looks like a formula stays text
    assert sheets["未登记的代码值"][2][1:4] == ["满意度", "=1+1", 31.0]


def test_columns_with_values_that_cannot_be_used_are_listed_with_examples(tmp_path):
    made(tmp_path, quarantine().iloc[:0], unmapped().iloc[:0], pd.concat([examples(), examples(row_number=11)]))
    sheets = read(tmp_path / "校核纠错_hotline.xlsx")
    row = sheets["请核对的列"][2]
    assert row[1:4] == ["来电号码", "不是可用的电话号码", 12.0]
    assert row[4] == "12345工单_20250302.xlsx 第 9 行　0****\n12345工单_20250302.xlsx 第 11 行　0****"
    assert row[5].startswith("请补全号码")


def test_an_empty_column_alone_is_no_reason_to_write_to_a_department(tmp_path):
    assert made(tmp_path, quarantine().iloc[:0], unmapped().iloc[:0], examples(problem="空")) == {}


def test_the_fault_of_a_whole_delivery_is_one_line_and_not_one_for_each_of_its_rows(tmp_path):
    held = [
        quarantine(
            rule="held", row_number=number, reason="整批挂起：请核对后重新交付", column_name=None, value_masked=None
        )
        for number in range(4, 304)
    ]
    made(tmp_path, pd.concat([*held, quarantine()]), unmapped().iloc[:0])
    rows = read(tmp_path / "校核纠错_hotline.xlsx")["请更正的行"][2:]
    assert [row[4] for row in rows] == ["4–303，共 300 行", 7.0]
    assert rows[0][7] == "整批挂起"
    assert rows[0][8].startswith("请核对后重新导出并交付；确认无误的，请回复数据组")


def test_a_list_prints_on_a4_landscape_with_its_header_on_each_page_and_a_frozen_head_on_the_screen(tmp_path):
    made(tmp_path, quarantine(), unmapped(), examples())
    book = openpyxl.load_workbook(tmp_path / "校核纠错_hotline.xlsx")
    assert book.sheetnames == ["说明", "请更正的行", "请核对的列", "未登记的代码值"]
    for sheet in book.worksheets[1:]:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)  # not written: 1
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes == "A3"
        assert sheet.print_title_rows == "$2:$2"
        assert sheet.auto_filter.ref.startswith("A2:")
    (choice,) = book["请更正的行"].data_validations.dataValidation
    assert choice.formula1 == f'"{",".join(ANSWERS)}"'
    assert str(choice.sqref) == "J3"


def test_each_source_has_its_own_workbook_and_a_clean_one_has_none(tmp_path):
    assert set(made(tmp_path, quarantine(), unmapped("grid"))) == {"hotline", "grid"}
    assert made(tmp_path / "none", quarantine().iloc[:0], unmapped().iloc[:0]) == {}
    assert not (tmp_path / "none").exists()


def test_a_file_that_could_not_be_read_has_no_row_number(tmp_path):
    made(tmp_path, quarantine(row_number=None, sheet=None, column_name=None, value_masked=None), unmapped().iloc[:0])
    row = read(tmp_path / "校核纠错_hotline.xlsx")["请更正的行"][2]
    assert row[3:7] == ["", "整个文件", "", ""]


def test_the_same_findings_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        made(tmp_path / name, quarantine(), unmapped(), examples())
    first, second = (next((tmp_path / name).iterdir()).read_bytes() for name in ("a", "b"))
    assert first == second
