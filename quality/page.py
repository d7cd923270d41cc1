"""The Chinese page that the data team opens first: what to do, marks, trend, quarantine, unmapped values, rules.

Here: turning frames into what the template shows, one small function a section; one file, no script, no network. Not
here: the numbers themselves (`quality.validate`, `scores`, `invariants`), the folder (`quality.site`).
frames -> HTML
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from quality.reconcile import unbalanced
from quality.suites import DIMENSIONS
from quality.text import masked

SIGNATURE_COLUMNS = ["source", "delivery_date", "content_signature", "decision", "signed_by", "note", "signed_at"]
PARTS = ["rows_read", "rows_accepted", "rows_superseded", "rows_ignored", "rows_quarantined"]
SHOWN_DELIVERIES = 400  # per source; the rest is in the warehouse
SHOWN_VALUES = 100
PLOTTED_DAYS = 180
_STATUS = {"accepted": ("采用", "good"), "held": ("挂起", "bad"), "quarantined": ("无法读取", "bad")}
_IGNORED = {
    "blank": "空行",
    "title": "标题",
    "total": "合计",
    "side_row": "附表行（已并入记录）",
    "side_superseded": "附表旧版本",
}


@dataclass(frozen=True)
class Findings:
    """What the page shows, as frames.

    Attributes:
        as_of: the day the data stands at; the only time the page shows.
        delivery: one row per file: source, delivery_date, file, status, reason, rows_read, rows_accepted,
            rows_superseded, rows_ignored, rows_quarantined, and, if known, ignored_by_rule (JSON: rule to count).
        quarantine: one row per quarantined row: source, delivery_date, file, row_number, rule, reason, column_name.
        unmapped: one row per value outside the code tables: source, column_name, value, event_count,
            first_delivery_date.
        invariants: what `quality.invariants.check` returns.
        quality_result: what `quality.validate` returns (one row per expectation).
        scores: what `quality.scores.score` returns.
        late: what `quality.freshness.missing` returns.
        signature: one row per signature of a person: source, delivery_date, content_signature, decision (accepted,
            returned, rule_change), signed_by, note, signed_at.
        labels: source code to Chinese name.
    """

    as_of: date
    delivery: pd.DataFrame
    quarantine: pd.DataFrame
    unmapped: pd.DataFrame
    invariants: pd.DataFrame
    quality_result: pd.DataFrame
    scores: pd.DataFrame
    late: pd.DataFrame
    signature: pd.DataFrame
    labels: Mapping[str, str]


FRAMES = {field.name for field in fields(Findings)} - {"as_of", "labels"}


def render(findings: Findings, *, docs: Mapping[str, str], send_back: Mapping[str, str]) -> str:
    """Returns the page as HTML: the same findings give the same text.

    Args:
        findings: what there is to show.
        docs: suite to the relative address of its Data Docs page; empty where there are none.
        send_back: source to the relative address of its list to send back.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html").render(
        as_of=findings.as_of.isoformat(),
        has_docs=bool(docs),
        dimensions=DIMENSIONS,
        tiles=_tiles(findings),
        todo=_todo(findings),
        scorecard=_scorecard(findings),
        plots=_plots(findings),
        deliveries=_deliveries(findings),
        quarantine=_quarantine(findings),
        send_back=[{"label": _label(findings, source), "link": link} for source, link in sorted(send_back.items())],
        unmapped=_unmapped(findings).head(SHOWN_VALUES).to_dict("records"),
        unmapped_left=max(0, len(findings.unmapped) - SHOWN_VALUES),
        expectations=_expectations(findings, docs),
        rules=_rules(findings),
    )


