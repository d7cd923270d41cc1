import pandas as pd
import pytest

from sources import reference
from transforms import address

CODES = {}
for row in reference.divisions().itertuples():
    CODES.setdefault(row.name, row.code)


def locate(addr=None, text=None, code=None, county=None, town=None, village=None):
    columns = [pd.Series([value], dtype="str") for value in (code, county, town, village, addr, text)]
    return address.locate(*columns).iloc[0]


@pytest.mark.parametrize(
    ("given", "county", "town"),
    [
        ({"addr": "玉溪市红塔区玉兴街道凤凰路12号"}, "红塔区", "玉兴街道"),
        ({"addr": "江川县江城镇"}, "江川区", "江城镇"),
        ({"addr": "澄江县右所镇小湾村委会"}, "澄江市", "右所镇"),
        ({"addr": "红塔区大营街镇"}, "红塔区", "大营街街道"),
        ({"addr": "易门县小街乡"}, "易门县", "小街乡"),
        ({"addr": "峨山小街街道"}, "峨山彝族自治县", "小街街道"),
        ({"county": "红塔", "town": "玉带"}, "红塔区", "玉带街道"),
        ({"code": "530402001005"}, "红塔区", "玉兴街道"),
        ({"county": "新平", "addr": "平掌乡仓房"}, "新平彝族傣族自治县", "平掌乡"),
    ],
)
def test_a_town_is_found_by_any_of_its_names(given, county, town):
    found = locate(**given)
    assert (found["county_code"], found["town_code"]) == (CODES[county][:6], CODES[town])


def test_an_old_town_that_was_split_stays_open_until_the_village_tells():
    assert pd.isna(locate(addr="江川县大街街道")["town_code"])
    assert locate(addr="江川县大街街道")["county_code"] == "530403"


def test_a_village_name_of_two_towns_is_open_alone_and_resolved_by_context():
    assert pd.isna(locate(addr="古城社区")["town_code"])
    north = locate(addr="古城社区", county="红塔区", town="北城街道")
    assert north["town_code"] == CODES["北城街道"]
    assert north["village_code"].startswith(CODES["北城街道"][:9])


def test_a_town_column_outside_the_county_column_is_not_believed():
    found = locate(county="华宁县", town="纳古镇")
    assert found["county_code"] == CODES["华宁县"][:6]
    assert pd.isna(found["town_code"])


def test_the_address_outranks_a_wrong_column():
    assert locate(addr="红塔区李棋街道", county="红塔区", town="洛河彝族乡")["town_code"] == CODES["李棋街道"]


@pytest.mark.parametrize("addr", ["凤凰路33号", "凤凰家具城", "玉兴食品有限公司", "宝玉新村小区3栋", "上村78号"])
def test_names_of_roads_and_businesses_are_no_towns(addr):
    assert pd.isna(locate(addr=addr)["town_code"])


def test_nothing_gives_nothing():
    assert locate().drop("division_end").isna().all()


def test_the_station_that_answered_tells_the_town_and_its_code_the_county():
    columns = [pd.Series([value], dtype="str") for value in ("530425", None, None, None, None, "吵架")]
    found = address.locate(
        *columns,
        unit_code=pd.Series(["530402050000"], dtype="str"),
        unit_name=pd.Series(["红塔公安局春和派出所"], dtype="str"),
    ).iloc[0]
    assert (found["county_code"], found["town_code"]) == ("530402", CODES["春和街道"])
