import io

import pytest

from tests.warehouse.conftest import AS_OF
from warehouse import shell
from warehouse.publish import publish


@pytest.fixture
def warehouse(filled):
    return publish(filled, as_of=AS_OF).warehouse


def test_a_query_shows_its_whole_result(warehouse, capsys):
    assert shell.run(warehouse, "SELECT dispute_id, category_name FROM dispute ORDER BY 1") == 0
    assert "邻里纠纷/用水、排水、通行、通风、采光纠纷" in capsys.readouterr().out


def test_a_wrong_query_says_so_and_nothing_can_be_changed(warehouse, capsys):
    assert shell.run(warehouse, "SELECT nothing FROM dispute") == 1
    assert "nothing" in capsys.readouterr().err
    assert shell.run(warehouse, "DROP VIEW dispute") == 1
    assert shell.run(warehouse, "SELECT count(*) FROM dispute") == 0


def test_without_a_publication_it_says_what_to_do(tmp_path, capsys):
    assert shell.run(tmp_path / "warehouse.duckdb", "SELECT 1") == 2
    assert "dispute-lake run" in capsys.readouterr().err


def test_a_prompt_reads_statements_over_several_lines(warehouse, capsys, monkeypatch):
    monkeypatch.setattr(
        "sys.stdin", io.StringIO(".tables\n.columns dispute\n.macros\nSELECT count(*) AS disputes\nFROM dispute;\n")
    )
    assert shell.run(warehouse) == 0
    shown = capsys.readouterr().out
    assert "comparison_period" in shown and "纠纷编号" in shown and "dispute_timeline" in shown and "disputes" in shown
