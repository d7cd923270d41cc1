"""A source's deliveries as a picture: rows above, marks below, readable for one delivery and for a year of them.

Here: SVG as text. Not here: which deliveries (`quality.page`). Bars of a year are one path for each kind of row, so
that a page with many sources stays small; each day still tells its numbers under the pointer.
deliveries, marks -> SVG
"""

from typing import Any

import pandas as pd

from quality.suites import DIMENSIONS

PLOTTED = 366
WIDTH, LEFT, RIGHT = 640, 52, 34
TOP, BARS, GAP, LINE, FOOT = 16, 104, 16, 54, 20
# dark to light: told apart without colour too; the quarantined stand on top with an outline
KINDS = {"rows_accepted": "a", "rows_superseded": "s", "rows_ignored": "i", "rows_quarantined": "q"}
_NAMES = {"rows_accepted": "采用", "rows_superseded": "被取代", "rows_ignored": "忽略", "rows_quarantined": "隔离"}


def svg(files: pd.DataFrame, scores: pd.DataFrame, label: str) -> str:
    """Draws the last `PLOTTED` delivery dates of one source.

    Args:
        files: one row per file: delivery_date, status, rows_read and the columns of `KINDS`.
        scores: one row per delivery date: the six dimensions and 总分.
        label: name of the source, for who cannot see the picture.
    """
    dated = files.assign(delivery_date=pd.to_datetime(files["delivery_date"]), stopped=files["status"] != "accepted")
    days = dated.groupby("delivery_date")[["rows_read", *KINDS, "stopped"]].sum().sort_index().tail(PLOTTED)
    marks = scores.set_index("delivery_date").reindex(days.index)
    lowest = marks[list(DIMENSIONS)].min(axis="columns")
    height = TOP + BARS + GAP + LINE + FOOT
    step = (WIDTH - LEFT - RIGHT) / len(days)
    centres = [LEFT + step * (index + 0.5) for index in range(len(days))]
    highest = max(1, int(days["rows_read"].max()))
    judged = days["stopped"] == 0  # one held delivery with no mark to speak of must not flatten all others
    floor = _floor(min(marks["总分"][judged].min(), lowest[judged].min()))
    summary = f"{label}：{len(days)} 次交付，{days.index[0]:%Y-%m-%d} 至 {days.index[-1]:%Y-%m-%d}"
    summary += f"，每次 {int(days['rows_read'].min()):,} 至 {highest:,} 行"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{summary}">',
        *_frame(highest, floor),
        *_bars(days, centres, step, highest),
        *_line(lowest, centres, floor, "low", step),
        *_line(marks["总分"], centres, floor, "total", step),
        *_axis(days.index, centres),
        *_pointer(days, marks, lowest, centres, step),
        "</svg>",
    ]
    return "".join(parts)


def _floor(lowest: float) -> int:
    """The foot of the marks' panel: 60, or lower in tens where a mark is."""
    return 60 if lowest != lowest else min(60, int(lowest // 10) * 10)


def _frame(highest: int, floor: int) -> list[str]:
    bars, foot = TOP + BARS, TOP + BARS + GAP + LINE
    return [
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{highest:,}</text>',
        f'<text x="{LEFT - 6}" y="{bars}" text-anchor="end">0 行</text>',
        f'<path class="g" d="M{LEFT} {bars}H{WIDTH - RIGHT}M{LEFT} {foot - LINE}H{WIDTH - RIGHT}M{LEFT} {foot}'
        f'H{WIDTH - RIGHT}"/>',
        f'<text x="{LEFT - 6}" y="{foot - LINE + 4}" text-anchor="end">100 分</text>',
        f'<text x="{LEFT - 6}" y="{foot + 3}" text-anchor="end">{floor}</text>',
    ]


def _bars(days: pd.DataFrame, centres: list[float], step: float, highest: int) -> list[str]:
    thick = max(0.8, min(26.0, step * 0.8))
    paths: dict[str, list[str]] = {kind: [] for kind in KINDS}
    stopped: list[str] = []
    for centre, row in zip(centres, days.itertuples(index=False), strict=True):
        y = float(TOP + BARS)
        for kind in KINDS:
            high = BARS * int(getattr(row, kind)) / highest
            if high:
                high = max(high, 1.0) if kind == "rows_quarantined" else high
                y -= high
                paths[kind].append(f"M{centre - thick / 2:.1f} {y:.1f}h{thick:.1f}v{high:.1f}h-{thick:.1f}z")
        if row.stopped:
            stopped.append(f"M{centre:.1f} {TOP - 4}l-5 -8h10z")
    drawn = [f'<path class="{KINDS[kind]}" d="{"".join(found)}"/>' for kind, found in paths.items() if found]
    return [*drawn, f'<path class="h" d="{"".join(stopped)}"/>'] if stopped else drawn


def _line(marks: pd.Series, centres: list[float], floor: int, name: str, step: float) -> list[str]:
    """One line of marks, broken where there is none; a mark between two gaps is a dot, one below the foot too."""
    foot = TOP + BARS + GAP + LINE
    runs: list[list[str]] = [[]]
    for centre, mark in zip(centres, marks, strict=True):
        if mark != mark:
            runs.append([])
            continue
        runs[-1].append(f"{centre:.1f},{foot - LINE * (max(floor, float(mark)) - floor) / (100 - floor):.1f}")
    drawn = []
    for run in runs:
        if len(run) > 1:
            drawn.append(f'<polyline class="{name}" points="{" ".join(run)}"/>')
        if len(run) == 1 or (run and step > 12):
            radius = 3 if name == "total" else 2
            dots = [point.split(",") for point in run]
            drawn += [f'<circle class="{name}" cx="{x}" cy="{y}" r="{radius}"/>' for x, y in dots]
    return drawn


def _axis(index: pd.DatetimeIndex, centres: list[float]) -> list[str]:
    """Dates under the picture: first, last, and between them as many as can be read, the firsts of months if long."""
    foot = TOP + BARS + GAP + LINE + 15
    wanted = {0: "start", len(index) - 1: "end"} if len(index) > 1 else {0: "middle"}
    if len(index) > 60:
        months = [i for i in range(1, len(index)) if index[i].month != index[i - 1].month]
        every = -(-len(months) // 6)
        middle = months[::every]
    else:
        middle = list(range(0, len(index), max(1, -(-len(index) // 6))))
    for i in middle:
        if all(abs(centres[i] - centres[other]) > 70 for other in wanted):
            wanted[i] = "middle"
    drawn = []
    for i, anchor in sorted(wanted.items()):
        drawn.append(f'<text x="{centres[i]:.0f}" y="{foot}" text-anchor="{anchor}">{index[i]:%Y-%m-%d}</text>')
    return drawn


def _pointer(
    days: pd.DataFrame, marks: pd.DataFrame, lowest: pd.Series, centres: list[float], step: float
) -> list[str]:
    drawn = []
    for i, (day, row) in enumerate(days.iterrows()):
        words = f"{day:%Y-%m-%d} 读入 {int(row['rows_read']):,}"
        words += "".join(f"，{_NAMES[kind]} {int(row[kind]):,}" for kind in KINDS if row[kind])
        total: Any = marks["总分"].iloc[i]
        if total == total:
            words += f"；总分 {total:.1f}，最低的维度 {lowest.iloc[i]:.1f}"
        if row["stopped"]:
            words += "；有文件挂起或无法读取"
        x = centres[i] - step / 2
        drawn.append(f'<rect class="p" x="{x:.1f}" y="0" width="{step:.1f}" height="190"><title>{words}</title></rect>')
    return drawn
