"""The Chinese page that the data team opens first: what to do, what changed, marks, trend, columns, values, signatures.

Here: turning frames into what the template shows, one small function a section; one file, complete without its script
and without a network. Not here: the numbers themselves (`quality.validate`, `scores`, `columns`, `changes`,
`invariants`), pictures (`quality.plot`), the folder (`quality.site`).
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

from quality import changes, columns, plot, signatures
from quality.reconcile import unbalanced
from quality.suites import DIMENSIONS
from quality.text import masked
from sources.reasons import name_of

PARTS = ["rows_read", "rows_accepted", "rows_superseded", "rows_ignored", "rows_quarantined"]
# How much of a list the page shows; a sentence beside it says where the rest is. A year of daily deliveries of five
# sources has to stay a page that opens at once.
SHOWN_DELIVERIES = 31  # per source
SHOWN_TROUBLED = 30
SHOWN_TODO = 40
SHOWN_REASONS = 60
SHOWN_VALUES = 100
SHOWN_COLUMNS = 10  # per source
SHOWN_UNSIGNED = 20
SHOWN_SIGNATURES = 20
_STATUS = {"accepted": ("采用", "good"), "held": ("挂起", "bad"), "quarantined": ("无法读取", "bad")}
_IGNORED = {
    "blank": "空行",
    "title": "标题",
    "total": "合计",
    "side_row": "附表行（已并入记录）",
    "side_superseded": "附表旧版本",
}
_MARKS = (*DIMENSIONS, "总分")
# What each mark means, and where GB/T 36344-2018 has it: the standard's own six are 规范性 完整性 准确性 一致性 时效性
# 可访问性; it counts 唯一性 under 准确性.
DIMENSION_NOTES = {
    "完整性": ("该填的填了没有", "完整性：数据元素、数据记录完整"),
    "准确性": ("数值、时间在可能的范围内", "准确性：内容正确"),
    "一致性": ("同一条记录的各列之间、与其他系统之间不矛盾", "一致性：相同数据、关联数据一致"),
    "及时性": ("从发生、受理到交付与更新有多快", "时效性"),
    "唯一性": ("编号没有重复", "准确性：数据重复率、唯一性"),
    "有效性": ("代码、格式合规；并计入没有被隔离的行的比例", "规范性：业务规则、权威参考数据"),
}


@dataclass(frozen=True)
class Findings:
    """What the page shows, as frames.

    Attributes:
        as_of: the day the data stands at; the only time the page shows.
        delivery: one row per file: source, delivery_date, file, status, reason, rows_read, rows_accepted,
            rows_superseded, rows_ignored, rows_quarantined, ignored_by_rule (JSON: rule to count), content_signature.
        quarantine: one row per quarantined row: source, delivery_date, file, row_number, rule, reason, column_name.
        unmapped: one row per value outside the code tables: source, column_name, value, event_count,
            first_delivery_date.
        invariants: what `quality.invariants.check` returns.
        quality_result: what `quality.validate` returns (one row per expectation).
        measured: what `quality.scores.measure` returns.
        scores: what `quality.scores.score` makes of it.
        column_count: ``count`` of what `quality.columns.measure` returns.
        column_example: ``example`` of the same.
        late: what `quality.freshness.missing` returns.
        signature: one row per signature of a person: source, delivery_date, content_signature, decision (accepted,
            returned, rule_change), file (empty: the whole delivery), signed_by, note, signed_at.
        labels: source code to Chinese name.
    """

    as_of: date
    delivery: pd.DataFrame
    quarantine: pd.DataFrame
    unmapped: pd.DataFrame
    invariants: pd.DataFrame
    quality_result: pd.DataFrame
    measured: pd.DataFrame
    scores: pd.DataFrame
    column_count: pd.DataFrame
    column_example: pd.DataFrame
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
        trim_blocks=True,
        lstrip_blocks=True,
    )
    todo, reasons = _todo(findings), _quarantine(findings)
    return environment.get_template("page.html").render(
        as_of=findings.as_of.isoformat(),
        has_docs=bool(docs),
        dimensions=DIMENSIONS,
        sources=[
            {"source": source, "label": _label(findings, source)} for source, _ in _deliveries_by_source(findings)
        ],
        tiles=_tiles(findings),
        todo=todo[:SHOWN_TODO],
        todo_left=max(0, len(todo) - SHOWN_TODO),
        changed=_changed(findings),
        scorecard=_scorecard(findings),
        notes=_notes(findings),
        sample=_sample(findings),
        plots=_plots(findings),
        plotted=plot.PLOTTED,
        deliveries=_deliveries(findings),
        columns=_columns(findings),
        window=columns.WINDOW,
        quarantine=reasons[:SHOWN_REASONS],
        quarantine_left=max(0, len(reasons) - SHOWN_REASONS),
        send_back=[
            {"source": source, "label": _label(findings, source), "link": link}
            for source, link in sorted(send_back.items())
        ],
        unmapped=_unmapped(findings),
        unmapped_left=max(0, len(findings.unmapped) - SHOWN_VALUES),
        signed=_signed(findings),
        expectations=_expectations(findings, docs),
        rules=_rules(findings),
    )


def _sources(findings: Findings) -> list[dict[str, str]]:
    return [{"source": source, "label": _label(findings, source)} for source, _ in _deliveries_by_source(findings)]


def _tiles(findings: Findings) -> list[dict[str, str]]:
    delivery = findings.delivery
    held = int((delivery["status"] != "accepted").sum())
    failed = findings.quality_result.loc[~findings.quality_result["success"].astype(bool), "severity"]
    broken = int((~findings.invariants["passed"].astype(bool)).sum())
    total = {part: int(delivery[part].sum()) for part in PARTS}
    unsigned = len(signatures.unsigned(delivery, findings.signature))
    return [
        {"value": "停止发布" if broken else "可以发布", "tone": "bad" if broken else "good",
         "label": f"全湖规则 {len(findings.invariants)} 条，不成立 {broken} 条"},
        {"value": _whole(total["rows_read"]), "label": f"读入行数，{len(delivery)} 个文件", "tone": ""},
        {"value": _whole(total["rows_accepted"]), "label": "采用（现行版本）", "tone": ""},
        {"value": _whole(total["rows_quarantined"]), "label": "隔离待改的行", "tone": ""},
        {"value": str(held), "label": "挂起或无法读取的文件", "tone": "bad" if held else "good"},
        {"value": f"{int((failed == 'error').sum())} / {int((failed == 'warn').sum())}",
         "label": "未达到的期望：error / warn", "tone": "bad" if (failed == "error").any() else ""},
        {"value": _whole(unsigned), "label": "还没有人签字的交付", "tone": "" if unsigned else "good"},
    ]  # fmt: skip


def _todo(findings: Findings) -> list[dict[str, str]]:
    items: list[dict[str, str]] = []
    for row in findings.invariants.loc[~findings.invariants["passed"].astype(bool)].itertuples(index=False):
        items.append(_item("bad", "全湖规则不成立", f"{row.says}：{row.failing} 处", "例：" + "、".join(row.examples)))
    for row in _sorted(unbalanced(findings.delivery)).itertuples(index=False):
        place = f"{_label(findings, row.source)} {_day(row.delivery_date)} {row.file}"
        items.append(_item("bad", "行数对不上", place, f"读入与各去向之和相差 {row.missing_rows:+,} 行，请告知数据组"))
    items += _stopped(findings)
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


def _stopped(findings: Findings) -> list[dict[str, str]]:
    """Deliveries that were held, and files that could not be read, the newest first; and who has dealt with them."""
    delivery = findings.delivery
    stopped = delivery[delivery["status"] != "accepted"].assign(reason=lambda frame: frame["reason"].fillna(""))
    if stopped.empty:
        return []
    seen = signatures.standing(stopped, findings.signature)
    items = []
    groups = seen.groupby(["delivery_date", "source", "status", "reason"], sort=True)
    for (day, source, status, reason), files in reversed(list(groups)):
        title = "整批挂起" if status == "held" else "文件无法读取"
        names = "、".join(files["file"].head(3)) + (f" 等 {len(files)} 个文件" if len(files) > 3 else "")
        told = files[files["decision"].notna()].head(1)
        signed = "".join(
            f"（{row.signed_by} 已签：{signatures.DECISIONS.get(row.decision, row.decision)}"
            f"{f'，{row.note}' if isinstance(row.note, str) else ''}）"
            for row in told.itertuples(index=False)
        )
        items.append(_item("bad", title, f"{_label(findings, source)} {_day(day)} {names}", masked(reason + signed)))
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
                "ignored": _ignored(files),
            }
            | {part: _whole(files[part].sum()) for part in PARTS}
        )
    return rows


def _ignored(files: pd.DataFrame) -> str:
    counts: Counter[str] = Counter()
    for text in files["ignored_by_rule"].dropna():
        counts.update(json.loads(text))
    named: Counter[str] = Counter()
    for rule, count in counts.items():
        named[_IGNORED.get(rule, rule)] += int(count)
    return "、".join(f"{name} {count:,}" for name, count in sorted(named.items(), key=lambda pair: (-pair[1], pair[0])))


def _changed(findings: Findings) -> list[dict[str, Any]]:
    rows = []
    for source, files in _deliveries_by_source(findings):
        last, before = changes.days(files)
        items = changes.since_last(
            delivery=files,
            quarantine=_of(findings.quarantine, source),
            unmapped=_of(findings.unmapped, source),
            scores=_of(findings.scores, source),
            measured=_of(findings.measured, source),
            expectations=findings.quality_result[findings.quality_result["suite"] == source],
            column_count=_of(findings.column_count, source),
        )
        rows.append(
            {
                "source": source,
                "label": _label(findings, source),
                "last": _day(last),
                "before": _day(before) if before is not None else "–",
                "items": items,
            }
        )
    return rows


def _notes(findings: Findings) -> list[dict[str, Any]]:
    """How each dimension is marked: in words, in the standard's words, and how many expectations of sources it has."""
    kinds = findings.measured.drop_duplicates(["source", "expectation"])["dimension"].value_counts()
    return [
        {"name": name, "meaning": DIMENSION_NOTES[name][0], "standard": DIMENSION_NOTES[name][1],
         "count": int(kinds.get(name, 0))}
        for name in DIMENSIONS
    ]  # fmt: skip


