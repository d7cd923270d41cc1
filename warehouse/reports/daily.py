"""What a daily report tells: how many records, whom they concern, then the notable ones one by one.

Here: 总体, 重点线索, 预警, 工作建议 of one day, by default from eight to eight. Not here: weeks, months (`periodic`).
Basis -> Report
"""

from typing import Any

from warehouse.reports.basis import Basis, source_names, words
from warehouse.reports.document import Annex, Block, Grid, Heading, Paragraph, Report, shown
from warehouse.reports.figures import Row, Rows, quote
from warehouse.reports.wording import counts, listed, numeral, sentence

_TOP = 3
_SHARED = "同一纠纷的线索分在几处的，各处都计一件。"
_OUTCOMES = {"成功": "调处成功", "不成功": "调处未成", "终止": "调解终止", "进行中": "调解中"}


def compose(basis: Basis) -> Report:
    """Composes the daily report of one area."""
    ledger = basis.ledger
    total = ledger.ask("day_totals").only
    blocks: list[Block] = [Heading("一、总体情况", 1)]
    number, advice = 2, []
    if not total.number("record_count"):
        blocks.append(Paragraph(f"{basis.period.says}，{basis.scope}没有受理矛盾纠纷线索。"))
    else:
        notable = ledger.ask("day_notable", "dispute_id")
        blocks += _whole(basis, total, notable)
        if len(notable):
            blocks += _notable(basis, notable)
            number = 3
            advice += _advice(basis, notable)
    blocks += _warned(basis, number)
    if advice:
        blocks.append(Heading(f"{numeral(number + 1)}、工作建议", 1))
        blocks += [Paragraph(text, lead=f"{at}.") for at, text in enumerate(advice, start=1)]
    body, notes = tuple(blocks), _notes(basis)
    return Report(
        title=f"{basis.period.name}{basis.scope}矛盾纠纷线索研判",
        blocks=body,
        notes=notes,
        figures=shown(ledger.figures, body, notes),
        annexes=(
            Annex("总体", total.query),
            Annex("区域", ledger.ask("day_areas", "area_code").query),
            Annex("重点线索", ledger.ask("day_notable", "dispute_id").query),
            Annex("重复", ledger.ask("repeats").query),
            Annex("详情", ledger.ask("details").query),
        ),
        **basis.head(),
    )


def _whole(basis: Basis, total: Row, notable: Rows) -> list[Block]:
    ledger, period = basis.ledger, basis.period
    people = f"、{total.count('persons')}人" if total.number("persons") else ""
    parts = [
        f"{period.says}，{basis.scope}各系统共受理矛盾纠纷线索{total.count('record_count')}条",
        f"涉及纠纷{total.count('dispute_count')}件{people}",
        _compared(basis, total),
    ]
    text = sentence(parts)
    if period.is_partial:
        text += "当日数据尚未满，不与前一日相比。"
    new = counts(total, {"new_count": "首次反映的", "repeat_count": "以前反映过的", "high_count": "高风险的"})
    if new:
        text += f"上述纠纷中，{listed(new)}。"
    names = source_names()
    sources = [row for row in ledger.ask("sources", "source") if row.number("dispute_record_count")]
    text += "从来源看，" + listed(
        [f"{quote(names.get(row['source'], row['source']))}{row.count('dispute_record_count')}条" for row in sources]
    ) + "。"  # fmt: skip
    classes = list(ledger.ask("day_categories", "category_code"))[:_TOP]
    many = total.number("dispute_count") >= basis.min_count
    if many:
        told = [f"{row['category_name'] or '类别不明'}{row.count('dispute_count')}件" for row in classes]
        text += f"从类别看，{listed(told)}居前。"
    if len(notable):
        count = ledger.tally(notable, "true", "高风险或发出红色、橙色预警的纠纷数")
        text += f"经研判，需重点关注的{count}件，列后。"
    else:
        text += "经研判，没有高风险和发出红色、橙色预警的线索。"
    areas = ledger.ask("day_areas", "area_code")
    blocks: list[Block] = [Paragraph(text)]
    if len(areas) > 1 and basis.tier != "村":
        columns = ("record_count", "dispute_count", "new_count", "persons", "high_count")
        body = tuple((row["area_name"] or "区域不明", *(f"{row.count(name)}" for name in columns)) for row in areas)
        head = (basis.child_words, "线索（条）", "纠纷（件）", "首次反映", "涉及人数", "高风险")
        blocks.append(Grid(f"各{basis.child_words}线索", head, body, (7, 4, 4, 4, 4, 3), note=_SHARED))
    return blocks


def _compared(basis: Basis, total: Row) -> str | None:
    previous = total["previous_count"]
    if previous is None or basis.period.is_partial:
        return None
    own, before = total.number("record_count"), float(previous)
    if own == before:
        return "与前一日持平"
    if max(own, before) < basis.min_count or before < basis.min_count:
        return f"前一日{total.count('previous_count')}条"
    direction = "上升" if own > before else "下降"
    return f"环比{direction}{total.change('previous_change')}（前一日{total.count('previous_count')}条）"


def _notable(basis: Basis, notable: Rows) -> list[Block]:
    limit = int(words()["notable_listed"])
    blocks: list[Block] = [Heading("二、重点线索", 1)]
    if len(notable) > limit:
        rest = basis.ledger.tally(notable, "true", "高风险或发出红色、橙色预警的纠纷数")
        blocks.append(Paragraph(f"共{rest}件，以下列风险分最高的，其余见附表“重点线索”。"))
    for at, row in enumerate(list(notable)[:limit], start=1):
        blocks += _item(row, at)
    return blocks


