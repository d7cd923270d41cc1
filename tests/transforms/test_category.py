import numpy as np
import pandas as pd
import pytest

from transforms import category

from .frames import build, record


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
        ("hotline", "教育/学校管理/学生伤害", "0501"),
        ("hotline", "农业农村/农产品/收购款", "0603"),
        ("citymgmt", "街面秩序/占道经营", "1301"),
        ("police", "纠纷/家庭婚姻情感纠纷/家庭婚姻情感", "0199"),
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


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"text": "两人因宅基地界址不清发生纠纷，认为对方新建房屋越界", "source_category": "房屋宅基地"}, "0902"),
        ({"text": "受雇从事劳务，作业中受伤，就医疗费、误工费赔偿协商", "source_category": "损害赔偿"}, "0507"),
        ({"text": "孩子课间被同学推倒，就学校责任产生纠纷", "source_category": "损害赔偿"}, "0501"),
        ({"text": "称其与弟弟为分父母留下的房子吵架", "source_category": "纠纷/家庭婚姻情感/家庭婚姻情感"}, "0103"),
        ({"text": "老板拉走白菜，打了条子，菜款到现在不付"}, "0603"),
    ],
)
def test_the_text_finds_the_kind_within_a_broad_class(values, code):
    source = "mediation" if "/" not in values.get("source_category", "/") else "police"
    assert build([record(source=source, **values)]).event["category_code"].iloc[0] == code


def test_a_villages_name_says_nothing_about_the_matter():
    event = build([record(source="grid", title="团田村委会纠纷", text="双方为药费谈不好", source_category="99")]).event
    assert event["category_code"].iloc[0] not in ("0901", "1201")


def test_a_first_class_copied_into_the_confirmed_one_counts_once():
    """An uncertain class said twice is no better known; the text that tells more wins."""
    codes = category.scored_codes()
    scores = np.zeros((1, len(codes)), dtype=np.float32)
    scores[0, codes.index("0602")] = 3
    path = pd.Series(["纠纷/经济纠纷/经济"], dtype="str")
    decided = category.decide(pd.Series(["police"], dtype="str"), path, path, scores)
    assert decided["category_code"].tolist() == ["0602"]
