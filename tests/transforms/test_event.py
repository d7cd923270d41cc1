import pandas as pd

from transforms import event
from transforms.scrub import WITHHELD
from transforms.tables import CORE_EVENT, CORE_PARTY, CORE_REFERENCE, CORE_VAULT

from .frames import TOKENS, build, party, record, reference

TABLES = (CORE_EVENT, CORE_PARTY, CORE_REFERENCE, CORE_VAULT)


def conformed(built):
    return [table.conform(frame) for table, frame in zip(TABLES, built, strict=True)]


def test_the_identifier_of_an_event_never_changes():
    assert event.event_id("hotline", "20250301000001") == "ev_282cce6aa47d9d099ee7"


def test_every_frame_has_the_shape_of_its_table_also_when_nothing_came():
    assert [table.num_rows for table in conformed(build([]))] == [0, 0, 0, 0]
    assert conformed(build([record(text="噪音扰民")]))[0].num_rows == 1


def test_phones_of_columns_and_text_meet_in_one_token_and_only_the_vault_knows_the_number():
    built = build(
        [record(text="请回电13812345678")], [party(name="张伟", phones=["138-1234-5678", "00000"], id_number="无")]
    )
    token = TOKENS.token("phone", "13812345678")
    assert list(built.event["phone_tokens"].iloc[0]) == [token]
    assert [list(value) for value in built.party["phone_tokens"]] == [[token], [token]]
    assert built.party["role"].tolist() == ["reporter", "mentioned"]
    assert built.vault[["token", "kind", "value"]].to_numpy().tolist() == [[token, "phone", "13812345678"]]


def test_a_fifteen_digit_identity_number_has_the_token_of_its_eighteen_character_form():
    parties = [party(name="张伟", id_number="110105491231002"), party(party_number=2, id_number="11010519491231002X")]
    tokens = build([record()], parties).party["id_token"].tolist()
    assert tokens[0] == tokens[1]
    assert tokens[0].startswith("id_")


def test_nothing_published_holds_a_name_a_phone_or_an_identity_number():
    row = record(
        title="张伟与王建国纠纷", text="张伟（13812345678，530402199001011234）称被王建国殴打", is_confidential=False
    )
    built = build([row], [party(name="张伟"), party(party_number=2, role="respondent", name="王建国")])
    published = built.event[["title_published", "text_published"]].iloc[0]
    assert published.tolist() == ["张**与王**纠纷", "张**（[电话]，[证件]）称被王**殴打"]


def test_a_confidential_row_shows_no_person():
    built = build([record(text="张伟（13812345678）称被王建国殴打", is_confidential=True)], [party(name="张伟")])
    assert built.event[["title_published", "text_published"]].iloc[0].tolist() == [WITHHELD, WITHHELD]


def test_a_missing_deadline_follows_the_working_days_and_a_given_one_stays():
    given = pd.Timestamp("2025-03-20 12:00")
    rows = [
        record(limit_workdays=5),
        record(row_number=5, source_record_id="2", limit_workdays=3, reported_at=pd.Timestamp("2025-09-30 10:00")),
        record(row_number=6, source_record_id="3", limit_workdays=5, deadline_at=given),
        record(row_number=7, source_record_id="4"),
    ]
    deadlines = build(rows).event["deadline_at"].tolist()
    # 2025-03-01 is a Saturday; 2025-10-01 to 08 are holidays, Saturday 11 is worked in lieu
    assert deadlines[0] == pd.Timestamp("2025-03-07 23:59:59")
    assert deadlines[1] == pd.Timestamp("2025-10-11 23:59:59")
    assert deadlines[2] == given
    assert pd.isna(deadlines[3])


def test_official_numbers_and_those_in_the_text_are_written_one_way():
    built = build(
        [record(text="见工单YZT202503010001")], references=[reference(kind="earlier", number=" yzt202502280009 ")]
    )
    assert built.reference[["kind", "number"]].to_numpy().tolist() == [
        ["earlier", "YZT202502280009"],
        ["mentioned", "YZT202503010001"],
    ]


def test_columns_outrank_the_text_for_sums_and_heads():
    rows = [
        record(text="拖欠30名工人工资3.5万元", amount="约2000元", persons_involved=12),
        record(row_number=5, source_record_id="2", text="拖欠30名工人工资3.5万元"),
    ]
    built = build(rows).event
    assert built["amount"].tolist() == [2000.0, 35000.0]
    assert built["headcount"].tolist() == [12, 30]


def test_the_order_of_rows_and_what_stands_beside_them_change_nothing():
    rows = [
        record(row_number=n, source_record_id=str(n), text=text, address=place)
        for n, (text, place) in enumerate(
            [
                ("公司拖欠工资", "红塔区玉兴街道"),
                ("楼上漏水，找王建国没用", "江川区江城镇"),
                ("请问公积金怎么提取", None),
            ]
        )
    ]
    columns = [name for name in CORE_EVENT.column_names if name not in ("phone_tokens", "threat_words")]
    alone = pd.concat([build([row]).event for row in rows], ignore_index=True)[columns]
    turned = build(rows[::-1]).event.sort_values("row_number", ignore_index=True)[columns]
    together = build(rows).event[columns]
    for other in (alone, turned):
        assert together.astype(str).equals(other.astype(str))


def test_each_source_has_its_own_coordinates():
    rows = [
        record(longitude=102.55, latitude=24.35),
        record(source="police", sheet=None, longitude=102.55, latitude=24.35),
        record(source="citymgmt", sheet=None, longitude=11416000.0, latitude=2780000.0),
        record(source="grid", sheet=None, longitude=0.0, latitude=0.0),
    ]
    built = build(rows).event
    assert built["longitude"].iloc[0] != 102.55
    assert built["longitude"].iloc[1] == 102.55
    assert 102 < built["longitude"].iloc[2] < 103
    assert pd.isna(built["longitude"].iloc[3])
