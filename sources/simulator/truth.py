"""What really happened, written beside the exports and never into them.

Here: the truth tables and their columns. Not here: any use of them (`evaluate` reads them).
Note, Dispute -> truth/record.csv, dispute.csv, warning.csv, surge.csv, fault.csv
"""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sources.simulator.clerks import LEVELS, Note
from sources.simulator.disputes import Dispute

FLAGS = {
    "no_phone": "no usable phone in the row",
    "no_name": "the reporter's name is missing, masked or a form of address",
    "mass": "of a mass dispute, or of one told eight times and more",
    "role_reversed": "the other side reports",
    "family": "a relative of the complainant reports",
    "homophone": "a name is misheard",
    "hard_negative": "of a dispute with a twin that must stay apart",
    "office_phone": "the phone is an office's, which others use too",
    "recurrence": "of a dispute that is the return of an older one",
    "transfer": "one system handed it to another",
    "official_number": "a transfer that carries the number of the record it came from",
    "wrong_number": "that number is of another record",
    "threat": "a person threatens violence, suicide or an extreme act in the text",
    "threat_decoy": "the text has a word of threats and no threat",
    "facility": "about a thing, nobody quarrels",
    "nil": "reports that there is nothing to report",
    "elsewhere": "of a county outside the city",
}
RECORD = {
    "source": "system",
    "source_record_id": "its record number",
    "dispute_id": "the dispute, empty: none",
    "is_dispute": "1: part of a dispute of its own right",
    "category_code": "GB/T 31000 code of the dispute",
    "county_code": "6 digits, where it really is",
    "town_code": "12 digits",
    "village_code": "12 digits",
    "reported_at": "time in the record",
    "delivery_date": "of its first version",
    "text_has_place": "what the row's columns and texts say of the division: none county town village",
    "only_town": "1: a town and no place inside it",
    "named_place": "key of the place the row names (by name or alias), empty: none",
    "named_parties": "keys of the people and organisations the row names in full",
    "phones": "the usable phones in the row, plain digits",
    "reporter_person_id": "who reported",
    "caller_role": "applicant family respondent member bystander; caller or staff where there is no dispute",
    **FLAGS,
}
DISPUTE = {
    "dispute_id": "key",
    "category_code": "GB/T 31000 code",
    "matter": "key in matters.yml",
    "is_shared": "1: strangers' complaints at the place are this dispute",
    "county_code": "6 digits",
    "town_code": "12 digits",
    "village_code": "12 digits",
    "place": "name of the place",
    "first_reported_at": "first record",
    "last_reported_at": "last record",
    "size": "records delivered",
    "systems": "that told of it",
    "is_mass": "1: planned as a mass dispute",
    "persons_involved": "people",
    "threatens": "1: some record holds a threat",
    "is_resolved": "1: by the end of the window",
    "resolved_at": "end of its last record",
    "resolved_by_tier": "市 县 乡 村",
    "recurrence_of": "the older dispute",
    "hard_negative": "why it has a twin: same_place_and_matter same_caller father_and_son same_road",
}
WARNING = {
    "rule": "of design.md",
    "raised_for": "source_record_id that makes it knowable",
    "dispute_id": "dispute",
    "category_code": "GB/T 31000 code",
    "area_code": "12 digits, village",
    "first_known_date": "delivery date from which it could be known",
}
FAULT = {
    "source": "system",
    "delivery_date": "of the file",
    "source_record_id": "record number, empty where it is what is missing",
    "fault": "missing_number, future_date or broken_address: the row can be no record",
}
SURGE = {
    "category_code": "GB/T 31000 code",
    "area_code": "12 digits, town",
    "start_date": "first day of records",
    "end_date": "last day",
    "disputes": "planted",
    "records": "that tell of them",
}
"""Columns of the truth tables and what they mean."""


def _flag(value: bool) -> str:
    return "1" if value else "0"


class Truth:
    """Open truth tables of one simulation; rows are written as they become certain."""

    def __init__(self, folder: Path, end: date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._end = end
        self._files = {}
        self._writers: dict[str, Any] = {}
        for name, header in (
            ("record", RECORD),
            ("dispute", DISPUTE),
            ("warning", WARNING),
            ("surge", SURGE),
            ("fault", FAULT),
        ):
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

    def fault(self, source: str, day: date, number: str, fault: str) -> None:
        """One row that no reader can accept."""
        self._writers["fault"].writerow([source, day.isoformat(), number, fault])

    def surge(self, row: Iterable[str | int]) -> None:
        """One planted surge."""
        self._writers["surge"].writerow(list(row))
