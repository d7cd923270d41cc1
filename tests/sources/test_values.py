from datetime import datetime

import pytest

from sources import values
from sources.contract import TIME_FORMATS


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2025-03-01 08:15:02", "2025-03-01 08:15:02"),
        ("20250301081502", "2025-03-01 08:15:02"),
        ("20250301", "2025-03-01 00:00:00"),
        ("45717.34377314815", "2025-03-01 08:15:02"),
        ("45717", "2025-03-01 00:00:00"),
        ("2019/2/14 20:00:00", "2019-02-14 20:00:00"),
        ("2019/7/9 8:05", "2019-07-09 08:05:00"),
        ("2025年3月1日 8时15分2秒", "2025-03-01 08:15:02"),
        ("2025年3月1日", "2025-03-01 00:00:00"),
        ("2025-03-01T00:15:02+00:00", "2025-03-01 08:15:02"),
        ("2025-03-01T08:15:02+08:00", "2025-03-01 08:15:02"),
        ("2025-03-01T00:15:02Z", "2025-03-01 08:15:02"),
        ("2025-03-01T08:15:02.123", "2025-03-01 08:15:02"),
        ("2025-03-01 24:00:00", "2025-03-02 00:00:00"),
    ],
)
def test_times_as_exports_write_them(cell, expected):
    assert values.time(cell, TIME_FORMATS) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "cell", ["2025-02-30 08:00:00", "20251301081502", "昨天", "12345", "99999", "2025-03-01 25:00:00", "20250301 0815"]
)
def test_what_is_no_time_is_refused(cell):
    with pytest.raises(ValueError, match=r".+"):
        values.time(cell, TIME_FORMATS)


def test_a_format_that_is_not_registered_is_refused():
    with pytest.raises(ValueError, match="45717"):
        values.time("45717", ["iso"])


def test_a_deadline_without_a_time_ends_with_its_day():
    assert values.time("2025-03-09", TIME_FORMATS, end_of_day=True) == datetime.fromisoformat("2025-03-09 23:59:59")
    assert values.time("2025-03-09 12:00:00", TIME_FORMATS, end_of_day=True).hour == 12


def test_whole_numbers_as_people_write_them():
    assert values.integers(["30", "30.0", "30人", "约30余人", None, "十几人"]) == ([30, 30, 30, 30, None, None], [5])


def test_decimal_numbers_as_people_write_them():
    cells = ["5", "5个工作日", "5 天", "1,203.5", "１２", "102.54°", "1,2", "五", "5小时", None]
    assert values.numbers(cells) == ([5, 5, 5, 1203.5, 12, 102.54, None, None, None, None], [6, 7, 8])
    assert values.integers(["1,203人"]) == ([1203], [])


def test_codes_are_mapped_and_unknown_ones_say_so():
    mapped, unknown = values.coded(["处置", "处置[作废]", "挂起", None], {"处置": "办理中"}, {"*作废*": "作废"})
    assert mapped == ["办理中", "作废", "未知", None]
    assert unknown == [2]


@pytest.mark.parametrize("cell", ["已办结", " 已 办结", "已办结\u3000", "已\n办结"])
def test_a_code_that_is_only_spelt_differently_is_known(cell):
    assert values.coded([cell], {"已办结": "已办结"}, {}) == (["已办结"], [])


@pytest.mark.parametrize("cell", ["03", "3", "3.0", "０３", "003", " 03 "])
def test_a_code_of_digits_is_known_however_a_spreadsheet_wrote_it(cell):
    codes = {"01": "待处理", "02": "办理中", "03": "已办结"}
    assert values.coded([cell], codes, {}) == (["已办结"], [])
    assert values.coded(["30", "0", "3.5"], codes, {}) == (["未知"] * 3, [0, 1, 2])


def test_codes_that_differ_only_in_spelling_are_not_guessed():
    codes = {"1": "待处理", "01": "办理中"}
    assert values.coded(["1", "01", "001"], codes, {}) == (["待处理", "办理中", "未知"], [2])


def test_a_pattern_sees_full_width_brackets():
    assert values.coded(["处置［作废］"], {}, {"*[[]作废]": "作废"}) == (["作废"], [])


def test_yes_and_no_in_their_spellings():
    assert values.booleans(["是", "否", "1.0", "0", "TRUE", "Y", None, "也许"], None) == (
        [True, False, True, False, True, True, None, None],
        [7],
    )
