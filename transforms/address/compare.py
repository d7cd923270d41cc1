"""Two addresses of anywhere in China, compared by their parts: what agrees, what contradicts, what only one side says.

Here: taking an address apart without a list of places, and the levels of agreement of pairs. Not here: divisions of
玉溪 (`transforms.address.place`), the parts of an event (`transforms.address.parts`), a verdict learnt from labels
(tests/bench/address_pairs.py).
addresses -> parts, (left parts, right parts) -> levels and figures -> likeness

A missing part and a part that differs are not the same: 12号 beside 14号 speaks against, 12号 beside nothing does not.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

NEITHER, LEFT, RIGHT, SAME, DIFFERENT = range(5)
"""Levels of a part: nobody has it, one side has it, both have the same, both have it and differ."""

DIVISIONS = ("province", "city", "county", "town", "village")
NUMBERS = ("number", "building", "unit", "floor", "room", "phase", "zone")

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = re.compile(
    "[一二三四五六七八九十百零〇两]{1,4}(?=号|栋|幢|座|单元|楼|层|室|组|期|区|巷|弄|院|队|路|街|门|厂|村|社|米|里|店)"
)
_HAN = "[\u4e00-\u9fff]"
_PHONE = re.compile(r"1\d{10}|\d{3,4}-?\d{7,8}")
_ASIDE = re.compile(r"[(\[【]([^)\]】]*)[)\]】]?")
_REGION = re.compile(
    rf"(?P<province>{_HAN}{{1,8}}?(?:省|自治区))?"
    rf"(?P<city>(?:北京|上海|天津|重庆)(?!路|街|大道)市?|{_HAN}{{1,7}}?(?:市|自治州|地区|盟)(?!场|政|区|中心|民|立))?"
    rf"(?P<county>(?:(?!路|街|号){_HAN}){{1,7}}?(?:自治县|区|县|旗|市(?!场|政|中心|民|第))(?!域|政府|政务|人民|百))?"
)
# 园区, 小区, 开发区 and the like are no counties
_NO_COUNTY = re.compile(
    "(?:小|园|校|社|景|厂|库|片|功能|度假|开发|工业|住宅|生活|街|矿|保税|作业|商|产业|合作|示范|管理)区$"
    "|(?:超|集|都|城|菜)市$"
)
_TOWN = re.compile(rf"(?:(?!路|号|\d){_HAN}){{1,6}}?(?:街道办事处|街道|镇(?![政中卫海江])|乡(?!村)|办事处)")
_VILLAGE = re.compile(r"(?:(?!路|号)[\u4e00-\u9fff0-9]){1,6}?(?:村民委员会|村委会|社区居委会|社区|居委会|村(?!镇|民))")
_ROAD = re.compile(
    r"(?:(?!与|和|附近|号|栋|米|\d{2})[\u4e00-\u9fff\dA-Z]){1,8}?(?:大道|大街|公路|胡同|国道|省道|县道|乡道|高速|路|街|巷|弄|线(?!缆))"
    r"(?:[东南西北中](?=段|路|侧|\d|$|与))?(?:[东南西北中0-9]*段)?"
)
_NUMBER_OF_ROAD = re.compile(
    r"\x01[东南西北]?(?:侧|边)?(\d+(?:[-.]\d+)*[A-Z]?)(?:号院|号|弄|附近|(?!\d|栋|米|期|层|楼|室|-))"
)
_OF_HOUSE = {
    "building": re.compile(r"(\d+[A-Z]?|[A-Z]\d*)(?:-\d+)?栋|(?<![\d-])(\d+)-\d+-\d{3,4}"),
    "unit": re.compile(r"(\d+|[A-Z])单元"),
    "floor": re.compile(r"(?<!\d)(负?\d{1,2}|B\d)(?:楼|层|F)(?!\d*号)"),
    "room": re.compile(
        r"(?<!\d)([A-Z]?\d{3,4})(?:室|号房|房|户|号铺)|(?:单元|栋|楼|层)[- ]?([A-Z]?\d{3,4})(?!\d|米|号)"
    ),
    "phase": re.compile(r"(\d+)期"),
    "zone": re.compile(r"([A-Z0-9])区"),
}
_BETWEEN = re.compile(
    r"\d+(?:-\d+)*[A-Z]?(?:栋|单元|层|楼|室|号房|房|户|号院|号|弄|组|队|米|期|F)|[A-Z]\d*栋|交叉口|附近|对面|旁边?"
    r"|[东南西北]侧|\x01"
)
_KIND = re.compile(
    "有限责任公司|股份有限公司|有限公司|公司|集团|小区|花园|大厦|广场|公寓|酒店|宾馆|超市|商店|店|厂|学校|小学|中学|幼儿园|苑|楼|医院"
    "|商场|中心|市场|工业园|科技园|产业园|园区|村|(?:[东南西北]{1,2}|正|后|侧)门|停车场|地铁站|公交站"
)
_GATE = re.compile("[东南西北正后侧]门|地铁站|公交站|停车场|出入口")
# by how much a part that contradicts makes two addresses less alike
_CONTRADICTED = {"building": 0.4, "number": 0.7, "unit": 0.6, "room": 0.6, "zone": 0.6, "town": 0.8}
_CLASS = re.compile("(?:省|市|区|县|镇|乡|街道办事处|街道|办事处|村委会|村民委员会|社区|村)$")


def fold(address: str) -> str:
    """Returns an address with figures for numerals, and one word for each sort of building.

    七号二单元 -> 7号2单元, 3幢 and 3号楼 -> 3栋.
    """
    text = unicodedata.normalize("NFKC", address).upper()
    text = re.sub(r"[\s,，。;；、:：《》]+", " ", text).strip()
    text = _NUMERAL.sub(lambda match: _figures(match[0]), text)
    text = re.sub(r"(?<=\d)#", "号", re.sub(r"[-—–_~～]+", "-", text))
    text = re.sub("交叉路口|交汇处|交界处|交口|十字路口", "交叉口", text)
    return re.sub("(?<=[0-9A-Z])(?:幢|座|号楼|栋楼)", "栋", text)


def _figures(numeral: str) -> str:
    """Writes a Chinese numeral below 1000 with figures: 二十三 -> 23, 二〇三 -> 203."""
    hundreds, has_hundred, rest = numeral.rpartition("百")
    tens, has_ten, ones = rest.rpartition("十")
    if not has_hundred and not has_ten:
        return str(int("".join(str(_DIGITS[digit]) for digit in numeral)))
    value = 100 * _DIGITS.get(hundreds or "一", 1) if has_hundred else 0
    value += 10 * _DIGITS.get(tens or "一", 1) if has_ten else 0
    return str(value + _DIGITS.get(ones[-1:], 0))


def split(addresses: pd.Series) -> pd.DataFrame:
    """Takes addresses (n) apart, each distinct one once.

    Returns:
        ``text`` folded, the divisions (null where none), ``roads`` and each of `NUMBERS` as tuples, ``place`` (what is
        left: the name of an estate, a company, a shop), ``names`` (its segments) and ``figures`` (all numbers).
    """
    number, unique = pd.factorize(addresses)
    # as objects: a column of text would turn null into NaN, which is true
    parts = pd.DataFrame([_split_one(address) for address in [*unique.tolist(), ""]], dtype=object)
    frame = parts.iloc[np.where(number < 0, len(unique), number)]
    return frame.set_axis(addresses.index)


def _split_one(address: str) -> dict[str, object]:
    text = _PHONE.sub(" ", fold(address))
    main = _ASIDE.sub(" ", text)
    parts: dict[str, object] = {"text": text}
    start = 0
    region = _REGION.match(main)
    for name in DIVISIONS[:3]:
        found = region[name] if region else None
        if found and _NO_COUNTY.search(found):
            found = None
        parts[name] = found
        if found and region:
            start = region.end(name)
    rest = main[start:]
    for name, pattern in (("town", _TOWN), ("village", _VILLAGE)):
        match = pattern.match(rest)
        parts[name] = match[0] if match else None
        rest = rest[match.end() :] if match else rest
    parts["roads"] = tuple(road.lstrip("与和在") for road in _ROAD.findall(rest))
    rest = _ROAD.sub("\x01", rest)
    parts["number"] = tuple(_NUMBER_OF_ROAD.findall(rest))
    rest = _NUMBER_OF_ROAD.sub(" ", rest)
    for name, pattern in _OF_HOUSE.items():
        parts[name] = tuple("".join(match) for match in pattern.findall(rest))
    names = [name for name in re.split(r"[\s与和·.\-]+", _BETWEEN.sub(" ", rest)) if name]
    parts["place"] = "".join(names)
    parts["names"] = tuple(name for name in names if len(name) >= 2)
    parts["figures"] = tuple(re.findall(r"\d+", main))
    return parts


def compare(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Compares n pairs of addresses, both from `split`.

    Returns:
        ``level_<part>`` for divisions, roads and numbers (`NEITHER` … `DIFFERENT`), and figures: shares and ratios from
        0 to 1, counts of edited characters. Null where a side has nothing to compare.
    """
    rows = zip(left.to_dict("records"), right.to_dict("records"), strict=True)
    return pd.DataFrame([_compare_one(*pair) for pair in rows], index=left.index)