def _item(row: Row, at: int) -> list[Block]:
    """One record: number, brief, what was done, why it is notable, what to do."""
    source = quote(source_names().get(row["source"], row["source"]))
    place = quote(row["place"]) or "区域不明"
    who = f"，涉及{row.count('persons_involved')}人" if row.number("persons_involved") > 1 else ""
    brief = quote(row["text"], 120) or quote(row["record_title"], 120) or "来源未写内容"
    blocks: list[Block] = [
        Heading(f"{at}.{source}{quote(row['source_record_id'])}", 3),
        Paragraph(f"{place}，{row['category_name']}{who}。{brief}。", lead="简况："),
        Paragraph(_handling(row), lead="处置："),
        Paragraph(f"{_why(row)}。", lead="研判："),
        Paragraph(f"{_act(row)}。", lead="建议："),
    ]
    return blocks


def _handling(row: Row) -> str:
    unit = f"由{quote(row['handling_unit'])}承办" if row["handling_unit"] else ""
    record = _OUTCOMES.get(row["outcome"] or "", row["record_status"] or "")
    state = f"该线索{record}" if record and record != "未知" else ""
    told = f"所属纠纷至今有{row.count('event_count')}条记录" if row.number("event_count") > 1 else ""
    return sentence([unit, state, told, f"纠纷目前{row['status']}"])


def _why(row: Row) -> str:
    rules = f"；已发出{row['rules']}预警" if row["rules"] else ""
    reasons = f"，依据是{quote(row['risk_reasons'])}" if row["risk_reasons"] else ""
    return f"风险等级为{row['risk_level']}{reasons}{rules}"


def _meets(row: Row, when: str) -> bool:
    """Which of the day's pieces of advice fits a record, see `reports.yml`."""
    if when == "threat":
        return bool(row["threat_words"]) or "扬言" in (row["rules"] or "")
    if when == "mass":
        return row["scale_code"] in ("02", "03")
    if when == "overdue":
        return bool(row["is_overdue"])
    return when == "any" or (when == "repeat" and row.number("event_count") >= _TOP)


def _act(row: Row) -> str:
    if row["status"] == "已化解":
        return f"已化解，由{row['responsible_tier']}级综治中心安排回访，防止反复"
    entry: dict[str, Any] = next(each for each in words()["day_advice"] if _meets(row, each["when"]))
    said: str = entry["says"].format(tier=row["responsible_tier"] or "县")
    return said


def _warned(basis: Basis, number: int) -> list[Block]:
    """The day's warnings by level."""
    warned = basis.ledger.ask("warning_totals").only
    blocks: list[Block] = [Heading(f"{numeral(number)}、预警情况", 1)]
    if not warned.number("warning_count"):
        return [*blocks, Paragraph("当日没有新发预警。")]
    levels = [
        f"{word}{warned.count(column)}条"
        for column, word in (
            ("red_count", "红色"), ("orange_count", "橙色"), ("yellow_count", "黄色"), ("blue_count", "蓝色"),
        )
        if warned.number(column)
    ]  # fmt: skip
    rules = [f"{row['rule_name']}{row.count('warning_count')}条" for row in basis.ledger.ask("warnings", "rule")]
    text = f"当日新发预警{warned.count('warning_count')}条，其中{listed(levels)}；按规则分，{listed(rules)}。"
    surges = [
        f"{row['area_name']}{row['category_name'] or ''}（{row['level']}色，{quote(row['evidence'])}）"
        for row in basis.ledger.ask("surges", "warning_id")
    ]
    if surges:
        text += f"区域激增：{'；'.join(surges)}。"
    return [*blocks, Paragraph(text)]


def _advice(basis: Basis, notable: Rows) -> list[str]:
    ledger = basis.ledger
    open_high = ledger.tally(notable, "risk_level = '高' AND status <> '已化解'", "高风险且未化解的重点线索")
    threats = ledger.tally(
        notable, "coalesce(threat_words, '') <> '' AND status <> '已化解'", "有扬言极端话语且未化解的重点线索"
    )
    several = ledger.tally(notable, "source_count > 1 AND status <> '已化解'", "两个以上系统都有记录且未化解的重点线索")
    told = []
    if threats.value:
        told.append(f"对有扬言极端话语的{threats}件，当日见面核实、落实稳控，结果于次日研判时报告。")
    if open_high.value:
        told.append(f"对高风险、尚未化解的{open_high}件，按责任层级逐件明确责任人，跟踪到化解。")
    if several.value:
        told.append(f"对几个系统都有记录的{several}件，指定一个牵头单位合并办理，统一答复。")
    return told


def _notes(basis: Basis) -> tuple[str, ...]:
    notes = [
        f"统计区间为{basis.period.says}，按各系统的受理时间计，只计属于矛盾纠纷的记录；只记日期的记录按当日0时计。"
        f"化解、风险等状态截至{basis.known_until}。",
        "报告中每个数字的取数语句见附件及随文的取数文件，在 warehouse.duckdb 上执行即得该数。",
    ]
    if basis.label:
        notes.insert(0, f"本报告所用为{basis.label}，不是真实情况，不得作为工作依据。")
    return tuple(notes)
