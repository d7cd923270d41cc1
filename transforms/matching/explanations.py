"""Why two records are one dispute, in one Chinese sentence with the strongest reasons, nobody's number in it.

Here: reasons, kinds of link, and the two result tables. Not here: weights (`model`), ids (`identity`).
decided pairs, levels, membership -> core_link, core_dispute_event
"""

from typing import Any

import numpy as np
import pandas as pd

from transforms import category
from transforms.matching.comparisons import COMPARISONS
from transforms.matching.model import Model

REASONS = 3
"""So many of the strongest reasons are told; the time between the records comes after them."""

ALSO = {"rare_name": ("place_name", "some"), "town_by_names": ("place_name", "some")}
"""Reasons that say nothing new where the other comparison reached that level."""

KINDS = {
    "earlier": "旧工单编号相连",
    "repeat_of": "官方标为重复",
    "related": "官方编号关联",
    "transfer": "移送编号相连",
    "mentioned": "文字中提到对方编号",
}


def describe(
    con: Any,
    frame: pd.DataFrame,
    member: pd.DataFrame,
    decided: pd.DataFrame,
    model: Model,
    settings: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Writes the reasons of every pair inside a dispute, and what each record is to its dispute.

    Returns:
        `core_link` rows (pairs that speak for one dispute, all inside one, and all that a person judged) and
        `core_dispute_event` rows.
    """
    dispute = member["dispute_id"].to_numpy()
    inside = dispute[decided["l"]] == dispute[decided["r"]]
    told = inside | (decided["weight"] > 0).to_numpy() | (decided["decided_by"] == "verdict").to_numpy()
    kept = decided[told].assign(inside=inside[told])
    named = category.table()[["category_code", "category_name"]]
    con.register("m_category", named[~named["category_code"].str.endswith("99")])
    con.register("m_kept", kept)
    con.execute("create or replace table m_link as select * from m_kept order by l, r")
    con.unregister("m_kept")
    explained = con.execute(_sql(model, settings)).df()
    con.unregister("m_category")
    link = pd.DataFrame(
        {
            "event_id_l": frame["event_id"].to_numpy()[explained["l"]],
            "event_id_r": frame["event_id"].to_numpy()[explained["r"]],
            "match_probability": 1 / (1 + np.exp2(-explained["weight"].clip(-60, 60))),
            "match_weight": explained["weight"],
            "explanation": explained["explanation"],
            "decided_by": explained["decided_by"],
        }
    )
    return link, _dispute_event(frame, member, explained)


def _sql(model: Model, settings: dict[str, Any]) -> str:
    """Reasons are sorted by what their level weighs; a level that weighs against, or nothing, is no reason."""
    reasons, time = [], "null"
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        weights = model.weights(comparison)
        cases = [
            f"when {comparison.name} = {last - number} then "
            f"{{'weight': {weights[level.code]:.3f}::double, 'text': ({level.sentence})::varchar}}"
            for number, level in enumerate(comparison.levels)
            if level.sentence and (weights[level.code] > 0 or comparison.name == "time")
        ]
        if not cases:
            continue
        if comparison.name in ALSO:
            other, level_code = ALSO[comparison.name]
            cases.insert(0, f"when {other} >= {_level(other, level_code)} then null")
        if comparison.name == "time":
            time = f"case {' '.join(cases)} end"
        else:
            reasons.append(f"case {' '.join(cases)} end")
    kinds = " ".join(f"when '{kind}' then '{text}'" for kind, text in KINDS.items())
    patterns = "|".join(settings["transfer_channels"])
    return f"""
        with shown as (
            select k.n_l, k.n_r, k.total, k.decided_by, k.inside, l, r, v.gap_value as gap, f.kind,
                   c.category_name as same_category,
                   regexp_matches(concat(l.channel, r.channel), '{patterns}') as is_handed_over,
                   {", ".join(f"v.{c.name}" for c in COMPARISONS)}
            from (select l as n_l, r as n_r, weight as total, decided_by, inside from m_link) k
            join m_record l on l.n = k.n_l join m_record r on r.n = k.n_r
            left join (select * rename (l as v_l, r as v_r) from m_vector) v on v.v_l = k.n_l and v.v_r = k.n_r
            left join m_category c on c.category_code = l.category and l.category = r.category
            left join (select * rename (l as f_l, r as f_r) from m_reference) f on f.f_l = k.n_l and f.f_r = k.n_r
        ), listed as (
            select *, list_filter([
                if(decided_by = 'verdict', {{'weight': 99::double, 'text': '人工裁定为同一纠纷'}}, null),
                if(kind is not null, {{'weight': 98::double, 'text': case kind {kinds} else '官方编号关联' end}}, null),
                {", ".join(reasons)}
            ], lambda x: x is not null and x.text is not null) as reasons,
            {time} as told
            from shown
        )
        select n_l as l, n_r as r, total as weight, decided_by, inside, kind, is_handed_over, person,
               l.source <> r.source as is_across,
               if(decided_by = 'verdict' and total < 0, '人工裁定为不同纠纷', coalesce(nullif(concat_ws('；', list_aggregate(list_transform(
                   list_sort(reasons, 'desc')[:{REASONS}], lambda x: x.text), 'string_agg', '；'), told.text), ''),
                   '综合各项相近')) as explanation
        from listed order by n_l, n_r
    """


def _dispute_event(frame: pd.DataFrame, member: pd.DataFrame, explained: pd.DataFrame) -> pd.DataFrame:
    order = pd.DataFrame(
        {
            "n": frame["n"].to_numpy(),
            "dispute_id": member["dispute_id"].to_numpy(),
            "reported_at": frame["reported_at"].to_numpy(),
            "event_id": frame["event_id"].to_numpy(),
        }
    ).sort_values(["dispute_id", "reported_at", "event_id"], kind="stable")
    position = pd.Series(np.arange(len(order)), index=order["n"].to_numpy()).sort_index().to_numpy()
    is_first = ~order.duplicated("dispute_id")
    first = pd.Series(is_first.to_numpy(), index=order["n"].to_numpy()).sort_index().to_numpy()
    pairs = explained[explained["inside"]]
    both = pd.concat(
        [
            pairs.assign(n=pairs["l"], other=pairs["r"]),
            pairs.assign(n=pairs["r"], other=pairs["l"]),
        ],
        ignore_index=True,
    )
    both["is_earlier"] = position[both["other"]] < position[both["n"]]
    both["rank"] = both["decided_by"].map({"verdict": 2, "number": 1, "model": 0})
    best = both.sort_values(
        ["n", "is_earlier", "rank", "weight", "other"], ascending=[True, False, False, False, True]
    ).drop_duplicates("n")
    best = best.set_index("n").reindex(frame["n"])
    same_person = best["person"].fillna(-1).to_numpy() >= _level("person", "partial")
    across = best["is_across"].fillna(False).to_numpy(bool)
    handed = across & (best["kind"].notna().to_numpy() | best["is_handed_over"].fillna(False).to_numpy(bool))
    kind = np.select([first, handed, same_person], ["first", "transfer", "repeat"], "same_matter")
    other = best["other"]
    return pd.DataFrame(
        {
            "dispute_id": member["dispute_id"].to_numpy(),
            "event_id": frame["event_id"].to_numpy(),
            "source": frame["source"].to_numpy(),
            "source_record_id": frame["source_record_id"].to_numpy(),
            "link_kind": kind,
            "match_probability": np.where(
                first, 1.0, 1 / (1 + np.exp2(-best["weight"].clip(-60, 60).fillna(0).to_numpy()))
            ),
            "explanation": pd.Series(best["explanation"].to_numpy(), dtype="str")
            .fillna("与本纠纷的其他记录间接相连")
            .where(~first, "本纠纷的首条记录")
            .to_numpy(),
            "linked_event_id": np.where(
                first | other.isna().to_numpy(), None, frame["event_id"].to_numpy()[other.fillna(0).astype(int)]
            ),
            "recurrence_of": member["recurrence_of"].to_numpy(),
        }
    )


def _level(name: str, code: str) -> int:
    comparison = next(c for c in COMPARISONS if c.name == name)
    codes = [level.code for level in comparison.levels]
    return len(codes) - 1 - codes.index(code)
