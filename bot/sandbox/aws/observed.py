"""What happens in the fake AWS, for people who watch it: the panel "the world outside"."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

#: How many calls are remembered.
REMEMBERED = 5_000


@dataclass(frozen=True)
class ObservedCall:
    """One call. `actor` and `role` are what the caller says of itself, "" for calls of the bot."""

    seq: int
    time: datetime
    actor: str
    role: str
    principal: str
    event_name: str
    resource: str
    allowed: bool
    error_code: str | None
    source_ip: str


class Observations:
    """The latest calls, numbered from 1; listeners hear of each as it is answered."""

    def __init__(self) -> None:
        self._calls: deque[ObservedCall] = deque(maxlen=REMEMBERED)
        self._listeners: list[Callable[[ObservedCall], None]] = []
        self._lock = threading.Lock()
        self._count = 0

    def next_number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def add(self, call: ObservedCall) -> None:
        with self._lock:
            self._calls.append(call)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(call)

    def recent(self, since: int = 0) -> list[ObservedCall]:
        """The calls numbered higher than `since`, oldest first."""
        with self._lock:
            return [call for call in self._calls if call.seq > since]

    def subscribe(self, listener: Callable[[ObservedCall], None]) -> None:
        with self._lock:
            self._listeners.append(listener)
