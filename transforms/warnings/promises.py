"""Until when a mediation agreement is to be fulfilled: the day written in it, or so many days after it was made.

Here: the day in one text. Not here: whether it was fulfilled in time (agreement_unfulfilled.sql).
text of the agreement, day on which it was made -> last day of performance, whether it was written
"""

import re
from datetime import date, timedelta

import numpy as np

from sources import reference
from transforms import dates
from transforms.numerals import CHINESE, number

# 2025年4月30日前一次性支付, 于5月1日之前, 至6月底: the date is a limit
_LIMIT = re.compile(r"(?:以|之)?[前内]|止|底前?|届满|付清|付完|支付|履行|交付|结清|还清|搬离|拆除")
_WITHIN = re.compile(rf"(?P<n>\d{{1,3}}|[{CHINESE}]{{1,4}})个?(?P<u>工作日|日|天|月)(?:之|以)?内")


def last_day(text: str, agreed: date) -> date | None:
    """Returns the last of the days up to which an agreement is to be fulfilled; None where it names none.

    A date without a year is the first such day after the agreement; a month without a day ends with its last day.
    """
    found = []
    for _, end, value in dates.find(text):
        day = _complete(value, agreed)
        if day is not None and day >= agreed and _LIMIT.match(text, end):
            found.append(day)
    for match in _WITHIN.finditer(text):
        count = int(number(match["n"]))
        if match["u"] == "工作日":
            start = np.array([agreed], dtype="datetime64[D]")
            found.append(reference.add_workdays(start, np.array([count]))[0].item())
        else:
            found.append(agreed + timedelta(days=count * (30 if match["u"] == "月" else 1)))
    return max(found, default=None)


def _complete(value: str, agreed: date) -> date | None:
    """The day that an ISO date of any completeness means (2025-03-05, 2025-03, --03-05)."""
    parts = value.removeprefix("--").split("-")
    has_year = not value.startswith("--")
    year = int(parts[0]) if has_year else agreed.year
    rest = [int(part) for part in (parts[1:] if has_year else parts)]
    if not rest:
        return None
    try:
        if len(rest) == 2:
            day = date(year, *rest)
        else:
            day = date(year + rest[0] // 12, rest[0] % 12 + 1, 1) - timedelta(days=1)
        return day if has_year or day >= agreed else day.replace(year=year + 1)
    except ValueError:
        return None
