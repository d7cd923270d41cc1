"""Progress of long work, shown by whoever runs it: bars on the command line, nothing under the daemon.

Here: the hooks. Not here: any work, any drawing (`cli`).
step(...), stage(...) -> the terminal
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Display:
    """How progress is shown: ``bar`` follows items (items, label, total), ``spinner`` a stage without a length."""

    bar: Callable[[Iterable[Any], str, int | None], Iterable[Any]]
    spinner: Callable[[str], AbstractContextManager[Any]]


# One for the process, not a context variable: Dagster runs steps in contexts of its own.
_displays: list[Display] = []


def step(items: Iterable[Item], label: str, total: int | None = None) -> Iterable[Item]:
    """Passes ``items`` on, shown as a bar named ``label`` where one is wanted."""
    return _displays[-1].bar(items, label, total) if _displays else items


def stage(label: str) -> AbstractContextManager[Any]:
    """Shows that ``label`` is under way while the block lasts."""
    return _displays[-1].spinner(label) if _displays else nullcontext()


@contextmanager
def shown_by(display: Display) -> Iterator[None]:
    """Within the block, progress is shown by ``display``."""
    _displays.append(display)
    try:
        yield
    finally:
        _displays.pop()
