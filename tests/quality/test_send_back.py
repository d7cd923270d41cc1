from datetime import date

import pandas as pd
import python_calamine

from quality.send_back import write


def quarantine(**more):
    row = {
        "source": "hotline",
        "delivery_date": date(2025, 3, 2),
        "file": "12345工单_20250302.xlsx",
        "sheet": "工单",
        "row_number": 7,
        "rule": "bad_time",
        "reason": "来电时间“13887712345”不是时间，请更正",
        "column_name": "来电时间",
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


def read(path):
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def made(folder, rows, values):
    return write(folder, as_of=date(2025, 3, 3), quarantine=rows, unmapped=values, labels={"hotline": "12345热线"})


def test_a_department_gets_the_place_of_each_row_what_is_wrong_and_room_for_the_answer(tmp_path):
    assert made(tmp_path, quarantine(), unmapped()) == {"hotline": "校核纠错_hotline.xlsx"}
    sheets = read(tmp_path / "校核纠错_hotline.xlsx")
    header, row = sheets["请更正的行"]
    assert header[-3:] == ["核实结果", "核实人", "核实日期"]
    assert row[:5] == ["2025-03-02", "12345工单_20250302.xlsx", "工单", 7.0, "来电时间"]
    assert row[5] == "来电时间“***”不是时间，请更正"
    # a value that looks like a formula stays text
    assert sheets["未登记的代码值"][1][:3] == ["满意度", "=1+1", 31.0]


def test_each_source_has_its_own_workbook_and_a_clean_one_has_none(tmp_path):
    assert set(made(tmp_path, quarantine(), unmapped("grid"))) == {"hotline", "grid"}
    assert made(tmp_path / "none", quarantine().iloc[:0], unmapped().iloc[:0]) == {}
    assert not (tmp_path / "none").exists()


def test_a_file_that_could_not_be_read_has_no_row_number(tmp_path):
    made(tmp_path, quarantine(row_number=None, sheet=None, column_name=None), unmapped().iloc[:0])
    row = read(tmp_path / "校核纠错_hotline.xlsx")["请更正的行"][1]
    assert row[2:5] == ["", "", ""]


def test_the_same_findings_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        made(tmp_path / name, quarantine(), unmapped())
    first, second = (next((tmp_path / name).iterdir()).read_bytes() for name in ("a", "b"))
    assert first == second
