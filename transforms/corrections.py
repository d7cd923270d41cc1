"""What people corrected about single records: whether it is a dispute, its category, its place.

Here: what may be corrected to what, and the rows that say so. Not here: keeping them (`pipelines.reviewing`); the
overlay itself is SQL where the views of the lake are made (`warehouse/sql/restricted/corrected_event.sql`), so that
matching, dispute records, warnings and publication all see it, and `core_event` keeps what was read.
what a person typed -> a code of the lake -> CORE_CORRECTION rows
"""

import hashlib
from datetime import datetime
from difflib import get_close_matches

import pandas as pd

from transforms import areas, category

FIELDS = {"is_dispute": "是否纠纷", "category_code": "类别", "area_code": "地点"}
_ALSO = {
    **{label: name for name, label in FIELDS.items()},
    "county_code": "area_code", "town_code": "area_code", "village_code": "area_code",
}  # fmt: skip
_TRUTH = {
    "true": "true", "1": "true", "是": "true", "是纠纷": "true",
    "false": "false", "0": "false", "否": "false", "不是": "false", "不是纠纷": "false",
}  # fmt: skip
TRUTH_NAMES = {"true": "是纠纷", "false": "不是纠纷"}


class CorrectionRefused(ValueError):
    """Nothing was corrected; the message is a sentence for the user."""


def field_of(text: str) -> str:
    """Returns the field that a person names: its code, its Chinese name, or a level of the place (town_code …).

    Raises:
        CorrectionRefused: there is no such field.
    """
    name = _ALSO.get(text.strip(), text.strip())
    if name not in FIELDS:
        told = "、".join(f"{code}（{label}）" for code, label in FIELDS.items())
        raise CorrectionRefused(f"没有“{text}”这一项可更正；可更正：{told}")
    return name


def value_of(field: str, text: str) -> str:
    """Returns the lake's value for what a person typed: a code, or a name that means one code only.

    Raises:
        CorrectionRefused: it is none, or a name that means several; the sentence says which there are.
    """
    text = text.strip()
    if field == "is_dispute":
        if text.lower() not in _TRUTH:
            raise CorrectionRefused(f"“{text}”不是 是 或 否")
        return _TRUTH[text.lower()]
    table, code, names = (
        (category.table().query("level == 2"), "category_code", ["category_name", "full_name"])
        if field == "category_code"
        else (areas.table().query("level != 'city'"), "area_code", ["area_name", "full_name"])
    )
    if (table[code] == text).any():
        return text
    named = table[(table[names] == text).any(axis=1)]
    if len(named) == 1:
        return str(named[code].iloc[0])
    label = FIELDS[field]
    if len(named) > 1:
        told = "、".join(f"{number}（{name}）" for number, name in zip(named[code], named["full_name"], strict=True))
        raise CorrectionRefused(f"{label}“{text}”有 {len(named)} 个：{told}；请写代码或全名")
    near = get_close_matches(text, [*table["full_name"], *table[names[0]]], 3, 0.4)
    hint = f"；相近的有 {'、'.join(dict.fromkeys(near))}" if near else ""
    raise CorrectionRefused(f"没有代码或名称为“{text}”的{label}{hint}")


def name_of(field: str, value: str | None) -> str:
    """Returns what a reader calls a value; 空 where there is none."""
    if value is None or pd.isna(value):
        return "空"
    if field == "is_dispute":
        return TRUTH_NAMES.get(value, value)
    if field == "category_code":
        return str(category.table().set_index("category_code")["full_name"].get(value, value))
    return str(areas.table().set_index("area_code")["full_name"].get(value, value))


def correction(
    event_id: str, field: str, value: str | None, *, at: datetime, by: str, original: str | None = None,
    reason: str | None = None, reason_published: str | None = None, withdraws: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Returns one `CORE_CORRECTION` row; with ``withdraws`` one that takes an earlier correction back (no value)."""
    content = "\x1f".join([event_id, field, value or "", at.isoformat(), by, withdraws or ""])
    row = {
        "correction_id": "c_" + hashlib.sha256(content.encode()).hexdigest()[:12],
        "event_id": event_id, "field": field, "value": value, "original_value": original, "corrected_at": at,
        "corrected_by": by, "reason": reason, "reason_published": reason_published, "withdraws": withdraws,
    }  # fmt: skip
    return pd.DataFrame([row])


def standing(corrections: pd.DataFrame) -> pd.DataFrame:
    """Returns what holds now: of each record and field the last correction that was not withdrawn.

    The view `current_correction` says the same of those that matching has taken.
    """
    kept = corrections[corrections["value"].notna()]
    kept = kept[~kept["correction_id"].isin(corrections["withdraws"].dropna())]
    kept = kept.sort_values(["corrected_at", "correction_id"], kind="stable")
    return kept.drop_duplicates(["event_id", "field"], keep="last").sort_values(
        ["event_id", "field"], ignore_index=True
    )
