from datetime import date

from tests.warehouse.conftest import AS_OF
from warehouse import shell
from warehouse.publish import publish
from warehouse.reports import first_look


def test_the_first_look_tells_rows_disputes_and_warnings(filled):
    seen = first_look.read(publish(filled, as_of=AS_OF).warehouse)
    assert seen.sources[["来源", "读入", "采用", "被新版本取代", "按规则忽略", "隔离"]].values.tolist() == [
        ["hotline", 4, 1, 1, 1, 1],
        ["合计", 4, 1, 1, 1, 1],
    ]
    assert seen.disputes[["纠纷", "纠纷记录", "跨系统的", "化解率%"]].values.tolist() == [[4, 6, 1, 25.0]]
    assert seen.warnings[["级别", "依据"]].values.tolist() == [["橙", "当日 9 件，平时 1 件"]]


def test_an_empty_lake_can_be_looked_at(lake):
    seen = first_look.read(publish(lake, as_of=AS_OF).warehouse)
    assert seen.disputes["纠纷"].tolist() == [0]
    assert seen.warnings.empty


def test_held_files_are_listed_with_their_reason(filled):
    files = filled.read("raw_file")
    filled.replace("raw_file", files.assign(status="held", reason="行数骤减"))
    warehouse = publish(filled, as_of=AS_OF).warehouse
    found = first_look.held(warehouse, [(date(2025, 3, 4), "hotline")])
    assert found[["来源", "状态", "原因"]].values.tolist() == [["hotline", "挂起", "行数骤减"]]
    assert first_look.held(warehouse, []).empty


def test_the_suggested_queries_run(filled, capsys):
    warehouse = publish(filled, as_of=AS_OF).warehouse
    for query in first_look.QUERIES:
        assert '"' not in query
        assert shell.run(warehouse, query) == 0
    assert "当日 9 件" in capsys.readouterr().out
