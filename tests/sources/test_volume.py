"""Deliveries that are too small: caught where their history permits, and no honest day."""

from datetime import date, timedelta

import pandas as pd
import pytest

from sources import contract, volume

SMALL = """\
name: small
label: 小来源
files: ["*.csv"]
record_id: 编号
columns:
  编号: {to: source_record_id, required: true}
"""
FIRST = date(2025, 6, 10)  # a Tuesday; no holiday until October
WAVE = (7, -9, 4, -5, 11, -2, 3)


def account(counts, source="small", start=FIRST, status="accepted"):
    """The accounts of one delivery a day."""
    days = [start + timedelta(days=number) for number in range(len(counts))]
    return pd.DataFrame(
        {
            "source": source,
            "delivery_date": days,
            "file": "a.csv",
            "status": status,
            "rows_valid": counts,
            "rows_quarantined": 0,
        }
    )


def usual(count, mean=200, weekend=0.6):
    """Counts of ``count`` days from `FIRST` on that vary a little and are lower for records of a weekend."""
    counts = []
    for number in range(count):
        record_day = FIRST + timedelta(days=number - 1)
        share = weekend if record_day.weekday() >= 5 else 1
        counts.append(round(mean * share) + WAVE[number % 7] + number % 3)
    return counts


def judge(counts, *, before=None, text=SMALL, accepted=(), start=FIRST):
    """Sentences by day number."""
    history = volume.rows_of(account(before or [], start=start))
    file = account(counts, start=start + timedelta(days=len(before or [])))
    rules = {"small": contract.parse(text)}
    found = volume.too_few(file, history, contract_of=rules, accepted=accepted)
    return {(day - start).days: sentence for (day, _), sentence in found.items()}


@pytest.mark.parametrize("share", [0.5, 0.3, 0])
def test_half_a_delivery_is_held_whatever_the_weekday(share):
    for last in range(28, 35):
        counts = usual(last + 1)
        counts[last] = int(counts[last] * share)
        assert list(judge(counts)) == [last]


def test_the_sentence_says_what_was_expected_and_what_to_do():
    sentence = judge([*usual(28), 90])[28]
    assert sentence == (
        "小来源 2025-07-08 的交付只有 90 行数据，前 8 周同为星期二的 4 次交付按近期水平应有约 208 行，这次不到其 60%，"
        "多半没有导全，整批挂起：请核对后重新交付；确认无误可由负责人接收"
        "（dispute-lake delivery accept small 2025-07-08 --note 理由）"
    )


def test_a_plain_day_a_weekend_and_a_large_day_are_taken():
    assert judge([*usual(60), 500]) == {}


def test_nothing_is_judged_before_28_deliveries():
    counts = usual(29)
    counts[27] = 10
    assert judge(counts) == {}
    counts[28] = 10
    assert list(judge(counts)) == [28]


def test_a_source_of_less_than_100_rows_a_day_is_never_held():
    assert judge([*usual(40, mean=80), 0]) == {}


def test_an_honest_spring_festival_is_taken_and_an_empty_file_in_it_is_not():
    start = date(2024, 12, 10)
    festival = range((date(2025, 1, 28) - start).days, (date(2025, 2, 6) - start).days)
    counts = [55 if number in festival else 200 for number in range(90)]
    assert judge(counts, start=start) == {}
    counts[festival[3]] = 2
    assert "节假日前后，已从宽" in judge(counts, start=start)[festival[3]]


def test_a_festival_does_not_lower_what_is_expected_after_it():
    start = date(2024, 12, 10)
    counts = [
        60 if date(2025, 1, 22) <= start + timedelta(days=number) <= date(2025, 2, 12) else 200 for number in range(90)
    ]
    counts[80] = 90
    assert list(judge(counts, start=start)) == [80]


def test_days_beyond_the_calendar_are_judged_by_when_holidays_can_fall():
    assert volume.is_quiet(date(2031, 1, 23))  # 春节 2031
    assert volume.is_quiet(date(2031, 10, 3))
    assert not volume.is_quiet(date(2031, 3, 20))
    assert volume.is_quiet(date(2026, 2, 10))
    assert not volume.is_quiet(date(2026, 3, 20))


def test_a_source_that_varies_much_may_fall_further():
    counts = [(60, 150, 420, 90, 260, 200, 130, 330, 45)[number % 9] * 2 for number in range(50)]
    assert judge([*counts, 90]) == {}
    assert list(judge([*counts, 4])) == [50]


