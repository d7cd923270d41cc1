import re

import duckdb
import pandas as pd
import pytest

from transforms.matching import match
from transforms.matching.linking import SETTINGS, Run, said

AS_OF = pd.Timestamp("2025-08-01")
TOWNS = [f"53040200{number}000" for number in range(1, 9)]
OTHERS = [
    ("0702", "反映{x}厂没有给工人缴纳社保", "要求补缴养老保险"),
    ("0601", "在{x}超市买到过期的奶粉", "要求退货并赔偿"),
    ("0504", "{x}养殖场臭气熏天，影响生活", "请环保部门处理"),
    ("0902", "{x}宅基地界线不清，邻居占了半米", "请国土所来量"),
    ("0503", "{x}路口两车相撞，对方不认账", "请交警重新认定"),
    ("0102", "{x}家老人无人赡养，几个子女互相推", "请村上做工作"),
]
NAMES = "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"


def background():
    """48 records that have nothing to do with each other, so that rare words are rare."""
    events, parties = [], []
    for number in range(48):
        code, text, want = OTHERS[number % len(OTHERS)]
        place = f"{'云星月河松柏竹梅'[number % 8]}{'泉溪岭坡湾塘坝口'[number // 8]}"
        event_id = f"ev_bg{number:02d}"
        town = TOWNS[number % 8]
        events.append(
            (
                event_id,
                {
                    "reported_at": pd.Timestamp("2025-03-01") + pd.Timedelta(days=2 * number),
                    "text": f"{text.format(x=place)}，{want}。",
                    "category_code": code,
                    "county_code": "530402",
                    "town_code": town,
                    "address": place,
                },
            )
        )
        name = NAMES[number % len(NAMES)] + "建国"[number % 2] + "平安康宁"[number % 4]
        parties.append((event_id, {"name": name, "surname": name[0], "phone_tokens": [f"bg{number}"]}))
    return events, parties


LEAK = {
    "county_code": "530402",
    "town_code": TOWNS[0],
    "estate": "锦绣花园",
    "building": "3栋",
    "unit": "2单元",
    "room": "501",
    "address": "锦绣花园3栋2单元501",
    "category_code": "0401",
}


def run(lake, events, parties=(), references=(), **options):
    more_events, more_parties = background()
    con = lake([*more_events, *events], [*more_parties, *parties], references)
    return match(con, as_of=AS_OF, run_id=options.pop("run_id", "r1"), **options)


def ids(matched):
    return matched.dispute_event.set_index("event_id")["dispute_id"]


def together(matched, one, other):
    found = ids(matched)
    return found[one] == found[other]


def leak(event_id, day, **values):
    text = "楼上卫生间漏水，把家里天花板泡坏了，找过几次都不修"
    return event_id, LEAK | {"reported_at": f"2025-04-{day:02d} 09:00", "text": text} | values


def person(event_id, name, phone=None, **values):
    return event_id, {"name": name, "surname": name[0], "phone_tokens": [phone] if phone else []} | values


def test_one_person_who_calls_two_systems_is_one_dispute_and_the_reason_is_told(lake):
    matched = run(
        lake,
        [leak("ev_a", 1), leak("ev_b", 5, source="police", text="楼上漏水到我家，天花板坏了，双方争吵")],
        [person("ev_a", "张伟明", "p1"), person("ev_b", "张伟明", "p1")],
    )
    assert together(matched, "ev_a", "ev_b")
    row = matched.dispute_event.set_index("event_id").loc["ev_b"]
    assert row["link_kind"] == "repeat"
    assert row["explanation"].startswith("同一电话号码且姓名相符；地址同为锦绣花园3栋2单元同一户；")
    assert row["explanation"].endswith("；相隔4天")
    assert row["linked_event_id"] == "ev_a"


def test_unrelated_records_stay_apart(lake):
    matched = run(lake, [leak("ev_a", 1)], [person("ev_a", "张伟明", "p1")])
    assert ids(matched).nunique() == len(matched.dispute_event)


def test_another_flat_of_the_same_estate_is_another_dispute(lake):
    matched = run(
        lake,
        [
            leak("ev_a", 1),
            leak("ev_b", 20, building="9栋", room="202", address="锦绣花园9栋2单元202", text="厨房水管爆了"),
        ],
        [person("ev_a", "张伟明", "p1"), person("ev_b", "李春花", "p2")],
    )
    assert not together(matched, "ev_a", "ev_b")


