import pytest

from transforms import mentions


def words(text):
    return mentions.find([text]).threats.get(0, [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("对方扬言要砍人", ["扬言", "砍人"]),
        ("再不解决就要跳楼", ["跳楼"]),
        ("不给钱就从楼上跳下去", ["从楼上跳", "跳下去"]),
        ("说没人管就带汽油来，鱼死网破", ["汽油", "鱼死网破"]),
        ("提着菜刀要拼命", ["菜刀", "拼命"]),
        ("声称要一把火烧了", ["一把火", "把火烧"]),
        ("来电人称活不下去了，准备喝农药", ["活不下去", "喝农药"]),
        ("威胁要炸了你们", ["炸了"]),
        ("多次说要弄死他", ["弄死"]),
        ("有报复社会的想法", ["报复社会"]),
        ("多次流露轻生念头", ["轻生念头"]),
        ("说想一死了之", ["一死了之"]),
        ("爬上塔吊坐着，要轻生", ["爬上塔吊", "轻生"]),
        ("老板放话要打死我", ["打死"]),
    ],
)
def test_a_person_who_means_it_threatens(text, found):
    assert sorted(words(text)) == sorted(found)


@pytest.mark.parametrize(
    "text",
    [
        "请社区杀虫，已发极端天气预警",
        "商家挂着跳楼价的横幅",
        "扬言要投诉到省里",
        "已打消轻生念头",
        "不会再有轻生的念头",
        "扬言领导管不了他",
        "老板扬言摆平此事是小事",
        "每晚两点开始杀猪，杀到天亮",
        "不敢签字，怕对方报复",
        "担心他来砍人",
        "投诉后遭到报复",
        "煤气罐可能爆炸",
        "存在火灾和爆炸隐患",
        "油车像一颗定时炸弹",
        "这样会扼杀孩子的自尊",
        "吵得头都要炸了",
        "去年有人跳楼，至今没有护栏",
        "要是倒下来会打死人",
        "答应把狗打死",
        "办事极端不负责",
        "难道是想报复病人吗？",
        "路没修好，拼命去搞别的",
        "酒席上喝农药的新闻",
    ],
)
def test_fears_hazards_old_stories_and_figures_of_speech_are_no_threats(text):
    assert words(text) == []


@pytest.mark.parametrize(
    "text", ["经劝说已打消轻生念头", "没有扬言极端行为", "无人扬言极端行为", "情绪平复后放弃轻生念头"]
)
def test_relief_and_denial_report_no_threat(text):
    assert words(text) == []


@pytest.mark.parametrize("text", ["扬言跳楼，经劝导已下来", "扬言要跳楼已被劝下"])
def test_relief_does_not_undo_a_threat_that_was_made(text):
    assert "跳楼" in words(text)
