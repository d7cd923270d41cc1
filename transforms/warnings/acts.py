"""What people say of warnings: seen (签收), true, false or known already (属实 不实 已知).

Here: the rows of an act, and which acts stand. Not here: keeping them (`pipelines.warned`), what a judgement does to a
warning's life (`life`).
an act of a person -> CORE_WARNING_ACT rows -> one row per warning: judgement, acknowledged
"""

import hashlib
from datetime import datetime

import pandas as pd

from transforms.tables import CORE_WARNING_ACT

JUDGEMENTS = ("属实", "不实", "已知")
KINDS = {"acknowledge": "签收", "judge": "判定", "withdrawal": "撤回"}


def act(
    warning: pd.Series, kind: str, *, at: datetime, by: str, judgement: str | None = None, note: str | None = None,
    note_published: str | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Returns one `CORE_WARNING_ACT` row about a warning (a row of `CORE_WARNING`); kind acknowledge or judge."""
    content = "\x1f".join([warning["warning_id"], kind, judgement or "", at.isoformat(), by])
    row = {
        "act_id": "w_" + hashlib.sha256(content.encode()).hexdigest()[:12], "warning_id": warning["warning_id"],
        "rule": warning["rule"], "event_id": warning["event_id"], "raised_for": warning["raised_for"], "kind": kind,
        "judgement": judgement, "was_level": warning["level"], "acted_at": at, "acted_by": by, "note": note,
        "note_published": note_published, "withdraws": None,
    }  # fmt: skip
    return pd.DataFrame([row])


def withdrawal(
    former: pd.Series, *, at: datetime, by: str, note: str | None = None, note_published: str | None = None
) -> pd.DataFrame:
    """Returns the `CORE_WARNING_ACT` row that takes an act back (``former``: its row)."""
    content = "\x1f".join(["withdrawal", at.isoformat(), by, former["act_id"]])
    row = former.to_dict() | {
        "act_id": "w_" + hashlib.sha256(content.encode()).hexdigest()[:12], "kind": "withdrawal", "judgement": None,
        "acted_at": at, "acted_by": by, "note": note, "note_published": note_published,
        "withdraws": former["act_id"],
    }  # fmt: skip
    return pd.DataFrame([row])


def alive(said: pd.DataFrame) -> pd.DataFrame:
    """Returns what holds now: of each warning and kind the last act that was not withdrawn, by warning and kind."""
    kept = said[(said["kind"] != "withdrawal") & ~said["act_id"].isin(said["withdraws"].dropna())]
    kept = kept.sort_values(["acted_at", "act_id"], kind="stable")
    kept = kept.drop_duplicates(["warning_id", "kind"], keep="last")
    return kept.sort_values(["warning_id", "kind"], ignore_index=True)


def standing(said: pd.DataFrame) -> pd.DataFrame:
    """One row per warning that somebody spoke of: ``warning_id``, ``rule``, ``event_id``, ``judgement``, ``judged_on``
    (the day of the run that took it), ``acknowledged_at``.

    Args:
        said: `CORE_WARNING_ACT` rows with ``taken_as_of``.
    """
    held = alive(said)
    about = held.drop_duplicates("warning_id", keep="last").set_index("warning_id")[["rule", "event_id"]]
    judged = held[held["kind"] == "judge"].set_index("warning_id")[["judgement", "taken_as_of"]]
    seen = held[held["kind"] == "acknowledge"].set_index("warning_id")[["acted_at"]]
    return (
        about.join(judged.rename(columns={"taken_as_of": "judged_on"}))
        .join(seen.rename(columns={"acted_at": "acknowledged_at"}))
        .reset_index()
    )


def empty() -> pd.DataFrame:
    """Returns no acts, in the shape of `CORE_WARNING_ACT` with ``taken_as_of``."""
    return CORE_WARNING_ACT.empty().assign(taken_as_of=pd.Series(dtype="datetime64[us]"))