def test_the_same_caller_with_another_matter_is_another_dispute(lake):
    other = {
        "text": "公司拖欠三个月工资，老板不接电话",
        "category_code": "0701",
        "estate": None, "building": None, "unit": None, "room": None,
        "address": "北门工地", "town_code": TOWNS[5],
    }  # fmt: skip
    matched = run(
        lake,
        [leak("ev_a", 1), leak("ev_b", 29, **other)],
        [person("ev_a", "张伟明", "p1"), person("ev_b", "张伟明", "p1")],
    )
    assert not together(matched, "ev_a", "ev_b")


def test_homophones_meet(lake):
    matched = run(
        lake,
        [leak("ev_a", 1), leak("ev_b", 4, source="police", room=None, unit=None, address="锦绣花园3栋")],
        [person("ev_a", "张伟明", "p1"), person("ev_b", "章维铭", "p2")],
    )
    assert together(matched, "ev_a", "ev_b")


def test_a_wrong_official_number_joins_nothing_and_a_right_one_joins(lake):
    other = {
        "source": "mediation", "text": "两家因承包地田埂发生争执", "category_code": "0901", "county_code": "530428",
        "town_code": "530428101000", "estate": None, "building": None, "unit": None, "room": None,
        "address": "大水沟村",
    }  # fmt: skip
    people = [person("ev_a", "张伟明", "p1"), person("ev_b", "普学文", "p2")]
    wrong = run(lake, [leak("ev_a", 1), leak("ev_b", 29, **other)], people, [("ev_b", "a")])
    assert not together(wrong, "ev_a", "ev_b")
    vague = {
        "source": "mediation",
        "text": "因房屋渗水发生纠纷，申请调解",
        "estate": None,
        "building": None,
        "room": None,
        "unit": None,
    }
    right = run(lake, [leak("ev_a", 1), leak("ev_b", 6, **vague)], people[:1], [("ev_b", "a")])
    assert together(right, "ev_a", "ev_b")
    row = right.dispute_event.set_index("event_id").loc["ev_b"]
    assert row["link_kind"] == "transfer"
    assert "移送编号相连" in row["explanation"]


def test_people_outrank_the_model(lake):
    events = [
        leak("ev_a", 1),
        leak("ev_b", 5),
        leak("ev_c", 28, text="停车位被占", building="7栋", room="101"),
    ]
    people = [person("ev_a", "张伟明", "p1"), person("ev_b", "张伟明", "p1"), person("ev_c", "李春花", "p2")]
    verdicts = pd.DataFrame(
        {"event_id_l": ["ev_a", "ev_a"], "event_id_r": ["ev_b", "ev_c"], "verdict": ["different", "same"]}
    )
    matched = run(lake, events, people, verdicts=verdicts)
    assert not together(matched, "ev_a", "ev_b")
    assert together(matched, "ev_a", "ev_c")
    link = matched.link.set_index(["event_id_l", "event_id_r"])
    assert link.loc[[("ev_a", "ev_b"), ("ev_a", "ev_c")], "decided_by"].tolist() == ["verdict", "verdict"]
    assert link.loc[("ev_a", "ev_b"), "explanation"] == "人工裁定为不同纠纷"


def scene():
    events = [leak("ev_a", 1), leak("ev_b", 5, source="police"), leak("ev_c", 7, source="grid")]
    people = [person("ev_a", "张伟明", "p1"), person("ev_b", "张伟明", "p1"), person("ev_c", "张伟明")]
    return events, people


def test_the_order_of_rows_changes_nothing(lake):
    events, people = scene()
    forward = run(lake, events, people)
    backward = run(lake, events[::-1], people[::-1])
    assert ids(forward).sort_index().equals(ids(backward).sort_index())
    assert forward.link.equals(backward.link)


def test_running_again_changes_nothing_and_writes_no_ledger(lake):
    events, people = scene()
    first = run(lake, events, people)
    again = run(lake, events, people, previous=first.dispute_event, ledger=first.ledger, model=first.model, run_id="r2")
    assert ids(again).equals(ids(first))
    assert len(again.ledger) == len(first.ledger)


