"""Companies, shops and institutions named in sentences, from the place in front of the name to its last word.

Here: where a name begins and ends, and whether it is one at all. Not here: the key that tells names apart
(`transforms.organisation`, which has the word lists too).
cleaned texts, hits of the shared lexicon -> row, start, end, name, kind

A name is found by the word it ends with (有限公司, 超市, 小学) or because everybody knows it (滴滴). To its left the
sentence goes on without a blank: the name begins behind the last word that belongs to the sentence (反映, 拖欠, 门口),
or at its place (玉溪市 …). What is left must hold more than ordinary words: 小区物业公司, 有关部门 name nobody.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from transforms import organisation
from transforms.lexicon import Hits
from transforms.text import alternation

SEPARATOR = "\x01"


class Firm(NamedTuple):
    """``kind``: company, shop or institution."""

    row: int
    start: int
    end: int
    name: str
    kind: str


# Characters that no name holds, in the middle of one the sentence goes on
_STOP = (
    "在与向对由被于给找及是有把让跟去从因称说到叫将为的了着过等其该这那我你他她它们"
    "和同也都就要求已未不没再还且而并但若如果者之欠寄变距骗赔罚骂吵堵撞拖催哪帮替"
)
_BODY = re.compile(
    rf"(?:[^\W_{_STOP}]|[和同](?=[谐平顺美兴信睿悦润瑞丰盛祥煦泰力心创济学仁德])|[（(][\u4e00-\u9fff]{{2,6}}[)）]"
    r"|之(?=[心家光星声约味源恋春])|(?<=[好新])又(?=[多新])|有(?=[为道]))*$"
)
_REACH, _LONGEST = 16, 14
_ADDRESS = re.compile(
    r"^.*(?:\d{3,}|[\dA-Za-z]+(?:栋|幢|单元|号楼|号院|号|座|室|楼|层|组|期|店铺|元|天|人|户|平|米)+|\d+点\d*|\d年|\d月|\d日|(?<=[^\W\d])[、])(?=[\u4e00-\u9fff]{2})"
)
# （腰街店）KTV, 1501物业, 24班小学: what stands before the name
_BRACKETED = re.compile(r"^.*[)）](?=[^)）]*$)|^\d+(?:点\d*|班|所|个|家|月)?(?=[\u4e00-\u9fff])")
# Behind the last word of a name: 青园小学万芙校区, 工商银行玉溪支行
_BRANCH = re.compile(
    r"[\u4e00-\u9fff]{0,4}?(?:校区|分院|分校|分店|分行|支行|支队|分局|分公司|分理处)|集团(?:公司)?|后勤(?:与|和)?保障中心"
)
# 商行业, 物业费, 中学生 are other words
_ELSE = re.compile(
    r"业(?!务|主)|费|(?<=[大中小]学)生(?!意)|(?<=快递)[点员件柜车站]|(?<=化工)程|(?<=[一二三四五六七八九十][小中])[学路]|(?<=[电汽]力)[线费]"
)
_GOES_ON = re.compile(rf"[^\W{_STOP}]{{0,6}}?(?:有限责任公司|股份有限公司|有限公司|分公司|公司)")


def _alternation(*lists: str) -> str:
    return alternation(word for name in lists for word in organisation.rules()[name])


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        # the last word of the sentence before the name
        "sentence": re.compile(f"^.*(?:{_alternation('sentence')})"),
        "lead": re.compile(f"^(?:{_alternation('lead')})+"),
        "first": re.compile(f"^[{''.join(organisation.rules()['first'])}](?=..)"),
        "estate": re.compile(f"(?:{_alternation('estate')})$"),
        "local": re.compile(r"(?:镇|乡|街道|村|社区|县|区|市|省)(?:.{2,4}路)?$"),
        # 万达广场周大生珠宝店: a shop is not named after the house it is in
        "mall": re.compile(r"^.*(?:广场|大厦|商业街|步行街)(?=...)"),
        "plain": re.compile(_alternation("plain")),
        "after": re.compile(_alternation("brand_after") + r"|[^\u4e00-\u9fff]|$"),
        # 移动、联通等运营商
        "carriers": re.compile(f"(?:{_alternation('carriers')})[、/和与及](?:{_alternation('carriers')})"),
        "carrier": re.compile(_alternation("carrier_after")),
    }


@cache
def _kinds() -> dict[str, str]:
    kinds = organisation.rules()["kinds"]
    return {word: kind for kind in ("shop", "institution") for word in kinds[kind]}


def words() -> list[str]:
    """All words that mark a place worth a closer look."""
    rules = organisation.rules()
    return sorted({*_suffixes(), *rules["brands"], *rules["builders"], *rules["carriers"]})


@cache
def _suffixes() -> frozenset[str]:
    rules = organisation.rules()
    return frozenset({*organisation.suffixes(), *rules["in_text"], *rules["placed"]} - {*rules["not_in_text"]})


def find(texts: Sequence[str], hits: Hits, lexicon_words: Sequence[str]) -> list[Firm]:
    """Returns all names, in order of place within each text; ``hits`` of a lexicon that holds `words()`."""
    rules = organisation.rules()
    known = {*rules["brands"], *rules["builders"], *rules["carriers"]}
    suffixes = _suffixes()
    kind = np.array([1 if word in suffixes else 2 if word in known else 0 for word in lexicon_words], dtype=np.int8)
    what = kind[hits.word]
    found = _ending(texts, hits.where(what == 1).longest(), lexicon_words)
    if (what == 2).any():
        found += _known(texts, hits.where(what == 2).longest(), lexicon_words, found)
    return found


def _ending(texts: Sequence[str], hits: Hits, lexicon_words: Sequence[str]) -> list[Firm]:
    offices, placed = set(organisation.rules()["offices"]), set(organisation.rules()["placed"])
    found: list[Firm] = []
    last = (-1, -1)
    for row, start, end, word in zip(
        hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), hits.word.tolist(), strict=True
    ):
        text, suffix = texts[row], lexicon_words[word]
        low = max(0, start - _REACH)
        if last[0] == row and last[1] > low:
            low = last[1]
        if low > start:
            continue
        # an office in the outcome is whoever handled it, not a side of the matter
        office = suffix in offices or suffix in placed
        if office and start > text.rfind(SEPARATOR) >= 0:
            continue
        body = _BODY.search(text, low, start)
        name = _proper(body.group() if body else "", suffix, office)
        if not name or (end < len(text) and _goes_on(text, end)):
            continue
        branch = _BRANCH.match(text, end)
        end = branch.end() if branch else end
        begin = start - len(name)
        found.append(Firm(row, begin, end, text[begin:end], _kinds().get(suffix, "company")))
        last = (row, end)
    return found


def _goes_on(text: str, end: int) -> bool:
    """Returns whether a longer word ends the name later: 鑫达物业服务有限公司 holds 物业 and 公司."""
    return bool(_ELSE.match(text, end) or _GOES_ON.match(text, end))


@lru_cache(maxsize=50_000)
def _proper(body: str, suffix: str, office: bool) -> str:
    """Returns the name without its last word and without the sentence and the address before it; empty: none."""
    patterns = _patterns()
    name = patterns["sentence"].sub("", body)
    name = _ADDRESS.sub("", name)
    name = _BRACKETED.sub("", name).lstrip("（()）、")
    shorter = patterns["lead"].sub("", name)
    name = shorter if len(shorter) < 2 or not organisation.is_common(name) else name
    name = patterns["first"].sub("", name)
    # 夜班补贴玉溪市博雅制药有限公司: the name begins with its place; of 区政府 the place takes a part
    place = organisation.place().search(name + suffix)
    if place and place.start() < len(name) and (len(name) - place.end() >= 2 or office):
        name = name[place.start() :]
    if not office:
        name = patterns["mall"].sub("", name)
    if len(name) < 2 or len(name) > _LONGEST or name.isdigit() or organisation.is_common(name):
        return ""
    core = organisation.without_place(name)
    if suffix in organisation.rules()["placed"]:
        return name if place or patterns["local"].search(name) else ""
    if not core:
        # 红塔公司, 凤凰街道菜市场 tell one from others, A市学校 and 大街街道棋牌室 do not
        wide = name.endswith(("市", "县", "区", "省")) or suffix in organisation.rules()["unnamed"]
        return name if office or not wide else ""
    if patterns["plain"].search(name) and _kinds().get(suffix) == "institution":
        return ""
    if suffix in organisation.rules()["weak"] and (patterns["estate"].search(core) or organisation.is_common(core)):
        return ""
    return name


def _known(texts: Sequence[str], hits: Hits, lexicon_words: Sequence[str], named: Sequence[Firm]) -> list[Firm]:
    """Returns names that everybody knows, where no longer name holds them."""
    rules, patterns = organisation.rules(), _patterns()
    builders, carriers = set(rules["builders"]), set(rules["carriers"])
    taken: dict[int, list[tuple[int, int]]] = {}
    for firm in named:
        taken.setdefault(firm.row, []).append((firm.start, firm.end))
    found: list[Firm] = []
    for row, start, end, word in zip(
        hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), hits.word.tolist(), strict=True
    ):
        text, name = texts[row], lexicon_words[word]
        if any(low < end and start < high for low, high in taken.get(row, ())):
            continue
        if name in builders and not patterns["after"].match(text, end):
            continue
        if name in carriers and not (patterns["carrier"].match(text, end) or patterns["carriers"].search(text)):
            continue
        if text.startswith(("公司", "集团"), end):
            end += 2
        found.append(Firm(row, start, end, text[start:end], "company"))
    return found
