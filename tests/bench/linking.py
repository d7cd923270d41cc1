"""Linkage alone, the model given: how long, how much memory, how alike a day's linking and a full one.

`python -m tests.bench.linking FOLDER [--model FILE] [--days N] [--pairs N]`: FOLDER holds current_event.parquet,
current_party.parquet, current_reference.parquet (and truth.csv); prints Markdown.
1. all events but those of the newest N delivery dates are linked in full: candidates, weights, clusters, ids, reasons;
2. each of those days is linked to what stands (`advancing.advance`), and the whole once more in full, to compare;
3. N candidate pairs are weighed by the lake and by Splink with the comparisons that it has for DuckDB.
views -> seconds, processor seconds, peak memory, agreement, microseconds a pair
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from tests.bench.worlds import VIEWS, headline, table
from transforms.matching import advancing, baselines, candidates, comparisons, evaluation, linking, scoring
from transforms.matching import model as models
from transforms.matching.records import Records, number, prepare
from transforms.matching.store import Store

MEMORY = "2GB"
"""DuckDB spills beyond it."""


def connect(folder: Path, scratch: Path, until: str | None = None) -> Any:
    """A connection with the three views, of what was delivered up to ``until``."""
    con = duckdb.connect()
    con.execute(f"set memory_limit = '{MEMORY}'")
    con.execute(f"set temp_directory = '{scratch}'")
    within = "" if until is None else f"where first_delivery_date <= '{until}'"
    con.execute(f"create view current_event as from '{folder}/current_event.parquet' {within}")
    for view in VIEWS[1:]:
        con.execute(f"create view {view} as from '{folder}/{view}.parquet' semi join current_event using (event_id)")
    return con


def timed(call: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a call returns, and its seconds, processor seconds and the process's peak memory so far (GB)."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return result, {
        "seconds": round(time.perf_counter() - wall, 2),
        "processor": round(time.process_time() - cpu, 1),
        "peak_gb": round(peak, 2),
    }


def measure(folder: Path, scratch: Path, model: str, days: int) -> pd.DataFrame:
    """Full linking, days one by one, full linking of everything."""
    [(last,)] = duckdb.sql(f"select max(first_delivery_date) from '{folder}/current_event.parquet'").fetchall()
    start = pd.Timestamp(last) - pd.Timedelta(days=days)
    root = scratch / "store"
    rows = []

    def keep(what: str, report: dict[str, Any], figures: dict[str, float]) -> None:
        names = ("records", "new", "candidates", "compared", "disputes", "largest_dispute")
        rows.append({"what": what} | {name: report.get(name, "") for name in names} | figures)
        sys.stderr.write(f"{rows[-1]}\n")

    standing, figures = timed(
        lambda: linking.match(
            connect(folder, scratch, str(start.date())), as_of=start, run_id="run-0", model=model, root=root
        )
    )
    standing.store.commit()
    keep(f"full, up to {start.date()}", standing.report, figures)
    for number_of_day in range(1, days + 1):
        day = start + pd.Timedelta(days=number_of_day)
        last_run = standing

        def advance(day: pd.Timestamp = day, before: linking.Matched = last_run) -> linking.Matched | None:
            return advancing.advance(
                connect(folder, scratch, str(day.date())), Store.standing(root), as_of=day, run_id=f"run-{day.date()}",
                link=before.link, previous=before.dispute_event, ledger=before.ledger,
            )  # fmt: skip

        standing, figures = timed(advance)
        standing.store.commit()
        keep(f"day {day.date()}", standing.report, figures)
    whole, figures = timed(
        lambda: linking.match(connect(folder, scratch), as_of=pd.Timestamp(last), run_id="run-1", model=model)
    )
    keep("full, all", whole.report, figures)
    share = evaluation.agreement(standing.dispute_event, whole.dispute_event)
    sys.stdout.write(f"Agreement of day-by-day and full linking, pairs in one dispute: {share}\n\n")
    if (folder / "truth.csv").exists():
        found = evaluation.evaluate(evaluation.read_truth(folder / "truth.csv"), whole.dispute_event)
        wanted = found["slice"].isin(["all", "small_disputes", "across_systems"])
        sys.stdout.write(table(found[wanted].round(4)) + "\n\n")
    return pd.DataFrame(rows)


def per_pair(folder: Path, scratch: Path, model: str, pairs: int) -> pd.DataFrame:
    """The same pairs weighed by the lake and by stock Splink, in this process, three times each; the best counts."""
    con = connect(folder, scratch)
    store = Store.create(scratch / "pairs")
    number(con)
    records, _ = prepare(con, store, linking.SETTINGS)
    linking.references(con, first=None)
    comparisons.register(con)
    candidates.block(con, store, linking.SETTINGS)
    con.execute(f"create table b_pair as select l, r from m_pair order by hash(l, r) limit {pairs}")
    asked = con.execute("select l, r from b_pair order by l, r").fetchnumpy()
    left, right = asked["l"].astype(np.int64), asked["r"].astype(np.int64)
    chosen = models.Model.from_json(model)
    ours = min(timed(lambda: _weigh(con, records, chosen, left, right))[1]["seconds"] for _ in range(3))
    theirs = min(timed(_splink(con))[1]["seconds"] for _ in range(3))
    rows = [("the lake", ours), ("Splink, stock DuckDB comparisons", theirs)]
    found = pd.DataFrame(rows, columns=["what", "seconds"])
    return found.assign(pairs=len(left), microseconds=(found["seconds"] / len(left) * 1e6).round(2))


def _weigh(con: Any, records: Records, model: models.Model, left: np.ndarray, right: np.ndarray) -> scoring.Edges:
    return scoring.score(con, records, model, left, right, linking.SETTINGS)


def _splink(con: Any) -> Callable[[], Any]:
    """Splink's prediction for the pairs of ``b_pair``: each pair is one record on either side, joined by its number."""
    import logging

    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink").setLevel(logging.ERROR)
    baselines.stock_table(con)
    for side in ("l", "r"):
        con.execute(
            f"create or replace table b_side_{side} as select p.pair, s.* exclude (unique_id) "
            f"from (select l, r, row_number() over (order by l, r) as pair from b_pair) p "
            f"join m_record m on m.n = p.{side} join b_stock s on s.unique_id = m.event_id"
        )
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="pair",
        blocking_rules_to_generate_predictions=["l.pair = r.pair"],
        comparisons=list(baselines.stock_comparisons().values()),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    api = DuckDBAPI(connection=con)
    sides = [api.register(f"b_side_{side}", dataset_display_name=f"b_side_{side}") for side in ("l", "r")]
    linker = Linker(sides, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)

    def predict() -> None:
        linker.inference.predict().drop_table_from_database_and_remove_from_cache()

    return predict


def main() -> None:
    """Prints all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="model file; default: the one that ships with the package")
    parser.add_argument("--days", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=0)
    asked = parser.parse_args()
    model = asked.model.read_text("utf-8") if asked.model else models.default().to_json()
    with tempfile.TemporaryDirectory() as scratch:
        command = f"python -m tests.bench.linking {' '.join(sys.argv[1:])}"
        sys.stdout.write(headline(command, data=f"{asked.folder.name}, simulated") + "\n\n")
        if asked.pairs:
            result = per_pair(asked.folder, Path(scratch), model, asked.pairs)
        else:
            result = measure(asked.folder, Path(scratch), model, asked.days)
        sys.stdout.write(table(result) + "\n")


if __name__ == "__main__":
    main()
