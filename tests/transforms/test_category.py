import numpy as np
import pandas as pd
import pytest

from transforms import category


def test_the_table_holds_the_standards_codes():
    table = category.table()
    assert (table["level"] == 1).sum() == 17
    assert (table["level"] == 2).sum() == 79
    codes = set(table["category_code"])
    assert "1499" not in codes
    assert "1699" not in codes
    assert {"0101", "0402", "1105", "9900"} <= codes


@pytest.mark.parametrize(
    ("source", "path", "code"),
    [
        ("grid", "0402", "0402"),
        ("grid", "07", "0799"),
        ("grid", "14", "9900"),
        ("mediation", "拖欠农民工工资", "0701"),
        ("mediation", "邻里纠纷", "0299"),
        ("hotline", "住房和城乡建设/物业管理/物业服务", "0402"),
        ("police", "纠纷/家庭婚姻情感/赡养", "0102"),
        ("citymgmt", "市容环境/违章建筑", "1103"),
        ("hotline", "其他/其他/其他", "9900"),
    ],
)
def test_a_sources_class_gives_the_code(source, path, code):
    assert category.from_source(source, path)[0] == code


def test_a_broad_class_is_refined_by_the_text_and_a_clear_one_is_not_overruled():
    codes = category.scored_codes()
    scores = np.zeros((3, len(codes)), dtype=np.float32)
    scores[0, codes.index("0203")] = 3
    scores[1, codes.index("0701")] = 3
    scores[2, codes.index("0701")] = 3
    path = pd.Series(["邻里", "物业管理", None], dtype="str")
    nothing = pd.Series([None] * 3, dtype="str")
    decided = category.decide(pd.Series(["mediation"] * 3, dtype="str"), path, nothing, scores)
    assert decided["category_code"].tolist() == ["0203", "0402", "0701"]
    assert decided["category_basis"].tolist() == ["source", "source", "text"]


def test_every_code_in_the_rules_is_in_the_standard():
    rules = category.rules()
    codes = {code for code in category.names() if len(code) == 4}
    used = {rule["code"] for name in ("paths", "full_paths") for rule in rules[name]} | set(rules["words"])
    used |= {rule["code"] for rule in rules["mediation"].values()}
    assert used <= codes
