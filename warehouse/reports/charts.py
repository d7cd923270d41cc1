"""Pictures as SVG text: lines over days, bars by category; no script, no font of their own, no network.

Here: drawing for HTML. Not here: what is drawn (`periodic`), Word's own charts (`word_charts`).
Chart -> SVG
"""

import math
from html import escape

from warehouse.reports.document import Chart, Series

_WIDTH, _LEFT, _RIGHT, _TOP = 760, 46, 16, 34
_PLOT = 190
_ROW, _LABELS = 26, 170
_GAP_LABELS = 62


def svg(chart: Chart) -> str:
    """Draws a chart; every value is told under the pointer and to who cannot see the picture."""
    return _lines(chart) if chart.kind == "line" else _bars(chart)


def _lines(chart: Chart) -> str:
    highest = _ceiling(chart)
    height = _TOP + _PLOT + 30
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(chart.labels), 1)
    xs = [_LEFT + step * (at + 0.5) for at in range(len(chart.labels))]
    parts = [_open(chart, height), _legend(chart)]
    for share in (0, 0.5, 1):
        y = _TOP + _PLOT * (1 - share)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{highest * share:g}</text>')
    for at in range(len(chart.series) - 1, -1, -1):  # this period on top
        series = chart.series[at]
        points = [
            (x, _TOP + _PLOT * (1 - value / highest))
            for x, value in zip(xs, series.values, strict=True)
            if value is not None
        ]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline class="s{at}" points="{joined}"/>')
        if at == 0:
            parts += [f'<circle class="s0" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points]
    every = max(1, math.ceil(len(chart.labels) * _GAP_LABELS / (_WIDTH - _LEFT - _RIGHT)))
    for at, (x, label) in enumerate(zip(xs, chart.labels, strict=True)):
        if at % every == 0:
            parts.append(f'<text x="{x:.1f}" y="{_TOP + _PLOT + 18}" text-anchor="middle">{escape(label)}</text>')
        told = escape(f"{label}　" + "，".join(_told(series, at) for series in chart.series))
        parts.append(
            f'<rect class="hit" x="{x - step / 2:.1f}" y="{_TOP}" width="{step:.1f}" height="{_PLOT}">'
            f"<title>{told}</title></rect>"
        )
    return "".join([*parts, "</svg>"])


def _bars(chart: Chart) -> str:
    highest = _ceiling(chart)
    height = _TOP + _ROW * len(chart.labels) + 8
    width = _WIDTH - _LABELS - 60
    thick = (_ROW - 8) / len(chart.series)
    parts = [_open(chart, height), _legend(chart)]
    for row, label in enumerate(chart.labels):
        y = _TOP + _ROW * row
        parts.append(f'<text x="{_LABELS - 8}" y="{y + _ROW / 2 + 4:.1f}" text-anchor="end">{escape(label)}</text>')
        for at, series in enumerate(chart.series):
            value = series.values[row] or 0
            long = width * value / highest
            top = y + 4 + thick * at
            parts.append(
                f'<rect class="s{at}" x="{_LABELS}" y="{top:.1f}" width="{long:.1f}" height="{thick - 1:.1f}">'
                f"<title>{escape(label)}　{_told(series, row)}</title></rect>"
            )
        longest = max(series.values[row] or 0 for series in chart.series)
        own = chart.series[0].values[row] or 0
        x = _LABELS + width * longest / highest + 5
        parts.append(f'<text x="{x:.1f}" y="{y + _ROW / 2 + 4:.1f}">{own:g}</text>')
    return "".join([*parts, "</svg>"])


def _open(chart: Chart, height: float) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{escape(_summary(chart))}">'


def _legend(chart: Chart) -> str:
    if len(chart.series) < 2:
        return ""
    parts = []
    x = _WIDTH - _RIGHT - 110 * len(chart.series)
    for at, series in enumerate(chart.series):
        parts.append(f'<rect class="key{at}" x="{x}" y="10" width="18" height="{10 if chart.kind == "bar" else 3}"/>')
        parts.append(f'<text x="{x + 24}" y="{19 if chart.kind == "bar" else 16}">{escape(series.name)}</text>')
        x += 110
    return "".join(parts)


def _told(series: Series, at: int) -> str:
    value = series.values[at]
    return f"{escape(series.name)} {'无' if value is None else format(value, 'g')}"


def _summary(chart: Chart) -> str:
    own = [value for value in chart.series[0].values if value is not None]
    if not own:
        return chart.title
    return f"{chart.title}：{chart.labels[0]}至{chart.labels[-1]}，最少 {min(own):g}，最多 {max(own):g}"


def _ceiling(chart: Chart) -> float:
    """A round number at or above the highest value."""
    highest = max((value for series in chart.series for value in series.values if value is not None), default=0)
    if highest <= 0:
        return 1
    unit: float = 10 ** math.floor(math.log10(highest))
    return next(unit * step for step in (1, 2, 4, 5, 6, 8, 10) if unit * step >= highest)
