import pytest

from transforms import amounts


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("拖欠3.5万", 35000),
        ("约2000元", 2000),
        ("每月3000元，共计9000元", 9000),
        ("欠了三万元", 30000),
        ("两千多元", 2000),
        ("赔偿1,500元", 1500),
        ("货款9万4千5百元", 94500),
        ("价值1万5，只赔270元", 15000),
        ("挪用七万八千六百元", 78600),
        ("人民币陆仟元整", 6000),
        ("拖欠承建方三千多万是事实", 30000000),
        ("不退押金1500，合同到期", 1500),
        ("每学期多收一百五。", 150),
        ("损失三千多，没人赔", 3000),
        ("骗走1.2w，已报案", 12000),
        ("收费3000，500元伙食费", 3000),
        ("欠我们每人万把块", 10000),
        ("涨到40元、甚至上百元", 100),
    ],
)
def test_sums(text, yuan):
    assert amounts.amount(text) == yuan


@pytest.mark.parametrize(
    "text",
    [
        "3万人",
        "没有金额",
        "十几万师生",
        "小区这一块没人管",
        "千千万万的百姓",
        "我们一块去",
        "两块地被占",
        "2018年元月2号",
        "要20个人签字",
        "付了3次都没到账",
        "每天500斤菜",
        "住6栋1201，房东不退",
        "收费站前5公里",
        "面积3万平方米",
    ],
)
def test_counts_places_and_dates_are_no_sums(text):
    assert amounts.amount(text) is None


def test_each_sum_has_its_place():
    assert amounts.find("欠3万元，已还五千元") == [(1, 4, 30000.0), (7, 10, 5000.0)]


def test_a_cell_of_an_amount_column_may_be_a_bare_number():
    assert amounts.cell("50000") == 50000
    assert amounts.cell("约2000元") == 2000
    assert amounts.cell("不详") is None