def _tiles(findings: Findings) -> list[dict[str, str]]:
    delivery = findings.delivery
    held = int((delivery["status"] != "accepted").sum())
    failed = findings.quality_result.loc[~findings.quality_result["success"].astype(bool), "severity"]
    broken = int((~findings.invariants["passed"].astype(bool)).sum())
    total = {part: int(delivery[part].sum()) for part in PARTS}
    return [
        {"value": "停止发布" if broken else "可以发布", "tone": "bad" if broken else "good",
         "label": f"全湖规则 {len(findings.invariants)} 条，不成立 {broken} 条"},
        {"value": _whole(total["rows_read"]), "label": f"读入行数，{len(delivery)} 个文件", "tone": ""},
        {"value": _whole(total["rows_accepted"]), "label": "采用（现行版本）", "tone": ""},
        {"value": _whole(total["rows_quarantined"]), "label": "隔离待改的行", "tone": ""},
        {"value": str(held), "label": "挂起或无法读取的文件", "tone": "bad" if held else "good"},
        {"value": f"{int((failed == 'error').sum())} / {int((failed == 'warn').sum())}",
         "label": "未达到的期望：error / warn", "tone": "bad" if (failed == "error").any() else ""},
    ]  # fmt: skip


def _todo(findings: Findings) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    for row in findings.invariants.loc[~findings.invariants["passed"].astype(bool)].itertuples(index=False):
        items.append(_item("bad", "全湖规则不成立", f"{row.says}：{row.failing} 处", "例：" + "、".join(row.examples)))
    for row in _sorted(unbalanced(findings.delivery)).itertuples(index=False):
        place = f"{_label(findings, row.source)} {_day(row.delivery_date)} {row.file}"
        items.append(_item("bad", "行数对不上", place, f"读入与各去向之和相差 {row.missing_rows:+,} 行，请告知数据组"))
    for row in _sorted(findings.delivery[findings.delivery["status"] != "accepted"]).itertuples(index=False):
        title = "整批挂起" if row.status == "held" else "文件无法读取"
        place = f"{_label(findings, row.source)} {_day(row.delivery_date)} {row.file}"
        items.append(_item("bad", title, place, masked(getattr(row, "reason", ""))))
    result = findings.quality_result
    failed = result[~result["success"].astype(bool)]
    for row in failed[failed["severity"] == "error"].itertuples(index=False):
        items.append(_item("bad", "必须满足的期望", f"{row.suite_label}：{row.says}，{_share_text(row)}", ""))
    for source, group in _by_source(findings, findings.late):
        days = "、".join(_day(day) for day in group["delivery_date"].tail(5))
        more = f"等 {len(group)} 天" if len(group) > 5 else ""
        items.append(
            _item("fair", "没有按常交付", f"{_label(findings, source)}：{days}{more}", str(group["says"].iloc[-1]))
        )
    # a missing delivery stands above already, with its days
    watched = failed[(failed["severity"] == "warn") & (failed["expectation"] != "delivered_as_usual")]
    for row in watched.sort_values("unexpected_share", ascending=False, kind="stable").itertuples(index=False):
        items.append(_item("fair", "值得核对", f"{row.suite_label}：{row.says}，{_share_text(row)}", ""))
    if len(findings.unmapped):
        count = int(findings.unmapped["event_count"].sum())
        text = f"{len(findings.unmapped)} 个未登记的代码值，涉及 {_whole(count)} 条记录，已按未知采用"
        items.append(_item("fair", "补登代码", text, ""))
    return items


def _scorecard(findings: Findings) -> list[dict[str, Any]]:
    rows = []
    for source, files in _by_source(findings, findings.delivery):
        scores = findings.scores[findings.scores["source"] == source]
        weights = scores.merge(
            files.assign(delivery_date=pd.to_datetime(files["delivery_date"]))
            .groupby("delivery_date")["rows_read"]
            .sum(),
            on="delivery_date",
        )
        means = {name: _weighted(weights, name) for name in (*DIMENSIONS, "总分")}
        rows.append(
            {
                "source": source,
                "label": _label(findings, source),
                "deliveries": _whole(files["delivery_date"].nunique()),
                "files": _whole(len(files)),
                "marks": [_mark(means[name]) for name in (*DIMENSIONS, "总分")],
                "quarantined": bool(files["rows_quarantined"].sum()),
                "change": _change(files, scores),
                "ignored": _ignored(files),
            }
            | {part: _whole(files[part].sum()) for part in PARTS}
        )
    return rows


