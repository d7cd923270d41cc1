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


def test_nothing_is_taken_from_an_empty_address():
    assert parse(None) == {}
