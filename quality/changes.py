"""What changed since the last delivery of a source, as sentences for the data team.

Here: the comparison of a source's newest delivery with the one before. Not here: the figures (`quality.scores`,
`quality.columns`), the page that shows the sentences (`quality.page`).
accounts, marks, expectations, columns of one source -> list of Change
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from quality.suites import DIMENSIONS
from quality.text import masked
from sources.reasons import name_of

MARK_STEP = 1.0  # a mark that moved by less is not told
ENOUGH_ROWS = 8  # 假定：一次交付不足 8 行，不据此说某列变空
STEP = 0.05  # 假定：至少变了 5 个百分点
SURE = 3.0  # 假定：并且超过 3 倍标准误，才说某列变空
SHOWN = 5  # columns named in one sentence


@dataclass(frozen=True)
class Change:
    """One sentence; ``tone``: bad got worse, good got better, plain neither."""

    tone: str
    text: str


def days(delivery: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp | None]:
    """Returns the newest delivery date of a source and the one before, None for a first delivery."""
    found = sorted(pd.to_datetime(delivery["delivery_date"]).unique())
    return found[-1], found[-2] if len(found) > 1 else None


def since_last(
    *,
    delivery: pd.DataFrame,
    quarantine: pd.DataFrame,
    unmapped: pd.DataFrame,
    scores: pd.DataFrame,
    measured: pd.DataFrame,
    expectations: pd.DataFrame,
    column_count: pd.DataFrame,
) -> list[Change]:
    """Compares the newest delivery of one source with the one before; all frames hold that source alone.

    Args:
        delivery: one row per file, see `quality.page.Findings`.
        quarantine: one row per quarantined row: delivery_date, rule, column_name.
        unmapped: one row per value: column_name, value, event_count, first_delivery_date.
        scores: one row per delivery date: the six dimensions and 总分.
        measured: what `quality.scores.measure` returns.
        expectations: rows of `quality_result` of the source's suite: expectation, says, allowed_share.
        column_count: ``count`` of `quality.columns.measure`.

    Returns:
        Sentences: rows, marks, reasons of quarantine, unmapped values, columns, expectations; a first delivery gives
        its rows and nothing else.
    """
    last, before = days(delivery)
    if before is None:
        return [Change("plain", f"首次交付，读入 {_rows_of(delivery, last)['rows_read']:,} 行")]
    return [
        *_rows(delivery, last, before),
        *_marks(scores, last, before),
        *_reasons(quarantine, last, before),
        *_values(unmapped, last),
        *_columns(column_count, last),
        *_expectations(measured, expectations, last, before),
    ]


def emptied(column_count: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """Compares how empty each column is in the delivery ``last`` with all earlier ones of the window.

    Returns:
        One row per side_list and column_name: share_now, share_before (NaN: not seen before), is_more_empty,
        is_less_empty: by `STEP` at least and beyond what `SURE` standard errors explain, in `ENOUGH_ROWS` rows or
        more.
    """
    frame = column_count.assign(is_last=pd.to_datetime(column_count["delivery_date"]) == last)
    keys = ["side_list", "column_name"]
    sums = frame.groupby([*keys, "is_last"])[["row_count", "empty_count"]].sum().unstack("is_last", fill_value=0)
    for name in (True, False):
        for part in ("row_count", "empty_count"):
            if (part, name) not in sums:
                sums[(part, name)] = 0
    now, then = (sums.xs(is_last, axis="columns", level="is_last").astype("float64") for is_last in (True, False))
    share_now = now["empty_count"] / now["row_count"].where(now["row_count"] > 0)
    share_then = then["empty_count"] / then["row_count"].where(then["row_count"] > 0)
    # one more of each kind: a column that was always filled may well be empty once
    prior = (then["empty_count"] + 1) / (then["row_count"] + 2)
    error: pd.Series = (prior * (1 - prior) / now["row_count"].where(now["row_count"] >= ENOUGH_ROWS)) ** 0.5
    needed = (SURE * error).clip(lower=STEP)
    return pd.DataFrame(
        {
            "share_now": share_now,
            "share_before": share_then,
            "is_more_empty": share_now - prior > needed,
            "is_less_empty": prior - share_now > needed,
        }
    ).reset_index()


def _rows_of(delivery: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    here = delivery[pd.to_datetime(delivery["delivery_date"]) == day]
    return here[["rows_read", "rows_accepted", "rows_superseded", "rows_quarantined"]].sum()


def _rows(delivery: pd.DataFrame, last: pd.Timestamp, before: pd.Timestamp) -> list[Change]:
    now, then = _rows_of(delivery, last), _rows_of(delivery, before)
    text = f"读入 {now['rows_read']:,} 行（{now['rows_read'] - then['rows_read']:+,}）"
    tone = "plain"
    if now["rows_quarantined"] or then["rows_quarantined"]:
        step = now["rows_quarantined"] - then["rows_quarantined"]
        text += f"，隔离 {now['rows_quarantined']:,} 行（{step:+,}）"
        tone = "bad" if step > 0 else "good" if step < 0 else "plain"
    found = [Change(tone, text)]
    here = delivery[pd.to_datetime(delivery["delivery_date"]) == last]
    for row in here[here["status"] != "accepted"].itertuples(index=False):
        found.append(Change("bad", f"{row.file} {'整批挂起' if row.status == 'held' else '无法读取'}"))
    return found


def _marks(scores: pd.DataFrame, last: pd.Timestamp, before: pd.Timestamp) -> list[Change]:
    by_day = scores.set_index("delivery_date")
    if last not in by_day.index or before not in by_day.index:
        return []
    now, then = by_day.loc[last], by_day.loc[before]
    moved = [
        (name, float(then[name]), float(now[name]))
        for name in ("总分", *DIMENSIONS)
        if abs(now[name] - then[name]) >= MARK_STEP
    ]
    return [
        Change("good" if new > old else "bad", f"{name} {old:.1f} → {new:.1f}（{new - old:+.1f}）")
        for name, old, new in moved
    ]


def _reasons(quarantine: pd.DataFrame, last: pd.Timestamp, before: pd.Timestamp) -> list[Change]:
    day = pd.to_datetime(quarantine["delivery_date"])
    now, then = quarantine[day == last], quarantine[day == before]
    known = set(zip(then["rule"], then["column_name"].fillna(""), strict=True))
    counts = now.assign(column_name=now["column_name"].fillna("")).groupby(["rule", "column_name"]).size()
    found = []
    for (rule, column), count in counts.items():
        if (rule, column) not in known:
            where = f"（{masked(column)}）" if column else ""
            found.append(Change("bad", f"新的隔离原因：{name_of(rule)}{where} {count:,} 行"))
    return found


def _values(unmapped: pd.DataFrame, last: pd.Timestamp) -> list[Change]:
    new = unmapped[pd.to_datetime(unmapped["first_delivery_date"]) == last]
    ordered = new.sort_values(["event_count", "column_name", "value"], ascending=[False, True, True], kind="stable")
    named = [f"{row.column_name}“{masked(row.value)}”" for row in ordered.head(3).itertuples(index=False)]
    if not named:
        return []
    more = f"等 {len(new)} 个" if len(new) > 3 else ""
    return [Change("bad", f"新的未登记值：{'、'.join(named)}{more}")]


def _columns(column_count: pd.DataFrame, last: pd.Timestamp) -> list[Change]:
    compared = emptied(column_count, last)
    pairs = zip(compared["side_list"], compared["column_name"], strict=True)
    named = [f"{part}·{name}" if part else name for part, name in pairs]
    compared = compared.assign(label=named)
    came = compared[compared["is_less_empty"] & (compared["share_before"].fillna(1) == 1)]
    went = compared[compared["is_more_empty"] & (compared["share_now"] == 1)]
    emptier = compared[compared["is_more_empty"] & (compared["share_now"] < 1)]
    found = []
    if len(came):
        found.append(Change("plain", f"新出现的列：{_listed(came['label'])}"))
    if len(went):
        shares = (f"{row.label}（此前 {1 - row.share_before:.0%} 有值）" for row in went.itertuples(index=False))
        found.append(Change("bad", f"整列没有值：{_listed(shares)}"))
    if len(emptier):
        shares = (
            f"{row.label}（{row.share_before:.0%} → {row.share_now:.0%}）" for row in emptier.itertuples(index=False)
        )
        found.append(Change("bad", f"空得更多的列：{_listed(shares)}"))
    return found


def _listed(names: Iterable[str]) -> str:
    named = list(names)
    return "、".join(named[:SHOWN]) + (f" 等 {len(named)} 列" if len(named) > SHOWN else "")


def _expectations(
    measured: pd.DataFrame, expectations: pd.DataFrame, last: pd.Timestamp, before: pd.Timestamp
) -> list[Change]:
    shares = measured[measured["evaluated_rows"] > 0]
    shares = shares.assign(share=shares["unexpected_count"] / shares["evaluated_rows"])
    day = pd.to_datetime(shares["delivery_date"])
    both = (
        shares[day == last][["expectation", "share"]]
        .merge(shares[day == before][["expectation", "share"]], on="expectation", suffixes=("_now", "_before"))
        .merge(expectations[["expectation", "says", "allowed_share"]], on="expectation")
    )
    fails, failed = (both[name] > both["allowed_share"] + 1e-9 for name in ("share_now", "share_before"))
    found = [
        Change("bad", f"开始达不到：{row.says}（{row.share_now:.1%} 不满足，容许 {row.allowed_share:.1%}）")
        for row in both[fails & ~failed].itertuples(index=False)
    ]
    return found + [
        Change("good", f"重新达到：{row.says}（{row.share_before:.1%} → {row.share_now:.1%}）")
        for row in both[failed & ~fails].itertuples(index=False)
    ]
