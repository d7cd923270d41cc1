"""Where a lake lies and what its run takes as now: read from the environment, once.

Here: the environment variables and their defaults. Not here: opening a lake (`warehouse.lake`), Dagster (`resources`).
environment -> Settings
"""

import importlib.util
import os
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ENGINES = ("duckdb", "spark")
"""Where matching does its heavy steps, see `transforms.matching.engines`."""

SIMULATED = "模拟数据"
"""First line of the notice that the simulator leaves, and the mark of all that is made of its exports."""

MOST_WORKERS = 4
"""By default; each takes up to about half a gigabyte."""


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise ValueError(f"环境变量 LAKE_ENGINE 应是 {' 或 '.join(ENGINES)}，现在是“{name}”")
    if name == "spark":
        if importlib.util.find_spec("pyspark") is None:
            raise ValueError(
                "环境变量 LAKE_ENGINE=spark 需要 PySpark，这里没有装：请装附加包 pip install 'dispute-lake[spark]'"
                "（不能上网时见 docs/scaling.md），或改为 LAKE_ENGINE=duckdb"
            )
        java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if os.environ.get("JAVA_HOME") else Path("java")
        if shutil.which(java) is None:
            raise ValueError(
                "环境变量 LAKE_ENGINE=spark 需要 Java 17 或更新，这里找不到：请安装（如 apt-get install "
                "openjdk-17-jre-headless）或设好 JAVA_HOME，或改为 LAKE_ENGINE=duckdb"
            )
    return name


def _path(variable: str) -> Path | None:
    written = os.environ.get(variable)
    return Path(written).absolute() if written else None


@dataclass(frozen=True)
class Settings:
    """Folders of one lake.

    ``quiet_minutes``: a delivery without `_SUCCESS` is complete once unchanged for so long. ``workers``: processes that
    read and clean a backlog. ``engine``: one of `ENGINES`. ``notify_file``: whom to send messages to (`outgoing`);
    None: nobody. ``orders``: a folder for 交办单 after each publication, None: none.
    """

    landing: Path
    root: Path
    key_file: Path
    as_of: date | None = None
    quiet_minutes: float = 10.0
    workers: int = 1
    engine: str = "duckdb"
    notify_file: Path | None = None
    orders: Path | None = None

    @classmethod
    def from_environment(cls, *, as_of: date | None = None) -> "Settings":
        """Reads LAKE_LANDING, LAKE_ROOT, LAKE_KEY_FILE, LAKE_AS_OF, LAKE_QUIET_MINUTES, LAKE_WORKERS,
        LAKE_ENGINE, LAKE_NOTIFY_FILE and LAKE_ORDERS.

        Without them: ./landing, ./lake, and a key file beside the lake (never inside: who can read the lake's files
        must not find the key that its tokens were made with). Workers: one for each core of this process, at most 4.

        Raises:
            ValueError: LAKE_AS_OF is no date, LAKE_ENGINE no engine or one that cannot run here, or one of the others
                no number; the sentence is for the user.
        """
        root = Path(os.environ.get("LAKE_ROOT") or "lake").absolute()
        written = os.environ.get("LAKE_AS_OF")
        if as_of is None and written:
            try:
                as_of = date.fromisoformat(written)
            except ValueError as error:
                raise ValueError(f"环境变量 LAKE_AS_OF 应是日期，如 2025-03-02，现在是“{written}”") from error
        quiet = os.environ.get("LAKE_QUIET_MINUTES") or "10"
        try:
            quiet_minutes = float(quiet)
        except ValueError as error:
            raise ValueError(f"环境变量 LAKE_QUIET_MINUTES 应是分钟数，现在是“{quiet}”") from error
        workers = os.environ.get("LAKE_WORKERS") or str(min(len(os.sched_getaffinity(0)), MOST_WORKERS))
        if not workers.isdecimal() or int(workers) < 1:
            raise ValueError(f"环境变量 LAKE_WORKERS 应是工作进程数（正整数，1 为不用工作进程），现在是“{workers}”")
        return cls(
            landing=Path(os.environ.get("LAKE_LANDING") or "landing").absolute(),
            root=root,
            key_file=Path(os.environ.get("LAKE_KEY_FILE") or f"{root}.key").absolute(),
            as_of=as_of,
            quiet_minutes=quiet_minutes,
            workers=int(workers),
            engine=_engine(os.environ.get("LAKE_ENGINE") or "duckdb"),
            notify_file=_path("LAKE_NOTIFY_FILE"),
            orders=_path("LAKE_ORDERS"),
        )

    @property
    def label(self) -> str | None:
        """What everything published is marked with: LAKE_LABEL, else 模拟数据 where the notice of a simulation says so.

        The notice (说明.txt) lies in the landing folder or beside it.
        """
        written = os.environ.get("LAKE_LABEL")
        if written is not None:
            return written.strip() or None
        for folder in (self.landing, self.landing.parent):
            notice = folder / "说明.txt"
            if notice.is_file() and notice.read_text("utf-8", errors="replace").split("\n", 1)[0].strip() == SIMULATED:
                return SIMULATED
        return None

    @property
    def published(self) -> Path:
        """The folder that analysts read."""
        return self.root / "published"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that analysts open."""
        return self.published / "warehouse.duckdb"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME, by default inside the restricted zone: run logs may hold what the zone protects."""
        return Path(os.environ.get("DAGSTER_HOME") or self.root / "restricted" / "dagster").absolute()
