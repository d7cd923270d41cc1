"""What really happened, written beside the exports and never into them.

Here: the truth tables and their columns. Not here: any use of them (`evaluate` reads them).
Note, Dispute -> truth/record.csv, dispute.csv, warning.csv, surge.csv
"""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sources.simulator.clerks import LEVELS, Note
from sources.simulator.disputes import Dispute

FLAGS = (
    "no_phone no_name mass role_reversed family homophone hard_negative office_phone recurrence threat threat_decoy "
    "facility nil elsewhere"
).split()
RECORD = (
    "source source_record_id dispute_id is_dispute category_code county_code town_code village_code reported_at "
    "delivery_date text_has_place only_town named_place named_parties phones reporter_person_id caller_role"
).split() + FLAGS
DISPUTE = (
    "dispute_id category_code matter is_shared county_code town_code village_code place first_reported_at last_reported_at "
    "size systems is_mass persons_involved threatens is_resolved resolved_at resolved_by_tier recurrence_of hard_negative"
).split()
WARNING = "rule raised_for dispute_id category_code area_code first_known_date".split()
SURGE = "category_code area_code start_date end_date disputes records".split()


def _flag(value: bool) -> str:
    return "1" if value else "0"


class Truth:
    """Open truth tables of one simulation; rows are written as they become certain."""

    def __init__(self, folder: Path, end: date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._end = end
        self._files = {}
        self._writers: dict[str, Any] = {}
        for name, header in (("record", RECORD), ("dispute", DISPUTE), ("warning", WARNING), ("surge", SURGE)):
            file = (folder / f"{name}.csv").open("w", encoding="utf-8", newline="")
            self._files[name] = file
            self._writers[name] = csv.writer(file, lineterminator="\n")
            self._writers[name].writerow(header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def record(self, note: Note) -> None:
        """One row for the record that ``note`` is."""
        village = note.village
        self._writers["record"].writerow(
            [
                note.source,
                note.number,
                note.dispute.key if note.dispute else "",
                _flag(note.is_dispute),
                note.category,
                village.town.county.code if village else "",
                village.town.code if village else "",
                village.code if village else "",
                note.at.isoformat(sep=" "),
                (note.at.date() + timedelta(days=1)).isoformat(),
                LEVELS[note.place_level],
                _flag(note.place_level == 2 and not note.named_place),
                note.named_place,
                " ".join(sorted(note.named_parties)),
                " ".join(sorted(note.phones)),
                note.person,
                note.role,
                *(_flag(flag in note.flags) for flag in FLAGS),
            ]
        )

    def dispute(self, dispute: Dispute) -> None:
        """One row for a dispute that will be told of no more, and the warnings that only its whole course decides."""
        records, village = dispute.records, dispute.place.village
        if not records:
            return
        resolved = dispute.resolved_at if dispute.is_resolved and dispute.resolved_at else None
        if resolved and resolved.date() > self._end:
            resolved = None
        self._writers["dispute"].writerow(
            [
                dispute.key,
                dispute.matter.code,
                dispute.matter.key,
                _flag(dispute.matter.is_shared),
                village.town.county.code,
                village.town.code,
                village.code,
                dispute.place.name,
                records[0].at.isoformat(sep=" "),
                records[-1].at.isoformat(sep=" "),
                len(records),
                " ".join(sorted({record.source for record in records})),
                _flag(dispute.is_mass),
                dispute.headcount,
                _flag("extreme_words" in dispute.warned),
                _flag(resolved is not None),
                resolved.isoformat(sep=" ", timespec="seconds") if resolved else "",
                dispute.resolved_tier if resolved else "",
                dispute.recurrence_of,
                dispute.hard_negative,
            ]
        )
        self._cross_source_gap(dispute)

    def _cross_source_gap(self, dispute: Dispute) -> None:
        first = next((record for record in dispute.records if record.source == "police"), None)
        if first is None:
            return
        limit = first.at + timedelta(hours=72)
        if any(record.source in ("mediation", "grid") and record.at <= limit for record in dispute.records):
            return
        self._warn("cross_source_gap", first.number, dispute, limit.date() + timedelta(days=1))

    def _warn(self, rule: str, raised_for: str, dispute: Dispute, known: date) -> None:
        if known <= self._end + timedelta(days=1):
            area = dispute.place.village.code
            self._writers["warning"].writerow(
                [rule, raised_for, dispute.key, dispute.matter.code, area, known.isoformat()]
            )

    def warnings(self, note: Note) -> None:
        """The warnings that ``note`` makes knowable, in the order of the days."""
        dispute = note.dispute
        if dispute is None:
            return
        known = note.at.date() + timedelta(days=1)
        records, warned = dispute.records, dispute.warned
        recent = [record for record in records if record.at >= note.at - timedelta(days=30)]
        if len(recent) >= 3 and "repeat_complaint" not in warned:
            warned.add("repeat_complaint")
            self._warn("repeat_complaint", note.number, dispute, known)
        people = {record.person for record in records}
        if (note.headcount >= 10 or len(people) >= 5) and "mass" not in warned:
            warned.add("mass")
            self._warn("mass", note.number, dispute, known)
        if "threat" in note.flags:
            warned.add("extreme_words")
            self._warn("extreme_words", note.number, dispute, known)
        if dispute.recurrence_of and len(records) == 1:
            self._warn("recurrence", note.number, dispute, known)
        if note.deadline and (note.closed_at is None or note.closed_at > note.deadline):
            self._warn("overdue", note.number, dispute, note.deadline.date() + timedelta(days=1))

    def surge(self, row: Iterable[str | int]) -> None:
        """One planted surge."""
        self._writers["surge"].writerow(list(row))
