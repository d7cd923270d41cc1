import pandas as pd

from transforms.address import compare
from transforms.address.compare import DIFFERENT, LEFT, NEITHER, RIGHT, SAME


def split(address):
    return compare.split(pd.Series([address], dtype="str"))


def levels(left, right):
    return compare.compare(split(left), split(right)).iloc[0]


def test_an_address_of_anywhere_is_taken_apart():
    found = split("浙江省杭州市余杭区五常街道丰岭路七号翠谷花园3幢二单元501室").iloc[0]
    assert [found[name] for name in compare.DIVISIONS] == ["浙江省", "杭州市", "余杭区", "五常街道", None]
    assert (found["roads"], found["number"], found["building"]) == (("丰岭路",), ("7",), ("3",))
    assert (found["unit"], found["room"], found["names"]) == (("2",), ("501",), ("翠谷花园",))


def test_parks_and_estates_are_no_counties():
    assert split("青石工业园区3栋").iloc[0]["county"] is None


def test_what_contradicts_is_told_from_what_one_side_lacks():
    found = levels("丰岭路7号翠谷花园3幢2单元", "丰岭路七号翠谷花园5号楼")
    assert (found["level_number"], found["level_building"]) == (SAME, DIFFERENT)
    assert (found["level_unit"], found["level_room"]) == (LEFT, NEITHER)
    assert levels("翠谷花园", "翠谷花园3幢")["level_building"] == RIGHT
    assert levels("余杭区丰岭路", "西湖区丰岭路")["level_county"] == DIFFERENT


def test_a_house_is_more_like_itself_than_like_its_neighbour_or_the_gate():
    pairs = [
        ("丰岭路7号翠谷花园3幢", "翠谷花园3号楼"),
        ("丰岭路7号翠谷花园3幢", "翠谷花园5号楼"),
        ("丰岭路7号翠谷花园3幢", "翠谷花园(东门)"),
    ]
    left, right = (pd.Series(side, dtype="str") for side in zip(*pairs, strict=True))
    same, neighbour, gate = compare.likeness(compare.compare(compare.split(left), compare.split(right)))
    assert same > neighbour
    assert same > gate


def test_an_empty_address_agrees_with_nothing():
    found = levels(None, "丰岭路7号")
    assert (found["level_roads"], found["level_number"]) == (RIGHT, RIGHT)
    assert found["ratio"] == 0
