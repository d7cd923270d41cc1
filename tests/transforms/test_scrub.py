import pytest

from transforms.scrub import scrub


def test_phones_identity_numbers_accounts_and_rooms_are_hidden():
    text = "电话138-1234-5678，证件530402199001011234，微信abc12345，车牌云F12345，3栋2单元501室"
    assert scrub([text]) == ["电话[电话]，证件[证件]，微信[账号]，车牌[车牌]，3栋2单元**室"]


def test_names_of_the_records_own_parties_are_hidden_wherever_they_stand():
    assert scrub(["王建国砌墙，找王建国没用"], [["王建国"]]) == ["王**砌墙，找王**没用"]


def test_names_that_only_the_sentence_gives_are_hidden_too():
    assert scrub(["帮张慧敏担保，被王志强骗了"]) == ["帮张**担保，被王**骗了"]


def test_titles_stay():
    text = "李女士反映，东风路12号王建国占道，电话13812345678"
    assert scrub([text], [["李女士", "王建国"]]) == ["李女士反映，东风路12号王**占道，电话[电话]"]


def test_numbers_of_other_systems_stay_readable():
    text = "警情530402000000202503010000123已转工单20250301000123"
    assert scrub([text]) == [text]


def test_places_and_companies_are_not_taken_for_persons():
    text = "玉溪金桥公司在玉兴街道龙泉路施工，双方协商，高空抛物"
    assert scrub([text]) == [text]


def test_a_name_once_read_is_hidden_wherever_the_text_says_it_again():
    assert scrub(["村民蒋小雄，占了地。蒋小雄家又砌墙，因蒋小雄说不服"]) == [
        "村民蒋**，占了地。蒋**家又砌墙，因蒋**说不服"
    ]


def test_the_office_stays_when_the_name_goes():
    assert scrub(["局长邓国强、谢春华书记都来过"]) == ["局长邓**、谢**书记都来过"]


def test_ordinary_words_after_a_cue_stay():
    text = "负责人利益熏心，业主自私，被公平对待；A区江南世家、盛世花园的居民"
    assert scrub([text]) == [text]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("凤山路32号摊贩韩艳兰与管理人员发生冲突", "凤山路32号摊贩韩**与管理人员发生冲突"),
        ("称兄弟高翠才不赡养父母", "称兄弟高**不赡养父母"),
        ("者林家圈养禽畜，潘家不满", "者**家圈养禽畜，潘家不满"),
        ("小区楼上住户普春芳卫生间漏水", "小区楼上住户普**卫生间漏水"),
        ("张某称普琼礼欠他约1900元不还", "张某称普**欠他约1900元不还"),
        ("房东夏仙换了锁不让搬东西", "房东夏**换了锁不让搬东西"),
        ("您好，期翠福反映在工地做钢筋活", "您好，期**反映在工地做钢筋活"),
        ("矣海轩在院子里养了十几头猪", "矣**在院子里养了十几头猪"),
        ("称叶某给者芳干活受伤", "称叶某给者**干活受伤"),
        ("和老公龙梅打架了，孩子被普涛家的狗咬了", "和老公龙**打架了，孩子被普**家的狗咬了"),
        ("谢学生称保安不让车进", "谢**称保安不让车进"),
        ("刘泽元与大庄岔路口份子钱", "刘**与大庄岔路口份子钱"),
    ],
)
def test_names_between_words_for_persons_are_hidden(text, hidden):
    assert scrub([text]) == [hidden]


@pytest.mark.parametrize(
    "text",
    [
        "期间房东不让搬东西，方向不明，安全在第一位",
        "承包工程重要的是质量，金晖优步花园业主要求退款",
        "与学生家长和保安发生争吵，高考学生说太吵",
        "隔壁何家砌墙，白天施工，夜里打桩",
        "云南建投在大营街街道施工，马路边石头未清",
        "从北门自东向西的车，双方因田地边界争吵",
        "物业公司拒不退还押金，施工方拖欠工资",
        "师生反映食堂饭菜贵，村民说水费高",
        "和解不成，任意停车，全家在外打工，常年不在家",
    ],
)
def test_ordinary_sentences_stay_as_they_are(text):
    assert scrub([text]) == [text]
