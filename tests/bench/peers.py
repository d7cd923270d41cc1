"""Other ways to match the same records, at their best: for `tests.bench.matching`.

Here: Splink with comparators that count characters, and GoldenMatch. Not here: what users are shown beside the lake
(`transforms.matching.baselines`: no matching, the phone rule, stock Splink).
current_event, current_party -> source, source_record_id, dispute_id

Truth picks the threshold of each, which no honest run could; the same columns and blocking as stock Splink for all.
`dedupe` 3.0.3 was tried too: with the BTrees 6 that pip chooses for it, it stops ('IFBucket' has no 'byValue'); with
BTrees 5.2 and 100 pairs that it asked for, labelled by truth, it took 262 s on the normal world of seed 2 and reached
pairwise F1 0.152 (P 0.883, R 0.083), B-cubed F1 0.747. It is not part of this bench.
"""

import logging
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from transforms.matching import baselines


def _register(con: Any) -> None:
    """Registers the comparators; DuckDB's own count the bytes of UTF-8, of which a Chinese character has three."""

    def function(name: str, scorer: Any, scale: float) -> None:
        def score(left: pa.Array, right: pa.Array) -> pa.Array:
            found = cpdist(left.to_pylist(), right.to_pylist(), scorer=scorer, dtype=np.float32)
            return pa.array(found * np.float32(scale))

        con.create_function(name, score, ["VARCHAR", "VARCHAR"], "FLOAT", type="arrow")

    function("char_jaro_winkler", JaroWinkler.similarity, 1.0)
    function("char_levenshtein", Levenshtein.distance, 1.0)
    function("char_partial", fuzz.partial_ratio, 0.01)
    function("char_ratio", fuzz.ratio, 0.01)


def _graded(column: str, conditions: list[str]) -> Any:
    levels: list[Any] = [cll.NullLevel(column), cll.ExactMatchLevel(column)]
    levels += [{"sql_condition": condition, "label_for_charts": condition} for condition in conditions]
    return cl.CustomComparison(output_column_name=column, comparison_levels=[*levels, cll.ElseLevel()])


def character_splink(con: Any, truth: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Stock Splink, its three text comparisons counting characters; see `baselines.splink`."""
    _register(con)
    comparisons = baselines.stock_comparisons() | {
        "name": _graded("name", [f"char_jaro_winkler(name_l, name_r) >= {level}" for level in (0.9, 0.7)]),
        "address": _graded(
            "address",
            [
                "char_levenshtein(address_l, address_r) <= 2",
                "char_ratio(address_l, address_r) >= 0.8",
                "char_partial(address_l, address_r) >= 0.8",
            ],
        ),
        "text": _graded("text", [f"char_ratio(text_l, text_r) >= {level}" for level in (0.8, 0.6, 0.4)]),
    }
    return baselines.splink(con, truth, list(comparisons.values()))


def goldenmatch(con: Any, truth: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """GoldenMatch's own probabilistic model, configured by itself and trained by EM without labels.

    Its configuration chose the fields and scorers; the blocking keys are those of stock Splink, since its own made
    80 times as many pairs and a worse result (pairwise F1 0.13 on the normal world of seed 2).

    Returns:
        The connected components of its scored pairs at the threshold that truth likes best, and that threshold.
    """
    import goldenmatch as golden
    from goldenmatch.config.schemas import BlockingKeyConfig

    logging.getLogger("goldenmatch").setLevel(logging.ERROR)
    baselines.stock_table(con)
    columns = con.sql("select * exclude (unique_id) from b_stock order by unique_id").to_arrow_table()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = golden.auto_configure_probabilistic_df(columns)
        passes = [
            BlockingKeyConfig(fields=list(fields), transforms=["strip"], additive=True) for fields in baselines.BLOCKS
        ]
        chosen.blocking = chosen.blocking.model_copy(update={"keys": passes[:1], "passes": passes})
        model = chosen.matchkeys[0]
        model.fields = [field for field in model.fields if field.field != "month"]
        model.link_threshold = 0.0
        result = golden.dedupe_df(columns, config=chosen, confidence_required=False, allow_red_config=True)
    pairs = pd.DataFrame(result.scored_pairs, columns=["l", "r", "score"])
    thresholds = np.unique(pairs["score"].quantile(np.linspace(0.1, 0.99, 40)).round(4))
    return baselines.best(con, truth, pairs["l"], pairs["r"], pairs["score"], thresholds)
