"""Faults that can be switched on: what a bot has to survive."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

ANY_METHOD = "*"


@dataclass
class _Planned:
    """A fault of one Web API method that is still to happen ``times`` times."""

    kind: str
    method: str
    times: int
    amount: float


@dataclass(frozen=True)
class ApiFault:
    """What happens to one call: ``rate_limit`` (amount: seconds), ``fail`` (status), ``slow`` (seconds)."""

    kind: str
    amount: float


class Faults:
    """Switches for the faults; safe to use from any thread.

    A method is named as in the Web API (``chat.postMessage``); ``*`` is every method.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[_Planned] = []
        self._lost_acks = 0
        self._redeliveries = 0
        self.on_drop: Callable[[bool], None] = lambda _warned: None

    def rate_limit(self, method: str = ANY_METHOD, times: int = 1, retry_after: int = 1) -> None:
        """Answer 429 with ``Retry-After`` in seconds."""
        self._plan("rate_limit", method, times, retry_after)

    def fail(self, method: str = ANY_METHOD, times: int = 1, status: int = 503) -> None:
        """Answer with an HTTP error and no JSON, as a proxy in front of Slack does."""
        self._plan("fail", method, times, status)

    def slow(self, method: str = ANY_METHOD, seconds: float = 1.0, times: int = 1) -> None:
        """Do what was asked, but answer late."""
        self._plan("slow", method, times, seconds)

    def lose_ack(self, times: int = 1) -> None:
        """The app's acknowledgement of the next delivery never arrives."""
        with self._lock:
            self._lost_acks += times

    def redeliver(self, times: int = 1) -> None:
        """The next event arrives again although it was acknowledged."""
        with self._lock:
            self._redeliveries += times

    def drop_socket(self, *, warned: bool = False) -> None:
        """Cut every Socket Mode connection; ``warned`` sends Slack's disconnect frame first."""
        self.on_drop(warned)

    def next_for(self, method: str) -> ApiFault | None:
        """Take the fault that is due for this call, if any."""
        with self._lock:
            for planned in self._planned:
                if planned.method in (method, ANY_METHOD) and planned.times > 0:
                    planned.times -= 1
                    return ApiFault(planned.kind, planned.amount)
            return None

    def take_lost_ack(self) -> bool:
        with self._lock:
            due, self._lost_acks = self._lost_acks > 0, max(0, self._lost_acks - 1)
            return due

    def take_redelivery(self) -> bool:
        with self._lock:
            due, self._redeliveries = self._redeliveries > 0, max(0, self._redeliveries - 1)
            return due

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
            self._lost_acks = self._redeliveries = 0

    def _plan(self, kind: str, method: str, times: int, amount: float) -> None:
        with self._lock:
            self._planned.append(_Planned(kind, method, times, amount))
