import pytest

from transforms import organisation


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("玉溪市红塔区鑫达建筑工程有限公司", "鑫达建筑"),
        ("玉溪鑫达建筑公司", "鑫达建筑"),
        ("云南绿源果业有限责任公司（玉溪分公司）", "绿源果业"),
        ("江川县好又多超市", "好又多超市"),
        (None, None),
    ],
)
def test_the_core_of_a_name_has_no_place_and_no_legal_form(name, core):
    assert organisation.key(name) == core


@pytest.mark.parametrize(
    "name",
    [
        "市委市政府",
        "有关部门",
        "物业公司",
        "前期物业",
        "小区配套幼儿园",
        "两所学校",
        "辖区派出所",
        "居委会",
        "玉溪市人民政府",
        "红塔区教育局",
        "红塔区综治中心",
        "A7县政府",
    ],
)
def test_a_name_that_tells_no_one_apart_has_no_core(name):
    assert organisation.key(name) is None


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("河西镇人民政府", "河西政府"),
        ("玉溪市红塔区人民医院", "红塔人民医院"),
        ("狮子山村民委员会", "狮子山村委会"),
        ("凤凰街道办事处", "凤凰街道办"),
        ("凤凰街道办", "凤凰街道办"),
        ("金桥物业公司", "金桥物业"),
    ],
)
def test_a_local_office_keeps_its_place_and_one_spelling(name, core):
    assert organisation.key(name) == core
