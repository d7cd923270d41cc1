import pytest

from transforms import mentions


def firms(text):
    # a title, a text and no outcome, as in the lake
    return [(span.value, span.kind) for span in mentions.find([f"\x01{text}\x01"]).organisations]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("费用交天君物业公司", [("天君物业公司", "company")]),
        ("名都项目福建吴珩建筑公司拖欠工资", [("福建吴珩建筑公司", "company")]),
        ("尽快启用石星停车场", [("石星停车场", "shop")]),
        ("距离青园小学万芙校区4公里", [("青园小学万芙校区", "institution")]),
        ("万达广场周大生珠宝店不退钱", [("周大生珠宝店", "shop")]),
        ("请A4区法院、A市房管局答复", [("A4区法院", "institution"), ("A市房管局", "institution")]),
        ("被韵达快递弄丢，客服是拼多多", [("韵达快递", "company"), ("拼多多", "company")]),
        ("票牛A市分公司不肯退", [("票牛A市分公司", "company")]),
        ("红塔公司不发工资，凤凰街道菜市场卖假货", [("红塔公司", "company"), ("凤凰街道菜市场", "shop")]),
        ("开发商华城置业推脱", [("华城置业", "company")]),
        ("在恒大上班，恒大拖欠工资", [("恒大", "company"), ("恒大", "company")]),
        ("小区只有电信公司能装，移动、联通进不来", [("电信公司", "company"), ("移动", "company"), ("联通", "company")]),
    ],
)
def test_a_name_begins_behind_the_sentence_and_has_a_kind(text, found):
    assert firms(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "导致自来水公司停水",
        "某小区物业公司不作为",
        "追究违法造假物业公司的责任",
        "大街街道棋牌室吵人",
        "新建公办幼儿园和18班小学",
        "申请政府公开，麻烦政府解决",
        "把票寄回原公司",
        "恒大华府业主",
        "电信网络诈骗，移动摊贩",
        "中国电商行业发展",
        "各种保险都没买",
        "1501物业乱收费",
    ],
)
def test_ordinary_words_before_an_ending_are_no_name(text):
    assert firms(text) == []
