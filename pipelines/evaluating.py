"""How good is the matching of a lake, against a truth table beside three baselines, or against people's verdicts?

Here: reading truth and lake, the order of the tables. Not here: the measures and baselines (`transforms.matching`).
truth or verdicts + lake -> tables for the command line
"""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from transforms.matching import baselines, evaluation, verdicts
from transforms.tables import CORE_DISPUTE_EVENT, CORE_VERDICT
from warehouse.lake import Lake

MEASURES = {"pairwise": "成对", "bcubed": "B³"}
SLICES = {
    "all": "全部",
    "across_systems": "跨系统",
    "small_disputes": "不超过 15 条记录的纠纷",
    "no_phone": "没有电话",
    "no_name": "没有姓名",
    "only_town": "只知乡镇",
    "mass": "群体性",
    "role_reversed": "双方互告",
    "family": "家人来电",
    "homophone": "同音姓名",
    "hard_negative": "易混的不同纠纷",
    "office_phone": "公用电话",
    "recurrence": "复发",
    "transfer": "系统间移送",
    "official_number": "写明官方编号",
    "wrong_number": "官方编号写错",
    "threat": "扬言极端",
    "threat_decoy": "似扬言而不是",
}
COLUMNS = {
    "measure": "度量",
    "slice": "切片",
    "records": "记录数",
    "true_pairs": "真对数",
    "found_pairs": "判为同一的对数",
    "precision": "查准",
    "recall": "查全",
    "f1": "F1",
}


def compare(root: Path, file: Path, *, with_baselines: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yields titled tables: the lake by slice, blocking, and the methods side by side.

    Raises:
        warehouse.lake.LakeRefused: there is no lake at ``root``.
    """
    lake = Lake.standing(root)
    truth = evaluation.read_truth(file)
    ours = evaluation.evaluate(truth, lake.read("core_dispute_event"))
    shown = ours.loc[ours["true_pairs"] > 0].round(4)
    shown = shown.assign(measure=shown["measure"].map(MEASURES), slice=shown["slice"].replace(SLICES))
    yield "本湖的匹配，按切片", shown.rename(columns=COLUMNS)
    with lake.connect() as con:
        methods = {"本湖": ours}
        if with_baselines:
            found = baselines.run_all(con, truth)
            methods |= {name: evaluation.evaluate(truth, frame) for name, frame in found.items()}
    yield "同场比较", _side_by_side(methods)


DECIDED_BY = {"all": "全部", "number": "官方编号", "model": "模型", "none": "没有打分（不相连）"}
AGREEMENT = {
    "decided_by": "原由什么决定",
    "pairs": "裁定的对数",
    "same": "裁定同一",
    "joined": "原判同一",
    "true_joined": "两者都判同一",
    "precision": "查准",
    "recall": "查全",
    "agreed": "裁定前一致",
    "agrees_now": "现在一致",
}


def against_verdicts(root: Path) -> pd.DataFrame:
    """How often the matching agreed with the standing verdicts before they were given, by what decided the pair.

    Empty where nobody gave a verdict.

    Raises:
        warehouse.lake.LakeRefused: there is no lake at ``root``.
    """
    lake = Lake.standing(root)
    member = lake.read(CORE_DISPUTE_EVENT, columns=["event_id", "dispute_id"])
    found = verdicts.agreement(lake.read(CORE_VERDICT), member).round(4)
    found = found[found["pairs"] > 0].assign(decided_by=lambda rows: rows["decided_by"].map(DECIDED_BY))
    return found.rename(columns=AGREEMENT)


def _side_by_side(methods: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for name, measured in methods.items():
        row: dict[str, object] = {"方法": name}
        for measure, label in (("pairwise", "成对"), ("bcubed", "B³")):
            picked = measured.loc[(measured["measure"] == measure) & (measured["slice"] == "all")].iloc[0]
            row |= {
                f"{label}查准": round(float(picked["precision"]), 4),
                f"{label}查全": round(float(picked["recall"]), 4),
                f"{label} F1": round(float(picked["f1"]), 4),
            }
        rows.append(row)
    return pd.DataFrame(rows)
