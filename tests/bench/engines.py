"""Both engines on the same events, stage by stage, and what Spark shuffles: `python -m tests.bench.engines FOLDER N`.

Here: figures for docs/scaling.md. Not here: whether the clusters are the same (tests/spark).
FOLDER holds current_event.parquet, current_party.parquet, current_reference.parquet; the first N events by time are
linked. LAKE_SPARK_MASTER as for a run. Each engine matches with the model that ships with the package: training runs
beside the engine and costs both the same.
views of a lake -> match -> one line of JSON per engine
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from transforms.matching import match
from transforms.matching.engines import DuckDB
from transforms.matching.engines.spark import Spark
from transforms.matching.model import default

SHUFFLED = "internal.metrics.shuffle.write.bytesWritten"


class Timed:
    """An engine that notes the seconds of each of its steps."""

    def __init__(self, engine):
        self.engine = engine
        self.seconds = {}

    def __enter__(self):
        self.engine.__enter__()
        return self

    def __exit__(self, *error):
        self.engine.__exit__(*error)

    def __getattr__(self, name):
        step = getattr(self.engine, name)

        def timed(*given):
            began = time.monotonic()
            result = step(*given)
            self.seconds[name] = round(time.monotonic() - began, 1)
            return result

        return timed


def measure(folder, events, engine):
    """Links the first ``events`` with an engine; returns its figures."""
    with tempfile.TemporaryDirectory() as root, duckdb.connect() as con, Timed(engine) as timed:
        con.execute("set memory_limit = '4GB'")
        con.execute(
            f"create table current_event as from '{folder / 'current_event.parquet'}' "
            f"order by reported_at, event_id limit {events}"
        )
        for view in ("current_party", "current_reference"):
            con.execute(
                f"create view {view} as from '{folder / view}.parquet' semi join current_event using (event_id)"
            )
        [(as_of,)] = con.execute("select max(reported_at)::timestamp from current_event").fetchall()
        began = time.monotonic()
        matched = match(con, as_of=as_of, run_id="bench", root=Path(root), engine=timed, model=default().to_json())
        whole = round(time.monotonic() - began, 1)
        bytes_of = {
            kind: sum(file.stat().st_size for file in matched.store.folder.glob(pattern))
            for kind, pattern in {
                "words": "words_*", "names": "name*", "classes": "topic*", "towns": "town.*", "record": "record-*",
                "key": "key-*", "edges": "edge_*",
            }.items()
        }  # fmt: skip
    report = matched.report
    return {
        **report["engine"],
        "events": events,
        "records": report["records"] - report["bare"],
        "candidates": report["candidates"],
        "compared": report["compared"],
        "disputes": report["disputes"],
        "whole_seconds": whole,
        "seconds": timed.seconds,
        "store_bytes": bytes_of,
    }


def shuffled(folder):
    """Bytes that Spark's stages wrote for each other, largest first, from the event log."""
    stages = []
    for log in sorted(folder.rglob("*")):
        if not log.is_file() or log.name.startswith("."):
            continue
        for line in log.read_text("utf-8").splitlines():
            event = json.loads(line)
            if event.get("Event") == "SparkListenerStageCompleted":
                values = {each["Name"]: each.get("Value", 0) for each in event["Stage Info"]["Accumulables"]}
                stages.append(int(values.get(SHUFFLED, 0)))
    return {"whole": sum(stages), "largest": sorted(stages, reverse=True)[:5]}


def main():
    """Prints the figures of both engines."""
    folder, events = Path(sys.argv[1]), int(sys.argv[2])
    if "--spark-only" not in sys.argv:
        print(json.dumps(measure(folder, events, DuckDB())), flush=True)
    with tempfile.TemporaryDirectory() as log:
        os.environ["PYSPARK_SUBMIT_ARGS"] = (
            f"--conf spark.eventLog.enabled=true --conf spark.eventLog.compress=false "
            f"--conf spark.eventLog.dir={Path(log).as_uri()} pyspark-shell"
        )
        found = measure(folder, events, Spark())
        print(json.dumps(found | {"shuffle_bytes": shuffled(Path(log))}), flush=True)


if __name__ == "__main__":
    main()
