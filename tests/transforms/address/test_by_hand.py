"""Addresses as clerks, callers and other systems write them, with the division that a reader who knows 玉溪 would name.

`by_hand.csv`: county, town, and village without class word; empty: the text does not tell, and nothing may be
guessed; ``*``: either is right. Written from the list of divisions and from how people write, not from our simulator.
"""

from pathlib import Path

import pandas as pd
import pytest

from sources import reference
from transforms import address, text

CASES = pd.read_csv(Path(__file__).parent / "by_hand.csv", dtype=str, keep_default_na=False)
NAME = dict(zip(reference.divisions()["code"], reference.divisions()["name"], strict=True))


@pytest.fixture(scope="module")
def found():
    nothing = pd.Series([None] * len(CASES), dtype="str")
    located = address.locate(nothing, nothing, nothing, nothing, text.clean(CASES["address"]), nothing)
    names = pd.DataFrame(
        {
            "county": (located["county_code"] + "000000").map(NAME),
            "town": located["town_code"].map(NAME),
            "village": located["village_code"].map(NAME).map(reference.short_village, na_action="ignore"),
        }
    )
    return names.astype("str").fillna("")


@pytest.mark.parametrize("level", ["county", "town", "village"])
def test_every_address_is_placed_where_a_reader_would_place_it(found, level):
    wanted = CASES[level]
    wrong = (found[level] != wanted) & (wanted != "*")
    shown = pd.DataFrame({"address": CASES["address"], "wanted": wanted, "found": found[level]})
    assert shown[wrong].to_dict("records") == []