def likeness(levels: pd.DataFrame) -> pd.Series:
    """Returns from 0 to 1 how much two addresses look like one place, by rule.

    What they share of text and name, made smaller by each part that contradicts and by what the first one tells more
    exactly than the second. The weights are set by hand (假定).
    """
    name = levels["name_best"].fillna(levels["ratio"])
    core = levels["core_ratio"].fillna(levels["ratio"])
    shared = 0.4 * levels["pairs_kept"].fillna(0) + 0.2 * levels["ratio"] + 0.2 * name + 0.2 * core
    for part, weight in _CONTRADICTED.items():
        shared *= np.where(levels[f"level_{part}"] == DIFFERENT, weight, 1.0)
    shared *= np.where(levels["level_building"] == LEFT, 0.5, 1.0)
    shared *= np.where(levels["level_number"] == LEFT, 0.8, 1.0)
    shared *= np.where(levels["one_is_gate"] > 0, 0.7, 1.0)
    likely: pd.Series = shared * 0.93 ** levels["figures_left"]
    return likely


def _level(left: Sequence[str], right: Sequence[str]) -> int:
    if not left or not right:
        return LEFT if left else RIGHT if right else NEITHER
    return SAME if set(left) & set(right) else DIFFERENT


@cache
def _stem(name: str) -> str:
    return _CLASS.sub("", name)


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)} or ({text} if text else set())


