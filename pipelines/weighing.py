"""What other risk weights would do to a month, before they are put to work: nothing is written.

Here: reading the lake, judging each dispute twice, putting the two side by side. Not here: what weights mean
(`transforms.risk`), printing (`commands.risk`).
lake, month, other settings -> disputes as known at the month's end -> two judgements -> tables
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from transforms import areas, dispute_record, risk
from warehouse.lake import Lake

LEVELS = ("低", "中", "高")
"""From the lowest to the highest."""


@dataclass(frozen=True)
class Weighed:
    """``as_of``: the day for which both judged. ``dispute``: one row per dispute with ``level``, ``tier``, ``score``,
    ``reasons`` now and with ``_new``. The others are tables to print, their columns in Chinese."""

    as_of: date
    dispute: pd.DataFrame
    level: pd.DataFrame
    tier: pd.DataFrame
    county: pd.DataFrame
    example: pd.DataFrame


def weigh(
    lake: Lake, *, month: date, now: datetime, config: dict[str, Any], history_sources: Collection[str], examples: int
) -> Weighed:
    """Judges the disputes of a month twice, by what was known when it ended.

    Those that were alive: reported in the month, or not resolved before it began.

    Args:
        lake: read only.
        month: its first day.
        now: the lake's now; a month that has not ended is judged for that day.
        config: the other settings, see `risk.changed`.
        history_sources: see `dispute_record.as_known`.
        examples: how many disputes whose score changes most are shown.

    Raises:
        LookupError: no dispute was alive in that month; the message is a sentence for the user.
    """
    start = pd.Timestamp(month)
    as_of = min(start + pd.offsets.MonthBegin(1), pd.Timestamp(now).normalize())
    with lake.connect() as con:
        moments = con.execute(
            "SELECT d.dispute_id, min(e.reported_at) AS first FROM core_dispute_event d JOIN current_event e"
            " USING (event_id) GROUP BY ALL ORDER BY ALL"
        ).df()
        moments = moments[moments["first"] < as_of][["dispute_id"]].assign(as_of=as_of).reset_index(drop=True)
        if as_of <= start or moments.empty:
            raise LookupError(f"{month:%Y-%m} 没有纠纷：湖中的数据截至 {now:%Y-%m-%d}。请换一个月份。")
        known = dispute_record.as_known(con, moments, history_sources=sorted(history_sources))
    alive = known["status"].ne("已化解") | (known["last_reported_at"] >= start) | (known["resolved_at"] >= start)
    known = known[alive].reset_index(drop=True)
    one, other = risk.assess(known), risk.assess(known, config)
    frame = pd.DataFrame({"dispute_id": known["dispute_id"], "county_code": known["county_code"]})
    for name, column in (
        ("level", "risk_level"), ("tier", "responsible_tier"), ("score", "risk_score"), ("reasons", "risk_explanation"),
    ):  # fmt: skip
        frame[name], frame[f"{name}_new"] = one[column], other[column]
    frame["rise"] = _rank(frame["level_new"], LEVELS) - _rank(frame["level"], LEVELS)
    frame["county"] = frame["county_code"].map(areas.table().set_index("area_code")["area_name"]).fillna("未写明")
    return Weighed(
        as_of=as_of.date(),
        dispute=frame,
        level=_moves(frame, "level", LEVELS[::-1], "等级"),
        tier=_moves(frame, "tier", risk.TIERS[::-1], "层级"),
        county=_by_county(frame),
        example=_examples(frame, examples),
    )


def _rank(values: pd.Series, order: tuple[str, ...]) -> pd.Series:
    return values.map({value: place for place, value in enumerate(order)}).astype("int64")


def _moves(frame: pd.DataFrame, name: str, order: tuple[str, ...], title: str) -> pd.DataFrame:
    """How many disputes go from each value to each other; the last row holds the sums."""
    table = pd.crosstab(frame[name], frame[f"{name}_new"]).reindex(index=order, columns=order, fill_value=0)
    table["现有"] = table.sum(axis="columns")
    table.loc["改后合计"] = table.sum()
    table.columns = [f"改后{column}" if column in order else column for column in table.columns]
    return table.rename_axis(f"现{title}").reset_index()


def _by_county(frame: pd.DataFrame) -> pd.DataFrame:
    marks = frame.assign(
        up=frame["rise"] > 0, down=frame["rise"] < 0, moved=frame["tier"] != frame["tier_new"],
        high=frame["level"].eq("高"), high_new=frame["level_new"].eq("高"),
    )  # fmt: skip
    names = ["up", "down", "moved", "high", "high_new"]
    grouped = marks.groupby("county", sort=True)
    table = grouped[names].sum().assign(count=grouped.size())
    table.loc["合计"] = table.sum()
    table = table[["count", *names]].astype("int64")
    table.columns = ["纠纷数", "升级", "降级", "层级改变", "高风险（现）", "高风险（改后）"]
    return table.rename_axis("区县").reset_index()


def _examples(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    changed = frame[(frame["rise"] != 0) | (frame["tier"] != frame["tier_new"])]
    change = (changed["score_new"] - changed["score"]).abs()
    order = changed.assign(size=change, step=changed["rise"].abs())
    order = order.sort_values(["step", "size", "dispute_id"], ascending=[False, False, True], kind="stable").head(count)
    return pd.DataFrame(
        {
            "纠纷编号": order["dispute_id"], "区县": order["county"],
            "等级": order["level"] + "→" + order["level_new"], "层级": order["tier"] + "→" + order["tier_new"],
            "分数": order["score"].map("{:g}".format) + "→" + order["score_new"].map("{:g}".format),
            "改后的理由": order["reasons_new"],
        }
    )  # fmt: skip
