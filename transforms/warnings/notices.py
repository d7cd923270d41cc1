"""Who is told of a warning, on which day, and in which order: never more a day than a centre can read.

Here: recipients by level and place, the daily cap, the queue of what it held back. Not here: what happened to a warning
(`life`), sheets and messages (pipelines). All that is declared stands in notices.yml.
steps of warnings, day by day -> one row per day, recipient and warning: told or held back
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from transforms import areas
from transforms.tables import CORE_WARNING_NOTICE

LEVELS = ("红", "橙", "黄", "蓝")
TIERS = ("市", "县", "乡", "村")
_DIGITS = {"县": 6, "乡": 9, "村": 12}
_ORDER = ["recipient_code", "severity", "rule_rank", "measure", "weight", "raised_on", "warning_id"]
_ASCENDING = [True, True, True, False, False, True, True]


@cache
def settings() -> dict[str, Any]:
    """The contents of notices.yml."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("notices.yml").read_text("utf-8"))
    return loaded


def tell(occasions: pd.DataFrame, runs: pd.Series) -> pd.DataFrame:
    """Tells each recipient of what happened, the most urgent first, and holds back what is beyond the day's cap.

    Args:
        occasions: why somebody should be told, one row each: ``warning_id``, ``rule``, ``level``, ``area_code`` (6, 9
            or 12 digits; anything else is the city's), ``day``, ``until`` (the day on which it is moot; null: never),
            ``measure``, ``weight`` (how much else is known against the dispute), ``why`` (新发 升级 再发).
        runs: the days of runs, ascending.

    Returns:
        `CORE_WARNING_NOTICE` rows, by day, recipient, rank. A warning is told once for each occasion; what waited
        longer than ``wait_days`` is dropped.
    """
    block = settings()
    addressed = _address(occasions)
    days = pd.DatetimeIndex(pd.to_datetime(runs)).to_numpy().astype("datetime64[D]")
    start = np.searchsorted(days, addressed["day"].to_numpy().astype("datetime64[D]"))
    until = pd.to_datetime(addressed["until"]).to_numpy().astype("datetime64[D]")
    cap = addressed["recipient_tier"].map(block["cap"]).to_numpy(dtype=int)
    codes, _ = pd.factorize(addressed["recipient_code"], sort=True)
    fresh = np.split(np.argsort(start, kind="stable"), np.searchsorted(np.sort(start), np.arange(1, len(days) + 1)))
    waiting = np.empty(0, dtype=int)
    told: list[tuple[np.ndarray[Any, Any], ...]] = []
    for number, day in enumerate(days):
        waits = day - days[np.minimum(start[waiting], len(days) - 1)]
        queue = np.concatenate([waiting[waits <= np.timedelta64(block["wait_days"], "D")], fresh[number]])
        queue = np.sort(queue[~(until[queue] <= day)])  # rows are in order of urgency within a recipient
        if not len(queue):
            waiting = queue
            continue
        firsts = np.flatnonzero(np.r_[True, np.diff(codes[queue]) != 0])
        rank = np.arange(len(queue)) - np.repeat(firsts, np.diff(np.r_[firsts, len(queue)])) + 1
        held = rank > cap[queue]
        told.append((queue, np.full(len(queue), day), rank, held))
        waiting = queue[held]
    if not told:
        return CORE_WARNING_NOTICE.empty()
    row, when, rank, held = (np.concatenate(part) for part in zip(*told, strict=True))
    frame = addressed.iloc[row].reset_index(drop=True)
    reason = [
        f"当日至多告知 {most} 条，此条排第 {place}" if place > most else None
        for most, place in zip(cap[row], rank, strict=True)
    ]
    frame = frame.assign(
        notice_date=when,
        rank=rank,
        is_held_back=held,
        held_back_reason=pd.Series(reason, dtype="str"),
        told_because=frame["why"],
    )
    frame = frame.sort_values(["notice_date", "recipient_code", "rank"], kind="stable", ignore_index=True)
    return frame[CORE_WARNING_NOTICE.column_names]


def _address(occasions: pd.DataFrame) -> pd.DataFrame:
    """One row per occasion and recipient, in order of urgency within each recipient."""
    block = settings()
    tiers = pd.DataFrame([(level, tier) for level in LEVELS for tier in block["recipients"][level]])
    frame = occasions.merge(tiers.set_axis(["level", "wanted"], axis="columns"), on="level")
    frame["recipient_tier"], frame["recipient_code"] = _centre(frame["area_code"], frame["wanted"])
    ranks = {rule: number for number, rule in enumerate(block["rules"])}
    frame = frame.assign(
        severity=frame["level"].map({level: number for number, level in enumerate(LEVELS)}),
        rule_rank=frame["rule"].map(ranks).fillna(len(ranks)),
        measure=pd.to_numeric(frame["measure"]).fillna(0.0),
        day=pd.to_datetime(frame["day"]),
        raised_on=pd.to_datetime(frame["day"]),
    )
    frame = frame.drop_duplicates(["warning_id", "day", "why", "recipient_code"])
    return frame.sort_values(_ORDER, ascending=_ASCENDING, kind="stable", ignore_index=True)


def _centre(area: pd.Series, wanted: pd.Series) -> tuple[Any, Any]:
    """Tier and code of the centre that is told: the wanted tier, else the next one above that the place is known to."""
    table = areas.table()
    city = table.loc[table["level"] == "city", "area_code"].iloc[0]
    codes = area.astype("str").where(area.astype("str").str.fullmatch(r"[0-9]{6}(?:[0-9]{3}){0,2}"), "")
    codes = codes.where(~((codes.str.len() == 12) & codes.str.endswith("000")), codes.str[:9])
    known = codes.str.len().to_numpy()
    steps = np.array([0, *_DIGITS.values()])
    most = np.searchsorted(steps, known, side="right") - 1
    numbers = wanted.map({name: number for number, name in enumerate(TIERS)}).to_numpy(dtype=int)
    tier = np.minimum(numbers, most)
    code = np.select([tier == 3, tier == 2, tier == 1], [codes, codes.str[:9] + "000", codes.str[:6]], default=city)
    return np.array(TIERS, dtype=object)[tier], code
