"""Each rule: a case it must raise, a decoy it must not, and the day on which it became knowable."""

from datetime import datetime

import pandas as pd
import pytest

from transforms import dispute_record, warnings
from transforms.tables import CORE_DISPUTE, CORE_WARNING

AS_OF = datetime.fromisoformat("2025-04-30")


@pytest.fixture
def replay(lake_of):
    def run(rows, as_of=AS_OF, history=()):
        con = lake_of(rows)
        disputes = CORE_DISPUTE.conform(dispute_record.build(con, as_of=as_of))
        con.register("core_dispute", disputes)
        found = warnings.replay(con, as_of=as_of, history_sources=list(history)).warning
        CORE_WARNING.conform(found)
        assert found["warning_id"].is_unique
        return found

    return run


def record(number, at, dispute="D1", **more):
    return {"id": f"R{number}", "at": at, "dispute": dispute, **more}


def raised(found, rule):
    """(raised_for, first seen) of one rule."""
    rows = found[found["rule"] == rule]
    return [(r.raised_for, f"{r.first_seen_at:%Y-%m-%d}") for r in rows.itertuples()]


# --- repeat_complaint


def test_the_third_record_within_thirty_days_is_a_repeat_complaint(replay):
    rows = [record(1, "2025-03-01"), record(2, "2025-03-10"), record(3, "2025-03-31", source="police")]
    assert raised(replay(rows), "repeat_complaint") == [("R3", "2025-04-01")]


def test_three_records_spread_over_more_than_thirty_days_are_none(replay):
    rows = [record(1, "2025-03-01"), record(2, "2025-03-20"), record(3, "2025-04-01")]
    assert raised(replay(rows), "repeat_complaint") == []


def test_a_fourth_record_does_not_raise_it_again(replay):
    rows = [record(n, f"2025-03-0{n}") for n in range(1, 6)]
    assert raised(replay(rows), "repeat_complaint") == [("R3", "2025-03-04")]


def test_new_versions_of_one_record_are_not_repeats(replay):
    rows = [record(1, "2025-03-01", delivered=f"2025-03-0{n}") for n in range(2, 6)]
    assert raised(replay(rows), "repeat_complaint") == []


def test_a_record_that_arrives_late_completes_the_three_on_the_day_it_is_known(replay):
    rows = [record(1, "2025-03-01"), record(2, "2025-03-02", delivered="2025-03-20"), record(3, "2025-03-03")]
    assert raised(replay(rows), "repeat_complaint") == [("R3", "2025-03-20")]


def test_a_history_source_counts_each_record_as_delivered_the_day_after(replay):
    rows = [record(n, f"2025-03-0{n}", source="messages", delivered="2025-04-20") for n in range(1, 4)]
    assert raised(replay(rows, history=["messages"]), "repeat_complaint") == [("R3", "2025-03-04")]


# --- mass


def test_ten_written_persons_are_a_mass_matter(replay):
    rows = [record(1, "2025-03-01", headcount=9), record(2, "2025-03-05", headcount=10)]
    assert raised(replay(rows), "mass") == [("R2", "2025-03-06")]


def test_the_fifth_different_complainant_makes_a_mass_matter(replay):
    rows = [record(n, f"2025-03-0{n}", people=[f"phone{n}"]) for n in range(1, 7)]
    assert raised(replay(rows), "mass") == [("R5", "2025-03-06")]


def test_one_person_calling_often_from_two_phones_is_no_mass(replay):
    name = {"name": "王建国", "is_full_name": True}
    rows = [record(n, f"2025-03-0{n}", people=[{**name, "phone_tokens": [f"p{n}"]}]) for n in range(1, 8)]
    assert raised(replay(rows), "mass") == []


def test_the_other_party_is_not_a_complainant(replay):
    others = [{"role": "respondent", "phone_tokens": [f"p{n}"]} for n in range(9)]
    assert raised(replay([record(1, "2025-03-01", people=others)]), "mass") == []


