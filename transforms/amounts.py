"""Sums of money in texts: 3.5万, 约2000元, 一万二, 七万八千六百元, 退押金1500.

Here: where a sum stands and how much it is. Not here: numbers in words (`transforms.numerals`).
text -> start, end, 元

A number without 元, 块 or 万 is a sum only behind a word of paying, owing or price (`amounts.yml`, 假定).
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from transforms.numerals import CHINESE, FORMAL, number
from transforms.text import alternation

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_NUMERAL = f"[{CHINESE}{FORMAL}几数]"
_FIGURE = re.compile(
    rf"(?P<n>{_DIGITS}|{_NUMERAL}+|[上近成](?=[十百千万亿])|(?P<about>[万千百]把))"
    rf"(?P<u>(?:\s?(?:[余多来几](?![次个天年户名])|[百千万亿佰仟]|[wW](?![A-Za-z]))|(?<=[百千万亿wW多余])(?:\d(?![\d.])|{_NUMERAL}+))*)"
    r"\s?(?P<y>元|块钱|块|圆|人民币)?"
)
# What a text must hold to be worth a look (RE2)
WORTH = rf"[0-9{CHINESE}{FORMAL}几数上近成把].{{0,6}}(?:元|块|万|圆|亿|[wW])"
_TOTAL = re.compile(r"(?:共计|合计|总计|总共|一共|共|总额|总金额|累计|金额)[\u4e00-\u9fff：: ]{0,6}$")
_ROUND = frozenset(["百", "千", "百千", "千百", "千千"])
_MOST = 1e10


@cache
def rules() -> dict[str, Any]:
    """The content of `amounts.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def _any(name: str) -> str:
    return alternation(rules()[name])


@cache
def _paid() -> re.Pattern[str]:
    return re.compile(f"(?:{_any('paid')})(?:{_any('between')})*$")


@cache
def _end() -> re.Pattern[str]:
    return re.compile(rf"$|[\s，。；、！？）),.;!\x01]|(?:{_any('after')})")


@cache
def _counted() -> re.Pattern[str]:
    return re.compile(_any("counted"))


@cache
def worth() -> str:
    """What a text must hold to be worth a look (RE2)."""
    paid = "|".join(re.escape(word) for word in sorted({str(word)[-1] for word in rules()["paid"]}))
    return rf"{WORTH}|(?:{paid})[^，。；]{{0,3}}(?:[0-9]{{2}}|[{CHINESE}]{{2}})"


def find(text: str) -> list[tuple[int, int, float]]:
    """Returns start, end and value in 元 of all sums that a text names."""
    spans: list[tuple[int, int, float]] = []
    for match in _FIGURE.finditer(text):
        figure, unit, money = match["n"], match["u"], match["y"]
        start, end = match.span()
        if not money and not unit and len(figure) < 2:
            continue
        if figure in _ROUND and not match["about"]:
            continue
        if start and text[start - 1] in "0123456789.第":
            continue
        if money and not _is_money(text, start, end, figure + unit, money):
            continue
        if not money and not _is_sum(text, match):
            continue
        value = number((figure[0] if match["about"] else figure) + unit)
        if 0 < value < _MOST:
            spans.append((start, end, value))
    return spans


def _is_money(text: str, start: int, end: int, written: str, money: str) -> bool:
    following = text[end : end + 1]
    if money == "元":
        # 十二月元旦, 一元江边
        return following not in ("旦", "月", "宵", "素") or text[end : end + 2] in ("月租", "月费", "月供")
    if money == "块":
        # 这一块 is a place, 一块去 a manner, 两块地 a count
        return (
            text[start - 1 : start] not in tuple("这那每")
            and written != "一"
            and following not in tuple("地砖石板牌玻木肉草田空荒钢铁菜林宅区土")
        )
    return True


def _is_sum(text: str, match: re.Match[str]) -> bool:
    """Returns whether a number without 元 is money."""
    start, end = match.span()
    figure, unit = match["n"], match["u"].strip()
    left = text[max(0, start - 10) : start]
    if _counted().match(text, end):
        return False
    large = unit.rstrip("余多来几").endswith(("万", "亿", "w", "W"))
    if large and figure[0] not in "上近成数几":
        return True
    if large or "万" in unit or "亿" in unit:
        return (
            _paid().search(left) is not None
            or text.startswith(("的建房", "的资金", "的债", "的钱"), end)
            or (figure[0] not in "上近成数几")
        )
    if not _paid().search(left) or not _end().match(text, end):
        return False
    if figure[0].isdigit():
        return figure[0] != "0" and len(figure.partition(".")[0]) <= 9 and number(figure + unit) >= 10
    return number(figure + unit) >= 20


def main(text: str, spans: Sequence[tuple[int, int, float]]) -> float | None:
    """Returns the sum that stands for a text: the one called a total (共计 …), else the largest; null where none."""
    totals = [value for start, _, value in spans if _TOTAL.search(text, max(0, start - 10), start)]
    return max(totals or [value for _, _, value in spans], default=None)


def amount(text: str) -> float | None:
    """Returns the sum in 元 that stands for one text; null where it names none."""
    return main(text, find(text))


_CELL = re.compile(rf"^\D{{0,6}}?(?P<n>{_DIGITS}|{_NUMERAL}+)(?P<u>(?:\s?(?:[余多来几]|[百千万亿佰仟]|[wW]))*)")


def cell(text: str) -> float | None:
    """Returns the sum of a cell that holds nothing else: ``3.5万``, ``约2000元``, ``50000``; null: no sum."""
    found = amount(text)
    if found is not None:
        return found
    match = _CELL.match(text.replace(" ", ""))
    return number(match["n"] + match["u"]) if match else None
