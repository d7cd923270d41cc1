import pytest

from quality.invariants import RULES, broken, check

from .conftest import AREA, CATEGORY, event_id

ROW = "2025-03-02"
# What breaks each rule, as SQL on a lake that is in order. A rule file without an entry here fails the last test.
DAMAGE = {
    "area_is_known": "update core_event set village_code = '530402001999' where row_number = 4",
    "area_is_nested": "update core_event set county_code = '530403' where row_number = 4",
    "category_is_known": "update core_dispute set category_code = '4711'",
    "dispute_counts_its_events": "update core_dispute set event_count = 3",
    "dispute_has_ledger_entry": "delete from core_ledger",
    "dispute_is_unique": "insert into core_dispute from core_dispute",
    "dispute_record_is_placed": "delete from core_dispute_event where link_kind = 'repeat'",
    "event_has_row": "delete from raw_record where row_number = 4",
    "event_id_is_stable": "update core_event set event_id = 'ev_0' where row_number = 6",
    "event_in_one_dispute": "insert into core_dispute_event from core_dispute_event where link_kind = 'repeat'",
    "held_delivery_is_out": "update raw_file set status = 'held'",
    "link_ends_exist": "update core_link set event_id_r = 'ev_x'",
    "link_is_ordered": "update core_link set event_id_l = event_id_r",
    "not_dispute_has_reason": "update core_event set not_dispute_reason = null",
    "one_current_version": "create or replace view current_event as from core_event union all from core_event",
    "placed_dispute_exists": "update core_dispute_event set dispute_id = 'dp_9' where link_kind = 'repeat'",
    "placed_event_exists": "update core_event set is_dispute = false, not_dispute_reason = '咨询' where row_number = 5",
    "probability_in_range": "update core_link set match_probability = 1.2",
    "published_text_is_scrubbed": "update core_warning set evidence = '来电 13887712345 已三次'",
    "quarantine_has_reason": "update raw_row set reason = '' where disposition = 'quarantined'",
    "recurrence_is_known": "update core_dispute set recurrence_of = 'dp_0'",
    "rows_add_up": "update raw_file set rows_read = 6",
    "rows_are_kept": "delete from raw_row where disposition = 'ignored'",
    "token_is_no_number": "update core_event set phone_tokens = ['13887712345'] where row_number = 4",
    "valid_row_is_event": "delete from core_event where row_number = 6",
    "valid_rows_are_records": "update raw_file set rows_valid = 4",
    "verdict_is_obeyed": "update core_link set decided_by = 'verdict', match_weight = -50",
    "warning_dispute_lives": "update core_warning set dispute_id = 'dp_9'",
    "warning_is_unique": "insert into core_warning from core_warning",
}


def findings(lake):
    return check(lake, area=AREA, category=CATEGORY).set_index("rule")


def test_a_lake_in_order_breaks_no_rule_and_may_be_published(lake):
    found = check(lake, area=AREA, category=CATEGORY)
    assert found["passed"].all()
    assert broken(found) is None


@pytest.mark.parametrize("rule", sorted(DAMAGE))
def test_a_damaged_lake_breaks_the_rule_and_names_an_example(lake, rule):
    lake.execute(DAMAGE[rule])
    found = findings(lake).loc[rule]
    assert not found["passed"]
    assert found["failing"] >= 1
    assert found["examples"][0]


def test_digits_inside_a_dispute_id_are_no_phone_number(lake):
    lake.execute("update core_warning set evidence = '纠纷d_74af6ed5e19267396380于2025-03-18化解，50天后再次发生'")
    assert findings(lake).loc["published_text_is_scrubbed", "passed"]


def test_every_rule_has_a_failing_input():
    assert {path.stem for path in RULES.glob("*.sql")} == set(DAMAGE)


def test_the_refusal_is_a_sentence_with_the_rule_the_count_and_ids(lake):
    lake.execute(DAMAGE["dispute_record_is_placed"])
    sentence = broken(check(lake, area=AREA, category=CATEGORY))
    assert "已停止发布" in sentence
    assert "每条纠纷记录都归入一个纠纷（dispute_record_is_placed：1 处，如 " + event_id("hotline", "1002") in sentence


@pytest.mark.parametrize(
    "text",
    [
        "请回电13887712345",
        "请回电 138-8771-2345 或微信",
        "身份证530402198703120012。",
        "身份证53040219870312001X",
    ],
)
def test_a_phone_or_id_number_in_text_that_will_be_published_is_found(lake, text):
    lake.execute("update core_event set text_published = ? where row_number = 5", [text])
    assert findings(lake).loc["published_text_is_scrubbed", "examples"] == [event_id("hotline", "1002")]


@pytest.mark.parametrize(
    "text",
    [
        "工单 202503021388771234500 转办",  # an order number that holds a phone's digits
        "2025年3月2日 08:15，欠款 13887 元",
        "电话 138****2345",
        "警情 530402000000202503010815021",  # 27 digits
    ],
)
def test_order_numbers_dates_and_masked_phones_are_no_finding(lake, text):
    lake.execute("update core_event set text_published = ? where row_number = 5", [text])
    assert findings(lake).loc["published_text_is_scrubbed", "passed"]


def test_a_file_that_cannot_be_read_is_in_order_without_rows(lake):
    lake.execute(
        "insert into raw_file by name "
        "select 'hotline' as source, date '2025-03-03' as delivery_date, 'b.xlsx' as file, "
        "'t' as signature, 'quarantined' as status, 0 as rows_read, 0 as rows_ignored, 0 as rows_quarantined, "
        "0 as rows_valid"
    )
    lake.execute(
        "insert into raw_row by name select 'hotline' as source, date '2025-03-03' as delivery_date, 'b.xlsx' as file, "
        "'quarantined' as disposition, 'unreadable' as rule, '文件已加密，请去掉密码后重新交付' as reason"
    )
    assert findings(lake)["passed"].all()


def test_the_check_leaves_nothing_behind_on_the_connection(lake):
    check(lake, area=AREA, category=CATEGORY)
    views = lake.execute("select count(*) from duckdb_views() where view_name like 'known_%'").fetchone()
    assert views == (0,)


@pytest.mark.parametrize(
    ("column", "written", "unwritten", "rule"),
    [
        ("area_code", "汤坑社区", "无名社区", "area_is_known"),
        ("category_code", "精神文明建设", "无名类", "category_is_known"),
    ],
)
def test_a_warning_of_a_source_without_codes_may_name_what_that_source_wrote(lake, column, written, unwritten, rule):
    lake.execute("update core_event set village_name = '汤坑社区', source_category = '城市管理/精神文明建设'")
    lake.execute(f"update core_warning set {column} = ?", [written])
    assert findings(lake).loc[rule, "passed"]
    lake.execute(f"update core_warning set {column} = ?", [unwritten])
    assert findings(lake).loc[rule, "examples"] == ["wn_1"]
