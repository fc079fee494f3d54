"""A signal between the threads of a process: somebody committed work."""

from __future__ import annotations

import threading


class Wakeup:
    """Each `set` wakes everyone who waits. A waiter passes what it saw before it looked for work, so
    that a signal given in between is not missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        return self._count

    def set(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> int:
        """Waits until the count differs from `seen` or `timeout` seconds have passed; the count now."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, timeout)
            return self._count
