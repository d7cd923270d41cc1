"""What a pair's weight is made of: its start, what each kind of evidence adds, and what a person or a number decides.

Here: the parts of the weight of any pair under any model, the bars of one pair, Splink's waterfall chart over them as a
page that needs no network. Not here: the steps through the trees (`trees`), the values that are compared
(`comparisons`), the reasons in one sentence (`explanations`), whose values may be shown (the pipelines).
m_vector, Model -> parts -> bars -> chart
"""

import html
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transforms.matching.comparisons import COMPARISONS, RAW
from transforms.matching.model import Model
from transforms.matching.trees import COLUMNS

PARTS = (*(comparison.name for comparison in COMPARISONS), "shared")
"""Kinds of evidence, each one bar: the comparisons, and whether the matter concerns many."""

LABELS = {comparison.name: comparison.label for comparison in COMPARISONS} | {"shared": "群体性质"}

PART_OF_RAW = {
    "gap": "time",
    "shared": "shared",
    "words": "words",
    "names": "place_name",
    "rarest": "rare_name",
    "topic": "topic",
    "amount_ratio": "amount",
    "people_ratio": "people",
    "organisation_ratio": "other_party",
}
"""Trees look at a level and at the value behind it: both are one kind of evidence."""

GROUP = np.array(
    [
        *(PARTS.index(comparison.name) for comparison in COMPARISONS),
        *(PARTS.index(PART_OF_RAW[name]) for name in RAW),
    ]
)
"""Number of the part that each of `trees.COLUMNS` adds to."""

LEVELS: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("levels.yml").read_text("utf-8"))

SMALL = 0.05
"""Bars smaller than this (log2) are drawn as one."""

START, NUMBER, THRESHOLD, VERDICT, REST, TOTAL = "start", "number", "threshold", "verdict", "rest", "total"
_STEPS = {
    START: ("起点", "两条记录成为候选时的平均权重"),
    NUMBER: ("官方编号", "一方写明另一方的编号"),
    THRESHOLD: ("判定线", "过线才算同一纠纷；此项把线折算到零"),
    VERDICT: ("人工裁定", "人的裁定代替打分"),
    REST: ("其余", "各不足 0.05 的各项之和"),
    TOTAL: ("合计", ""),
}