def _sample(findings: Findings) -> dict[str, Any] | None:
    """One mark worked out in full: the dimension with the most to explain in the newest delivery that has marks."""
    judged = findings.measured[findings.measured["evaluated_rows"] > 0]
    if judged.empty:
        return None
    judged = judged.assign(delivery_date=pd.to_datetime(judged["delivery_date"]))
    sizes = judged.groupby(["source", "delivery_date", "dimension"]).size().reset_index(name="count")
    sizes = sizes[sizes["dimension"] != "有效性"]  # also counts what was quarantined: told in words
    if sizes.empty:
        return None
    best = sizes.sort_values(
        ["delivery_date", "count", "source", "dimension"], ascending=[False, False, True, True], kind="stable"
    ).iloc[0]
    here = judged[
        (judged["source"] == best["source"])
        & (judged["delivery_date"] == best["delivery_date"])
        & (judged["dimension"] == best["dimension"])
    ]
    says = findings.quality_result[findings.quality_result["suite"] == best["source"]]
    names = dict(zip(says["expectation"], says["says"], strict=True))
    lines = [
        {
            "says": names.get(row.expectation, row.expectation),
            "good": _whole(row.evaluated_rows - row.unexpected_count),
            "rows": _whole(row.evaluated_rows),
            "mark": f"{100 * (1 - row.unexpected_count / row.evaluated_rows):.2f}",
        }
        for row in here.itertuples(index=False)
    ]
    marks = _of(findings.scores, best["source"]).set_index("delivery_date")
    return {
        "label": _label(findings, best["source"]),
        "day": _day(best["delivery_date"]),
        "dimension": best["dimension"],
        "lines": lines,
        "mark": f"{marks.loc[best['delivery_date'], best['dimension']]:.2f}",
    }


