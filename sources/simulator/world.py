"""玉溪 as the simulator imagines it: its real divisions, filled with invented estates, companies, roads and people.

Here: what exists, whoever tells of it. Not here: quarrels (`disputes`) and how they are written down (`clerks`).
Everything but the divisions is invented; places are made when first asked for, from a seed of their own, so that the
order of asking does not matter.
sources/reference -> World -> Village, Place, Organisation, Person
"""

import csv
import json
import random
from bisect import bisect
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path

import yaml

REFERENCE = Path(__file__).parent.parent / "reference"

# Seats of the counties, WGS84 degrees, rounded: the invented points scatter around them.
_SEATS = {
    "530402": (102.54, 24.34),
    "530403": (102.75, 24.29),
    "530423": (102.76, 24.11),
    "530424": (102.93, 24.19),
    "530425": (102.16, 24.67),
    "530426": (102.40, 24.17),
    "530427": (101.99, 24.07),
    "530428": (102.00, 23.60),
    "530481": (102.91, 24.67),
}
# How much of the city's talk comes from a county: residents, roughly (假定).
_PEOPLE = {
    "530402": 59,
    "530403": 25,
    "530423": 28,
    "530424": 19,
    "530425": 15,
    "530426": 14,
    "530427": 25,
    "530428": 20,
    "530481": 17,
}
_OLD_COUNTIES = {"530403": "江川县", "530481": "澄江县"}
_OLD_TOWNS = {"530403001000": "大街街道", "530403002000": "大街街道", "530402001000": "玉兴路街道"}

_WORDS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "words.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class County:
    """``code`` 6 digits; ``short`` as people say it; ``old`` a former name or empty."""

    code: str
    name: str
    short: str
    old: str


@dataclass(frozen=True, slots=True)
class Town:
    """``code`` 12 digits."""

    code: str
    name: str
    short: str
    old: str
    county: County


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community; ``code`` 12 digits, WGS84 degrees invented around the county seat."""

    code: str
    name: str
    short: str
    town: Town
    is_urban: bool
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Person:
    """``home`` is the flat or house number; ``phones`` has one or two mobiles, the usual one first."""

    key: str
    surname: str
    given: str
    is_male: bool
    phones: tuple[str, ...]
    id_number: str

    @property
    def name(self) -> str:
        """Full name."""
        return self.surname + self.given


@dataclass(frozen=True, slots=True)
class Organisation:
    """``name`` as registered, ``shorts`` as people call it; ``boss`` stands for it."""

    key: str
    name: str
    shorts: tuple[str, ...]
    phone: str
    boss: Person


@dataclass(slots=True)
class Place:
    """An estate, site, shop, hamlet …; ``aliases`` recognisable by eye, ``nickname`` not, both may be absent."""

    key: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    nickname: str
    village: Village
    road: str
    number: int
    longitude: float
    latitude: float
    organisations: dict[str, Organisation] = field(default_factory=dict)


def _short(name: str) -> str:
    for tail in (
        "哈尼族彝族傣族自治县",
        "彝族傣族自治县",
        "彝族自治县",
        "傣族彝族乡",
        "彝族苗族乡",
        "蒙古族乡",
        "彝族乡",
        "社区居民委员会",
        "居民委员会",
        "村民委员会",
        "街道",
        "镇",
        "乡",
        "县",
        "区",
        "市",
    ):
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            return name.removesuffix(tail)
    for tail in ("居民委员会", "村民委员会", "社区"):
        name = name.removesuffix(tail)
    return name


def check_digit(first17: str) -> str:
    """The 18th character of a citizen ID number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(first17, weights, strict=True)) % 11]


@cache
def sound_alikes() -> dict[str, str]:
    """Characters of names, each with the other name characters that sound the same (tone ignored)."""
    from pypinyin import lazy_pinyin

    groups: dict[str, list[str]] = {}
    names = json.loads((REFERENCE / "names.json").read_text(encoding="utf-8"))
    letters = dict.fromkeys("".join(names["surname"]) + "".join(names["male_single"] + names["female_single"]))
    letters |= dict.fromkeys("".join(names["male_double"] + names["female_double"]))
    common = [letter for letter in letters if "\u4e00" <= letter <= "\u9fff"]
    for letter, sound in zip(common, lazy_pinyin(common), strict=True):
        groups.setdefault(sound, []).append(letter)
    return {
        letter: "".join(other for other in group if other != letter)
        for group in groups.values()
        if len(group) > 1
        for letter in group
    }


