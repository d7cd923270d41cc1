from transforms.text import clean_one


def test_full_width_digits_and_letters_become_plain_and_chinese_punctuation_stays():
    assert clean_one("１３８－Ａ区，（三号）") == "138-A区，（三号）"


def test_traditional_characters_become_simplified_but_names_of_places_do_not_change():
    assert clean_one("鄰居爭吵，在者竜乡戛洒镇") == "邻居争吵，在者竜乡戛洒镇"


def test_control_characters_vanish_and_white_space_shrinks():
    assert clean_one(" 漏\x00水\u200b\r\n\t很 \u3000大 ") == "漏水 很 大"


def test_simplified_words_that_openccs_table_knows_are_left_alone():
    assert clean_one("乾隆年间著名的藉口，覆盖") == "乾隆年间著名的藉口，覆盖"
