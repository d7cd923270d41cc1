"""Progress of long work, shown by whoever runs it: bars on the command line, nothing under the daemon.

Here: the one hook. Not here: any work.
step(...) -> the bar of the command line
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
Tracker = Callable[[Iterable[Item], str, int | None], Iterable[Item]]
_TRACKER: ContextVar[Callable[..., Iterable[object]] | None] = ContextVar("tracker", default=None)


def step(items: Iterable[Item], label: str, total: int | None = None) -> Iterable[Item]:
    """Passes ``items`` on, shown as a bar named ``label`` where one is wanted."""
    tracker = _TRACKER.get()
    return items if tracker is None else tracker(items, label, total)  # type: ignore[return-value]


@contextmanager
def shown_by(tracker: Callable[..., Iterable[object]]) -> Iterator[None]:
    """Within the block, every `step` is shown by ``tracker``."""
    token = _TRACKER.set(tracker)
    try:
        yield
    finally:
        _TRACKER.reset(token)
