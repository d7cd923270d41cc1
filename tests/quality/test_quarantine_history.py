import json
from datetime import date

import duckdb
import pytest

from quality import quarantine_history
from sources.tables import RAW_FILE, RAW_ROW
from tests.quality.conftest import fill
from transforms.tables import CORE_EVENT, CORE_QUARANTINE_HISTORY

FILE = "工单.xlsx"
MONDAY, TUESDAY, FRIDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 7)


def row(number, record=None, *, rule=None, day="2025-03-02", file=FILE, **cells):
    return {
        "source": "hotline", "delivery_date": day, "file": file, "sheet": "工单", "row_number": number,
        "source_record_id": record, "disposition": "quarantined" if rule else "accepted", "rule": rule,
        "reason": f"第 {number} 行：来电人王建国" if rule else None, "column": "来电时间" if rule else None,
        "content": json.dumps(cells or {"工单编号": record}, ensure_ascii=False),
    }  # fmt: skip


def mask(rows):
    assert rows["content"].notna().all()
    return rows.assign(reason=rows["reason"].str.replace("王建国", "王**"))


class Lake:
    """Deliveries as they stand, and the history that grows over them."""

    def __init__(self):
        self.history = None

    def publish(self, as_of, rows, *, content="a", status="accepted"):
        with duckdb.connect() as con:
            for table in (RAW_ROW, RAW_FILE, CORE_EVENT, CORE_QUARANTINE_HISTORY):
                con.register("declared", table.schema.empty_table())
                con.execute(f"CREATE TABLE {table.name} AS FROM declared")
            fill(con, "raw_row", rows)
            files = {(each["delivery_date"], each["file"]) for each in rows}
            fill(
                con, "raw_file",
                [
                    {"source": "hotline", "delivery_date": day, "file": file, "signature": content, "status": status,
                     "rows_valid": 1}
                    for day, file in sorted(files)
                ],
            )  # fmt: skip
            origin = ("source", "delivery_date", "file", "sheet", "row_number", "source_record_id")
            taken = [each for each in rows if each["disposition"] == "accepted" and each["source_record_id"]]
            fill(con, "core_event", [{name: each[name] for name in origin} for each in taken])
            if self.history is not None:
                con.register("former", self.history)
                con.execute("INSERT INTO core_quarantine_history FROM former")
            self.history = quarantine_history.update(con, as_of=as_of, mask=mask)
        return self.history


@pytest.fixture
def lake():
    return Lake()


def states(history):
    return dict(zip(history["identity"], history["state"], strict=True))


def test_a_row_enters_masked_and_only_one_without_a_number_keeps_its_content(lake):
    history = lake.publish(MONDAY, [row(4, "H1", rule="impossible_time"), row(5, rule="missing_record_id", 姓名="李")])
    numbered, nameless = history.sort_values("row_number").to_dict("records")
    assert (numbered["identity"], numbered["state"], numbered["first_seen_at"]) == ("H1", "open", MONDAY)
    assert "王**" in numbered["reason"]
    assert history["content"].notna().sum() == 1
    assert json.loads(nameless["content"]) == {"姓名": "李"}


def test_a_corrected_delivery_settles_the_row_wherever_it_stands_now(lake):
    lake.publish(MONDAY, [row(4, "H1", rule="impossible_time")])
    history = lake.publish(TUESDAY, [row(9, "H1")], content="b")
    [told] = history.to_dict("records")
    assert (told["state"], told["how"], told["settled_at"]) == ("accepted", "redelivered", TUESDAY)
    assert (told["accepted_delivery_date"], told["accepted_row_number"]) == (date(2025, 3, 2), 9)
    assert (told["rule"], told["row_number"]) == ("impossible_time", 4)


def test_the_same_content_taken_in_later_is_a_changed_rule_or_a_persons_acceptance(lake):
    lake.publish(MONDAY, [row(4, "H1", rule="impossible_time"), row(5, "H2", rule="held")])
    history = lake.publish(TUESDAY, [row(4, "H1"), row(5, "H2")])
    assert dict(zip(history["identity"], history["how"], strict=True)) == {"H1": "rule_change", "H2": "acceptance"}


def test_a_row_that_is_no_longer_delivered_is_gone_and_not_taken_in(lake):
    lake.publish(MONDAY, [row(4, "H1", rule="impossible_time")])
    history = lake.publish(TUESDAY, [row(4, "H2")], content="b")
    assert states(history) == {"H1": "gone"}


def test_a_later_delivery_of_the_record_is_told_but_an_earlier_one_is_not(lake):
    before = row(2, "H1", day="2025-03-01")
    aside = row(4, "H1", rule="impossible_time")
    assert states(lake.publish(MONDAY, [before, aside])) == {"H1": "open"}
    [told] = lake.publish(FRIDAY, [before, aside, row(7, "H1", day="2025-03-06")]).to_dict("records")
    assert (told["state"], told["accepted_delivery_date"], told["settled_at"]) == ("later", date(2025, 3, 6), FRIDAY)


def test_a_row_without_a_number_is_known_by_its_place_and_cells(lake):
    aside = row(4, rule="missing_record_id", 姓名="李", 地址="东风路", 内容="噪音")
    lake.publish(MONDAY, [aside])
    same = row(4, "H9", 工单编号="H9", 姓名="李", 地址="东风路", 内容="施工噪音")
    assert states(lake.publish(TUESDAY, [same], content="b"))[f"{FILE}|工单|4"] == "accepted"


def test_another_row_at_the_place_of_one_without_a_number_is_not_taken_for_it(lake):
    lake.publish(MONDAY, [row(4, rule="missing_record_id", 姓名="李", 地址="东风路", 内容="噪音")])
    other = row(4, "H9", 工单编号="H9", 姓名="赵", 地址="人民路", 内容="噪音")
    assert set(states(lake.publish(TUESDAY, [other], content="b")).values()) == {"gone"}


def test_a_file_that_could_not_be_read_is_settled_by_a_readable_one_of_its_name(lake):
    lake.publish(MONDAY, [row(None, rule="corrupt_xlsx")], status="quarantined")
    assert set(states(lake.publish(TUESDAY, [row(4, "H1")], content="b")).values()) == {"accepted"}


def test_a_row_that_is_set_aside_again_is_open_again(lake):
    lake.publish(MONDAY, [row(4, "H1", rule="impossible_time")])
    lake.publish(TUESDAY, [row(4, "H1")], content="b")
    again = lake.publish(FRIDAY, [row(4, "H1", rule="impossible_time")])
    assert states(again) == {"H1": "open"}
    assert again[["settled_at", "how", "accepted_file"]].isna().all(axis=None)
    assert again["first_seen_at"].tolist() == [MONDAY]


def test_doing_it_again_on_another_day_changes_nothing(lake):
    rows = [row(4, "H1", rule="impossible_time"), row(5, "H1", rule="impossible_time"), row(6, "H2")]
    lake.publish(MONDAY, rows)
    settled = lake.publish(TUESDAY, rows[1:], content="b")
    assert settled["occurrence"].tolist() == [1, 2]
    again = lake.publish(FRIDAY, rows[1:], content="b")
    assert again.equals(settled)
