"""What texts mention: precision and recall of the extractors on the texts labelled by hand.

`python -m tests.bench.mentions [--errors dev]`: the tables of docs/text.md. Real messages are read from ../shared/data
by id and span; texts that we wrote are inline (tests/labelled/mentions.md has the rules). An unlabelled find in a text
that was read is wrong, a label that is not found is missed.
labelled texts -> transforms.mentions -> counts of right, wrong and missed per type
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from transforms import dates, mentions, roles
from transforms.text import clean_one

LABELLED = Path(__file__).parents[1] / "labelled"
MESSAGES = Path(__file__).parents[3] / "shared" / "data" / "citizen_messages"
TYPES = ("phone", "id_number", "record_number", "person", "organisation", "amount", "headcount", "date", "threat")
_CODES = {
    "tel": ("phone", ""),
    "id": ("id_number", ""),
    "num": ("record_number", ""),
    "p1": ("person", "caller"),
    "p2": ("person", "other_party"),
    "p3": ("person", "other"),
    "oc": ("organisation", "company"),
    "os": ("organisation", "shop"),
    "oi": ("organisation", "institution"),
    "a": ("amount", ""),
    "h": ("headcount", ""),
    "d": ("date", ""),
}
_MARKED = re.compile(r"\[(?P<words>[^\[\]|]*)\|(?P<code>[a-z0-9]+)(?:=(?P<value>[^\]]*))?\]|(?P<threat>!!)")
_SENTENCE = re.compile(r"[。！？!?；;\n\x01]")


@dataclass(frozen=True)
class Mention:
    """One mention: ``start`` to ``end`` in its text; ``kind`` and ``value`` empty where they are not told."""

    type: str
    start: int
    end: int
    kind: str = ""
    value: str = ""


@dataclass
class Labelled:
    """One text that was read in full, with all that it mentions."""

    origin: str
    split: str
    name: str
    text: str
    gold: list[Mention] = field(default_factory=list)


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Start and end of the sentence around a place."""
    low = max((match.end() for match in _SENTENCE.finditer(text, 0, start)), default=0)
    high = _SENTENCE.search(text, end)
    return low, high.start() if high else len(text)


def written() -> list[Labelled]:
    """The texts that we wrote, out of their inline marks; as in the lake, between an empty title and outcome."""
    texts = []
    for number, line in enumerate((LABELLED / "mentions_written.txt").read_text("utf-8").splitlines(), start=1):
        split, voice, marked = line.split("|", 2)
        parts, gold, threats, position, length = [], [], [], 0, 1
        for match in _MARKED.finditer(marked):
            parts.append(marked[position : match.start()])
            length += match.start() - position
            position = match.end()
            if match["threat"]:
                threats.append(length)
                continue
            words = match["words"]
            type_, kind = _CODES[match["code"]]
            gold.append(Mention(type_, length, length + len(words), kind, match["value"] or ""))
            parts.append(words)
            length += len(words)
        text = mentions.SEPARATOR + "".join([*parts, marked[position:]]) + mentions.SEPARATOR
        gold += [Mention("threat", *sentence(text, place, place)) for place in threats]
        texts.append(Labelled("written", split, f"{number} {voice}", text, gold))
    return texts


