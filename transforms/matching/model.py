"""The weights: a Fellegi-Sunter model by Splink, trained without labels, kept as a versioned JSON file.

Here: how likely each level is among pairs of one dispute (m) and among other pairs (u), and scoring by them. Not here:
what the levels are (`comparisons`).
A trial showed that EM left free finds "same topic" instead of "same dispute" (it took 26 % of the candidates for
matches where 2 % were). So u is counted over random pairs of this lake and held; m is learnt where pairs are nearly
all matches (`training`).
Splink compares records; our evidence is worked out once per pair. Each candidate pair therefore enters Splink as one
record on either side, joined by its pair number, so that training, scoring and charts are Splink's own.
m_vector -> Model -> m_score (l, r, weight)
"""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transforms.matching.comparisons import COMPARISONS, Comparison, compare
from transforms.matching.records import Records
from transforms.matching.screening import Screen
from transforms.matching.trees import Trees

FORMAT = 1
DEFAULT = Path(__file__).with_name("model_default.json")
SMALLEST = 1e-4
"""No level's m or u is taken to be smaller than this part of what it was seen in: absence in a sample is no proof."""

SMALLEST_CITY = 3_000
"""A few records are a sample of a city's, not a city of which every second record is the same dispute."""


@dataclass(frozen=True)
class Model:
    """``m`` and ``u``: comparison name -> level code -> probability among compared pairs. ``trained``: on what.
    ``refined``, ``bias``: weights (log2) that stand in for log2(m / u) and for the prior, where the second stage of
    `training` found that levels overlap. ``trees``: the last stage, which then gives the weight of a pair.
    ``screen``: spares pairs that are far from a match the comparison."""

    m: dict[str, dict[str, float]]
    u: dict[str, dict[str, float]]
    trained: dict[str, Any] = field(default_factory=dict)
    refined: dict[str, dict[str, float]] | None = None
    bias: float | None = None
    trees: Trees | None = None
    screen: Screen | None = None

    def to_json(self) -> str:
        """Returns the model file's text."""
        content = {"format": FORMAT, "trained": self.trained, "m": _rounded(self.m, 9), "u": _rounded(self.u, 9)}
        if self.refined is not None and self.bias is not None:
            content |= {"refined": _rounded(self.refined, 9), "bias": round(self.bias, 4)}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        stages = {"trees": self.trees, "screen": self.screen}
        more = [f',\n "{name}": {json.dumps(stage.to_plain())}' for name, stage in stages.items() if stage is not None]
        return text if not more else text[:-2] + "".join(more) + "\n}"

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Reads a model file.

        Raises:
            ValueError: the file is of another format, or does not know this version's comparisons.
        """
        content = json.loads(text)
        if content.get("format") != FORMAT:
            raise ValueError(f"匹配模型文件的格式是 {content.get('format')}，本版本只认 {FORMAT}；请重新训练")
        for comparison in COMPARISONS:
            for table in ("m", "u"):
                missing = {level.code for level in comparison.levels} - set(content[table].get(comparison.name, {}))
                if missing:
                    raise ValueError(f"匹配模型文件缺少 {comparison.name} 的级别 {sorted(missing)}；请重新训练")
        trees = Trees.from_plain(content["trees"]) if "trees" in content else None
        screen = Screen.from_plain(content["screen"]) if "screen" in content else None
        return cls(
            content["m"], content["u"], content["trained"], content.get("refined"), content.get("bias"), trees, screen
        )

    def weights(self, comparison: Comparison) -> dict[str, float]:
        """Returns the weight (log2 of the odds ratio) per level code."""
        m, u = self.m[comparison.name], self.u[comparison.name]
        found = {}
        for level in comparison.levels:
            if self.refined is not None:
                weight = self.refined[comparison.name][level.code]
            else:
                weight = float(np.log2(m[level.code] / u[level.code]))
            found[level.code] = weight if level.most is None else min(weight, level.most)
        return found


def _rounded(table: dict[str, dict[str, float]], digits: int) -> dict[str, dict[str, float]]:
    """Sums over threads differ in the last digits from run to run; a model must not."""
    return {
        name: {code: float(f"{value:.{digits}g}") for code, value in levels.items()} for name, levels in table.items()
    }


def default() -> Model:
    """Returns the model that ships with the package."""
    return Model.from_json(DEFAULT.read_text("utf-8"))


def prior(records: int, partners: float) -> float:
    """Returns the chance that two random records are one dispute, when each has ``partners`` fellow records."""
    return partners / max(records - 1, SMALLEST_CITY)


def settings(model: Model, chance: float, *, training: bool = False) -> dict[str, Any]:
    """Returns the Splink settings of a model; the gamma columns of a prediction are our levels.

    Splink knows m and u only: for scoring, each level gets two numbers whose ratio is its weight; ``training`` gives it
    the m and u that were estimated.
    """
    comparisons = []
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        weights = model.weights(comparison)
        levels: list[dict[str, Any]] = [
            {"sql_condition": f"{comparison.name}_l = -1", "is_null_level": True, "label_for_charts": "缺"}
        ]
        for number, level in enumerate(comparison.levels):
            odds = 2.0 ** weights[level.code]
            m, u = odds / (1 + odds), 1 / (1 + odds)
            if training:
                m, u = model.m[comparison.name][level.code], model.u[comparison.name][level.code]
            levels.append(
                {
                    "sql_condition": f"{comparison.name}_l = {last - number}" if number < last else "ELSE",
                    "label_for_charts": level.code,
                    "m_probability": m,
                    "u_probability": u,
                    "fix_u_probability": True,
                }
            )
        comparisons.append(
            {
                "output_column_name": comparison.name,
                "comparison_description": comparison.label,
                "comparison_levels": levels,
            }
        )
    return {
        "link_type": "link_only",
        "unique_id_column_name": "pair",
        "probability_two_random_records_match": chance,
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.pair = r.pair", "sql_dialect": "duckdb"}],
        "comparisons": comparisons,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "em_convergence": 0.001,
        "max_iterations": 25,
        "linker_uid": "matching",
    }


def linker(con: Any, model: Model, chance: float, *, vectors: str = "m_vector", training: bool = False) -> Any:
    """Returns a Splink linker over the comparison vectors, each pair being a record of the sides 甲 and 乙."""
    from splink import DuckDBAPI, Linker

    for name in ("splink", "splink.internals"):
        logging.getLogger(name).setLevel(logging.ERROR)
    columns = ", ".join(comparison.name for comparison in COMPARISONS)
    for side in ("m_side_l", "m_side_r"):
        con.execute(f"create or replace view {side} as select rowid as pair, {columns} from {vectors}")
    api = DuckDBAPI(connection=con)
    sides = [api.register(name, dataset_display_name=name) for name in ("m_side_l", "m_side_r")]
    return Linker(sides, settings(model, chance, training=training), log_level=None, validate_settings=False)


def weigh(model: Model, vectors: pd.DataFrame, chance: float) -> np.ndarray:
    """Returns the match weight (log2 odds) of each comparison vector, float64 of shape (n,).

    Without trees it is Fellegi-Sunter's, as Splink's prediction gives it (a test holds that): the prior and one weight
    per level.

    Args:
        model: see `Model`.
        vectors: in the columns `comparisons.VECTOR`.
        chance: that a pair is one dispute before anything is compared, where the model has no bias of its own.
    """
    if model.trees is not None:
        return np.asarray(model.trees.weigh(vectors).round(6))
    before = float(np.log2(chance / (1 - chance))) if model.bias is None else model.bias
    total = np.full(len(vectors), before)
    for comparison in COMPARISONS:
        own = model.weights(comparison)
        table = np.array([own[level.code] for level in reversed(comparison.levels)] + [0.0])  # -1, missing, comes last
        total += table[vectors[comparison.name].to_numpy()]
    return total


def count_levels(con: Any, table: str, where: str = "true", weight: str = "1.0") -> dict[str, dict[str, float]]:
    """Sums ``weight`` over the pairs of ``table`` at each level of each comparison; missing (-1) is left out."""
    found = {}
    for comparison in COMPARISONS:
        last = len(comparison.levels) - 1
        rows = dict(
            con.execute(
                f"select {comparison.name}, sum({weight}) from {table} where {where} group by 1 order by 1"
            ).fetchall()
        )
        found[comparison.name] = {
            level.code: float(rows.get(last - number, 0)) for number, level in enumerate(comparison.levels)
        }
    return found


def shares(counts: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Returns counts per level as probabilities that add up to one, none smaller than `SMALLEST`."""
    found = {}
    for name, levels in counts.items():
        total = sum(levels.values()) + 1.0
        floored = {code: max(count / total, SMALLEST) for code, count in levels.items()}
        whole = sum(floored.values())
        found[name] = {code: value / whole for code, value in floored.items()}
    return found


