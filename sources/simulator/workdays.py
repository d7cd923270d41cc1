"""Working days, from the calendar in `sources/reference`.

Here: adding working days to a date, and how busy a day is. Not here: deadlines of real records (`transforms`).
cn_workdays_2018_2026.csv -> Workdays
"""

import csv
from datetime import date, timedelta

from sources.simulator.world import REFERENCE


class Workdays:
    """Working days of China; outside the years of the calendar Monday to Friday."""

    def __init__(self) -> None:
        with (REFERENCE / "cn_workdays_2018_2026.csv").open(encoding="utf-8", newline="") as file:
            rows = [(date.fromisoformat(row["date"]), row) for row in csv.DictReader(file)]
        self._work = {day: row["is_workday"] == "1" for day, row in rows}
        self._holiday = {day for day, row in rows if row["holiday_name_zh"] and row["is_workday"] == "0"}

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on ``day``."""
        return self._work.get(day, day.weekday() < 5)

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_workday(day)
        return day

    def load(self, day: date) -> float:
        """How much is reported on ``day``, 1 on a plain working day (假定)."""
        if day in self._holiday:
            return 0.62
        return 1.0 if self.is_workday(day) else 0.8
