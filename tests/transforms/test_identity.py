from transforms import identity


def test_fifteen_digits_become_eighteen_with_the_right_check_character():
    assert identity.parse("110105491231002").number == identity.parse("11010519491231002x").number


def test_a_wrong_checksum_keeps_the_number_and_says_so():
    assert identity.parse("110105194912310021") == ("110105194912310021", False, "女")


def test_none_and_nonsense_give_no_number():
    assert [identity.parse(text).number for text in (None, "无", "123", "110105194913310021")] == [None] * 4
