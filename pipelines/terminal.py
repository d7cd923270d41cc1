"""What all commands share on the terminal: consoles, exit codes, tables, progress, settings from the environment.

Here: how a sentence or a frame reaches the user. Not here: any command (`cli`, `commands`).
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pipelines.progress import Display, shown_by
from pipelines.settings import Settings

FAILED, REFUSED, HELD = 1, 2, 3
# Redirected into a file there is no window to fit into.
WIDTH = None if sys.stdout.isatty() else 200
console = Console(soft_wrap=True, highlight=False, width=WIDTH)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

DAY = click.DateTime(formats=["%Y-%m-%d"])


def stop(sentence: str, code: int = REFUSED) -> None:
    """Prints a sentence for the user and ends with ``code``."""
    errors.print(sentence, markup=False)
    sys.exit(code)


def settings_from(as_of: datetime | None = None) -> Settings:
    """The environment's settings; a faulty variable ends the command."""
    try:
        return Settings.from_environment(as_of=as_of.date() if as_of else None)
    except ValueError as error:
        stop(str(error))
        raise


def show(frame: pd.DataFrame, title: str | None = None) -> None:
    """Prints a frame as a table."""
    table = Table(title=title, title_justify="left")
    for name in frame.columns:
        table.add_column(
            str(name), justify="right" if pd.api.types.is_numeric_dtype(frame[name]) else "left", overflow="fold"
        )
    for row in frame.itertuples(index=False):
        table.add_row(*(cell(value) for value in row))
    console.print(table)


def cell(value: Any) -> str:
    """A value as a reader expects it: nothing for null, thousands apart."""
    if pd.isna(value):
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def display() -> Iterator[None]:
    """Bars and spinners on a terminal; in a log file, nothing.

    They go to a copy of the terminal's handle: while a step runs, Dagster leads standard error into its own logs.
    """
    if not errors.is_terminal:
        yield
        return
    with os.fdopen(os.dup(sys.stderr.fileno()), "w", encoding="utf-8") as handle:
        terminal = Console(file=handle, force_terminal=True)

        def track(items: Iterable[Any], label: str, total: int | None) -> Iterable[Any]:
            with Progress(console=terminal, transient=True) as progress:
                yield from progress.track(items, description=label, total=total)

        with shown_by(Display(bar=track, spinner=lambda label: terminal.status(f"{label} …"))):
            yield


def program() -> str:
    """This command as the user can type it again: by name where the shell finds it, else by path."""
    return "dispute-lake" if shutil.which("dispute-lake") else shown(Path(sys.argv[0]).absolute())


def shown(path: Path) -> str:
    """A path as a user in this folder would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