class World:
    """The city of one seed. ``crowding`` > 1 gives each village more places, for worlds with more quarrels."""

    def __init__(self, seed: int, crowding: float = 1.0) -> None:
        self.seed = seed
        self.crowding = crowding
        names = json.loads((REFERENCE / "names.json").read_text(encoding="utf-8"))
        self._surnames = list(names["surname"])
        self._surname_sums = list(accumulate(names["surname"].values()))
        self._given = {
            True: (names["male_single"], names["male_double"]),
            False: (names["female_single"], names["female_double"]),
        }
        self._mobile = _WORDS["mobile"]
        self._people = 0
        self.counties: list[County] = []
        self.towns: list[Town] = []
        self.villages: list[Village] = []
        self._read_divisions()
        self._places: dict[tuple[str, str], list[Place]] = {}
        self._extra_places = 0
        self._town_villages: dict[str, list[Village]] = {}
        for village in self.villages:
            self._town_villages.setdefault(village.town.code, []).append(village)
        self._pick: dict[str, tuple[list[Village], list[float]]] = {}
        for where, urban, rural in (("urban", 1.0, 0.06), ("rural", 0.05, 1.0), ("any", 1.0, 0.7)):
            weights = [
                _PEOPLE[v.town.county.code] * (urban if v.is_urban else rural) * (0.4 + random.Random(v.code).random())
                for v in self.villages
            ]
            self._pick[where] = (self.villages, list(accumulate(weights)))

    def _read_divisions(self) -> None:
        with (REFERENCE / "yuxi_divisions_2023.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        counties: dict[str, County] = {}
        towns: dict[str, Town] = {}
        for row in rows:
            code, name = row["code"], row["name"]
            if row["level"] == "county":
                county = County(code[:6], name, _short(name), _OLD_COUNTIES.get(code[:6], ""))
                counties[code] = county
                self.counties.append(county)
            elif row["level"] == "town":
                town = Town(code, name, _short(name), _OLD_TOWNS.get(code, ""), counties[row["parent"]])
                towns[code] = town
                self.towns.append(town)
            elif row["level"] == "village":
                town = towns[row["parent"]]
                rng = random.Random(code)
                seat = _SEATS[town.county.code]
                town_rng = random.Random(town.code)
                spread = 0.02 if "街道" in town.name else 0.16
                lon = seat[0] + (town_rng.random() - 0.5) * 2 * spread + (rng.random() - 0.5) * 0.03
                lat = seat[1] + (town_rng.random() - 0.5) * 2 * spread + (rng.random() - 0.5) * 0.03
                self.villages.append(Village(code, name, _short(name), town, row["kind"] == "居委会", lon, lat))

    # People

    def person(self, rng: random.Random, surname: str = "", is_male: bool | None = None, age: int = 0) -> Person:
        """A new person; surname, sex and age (years in 2025) are drawn when not given."""
        self._people += 1
        if is_male is None:
            is_male = rng.random() < 0.52
        if not surname:
            surname = self._surnames[bisect(self._surname_sums, rng.random() * self._surname_sums[-1])]
        single, double = self._given[is_male]
        given = rng.choice(single) if rng.random() < 0.3 else rng.choice(double)
        year = 2025 - (age or 22 + int(rng.random() * 55))
        county = self.counties[int(rng.random() * rng.random() * len(self.counties))].code
        sequence = int(rng.random() * 499) * 2 + (1 if is_male else 2)
        first17 = f"{county}{year}{1 + int(rng.random() * 12):02d}{1 + int(rng.random() * 28):02d}{sequence:03d}"
        phones = (self.mobile(rng),) if rng.random() < 0.7 else (self.mobile(rng), self.mobile(rng))
        return Person(f"p{self._people}", surname, given, is_male, phones, first17 + check_digit(first17))

    def mobile(self, rng: random.Random) -> str:
        """An invented mobile number of 11 digits."""
        return f"{rng.choice(self._mobile)}{int(rng.random() * 1e8):08d}"

    def household(self, rng: random.Random, size: int = 3) -> list[Person]:
        """A family: the head first, then spouse (another surname), a parent or child (the same surname)."""
        head = self.person(rng)
        family = [head]
        if size > 1:
            family.append(self.person(rng, is_male=not head.is_male))
        if size > 2:
            family.append(self.person(rng, surname=head.surname, is_male=rng.random() < 0.7))
        return family

    # Places

    def village(self, rng: random.Random, where: str) -> Village:
        """A village drawn by residents; ``where`` is urban, rural or any."""
        villages, sums = self._pick[where]
        return villages[bisect(sums, rng.random() * sums[-1])]

    def village_of_town(self, rng: random.Random, town: Town, where: str) -> Village:
        """A village of ``town`` of the wanted sort, or any of it when it has none."""
        every = self._town_villages[town.code]
        fitting = [v for v in every if where == "any" or v.is_urban == (where == "urban")]
        return rng.choice(fitting or every)

    def place(self, rng: random.Random, village: Village, kind: str) -> Place:
        """A place of ``kind`` in ``village``; some are talked of far more than others."""
        places = self.places(village, kind)
        return places[int(len(places) * rng.random() ** 1.7)]

    def places(self, village: Village, kind: str) -> list[Place]:
        """All places of ``kind`` in ``village``."""
        known = self._places.get((village.code, kind))
        if known is None:
            rng = random.Random(f"{self.seed}:{village.code}:{kind}")
            base = {"estate": 5, "hamlet": 6, "company": 3, "site": 2, "shop": 6, "market": 1, "farm": 2, "road": 3}
            count = base.get(kind, 1)
            if kind not in ("school", "hospital", "market"):
                count = max(1, round(count * self.crowding))
            known = [self._make(rng, village, kind, n) for n in range(count)]
            self._places[(village.code, kind)] = known
        return known

    def neighbour_of(self, rng: random.Random, place: Place) -> Place:
        """Another place of the same kind on the same road, a few doors on."""
        self._extra_places += 1
        twin = self._make(rng, place.village, place.kind, 100000 + self._extra_places)
        twin.road, twin.number = place.road, place.number + rng.choice((2, 4, 6, 8))
        return twin

    def _make(self, rng: random.Random, village: Village, kind: str, n: int) -> Place:
        prefix = rng.choice(_WORDS["prefixes"])
        nickname = ""
        if kind == "estate":
            suffix = rng.choice(_WORDS["estates"])
            name = prefix + suffix
            aliases = [
                name.removesuffix("小区") + "小区",
                prefix + rng.choice("一二三") + "期",
                f"{village.short}{name}",
            ]
            if len(prefix) == 2 and suffix not in ("小区", "里"):
                aliases.append(prefix + "小区")
            if rng.random() < 0.35:
                nickname = rng.choice(_WORDS["nicknames"])
        elif kind == "hamlet":
            stem = rng.choice(_WORDS["stems"])
            base = (rng.choice(_WORDS["hamlets"]) + stem) if len(stem) == 1 else stem
            group = 1 + n % 12
            name = base if rng.random() < 0.6 else f"{village.short}{group}组"
            aliases = [
                f"{village.short}村{group}组",
                f"{name}小组",
                f"{village.short}{name}",
                f"{village.short}第{group}村民小组",
            ]
            nickname = f"{rng.choice(('上', '下', '老', '大'))}{rng.choice('寨村营')}" if rng.random() < 0.2 else ""
        elif kind == "company":
            trade = rng.choice(_WORDS["trades"])
            name = f"{rng.choice(('玉溪市', '云南', '玉溪', village.town.county.short))}{prefix}{trade}有限公司"
            aliases = [f"{prefix}{trade}", f"{prefix}{trade}厂", f"{prefix}公司", f"{prefix}厂"]
        elif kind == "site":
            what = rng.choice(("二期", "三标段", "改造工程", "安置房项目", "商业综合体", "厂房项目", "教学楼工程"))
            name = f"{prefix}{what}"
            aliases = [f"{name}工地", f"{prefix}工地", f"{village.short}{what}", f"{prefix}项目部"]
        elif kind == "shop":
            what = rng.choice(_WORDS["shops"])
            name = f"{prefix}{what}"
            aliases = [f"{prefix}{what}（{village.short}店）", f"{prefix}{what[:2]}", f"{prefix}"]
        elif kind == "market":
            what = rng.choice(("农贸市场", "夜市", "商业街", "菜市场", "步行街"))
            name = f"{village.short}{what}"
            aliases = [f"{village.short}菜街子", f"{village.town.short}{what}", f"{village.short}市场"]
        elif kind == "school":
            what = rng.choice(("小学", "中学", "幼儿园", "完小"))
            name = f"{rng.choice((village.short, village.town.short))}{what}"
            aliases = [f"{village.short}学校", f"{village.town.short}{what}"]
        elif kind == "hospital":
            name = rng.choice(
                (
                    f"{village.town.short}卫生院",
                    f"{village.town.county.short}人民医院",
                    f"{prefix}医院",
                    f"{prefix}口腔",
                )
            )
            aliases = [name.replace("人民医院", "县医院"), name + "住院部", f"{village.town.short}医院"]
        elif kind == "farm":
            what = rng.choice(_WORDS["farms"])
            name = f"{prefix}{what}"
            owner = self._surnames[bisect(self._surname_sums, rng.random() * self._surname_sums[-1])]
            aliases = [f"{village.short}{what}", f"{owner}家{what}", f"{prefix}{what[:2]}"]
        else:
            first, second = rng.sample(_WORDS["roads"], 2)
            name = f"{first}与{second}交叉口" if village.is_urban else f"{village.short}路段"
            aliases = [f"{first}{second}路口", f"{village.short}岔路口", f"{first}口子"]
        return Place(
            key=f"{village.code}:{kind}:{n}",
            kind=kind,
            name=name,
            aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != name)),
            nickname=nickname,
            village=village,
            road=rng.choice(_WORDS["roads"]) if village.is_urban else "",
            number=1 + int(rng.random() * 180),
            longitude=village.longitude + (rng.random() - 0.5) * 0.012,
            latitude=village.latitude + (rng.random() - 0.5) * 0.012,
        )

    def organisation(self, place: Place, role: str) -> Organisation:
        """Who answers for ``place`` in ``role``: company builder property developer shop school hospital farm …"""
        known = place.organisations.get(role)
        if known is None:
            known = self._make_organisation(random.Random(f"{self.seed}:{place.key}:{role}"), place, role)
            place.organisations[role] = known
        return known

    def _make_organisation(self, rng: random.Random, place: Place, role: str) -> Organisation:
        key = f"{place.key}:{role}"
        prefix, village = rng.choice(_WORDS["prefixes"]), place.village
        if role == "property":
            prefix = prefix if rng.random() < 0.6 else place.name[:2]
            name = f"{rng.choice(('玉溪', '云南', '玉溪市'))}{prefix}物业服务有限公司"
            shorts: tuple[str, ...] = (f"{prefix}物业", f"{prefix}物管", f"{prefix}物业公司")
        elif role == "developer":
            prefix = prefix if rng.random() < 0.5 else place.name[:2]
            name = f"{rng.choice(('玉溪', '云南', '玉溪市'))}{prefix}房地产开发有限公司"
            shorts = (f"{prefix}房开", f"{prefix}地产", f"{prefix}置业")
        elif role == "builder":
            what = rng.choice(("建筑工程", "建设集团", "劳务", "市政工程"))
            name = f"{rng.choice(('云南', '玉溪', '四川', '贵州'))}{prefix}{what}有限公司"
            shorts = (f"{prefix}{what[:2]}", f"{prefix}公司", f"{prefix}建司")
        elif role == "committee":
            key = f"{village.code}:committee"
            name = village.name
            shorts = (f"{village.short}村委会", f"{village.short}社区", f"{village.short}居委会")
        elif role == "government":
            key = f"{village.town.code}:government"
            name = f"{village.town.name}{'办事处' if '街道' in village.town.name else '人民政府'}"
            shorts = (village.town.name, f"{village.town.short}政府", f"{village.town.short}街道办")
        else:
            name, shorts = place.name, place.aliases
            if place.kind != "company" and role == "company":
                name = f"玉溪{place.name}{rng.choice(('管理有限公司', '经营部', '商贸有限公司'))}"
                shorts = (place.name, *place.aliases)
        landline = f"0877{2 + int(rng.random() * 7)}{int(rng.random() * 1e6):06d}"
        return Organisation(key, name, shorts, landline, self.person(rng))

    def office_phone(self, village: Village) -> str:
        """The phone in the village office, which anybody may use."""
        return f"0877{random.Random(village.town.code + village.short).randrange(2000000, 9999999)}"