def test_a_held_delivery_is_no_history_and_an_accepted_one_is():
    """A source that shrinks for good is held until the people who accept it have shown that this is its level."""
    counts = usual(35) + [round(count * 0.4) for count in usual(21)]
    assert len(judge(counts)) == 21
    days = [FIRST + timedelta(days=number) for number in range(35, 56)]
    held = judge(counts, accepted=[(day, "small") for day in days])
    assert list(held) == [35, 36, 37, 38]


def test_history_and_deliveries_of_one_run_are_judged_alike():
    counts = usual(50)
    counts[40] = 60
    whole = judge(counts)
    assert list(whole) == [40]
    day = FIRST + timedelta(days=41)
    history = pd.concat([volume.rows_of(account(counts[:40])), volume.rows_of(account(counts[41:], start=day))])
    again = account([counts[40]], start=FIRST + timedelta(days=40))
    found = volume.too_few(again, history, contract_of={"small": contract.parse(SMALL)})
    assert list(found.values()) == [whole[40]]


def test_later_deliveries_in_the_lake_say_nothing_of_an_earlier_one():
    rules = {"small": contract.parse(SMALL)}
    history = volume.rows_of(account(usual(60)))
    late = account([3], start=FIRST + timedelta(days=10))
    assert volume.too_few(late, history, contract_of=rules) == {}


def test_a_delivery_again_is_not_measured_by_its_own_first_version():
    rules = {"small": contract.parse(SMALL)}
    history = volume.rows_of(account([*usual(35), 70, 205]))
    again = account([70], start=FIRST + timedelta(days=35))
    found = volume.too_few(again, history, contract_of=rules)
    assert list(found) == [(FIRST + timedelta(days=35), "small")]


@pytest.mark.parametrize("status", ["held", "quarantined"])
def test_what_is_held_or_not_whole_is_neither_judged_nor_history(status):
    rules = {"small": contract.parse(SMALL)}
    history = volume.rows_of(account(usual(35)))
    small = account([10], start=FIRST + timedelta(days=35), status=status)
    assert volume.too_few(small, history, contract_of=rules) == {}
    assert volume.rows_of(small).empty


def test_limits_come_from_the_yaml_and_a_history_source_has_none():
    counts = [*usual(40), 90]
    assert judge(counts, text=SMALL + "contract: {volume: {lowest_share: 0.3}}\n") == {}
    assert judge(counts, text=SMALL + "contract: {volume: {min_expected: 500}}\n") == {}
    assert judge(counts, text=SMALL + "history: true\n") == {}
    assert judge([*usual(14), 90], text=SMALL + "contract: {volume: {min_deliveries: 14, min_expected: 50}}\n") == {}
    with pytest.raises(contract.ContractError, match=r"第 7 行：“contract\.volume\.lowest_share”不能大于 0\.95"):
        contract.parse(SMALL + "contract: {volume: {lowest_share: 60}}\n")


def test_files_of_one_delivery_count_together():
    rules = {"small": contract.parse(SMALL)}
    halves = [count // 2 for count in usual(40)]
    file = pd.concat([account(halves), account(halves).assign(file="b.csv")])
    assert volume.too_few(file, volume.rows_of(account([])), contract_of=rules) == {}
    assert volume.rows_of(file)["rows"].tolist() == [2 * half for half in halves]


def test_no_day_of_a_real_system_is_held_but_its_own_holiday(shared_data):
    """Real requests of a city (Boston, 92 days): its Labor Day is in no Chinese calendar. Half a file: 1 in 2 or more
    of what can be judged at all would be caught."""
    opened = pd.read_csv(shared_data / "boston311" / "requests_2011q3.csv.gz", parse_dates=["open_dt"])["open_dt"]
    counts = opened.dt.floor("D").value_counts().sort_index()
    start = (counts.index[0] + pd.Timedelta(days=1)).date()
    held = judge(counts.tolist(), start=start)
    assert [str(start + timedelta(days=number - 1)) for number in held] == ["2011-09-05"]


def test_no_busy_day_of_real_work_orders_is_held(shared_data):
    orders = pd.read_csv(
        shared_data / "street_orders" / "orders_2018_02_to_10.csv", usecols=["CREATE_TIME"], parse_dates=["CREATE_TIME"]
    )["CREATE_TIME"]
    counts = orders.dt.floor("D").value_counts().sort_index()
    counts = counts[counts.index >= "2018-06-19"]
    history = pd.DataFrame({"source": "small", "delivery_date": [], "rows": []})
    file = account(counts.tolist()).assign(delivery_date=[(day + pd.Timedelta(days=1)).date() for day in counts.index])
    assert volume.too_few(file, history, contract_of={"small": contract.parse(SMALL)}) == {}
