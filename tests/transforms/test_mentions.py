import numpy as np
import pytest

from transforms import mentions


def find(text):
    return mentions.find([text])


def values(spans):
    return [span.value for span in spans]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("联系电话13812345678，", "13812345678"),
        ("电话138-1234-5678", "13812345678"),
        ("致电013812345678", "13812345678"),
        ("座机0877-2012345转8001", "08772012345"),
        ("联系电话：2012345", "08772012345"),
        ("手机一三八一二三四五六七八", "13812345678"),
    ],
)
def test_phones_in_sentences(text, number):
    assert values(find(text).phones) == [number]


def test_hotlines_and_record_numbers_are_no_phones():
    found = find("拨打12345，警情530402000000202503010000123，工单号20250301000123")
    assert values(found.phones) == []
    assert values(found.numbers) == ["530402000000202503010000123", "20250301000123"]


def test_years_prices_standards_and_user_names_are_no_record_numbers():
    text = "规划（2003-2020），8000-8500元，GB50015-2003，2019-08-14，电话0731-0000-00000000，网友“A00012345”"
    assert values(find(text).numbers) == []


def test_identity_numbers_with_a_wrong_checksum_are_found_too():
    assert values(find("身份证530402199001011234").identities) == ["530402199001011234"]


def test_case_numbers_of_mediators_are_found():
    assert values(find("见玉调〔2025〕12号调解书").numbers) == ["玉调〔2025〕12号"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("市民张伟反映，与邻居王建国因排水沟发生纠纷", ["张伟", "王建国"]),
        ("来电人李某某称", ["李某某"]),
        ("李女士来电", ["李女士"]),
        ("与施工方因工期发生争议", []),
        ("老板说何时发工资不清楚", []),
        ("投诉人雷春生强烈要求查处", ["雷春生"]),
        ("法定代表人：杨明亮，电话不通", ["杨明亮"]),
        ("局长邓国强面对来访者", ["邓国强"]),
        ("请谢春华书记过问", ["谢春华"]),
        ("村委杨萍书记到场", ["杨萍"]),
        ("上河村魏勃书记申诉", ["魏勃"]),
        ("一个叫“张焯”的人，求助人李冈，", ["张焯", "李冈"]),
        ("组长殷长新、蒋小雄、李梅等人", ["殷长新", "蒋小雄", "李梅"]),
        ("我叫罗小燕，是外地人", ["罗小燕"]),
        ("与利益无关，被公平对待，向公路局反映", []),
        ("业主自私，老板何来诚信", []),
        ("居民许可，负责人原来不在", []),
        ("县委书记和局长到场", []),
        ("司机全小龙受伤，朋友雷珺说与他无关", ["全小龙", "雷珺"]),
        ("被老板熊琶辞退", ["熊琶"]),
        ("官玉清的孙子被打", ["官玉清"]),
        ("尊敬的胡书记：您好", ["胡书记"]),
        ("居民付阿姨说晚上又来，员工小马辱骂顾客", ["付阿姨", "小马"]),
        ("涉及李某甲、李某乙叔侄", ["李某甲", "李某乙"]),
        ("包工头孙福才跑了，要孙福才还钱", ["孙福才", "孙福才"]),
        ("业主和老师说，居民曾多次要求，对方天天吵", []),
        ("赵家同意加装水槽，高三学生要休息", []),
    ],
)
def test_persons_by_their_cues(text, names):
    assert values(find(text).persons) == names


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("案号（2024）云04民终1123号", ["（2024）云04民终1123号"]),
        ("见玉劳人仲案〔2025〕47号裁决", ["玉劳人仲案〔2025〕47号"]),
        ("合同编号HT-2024-118，卡号6217002710000684874", []),
    ],
)
def test_numbers_of_courts_are_found_and_those_of_contracts_and_cards_are_none(text, numbers):
    assert values(find(text).numbers) == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("电话1 8 8 0 8 7 7 1 2 0 9，", "18808771209"),
        ("（电话0877—3011586）", "08773011586"),
        ("用(+86)153-0877-3344报警", "15308773344"),
        ("备用0877 - 2 345 678，", "08772345678"),
    ],
)
def test_phones_spelt_in_pieces(text, number):
    assert values(find(text).phones) == [number]


def test_an_identity_number_may_be_spelt_in_pieces():
    assert values(find("身份证530423 1962 0814 121x").identities) == ["53042319620814121X"]


def test_the_whole_name_of_a_company_is_taken_without_the_words_before_it():
    found = find("本人在玉溪鑫达物业服务有限公司上班，到好又多超市购买")
    assert values(found.organisations) == ["玉溪鑫达物业服务有限公司", "好又多超市"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("拖欠夜班补贴红塔区博雅制药有限公司不发", ["红塔区博雅制药有限公司"]),
        ("拒绝缴纳物业费，有关部门和市政府不管", []),
        ("要求新建小学和配套幼儿园", []),
        ("西苑一期6栋3单元903西苑地产漏水", ["西苑地产"]),
        ("巡查发现鑫隆游泳馆欠薪", ["鑫隆游泳馆"]),
    ],
)
def test_an_organisation_begins_at_its_proper_name(text, names):
    assert values(find(text).organisations) == names


def test_nothing_is_found_in_an_empty_text():
    found = mentions.find(["", "\x01"])
    assert not (found.phones or found.persons or found.threats)
    assert np.isnan(found.amount).all()
