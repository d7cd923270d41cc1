import re

import pandas as pd
import pytest

from transforms.matching import match, waterfall
from transforms.matching.model import default

PLACE = {"county_code": "530402", "town_code": "530402001000", "estate": "锦绣花园", "building": "3栋", "unit": "2单元"}
LEAK = PLACE | {
    "room": "501",
    "address": "锦绣花园3栋2单元501",
    "category_code": "0402",
    "source_category": "住建/物业/房屋漏水",
    "text": "楼上卫生间漏水，把家里天花板泡坏了，找过几次都不修",
}


def other_matters():
    """Records that have nothing to do with each other, so that rare words are rare."""
    return [
        (
            f"ev_x{number:02d}",
            {
                "reported_at": f"2025-03-{1 + number % 28:02d}",
                "text": f"反映{'云星月河松柏'[number % 6]}{'泉溪岭坡湾'[number // 6]}厂没有缴社保",
                "category_code": "0702",
                "county_code": "530402",
                "town_code": f"53040200{2 + number % 6}000",
            },
        )
        for number in range(30)
    ]


def explained(lake, one, other, parties=(), references=(), **options):
    """The sentence of the link between two records, and the connection that made it."""
    events = [
        ("ev_a", LEAK | {"reported_at": "2025-04-01 09:00"} | one),
        ("ev_b", LEAK | {"reported_at": "2025-04-05 08:00", "source": "police"} | other),
    ]
    con = lake([*other_matters(), *events], parties, references)
    matched = match(con, as_of=pd.Timestamp("2025-08-01"), run_id="r1", **options)
    link = matched.link.set_index(["event_id_l", "event_id_r"])
    return link.loc[("ev_a", "ev_b"), "explanation"], con


def person(event_id, **values):
    return event_id, {"name": "张伟明", "surname": "张", "phone_tokens": ["p1"]} | values


BOTH = (person("ev_a"), person("ev_b"))


def firm(event_id, name="玉溪梅园物业服务有限公司", key="梅园物业"):
    return event_id, {"kind": "organisation", "role": "respondent", "name": name, "name_masked": name,
                      "organisation_key": key, "is_full_name": None}  # fmt: skip


def test_reasons_name_the_place_the_matter_and_the_days(lake):
    sentence, _ = explained(lake, {}, {}, BOTH)
    assert "同一电话号码且姓名相符" in sentence
    assert "地址同为锦绣花园3栋2单元同一户" in sentence
    assert "诉求同为房屋漏水" in sentence
    assert sentence.endswith("；相隔4天")
    assert "501" not in sentence
    assert "张" not in sentence


def test_reasons_stand_in_the_order_of_what_they_add(lake):
    sentence, con = explained(lake, {}, {}, BOTH)
    vector = con.execute(
        "select v.* from m_vector v join m_record l on l.n = v.l join m_record r on r.n = v.r "
        "where l.event_id = 'ev_a' and r.event_id = 'ev_b'"
    ).df()
    _, parts = waterfall.take_apart(default(), vector)
    adds = parts.clip(lower=0).iloc[0]
    names = adds["place_name"] + adds["rare_name"] + adds["town_by_names"]  # the place's own names: one reason
    reasons = {"同一电话": adds["person"], "地址同为": adds["place"] + names, "诉求同为": adds["topic"]}
    told = [next(start for start in reasons if part.startswith(start)) for part in sentence.split("；")[:3]]
    assert told == sorted(reasons, key=lambda start: -reasons[start])


def test_a_record_to_be_kept_confidential_names_no_place_finer_than_its_village_and_no_firm(lake):
    told, _ = explained(lake, {}, {}, BOTH)
    assert "锦绣花园" in told
    hidden, _ = explained(lake, {}, {"is_confidential": True}, BOTH)
    assert not re.search("锦绣花园|3栋|2单元", hidden)
    assert "地址为同一户" in hidden
    hidden, _ = explained(lake, {}, {"is_confidential": True}, [*BOTH, firm("ev_a"), firm("ev_b")])
    assert not re.search("锦绣花园|3栋|2单元|梅园", hidden)


def test_alike_names_of_places_are_not_said_to_be_the_same(lake):
    one = {"estate": "玉溪国际商贸城一期市场", "building": None, "unit": None, "room": None, "address": "商贸城一期"}
    sentence, _ = explained(lake, one, one | {"estate": "玉溪国际商贸城二期市场", "address": "商贸城二期"}, BOTH)
    assert "同在玉溪" not in sentence


def test_a_firm_that_both_name_is_named(lake):
    nowhere = dict.fromkeys(("estate", "building", "unit", "room", "town_code"))
    one = nowhere | {"address": "工地", "text": "梅园物业服务中心收了钱不做事，电梯一直坏"}
    sentence, _ = explained(lake, one, one, [firm("ev_a"), firm("ev_b", "梅园物业公司")])
    assert "都涉及梅园物业" in sentence


LETTER = dict.fromkeys(("estate", "building", "unit", "room", "county_code", "town_code"))


def letter(text):
    return LETTER | {"text": text, "text_published": text, "address": text[:16], "title_published": "关于搅拌站的投诉"}


def test_letters_without_an_address_are_told_by_the_place_that_both_write_of(lake):
    one = letter("我是丽景新城小区的业主，附近的搅拌站整天尘土飞扬，窗户不敢开")
    other = letter("A2区丽景新城旁边建了搅拌站，尘土飞扬，噪音很大")
    same = pd.DataFrame({"event_id_l": ["ev_a"], "event_id_r": ["ev_b"], "verdict": ["same"]})
    sentence, _ = explained(lake, one, other, verdicts=same)
    assert "都写到丽景新城" in sentence
    other = letter("大学路的丽水新城旁边建了搅拌站，尘土飞扬，窗户不敢开")
    sentence, _ = explained(lake, one, other, verdicts=same)
    assert "新城" not in sentence


def test_a_name_of_a_person_inside_what_looks_like_a_firm_is_not_told(lake):
    one = letter("被张伟明小吃广场的油烟熏得开不了窗")
    parties = [*BOTH, firm("ev_a", "张伟明小吃", "张伟明小吃"), firm("ev_b", "张伟明小吃", "张伟明小吃")]
    sentence, _ = explained(lake, one, one, parties)
    assert "张伟明" not in sentence


def test_a_matter_of_another_class_is_not_called_the_same(lake):
    sentence, _ = explained(lake, {}, {"category_code": "0401", "source_category": "纠纷/邻里"}, BOTH)
    assert "诉求同为" not in sentence


@pytest.mark.parametrize(("verdict", "start"), [("same", "人工裁定为同一纠纷"), ("different", "人工裁定为不同纠纷")])
def test_a_persons_verdict_is_told_first(lake, verdict, start):
    said = pd.DataFrame({"event_id_l": ["ev_a"], "event_id_r": ["ev_b"], "verdict": [verdict]})
    sentence, _ = explained(lake, {}, {}, BOTH, verdicts=said)
    assert sentence.startswith(start)
    assert ("；" in sentence) == (verdict == "same")


def test_an_official_number_is_told_first(lake):
    sentence, _ = explained(lake, {}, {}, BOTH, [("ev_b", "a")])
    assert sentence.startswith("移送编号相连；")


def test_a_long_time_between_is_told_as_what_speaks_against(lake):
    sentence, _ = explained(lake, {}, {"reported_at": "2025-07-01 08:00"}, BOTH)
    assert sentence.endswith("；虽相隔91天")