def test_a_later_version_that_writes_the_number_is_seen_then(replay):
    rows = [record(1, "2025-03-01"), record(1, "2025-03-01", delivered="2025-03-09", headcount=12)]
    assert raised(replay(rows), "mass") == [("R1", "2025-03-09")]


# --- extreme_words


def test_a_threat_is_raised_for_its_record(replay):
    rows = [record(1, "2025-03-01"), record(2, "2025-03-02", threat_words=["跳楼"])]
    found = replay(rows)
    assert raised(found, "extreme_words") == [("R2", "2025-03-03")]
    assert "跳楼" in found["evidence"].iloc[0]


def test_words_in_a_record_that_is_no_dispute_raise_nothing(replay):
    rows = [record(1, "2025-03-01", dispute=None, threat_words=["爆炸"]), record(2, "2025-03-01")]
    assert replay(rows).empty


# --- overdue


def test_a_deadline_that_passes_while_open_is_seen_on_the_next_run(replay):
    rows = [
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-10 18:00"),
        record(2, "2025-03-12", dispute="D2"),
        record(3, "2025-03-09", dispute="D3"),
    ]
    assert raised(replay(rows), "overdue") == [("R1", "2025-03-13")]


def test_closing_later_ends_the_warning_and_does_not_erase_it(replay):
    rows = [
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-10 18:00"),
        record(2, "2025-03-10", dispute="D2"),
        record(
            1,
            "2025-03-01",
            status="已办结",
            closed_at="2025-03-15 09:00",
            deadline_at="2025-03-10 18:00",
            delivered="2025-03-16",
        ),
    ]
    found = replay(rows)
    assert raised(found, "overdue") == [("R1", "2025-03-11")]
    row = found[found["rule"] == "overdue"].iloc[0]
    assert row["status"] == "closed" and f"{row['closed_at']:%Y-%m-%d}" == "2025-03-16"


def test_a_record_that_stays_open_keeps_its_warning_open(replay):
    rows = [
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-10 18:00"),
        *other_days(1, 20),
    ]
    found = replay(rows)
    row = found[found["rule"] == "overdue"].iloc[0]
    assert (row["status"], pd.isna(row["closed_at"])) == ("open", True)


def test_a_record_closed_in_time_is_not_overdue_even_when_first_delivered_open(replay):
    rows = [
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-10 18:00"),
        record(
            1,
            "2025-03-01",
            status="已办结",
            closed_at="2025-03-10 09:00",
            deadline_at="2025-03-10 18:00",
            delivered="2025-03-11",
        ),
    ]
    assert raised(replay(rows), "overdue") == []


def test_a_void_record_and_one_without_deadline_are_never_overdue(replay):
    rows = [
        record(1, "2025-03-01", status="作废", deadline_at="2025-03-05"),
        record(2, "2025-03-01", status="办理中", dispute="D2"),
    ]
    assert raised(replay(rows), "overdue") == []


def test_an_extended_deadline_counts_once_it_is_known(replay):
    rows = [
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-10 18:00"),
        record(1, "2025-03-01", status="办理中", deadline_at="2025-03-20 18:00", delivered="2025-03-09"),
        *(record(n, f"2025-03-{n}", dispute=f"D{n}") for n in range(10, 25)),
    ]
    assert raised(replay(rows), "overdue") == [("R1", "2025-03-21")]


def test_a_limit_in_working_days_stands_in_for_a_missing_deadline(replay):
    """Friday 2025-03-07 and five working days: the end of Friday the 14th."""
    rows = [
        record(1, "2025-03-07 09:00", status="办理中", limit_workdays=5.0),
        *(record(n, f"2025-03-{n}", dispute=f"D{n}") for n in range(10, 20)),
    ]
    assert raised(replay(rows), "overdue") == [("R1", "2025-03-15")]


# --- recurrence


