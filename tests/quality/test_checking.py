from datetime import date

import pytest

from quality.checking import check
from quality.suites import load_all
from quality.validate import validate

AS_OF = date(2025, 3, 3)
SUITES = {suite.name: suite for suite in load_all()}


def failing(lake, name):
    found = check(lake, SUITES[name], as_of=AS_OF).set_index("expectation")
    return found.loc[~found["success"].astype(bool)]


@pytest.mark.parametrize("name", sorted(SUITES))
def test_a_check_says_what_the_results_will_say(lake, name):
    lake.execute("update core_event set text = null, status = '未知' where row_number in (4, 5)")
    lake.execute("update core_dispute set risk_level = '极高', status = null")
    found = check(lake, SUITES[name], as_of=AS_OF)
    kept = validate(lake, [SUITES[name]], as_of=AS_OF).result
    kept = kept.loc[kept["suite"] == name]
    if kept.empty:  # a source without a record
        assert (found["evaluated_rows"] == 0).all()
        assert found["success"].all()
        return
    columns = ["expectation", "success", "evaluated_rows", "unexpected_count"]
    assert found[columns].to_dict("records") == kept[columns].to_dict("records")


def test_places_to_look_at_are_file_and_row_or_an_id_and_never_a_value(lake):
    lake.execute("update core_event set status = '13887712345' where row_number in (4, 6)")
    wrong = failing(lake, "hotline").loc["status_known"]
    assert wrong["examples"] == ["2025-03-02 a.xlsx 工单 第 6 行", "2025-03-02 a.xlsx 工单 第 4 行"]
    lake.execute("update core_dispute set risk_level = '极高'")
    assert failing(lake, "dispute").loc["risk_known", "examples"] == ["dp_1"]
    assert "13887712345" not in failing(lake, "event").to_json()
