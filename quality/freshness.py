"""Which system did not deliver on a day when it usually does?

Here: the habit of a source, learnt from its own past. Not here: volumes against history, contracts of a delivery.
delivery table -> one row per missing day
"""

from datetime import date

import pandas as pd

WATCHED_WEEKS = 8  # 假定：以最近 8 周为“平常”
USUAL_SHARE = 0.75  # 假定：同一星期几在这段时间里有四分之三以上交付过，就算平常会交付
ENOUGH_WEEKS = 3  # 假定：同一星期几至少见过 3 次才判断


def missing(delivery: pd.DataFrame, *, as_of: date, history_sources: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Finds the days, up to ``as_of``, on which a source did not deliver though it usually does on that weekday.

    Usual means: on at least `USUAL_SHARE` of the same weekdays of the last `WATCHED_WEEKS` weeks of its own past, with
    at least `ENOUGH_WEEKS` of them seen. Only days after a source's first delivery count.

    Args:
        delivery: one row per file, with source and delivery_date.
        as_of: last day to judge.
        history_sources: sources whose delivery is a whole history; they have no habit.

    Returns:
        One row per missing day, by source and day: source, delivery_date (Timestamp), says (Chinese).
    """
    columns = ["source", "delivery_date", "says"]
    found: list[pd.DataFrame] = []
    for source, group in delivery.groupby("source"):
        if source in history_sources:
            continue
        delivered = pd.DatetimeIndex(pd.to_datetime(group["delivery_date"]).drop_duplicates()).sort_values()
        delivered = delivered[delivered <= pd.Timestamp(as_of)]
        if delivered.empty:
            continue
        days = pd.Series(0.0, index=pd.date_range(delivered[0], pd.Timestamp(as_of)))
        days.loc[delivered] = 1.0
        past = days.groupby(days.index.day_of_week, group_keys=False).apply(
            lambda week: week.shift().rolling(WATCHED_WEEKS, min_periods=ENOUGH_WEEKS).mean()
        )
        past = past.reindex(days.index)
        late = days.index[(days == 0) & (past >= USUAL_SHARE)]
        if len(late):
            found.append(
                pd.DataFrame({"source": source, "delivery_date": late}).assign(
                    says=[_sentence(day, past[day]) for day in late]
                )
            )
    if not found:
        return pd.DataFrame(columns=columns)
    return pd.concat(found, ignore_index=True)[columns]


def _sentence(day: pd.Timestamp, usual: float) -> str:
    weekday = "一二三四五六日"[day.day_of_week]
    return f"{day:%Y-%m-%d} 没有交付；此前星期{weekday}有 {usual:.0%} 会交付，请向该系统的管理员询问"
