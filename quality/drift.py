"""Has the distribution of a column changed between the newest deliveries and those before?

Here: the measure and the verdict, on counts. Not here: which columns are watched (the suites' YAML), numbers of rows
(`quality.volume`), single wrong values (the other rules).
rows by delivery and value -> Drift

The measure is the Jensen–Shannon divergence to base 2 (Lin 1991), between 0 and 1, over the values of a coded column,
an empty cell being a value of its own; it stays finite for a value never seen before. Two honest samples differ too:
for shares p drawn n and m times the divergence is close to (1/n + 1/m) · χ² / (8 ln 2) with a degree of freedom less
than there are values (its expansion around p = q). χ² is taken at `CHANCE`, times the overdispersion that the source
showed from week to week and from day to day before (Pearson's X² over its degrees of freedom), and what it gives is
subtracted. The window is whole weeks, so that weekdays cancel out; the baseline is short, so that a season is old news.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import stats

from quality.text import masked

CHANCE = 0.9999  # 假定：每次检查一万次里至多一次把偶然当作变化
RARE = 0.005  # 假定：两边合计不到千分之五、或在较小一边平均不到两行的值并作“其余”
EMPTY = "（空）"
OTHER = "（其余）"
_SHOWN_LENGTH = 20


@dataclass(frozen=True)
class Settings:
    """Newest ``window`` deliveries against up to ``baseline`` before; ``limit`` of divergence; rows on each side."""

    window: int = 7
    baseline: int = 56
    limit: float = 0.01
    min_rows: int = 50


@dataclass(frozen=True)
class Drift:
    """The verdict on one column.

    Attributes:
        rows: rows of the newest deliveries; 0: too little to judge.
        moved: how many of them stand elsewhere than the past lets one expect (total variation times rows).
        divergence: Jensen–Shannon divergence less what chance explains, 0 to 1.
        detail: what changed, in Chinese; None where nothing was judged.
    """

    rows: int
    moved: int
    divergence: float
    is_usual: bool
    detail: str | None


NOTHING = Drift(0, 0, 0.0, True, None)


def judge(counts: pd.DataFrame, settings: Settings) -> Drift:
    """Compares the newest deliveries of one source with those before them.

    Args:
        counts: ``delivery_date`` (date), ``value`` (text, null: an empty cell), ``rows``.
        settings: see `Settings`.
    """
    if counts.empty:
        return NOTHING
    table = (
        counts.assign(value=counts["value"].fillna(EMPTY))
        .pivot_table(index="delivery_date", columns="value", values="rows", aggfunc="sum", fill_value=0)
        .sort_index()
    )
    table = table.iloc[-(settings.window + settings.baseline) :]
    newest, before = table.iloc[-settings.window :], table.iloc[: -settings.window]
    if len(before) < settings.window or min(newest.to_numpy().sum(), before.to_numpy().sum()) < settings.min_rows:
        return NOTHING
    table = _without_rare(table, least=2 / min(newest.to_numpy().sum(), before.to_numpy().sum()))
    newest, before = table.iloc[-settings.window :], table.iloc[: -settings.window]
    now, then = newest.sum(), before.sum()
    n, m = int(now.sum()), int(then.sum())
    shares, past = now / n, then / m
    found = _divergence(shares.to_numpy(), past.to_numpy()) - _noise(before, settings.window, n, m)
    divergence = round(max(0.0, found), 6)
    moved = round(float(np.abs(shares - past).sum()) / 2 * n)
    usual = divergence <= settings.limit
    first, last = (pd.Timestamp(day).date() for day in (newest.index[0], newest.index[-1]))
    return Drift(n, moved, divergence, usual, _detail(shares, past, (first, last), (n, m), len(before), divergence))


def _without_rare(table: pd.DataFrame, *, least: float) -> pd.DataFrame:
    # by both sides together: values chosen for standing in the newer side alone would look like a change
    rare = table.sum() / table.to_numpy().sum() < max(RARE, least)
    return table.loc[:, ~rare].assign(**{OTHER: table.loc[:, rare].sum(axis="columns")}) if rare.any() else table


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(side > 0, side * np.log2(side / middle), 0.0).sum() for side in (p, q)]
    return float(sum(parts) / 2)


def _noise(before: pd.DataFrame, window: int, n: int, m: int) -> float:
    """The divergence that two honest samples of n and m rows of this source hardly ever exceed."""
    degrees = max(1, int((before.sum() > 0).sum()) - 1)
    weeks = before.groupby((np.arange(len(before)) - len(before)) // window).sum()
    spread = max(1.0, _overdispersion(before), _overdispersion(weeks))
    return float(stats.chi2.ppf(CHANCE, degrees) * spread * (1 / n + 1 / m) / (8 * np.log(2)))


def _overdispersion(table: pd.DataFrame) -> float:
    """Pearson's X² of groups × values over its degrees of freedom; 1: as if all rows were drawn alike."""
    seen = table.loc[table.sum(axis="columns") > 0, table.sum() > 0].to_numpy(dtype=float)
    if min(seen.shape) < 2:
        return 1.0
    expected = seen.sum(axis=1, keepdims=True) * seen.sum(axis=0, keepdims=True) / seen.sum()
    return float(((seen - expected) ** 2 / expected).sum() / ((seen.shape[0] - 1) * (seen.shape[1] - 1)))


def _detail(
    now: pd.Series, then: pd.Series, days: tuple[date, date], rows: tuple[int, int], deliveries: int, divergence: float
) -> str:
    change = (now - then).abs().sort_values(ascending=False, kind="stable")
    movers = [name for name in change.index[:3] if change[name] > 0]
    told = "，".join(f"{_shown(name)} {then[name]:.1%} → {now[name]:.1%}" for name in movers)
    return (
        f"{days[0]} 至 {days[1]} 的 {rows[0]:,} 行与此前 {deliveries} 次交付的 {rows[1]:,} 行相比，"
        f"Jensen–Shannon 散度（扣除偶然）{divergence:.3f}：{told or '没有变化'}"
    )


def _shown(value: object) -> str:
    text = masked(value)
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"