def _ignored(files: pd.DataFrame) -> str:
    counts: Counter[str] = Counter()
    for text in files["ignored_by_rule"].dropna() if "ignored_by_rule" in files else ():
        counts.update(json.loads(text))
    named: Counter[str] = Counter()
    for rule, count in counts.items():
        named[_IGNORED.get(rule, rule)] += int(count)
    return "、".join(f"{name} {count:,}" for name, count in sorted(named.items(), key=lambda pair: (-pair[1], pair[0])))


def _change(files: pd.DataFrame, scores: pd.DataFrame) -> str:
    by_day = files.groupby("delivery_date")[["rows_read", "rows_quarantined"]].sum().sort_index()
    if len(by_day) < 2:
        return f"{_day(by_day.index[-1])}，首次交付"
    last, before = by_day.iloc[-1], by_day.iloc[-2]
    parts = [
        f"{_day(by_day.index[-1])}：{_whole(last['rows_read'])} 行（{int(last['rows_read'] - before['rows_read']):+,}）"
    ]
    if last["rows_quarantined"] or before["rows_quarantined"]:
        change = int(last["rows_quarantined"] - before["rows_quarantined"])
        parts.append(f"隔离 {_whole(last['rows_quarantined'])}（{change:+,}）")
    marks = scores.sort_values("delivery_date")["总分"].dropna()
    if len(marks) > 1:
        parts.append(f"总分 {marks.iloc[-1]:.1f}（{marks.iloc[-1] - marks.iloc[-2]:+.1f}）")
    return "，".join(parts)


def _plots(findings: Findings) -> list[dict[str, Any]]:
    return [
        {
            "label": _label(findings, source),
            "svg": Markup(_svg(files, findings.scores[findings.scores["source"] == source])),
        }
        for source, files in _by_source(findings, findings.delivery)
    ]


def _svg(files: pd.DataFrame, scores: pd.DataFrame) -> str:
    days = files.groupby("delivery_date")[PARTS].sum().sort_index().tail(PLOTTED_DAYS)
    marks = scores.set_index("delivery_date")["总分"]
    width, top, bars, gap, line = 640, 14, 96, 10, 40
    left, right = 46, 30
    highest = max(1, int(days["rows_read"].max()))
    step = (width - left - right) / len(days)
    thickness = max(1.0, min(24.0, step * 0.78))
    parts = [
        f'<svg viewBox="0 0 {width} {top + bars + gap + line + 18}" role="img" aria-label="每日行数与总分">',
        f'<text x="{left - 6}" y="{top + 8}" text-anchor="end">{highest:,}</text>',
        f'<text x="{left - 6}" y="{top + bars}" text-anchor="end">0</text>',
        f'<line x1="{left}" y1="{top + bars}" x2="{width - right}" y2="{top + bars}" stroke="#dfe5ec"/>',
    ]
    colours = {
        "rows_accepted": "#2f6db5",
        "rows_superseded": "#9fbfe3",
        "rows_ignored": "#d5dce4",
        "rows_quarantined": "#c8372d",
    }
    points: list[str] = []
    base = top + bars + gap + line
    for index, (day, row) in enumerate(days.iterrows()):
        centre = left + step * (index + 0.5)
        mark = marks.get(pd.Timestamp(day))
        words = f"{_day(day)}：读入 {row['rows_read']:,}，采用 {row['rows_accepted']:,}，"
        words += f"被取代 {row['rows_superseded']:,}，忽略 {row['rows_ignored']:,}，隔离 {row['rows_quarantined']:,}"
        words += f"，总分 {mark:.1f}" if mark is not None and mark == mark else ""
        parts.append(f"<g><title>{words}</title>")
        y = float(top + bars)
        for part, colour in colours.items():
            height = bars * int(row[part]) / highest
            y -= height
            if height > 0:
                parts.append(
                    f'<rect x="{centre - thickness / 2:.1f}" y="{y:.1f}" width="{thickness:.1f}" height="{height:.1f}" '
                    f'fill="{colour}"/>'
                )
        parts.append("</g>")
        if mark is not None and mark == mark:
            points.append(f"{centre:.1f},{base - line * (max(60.0, float(mark)) - 60) / 40:.1f}")
    parts.append(f'<line x1="{left}" y1="{base}" x2="{width - right}" y2="{base}" stroke="#eef2f6"/>')
    parts.append(f'<line x1="{left}" y1="{base - line}" x2="{width - right}" y2="{base - line}" stroke="#eef2f6"/>')
    parts.append(f'<text x="{width - right + 4}" y="{base - line + 4}">100</text>')
    parts.append(f'<text x="{width - right + 4}" y="{base + 3}">60</text>')
    if len(points) > 1:
        parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="#1d7a46" stroke-width="1.5"/>')
    elif points:
        x, y_text = points[0].split(",")
        parts.append(f'<circle cx="{x}" cy="{y_text}" r="3" fill="#1d7a46"/>')
    parts.append(f'<text x="{left}" y="{base + 15}">{_day(days.index[0])}</text>')
    if len(days) > 1:
        parts.append(f'<text x="{width - right}" y="{base + 15}" text-anchor="end">{_day(days.index[-1])}</text>')
    parts.append("</svg>")
    return "".join(parts)


