"""Verdicts, corrections, and what people say of warnings: kept at once, taken in by the next run.

Here: writing an act, refusing one that contradicts what stands, which acts a run has taken. Not here: what an act means
(`transforms.matching.verdicts`, `transforms.corrections`, `transforms.warnings.acts`), what to ask next
(`transforms.matching.review`), pages and commands (`pipelines.review`, `commands.review`, `commands.warning`).
a person's word -> core_verdict, core_correction, core_warning_act -> (next run) core_taken_act -> matcher,
corrected_event, life of warnings

An act is one commit, also while a run holds the lake: a reviewer need not wait for a run, and a run works with the acts
that its matching took (`core_taken_act`) to its end. The next run takes what came meanwhile.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from transforms import corrections, scrub
from transforms.matching import verdicts
from transforms.matching.verdicts import PAIR
from transforms.tables import (
    CORE_CORRECTION,
    CORE_DISPUTE_EVENT,
    CORE_LINK,
    CORE_TAKEN_ACT,
    CORE_VERDICT,
    CORE_WARNING,
    CORE_WARNING_ACT,
)
from transforms.warnings import acts as acts_of_warnings
from warehouse.lake import Lake


class ReviewRefused(ValueError):
    """Nothing was written; the message is a sentence for the user. ``against``: ids of the verdicts that stand against
    it."""

    def __init__(self, sentence: str, against: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.against = tuple(against)


@dataclass(frozen=True)
class Act:
    """What came of an act: its id; ``is_new`` false: the same person had said just that, and it stands."""

    number: str
    is_new: bool = True


def given(lake: Lake) -> set[str]:
    """The ids of all acts, also of those that no matching has taken."""
    tables = {CORE_VERDICT: "verdict_id", CORE_CORRECTION: "correction_id", CORE_WARNING_ACT: "act_id"}
    return {number for table, name in tables.items() for number in lake.read(table, columns=[name])[name]}


def taken(lake: Lake) -> set[str]:
    """The ids of the acts that matching has taken."""
    return set(lake.read(CORE_TAKEN_ACT)["act_id"])


def take_acts(lake: Lake, *, as_of: date) -> pd.DataFrame:
    """Marks the acts of now as taken, and returns the verdicts among all that were (`CORE_VERDICT` rows).

    From here on corrections show in ``current_event``. The caller holds the lake's lock.
    """
    fresh = sorted(given(lake) - taken(lake))
    if fresh:
        lake.append(CORE_TAKEN_ACT, pd.DataFrame({"act_id": fresh, "taken_as_of": as_of}))
    verdict = lake.read(CORE_VERDICT)
    return verdict[verdict["verdict_id"].isin(taken(lake))].reset_index(drop=True)


def taken_of_warnings(lake: Lake) -> pd.DataFrame:
    """What people said of warnings, as far as a run has taken it: `CORE_WARNING_ACT` rows with ``taken_as_of``."""
    return lake.read(CORE_WARNING_ACT).merge(lake.read(CORE_TAKEN_ACT), on="act_id")


def judge(lake: Lake, said: pd.DataFrame, *, kind: str, by: str, at: datetime, reason: str | None = None) -> Act:
    """Writes a verdict: on one pair, or the pairs of a split or a merge (`verdicts.pairs`, `split`, `merge`).

    Args:
        lake: an open lake.
        said: ``event_id_l``, ``event_id_r``, ``verdict``.
        kind: pair, split or merge.
        by: who.
        at: when; moved behind the last act where a clock went back.
        reason: why; kept as it is, and scrubbed for publication.

    Raises:
        ReviewRefused: it contradicts what stands, names a record that the lake does not hold, or one that is no
            dispute; the sentence tells which.
        warehouse.lake.LakeBusy: another process writes verdicts.
    """
    _check_author(by)
    with lake.acting():
        _check_records(lake, said)
        before = lake.read(CORE_VERDICT)
        held = verdicts.standing(before)
        found = verdicts.contradictions(held, said, kind=kind)
        if found:
            raise _refusal(found)
        threads = held[held["kind"] != "pair"].merge(said.loc[said["verdict"] == "unsure", PAIR], on=PAIR)
        if len(threads):
            number = str(threads["verdict_id"].iloc[0])
            raise ReviewRefused(f"这一对属于拆分或合并 {number}；要放弃它，请撤回 {number}。", [number])
        now = held.merge(said, on=[*PAIR, "verdict"])
        if len(now) == len(said) and now["verdict_id"].nunique() == 1 and (now["decided_by"] == by).all():
            return Act(str(now["verdict_id"].iloc[0]), is_new=False)
        act = verdicts.act(
            said.merge(_as_matched(lake, said), on=PAIR, how="left"),
            kind=kind, at=_behind(before["decided_at"], at), by=by, reason=reason or None,
            reason_published=_published(reason),
        )  # fmt: skip
        lake.append(CORE_VERDICT, act)
    return Act(str(act["verdict_id"].iloc[0]))


def correct(
    lake: Lake, event_id: str, field: str, value: str, *, by: str, at: datetime, reason: str | None = None
) -> Act:
    """Writes a correction of one record; ``field`` and ``value`` as a person typed them.

    Raises:
        ReviewRefused: no such record.
        transforms.corrections.CorrectionRefused: no such field or value.
        warehouse.lake.LakeBusy: another process writes corrections.
    """
    _check_author(by)
    name = corrections.field_of(field)
    code = corrections.value_of(name, value)
    with lake.acting():
        before = lake.read(CORE_CORRECTION)
        held = corrections.standing(before)
        mine = held[(held["event_id"] == event_id) & (held["field"] == name)]
        if len(mine) and mine["value"].iloc[0] == code and mine["corrected_by"].iloc[0] == by:
            return Act(str(mine["correction_id"].iloc[0]), is_new=False)
        row = corrections.correction(
            event_id, name, code, at=_behind(before["corrected_at"], at), by=by,
            original=mine["value"].iloc[0] if len(mine) else _value_now(lake, event_id, name),
            reason=reason or None, reason_published=_published(reason),
        )  # fmt: skip
        lake.append(CORE_CORRECTION, row)
    return Act(str(row["correction_id"].iloc[0]))


def speak(
    lake: Lake,
    warning_id: str,
    kind: str,
    *,
    by: str,
    at: datetime,
    judgement: str | None = None,
    note: str | None = None,
) -> Act:
    """Writes what somebody says of a warning: ``kind`` acknowledge (签收), or judge with 属实, 不实 or 已知.

    Raises:
        ReviewRefused: there is no such warning or judgement.
        warehouse.lake.LakeBusy: another process writes acts.
    """
    _check_author(by)
    if kind == "judge" and judgement not in acts_of_warnings.JUDGEMENTS:
        raise ReviewRefused(f"“{judgement}”不是判定；应是 {'、'.join(acts_of_warnings.JUDGEMENTS)} 之一")
    with lake.acting():
        warning = lake.read(CORE_WARNING)
        mine = warning[warning["warning_id"] == warning_id]
        if mine.empty:
            raise ReviewRefused(f"没有预警 {warning_id}；见 dispute-lake warning list")
        before = lake.read(CORE_WARNING_ACT)
        held = acts_of_warnings.alive(before)
        same = held[(held["warning_id"] == warning_id) & (held["kind"] == kind) & (held["acted_by"] == by)]
        if len(same) and (kind != "judge" or same["judgement"].iloc[0] == judgement):
            return Act(str(same["act_id"].iloc[0]), is_new=False)
        row = acts_of_warnings.act(
            mine.iloc[0], kind, at=_behind(before["acted_at"], at), by=by, judgement=judgement, note=note or None,
            note_published=_published(note),
        )  # fmt: skip
        lake.append(CORE_WARNING_ACT, row)
    return Act(str(row["act_id"].iloc[0]))


def withdraw(lake: Lake, number: str, *, by: str, at: datetime, reason: str | None = None) -> Act:
    """Takes back a verdict (all pairs of the act), a correction, or what was said of a warning, whoever gave it.

    Raises:
        ReviewRefused: there is no such act, or it was withdrawn already.
        warehouse.lake.LakeBusy: another process writes acts.
    """
    _check_author(by)
    with lake.acting():
        verdict, correction, said = (lake.read(table) for table in (CORE_VERDICT, CORE_CORRECTION, CORE_WARNING_ACT))
        if number in {*verdict["withdraws"], *correction["withdraws"], *said["withdraws"]} - {None}:
            raise ReviewRefused(f"{number} 已经撤回")
        spoken = said[(said["act_id"] == number) & said["withdraws"].isna()]
        if len(spoken):
            row = acts_of_warnings.withdrawal(
                spoken.iloc[0], at=_behind(said["acted_at"], at), by=by, note=reason or None,
                note_published=_published(reason),
            )  # fmt: skip
            lake.append(CORE_WARNING_ACT, row)
            return Act(str(row["act_id"].iloc[0]))
        judged = verdict[(verdict["verdict_id"] == number) & verdict["withdraws"].isna()]
        corrected = correction[(correction["correction_id"] == number) & correction["withdraws"].isna()]
        if len(judged):
            back = _taken_back(verdict, number)
            found = verdicts.contradictions(back, verdicts.empty())
            if found:
                raise _refusal(found, "撤回之后，其余裁定")
            moment = _behind(verdict["decided_at"], at)
            row = verdicts.withdrawal(number, at=moment, by=by, reason=reason or None)
            lake.append(CORE_VERDICT, row.assign(reason_published=_published(reason)))
            return Act(str(row["verdict_id"].iloc[0]))
        if corrected.empty:
            raise ReviewRefused(f"没有裁定或更正 {number}（撤回本身不能撤回，请重新裁定）；见 dispute-lake review list")
        row = corrections.correction(
            str(corrected["event_id"].iloc[0]), str(corrected["field"].iloc[0]), None,
            at=_behind(correction["corrected_at"], at), by=by, reason=reason or None,
            reason_published=_published(reason), withdraws=number,
        )  # fmt: skip
        lake.append(CORE_CORRECTION, row)
    return Act(str(row["correction_id"].iloc[0]))


def acts(lake: Lake) -> pd.DataFrame:
    """All acts, the last first, one row each, for lists of people.

    Returns:
        ``number``, ``at``, ``by``, ``what`` (a Chinese sentence), ``reason``, ``events`` (lists of event ids, two at
        most, or of a warning), ``state`` (生效 待运行 已撤回 已被取代 撤回).
    """
    verdict, correction, said = (lake.read(table) for table in (CORE_VERDICT, CORE_CORRECTION, CORE_WARNING_ACT))
    done = taken(lake)
    alive = {
        *verdicts.standing(verdict)["verdict_id"], *corrections.standing(correction)["correction_id"],
        *acts_of_warnings.alive(said)["act_id"],
    }  # fmt: skip
    gone = {*verdict["withdraws"].dropna(), *correction["withdraws"].dropna(), *said["withdraws"].dropna()}

    def state(number: str, withdraws: str | None) -> str:
        if isinstance(withdraws, str):
            return "撤回"
        if number in gone:
            return "已撤回"
        if number not in alive:
            return "已被取代"
        return "生效" if number in done else "待运行"

    rows = []
    for number, mine in verdict.groupby("verdict_id", sort=True):
        row = mine.iloc[0]
        events = [row[name] for name in PAIR if isinstance(row[name], str)]
        what = (
            f"撤回 {row['withdraws']}" if row["kind"] == "withdrawal"
            else f"裁定{verdicts.VERDICTS[row['verdict']]}" if row["kind"] == "pair"
            else f"{verdicts.KINDS[row['kind']]}纠纷（{len(mine)} 对）"
        )  # fmt: skip
        rows.append((number, row["decided_at"], row["decided_by"], what, row["reason"], events, row["withdraws"]))
    for row in correction.to_dict("records"):
        label = corrections.FIELDS[row["field"]]
        what = (
            f"撤回 {row['withdraws']}" if isinstance(row["withdraws"], str)
            else f"{label}：{corrections.name_of(row['field'], row['original_value'])} → "
            f"{corrections.name_of(row['field'], row['value'])}"
        )  # fmt: skip
        rows.append(
            (row["correction_id"], row["corrected_at"], row["corrected_by"], what, row["reason"], [row["event_id"]],
             row["withdraws"])
        )  # fmt: skip
    for row in said.to_dict("records"):
        what = (
            f"撤回 {row['withdraws']}" if isinstance(row["withdraws"], str)
            else f"预警{row['judgement'] if row['kind'] == 'judge' else '签收'}"
        )  # fmt: skip
        rows.append(
            (row["act_id"], row["acted_at"], row["acted_by"], what, row["note"], [row["warning_id"]], row["withdraws"])
        )
    frame = pd.DataFrame(rows, columns=["number", "at", "by", "what", "reason", "events", "withdraws"])
    frame["state"] = [state(*pair) for pair in zip(frame["number"], frame["withdraws"], strict=True)]
    frame = frame.sort_values(["at", "number"], ascending=[False, True], ignore_index=True)
    return frame.drop(columns="withdraws")


def find_record(lake: Lake, named: str) -> str:
    """Returns the event id of a record that a person names by event id or by its number in the source's system.

    Raises:
        ReviewRefused: the lake holds none, or several systems have that number; the sentence names them.
    """
    with lake.connect() as con:
        found = con.execute(
            "SELECT DISTINCT event_id, source FROM core_event WHERE event_id = $1 OR source_record_id = $1 ORDER BY 2",
            [named.strip()],
        ).fetchall()
    if not found:
        raise ReviewRefused(f"湖中没有记录 {named}；请写事件编号（ev_…）或来源系统的记录编号")
    if len(found) > 1:
        told = "、".join(f"{source} 的 {event}" for event, source in found)
        raise ReviewRefused(f"几个系统都有编号 {named}：{told}；请写事件编号")
    return str(found[0][0])


def _check_author(by: str) -> None:
    if not by.strip():
        raise ReviewRefused("请写明是谁（--by 姓名）")


def _check_records(lake: Lake, said: pd.DataFrame) -> None:
    if said.empty:
        raise ReviewRefused("要两条不同的记录")
    events = sorted({*said[PAIR[0]], *said[PAIR[1]]})
    with lake.connect() as con:
        con.register("asked", pd.DataFrame({"event_id": pd.Series(events, dtype="str")}))
        placed = con.execute(f"SELECT event_id FROM {CORE_DISPUTE_EVENT.name} SEMI JOIN asked USING (event_id)")
        read = dict.fromkeys((event for (event,) in placed.fetchall()), True)
        if len(read) < len(events):  # finding the present version of a record looks at every record
            found = con.execute("SELECT event_id, is_dispute FROM current_event SEMI JOIN asked USING (event_id)")
            read = dict(found.fetchall())
    missing = [event for event in events if event not in read]
    if missing:
        raise ReviewRefused(f"湖中没有记录 {'、'.join(missing[:3])}")
    held = corrections.standing(lake.read(CORE_CORRECTION))
    said_so = held[held["field"] == "is_dispute"].set_index("event_id")["value"]
    beside = [event for event in events if said_so.get(event, "true" if read[event] else "false") == "false"]
    if beside:
        raise ReviewRefused(f"记录 {'、'.join(beside[:3])} 判为不是纠纷，不参与匹配；如确是纠纷，请先更正是否纠纷")


def _as_matched(lake: Lake, said: pd.DataFrame) -> pd.DataFrame:
    """How the last run had the pairs: ``was_together``, ``was_probability``, ``was_decided_by``."""
    with lake.connect() as con:
        con.register("said", said[PAIR])
        return con.execute(
            f"""
            SELECT
                said.event_id_l,
                said.event_id_r,
                coalesce(l.dispute_id = r.dispute_id, false) AS was_together,
                link.match_probability AS was_probability,
                link.decided_by AS was_decided_by
            FROM said
            LEFT JOIN {CORE_DISPUTE_EVENT.name} AS l ON l.event_id = said.event_id_l
            LEFT JOIN {CORE_DISPUTE_EVENT.name} AS r ON r.event_id = said.event_id_r
            LEFT JOIN {CORE_LINK.name} AS link
                ON link.event_id_l = said.event_id_l AND link.event_id_r = said.event_id_r
            """
        ).df()


def _value_now(lake: Lake, event_id: str, field: str) -> str | None:
    value = {
        "is_dispute": "CAST(is_dispute AS VARCHAR)",
        "category_code": "category_code",
        "area_code": "coalesce(village_code, town_code, county_code)",
    }[field]
    with lake.connect() as con:
        found = con.execute(f"SELECT {value} FROM current_event WHERE event_id = ?", [event_id]).fetchone()
    if found is None:
        raise ReviewRefused(f"湖中没有记录 {event_id}")
    return None if found[0] is None else str(found[0])


def _taken_back(verdict: pd.DataFrame, number: str) -> pd.DataFrame:
    """What would stand without one act: an older verdict on the same pair may come back."""
    return verdicts.standing(verdict[verdict["verdict_id"] != number])


def _refusal(found: Collection[verdicts.Contradiction], what: str = "本次裁定与已有的裁定") -> ReviewRefused:
    one = next(iter(found))
    chain = " = ".join(one.chain)
    against = [*one.together["verdict_id"].dropna(), one.apart["verdict_id"]]
    numbers = list(dict.fromkeys(number for number in against if isinstance(number, str)))
    who = pd.concat([one.together, one.apart.to_frame().T]).drop_duplicates("verdict_id").dropna(subset=["verdict_id"])
    told = "、".join(
        f"{row.verdict_id}（{row.decided_by} {row.decided_at:%Y-%m-%d} {verdicts.VERDICTS[row.verdict]}）"
        for row in who.itertuples(index=False)
    )
    return ReviewRefused(
        f"{what}矛盾：{chain} 为同一纠纷，而 {one.chain[0]} 与 {one.chain[-1]} 为不同纠纷。"
        f"相关的裁定：{told}。请先撤回其中不对的，再裁定。",
        numbers,
    )


def _behind(moments: pd.Series, at: datetime) -> datetime:
    """Two acts never share a moment, also where a clock was set back: the later one counts."""
    if moments.empty:
        return at
    last: datetime = moments.max().to_pydatetime()
    return max(at, last + timedelta(microseconds=1))


def _published(reason: str | None) -> str | None:
    return scrub.scrub([reason])[0] if reason else None
