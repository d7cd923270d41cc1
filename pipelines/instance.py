"""Dagster's instance of a lake: its home folder, made ready with the project's dagster.yaml.

Here: where Dagster keeps its history. Not here: definitions.
Settings -> DAGSTER_HOME -> DagsterInstance
"""

import os
from pathlib import Path

import dagster as dg

from pipelines.settings import Settings

CONFIGURATION = Path(__file__).with_name("dagster.yaml")


def prepare_home(settings: Settings) -> Path:
    """Makes DAGSTER_HOME (mode 0700: logs may hold what the restricted zone protects) and returns it.

    The project's dagster.yaml is laid there unless a site has put its own.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        beside = home / ".dagster.yaml.writing"
        beside.write_text(CONFIGURATION.read_text("utf-8"), "utf-8")
        beside.replace(configuration)
    os.environ["DAGSTER_HOME"] = str(home)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return home


def instance(settings: Settings) -> dg.DagsterInstance:
    """The instance whose history the web UI shows."""
    prepare_home(settings)
    return dg.DagsterInstance.get()
