import pytest

from transforms import dates


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2025年3月5日签订", ["2025-03-05"]),
        ("二0一九年三月二十日", ["2019-03-20"]),
        ("2018年元月2号求助", ["2018-01-02"]),
        ("2019.3.4的公告，2025-02-14报警", ["2019-03-04", "2025-02-14"]),
        ("从9月10月到11月", ["--09", "--10", "--11"]),
        ("今年三月底", ["--03"]),
        ("2019年4月23提交", ["2019-04-23"]),
        ("2024年底散伙", ["2024"]),
        ("04年参保，98年离婚", ["2004", "1998"]),
        ("19年9月份开学", ["2019-09"]),
        ("11.5号到县里", ["--11-05"]),
    ],
)
def test_dates_as_far_as_they_are_told(text, values):
    assert [value for _, _, value in dates.find(text)] == values


@pytest.mark.parametrize(
    "text",
    ["3个月没发工资", "延期3月", "70年产权", "工作10年了", "6.1.2条款", "电话0877-2012-11", "昨天22时", "32月40日"],
)
def test_lengths_of_time_and_other_numbers_are_no_dates(text):
    assert dates.find(text) == []
