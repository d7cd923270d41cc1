"""Simulated worlds as matching sees them, made once and kept, for the benches of matching.

Here: simulate -> intake -> the three views as Parquet and the truth beside them; opening one; matching it; the line
over a table that says how it was made. Not here: any measure.
FOLDER/<world>/current_event.parquet, current_party.parquet, current_reference.parquet, truth.csv

A world is called by its kind and seed: ``n2`` is the normal world of seed 2, ``h2`` the hard one. With an ``o`` before
it (``on7``) it is a world of another author, who had not read the simulator; it must be there already.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tests.bench.__main__ import LAKE
from transforms.matching import evaluation, linking
from warehouse.lake import Lake

VIEWS = ("current_event", "current_party", "current_reference")
NAME = re.compile(r"(o?[nh])(\d+)")
KINDS = {"n": "normal", "h": "hard", "on": "another author's, normal", "oh": "another author's, hard"}


def kind(world: str) -> str:
    """What kind of world it is, see `KINDS`.

    Raises:
        SystemExit: no world has such a name.
    """
    made = NAME.fullmatch(world)
    if made is None:
        sys.exit(f"{world} is no world; n2, h2, on7 or oh7 are")
    return KINDS[made[1]]


def make(folder: Path, world: str, *, rows: int, days: int) -> Path:
    """Returns the folder of a world; simulates and takes it in where it is not there yet.

    Raises:
        SystemExit: the world is of somebody else's making and is not there.
    """
    target = folder / world
    if (target / "truth.csv").exists():
        return target
    if kind(world) not in ("normal", "hard"):
        sys.exit(f"{target} holds no truth.csv")
    raw = target / "raw"
    hard = ["--hard"] if kind(world) == "hard" else []
    size = ["--rows", str(rows), "--days", str(days), "--seed", world[1:]]
    subprocess.run([*LAKE, "simulate", *size, *hard, "--out", str(raw)], check=True, stdout=subprocess.DEVNULL)
    places = {"LAKE_LANDING": raw / "landing", "LAKE_ROOT": raw / "lake", "LAKE_KEY_FILE": raw / "key"}
    environment = os.environ | {name: str(path) for name, path in places.items()}
    command = [sys.executable, "-m", "tests.bench.intake"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    with Lake.standing(raw / "lake").connect() as con:
        for view in VIEWS:
            con.execute(f"copy (from {view}) to '{target / view}.parquet' (format parquet)")
    shutil.copy(raw / "truth" / "record.csv", target / "truth.csv")
    shutil.rmtree(raw)
    return target


def connect(world: Path) -> Any:
    """Opens a world: a DuckDB connection with the three views."""
    con = duckdb.connect()
    for view in VIEWS:
        con.execute(f"create view {view} as from '{world / view}.parquet'")
    return con


def truth(world: Path) -> pd.DataFrame:
    """The truth table of a world, see `evaluation.read_truth`."""
    return evaluation.read_truth(world / "truth.csv")


def match(con: Any, **more: Any) -> tuple[linking.Matched, float]:
    """Matches an opened world; returns what it found and the seconds it took."""
    as_of = con.execute("select max(reported_at)::timestamp from current_event").fetchall()[0][0]
    began = time.perf_counter()
    matched = linking.match(con, as_of=as_of, run_id="run-bench", **more)
    return matched, time.perf_counter() - began


def headline(command: str, *, data: str) -> str:
    """The line over a table: simulated or real, the command, the machine, the day, the version of the code."""
    revision = subprocess.run(["git", "describe", "--always"], capture_output=True, text=True, check=False)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    machine = f"{os.cpu_count()} cores, {memory} GB, {platform.system()} {platform.machine()}"
    day = datetime.now().astimezone().date().isoformat()
    return (
        f"**{data}.** `{command}` · {machine}, Python {platform.python_version()} · {day} · {revision.stdout.strip()}"
    )


def table(frame: pd.DataFrame) -> str:
    """A Markdown table; numbers with a fraction get three digits."""

    def cell(value: object) -> str:
        if value is None or (isinstance(value, float) and pd.isna(value)):
            return ""
        return f"{value:.3f}" if isinstance(value, float) else str(value)

    lines = [f"| {' | '.join(map(str, frame.columns))} |", f"|{'---|' * len(frame.columns)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)
