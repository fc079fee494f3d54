"""Keeps to a rate that a whole account shares, instead of running into its throttle."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable


class Pacer:
    """Hands out turns, `per_second` of them for each key, first come first served. Thread-safe.

    CloudTrail's LookupEvents allows 2 requests a second for each account and Region, and the console that a
    responder has open draws on the same two.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: defaultdict[Hashable, float] = defaultdict(float)

    def wait(self, key: Hashable) -> None:
        """Returns when it is this caller's turn."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next[key])
            self._next[key] = turn + self._interval
        if turn > now:
            self._sleep(turn - now)
