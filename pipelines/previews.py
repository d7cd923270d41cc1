"""Small tables and plots for the metadata of assets: counts, and rows as published; nothing personal in the history.

Here: Markdown tables and inline SVG bars. Not here: reports (`warehouse.reports`, `quality`).
counts, published rows -> MetadataValue
"""

import base64

import dagster as dg
import pandas as pd

BAR_HEIGHT, BAR_WIDTH, LABEL_WIDTH, MOST_BARS = 22, 360, 120, 20


def table(counts: pd.Series, label: str, value: str) -> dg.MetadataValue:
    """A Markdown table of ``counts`` (index: names, values: integers)."""
    rows = [f"| {name} | {count:,} |" for name, count in counts.items()]
    return dg.MetadataValue.md("\n".join([f"| {label} | {value} |", "|---|---:|", *rows]))


def rows(frame: pd.DataFrame) -> dg.MetadataValue:
    """A Markdown table of a few published rows."""
    lines = [f"| {' | '.join(frame.columns)} |", "|" + "---|" * len(frame.columns)]
    for row in frame.itertuples(index=False):
        cells = ("" if pd.isna(value) else str(value).replace("|", "｜").replace("\n", " ") for value in row)
        lines.append(f"| {' | '.join(cells)} |")
    return dg.MetadataValue.md("\n".join(lines))


def bars(counts: pd.Series, title: str) -> dg.MetadataValue:
    """A bar chart of the largest `MOST_BARS` of ``counts``, as an image inside Markdown."""
    shown = counts.sort_values(ascending=False, kind="stable").head(MOST_BARS)
    most = max(int(shown.max()), 1) if len(shown) else 1
    parts = [f'<text x="4" y="16" font-size="14">{title}</text>']
    for position, (name, count) in enumerate(shown.items()):
        y = 28 + position * BAR_HEIGHT
        width = round(BAR_WIDTH * int(count) / most)
        parts.append(
            f'<text x="4" y="{y + 14}" font-size="12">{name}</text>'
            f'<rect x="{LABEL_WIDTH}" y="{y + 2}" width="{width}" height="{BAR_HEIGHT - 6}" fill="#4477aa"/>'
            f'<text x="{LABEL_WIDTH + width + 6}" y="{y + 14}" font-size="12">{count:,}</text>'
        )
    height = 34 + len(shown) * BAR_HEIGHT
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL_WIDTH + BAR_WIDTH + 80}" height="{height}" '
        f'font-family="sans-serif">{"".join(parts)}</svg>'
    )
    return dg.MetadataValue.md(f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})")
