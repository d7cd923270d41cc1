"""How many people take part in a matter: workers who are owed, villagers who gather, owners who sign together.

Here: the number in one text. Not here: what a column says (`transforms.event`), how many are many
(`transforms.warnings`).
text -> persons, 0 where none

A number counts only beside a sign of taking part (`headcount.yml`, 假定): an estate's 500 households, a school's 1,000
pupils or 30 posts to fill are no parties. 几十, 上百 count at their least, and only of people who gather. A household
or shop that takes part counts as one person.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from transforms.numerals import CHINESE, number
from transforms.text import alternation

SEPARATOR = "\x01"
# What a text must hold to be worth a look (RE2)
WORTH = rf"[0-9{CHINESE}几数上](?:余|多|来|几)?(?:名|位|户|人|个|家|口)"
_MOST = 20_000


@cache
def rules() -> dict[str, Any]:
    """The content of `headcount.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def _any(*lists: str) -> str:
    return f"(?:{alternation(word for name in lists for word in rules()[name])})"


_NUMBER = re.compile(
    rf"(?<![\d.第{CHINESE}几数])(?<!\d[,，])(?P<n>\d{{1,5}}|[{CHINESE}几数上成]{{1,6}})\s?(?P<m>余|多|来|几)?(?P<u>名|位|户|人|个|家)(?:余|多)?"
)
# 我们一家三口, 兄妹四人, 我跟婆娘两个人: the number belongs to the words before it
_FAMILY = re.compile(
    rf"(?:我们?|咱们?|本人)(?:这|就)?一家(?P<n>\d{{1,2}}|[{CHINESE}]{{1,2}})口(?!人?，?[其因享])"
    rf"|(?:兄弟|兄妹|姐弟|姐妹|姊妹|弟兄|夫妻|夫妇|父子|父女|母子|母女|婆媳|叔侄|祖孙|爷孙|妯娌)(?P<kin>\d{{1,2}}|[{CHINESE}]{{1,2}}|俩)(?:个?人)?(?=[^月岁天年点次]|$)"
    rf"|我(?:跟|和|与|同)[\u4e00-\u9fff]{{1,8}}(?P<with>\d{{1,2}}|[{CHINESE}]{{1,2}}|俩)个?人(?!的名)"
)
_VAGUE = re.compile(r"^[几数上成百千]")
_CLAUSE_END = re.compile(r"[，,。！？!?；;\n\x01]")
_SENTENCE_END = re.compile(r"[。！？!?；;\n\x01]")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        "noun": re.compile(
            rf"(?P<gap>[\u4e00-\u9fff]{{0,6}}?)(?P<noun>{_any('persons')}|(?<![\u4e00-\u9fff])人)"
            "(?!小组|组|委|会|代表大会)"
        ),
        "others": re.compile(rf"[\u4e00-\u9fff]{{0,3}}?{_any('others')}(?!家长)"),
        "left": re.compile(rf"{_any('left')}{_any('between')}{{0,3}}$"),
        "named": re.compile(r"(?<=[\u4e00-\u9fff某])(?<![同平优劣相上下初中高])等$"),
        "bare": re.compile(r"^(?:大约|约|近|将近|共|一共|共计|总共|共有|有|人数)*$"),
        "total": re.compile(r"(?:共|一共|总共|共计|合计)(?:有|约|计)?$"),
        "we": re.compile(r"(?:我们|咱们|我等|咱)(?:这|共|一共|大约|近|约|等|一行)*$"),
        "acts": re.compile(_any("acts") + r"|到.{0,12}?(?:政府|局|部门|法院|公司|办公室|大厅|信访|派出所)"),
        "parties": re.compile(f"^{_any('parties')}$"),
        "quotas": re.compile(_any("quotas")),
        "gathered": re.compile(r"(?:聚集|纠集|围了|来了)了?有?约?近?$"),
        "gatherings": re.compile(_any("gatherings")),
        "not_right": re.compile(_any("not_right")),
        "not_left": re.compile(rf"{_any('not_left')}[\u4e00-\u9fff]{{0,2}}$"),
        "worker_signs": re.compile(_any("worker_signs")),
        "workers": re.compile(f"^{_any('workers')}$"),
        "affected": re.compile(
            r"(?:影响|震裂|震坏|损坏|压坏|淹没|淹了|冲毁|殃及|波及)(?:到|了)?(?:约|近|周边|附近|周围)?$"
        ),
        "households": re.compile(
            r"(?=$|[，。；！,;!\s\x01)）]|出行|用水|用电|居民|住户|村民|业主|农户|人家|家庭|群众|老百姓|百姓|商户)"
        ),
        "shops": re.compile(r"商户|摊贩|摊主|经营户|店铺|商家|门店|农户|店"),
    }  # fmt: skip


def _least(text: str) -> int:
    """Returns the least that a vague number says: 几十 20, 上百 100, 数百 200."""
    if not re.search(r"[十百千]", text):
        return 0
    unit = 1000 if "千" in text else 100 if "百" in text else 10
    return unit * 2 if text[0] in "几数" else unit


def count(text: str) -> int:
    """Returns the largest number of people that a text calls parties to its matter; 0 where none or only one."""
    return max((value for _, _, value in find(text)), default=0)


def find(text: str) -> list[tuple[int, int, int]]:
    """Returns start, end and value of each number of people (2 or more) whom a text calls parties to its matter."""
    patterns = _patterns()
    outcome = text.rfind(SEPARATOR) if text.count(SEPARATOR) > 1 else len(text)
    spans: list[tuple[int, int, int]] = []
    for match in _FAMILY.finditer(text):
        figure = match["n"] or match["kin"] or match["with"]
        spans.append((*match.span(), 2 if figure == "俩" else int(number(figure))))
    for match in _NUMBER.finditer(text):
        start, end, unit = match.start(), match.end(), match["u"]
        following = text[end : end + 12]
        if patterns["not_right"].match(following) or patterns["others"].match(following):
            continue
        left = text[max(0, start - 16) : start]
        cut = [found.end() for found in _CLAUSE_END.finditer(left)]
        left = left[cut[-1] :] if cut else left
        clause_end = _CLAUSE_END.search(text, end)
        right = text[end : min(end + 18, clause_end.start() if clause_end else len(text))]
        noun = patterns["noun"].match(right)
        if unit == "个" and not (noun and len(noun["gap"]) <= 2):
            continue
        if _VAGUE.search(match["n"]):
            gathers = (
                patterns["gatherings"].search(right) or patterns["gathered"].search(left) or patterns["we"].search(left)
            )
            if gathers and unit not in "户家":
                spans.append((start, end, _least(match["n"])))
            continue
        value = int(number(match["n"].rstrip("几")))
        if not 2 <= value <= _MOST:
            continue
        acts = patterns["acts"].search(right)
        we = patterns["we"].search(left) and (acts or value <= rules()["spoken_for_at_most"])
        directly = we or patterns["left"].search(left) or patterns["named"].search(left)
        if unit in "户家":
            if unit == "家" and not patterns["shops"].match(right):
                continue
            affected = patterns["affected"].search(left) and patterns["households"].match(right or text[end : end + 1])
            if value <= rules()["households_at_most"] and (directly or acts or affected):
                spans.append((start, end, value))
            continue
        if not directly and patterns["not_left"].search(left):
            continue
        if unit in "名位" and not (noun or directly):
            continue
        # a clause of its own behind what they do: 工人堵大门讨薪，约30人
        if not right and patterns["bare"].match(left) and cut:
            before = [found.end() for found in _SENTENCE_END.finditer(text, max(0, start - 40), start)]
            behind = text[before[-1] if before else max(0, start - 40) : start]
            directly = patterns["gatherings"].search(behind)
        if directly or acts or (noun and patterns["parties"].match(noun["noun"])):
            spans.append((start, end, value))
            continue
        opened = [found.end() for found in _SENTENCE_END.finditer(text, max(0, start - 30), start)]
        closed = _SENTENCE_END.search(text, end)
        low = opened[-1] if opened else max(0, start - 30)
        high = min(end + 30, closed.start() if closed else len(text))
        total = patterns["total"].search(left) and (not right or noun)
        if start > outcome:
            continue
        if total:
            taken = not patterns["quotas"].search(text, low, high)
        else:
            taken = bool(
                noun and patterns["workers"].match(noun["noun"]) and patterns["worker_signs"].search(text, low, high)
            )
        if taken:
            spans.append((start, end, value))
    return [span for span in spans if span[2] >= 2]
