"""What all commands share on the terminal: consoles, exit codes, tables, progress, settings from the environment.

Here: how a sentence or a frame reaches the user. Not here: any command (`cli`, `commands`).
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import click
import pandas as pd
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from pipelines.progress import Display, shown_by
from pipelines.settings import Settings

FAILED, REFUSED, HELD = 1, 2, 3
# Redirected into a file there is no window to fit into.
WIDTH = None if sys.stdout.isatty() else 200
console = Console(soft_wrap=True, highlight=False, width=WIDTH)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

DAY = click.DateTime(formats=["%Y-%m-%d"])


def known_source(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """A callback of options and arguments that name a source; an unknown one ends the command with those there are."""
    from sources import contract

    names = contract.names()
    if name is not None and name not in names:
        near = get_close_matches(name, names, 1)
        hint = f"，是否指 {near[0]}？" if near else "；"
        stop(f"没有来源“{name}”{hint}已登记的来源：{'、'.join(names)}")
    return name


def stop(sentence: str, code: int = REFUSED) -> NoReturn:
    """Prints a sentence for the user and ends with ``code``."""
    errors.print(sentence, markup=False)
    sys.exit(code)


def settings_from(as_of: datetime | None = None) -> Settings:
    """The environment's settings; a faulty variable ends the command."""
    try:
        return Settings.from_environment(as_of=as_of.date() if as_of else None)
    except ValueError as error:
        stop(str(error))


def ask(query: str, parameters: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """The rows of a query on the published warehouse; where there is none, a sentence, and the command ends."""
    import duckdb

    warehouse = settings_from().warehouse
    if not warehouse.exists():
        stop(f"{warehouse} 不存在：还没有发布。请先运行 dispute-lake run，或检查 LAKE_ROOT。")
    try:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            found: pd.DataFrame = con.execute(query, dict(parameters or {})).df()
    except (duckdb.CatalogException, duckdb.BinderException):
        stop(f"{warehouse} 是较早的版本发布的，缺少这里要用的内容。请先运行 dispute-lake run。")
    return found


def show(frame: pd.DataFrame, title: str | None = None) -> None:
    """Prints a frame as a table."""
    table = Table(title=title, title_justify="left")
    for name in frame.columns:
        table.add_column(
            str(name), justify="right" if pd.api.types.is_numeric_dtype(frame[name]) else "left", overflow="fold"
        )
    for row in frame.itertuples(index=False):
        table.add_row(*(Text(cell(value)) for value in row))  # text, no markup: a file may be named [a]
    console.print(table)


def cell(value: Any) -> str:
    """A value as a reader expects it: nothing for null, thousands apart."""
    if pd.isna(value):
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return str(value.date())
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