def test_a_dispute_that_came_back_is_raised_for_its_first_record(replay):
    rows = [
        record(1, "2025-01-01", status="已办结", outcome="成功", outcome_at="2025-01-05"),
        record(2, "2025-03-01", dispute="D2", recurrence_of="D1"),
        record(3, "2025-03-02", dispute="D2", recurrence_of="D1"),
    ]
    found = replay(rows)
    assert raised(found, "recurrence") == [("R2", "2025-03-02")]
    assert "55天后" in found.loc[found["rule"] == "recurrence", "evidence"].iloc[0]


# --- cross_source_gap


def police(number, at, **more):
    return record(number, at, source="police", **more)


def other_days(first, last):
    return [record(100 + n, f"2025-03-{n:02}", dispute=f"X{n}") for n in range(first, last)]


def test_a_police_call_that_nobody_took_up_in_72_hours(replay):
    found = replay([police(1, "2025-03-01 10:00"), *other_days(1, 12)])
    assert raised(found, "cross_source_gap") == [("R1", "2025-03-05")]


@pytest.mark.parametrize("source", ["mediation", "grid"])
def test_a_call_that_mediation_or_grid_took_up_in_time_is_no_gap(replay, source):
    rows = [police(1, "2025-03-01 10:00"), record(2, "2025-03-04 09:00", source=source), *other_days(1, 12)]
    assert raised(replay(rows), "cross_source_gap") == []


def test_a_hotline_record_does_not_fill_the_gap(replay):
    rows = [police(1, "2025-03-01 10:00"), record(2, "2025-03-02"), *other_days(1, 12)]
    assert raised(replay(rows), "cross_source_gap") == [("R1", "2025-03-05")]


def test_taking_it_up_late_closes_the_gap(replay):
    rows = [police(1, "2025-03-01 10:00"), record(2, "2025-03-08", source="grid"), *other_days(1, 12)]
    found = replay(rows)
    assert raised(found, "cross_source_gap") == [("R1", "2025-03-05")]
    assert f"{found.loc[found['rule'] == 'cross_source_gap', 'closed_at'].iloc[0]:%Y-%m-%d}" == "2025-03-09"


def test_a_call_that_nobody_takes_up_stays_an_open_gap(replay):
    found = replay([police(1, "2025-03-01 10:00"), *other_days(1, 12)])
    row = found[found["rule"] == "cross_source_gap"].iloc[0]
    assert (row["status"], pd.isna(row["closed_at"])) == ("open", True)


def test_before_72_hours_have_passed_nothing_is_raised(replay):
    rows = [police(1, "2025-03-01 10:00"), *other_days(1, 3)]
    assert raised(replay(rows, as_of=datetime.fromisoformat("2025-03-04")), "cross_source_gap") == []


# --- surge (the detector itself: test_surge.py)


def test_a_surge_is_a_warning_about_a_category_in_an_area(replay):
    days = pd.date_range("2025-03-01", "2025-04-15")
    calm = [record(f"c{n}", day + pd.Timedelta(hours=9), dispute=f"C{n}") for n, day in enumerate(days)]
    burst = [record(f"b{n}", "2025-04-05 10:00", dispute=f"B{n}", category_code="0203") for n in range(12)]
    found = replay(calm + burst)
    assert raised(found, "surge") == [("0203@530402001000", "2025-04-06")]
    row = found[found["rule"] == "surge"].iloc[0]
    assert (row["area_code"], row["category_code"], row["status"]) == ("530402001000", "0203", "closed")
    assert row["evidence"].startswith("红塔区玉兴街道“相邻污染损害防止")
    assert "12条" in row["evidence"]


def test_a_history_source_without_division_codes_is_counted_by_its_own_names(replay):
    own = {"source": "street_orders", "dispute": None, "category_code": None, "county_code": None, "town_code": None,
           "delivered": "2025-05-01", "town_name": "龙田街道", "village_name": "老坑社区"}  # fmt: skip
    days = pd.date_range("2025-03-01", "2025-04-15")
    calm = [
        record(f"c{n}", day + pd.Timedelta(hours=9), source_category="市政/路灯", **own) for n, day in enumerate(days)
    ]
    burst = [record(f"b{n}", "2025-04-05 10:00", source_category="交通/公共交通管理", **own) for n in range(12)]
    found = replay(calm + burst, as_of=datetime.fromisoformat("2025-05-01"), history=["street_orders"])
    assert raised(found, "surge") == [("公共交通管理@老坑社区", "2025-04-06")]


