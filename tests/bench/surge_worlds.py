"""Worlds of counts with planted surges, for `tests.bench.surge`. Simulated data.

Here: a count generator that shares nothing with `sources.simulator` (weekday, holiday, season, growth, overdispersion,
matters told several times, late records, systems that did not deliver, disputes with very many callers, new categories,
areas of very different size), and planting surges into any records. Not here: finding them, judging who found them.
seed -> records (as `transforms.warnings.surge.detect` takes them), planted surges
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sources import reference
from transforms.warnings import rules
from warehouse.lake import Lake

LEVELS = ("county", "town", "village")
START = pd.Timestamp("2024-03-01")
WARM_UP = 63
"""Days without planted surges, and without counting false alarms, at the start of every world."""
FACTORS = (4.0, 10.0)
LENGTHS = (3, 7)
LEAST_EXTRA = 8
"""Expected extra records that a surge must have to count for the bar."""
LEAST_RATE = 0.3
"""A day: quiet villages are multiplied as if they had this; else no village of a small city could have 8 extra."""
REST = 21
"""Days between two surges of one category in one county, and of one category anywhere in the city 4."""


@dataclass(frozen=True)
class World:
    """Records, and the surges planted in them (area, level, category, onset, days, expected, detectable, …)."""

    name: str
    records: pd.DataFrame
    planted: pd.DataFrame
    decoys: pd.DataFrame
    """Of each dispute with very many callers: village, town, county, category, day."""

    @property
    def last(self) -> pd.Timestamp:
        """The last day reported on."""
        return pd.Timestamp(self.records["day"].max())


def generate(seed: int, *, days: int = 240, per_day: float = 150.0, counties: int = 9) -> World:
    """A city without surges: ``per_day`` dispute records a day on average over ``days`` days."""
    rng = np.random.default_rng(seed)
    villages = _villages(rng, counties)
    categories = [f"{large:02d}{small:02d}" for large in range(1, 13) for small in (1, 2)]
    calendar = pd.date_range(START, periods=days)
    mean = _mean(rng, villages, len(categories), calendar)
    mean *= per_day / 1.55 / mean.sum(axis=(0, 1)).mean()  # a matter is told 1.55 times
    matters = rng.poisson(mean)
    village, kind, day = (np.repeat(index, matters[matters > 0]) for index in np.nonzero(matters))
    frame = pd.DataFrame({"village_number": village, "category": np.array(categories)[kind], "day_number": day})
    frame["matter"] = [f"m{number}" for number in range(len(frame))]
    frame = _tellings(rng, frame, days)
    decoys, callers = _mass(rng, villages, categories, days)
    frame = pd.concat([frame, callers], ignore_index=True)
    where = villages.iloc[frame["village_number"]].reset_index(drop=True)
    frame = pd.concat([frame, where[["county", "town", "village"]]], axis="columns")
    frame.loc[rng.random(len(frame)) < 0.35, "village"] = None
    frame.loc[(rng.random(len(frame)) < 0.05) & frame["village"].isna(), "town"] = None
    wrong = rng.random(len(frame)) < 0.03  # the clerk chose another category
    frame.loc[wrong, "category"] = rng.choice(categories, int(wrong.sum()))
    frame["event_id"] = [f"e{number}" for number in range(len(frame))]
    frame["day"] = START + pd.to_timedelta(frame["day_number"], unit="D")
    frame = _delivered(frame, seed, days)
    return World(f"counts, seed {seed}", _columns(frame), pd.DataFrame(), decoys)


def of_lake(root: Path, name: str) -> World:
    """What a standing lake counts (its own surges stay in it)."""
    block = rules.settings()["surge"]
    with Lake.standing(root).connect() as con:
        records = con.execute(
            rules.sql("surge_record"), {"history_sources": [], "city_prefix": block["city_prefix"]}
        ).df()
    return World(name, records.assign(day=pd.to_datetime(records["day"])), pd.DataFrame(), pd.DataFrame())


def plant(world: World, seed: int, *, wanted: int = 60) -> World:
    """Plants up to ``wanted`` surges, a third at each level, no two of a category near each other.

    A surge multiplies the usual rate of an area × category by `FACTORS` for `LENGTHS` days. Its records are matters of
    their own, lie where the area's records lie, and come as late, through the same deliveries, as those of that day.
    """
    rng = np.random.default_rng([seed, 77])
    records = world.records
    first, last = records["day"].min(), records["day"].max()
    spans = (last - first).days + 1
    taken: list[tuple[str, str, int]] = []
    rows, added = [], []
    pools = {level: _series(records, level, spans) for level in LEVELS}
    lag = (records["known_date"] - records["day"]).dt.days
    lags = {day: group.to_numpy() for day, group in lag.groupby(records["day"])}
    for _attempt in range(wanted * 60):
        level = LEVELS[len(rows) % 3]
        one = pools[level].iloc[int(rng.integers(len(pools[level])))]
        rate = max(float(one["rate"]), LEAST_RATE if level == "village" else 0.0)
        factor, length = rng.uniform(*FACTORS), int(rng.integers(LENGTHS[0], LENGTHS[1] + 1))
        onset = int(rng.integers(WARM_UP, spans - length - 7))
        expected = (factor - 1) * rate * length
        if expected < LEAST_EXTRA or any(
            kind == one["category"] and abs(onset - at) < (REST if county == one["county"] else 4)
            for county, kind, at in taken
        ):
            continue
        own = records[(records[level] == one["area"]) & (records["category"] == one["category"])]
        around = own if level != "village" else records[records["village"] == one["area"]]
        extra = []
        for offset in range(length):
            day = first + pd.Timedelta(days=onset + offset)
            for _ in range(rng.poisson((factor - 1) * rate)):
                like = around.iloc[int(rng.integers(len(around)))]
                late = int(rng.choice(lags[day])) if day in lags else 1
                extra.append((day, late, like["county"], like["town"], like["village"]))
        if not extra:
            continue
        made = pd.DataFrame(extra, columns=["day", "late", "county", "town", "village"])
        number = len(rows)
        made = made.assign(
            pool="", category=one["category"], known_date=made["day"] + pd.to_timedelta(made.pop("late"), unit="D"),
            reported_at=made["day"] + pd.Timedelta(hours=12), event_id=[f"s{number}-{n}" for n in range(len(made))],
        )  # fmt: skip
        made["matter"] = made["event_id"]
        known = made["known_date"].sort_values().to_numpy()
        rows.append(
            {
                "area": one["area"], "level": level, "category": one["category"], "county": one["county"],
                "onset": made["day"].min(), "end": made["day"].max(), "days": length, "factor": factor,
                "expected": expected, "records": len(made),
                "detectable": pd.Timestamp(known[min(LEAST_EXTRA, len(known)) - 1]),
                "begun": pd.Timestamp(known[0]),
            }
        )  # fmt: skip
        added.append(made)
        taken.append((one["county"], one["category"], onset))
        if len(rows) == wanted:
            break
    whole = pd.concat([records, *added], ignore_index=True)
    return World(world.name, whole, pd.DataFrame(rows), world.decoys)


def _series(records: pd.DataFrame, level: str, days: int) -> pd.DataFrame:
    """Usual daily rate of each area × category; busy ones so often that each level has surges of 8 and more."""
    counted = records.dropna(subset=[level]).assign(area=records[level]).groupby(["area", "category"], sort=True)
    frame = counted.agg(rate=("event_id", "size"), county=("county", "first")).reset_index()
    frame["rate"] = frame["rate"] / days
    if level == "village":
        return frame
    return frame[frame["rate"] * (FACTORS[1] - 1) * LENGTHS[1] >= LEAST_EXTRA].reset_index(drop=True)


def _villages(rng: np.random.Generator, counties: int) -> pd.DataFrame:
    rows = []
    for county in range(counties):
        weight = rng.lognormal(0, 0.6)
        for town in range(int(rng.integers(5, 12))):
            share = weight * rng.lognormal(0, 0.7)
            for village in range(int(rng.integers(4, 15))):
                code = f"5304{county + 2:02d}{town + 1:03d}"
                rows.append((code[:6], f"{code}000", f"{code}{village + 1:03d}", share * rng.lognormal(0, 0.9)))
    return pd.DataFrame(rows, columns=["county", "town", "village", "weight"])


def _mean(rng: np.random.Generator, villages: pd.DataFrame, categories: int, calendar: pd.DatetimeIndex) -> Any:
    """Expected matters, villages × categories × days, on a scale of its own."""
    days = len(calendar)
    usual = rng.lognormal(0, 1.1, categories)
    local = rng.gamma(3.0, 1 / 3.0, (len(villages), categories))  # each place has quarrels of its own
    week = np.clip(rng.normal(1, 0.15, (categories, 7)), 0.4, None)
    week[:, 5:] *= rng.choice([0.35, 0.6, 1.3], (categories, 1))
    work = reference.calendar().set_index("date").reindex(calendar)
    holiday = (work["is_holiday"] & work["holiday_name"].notna()).to_numpy(dtype=bool)
    factor = week[:, calendar.dayofweek]
    factor = np.where(holiday[None, :], rng.choice([0.4, 0.8, 1.6], (categories, 1)) * factor.mean(), factor)
    height, peak = rng.uniform(0, 0.6, (categories, 1)), rng.uniform(0, 365, (categories, 1))
    season = 1 + height * np.sin(2 * np.pi * (calendar.dayofyear.to_numpy()[None, :] - peak) / 365.25)
    growth = np.linspace(1.0, rng.uniform(1.2, 2.0), days)
    city = usual[:, None] * factor * season * growth * rng.gamma(40, 1 / 40, days)
    new = rng.choice(categories, 2, replace=False)  # codes that did not exist before
    city[new[0], : days // 2] = 0
    city[new[1], : days * 3 // 5] = 0
    county = pd.factorize(villages["county"])[0]
    shock = rng.gamma(8.0, 1 / 8.0, (county.max() + 1, categories, days))
    weight = villages["weight"].to_numpy()[:, None, None]
    return weight * local[:, :, None] * city[None, :, :] * shock[county]


def _tellings(rng: np.random.Generator, matters: pd.DataFrame, days: int) -> pd.DataFrame:
    """Most matters are told once, some again within three weeks."""
    often = rng.choice([1, 2, 3, 5], len(matters), p=[0.68, 0.19, 0.08, 0.05])
    told = matters.loc[matters.index.repeat(often)].reset_index(drop=True)
    again = told.duplicated("matter").to_numpy()
    later = np.where(again, rng.integers(0, 21, len(told)), 0)
    told["day_number"] = told["day_number"] + later
    return told[told["day_number"] < days]


def _mass(rng: np.random.Generator, villages: pd.DataFrame, categories: list[str], days: int) -> Any:
    """Disputes of very many callers: each one matter, of which matching leaves one record in twenty apart."""
    rows, told = [], []
    for number in range(max(1, days // 20)):
        village, category = int(rng.integers(len(villages))), str(rng.choice(categories))
        day, callers = int(rng.integers(days - 3)), int(rng.integers(15, 60))
        place = villages.iloc[village]
        rows.append((place["village"], place["town"], place["county"], category, START + pd.Timedelta(days=day)))
        apart = rng.random(callers) < 0.05
        matter = np.where(apart, [f"x{number}-{n}" for n in range(callers)], f"x{number}")
        told.append(
            pd.DataFrame(
                {
                    "village_number": village, "category": category, "matter": matter,
                    "day_number": day + rng.integers(0, 3, callers),
                }
            )
        )  # fmt: skip
    columns = ["village", "town", "county", "category", "day"]
    return pd.DataFrame(rows, columns=columns), pd.concat(told, ignore_index=True)


def _delivered(frame: pd.DataFrame, seed: int, days: int) -> pd.DataFrame:
    """The day each record became known: the next, some later; now and then a system delivers days late or never."""
    rng = np.random.default_rng([seed, 5])
    system = rng.choice(5, len(frame), p=[0.4, 0.25, 0.15, 0.1, 0.1])
    lag = 1 + np.where(rng.random(len(frame)) < 0.08, rng.integers(1, 7, len(frame)), 0)
    known = frame["day_number"].to_numpy() + lag
    lost = np.zeros(len(frame), dtype=bool)
    for one in range(5):
        for _ in range(max(1, days // 60)):
            begin, length = int(rng.integers(10, days - 4)), int(rng.integers(1, 4))
            out = (system == one) & (known >= begin) & (known < begin + length)
            if rng.random() < 0.3:
                lost |= out
            known = np.where(out, begin + length, known)
    frame = frame.assign(known_date=START + pd.to_timedelta(known, unit="D"))
    return frame[~lost].reset_index(drop=True)


def _columns(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.assign(pool="", reported_at=frame["day"] + pd.Timedelta(hours=9))
    return frame[
        ["pool", "known_date", "reported_at", "day", "county", "town", "village", "category", "matter", "event_id"]
    ]
