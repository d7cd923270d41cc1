"""Words on their way to a page: numbers of persons taken out.

Here: the last guard over sentences that may quote a cell. Not here: scrubbing of event texts (`transforms.scrub`).
text -> text without mobile or ID numbers
"""

import re
from typing import Any

import pandas as pd

_NUMBER = re.compile(r"(?<![0-9])(?:1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}|[1-9][0-9]{16}[0-9Xx])(?![0-9Xx])")


def masked(text: Any) -> str:
    """Returns ``text`` without mobile or ID numbers; reasons and unknown codes may quote what a cell held."""
    return "" if pd.isna(text) else _NUMBER.sub("***", str(text))
