"""Two values side by side: which parts are in both.

Here: cutting texts and lists into shared and own parts. Not here: colours (the page), which fields are compared
(`desk`).
left, right -> pieces of either, each shared or not
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

SHARED_AT_LEAST = 2
"""Fewer letters, digits or characters in common are chance: 的, 了, a digit."""

LONG = 1_500
"""Texts beyond this are compared by their beginnings: the time grows with the product of both lengths."""

Pieces = list[tuple[str, bool]]


def plain(value: str | None) -> Pieces:
    """Returns a value in one piece that is not compared."""
    return [(value, True)] if value else []


def compare(left: str | None, right: str | None) -> tuple[Pieces, Pieces]:
    """Returns the pieces of both values in order, each with whether the other holds it too.

    Where one is missing there is nothing to compare: the other is one piece, not marked as its own.
    """
    one, other = left or "", right or ""
    if not one or not other or one == other:
        return plain(one), plain(other)
    matcher = SequenceMatcher(None, one[:LONG], other[:LONG], autojunk=False)
    blocks = [
        block
        for block in matcher.get_matching_blocks()
        if sum(map(str.isalnum, one[block.a : block.a + block.size])) >= SHARED_AT_LEAST
    ]
    return (
        _pieces(one, [(block.a, block.size) for block in blocks]),
        _pieces(other, [(block.b, block.size) for block in blocks]),
    )


def compare_lists(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> tuple[Pieces, Pieces]:
    """Returns the entries of two lists as pieces; an entry is (what it is compared by, what is added to it)."""
    names = {name for name, _ in left}, {name for name, _ in right}
    if not all(names):
        return [(name + more, True) for name, more in left], [(name + more, True) for name, more in right]
    return (
        [(name + more, name in names[1]) for name, more in left],
        [(name + more, name in names[0]) for name, more in right],
    )


def _pieces(text: str, shared: list[tuple[int, int]]) -> Pieces:
    pieces: Pieces = []
    position = 0
    for start, size in shared:
        if start > position:
            pieces.append((text[position:start], False))
        pieces.append((text[start : start + size], True))
        position = start + size
    if position < len(text):
        pieces.append((text[position:], False))
    return pieces
