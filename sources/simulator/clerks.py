"""Five kinds of clerk: each hears a telling and writes it down as its own system does.

Here: what a record says, leaves out or gets wrong, and which later versions it will have. Not here: file formats
(`exports`), who tells what when (`disputes`).
Dispute, Telling -> Note (cells of one row, its later versions, its truth)

A clerk never writes a dispute's key: what the rows of one dispute share is what the tellers themselves knew.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sources.simulator.disputes import HARD, Difficulty, Dispute, Quarrels, Record, Telling
from sources.simulator.geometry import to_bd09mc, to_gcj02
from sources.simulator.phrases import Pool, fill, frames
from sources.simulator.workdays import Workdays
from sources.simulator.world import County, Person, Place, Town, Village, World, sound_alikes

LEVELS = ("none", "county", "town", "village")
Cells = list[Any]


@dataclass(slots=True)
class Later:
    """A later version of a record: the cells that changed, by index, and the day it happens."""

    day: int
    at: datetime
    cells: dict[int, Any]


@dataclass(slots=True)
class Note:
    """One record as written: ``cells`` in the order of the source's columns; ``parties``: mediation's second sheet."""

    source: str
    number: str
    at: datetime
    cells: Cells
    dispute: Dispute | None
    later: list[Later] = field(default_factory=list)
    parties: list[Cells] = field(default_factory=list)
    delays: Cells = field(default_factory=list)
    is_dispute: bool = False
    category: str = ""
    village: Village | None = None
    person: str = ""
    role: str = ""
    is_vague: bool = False
    place_level: int = 0
    named_place: str = ""
    named_parties: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    deadline: datetime | None = None
    closed_at: datetime | None = None
    is_solved: bool = False
    tier: str = ""
    headcount: int = 0
    count_said: str = ""


def _iso(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _compact(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S")


_GENERIC_FILL = {"o": "对方", "m": "一笔钱", "t": "一段时间", "n": "多", "want": "", "x": "", "y": ""}
# Where a system's texts stand in its row.
_TEXTS = {"hotline": (10, 11), "police": (15, 16), "mediation": (6,), "citymgmt": (5,), "grid": (1, 13)}
_CN_DIGITS = "零一二三四五六七八九十"
_JUNK_PHONES = ("00000", "11111111111", "12345", "无", "8888888", "保密", "110", "1380000")
_BANKS = (
    "综治中心",
    "司法所",
    "派出所",
    "村委会",
    "街道办",
    "住建局",
    "人社局",
    "市场监管局",
    "城市管理局",
    "生态环境局",
)


class Clerks:
    """The clerks of one simulation; numbers they give are unique within it."""

    def __init__(self, world: World, rng: random.Random, quarrels: Quarrels, hard: Difficulty, days: Workdays) -> None:
        self.world = world
        self.rng = rng
        self.quarrels = quarrels
        self.hard = hard
        self.days = days
        self.is_hard = hard is HARD
        self.frames: dict[str, Pool] = frames()
        self.sounds = sound_alikes()
        self._serial = 0
        self._used: set[str] = set()
        self._recent: dict[str, list[str]] = {"hotline": [], "police": []}
        self._handlers: dict[str, list[Person]] = {}
        self._inquiries = [self._options(p) for p in self.frames["inquiry"]]
        self._facilities = [self._options(p) for p in self.frames["facility"]]
        self._police_other = [self._options(p) for p in self.frames["police_other"]]
        self._facilities_cm = [self._options(p) for p in self.frames["facility_cm"]]

    @staticmethod
    def _options(readings: list[tuple[str, ...]]) -> list[list[str]]:
        return [reading[0].split(";") for reading in readings]

    def new_day(self) -> None:
        """Forgets the numbers given yesterday: they carry their date, so that they cannot come again."""
        self._used.clear()

    # Small words

    def say(self, pool: str, slots: dict[str, str]) -> str:
        """One reading of ``pool`` with its slots filled."""
        rng = self.rng
        return fill(rng.choice(rng.choice(self.frames[pool])), slots)

    def _name(self, person: Person, note: Note, *, is_caller: bool) -> str:
        """A person's name as written down, perhaps masked, misheard or missing."""
        rng, hard = self.rng, self.hard
        draw = rng.random()
        if is_caller:
            if draw < hard.no_name:
                note.flags.add("no_name")
                return rng.choice(("匿名", "", "", "不详", "群众", "热心市民"))
            draw = (draw - hard.no_name) / (1 - hard.no_name)
        if draw < hard.masked_name:
            note.flags.add("no_name")
            style = rng.random()
            if style < 0.5:
                return person.surname + ("先生" if person.is_male else rng.choice(("女士", "女士", "小姐")))
            if style < 0.7:
                return person.surname + "*" * len(person.given)
            if style < 0.85:
                return person.surname + "某" + ("某" if len(person.given) > 1 else "")
            return person.surname + "*" + (person.given[-1] if len(person.given) > 1 else "")
        if rng.random() < hard.homophone:
            wrong = self._misheard(person)
            if wrong != person.name:
                note.flags.add("homophone")
                return wrong
        note.named_parties.add(person.key)
        return person.name

    def _misheard(self, person: Person) -> str:
        letters = list(person.name)
        places = [i for i, letter in enumerate(letters) if letter in self.sounds]
        if places:
            spot = self.rng.choice(places)
            letters[spot] = self.rng.choice(self.sounds[letters[spot]])
        return "".join(letters)

    def _phone(self, person: Person, note: Note, *, other: float | None = None) -> str:
        """A person's phone as written down: another of theirs, an office phone, junk or nothing at times."""
        rng, hard = self.rng, self.hard
        draw = rng.random()
        if draw < hard.no_phone * 0.6:
            return ""
        if draw < hard.no_phone:
            return rng.choice(_JUNK_PHONES)
        if draw > 0.975 and note.village is not None:
            phone = self.world.office_phone(note.village)
            note.flags.add("office_phone")
            note.phones.add(phone)
            return phone if rng.random() < 0.5 else f"{phone[:4]}-{phone[4:]}"
        wants_other = rng.random() < (hard.other_phone if other is None else other)
        phone = person.phones[-1] if wants_other else person.phones[0]
        note.phones.add(phone)
        return self._dress(phone)

    def _dress(self, phone: str) -> str:
        draw = self.rng.random()
        if draw < 0.88:
            return phone
        if draw < 0.92:
            return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
        if draw < 0.95:
            return f"+86{phone}"
        if draw < 0.97:
            return f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        if draw < 0.985:
            return phone.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        return f"0{phone}"

    def _id_number(self, person: Person) -> str:
        draw, number = self.rng.random(), person.id_number
        if draw < 0.72:
            return number
        if draw < 0.80:
            return ""
        if draw < 0.86:
            return "无"
        if draw < 0.90:
            return number[:6] + number[8:17]
        if draw < 0.94:
            return number[:17] + ("1" if number[17] != "1" else "2")
        if draw < 0.97:
            return number.lower()
        return number[:6] + "********" + number[14:]

    def _side(self, dispute: Dispute, note: Note, *, reversed_: bool, formal: float = 0.3) -> str:
        """How a teller calls the other side."""
        rng, hard = self.rng, self.hard
        draw = rng.random()
        if reversed_:
            if draw < hard.no_party:
                return rng.choice(("对方", "那家人", "他们", "投诉人", "那一家"))
            return self._mention(dispute.family[0], note)
        if dispute.organisation is not None:
            if draw < hard.no_party:
                return rng.choice(dispute.matter.other)
            note.named_parties.add(dispute.organisation.key)
            if rng.random() < formal:
                return dispute.organisation.name
            return rng.choice(dispute.organisation.shorts)
        if draw < max(hard.no_party, 0.5):
            return rng.choice(dispute.matter.other)
        assert dispute.opponent is not None
        return self._mention(dispute.opponent, note)

    def _mention(self, person: Person, note: Note) -> str:
        rng = self.rng
        draw = rng.random()
        if draw < 0.45:
            return person.surname + rng.choice(("某", "某某", "家", "老板" if person.is_male else "姐"))
        if draw < 0.45 + self.hard.homophone:
            note.flags.add("homophone")
            return self._misheard(person)
        note.named_parties.add(person.key)
        return person.name

    def _party(self, person: Person, note: Note) -> str:
        """A party's name in the text of somebody who has seen the papers."""
        if self.rng.random() < 0.35:
            return person.surname + self.rng.choice(("某", "某某", "某甲"))
        if self.rng.random() < self.hard.homophone:
            note.flags.add("homophone")
            return self._misheard(person)
        note.named_parties.add(person.key)
        return person.name

    # Places

    def _county(self, county: County) -> str:
        draw = self.rng.random()
        if draw < 0.6:
            return county.name
        return county.old if county.old and draw < 0.75 else county.short

    def _town(self, town: Town) -> str:
        draw = self.rng.random()
        if draw < 0.65:
            return town.name
        return town.old if town.old and draw < 0.85 else town.short

    def _raise(self, note: Note, level: int) -> None:
        note.place_level = max(note.place_level, level)

    def _where(self, dispute: Dispute, note: Note, unit: str, *, formal: float) -> str:
        """The place as said: formal address, bare name, alias, landmark or nothing of use."""
        rng, hard, place = self.rng, self.hard, dispute.place
        village, town = place.village, place.village.town
        draw = rng.random()
        if draw < hard.no_place:
            return rng.choice(("", "", "这边", "我们这里", "家里", "楼下", "附近"))
        draw = (draw - hard.no_place) / (1 - hard.no_place)
        lead = ""
        if rng.random() < formal:
            if rng.random() < 0.6:
                lead = self._county(town.county)
                self._raise(note, 1)
            if rng.random() < 0.7:
                lead += self._town(town)
                self._raise(note, 2)
            if rng.random() < 0.35:
                lead += (
                    village.short + rng.choice(("社区", ""))
                    if village.is_urban
                    else village.short + rng.choice(("村", "村委会"))
                )
                self._raise(note, 3)
        if draw < hard.landmark or note.is_vague:
            if rng.random() < 0.5 and not lead:
                lead = self._town(town)
                self._raise(note, 2)
            return lead + self.say("landmark", {})
        draw = (draw - hard.landmark) / (1 - hard.landmark)
        if draw < hard.road_only and place.road:
            return f"{lead}{place.road}{place.number}号"
        tail = unit if unit and rng.random() < 0.45 else ""
        if rng.random() < hard.nickname and place.nickname:
            return lead + place.nickname + tail
        note.named_place = place.key
        road = f"{place.road}{place.number}号" if place.road and lead and rng.random() < 0.45 else ""
        if rng.random() < hard.alias and place.aliases:
            return lead + road + rng.choice(place.aliases) + tail
        return lead + road + place.name + tail

    def _point(self, place: Place, spread: float = 0.0012) -> tuple[float, float]:
        rng = self.rng
        return (
            round(place.longitude + (rng.random() - 0.5) * spread, 6),
            round(place.latitude + (rng.random() - 0.5) * spread, 6),
        )

    # The common part of a record

    def _start(self, source: str, number: str, at: datetime, dispute: Dispute | None, telling: Telling | None) -> Note:
        note = Note(source, number, at, [], dispute)
        if dispute is not None and telling is not None:
            note.is_dispute = True
            note.is_vague = self.rng.random() < self.hard.vague
            note.category = dispute.matter.code
            note.village = dispute.place.village
            note.person, note.role = telling.person.key, telling.role
            if dispute.is_mass or len(dispute.tellings) >= 8:
                note.flags.add("mass")
            if telling.role == "respondent":
                note.flags.add("role_reversed")
            if telling.role == "family":
                note.flags.add("family")
            if dispute.hard_negative:
                note.flags.add("hard_negative")
            if dispute.recurrence_of:
                note.flags.add("recurrence")
        return note

    def _slots(self, dispute: Dispute, telling: Telling, note: Note, *, official: float) -> dict[str, str]:
        rng, matter = self.rng, dispute.matter
        reversed_ = telling.role == "respondent"
        if matter.is_shared or not dispute.amount:
            dispute.amount = self.say("amounts", {})
            dispute.duration = self.say("durations", {})
        slots = {
            "o": self._side(dispute, note, reversed_=reversed_, formal=official),
            "m": dispute.amount,
            "t": dispute.duration,
            "n": self._count(dispute.headcount),
        }
        note.count_said = slots["n"]
        slots["say"] = fill(rng.choice(matter.say[self._fact(dispute)]), slots)
        slots["write"] = fill(rng.choice(matter.write[self._fact(dispute)]), slots)
        slots["why"] = fill(rng.choice(matter.why[rng.choice(dispute.whys)]), slots)
        slots["want"] = fill(rng.choice(rng.choice(matter.want)), slots)
        slots["name"] = rng.choice(matter.names)
        slots["number"] = slots["extra"] = slots["phone"] = slots["fullname"] = slots["id"] = ""
        return slots

    def _fact(self, dispute: Dispute) -> int:
        """What a teller picks out of a quarrel: mostly its main point."""
        draw = self.rng.random()
        return dispute.facts[0 if draw < 0.8 else 1 if draw < 0.94 else 2]

    def _count(self, people: int) -> str:
        rng = self.rng
        if people <= 10 and rng.random() < 0.5:
            return _CN_DIGITS[people]
        return str(people) if rng.random() < 0.6 or people < 12 else f"{people // 10 * 10}多"

    def _extra(self, dispute: Dispute, telling: Telling, note: Note, slots: dict[str, str], source: str) -> str:
        """What a text carries besides its matter: threats, decoys, phones, numbers of other systems, head counts."""
        rng = self.rng
        parts = []
        if telling.role == "family":
            parts.append(self.say("family", slots))
        elif telling.role == "respondent" and rng.random() < 0.75:
            parts.append(self.say("reversed", slots))
        if dispute.threatens and telling.role != "bystander" and rng.random() < 0.7:
            parts.append(self.say("threat", slots))
            note.flags.add("threat")
        elif rng.random() < 0.03:
            parts.append(self.say("decoy", slots))
            note.flags.add("threat_decoy")
        if dispute.is_mass and rng.random() < 0.45:
            parts.append(self.say("mass_in_text", slots))
            note.headcount = dispute.headcount
        if source in ("hotline", "citymgmt") and rng.random() < 0.05:
            slots["phone"] = self._dress(telling.person.phones[0])
            slots["fullname"] = telling.person.name
            said = self.say("phone_in_text", slots)
            parts.append(said)
            note.phones.add(telling.person.phones[0])
            if telling.person.name in said:
                note.named_parties.add(telling.person.key)
        elif source == "hotline" and rng.random() < 0.01:
            slots["id"] = telling.person.id_number
            parts.append(self.say("id_in_text", slots))
        return "".join(parts)

    def _class(self, dispute: Dispute, source: str) -> str:
        classes = dispute.matter.classes[source]
        rng = self.rng
        if not classes or rng.random() < self.hard.wrong_class * 0.5:
            others = [m.classes[source] for m in self.quarrels.matters if m.classes[source]]
            return rng.choice(rng.choice(others))
        if len(classes) > 1 and rng.random() < self.hard.wrong_class * 2:
            return rng.choice(classes[1:])
        return classes[0]

    def _typo(self, text: str) -> str:
        rng = self.rng
        if len(text) > 12 and rng.random() < (0.08 if self.is_hard else 0.04):
            spot = 3 + int(rng.random() * (len(text) - 6))
            return text[:spot] + text[spot + 1 :] if rng.random() < 0.5 else text[:spot] + text[spot] + text[spot:]
        return text

    def _handler(self, town: str) -> Person:
        people = self._handlers.get(town)
        if people is None:
            people = [self.world.person(random.Random(f"{town}{n}")) for n in range(4)]
            self._handlers[town] = people
        return self.rng.choice(people)

    def _unit_of(self, village: Village) -> str:
        draw = self.rng.random()
        if draw < 0.35:
            return village.town.name + ("办事处" if "街道" in village.town.name else "人民政府")
        return village.town.county.short + self.rng.choice(_BANKS)

    def _earlier(self, dispute: Dispute, source: str, person: str = "") -> str:
        for record in reversed(dispute.records):
            if record.source == source and (not person or record.person == person):
                return record.number
        return ""

    def _official(self, dispute: Dispute, telling: Telling, note: Note) -> tuple[str, str]:
        """Which system's number a transfer carries, and the number: sometimes a wrong one."""
        rng = self.rng
        if not telling.is_transfer or not dispute.records:
            return "", ""
        note.flags.add("transfer")
        if rng.random() >= self.hard.official:
            return "", ""
        record = dispute.records[-1]
        note.flags.add("official_number")
        if rng.random() < 0.05 and self._recent.get(record.source):
            note.flags.add("wrong_number")
            return record.source, rng.choice(self._recent[record.source])
        return record.source, record.number

    def _remember(self, note: Note) -> None:
        recent = self._recent.get(note.source)
        if recent is not None:
            recent.append(note.number)
            if len(recent) > 200:
                del recent[:100]
        if note.dispute is not None:
            note.dispute.records.append(Record(note.source, note.number, note.at, note.person))

    def _unique(self, make: Iterator[str]) -> str:
        for number in make:
            if number not in self._used:
                self._used.add(number)
                return number
        raise AssertionError("numbers never run out")

    def _numbers(self, head: str, digits: int) -> Iterator[str]:
        while True:
            yield f"{head}{int(self.rng.random() * 10**digits):0{digits}d}"

    # 12345

    def hotline_number(self, at: datetime) -> str:
        """An order number: text with a leading zero, or the plain number of a district's own subsystem."""
        self._serial += 1
        if self.rng.random() < 0.01:
            return str(180000000 + self._serial)
        return self._unique(self._numbers("0" + at.strftime("%y%m%d%H%M%S"), 4))

    def hotline(self, dispute: Dispute, telling: Telling) -> Note:
        """A 12345 order about ``dispute``."""
        rng, at = self.rng, telling.at
        note = self._start("hotline", self.hotline_number(at), at, dispute, telling)
        slots = self._slots(dispute, telling, note, official=0.35)
        person = telling.person
        caller = self._name(person, note, is_caller=True)
        slots["caller"] = caller if caller and caller not in ("匿名", "不详") else "市民"
        slots["who"] = self.say("who.text", slots)
        unit = dispute.opponent_unit if telling.role == "respondent" else dispute.unit
        slots["place"] = self._where(dispute, note, unit, formal=0.35)
        kind, number = self._official(dispute, telling, note)
        extra = self._extra(dispute, telling, note, slots, "hotline")
        old = ""
        if number:
            if kind == "hotline":
                old = number
            else:
                slots["number"] = number
                extra += self.say("number", slots)
        elif rng.random() < 0.25:
            old = self._earlier(dispute, "hotline", person.key)
        slots["extra"] = extra
        title = self.say("hotline.title", slots)
        text = self._typo(self.say("hotline.text", slots))
        request = rng.choices(("投诉", "求助", "举报", "其他", "咨询", "建议"), (60, 22, 9, 4, 4, 1))[0]
        address, county, town = self._hotline_place(dispute, note, unit, person)
        blamed, blamed_phone = "", ""
        if rng.random() < 0.5:
            if telling.role == "respondent":
                blamed = self._mention(dispute.family[0], note)
            else:
                blamed = self._side(dispute, note, reversed_=False, formal=0.6)
            if rng.random() < 0.15:
                other = dispute.family[0] if telling.role == "respondent" else dispute.opponent
                if other is not None:
                    blamed_phone = self._phone(other, note)
                elif dispute.organisation is not None:
                    blamed_phone = dispute.organisation.phone
                    note.phones.add(blamed_phone)
        channel = "110转办" if kind == "police" else rng.choices(("电话", "微信", "网站", "APP"), (78, 12, 4, 6))[0]
        self._finish_hotline(
            note,
            [old, channel, request, caller, person, title, text, self._class(dispute, "hotline")],
            [county, town, address, blamed, blamed_phone],
            is_final=telling is dispute.tellings[-1],
            slots=slots,
        )
        return note

    def _hotline_place(self, dispute: Dispute, note: Note, unit: str, person: Person) -> tuple[str, str, str]:
        rng, hard, place = self.rng, self.hard, dispute.place
        town = place.village.town
        address = self._where(dispute, note, unit, formal=0.5) if rng.random() < 0.72 else ""
        if address and rng.random() < 0.08:
            lon, lat = to_gcj02(*self._point(place))
            address = f'{{"address": "{address}", "lng": {lon:.6f}, "lat": {lat:.6f}}}'
        county = town_text = ""
        draw = rng.random()
        if draw < 0.93:
            wrong = rng.random() < 0.03
            county = self._county(rng.choice(self.world.counties) if wrong else town.county)
            self._raise(note, 1)
            if draw < 0.93 - hard.vague_area and not wrong:
                town_text = self._town(rng.choice(self.world.towns) if rng.random() < 0.03 else town)
                self._raise(note, 2)
        return address, county, town_text

    def _finish_hotline(
        self, note: Note, what: list[Any], where: list[Any], *, is_final: bool, slots: dict[str, str]
    ) -> None:
        """Fills the 28 columns of an order from what it is about and where, and decides how it ends."""
        rng, at, dispute = self.rng, note.at, note.dispute
        old, channel, request, caller, person, title, text, category = what
        draw = rng.random()
        phone = self._phone(person, note)
        contact = "" if draw < 0.35 else phone if draw < 0.8 else self._phone(person, note, other=0.8)
        if not note.phones:
            note.flags.add("no_phone")
        limit = {"咨询": 2, "求助": 5, "投诉": 5, "举报": 10, "建议": 10, "感谢": 2}.get(request, 5)
        deadline = datetime.combine(self.days.after(at.date(), limit), at.time().replace(microsecond=0))
        closed = self._closing(at, deadline, quick=0.55 if note.is_dispute else 0.93, late=0.09)
        resolved = bool(dispute and dispute.is_resolved and is_final)
        if resolved and closed is None:
            closed = (at + timedelta(days=1 + rng.random() * 4)).replace(microsecond=0)
        solved = closed is not None and (resolved or rng.random() < 0.55)
        unit = self._unit_of(note.village) if note.village else "12345坐席"
        slots["org"] = unit
        open_status = rng.choice(("待派单", "办理中", "办理中"))
        done = [_iso(closed), rng.choice(("已办结", "已办结", "已归档")) if closed else open_status]
        if closed and rng.random() < 0.02 and not resolved:
            done[1] = "退回"
        visit = ["", "", "", ""]
        if closed and done[1] != "退回":
            visited = rng.random() < 0.7
            visit = ["是" if visited else "否", "是" if rng.random() < 0.93 else "否", "是" if solved else "否", ""]
            if visited:
                happy = (40, 30, 15, 15) if solved else (5, 12, 20, 63)
                visit[3] = rng.choices(("满意", "基本满意", "一般", "不满意"), happy)[0]
        result = self.say("hotline.result", slots) if closed else ""
        if closed and note.is_dispute and rng.random() < 0.04:
            result += self.say("decoy", slots)
        gender = "" if rng.random() < 0.2 else "男" if person.is_male else "女"
        head = [note.number, old, at, channel, request, caller, gender, phone, contact]
        head += ["是" if rng.random() < 0.05 else "否", title, text, category, *where, unit, limit, _iso(deadline)]
        note.deadline, note.closed_at, note.is_solved = deadline, closed, solved
        note.tier = "县"
        if closed is None or closed.date() == at.date():
            note.cells = [*head, *done, *visit, result]
        else:
            note.cells = [*head, "", open_status, "", "", "", "", ""]
            changed = dict(zip(range(21, 28), [*done, *visit, result], strict=True))
            note.later = [Later((closed.date() - self.quarrels.start).days, closed, changed)]

    def _closing(self, at: datetime, deadline: datetime, *, quick: float, late: float) -> datetime | None:
        rng = self.rng
        draw = rng.random()
        if draw < quick:
            return min(at + timedelta(minutes=5 + int(rng.random() * 240)), at.replace(hour=23, minute=59, second=59))
        if draw > 1 - late:
            if rng.random() < 0.3:
                return None
            return (deadline + timedelta(days=0.2 + rng.expovariate(1 / 4.0))).replace(microsecond=0)
        span = (deadline - at) * (0.15 + 0.8 * rng.random())
        return (at + span).replace(microsecond=0)

    def inquiry(self, at: datetime) -> Note:
        """A 12345 order that is no dispute: a question, thanks, advice."""
        return self._plain_hotline(at, self.rng.choice(self._inquiries))

    def facility(self, at: datetime) -> Note:
        """A 12345 order about a lamp, a manhole, a power cut."""
        return self._plain_hotline(at, self.rng.choice(self._facilities))

    def _plain_hotline(self, at: datetime, options: list[list[str]]) -> Note:
        rng = self.rng
        request, category, words = rng.choice(options)
        note = Note("hotline", self.hotline_number(at), at, [], None)
        village = self.world.village(rng, "any")
        note.village = village
        person = self.world.person(rng)
        note.person, note.role = person.key, "caller"
        caller = self._name(person, note, is_caller=True)
        place = self.world.place(rng, village, "estate" if village.is_urban else "hamlet")
        where = f"{place.name}" if request != "咨询" or rng.random() < 0.1 else ""
        lead = rng.choice(("市民", caller or "来电人", "来电人", "诉求人")) + rng.choice(
            ("来电", "来电表示，", "致电：", "")
        )
        text = f"{lead}{where}{words}{rng.choice(('。', '，请答复。', '，谢谢。', '，请转相关部门。'))}"
        if rng.random() < 0.006:
            text += self.say("decoy", {})
            note.flags.add("threat_decoy")
        county = self._county(village.town.county) if rng.random() < 0.8 else ""
        town = self._town(village.town) if county and rng.random() < 0.5 else ""
        self._raise(note, 2 if town else 1 if county else 0)
        address = (where and rng.random() < 0.6 and f"{self._town(village.town)}{where}") or ""
        self._finish_hotline(
            note,
            [
                "",
                rng.choices(("电话", "微信", "网站", "APP"), (78, 12, 4, 6))[0],
                request,
                caller,
                person,
                words[:20],
                text,
                category,
            ],
            [county, town, address, "", ""],
            is_final=True,
            slots={},
        )
        return note

    # 110

    def police_number(self, county: str, at: datetime) -> str:
        """27 digits: unit, date, second of the day, two more."""
        second = at.hour * 3600 + at.minute * 60 + at.second
        return self._unique(self._numbers(f"{county}000000{at:%Y%m%d}{second:05d}", 2))

    def police(self, dispute: Dispute, telling: Telling) -> Note:
        """A 110 call about ``dispute``."""
        rng, at = self.rng, telling.at
        place, village = dispute.place, dispute.place.village
        county = village.town.county.code
        note = self._start("police", self.police_number(county, at), at, dispute, telling)
        slots = self._slots(dispute, telling, note, official=0.15)
        person = telling.person
        caller = self._name(person, note, is_caller=True)
        slots["caller"] = caller or "群众"
        slots["who"] = self.say("who.text", slots)
        unit = dispute.opponent_unit if telling.role == "respondent" else dispute.unit
        slots["place"] = self._where(dispute, note, unit, formal=0.25)
        kind, number = self._official(dispute, telling, note)
        slots["extra"] = self._extra(dispute, telling, note, slots, "police")
        repeat = related = order = ""
        if number:
            if kind == "hotline":
                order = number
            elif kind == "police":
                related = number
            else:
                slots["number"] = number
                slots["extra"] += self.say("number", slots)
        elif rng.random() < 0.2:
            earlier = self._earlier(dispute, "police")
            repeat, related = (earlier, "") if rng.random() < 0.6 else ("", earlier)
        text = self._typo(self.say("police.text", slots))
        self._parties_of_text(dispute, telling, note, slots)
        action = self._typo(self.say("police.action", {**slots, "extra": ""}))
        if dispute.threatens and "threat" not in note.flags and rng.random() < 0.3:
            action += self.say("decoy", slots)
        address = self._where(dispute, note, unit, formal=0.6) if rng.random() < 0.9 else ""
        area = county if rng.random() < 0.93 else rng.choice(("", rng.choice(self.world.counties).code))
        if area == county:
            self._raise(note, 1)
        first = self._class(dispute, "police").split("/")
        confirmed = self._class(dispute, "police").split("/") if rng.random() < 0.62 else ["", "", ""]
        lon, lat = self._coordinates(place)
        note.cells = self._police_cells(
            note, person, caller, first, confirmed, address, area, text, action, village, lon, lat
        )
        note.cells[22:25] = [repeat, related, order]
        note.closed_at = at + timedelta(hours=1)
        note.is_solved = dispute.is_resolved and telling is dispute.tellings[-1]
        note.tier = "乡"
        if not any(confirmed) and rng.random() < 0.2:
            confirmed = self._class(dispute, "police").split("/")
            day = (at.date() - self.quarrels.start).days + 1
            note.later = [Later(day, at + timedelta(days=1), dict(zip((9, 10, 11), confirmed, strict=True)))]
        return note

    def _coordinates(self, place: Place) -> tuple[str, str]:
        draw = self.rng.random()
        if draw < 0.15:
            return "", ""
        if draw < 0.2:
            return "0", "0"
        lon, lat = self._point(place, 0.003)
        return f"{lon:.6f}", f"{lat:.6f}"

    def _police_cells(
        self,
        note: Note,
        person: Person,
        caller: str,
        first: list[str],
        confirmed: list[str],
        address: str,
        area: str,
        text: str,
        action: str,
        village: Village,
        lon: str,
        lat: str,
    ) -> Cells:
        rng = self.rng
        phone = self._phone(person, note)
        contact = "" if rng.random() < 0.5 else self._phone(person, note, other=0.5)
        if not note.phones:
            note.flags.add("no_phone")
        first, confirmed = (parts + [""] * (3 - len(parts)) for parts in (first, confirmed))
        town = village.town
        code = f"{town.county.code}{int(town.code[6:9]) % 100:02d}0000"
        return [
            note.number,
            _compact(note.at),
            phone,
            contact,
            caller,
            self._id_number(person) if rng.random() < 0.4 else rng.choice(("", "", "无")),
            *first[:3],
            *confirmed[:3],
            rng.choices(("四级", "三级", "二级", "一级"), (70, 24, 5, 1))[0],
            address,
            area,
            text,
            action,
            self.say("police.result", {}),
            code,
            f"{town.county.short}公安局{town.short}派出所",
            lon,
            lat,
            "",
            "",
            "",
        ]

    def police_other(self, at: datetime, *, is_void: bool) -> Note:
        """A 110 call that is no dispute of its own: help, questions, nuisance, repeats and 副单."""
        rng = self.rng
        village = self.world.village(rng, "any")
        county = village.town.county.code
        note = Note("police", self.police_number(county, at), at, [], None)
        note.village = village
        person = self.world.person(rng)
        note.person, note.role = person.key, "caller"
        caller = self._name(person, note, is_caller=True)
        place = self.world.place(rng, village, "estate" if village.is_urban else "hamlet")
        repeat = ""
        if is_void:
            matter = rng.choice(self.quarrels.matters)
            text = f"{place.name}{fill(rng.choice(rng.choice(matter.say)), _GENERIC_FILL)}"
            first = rng.choice(matter.classes["police"]).split("/") if matter.classes["police"] else ["纠纷", "", ""]
            action = self.say("police_void", {})
            if ("重复" in action or "副单" in action) and self._recent["police"]:
                repeat = rng.choice(self._recent["police"][-20:])
        else:
            kind, sub, fine, text = rng.choice(rng.choice(self._police_other))
            first, action = (
                [kind, sub, fine],
                rng.choice(("已处置", "已联系相关部门", "已解答", "民警到场帮助", "无警情")),
            )
            text = f"{place.name}{text}"
        area = county if rng.random() < 0.95 else ""
        self._raise(note, 1 if area else 0)
        lon, lat = self._coordinates(place)
        confirmed = first if rng.random() < 0.6 else ["", "", ""]
        note.cells = self._police_cells(
            note, person, caller, first, confirmed, place.name, area, text, action, village, lon, lat
        )
        note.cells[22] = repeat
        return note

    def _parties_of_text(self, dispute: Dispute, telling: Telling, note: Note, slots: dict[str, str]) -> None:
        """Sets <x> and <y>: the complaining side as this clerk met it, and the other side."""
        is_new = telling.role == "member" and self.rng.random() < 0.6
        head = telling.person if is_new else dispute.family[0]
        slots["x"] = self._party(head, note)
        if dispute.organisation is not None:
            note.named_parties.add(dispute.organisation.key)
            slots["y"] = (
                dispute.organisation.name if self.rng.random() < 0.5 else self.rng.choice(dispute.organisation.shorts)
            )
        else:
            assert dispute.opponent is not None
            slots["y"] = self._party(dispute.opponent, note)

    # 人民调解

    def mediation(self, dispute: Dispute, telling: Telling) -> Note:
        """A mediation case about ``dispute``, with its party rows."""
        rng, at = self.rng, telling.at
        village = dispute.place.village
        town, county = village.town, village.town.county
        number = self._unique(self._numbers(f"YZT{county.code}{at:%Y%m%d}", 5))
        note = self._start("mediation", number, at, dispute, telling)
        slots = self._slots(dispute, telling, note, official=0.6)
        self._parties_of_text(dispute, telling, note, slots)
        slots["place"] = self._where(dispute, note, dispute.unit, formal=0.5)
        slots["date"] = f"{at.year}年{at.month}月{max(1, at.day - int(rng.random() * 3))}日"
        kind, official = self._official(dispute, telling, note)
        slots["extra"] = self._extra(dispute, telling, note, slots, "mediation")
        source = {"police": "公安移送", "hotline": "其他部门", "grid": "其他部门"}.get(
            kind or ((telling.is_transfer and dispute.records and dispute.records[-1].source) or ""), ""
        ) or rng.choices(("依申请", "主动", "信访移送", "法院委托"), (55, 32, 7, 6))[0]
        text = self._typo(self.say("mediation.text", slots))
        finished = rng.random() < 0.4
        final = telling is dispute.tellings[-1]
        success = dispute.is_resolved if final else rng.random() < 0.5
        days = 0 if finished else 1 + int(rng.expovariate(1 / 5.0))
        closed = at + timedelta(days=min(days, 20), minutes=45)
        if finished and closed.date() != at.date():
            closed = at.replace(hour=23, minute=59, second=59)
        outcome = "调解成功" if success else rng.choice(("调解不成功", "调解不成功", "终止"))
        never = not finished and not success and rng.random() < 0.2
        due = (closed + timedelta(days=10 + int(rng.random() * 50))).date()
        slots["due"] = f"{due.year}年{due.month}月{due.day}日"
        written = rng.random() < 0.6
        end = [
            closed.strftime("%Y-%m-%d"),
            outcome,
            ("书面" if written else "口头") if success else "",
            self.say("mediation.agreement", slots) if success and written else "",
            rng.choice(("当场履行", "分期履行", "限期履行")) if success else "",
            rng.choices(("已履行", "部分履行", "未履行"), (70, 15, 15))[0] if success else "",
            "是" if success and rng.random() < 0.06 else "否",
        ]
        tier = rng.choices(("村", "乡", "县", "行业", "市"), (50, 34, 8, 7, 1))[0]
        committee = {
            "村": village.short + ("村" if not village.is_urban else "社区"),
            "乡": town.name,
            "县": county.name,
        }.get(tier, "玉溪市" + rng.choice(("物业", "医疗", "劳动争议", "道路交通")))
        amount = ""
        if rng.random() < 0.55:
            amount = rng.choice(
                (dispute.amount, str(1000 * (1 + int(rng.random() * 80))), f"约{1 + int(rng.random() * 9)}000元")
            )
            amount = (
                amount
                if (amount and amount[0].isdigit()) or amount.startswith("约")
                else f"{1 + int(rng.random() * 20)}.5万"
            )
        shown_village = village.name if rng.random() < 0.85 else ""
        shown_town = town.name if rng.random() < 0.95 else ""
        self._raise(note, 3 if shown_village else 2 if shown_town else 1)
        people = dispute.headcount if rng.random() < 0.85 else None
        note.headcount = people or note.headcount
        note.cells = [
            note.number,
            f"（{at.year}）玉{town.short}人调字第{1 + int(rng.random() * 900)}号",
            at.strftime("%Y-%m-%d"),
            source,
            official,
            self._class(dispute, "mediation"),
            text,
            people if people is not None else "",
            amount,
            rng.choices(("简单", "一般", "疑难复杂"), (45, 43, 12))[0],
            self._where(dispute, note, dispute.unit, formal=0.55) if rng.random() < 0.85 else "",
            county.name,
            shown_town,
            shown_village,
            f"{committee}人民调解委员会",
            tier,
            self._handler(town.code).name,
            *(end if finished else ["", "调解中", "", "", "", "", "否"]),
        ]
        note.parties = self._party_rows(dispute, telling, note, at)
        note.closed_at = None if never else closed
        note.is_solved = success and not never
        note.tier = tier if tier != "行业" else "县"
        if not finished and not never:
            changed = dict(zip(range(17, 24), end, strict=True))
            note.later = [Later((closed.date() - self.quarrels.start).days, closed, changed)]
        return note

    def _party_rows(self, dispute: Dispute, telling: Telling, note: Note, at: datetime) -> list[Cells]:
        rng = self.rng
        applicants = [dispute.family[0]]
        if dispute.matter.is_shared:
            applicants = [telling.person if telling.role == "member" else dispute.family[0]]
            applicants += dispute.members[: int(rng.random() * 3)]
        elif rng.random() < 0.2:
            applicants.append(dispute.family[-1])
        if telling.role == "respondent" and rng.random() < 0.6:
            note.flags.add("role_reversed")
        rows: list[Cells] = []
        for person in dict.fromkeys(applicants):
            rows += self._party_row(note, "申请人", person, dispute, dispute.unit, at)
        if dispute.opponent is not None:
            rows += self._party_row(note, "被申请人", dispute.opponent, dispute, dispute.opponent_unit, at)
        elif dispute.organisation is not None:
            organisation = dispute.organisation
            name = organisation.name if rng.random() < 0.7 else rng.choice(organisation.shorts)
            note.named_parties.add(organisation.key)
            phone = organisation.phone if rng.random() < 0.6 else ""
            if phone:
                note.phones.add(phone)
            rows.append([note.number, "被申请人", name, "", phone, "", _iso(at)])
        if not note.phones:
            note.flags.add("no_phone")
        if "role_reversed" in note.flags:
            swap = {"申请人": "被申请人", "被申请人": "申请人"}
            for row in rows:
                row[1] = swap[row[1]]
        return rows

    def _party_row(
        self, note: Note, kind: str, person: Person, dispute: Dispute, unit: str, at: datetime
    ) -> list[Cells]:
        rng = self.rng
        name = self._misheard(person) if rng.random() < self.hard.homophone else person.name
        if rng.random() < 0.06:
            name = person.surname + "某" * len(person.given)
        if name == person.name:
            note.named_parties.add(person.key)
        home = ""
        if rng.random() < 0.6:
            home = self._where(dispute, note, unit, formal=0.5)
        phone = self._phone(person, note)
        row: Cells = [note.number, kind, name, self._id_number(person), phone, home, _iso(at)]
        rows = [row]
        if rng.random() < 0.06:
            older = list(row)
            older[3], older[4] = "", rng.choice(("", "00000", self.world.mobile(rng)))
            older[6] = _iso(at - timedelta(hours=2 + int(rng.random() * 30)))
            rows.insert(rng.choice((0, 1)), older)
        return rows

    # 数字城管

    def citymgmt(self, dispute: Dispute, telling: Telling) -> Note:
        """A city-management case about ``dispute``."""
        rng, at = self.rng, telling.at
        note = self._start("citymgmt", self._task_number(at), at, dispute, telling)
        slots = self._slots(dispute, telling, note, official=0.3)
        slots["place"] = self._where(dispute, note, dispute.unit, formal=0.25)
        _, number = self._official(dispute, telling, note)
        slots["extra"] = self._extra(dispute, telling, note, slots, "citymgmt")
        if number:
            slots["number"] = number
            slots["extra"] += self.say("number", slots)
        if not note.phones:
            note.flags.add("no_phone")
        note.flags.add("no_name")
        text = self._typo(self.say("citymgmt.text", slots))
        major, minor = self._class(dispute, "citymgmt").split("/")
        kind = rng.choice(("社会服务管理", "事件")) if major == "社会管理" else "事件"
        address = self._where(dispute, note, dispute.unit, formal=0.4)
        note.tier = "县"
        note.is_solved = dispute.is_resolved and telling is dispute.tellings[-1]
        self._finish_citymgmt(
            note, [major, minor, kind, text, address], dispute.place, self.say("citymgmt.opinion", {})
        )
        return note

    def _task_number(self, at: datetime) -> str:
        return self._unique(self._numbers(at.strftime("%Y%m%d%H%M"), 4))

    def _finish_citymgmt(self, note: Note, what: list[str], place: Place, opinion: str) -> None:
        """Fills the 24 columns of a case and decides how it ends."""
        rng, at = self.rng, note.at
        major, minor, kind, text, address = what
        village, town = place.village, place.village.town
        if rng.random() < 0.12:
            text = f"【{at:%Y}****{int(rng.random() * 1000):03d}】{text}"
        deadline = datetime.combine(self.days.after(at.date(), rng.choice((1, 2, 5))), at.time().replace(microsecond=0))
        closed = self._closing(at, deadline, quick=0.72, late=0.07)
        if note.is_solved and closed is None:
            closed = deadline
        x, y = to_bd09mc(*self._point(place))
        x_text, y_text = ("", "") if rng.random() < 0.05 else (f"{x:.4f}", f"{y:.4f}")
        county = town.county.name if rng.random() < 0.96 else ""
        community = village.short + "社区" if rng.random() < 0.75 else ""
        self._raise(note, 3 if community else 2)
        delays = rng.choice((1, 1, 2)) if rng.random() < 0.06 else 0
        reason = rng.choice(("需多部门协调", "当事人不在", "天气原因", "施工材料未到")) if delays else ""
        source = rng.choice(("监督员上报", "公众举报", "12345热线", "视频上报", "其他问题上报"))
        stage = rng.choice(("立案", "派遣", "处置"))
        note.cells = [
            _iso(at),
            note.number,
            major,
            minor,
            source,
            text,
            stage,
            self._unit_of(village),
            _iso(deadline + timedelta(days=2)),
            _iso(deadline),
            "",
            rng.choice((f"{town.short}片区", "城东片区", "城西片区", "")),
            county,
            town.name if rng.random() < 0.9 else "",
            community,
            village.code + f"{1 + int(rng.random() * 12):03d}" if rng.random() < 0.8 else "",
            kind,
            address,
            f"【{self._handler(town.code).name}】",
            x_text,
            y_text,
            reason if rng.random() < 0.5 else "",
            delays if delays and rng.random() < 0.5 else "",
            "",
        ]
        if delays:
            note.delays = [note.number, delays, reason]
        note.deadline, note.closed_at = deadline, closed
        void = not note.is_dispute and rng.random() < 0.03
        end = {6: "[作废]" + stage if void else "结案", 10: _iso(closed), 23: opinion}
        if closed is not None:
            if closed.date() == at.date():
                for index, value in end.items():
                    note.cells[index] = value
            else:
                note.later = [Later((closed.date() - self.quarrels.start).days, closed, end)]

    def facility_case(self, at: datetime, *, is_elsewhere: bool, elsewhere: tuple[str, str] = ("", "")) -> Note:
        """A city-management case about rubbish or lamps; ``elsewhere``: a county and town outside the city."""
        rng = self.rng
        major, minor, kind, words = rng.choice(rng.choice(self._facilities_cm))
        note = Note("citymgmt", self._task_number(at), at, [], None)
        village = self.world.village(rng, "urban")
        place = self.world.place(rng, village, rng.choice(("estate", "shop", "road", "market")))
        note.village, note.role = village, "staff"
        road = f"{place.road}{place.number}号" if place.road and rng.random() < 0.6 else ""
        address = f"{road}{place.name}" + rng.choice(("", "旁", "门口", "对面"))
        if is_elsewhere and rng.random() < 0.3:
            matter = rng.choice([m for m in self.quarrels.matters if m.classes["citymgmt"]])
            words = fill(rng.choice(rng.choice(matter.write)), _GENERIC_FILL)
            major, minor, kind = "社会管理", "矛盾纠纷", "社会服务管理"
        text = f"{rng.choice(('', '巡查发现', '市民反映'))}{address if rng.random() < 0.7 else ''}{words}"
        if rng.random() < 0.01:
            text += self.say("decoy", {})
            note.flags.add("threat_decoy")
        note.flags.add("facility")
        opinion = rng.choice(("已清理", "已修复", "已处置", "已整改"))
        self._finish_citymgmt(note, [major, minor, kind, text, address], place, opinion)
        if is_elsewhere:
            note.flags.add("elsewhere")
            note.village = None
            note.cells[12], note.cells[13], note.cells[14], note.cells[15] = elsewhere[0], elsewhere[1], "", ""
            note.cells[19], note.cells[20] = "", ""
            note.place_level = 0
        return note

    # 综治网格

    def grid_number(self, town: str, at: datetime) -> str:
        """An event number of the grid system."""
        return self._unique(self._numbers(f"ZZ{town[:9]}{at:%y%m%d}", 5))

    def grid(self, dispute: Dispute, telling: Telling) -> Note:
        """A grid event about ``dispute``: cells are the fields of one JSON object, in order."""
        rng, at = self.rng, telling.at
        place, village = dispute.place, dispute.place.village
        note = self._start("grid", self.grid_number(village.town.code, at), at, dispute, telling)
        slots = self._slots(dispute, telling, note, official=0.4)
        self._parties_of_text(dispute, telling, note, slots)
        slots["place"] = self._where(dispute, note, dispute.unit, formal=0.2)
        slots["extra"] = self._extra(dispute, telling, note, slots, "grid")
        _, number = self._official(dispute, telling, note)
        parties = []
        for role, person in (("申请人", dispute.family[0]), ("被申请人", dispute.opponent)):
            if person is not None and rng.random() < 0.7:
                parties.append(
                    {
                        "姓名": self._name(person, note, is_caller=False),
                        "证件号码": self._id_number(person) if rng.random() < 0.4 else "",
                        "联系电话": self._phone(person, note) if rng.random() < 0.75 else "",
                        "角色": role,
                    }
                )
        if dispute.matter.is_shared and telling.role == "member":
            parties[:1] = [
                {
                    "姓名": self._name(telling.person, note, is_caller=False),
                    "证件号码": "",
                    "联系电话": self._phone(telling.person, note) if rng.random() < 0.75 else "",
                    "角色": "申请人",
                }
            ]
        organisation = ""
        if dispute.organisation is not None and rng.random() < 0.6:
            organisation = dispute.organisation.name if rng.random() < 0.5 else rng.choice(dispute.organisation.shorts)
            note.named_parties.add(dispute.organisation.key)
        if not note.phones:
            note.flags.add("no_phone")
        title, text = self.say("grid.title", slots), self._typo(self.say("grid.text", slots))
        code = (
            village.code
            if rng.random() < 0.9
            else rng.choice((village.town.code, village.town.county.code + "000000", ""))
        )
        self._raise(note, 3 if code == village.code else 2 if code == village.town.code else 1 if code else 0)
        lon, lat = self._point(place, 0.004)
        final = telling is dispute.tellings[-1]
        success = dispute.is_resolved if final else rng.random() < 0.5
        deadline = self.days.after(at.date(), rng.choice((3, 5, 7, 15)))
        late = rng.random() < 0.08
        closed: datetime | None = at + timedelta(days=rng.expovariate(1 / 3.0) if not late else 16 + rng.random() * 8)
        if not success and rng.random() < 0.25:
            closed = None
        note.deadline = datetime.combine(deadline, datetime.max.time().replace(microsecond=0))
        note.closed_at = closed
        note.is_solved = success and closed is not None
        note.tier = rng.choices(("村", "乡", "县"), (60, 34, 6))[0]
        note.headcount = dispute.headcount
        scale = "03" if dispute.headcount >= 30 else "02" if dispute.headcount >= 5 else "01"
        first_status = rng.choice(("01", "02"))
        organization = {
            "村": f"{village.short}村(社区)综治中心",
            "乡": f"{village.town.short}综治中心",
            "县": f"{village.town.county.short}综治中心",
        }
        handler = self._handler(village.town.code)
        note.cells = [
            note.number,
            title,
            at.strftime("%Y-%m-%d"),
            self._where(dispute, note, dispute.unit, formal=0.35) if rng.random() < 0.85 else "",
            lon if rng.random() < 0.7 else None,
            lat if rng.random() < 0.7 else None,
            f"{village.code}{1 + int(rng.random() * 12):03d}",
            code,
            scale,
            self._class(dispute, "grid"),
            dispute.headcount,
            dispute.amount if rng.random() < 0.3 else "",
            organisation,
            text,
            parties,
            rng.choice(("网格员巡查", "网格员巡查", "群众上报", "上级指示")) if not telling.is_transfer else "上级指示",
            deadline.strftime("%Y-%m-%d"),
            "",
            "",
            handler.name,
            handler.phones[0],
            None,
            "",
            None,
            first_status,
            rng.choice(("", "", "低", "中", "高")) if not dispute.is_mass else rng.choice(("", "中", "高")),
            number,
            at.strftime("%Y-%m-%dT%H:%M:%S+08:00") if rng.random() < 0.3 else _iso(at),
        ]
        end = {
            17: rng.choice(("人民调解", "协商和解", "行政调解", "其他")),
            18: organization[note.tier],
            21: 1 if success else 0,
            22: self.say("grid.result", slots),
            24: "03",
        }
        if first_status == "01" and rng.random() < 0.25:
            step = at + timedelta(hours=3 + rng.random() * 20)
            note.later.append(Later((step.date() - self.quarrels.start).days, step, {24: "02", 27: _iso(step)}))
        if closed is not None:
            closed = max(closed, at + timedelta(hours=1), *(later.at + timedelta(hours=1) for later in note.later))
            note.closed_at = closed
            end |= {23: closed.strftime("%Y-%m-%d"), 27: _iso(closed)}
            note.later.append(Later((closed.date() - self.quarrels.start).days, closed, end))
        return note

    def nil_report(self, at: datetime) -> Note:
        """A grid event that reports that there is nothing to report."""
        rng = self.rng
        village = self.world.village(rng, "any")
        note = Note("grid", self.grid_number(village.town.code, at), at, [], None)
        note.village, note.role, note.place_level = village, "staff", 3
        note.flags |= {"no_phone", "no_name", "nil"}
        text = self.say("nil", {})
        note.cells = [
            note.number, rng.choice(("零报告", "日常排查", "无")), at.strftime("%Y-%m-%d"), village.short, None, None,
            f"{village.code}001", village.code, "01", rng.choice(("99", "9900", "")), 0, "", "", text, [], "网格员巡查",
            "", "", "", self._handler(village.town.code).name, "", None, "", None, "03", "", "", _iso(at),
        ]  # fmt: skip
        return note

    def write(self, dispute: Dispute, telling: Telling) -> Note:
        """The record that ``telling`` becomes in its system."""
        note: Note = getattr(self, telling.source)(dispute, telling)
        if dispute.headcount >= 10 and note.headcount < 10:
            text = "".join(str(note.cells[index]) for index in _TEXTS[note.source])
            if any(f"{note.count_said}{unit}" in text for unit in ("人", "个人", "户", "名")):
                note.headcount = dispute.headcount
        self._remember(note)
        return note