def _plots(findings: Findings) -> list[dict[str, Any]]:
    return [
        {
            "source": source,
            "label": _label(findings, source),
            "svg": Markup(plot.svg(files, _of(findings.scores, source), str(Markup.escape(_label(findings, source))))),
        }
        for source, files in _deliveries_by_source(findings)
    ]


def _deliveries(findings: Findings) -> list[dict[str, Any]]:
    groups = []
    delivery = _sorted(findings.delivery)
    marks = {
        (row["source"], row["delivery_date"]): [row[name] for name in _MARKS]
        for row in findings.scores.to_dict("records")
    }
    troubled = delivery[(delivery["status"] != "accepted") | (delivery["rows_quarantined"] > 0)]
    if len(troubled):
        worst = troubled.sort_values(
            ["status", "delivery_date", "rows_quarantined"], ascending=[False, False, False], kind="stable"
        ).head(SHOWN_TROUBLED)
        rows = [_delivery_row(findings, row, marks, named=True) for row in worst.itertuples(index=False)]
        left = len(troubled) - len(worst)
        query = "FROM delivery WHERE status <> 'accepted' OR rows_quarantined > 0 ORDER BY delivery_date DESC"
        title = f"有挂起、无法读取或隔离行的文件 {len(troubled):,} 个"
        groups.append({"source": "", "title": title, "rows": rows, "open": True, "left": left, "query": query})
    for source, files in _by_source(findings, delivery):
        newest = files.sort_values(["delivery_date", "file"], ascending=[False, True], kind="stable").head(
            SHOWN_DELIVERIES
        )
        rows = [_delivery_row(findings, row, marks, named=False) for row in newest.itertuples(index=False)]
        title = f"{_label(findings, source)}：{len(files):,} 个文件，每次交付的六维得分"
        query = f"FROM delivery_score WHERE source = '{source}' ORDER BY delivery_date"
        groups.append(
            {"source": source, "title": title, "rows": rows, "open": False, "left": len(files) - len(newest),
             "query": query}
        )  # fmt: skip
    return groups