def _share(part: set[str], whole: set[str]) -> float:
    return len(part & whole) / len(part) if part else np.nan


def _edits(left: str, right: str, name: str) -> dict[str, float]:
    """What it takes to turn one text into the other: a replaced word contradicts, an inserted one only adds."""
    counts = dict.fromkeys(("replaced", "figures", "dropped", "added", "longest", "most_dropped", "most_added"), 0.0)
    for step in Levenshtein.opcodes(left, right):
        before, after = left[step.src_start : step.src_end], right[step.dest_start : step.dest_end]
        if step.tag == "equal":
            counts["longest"] = max(counts["longest"], len(before))
        elif step.tag == "replace":
            has_figures = any(map(str.isdigit, before)) and any(map(str.isdigit, after))
            counts["figures" if has_figures else "replaced"] += min(len(before), len(after))
        elif step.tag == "delete":
            counts["dropped"] += len(before)
            counts["most_dropped"] = max(counts["most_dropped"], len(before))
        else:
            counts["added"] += len(after)
            counts["most_added"] = max(counts["most_added"], len(after))
    return {f"{name}_{what}": count for what, count in counts.items()}


def _compare_one(left: dict[str, object], right: dict[str, object]) -> dict[str, float]:
    found: dict[str, float] = {}
    a, b = str(left["text"]), str(right["text"])
    for part in DIVISIONS:
        names = [_stem(str(side[part])) if side[part] else "" for side in (left, right)]
        same = all(names) and (names[0].endswith(names[1]) or names[1].endswith(names[0]))
        found[f"level_{part}"] = SAME if same else _level(names[:1] if names[0] else [], names[1:] if names[1] else [])
        found[f"{part}_told"] = float(names[1] in a) if names[1] else np.nan
        found[f"{part}_kept"] = float(names[0] in b) if names[0] else np.nan
    for part in NUMBERS:
        found[f"level_{part}"] = _level(_texts(left[part]), _texts(right[part]))
    roads, others = _texts(left["roads"]), _texts(right["roads"])
    alike = [fuzz.ratio(one, two) / 100 for one in roads for two in others]
    found["roads_alike"] = max(alike, default=np.nan)
    found["level_roads"] = SAME if alike and max(alike) == 1 else _level(roads, others)
    found["roads_told"] = float(np.mean([road in a for road in others])) if others else np.nan
    found["roads_kept"] = float(np.mean([road in b for road in roads])) if roads else np.nan
    found["roads_left"], found["roads_right"] = len(roads), len(others)
    found |= _compare_numbers(left, right) | _compare_names(left, right)
    found["ratio"], found["partial"] = fuzz.ratio(a, b) / 100, fuzz.partial_ratio(a, b) / 100
    found["set_ratio"] = fuzz.token_set_ratio(" ".join(a), " ".join(b)) / 100
    pairs, other_pairs = _pairs(a), _pairs(b)
    found["pairs_kept"], found["pairs_told"] = _share(pairs, other_pairs), _share(other_pairs, pairs)
    found["letters_kept"], found["letters_told"] = _share(set(a), set(b)), _share(set(b), set(a))
    found["length_left"], found["length_right"] = len(a), len(b)
    found["gate_left"], found["gate_right"] = float(bool(_GATE.search(a))), float(bool(_GATE.search(b)))
    found["one_is_gate"] = abs(found["gate_left"] - found["gate_right"])
    found["is_near"] = float("附近" in b)
    return found | _edits(a, b, "text")


