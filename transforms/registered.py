"""Names that a register holds, hidden in every text: who is a party of one record is spoken of in another.

Here: a dictionary of full names, and hiding them. Not here: names that only a sentence gives (`transforms.scrub`).
registered names -> Register; texts -> texts in which none of them stands

A name of three characters and more is hidden wherever it stands. Two characters are a name only where words for
persons stand on both sides (`mentions.bounded`): 李平 is one in 称李平欠他, and none in 行李平放.
"""

from collections.abc import Iterable, Sequence

from sources import reference
from transforms import mentions, organisation, person
from transforms.lexicon import Joined, Lexicon


class Register:
    """The full names of persons among ``names``; places, companies and words for anybody are left out."""

    def __init__(self, names: Iterable[str]) -> None:
        places = _place_parts()
        chosen = sorted({name for name in names if _is_full_name(name) and name not in places})
        self._lexicon = Lexicon(chosen) if chosen else None

    def __len__(self) -> int:
        return len(self._lexicon.words) if self._lexicon else 0

    def hide(self, texts: Sequence[str | None]) -> list[str | None]:
        """Returns the n texts with surname and stars in place of every registered name; null stays null."""
        result = list(texts)
        if self._lexicon is None:
            return result
        plain = [text or "" for text in texts]
        hits = self._lexicon.find(Joined(plain)).longest()
        spans: dict[int, list[tuple[int, int]]] = {}
        for row, start, end in zip(hits.row.tolist(), hits.start.tolist(), hits.end.tolist(), strict=True):
            if end - start > 2 or mentions.bounded(plain[row], start, end):
                spans.setdefault(row, []).append((start, end))
        for row, marks in spans.items():
            text, parts, position = plain[row], [], 0
            for start, end in marks:
                if start >= position:
                    surname = person.surname_of(text[start:end]) or text[start]
                    parts += [text[position:start], surname, "**"]
                    position = end
            result[row] = "".join([*parts, text[position:]])
        return result


def _is_full_name(name: str) -> bool:
    parsed = person.parse(name)
    if parsed.kind != "person" or not parsed.is_full_name or parsed.name != name:
        return False
    if "·" in name:
        return len(name) >= 4
    surname = person.surname_of(name)
    if surname is None or not 1 <= len(name) - len(surname) <= 2 or organisation.is_organisation(name):
        return False
    return mentions.is_name(name, sure=True)


def _place_parts() -> frozenset[str]:
    """All pieces of two to four characters of the names of places in 玉溪."""
    names = {*reference.divisions()["name"], *reference.older_names()["village"].dropna()}
    cuts = [(name, start, length) for name in names for length in (2, 3, 4) for start in range(len(name) + 1 - length)]
    return frozenset(name[start : start + length] for name, start, length in cuts)
