"""What an address says below the village: road, number, estate, building, unit, room, group, landmark.

Here: patterns over whole columns (RE2 through Arrow). Not here: divisions (`transforms.address.place`).
cleaned address -> parts
"""

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from transforms.address import gazetteer

PARTS = ("road", "road_number", "estate", "building", "unit", "room", "group_number", "landmark")

_N = "[0-9一二三四五六七八九十百]"
_NAME = "[\\p{Han}A-Za-z0-9·]"
_ESTATE = (
    "小区|花园|家园|公寓|新村|嘉园|雅苑|佳园|名苑|名都|新城|广场|国际|华府|庭院|别墅|山庄|公馆|商城|商业街|步行街|美食城|建材城|汽车城|批发市场|农贸市场|菜市场|集贸市场|综合市场|市场|"
    "工业园区|工业园|产业园区|产业园|物流园|科技园|园区|安置区|生活区|家属院|家属区|住宅区|职工宿舍|宿舍区|大厦|写字楼|中心城|购物中心|百货大楼|商场|"
    "幼儿园|小学|中学|大学|学院|职中|学校|医院|卫生院|车站|客运站|苑|府|湾|郡|院子|水库|电站|工地|项目部|养殖场|茶厂|砖厂|酒店|宾馆|物流中心|加油站|度假区|公租房|廉租房|安置房"
)
_PATTERNS = {
    "road": f"(?P<v>[\\p{{Han}}]{{1,8}}?(?:大道|东路|西路|南路|北路|中路|路|大街|正街|街(?:[^道村子心委社镇乡上]|$)|巷(?:[^道子]|$)|公路|环线|弄))",
    "road_number": "(?:路|道|街|巷|段|弄)(?:[\\p{Han}]{0,2})(?P<v>[0-9]+(?:[-—之附][0-9]+)?)号(?:[^楼栋幢座]|$)",
    "building": f"(?P<v>(?:[0-9]+|[A-Za-z][0-9]*|{_N}+))(?:号楼|栋|幢|座|号院[0-9]+号楼)",
    "unit": f"(?P<v>{_N}+|[A-Za-z])单元",
    "room": "(?:单元|[栋幢座楼层]|小区|[苑园])[-—]?(?:[0-9]{1,2}楼)?(?P<v>[0-9]{3,4})(?:室|号房|号|房|户|[^0-9]|$)",
    "room_dashed": "(?:^|[^0-9])(?P<b>[0-9]{1,3})[-—](?P<u>[0-9]{1,2})[-—](?P<r>[0-9]{3,4})(?:[^0-9]|$)",
    "group_number": f"第?(?P<v>{_N}+)(?:村民小组|居民小组|小组|组|社(?:[^区]|$))",
    "landmark": f"(?P<v>{_NAME}{{2,12}}(?:门口|旁边|旁|对面|附近|后面|背后|门前|隔壁|斜对面|路口|交叉口|十字路口|桥头|拐角|入口处|后山|下面))",
}  # fmt: skip
_ESTATE_RE = f"(?P<v>{_NAME}{{1,10}}?(?:{_ESTATE}))"
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def parse(addresses: pd.Series) -> pd.DataFrame:
    """Returns the parts named in `PARTS` for a column of cleaned addresses (n); null where the address does not say."""
    number, unique = pd.factorize(addresses)
    texts = pa.array(unique.tolist(), type=pa.string())
    below = _below(texts)
    found = {name: _extract(below, pattern) for name, pattern in _PATTERNS.items() if name != "room_dashed"}
    found["road"] = pc.replace_substring_regex(found["road"], "(街|巷)[^街巷]$", "\\1")
    rest = pc.replace_substring_regex(
        below, _PATTERNS["road"].replace("?P<v>", "?:") + "(?:[0-9]+号)?", " ", max_replacements=1
    )
    estate = _extract(rest, _ESTATE_RE)
    estate = pc.coalesce(estate, _extract(below, _ESTATE_RE))
    found["estate"] = pc.replace_substring_regex(estate, "^(?:[0-9]+号|路|街|号|的|与|和|在)+", "")
    dashed = pc.extract_regex(below, _PATTERNS["room_dashed"])
    for name, field in (("building", "b"), ("unit", "u"), ("room", "r")):
        found[name] = pc.coalesce(found[name], pc.struct_field(dashed, field))
    frame = pd.DataFrame({name: found[name].to_pandas() for name in PARTS}).astype("str")
    for name in ("building", "unit", "group_number"):
        frame[name] = _arabic(frame[name])
    frame = frame.where(frame != "", None)
    taken = frame.take([position if position >= 0 else len(frame) for position in number] if False else number.clip(0))
    taken = taken.astype("str").mask(pd.Series(number < 0, index=taken.index), None) if (number < 0).any() else taken
    return taken.set_axis(addresses.index)


def _below(texts: pa.Array) -> pa.Array:
    """Cuts the divisions from the front, so that 玉溪市红塔区玉兴街道凤凰路 gives 凤凰路."""
    return pc.replace_substring_regex(texts, _division_pattern(), "")


def _division_pattern() -> str:
    names = gazetteer.load()
    strong = [
        word
        for word, first in zip(names.lexicon.words, names.first[:-1].tolist(), strict=True)
        if names.entry_strength[first] >= 3 and not re.search("小区|花园", word)
    ]
    words = ["云南省", "玉溪市", "玉溪", *strong]
    return "^(?:[ ,，]*(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + "))+"


def _extract(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.struct_field(pc.extract_regex(texts, pattern), "v")


def _arabic(values: pd.Series) -> pd.Series:
    """Writes Chinese numerals up to 99 as digits: 三 -> 3, 十二 -> 12."""
    return values.map({value: _number(value) for value in values.dropna().unique().tolist()}).astype("str")


def _number(value: str) -> str:
    if value.isascii():
        return value.upper()
    tens, has_ten, ones = value.rpartition("十")
    if not has_ten:
        return "".join(str(_DIGITS.get(character, character)) for character in value)
    return str((_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0))
