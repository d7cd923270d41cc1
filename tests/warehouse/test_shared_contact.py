"""Phones told apart by what is done with them: an office's, a family's, one person's many letters."""

from pathlib import Path

import duckdb
import pandas as pd

from warehouse.registry import PUBLISHED

SQL = Path(__file__).parents[2] / "warehouse" / "sql" / "published" / "shared_contact.sql"
VIEW = PUBLISHED["shared_contact"]


def contacts(*calls, confidential=()):
    """calls: (token, surname, dispute or None), each a record of its own -> kind and counts by token"""
    rows = [
        {"event_id": f"e{n}", "phone_tokens": [token], "surname": surname, "dispute_id": dispute}
        for n, (token, surname, dispute) in enumerate(calls)
    ]
    party = pd.DataFrame(rows).assign(role="reporter", kind="person", is_full_name=True)
    party["name"] = party["surname"] + "一"
    event = party[["event_id"]].assign(source="hotline", reported_at=pd.Timestamp("2025-03-01 08:00"), town_code="t")
    event["is_confidential"] = event["event_id"].isin(confidential)
    member = party.loc[party["dispute_id"].notna(), ["event_id", "dispute_id"]]
    con = duckdb.connect()
    con.register("current_party", party.drop(columns="dispute_id"))
    con.register("event", event)
    con.register("core_dispute_event", member.astype({"dispute_id": "str"}))
    found = con.execute(SQL.read_text("utf-8")).df()
    assert {column.name for column in VIEW.table.columns} == set(found.columns)
    return found.set_index("contact_token")["contact_kind"].to_dict()


def test_many_matters_and_many_names_are_an_office():
    assert contacts(("o", "张", "d1"), ("o", "李", "d2"), ("o", "王", None)) == {"o": "公用电话"}
    assert contacts(("o", "张", "d1"), ("o", "李", "d2"), ("o", "张", "d3")) == {"o": "疑似公用电话"}


def test_one_person_with_many_letters_on_one_matter_is_none():
    assert contacts(*[("p", "张", "d1")] * 9) == {"p": "一人一事多次"}


def test_one_person_with_many_matters_is_none():
    assert contacts(("p", "张", "d1"), ("p", "张", "d2"), ("p", "张", "d3")) == {"p": "一人多事"}


def test_neighbours_who_lend_one_phone_for_one_matter_are_none():
    assert contacts(*[("p", name, "d1") for name in "张李王赵"]) == {"p": "多人同事"}


def test_an_ordinary_phone_is_not_listed_and_confidential_records_do_not_count():
    assert contacts(("p", "张", "d1"), ("p", "张", "d1")) == {}
    assert contacts(("o", "张", "d1"), ("o", "李", "d2"), ("o", "王", "d3"), confidential=("e0",)) == {}


def test_no_column_holds_a_person():
    names = {column.name for column in VIEW.table.columns}
    assert not names & {"name", "surname", "phone", "phone_tokens"}
