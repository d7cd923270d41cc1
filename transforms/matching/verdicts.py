"""What people decided about pairs of records: which verdicts stand, what they contradict, how they reach the matcher.

Here: pure functions on frames in the shape of `CORE_VERDICT`. Not here: keeping them (`pipelines.reviewing`), obeying
them (`clusters`), what to ask next (`review`), the ledger (`identity`).
an act of a person -> rows -> standing verdicts -> pairs for the matcher

Everything is said by pairs. Splitting a dispute says that the records of each group are one (a star around the group's
first record) and that the first records of the groups are not; merging says one star. So a split or a merge is exact,
stays over re-runs, and can be withdrawn as one act.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, connected_components

from transforms.tables import CORE_VERDICT

VERDICTS = {"same": "同一", "different": "不同", "unsure": "不确定"}
KINDS = {"pair": "一对记录", "split": "拆分", "merge": "合并", "withdrawal": "撤回"}
PAIR = ["event_id_l", "event_id_r"]


@dataclass(frozen=True)
class Contradiction:
    """A pair held apart by one verdict and together by others: ``chain`` runs from one record to the other.

    Attributes:
        apart: the standing or new row that says different (columns of `CORE_VERDICT` that `standing` keeps).
        together: the rows that say same, in the order of ``chain``.
        chain: event ids, each next to the one it is the same as.
    """

    apart: pd.Series
    together: pd.DataFrame
    chain: tuple[str, ...]


def pairs(left: Sequence[str], right: Sequence[str], verdict: str | Sequence[str]) -> pd.DataFrame:
    """Returns ``event_id_l`` (the smaller), ``event_id_r``, ``verdict``, without records paired with themselves."""
    one, other = pd.Series(list(left), dtype="str"), pd.Series(list(right), dtype="str")
    smaller, larger = one.where(one < other, other), other.where(one < other, one)
    frame = pd.DataFrame({"event_id_l": smaller, "event_id_r": larger, "verdict": verdict})
    return frame[one != other].drop_duplicates(PAIR, ignore_index=True)


def split(groups: Sequence[Collection[str]]) -> pd.DataFrame:
    """Returns the pairs that say: the records of each group are one dispute, those of different groups are not.

    Args:
        groups: two or more groups of event ids, no record in two of them.

    Raises:
        ValueError: fewer than two groups, an empty group, or a record in two groups; a sentence for the user.
    """
    ordered = [sorted(set(group)) for group in groups]
    if len(ordered) < 2 or not all(ordered):
        raise ValueError("拆分要有两组以上记录，每组至少一条")
    if len({event for group in ordered for event in group}) != sum(map(len, ordered)):
        raise ValueError("一条记录不能分在两组")
    stars = [pairs([group[0]] * (len(group) - 1), group[1:], "same") for group in ordered]
    anchors = list(combinations([group[0] for group in ordered], 2))
    apart = pairs([one for one, _ in anchors], [other for _, other in anchors], "different")
    return pd.concat([*stars, apart], ignore_index=True)


def merge(events: Collection[str]) -> pd.DataFrame:
    """Returns the pairs that say: these records (two or more) are one dispute.

    Raises:
        ValueError: fewer than two records; a sentence for the user.
    """
    ordered = sorted(set(events))
    if len(ordered) < 2:
        raise ValueError("合并要有两条以上记录")
    return pairs([ordered[0]] * (len(ordered) - 1), ordered[1:], "same")


def act(
    said: pd.DataFrame,
    *,
    kind: str,
    at: datetime,
    by: str,
    reason: str | None = None,
    reason_published: str | None = None,
) -> pd.DataFrame:
    """Returns an act as `CORE_VERDICT` rows with one id.

    Args:
        said: ``event_id_l``, ``event_id_r``, ``verdict``; more columns of the table are kept.
        kind: pair, split or merge.
        at: when; two acts must not share a moment, the later one counts.
        by: who.
        reason: why, as it was written.
        reason_published: the same without personal data.
    """
    content = [kind, at.isoformat(), by, *said[PAIR[0]], *said[PAIR[1]], *said["verdict"]]
    number = "v_" + hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:12]
    return said.assign(
        verdict_id=number, kind=kind, decided_at=at, decided_by=by, reason=reason, reason_published=reason_published
    )


def withdrawal(verdict_id: str, *, at: datetime, by: str, reason: str | None = None) -> pd.DataFrame:
    """Returns the `CORE_VERDICT` row that withdraws an act with all its pairs."""
    content = "\x1f".join(["withdrawal", at.isoformat(), by, verdict_id])
    row = {
        "verdict_id": "v_" + hashlib.sha256(content.encode()).hexdigest()[:12], "kind": "withdrawal",
        "decided_at": at, "decided_by": by, "reason": reason, "withdraws": verdict_id,
    }  # fmt: skip
    return pd.DataFrame([row])


def standing(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Returns what holds now: of each pair the last verdict that was not withdrawn, by pair.

    Args:
        verdicts: all rows of `CORE_VERDICT`.
    """
    kept = verdicts[verdicts["verdict"].notna() & ~verdicts["verdict_id"].isin(verdicts["withdraws"].dropna())]
    kept = kept.sort_values(["decided_at", "verdict_id"], kind="stable")
    return kept.drop_duplicates(PAIR, keep="last").sort_values(PAIR, ignore_index=True)


