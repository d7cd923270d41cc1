"""How dangerous a dispute is, why, and which tier answers for it.

Here: the declared reasons of risk.yml put to work. Not here: the features they read (`transforms.dispute_record`), nor
warnings, which speak about single records and days (`transforms.warnings`).
dispute features -> risk_level, risk_score, risk_reasons, responsible_tier
"""

import string
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml


@cache
def settings() -> dict[str, Any]:
    """The contents of risk.yml: reasons, levels, tiers, words.

    Raises:
        ValueError: a reason has neither ``at_least`` nor ``is``, or lacks its sentence.
    """
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("risk.yml").read_text("utf-8"))
    for reason in loaded["reasons"]:
        if ("at_least" in reason) == ("is" in reason) or not {"name", "column", "weight", "says"} <= set(reason):
            raise ValueError(
                f"risk.yml：理由 {reason.get('name', reason)} 须有 column、weight、says，以及 at_least 或 is 之一"
            )
    return loaded


def assess(frame: pd.DataFrame) -> pd.DataFrame:
    """Assesses disputes (n rows with the feature columns of dispute_record.sql).

    Returns:
        n rows, same index: ``risk_level`` 高 中 低, ``risk_score`` (sum of weights of the reasons that hold, the
        highest of each group), ``risk_reasons`` (Chinese, weightiest first, joined by ；), ``responsible_tier``.
    """
    config = settings()
    features = _features(frame)
    weights, texts = [], []
    for reason in config["reasons"]:
        values = features[reason["column"]]
        if "at_least" in reason:
            holds = pd.to_numeric(values, errors="coerce").fillna(-np.inf).to_numpy(dtype=float) >= reason["at_least"]
        else:
            holds = values.isin(reason["is"]).to_numpy()
        weights.append(np.where(holds, float(reason["weight"]), 0.0))
        texts.append(_sentences(reason["says"], features, holds))
    points = np.array(weights).reshape(len(config["reasons"]), len(frame))
    _keep_highest_of_group(points, [reason.get("group", reason["name"]) for reason in config["reasons"]])
    resolved = frame["status"].eq("已化解").to_numpy()
    score = points.sum(axis=0) * np.where(resolved, config["resolved_factor"], 1.0)
    levels = config["levels"]
    level = np.where(score >= levels["high_from"], "高", np.where(score >= levels["middle_from"], "中", "低"))
    order = sorted(range(len(texts)), key=lambda i: (-config["reasons"][i]["weight"], i))
    joined = _join([np.where(points[i] > 0, texts[i], "") for i in order], len(frame))
    return pd.DataFrame(
        {
            "risk_level": level,
            "risk_score": np.round(score, 1),
            "risk_reasons": np.where(joined == "", config["no_reason"], joined),
            "responsible_tier": _tier(frame, score, level),
        },
        index=frame.index,
    )


def _features(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(
        threat_count=frame["threat_words"].map(len).astype("int64"),
        threat_text=frame["threat_words"].map("、".join),
        amount_text=frame["amount"].map(_money),
        acceleration=(frame["events_last_7_days"] - frame["events_previous_7_days"]).where(
            frame["events_previous_7_days"] > 0, 0
        ),
        is_recurrence=frame["recurrence_of"].notna(),
        category_class=frame["category_code"].str[:2],
    )


def _money(amount: Any) -> str:
    if pd.isna(amount):
        return ""
    return f"{amount / 10000:g}万元" if amount >= 10000 else f"{amount:g}元"


def _sentences(template: str, features: pd.DataFrame, holds: Any) -> Any:
    """The template filled in for the rows where the reason holds, empty text elsewhere."""
    parts: Any = np.full(int(holds.sum()), "", dtype=object)
    held = features.loc[holds]
    for literal, column, _, _ in string.Formatter().parse(template):
        parts = parts + literal
        if column:
            parts = parts + held[column].astype(str).to_numpy(dtype=object)
    result = np.full(len(features), "", dtype=object)
    result[holds] = parts
    return result


def _keep_highest_of_group(points: Any, groups: list[str]) -> None:
    """Sets all but the highest reason of each group to 0, in place; points is reasons × disputes."""
    for group in dict.fromkeys(groups):
        rows = [i for i, name in enumerate(groups) if name == group]
        if len(rows) > 1:
            block = points[rows]
            best = block.argmax(axis=0)
            points[rows] = np.where(np.arange(len(rows))[:, None] == best, block, 0.0)


def _join(texts: list[Any], count: int) -> Any:
    joined: Any = np.full(count, "", dtype=object)
    for text in texts:
        separator = np.where((joined != "") & (text != ""), "；", "").astype(object)
        joined = joined + separator + text.astype(object)
    return joined


def _tier(frame: pd.DataFrame, score: Any, level: Any) -> Any:
    tier = settings()["tier"]
    high = level == "高"
    city = high & ((score >= tier["city_score_from"]) | frame["scale_code"].isin(tier["city_scale"]).to_numpy())
    village = (
        (level == "低")
        & (score < tier["village_score_below"])
        & (frame["event_count"].to_numpy(dtype=float) == 1)
        & frame["village_code"].notna().to_numpy()
    )
    return np.where(city, "市", np.where(level != "低", "县", np.where(village, "村", "乡")))
