"""A dispute's id is for ever: which cluster of this run is which dispute of the last one.

Here: recurrence (a cluster that was resolved long before it came back is two disputes), and the ledger of mint, absorb,
split and verdict. Not here: how clusters come about (`clusters`), why a record belongs to one (`explanations`), what
people decided (`verdicts`).
clusters + last membership + ledger -> dispute id per record, ledger grown by this run
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sources.values import UNKNOWN

LEDGER_COLUMNS = ["dispute_id", "action", "other_dispute_id", "event_id", "run_id", "at", "reason"]
_SAID = {
    "same": "裁定两条记录是同一纠纷", "different": "裁定两条记录不是同一纠纷", "split": "拆分纠纷", "merge": "合并纠纷",
    "withdrawal": "撤回裁定",
}  # fmt: skip


@dataclass(frozen=True)
class Identified:
    """``member``: event_id, dispute_id, recurrence_of, in the order of the records. ``ledger``: old rows, then new."""

    member: pd.DataFrame
    ledger: pd.DataFrame


def dispute_id(event_id: str, ordinal: int = 0) -> str:
    """Returns the id that a dispute gets when ``event_id`` is its first record at mint.

    ``ordinal`` counts earlier disputes minted from the same record: a record may leave a dispute that keeps its id.
    """
    name = event_id if ordinal == 0 else f"{event_id}\x1f{ordinal}"
    return "d_" + hashlib.sha256(name.encode()).hexdigest()[:20]


def recurrences(records: pd.DataFrame, *, days: int) -> pd.Series:
    """Cuts each cluster where the matter returned after it had been resolved.

    A matter is resolved on the day of a success, or, without one, when its last record was closed and none is open;
    and only if nobody reported later than that day (then the resolution did not hold). A record reported more than
    ``days`` after the resolution opens a new dispute.

    Args:
        records: ``cluster``, ``reported_at``, ``success_at``, ``closed_at`` (null: not by this record's account) and
            ``is_open``, ordered by ``reported_at`` inside a cluster; see `endings`.
        days: a return within so many days stays the old dispute.

    Returns:
        Number of the stretch of each record inside its cluster, 0 first, with the index of ``records``.
    """
    stretch = np.zeros(len(records), np.int64)
    ended = records["success_at"].notna() | records["closed_at"].notna()
    cluster = pd.factorize(records["cluster"])[0]
    can_return = np.bincount(cluster, weights=ended, minlength=1) > 0
    can_return &= np.bincount(cluster, minlength=1) > 1
    chosen = np.flatnonzero(can_return[cluster])
    columns = [records[name].to_numpy("datetime64[us]")[chosen] for name in ("reported_at", "success_at", "closed_at")]
    limit, day, never = np.timedelta64(days, "D"), "datetime64[D]", np.datetime64("1900-01-01", "us")
    reported_at, success_at, closed_at = columns
    success_at, closed_at = (np.where(np.isnat(when), never, when) for when in (success_at, closed_at))
    is_open = records["is_open"].to_numpy(bool)[chosen]
    current, number = -1, 0
    success = closed = last = never
    any_open = False
    for position, row in enumerate(chosen):
        reported = reported_at[position]
        if cluster[row] != current:
            current, number, success, closed, last, any_open = cluster[row], 0, never, never, never, False
        elif not np.isnat(reported):
            resolved = success if success.astype(day) >= last.astype(day) else never
            if resolved == never and not any_open and closed.astype(day) >= last.astype(day):
                resolved = closed
            if resolved != never and reported - resolved > limit:
                number, success, closed, any_open = number + 1, never, never, False
        stretch[row] = number
        last = reported
        success, closed = max(success, success_at[position]), max(closed, closed_at[position])
        any_open = any_open or bool(is_open[position])
    return pd.Series(stretch, index=records.index)


def identify(
    records: pd.DataFrame,
    *,
    previous: pd.DataFrame | None,
    ledger: pd.DataFrame | None,
    run_id: str,
    at: pd.Timestamp,
    recurrence_days: int,
    verdicts: pd.DataFrame | None = None,
) -> Identified:
    """Names the clusters of this run with the ids of the last one where they are the same dispute.

    A known dispute goes where most of its records went (a tie: where its earliest record went). A cluster that several
    known disputes claim keeps the one minted first, and absorbs the others. A cluster that none claims is minted from
    its earliest record; when its records came from a known dispute, the ledger says that it split from it.

    Args:
        records: one row per record: ``event_id`` (unique), ``cluster`` (any label), ``reported_at``, and the
            columns of `endings`.
        previous: ``event_id``, ``dispute_id`` of the last run, or None.
        ledger: all earlier rows of `core_ledger`, or None.
        run_id: what this run is called in the ledger.
        at: the run's as-of.
        recurrence_days: see `recurrences`.
        verdicts: ``event_id_l``, ``event_id_r``, ``verdict``: records that a person called the same dispute are one,
            however long after the resolution the later one came.
    """
    old = ledger if ledger is not None else pd.DataFrame(columns=LEDGER_COLUMNS)
    data = records.sort_values(["cluster", "reported_at", "event_id"], kind="stable").reset_index(drop=True)
    data["stretch"] = _joined(data, recurrences(data, days=recurrence_days), verdicts)
    data["group"] = data.groupby(["cluster", "stretch"], sort=False).ngroup()
    data["known"] = None
    if previous is not None and len(previous):
        data["known"] = data["event_id"].map(previous.set_index("event_id")["dispute_id"])
    keeps, absorbed = _claims(data, old)
    first = data.drop_duplicates("group").set_index("group")
    minted_before = old[old["action"] == "mint"].groupby("event_id").size()
    taken = set(old["dispute_id"]) | set(keeps.values())
    names: dict[int, str] = {}
    rows: list[tuple[str, str, str | None, str, str, pd.Timestamp, str]] = []
    votes = data.dropna(subset=["known"]).groupby(["group", "known"], as_index=False).size()
    votes = votes.sort_values(["group", "size", "known"], ascending=[True, False, True])
    origin = votes.drop_duplicates("group").set_index("group")["known"]
    for group, event_id in first["event_id"].items():
        if group in keeps:
            names[group] = keeps[group]
            continue
        ordinal = int(minted_before.get(event_id, 0))
        name = dispute_id(event_id, ordinal)
        while name in taken:
            ordinal += 1
            name = dispute_id(event_id, ordinal)
        taken.add(name)
        names[group] = name
        rows.append((name, "mint", None, event_id, run_id, at, "首条记录产生编号"))
        if group in origin.index:
            rows.append((name, "split", origin[group], event_id, run_id, at, "原纠纷的部分记录不再属于它"))
    for group, gone in absorbed:
        rows.append(
            (names[group], "absorb", gone, first.loc[group, "event_id"], run_id, at, "两个编号的记录是同一纠纷")
        )
    data["dispute_id"] = data["group"].map(names)
    before = first[["cluster", "stretch"]].assign(dispute_id=pd.Series(names))
    before = before.assign(stretch=before["stretch"] + 1).rename(columns={"dispute_id": "recurrence_of"})
    data = data.merge(before, on=["cluster", "stretch"], how="left")
    new = pd.DataFrame(rows, columns=LEDGER_COLUMNS)
    member = data.set_index("event_id").loc[records["event_id"], ["dispute_id", "recurrence_of"]].reset_index()
    grown = new if old.empty else (old if new.empty else pd.concat([old, new], ignore_index=True))
    return Identified(member, grown.reset_index(drop=True))


def _joined(data: pd.DataFrame, stretch: pd.Series, verdicts: pd.DataFrame | None) -> pd.Series:
    """Returns the stretches without the cuts between two records of one cluster that a person called the same."""
    if verdicts is None or verdicts.empty or not stretch.any():
        return stretch
    place = pd.DataFrame({"cluster": data["cluster"], "stretch": stretch}).set_axis(data["event_id"])
    same = verdicts[verdicts["verdict"] == "same"]
    ends = [place.reindex(same[name]).reset_index(drop=True) for name in ("event_id_l", "event_id_r")]
    across = (ends[0]["cluster"] == ends[1]["cluster"]) & (ends[0]["stretch"] != ends[1]["stretch"])
    spans = pd.DataFrame(
        {
            "cluster": ends[0]["cluster"],
            "first": np.minimum(ends[0]["stretch"], ends[1]["stretch"]),
            "last": np.maximum(ends[0]["stretch"], ends[1]["stretch"]),
        }
    )[across]
    # a cut bears the number of the stretch that begins with it; those inside a span are lifted
    lifted = spans.assign(
        cut=[range(int(a) + 1, int(b) + 1) for a, b in zip(spans["first"], spans["last"], strict=True)]
    )
    cuts = lifted.explode("cut")[["cluster", "cut"]].drop_duplicates()
    result = stretch.copy()
    for cluster, cut in zip(cuts["cluster"], cuts["cut"], strict=True):
        result -= ((data["cluster"] == cluster) & (stretch >= cut)).astype(result.dtype)
    return result


def record_verdicts(
    ledger: pd.DataFrame, verdicts: pd.DataFrame, member: pd.DataFrame, *, run_id: str, at: pd.Timestamp
) -> pd.DataFrame:
    """Returns the ledger with one row of action ``verdict`` for each act that this run was the first to obey.

    An act has a row for each dispute, or pair of disputes, that its records are in now; one about records of which
    neither belongs to a dispute waits. A withdrawal is written where the act that it withdraws was.

    Args:
        ledger: `core_ledger` after `identify`.
        verdicts: the rows of `CORE_VERDICT` that the run obeyed.
        member: ``event_id``, ``dispute_id`` after the run.
        run_id: what this run is called in the ledger.
        at: the run's as-of.
    """
    known = set(ledger["verdict_id"].dropna()) if "verdict_id" in ledger else set()
    gone = verdicts[verdicts["withdraws"].notna() & ~verdicts["verdict_id"].isin(known)]
    back = ledger[ledger["verdict_id"].isin(gone["withdraws"])] if known else ledger.iloc[:0]
    fresh = verdicts[verdicts["verdict"].isin(["same", "different"]) & ~verdicts["verdict_id"].isin(known)]
    fresh = fresh[~fresh["verdict_id"].isin(verdicts["withdraws"].dropna())]
    if back.empty and fresh.empty:
        return ledger
    of = member.set_index("event_id")["dispute_id"]
    left, right = fresh["event_id_l"].map(of), fresh["event_id_r"].map(of)
    one = left.where(left.notna(), right)
    other = right.where(right != one)
    swapped = (other.notna() & (other < one)).to_numpy(bool)
    what = fresh["kind"].where(fresh["kind"] != "pair", fresh["verdict"])
    frames = [
        pd.DataFrame(
            {
                "dispute_id": one.where(~swapped, other), "other_dispute_id": other.where(~swapped, one),
                "event_id": fresh["event_id_l"], "reason": fresh["decided_by"] + " " + what.map(_SAID),
                "verdict_id": fresh["verdict_id"], "decided_at": fresh["decided_at"],
            }
        ).dropna(subset=["dispute_id"])
    ]  # fmt: skip
    if len(back):
        undone = back[["dispute_id", "other_dispute_id", "event_id", "verdict_id"]].merge(
            gone[["verdict_id", "withdraws", "decided_by", "decided_at"]],
            left_on="verdict_id", right_on="withdraws", suffixes=("_withdrawn", ""),
        )  # fmt: skip
        undone["reason"] = undone["decided_by"] + " " + _SAID["withdrawal"]
        frames.append(undone[frames[0].columns])
    rows = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    rows = rows.sort_values(["decided_at", "verdict_id", "dispute_id", "other_dispute_id", "event_id"], kind="stable")
    rows = rows.drop_duplicates(["verdict_id", "dispute_id", "other_dispute_id"]).drop(columns="decided_at")
    rows = rows.assign(action="verdict", run_id=run_id, at=at)
    return pd.concat([ledger, rows], ignore_index=True) if len(rows) else ledger


def _claims(data: pd.DataFrame, ledger: pd.DataFrame) -> tuple[dict[int, str], list[tuple[int, str]]]:
    """Returns the id each group keeps, and (group, id) for the ids that it absorbs."""
    known = data.dropna(subset=["known"])
    if known.empty:
        return {}, []
    votes = known.groupby(["known", "group"], as_index=False).agg(
        count=("event_id", "size"), earliest=("reported_at", "min"), event_id=("event_id", "first")
    )
    votes = votes.sort_values(["known", "count", "earliest", "event_id"], ascending=[True, False, True, True])
    home = votes.drop_duplicates("known")
    minted = ledger[ledger["action"] == "mint"].drop_duplicates("dispute_id").set_index("dispute_id")["at"]
    home = home.assign(minted=pd.to_datetime(home["known"].map(minted)))
    home = home.sort_values(["group", "minted", "earliest", "known"], na_position="last", kind="stable")
    keeps: dict[int, str] = {}
    absorbed = []
    for group, name in zip(home["group"], home["known"], strict=True):
        if group in keeps:
            absorbed.append((group, name))
        else:
            keeps[group] = name
    return keeps, absorbed


def living(ledger: pd.DataFrame) -> pd.Series:
    """Returns for each id that was absorbed the living id it now means, following chains of absorption."""
    absorb = ledger[ledger["action"] == "absorb"].drop_duplicates("other_dispute_id", keep="last")
    into = absorb.set_index("other_dispute_id")["dispute_id"]
    resolved = into.copy()
    for _ in range(len(into)):
        further = resolved.map(into)
        if further.isna().all():
            break
        resolved = further.where(further.notna(), resolved)
    return resolved


def endings(event: pd.DataFrame) -> pd.DataFrame:
    """Returns what each record says of the end of its matter: ``success_at``, ``closed_at``, ``is_open``.

    An outcome 成功 counts from its own time, else from the closing time; a record without any outcome ends when it was
    closed (已办结). 不成功, 进行中 and 终止 resolve nothing. Records that tell neither (a police call) are not open. A
    status that reading did not know (未知) is taken for open, an outcome that it did not know for none.

    Args:
        event: ``outcome``, ``outcome_at``, ``status``, ``closed_at``.
    """
    outcome_at, closed_at = pd.to_datetime(event["outcome_at"]), pd.to_datetime(event["closed_at"])
    outcome = event["outcome"].where(event["outcome"] != UNKNOWN)
    success = (outcome == "成功").fillna(False).astype(bool)
    closed = ((event["status"] == "已办结") & outcome.isna()).fillna(False).astype(bool)
    is_open = event["status"].isin(["待处理", "办理中", UNKNOWN]) | (outcome == "进行中").fillna(False)
    return pd.DataFrame(
        {
            "success_at": outcome_at.where(outcome_at.notna(), closed_at).where(success),
            "closed_at": closed_at.where(closed),
            "is_open": (is_open & ~success).astype(bool),
        }
    )
