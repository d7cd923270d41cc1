"""Text for everybody: no phone, no identity number, no name, no room number.

Here: hiding. Not here: finding (`transforms.mentions`).
cleaned texts, names of the record's parties -> texts that may be published

Phones become [电话], ID numbers [证件], accounts [账号], plates [车牌]; names become 张**. Of a record whose caller
asked for confidentiality no text is published at all (`WITHHELD`): masking that misses one name in fifty is not enough
for a person who was promised that nobody learns of it.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from transforms import mentions, person
from transforms.mentions import Found

_ROOM = re.compile(
    r"(?<=单元)\d{1,2}楼\d{3,4}|(?<=单元)\d{3,4}|\d{2,4}(?=室|号房|房间)|(?<=\d-\d-)\d{3,4}|(?<=\d\d-\d-)\d{3,4}"
)
_LABEL = {"account": "[账号]", "plate": "[车牌]", "mail": "[邮箱]"}
WITHHELD = "反映人要求保密，内容不发布"


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