# --- what holds for all


def test_later_deliveries_never_change_when_a_warning_was_first_seen(replay):
    rows = [
        *(record(n, f"2025-03-{2 * n:02}", people=[f"p{n}"], headcount=n if n > 9 else None) for n in range(1, 14)),
        police(50, "2025-03-01 10:00", dispute="D2"),
        record(51, "2025-03-20", dispute="D2", source="mediation"),
        record(52, "2025-03-02", dispute="D3", status="办理中", deadline_at="2025-03-08 12:00"),
        record(52, "2025-03-02", dispute="D3", status="已办结", closed_at="2025-03-15", delivered="2025-03-16"),
    ]
    whole = replay(rows)
    for cut in pd.date_range("2025-03-04", "2025-03-27"):
        seen = [
            r
            for r in rows
            if pd.Timestamp(r.get("delivered", pd.Timestamp(r["at"]).date() + pd.Timedelta(days=1))) <= cut
        ]
        part = replay(seen, as_of=cut.to_pydatetime())
        expected = whole[whole["first_seen_at"] <= cut]
        key = ["rule", "raised_for", "first_seen_at", "warning_id"]
        assert part[key].values.tolist() == expected[key].values.tolist(), cut


def test_a_resolved_dispute_closes_its_warnings(replay):
    rows = [
        *(record(n, f"2025-03-0{n}", status="办理中") for n in range(1, 4)),
        record(4, "2025-03-05", source="mediation", outcome="成功", outcome_at="2025-03-20", delivered="2025-03-21"),
    ]
    row = replay(rows).set_index("rule").loc["repeat_complaint"]
    assert (row["status"], f"{row['closed_at']:%Y-%m-%d}") == ("closed", "2025-03-21")


def test_an_empty_lake_has_no_warnings(replay):
    assert replay([]).empty


# --- agreement_unfulfilled


def agreed(number, at, said="", **more):
    made = {"source": "mediation", "outcome": "成功", "outcome_at": at, "outcome_text": said, "fulfilment": "未履行"}
    return record(number, at, **{**made, **more})


def test_an_agreement_that_is_not_fulfilled_on_its_own_day_is_raised_and_ends_when_it_is(replay):
    rows = [
        agreed(1, "2025-03-01", "甲方于2025年3月10日前付清欠款。"),
        agreed(1, "2025-03-01", "甲方于2025年3月10日前付清欠款。", fulfilment="已履行", delivered="2025-03-20"),
        *other_days(1, 25),
    ]
    found = replay(rows)
    assert raised(found, "agreement_unfulfilled") == [("R1", "2025-03-11")]
    row = found[found["rule"] == "agreement_unfulfilled"].iloc[0]
    assert "写明应于2025-03-10前履行" in row["evidence"]


def test_an_agreement_without_a_day_has_thirty_days(replay):
    rows = [agreed(1, "2025-03-01", "双方和睦相处。", fulfilment="部分履行"), *other_days(1, 30)]
    rows += [record(f"z{n}", f"2025-04-{n:02}", dispute=f"Z{n}") for n in range(1, 6)]
    found = replay(rows)
    assert raised(found, "agreement_unfulfilled") == [("R1", "2025-04-02")]


@pytest.mark.parametrize(
    "decoy",
    [
        {"fulfilment": "已履行"},
        {"fulfilment": None},
        {"outcome": "不成功"},
        {"outcome_text": "乙方于2025年6月30日前搬离。"},
    ],
)
def test_fulfilled_failed_and_not_yet_due_agreements_are_none(replay, decoy):
    rows = [agreed(1, "2025-03-01", **({"said": decoy.pop("outcome_text", "3月10日前付清")} | decoy))]
    assert raised(replay([*rows, *other_days(1, 30)]), "agreement_unfulfilled") == []


