"""What a text mentions: phones, ID numbers, record numbers, persons, organisations, sums.

Here: finding with place in the text. Not here: hiding (`transforms.scrub`), word lists (`mentions.yml`), sums
(`transforms.amounts`), dates (`transforms.dates`), who takes part (`transforms.headcount`), who threatens
(`transforms.threats`), whether it is a dispute (`transforms.disputes`).
cleaned texts -> Found

One pass of the shared lexicon marks where a rule is worth trying; a compiled pattern then looks at that place only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml

from sources import reference
from transforms import amounts, firms, headcount, identity, person, phone, threats
from transforms.lexicon import Array, Hits, Joined, Lexicon

SEPARATOR = "\x01"


class Span(NamedTuple):
    """A mention: text ``row``, ``start``, ``end``, canonical ``value``; ``kind``: role of a person, kind of a firm."""

    row: int
    start: int
    end: int
    value: str
    kind: str = ""


class Figure(NamedTuple):
    """A sum in 元 or a number of persons: text ``row``, ``start``, ``end``, ``value``."""

    row: int
    start: int
    end: int
    value: float


@dataclass
class Found:
    """Mentions in n texts.

    ``guesses`` are likely names without a cue, for hiding only. ``amount`` (元, NaN: none), ``headcount`` (0: none) and
    ``threats`` are per text, from ``amounts``, ``headcounts`` and ``threatening``.
    """

    rows: int
    phones: list[Span] = field(default_factory=list)
    identities: list[Span] = field(default_factory=list)
    numbers: list[Span] = field(default_factory=list)
    accounts: list[Span] = field(default_factory=list)
    persons: list[Span] = field(default_factory=list)
    guesses: list[Span] = field(default_factory=list)
    organisations: list[Span] = field(default_factory=list)
    amounts: list[Figure] = field(default_factory=list)
    headcounts: list[Figure] = field(default_factory=list)
    threatening: list[Span] = field(default_factory=list)
    amount: Array = field(default_factory=lambda: np.zeros(0))
    headcount: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    threats: dict[int, list[str]] = field(default_factory=dict)


@cache
def rules() -> dict[str, Any]:
    """The content of `mentions.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def words() -> list[str]:
    """All words that mark a place worth a closer look."""
    lists = (
        threats.words(),
        rules()["person_cues"],
        rules()["sure_cues"],
        rules()["titles"],
        rules()["offices"],
        firms.words(),
    )
    return sorted({"某", "**", *(word for words_ in lists for word in words_)})


# ---------------------------------------------------------------------------------------------------------- numbers
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_DATE = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_NUMBER = re.compile(
    rf"(?<![0-9A-Za-z])(?:"
    rf"(?P<id>{_PROVINCE}\d{{4}}[ -]?(?:18|19|20)\d{{2}}[ -]?{_DATE}[ -]?\d{{3}}[\dXx]"
    rf"|{_PROVINCE}\d{{6}}{_DATE}\d{{3}})(?![0-9A-Za-z])"
    rf"|(?P<mobile>(?:[（(]?(?:\+|00)?86[)）]?[- ]?|0)?1 ?[3-9](?:[- ]?\d){{9}})(?![0-9A-Za-z])"
    rf"|(?P<line>[（(]?0\d{{2,3}}[)）]?[-—– ]{{0,3}}[2-9](?: ?\d){{6,7}}"
    r"(?:(?: ?转 ?|-| ?分机 ?)\d{1,6})?)(?![0-9A-Za-z])"
    rf"|(?P<number>[A-Za-z]{{0,8}}[-_]?\d(?:[-_]?[0-9A-Za-z]){{5,39}})(?![0-9A-Za-z])"
    rf")"
    r"|(?P<case>[\u4e00-\u9fff]{0,5}(?:调|仲案|仲裁?)[\u4e00-\u9fff]{0,3}[〔（(\[]20\d\d[〕）)\]][\u4e00-\u9fff]{0,8}第?\d{1,6}号"
    r"|[〔（(\[]20\d\d[〕）)\]][\u4e00-\u9fff](?:\d{2,4})?[\u4e00-\u9fff]{1,4}\d{1,7}号)"
    r"|(?P<spoken>[一幺二三四五六七八九零〇]{11})"
)
_NUMBER_CUE = re.compile(r"(?:单号|编号|工单|警情|案号|案件|事件|任务号|接警单|接警|号码为|单)[^0-9A-Za-z，。；]{0,6}$")
# Ranges of years and prices, dates, standards, what data guards left of a number
_NO_NUMBER = re.compile(
    r"^\d{1,5}[-_]\d{1,5}[A-Za-z]?$|^(?:19|20)\d\d-\d{1,2}-\d{1,2}$|^(?:GB|DB|JGJ|CJ|GA|SB)[A-Z/]*\d|^T\d+-\d{4}$|0{8}"
)
_NO_NUMBER_CUE = re.compile(
    r"(?:网友|用户|合同|订单|发票|运单|快递|保单|存折|银行卡|卡号|账号|信用代码|执照|许可证|证号|公众号|国标|标准|规范)[^0-9A-Za-z，。；]{0,5}$"
)
_PHONE_CUE = re.compile(r"(?:电话|手机|座机|联系方式|致电|拨打|号码|联系)[^0-9A-Za-z，。；]{0,4}$")
_ACCOUNT = re.compile(
    r"(?:微信|[Vv][Xx]|[Qq]{2}|扣扣|抖音|支付宝|卡号|账号|账户|银行卡)(?:号码|号)?[:：是为]?\s?(?P<account>[A-Za-z0-9_\-]{6,24})"
    r"|(?P<plate>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警])(?![A-Za-z0-9])"
    r"|(?P<mail>[A-Za-z0-9_.+\-]{2,}@[A-Za-z0-9\-]+(?:\.[A-Za-z]{2,})+)"
)
_SPOKEN = str.maketrans("一幺二三四五六七八九零〇", "112345678900")
_HAS_DIGITS = (
    r"[0-9]{5}|[0-9][-—– ][0-9]{3}|(?:[0-9] ){6}|[一幺二三四五六七八九零〇]{11}|[〔（(\[]20[0-9][0-9][〕）)\]]"
)
_HAS_ACCOUNT = r"微信|[Vv][Xx]|[Qq][Qq]|扣扣|卡号|账号|账户|银行卡|支付宝|抖音|@|[云川贵京粤沪渝桂苏浙鲁湘鄂赣豫][A-Z]"


def rows_with(texts: Any, pattern: str) -> list[int]:
    """Returns the numbers of the texts (Arrow array) in which a pattern (RE2) is found."""
    rows: list[int] = np.flatnonzero(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)).tolist()
    return rows


def _find_numbers(texts: Sequence[str], arrow: Any, found: Found) -> None:
    for row in rows_with(arrow, _HAS_DIGITS):
        text = texts[row]
        for match in _NUMBER.finditer(text):
            kind = match.lastgroup
            start, end = match.span()
            value = match.group()
            if kind == "id":
                number = identity.parse(value).number
                if number:
                    found.identities.append(Span(row, start, end, number))
                    continue
                kind = "number"
            if kind == "mobile" or kind == "line":
                parsed = phone.parse(value)
                if parsed.number:
                    found.phones.append(Span(row, start, end, parsed.number))
                continue
            if kind == "spoken":
                parsed = phone.judge(value.translate(_SPOKEN))
                if parsed.kind == "mobile" and parsed.number:
                    found.phones.append(Span(row, start, end, parsed.number))
                continue
            if kind == "case":
                value = value.lstrip("见据按与")
                found.numbers.append(Span(row, end - len(value), end, value))
                continue
            digits = sum(character.isdigit() for character in value)
            before = text[max(0, start - 12) : start]
            if set(value) <= set("0-_ ") or _NO_NUMBER.search(value) or _NO_NUMBER_CUE.search(before):
                continue
            if value.isdigit() and len(value) in (7, 8) and _PHONE_CUE.search(before):
                parsed = phone.judge(value)
                if parsed.number:
                    found.phones.append(Span(row, start, end, parsed.number))
                continue
            if digits >= 12 or (digits >= 6 and _NUMBER_CUE.search(before)) or (digits >= 8 and not value.isdigit()):
                found.numbers.append(Span(row, start, end, value.upper()))
    for row in rows_with(arrow, _HAS_ACCOUNT):
        for match in _ACCOUNT.finditer(texts[row]):
            kind = match.lastgroup or "account"
            start, end = match.span(kind)
            found.accounts.append(Span(row, start, end, kind))


# ---------------------------------------------------------------------------------------------------------- persons
_SURNAMES = "|".join(sorted((re.escape(name) for name in person.compound_surnames()), key=len, reverse=True))
_SINGLE = "".join(sorted(name for name in person.surnames() if len(name) == 1))
_SURNAME = f"(?:{_SURNAMES}|[{_SINGLE}])"
_RIGHT = (
    r"(?=$|[”’》】，。；、：,.;:!！?？\s（()）“”\"/\x01【\[]|因为?|与|和|及|跟|同|在|的|之|发生|产生|存在|签|为|等|电话|手机|反映|称|说|表示|家|将|把|拖欠|欠|借|打|动|两|均|都|也|已|对|向|到|于|一直|多次|"
    r"以|拒|不|未|没|经|被|是|换了|盖|砌|砍|占|骂|前年|去年|今年|卫生间|厨房|这边|说|扬言|两人|吵|谈|收|骑|干活|种|养|门口|身份|住|来电|报警|投诉|由|给|要求|承包|擅自|私自|先生|女士|现|曾|从|就|又|还|负责|所|夫妇|夫妻|一家|等人|男|女|同志|父子|等|收|承诺|答应|无故|突然|强行|持|手持|酒后|声称|扬言|威胁|介绍|经营|开设|开的|名下|处)"
)
_NAME_AT = re.compile(
    rf"(?:[:：是为叫]|\s|系|名|（|\()?\s?[“\"]?(?P<name>{_SURNAME}[\u4e00-\u9fff]{{2}}{_RIGHT}|{_SURNAME}[\u4e00-\u9fff]{_RIGHT}|[\u4e00-\u9fff]{{2,8}}·[\u4e00-\u9fff]{{2,8}})"
)
_SHORT_NAME_AT = re.compile(rf"[:：是为叫]?\s?(?P<name>[{_SINGLE}][\u4e00-\u9fff]){_RIGHT}")
_STRICT = frozenset(["与", "和", "被", "向", "找", "跟", "把", "由", "欠", "因", "本人", "双方", "对方", "隔壁"])


@cache
def _not_names() -> re.Pattern[str]:
    lists = rules()["not_names"]
    return re.compile(
        "|".join([*map(re.escape, lists["inside"]), *(re.escape(word) + "$" for word in lists["at_end"])])
    )


_MASKED_NAME = re.compile(
    rf"(?P<name>{_SURNAME}(?:[\u4e00-\u9fff]?\*{{1,3}}|某某某?|某[甲乙丙丁]|某[\u4e00-\u9fff]?(?=[，。、与和因的在（(；：\s]|$)|某))"
)
_TITLED = re.compile(rf"(?P<name>(?:{_SURNAME}[\u4e00-\u9fff]{{0,2}}))$")
_SPELT = re.compile(r"[:：是为]?\s?")
_LISTED = re.compile(rf"[、/]\s?(?P<name>{_SURNAME}[\u4e00-\u9fff]{{1,2}})(?=[、/，。；,;（(）)\s]|等|$)")
_BOUNDARY = frozenset('，。；、：（(【“"！？!?,;: \n\x01')
_BEFORE = frozenset("的请找叫由向和与给对被是让致及")


@cache
def _given() -> frozenset[str]:
    """Characters that are common in given names, from the list of names; 假定 for the rest."""
    names = reference.names()
    parts = (*names.male_single, *names.female_single, *names.male_double, *names.female_double)
    return frozenset("".join([*parts, rules()["given_characters"]]))


@cache
def _is_given(stem: str) -> bool:
    return all(character in _given() for character in stem)


def is_name(name: str, sure: bool = False) -> bool:
    """Returns whether a surname with one or two characters behind it is a name and not an ordinary word.

    ``sure``: what stands before it is followed by nothing but names (我叫, 联系人：).
    """
    if "·" in name or name[:2] in person.compound_surnames():
        return not _not_names().search(name)
    if _not_names().search(name) or person.is_role(name) or (len(name) == 3 and name[-1] in "说称诉被把已因也"):
        return False
    ordinary = reference.common_words()
    surname, stem = name[:1], name[1:]
    if len(name) == 2:
        return sure or (name not in ordinary and surname not in person.ambiguous_surnames())
    if name in ordinary:
        return False
    if surname in person.ambiguous_surnames():
        return _is_given(stem) and ((name[:2] not in ordinary and stem not in ordinary) or sure)
    if name[:2] in ordinary:
        return _is_given(stem) and name[2] not in "一和与从来自加"
    return sure or _is_given(stem) or stem not in ordinary


@cache
def _starters() -> frozenset[str]:
    """Characters with which a name or what joins it to its cue begins."""
    return frozenset([*_SINGLE, *(name[0] for name in person.compound_surnames()), *'：:是为叫系名（(“"\u3000 \n'])


@cache
def _no_right() -> tuple[str, ...]:
    return tuple(rules()["guess"]["not_right"])


def _after(text: str, end: int, strict: bool, word: str) -> tuple[int, int, str] | None:
    """Returns the name behind a cue that ends at ``end``."""
    if text[end : end + 1] not in _starters() and "·" not in text:
        return None
    colon = text[end : end + 1] in "：:"
    sure = word in rules()["sure_cues"] or bool(colon and end < len(text))
    for pattern in (_NAME_AT, _SHORT_NAME_AT):
        match = pattern.match(text, end)
        if not match:
            continue
        name = match.group("name")
        stem = name[2:] if name[:2] in person.compound_surnames() else name[1:]
        if is_name(name, sure) and (not strict or "·" in name or _is_given(stem)):
            return (*match.span("name"), name)
    # 投诉人雷某某强烈要求: nothing bounds the name on its right, both its characters are usual in names
    start = max(match.end() for match in (_SPELT.match(text, end),) if match)
    name = text[start : start + 3]
    usual = len(name) == 3 and name[0] in _SINGLE and name[0] not in person.ambiguous_surnames() and _is_given(name[1:])
    if usual and name[:2] not in reference.common_words() and is_name(name):
        return None if text.startswith(_no_right(), start + 3) else (start, start + 3, name)
    return None


def _before_title(text: str, start: int, end: int, word: str) -> tuple[int, int, str] | None:
    """Returns the name in front of a title, the title included: 李女士, 王建国师傅."""
    match = _TITLED.search(text, max(0, start - 4), start)
    if not match:
        return None
    name = match.group("name")
    surname = person.surname_of(name)
    previous = text[match.start() - 1 : match.start()]
    bounded = not previous or previous in _BOUNDARY or _ends_with_cue(text, match.start())
    if (
        surname
        and name == surname
        and (surname not in person.ambiguous_surnames() or bounded)
        and surname not in "和于向时从任者"
    ):
        return (match.start(), end, name + word)
    if surname and name != surname and bounded and is_name(name):
        return (match.start(), end, name + word)
    shorter = text[start - 1 : start]
    clear = shorter not in person.ambiguous_surnames() or _ends_with_cue(text, start - 1)
    if person.surname_of(shorter) and shorter not in "万元家东全方和于向时从任者" and clear:
        return (start - 1, end, shorter + word)
    return None


def _before_office(text: str, start: int, end: int) -> tuple[int, int, str] | None:
    """Returns the full name in front of an office, else the bare surname with it: 谢明亮, 胡书记."""
    for length in (3, 2):
        name = text[max(0, start - length) : start]
        if len(name) < length or name[0] not in _SINGLE or name[-1] in _OFFICE_PARTS:
            continue
        previous = text[start - length - 1 : start - length]
        bounded = not previous or previous in _BOUNDARY or previous in _BEFORE
        clear = name[0] not in person.ambiguous_surnames() and (bounded or previous in _UNITS_OF_OFFICES)
        usual = _is_given(name[1:]) and (bounded or _is_plain(name))
        if not usual and not (length == 2 and clear):
            continue
        if is_name(name):
            return (start - length, start, name)
    surname, previous = text[start - 1 : start], text[start - 2 : start - 1] if start > 1 else ""
    bare = surname and surname in _SINGLE and surname not in person.ambiguous_surnames()
    if bare and (previous in _BOUNDARY or previous in _BEFORE_OFFICE or not previous):
        return (start - 1, end, text[start - 1 : end])
    return None


# 尊敬的胡书记, 恳请胡书记, 您好胡书记
_BEFORE_OFFICE = frozenset("的请找叫由向和与给对被是让致及好谢求跟为")


def _is_plain(name: str) -> bool:
    return name[0] not in person.ambiguous_surnames()


_UNITS_OF_OFFICES = frozenset("村镇乡县区市局委会部组厂司")
_OFFICE_PARTS = frozenset("副正总大中小老新分支村镇乡县区市局委会部组厂司")


def _find_persons(
    texts: Sequence[str], hits: Hits, lexicon_words: Sequence[str], found: Found
) -> dict[tuple[int, int], int]:
    """Finds names beside cues, titles, offices and masks; returns the end of each by row and start."""
    cues, titles = {*rules()["person_cues"], *rules()["sure_cues"]}, set(rules()["titles"])
    offices, masks = set(rules()["offices"]), ("某", "某某", "**")
    kind = np.zeros(len(lexicon_words), dtype=np.int8)
    for index, word in enumerate(lexicon_words):
        if word in masks:
            kind[index] = 3
        else:
            # one word may be a cue, a title and an office at once: 老板, 同志
            kind[index] = 4 * (word in cues) + 8 * (word in titles) + 16 * (word in offices)
    picked = np.flatnonzero(kind[hits.word] > 0)
    taken: dict[tuple[int, int], int] = {}
    for at in picked.tolist():
        row, word = int(hits.row[at]), lexicon_words[int(hits.word[at])]
        text, start, end = texts[row], int(hits.start[at]), int(hits.end[at])
        what = int(kind[hits.word[at]])
        spots: list[tuple[int, int, str] | None] = []
        if what & 20:
            spots.append(_after(text, end, word in _STRICT or not what & 4, word))
        if what & 8:
            spots.append(_before_title(text, start, end, word))
        if what & 16:
            spots.append(_before_office(text, start, end))
        if what == 3:
            match = _MASKED_NAME.match(text, max(0, start - 2)) or _MASKED_NAME.match(text, max(0, start - 1))
            if (
                match
                and match["name"][0] in person.ambiguous_surnames()
                and match.start()
                and text[match.start() - 1] not in _BOUNDARY
                and not _ends_with_cue(text, match.start())
            ):
                match = None
            spots.append((*match.span("name"), match.group("name")) if match else None)
        for spot in spots:
            if spot is None:
                continue
            known = taken.get((row, spot[0]))
            if known is None or known < spot[1]:
                taken[(row, spot[0])] = spot[1]
                found.persons.append(Span(row, *spot))
            # 张某某、李某某、王某某: names go on behind a name
            listed = _LISTED.match(text, spot[1]) if what & 20 or what == 3 else None
            while listed and is_name(listed["name"]):
                if taken.setdefault((row, listed.start("name")), listed.end("name")) == listed.end("name"):
                    found.persons.append(Span(row, *listed.span("name"), listed["name"]))
                listed = _LISTED.match(text, listed.end("name"))
    if len(taken) < len(found.persons):
        found.persons = [span for span in found.persons if taken[(span.row, span.start)] == span.end]
    return taken


# --------------------------------------------------------------------------------------- persons, all signs weighed
@cache
def _weighed() -> dict[str, Any]:
    """Patterns and word lists of `_weigh_persons`."""
    weighed = rules()["weighed"]
    joiners = "".join(weighed["joiners"])
    left = "".join(sorted({*_cues_by_end(), *joiners, *_MARKS} - {"\\", "]", "["}))
    right = "|".join(sorted(map(re.escape, weighed["right"]), key=lambda word: (-len(word), word)))
    kin, first = "".join(weighed["kin"]), "".join(sorted({name[0] for name in person.compound_surnames()}))
    return {
        # the set in front lets `re` skip quickly
        "start": re.compile(rf"[{_SINGLE}{first}](?<=[{left}].)(?=[\u4e00-\u9fff])"),
        "right": re.compile(rf"$|[^\w]|\d|(?:{right})"),
        "joiners": frozenset(joiners),
        # 小马辱骂, 魏姐说: between a cue or a mark and what persons do
        "called": re.compile(
            rf"(?:[小老阿](?<=[{left}].)[{_SINGLE}]|[{_SINGLE}](?<=[{left}].)[{kin}])(?=$|[^\w]|(?:{right}))"
        ),
        "worth": f"[小老阿][{_SINGLE}]|[{_SINGLE}][{kin}]",
    }


@cache
def _cues_by_end() -> dict[str, tuple[str, ...]]:
    """Words before persons by their last character."""
    found: dict[str, list[str]] = {}
    for cue in _cues_before():
        found.setdefault(cue[-1], []).append(cue)
    return {end: tuple(cues) for end, cues in found.items()}


def _ends_with_cue(text: str, end: int) -> bool:
    return bool(end) and text.endswith(_cues_by_end().get(text[end - 1], ()), 0, end)


def _weigh_persons(texts: Sequence[str], arrow: Any, found: Found, taken: dict[tuple[int, int], int]) -> None:
    """Finds the names for which enough speaks: what stands before and behind, the surname, the given name."""
    patterns, ambiguous, compound = _weighed(), person.ambiguous_surnames(), person.compound_surnames()
    busy: dict[int, list[tuple[int, int]]] = {}
    for (row, start), end in taken.items():
        busy.setdefault(row, []).append((start, end))
    begin = patterns["start"]
    for row, text in enumerate(texts):
        for match in begin.finditer(SEPARATOR + text):
            start = match.start() - 1
            before = _before(text, start)
            if not before:
                continue
            surname = text[start : start + 2] if text[start : start + 2] in compound else text[start]
            if len(surname) == 1 and surname not in _SINGLE:
                continue
            end = _heaviest(text, start, surname, before)
            if end:
                _add(found, taken, busy, row, start, end, text)
    for row in rows_with(arrow, patterns["worth"]):
        text = texts[row]
        for match in patterns["called"].finditer(SEPARATOR + text):
            start, end = match.start() - 1, match.end() - 1
            surname = text[start + 1] if text[start] in "小老阿" else text[start]
            before = _before(text, start)
            if before < (3 if surname in ambiguous else 2) or match.group() in _not_called():
                continue
            _add(found, taken, busy, row, start, end, text)


def _add(
    found: Found,
    taken: dict[tuple[int, int], int],
    busy: dict[int, list[tuple[int, int]]],
    row: int,
    start: int,
    end: int,
    text: str,
) -> None:
    """Adds a name unless another one holds a part of it."""
    spans = busy.setdefault(row, [])
    if any(low < end and start < high for low, high in spans):
        return
    spans.append((start, end))
    taken[(row, start)] = end
    found.persons.append(Span(row, start, end, text[start:end]))


def _say_again(texts: Sequence[str], found: Found, taken: dict[tuple[int, int], int]) -> None:
    """Adds the other places of whole names of three characters that a text says more than once."""
    busy: dict[int, list[tuple[int, int]]] = {}
    names: dict[tuple[int, str], None] = {}
    for span in found.persons:
        if len(span.value) == 3 and "某" not in span.value and texts[span.row].count(span.value) > 1:
            names.setdefault((span.row, span.value), None)
    if not names:
        return
    rows = {row for row, _ in names}
    for (row, start), end in taken.items():
        if row in rows:
            busy.setdefault(row, []).append((start, end))
    for row, name in names:
        start = texts[row].find(name)
        while start >= 0:
            _add(found, taken, busy, row, start, start + len(name), texts[row])
            start = texts[row].find(name, start + len(name))


@cache
def _not_called() -> frozenset[str]:
    return frozenset(rules()["weighed"]["not_called"])


def _before(text: str, start: int) -> float:
    """Returns how strongly what stands before a place tells that a person follows."""
    if not start:
        return 2.0
    previous = text[start - 1]
    if previous in _MARKS:
        return 3.0 if previous in "：:（(" and _ends_with_cue(text, start - 1) else 2.0
    if previous + text[start] in _joined():
        return 0.0
    if _ends_with_cue(text, start):
        return 3.0
    return 1.5 if previous in _weighed()["joiners"] else 0.0


@cache
def _joined() -> frozenset[str]:
    return frozenset(rules()["guess"]["joined"])


_ENOUGH = 4.5


def _heaviest(text: str, start: int, surname: str, before: float) -> int:
    """Returns the end of the likeliest name at ``start``, 0 where none is likely enough."""
    best, weight = 0, _ENOUGH
    behind = start + len(surname)
    for end in (behind + 2, behind + 1):
        if end > len(text):
            continue
        name = text[start:end]
        total = before + _name_weight(name, len(surname), before >= 3)
        if total + 2.0 < weight or text.startswith(_no_right(), end):
            continue
        if _weighed()["right"].match(text, end):
            total += 2.0
        elif before < 3 or total < 6.0:
            continue
        if total >= weight and (total > weight or not best):
            best, weight = end, total
    return best


_NEVER = -9.0


@lru_cache(maxsize=100_000)
def _name_weight(name: str, surname_length: int, cued: bool) -> float:
    """Returns how likely a name is by itself; far below zero for ordinary words, roles and places."""
    ordinary, given = reference.common_words(), _given()
    surname, stem = name[:surname_length], name[surname_length:]
    if not all("\u4e00" <= character <= "\u9fff" for character in stem) or _not_names().search(name):
        return _NEVER
    if person.is_role(name) or name[-1] in _NO_LAST or (name[:2] in _place_stems() and not cued):
        return _NEVER
    # 和老师, 曾多次, 于今年
    if surname in _FUNCTION and not all(character in given for character in stem):
        return _NEVER
    total = _surname_weight(surname, cued) + sum(0.75 if character in given else -0.75 for character in stem)
    if len(stem) == 1:
        total -= 0.75
    if name in ordinary:
        total -= 3.0
    elif len(surname) == 1 and len(stem) == 2:
        total -= (1.0 if _is_given(stem) else 2.0) * (name[:2] in ordinary) + 0.5 * (stem in ordinary)
    return total


# 赵家 is a family, 鲁悦因 goes on behind the name
_NO_LAST = frozenset(
    "家收取因住已把被称也他她诈骗半拟争说的了着过是时与和在不诉受辞报打骂砍欠借拖赔退投举提要让找对向跟将讲反拒答走骑驾推抢"
    "踢咬撞签付购买卖租挖堵拉砌闯追持带伤死"
)
_FUNCTION = frozenset("和于向曾时全期从任由")


@cache
def _surname_weight(surname: str, cued: bool) -> float:
    if len(surname) == 2:
        return 2.0
    if surname in person.ambiguous_surnames():
        return 0.5 if cued else -0.5
    return 2.0 if reference.names().surnames.get(surname, 0.0) >= _GREAT else 1.0


# Share of people from which a surname is a great one (王, 李 … 罗, 宋)
_GREAT = 0.0075


@cache
def _guess() -> re.Pattern[str]:
    """A known surname before two characters usual in given names; the set in front lets `re` skip quickly."""
    given = "".join(sorted(_given() - set(rules()["guess"]["not_given"])))
    return re.compile(f"[{_SINGLE}](?=[{given}]{{2}})")


@cache
def _guess_short() -> re.Pattern[str]:
    """A name of two characters between a mark and a word for what persons do, or another person."""
    plain = "".join(sorted(set(_SINGLE) - person.ambiguous_surnames()))
    given = "".join(sorted(_given()))
    doing = f"找|说|称|反映|表示|诉称|与{_SURNAME}|和{_SURNAME}[某*]|、{_SURNAME}[某*]"
    return re.compile(f"(?<![^，。；：、（( \n\x01])[{plain}][{given}](?={doing})")


@cache
def _guess_between() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A name of two or three characters that words for persons or marks bound on both sides: 称普琼礼欠, 给付平盖房."""
    guess = rules()["guess"]
    given = "".join(sorted(_given()))
    patterns = []
    for length, key in ((2, "right"), (1, "right_short")):
        right = "|".join(sorted({re.escape(word) for word in guess[key]}, key=lambda word: (-len(word), word)))
        left = "".join(guess["bounds"])
        patterns.append(
            re.compile(
                rf"(?<=[，。；、：（(【】“”！？!?,;:\s\x01\]{left}])[{_SINGLE}](?=[{given}]{{{length}}}(?:{right}))"
            )
        )
    return patterns[0], patterns[1]


@cache
def _place_stems() -> frozenset[str]:
    frame = reference.divisions()
    stems = {reference.short_county(name) for name in frame.loc[frame["level"] == "county", "name"]}
    stems |= {reference.short_town(name)[:2] for name in frame.loc[frame["level"] == "town", "name"]}
    return frozenset(stems | {"玉溪", "云南"})


def _guess_persons(texts: Sequence[str], found: Found) -> None:
    """Finds likely names behind a mark or a word that stands before persons (帮, 被, 到 …)."""
    pattern, places = _guess(), _place_stems()
    marks = frozenset('，。；：、！？ \n\x01（(“"')
    words_before = frozenset(rules()["guess"]["left"])
    not_right = _no_right()
    wide, weight = frozenset(rules()["guess"]["places"]), reference.names().surnames
    ordinary, doubtful, short = reference.common_words(), person.ambiguous_surnames(), _guess_short()
    betweens = _guess_between()
    for row, text in enumerate(texts):
        for match in pattern.finditer(text):
            start = match.start()
            previous = text[start - 1] if start else "，"
            name = text[start : start + 3]
            # 入户时韩杉哲: 时 stands before the name, it is none
            about = previous == "于" and text[start - 2 : start - 1] == "关"
            if previous not in marks and not about and (previous not in words_before or text[start] in words_before):
                continue
            if name[:2] in places or text.startswith(not_right, start + 3) or not is_name(name):
                continue
            if previous in wide and weight.get(text[start], 0.0) < _GREAT:
                continue
            if name[:2] in ordinary or (text[start] in doubtful and name[1:] in ordinary):
                continue
            if text[start] in doubtful and previous not in marks and previous not in "被帮替找让叫请给":
                continue
            found.guesses.append(Span(row, start, start + 3, name))
            listed = _LISTED.match(text, start + 3)
            while listed and is_name(listed["name"]):
                found.guesses.append(Span(row, *listed.span("name"), listed["name"]))
                listed = _LISTED.match(text, listed.end("name"))
        for match in short.finditer(text):
            name = match.group()
            if name not in places and is_name(name):
                found.guesses.append(Span(row, match.start(), match.end(), name))
        for length, between in zip((3, 2), betweens, strict=True):
            for match in between.finditer(SEPARATOR + text):
                start = match.start() - 1
                name = text[start : start + length]
                if name[:2] not in places and _is_bounded(name, text, start):
                    found.guesses.append(Span(row, start, start + length, name))


def bounded(text: str, start: int, end: int) -> bool:
    """Returns whether words for persons or marks stand on both sides of a possible name of two characters."""
    bounds, right = _bounds_short()
    return (not start or text[start - 1] in bounds) and (end == len(text) or text.startswith(right, end))


@cache
def _bounds_short() -> tuple[frozenset[str], tuple[str, ...]]:
    guess = rules()["guess"]
    marks = (*"，。；、：,.;:！？!?（）()“”【】*　 ", SEPARATOR)
    return frozenset([*guess["bounds"], *marks]), (*guess["right_short"], *guess["right"], *marks)


@cache
def _cues_before() -> tuple[str, ...]:
    words_ = (*rules()["person_cues"], *rules()["sure_cues"], *rules()["weighed"]["cues"], "班主任", "村主任")
    return tuple(cue for cue in dict.fromkeys(words_) if len(cue) > 1)


_SPEAKING = frozenset("称给映说讲被欠")
_NO_END = _OFFICE_PARTS - frozenset("大小正中新老")


def _is_bounded(name: str, text: str, start: int) -> bool:
    """Returns whether what words for persons bound on both sides is a name and not an ordinary word."""
    guess, ordinary = rules()["guess"], reference.common_words()
    previous = text[start - 1] if start else ""
    if name in ordinary or person.is_role(name) or previous + name[0] in guess["joined"] or name[-1] in _NO_END:
        return False
    if len(name) == 2 and name[1] in guess["not_short"]:
        return False
    left = not previous or previous in _MARKS or previous in _SPEAKING or _ends_with_cue(text, start)
    sure = left and text.startswith(_sure_right(), start + len(name))
    if _not_names().search(name) and not (sure and len(name) == 3):
        return False
    if name[0] in person.ambiguous_surnames():
        return left and (len(name) == 2 or sure or (name[:2] not in ordinary and name[1:] not in ordinary))
    return sure or name[:2] not in ordinary


@cache
def _sure_right() -> tuple[str, ...]:
    return tuple(rules()["guess"]["sure_right"])


_MARKS = frozenset([*_BOUNDARY, *"】])）”》"])


def find(
    texts: Sequence[str], joined: Joined | None = None, hits: Hits | None = None, lexicon: Lexicon | None = None
) -> Found:
    """Finds all mentions in n cleaned texts; a batch that has been looked up already passes its hits along."""
    if lexicon is None or hits is None:
        lexicon = _own_lexicon()
        hits = lexicon.find(joined or Joined(texts))
    arrow = pa.array(texts, type=pa.string())
    found = Found(rows=len(texts), amount=np.full(len(texts), np.nan), headcount=np.zeros(len(texts), dtype=np.int64))
    _find_numbers(texts, arrow, found)
    taken = _find_persons(texts, hits, lexicon.words, found)
    _weigh_persons(texts, arrow, found, taken)
    _say_again(texts, found, taken)
    found.persons.sort()
    _guess_persons(texts, found)
    found.organisations = [Span(*firm) for firm in firms.find(texts, hits, lexicon.words)]
    found.threatening = [Span(*place) for place in threats.find(texts, hits, lexicon.words)]
    for threat in found.threatening:
        words_ = found.threats.setdefault(threat.row, [])
        if threat.value not in words_:
            words_.append(threat.value)
    for row in rows_with(arrow, amounts.worth()):
        sums = amounts.find(texts[row])
        if sums:
            found.amounts += [Figure(row, *place) for place in sums]
            found.amount[row] = amounts.main(texts[row], sums)
    for row in rows_with(arrow, headcount.WORTH):
        counts = headcount.find(texts[row])
        if counts:
            found.headcounts += [Figure(row, *place) for place in counts]
            found.headcount[row] = max(value for _, _, value in counts)
    return found


@cache
def _own_lexicon() -> Lexicon:
    return Lexicon(words())
