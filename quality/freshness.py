"""Which system did not deliver on a day when it usually does?

Here: the habit of a source, learnt from its own past. Not here: volumes against history, contracts of a delivery.
deliveries -> expected days -> one row per missing day, one result per source
"""

from datetime import date

import pandas as pd

WATCHED_WEEKS = 8  # 假定：以最近 8 周为“平常”
USUAL_SHARE = 0.75  # 假定：同一星期几在这段时间里有四分之三以上交付过，就算平常会交付
ENOUGH_WEEKS = 3  # 假定：同一星期几至少见过 3 次才判断
DAILY_DAYS = 10  # 假定：此前 10 天天天都交付的来源，算每日交付，不必等满三周


def expected(delivery: pd.DataFrame, *, as_of: date, history_sources: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Finds the days, up to ``as_of``, on which a source usually delivers.

    Usual means: on at least `USUAL_SHARE` of the same weekdays of the last `WATCHED_WEEKS` weeks before, with at least
    `ENOUGH_WEEKS` of them seen; or, before that, on each of the last `DAILY_DAYS` days. Only days after a source's
    first delivery count.

    Args:
        delivery: one row per file, with source and delivery_date; a held file is a delivery too.
        as_of: last day to judge.
        history_sources: sources whose delivery is a whole history; they have no habit.

    Returns:
        One row per expected day, by source and day: source, delivery_date (Timestamp), usual_share (0 to 1),
        is_delivered.
    """
    found: list[pd.DataFrame] = []
    for source, group in delivery.groupby("source"):
        delivered = pd.DatetimeIndex(pd.to_datetime(group["delivery_date"])).unique().sort_values()
        delivered = delivered[delivered <= pd.Timestamp(as_of)]
        if source in history_sources or delivered.empty:
            continue
        days = pd.DataFrame({"delivery_date": pd.date_range(delivered[0], pd.Timestamp(as_of))})
        days["source"] = source
        days["is_delivered"] = days["delivery_date"].isin(delivered)
        weekday = days["delivery_date"].dt.day_of_week
        hits = days["is_delivered"].astype("float64")
        by_weekday = hits.groupby(weekday).transform(
            lambda week: week.shift().rolling(WATCHED_WEEKS, min_periods=ENOUGH_WEEKS).mean()
        )
        daily = hits.shift().rolling(DAILY_DAYS).min()
        days["usual_share"] = by_weekday.fillna(daily)
        found.append(days[days["usual_share"] >= USUAL_SHARE])
    columns = ["source", "delivery_date", "usual_share", "is_delivered"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def missing(delivery: pd.DataFrame, *, as_of: date, history_sources: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Returns the expected days without a delivery: source, delivery_date (Timestamp), says (Chinese sentence)."""
    days = expected(delivery, as_of=as_of, history_sources=history_sources)
    late = days[~days["is_delivered"].astype(bool)].reset_index(drop=True)
    says = [_sentence(row.delivery_date, row.usual_share) for row in late.itertuples(index=False)]
    return late.assign(says=pd.Series(says, dtype="str"))[["source", "delivery_date", "says"]]


def results(delivery: pd.DataFrame, *, as_of: date, history_sources: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Returns one line of `quality_result` per source with a habit: days expected, days without a delivery."""
    days = expected(delivery, as_of=as_of, history_sources=history_sources)
    late = ~days["is_delivered"].astype(bool)
    counted = late.groupby(days["source"]).agg(["size", "sum"]).astype("int64").reset_index()
    counted.columns = ["suite", "evaluated_rows", "unexpected_count"]
    return counted.assign(
        as_of=as_of,
        expectation="delivered_as_usual",
        column_name="delivery_date",
        dimension="及时性",
        severity="warn",
        success=counted["unexpected_count"] == 0,
        unexpected_share=(counted["unexpected_count"] / counted["evaluated_rows"]).round(6),
        allowed_share=0.0,
        says="平常会交付的日子都有交付",
        detail=None,
    )


def _sentence(day: pd.Timestamp, usual: float) -> str:
    weekday = "一二三四五六日"[day.day_of_week]
    return f"{day:%Y-%m-%d} 没有交付；平常星期{weekday}有 {usual:.0%} 会交付，请向该系统的管理员询问"
