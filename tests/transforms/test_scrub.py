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
