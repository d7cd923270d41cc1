"""Spark on two workers, each a JVM of its own, gives what DuckDB gives: pairs, weights, clusters, tables."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines import intake, runs
from pipelines.resources import look, run_now
from pipelines.settings import Settings
from sources.simulator import simulate
from tests.lakes import settings_in, snapshot
from transforms.matching import match
from transforms.matching.engines import DuckDB
from transforms.matching.engines.spark import Spark, session
from transforms.matching.linking import SETTINGS
from transforms.matching.model import default
from transforms.matching.scoring import Edges
from transforms.tables import CORE_ACCEPTANCE, CORE_INTAKE
from transforms.tokens import Tokens, read_key

ROOT = Path(__file__).parents[2]
TWO_WORKERS = "local-cluster[2,1,1024]"
SHORT = "-XX:TieredStopAtLevel=1"  # a JVM that lives a minute need not compile twice
ENVIRONMENT = {
    "LAKE_SPARK_MASTER": TWO_WORKERS,
    "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    "PYSPARK_SUBMIT_ARGS": f"--driver-java-options {SHORT} --conf spark.executor.extraJavaOptions={SHORT} "
    "--conf spark.sql.shuffle.partitions=8 pyspark-shell",
}


@pytest.fixture(scope="module")
def two_workers():
    import pyspark

    before = dict(os.environ)
    os.environ |= ENVIRONMENT | {"SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable}
    opened = session()
    yield opened
    opened.stop()
    os.environ.clear()
    os.environ |= before


def taken_in(folder, rows, days):
    """A lake of simulated exports, read and cleaned and no further."""
    simulate(folder, rows=rows, days=days, seed=7, start=date(2025, 3, 1))
    settings = settings_in(folder, folder / "landing")
    lake = runs.prepare(settings)
    with lake:
        found = intake.intakes(look(settings).complete, lake.read(CORE_ACCEPTANCE))
        wanted = intake.pending(found, lake.read(CORE_INTAKE))
        intake.read_into(lake, wanted, workers=2)
        dates = {each.delivery.delivery_date for each in wanted}
        intake.clean_into(lake, dates, Tokens(read_key(settings.key_file)), workers=2)
        intake.finish(lake, wanted)
    return settings, lake


def linked(place, lake, root, engine, verdicts=None, **more):
    with lake.connect() as con, engine:
        now = run_now(place, lake)
        matched = match(con, as_of=now, run_id="r1", root=root, engine=engine, verdicts=verdicts, **more)
        pairs = con.execute("select l, r, rules from m_pair order by l, r").df()
    return matched, pairs


def judged(matched):
    """A person tears the largest dispute's first two records apart and joins two others."""
    sizes = matched.dispute_event.groupby("dispute_id")["event_id"].agg(["size", "min", "max"])
    sizes = sizes.sort_values(["size", "min"], ascending=[False, True])
    torn, one, other = sizes.iloc[0], sizes.iloc[1], sizes.iloc[-1]
    pairs = [sorted([torn["min"], torn["max"]]), sorted([one["min"], other["min"]])]
    return pd.DataFrame(pairs, columns=["event_id_l", "event_id_r"]).assign(verdict=["different", "same"])


def hold_the_same(folder, spark, place, lake, verdicts=None, **more):
    one, one_pairs = linked(place, lake, folder / "duckdb", DuckDB(), verdicts, **more)
    other, other_pairs = linked(place, lake, folder / "spark", Spark(spark), verdicts, **more)
    pd.testing.assert_frame_equal(one_pairs, other_pairs)
    assert one.report.pop("engine") == {"name": "duckdb"}
    assert other.report.pop("engine")["slots"] == 2
    assert one.report == other.report
    for column in ("left", "right", "weight", "by"):
        np.testing.assert_array_equal(getattr(Edges.read(one.store), column), getattr(Edges.read(other.store), column))
    for table in ("dispute_event", "link", "ledger"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table))
    assert one.model == other.model
    assert {path.name for path in (folder / "spark").iterdir()} == {other.store.folder.name}
    return one


def test_two_workers_give_the_pairs_weights_and_clusters_of_duckdb(tmp_path, two_workers):
    place, lake = taken_in(tmp_path, rows=8_000, days=20)
    verdicts = judged(linked(place, lake, tmp_path / "first", DuckDB())[0])
    trained = {**SETTINGS, "model": {**SETTINGS["model"], "smallest_training": 2_000}}
    matched = hold_the_same(tmp_path, two_workers, place, lake, verdicts, settings=trained)
    assert matched.model != default().to_json()  # each engine trained one
    assert two_workers.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 3  # the driver and two workers


@pytest.mark.large
def test_a_hundred_thousand_events_give_the_clusters_of_duckdb(tmp_path, two_workers):
    place, lake = taken_in(tmp_path, rows=132_000, days=60)
    with lake.connect() as con:
        assert con.execute("select count(*) >= 100000 from current_event").fetchall() == [(True,)]
    hold_the_same(tmp_path, two_workers, place, lake, model=default().to_json())


def test_a_run_on_spark_publishes_the_same_tables(exports, published, tmp_path):
    settings = settings_in(tmp_path, exports / "landing")
    settings.key_file.write_bytes(published.key_file.read_bytes())
    lake = {"LAKE_LANDING": settings.landing, "LAKE_ROOT": settings.root, "LAKE_KEY_FILE": settings.key_file}
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run"],
        env=os.environ
        | ENVIRONMENT
        | {name: str(path) for name, path in lake.items()}
        | {"LAKE_ENGINE": "spark", "LAKE_SPARK_MASTER": "local[2]"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    ours, theirs = snapshot(settings), snapshot(published)
    for view in ("dispute", "dispute_event", "dispute_ledger", "link", "warning"):
        pd.testing.assert_frame_equal(ours[view], theirs[view])


def test_without_java_the_run_says_what_to_install(monkeypatch):
    monkeypatch.setenv("LAKE_ENGINE", "spark")
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ValueError, match="Java 17"):
        Settings.from_environment()
