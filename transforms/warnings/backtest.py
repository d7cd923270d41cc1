"""How good were the warnings of some days: how many, how early, how many of those that mattered, how many for nothing.

Here: counting a replay against what came of the disputes afterwards, or against truth. Not here: the replay (`life`),
printing (`commands.backtest`). What counts as an outcome is declared in outcomes.yml.
Replay + outcome.sql (or truth) -> one row per rule; one row per tier of recipients

What looks ahead here is the measuring, never the warning: outcomes are read from all that is known today.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transforms.warnings import notices, rules
from transforms.warnings.life import SURGE


@cache
def settings() -> dict[str, Any]:
    """The contents of outcomes.yml."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("outcomes.yml").read_text("utf-8"))
    return loaded


def raised(warning: pd.DataFrame, step: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """One row per rule: how many it raised in these days (``raised``, ``per_day``), how many were raised again
    (``returned``) and closed since (``closed``), and what people judged (``judged``, ``true``, ``precision``)."""
    days = (last - first).days + 1
    mine = _within(warning, "first_seen_at", first, last)
    returned = _within(step[step["what"] == "再发"], "day", first, last)["warning_id"]
    frame = mine.assign(
        is_closed=mine["closed_at"].notna(), is_judged=mine["judgement"].notna(),
        is_returned=mine["warning_id"].isin(returned), is_right=mine["judgement"].isin(["属实", "已知"]),
    ).groupby("rule")  # fmt: skip
    counted = frame.agg(
        raised=("warning_id", "size"), returned=("is_returned", "sum"), closed=("is_closed", "sum"),
        judged=("is_judged", "sum"), right=("is_right", "sum"),
    )  # fmt: skip
    counted = counted.reindex(list(rules.settings()), fill_value=0)
    return counted.assign(
        per_day=counted["raised"] / days,
        judged_precision=counted["right"] / counted["judged"].where(counted["judged"] > 0),
    )


def against_outcomes(warning: pd.DataFrame, outcome: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """One row per rule about disputes, by what came of them.

    Columns: ``followed`` (share of its warnings after which one of the rule's outcomes came within ``within_days``),
    ``lead_days`` (median days from the warning to the first of them), ``usual`` (the same share for the disputes first
    known in these days that the rule did not warn of, from the day they were known), ``serious`` (disputes in which
    something serious came in these days), ``foreseen`` (share of them that the rule had warned of before).
    """
    block = settings()
    within = np.timedelta64(int(block["within_days"]), "D")
    outcome = outcome.assign(day=pd.to_datetime(outcome["day"]))
    about = warning.dropna(subset=["dispute_id"])
    known = outcome.groupby("dispute_id", as_index=False).agg(first_seen_at=("day", "min"))
    known = _within(known, "first_seen_at", first, last)
    serious = outcome[outcome["outcome"].isin(block["serious"])]
    serious = _within(serious.groupby("dispute_id", as_index=False).agg(day=("day", "min")), "day", first, last)
    rows = []
    for rule in [name for name in rules.settings() if name != SURGE]:
        kinds = outcome[outcome["outcome"].isin(block["after"].get(rule, block["serious"]))]
        every = about[about["rule"] == rule]
        mine = _within(every, "first_seen_at", first, last)
        lead = _lead(mine[["warning_id", "dispute_id", "first_seen_at"]], kinds, within)
        others = known[~known["dispute_id"].isin(every["dispute_id"])].assign(
            warning_id=lambda frame: frame["dispute_id"]
        )
        usual = _lead(others, kinds, within)
        warned = every.groupby("dispute_id")["first_seen_at"].min()
        before = pd.Series(warned.reindex(serious["dispute_id"]).to_numpy() < serious["day"].to_numpy())
        rows.append(
            {
                "rule": rule, "followed": _share(lead.notna()), "lead_days": lead.median(),
                "usual": _share(usual.notna()), "serious": len(serious), "foreseen": _share(before),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("rule")


def against_truth(
    warning: pd.DataFrame, truth: pd.DataFrame, surge: pd.DataFrame, member: pd.DataFrame, first: date, last: date
) -> pd.DataFrame:
    """One row per rule of the truth.

    A warning and a line of the truth are one where they are about one record, else about records that the lake has in
    one dispute; each counts once. A surge is found where an area that holds the true one, or lies in it, is raised for
    its category from its first day until ``surge_days`` after its last.

    Args:
        warning: `CORE_WARNING` rows.
        truth: ``rule``, ``raised_for`` (a source's record number), ``first_known_date``.
        surge: ``category_code``, ``area_code``, ``start_date``, ``end_date``.
        member: ``source_record_id``, ``dispute_id`` of the lake.
        first: first day; of the truth and of the warnings.
        last: last day.

    Returns:
        ``true`` (lines of the truth), ``raised``, ``found``, ``recall``, ``precision``, ``late_days`` (median days
        from the truth's day to the warning; negative: before it).
    """
    of = member.drop_duplicates("source_record_id").set_index("source_record_id")["dispute_id"]
    order = [*rules.settings(), *sorted(set(truth["rule"]) - set(rules.settings()))]
    present = {*truth["rule"], *([SURGE] if len(surge) else [])}
    rows = []
    for rule in [name for name in order if name in present]:
        every = warning[warning["rule"] == rule]
        mine = _within(every, "first_seen_at", first, last)
        if rule == SURGE:
            late, wanted, right = _surges(every, mine, surge, first, last)
        else:  # what lies just outside of the days on one side is still that same matter
            lines = truth[truth["rule"] == rule].assign(day=lambda frame: pd.to_datetime(frame["first_known_date"]))
            wanted = len(_within(lines, "day", first, last))
            late = _pair(every, _within(lines, "day", first, last), of)
            right = len(_pair(mine, lines, of))
        count = len(mine)
        rows.append(
            {
                "rule": rule, "true": wanted, "raised": count, "found": len(late),
                "recall": len(late) / wanted if wanted else None, "precision": right / count if count else None,
                "late_days": late.median(),
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("rule")


def told(notice: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """One row per tier of recipients: ``recipients``, ``told``, ``per_day`` (mean of those days and recipients on which
    anything was told), ``most`` in a day, ``held_back`` (put off by the cap at least once), ``never`` (of these never
    told)."""
    mine = _within(notice, "notice_date", first, last)
    key = ["recipient_tier", "recipient_code", "warning_id", "raised_on", "told_because"]
    days = mine[~mine["is_held_back"]].groupby(["recipient_tier", "recipient_code", "notice_date"]).size()
    each = mine.groupby(key)["is_held_back"].agg(["any", "all"]).groupby("recipient_tier").sum()
    by_tier = days.groupby("recipient_tier")
    frame = pd.DataFrame(
        {
            "recipients": mine.groupby("recipient_tier")["recipient_code"].nunique(), "told": by_tier.sum(),
            "per_day": by_tier.mean(), "most": by_tier.max(), "held_back": each["any"], "never": each["all"],
        }
    )  # fmt: skip
    return frame.reindex([tier for tier in notices.TIERS if tier in frame.index])


def _lead(warning: pd.DataFrame, outcome: pd.DataFrame, within: np.timedelta64) -> pd.Series:
    """Days from each warning to the first outcome of its dispute after it; null where none came in time."""
    pairs = warning.merge(outcome[["dispute_id", "day"]], on="dispute_id")
    wait = pairs["day"] - pairs["first_seen_at"]
    pairs = pairs.assign(days=wait.dt.days.astype(float))[(wait > np.timedelta64(0, "D")) & (wait <= within)]
    first: pd.Series = pairs.groupby("warning_id")["days"].min().reindex(warning["warning_id"])
    return first


def _pair(warning: pd.DataFrame, lines: pd.DataFrame, of: pd.Series) -> pd.Series:
    """Days by which each found line of the truth was late: pairs about one record first, then about one dispute."""
    left = warning[["raised_for", "dispute_id", "first_seen_at"]].reset_index(drop=True)
    right = lines[["raised_for", "day"]].reset_index(drop=True)
    right = right.assign(dispute_id=right["raised_for"].map(of))
    found = []
    for key in ("raised_for", "dispute_id"):
        one = left.dropna(subset=[key]).sort_values("first_seen_at", kind="stable")
        other = right.dropna(subset=[key]).sort_values("day", kind="stable")
        one = one.assign(nth=one.groupby(key).cumcount(), left=one.index)[[key, "nth", "left", "first_seen_at"]]
        other = other.assign(nth=other.groupby(key).cumcount(), right=other.index)[[key, "nth", "right", "day"]]
        both = one.merge(other, on=[key, "nth"])
        found.append((both["first_seen_at"] - both["day"]).dt.days.astype(float))
        left, right = left.drop(index=both["left"]), right.drop(index=both["right"])
    return pd.concat(found, ignore_index=True)


def _surges(
    every: pd.DataFrame, mine: pd.DataFrame, surge: pd.DataFrame, first: date, last: date
) -> tuple[pd.Series, int, int]:
    """Days by which each found surge was late; how many there were; how many of ``mine`` are about a true one."""
    surge = surge.astype({"category_code": "str", "area_code": "str"}).assign(day=pd.to_datetime(surge["start_date"]))
    starts = _within(surge, "day", first, last)
    limit = pd.Timedelta(days=int(settings()["surge_days"]))
    pairs = surge.assign(number=surge.index).merge(
        every[["warning_id", "category_code", "area_code", "first_seen_at"]], on="category_code", suffixes=("", "_of")
    )
    of_town = r"(?<=^\d{9})000$"
    one, other = (pairs[name].str.replace(of_town, "", regex=True) for name in ("area_code", "area_code_of"))
    near = [left.startswith(right) or right.startswith(left) for left, right in zip(one, other, strict=True)]
    wait = pairs["first_seen_at"] - pairs["day"]
    in_time = (wait > pd.Timedelta(0)) & (pairs["first_seen_at"] <= pd.to_datetime(pairs["end_date"]) + limit)
    pairs = pairs[np.array(near, dtype=bool) & in_time]
    late: pd.Series = wait[pairs.index].dt.days.groupby(pairs["number"]).min().astype(float)
    return late[late.index.isin(starts.index)], len(starts), int(mine["warning_id"].isin(pairs["warning_id"]).sum())


def _within(frame: pd.DataFrame, name: str, first: date, last: date) -> pd.DataFrame:
    days = pd.to_datetime(frame[name])
    return frame[(days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))]


def _share(flags: pd.Series) -> float | None:
    return float(flags.mean()) if len(flags) else None
