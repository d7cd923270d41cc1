import numpy as np
import pytest

from transforms.matching.linking import SETTINGS
from transforms.matching.records import number, prepare
from transforms.matching.store import Store


@pytest.fixture
def prepared(tmp_path):
    """Prepares the records of a connection in a store of its own."""

    def run(con):
        number(con)
        return prepare(con, Store.create(tmp_path / "store"), SETTINGS)

    return run


def numbers_of(con, column):
    rows = con.execute(f"select event_id, {column} from m_record").fetchall()
    return {event_id: value or [] for event_id, value in rows}


EVENTS = [
    ("ev_a", {"text": "赵建国反映瑞丰物业公司乱收停车费", "address": "星月小区3栋", "category_code": "0402"}),
    ("ev_b", {"text": "瑞丰物业公司乱收停车费，望处理", "category_code": "0402"}),
]
FIRM = {"role": "mentioned", "kind": "organisation", "name": "瑞丰物业公司", "organisation_key": "瑞丰"}


def test_a_firm_in_the_text_counts_only_where_the_columns_name_nothing(lake, prepared):
    con = lake(EVENTS, [("ev_a", {"name": "赵建国", "surname": "赵"}), ("ev_a", FIRM), ("ev_b", FIRM)])
    prepared(con)
    found = numbers_of(con, "organisations")
    assert found["ev_a"] == []
    assert len(found["ev_b"]) == 1


def test_a_reporter_whom_his_own_letter_names_is_not_the_other_side_as_well(lake, prepared):
    again = {"role": "mentioned", "name": "赵建国", "surname": "赵"}
    other = {"role": "mentioned", "name": "钱为民", "surname": "钱"}
    con = lake(EVENTS, [("ev_a", {"name": "赵建国", "surname": "赵"}), ("ev_a", again), ("ev_a", other)])
    prepared(con)
    reporting, answering = numbers_of(con, "r_names")["ev_a"], numbers_of(con, "o_names")["ev_a"]
    assert len(answering) == 1
    assert set(answering) < set(reporting)


def test_a_letter_without_columns_is_known_by_the_place_of_the_developer_it_names(lake, prepared):
    letter = {"text": "星月湾开发商强行捆绑销售车位", "category_code": "0602"}
    plain = {"text": "强行捆绑销售车位", "category_code": "0602", "address": "星月湾"}
    con = lake([("ev_a", letter), ("ev_b", plain), ("ev_c", {"text": "星月湾开发商", "address": "东街"})])
    records, _ = prepared(con)
    names = np.diff(records.names.indptr)
    of = dict(con.execute("select event_id, n from m_record").fetchall())
    assert names[of["ev_a"]] > 0  # 星月湾 is a name: a column of another record says so, and this letter's own text
