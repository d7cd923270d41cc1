"""One simulation, day by day: the only place that knows the order of things.

Here: how many rows a day gets, what starts, what is told again, what is delivered again. Not here: what any of it says.
World, Quarrels, Clerks -> out/landing, out/truth, out/说明.txt, Summary

Memory holds the days ahead (tellings to come, versions to come), never the days behind.
"""

import csv
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sources.simulator.clerks import Clerks, Later, Note
from sources.simulator.disputes import HARD, NORMAL, QUIET_DAYS, SYSTEMS, Dispute, Quarrels, Telling
from sources.simulator.exports import Rows, deliver
from sources.simulator.phrases import Matter
from sources.simulator.truth import Truth
from sources.simulator.workdays import Workdays
from sources.simulator.world import REFERENCE, Town, World

DISPUTES_PER_ROW = 0.182
"""New disputes a day for each row of the day's budget; with later tellings and versions they fill half of it."""
FAULTS_PER_ROW = 1 / 2500
"""Rows of 12345 that no reader can accept (假定); small days have none, one would break the contract of its file."""
# What fills the rest of a day, and its weight.
_FILLING = ("inquiry", "facility", "police_other", "police_void", "facility_case", "elsewhere", "nil")
_FILL_WEIGHTS = (0.555, 0.045, 0.10, 0.03, 0.225, 0.03, 0.015)
NOTICE = """模拟数据

本目录由 dispute-lake simulate 生成，并非真实记录。区划名称与代码来自国家统计局公开资料，其余一切（人、电话、证件号码、
单位、小区、道路门牌、纠纷）均由程序随机编造；与真实的人或单位同名、同号纯属偶然。
landing/ 五个系统的导出   truth/ 真实情况（哪些记录属于同一纠纷），仅供评估，不得作为输入
参数：rows={rows} days={days} seed={seed} hard={hard} start={start}
"""

Lines = dict[str, list[tuple[str, list[object]]]]
"""Today's rows by source, each with the key that sorts it."""


@dataclass(frozen=True)
class Summary:
    """What a simulation made. ``rows``: data rows of all files, versions included; ``records``: distinct numbers."""

    is_simulated: bool
    rows: int
    rows_by_source: dict[str, int]
    records: int
    records_by_source: dict[str, int]
    dispute_records: int
    other_records: int
    disputes: int
    mean_records_per_dispute: float
    share_in_two_systems: float
    largest_dispute: int
    surges: int
    faulty_rows: int

    def __str__(self) -> str:
        sources = "，".join(f"{source} {count}" for source, count in self.rows_by_source.items())
        return (
            f"模拟数据：{self.rows} 行（{sources}），{self.records} 条记录，其中纠纷记录 {self.dispute_records} 条、"
            f"非纠纷 {self.other_records} 条；纠纷 {self.disputes} 起，"
            f"平均每起 {self.mean_records_per_dispute:.2f} 条，"
            f"{self.share_in_two_systems:.0%} 见于两个以上系统，最大 {self.largest_dispute} 条"
        )


@dataclass
class _Surge:
    """A planted burst: ``extra`` disputes a day of one matter in one town."""

    first_day: int
    last_day: int
    matter: Matter
    town: Town
    extra: int
    disputes: int = 0
    records: int = 0


