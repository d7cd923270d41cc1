"""Text for everybody: no phone, no identity number, no name, no room number.

Here: hiding, and the eager search for names that hiding can afford: what it takes too much is only hidden, nobody is
matched by it. Not here: finding what records are matched by (`transforms.mentions`).
cleaned texts, names of the record's parties -> texts that may be published

Phones become [电话], ID numbers [证件], accounts [账号], plates [车牌]; names become 张**. Of a record whose caller
asked for confidentiality no text is published at all (`WITHHELD`): masking that misses one name in fifty is not enough
for a person who was promised that nobody learns of it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import pyarrow as pa

from sources import reference
from transforms import mentions, person
from transforms.mentions import Found

_ROOM = re.compile(
    r"(?<=单元)\d{1,2}楼\d{3,4}|(?<=单元)\d{3,4}|\d{2,4}(?=室|号房|房间)|(?<=\d-\d-)\d{3,4}|(?<=\d\d-\d-)\d{3,4}"
)
_LABEL = {"account": "[账号]", "plate": "[车牌]", "mail": "[邮箱]"}
WITHHELD = "反映人要求保密，内容不发布"

# Words before a name whose bearer does or suffers something, and what may follow the name then
_BEFORE = "|".join(
    (
        "原告|被告|被告人|诉被告|支书|书记|主任|组长|村长|会计|肇事者|肇事司机|逃逸者|嫌疑人|死者|伤者|患者|家属|叫|叫做|名叫",
        "医生|护士|护工|老师|教练|保姆|月嫂|店员|老板娘|老板|老板的|隔壁的|楼上的|楼下的|对门的|同村的|本村的|邻居|网格员",
        "调解员|保安|快递员|骑手|业务员|中介|债主|反映人|联系人|经办人|经手人|村民|业主|租户|房东|学生|同学|同事|朋友|亲戚",
        "儿子|女儿|儿媳|女婿|侄子|丈夫|妻子|老公|老婆|前夫|前妻|男友|女友|其子|其女|其夫|其妻|其父|其母",
    )
)
_AFTER = "".join(
    (
        "把被将称说讲要叫让与和跟同对给向往从在到不未拒多已曾均系是有打骂砍抢偷逃误喂占收",
        "欠借退赔于至因为来去又还也都以擅私强家的诉等一",
    )
)
_CUED = re.compile(rf"(?:{_BEFORE})[：: ]?(?=([\u4e00-\u9fff]{{2,4}}))")
_BEHIND_NUMBER = re.compile(r"\s*(?:的|，姓名|,姓名|姓名|，|,)?\s*([\u4e00-\u9fff]{2,4})")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
# Names of other languages: both parts are written in characters that only stand for sounds
_SOUNDS = (
    "阿依古丽买提艾力米尔努孜巴克吐逊热合曼娜扎木江萨斯卡德玛布拉达瓦尼赛比汗帕再麦图苏哈山亚库杜西玉素甫肉沙吾塔"
    "洛桑吉旦增仁青央金次多杰诺泽姆珠措加罗日火伍呷曲石且莫"
)
_DOTTED = re.compile(rf"[{_SOUNDS}]{{2,7}}[·•・‧．･][{_SOUNDS}]{{1,7}}")
_COMMON_SURNAME = 0.002
"""Behind a cue two characters are a name where the surname is among the hundred most frequent (its weight)."""


def scrub(
    texts: Sequence[str],
    names: Sequence[Sequence[str]] | None = None,
    found: Found | None = None,
) -> list[str]:
    """Returns n texts without personal data.

    Args:
        texts: cleaned texts (n).
        names: names of the record's own parties, hidden wherever they stand (n lists).
        found: what `mentions.find` gave for the same texts, when it is there already.
    """
    found = found or mentions.find(texts)
    spans: dict[int, list[tuple[int, int, str]]] = {}
    for label, group in (("[电话]", found.phones), ("[证件]", found.identities)):
        for span in group:
            spans.setdefault(span.row, []).append((span.start, span.end, label))
    for span in found.accounts:
        spans.setdefault(span.row, []).append((span.start, span.end, _LABEL[span.value]))
    cued = {(span.row, span.start) for span in found.persons}
    # a name once read is hidden wherever the text says it again
    spoken: dict[int, set[str]] = {}
    guesses = [span for span in found.guesses if (span.row, span.start) not in cued]
    for span in (*found.persons, *guesses):
        parsed = person.parse(span.value)
        if parsed.is_full_name:
            spoken.setdefault(span.row, set()).add(parsed.name or span.value)
            title = span.value[len(parsed.name or "") :] if parsed.name and span.value.startswith(parsed.name) else ""
            spans.setdefault(span.row, []).append((span.start, span.end, (parsed.masked or "**") + title))
    for row, start, end in _eager(texts, found):
        spans.setdefault(row, []).append((start, end, person.parse(texts[row][start:end]).masked or "**"))
        spoken.setdefault(row, set()).add(texts[row][start:end])
    known = _known_patterns(names) if names is not None else {}
    for row, again in spoken.items():
        marked = {start for start, _, _ in spans[row]}
        for name in sorted(again):
            mask = person.parse(name).masked or "**"
            start = texts[row].find(name)
            while start >= 0:
                if start not in marked:
                    spans[row].append((start, start + len(name), mask))
                start = texts[row].find(name, start + len(name))
    with_room = set(
        mentions.rows_with(pa.array(texts, type=pa.string()), "[0-9](?:室|号房|房间)|单元[0-9]|[0-9]-[0-9]")
    )
    result: list[str] = []
    for row, text in enumerate(texts):
        if not text:
            result.append(text)
            continue
        marks = spans.get(row, [])
        own: list[tuple[int, int, str]] = []
        for name, mask in known.get(row, ()):
            start = text.find(name)
            while start >= 0:
                own.append((start, start + len(name), mask))
                start = text.find(name, start + len(name))
        if own:
            # the record's own names are sure; what was read off the sentence may have taken a character too many
            begun = {mark[0] for mark in own}
            marks = [*own, *(mark for mark in marks if mark[0] not in begun)]
        if row in with_room:
            marks += [(*match.span(), "**") for match in _ROOM.finditer(text)]
        result.append(_apply(text, marks) if marks else text)
    return result


def _eager(texts: Sequence[str], found: Found) -> Iterator[tuple[int, int, int]]:
    """Yields row, start and end of names that stand behind a cue or a number and before a word that goes on."""
    arrow = pa.array(texts, type=pa.string())
    for row in mentions.rows_with(arrow, _BEFORE):
        for match in _CUED.finditer(texts[row]):
            end = _name_end(texts[row], match.end())
            if end:
                yield row, match.end(), end
    for row in mentions.rows_with(arrow, "[·•・‧．･]"):
        for match in _DOTTED.finditer(texts[row]):
            yield row, *match.span()
    for span in (*found.identities, *found.phones):
        behind = _BEHIND_NUMBER.match(texts[span.row], span.end)
        end = _name_end(texts[span.row], behind.start(1)) if behind else None
        if behind and end:
            yield span.row, behind.start(1), end


@cache
def _is_word(text: str) -> bool:
    return text in reference.common_words()


def _name_end(text: str, start: int) -> int | None:
    """Returns where a name that begins at ``start`` ends, null where none does: 白文学|把, none in 高度|重视."""
    surname = person.surname_of(text[start : start + 2])
    if surname is None or _is_word(text[start : start + 2]):
        return None
    for length in (len(surname) + 2, len(surname) + 1):
        name, after = text[start : start + length], text[start + length : start + length + 1]
        if len(name) < length or not _CHINESE.fullmatch(name) or (_CHINESE.match(after) and after not in _AFTER):
            continue
        if length == 2 and (
            surname in person.ambiguous_surnames() or reference.names().surnames.get(surname, 0.0) < _COMMON_SURNAME
        ):
            continue
        if not _is_word(name) and mentions.is_name(name, sure=True):
            return start + length
    return None


def _known_patterns(names: Sequence[Sequence[str]]) -> dict[int, list[tuple[str, str]]]:
    known: dict[int, list[tuple[str, str]]] = {}
    for row, group in enumerate(names):
        for name in group:
            if len(name) < 2:
                continue
            parsed = person.parse(name)
            if parsed.kind == "person" and parsed.is_full_name:
                known.setdefault(row, []).append((name, parsed.masked or "**"))
    return known


def _apply(text: str, marks: list[tuple[int, int, str]]) -> str:
    """Puts labels in place of spans; of spans that overlap the earlier and longer one hides the rest."""
    marks.sort(key=lambda mark: (mark[0], -mark[1]))
    parts: list[str] = []
    position = 0
    for start, end, label in marks:
        if start < position:
            if end > position:
                position = end
            continue
        parts += [text[position:start], label]
        position = end
    parts.append(text[position:])
    return "".join(parts)
