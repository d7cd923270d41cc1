"""Quarrels: who, where, about what, and who will tell which system when.

Here: one dispute with its plan of tellings, and how hard a world is (`Difficulty`). Not here: wording (`clerks`), the
order of days (`simulate`).
World, Matter -> Dispute with Tellings
"""

import random
from bisect import bisect
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from sources.simulator.phrases import Matter, matters
from sources.simulator.world import Organisation, Person, Place, Town, World

SYSTEMS = ("hotline", "police", "mediation", "citymgmt", "grid")
LARGEST = 40
"""How many people tell of the largest quarrels."""
QUIET_DAYS = 30
"""A matter that returns later than this after its end is a new dispute (`recurrence_of`)."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Shares between 0 and 1: how often a clerk leaves something out, gets it wrong or calls it by another name."""

    no_phone: float
    other_phone: float
    no_name: float
    masked_name: float
    homophone: float
    vague: float
    """How many records never name their place at all, only a landmark or 这边."""
    no_place: float
    landmark: float
    alias: float
    nickname: float
    road_only: float
    no_party: float
    twin: float
    vague_area: float
    wrong_class: float
    official: float
    relative: float
    """Of two-system tellings by the same side, how many come from another member of the family."""
    stranger: float
    """Of shared matters told again, how many tellings come from somebody new."""


NORMAL = Difficulty(
    no_phone=0.07,
    other_phone=0.20,
    no_name=0.16,
    masked_name=0.38,
    homophone=0.06,
    vague=0.055,
    no_place=0.06,
    landmark=0.10,
    alias=0.27,
    nickname=0.08,
    road_only=0.05,
    no_party=0.35,
    twin=0.14,
    vague_area=0.14,
    wrong_class=0.14,
    official=0.20,
    relative=0.25,
    stranger=0.82,
)
HARD = Difficulty(
    no_phone=0.16,
    other_phone=0.30,
    no_name=0.24,
    masked_name=0.46,
    homophone=0.12,
    vague=0.09,
    no_place=0.09,
    landmark=0.12,
    alias=0.38,
    nickname=0.14,
    road_only=0.08,
    no_party=0.5,
    twin=0.26,
    vague_area=0.26,
    wrong_class=0.24,
    official=0.16,
    relative=0.35,
    stranger=0.88,
)


@dataclass(slots=True)
class Telling:
    """One future record: ``role`` applicant family respondent member bystander staff."""

    day: int
    at: datetime
    source: str
    role: str
    person: Person
    is_transfer: bool = False


@dataclass(slots=True)
class Record:
    """What a dispute remembers of a record it became: enough to refer to it and to judge the warnings."""

    source: str
    number: str
    at: datetime
    person: str


@dataclass(slots=True)
class Dispute:
    """One quarrel. ``family`` is the complaining household, ``members`` the other complainants of a shared matter."""

    key: str
    matter: Matter
    place: Place
    family: list[Person]
    opponent: Person | None
    organisation: Organisation | None
    unit: str
    opponent_unit: str
    amount: str
    duration: str
    headcount: int
    facts: list[int]
    """Which of the matter's phrases this quarrel is about, the main one first: indices into say and write."""
    whys: list[int]
    is_mass: bool
    threatens: bool
    is_resolved: bool
    recurrence_of: str = ""
    hard_negative: str = ""
    members: list[Person] = field(default_factory=list)
    tellings: list[Telling] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    pending: int = 0
    resolved_at: datetime | None = None
    resolved_tier: str = ""
    warned: set[str] = field(default_factory=set)