def messages(folder: Path = MESSAGES) -> list[Labelled]:
    """The real messages: title and content joined as in the lake, spans moved accordingly."""
    with (LABELLED / "mentions_messages.csv").open(encoding="utf-8") as file:
        read = {row["message_id"]: row for row in csv.DictReader(file)}
    spans: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (LABELLED / "mentions_message_spans.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            spans[row["message_id"]].append(row)
    files = [
        pd.read_excel(folder / name, dtype=str, engine="calamine")[["留言编号", "留言主题", "留言详情"]]
        for name in ("messages.xlsx", "messages_with_replies.xlsx")
    ]
    frame = pd.concat(files).drop_duplicates("留言编号").set_index("留言编号").fillna("")
    texts = []
    for number, row in read.items():
        title, detail = (clean_one(str(frame.loc[number, column])) for column in ("留言主题", "留言详情"))
        gold = []
        for span in spans[number]:
            shift = len(title) + 1 if span["field"] == "详情" else 0
            start, end = int(span["start"]) + shift, int(span["end"]) + shift
            gold.append(Mention(span["type"], start, end, span["kind"], span["value"]))
        text = title + mentions.SEPARATOR + detail + mentions.SEPARATOR
        for index, label in enumerate(gold):
            if label.type == "threat":
                gold[index] = Mention("threat", *sentence(text, label.end - 1, label.end - 1))
        texts.append(Labelled("real", row["split"], number, text, gold))
    return texts


def found(texts: list[Labelled]) -> list[list[Mention]]:
    """What the extractors say about each text."""
    result = mentions.find([text.text for text in texts])
    out: list[set[Mention]] = [set() for _ in texts]
    for type_, spans in (
        ("phone", result.phones),
        ("id_number", result.identities),
        ("record_number", result.numbers),
        ("organisation", result.organisations),
    ):
        for span in spans:
            out[span.row].add(Mention(type_, span.start, span.end, span.kind))
    for type_, figures in (("amount", result.amounts), ("headcount", result.headcounts)):
        for figure in figures:
            out[figure.row].add(Mention(type_, figure.start, figure.end, "", f"{figure.value:g}"))
    for row, text in enumerate(texts):
        places = sorted({(span.start, span.end) for span in result.persons if span.row == row})
        for (start, end), role in zip(places, roles.roles(text.text, places), strict=True):
            out[row].add(Mention("person", start, end, role))
        out[row] |= {Mention("date", start, end, "", value) for start, end, value in dates.find(text.text)}
    for span in result.threatening:
        out[span.row].add(Mention("threat", *sentence(texts[span.row].text, span.start, span.end)))
    return [sorted(found_, key=lambda mention: (mention.start, mention.end)) for found_ in out]


@dataclass
class Score:
    """Counts of one type."""

    labelled: int = 0
    found: int = 0
    overlapping: int = 0
    exact: int = 0
    found_right: int = 0
    valued: int = 0
    value_right: int = 0
    kind_right: int = 0

    @property
    def precision(self) -> float:
        """Share of finds that overlap a label."""
        return self.found_right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of labels that a find overlaps."""
        return self.overlapping / self.labelled if self.labelled else 1.0


def score(texts: list[Labelled], predicted: list[list[Mention]]) -> dict[str, Score]:
    """Counts per type; a find and a label belong together when they share a character."""
    scores = {type_: Score() for type_ in TYPES}
    for text, finds in zip(texts, predicted, strict=True):
        for type_ in TYPES:
            gold = [mention for mention in text.gold if mention.type == type_]
            mine = [mention for mention in finds if mention.type == type_]
            counts = scores[type_]
            counts.labelled += len(gold)
            counts.found += len(mine)
            counts.found_right += sum(any(overlap(find, label) for label in gold) for find in mine)
            for label in gold:
                partners = [find for find in mine if overlap(find, label)]
                counts.overlapping += bool(partners)
                counts.exact += any((find.start, find.end) == (label.start, label.end) for find in partners)
                if partners and label.value and type_ in ("amount", "headcount", "date"):
                    counts.valued += 1
                    counts.value_right += any(same_value(find.value, label.value) for find in partners)
                counts.kind_right += bool(label.kind) and any(find.kind == label.kind for find in partners)
    return scores


def overlap(left: Mention, right: Mention) -> bool:
    """Whether two mentions share a character."""
    return left.start < right.end and right.start < left.end


def same_value(found_value: str, labelled: str) -> bool:
    """Whether two values are equal, as numbers where they are numbers."""
    try:
        return abs(float(found_value) - float(labelled)) < 0.005
    except ValueError:
        return found_value == labelled


def errors(texts: list[Labelled], predicted: list[list[Mention]]) -> list[str]:
    """Each wrong find, missed label, wrong value and wrong kind, with its surroundings; for reading by eye."""
    lines = []
    for text, finds in zip(texts, predicted, strict=True):
        for find in finds:
            if not any(overlap(find, label) for label in text.gold if label.type == find.type):
                lines.append(f"wrong  {find.type:13} {_around(text, find)}")
        for label in text.gold:
            partners = [find for find in finds if find.type == label.type and overlap(find, label)]
            if not partners:
                lines.append(f"missed {label.type:13} {_around(text, label)}")
                continue
            exact = [find for find in partners if (find.start, find.end) == (label.start, label.end)]
            if not exact and label.type in ("person", "organisation", "phone", "record_number", "id_number"):
                lines.append(f"span   {label.type:13} {_around(text, partners[0])} | {_words(text, label)}")
            valued = label.value and label.type in ("amount", "headcount", "date")
            if valued and not any(same_value(find.value, label.value) for find in partners):
                lines.append(f"value  {label.type:13} {_around(text, label)} {partners[0].value} | {label.value}")
            if label.kind and not any(find.kind == label.kind for find in partners):
                lines.append(f"kind   {label.type:13} {_around(text, label)} {partners[0].kind} | {label.kind}")
    return sorted(lines)


def _words(text: Labelled, mention: Mention) -> str:
    return text.text[mention.start : mention.end]


def _around(text: Labelled, mention: Mention) -> str:
    before, after = text.text[max(0, mention.start - 12) : mention.start], text.text[mention.end : mention.end + 10]
    return f"{text.name}: {before}⟦{_words(text, mention)}⟧{after}".replace(mentions.SEPARATOR, "¦")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def table(scores: dict[str, Score]) -> str:
    """A Markdown table."""
    lines = [
        "| type | labelled | found | precision | recall | exact span | value equal | kind right |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for type_, counts in scores.items():
        kinds = _share(counts.kind_right, counts.overlapping) if type_ in ("person", "organisation") else "–"
        lines.append(
            f"| {type_} | {counts.labelled} | {counts.found} | {_share(counts.found_right, counts.found)} "
            f"| {_share(counts.overlapping, counts.labelled)} | {_share(counts.exact, counts.labelled)} "
            f"| {_share(counts.value_right, counts.valued)} | {kinds} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Prints the four tables, or with `--errors SPLIT` what is wrong in one split."""
    texts = written() + (messages() if MESSAGES.is_dir() else [])
    predicted = found(texts)
    parts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        parts[(text.split, text.origin)].append(index)
    if "--errors" in sys.argv:
        chosen = sys.argv[sys.argv.index("--errors") + 1]
        for (split, _), rows in sorted(parts.items()):
            if split == chosen:
                lines = errors([texts[row] for row in rows], [predicted[row] for row in rows])
                sys.stdout.write("\n".join(lines) + "\n")
        return
    for (split, origin), rows in sorted(parts.items()):
        size = Counter(texts[row].split for row in rows)[split]
        sys.stdout.write(f"\n## {split}, {origin}: {size} texts\n\n")
        sys.stdout.write(table(score([texts[row] for row in rows], [predicted[row] for row in rows])) + "\n")


if __name__ == "__main__":
    main()
