"""What a weekly or monthly report tells, section by section; every choice is made by the data.

Here: 整体情况, 上升类别, 下降类别, 预警与督办, 工作建议. Not here: the daily report (`daily`), forms (`docx`, `html`).
Basis -> Report
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from warehouse.reports import changes
from warehouse.reports.basis import Basis, source_names, words
from warehouse.reports.document import Annex, Block, Chart, Grid, Heading, Paragraph, Report, Series, shown
from warehouse.reports.figures import Row, Rows, quote
from warehouse.reports.periods import day_name
from warehouse.reports.wording import (
    change_cell,
    compared,
    counts,
    enumerated,
    listed,
    numeral,
    rate,
    rate_cell,
    sentence,
)

_TOP = 3


@dataclass(frozen=True)
class _Type:
    """A category that a section is about: its row, its code, its verdict (升, 降, None: the largest one)."""

    row: Row
    code: str
    name: str
    verdict: str | None


def compose(basis: Basis) -> Report:
    """Composes the weekly or monthly report of one area."""
    ledger, period = basis.ledger, basis.period
    total = ledger.ask("totals").only
    blocks: list[Block] = [Heading("一、整体情况", 1)]
    advice: list[str] = []
    if total.number("dispute_count") == 0:
        blocks += _nothing(basis, total)
        number = 2
    else:
        classes = ledger.ask("categories", "category_code", digits=2)
        areas = ledger.ask("areas", "area_code")
        blocks += _whole(basis, total, classes, areas)
        types = _types(basis, classes)
        sections, number = _risen_and_fallen(basis, classes, types)
        blocks += sections
        advice += _advice_on_types(basis, types)
        advice += _advice_on_areas(basis, total, areas)
    warned, on_warned = _warnings_and_late(basis, number)
    blocks += warned
    advice += on_warned
    if advice:
        blocks.append(Heading(f"{numeral(number + 1)}、工作建议", 1))
        blocks += [Paragraph(text, lead=f"{at}.") for at, text in enumerate(advice, start=1)]
    body, notes = tuple(blocks), _notes(basis)
    return Report(
        title=f"{period.name}{basis.scope}矛盾纠纷研判报告",
        blocks=body,
        notes=notes,
        figures=shown(ledger.figures, body, notes),
        annexes=_annexes(basis),
        **basis.head(),
    )


def _annexes(basis: Basis) -> tuple[Annex, ...]:
    ledger = basis.ledger
    return (
        Annex("总体", ledger.ask("totals").query),
        Annex("区域", ledger.ask("areas", "area_code").query),
        Annex("大类", ledger.ask("categories", "category_code", digits=2).query),
        Annex("细类", ledger.ask("categories", "category_code", digits=4).query),
        Annex("重复", ledger.ask("repeats").query),
        Annex("详情", ledger.ask("details").query),
    )


def _nothing(basis: Basis, total: Row) -> list[Block]:
    before = compared(total, "previous", basis.period, min_count=basis.min_count)
    if before and total.number("previous_count") == 0:
        before = f"{basis.period.before}也没有"
    text = sentence([f"{basis.period.name}，{basis.scope}没有新受理的矛盾纠纷", before])
    resolved = total.number("resolved_in_period")
    if resolved:
        text += f"按化解时间计，{basis.period.this}化解以前受理的纠纷{total.count('resolved_in_period')}件。"
    return [Paragraph(text)]


# 一、整体情况


def _whole(basis: Basis, total: Row, classes: Rows, areas: Rows) -> list[Block]:
    return [
        Paragraph(_volume(basis, total), lead="受理情况。"),
        Paragraph(_resolution(basis, total), lead="化解情况。"),
        Paragraph(_risk(basis, total), lead="风险情况。"),
        _trend(basis),
        Paragraph(_class_words(basis, classes), lead="类别分布。"),
        _class_grid(basis, classes),
        _class_chart(basis, classes),
        *_area_blocks(basis, areas),
    ]


def _volume(basis: Basis, total: Row) -> str:
    period = basis.period
    opening = f"{period.name}，{basis.scope}各系统共受理矛盾纠纷{total.count('dispute_count')}件"
    if total.number("record_count") > total.number("dispute_count"):
        opening += f"（由{total.count('record_count')}条记录归并）"
    parts = [opening]
    if total.number("dispute_count") >= basis.min_count:
        parts.append(f"日均{total.decimal('daily_mean')}件")
    if total.number("persons"):
        parts.append(f"涉及{total.count('persons')}人次")
    changes_told = [compared(total, which, period, min_count=basis.min_count) for which in ("previous", "last_year")]
    text = sentence([*parts, *changes_told])
    if period.starts_late:
        text += f"本湖数据自{day_name(basis.first_day)}起，此前的不在其中。"
    if period.is_partial:
        limits = f"，比较只取{period.before}，天数相同" if changes_told[0] else ""
        text += f"{period.this}数据截至{_last_day(basis)}{limits}。"
    if changes_told[0] is None:
        missing = [period.before] if changes_told[1] else [period.before, period.year_ago]
        text += f"{listed(missing, last='和')}没有完整数据，不作比较。"
    text += _source_words(basis)
    return text


def _last_day(basis: Basis) -> str:
    until = basis.period.until
    if basis.period.ends_day:
        return f"{until.month}月{until.day}日{until.hour}时"
    day = until - timedelta(days=1)
    return f"{day.month}月{day.day}日"


def _source_words(basis: Basis) -> str:
    rows = [row for row in basis.ledger.ask("sources", "source") if row.number("dispute_record_count")]
    if not rows:
        return ""
    names = source_names()
    told = [f"{quote(names.get(row['source'], row['source']))}{row.count('dispute_record_count')}条" for row in rows]
    return f"{basis.period.this}各系统受理的纠纷记录中，{listed(told)}。"


def _resolution(basis: Basis, total: Row) -> str:
    resolved = rate(total, "resolved_share", "resolved_count", "dispute_count", min_count=basis.min_count)
    states = counts(total, {"ongoing_count": "处理中", "failed_count": "调处未成"})
    if total.number("resolved_count"):
        text = sentence([f"截至{basis.known_until}，上述纠纷已化解{total.count('resolved_count')}件",
                         f"化解率{resolved}", listed(states)])  # fmt: skip
    else:
        text = sentence([f"截至{basis.known_until}，上述纠纷尚无一件化解", listed(states)])
    if total.number("tier_known_count"):
        local = rate(total, "local_share", "local_count", "tier_known_count", min_count=basis.min_count)
        text += f"已化解且写明化解层级的纠纷中，在县级及以下化解的占{local}。"
    if total.number("resolved_in_period"):
        text += f"按化解时间计，{basis.period.this}共化解纠纷{total.count('resolved_in_period')}件（含以前受理的）。"
    return text


def _risk(basis: Basis, total: Row) -> str:
    levels = counts(total, {"high_count": "高风险", "middle_count": "中风险", "low_count": "低风险"})
    text = f"按风险等级分，{listed(levels)}。"
    kinds = {
        "mass_count": "一般及重大群体性纠纷",
        "threat_count": "有扬言极端话语的",
        "recurrence_count": "化解后复发的",
    }
    facts = counts(total, kinds)
    if facts:
        text += f"其中，{listed(facts)}。"
    if total.number("cross_count"):
        cross = rate(total, "cross_share", "cross_count", "dispute_count", min_count=basis.min_count)
        text += f"两个以上系统都有记录的占{cross}。"
    return text


def _trend(basis: Basis) -> Chart:
    rows = basis.ledger.ask("series")
    own = tuple(row.number("dispute_count") for row in rows)
    lines = [Series(basis.period.this, own)]
    if basis.period.previous:
        lines.append(Series(basis.period.before, tuple(row["previous_count"] for row in rows)))
    days = [row["day"] for row in rows]
    crosses = len({day.month for day in days}) > 1
    labels = tuple(f"{day.month}-{day.day}" if crosses else str(day.day) for day in days)
    return Chart("line", f"{basis.scope}逐日受理的矛盾纠纷（件）", labels, tuple(lines), rows.query)


def _class_words(basis: Basis, classes: Rows) -> str:
    rows = [row for row in classes if row.number("dispute_count")]
    many = sum(row.number("dispute_count") for row in rows) >= basis.min_count
    told = [_counted(row, row["category_name"], with_share=many) for row in rows[:_TOP]]
    if len(rows) == 1:
        return f"全部为{rows[0]['category_name']}。"
    return f"数量居前的是{listed(told, last='和')}。" if len(rows) > _TOP else f"分别是{listed(told, last='和')}。"


def _counted(row: Row, name: str, *, with_share: bool = True) -> str:
    count = f"{row.count('dispute_count')}件"
    return f"{name}{count}（占{row.share('share')}）" if with_share else f"{name}{count}"


def _class_grid(basis: Basis, classes: Rows) -> Grid:
    has_previous, has_year = basis.period.previous is not None, basis.period.last_year is not None
    head = ["类别", basis.period.this]
    widths = [7, 3]
    if has_previous:
        head += [basis.period.before, "环比"]
        widths += [3, 4]
    if has_year:
        head += [basis.period.year_ago, "同比"]
        widths += [3, 4]
    head += ["化解", "化解率"]
    widths += [3, 4]
    body = []
    for row in classes:
        cells = [row["category_name"] or "类别不明", f"{row.count('dispute_count')}"]
        if has_previous:
            cells += [f"{row.count('previous_count')}", change_cell(row, "previous", min_count=basis.min_count)]
        if has_year:
            cells += [f"{row.count('last_year_count')}", change_cell(row, "last_year", min_count=basis.min_count)]
        cells += [
            f"{row.count('resolved_count')}",
            rate_cell(row, "resolved_share", "resolved_count", "dispute_count", min_count=basis.min_count),
        ]
        body.append(tuple(cells))
    note = "单位：件。" + _grid_note(basis, classes, has_previous)
    return Grid("各类别矛盾纠纷", tuple(head), tuple(body), tuple(widths), note=note)


def _grid_note(basis: Basis, rows: Rows, has_previous: bool) -> str:
    """What the signs in a table mean, as far as they stand in it."""
    parts = []
    if has_previous and any(row.number("previous_count") < basis.min_count for row in rows):
        parts.append("“—”为基数不足十件，不计升降。")
    if any(0 < row.number("dispute_count") < basis.min_count for row in rows):
        parts.append("带*的基数不足十件，只列分子、分母。")
    return "".join(parts)


def _class_chart(basis: Basis, classes: Rows) -> Chart:
    rows = list(classes)
    series = [Series(basis.period.this, tuple(row.number("dispute_count") for row in rows))]
    if basis.period.previous:
        series.append(Series(basis.period.before, tuple(row.number("previous_count") for row in rows)))
    labels = tuple(row["category_name"] or "不明" for row in rows)
    return Chart("bar", f"{basis.scope}各类别矛盾纠纷（件）", labels, tuple(series), classes.query)


def _area_blocks(basis: Basis, areas: Rows) -> list[Block]:
    known = [row for row in areas if row["area_code"] is not None and row.number("dispute_count")]
    if basis.tier == "村" or not known:
        return []
    many = sum(row.number("dispute_count") for row in known) >= basis.min_count
    told = [_counted(row, row["area_name"], with_share=many) for row in known[:_TOP]]
    text = f"{listed(told, last='和')}居前。" if len(known) > _TOP else f"{listed(told)}。"
    for row, verdict in _moved_areas(basis, areas):
        text += f"{row['area_name']}{_moved(basis, row, verdict)}，变化超出正常波动。"
    for verdict, word in (("低", "低"), ("高", "高")):
        apart = [row for row in known if row["verdict"] == verdict]
        if apart:
            named = [
                f"{row['area_name']}"
                f"{rate(row, 'resolved_share', 'resolved_count', 'dispute_count', min_count=basis.min_count)}"
                for row in apart
            ]
            text += f"化解率明显{word}于{basis.scope}的有{listed(named)}。"
    if len(known) < 2:
        return [Paragraph(text, lead="区域分布。")]
    has_previous = basis.period.previous is not None
    head = [basis.child_words, basis.period.this]
    widths = [7, 3]
    if has_previous:
        head += [basis.period.before, "环比"]
        widths += [3, 4]
    head += ["化解", "化解率", "高风险", "超期"]
    widths += [3, 4, 3, 3]
    has_residents = any(row["per_ten_thousand"] is not None for row in areas)
    if has_residents:
        head.append("每万人")
        widths.append(3)
    body = []
    for row in areas:
        cells = [row["area_name"] or "区域不明", f"{row.count('dispute_count')}"]
        if has_previous:
            cells += [f"{row.count('previous_count')}", change_cell(row, "previous", min_count=basis.min_count)]
        cells += [
            f"{row.count('resolved_count')}",
            rate_cell(row, "resolved_share", "resolved_count", "dispute_count", min_count=basis.min_count),
            f"{row.count('high_count')}",
            f"{row.count('overdue_count')}",
        ]
        if has_residents:
            cells.append("—" if row["per_ten_thousand"] is None else f"{row.decimal('per_ten_thousand')}")
        body.append(tuple(cells))
    note = "单位：件。" + _grid_note(basis, areas, has_previous)
    return [
        Paragraph(text, lead="区域分布。"),
        Grid(f"各{basis.child_words}矛盾纠纷", tuple(head), tuple(body), tuple(widths), note=note),
    ]


def _moved_areas(basis: Basis, areas: Rows) -> list[tuple[Row, str]]:
    """Areas whose change is more than chance."""
    if basis.period.previous is None or not len(areas):
        return []
    pairs = zip(areas, _verdicts(basis, areas), strict=True)
    return [(row, verdict) for row, verdict in pairs if verdict and row["area_code"] is not None]


# 二、三、上升与下降


def _types(basis: Basis, classes: Rows) -> list[_Type]:
    """Categories whose change is more than chance; 小类 only where their 大类 did not change the same way."""
    if basis.period.previous is None:
        return []
    found: list[_Type] = []
    for digits, rows in ((2, classes), (4, basis.ledger.ask("categories", "category_code", digits=4))):
        if not len(rows):
            continue
        for row, verdict in zip(rows, _verdicts(basis, rows), strict=True):
            code = row["category_code"]
            inside = any(code.startswith(known.code) and known.verdict == verdict for known in found)
            if verdict and not (digits == 4 and inside):
                found.append(_Type(row, code, row["category_name"] or "类别不明", verdict))
    return found


def _verdicts(basis: Basis, rows: Rows) -> list[str | None]:
    period = basis.period
    assert period.previous is not None
    dispersion = basis.ledger.ask("dispersion").only.number("dispersion")
    lengths = (period.until - period.since, period.previous[1] - period.previous[0])
    judged = changes.judged(
        rows.frame,
        days=(lengths[0].total_seconds(), lengths[1].total_seconds()),
        dispersion=dispersion,
        min_count=basis.min_count,
        false_share=float(words()["false_share"]),
        min_change=float(words()["min_change"]),
    )
    return [value if isinstance(value, str) else None for value in judged["verdict"]]


def _risen_and_fallen(basis: Basis, classes: Rows, types: list[_Type]) -> tuple[list[Block], int]:
    """The sections, and the number of the next one."""
    blocks: list[Block] = []
    number = 2
    largest = next(iter(classes))
    counts = [max(row.number("dispute_count"), row.number("previous_count")) for row in classes]
    if basis.period.previous is not None and max(counts) < basis.min_count:
        blocks.append(Heading(f"{numeral(number)}、类别升降", 1))
        blocks.append(Paragraph(f"{basis.period.this}与{basis.period.before}各大类件数都少，不作升降判断。"))
        number += 1
    elif basis.period.previous is not None:
        for verdict, word in (("升", "上升"), ("降", "下降")):
            mine = [each for each in types if each.verdict == verdict]
            blocks.append(Heading(f"{numeral(number)}、{word}类别", 1))
            blocks.append(Paragraph(_intro(basis, classes, mine, verdict, word)))
            for at, each in enumerate(mine, start=1):
                blocks += _type_blocks(basis, each, at)
            number += 1
    if not any(each.verdict == "升" for each in types) and largest.number("dispute_count") >= basis.min_count:
        blocks.append(Heading(f"{numeral(number)}、重点类别", 1))
        blocks += _type_blocks(basis, _Type(largest, largest["category_code"], largest["category_name"], None), 1)
        number += 1
    return blocks, number


def _intro(basis: Basis, classes: Rows, mine: list[_Type], verdict: str, word: str) -> str:
    before = basis.period.before
    if mine:
        names = [f"{each.name}（{_moved(basis, each.row, verdict)}）" for each in mine]
        return f"与{before}相比，{word}超出正常波动的是{listed(names, last='和')}。"
    column, more = ("added", "增加") if verdict == "升" else ("removed", "减少")
    moved = [row for row in classes if row.number(column) > 0]
    if not moved:
        return f"与{before}相比，没有一个大类{more}。"
    tested = [row for row in moved if max(row.number("dispute_count"), row.number("previous_count")) >= basis.min_count]
    if not tested:
        return f"与{before}相比，各大类件数都少，不作{word}判断。"
    most = max(tested, key=lambda row: (row.number(column), row["category_code"]))
    return (
        f"与{before}相比，各类别的{more}均在正常波动以内。{more}最多的是{most['category_name']}，"
        f"由{most.count('previous_count')}件到{most.count('dispute_count')}件，不足以判断为{word}。"
    )


def _moved(basis: Basis, row: Row, verdict: str) -> str:
    """上升12.5%; on a small base 由4件到16件."""
    if row.number("previous_count") < basis.min_count:
        return f"由{row.count('previous_count')}件到{row.count('dispute_count')}件"
    return f"{'上升' if verdict == '升' else '下降'}{row.change('previous_change')}"


def _type_blocks(basis: Basis, each: _Type, at: int) -> list[Block]:
    """区域, 原因, 手段, 辖区, 小结 of one category."""
    ledger = basis.ledger
    whole = ledger.ask("totals", category=each.code).only
    areas = ledger.ask("areas", "area_code", category=each.code)
    kinds = ledger.ask("categories", "category_code", category=each.code, digits=4)
    reasons = ledger.ask("reasons", "reason", category=each.code)
    means = ledger.ask(
        "means",
        "means",
        category=each.code,
        means=[entry["name"] for entry in words()["means"]],
        patterns=[entry["pattern"] for entry in words()["means"]],
    )
    places = ledger.ask("places", "area_code", category=each.code)
    change = compared(each.row, "previous", basis.period, min_count=basis.min_count)
    opening = sentence([f"{basis.period.this}{each.name}{each.row.count('dispute_count')}件", change])
    parts = [
        ("区域。", _type_areas(basis, each, areas)),
        ("原因。", _type_reasons(each, kinds, reasons, basis)),
        ("手段。", _type_means(means, whole)),
        ("辖区。", _type_places(basis, places)),
        ("小结。", _type_summary(basis, each, whole, areas, kinds, means)),
    ]
    blocks: list[Block] = [Heading(f"（{numeral(at)}）{each.name}", 2), Paragraph(opening)]
    kept = [(lead, text) for lead, text in parts if text]
    blocks += [Paragraph(text, lead=f"{number}.{lead}") for number, (lead, text) in enumerate(kept, start=1)]
    return blocks


def _type_areas(basis: Basis, each: _Type, areas: Rows) -> str:
    known = [row for row in areas if row["area_code"] is not None and row.number("dispute_count")]
    if basis.tier == "村" or not known:
        return ""
    many = each.row.number("dispute_count") >= basis.min_count
    told = listed([_counted(row, row["area_name"], with_share=many) for row in known[:_TOP]])
    if len(known) <= _TOP:
        text = f"{told}。"
    elif known[0].number("share") < float(words()["main_share"]):
        text = f"分布较散，较多的是{told}。"
    else:
        text = f"{told}居前。"
    if each.verdict:
        column, word = ("added", "增加") if each.verdict == "升" else ("removed", "减少")
        moved = [row for row in areas if row["area_code"] is not None and row.number(column) > 0]
        if moved:
            most = max(moved, key=lambda row: (row.number(column), row["area_code"]))
            text += f"与{basis.period.before}相比，{most['area_name']}{word}最多，{word}{most.count(column)}件。"
    return text


def _type_reasons(each: _Type, kinds: Rows, reasons: Rows, basis: Basis) -> str:
    sub = [row for row in kinds if row.number("dispute_count")]
    clauses = []
    if len(each.code) == 2 and len(sub) > 1:
        many = each.row.number("dispute_count") >= basis.min_count
        told = [_counted(row, row["category_name"] or "类别不明", with_share=many) for row in sub[:_TOP]]
        clauses.append(listed(told, last="和"))
    often = [row for row in reasons if row.number("dispute_count") >= _TOP][:_TOP]
    if often:
        named = [f"{quote(row['reason'])}{row.count('dispute_count')}件" for row in often]
        clauses.append(f"从热线、警情等来源的分类看，{listed(named)}")
    return sentence([clauses[0] + ("。" + clauses[1] if len(clauses) > 1 else "")]) if clauses else ""


def _type_means(means: Rows, whole: Row) -> str:
    grave = [row for row in means if row["means"] in ("涉刀", "扬言极端")]
    other = [row for row in means if row["means"] not in ("涉刀", "扬言极端")]
    parts = []
    if other:
        told = listed([f"{row['means']}的{row.count('dispute_count')}件" for row in other])
        parts.append(f"记录写到{told}")
    if grave:
        parts.append(listed([f"{row['means']}的{row.count('dispute_count')}件" for row in grave]))
    if not parts:
        return "记录中未写到冲突、聚集、涉刀或扬言等行为。"
    if not grave:
        parts.append("未见涉刀、扬言极端的记录")
    return "；".join(parts) + "。"


def _type_places(basis: Basis, places: Rows) -> str:
    if basis.child == "村":
        return ""
    often = [row for row in places if row.number("dispute_count") >= _TOP][:_TOP]
    if not often:
        return ""
    column = "full_name" if basis.tier == "市" else "area_name"
    told = listed([f"{row[column]}{row.count('dispute_count')}件" for row in often])
    return f"较多的是{told}。"


def _type_summary(basis: Basis, each: _Type, whole: Row, areas: Rows, kinds: Rows, means: Rows) -> str:
    points = []
    main_share = float(words()["main_share"])
    many = whole.number("dispute_count") >= basis.min_count
    known = [row for row in areas if row["area_code"] is not None and row.number("dispute_count")]
    if many and len(known) > 1 and known[0].number("share") >= main_share:
        points.append(f"区域集中，{known[0]['area_name']}一地占{known[0].share('share')}")
    sub = [row for row in kinds if row.number("dispute_count")]
    if many and len(each.code) == 2 and len(sub) > 1 and sub[0].number("share") >= main_share:
        points.append(f"诉求集中在{sub[0]['category_name']}，占{sub[0].share('share')}")
    grave = [row for row in means if row["means"] in ("涉刀", "扬言极端", "肢体冲突", "聚集围堵")]
    if grave:
        named = [f"{row['means']}{row.count('dispute_count')}件" for row in grave]
        points.append(f"有激化风险，{listed(named)}，化解前须逐件盯住")
    open_count = whole.number("ongoing_count") + whole.number("failed_count")
    if open_count and whole.number("resolved_count"):
        resolved = rate(whole, "resolved_share", "resolved_count", "dispute_count", min_count=basis.min_count)
        unresolved = counts(whole, {"ongoing_count": "仍在处理的", "failed_count": "调处未成的"})
        points.append(f"化解率{resolved}，{listed(unresolved)}")
    return enumerated(points)


# 预警与督办


def _warnings_and_late(basis: Basis, number: int) -> tuple[list[Block], list[str]]:
    ledger, period = basis.ledger, basis.period
    blocks: list[Block] = [Heading(f"{numeral(number)}、预警与督办", 1)]
    advice: list[str] = []
    warned = ledger.ask("warning_totals").only
    rules = ledger.ask("warnings", "rule")
    surges = ledger.ask("surges", "warning_id")
    blocks.append(Paragraph(_warned_words(basis, warned), lead="预警。"))
    if len(rules) > 1:
        blocks.append(_rule_grid(rules))
    if len(surges):
        told = [
            f"{row['first_seen_at'].month}月{row['first_seen_at'].day}日{row['area_name']}{row['category_name'] or ''}"
            f"（{row['level']}色，{quote(row['evidence'])}）"
            for row in list(surges)[: int(words()["listed"])]
        ]
        count = ledger.tally(surges, "true", "本期新发的区域激增预警")
        only = f"，以下列{numeral(len(told))}条" if len(surges) > len(told) else ""
        blocks.append(Paragraph(f"{period.this}发出区域激增预警{count}条{only}：{'；'.join(told)}。", lead="激增。"))
        places = list(dict.fromkeys(row["area_name"] for row in surges))
        where = listed(places[:_TOP]) + ("等地" if len(places) > _TOP else "")
        advice.append(
            f"针对区域激增预警{count}条，由{where}综治中心核查是否同一诱因，属同一诱因的并案处理，统一口径答复。"
        )
    judged = ledger.ask("precision").only
    if basis.tier == "市" and judged.number("judged_count"):
        share = f"不实的{judged.count('false_count')}条" if judged.number("false_count") else "没有不实的"
        blocks.append(Paragraph(f"历次预警已经人判定{judged.count('judged_count')}条，其中{share}。", lead="判定。"))
    late, on_late = _late(basis)
    blocks += late
    advice += on_late
    standing = {row["rule"]: row for row in rules if row.number("open_count")}
    for entry in words()["warning_advice"]:
        if entry["rule"] in standing:
            count = standing[entry["rule"]].count("open_count")
            advice.append(entry["says"].format(this=period.this, count=count))
    return blocks, advice


def _warned_words(basis: Basis, warned: Row) -> str:
    if not warned.number("warning_count"):
        return f"{basis.period.this}没有新发预警。"
    levels = [
        f"{word}{warned.count(column)}条"
        for column, word in (
            ("red_count", "红色"), ("orange_count", "橙色"), ("yellow_count", "黄色"), ("blue_count", "蓝色"),
        )
        if warned.number(column)
    ]  # fmt: skip
    parts = [f"{basis.period.this}新发预警{warned.count('warning_count')}条", f"其中{listed(levels)}"]
    if warned.number("matter_count"):
        parts.append(f"涉及纠纷{warned.count('matter_count')}件")
    parts.append(
        f"截至{basis.known_until}仍生效{warned.count('open_count')}条"
        if warned.number("open_count")
        else f"截至{basis.known_until}均已解除"
    )
    return sentence(parts) + _notice_words(basis)


def _notice_words(basis: Basis) -> str:
    told = basis.ledger.ask("notices").only
    if not told.number("told_count"):
        return ""
    text = f"共向{told.count('recipient_count')}个综治中心告知{told.count('told_count')}条次"
    held = f"，因每日上限暂缓{told.count('held_count')}条次" if told.number("held_count") else ""
    return f"{text}{held}。"


def _rule_grid(rules: Rows) -> Grid:
    columns = ("warning_count", "red_count", "orange_count", "yellow_count", "blue_count", "open_count")
    body = tuple((row["rule_name"], *(f"{row.count(column)}" for column in columns)) for row in rules)
    head = ("预警规则", "新发", "红", "橙", "黄", "蓝", "仍生效")
    return Grid("新发预警", head, body, (7, 3, 3, 3, 3, 3, 3), note="单位：条。")


def _late(basis: Basis) -> tuple[list[Block], list[str]]:
    ledger, limit = basis.ledger, int(words()["listed"])
    total = ledger.ask("unresolved_totals").only
    blocks: list[Block] = []
    advice: list[str] = []
    if not total.number("dispute_count"):
        blocks.append(Paragraph(f"{basis.period.this}及以前受理的纠纷已全部化解。", lead="督办。"))
        return blocks, advice
    parts = [f"截至{basis.known_until}，{basis.period.this}及以前受理的纠纷尚有{total.count('dispute_count')}件未化解"]
    counted = counts(total, {"high_count": "高风险", "overdue_count": "超期未办结"})
    parts.append(f"其中{listed(counted)}" if counted else "没有高风险和超期的")
    blocks.append(Paragraph(sentence(parts), lead="督办。"))
    tiers = ledger.ask("unresolved", "responsible_tier")
    if len(tiers) > 1:
        columns = ("dispute_count", "high_count", "middle_count", "low_count", "overdue_count")
        body = tuple(
            (f"{row['responsible_tier'] or '不明'}级", *(f"{row.count(column)}" for column in columns)) for row in tiers
        )
        head = ("责任层级", "未化解", "高风险", "中风险", "低风险", "超期")
        blocks.append(Grid("未化解纠纷的责任层级", head, body, (5, 3, 3, 3, 3, 3), note="单位：件。"))
    high = ledger.ask("high", "dispute_id", limit=limit)
    if len(high):
        caption = f"{basis.period.this}受理、尚未化解的高风险纠纷（按风险分，至多列{numeral(limit)}件）"
        blocks.append(_matter_grid(caption, high))
        named = [f"{row['responsible_tier']}级{row.count('high_count')}件" for row in tiers if row.number("high_count")]
        advice.append(
            f"对尚未化解的高风险纠纷{total.count('high_count')}件实行领导包案，按责任层级分工（{listed(named)}），"
            "逐件落实稳控和化解措施，有扬言、聚集苗头的当日报告。"
        )
    if total.number("overdue_count"):
        late = ledger.ask("late", "dispute_id", limit=limit)
        blocks.append(_late_grid(late, limit))
        areas = [row for row in ledger.ask("late_areas", "area_code") if row["area_name"]]
        most = listed([f"{row['area_name']}{row.count('overdue_count')}件" for row in areas[:_TOP]])
        where = f"，重点是{most}" if basis.tier != "村" and most else ""
        advice.append(
            f"对超期未办结的纠纷{total.count('overdue_count')}件开展点督{where}，责成承办单位说明原因、限期办结。"
        )
    return blocks, advice


def _kind(row: Row) -> str:
    """The 小类 alone: a table has no room for both."""
    return (row["category_name"] or "类别不明").split("/")[-1]


def _matter_grid(caption: str, rows: Rows) -> Grid:
    body = tuple(
        (
            quote(row["dispute_id"]),
            quote(row["place"]) or "不明",
            _kind(row),
            quote(row["title"], 40),
            f"{row.count('persons_involved')}" if row["persons_involved"] is not None else "—",
            f"{row['responsible_tier'] or '不明'}级",
        )
        for row in rows
    )
    head = ("纠纷编号", "区域", "类别", "事由", "人数", "层级")
    return Grid(caption, head, body, (11, 9, 9, 14, 5, 5), wide=(0, 1, 2, 3))


def _late_grid(rows: Rows, limit: int) -> Grid:
    body = tuple(
        (
            quote(row["dispute_id"]),
            quote(row["place"]) or "不明",
            _kind(row),
            quote(row["title"], 40),
            f"{row['risk_level']}",
            f"{row.count('late_days')}",
            f"{row['responsible_tier'] or '不明'}级",
        )
        for row in rows
    )
    head = ("纠纷编号", "区域", "类别", "事由", "风险", "超期天数", "层级")
    caption = f"点督清单：超期未办结的纠纷（按风险、超期天数，至多列{numeral(limit)}件）"
    return Grid(caption, head, body, (10, 8, 8, 12, 5, 8, 5), wide=(0, 1, 2, 3))


# 工作建议


def _advice_on_types(basis: Basis, types: list[_Type]) -> list[str]:
    told = []
    for each in types:
        if each.verdict != "升":
            continue
        guide: dict[str, Any] = words()["categories"].get(each.code) or words()["categories"][each.code[:2]]
        areas = basis.ledger.ask("areas", "area_code", category=each.code)
        known = [row for row in areas if row["area_code"] is not None and row.number("added") > 0]
        where = ""
        if basis.tier != "村" and known:
            most = max(known, key=lambda row: (row.number("added"), row["area_code"]))
            where = f"，以增加{most.count('added')}件的{most['area_name']}为重点"
        base = each.row.number("previous_count") >= basis.min_count
        grew = f"环比上升{each.row.change('previous_change')}，" if base else ""
        told.append(
            f"针对{each.name}{grew}{basis.period.this}{each.row.count('dispute_count')}件的情况，"
            f"由{guide['lead']}牵头{where}，{guide['act']}。"
        )
    return told


def _advice_on_areas(basis: Basis, total: Row, areas: Rows) -> list[str]:
    if basis.tier == "村":
        return []
    told = [
        f"{row['area_name']}{basis.period.this}受理{row.count('dispute_count')}件，{_moved(basis, row, verdict)}，"
        f"由该地综治中心专题分析增加的原因，{basis.area_name}综治中心派员指导。"
        for row, verdict in _moved_areas(basis, areas)
        if verdict == "升"
    ]
    low = [row for row in areas if row["area_code"] is not None and row["verdict"] == "低"]
    if not low:
        return told
    named = [f"{row['area_name']}{row.share('resolved_share')}" for row in low]
    return [
        *told,
        f"化解率明显低于{basis.scope}（{total.share('resolved_share')}）的{listed(named)}，"
        "由所在综治中心逐件梳理未化解原因，属力量不足的由上级派员，属权属、政策问题的提请上级会商。",
    ]


# 附记


def _notes(basis: Basis) -> tuple[str, ...]:
    period = basis.period
    notes = [
        f"统计区间为{period.says}，按纠纷首次反映的时间计；同一纠纷在几个系统的记录归并为一件。"
        f"化解、风险、超期等状态截至{basis.known_until}。",
        "调解等只记日期的记录，按当日0时计。" if period.ends_day else "",
        "类别的升降经检验：以本期与上期的日均件数相比，计入逐日波动与多类别同时比较，超出偶然的才列；"
        "本期与上期均不足十件的不作判断。"
        if period.previous
        else "",
        "环比与紧邻的上一期相比，同比与去年同期相比；期间未满的只比同样天数。" if period.previous else "",
        "报告中每个数字的取数语句见附件及随文的取数文件，在 warehouse.duckdb 上执行即得该数。",
    ]
    if basis.label:
        notes.insert(0, f"本报告所用为{basis.label}，不是真实情况，不得作为工作依据。")
    return tuple(note for note in notes if note)
