"""Sentences as this trade writes them: changes, lists, enumerations; nothing that the data does not bear.

Here: words around figures. Not here: figures, what a report tells.
Row -> text with marks
"""

from collections.abc import Iterable, Mapping, Sequence

from warehouse.reports.figures import Row
from warehouse.reports.periods import Period

NUMERALS = "零一二三四五六七八九十"


def numeral(number: int) -> str:
    """一 二 … 十 十一 … 九十九, for headings."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return NUMERALS[ones]
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")


def listed(parts: Iterable[str], *, last: str = "") -> str:
    """Joins with 、; with ``last``, such as 和, before the last one."""
    parts = [part for part in parts if part]
    if last and len(parts) > 1:
        return "、".join(parts[:-1]) + last + parts[-1]
    return "、".join(parts)


def counts(row: Row, words: Mapping[str, str]) -> list[str]:
    """高风险3件 and so on for the columns of ``words`` (column -> what it counts) that are not zero."""
    return [f"{word}{row.count(column)}件" for column, word in words.items() if row.number(column)]


def sentence(parts: Iterable[str | None]) -> str:
    """Joins clauses with ， and ends with 。; nothing without clauses."""
    kept = [part for part in parts if part]
    return "，".join(kept) + "。" if kept else ""


def enumerated(points: Sequence[str]) -> str:
    """一是…；二是…。 One point stands alone."""
    if not points:
        return ""
    if len(points) == 1:
        return points[0] + "。"
    return "；".join(f"{numeral(number)}是{point}" for number, point in enumerate(points, start=1)) + "。"


def compared(row: Row, which: str, period: Period, *, min_count: int) -> str | None:
    """How this window's count stands to another one's: 环比上升5.2%（上月984件）; None where the other has no data.

    ``which``: ``previous`` or ``last_year``.
    """
    other = row[f"{which}_count"]
    if other is None:
        return None
    word, before = ("环比", period.before) if which == "previous" else ("同比", period.year_ago)
    own, other = row.number("dispute_count"), float(other)
    if own == other:
        return f"与{before}持平"
    if other == 0:
        return f"{before}没有"
    if own == 0:
        return f"{before}为{row.count(f'{which}_count')}件"
    if max(own, other) < min_count:
        return f"{before}{row.count(f'{which}_count')}件，件数少，不作升降判断"
    if other < min_count:
        return f"{before}为{row.count(f'{which}_count')}件，基数小，不计比例"
    if round(abs(own - other) / other, 3) == 0:
        return f"与{before}基本持平（{before}{row.count(f'{which}_count')}件）"
    direction = "上升" if own > other else "下降"
    return f"{word}{direction}{row.change(f'{which}_change')}（{before}{row.count(f'{which}_count')}件）"


def change_cell(row: Row, which: str, *, min_count: int) -> str:
    """A change for a table: +5.2%, −3.1%, 持平, or — where it would mislead."""
    other = row[f"{which}_count"]
    if other is None or float(other) < min_count:
        return "—"
    if row.number("dispute_count") == float(other):
        return "持平"
    sign = "＋" if row.number("dispute_count") > float(other) else "－"
    return f"{sign}{row.change(f'{which}_change')}"


def rate(row: Row, share: str, numerator: str, denominator: str, *, min_count: int) -> str:
    """A rate with what it was made of: 66.5%（688/1035）; a small base is said."""
    parts = f"{row.count(numerator)}/{row.count(denominator)}"
    if row.number(denominator) < min_count:
        return f"{parts}（基数小，不计比例）"
    return f"{row.share(share)}（{parts}）"


def rate_cell(row: Row, share: str, numerator: str, denominator: str, *, min_count: int) -> str:
    """A rate for a table, marked * on a small base."""
    if row.number(denominator) == 0:
        return "—"
    if row.number(denominator) < min_count:
        return f"{row.count(numerator)}/{row.count(denominator)}*"
    return f"{row.share(share)}"


def scope_name(area_name: str, tier: str) -> str:
    """How the whole area is called: 全市, 全区, 全县, else by name."""
    if tier == "市":
        return "全市"
    if tier == "县":
        return "全" + ("区" if area_name.endswith("区") else "市" if area_name.endswith("市") else "县")
    return area_name
