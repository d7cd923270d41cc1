"""Surges: an area × category whose count is far above what its past, weekday, season and holidays explain.

Here: the detector and the life of an alarm, on counts alone. Not here: which records are counted (surge_record.sql),
levels, ids and sentences (`transforms.warnings.life`).
records -> counts by area, category, day as they became known -> alarms -> one surge at the smallest area that explains

Model. The count of a series (area × category) on a day is taken as negative binomial. Its mean is
``rate × day factor × season factor``:

- rate: gamma posterior of the series' own past (``baseline_days`` ending ``guard_days`` before), the prior being the
  city's rate of the category times the area's share of all records. The posterior's uncertainty goes into the variance
  (a gamma-Poisson predictive distribution), so that a young series is not trusted too much.
- day factor: the day's total of all other categories against its mean, shrunk to a factor for its kind of day (working
  day, weekend, public holiday, from the official calendar). It also takes up growth and a system that did not deliver.
- season factor: what the same category did elsewhere in the last days against its own past.

The variance is ``dispersion × mean + mean² / shape`` (quasi-Poisson, estimated mean, as in Farrington et al. 1996
and Noufaily et al. 2013). The upper tail of the sums over 1 to 7 days is compared with a limit that spends a budget of
false alarms per county and month over all series seen so far at that level (Bonferroni over series, windows, days).

No look-ahead: the loop runs over the days of runs, and a day's decision reads only what was known by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sources import reference

LEVELS = ("county", "town", "village")
COLUMNS = [
    "area", "level", "category", "first_seen_at", "last_seen_at", "closed_at", "count", "expected", "days", "day",
    "grown",
]  # fmt: skip


def detect(records: pd.DataFrame, run_days: Iterable[date], settings: Mapping[str, Any]) -> pd.DataFrame:
    """Finds the surges that daily runs would have raised.

    Args:
        records: one row per record: ``pool`` (records of different pools are never compared), ``known_date``, ``day``
            (both dates), ``reported_at``, ``county``, ``town``, ``village``, ``category`` (text, null where unknown),
            ``matter`` (records of one matter count up to ``records_per_matter``), ``event_id``.
        run_days: days on which a run took place; alarms are raised and closed on such a day.
        settings: the block ``surge`` of warnings.yml.

    Returns:
        One row per surge in order of first_seen_at, columns `COLUMNS`: dates as datetime64, ``closed_at`` NaT while it
        lasts; ``count`` records against ``expected`` in the ``days`` days up to ``day``, its strongest moment;
        ``grown`` how that came to be, a list of (day of the run, count, expected, days, day), the last as in the row.
    """
    ordered = records.sort_values(["known_date", "reported_at", "event_id"], kind="stable")
    capped = ordered[ordered.groupby("matter").cumcount() < int(settings["records_per_matter"])]
    runs = pd.to_datetime(pd.Series(sorted(run_days)))
    frames = [
        _Pool(pool.reset_index(drop=True), settings).replay(runs) for _, pool in capped.groupby("pool", sort=True)
    ]
    found = [frame for frame in frames if len(frame)]
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(found, ignore_index=True).sort_values(["first_seen_at", "area", "category"], ignore_index=True)


@dataclass
class _Episode:
    """One surge; days count from the pool's first day. The figures are those of its strongest moment."""

    series: int
    first_seen: int
    last_seen: int
    last_high: int
    count: float
    expected: float
    window: int
    day: int
    day_peak: float = 0.0
    closed: int | None = None
    grown: list[tuple[int, float, float, int, int]] = field(default_factory=list)


@dataclass
class _Test:
    """The verdict on some series (rows) for the windows (columns) that end on one day."""

    series: Any
    tail: Any
    count: Any
    expected: Any

    def __post_init__(self) -> None:
        self.best = self.tail.argmin(axis=1)
        """Column of each series' most surprising window."""
        self.row_of = {int(number): row for row, number in enumerate(self.series.tolist())}

    def row(self, number: int) -> int | None:
        """Row of a series; None when it was not tested."""
        return self.row_of.get(number)


