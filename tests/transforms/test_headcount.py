import pytest

from transforms.headcount import count


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("拖欠30余名工人工资", 30),
        ("公司欠薪3.5万，30余名工人堵路", 30),
        ("1,230名业主联名要求查账", 0),
        ("欠二十多个人的辛苦钱", 20),
        ("业主50多人聚集在售楼部", 50),
        ("共有12人被拖欠", 12),
        ("我们一行15人到现场", 15),
        ("二十几个村民到镇政府反映", 20),
        ("涉及农民工23人", 23),
        ("还有18名民工的工资没着落", 18),
        ("李某等12人", 12),
        ("现场聚集约60多人", 60),
        ("88名业主联名要求查账", 88),
        ("30名学生家长集体上访", 30),
        ("受骗的民众高达140余人", 140),
        ("班组十人集中反映", 10),
        ("三四十人围堵大门", 30),
        ("工人堵大门讨薪，约41人", 41),
        ("会员聚集要求退费，共25人。", 25),
        ("要求兑付理财款，现场有17人", 17),
        ("老板差六万没给，一起干活的有12个人", 12),
    ],
)
def test_those_who_take_part_are_counted(text, persons):
    assert count(text) == persons


@pytest.mark.parametrize(
    "text",
    [
        "收了几百人的钱",
        "本镇三千老百姓盼通车",
        "学校1000多名学生要过马路",
        "小区共500户",
        "今年招收300人，去年只招120人",
        "每班45人，共计90人",
        "家长反映班级太大，共60人",
        "全村人口2000多人",
        "公司有300名员工，我的工资没发",
        "出动警力40余人次",
        "餐厅可容纳200人同时就餐",
        "客厅朝南的138户型",
        "前30名有奖",
        "一名男子",
        "第3人民医院",
    ],
)
def test_the_size_of_a_place_or_a_quota_is_no_party(text):
    assert count(text) == 0


def test_a_vague_number_counts_at_its_least_and_only_of_people_who_gather():
    assert count("几十名工人聚集讨薪") == 20
    assert count("上百人堵路") == 100
    assert count("几十名工人住在工棚") == 0


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("涉及69户。", 69),
        ("影响40多户。", 40),
        ("12户业主联名", 12),
        ("严重影响1800户的用水", 0),
        ("小区住着60户", 0),
        ("3家商户拒绝搬走", 3),
    ],
)
def test_a_household_that_takes_part_is_one_person_and_an_estate_is_none(text, persons):
    assert count(text) == persons


def test_the_outcome_counts_those_who_act_but_not_its_statistics():
    assert count("欠薪\x01工人讨薪\x01共40人，已参保30人") == 0
    assert count("欠薪\x01工人讨薪\x01到场后，有20余人堵门讨薪") == 20
