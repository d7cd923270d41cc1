from transforms import areas


def test_every_area_but_the_city_has_a_parent_in_the_table():
    table = areas.table()
    assert len(table) == 804
    assert table["area_code"].is_unique
    children = table[table["level"] != "city"]
    assert children["parent_code"].isin(table["area_code"]).all()
    assert table.loc[table["area_code"] == "530402001000", "full_name"].item() == "红塔区玉兴街道"


def test_codes_have_the_lengths_of_the_contract():
    lengths = areas.table().assign(n=lambda frame: frame["area_code"].str.len()).groupby("level")["n"].unique()
    assert {level: values.tolist() for level, values in lengths.items()} == {
        "city": [6], "county": [6], "town": [12], "village": [12],
    }  # fmt: skip