def random_vectors(con: Any, records: Records, chosen: np.ndarray, *, pairs: int, into: str = "m_random") -> None:
    """Compares ``pairs`` random pairs of the records ``chosen``, the same ones in every run on the same records."""
    random = np.random.default_rng(20250301)
    left, right = random.integers(0, len(chosen), pairs), random.integers(0, len(chosen), pairs)
    keep = left != right
    left, right = chosen[left[keep]], chosen[right[keep]]
    frame = pd.DataFrame({"l": np.minimum(left, right), "r": np.maximum(left, right)})
    con.register("m_random_pairs", frame.drop_duplicates())
    compare(con, records, pairs="m_random_pairs", into=into)
    con.unregister("m_random_pairs")


def estimate_u(
    con: Any, *, records: int, vectors: str = "m_vector", matched: str | None = None
) -> dict[str, dict[str, float]]:
    """Counts how often each level occurs among pairs that are not one dispute.

    Common levels are counted in random pairs. Rare ones (a shared phone) hardly occur there, but blocking found all of
    their pairs, so they are counted in the candidates, less those that are taken for matches, over all pairs.

    Args:
        con: connection with ``m_random`` and the candidates' ``vectors``.
        records: number of records.
        vectors: table of the candidates' comparison vectors.
        matched: SQL condition on ``vectors`` that is true for pairs taken for one dispute.
    """
    sampled = count_levels(con, "m_random")
    total = records * (records - 1) / 2
    drawn = con.execute("select count(*) from m_random").fetchall()[0][0]
    blocked = count_levels(con, vectors, f"not ({matched})" if matched else "true")
    estimated = {}
    for name, levels in sampled.items():
        compared = sum(levels.values()) / max(drawn, 1) * total + 1.0
        estimated[name] = {
            code: max(
                count / max(drawn, 1) * total if count >= 30 else 0.0,
                min(blocked[name][code] + 0.5, 30 / max(drawn, 1) * total) if count < 30 else 0.0,
                0.5,
            )
            / compared
            for code, count in levels.items()
        }
        whole = sum(estimated[name].values())
        estimated[name] = {code: value / whole for code, value in estimated[name].items()}
    return estimated
