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


@pytest.mark.parametrize(
    ("source", "path", "begins"),
    [
        ("mediation", "婚姻家庭纠纷", "01"),
        ("mediation", "婚姻家庭类", "01"),
        ("mediation", "邻里关系", "02"),
        ("mediation", "邻里纠纷类", "02"),
        ("mediation", "房屋宅基地纠纷", "09"),
        ("mediation", "宅基地", "0902"),
        ("mediation", "合同纠纷", "06"),
        ("mediation", "生产经营纠纷", "06"),
        ("mediation", "生产经营性", "06"),
        ("mediation", "损害赔偿纠纷", "0"),
        ("mediation", "人身损害赔偿", "0303"),
        ("mediation", "山林土地纠纷", "09"),
        ("mediation", "山林水土", "09"),
        ("mediation", "征地拆迁纠纷", "11"),
        ("mediation", "征地拆迁补偿", "11"),
        ("mediation", "环境污染纠纷", "0504"),
        ("mediation", "环境保护纠纷", "0504"),
        ("mediation", "拖欠农民工工资纠纷", "0701"),
        ("mediation", "欠薪", "0701"),
        ("mediation", "其他劳动争议纠纷", "07"),
        ("mediation", "劳动人事争议", "07"),
        ("mediation", "劳动争议", "07"),
        ("mediation", "旅游纠纷", "0601"),
        ("mediation", "电子商务纠纷", "0601"),
        ("mediation", "电商", "0601"),
        ("mediation", "其他消费纠纷", "0601"),
        ("mediation", "消费", "0601"),
        ("mediation", "医疗纠纷", "0502"),
        ("mediation", "医患", "0502"),
        ("mediation", "道路交通事故纠纷", "0503"),
        ("mediation", "道路交通", "0503"),
        ("mediation", "交通事故损害赔偿", "0503"),
        ("mediation", "物业纠纷", "0402"),
        ("mediation", "物业管理", "0402"),
        ("mediation", "其他纠纷", "99"),
        ("mediation", "村务管理", "1201"),
        ("mediation", "知识产权", "1001"),
        ("police", "纠纷/家庭纠纷", "01"),
        ("police", "纠纷/感情纠纷", "01"),
        ("police", "家庭婚姻情感", "01"),
        ("police", "纠纷/邻里", "02"),
        ("police", "纠纷/经济纠纷", "08"),
        ("police", "经济", "08"),
        ("police", "纠纷/劳资纠纷", "0701"),
        ("police", "劳资", "0701"),
        ("police", "纠纷/噪音", "0203"),
        ("police", "噪声扰民", "0203"),
        ("police", "纠纷/消费纠纷", "0601"),
        ("police", "土地权属", "09"),
        ("police", "产权权属", "09"),
        ("police", "山林权属", "0903"),
        ("police", "征地拆迁", "11"),
        ("police", "医疗", "0502"),
        ("police", "教育", "0501"),
        ("police", "纠纷/医患纠纷", "0502"),
        ("police", "债务", "0804"),
        ("police", "债务纠纷", "0804"),
        ("police", "讨债", "0804"),
        ("police", "租赁纠纷", "0602"),
        ("police", "物业纠纷", "0402"),
        ("police", "宅基地", "0902"),
        ("police", "纠纷/口角", "0303"),
        ("police", "打架斗殴", "0303"),
        ("police", "网络消费", "0601"),
        ("police", "车辆剐蹭", "0503"),
        ("police", "交通事故", "0503"),
        ("police", "工伤", "0507"),
        ("police", "遗产纠纷", "0103"),
        ("police", "赡养纠纷", "0102"),
        ("hotline", "市场监督管理/消费维权/预付卡", "0601"),
        ("hotline", "人社/劳动监察/欠薪", "0701"),
        ("hotline", "住建/物业/停车收费", "0402"),
        ("hotline", "生态环境/噪声/工业噪声", "0504"),
        ("hotline", "城管/市容/占道经营", "1301"),
        ("hotline", "自然资源/不动产/办证", "0403"),
        ("hotline", "卫健/医疗服务/收费", "0502"),
        ("hotline", "教育/学校管理/收费", "1302"),
        ("hotline", "公安/户政", "1401"),
        ("hotline", "民政/殡葬", "12"),
        ("hotline", "农业农村/土地承包", "0901"),
        ("hotline", "交通/出租车/服务态度", "1305"),
        ("hotline", "金融/保险/理赔", "0803"),
        ("hotline", "金融/贷款/催收", "0804"),
        ("hotline", "法院/执行", "1403"),
        ("hotline", "村务/财务公开", "1201"),
        ("hotline", "纪检监察/作风", "1502"),
        ("hotline", "税务", "1303"),
        ("hotline", "水务/供水/水费", "11"),
    ],
)
def test_classes_as_other_systems_spell_them(source, path, begins):
    assert category.from_source(source, path)[0].startswith(begins)


def test_a_leak_is_damage_where_the_text_claims_damage():
    row = {"source_category": "住房和城乡建设/房屋管理/房屋漏水", "request_type": "投诉"}
    claimed = build([record(**row, text="楼上漏水，吊顶和家具泡坏了，不肯赔偿损失")]).event["category_code"].iloc[0]
    blocked = build([record(**row, text="楼上排水管漏水，邻居不让修")]).event["category_code"].iloc[0]
    assert (claimed, blocked) == ("0401", "0201")
