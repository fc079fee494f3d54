"""Fewer searches for garbage while many events are held: they have no cycles, and there is little to find."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

#: Objects made since the last search before the next one; Python's own 700 cost a tenth of an investigation.
_PATIENCE = 250_000

_lock = Lock()
_running = 0
_former = (0, 0, 0)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within it, whichever threads are within it, Python looks for garbage less often."""
    global _running, _former  # noqa: PLW0603 - the threshold is one for the whole process
    with _lock:
        if not _running:
            _former = gc.get_threshold()
            if _former[0]:  # zero: somebody wants none at all
                gc.set_threshold(max(_former[0], _PATIENCE), *_former[1:])
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if not _running:
                gc.set_threshold(*_former)
