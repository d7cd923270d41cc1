"""A report before it has a form: head, paragraphs, tables, charts, figures with their queries.

Here: the pieces and what holds for all of them. Not here: what is said (`periodic`, `daily`), DOCX, HTML, XLSX.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from warehouse.reports.figures import Figure, Query, used


@dataclass(frozen=True)
class Heading:
    """A heading. ``level`` 1 一、, 2 （一）, 3 1."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of body text with marks; ``lead`` opens it in bold."""

    text: str
    lead: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: cells are texts with marks. ``widths`` are parts of the page's width; ``wide`` columns align left."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    wide: tuple[int, ...] = (0,)
    note: str = ""


@dataclass(frozen=True)
class Series:
    """One line or set of bars; None: there is no value."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Chart:
    """A picture: ``kind`` line or bar over the same labels; ``query`` gives its numbers."""

    kind: str
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    query: Query


Block = Heading | Paragraph | Grid | Chart


@dataclass(frozen=True)
class Annex:
    """One sheet of the workbook: a name, what it holds, its query."""

    name: str
    query: Query


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        red_head: the red words on top, such as 玉溪市矛盾纠纷研判月报.
        issue: such as （2025年第3期）.
        issuer: who issues it.
        issued_on: date of issue: that of the publication.
        title: title of the text.
        label: 模拟数据 where the data is simulated, else None.
        blocks: the body.
        notes: how the figures were counted.
        copies: (抄报, who), (抄送, who).
        figures: those that the text shows, in order.
        annexes: sheets of the workbook.
        stem: name of its files without extension.
    """

    red_head: str
    issue: str
    issuer: str
    issued_on: date
    title: str
    label: str | None
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]
    copies: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    annexes: tuple[Annex, ...]
    stem: str

    @property
    def queries(self) -> tuple[Query, ...]:
        """Those that some figure or chart comes from, in order."""
        found = {figure.query.view: figure.query for figure in self.figures}
        found |= {block.query.view: block.query for block in self.blocks if isinstance(block, Chart)}
        return tuple(found[view] for view in sorted(found))


def texts(blocks: tuple[Block, ...], notes: tuple[str, ...]) -> Iterator[str]:
    """Every text of a report in reading order."""
    for block in blocks:
        if isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Paragraph):
            yield block.lead
            yield block.text
        elif isinstance(block, Grid):
            yield block.caption
            for row in block.rows:
                yield from row
            yield block.note
    yield from notes


def shown(figures: list[Figure], blocks: tuple[Block, ...], notes: tuple[str, ...]) -> tuple[Figure, ...]:
    """The figures that the text shows, in the order of their first appearance."""
    by_number = {figure.number: figure for figure in figures}
    return tuple(by_number[number] for number in used(texts(blocks, notes)))
