"""How good is matching, by slice and beside other methods, on simulated worlds: for docs/matching.md.

`python -m tests.bench.matching FOLDER [WORLD …] [--methods …]` makes the worlds in FOLDER where they are not there
(see `worlds`), matches each with each method, keeps the figures beside the world and prints Markdown from all that are
kept. So one method can be measured anew without the others.
worlds -> matchers -> evaluation -> means over seeds

Thresholds of the lake are its settings; those of Splink and GoldenMatch are picked by truth, world by world.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tests.bench import peers, worlds
from transforms.matching import baselines, evaluation

WORLDS = ["n1", "n2", "n3", "h1", "h2", "h3"]
SLICES = {
    "all": "all",
    "small_disputes": "disputes of up to 15 records",
    "across_systems": "pairs across systems",
    "slice_no_phone": "no phone",
    "slice_no_name": "no name",
    "slice_only_town": "only the town known",
    "slice_mass": "mass disputes",
    "slice_role_reversed": "roles reversed",
    "slice_family": "a relative calls",
    "slice_homophone": "name misheard",
    "slice_hard_negative": "a twin dispute must stay apart",
    "slice_office_phone": "an office's phone",
    "slice_recurrence": "recurrence",
    "slice_transfer": "handed over",
    "slice_wrong_number": "wrong number given",
}

Method = Callable[[Any, pd.DataFrame], tuple[pd.DataFrame, float | None]]


def _ours(con: Any, _truth: pd.DataFrame) -> tuple[pd.DataFrame, float | None]:
    return worlds.match(con)[0].dispute_event, None


METHODS: dict[str, Method] = {
    "lake": _ours,
    "no matching": lambda con, _truth: (baselines.nothing(con), None),
    "same phone within 30 days": lambda con, _truth: (baselines.same_phone(con), None),
    "Splink, stock DuckDB comparisons": baselines.stock_splink,
    "Splink, comparators that count characters": peers.character_splink,
    "GoldenMatch, its own probabilistic model": peers.goldenmatch,
}


def measure(world: Path, name: str) -> pd.DataFrame:
    """One method on one world: the rows of `evaluation.evaluate`, with ``seconds``, ``threshold`` and blocking."""
    con, truth = worlds.connect(world), worlds.truth(world)
    began = time.perf_counter()
    found, threshold = METHODS[name](con, truth)
    figures = evaluation.evaluate(truth, found).assign(
        seconds=time.perf_counter() - began, threshold=threshold, method=name, world=world.name
    )
    if name == "lake":
        ids = con.execute("select event_id, source, source_record_id from current_event").df()
        pairs = con.execute(
            "select a.event_id as event_id_l, b.event_id as event_id_r "
            "from m_pair p join m_record a on a.n = p.l join m_record b on b.n = p.r"
        ).df()
        blocking = evaluation.blocking_recall(truth, pairs, ids)
        compared = con.execute("select count(*) from m_record").fetchall()[0][0]
        figures = figures.assign(
            blocking=blocking["recall"], connected=blocking["connected"], candidates=len(pairs) / compared
        )
    return figures


def kept(folder: Path) -> Iterator[pd.DataFrame]:
    """All figures below ``folder``, of every world and method measured so far."""
    for file in sorted(folder.glob("*/measured/*.parquet")):
        yield pd.read_parquet(file)


def by_slice(figures: pd.DataFrame) -> pd.DataFrame:
    """The lake's pairwise figures by slice, means over the worlds of one kind."""
    own = figures[(figures["method"] == "lake") & (figures["measure"] == "pairwise") & (figures["true_pairs"] > 0)]
    rows = []
    for kind, part in own.groupby("kind", sort=False):
        for name, label in SLICES.items():
            each = part[part["slice"].str.removeprefix("slice_") == name.removeprefix("slice_")]
            if each.empty:
                continue
            mean = each[["records", "true_pairs", "precision", "recall", "f1"]].mean()
            rows.append(
                {
                    "world": kind,
                    "slice": label,
                    "seeds": len(each),
                    "records": round(mean["records"]),
                    "true pairs": round(mean["true_pairs"]),
                    "P": mean["precision"],
                    "R": mean["recall"],
                    "F1": mean["f1"],
                    "F1 by seed": " ".join(f"{value:.3f}" for value in each.sort_values("world")["f1"]),
                }
            )
    return pd.DataFrame(rows)


def side_by_side(figures: pd.DataFrame) -> pd.DataFrame:
    """Every method on every kind of world, means over seeds."""

    def mean(part: pd.DataFrame, measure: str, slice_: str, column: str) -> float:
        return float(part[(part["measure"] == measure) & (part["slice"] == slice_)][column].mean())

    rows = []
    for kind, worlds_ in figures.groupby("kind", sort=False):
        for name in METHODS:
            part = worlds_[worlds_["method"] == name]
            if part.empty:
                continue
            rows.append(
                {
                    "world": kind,
                    "method": name,
                    "seeds": part["world"].nunique(),
                    "P": mean(part, "pairwise", "all", "precision"),
                    "R": mean(part, "pairwise", "all", "recall"),
                    "F1": mean(part, "pairwise", "all", "f1"),
                    "F1, up to 15 records": mean(part, "pairwise", "small_disputes", "f1"),
                    "F1 across systems": mean(part, "pairwise", "across_systems", "f1"),
                    "B³ P": mean(part, "bcubed", "all", "precision"),
                    "B³ R": mean(part, "bcubed", "all", "recall"),
                    "B³ F1": mean(part, "bcubed", "all", "f1"),
                    "seconds": f"{part['seconds'].mean():.0f}",
                }
            )
    return pd.DataFrame(rows)


def blocking(figures: pd.DataFrame) -> pd.DataFrame:
    """What the lake's blocking let through."""
    own = figures[(figures["method"] == "lake") & (figures["slice"] == "all") & (figures["measure"] == "pairwise")]
    found = own.groupby("kind", sort=False)[["blocking", "connected", "candidates"]].mean().reset_index()
    found["candidates"] = found["candidates"].map("{:.1f}".format)
    names = {
        "kind": "world",
        "blocking": "true pairs proposed",
        "connected": "joined by what was proposed",
        "candidates": "candidates per record",
    }
    return found.rename(columns=names)


def main() -> None:
    """Measures what is asked for and prints the tables of all that is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("worlds", nargs="*", default=WORLDS)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS), metavar="METHOD")
    arguments = parser.parse_args()
    for name in arguments.worlds:
        world = worlds.make(arguments.folder.absolute(), name, rows=arguments.rows, days=arguments.days)
        (world / "measured").mkdir(exist_ok=True)
        for method in arguments.methods:
            figures = measure(world, method).assign(kind=worlds.kind(name))
            figures.to_parquet(world / "measured" / f"{list(METHODS).index(method)}.parquet")
    figures = pd.concat(kept(arguments.folder), ignore_index=True)
    order = {kind: number for number, kind in enumerate(worlds.KINDS.values())}
    figures = figures.sort_values("kind", key=lambda each: each.map(order), kind="stable")
    print(worlds.headline("python -m tests.bench.matching FOLDER", data="Simulated"), "\n")
    for title, frame in (
        ("By slice", by_slice(figures)),
        ("Side by side", side_by_side(figures)),
        ("Blocking", blocking(figures)),
    ):
        print(f"### {title}\n\n{worlds.table(frame)}\n")


if __name__ == "__main__":
    main()
