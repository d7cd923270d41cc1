import pytest

from transforms import phone


@pytest.mark.parametrize(
    ("cell", "number", "kind"),
    [
        ("138-1234-5678", "13812345678", "mobile"),
        ("+86 138 1234 5678", "13812345678", "mobile"),
        ("008613812345678", "13812345678", "mobile"),
        ("１３８１２３４５６７８", "13812345678", "mobile"),
        ("13812345678.0", "13812345678", "mobile"),
        ("0877-2012345", "08772012345", "landline"),
        ("0877-2012345转8001", "08772012345", "landline"),
        ("0877-2012345-8001", "08772012345", "landline"),
        ("2012345", "2012345", "short"),
        ("00000", None, "junk"),
        ("11111111111", None, "junk"),
        ("12345", None, "junk"),
        ("0877-12345", None, "junk"),
        ("110", None, "junk"),
        ("无", None, "junk"),
        (None, None, "junk"),
        ("13800000000", None, "junk"),
    ],
)
def test_a_number_is_read_from_every_way_to_write_it(cell, number, kind):
    assert phone.parse(cell) == (number, kind)


def test_a_cell_may_hold_two_numbers():
    assert [entry.number for entry in phone.parse_cell("13812345678/0877-2012345")] == ["13812345678", "08772012345"]
