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
