"""Speed and memory of whole commands, as a table in docs/benchmarks.md; with `--large` a million rows too.

Here: which commands, how they are measured (each a process of its own: wall seconds, processor seconds, peak memory of
the largest process), the table. Not here: assertions; a bench tells, it does not judge.
commands -> docs/benchmarks.md
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
LAKE = [sys.executable, "-m", "pipelines.cli"]
OPENPYXL = "import pandas, sys; [pandas.read_excel(f, header=None, dtype=str, engine='openpyxl') for f in sys.argv[1:]]"
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
    """One command: seconds of wall clock and processor, peak memory in MB."""

    what: str
    command: str
    wall: float
    processor: float
    peak: float


def measure(what: str, command: list[str], environment: dict[str, str] | None = None) -> Measured:
    """Runs ``command`` to its end; a failure ends the bench with what it printed."""
    before = time.monotonic()
    process = subprocess.Popen(
        command, env=os.environ | (environment or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - before
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{what}: {' '.join(command)}\n{output}")
    shown = " ".join(["dispute-lake", *command[3:]]) if command[:3] == LAKE else "python -c …"
    sys.stdout.write(f"{what}: {wall:.1f} s\n")
    sys.stdout.flush()
    return Measured(what, shown, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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
        excel = [str(path) for path in sorted((small / "landing" / "hotline").glob("*/*.xlsx"))]
        rows.append(measure("读热线 120 批：本湖", [sys.executable, "-c", OURS, str(small / "landing")]))
        rows.append(measure("对照：pandas + openpyxl 只读其中的 XLSX", [sys.executable, "-c", OPENPYXL, *excel]))
        day_after(small)
        rows.append(measure("119 天积压，从文件到发布", [*LAKE, "run"], lake_of(small)))
        deliver(small)
        rows.append(measure("其后一天的日常运行", [*LAKE, "run"], lake_of(small)))
        rows.append(measure("没有待处理", [*LAKE, "run"], lake_of(small)))
        if "--large" in sys.argv:
            large = folder / "large"
            simulate = [*LAKE, "simulate", "--rows", "1000000", "--days", "365", "--seed", "1", "--out"]
            rows.append(measure("模拟 1,000,000 行、365 天", [*simulate, str(large)]))
            shutil.rmtree(large)
    DOCUMENT.write_text(document(rows, folder), "utf-8")


def document(rows: list[Measured], folder: Path) -> str:
    """The Markdown page."""
    lines = [
        "# Benchmarks",
        "",
        "Simulated data. `make bench` writes this page; `python -m tests.bench --large` adds a million rows.",
        "Each row is a process of its own, start-up included: wall and processor seconds, peak memory of that process.",
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
    return "\n".join(lines) + "\n"


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
