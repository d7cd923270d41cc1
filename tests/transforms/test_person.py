import pandas as pd
import pytest

from transforms import person


@pytest.mark.parametrize(
    ("cell", "kind", "surname", "full", "masked"),
    [
        ("张伟", "person", "张", True, "张**"),
        ("张**", "person", "张", False, "张**"),
        ("王某某", "person", "王", False, "王**"),
        ("李女士", "person", "李", False, "李**"),
        ("李建国先生", "person", "李", True, "李**"),
        ("老赵", "person", "赵", False, "赵**"),
        ("欧阳娜娜", "person", "欧阳", True, "欧阳**"),
        ("司马**", "person", "司马", False, "司马**"),
        ("阿依古丽·买买提", "person", None, True, "阿**"),
        ("岩温扁", "person", "岩", True, "岩**"),
        ("匿名", "unknown", None, False, None),
        ("玉溪鑫达物业服务有限公司", "organisation", None, False, "玉溪鑫达物业服务有限公司"),
        ("楼上住户", "unknown", None, False, "楼上住户"),
        ("管水员", "unknown", None, False, "管水员"),
        ("东升家具", "organisation", None, False, "东升家具"),
        ("龙湾房开", "organisation", None, False, "龙湾房开"),
        ("桂山街道", "organisation", None, False, "桂山街道"),
        ("河西镇", "organisation", None, False, "河西镇"),
        ("张建设", "person", "张", True, "张**"),
        ("借钱的人", "unknown", None, False, "借钱的人"),
        ("办案民警", "unknown", None, False, "办案民警"),
        ("村支书", "unknown", None, False, "村支书"),
        ("收购商", "unknown", None, False, "收购商"),
        ("小儿子", "unknown", None, False, "小儿子"),
        ("何家", "unknown", None, False, "何**"),
    ],
)
def test_a_name_cell_says_who_and_how_surely(cell, kind, surname, full, masked):
    parsed = person.parse(cell)
    assert (parsed.kind, parsed.surname, parsed.is_full_name, parsed.masked) == (kind, surname, full, masked)


def test_titles_tell_the_gender_and_nulls_pass():
    frame = person.parse_all(pd.Series(["李女士", None, "王先生"], dtype="str"))
    assert frame["gender"].fillna("-").tolist() == ["女", "-", "男"]
