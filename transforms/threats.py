"""Threats: a person says to do violence, to end their life or to go to extremes.

Here: the judgement on one text. Not here: warnings (`transforms.warnings`), the words (`threats.yml`).
texts, hits of the shared lexicon -> words that count, with their places

A word alone is not enough. It counts beside a sign that someone means it (扬言要, 再不给就, 准备), not when it is
feared (怕对方报复), a hazard (可能爆炸), a figure of speech (定时炸弹), an old story (去年有人跳楼) or denied
(无轻生念头). Relief does not undo a threat that was made: 扬言跳楼，经劝导已下来 counts; 已打消轻生念头 alone reports
no threat (假定).
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from transforms.lexicon import Hits
from transforms.text import alternation

_SENTENCE = re.compile(r"[。！？!?；;\n\x01]")
_CLAUSE = re.compile(r"[，,。！？!?；;\n\x01]")
_MILD = re.compile(r"扬言[^，。；]{0,8}(?:投诉|曝光|起诉|离婚|媒体|上网|发帖|信访|12345|举报)")
_EXTREME = re.compile(r"(?:极端(?:行为|方式|手段|事|措施|的事|行动|想法|念头|举动|之举)|走极端|极端$)")
_KILL = re.compile(
    r"(?:(?<![主需重不只])要(?![求不])|想|去|来|准备|扬言|威胁|说)[^，。]{0,4}杀|杀(?:人|[你他她我全]|(?:了|死|掉)[你他她我人全对邻])|杀死$|杀掉$"
)
_STRUGGLE = re.compile(r"(?:说要|要|跟|和|与|同|找|一起)[^，。]{0,6}拼命(?=$|[，。！；!\s\x01了的])|^拼命$")
_BURST = re.compile(r"(?:头|脑袋|脑子|肺|气|耳朵|锅|管|胎|瓶)[^，。]{0,2}(?:都|快|要)*$")
_BEATEN = re.compile(r"[你我他她它们全一业咱俺]")
_ANIMAL = re.compile(r"[狗犬猫蛇鼠猪鸡鸭牛羊][^，。]{0,3}$")
_PLAN = re.compile(
    r"(?:扬言|威胁|声称|放话|(?<![主需重不只])要(?![求不等])|准备|打算|想|去|带|引|制造|自制|采取|走|做出|不惜)[^，。]{0,4}$"
)
_SAID = re.compile(r"扬言|威胁|恐吓|放话|放言|声称|叫嚣")
_SAID_TO = re.compile(r"(?:扬言|威胁|恐吓|放话|放言|声称|叫嚣|叫骂|[说称][^，。]{0,8}(?:要|再|不|就))[^，。]{0,12}$")
# 敲墙报复, 遭其报复 tell of what was done; a threat of revenge is announced
_TO_COME = re.compile(r"(?:会|就|必|必将|一定|早晚|迟早|还要|再)(?:来|去|要)?$")
_FINAL = re.compile(r"[吗么呢]?[？?]")


@cache
def rules() -> dict[str, Any]:
    """The content of `threats.yml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return loaded


def words() -> list[str]:
    """All words that mark a place worth a closer look."""
    return sorted({*rules()["words"], *rules()["more"], *rules()["exclusions"]})


def _alternation(name: str) -> str:
    return alternation(rules()[name])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    names = ("cues", "fears", "past", "relief", "violent", "weapons", "with_weapon", "doing", "rescued", "tank_signs")
    patterns = {name: re.compile(_alternation(name)) for name in names}
    # 要求, 主要 and 要不是 do not mean to do something
    intents = _alternation("intents").replace("|要|", "|(?<![主需重不只])要(?![求不等])|")
    patterns["intents"] = re.compile(rf"(?<![不别勿])(?:{intents})[^，。]{{0,6}}$")
    return patterns


def find(texts: Sequence[str], hits: Hits, lexicon_words: Sequence[str]) -> list[tuple[int, int, int, str]]:
    """Returns row, start, end and word of all that count, in order of place within each text.

    Args:
        texts: cleaned texts (n).
        hits: of a lexicon that holds `words()`.
        lexicon_words: the words of that lexicon.
    """
    wanted, excluded = {*rules()["words"], *rules()["more"]}, set(rules()["exclusions"])
    kind = np.array([1 if word in wanted else 2 if word in excluded else 0 for word in lexicon_words])
    of = kind[hits.word]
    rows = np.unique(hits.row[of == 1])
    if not len(rows):
        return []
    hits = hits.where((of > 0) & np.isin(hits.row, rows))
    of = kind[hits.word]
    by_row: dict[int, list[tuple[int, int, str]]] = {}
    guards: dict[int, list[tuple[int, int]]] = {}
    for row, start, end, word, what in zip(
        hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), hits.word.tolist(), of.tolist(), strict=True
    ):
        if what == 1:
            by_row.setdefault(row, []).append((start, end, lexicon_words[word]))
        else:
            guards.setdefault(row, []).append((start, end))
    found: list[tuple[int, int, int, str]] = []
    for row, spans in by_row.items():
        text, guarded = texts[row], guards.get(row, ())
        found += [
            (row, start, end, word)
            for start, end, word in spans
            if not any(low <= start and end <= high for low, high in guarded) and _means_it(text, start, end, word)
        ]
    return found


def _bounds(pattern: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    low = max(
        (match.end() for match in pattern.finditer(text, max(0, start - 200), start)), default=max(0, start - 200)
    )
    high = pattern.search(text, end)
    return low, high.start() if high else len(text)


def _means_it(text: str, start: int, end: int, word: str) -> bool:
    """Returns whether the word at ``start`` to ``end`` is a threat that a person makes."""
    patterns = _patterns()
    low, high = _bounds(_CLAUSE, text, start, end)
    first, last = _bounds(_SENTENCE, text, start, end)
    left, clause, sentence = text[low:start], text[low:high], text[first:last]
    if patterns["relief"].search(left) or (not _SAID.search(left) and patterns["relief"].search(clause)):
        return False
    if patterns["fears"].search(left):
        return False
    if word == "扬言":
        return not _MILD.search(clause) and patterns["violent"].search(text, end, min(last, end + 24)) is not None
    if not _SAID.search(sentence) and patterns["past"].search(clause):
        return False
    rule = rules()
    intent = patterns["intents"].search(left) is not None
    if word == "极端" and not _EXTREME.search(clause):
        return False
    if word == "杀":
        return _KILL.search(clause) is not None and (intent or patterns["cues"].search(sentence) is not None)
    if word == "拼命":
        return _STRUGGLE.search(clause) is not None
    if word.startswith("炸") and _BURST.search(left):
        return False
    if word in rule["said_only"]:
        return _SAID_TO.search(left) is not None
    if word in rule["blasts"]:
        return _PLAN.search(left) is not None or (word == "放火" and patterns["cues"].search(sentence) is not None)
    if word in rule["weapons"]:
        beside = patterns["weapons"].sub("", sentence)
        return patterns["with_weapon"].search(beside) is not None
    if word in rule["tanks"]:
        return patterns["tank_signs"].search(sentence) is not None
    if word == "打死" and (_ANIMAL.search(left) or not (intent or _BEATEN.match(text, end))):
        return False
    if word == "报复":
        asked = _FINAL.match(text, last - 1 if text[last - 1 : last] in "吗么呢" else last)
        announced = _PLAN.search(left) or _SAID_TO.search(left) or (_TO_COME.search(left) and _SAID.search(sentence))
        return announced is not None and asked is None
    if word in rule["harm"] and (patterns["doing"].search(left) or patterns["rescued"].search(sentence)):
        return "曾" not in clause
    return word in rule["alone"] or intent or patterns["cues"].search(sentence) is not None
