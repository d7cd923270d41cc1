"""Speed and memory of whole commands, as a table in docs/benchmarks.md; with `--large` a million rows too.

Here: which commands, how they are measured (each a process of its own: wall seconds, processor seconds, peak memory of
it and all processes that it started), the table. Not here: assertions; a bench tells, it does not judge.
commands -> docs/benchmarks.md
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
LAKE = [sys.executable, "-m", "pipelines.cli"]
OPENPYXL = "import pandas, sys; [pandas.read_excel(f, header=None, dtype=str, engine='openpyxl') for f in sys.argv[1:]]"
INTAKE = [sys.executable, "-m", "tests.bench.intake"]
READ = """
import sys
from datetime import date
from pathlib import Path
from sources.deliveries import Delivery
from sources.read import read_group
files = tuple(map(Path, sys.argv[1:]))
read_group([(Delivery("hotline", date(2025, 6, 1), files[0].parent, files, ""), False)])
"""
OURS = """
import sys
from datetime import datetime
from pathlib import Path
from sources.deliveries import find
from sources.read import read_group
found = find(Path(sys.argv[1]), now=datetime.now().astimezone()).complete
for each in found:
    if each.source == "hotline":
        read_group([(each, False)])
"""


@dataclass(frozen=True)
class Measured:
    """One command: seconds of wall clock and processor, peak memory in MB of all its processes, last line printed."""

    what: str
    command: str
    wall: float
    processor: float
    peak: float
    said: str


class Memory(threading.Thread):
    """Samples the memory of a process and all below it: PSS, so that pages which several share count once."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._ended = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        """Samples twice a second until `end`; more often would itself cost a good part of a core."""
        while not self._ended.wait(0.5):
            self.peak = max(self.peak, sum(map(_memory_of, _tree(self._process))) / 1024)

    def end(self) -> float:
        """Stops sampling and returns the peak in MB."""
        self._ended.set()
        self.join()
        return self.peak


def _tree(process: int) -> list[int]:
    """A process and all that it started, directly or not."""
    try:
        tasks = [task.read_text() for task in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:  # ended meanwhile
        return [process]
    return [process, *(below for child in " ".join(tasks).split() for below in _tree(int(child)))]


def _memory_of(process: int) -> int:
    """Proportional set size in kB; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def measure(what: str, command: list[str], environment: dict[str, str] | None = None) -> Measured:
    """Runs ``command`` to its end; a failure ends the bench with what it printed."""
    before = time.monotonic()
    process = subprocess.Popen(
        command, env=os.environ | (environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    memory = Memory(process.pid)
    memory.start()
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - before
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{what}: {' '.join(command)}\n{output}")
    said = "…" if command[1] == "-c" else command[2]  # a program of several lines fits in no table
    shown = " ".join(["dispute-lake", *command[3:]] if command[:3] == LAKE else ["python", command[1], said])
    said = (output.strip().splitlines() or [""])[-1]
    measured = Measured(what, shown, wall, usage.ru_utime + usage.ru_stime, memory.end(), said)
    sys.stdout.write(f"{what}: {wall:.1f} s, {measured.processor:.1f} s of processor, {measured.peak:.0f} MB\n")
    sys.stdout.flush()
    return measured


def lake_of(folder: Path) -> dict[str, str]:
    """The environment of a lake inside ``folder``."""
    return {
        "LAKE_LANDING": str(folder / "landing"),
        "LAKE_ROOT": str(folder / "lake"),
        "LAKE_KEY_FILE": str(folder / "lake.key"),
    }


def day_after(folder: Path) -> None:
    """Sets the newest day of ``folder`` aside, so that it can be delivered on top of a standing lake."""
    for source in (folder / "landing").iterdir():
        newest = max(source.iterdir())
        (folder / "late" / source.name).mkdir(parents=True, exist_ok=True)
        newest.rename(folder / "late" / source.name / newest.name)


def deliver(folder: Path) -> None:
    """Puts back what `day_after` set aside."""
    for newest in (folder / "late").glob("*/*"):
        newest.rename(folder / "landing" / newest.parent.name / newest.name)


def main() -> None:
    """Measures everything in a temporary folder and rewrites the document."""
    rows: list[Measured] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        small = folder / "small"
        simulate = [*LAKE, "simulate", "--rows", "20000", "--days", "120", "--seed", "1", "--out"]
        rows.append(measure("模拟 20,000 行、120 天", [*simulate, str(small)]))
        stages = _stages(small / "landing")
        excel = [str(path) for path in sorted((small / "landing" / "hotline").glob("*/*.xlsx"))]
        rows.append(measure("读热线 120 批：本湖", [sys.executable, "-c", OURS, str(small / "landing")]))
        rows.append(measure("对照：pandas + openpyxl 只读其中的 XLSX", [sys.executable, "-c", OPENPYXL, *excel]))
        day_after(small)
        rows.append(measure("119 天积压，从文件到发布", [*LAKE, "run"], lake_of(small)))
        deliver(small)
        rows.append(measure("其后一天的日常运行", [*LAKE, "run"], lake_of(small)))
        rows.append(measure("没有待处理", [*LAKE, "run"], lake_of(small)))
        notes = intake(folder, rows, large="--large" in sys.argv)
    DOCUMENT.write_text(document(rows, folder, notes, stages), "utf-8")


def intake(folder: Path, rows: list[Measured], *, large: bool) -> list[str]:
    """Measures landing to `event`; returns where the time went, a sentence for each run."""
    notes = []
    for name, size in [("100,000", 100_000), *([("1,000,000", 1_000_000)] if large else [])]:
        backlog = folder / str(size)
        simulate = [*LAKE, "simulate", "--rows", str(size), "--days", "20", "--seed", "4", "--out", str(backlog)]
        rows.append(measure(f"模拟 {name} 行、20 天", simulate))
        measure("热线改装成每份 20,000 行的 XLSX", [sys.executable, "-m", "tests.bench.landing", str(backlog)])
        rows.append(taken := measure(f"{name} 行混合积压：从文件到 event", INTAKE, lake_of(backlog)))
        notes.append(_note(taken))
        if size == 100_000:
            daily = folder / "daily"
            simulate = [*LAKE, "simulate", "--rows", "3000", "--days", "1", "--start", "2025-06-01", "--seed", "5"]
            measure("模拟一天 3,000 行", [*simulate, "--out", str(daily)])
            for delivery in (daily / "landing").glob("*/*"):
                delivery.rename(backlog / "landing" / delivery.parent.name / delivery.name)
            rows.append(taken := measure("其后一天 3,000 行：从文件到 event", INTAKE, lake_of(backlog)))
            notes.append(_note(taken))
            books = [str(path) for path in sorted((backlog / "landing" / "hotline").glob("*/*_0[12].xlsx"))]
            rows.append(measure("读热线两份各 20,000 行：本湖，到分好类的记录", [sys.executable, "-c", READ, *books]))
            rows.append(
                measure("对照：pandas.read_excel（openpyxl），只到单元格", [sys.executable, "-c", OPENPYXL, *books])
            )
        shutil.rmtree(backlog)
    return notes


def _stages(landing: Path) -> list[str]:
    """Lines of the table of `tests.bench.stages`."""
    command = [sys.executable, "-m", "tests.bench.stages", str(landing)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def _note(taken: Measured) -> str:
    said = json.loads(taken.said)
    return (
        f"{taken.what}：{said['rows']:,} 行（{said['deliveries']} 批交付）成 {said['events']:,} 条 event；启动后读入 "
        f"{said['read_seconds']} s、清洗 {said['clean_seconds']} s；用了 {os.cpu_count()} 核的 "
        f"{taken.processor / taken.wall / (os.cpu_count() or 1):.0%}。"
    )


def document(rows: list[Measured], folder: Path, notes: list[str], stages: list[str]) -> str:
    """The Markdown page."""
    lines = [
        "# Benchmarks",
        "",
        "Simulated data. `make bench` writes this page; `python -m tests.bench --large` adds a million rows.",
        "Each row is a process of its own, start-up included: wall seconds, processor seconds and peak memory of it",
        "and the processes that it started (sum of their proportional set sizes, two samples a second).",
        "",
        f"Machine: {os.cpu_count()} cores, {_memory():.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}. Date: {date.today().isoformat()}.",  # noqa: DTZ011 - when it was measured
        "",
        "| what | command | wall s | processor s | peak MB |",
        "|---|---|---:|---:|---:|",
    ]
    for row in rows:
        command = row.command.replace(str(folder), "…")
        lines.append(f"| {row.what} | `{command}` | {row.wall:.1f} | {row.processor:.1f} | {row.peak:.0f} |")
    lines += [
        "",
        *(f"- {note}" for note in notes),
        "",
        "Where the time goes: `python -m tests.bench.stages`, one process.",
    ]
    lines += ["", "| stage | µs of processor a row |", "|---|---:|", *stages]
    return "\n".join(lines) + "\n"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
