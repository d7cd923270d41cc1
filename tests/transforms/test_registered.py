from transforms.registered import Register


def test_a_registered_name_is_hidden_in_every_text():
    register = Register(["韩艳兰", "欧阳建国", "阿依古丽·买买提"])
    texts = ["摊贩韩艳兰与管理人员", None, "谢过欧阳建国，阿依古丽·买买提韩艳兰都在", ""]
    assert register.hide(texts) == ["摊贩韩**与管理人员", None, "谢过欧阳**，阿**韩**都在", ""]


def test_two_characters_are_a_name_only_between_words_for_persons():
    assert Register(["李平", "者芳"]).hide(["称李平欠他钱", "行李平放在路边", "给者芳干活受伤"]) == [
        "称李**欠他钱",
        "行李平放在路边",
        "给者**干活受伤",
    ]


def test_places_companies_and_words_for_anybody_are_no_registered_names():
    register = Register(["玉溪鑫达物业公司", "楼上住户", "李女士", "王**", "凤凰路", "龙泉", "高仓街", "承包商"])
    assert len(register) == 0
    assert register.hide(["高仓街道龙泉路，楼上住户"]) == ["高仓街道龙泉路，楼上住户"]