def _deliveries(findings: Findings) -> list[dict[str, Any]]:
    groups = []
    delivery = _sorted(findings.delivery)
    troubled = delivery[(delivery["status"] != "accepted") | (delivery["rows_quarantined"] > 0)]
    if len(troubled):
        worst = troubled.sort_values(["status", "rows_quarantined"], ascending=[False, False], kind="stable").head(30)
        rows = [_delivery_row(findings, row, named=True) for row in worst.itertuples(index=False)]
        title = f"有挂起、无法读取或隔离行的文件 {len(troubled)} 个" + (
            "，列出最重的 30 个" if len(troubled) > 30 else ""
        )
        groups.append({"title": title, "rows": rows, "open": True})
    for source, files in _by_source(findings, delivery):
        newest = files.sort_values(["delivery_date", "file"], ascending=[False, True], kind="stable").head(
            SHOWN_DELIVERIES
        )
        rows = [_delivery_row(findings, row, named=False) for row in newest.itertuples(index=False)]
        groups.append({"title": f"{_label(findings, source)}：{len(files)} 个文件", "rows": rows, "open": False})
    return groups


def _delivery_row(findings: Findings, row: Any, *, named: bool) -> dict[str, Any]:
    scores = findings.scores
    mine = scores[(scores["source"] == row.source) & (scores["delivery_date"] == pd.Timestamp(row.delivery_date))]
    marks = [_mark(mine[name].iloc[0] if len(mine) else float("nan")) for name in (*DIMENSIONS, "总分")]
    status, tone = _STATUS.get(row.status, (row.status, "plain"))
    return {
        "delivery_date": _day(row.delivery_date),
        "file": f"{_label(findings, row.source)}／{row.file}" if named else row.file,
        "status": status,
        "tone": tone,
        "marks": marks,
        "quarantined": row.rows_quarantined > 0,
        "note": masked(getattr(row, "reason", "")),
    } | {part: _whole(getattr(row, part)) for part in PARTS}


def _quarantine(findings: Findings) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    frame = findings.quarantine
    if frame.empty:
        return rows
    frame = _sorted(frame)
    for (source, rule), group in frame.groupby(["source", "rule"], dropna=False):
        examples = [
            f"{row.file}" + (f" 第 {int(row.row_number):,} 行" if pd.notna(row.row_number) else "")
            for row in group.head(3).itertuples(index=False)
        ]
        columns = sorted({str(value) for value in group["column_name"].dropna() if str(value)})
        rows.append(
            {
                "label": _label(findings, source),
                "rule": rule,
                "count": _whole(len(group)),
                "order": (-len(group), source, str(rule)),
                "columns": "、".join(columns[:6]),
                "examples": examples,
                "reason": masked(group["reason"].iloc[0]),
            }
        )
    return sorted(rows, key=lambda row: row["order"])