# --- tier_overrun


def test_a_village_that_does_not_resolve_in_ten_working_days_passes_it_on(replay):
    """Saturday 2025-03-01 and ten working days: Friday the 14th."""
    village = {"status": "办理中", "village_code": "530402001001"}
    found = replay([record(1, "2025-03-01", **village), *other_days(1, 29)])
    assert ("R1", "2025-03-15") in raised(found, "tier_overrun")
    row = found[(found["rule"] == "tier_overrun") & (found["raised_for"] == "R1")].iloc[0]
    assert row["evidence"] == "村级应于2025-03-14前化解，至今没有化解，应提级到乡级"


def test_resolved_in_time_or_of_a_higher_tier_is_not_yet_late(replay):
    village = {"status": "办理中", "village_code": "530402001001"}
    closed = record(1, "2025-03-01", status="已办结", closed_at="2025-03-10", delivered="2025-03-11")
    rows = [
        record(1, "2025-03-01", **village),
        closed,
        record(2, "2025-03-01", dispute="D2", **village, threat_words=["跳楼"], headcount=12),
        record(3, "2025-03-01", dispute="D3", source="police"),  # nobody holds it open
        *other_days(1, 25),
    ]
    found = replay(rows, as_of=datetime.fromisoformat("2025-03-28"))
    assert {number for number, _ in raised(found, "tier_overrun")} & {"R1", "R2", "R3"} == set()


# --- chronic_place


def at_place(number, day, category, estate="滨江小区", **more):
    return record(
        number, f"2025-03-{day:02} 10:00", dispute=more.pop("dispute", f"P{number}"), estate=estate,
        category_code=category, **more,
    )  # fmt: skip


def test_a_place_of_five_different_disputes_of_three_classes_is_chronic(replay):
    kinds = ["0402", "0203", "0601", "0402", "0203", "0601"]
    found = replay([at_place(n, 2 * n + 1, kind) for n, kind in enumerate(kinds)])
    assert raised(found, "chronic_place") == [("R4", "2025-03-10")]
    row = found[found["rule"] == "chronic_place"].iloc[0]
    assert row["evidence"] == "滨江小区在90天内发生6起不同的纠纷，涉及3个大类"


@pytest.mark.parametrize(
    "rows",
    [
        [at_place(n, n + 1, ["0402", "0203", "0601"][n % 3], dispute="D1") for n in range(6)],
        [at_place(n, n + 1, "0701") for n in range(8)],
        [at_place(n, n + 1, ["0402", "0203", "0601"][n % 3], estate=f"小区{n}") for n in range(8)],
        [at_place(n, n + 1, ["0402", "0203", "0601"][n % 3], is_confidential=True) for n in range(8)],
        [at_place(n, n + 1, ["0402", "0203", "0601"][n % 3], town_code=f"53040200{n}000") for n in range(1, 9)],
    ],
    ids=["one dispute", "one class", "different places", "confidential records", "one name in different towns"],
)
def test_a_mass_dispute_a_wave_and_places_of_one_name_are_not_chronic(replay, rows):
    assert raised(replay(rows), "chronic_place") == []


# --- person_many_matters


def brings(number, day, category, **person):
    who = {"phone_tokens": ["p1"], "name": "王先生", "surname": "王", **person}
    return record(
        number, f"2025-03-{day:02} 10:00", dispute=f"M{number}", category_code=category, people=[who],
        town_code=f"53040200{number}000",
    )  # fmt: skip


def test_one_person_with_three_different_disputes(replay):
    found = replay([brings(n, 5 * n, kind) for n, kind in enumerate(["0402", "0701", "0601"], start=1)])
    assert raised(found, "person_many_matters") == [("R3", "2025-03-16")]
    evidence = found.loc[found["rule"] == "person_many_matters", "evidence"].iloc[0]
    assert evidence == "同一人在180天内反映3起不同的纠纷，涉及3个大类"


