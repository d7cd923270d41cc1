from transforms.matching.linking import SETTINGS
from transforms.matching.records import load


def numbers_of(con, column):
    frame = load(con, SETTINGS).frame.set_index("event_id")
    return {event_id: value if isinstance(value, list) else [] for event_id, value in frame[column].items()}


EVENTS = [
    ("ev_a", {"text": "赵建国反映瑞丰物业公司乱收停车费", "address": "星月小区3栋", "category_code": "0402"}),
    ("ev_b", {"text": "瑞丰物业公司乱收停车费，望处理", "category_code": "0402"}),
]
FIRM = {"role": "mentioned", "kind": "organisation", "name": "瑞丰物业公司", "organisation_key": "瑞丰"}


def test_a_firm_in_the_text_counts_only_where_the_columns_name_nothing(lake):
    con = lake(EVENTS, [("ev_a", {"name": "赵建国", "surname": "赵"}), ("ev_a", FIRM), ("ev_b", FIRM)])
    found = numbers_of(con, "organisations")
    assert found["ev_a"] == []
    assert len(found["ev_b"]) == 1


def test_a_reporter_whom_his_own_letter_names_is_not_the_other_side_as_well(lake):
    again = {"role": "mentioned", "name": "赵建国", "surname": "赵"}
    other = {"role": "mentioned", "name": "钱为民", "surname": "钱"}
    con = lake(EVENTS, [("ev_a", {"name": "赵建国", "surname": "赵"}), ("ev_a", again), ("ev_a", other)])
    reporting, answering = numbers_of(con, "r_names")["ev_a"], numbers_of(con, "o_names")["ev_a"]
    assert len(answering) == 1
    assert set(answering) < set(reporting)


def test_a_letter_without_columns_is_known_by_the_place_of_the_developer_it_names(lake):
    letter = {"text": "星月湾开发商强行捆绑销售车位", "category_code": "0602"}
    con = lake([("ev_a", letter), ("ev_b", letter | {"address": "星月湾"})])
    texts = load(con, SETTINGS).frame.set_index("event_id")["party_text"]
    assert "星月湾开发商" in texts["ev_a"]
    assert texts.isna()["ev_b"]
