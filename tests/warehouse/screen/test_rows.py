"""What a number opens: pages, CSV, one dispute; and what a browser may ask for."""

import csv
import io

import pytest

from warehouse.screen import rows
from warehouse.screen.choices import ChoiceRefused, selection, sentence
from warehouse.screen.snapshot import Snapshot


@pytest.fixture(scope="module")
def seen(published):
    return Snapshot(published.warehouse)


def chosen(seen, **asked):
    return selection({"of": "dispute"} | asked, city=seen.city)


def test_the_csv_has_all_rows_and_opens_in_a_spreadsheet(seen):
    everything = chosen(seen)
    made = b"".join(rows.as_csv(seen, everything))
    assert made.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig"))))
    assert len(read) == rows.total(seen, everything) > rows.PAGE
    assert read[0]["风险"] in ("高", "中", "低")
    assert {row["超期"] for row in read} <= {"是", "否"}
    assert rows.file_name(seen, everything, "模拟数据").startswith("模拟数据_纠纷_玉溪市_第")


def test_a_text_that_looks_like_a_formula_is_none_in_the_csv():
    assert rows._cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert rows._cell("-1+2") == "'-1+2"
    assert rows._cell("邻里纠纷") == "邻里纠纷"
    assert rows._cell(-3) == -3


def test_pages_do_not_overlap_and_a_page_beyond_the_last_is_the_last(seen):
    first = rows.page(seen, chosen(seen), 1)
    second = rows.page(seen, chosen(seen), 2)
    assert len(first["rows"]) == rows.PAGE
    assert not {row["dispute_id"] for row in first["rows"]} & {row["dispute_id"] for row in second["rows"]}
    assert rows.page(seen, chosen(seen), 10**6)["page"] == first["pages"]


def test_a_dispute_is_told_over_all_systems_with_its_evidence(seen):
    many = seen._con.execute(
        "SELECT dispute_id, event_count, source_count FROM board ORDER BY 3 DESC, 2 DESC, 1"
    ).fetchall()
    dispute_id, event_count, source_count = many[0]
    told = rows.dispute(seen, dispute_id)
    assert len(told["timeline"]) == event_count
    assert len({event["source"] for event in told["timeline"]}) == source_count
    assert [event["reported_at"] for event in told["timeline"]] == sorted(
        event["reported_at"] for event in told["timeline"]
    )
    linked = [event for event in told["timeline"] if event["link_kind"] != "first"]
    assert linked
    assert all(event["explanation"] for event in linked)
    assert len(told["missing"]) == 5 - source_count
    alarms = seen._con.execute("SELECT count(*) FROM alarm WHERE dispute_id = $id", {"id": dispute_id}).fetchall()[0][0]
    assert len(told["warnings"]) == alarms


def test_an_unknown_dispute_is_a_sentence(seen):
    with pytest.raises(ChoiceRefused, match="没有纠纷 d_none"):
        rows.dispute(seen, "d_none")


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "event"},
        {"area": "530402' OR 1=1 --"},
        {"area": "53"},
        {"category": "1;DROP TABLE board"},
        {"risk": "很高"},
        {"since": "2025-13-01"},
        {"since": "0001-01-01"},
        {"state": "closed"},
        {"overdue": "true"},
        {"systems": "2"},
        {"nothing": "1"},
        {"source": "a b"},
        {"of": "warning", "level": "紫"},
        {"of": "notice", "held": "x"},
    ],
)
def test_what_cannot_be_chosen_is_refused_before_it_reaches_the_data(seen, asked):
    with pytest.raises(ChoiceRefused):
        selection({"of": "dispute"} | asked, city=seen.city)


def test_a_selection_says_in_chinese_what_it_is(seen):
    def says(**asked):
        return sentence(selection(asked, city=seen.city), seen.name_of)

    assert says(of="dispute", area="530402", risk="高", until="2025-03-10", state="open", overdue="1") == (
        "红塔区 · 高风险 · 超过时限 · 截至 2025-03-10 受理 · 没有化解"
    )
    assert says(of="warning", level="红", since="2025-03-10", until="2025-03-10") == "全市 · 红色 · 2025-03-10 发出"
    assert says(of="notice", held="held") == "玉溪市 · 因当日上限暂缓"
    assert says(of="dispute", area="530402-", category="06", source="police") == (
        "红塔区（没有定到下一级） · 合同及相关纠纷 · 110非警务警情有记录"
    )
