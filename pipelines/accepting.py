"""Accepting a held delivery: which one is meant, what will be taken, and the record of who accepted it.

Here: finding it, refusing what is not held, writing the acceptance. Not here: why it is held (`sources`, `quality`),
taking it in (`intake`: an acceptance makes the delivery pending), what is printed (`commands.delivery`).
raw_file, raw_row + a person's word -> core_acceptance
"""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import pandas as pd

from sources.holding import HELD
from sources.tables import RAW_FILE
from transforms.tables import CORE_ACCEPTANCE
from warehouse.lake import Lake


class AcceptRefused(ValueError):
    """Nothing was accepted; the message is a sentence for the user."""


@dataclass(frozen=True)
class Acceptance:
    """What accepting brings: ``files`` for the terminal; ``was_accepted``: this content had been accepted before."""

    files: pd.DataFrame
    was_accepted: bool


def accept(lake: Lake, source: str, day: date, *, by: str, note: str) -> Acceptance:
    """Records that a person accepts the held delivery of ``source`` and ``day`` as its content stands in the lake.

    Raises:
        AcceptRefused: nothing of that source and date is held; the sentence says what is.
        warehouse.lake.LakeBusy: a run holds the lake.
    """
    with lake.lock():
        files = lake.read(RAW_FILE)
        chosen = files.loc[(files["source"] == source) & (files["delivery_date"] == day)]
        if not (chosen["status"] == HELD).any():
            raise AcceptRefused(_not_held(files, chosen, source, day))
        content = str(chosen["signature"].iloc[0])
        before = lake.read(CORE_ACCEPTANCE)
        was_accepted = bool(
            (
                (before["source"] == source)
                & (before["delivery_date"] == day)
                & (before["content_signature"] == content)
            ).any()
        )
        if not was_accepted:
            row = {
                "delivery_date": day,
                "source": source,
                "content_signature": content,
                "accepted_by": by,
                "note": note,
            }
            lake.append(CORE_ACCEPTANCE, pd.DataFrame([row]))
        return Acceptance(_to_take(lake, chosen, source, day), was_accepted)


def _to_take(lake: Lake, chosen: pd.DataFrame, source: str, day: date) -> pd.DataFrame:
    """Per file: rows that wait and will be taken, rows that stay aside for reasons of their own, why it was held."""
    with lake.connect() as con:
        waiting = dict(
            con.execute(
                "SELECT file, count(*) FROM raw_row WHERE source = ? AND delivery_date = ? AND rule = ? GROUP BY 1",
                [source, day, HELD],
            ).fetchall()
        )
    ordered = chosen.sort_values("file")
    taken = [
        waiting.get(file, 0) if status == HELD else 0
        for file, status in zip(ordered["file"], ordered["status"], strict=True)
    ]
    return pd.DataFrame(
        {
            "文件": ordered["file"],
            "将采用": taken,
            "仍隔离": ordered["rows_quarantined"] - taken,
            "忽略": ordered["rows_ignored"],
            "挂起的原因": ordered["reason"],
        }
    )


def _not_held(files: pd.DataFrame, chosen: pd.DataFrame, source: str, day: date) -> str:
    known = sorted(set(files["source"]))
    if source not in known:
        near = get_close_matches(source, known, 1)
        hint = f"，是否指 {near[0]}？" if near else "；"
        return f"湖中没有来源 {source} 的交付{hint}有交付的来源：{'、'.join(known) or '无'}"
    held = files.loc[files["status"] == HELD]
    mine = sorted({str(each) for each in held.loc[held["source"] == source, "delivery_date"]})
    others = sorted({f"{name} {each}" for name, each in zip(held["source"], held["delivery_date"], strict=True)})
    if mine:
        there = f"{source} 被挂起的有 {'、'.join(mine[:8])}"
    elif others:
        there = f"被挂起的有 {'、'.join(others[:8])}"
    else:
        there = "现在没有被挂起的交付"
    if chosen.empty:
        return f"湖中没有 {source} {day} 的交付，没有可接收的；{there}"
    if (chosen["status"] == "accepted").all():
        return f"{source} {day} 已经采用，不必接收；{there}"
    return f"{source} {day} 没有被挂起，是文件无法读取（{'、'.join(chosen['file'])}），须更正后重新交付；{there}"
