"""How dangerous a dispute is, why, and which tier answers for it.

Here: the declared reasons of risk.yml put to work. Not here: the features they read (`transforms.dispute_record`), nor
warnings, which speak about single records and days (`transforms.warnings`).
dispute features, weights -> risk_level, risk_score, risk_reasons, responsible_tier, tier_due_at, risk_explanation
"""

import string
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sources import reference

TIERS = ("村", "乡", "县", "市")
"""From the lowest to the highest."""


@cache
def settings() -> dict[str, Any]:
    """The contents of risk.yml: reasons, levels, tiers, words.

    Raises:
        ValueError: see `check`.
    """
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("risk.yml").read_text("utf-8"))
    return check(loaded)


def check(config: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings where they can be worked with.

    Raises:
        ValueError: a reason has neither ``at_least`` nor ``is``, or lacks its sentence; 高 would begin below 中; a tier
            has no time limit. The message is a sentence for the user.
    """
    for reason in config["reasons"]:
        if ("at_least" in reason) == ("is" in reason) or not {"name", "column", "weight", "says"} <= set(reason):
            raise ValueError(
                f"risk.yml：理由 {reason.get('name', reason)} 须有 column、weight、says，以及 at_least 或 is 之一"
            )
    if config["levels"]["high_from"] < config["levels"]["middle_from"]:
        raise ValueError("risk.yml：levels 的 high_from 不得低于 middle_from")
    missing = [tier for tier in TIERS if tier not in config["tier"]["limit_workdays"]]
    if missing:
        raise ValueError(f"risk.yml：tier 的 limit_workdays 缺 {'、'.join(missing)}")
    return config


def changed(config: Mapping[str, Any], weights: Mapping[str, float], given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns other settings: some numbers replaced, the rest as in ``config``.

    Args:
        config: settings, left as they are.
        weights: by name: a reason's weight, or one of the numbers under ``levels``, ``tier``, ``resolved_factor``.
        given: the contents of another risk.yml, or a part of one; its reasons replace those of the same name.

    Raises:
        ValueError: a name is unknown, or what comes out cannot be worked with (`check`).
    """
    result: dict[str, Any] = deepcopy(dict(config))
    for name, value in given.items():
        if name not in result:
            raise ValueError(f"权重文件里的 {name} 不认识；可写：{'、'.join(sorted(result))}")
        if name == "reasons":
            kept = {reason["name"]: reason for reason in result["reasons"]}
            for reason in value:
                kept[reason["name"]] = kept.get(reason["name"], {}) | reason
            result["reasons"] = list(kept.values())
        elif isinstance(value, dict):
            result[name] = result[name] | value
        else:
            result[name] = value
    reasons = {reason["name"]: reason for reason in result["reasons"]}
    for name, number in weights.items():
        if name in reasons:
            reasons[name]["weight"] = number
        elif name in result["levels"]:
            result["levels"][name] = number
        elif name in result["tier"] and not isinstance(result["tier"][name], dict | list):
            result["tier"][name] = number
        elif name == "resolved_factor":
            result[name] = number
        else:
            names = [*reasons, *result["levels"], "city_score_from", "village_score_below", "resolved_factor"]
            raise ValueError(f"没有名为 {name} 的权重；可写：{'、'.join(names)}")
    return check(result)


def assess(frame: pd.DataFrame, config: dict[str, Any] | None = None) -> pd.DataFrame:
    """Assesses disputes (n rows with the feature columns of dispute_record.sql).

    Args:
        frame: features; ``as_of`` is the moment for which each row is judged.
        config: other settings than those of risk.yml, see `changed`.

    Returns:
        n rows, same index: ``risk_level`` 高 中 低, ``risk_score`` (sum of weights of the reasons that hold, the
        highest of each group), ``risk_reasons`` (Chinese, weightiest first, joined by ；), ``responsible_tier``,
        ``tier_due_at`` (end of the last working day that the tier has, from the first report on; null without one),
        ``is_tier_overrun``, ``risk_explanation`` (one sentence that says how level, tier and day follow).
    """
    config = settings() if config is None else config
    features = _features(frame, config)
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
    counted = [texts[i] + f"计{config['reasons'][i]['weight']:g}分" for i in order]
    why = _join([np.where(points[i] > 0, text, "") for i, text in zip(order, counted, strict=True)], len(frame), "，")
    tier = _tier(frame, score, level, config)
    due = _due(frame["first_reported_at"], tier, config)
    as_of = pd.to_datetime(frame["as_of"]).to_numpy().astype("datetime64[us]")
    return pd.DataFrame(
        {
            "risk_level": level,
            "risk_score": np.round(score, 1),
            "risk_reasons": np.where(joined == "", config["no_reason"], joined),
            "responsible_tier": tier,
            "tier_due_at": due,
            "is_tier_overrun": ~resolved & ~np.isnat(due) & (due < as_of),
            "risk_explanation": _explain(why, score, level, tier, due, resolved, config),
        },
        index=frame.index,
    )


def limits(tiers: Any, config: dict[str, Any] | None = None) -> Any:
    """Working days that each of these tiers (n) has from the first report on."""
    given = (settings() if config is None else config)["tier"]["limit_workdays"]
    return np.array([given[tier] for tier in tiers], dtype=int)


def _due(first_reported_at: pd.Series, tier: Any, config: dict[str, Any]) -> Any:
    """End of the tier's last working day, datetime64[us]."""
    days = pd.to_datetime(first_reported_at).to_numpy().astype("datetime64[D]")
    last = reference.add_workdays(days, limits(tier, config))
    return last.astype("datetime64[us]") + np.timedelta64(86_399, "s")


def _explain(why: Any, score: Any, level: Any, tier: Any, due: Any, resolved: Any, config: dict[str, Any]) -> list[str]:
    levels = config["levels"]
    reached = {
        "高": f"达到高风险的{levels['high_from']:g}分",
        "中": f"达到中风险的{levels['middle_from']:g}分",
        "低": f"不到中风险的{levels['middle_from']:g}分",
    }
    factor = f"，已化解，按{config['resolved_factor']:g}倍计"
    names = {"市": "市级", "县": "县级", "乡": "乡级", "村": "村级"}
    return [
        f"{reason or config['no_reason']}{factor if over and reason else ''}，共{points:g}分，{reached[grade]}；"
        f"由{names[who]}负责" + ("" if over or np.isnat(day) else f"，应于{str(day)[:10]}前化解")
        for reason, points, grade, who, day, over in zip(
            why, np.round(score, 1), level, tier, due, resolved, strict=True
        )
    ]


def _features(frame: pd.DataFrame, config: dict[str, Any]) -> pd.DataFrame:
    threats = frame["threat_words"].map(len).astype("int64")
    period = _sensitive(frame, threats, config)
    return frame.assign(
        threat_count=threats,
        threat_text=frame["threat_words"].map("、".join),
        amount_text=frame["amount"].map(_money),
        acceleration=(frame["events_last_7_days"] - frame["events_previous_7_days"]).where(
            frame["events_previous_7_days"] > 0, 0
        ),
        is_recurrence=frame["recurrence_of"].notna(),
        category_class=frame["category_code"].str[:2],
        period_name=period,
        sensitive_period=(period != "").astype("int64"),
    )


def _sensitive(frame: pd.DataFrame, threats: pd.Series, config: dict[str, Any]) -> Any:
    """Name of the sensitive period in which an unresolved dispute of weight is judged; empty text: none."""
    days = pd.to_datetime(frame["as_of"]).to_numpy().astype("datetime64[D]")
    weighty = (frame["persons_involved"] >= config["sensitive_persons"]) | (threats > 0)
    unresolved = frame["status"].ne("已化解").to_numpy()
    name: Any = np.full(len(frame), "", dtype=object)
    for period in config["sensitive_periods"]:
        classes = tuple(period.get("classes", ()))
        concerned = weighty | frame["category_code"].str.startswith(classes) if classes else weighty
        within = _within(days, period) & unresolved & concerned.fillna(False).to_numpy(dtype=bool)
        name[within & (name == "")] = period["name"]
    return name


def _within(days: Any, period: dict[str, Any]) -> Any:
    """Which days (datetime64[D]) lie in a period that comes every year."""
    if "holiday" in period:
        calendar = reference.calendar()
        named = calendar["is_holiday"] & calendar["holiday_name"].eq(period["holiday"])
        off = calendar.loc[named, "date"].to_numpy().astype("datetime64[D]")
        around = np.arange(-int(period["days_after"]), int(period["days_before"]) + 1)
        return np.isin(days, (off[:, None] - around[None, :]).ravel())
    within = np.zeros(len(days), dtype=bool)
    for year in np.unique(days[~np.isnat(days)].astype("datetime64[Y]")):
        first, last = (np.datetime64(f"{year}-{period[end]}", "D") for end in ("from", "to"))
        within |= (days >= first) & (days <= last)
    return within


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


def _join(texts: list[Any], count: int, mark: str = "；") -> Any:
    joined: Any = np.full(count, "", dtype=object)
    for text in texts:
        separator = np.where((joined != "") & (text != ""), mark, "").astype(object)
        joined = joined + separator + text.astype(object)
    return joined


def _tier(frame: pd.DataFrame, score: Any, level: Any, config: dict[str, Any]) -> Any:
    tier = config["tier"]
    high = level == "高"
    city = high & ((score >= tier["city_score_from"]) | frame["scale_code"].isin(tier["city_scale"]).to_numpy())
    village = (
        (level == "低")
        & (score < tier["village_score_below"])
        & (frame["event_count"].to_numpy(dtype=float) == 1)
        & frame["village_code"].notna().to_numpy()
    )
    return np.where(city, "市", np.where(level != "低", "县", np.where(village, "村", "乡")))
