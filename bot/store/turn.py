"""Taking turns at writing to SQLite, which has one writer at a time.

A connection that finds the database locked sleeps, for up to 100 ms, and tries again: a click would wait
long for a worker that was busy for a moment. Here writers wait for each other and are woken at once, the
threads of a process by a lock and the processes by a lock on a file beside the database. Of a process that
is killed the system takes the file's lock back. SQLite's own lock stays what keeps the data right.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path


class Turn:
    """A context manager with one holder at a time among all threads and processes that name this file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self._opened(), fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._opened(), fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """Gives the file back; entering opens it again."""
        with self._threads:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _opened(self) -> int:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file