def _delivery_row(
    findings: Findings, row: Any, marks: Mapping[tuple[str, pd.Timestamp], list[float]], *, named: bool
) -> dict[str, Any]:
    mine = marks.get((row.source, pd.Timestamp(row.delivery_date)), [float("nan")] * len(_MARKS))
    status, tone = _STATUS.get(row.status, (row.status, "plain"))
    return {
        "source": row.source,
        "delivery_date": _day(row.delivery_date),
        "file": f"{_label(findings, row.source)}／{row.file}" if named else row.file,
        "status": status,
        "tone": tone,
        "marks": [_mark(mark) for mark in mine],
        "quarantined": row.rows_quarantined > 0,
        "note": masked(row.reason),
    } | {part: _whole(getattr(row, part)) for part in PARTS}


def _columns(findings: Findings) -> list[dict[str, Any]]:
    """The worst columns of a source: with values that cannot be right, then emptier than before, then the emptiest."""
    groups = []
    for source, counts in _by_source(findings, findings.column_count):
        last = pd.to_datetime(counts["delivery_date"]).max()
        sums = counts.groupby(["side_list", "column_name"], as_index=False)[
            ["row_count", "empty_count", "invalid_count"]
        ].sum()
        table = sums.merge(changes.emptied(counts, last), on=["side_list", "column_name"])
        filled = (table["row_count"] - table["empty_count"]).clip(lower=1)
        table["invalid_share"] = table["invalid_count"] / filled
        table["empty_share"] = table["empty_count"] / table["row_count"]
        rise = (table["share_now"] - table["share_before"].fillna(1)).where(table["is_more_empty"], 0.0)
        table["badness"] = (table["invalid_share"] + rise).round(6)
        worst = table.sort_values(
            ["badness", "empty_share", "side_list", "column_name"], ascending=[False, False, True, True], kind="stable"
        )
        worst = worst[(worst["badness"] > 0) | (worst["empty_share"] > 0)].head(SHOWN_COLUMNS)
        examples = _of(findings.column_example, source)
        groups.append(
            {
                "source": source,
                "label": _label(findings, source),
                "days": counts["delivery_date"].nunique(),
                "columns": len(table),
                "rows": [_column_row(row, examples) for row in worst.itertuples(index=False)],
                "query": "SELECT column_name, sum(empty_count) / sum(row_count) AS 空, sum(invalid_count) AS 不合格 "
                f"FROM column_quality WHERE source = '{source}' GROUP BY ALL ORDER BY 3 DESC, 2 DESC",
            }
        )
    return groups