# How many records tell of a quarrel that is no crowd's (假定), and where a quarrel goes next from each system.
_SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
_SIZE_SUMS = list(accumulate((0.595, 0.245, 0.088, 0.036, 0.016, 0.01, 0.006, 0.004)))
_HANDOVER = {
    "hotline": (0.0, 0.28, 0.3, 0.1, 0.32),
    "police": (0.3, 0.0, 0.4, 0.03, 0.27),
    "mediation": (0.4, 0.3, 0.0, 0.02, 0.28),
    "citymgmt": (0.6, 0.15, 0.1, 0.0, 0.15),
    "grid": (0.3, 0.25, 0.43, 0.02, 0.0),
}
# When people call, hour by hour, and when offices write.
_HOURS = {
    "hotline": list(accumulate((1, 1, 1, 1, 1, 1, 2, 5, 12, 15, 14, 9, 6, 7, 11, 12, 11, 8, 6, 5, 5, 4, 3, 2))),
    "police": list(accumulate((4, 3, 2, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 5, 5, 6, 6, 7, 8, 9, 10, 10, 9, 7))),
    "office": list(accumulate((0, 0, 0, 0, 0, 0, 0, 1, 8, 14, 14, 9, 2, 3, 10, 13, 12, 7, 2, 1, 1, 0, 0, 0))),
}


