"""What an address says below the village: road, number, estate, building, unit, room, group, landmark.

Here: patterns over whole columns (RE2 through Arrow). Not here: divisions (`transforms.address.place`).
cleaned address -> parts
"""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.address import gazetteer

PARTS = ("road", "road_number", "estate", "building", "unit", "room", "group_number", "hamlet", "landmark")

_N = "[0-9一二三四五六七八九十百]"
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


@cache
def patterns() -> dict[str, str]:
    """RE2 pattern of each part, group ``v``; the word lists stand in `address.yml`."""
    rules = gazetteer.rules()
    estates = "|".join(sorted(rules["estates"], key=len, reverse=True))
    landmarks = "|".join(sorted(rules["landmarks"], key=len, reverse=True))
    return {
        "road": (
            "(?P<v>[\\p{Han}]{1,8}?(?:大道|东路|西路|南路|北路|中路|路|大街|正街|街|巷|公路|环线|弄))"
            "(?:[^道村子心委社镇乡上边口面]|$)"
        ),
        "road_number": (
            f"(?:路|道|街|巷|段|弄)(?:[\\p{{Han}}]{{0,2}}?)(?P<v>{_N}+(?:[-—之附][0-9]+)?)号(?:[^楼栋幢座]|$)"
        ),
        "building": f"(?P<v>[0-9]+|[A-Za-z][0-9]*|{_N}+)(?:号楼|栋|幢|座|号院[0-9]+号楼)",
        "unit": f"(?P<v>{_N}+|[A-Za-z])单元",
        "room": "(?:单元|[栋幢座楼层苑园]|小区)[-—]?(?:[0-9]{1,2}楼)?(?P<v>[0-9]{3,4})(?:室|号房|号|房|户|[^0-9]|$)",
        "hamlet": "(?P<v>[\\p{Han}]{1,6}?)(?:村民小组|居民小组|小组|自然村)",
        "group_number": f"第?(?P<v>{_N}+)(?:村民小组|居民小组|小组|组|社(?:[^区]|$))",
        "landmark": f"(?P<v>[\\p{{Han}}A-Za-z0-9·]{{2,12}}?(?:{landmarks}))(?:[^\\p{{Han}}]|$|[一二三四五六七八九十])",
        "estate": f"(?P<v>[\\p{{Han}}A-Za-z0-9·]{{1,10}}?(?:{estates}))",
    }


_CROSSING = "(?P<v>[\\p{Han}]{2,6}(?:路|街|大道|巷)[与和][\\p{Han}]{2,6}(?:路|街|大道|巷)(?:交叉口|路口|交汇处|口))"
_DASHED = "(?:^|[^0-9])(?P<b>[0-9]{1,3})[-—](?P<u>[0-9]{1,2})[-—](?P<r>[0-9]{3,4})(?:[^0-9]|$)"
_ROAD_AND_NUMBER = (
    "^[\\p{Han}]{1,8}?(?:大道|[东西南北中]路|路|大街|正街|街|巷|公路|环线|弄)(?:[0-9]+(?:[-—之附][0-9]+)?号)?"
)
# a village or group that the gazetteer does not know, at the front
_UNKNOWN_VILLAGE = (
    f"^[\\p{{Han}}]{{1,8}}?(?:村委会|村民委员会|社区|居委会)|^[\\p{{Han}}]{{0,6}}?{_N}*(?:村民小组|居民小组|小组|组)"
)


def parse(addresses: pd.Series, division_end: pd.Series) -> pd.DataFrame:
    """Returns the parts named in `PARTS` for a column of cleaned addresses (n); null where the address does not say.

    Args:
        addresses: cleaned addresses (n).
        division_end: how many characters at their front name divisions (n), from `place.locate`.
    """
    cut = [
        text[end:] if text == text else None
        for text, end in zip(addresses.tolist(), division_end.tolist(), strict=True)
    ]
    number, unique = pd.factorize(pd.Series(cut, dtype="str"))
    below = pa.array(unique.tolist(), type=pa.string())
    found = {name: _extract(below, patterns()[name]) for name in PARTS if name not in ("estate", "landmark", "hamlet")}
    grouped = pc.if_else(pc.match_substring_regex(below, "组|自然村"), below, pa.scalar(None, pa.string()))
    found["hamlet"] = _extract(grouped, patterns()["hamlet"])
    rest = pc.replace_substring_regex(below, _UNKNOWN_VILLAGE, "")
    rest = pc.replace_substring_regex(rest, _UNKNOWN_VILLAGE, "")
    rest = pc.replace_substring_regex(rest, _ROAD_AND_NUMBER, "")
    found["estate"] = _extract(rest, patterns()["estate"])
    # few addresses name a crossing: the others need not be searched for one
    crossing = pc.if_else(pc.match_substring(below, "口"), below, pa.scalar(None, pa.string()))
    found["landmark"] = pc.coalesce(_extract(crossing, _CROSSING), _extract(rest, patterns()["landmark"]))
    dashed = pc.extract_regex(below, _DASHED)
    for name, field in (("building", "b"), ("unit", "u"), ("room", "r")):
        found[name] = pc.coalesce(found[name], pc.struct_field(dashed, field))
    frame = pd.DataFrame({name: found[name].to_pandas() for name in PARTS}).astype("str")
    hamlet = frame["hamlet"].str.replace(f"第{_N}+$", "", regex=True)
    frame["hamlet"] = hamlet.where(~hamlet.str.fullmatch(f"第?{_N}+", na=False))
    for name in ("road_number", "building", "unit", "group_number"):
        frame[name] = _arabic(frame[name])
    frame = frame.where(frame != "").astype("str")
    taken = frame.reindex(np.where(number < 0, len(frame), number))
    return taken.set_axis(addresses.index)


def _extract(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.struct_field(pc.extract_regex(texts, pattern), "v")


def _arabic(values: pd.Series) -> pd.Series:
    """Writes Chinese numerals below 1000 as digits: 三 -> 3, 十二 -> 12, 一百二十 -> 120."""
    return values.map({value: _number(value) for value in values.dropna().unique().tolist()}).astype("str")


def _number(value: str) -> str:
    if value.isascii():
        return value.upper()
    hundreds, has_hundred, rest = value.rpartition("百")
    tens, has_ten, ones = rest.rpartition("十")
    if has_hundred:
        units = _DIGITS.get(ones[-1:], 0)
        return str(_DIGITS.get(hundreds, 1) * 100 + (_DIGITS.get(tens, 1) * 10 if has_ten else 0) + units)
    if not has_ten:
        return "".join(str(_DIGITS.get(character, character)) for character in value)
    return str((_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0))