def _column_row(row: Any, examples: pd.DataFrame) -> dict[str, Any]:
    mine = examples[(examples["side_list"] == row.side_list) & (examples["column_name"] == row.column_name)]
    problems = []
    for problem, cells in mine.groupby("problem", sort=False):
        if problem == columns.EMPTY and not row.is_more_empty and row.invalid_count:
            continue  # the wrong values are the news
        problems.append(
            {
                "text": "空着" if problem == columns.EMPTY else str(problem),
                "count": _whole(cells["cell_count"].iloc[0]),
                "cells": "；".join(_places(str(file), cell) for file, cell in cells.groupby("file", sort=False)),
            }
        )
    moved = ""
    if row.is_more_empty or row.is_less_empty:
        before = "此前没有" if row.share_before != row.share_before else f"此前空 {row.share_before:.0%}"
        moved = f"最近一次空 {row.share_now:.0%}，{before}"
    return {
        "column": f"{row.side_list}·{row.column_name}" if row.side_list else row.column_name,
        "rows": _whole(row.row_count),
        "empty": _percent(row.empty_share),
        "empty_width": round(100 * row.empty_share),
        "invalid": _whole(row.invalid_count),
        "invalid_share": _percent(row.invalid_share),
        "invalid_tone": "bad" if row.invalid_share > 0.05 else "fair" if row.invalid_count else "",
        "moved": moved,
        "worse": bool(row.is_more_empty),
        "problems": problems,
    }


def _places(file: str, cells: pd.DataFrame) -> str:
    """``a.csv 第 2、7 行`` or, with values, ``a.csv 第 2 行 王**、第 7 行 李**``."""
    if not cells["value_masked"].any():
        return f"{file} 第 {'、'.join(f'{int(number):,}' for number in cells['row_number'])} 行"
    pairs = zip(cells["row_number"], cells["value_masked"], strict=True)
    return f"{file} " + "、".join(f"第 {int(number):,} 行 {value}" for number, value in pairs)


def _quarantine(findings: Findings) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    frame = findings.quarantine
    if frame.empty:
        return rows
    newest = {source: changes.days(files)[0] for source, files in findings.delivery.groupby("source")}
    frame = _sorted(frame).assign(delivery_date=lambda rows: pd.to_datetime(rows["delivery_date"]))
    for (source, rule), group in frame.groupby(["source", "rule"], dropna=False):
        latest = group[group["delivery_date"] == newest.get(source)]
        examples = [
            f"{row.file}" + (f" 第 {int(row.row_number):,} 行" if pd.notna(row.row_number) else "")
            for row in group.tail(3).iloc[::-1].itertuples(index=False)
        ]
        named = sorted({str(value) for value in group["column_name"].dropna() if str(value)})
        rows.append(
            {
                "source": source,
                "label": _label(findings, source),
                "rule": rule,
                "name": name_of(str(rule)),
                "is_new": bool(len(latest)) and bool((group["delivery_date"] == newest.get(source)).all()),
                "count": _whole(len(group)),
                "latest": _whole(len(latest)),
                "order": (-len(group), source, str(rule)),
                "columns": "、".join(masked(name) for name in named[:6]),
                "examples": examples,
                "reason": masked(group["reason"].iloc[-1]),
            }
        )
    return sorted(rows, key=lambda row: row["order"])


def _unmapped(findings: Findings) -> list[dict[str, Any]]:
    """Values outside the code tables, those that came with the newest delivery first."""
    newest = {source: changes.days(files)[0] for source, files in findings.delivery.groupby("source")}
    frame = findings.unmapped.assign(
        is_new=[
            pd.Timestamp(day) == newest.get(source)
            for source, day in zip(
                findings.unmapped["source"], findings.unmapped["first_delivery_date"], strict=True
            )
        ]
    ).sort_values(
        ["is_new", "event_count", "source", "column_name", "value"], ascending=[False, False, True, True, True],
        kind="stable",
    )  # fmt: skip
    return [
        {
            "source": row.source,
            "label": _label(findings, row.source),
            "column": row.column_name,
            "value": masked(row.value),
            "count": _whole(row.event_count),
            "first": _day(row.first_delivery_date),
            "is_new": bool(row.is_new),
        }
        for row in frame.head(SHOWN_VALUES).itertuples(index=False)
    ]


