from datetime import datetime

import pandas as pd
import pytest

from transforms import corrections
from transforms.corrections import CorrectionRefused
from transforms.tables import CORE_CORRECTION


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("is_dispute", "是", "true"),
        ("是否纠纷", "False", "false"),
        ("类别", "0201", "0201"),
        ("category_code", "邻里纠纷/用水、排水、通行、通风、采光纠纷", "0201"),
        ("地点", "红塔区", "530402"),
        ("town_code", "红塔区玉兴街道", "530402001000"),
        ("village_code", "530402001000", "530402001000"),
    ],
)
def test_a_person_may_type_codes_or_names(field, typed, value):
    name = corrections.field_of(field)
    assert corrections.value_of(name, typed) == value


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("is_dispute", "也许", "不是 是 或 否"),
        ("category_code", "02", "没有代码或名称为“02”的类别"),
        ("category_code", "邻里纠分/用水", "相近的有"),
        ("area_code", "530400", "没有代码或名称"),
    ],
)
def test_what_is_no_value_is_refused_with_what_there_is(field, typed, sentence):
    with pytest.raises(CorrectionRefused, match=sentence):
        corrections.value_of(field, typed)


def test_a_name_that_several_places_bear_is_refused_with_all_of_them():
    from transforms import areas

    named = areas.table()["area_name"].value_counts()
    with pytest.raises(CorrectionRefused, match=f"有 {named.iloc[0]} 个"):
        corrections.value_of("area_code", named.index[0])


def test_an_unknown_field_names_those_there_are():
    with pytest.raises(CorrectionRefused, match="is_dispute（是否纠纷）"):
        corrections.field_of("金额")


def test_the_last_correction_that_was_not_withdrawn_stands():
    def at(hour):
        return datetime(2025, 5, 1, hour)

    first = corrections.correction("ev_a", "category_code", "0201", at=at(8), by="张三")
    second = corrections.correction("ev_a", "category_code", "0601", at=at(9), by="李四")
    other = corrections.correction("ev_a", "is_dispute", "false", at=at(9), by="李四")
    back = corrections.correction(
        "ev_a", "category_code", None, at=at(10), by="李四", withdraws=second["correction_id"].iloc[0]
    )
    rows = CORE_CORRECTION.conform(pd.concat([other, second, first])).to_pandas()
    assert corrections.standing(rows)["value"].tolist() == ["0601", "false"]
    rows = CORE_CORRECTION.conform(pd.concat([other, back, second, first])).to_pandas()
    assert corrections.standing(rows)["value"].tolist() == ["0201", "false"]


def test_values_have_names_that_readers_know():
    assert corrections.name_of("is_dispute", "false") == "不是纠纷"
    assert corrections.name_of("area_code", "530402001000") == "红塔区玉兴街道"
    assert corrections.name_of("category_code", "0201").startswith("邻里纠纷/")
    assert corrections.name_of("area_code", None) == "空"