def _texts(value: object) -> list[str]:
    assert isinstance(value, tuple)
    return [str(each) for each in value]


def _compare_numbers(left: dict[str, object], right: dict[str, object]) -> dict[str, float]:
    numbers, others = _texts(left["number"]), _texts(right["number"])
    figures, other_figures = _texts(left["figures"]), _texts(right["figures"])
    both = set(figures) | set(other_figures)
    result = {
        "figures_alike": len(set(figures) & set(other_figures)) / len(both) if both else np.nan,
        "figures_left": float(len(set(figures) - set(other_figures))),
        "figures_right": float(len(set(other_figures) - set(figures))),
        "number_apart": np.nan,
        "last_kept": float(figures[-1] in other_figures) if figures and other_figures else np.nan,
        "last_told": float(other_figures[-1] in figures) if figures and other_figures else np.nan,
    }
    if numbers and others:
        first, second = (int(re.split(r"\D", each[0])[0][:6]) for each in (numbers, others))
        result["number_apart"] = float(min(abs(first - second), 500))
    return result


def _compare_names(left: dict[str, object], right: dict[str, object]) -> dict[str, float]:
    """Compares what the places are called, as wholes and name by name; the last name says most."""
    place, other = str(left["place"]), str(right["place"])
    names, others = _texts(left["names"]), _texts(right["names"])
    result: dict[str, float] = {"place_left": len(place), "place_right": len(other)}
    result |= _edits(place, other, "place")
    if place and other:
        cores = _KIND.sub("", place), _KIND.sub("", other)
        pairs, other_pairs = _pairs(place), _pairs(other)
        result |= {
            "place_ratio": fuzz.ratio(place, other) / 100,
            "place_partial": fuzz.partial_ratio(place, other) / 100,
            "place_kept": _share(pairs, other_pairs),
            "place_told": _share(other_pairs, pairs),
            "core_ratio": fuzz.ratio(*cores) / 100,
            "core_partial": fuzz.partial_ratio(*cores) / 100 if min(map(len, cores)) >= 2 else np.nan,
            "level_kind": _level(_KIND.findall(place)[-1:], _KIND.findall(other)[-1:]),
        }
    if names and others:
        table = np.array([[fuzz.ratio(one, two) / 100 for two in others] for one in names])
        one, two = np.unravel_index(table.argmax(), table.shape)
        result |= {
            "name_best": float(table.max()),
            "name_length": float(min(len(names[one]), len(others[two]))),
            "name_from_end": float(len(names) - 1 - one),
            "name_from_other_end": float(len(others) - 1 - two),
            "last_ratio": float(table[-1, -1]),
            "last_in_other": fuzz.partial_ratio(names[-1], str(right["text"])) / 100,
            "other_last_in": fuzz.partial_ratio(others[-1], str(left["text"])) / 100,
            "last_length": float(len(names[-1])),
            "other_last_length": float(len(others[-1])),
        }
    return result
