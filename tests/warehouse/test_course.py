"""What happened to a dispute, who is in several of them, and what its records contradict each other in."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.warehouse.test_indicators import table
from warehouse.registry import PUBLISHED

SQL = Path(__file__).parents[2] / "warehouse" / "sql"
NOW = "2025-03-20"


def read(folder, name):
    return (SQL / folder / f"{name}.sql").read_text("utf-8")


def records(*rows):
    """Records of one dispute: source, reported_at and what else a row says; all that the views read."""
    con = duckdb.connect()
    con.execute(f"SET VARIABLE as_of = TIMESTAMP '{NOW}'")
    con.execute(read("build", "hours_between"))
    con.execute(read("build", "hours_bucket"))
    rows = [{"event_id": f"e{n}", "dispute_id": "d", **row} for n, row in enumerate(rows)]
    for name in ("event", "dispute_event"):
        table(con, name, rows)
    table(con, "dispute", [{"dispute_id": "d", "first_reported_at": min(row["reported_at"] for row in rows)}])
    return con


def course(*rows):
    found = records(*rows).execute(read("published", "dispute_course")).df()
    assert set(found.columns) == set(PUBLISHED["dispute_course"].table.column_names)
    return found.iloc[0]


def test_the_first_action_is_what_any_system_did_first_with_a_known_minute():
    found = course(
        {"source": "police", "reported_at": "2025-03-01 08:00"},
        {"source": "hotline", "reported_at": "2025-03-01 08:12", "first_action_at": "2025-03-01 17:00"},
        {"source": "mediation", "reported_at": "2025-03-01"},
    )
    assert found["first_action_minutes"] == 12


def test_a_report_or_an_action_of_which_only_the_day_is_known_has_no_minutes():
    grid = {"source": "grid", "reported_at": "2025-03-01", "first_action_at": "2025-03-01 09:00"}
    police = {"source": "police", "reported_at": "2025-03-01 08:00"}
    later = {"source": "grid", "reported_at": "2025-03-02"}
    for rows in ([grid], [police, later], [grid, {**police, "reported_at": "2025-03-02 08:00"}]):
        assert pd.isna(course(*rows)["first_action_minutes"]), rows


def test_the_first_mediation_counts_and_not_the_one_that_succeeded_later():
    found = course(
        {"source": "mediation", "reported_at": "2025-03-05", "outcome": "成功"},
        {"source": "mediation", "reported_at": "2025-03-02", "outcome": "不成功"},
    )
    assert found[["first_mediation_outcome", "mediation_count"]].tolist() == ["不成功", 2]


@pytest.mark.parametrize(
    ("others", "due", "hours"),
    [
        ([], True, 448.0),  # until now
        ([("mediation", "2025-03-03")], True, 40.0),
        ([("grid", "2025-03-01")], True, 0.0),  # the same day, of which no hour is known
        ([("mediation", "2025-02-27"), ("grid", "2025-03-03")], False, None),
        ([("hotline", "2025-03-01 09:00")], True, 448.0),
    ],
)
def test_a_handover_is_due_where_the_police_knew_first(others, due, hours):
    found = course(
        {"source": "police", "reported_at": "2025-03-01 08:00"},
        *({"source": source, "reported_at": at} for source, at in others),
    )
    assert found["handover_due"] == due
    assert (found["handover_hours"] == hours) if hours is not None else pd.isna(found["handover_hours"])


@pytest.mark.parametrize(
    ("category", "text", "is_case"),
    [
        ("刑事类警情/故意伤害", "已受理", True),
        ("行政（治安）类警情/殴打他人", "", True),
        ("纠纷/邻里纠纷", "双方互殴，已立案侦查", True),
        ("纠纷/邻里纠纷", "转治安案件办理", True),
        ("纠纷/经济纠纷", "不予立案，告知到法院立案", False),
        ("纠纷/劳资纠纷", "建议到劳动监察大队投诉立案", False),
        ("纠纷/邻里纠纷", "现场调解", False),
        (None, None, False),
    ],
)
def test_a_call_became_a_case_where_its_class_or_its_result_says_so(category, text, is_case):
    con = duckdb.connect()
    con.execute(read("build", "became_case"))
    assert con.execute("SELECT became_case($category, $text)", {"category": category, "text": text}).fetchall() == [
        (is_case,)
    ]


def contradictions(*rows):
    found = records(*rows).execute(read("published", "comparison_status_conflict")).df()
    return found.sort_values("kind")[["kind", "value_l", "value_r"]].values.tolist()


def test_a_police_call_after_the_hotline_said_solved_is_a_contradiction():
    assert contradictions(
        {"source": "hotline", "reported_at": "2025-03-01 08:00", "is_solved": True, "closed_at": "2025-03-02 10:00"},
        {"source": "police", "reported_at": "2025-03-03 22:00"},
    ) == [["reported_after_solved", "已解决", "又有反映"]]


def test_a_mediation_that_succeeded_and_came_to_the_same_system_again_is_one():
    assert contradictions(
        {"source": "mediation", "reported_at": "2025-03-01", "outcome": "成功", "outcome_at": "2025-03-02"},
        {"source": "mediation", "reported_at": "2025-03-09", "outcome": "进行中"},
    ) == [["reported_after_solved", "成功", "又有反映"]]


def test_towns_and_dates_that_disagree_are_listed_and_small_differences_are_not():
    hotline = {"source": "hotline", "reported_at": "2025-03-01 08:00", "town_code": "530402001000", "town_name": "玉兴"}
    grid = {"source": "grid", "reported_at": "2025-03-01", "outcome": "成功", "outcome_at": "2025-03-02"}
    assert contradictions(
        {**hotline, "occurred_at": "2025-02-01", "is_solved": True, "closed_at": "2025-03-19"},
        {**grid, "town_code": "530402002000", "town_name": "凤凰", "occurred_at": "2025-02-20"},
    ) == [
        ["occurred_date", "2025-02-20", "2025-02-01"],
        ["resolved_date", "2025-03-02", "2025-03-19"],
        ["town", "凤凰", "玉兴"],
    ]
    assert (
        contradictions(
            {**hotline, "occurred_at": "2025-02-25", "is_solved": True, "closed_at": "2025-03-09"},
            {**grid, "town_code": "530402001000", "town_name": "玉兴", "occurred_at": "2025-03-01"},
        )
        == []
    )


def test_a_handover_with_a_number_one_that_is_only_stated_and_one_that_matching_found_are_three_things():
    con = records(
        {"source": "police", "reported_at": "2025-03-01 08:00"},
        {"source": "hotline", "reported_at": "2025-03-01 09:00"},
        {"source": "mediation", "reported_at": "2025-03-02", "channel": "公安移送"},
        {"source": "grid", "reported_at": "2025-03-03", "channel": "网格员巡查"},
    )
    con.execute(read("build", "known"))
    con.execute("CREATE VIEW system AS SELECT unnest(['hotline', 'police', 'mediation', 'grid', 'citymgmt']) AS source")
    con.execute("CREATE VIEW official AS SELECT 'd' AS dispute_id, 'police' AS source, 'hotline' AS other_source")
    found = con.execute(read("published", "comparison_handover")).df().set_index("other_source")["handover_kind"]
    assert found.to_dict() == {
        "hotline": "官方编号", "mediation": "写明移交无编号", "grid": "比对得知", "citymgmt": "未到",
    }  # fmt: skip


def parties(*rows, confidential=()):
    """rows: (dispute, kind, name, id token, phone token) -> (token, basis) of each that is in several disputes"""
    con = duckdb.connect()
    con.execute(read("build", "safe"))
    con.execute(read("build", "hide_names"))
    con.execute("CREATE MACRO hide_registered(value) AS value")
    frame = pd.DataFrame(rows, columns=["dispute_id", "kind", "name", "id_token", "phone"], dtype=object)
    frame["event_id"] = [f"e{n}" for n in range(len(frame))]
    frame["phone_tokens"] = frame["phone"].map(lambda phone: [phone] if phone else [])
    organisation = frame["kind"] == "organisation"
    frame = frame.assign(
        role="respondent", name_masked=frame["name"].str[0] + "**", is_full_name=~organisation,
        organisation_key=frame["name"].where(organisation), source="police",
        reported_at=pd.Timestamp("2025-03-01 08:00"), is_confidential=frame["event_id"].isin(confidential),
    )  # fmt: skip
    con.register("frame", frame)
    con.execute("CREATE TABLE current_party AS SELECT * EXCLUDE (dispute_id, source, reported_at) FROM frame")
    con.execute("CREATE TABLE core_dispute_event AS SELECT dispute_id, event_id FROM frame")
    table(con, "event", frame[["event_id", "source", "reported_at", "is_confidential"]].to_dict("records"))
    table(con, "dispute", [{"dispute_id": number} for number in frame["dispute_id"].unique()])
    con.execute("CREATE TABLE person_name (dispute_id VARCHAR, names VARCHAR[])")
    found = con.execute(read("published", "comparison_party")).df()
    assert set(found.columns) == set(PUBLISHED["comparison_party"].table.column_names)
    assert not found.astype(str).apply(lambda column: column.str.contains("王大力")).any(axis=None)
    return {token: set(group) for token, group in found.groupby("party_token")["dispute_id"]}


def test_one_person_is_known_by_the_id_also_where_only_phone_and_name_were_left():
    assert parties(
        ("d1", "person", "王大力", "id_1", "p_1"),
        ("d2", "person", "王大力", None, "p_1"),
        ("d3", "person", "李小明", None, "p_1"),  # another name on the same phone
        ("d4", "person", "王大力", None, "p_9"),  # the same name alone is nobody
    ) == {"id_1": {"d1", "d2"}}


def test_without_an_id_phone_and_full_name_together_make_a_person_and_the_token_holds_no_name():
    assert parties(("d1", "person", "王大力", None, "p_1"), ("d2", "person", "王大力", None, "p_1")) == {
        "p_1-1": {"d1", "d2"}
    }


def test_a_company_is_known_by_its_name_unless_that_is_too_short_to_tell():
    found = parties(
        ("d1", "organisation", "翠湖物业", None, None),
        ("d2", "organisation", "翠湖物业", None, None),
        ("d3", "organisation", "电信", None, None),
        ("d4", "organisation", "电信", None, None),
    )
    assert list(found.values()) == [{"d1", "d2"}]


def test_a_confidential_record_makes_nobody_known():
    rows = [("d1", "person", "王大力", "id_1", None), ("d2", "person", "王大力", "id_1", None)]
    assert parties(*rows, confidential=("e1",)) == {}
