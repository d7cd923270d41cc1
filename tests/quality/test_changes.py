import pandas as pd

from quality.changes import emptied, since_last
from quality.suites import DIMENSIONS

DAYS = pd.to_datetime(["2025-03-02", "2025-03-03"])


def texts(**changed):
    """The sentences of a source of two deliveries with nothing to tell but what ``changed`` holds."""
    frames = {
        "delivery": account([100, 100], [0, 0]),
        "quarantine": pd.DataFrame(columns=["delivery_date", "rule", "column_name"]),
        "unmapped": pd.DataFrame(columns=["column_name", "value", "event_count", "first_delivery_date"]),
        "scores": marks([100.0, 100.0]),
        "measured": pd.DataFrame(columns=["delivery_date", "expectation", "evaluated_rows", "unexpected_count"]),
        "expectations": pd.DataFrame({"expectation": ["filled"], "says": ["要填写"], "allowed_share": [0.1]}),
        "column_count": cells([100, 100], [0, 0]),
    }
    return [(change.tone, change.text) for change in since_last(**(frames | changed))]


def account(read, quarantined, status="accepted"):
    return pd.DataFrame(
        {
            "delivery_date": DAYS[: len(read)],
            "file": "a.csv",
            "status": status,
            "rows_read": read,
            "rows_accepted": read,
            "rows_superseded": 0,
            "rows_quarantined": quarantined,
        }
    )


def marks(values):
    return pd.DataFrame({"delivery_date": DAYS} | dict.fromkeys((*DIMENSIONS, "总分"), values))


def cells(rows, empty):
    return pd.DataFrame(
        {"delivery_date": DAYS, "side_list": "", "column_name": "报警人", "row_count": rows, "empty_count": empty}
    )


def test_a_quiet_day_tells_its_rows_alone():
    assert texts() == [("plain", "读入 100 行（+0）")]


def test_a_first_delivery_has_nothing_to_be_compared_with():
    assert texts(delivery=account([100], [0])) == [("plain", "首次交付，读入 100 行")]


def test_rows_marks_and_a_held_file_are_told():
    found = texts(delivery=account([100, 90], [0, 9], status="held"), scores=marks([99.0, 91.5]))
    assert found[:3] == [
        ("bad", "读入 90 行（-10），隔离 9 行（+9）"),
        ("bad", "a.csv 整批挂起"),
        ("bad", "总分 99.0 → 91.5（-7.5）"),
    ]


def test_a_reason_is_new_only_where_the_delivery_before_had_none():
    rows = pd.DataFrame(
        {
            "delivery_date": [DAYS[0], DAYS[1], DAYS[1], DAYS[1]],
            "rule": ["bad_json", "bad_json", "impossible_time", "impossible_time"],
            "column_name": [None, None, "报警时间", "报警时间"],
        }
    )
    assert texts(quarantine=rows)[1:] == [("bad", "新的隔离原因：时间不可能（报警时间） 2 行")]


def test_values_that_came_with_the_newest_delivery_are_named():
    values = pd.DataFrame(
        {
            "column_name": "满意度",
            "value": ["旧", "很满意", "13887712345"],
            "event_count": [9, 5, 1],
            "first_delivery_date": [DAYS[0], DAYS[1], DAYS[1]],
        }
    )
    assert texts(unmapped=values)[1:] == [("bad", "新的未登记值：满意度“很满意”、满意度“***”")]


def test_an_expectation_that_began_or_ceased_to_fail_is_told_one_that_goes_on_is_not():
    def counts(before, now):
        return pd.DataFrame(
            {"delivery_date": DAYS, "expectation": "filled", "evaluated_rows": 100, "unexpected_count": [before, now]}
        )

    assert texts(measured=counts(5, 20))[1:] == [("bad", "开始达不到：要填写（20.0% 不满足，容许 10.0%）")]
    assert texts(measured=counts(20, 5))[1:] == [("good", "重新达到：要填写（20.0% → 5.0%）")]
    assert texts(measured=counts(20, 30))[1:] == []
    assert texts(measured=counts(10, 10))[1:] == []


def test_columns_that_came_went_or_grew_emptier_are_told():
    assert texts(column_count=cells([100, 100], [100, 20]))[1:] == [("plain", "新出现的列：报警人")]
    assert texts(column_count=cells([100, 100], [10, 100]))[1:] == [("bad", "整列没有值：报警人（此前 90% 有值）")]
    assert texts(column_count=cells([100, 100], [10, 60]))[1:] == [("bad", "空得更多的列：报警人（10% → 60%）")]


def test_a_few_rows_or_a_step_that_chance_explains_say_nothing_about_a_column():
    assert texts(column_count=cells([100, 3], [10, 3]))[1:] == []
    assert texts(column_count=cells([100, 40], [50, 26]))[1:] == []
    assert texts(column_count=cells([1000, 100], [0, 1]))[1:] == []


def test_a_column_not_seen_before_has_no_share_before():
    row = emptied(cells([100, 100], [0, 0]).iloc[1:], DAYS[1]).iloc[0]
    assert pd.isna(row["share_before"])
    assert row["share_now"] == 0