class _Pool:
    """The series of one pool of records, what is known of them so far, and the surges seen so far."""

    def __init__(self, records: pd.DataFrame, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.first = pd.to_datetime(records["day"].min())
        self.day = self._number(records["day"])
        self.known = self._number(records["known_date"])
        self.length = int(max(self.day.max(), self.known.max())) + 1
        self.category, self.category_names = pd.factorize(records["category"], sort=True)
        several_counties = records["county"].nunique() > 1
        self.block = pd.factorize(records["county" if several_counties else "town"].fillna(""), sort=True)[0]
        self._index_series(records)
        categories, areas = len(self.category_names), len(self.area_names)
        self.counts = np.zeros((len(self.area), self.length), dtype=np.float32)
        self.placed = np.zeros((len(self.area), self.length), dtype=np.float32)
        self.surging = np.zeros((len(self.area), self.length), dtype=bool)
        self.spent = np.zeros((len(self.area), self.length), dtype=bool)
        self.totals = np.zeros(self.length)
        self.by_category = np.zeros((categories, self.length))
        self.by_block = np.zeros((int(self.block.max()) + 1, categories, self.length), dtype=np.float32)
        self.by_area = np.zeros((areas, self.length))
        self.kind_of_day = _kinds_of_day(self.first, self.length)
        self.episodes: list[_Episode] = []
        self.going_on: list[_Episode] = []
        self.tested = 0

    def _number(self, dates: pd.Series) -> Any:
        start = self.first.to_datetime64().astype("datetime64[D]")
        return (pd.to_datetime(dates).to_numpy().astype("datetime64[D]") - start).astype(np.int64)

    def _index_series(self, records: pd.DataFrame) -> None:
        """Numbers the areas and those series that can ever reach a count worth testing."""
        count, categories = len(records), len(self.category_names)
        self.record_area = np.full((count, len(LEVELS)), -1)
        names: list[str] = []
        for depth, level in enumerate(LEVELS):
            codes, values = pd.factorize(records[level], sort=True)
            self.record_area[:, depth] = np.where(codes >= 0, codes + len(names), -1)
            names += [str(value) for value in values]
        self.area_names = names
        level_of_area = np.zeros(len(names), dtype=int)
        above = np.full(len(names), -1)
        for depth in range(len(LEVELS)):
            here = self.record_area[:, depth]
            level_of_area[here[here >= 0]] = depth
            if depth:
                pairs = pd.DataFrame({"area": here, "above": self.record_area[:, depth - 1]})
                usual = pairs[(pairs >= 0).all(axis="columns")].groupby("area")["above"].agg(lambda x: x.mode().iat[0])
                above[usual.index.to_numpy(dtype=int)] = usual.to_numpy(dtype=int)
        key = np.where(self.record_area >= 0, self.record_area * categories + self.category[:, None], -1)
        kept = _promising(key, self.day, max(self.settings["windows"]), int(self.settings["min_child_count"]))
        self.record_series = np.where(np.isin(key, kept), np.searchsorted(kept, key), -1)
        self.area = kept // categories
        self.series_category = kept % categories
        self.level = level_of_area[self.area]
        parent_key = np.where(above[self.area] >= 0, above[self.area] * categories + self.series_category, -1)
        found = np.searchsorted(kept, parent_key)
        hit = (found < len(kept)) & (parent_key >= 0)
        hit[hit] = kept[found[hit]] == parent_key[hit]
        self.parent = np.where(hit, found, -1)
        self.children: dict[int, list[int]] = {}
        for child in np.flatnonzero(hit).tolist():
            self.children.setdefault(int(self.parent[child]), []).append(child)
        self.series_block = np.full(len(kept), -1)
        for depth in range(len(LEVELS)):
            rows = self.record_series[:, depth] >= 0
            self.series_block[self.record_series[rows, depth]] = self.block[rows]
        self.first_known = [_first_known(key[:, depth], self.known) for depth in range(len(LEVELS))]
        self.first_known_county = _first_known(self.record_area[:, 0], self.known)

    def replay(self, runs: pd.Series) -> pd.DataFrame:
        """Goes through the days of runs; returns the surges (see `detect`)."""
        if len(self.area) == 0:
            return pd.DataFrame(columns=COLUMNS)
        order = np.argsort(self.known, kind="stable")
        numbers = np.unique(self._number(runs))
        ends = np.searchsorted(self.known[order], numbers, side="right")
        begin = 0
        for run, end in zip(numbers.tolist(), ends.tolist(), strict=True):
            fresh = order[begin:end]
            begin = end
            self._learn(fresh)
            recent = fresh[(self.day[fresh] >= run - int(self.settings["late_days"])) & (self.day[fresh] < run)]
            for tested in np.unique(self.day[recent]).tolist():
                touched = np.unique(self.record_series[recent[self.day[recent] == tested]])
                self._judge(touched[touched >= 0], tested, run)
            self._close(run)
        return self._frame()

    def _learn(self, fresh: Any) -> None:
        day, category = self.day[fresh], self.category[fresh]
        np.add.at(self.totals, day, 1)
        np.add.at(self.by_category, (category, day), 1)
        np.add.at(self.by_block, (self.block[fresh], category, day), 1)
        for depth in range(len(LEVELS)):
            area, series = self.record_area[fresh, depth], self.record_series[fresh, depth]
            np.add.at(self.by_area, (area[area >= 0], day[area >= 0]), 1)
            np.add.at(self.counts, (series[series >= 0], day[series >= 0]), 1)
            if depth + 1 < len(LEVELS):
                deeper = (series >= 0) & (self.record_area[fresh, depth + 1] >= 0)
                np.add.at(self.placed, (series[deeper], day[deeper]), 1)

    def _test(self, series: Any, day: int) -> _Test | None:
        """Compares the windows that end on ``day`` with what the past lets expect; None when the past is too short."""
        s = self.settings
        end = day - int(s["guard_days"]) + 1
        base = np.arange(max(end - int(s["baseline_days"]), 0), max(end, 0))
        base = base[self.totals[base] > 0]
        if len(base) < int(s["min_baseline_days"]):
            return None
        recent = np.arange(max(day - max(int(s["season_days"]), *s["windows"]) + 1, 0), day + 1)
        days = np.concatenate([base, recent])
        split = len(base)
        categories, place = np.unique(self.series_category[series], return_inverse=True)
        factor = self._day_factors(categories, days, split)[place]
        factor = np.where(self.totals[days] > 0, factor, 0.0)
        counts = self.counts[np.ix_(series, days)].astype(float)
        born = self._born(series)
        usable = ~self.surging[np.ix_(series, base)] & (base[None, :] >= born[:, None])
        exposure = (factor[:, :split] * usable).sum(axis=1)
        past = (counts[:, :split] * usable).sum(axis=1)
        city_rate = self.by_category[np.ix_(self.series_category[series], base)].sum(axis=1) + 0.5
        share = (self.by_area[np.ix_(self.area[series], base)].sum(axis=1) + 0.5) / (self.totals[base].sum() + 0.5)
        prior = city_rate / factor[:, :split].sum(axis=1) * share
        shape = float(s["prior_count"]) + past
        rate = shape / (float(s["prior_count"]) / prior + exposure)
        residual = (counts[:, :split] - rate[:, None] * factor[:, :split]) * usable
        pearson = (residual**2 / np.maximum(rate[:, None] * factor[:, :split], 1e-6)).sum(axis=1)
        own = pearson / np.maximum(usable.sum(axis=1) - 1, 1)
        weight = float(s["dispersion_weight"])
        dispersion = np.clip((weight * float(s["dispersion_prior"]) + past * own) / (weight + past), 1.0, None)
        season, certain = self._season(series, days, split, factor)
        rate, shape = rate * season, 1.0 / (1.0 / shape + 1.0 / certain)
        new, entering = self._entering(series, days, factor, share)
        rate, shape = np.where(new, np.maximum(rate, entering), rate), np.where(new, np.minimum(shape, 2.0), shape)
        windows = s["windows"]
        fresh = ~self.spent[np.ix_(series, days)]  # days of a surge that is over do not raise another
        counts, factor = counts * fresh, factor * fresh
        count = np.stack([counts[:, -window:].sum(axis=1) for window in windows], axis=1)
        mean = np.stack([rate * factor[:, -window:].sum(axis=1) for window in windows], axis=1)
        return _Test(series, _tail(count, mean, dispersion[:, None], shape[:, None]), count, mean)

    def _day_factors(self, categories: Any, days: Any, split: int) -> Any:
        """Factor of each day for each category (categories × days): totals of the other categories, shrunk."""
        kinds, base = self.kind_of_day[days], days[:split]
        mean = self.totals[base].mean()
        by_kind = np.ones(int(self.kind_of_day.max()) + 1)
        for kind in range(len(by_kind)):
            same = self.totals[base][kinds[:split] == kind]
            by_kind[kind] = (same.sum() / mean + 3.0) / (len(same) + 3.0)
        others = self.totals[days] - self.by_category[np.ix_(categories, days)]
        level = others[:, :split].mean(axis=1, keepdims=True)
        prior = float(self.settings["volume_prior"])
        return (others + prior * by_kind[kinds]) / (level + prior)

    def _season(self, series: Any, days: Any, split: int, factor: Any) -> tuple[Any, Any]:
        """How the category runs elsewhere (outside the series' own county) lately, against its past there.

        Also from how many records that is known: few other records say little, which goes into the variance.
        """
        s = self.settings
        category, block = self.series_category[series], self.series_block[series]
        span = slice(-int(s["season_days"]), None)
        elsewhere = (
            self.by_category[np.ix_(category, days)] - self.by_block[block[:, None], category[:, None], days[None, :]]
        )
        rate = elsewhere[:, :split].sum(axis=1) / factor[:, :split].sum(axis=1)
        expected = rate * factor[:, split:][:, span].sum(axis=1)
        prior = float(s["season_prior"])
        lately = elsewhere[:, split:][:, span].sum(axis=1) + prior
        return np.clip(lately / (expected + prior), *s["season_limits"]), lately

    def _born(self, series: Any) -> Any:
        """First day on which anybody in the city used the series' category; a code has no past before it."""
        return (self.by_category[self.series_category[series]] > 0).argmax(axis=1)

    def _entering(self, series: Any, days: Any, factor: Any, share: Any) -> tuple[Any, Any]:
        """Which series have a category that is new in the city, and the rate that other counties' use of it implies."""
        category, block = self.series_category[series], self.series_block[series]
        born = self._born(series)
        new = (born >= int(self.settings["min_baseline_days"])) & (born > days[-1] - int(self.settings["new_days"]))
        since = (days[None, :] >= born[:, None]) & (days[None, :] > days[-1] - int(self.settings["new_days"]))
        elsewhere = (
            self.by_category[np.ix_(category, days)] - self.by_block[block[:, None], category[:, None], days[None, :]]
        )
        rate = (elsewhere * since).sum(axis=1) / np.maximum((factor * since).sum(axis=1), 1e-6)
        return new, rate * share

    def _limits(self, run: int) -> Any:
        """Tail probability per level at which an alarm is raised, from the budget and the series known by ``run``."""
        s = self.settings
        counties = max(int(np.searchsorted(self.first_known_county, run, side="right")), 1)
        budget = float(s["tail_budget_per_county_month"]) / 30.0 / len(s["windows"])
        seen = [max(int(np.searchsorted(first, run, side="right")), 1) for first in self.first_known]
        shares = [float(s["budget_shares"][level]) for level in LEVELS]
        limits = [budget * share * counties / number for share, number in zip(shares, seen, strict=True)]
        return np.minimum(limits, float(s["max_tail"]))

    def _judge(self, touched: Any, day: int, run: int) -> None:
        s = self.settings
        longest = self.counts[:, max(day - max(s["windows"]) + 1, 0) : day + 1]
        touched = touched[longest[touched].sum(axis=1) >= int(s["min_child_count"])]
        if len(touched) == 0:
            return
        self.tested = day
        test = self._test(touched, day)
        if test is None:
            return
        rows = np.arange(len(touched))
        tail, count, expected = (part[rows, test.best] for part in (test.tail, test.count, test.expected))
        alarm = (
            (tail < self._limits(run)[self.level[touched]])
            & (count >= float(s["min_count"]))
            & (count - expected >= float(s["min_excess"]))
            & (count >= float(s["min_ratio"]) * expected)
        )
        alarming = set(touched[alarm].tolist())
        for number in sorted(alarming, key=lambda one: (self.level[one], one)):
            if not alarming & set(self._ancestors(number)):  # else the ancestor decides where its excess sits
                for place in self._drill(number, test, alarming):
                    self._raise(place, test, day, run)
        self._follow(test, day, run)

    def _ancestors(self, number: int) -> list[int]:
        found = []
        while (number := int(self.parent[number])) >= 0:
            found.append(number)
        return found

    def _family(self, number: int) -> list[int]:
        """The series itself, those that hold it and those within it."""
        family, level = [number, *self._ancestors(number)], [number]
        while level:
            level = [child for one in level for child in self.children.get(one, ())]
            family += level
        return family

    def _drill(self, number: int, test: _Test, alarming: set[int]) -> list[int]:
        """The smallest areas inside a surging one that explain it: mostly one, itself when nothing smaller does.

        Children explain when far more of the count sits in them than their share lets expect, and what is left outside
        (of the records whose place is known that finely) is little or no longer remarkable. One child, or a few that
        each alarm by themselves.
        """
        s = self.settings
        here = test.row(number)
        assert here is not None
        window = int(test.best[here])
        tested = (test.row(child) for child in self.children.get(number, ()))
        rows = [row for row in tested if row is not None and test.count[row, window] >= float(s["min_child_count"])]
        if not rows:
            return [number]
        rows.sort(key=lambda row: (test.expected[row, window] - test.count[row, window], row))
        several = [row for row in rows if int(test.series[row]) in alarming]
        total, expected = float(test.count[here, window]), float(test.expected[here, window])
        placed = self._placed(number, test, window)
        for group in [rows[:1], several] if 1 < len(several) <= int(s["max_parts"]) else [rows[:1]]:
            inside, expected_inside = (float(part[group, window].sum()) for part in (test.count, test.expected))
            share = min(expected_inside / max(expected, 1e-9), 1.0)
            by_chance = float(stats.binom.sf(inside - 1, placed, share))
            rest = max(expected * placed / total - expected_inside, 0.05)
            outside = float(stats.poisson.sf(placed - inside - 1, rest))
            level = float(s["explain_level"])
            usual = share >= float(s["dominant_share"])  # the wider area is hardly more than this one
            nearly_all = inside >= float(s["dominant_share"]) * placed
            most = inside >= float(s["explain_share"]) * placed and outside >= level
            if (by_chance < level and (nearly_all or most)) or (nearly_all and usual):
                return [found for row in group for found in self._drill(int(test.series[row]), test, alarming)]
        return [number]

    def _placed(self, number: int, test: _Test, window: int) -> int:
        """Records of the series in the window whose place is known one level finer."""
        return int(self.placed[number, self.tested - int(self.settings["windows"][window]) + 1 : self.tested + 1].sum())

    def _raise(self, number: int, test: _Test, day: int, run: int) -> None:
        """Opens a surge, unless one of the same category that holds it or lies within it is still going on.

        What is far larger is another matter and raised as well: a burst inside a wider surge that exceeds all of that
        so far, and a day beside which the surge so far was small; the latter ends what it outgrew.
        """
        family, around = set(self._family(number)), set(self._ancestors(number))
        row = test.row(number)
        assert row is not None
        s = self.settings
        excess = test.count[row] - test.expected[row]
        one_day = float(excess[list(s["windows"]).index(1)])
        outgrown: list[_Episode] = []
        for episode in self.going_on:
            if episode.series not in family:
                continue
            if episode.series == number and one_day >= float(s["outgrows_days"]) * max(episode.day_peak, 1.0):
                outgrown.append(episode)
            elif episode.series not in around or excess[test.best[row]] < float(s["outgrows"]) * (
                episode.count - episode.expected
            ):
                return
        for episode in outgrown:
            self._end(episode, run)
        started = _Episode(number, run, run, day, 0.0, 0.0, 1, day)
        self.episodes.append(started)
        self.going_on.append(started)

    def _follow(self, test: _Test, day: int, run: int) -> None:
        """Keeps the surges that are still going on: their strongest moment, and their days out of the baseline."""
        s = self.settings
        for episode in self.going_on:
            row = test.row(episode.series)
            if row is None:
                continue
            column = int(test.best[row])
            count, expected, window = test.count[row, column], test.expected[row, column], int(s["windows"][column])
            if test.tail[row, column] > float(s["quiet_level"]) or count < float(s["quiet_ratio"]) * expected:
                continue
            episode.last_seen, episode.last_high = run, max(episode.last_high, day)
            one_day = list(s["windows"]).index(1)
            episode.day_peak = max(episode.day_peak, float((test.count - test.expected)[row, one_day]))
            if count - expected > episode.count - episode.expected:
                episode.count, episode.expected = float(count), float(expected)
                episode.window, episode.day = window, day
                if episode.grown and episode.grown[-1][0] == run:
                    episode.grown.pop()
                episode.grown.append((run, episode.count, episode.expected, window, day))
            self.surging[self._family(episode.series), max(day - window + 1, 0) : day + 1] = True

    def _close(self, run: int) -> None:
        for episode in list(self.going_on):
            if run - 1 - episode.last_high > int(self.settings["quiet_days"]):
                self._end(episode, run)

    def _end(self, episode: _Episode, run: int) -> None:
        episode.closed = run
        self.going_on.remove(episode)
        family = self._family(episode.series)
        self.spent[family] |= self.surging[family]

    def _date(self, number: int) -> pd.Timestamp:
        return self.first + pd.Timedelta(days=number)

    def _frame(self) -> pd.DataFrame:
        def dates(numbers: list[int | None]) -> pd.Series:
            return pd.Series(
                [pd.NaT if n is None else self.first + pd.Timedelta(days=n) for n in numbers], dtype="datetime64[us]"
            )

        found = self.episodes
        return pd.DataFrame(
            {
                "area": [self.area_names[self.area[e.series]] for e in found],
                "level": [LEVELS[self.level[e.series]] for e in found],
                "category": [str(self.category_names[self.series_category[e.series]]) for e in found],
                "first_seen_at": dates([e.first_seen for e in found]),
                "last_seen_at": dates([e.last_seen for e in found]),
                "closed_at": dates([e.closed for e in found]),
                "count": [e.count for e in found],
                "expected": [e.expected for e in found],
                "days": [e.window for e in found],
                "day": dates([e.day for e in found]),
                "grown": [
                    [
                        (self._date(run), count, expected, days, self._date(day))
                        for run, count, expected, days, day in e.grown
                    ]
                    for e in found
                ],
            }
        )[COLUMNS]


def _tail(count: Any, mean: Any, dispersion: Any, shape: Any) -> Any:
    """P(X >= count) of a negative binomial with this mean and variance ``dispersion × mean + mean² / shape``."""
    mean = np.maximum(mean, 1e-6)
    variance = np.maximum(dispersion, 1.0 + 1e-6) * mean + mean**2 / shape
    size = mean**2 / (variance - mean)
    return stats.nbinom.sf(count - 1, size, size / (size + mean))


def _promising(key: Any, day: Any, days: int, count: int) -> Any:
    """Sorted keys (of records × levels, -1: none) that have ``count`` records within ``days`` days at least once."""
    flat, when = key.ravel(), np.repeat(day, key.shape[1])
    order = np.lexsort((when, flat))
    flat, when = flat[order], when[order]
    if len(flat) < count:
        return np.empty(0, dtype=np.int64)
    head, tail = slice(0, len(flat) - count + 1), slice(count - 1, len(flat))
    dense = (flat[head] == flat[tail]) & (when[tail] - when[head] < days) & (flat[head] >= 0)
    return np.unique(flat[head][dense])


def _first_known(key: Any, known: Any) -> Any:
    """Days on which new keys appeared for the first time, ascending, one entry per key (-1: none)."""
    first = pd.Series(known[key >= 0]).groupby(key[key >= 0]).min()
    return np.sort(first.to_numpy())


def _kinds_of_day(first: pd.Timestamp, length: int) -> Any:
    """Kind of each day: 0 working day, 1 weekend, 2 public holiday; beyond the calendar by weekday."""
    days = pd.Series(pd.date_range(first, periods=length))
    calendar = reference.calendar().set_index("date")
    work = days.map(calendar["is_workday"]).astype("boolean").fillna(days.dt.day_of_week < 5).to_numpy(dtype=bool)
    holiday = days.map(calendar["is_holiday"]).astype("boolean").fillna(False).to_numpy(dtype=bool)
    named = days.map(calendar["holiday_name"]).notna().to_numpy()
    return np.where(work, 0, np.where(holiday & named, 2, 1))
