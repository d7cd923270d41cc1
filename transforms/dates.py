"""Dates in texts: 2025年3月5日, 3月5号, 2025-03-05, 04年, 二0一九年三月二十日.

Here: dates that name a year, a month or both. Not here: 昨天, 3个月, hours.
text -> start, end, ISO date as far as it is told (2025-03, 2025, --03-05 without a year)
"""

import re

_YEAR = r"(?P<year>(?:19|20)\d\d|[一二][〇零○0九][〇零○0一二三四五六七八九]{2})\s?年"
_SHORT_YEAR = r"(?P<short>[089]\d|[12]\d)年"
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|元|正|十[一二]?|[一二三四五六七八九])月"
_DIGIT_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_DAY = (
    rf"(?:份?\s?(?P<day>(?:{_DIGIT_DAY}|三十一?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]|十[一二三四五六七八九]?"
    r"|初?[一二三四五六七八九])(?:日|号)"
    rf"|{_DIGIT_DAY}(?![\d.:：点时个天人元户名万千百年月次岁栋座号楼-])))?"
)
_DATE = re.compile(
    rf"(?<![\d.A-Za-z])(?:(?:{_YEAR}|{_SHORT_YEAR})?{_MONTH}{_DAY}|{_YEAR.replace('year', 'only')}"
    r"|(?P<y>(?:19|20)\d\d)(?P<mark>[-./])(?P<m>1[0-2]|0?[1-9])(?P=mark)(?P<d>[12]\d|3[01]|0?[1-9])(?!\d)"
    r"|(?P<bm>1[0-2]|0?[1-9])\.(?P<bd>[12]\d|3[01]|0?[1-9])(?=(?:号|日)(?!楼)|前后|当[天日])(?:号|日)?"
    r"|(?P<bare>[09]\d|1\d|2[0-9])年)"
)
# What a text must hold to be worth a look (RE2)
WORTH = r"[0-9〇零○一二三四五六七八九十元正][年月]|(?:19|20)[0-9]{2}[-./][0-9]|[0-9]\.[0-9]{1,2}(?:号|日|前|当)"
# 延期3月, 满5月: how long, not when
_LASTING = re.compile(r"(?:延期|延迟|拖欠|长达|达|近|满|历时|每|共|个|第|缓|租期)$")
# 18年以来, 10年工龄: how long
_SPAN = re.compile(
    r"(?:以上|来|多|期|左右|之久|时间|了|内|租|合同|工龄|质保|间|一|长|产权(?!房)|使用|有余|的老|的工|，才|才)"
)
_BEFORE_YEAR = re.compile(r"(?:^|[于在自从到至年，。；、（(：:\s\x01我至是后])$")
_NUMERALS = {"元": 1, "正": 1}
_FIGURES = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def _small(text: str) -> int:
    """Returns a day or month: 12, 十二, 廿三, 初五."""
    if text in _NUMERALS:
        return _NUMERALS[text]
    text = text.lstrip("初").replace("廿", "二十")
    if text.isascii():
        return int(text)
    tens, mark, ones = text.partition("十")
    if not mark:
        return int(tens.translate(_FIGURES))
    return (int(tens.translate(_FIGURES)) if tens else 1) * 10 + (int(ones.translate(_FIGURES)) if ones else 0)


def _century(two: str) -> str:
    """Returns the year of two digits: 98 -> 1998, 04 -> 2004 (from 50 on the last century, 假定)."""
    return ("19" if int(two) >= 50 else "20") + two


def find(text: str) -> list[tuple[int, int, str]]:
    """Returns start, end and value of all dates that a text names."""
    spans: list[tuple[int, int, str]] = []
    for match in _DATE.finditer(text):
        start, end = match.span()
        if match["m"]:
            spans.append((start, end, f"{match['y']}-{int(match['m']):02}-{int(match['d']):02}"))
        elif match["bm"]:
            spans.append((start, end, f"--{int(match['bm']):02}-{int(match['bd']):02}"))
        elif match["only"]:
            spans.append((start, end, match["only"].translate(_FIGURES)))
        elif match["bare"]:
            surely = match["bare"][0] in "09"
            if not _SPAN.match(text, end) and (surely or _BEFORE_YEAR.search(text, max(0, start - 2), start)):
                spans.append((start, end, _century(match["bare"])))
        else:
            year = match["year"].translate(_FIGURES) if match["year"] else ""
            year = year or (_century(match["short"]) if match["short"] else "")
            if not year and _LASTING.search(text, max(0, start - 3), start):
                continue
            value = f"{year or '-'}-{_small(match['month']):02}"
            if match["day"]:
                value += f"-{_small(match['day'].rstrip('日号')):02}"
            spans.append((start, end, value))
    return spans
