import json

import pandas as pd

from quality import columns
from quality.text import mask_cell
from sources import contract

from .conftest import fill

DAY = "2025-03-02"


def deliver(lake, cells, *, row_number, day=DAY, disposition="accepted", rule=None, column=None, **record):
    place = {"source": "police", "delivery_date": day, "file": "a.csv", "sheet": None, "row_number": row_number}
    fill(
        lake,
        "raw_row",
        [place | {"disposition": disposition, "rule": rule, "column": column, "content": json.dumps(cells)}],
    )
    if disposition == "accepted":
        fill(lake, "raw_record", [place | {"source_record_id": str(row_number), "reported_at": DAY} | record])
    if not lake.execute("select 1 from raw_file where source = 'police' and delivery_date = ?", [day]).fetchall():
        fill(lake, "raw_file", [{"source": "police", "delivery_date": day, "file": "a.csv", "status": "accepted"}])


def measured(lake):
    found = columns.measure(lake, [contract.load("police")])
    counts = found.count.set_index("column_name")[["row_count", "empty_count", "invalid_count"]]
    return counts, found.example.set_index(["column_name", "problem"])


def test_cells_left_empty_and_placeholders_of_the_source_are_empty(lake):
    deliver(lake, {"接警单编号": "1", "报警人": "王伟", "经度": "102.5"}, row_number=2, longitude=102.5)
    deliver(lake, {"接警单编号": "2", "报警人": "无", "经度": "0.0"}, row_number=3)
    deliver(lake, {"接警单编号": "3"}, row_number=4)
    counts, examples = measured(lake)
    assert counts.loc["报警人"].tolist() == [3, 2, 0]
    assert counts.loc["经度"].tolist() == [3, 2, 0]
    assert counts.loc["接警单编号"].tolist() == [3, 0, 0]
    assert examples.loc[("报警人", "空"), "row_number"].tolist() == [3, 4]


def test_what_cannot_be_used_is_counted_with_its_kind_and_shown_masked(lake):
    cells = {
        "接警单编号": "1", "报警电话": "00000", "联系电话": "13887712345", "报警人证件号": "530402198703120011",
        "警情级别": "特级", "经度": "东经一百零二度",
    }  # fmt: skip
    deliver(lake, cells, row_number=2, unknown_codes=["警情级别=特级"])
    counts, examples = measured(lake)
    assert counts.loc[["报警电话", "报警人证件号", "警情级别", "经度"], "invalid_count"].tolist() == [1, 1, 1, 1]
    assert counts.loc["联系电话"].tolist() == [1, 0, 0]
    assert examples.loc[("报警电话", "不是可用的电话号码"), "value_masked"] == "0****"
    assert examples.loc[("报警人证件号", "证件号码的校验码不对"), "value_masked"] == "5********"
    assert examples.loc[("警情级别", "未登记的代码值"), "value_masked"] == "特*"
    assert examples.loc[("经度", "不是数字，已按空值采用"), "value_masked"] == "东******"
    assert "13887712345" not in examples.to_csv()


def test_a_row_set_aside_counts_against_the_column_it_was_set_aside_for(lake):
    deliver(
        lake, {"接警单编号": "1", "报警时间": "2062-01-01"}, row_number=2, disposition="quarantined",
        rule="impossible_time", column="报警时间",
    )  # fmt: skip
    counts, examples = measured(lake)
    assert counts.loc["报警时间"].tolist() == [1, 0, 1]
    assert examples.loc[("报警时间", "不合格，整行隔离"), "value_masked"] == "2062-01-01"


def test_a_row_whose_cells_slipped_sideways_does_not_count(lake):
    deliver(lake, {"接警单编号": "1"}, row_number=2)
    deliver(lake, {"接警单编号": "x", "报警人": "1"}, row_number=3, disposition="quarantined", rule="ragged_row")
    deliver(lake, {"接警单编号": "合计"}, row_number=4, disposition="ignored", rule="total")
    lake.execute("update raw_row set content = 'not json' where source = 'police' and row_number = 4")
    counts, _ = measured(lake)
    assert set(counts["row_count"]) == {1}


def test_a_column_under_another_name_is_counted_under_its_declared_name_and_a_new_one_is_told_apart(lake):
    deliver(lake, {"警情编号": "1", "报警地址": "北门街", "出警人员": "李"}, row_number=2)
    found = columns.measure(lake, [contract.load("police")]).count.set_index("column_name")
    assert found.loc["警情地址", "empty_count"] == 0
    assert not found.loc["出警人员", "is_declared"]
    assert "报警地址" not in found.index


def test_only_the_newest_deliveries_are_looked_at(lake):
    days = pd.date_range("2025-01-01", periods=columns.WINDOW + 2)
    for day in days:
        deliver(lake, {"接警单编号": "1"}, row_number=2, day=str(day.date()))
    found = columns.measure(lake, [contract.load("police")]).count
    assert sorted(pd.to_datetime(found["delivery_date"]).unique()) == list(days[2:])


def test_a_source_without_rows_gives_empty_frames(lake):
    found = columns.measure(lake, [contract.load("grid")])
    assert list(found.count.columns) == columns.COUNT_COLUMNS
    assert list(found.example.columns) == columns.EXAMPLE_COLUMNS
    assert found.count.empty


def test_the_mask_of_a_cell_keeps_times_and_short_codes_and_else_the_first_character():
    cells = ["王伟", "13887712345", "2062-01-01 08:00:00", "01", "A-1", "王", None]
    assert [mask_cell(cell) for cell in cells] == ["王*", "1********", "2062-01-01 08:00:00", "01", "A-1", "王", ""]
