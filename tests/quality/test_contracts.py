from datetime import date

import pandas as pd
import pytest

from quality import contracts
from quality.contracts import MIN_ROWS, broken, contract_of
from quality.suites import Expectation, Suite, load_all
from sources.contract import FOLDER, ContractError
from sources.tables import RAW_RECORD

DAY = date(2025, 3, 2)
ALL = load_all()


def delivered(rows=40, source="hotline", **columns):
    """A delivery of ``rows`` good rows; ``columns`` replace theirs."""
    good = {
        "source": source,
        "delivery_date": DAY,
        "file": "a.xlsx",
        "sheet": "工单",
        "row_number": range(4, 4 + rows),
        "source_record_id": [f"20250301{number:06d}" for number in range(rows)],
        "reported_at": pd.Timestamp("2025-03-01 08:15:02"),
        "text": "物业不修电梯",
        "status": "已办结",
    }
    frame = pd.DataFrame(good | columns)
    return RAW_RECORD.conform(frame).to_pandas()


def test_good_deliveries_of_every_source_break_nothing():
    frames = [delivered(source=suite.source) for suite in ALL if suite.source is not None]
    assert broken(pd.concat(frames), ALL) == {}
    assert broken(RAW_RECORD.empty(), ALL) == {}


# what happened to the file, and the words that tell it
DAMAGES = {
    "of tomorrow": ({"reported_at": pd.Timestamp("2025-06-01")}, "来电时间不晚于交付日期"),
    "epoch": ({"reported_at": pd.Timestamp("1995-01-01")}, "来电时间不早于 2000 年"),
    "no time": ({"reported_at": pd.NaT}, "来电时间必须填写"),
    "ids rounded by a spreadsheet": ({"source_record_id": "20250301000000"}, "编号多半被表格软件改坏"),
    "read in another encoding": ({"text": "ÎïÒµ²»ÐÞµçÌÝ"}, "主要内容不是乱码"),
    "saved twice in another encoding": ({"text": "锟斤拷锟斤拷"}, "主要内容不是乱码"),
}


@pytest.mark.parametrize("case", sorted(DAMAGES))
def test_a_file_that_went_wrong_as_a_whole_is_told_in_one_sentence(case):
    columns, words = DAMAGES[case]
    [(delivery, sentence)] = broken(delivered(**columns), ALL).items()
    assert delivery == (DAY, "hotline")
    assert words in sentence
    assert "40 行中" in sentence
    assert "如 a.xlsx 第" in sentence
    assert "dispute-lake delivery accept hotline 2025-03-02" in sentence


def test_the_row_that_is_named_is_the_first_that_falls_short():
    [sentence] = broken(delivered(reported_at=[pd.Timestamp("2025-03-01")] * 5 + [pd.NaT] * 35), ALL).values()
    assert "40 行中 35 行不满足（88%，上限 50%），如 a.xlsx 第 9 行" in sentence


@pytest.mark.parametrize("case", sorted(DAMAGES))
def test_a_third_of_bad_rows_is_reported_later_but_holds_nothing(case):
    columns, _ = DAMAGES[case]
    bad = delivered(**columns).head(13)
    good = delivered(rows=27).assign(row_number=range(100, 127))
    assert broken(pd.concat([bad, good]), ALL) == {}


def test_a_small_delivery_is_never_held_for_what_it_says():
    assert broken(delivered(rows=MIN_ROWS - 1, reported_at=pd.NaT), ALL) == {}
    assert broken(delivered(rows=MIN_ROWS, reported_at=pd.NaT), ALL) != {}


def test_unknown_codes_hold_nothing_however_many():
    assert broken(delivered(status="未知", unknown_codes=[["工单状态=走流程"]] * 40), ALL) == {}


def test_only_the_delivery_that_is_wrong_is_held():
    other = delivered(source="police", reported_at=pd.NaT).assign(delivery_date=date(2025, 3, 3))
    both = pd.concat([delivered(), delivered(source="police"), other])
    assert list(broken(both, ALL)) == [(date(2025, 3, 3), "police")]


def test_a_stated_share_replaces_the_usual_one():
    strict = Expectation("t", "时间必须填写", "not_null", "error", "完整性", ("reported_at",), hold_below=0.95)
    suite = Suite("hotline", "热线", "record", "hotline", (strict,))
    record = delivered(reported_at=[pd.NaT] * 4 + [pd.Timestamp("2025-03-01")] * 36)
    assert "上限 5%" in broken(record, [suite])[(DAY, "hotline")]


def test_what_only_cleaning_can_tell_is_no_contract():
    def error(name, check):
        return Expectation(name, "应当如此", "holds", "error", "一致性", check=check)

    derived = error("a", "is_dispute"), error("b", "address is null"), error("c", "event_id in (from current_event)")
    raw = error("d", "address_text is null")
    suite = Suite("hotline", "热线", "record", "hotline", (*derived, raw))
    assert [each.name for each in contract_of(suite)] == ["d"]


def test_every_error_of_a_source_that_ships_is_a_contract():
    for suite in ALL:
        errors = [each.name for each in suite.expectations if each.severity == "error"]
        if suite.source is not None:
            assert [each.name for each in contract_of(suite)] == errors
        else:
            assert contract_of(suite) == ()


def test_the_fingerprint_of_a_contract_follows_what_a_delivery_can_be_held_for(tmp_path):
    (tmp_path / "hotline").mkdir()
    file = tmp_path / "hotline" / "expectations.yml"
    text = (FOLDER / "hotline" / "expectations.yml").read_text("utf-8")
    file.write_text(text, "utf-8")
    before = contracts.fingerprint("hotline", tmp_path)
    assert before == contracts.fingerprint("hotline")
    file.write_text(text.replace("severity: warn", "severity: warn ", 1) + "\n# 注", "utf-8")
    assert contracts.fingerprint("hotline", tmp_path) == before
    file.write_text(text.replace("severity: error", "severity: warn", 1), "utf-8")
    assert contracts.fingerprint("hotline", tmp_path) != before


def test_a_source_without_expectations_can_be_held_for_nothing_and_a_faulty_file_is_told(tmp_path):
    assert contracts.fingerprint("grid", tmp_path) == contracts.fingerprint("police", tmp_path)
    (tmp_path / "grid").mkdir()
    (tmp_path / "grid" / "expectations.yml").write_text("suite: [", "utf-8")
    with pytest.raises(ContractError, match=r"grid/expectations\.yml 第"):
        contracts.fingerprint("grid", tmp_path)
