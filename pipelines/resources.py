"""The one resource of all assets: a workspace, which opens the lake that the environment names.

Here: Dagster's view of `settings`, and one writer at a time. Not here: what a lake is (`warehouse.lake`), what is
pending (`intake`).
environment, launchpad -> Workspace -> Lake, Tokens, now
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import dagster as dg

from pipelines.settings import Settings
from sources import contract, deliveries
from transforms.tables import CORE_INTAKE
from transforms.tokens import Tokens, read_key
from warehouse.lake import Lake

STEP_WAITS_SECONDS = 3600.0


class Workspace(dg.ConfigurableResource):
    """目录、密钥与“现在”。空值取环境变量 LAKE_LANDING、LAKE_ROOT、LAKE_KEY_FILE、LAKE_AS_OF。"""

    landing: str = ""
    root: str = ""
    key_file: str = ""
    as_of: str = ""

    @property
    def settings(self) -> Settings:
        """The environment's settings, each overridden by a field that is set."""
        base = Settings.from_environment()
        return replace(
            base,
            landing=Path(self.landing) if self.landing else base.landing,
            root=Path(self.root) if self.root else base.root,
            key_file=Path(self.key_file) if self.key_file else base.key_file,
            as_of=date.fromisoformat(self.as_of) if self.as_of else base.as_of,
        )

    @contextmanager
    def lake(self) -> Iterator[Lake]:
        """Opens the lake for writing; a step that runs on its own waits for another writer to finish."""
        settings = self.settings
        lake = Lake.open(settings.root, read_key(settings.key_file))
        with lake.lock(wait_seconds=STEP_WAITS_SECONDS):
            yield lake

    def tokens(self) -> Tokens:
        """The keyed tokens of this lake."""
        return Tokens(read_key(self.settings.key_file))

    def found(self) -> deliveries.Found:
        """What lies in landing now."""
        return look(self.settings)

    def now(self, lake: Lake) -> datetime:
        """The run's now, see `run_now`."""
        return run_now(self.settings, lake)


def look(settings: Settings) -> deliveries.Found:
    """What lies in landing. The wall clock decides only whether a file is still being copied.

    Raises:
        sources.deliveries.LandingError: the folder does not exist or may not be read.
    """
    return deliveries.find(settings.landing, now=datetime.now().astimezone(), quiet_minutes=settings.quiet_minutes)


def run_now(settings: Settings, lake: Lake) -> datetime:
    """The run's now: ``as_of``, or the newest delivery's date in the lake, at 00:00.

    Raises:
        ValueError: the lake holds no delivery and no ``as_of`` was set.
    """
    day = settings.as_of
    if day is None:
        finished = lake.read(CORE_INTAKE)
        if finished.empty:
            raise ValueError("湖中还没有任何交付，无法确定“现在”；请先运行收件，或用 --as-of 指定日期")
        day = finished["delivery_date"].max()
    return datetime.combine(day, time())


def history_sources() -> set[str]:
    """Sources whose one delivery spans many days (`history: true` in source.yml)."""
    return {name for name in contract.names() if contract.load(name).history}