class Quarrels:
    """Makes disputes for one world; ``day`` numbers count from the first day of the simulation."""

    def __init__(self, world: World, rng: random.Random, difficulty: Difficulty, start: date) -> None:
        self.world = world
        self.rng = rng
        self.difficulty = difficulty
        self.start = start
        self.matters = matters()
        self._sums = list(accumulate(matter.weight for matter in self.matters))
        self._made = 0

    def clock(self, day: int, source: str) -> datetime:
        """A time on ``day`` when such records are made."""
        sums = _HOURS.get(source, _HOURS["office"])
        hour = bisect(sums, self.rng.random() * sums[-1])
        moment = datetime.combine(self.start, time(hour)) + timedelta(days=day)
        return moment + timedelta(seconds=int(self.rng.random() * 3600))

    def new(
        self,
        day: int,
        *,
        matter: Matter | None = None,
        town: Town | None = None,
        place: Place | None = None,
        family: list[Person] | None = None,
        hard_negative: str = "",
        is_small: bool = False,
    ) -> Dispute:
        """A new dispute that starts on ``day``; what is given is kept, the rest drawn."""
        rng, world = self.rng, self.world
        if matter is None:
            matter = self.matters[bisect(self._sums, rng.random() * self._sums[-1])]
        if place is None:
            village = world.village_of_town(rng, town, matter.where) if town else world.village(rng, matter.where)
            kinds = [
                k for k in matter.at if (k != "estate" or village.is_urban) and (k != "hamlet" or not village.is_urban)
            ]
            place = world.place(rng, village, rng.choice(kinds or list(matter.at)))
        family = family or world.household(rng, 3)
        opponent, organisation = self._other_side(matter, place, family)
        is_mass = matter.is_shared and not is_small and rng.random() < matter.mass
        self._made += 1
        dispute = Dispute(
            key=f"D{self._made:07d}",
            matter=matter,
            place=place,
            family=family,
            opponent=opponent,
            organisation=organisation,
            unit=self._unit(place),
            opponent_unit=self._unit(place),
            amount="",
            duration="",
            headcount=self._headcount(matter, is_mass),
            facts=rng.sample(range(len(matter.write)), 3),
            whys=rng.sample(range(len(matter.why)), 2),
            is_mass=is_mass,
            threatens=rng.random() < 0.045,
            is_resolved=rng.random() < 0.82,
            hard_negative=hard_negative,
        )
        self._plan(dispute, day, is_small)
        return dispute

    def again(self, old: Dispute, day: int) -> Dispute:
        """The matter of ``old`` returns on ``day``: the same people and place, a new dispute."""
        dispute = self.new(day, matter=old.matter, place=old.place, family=old.family)
        dispute.opponent, dispute.organisation = old.opponent, old.organisation
        dispute.unit, dispute.opponent_unit = old.unit, old.opponent_unit
        dispute.recurrence_of, dispute.facts = old.key, old.facts
        for telling in dispute.tellings:
            if telling.role == "respondent":
                telling.person = self._speaker(dispute)
        return dispute

    def _speaker(self, dispute: Dispute) -> Person:
        if dispute.opponent:
            return dispute.opponent
        assert dispute.organisation is not None
        return dispute.organisation.boss

    def _other_side(
        self, matter: Matter, place: Place, family: list[Person]
    ) -> tuple[Person | None, Organisation | None]:
        rng, world = self.rng, self.world
        if matter.against == "spouse":
            return (world.person(rng, is_male=not family[0].is_male), None)
        if matter.against == "kin":
            return world.person(rng, surname=family[0].surname), None
        if matter.against == "person":
            return world.person(rng, surname=family[0].surname if rng.random() < 0.12 else ""), None
        return None, world.organisation(place, matter.against)

    def _unit(self, place: Place) -> str:
        rng = self.rng
        if place.kind == "estate":
            building, room = 1 + int(rng.random() * 18), f"{1 + int(rng.random() * 17)}0{1 + int(rng.random() * 4)}"
            return rng.choice(
                (f"{building}栋{1 + int(rng.random() * 3)}单元{room}", f"{building}幢{room}", f"{building}-{room}")
            )
        if place.kind == "hamlet":
            return f"{1 + int(rng.random() * 120)}号"
        return ""

    def _headcount(self, matter: Matter, is_mass: bool) -> int:
        rng = self.rng
        if is_mass:
            return 10 + int(60 * rng.random() ** 2.5)
        if matter.is_shared:
            return 1 + int(11 * rng.random() ** 1.8)
        return 2 + int(3 * rng.random() ** 2)

    def _size(self, dispute: Dispute) -> int:
        rng = self.rng
        if dispute.is_mass and rng.random() < 0.5:
            # The tail: a few matters are told by dozens of people.
            size = 2 + int(5 * rng.paretovariate(1.35))
            return size if size <= LARGEST else LARGEST // 2 + int(rng.random() * (LARGEST // 2 + 1))
        size = _SIZES[min(bisect(_SIZE_SUMS, rng.random()), 7)]
        return min(size, 4) if not dispute.matter.is_shared else size

    def _plan(self, dispute: Dispute, day: int, is_small: bool) -> None:
        rng, matter = self.rng, dispute.matter
        size = 1 if is_small and rng.random() < 0.8 else self._size(dispute)
        sums = list(accumulate(matter.systems))
        first = SYSTEMS[bisect(sums, rng.random() * sums[-1])]
        one_system = rng.random() < 0.12
        crowd = size >= 5
        at = self.clock(day, first)
        source, when, previous = first, at, None
        for n in range(size):
            is_transfer = False
            if n:
                gap = rng.expovariate(1 / 1.1) if crowd else 0.15 + rng.expovariate(1 / 4.0)
                when = when + timedelta(days=min(gap, 20.0))
                if not one_system and rng.random() < (0.35 if crowd else 0.82):
                    chances = [p if matter.systems[k] > 0 else 0 for k, p in enumerate(_HANDOVER[source])]
                    total = list(accumulate(chances))
                    source = SYSTEMS[bisect(total, rng.random() * total[-1])] if total[-1] else source
                    is_transfer = source != previous and rng.random() < 0.72
                elif crowd:
                    source = first
                offset = (when.date() - self.start).days
                when = self.clock(offset, source) if rng.random() < 0.6 and not crowd else when
                if when <= at:
                    when = at + timedelta(minutes=20 + int(rng.random() * 600))
                when = when.replace(microsecond=0)
                at = when
            role, person = self._teller(dispute, n, source, is_transfer)
            dispute.tellings.append(Telling((when.date() - self.start).days, when, source, role, person, is_transfer))
            previous = source
        dispute.pending = size
        dispute.headcount = max(dispute.headcount, len({telling.person.key for telling in dispute.tellings}))

    def _teller(self, dispute: Dispute, n: int, source: str, is_transfer: bool) -> tuple[str, Person]:
        rng, hard = self.rng, self.difficulty
        head = dispute.family[0]
        if dispute.matter.is_shared and n:
            if rng.random() < 0.04:
                return "respondent", self._speaker(dispute)
            if rng.random() < hard.stranger:
                dispute.members.append(self.world.person(rng))
                return "member", dispute.members[-1]
            again = rng.choice([head, *dispute.members])
            return "applicant" if again is head else "member", again
        draw = rng.random()
        if n and draw < 0.14:
            return "respondent", self._speaker(dispute)
        if (n and draw < 0.14 + hard.relative) or (not n and draw < 0.06):
            return "family", rng.choice(dispute.family[1:] or dispute.family)
        if draw > 0.95 and not is_transfer:
            return "bystander", self.world.person(rng)
        return "applicant", head