@pytest.mark.parametrize(
    "rows",
    [
        [brings(n, 5 * n, "0402") for n in range(1, 5)],
        [
            brings(n, 5 * n, k, name=s, surname=s)
            for n, (k, s) in enumerate(zip(["0402", "0701", "0601"], "王李张", strict=True), 1)
        ],
        [brings(n, 5 * n, k, phone_tokens=[f"p{n}"]) for n, k in enumerate(["0402", "0701", "0601"], 1)],
        [brings(n, 5 * n, k, role="respondent") for n, k in enumerate(["0402", "0701", "0601"], 1)],
    ],
    ids=["one kind of matter", "an office's phone", "namesakes", "complained about"],
)
def test_office_phones_namesakes_and_the_other_side_are_no_person_of_many_matters(replay, rows):
    assert raised(replay(rows), "person_many_matters") == []


# --- company_many_matters


def against(number, day, company="腾泰美容", caller=None, **more):
    them = {"role": "respondent", "kind": "organisation", "organisation_key": company, "name": f"{company}有限公司"}
    return record(
        number, f"2025-03-{day:02} 10:00", dispute=more.pop("dispute", f"C{number}"), category_code="0601",
        people=[caller or f"caller{number}", {**them, **more}],
    )  # fmt: skip


def test_five_customers_with_disputes_of_their_own_against_one_company(replay):
    found = replay([against(n, 3 * n) for n in range(1, 7)])
    assert raised(found, "company_many_matters") == [("R5", "2025-03-16")]
    evidence = found.loc[found["rule"] == "company_many_matters", "evidence"].iloc[0]
    assert evidence == "“腾泰美容”在90天内被6起不同的纠纷反映，反映人至少6名"


@pytest.mark.parametrize(
    "rows",
    [
        [against(n, 3 * n, dispute="D1") for n in range(1, 8)],
        [against(n, 3 * n, caller="caller") for n in range(1, 8)],
        [against(n, 3 * n, company=f"店{n}") for n in range(1, 8)],
        [against(n, 3 * n, name="玉兴街道办事处") for n in range(1, 8)],
        [against(n, 3 * n, role="mentioned") for n in range(1, 8)],
    ],
    ids=["one mass dispute", "one customer", "different companies", "an office", "only mentioned"],
)
def test_one_dispute_one_customer_and_offices_are_no_company_of_many_matters(replay, rows):
    assert raised(replay(rows), "company_many_matters") == []


def test_the_rules_about_places_people_and_companies_never_look_ahead(replay):
    kinds = ["0402", "0203", "0601", "0402", "0203", "0601"]
    rows = [at_place(n, 2 * n + 1, kind, people=["p9"]) for n, kind in enumerate(kinds)]
    rows += [against(10 + n, 3 * n) for n in range(1, 7)]
    rows += [agreed(20, "2025-03-01", "于3月8日前付清", dispute="A1")]
    rows += [record(30, "2025-03-01", dispute="V1", status="办理中", village_code="530402001001")]
    whole = replay(rows, as_of=datetime.fromisoformat("2025-03-25"))
    key = ["rule", "raised_for", "first_seen_at"]
    assert whole["rule"].nunique() >= 4
    for cut in pd.date_range("2025-03-06", "2025-03-24", freq="3D"):
        seen = [row for row in rows if pd.Timestamp(row["at"]).normalize() < cut]
        part = replay(seen, as_of=cut.to_pydatetime())
        expected = whole[whole["first_seen_at"] <= cut]
        late = ["agreement_unfulfilled", "tier_overrun", "overdue"]  # seen on the next run day, which the cut makes
        part, expected = (frame[~frame["rule"].isin(late)] for frame in (part, expected))
        assert part[key].values.tolist() == expected[key].values.tolist(), cut
