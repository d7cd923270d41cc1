import json

import duckdb
import pandas as pd
import polars
import pytest

from tests.warehouse.conftest import AS_OF, ID_NUMBER, NAME, NEIGHBOUR, PHONE
from warehouse.delivery.feed import FEEDS
from warehouse.publish import publish


@pytest.fixture
def told(filled):
    """The small world with one warning told today, and one held back."""
    notice = {
        "notice_date": AS_OF, "recipient_code": "530402", "recipient_tier": "县", "warning_id": "w_1", "rule": "surge",
        "level": "橙", "told_because": "新发", "raised_on": AS_OF, "rank": 1, "is_held_back": False,
    }  # fmt: skip
    filled.replace("core_warning_notice", pd.DataFrame([notice, notice | {"rank": 2, "is_held_back": True}]))
    publish(filled, as_of=AS_OF, label="模拟数据")
    return filled


def test_the_feed_is_the_same_in_parquet_and_json_and_its_schema_says_what_is_in_it(told):
    folder = told.published / "feed"
    about = json.loads((folder / "schema.json").read_text("utf-8"))
    assert about["label"] == "模拟数据" and about["as_of"].startswith(str(AS_OF))
    assert [each["name"] for each in about["files"]] == [table.name for table in FEEDS]
    for each in about["files"]:
        frame = polars.read_parquet(folder / f"{each['name']}.parquet")
        names = [column["name"] for column in each["columns"]]
        assert frame.columns == names and frame.height == each["rows"]
        loaded = json.loads((folder / f"{each['name']}.json").read_text("utf-8"))
        assert len(loaded) == each["rows"] and all(list(row) == names for row in loaded)


def test_only_what_was_told_today_and_what_changed_in_seven_days_is_in_it(told):
    folder = told.published / "feed"
    warnings = polars.read_parquet(folder / "feed_warning.parquet")
    assert warnings.select("recipient_code", "warning_id", "rank").rows() == [("530402", "w_1", 1)]
    changed = polars.read_parquet(folder / "feed_dispute.parquet")
    assert changed["dispute_id"].to_list() == ["dp_3", "dp_4"]


def test_no_person_leaves_with_the_feed_and_a_confidential_dispute_shows_no_content(told):
    folder = told.published / "feed"
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
    assert not any(secret in text for secret in (NAME, NEIGHBOUR, PHONE, ID_NUMBER))
    hidden = polars.read_parquet(folder / "feed_dispute.parquet").filter(polars.col("is_confidential"))
    assert hidden.height == 1 and hidden["title"].to_list() == [None]


def test_the_link_moves_with_the_publication_and_never_back(told):
    link = told.published / "feed"
    first = link.resolve()
    assert not publish(told, as_of=AS_OF, label="模拟数据").is_new and link.resolve() == first
    link.unlink()
    publish(told, as_of=AS_OF, label="模拟数据")
    assert link.resolve() == first
    told.replace("core_warning", pd.DataFrame())
    second = publish(told, as_of=AS_OF, label="模拟数据")
    assert link.resolve() == (second.folder / "feed").resolve()
    assert json.loads((link / "schema.json").read_text("utf-8"))["publication"] == second.number
    with duckdb.connect(str(second.warehouse), read_only=True) as con:
        assert con.execute("SELECT number FROM publication").fetchall() == [(second.number,)]
