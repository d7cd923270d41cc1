import pytest

from sources.hotline.parse import Address, split_address


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("东风中路5号 ", Address("东风中路5号", None, None)),
        ('{"address": "东风中路5号", "lng": 102.5, "lat": 24.3}', Address("东风中路5号", 102.5, 24.3)),
        ('{"address": "东风中路5号", "lng": "102.5", "lat": ""}', Address("东风中路5号", 102.5, None)),
        ('{"address": null, "lng": 0, "lat": 0}', Address(None, None, None)),
        ("{}", Address(None, None, None)),
    ],
)
def test_an_address_is_read_from_text_and_from_json(cell, expected):
    assert split_address(cell) == expected


@pytest.mark.parametrize(
    "cell", ['{"address": "东风中', "{无}", '{"address": ["东风"]}', '{"address": ' + "[" * 100_000]
)
def test_a_cut_off_json_address_is_refused_with_a_sentence_for_the_user(cell):
    with pytest.raises(ValueError, match=r"^“详细地址”(不是有效的 JSON|的 JSON)"):
        split_address(cell)
