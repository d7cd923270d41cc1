"""Progress of long work, shown by whoever runs it: bars on the command line, nothing under the daemon.

Here: the hooks. Not here: any work, any drawing (`cli`).
step(...), stage(...) -> the terminal
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Display:
    """How progress is shown: ``bar`` follows items (items, label, total), ``spinner`` a stage without a length."""

    bar: Callable[[Iterable[Any], str, int | None], Iterable[Any]]
    spinner: Callable[[str], AbstractContextManager[Any]]


_DISPLAY: ContextVar[Display | None] = ContextVar("display", default=None)


def step(items: Iterable[Item], label: str, total: int | None = None) -> Iterable[Item]:
    """Passes ``items`` on, shown as a bar named ``label`` where one is wanted."""
    display = _DISPLAY.get()
    return items if display is None else display.bar(items, label, total)


def stage(label: str) -> AbstractContextManager[Any]:
    """Shows that ``label`` is under way while the block lasts."""
    display = _DISPLAY.get()
    return nullcontext() if display is None else display.spinner(label)


@contextmanager
def shown_by(display: Display) -> Iterator[None]:
    """Within the block, progress is shown by ``display``."""
    token = _DISPLAY.set(display)
    try:
        yield
    finally:
        _DISPLAY.reset(token)
