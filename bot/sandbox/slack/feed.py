"""Tells open pages and waiting drivers that something has changed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bot.sandbox.slack.page_shapes import PageShapes
from bot.sandbox.slack.records import Change, Json


class Feed:
    """One queue for each open page, and a condition variable for drivers in other threads."""

    def __init__(self, shapes: PageShapes) -> None:
        self._shapes = shapes
        self._pages: list[tuple[str, asyncio.Queue[Json]]] = []
        self.changed = threading.Condition()
        self.version = 0

    def observe(self, change: Change) -> None:
        for user_id, queue in self._pages:
            for event in self._shapes.events(change, user_id):
                queue.put_nowait(event)
        self._wake()

    def publish(self, event: Json) -> None:
        """The same event to every page."""
        for _user_id, queue in self._pages:
            queue.put_nowait(event)
        self._wake()

    @contextmanager
    def page(self, user_id: str) -> Iterator[asyncio.Queue[Json]]:
        """The events of one open page, from now on."""
        entry: tuple[str, asyncio.Queue[Json]] = (user_id, asyncio.Queue())
        self._pages.append(entry)
        try:
            yield entry[1]
        finally:
            self._pages.remove(entry)

    def wait(self, seen: int, timeout: float) -> int:
        """Block until there is something newer than version ``seen`` (or the time is over)."""
        with self.changed:
            self.changed.wait_for(lambda: self.version > seen, timeout)
            return self.version

    def _wake(self) -> None:
        with self.changed:
            self.version += 1
            self.changed.notify_all()
