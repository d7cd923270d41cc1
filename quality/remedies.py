"""What each reason for quarantine means in plain words, and who can do what about it.

Here: the catalogue (`remedies.yml`) by rule code. Not here: why a row was set aside (`sources`), the sentence about one
row (its ``reason``), what is printed (`pipelines.commands`).
rule code -> Remedy
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from sources.reasons import name_of

_FILE = Path(__file__).with_name("remedies.yml")


@dataclass(frozen=True)
class Remedy:
    """One reason: its name, why it sets a row aside, what the department does, what the data team can do.

    Texts may hold ``{source}``, ``{column}``, ``{file}`` and ``{date}``; see `told`.
    """

    name: str
    why: str
    department: str
    team: str

    def told(self, *, source: str, column: str, file: str, date: str) -> "Remedy":
        """Returns the remedy for one row, the places filled in."""
        places = {"source": source, "column": column, "file": file, "date": date}
        return Remedy(*(text.format_map(places) for text in (self.name, self.why, self.department, self.team)))


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Remedy]:
    """All known rules, by code."""
    loaded = yaml.safe_load(_FILE.read_text("utf-8"))
    return {rule: Remedy(name_of(rule), **texts) for rule, texts in loaded.items()}


def of(rule: str) -> Remedy:
    """Returns the remedy of a rule; one that a source's own parser made up has its code for a name."""
    own = Remedy(
        name_of(rule),
        "这是该来源自己的规则（sources/{source}/parse.py），见说明",
        "按说明更正后重新交付",
        "规则不合适时改 sources/{source}/parse.py",
    )
    return catalogue().get(rule, own)
