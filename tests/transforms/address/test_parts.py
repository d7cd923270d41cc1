import pandas as pd

from transforms import address


def parse(text):
    texts = pd.Series([text], dtype="str")
    nothing = pd.Series([None], dtype="str")
    end = address.locate(nothing, nothing, nothing, nothing, texts, nothing)["division_end"]
    return address.parse_parts(texts, end).iloc[0].dropna().to_dict()


def test_a_city_address_is_taken_apart():
    assert parse("玉溪市红塔区玉兴街道东风中路12号凤凰小区3栋二单元501室") == {
        "road": "东风中路",
        "road_number": "12",
        "estate": "凤凰小区",
        "building": "3",
        "unit": "2",
        "room": "501",
    }


def test_short_forms_and_village_groups_are_understood():
    assert parse("凤凰小区8-2-301")["room"] == "301"
    assert parse("通海县杨广镇大新村委会十二组") == {"group_number": "12"}
    assert parse("新平县戛洒镇卫生院旁")["landmark"] == "卫生院旁"


def test_a_hamlet_a_crossing_and_numbers_in_words_are_understood():
    assert parse("江川区前卫镇业家山村委会旱坝小组") == {"hamlet": "旱坝"}
    assert parse("曼来镇南溪村委会牛街第二小组") == {"road": "牛街", "group_number": "2", "hamlet": "牛街"}
    assert parse("聂耳路与棋阳路交叉口")["landmark"] == "聂耳路与棋阳路交叉口"
    assert parse("红塔区凤凰街道红塔大道一百二十号")["road_number"] == "120"


def test_nothing_is_taken_from_an_empty_address():
    assert parse(None) == {}