def _unmapped(findings: Findings) -> pd.DataFrame:
    frame = findings.unmapped.sort_values(
        ["event_count", "source", "column_name", "value"], ascending=[False, True, True, True], kind="stable"
    )
    return pd.DataFrame(
        {
            "label": [_label(findings, source) for source in frame["source"]],
            "column": list(frame["column_name"]),
            "value": [masked(value) for value in frame["value"]],
            "count": [_whole(count) for count in frame["event_count"]],
            "first": [_day(day) for day in frame["first_delivery_date"]],
        }
    )


def _expectations(findings: Findings, docs: Mapping[str, str]) -> list[dict[str, Any]]:
    groups = []
    for suite, rows in findings.quality_result.groupby("suite", sort=False):
        success = rows["success"].astype(bool)
        failed = int((~success).sum())
        ordered = rows.assign(order=success.astype(int)).sort_values("order", kind="stable")
        title = f"{rows['suite_label'].iloc[0]}：{len(rows)} 条，" + (f"{failed} 条未达到" if failed else "全部达到")
        groups.append(
            {
                "title": title,
                "open": False,
                "docs": docs.get(str(suite)),
                "rows": [_expectation_row(row) for row in ordered.itertuples(index=False)],
            }
        )
    return groups


def _expectation_row(row: Any) -> dict[str, str]:
    tone, result = (
        ("good", "达到") if row.success else (("bad", "未达到") if row.severity == "error" else ("fair", "未达到"))
    )
    if row.evaluated_rows == 0:
        tone, result = "plain", "无可检查"
    return {
        "tone": tone,
        "result": result,
        "says": row.says,
        "dimension": row.dimension,
        "severity": row.severity,
        "column": masked(row.column_name),
        "evaluated": _whole(row.evaluated_rows),
        "unexpected": _whole(row.unexpected_count),
        "share": _percent(row.unexpected_share),
        "allowed": _percent(row.allowed_share),
    }


def _rules(findings: Findings) -> list[dict[str, str]]:
    frame = findings.invariants.assign(order=findings.invariants["passed"].astype(int))
    return [
        {
            "tone": "good" if row.passed else "bad",
            "result": "成立" if row.passed else "不成立",
            "says": row.says,
            "rule": row.rule,
            "failing": _whole(row.failing),
            "examples": "、".join(row.examples),
        }
        for row in frame.sort_values(["order", "rule"], kind="stable").itertuples(index=False)
    ]


def _weighted(frame: pd.DataFrame, name: str) -> float:
    known = frame[frame[name].notna()]
    weight = known["rows_read"].sum()
    return float((known[name] * known["rows_read"]).sum() / weight) if weight else float("nan")


def _mark(value: float) -> dict[str, str]:
    if value != value:
        return {"tone": "none", "text": "–"}
    return {"tone": "good" if value >= 98 else "fair" if value >= 90 else "bad", "text": f"{value:.1f}"}


def _item(tone: str, title: str, text: str, detail: str) -> dict[str, str]:
    return {"tone": tone, "title": title, "text": text, "detail": detail}


def _share_text(row: Any) -> str:
    count = (
        f"{_whole(row.evaluated_rows)} 行中 {_whole(row.unexpected_count)} 行不满足（{_percent(row.unexpected_share)}"
    )
    return f"{count}，容许 {_percent(row.allowed_share)}）"


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("source", "delivery_date", "file", "row_number") if name in frame.columns]
    return frame.sort_values(keys, kind="stable")


def _by_source(findings: Findings, frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The rows of each source, in the order of the labels; sources without a label come last."""
    order = {name: index for index, name in enumerate(findings.labels)}
    groups = [(str(source), group) for source, group in frame.groupby("source")]
    return sorted(groups, key=lambda pair: (order.get(pair[0], len(order)), pair[0]))


def _label(findings: Findings, source: Any) -> str:
    return findings.labels.get(str(source), str(source))


def _day(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"


def _whole(value: Any) -> str:
    return f"{int(value):,}"


def _percent(value: Any) -> str:
    return f"{100 * float(value):.3g}%"