def for_matching(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Returns the pairs that the matcher must obey: ``event_id_l``, ``event_id_r``, ``verdict`` (same, different)."""
    held = standing(verdicts)
    return held.loc[held["verdict"] != "unsure", [*PAIR, "verdict"]].reset_index(drop=True)


def together(held: pd.DataFrame) -> pd.Series:
    """Returns a group number for each event of ``held`` (standing verdicts): those that `same` joins share one."""
    same = held[held["verdict"] == "same"]
    events = pd.Index(pd.unique(pd.concat([held[PAIR[0]], held[PAIR[1]]])), dtype="str")
    left, right = events.get_indexer(same[PAIR[0]]), events.get_indexer(same[PAIR[1]])
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(events), len(events)))
    return pd.Series(connected_components(graph, directed=False)[1], index=events)


def contradictions(held: pd.DataFrame, said: pd.DataFrame, *, kind: str = "pair") -> list[Contradiction]:
    """Finds where an act contradicts what stands: A=B and B=C stand, and somebody says that A is not C.

    A verdict on one pair replaces an earlier one on just that pair, and contradicts it not. A pair of a split or a
    merge is no such judgement but one thread of a whole: against it, or by it, nothing is replaced in passing.

    Args:
        held: standing verdicts, see `standing`.
        said: the new act's rows.
        kind: pair, split or merge.

    Returns:
        One for each pair that is held apart and joined, by pair; empty when all can stand together.
    """
    new = held[PAIR].merge(said[[*PAIR, "verdict"]], on=PAIR, how="left")["verdict"].to_numpy()
    gives_way = (held["kind"] == "pair").to_numpy(bool) & (kind == "pair")
    former = held[pd.isna(new) | ((new != held["verdict"].to_numpy()) & ~gives_way)]
    if former.empty and said.empty:
        return []
    both = pd.concat([frame for frame in (former, said) if len(frame)], ignore_index=True)
    group = together(both)
    apart = both[both["verdict"] == "different"].sort_values(PAIR)
    broken = apart[apart[PAIR[0]].map(group).to_numpy() == apart[PAIR[1]].map(group).to_numpy()]
    if broken.empty:
        return []
    same = both[both["verdict"] == "same"].reset_index(drop=True)
    left, right = group.index.get_indexer(same[PAIR[0]]), group.index.get_indexer(same[PAIR[1]])
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(len(group), len(group))).tocsr()
    row_of = {frozenset(pair): number for number, pair in enumerate(zip(left.tolist(), right.tolist(), strict=True))}
    found = []
    for number, row in broken.iterrows():
        start, end = group.index.get_loc(row[PAIR[0]]), group.index.get_loc(row[PAIR[1]])
        before = breadth_first_order(graph, start, directed=False)[1]
        chain = [end]
        while chain[-1] != start:
            chain.append(int(before[chain[-1]]))
        steps = [row_of[frozenset(step)] for step in pairwise(chain)]
        found.append(
            Contradiction(
                both.loc[number], same.iloc[steps[::-1]], tuple(group.index[position] for position in chain[::-1])
            )
        )
    return found


def agreement(verdicts: pd.DataFrame, member: pd.DataFrame) -> pd.DataFrame:
    """How often did the matcher agree with people, before they spoke and now?

    A pair counts once, by its standing verdict; what the matcher held is taken from the first act about the pair, when
    no verdict had touched it. Pairs that came with a split or a merge count like those judged one by one.

    Args:
        verdicts: all rows of `CORE_VERDICT`.
        member: ``event_id``, ``dispute_id`` as they stand.

    Returns:
        One row per ``decided_by`` (number, model, none: never scored; and all): ``pairs``, ``same`` (people said same),
        ``true_joined``, ``joined`` (the matcher had them in one dispute), ``precision``, ``recall``, ``agreed`` (share
        of pairs), ``agrees_now``. Precision and recall are null without a pair to count.
    """
    held = standing(verdicts)
    held = held[held["verdict"] != "unsure"]
    first = verdicts[verdicts["verdict"].notna()].sort_values(["decided_at", "verdict_id"], kind="stable")
    first = first.drop_duplicates(PAIR)
    first = first[(first["was_decided_by"] != "verdict").fillna(True) & first["was_together"].notna()]
    judged = held[[*PAIR, "verdict"]].merge(first[[*PAIR, "was_together", "was_decided_by"]], on=PAIR)
    of = member.set_index("event_id")["dispute_id"]
    left, right = judged[PAIR[0]].map(of), judged[PAIR[1]].map(of)
    same = (judged["verdict"] == "same").to_numpy(bool)
    before = judged["was_together"].to_numpy(bool)
    now = ((left == right) & left.notna()).to_numpy(bool)
    by = judged["was_decided_by"].fillna("none").to_numpy()
    rows = []
    for name in ("all", "number", "model", "none"):
        mine = np.ones(len(judged), bool) if name == "all" else by == name
        if name != "all" and not mine.any():
            continue
        true, joined, both = int((same & mine).sum()), int((before & mine).sum()), int((same & before & mine).sum())
        count = int(mine.sum())
        rows.append(
            {
                "decided_by": name, "pairs": count, "same": true, "joined": joined, "true_joined": both,
                "precision": both / joined if joined else None, "recall": both / true if true else None,
                "agreed": float((same == before)[mine].mean()) if count else None,
                "agrees_now": float((same == now)[mine].mean()) if count else None,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def empty() -> pd.DataFrame:
    """Returns no verdicts, in the shape of `CORE_VERDICT`."""
    return CORE_VERDICT.empty()