def test_unrelated_records_change_no_id(lake):
    events, people = scene()
    first = ids(run(lake, events, people))
    more = leak(
        "ev_zz",
        9,
        estate="南苑小区",
        address="南苑小区",
        building=None,
        room=None,
        text="广场舞音响太吵",
        town_code=TOWNS[7],
    )
    later = ids(run(lake, [more, *events], [person("ev_zz", "李春花", "p9"), *people]))
    assert later[first.index].equals(first)


def test_no_sentence_holds_a_number_or_a_name(lake):
    events, people = scene()
    matched = run(lake, events, people)
    sentences = " ".join([*matched.link["explanation"], *matched.dispute_event["explanation"]])
    assert not re.search(r"\d{5,}", sentences)
    assert "张伟明" not in sentences
    assert "501" not in sentences


def test_no_disputes_give_empty_tables(lake):
    con = lake([("ev_a", {"is_dispute": False, "text": "咨询社保"})])
    matched = match(con, as_of=AS_OF, run_id="r1")
    assert matched.dispute_event.empty
    assert matched.link.empty


def test_records_without_words_party_or_place_stay_alone_and_move_no_other(lake):
    events, people = scene()
    alone = run(lake, events, people)
    bare = [
        (
            f"ev_street{n:02d}",
            {
                "source": "street", "source_category": "噪声/施工噪声", "title": "施工噪声", "category_code": "0502",
                "county_code": "530402", "town_name": "玉兴街道", "address": "玉兴街道", "town_code": TOWNS[0],
                "reported_at": "2025-04-02",
            },
        )
        for n in range(60)
    ]  # fmt: skip
    matched = run(lake, [*events, *bare], people)
    found = ids(matched)
    assert found[[event_id for event_id, _ in bare]].nunique() == len(bare)
    assert found[ids(alone).index].equals(ids(alone))
    assert matched.link["match_weight"].tolist() == alone.link["match_weight"].tolist()
    assert matched.report["bare"] == len(bare)


def test_a_bare_record_meets_what_names_its_number(lake):
    bare = {"source": "street", "reported_at": "2025-04-02", "category_code": "0401", "town_code": TOWNS[0],
            "county_code": "530402"}  # fmt: skip
    matched = run(lake, [leak("ev_a", 1), ("ev_street", bare)], [], [("ev_a", "street")])
    assert matched.report["bare"] == 0
    assert together(matched, "ev_a", "ev_street")


def test_a_lake_of_bare_records_only(lake):
    matched = match(lake([("ev_a", {}), ("ev_b", {})]), as_of=AS_OF, run_id="r1")
    assert ids(matched).nunique() == 2


def test_a_block_of_hundreds_stays_bounded(lake):
    events = [
        leak(f"ev_{n:03d}", 1 + n % 28, text=f"第{n}户反映车位问题", building=None, unit=None, room=None)
        for n in range(300)
    ]
    con = lake(events, [person(event_id, "张伟明") for event_id, _ in events])
    matched = match(con, as_of=AS_OF, run_id="r1")
    blocking = pd.DataFrame(matched.report["blocking"]).set_index("rule")
    assert blocking.loc["estate", "largest_block"] == 300
    assert blocking.loc["estate", "pairs"] <= 300 * 2 * SETTINGS["blocking"]["neighbours"]


def test_a_model_file_of_another_version_is_refused(lake):
    with pytest.raises(ValueError, match="重新训练"):
        run(lake, [leak("ev_a", 1)], model='{"format": 99}')


def test_the_last_verdict_on_a_pair_counts_in_either_order_and_unsure_says_nothing():
    con = duckdb.connect()
    con.execute("create table m_number as from (values ('ev_a', 0), ('ev_b', 1), ('ev_c', 2)) as t(event_id, n)")
    verdicts = pd.DataFrame(
        [
            ("ev_a", "ev_b", "different"),
            ("ev_b", "ev_a", "same"),
            ("ev_a", "ev_c", "same"),
            ("ev_a", "ev_c", "unsure"),
            ("ev_a", "ev_gone", "same"),
        ],
        columns=["event_id_l", "event_id_r", "verdict"],
    )
    told = said(con, Run(pd.Timestamp("2025-06-01"), "run-1", None, None, verdicts, SETTINGS))
    assert (told.left.tolist(), told.right.tolist(), told.same.tolist()) == ([0], [1], [True])
