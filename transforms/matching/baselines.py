"""What the matcher is measured against, in the same run on the same records.

Here: the phone rule that systems use today (same phone within 30 days), Splink with its stock DuckDB comparisons at the
threshold that truth likes best, and no matching at all. Not here: the figures themselves (`evaluation`).
current_event, current_party -> source, source_record_id, dispute_id of each baseline
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from transforms.matching import clusters, evaluation

THRESHOLDS = (-2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0, 20.0)


def run_all(con: Any, truth: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Returns what each baseline finds, by its name in reports."""
    stock, threshold = stock_splink(con, truth)
    return {
        "不匹配": nothing(con),
        "同号 30 天内": same_phone(con),
        f"Splink 原装比较（按真值取最佳阈值 {threshold:g}）": stock,
    }


def _records(con: Any) -> pd.DataFrame:
    return con.execute(
        """
        select row_number() over (order by event_id) - 1 as n, source, source_record_id, event_id, reported_at
        from current_event where is_dispute order by event_id
        """
    ).df()


def _found(records: pd.DataFrame, label: np.ndarray) -> pd.DataFrame:
    return records[["source", "source_record_id"]].assign(dispute_id=pd.Series(label).astype("str").to_numpy())


def nothing(con: Any) -> pd.DataFrame:
    """Every record is a dispute of its own."""
    records = _records(con)
    return _found(records, records["n"].to_numpy())


def same_phone(con: Any, *, days: int = 30) -> pd.DataFrame:
    """Records with the same reporter's phone within ``days`` are one dispute, and so is what they chain to."""
    records = _records(con)
    con.register("b_records", records[["n", "event_id", "reported_at"]])
    pairs = con.execute(
        f"""
        with phone as (
            select distinct b.n, b.reported_at, unnest(p.phone_tokens) as token
            from current_party p join b_records b using (event_id) where p.role in ('reporter', 'applicant', 'party')
        ), next as (
            select n, reported_at, lead(n) over w as other, lead(reported_at) over w as later
            from phone window w as (partition by token order by reported_at, n)
        )
        select n as l, other as r from next where later - reported_at <= interval {days} days
        """
    ).df()
    con.unregister("b_records")
    return _found(records, clusters.components(len(records), pairs["l"].to_numpy(), pairs["r"].to_numpy()))


BLOCKS = (("phone",), ("id_token",), ("name", "county_code"), ("town_code", "category_code", "month"), ("address",))
"""Columns of ``b_stock`` that records must share to be compared."""


def stock_splink(con: Any, truth: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Splink as its tutorial sets it up, with the comparisons that it has for DuckDB; see `splink`."""
    return splink(con, truth, list(stock_comparisons().values()))


def stock_comparisons() -> dict[str, Any]:
    """Returns Splink's own comparisons for the columns of ``b_stock``, by column."""
    import splink.comparison_library as cl

    return {
        "name": cl.JaroWinklerAtThresholds("name", [0.9, 0.7]),
        "phone": cl.ExactMatch("phone"),
        "id_token": cl.ExactMatch("id_token"),
        "town_code": cl.ExactMatch("town_code"),
        "address": cl.LevenshteinAtThresholds("address", [2, 5]),
        "category_code": cl.ExactMatch("category_code"),
        "text": cl.JaccardAtThresholds("text", [0.8, 0.6]),
        "day": cl.AbsoluteDateDifferenceAtThresholds(
            "day", input_is_string=True, metrics=["day", "day", "month"], thresholds=[3, 10, 1]
        ),
    }


def stock_table(con: Any) -> None:
    """Writes ``b_stock``: one flat row per dispute record, its first reporter's columns beside the record's."""
    con.execute(
        """
        create or replace table b_stock as
        with who as (
            select event_id, first(name order by role desc, name) as name,
                   first(phone_tokens[1] order by role desc) as phone,
                   first(id_token order by role desc) as id_token
            from current_party where role in ('reporter', 'applicant', 'party') group by event_id
        )
        select e.event_id as unique_id, who.name, who.phone, who.id_token, e.county_code, e.town_code, e.address,
               e.category_code, e.text, strftime(e.reported_at, '%Y-%m-%d') as day,
               strftime(e.reported_at, '%Y-%m') as month
        from current_event e left join who using (event_id) where e.is_dispute
        """
    )


def splink(con: Any, truth: pd.DataFrame, comparisons: list[Any]) -> tuple[pd.DataFrame, float]:
    """Splink with the given comparisons: EM on two blocks, connected components.

    Returns:
        The clusters at the threshold with the best pairwise F1 against ``truth`` (no honest run could choose it), and
        that threshold as match weight.
    """
    import logging

    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    stock_table(con)
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        comparisons=comparisons,
    )
    api = DuckDBAPI(connection=con)
    linker = Linker(api.register("b_stock"), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("phone")], recall=0.3)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("phone"), block_on("town_code", "category_code", "month")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_weight=min(THRESHOLDS))
    pairs = con.execute(f"select unique_id_l, unique_id_r, match_weight from {scored.physical_name} order by 1, 2").df()
    scored.drop_table_from_database_and_remove_from_cache()
    number = _records(con).set_index("event_id")["n"]
    left, right = number[pairs["unique_id_l"]], number[pairs["unique_id_r"]]
    return best(con, truth, left, right, pairs["match_weight"], THRESHOLDS)


def best(
    con: Any, truth: pd.DataFrame, left: Any, right: Any, score: Any, thresholds: Iterable[float]
) -> tuple[pd.DataFrame, float]:
    """Returns the connected components of the pairs at the threshold with the best pairwise F1, and that threshold.

    Args:
        con: connection with ``current_event``.
        truth: see `evaluation.label`.
        left: number of one record of each pair, counted from 0 over the dispute records in the order of ``event_id``.
        right: number of the other.
        score: what the thresholds cut.
        thresholds: those to try.
    """
    records = _records(con)
    left, right, score = np.asarray(left), np.asarray(right), np.asarray(score)
    tried = []
    for threshold in thresholds:
        keep = score >= threshold
        found = _found(records, clusters.components(len(records), left[keep], right[keep]))
        rows = evaluation.evaluate(truth, found)
        f1 = float(rows[(rows["measure"] == "pairwise") & (rows["slice"] == "all")]["f1"].iloc[0])
        tried.append((f1, float(threshold), found))
    _, threshold, found = max(tried, key=lambda each: each[0])
    return found, threshold
