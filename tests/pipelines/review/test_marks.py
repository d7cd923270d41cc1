from pipelines.review.marks import compare, compare_lists


def test_what_both_texts_hold_is_shared_and_the_rest_is_their_own():
    left, right = compare("玉兴小区3栋漏水", "玉兴小区5栋漏水")
    assert left == [("玉兴小区", True), ("3", False), ("栋漏水", True)]
    assert right == [("玉兴小区", True), ("5", False), ("栋漏水", True)]


def test_the_pieces_are_the_whole_text_and_a_chance_character_is_not_shared():
    for one, other in (("甲在此。乙去。", "丙在彼。丁来。"), ("a" * 2000, "b" + "a" * 2000), ("水，", "火，")):
        left, right = compare(one, other)
        assert ("".join(text for text, _ in left), "".join(text for text, _ in right)) == (one, other)
    assert compare("着。完", "守。着。") == ([("着。完", False)], [("守。着。", False)])


def test_a_value_that_only_one_side_has_is_not_marked():
    assert compare("16 人", None) == ([("16 人", True)], [])
    assert compare(None, None) == ([], [])


def test_entries_of_lists_are_compared_by_name_whatever_their_role():
    left, right = compare_lists([("康**", "（提到）"), ("高**", "（申请）")], [("康**", "（反映）")])
    assert left == [("康**（提到）", True), ("高**（申请）", False)]
    assert right == [("康**（反映）", True)]
    assert compare_lists([("康**", "")], []) == ([("康**", True)], [])
