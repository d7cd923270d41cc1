"""110 calls: what source.yml cannot say.

Here: which of the two classes counts. Not here: phrases that mark rows that are no dispute (transforms).
rows of a delivery -> rows whose `source_category` is the confirmed class, else the call taker's
"""

from sources.rows import Rows


def derive(rows: Rows) -> None:
    """The feedback class counts where it is filled; often it is not."""
    first = rows.record.get("first_category", [None] * len(rows))
    confirmed = rows.record.get("source_category", [None] * len(rows))
    rows.record["source_category"] = [
        given if feedback is None else feedback for given, feedback in zip(first, confirmed, strict=True)
    ]
