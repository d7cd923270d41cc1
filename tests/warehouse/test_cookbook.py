"""Every question of the cookbook is asked of a published lake, and of the plain clients that its first page names."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import polars
import pytest

from tests.bench.cookbook import questions

QUESTIONS = questions()


def test_there_are_at_least_thirty_questions_numbered_in_order():
    assert [question.number for question in QUESTIONS] == list(range(1, len(QUESTIONS) + 1))
    assert len(QUESTIONS) >= 30


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question.number))
def test_a_question_gives_the_columns_and_rows_that_the_document_says(published, question):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        result = con.execute(question.sql)
        assert tuple(column[0] for column in result.description) == question.columns
        rows = result.fetchall()
        assert rows == con.execute(question.sql).fetchall(), "the same rows in the same order"
    if question.is_empty:
        assert not rows, "the document says that there is no row"
    elif not question.may_be_empty:
        assert rows


def test_the_plain_duckdb_client_opens_the_warehouse_with_its_macros(published, tmp_path):
    program = Path(sys.executable).with_name("duckdb")
    query = "SELECT count(*) AS n FROM dispute_timeline((SELECT min(dispute_id) FROM dispute))"
    answer = subprocess.run(
        [program, "-readonly", "-json", str(published.warehouse), query],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(answer.stdout)[0]["n"] >= 1


def test_pandas_and_polars_read_what_duckdb_reads(published):
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        frame = con.sql("FROM dispute").df()
        table = con.sql("FROM dispute").pl()
        files = con.execute("SELECT number FROM publication").fetchall()
    assert len(frame) == table.height > 0
    direct = polars.read_parquet(published.published / "publications" / f"{files[0][0]:06d}" / "dispute" / "*.parquet")
    assert direct.columns == table.columns == frame.columns.tolist()
    assert set(direct["dispute_id"]) == set(frame["dispute_id"])
