"""Shared reference data: divisions, older names of places, working days, personal names.

Here: loaders that give each table once, tidy and typed. Not here: what a source delivers (`sources.<name>`), and how a
text is compared with these (`transforms.address`, `transforms.person`).
csv, json beside this file -> cached frames and sets
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
CITY_CODE = "530400"


@cache
def divisions() -> pd.DataFrame:
    """Divisions of 玉溪, NBS 2023: code (12 digits), name, level (city county town village), parent (12), kind."""
    return pd.read_csv(FOLDER / "yuxi_divisions_2023.csv", dtype=str)


@cache
def province() -> pd.DataFrame:
    """Divisions of 云南, NBS 2023: code (12 digits), name, level, parent (12)."""
    return pd.read_csv(FOLDER / "yunnan_divisions_2023.csv", dtype=str)


@cache
def counties_elsewhere() -> dict[str, str]:
    """Names (full and short) of the counties and cities of 云南 outside 玉溪, to their 6-digit codes.

    A short name that is also a name inside 玉溪 is left out.
    """
    frame = province()
    frame = frame[frame["level"].isin(["county", "city"]) & ~frame["code"].str.startswith(CITY_CODE[:4])]
    own = {short_county(name) for name in divisions().query("level == 'county'")["name"]}
    names: dict[str, str] = {}
    for code, name in zip(frame["code"], frame["name"], strict=True):
        for form in (name, short_county(name)):
            if len(form) >= 2 and form not in own:
                names.setdefault(form, code[:6])
    return names


_PEOPLES = (
    "哈尼族彝族傣族|彝族傣族|傣族彝族|彝族苗族|傣族拉祜族佤族|哈尼族彝族|拉祜族佤族布朗族傣族|苗族瑶族傣族|蒙古族|彝族|傣族|苗族|"
    "哈尼族|回族|白族|纳西族|傈僳族|拉祜族|佤族|瑶族|壮族|藏族|布朗族|景颇族|独龙族怒族|白族普米族|回族彝族|彝族回族"
)
_PEOPLES_SUFFIX = re.compile(f"(?:{_PEOPLES})+(?=(?:自治县|自治州|乡|镇)$)")


def short_county(name: str) -> str:
    """Returns a county's name without peoples and class word: 峨山彝族自治县 -> 峨山, 红塔区 -> 红塔."""
    stem = re.sub("(?:自治县|自治州|县|区|市)$", "", _PEOPLES_SUFFIX.sub("", name))
    return stem or name


def short_town(name: str) -> str:
    """Returns a town's stem: 玉兴街道 -> 玉兴, 洛河彝族乡 -> 洛河, 大营街街道 -> 大营街, 凤凰路街道办事处 -> 凤凰路."""
    stem = re.sub("(?:街道办事处|街道办|办事处|街道|镇|乡)$", "", _PEOPLES_SUFFIX.sub("", name))
    return stem or name


def short_village(name: str) -> str:
    """Returns a village's stem: 下营村民委员会 -> 下营, 凤凰社区居委会 -> 凤凰, 丕且莫村委会 -> 丕且莫."""
    return re.sub("(?:社区居民委员会|社区居委会|居民委员会|村民委员会|村委会|居委会|社区)$", "", name) or name


@cache
def older_names() -> pd.DataFrame:
    """Divisions of 玉溪 as older lists name them: county, town, village (names; null above the row's own level).

    From jionlp (with codes) and pyunit; names that the list of 2023 holds as well are kept, duplicates are not.
    """
    jionlp = pd.read_csv(FOLDER / "yuxi_jionlp.csv", dtype=str)[["county", "town", "village"]]
    pyunit = pd.read_csv(FOLDER / "yuxi_pyunit.csv", dtype=str)[["county", "town", "village"]]
    return pd.concat([jionlp, pyunit], ignore_index=True).drop_duplicates(ignore_index=True)


@cache
def calendar() -> pd.DataFrame:
    """One row per day of 2018–2026: date (datetime64), is_workday, is_holiday, holiday_name, is_in_lieu."""
    frame = pd.read_csv(FOLDER / "cn_workdays_2018_2026.csv", parse_dates=["date"])
    frame = frame.rename(columns={"holiday_name_zh": "holiday_name", "in_lieu": "is_in_lieu"})
    for column in ("is_workday", "is_holiday", "is_in_lieu"):
        frame[column] = frame[column].astype(bool)
    return frame[["date", "is_workday", "is_holiday", "holiday_name", "is_in_lieu"]]


@cache
def workdays() -> np.ndarray:
    """Working days of 2018–2026 in order, datetime64[D], weekends worked in lieu included."""
    frame = calendar()
    days: np.ndarray = frame.loc[frame["is_workday"], "date"].to_numpy().astype("datetime64[D]")
    return days


def add_workdays(days: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Returns the day that lies ``count`` working days after ``days`` (both n long, datetime64[D] and integers).

    The day itself does not count. Outside the years of the calendar Monday to Friday are taken for working days.
    """
    known = workdays()
    result = np.busday_offset(np.where(np.isnat(days), np.datetime64("1970-01-01"), days), count, roll="backward")
    position = np.searchsorted(known, days, side="right") + count - 1
    inside = (days >= known[0]) & (position >= 0) & (position < len(known))
    result[inside] = known[position[inside]]
    result[np.isnat(days)] = np.datetime64("NaT")
    return result


@dataclass(frozen=True)
class Names:
    """Personal names: ``surnames`` with weights, ``compound`` surnames, given names of one and two characters."""

    surnames: dict[str, float]
    compound: frozenset[str]
    male_single: tuple[str, ...]
    female_single: tuple[str, ...]
    male_double: tuple[str, ...]
    female_double: tuple[str, ...]


@cache
def names() -> Names:
    """The names of mingzi 1.2.3."""
    data = json.loads((FOLDER / "names.json").read_text("utf-8"))
    return Names(
        surnames=dict(data["surname"]),
        compound=frozenset(data["com_surname"]),
        **{key: tuple(data[key]) for key in ("male_single", "female_single", "male_double", "female_double")},
    )


@cache
def common_words() -> frozenset[str]:
    """Ordinary words of two and three characters that begin like a personal name (利益, 公路, 成员), from jieba."""
    frame = pd.read_csv(FOLDER / "common_words.csv", dtype=str)
    pairs = zip(frame["initial"], frame["rest"], strict=True)
    return frozenset(initial + rest for initial, rests in pairs for rest in rests.split())
