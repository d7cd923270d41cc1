"""What every reader returns: a sheet of text cells with the row numbers the user sees, and rows that broke.

Here: the shapes shared by readers. Not here: any format.
"""

from dataclasses import dataclass, field

Cells = list[str | None]


@dataclass(frozen=True)
class Fault:
    """Why one row cannot be used: a code, the sentence for the user, the column if it is one column's doing."""

    rule: str
    sentence: str
    column: str | None = None


@dataclass
class Sheet:
    """One table as delivered.

    Attributes:
        name: name of the sheet; None for text files.
        columns: one list of cells for each column, all of the same length; None is an empty cell. Rows that broke are
            there too, with what could be read of them.
        numbers: row number of each row as the user sees it on opening the file, from 1.
        header: column names where the format has them beside the rows (JSON keys); None: look for a header row.
        widths: cells that each row had before short ones were filled up; None where rows have no width of their own.
        faults: position in ``columns`` (from 0) to why that row is broken.
        findings: what the user should know of the file, though it was read.
    """

    name: str | None
    columns: list[Cells]
    numbers: list[int]
    header: list[str] | None = None
    widths: list[int] | None = None
    faults: dict[int, Fault] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def row(self, position: int) -> Cells:
        """Returns the cells of one row."""
        return [column[position] for column in self.columns]


class FileRefused(ValueError):
    """A file of which nothing can be read; ``rule`` is a code, the message a sentence for the user."""

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