def _signed(findings: Findings) -> dict[str, Any]:
    """Who has looked at which delivery, and which nobody has looked at as it stands, troubled ones first."""
    delivery = findings.delivery.assign(delivery_date=pd.to_datetime(findings.delivery["delivery_date"]))
    open_ = signatures.unsigned(delivery, findings.signature)
    trouble = delivery.groupby(["source", "delivery_date"], as_index=False).agg(
        stopped=("status", lambda status: int((status != "accepted").sum())), quarantined=("rows_quarantined", "sum")
    )
    open_ = open_.merge(trouble, on=["source", "delivery_date"])
    open_["rank"] = (open_["stopped"] > 0) * 2 + (open_["quarantined"] > 0)
    ordered = open_.sort_values(["rank", "delivery_date", "source"], ascending=[False, False, True], kind="stable")
    every = delivery.groupby("source")["delivery_date"].nunique()
    unsigned = open_.groupby("source").size().reindex(every.index, fill_value=0)
    latest = findings.signature.sort_values(["signed_at", "source"], ascending=[False, True], kind="stable")
    return {
        "total": _whole(len(open_)),
        "sources": [
            {"source": source, "label": _label(findings, source), "signed": _whole(every[source] - unsigned[source]),
             "all": _whole(every[source]), "unsigned": _whole(unsigned[source])}
            for source, _ in _deliveries_by_source(findings)
        ],
        "open": [
            {
                "source": row.source,
                "label": _label(findings, row.source),
                "day": _day(row.delivery_date),
                "files": f"{row.unsigned_files} / {row.files}",
                "trouble": "、".join(
                    [*([f"{row.stopped} 个文件挂起或无法读取"] if row.stopped else []),
                     *([f"隔离 {row.quarantined:,} 行"] if row.quarantined else [])]
                ) or "–",
                "again": "签过字，之后内容变了" if row.was_signed else "",
                "command": f"dispute-lake quality sign --delivery {row.source}/{_day(row.delivery_date)} "
                "--by 姓名 --note 说明",
            }
            for row in ordered.head(SHOWN_UNSIGNED).itertuples(index=False)
        ],
        "left": max(0, len(ordered) - SHOWN_UNSIGNED),
        "signatures": [
            {
                "source": row.source,
                "label": _label(findings, row.source),
                "day": _day(row.delivery_date),
                "file": row.file if pd.notna(row.file) else "整批",
                "decision": signatures.DECISIONS.get(row.decision, row.decision),
                "tone": {"accepted": "good", "returned": "bad"}.get(row.decision, "fair"),
                "by": masked(row.signed_by),
                "at": f"{pd.Timestamp(row.signed_at):%Y-%m-%d %H:%M}",
                "note": masked(row.note),
            }
            for row in latest.head(SHOWN_SIGNATURES).itertuples(index=False)
        ],
        "signatures_left": max(0, len(latest) - SHOWN_SIGNATURES),
    }  # fmt: skip


def _expectations(findings: Findings, docs: Mapping[str, str]) -> list[dict[str, Any]]:
    groups = []
    for suite, rows in findings.quality_result.groupby("suite", sort=False):
        success = rows["success"].astype(bool)
        failed = int((~success).sum())
        ordered = rows.assign(order=success.astype(int)).sort_values("order", kind="stable")
        plain = f"{rows['suite_label'].iloc[0]}：{len(rows)} 条，"
        title = plain + (f"▼ {failed} 条未达到" if failed else "全部达到")
        groups.append(
            {
                "source": str(suite) if str(suite) in findings.labels else "",
                "title": title,
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
        "detail": masked(getattr(row, "detail", None)),
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
    tone, sign = ("good", "") if value >= 98 else ("fair", "△") if value >= 90 else ("bad", "▼")
    return {"tone": tone, "text": f"{sign}{value:.1f}"}  # the sign: not by colour alone


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


def _deliveries_by_source(findings: Findings) -> list[tuple[str, pd.DataFrame]]:
    return _by_source(findings, findings.delivery)


def _of(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    return frame[frame["source"] == source]


def _label(findings: Findings, source: Any) -> str:
    return findings.labels.get(str(source), str(source))


def _day(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d}"


def _whole(value: Any) -> str:
    return f"{int(value):,}"


def _percent(value: Any) -> str:
    return f"{100 * float(value):.3g}%"