def take_apart(model: Model, vectors: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Takes the weights that ``model`` gives to pairs apart.

    Args:
        model: trees, refined weights, or m and u alone.
        vectors: n rows of comparison vectors in the columns `trees.COLUMNS`.

    Returns:
        The start (log2 odds), and what each part adds: float columns `PARTS`, n rows. Start and parts add up to the
        weight; a model without trees starts at its bias, or at 0 where it has none.
    """
    if model.trees is not None:
        base, parts = model.trees.explain(vectors[list(COLUMNS)], GROUP)
        return base, pd.DataFrame(parts, columns=list(PARTS), index=vectors.index)
    found = pd.DataFrame(0.0, index=vectors.index, columns=list(PARTS))
    for comparison in COMPARISONS:
        weights = model.weights(comparison)
        by_level = np.array([weights[level.code] for level in reversed(comparison.levels)] + [0.0])  # missing: the last
        found[comparison.name] = by_level[vectors[comparison.name].fillna(-1).to_numpy("int64")]
    return model.bias or 0.0, found


def level_name(part: str, level: float) -> str:
    """Returns what a level says; ``level`` as in a comparison vector: the last is 0, missing is -1."""
    names = list(LEVELS[part].values())
    return names[0] if level < 0 else names[len(names) - 1 - int(level)]


@dataclass(frozen=True)
class Decided:
    """What became of a pair's weight after the model. ``weight``: in the end, log2 odds; ``decided_by``: number, model
    or verdict; ``shift``: the threshold that the model's weight was lowered by."""

    weight: float
    decided_by: str
    shift: float


def bars(model: Model, vector: pd.DataFrame, decided: Decided, values: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Returns the bars of one pair's waterfall.

    Args:
        model: what weighed the pair.
        vector: its comparison vector, one row in the columns `trees.COLUMNS`.
        decided: what became of the weight.
        values: part -> what the two records say, for the reader.

    Returns:
        ``part`` (`PARTS`, and start, threshold, number, verdict, rest, total), ``label``, ``says`` (Chinese),
        ``value_l``, ``value_r``, ``weight`` (what the bar adds; of the total the sum), ``after`` (sum up to here). The
        parts stand in the order of what they add, the largest first, those against the link last.
    """
    base, parts = take_apart(model, vector)
    added = parts.iloc[0]
    shared = vector["shared_value"].iloc[0]
    rows = [(START, base)]
    rows += [(part, float(added[part])) for part in added.sort_values(ascending=False, kind="stable").index]
    rows.append((THRESHOLD, -decided.shift))
    rest = decided.weight - sum(weight for _, weight in rows)
    if decided.decided_by in (NUMBER, VERDICT):
        rows.append((decided.decided_by, rest))
    small = [weight for part, weight in rows if abs(weight) < SMALL and part != START]
    rows = [(part, weight) for part, weight in rows if abs(weight) >= SMALL or part == START]
    if any(small):
        rows.append((REST, sum(small)))
    found = pd.DataFrame(rows, columns=["part", "weight"])
    found["after"] = found["weight"].cumsum()
    total = found["weight"].sum()
    found.loc[len(found)] = {"part": TOTAL, "weight": total, "after": total}
    labels = LABELS | {name: label for name, (label, _) in _STEPS.items()}
    found.insert(1, "label", found["part"].map(labels))
    says = []
    for part in found["part"]:
        if part in _STEPS:
            says.append(_STEPS[part][1])
        elif part == "shared":
            says.append(f"这类事涉及众人的可能 {shared:.0%}")
        else:
            says.append(level_name(part, vector[part].iloc[0]))
    found.insert(2, "says", says)
    found.insert(3, "value_l", found["part"].map({part: one for part, (one, _) in values.items()}).fillna(""))
    found.insert(4, "value_r", found["part"].map({part: other for part, (_, other) in values.items()}).fillna(""))
    return found


def probability(weight: float) -> float:
    """Returns the chance of a match at a weight (log2 odds)."""
    return float(1 / (1 + np.exp2(-min(max(weight, -60.0), 60.0))))


def chart(found: pd.DataFrame) -> dict[str, Any]:
    """Returns the Vega-Lite specification of Splink's waterfall chart over the `bars` of one pair, in Chinese."""
    from splink.internals.charts import WaterfallChart

    records = []
    for order, bar in enumerate(found.to_dict("records")):
        records.append(
            {
                "column_name": bar["label"],
                "label_for_charts": bar["says"],
                "log2_bayes_factor": round(bar["weight"], 4),
                "bayes_factor": float(np.exp2(np.clip(bar["weight"], -60, 60))),
                "value_l": _short(bar["value_l"]),
                "value_r": _short(bar["value_r"]),
                "full_l": bar["value_l"],
                "full_r": bar["value_r"],
                "bar_sort_order": order,
                "record_number": 0,
            }
        )
    drawn: dict[str, Any] = WaterfallChart(records, filter_nulls=False).chart_dict
    drawn.pop("$schema")  # of a newer Vega-Lite than Splink's scripts are, which they would tell the console
    drawn.pop("params")  # a slider between pairs; here is one
    drawn["transform"] = [step for step in drawn["transform"] if "record_number" not in str(step.get("filter", ""))]
    drawn["title"] = {"text": "匹配权重的构成", "subtitle": "绿色支持、红色反对；右轴为累计的同一纠纷概率"}
    drawn["width"] = {"step": 92}
    text = json.dumps(drawn, ensure_ascii=False)
    for english, chinese in _CHINESE.items():
        text = text.replace(english, chinese)
    translated: dict[str, Any] = json.loads(text)
    return translated


_CHINESE = {
    "Final score": _STEPS[TOTAL][0],
    "Prior match weight": _STEPS[START][0],
    "'Prior'": f"'{_STEPS[START][0]}'",
    '"Column"': '"比较项"',
    '"Match Weight"': '"权重（以 2 为底）"',
    '"Probability"': '"同一纠纷的概率"',
    '"Comparison column"': '"比较项"',
    '"field": "value_l", "title": "Value (L)"': '"field": "full_l", "title": "甲"',
    '"field": "value_r", "title": "Value (R)"': '"field": "full_r", "title": "乙"',
    '"title": "Label"': '"title": "比较的结果"',
    '{"type": "nominal", "field": "sql_condition", "title": "SQL condition"}, ': "",
    '{"type": "nominal", "field": "comparison_vector_value", "title": "Comparison vector value"}, ': "",
    '"Bayes factor = m/u"': '"倍数"',
    '"Match weight = log2(m/u)"': '"权重"',
    '"Cumulative match probability"': '"至此的概率"',
    ', {"type": "nominal", "field": "bayes_factor_description", "title": "Match weight description"}': "",
}
"""Splink's words in its chart, and what does not apply to weights of trees, as they stand in the JSON."""


def _short(text: str) -> str:
    return text if len(text) <= 11 else text[:10] + "…"


def libraries() -> dict[str, str]:
    """Returns the scripts that draw the chart, by name, in the order in which a page must load them; they come with
    Splink."""
    from splink.internals.html_utils import load_chart_libraries

    loaded: dict[str, str] = load_chart_libraries()
    return {name: loaded[name] for name in ("vega", "vega-lite", "vega-embed")}


def waterfall_html(found: pd.DataFrame, *, title: str, anchor: str = "waterfall", whole: bool = True) -> str:
    """Returns the chart of one pair as HTML that asks the network for nothing.

    Args:
        found: see `bars`.
        title: of the page.
        anchor: id of the element that holds the chart, for pages with several.
        whole: a page with its scripts; else the element and its call alone, for a page that has `libraries` already.
    """
    specification = json.dumps(chart(found), ensure_ascii=False)
    for character in "<>&":  # a value must not end the script
        specification = specification.replace(character, f"\\u{ord(character):04x}")
    options = '{"actions": {"export": true, "source": false, "compiled": false, "editor": false}, "renderer": "svg", '
    options += '"i18n": {"CLICK_TO_VIEW_ACTIONS": "操作", "SVG_ACTION": "存为 SVG", "PNG_ACTION": "存为 PNG"}}'
    call = f'vegaEmbed("#{anchor}", {specification}, {options});'
    element = f'<div id="{anchor}" class="waterfall"></div>\n<script>{call}</script>'
    if not whole:
        return element
    scripts = "\n".join(f"<script>{script}</script>" for script in libraries().values())
    named = html.escape(title)
    head = f'<meta charset="utf-8"><title>{named}</title>\n{scripts}'
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}</head><body>\n<h1>{named}</h1>\n{element}\n</body></html>\n'
    )