class _Simulation:
    """State of one run; see `simulate`."""

    def __init__(self, out: Path, rows: int, days: int, seed: int, hard: bool, start: date) -> None:
        self.rng = random.Random(f"dispute-lake {seed} {rows} {days} {hard}")
        self.days, self.start = days, start
        self.hard = HARD if hard else NORMAL
        self.workdays = Workdays()
        self.world = World(seed, crowding=max(0.4, (rows / 20000) ** 0.6))
        self.quarrels = Quarrels(self.world, self.rng, self.hard, start)
        self.clerks = Clerks(self.world, self.rng, self.quarrels, self.hard, self.workdays)
        self.landing = out / "landing"
        self.truth = Truth(out / "truth", start + timedelta(days=days - 1))
        self.tellings: dict[int, list[tuple[Dispute, Telling]]] = {}
        self.versions: dict[int, list[tuple[Note, Later]]] = {}
        self.starts: dict[int, list[tuple[str, Dispute]]] = {}
        self.open: dict[str, Dispute] = {}
        loads = [self.workdays.load(start + timedelta(days=day)) for day in range(days)]
        shares, total, given = [], sum(loads), 0
        for day in range(days):
            upto = round(rows * sum(loads[: day + 1]) / total) if day + 1 < days else rows
            shares.append(upto - given)
            given = upto
        self.budget = shares
        self.rows_by_source: Counter[str] = Counter()
        self.records_by_source: Counter[str] = Counter()
        self.faults = self.dispute_records = self.other_records = self.disputes = self.two_systems = self.largest = 0
        self.surge_of: dict[str, _Surge] = {}
        self.surges = self._plant()
        self.elsewhere = self._elsewhere()

    def _plant(self) -> list[_Surge]:
        rng, surges = self.rng, []
        mean = sum(self.budget) / max(1, self.days)
        matters = [
            m
            for m in self.quarrels.matters
            if m.key in ("wages", "business_noise", "lift", "prepaid", "leak", "pollution", "irrigation")
        ]
        towns = [town for town in self.world.towns if "街道" in town.name]
        for day in range(22, self.days - 3, 27):
            matter = rng.choice(matters)
            pool = self.world.towns if matter.where == "rural" else towns
            length = rng.choice((1, 1, 2))
            extra = max(9, round(mean * 0.012) + 6) // length
            if mean < 60:
                extra = 5
            surges.append(_Surge(day, day + length - 1, matter, rng.choice(pool), extra))
        return surges

    @staticmethod
    def _elsewhere() -> list[tuple[str, str]]:
        with (REFERENCE / "yunnan_divisions_2023.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["level"] in ("county", "town")]
        counties = {
            r["code"]: r["name"] for r in rows if r["code"][:6] in ("530115", "532322", "532525", "532503", "530122")
        }
        return [(counties[row["parent"]], row["name"]) for row in rows if row["parent"] in counties]

    def _begin(self, dispute: Dispute, day: int, surge: _Surge | None = None) -> None:
        self.open[dispute.key] = dispute
        if surge is not None:
            self.surge_of[dispute.key] = surge
            surge.disputes += 1
        for telling in dispute.tellings:
            self.tellings.setdefault(max(day, telling.day), []).append((dispute, telling))
        rng = self.rng
        last = dispute.tellings[-1].day
        if dispute.is_resolved and rng.random() < 0.05:
            self.starts.setdefault(last + 12 + QUIET_DAYS + int(rng.random() * 45), []).append(("again", dispute))
        if dispute.hard_negative or surge is not None:
            return
        draw = rng.random() / self.hard.twin
        matter = dispute.matter
        if (
            draw < 0.45
            and not matter.is_shared
            and dispute.place.kind in ("estate", "hamlet", "shop", "road", "market")
        ):
            dispute.hard_negative = "same_place_and_matter"
            self.starts.setdefault(day + int(rng.random() * 6), []).append(("same_place_and_matter", dispute))
        elif 0.45 <= draw < 0.65:
            dispute.hard_negative = "same_caller"
            self.starts.setdefault(day + 5 + int(rng.random() * 5), []).append(("same_caller", dispute))
        elif 0.65 <= draw < 0.75:
            dispute.hard_negative = "father_and_son"
            self.starts.setdefault(day + int(rng.random() * 15), []).append(("father_and_son", dispute))
        elif 0.75 <= draw < 1 and dispute.place.kind in ("site", "company", "shop", "estate"):
            dispute.hard_negative = "same_road"
            self.starts.setdefault(day + int(rng.random() * 8), []).append(("same_road", dispute))

    def _is_over(self, dispute: Dispute, day: int) -> bool:
        """Whether ``dispute`` was resolved so long before ``day`` that its return is a new dispute."""
        if dispute.pending or dispute.resolved_at is None:
            return False
        return (self.start + timedelta(days=day) - dispute.resolved_at.date()).days > QUIET_DAYS + 1

    def _twin(self, kind: str, old: Dispute, day: int) -> Dispute:
        rng, quarrels = self.rng, self.quarrels
        if kind == "again":
            return quarrels.again(old, day)
        if kind == "same_place_and_matter":
            return quarrels.new(day, matter=old.matter, place=old.place, hard_negative=kind)
        if kind == "same_road":
            return quarrels.new(
                day, matter=old.matter, place=self.world.neighbour_of(rng, old.place), hard_negative=kind
            )
        others = [m for m in quarrels.matters if m.key != old.matter.key and m.code[:2] != old.matter.code[:2]]
        fitting = [m for m in others if old.place.kind in m.at and not m.is_shared]
        family = old.family if kind == "same_caller" else [old.family[-1], *old.family[:-1]]
        if fitting:
            return quarrels.new(day, matter=rng.choice(fitting), place=old.place, family=family, hard_negative=kind)
        return quarrels.new(
            day, matter=rng.choice(others), town=old.place.village.town, family=family, hard_negative=kind
        )

    def _file(self, note: Note, today: Lines, parties: Rows, delays: Rows) -> None:
        """Puts a new record into today's files and its later versions into the days to come."""
        today[note.source].append((note.at.isoformat() + note.number, note.cells))
        parties.extend(note.parties)
        if note.delays:
            delays.append(note.delays)
        for later in note.later:
            self.versions.setdefault(max(later.day, self.day), []).append((note, later))
        self.records_by_source[note.source] += 1
        if note.dispute is not None:
            self.dispute_records += 1
            dispute = note.dispute
            if note.closed_at is not None and (dispute.resolved_at is None or note.closed_at >= dispute.resolved_at):
                dispute.resolved_at, dispute.resolved_tier = note.closed_at, note.tier
            if dispute.key in self.surge_of:
                self.surge_of[dispute.key].records += 1
            dispute.pending -= 1
        else:
            self.other_records += 1
        self.truth.record(note)
        self.truth.warnings(note)
        if note.dispute is not None and note.dispute.pending == 0:
            self._end(note.dispute)

    def _end(self, dispute: Dispute) -> None:
        if not dispute.records:
            return
        self.truth.dispute(dispute)
        self.open.pop(dispute.key, None)
        self.surge_of.pop(dispute.key, None)
        self.disputes += 1
        self.two_systems += len({record.source for record in dispute.records}) > 1
        self.largest = max(self.largest, len(dispute.records))

    def _redeliver(self, today: Lines, parties: Rows) -> int:
        count = 0
        for note, later in self.versions.pop(self.day, []):
            note.cells = list(note.cells)
            for index, value in later.cells.items():
                note.cells[index] = value
            today[note.source].append((note.at.isoformat() + note.number, note.cells))
            if note.parties and note.source == "mediation":
                parties.extend(note.parties)
            count += 1
        return count

    def _spoil(self, today: Lines) -> int:
        """Now and then a row that cannot be read: no number, the year 2062, a cut-off JSON address."""
        rng, count = self.rng, 0
        budget = self.budget[self.day]
        if budget < 100:
            return 0
        for _ in range(int(budget * FAULTS_PER_ROW + rng.random())):
            note = self.clerks.facility(self.quarrels.clock(self.day, "hotline"))
            fault = rng.choice(("missing_number", "future_date", "broken_address"))
            if fault == "missing_number":
                note.number = note.cells[0] = ""
            elif fault == "future_date":
                note.cells[2] = f"2062{note.at:-%m-%d %H:%M:%S}"
            else:
                note.cells[15] = '{"address": "东风中'
            today["hotline"].append((note.at.isoformat() + "~", note.cells))
            self.truth.fault("hotline", self.start + timedelta(days=self.day + 1), note.number, fault)
            count += 1
        self.faults += count
        return count

    def run_day(self, day: int) -> None:
        """Everything of one day: what was to come, what begins, what fills the rest, and the files."""
        self.day = day
        rng, clerks, quarrels = self.rng, self.clerks, self.quarrels
        clerks.new_day()
        today: Lines = {source: [] for source in SYSTEMS}
        parties: Rows = []
        delays: Rows = []
        budget = self.budget[day]
        for kind, old in self.starts.pop(day, []):
            if kind == "again" and not self._is_over(old, day):
                continue
            self._begin(self._twin(kind, old, day), day)
        for surge in self.surges:
            if surge.first_day <= day <= surge.last_day:
                for _ in range(surge.extra):
                    self._begin(quarrels.new(day, matter=surge.matter, town=surge.town, is_small=True), day, surge)
        for _ in range(int(budget * DISPUTES_PER_ROW + rng.random())):
            self._begin(quarrels.new(day), day)
        used = self._redeliver(today, parties)
        # Tellings that a telling of today leads to on the same day are in the list already: plans are made whole.
        for dispute, telling in sorted(self.tellings.pop(day, []), key=lambda pair: pair[1].at):
            self._file(clerks.write(dispute, telling), today, parties, delays)
            used += 1
        used += self._redeliver(today, parties)
        used += self._spoil(today)
        for kind in rng.choices(_FILLING, _FILL_WEIGHTS, k=max(0, budget - used)):
            self._file(self._filling(kind), today, parties, delays)
        rows = {
            source: [cells for _, cells in sorted(lines, key=lambda line: line[0])] for source, lines in today.items()
        }
        self.rows_by_source.update(
            deliver(self.landing, self.start + timedelta(days=day + 1), rows, parties, delays, rng)
        )

    def _filling(self, kind: str) -> Note:
        clerks, quarrels, day = self.clerks, self.quarrels, self.day
        if kind == "inquiry":
            return clerks.inquiry(quarrels.clock(day, "hotline"))
        if kind == "facility":
            return clerks.facility(quarrels.clock(day, "hotline"))
        if kind == "police_other" or kind == "police_void":
            return clerks.police_other(quarrels.clock(day, "police"), is_void=kind == "police_void")
        if kind == "nil":
            return clerks.nil_report(quarrels.clock(day, "grid"))
        return clerks.facility_case(
            quarrels.clock(day, "citymgmt"),
            is_elsewhere=kind == "elsewhere",
            elsewhere=self.rng.choice(self.elsewhere) if kind == "elsewhere" else ("", ""),
        )

    def finish(self) -> Summary:
        """Closes the truth tables and counts."""
        for dispute in list(self.open.values()):
            self._end(dispute)
        for surge in self.surges:
            self.truth.surge(
                [
                    surge.matter.code,
                    surge.town.code,
                    (self.start + timedelta(days=surge.first_day)).isoformat(),
                    (self.start + timedelta(days=surge.last_day)).isoformat(),
                    surge.disputes,
                    surge.records,
                ]
            )
        return Summary(
            is_simulated=True,
            rows=sum(self.rows_by_source.values()),
            rows_by_source=dict(self.rows_by_source),
            records=sum(self.records_by_source.values()),
            records_by_source={source: self.records_by_source[source] for source in SYSTEMS},
            dispute_records=self.dispute_records,
            other_records=self.other_records,
            disputes=self.disputes,
            mean_records_per_dispute=self.dispute_records / max(1, self.disputes),
            share_in_two_systems=self.two_systems / max(1, self.disputes),
            largest_dispute=self.largest,
            surges=len(self.surges),
            faulty_rows=self.faults,
        )


def simulate(
    out: Path,
    *,
    rows: int,
    days: int,
    seed: int,
    hard: bool = False,
    start: date = date(2025, 3, 1),
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Writes the exports of ``days`` days from ``start`` and the truth about them into ``out``.

    Args:
        out: a folder; made when absent. Files of an earlier simulation with the same names are overwritten.
        rows: data rows in all files together, later versions of a record included; met to within a few per cent.
        days: days of records; the first delivery is dated the day after ``start``.
        seed: the same arguments give byte-identical files.
        hard: less is written down and more of it is wrong.
        start: the first day of records.
        progress: called after each day with the days done and the days in all.

    Raises:
        ValueError: rows or days below 1.
    """
    if rows < 1 or days < 1:
        raise ValueError(f"rows 与 days 必须是正数，收到 rows={rows} days={days}")
    out.mkdir(parents=True, exist_ok=True)
    (out / "说明.txt").write_text(
        NOTICE.format(rows=rows, days=days, seed=seed, hard=hard, start=start), encoding="utf-8"
    )
    simulation = _Simulation(out, rows, days, seed, hard, start)
    with simulation.truth:
        for day in range(days):
            simulation.run_day(day)
            if progress is not None:
                progress(day + 1, days)
        return simulation.finish()
