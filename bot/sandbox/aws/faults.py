"""Faults to order: throttling, server errors, slowness, and an answer that never comes.

Each is set for a service and an operation under botocore's names ("s3", "PutBucketPolicy"); "*" is any
operation.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from bot.sandbox.aws import errors

Target = tuple[str, str]


@dataclass
class Stall:
    """An answer held back after its effect: the change is made, the caller does not learn of it."""

    _reached: threading.Event = field(default_factory=threading.Event)
    _released: threading.Event = field(default_factory=threading.Event)

    def wait(self, timeout: float = 10.0) -> bool:
        """Wait until a call has had its effect and is held; False when none came in time (seconds)."""
        return self._reached.wait(timeout)

    def release(self) -> None:
        """Let the held answers go; later calls are no longer held."""
        self._released.set()

    def hold(self) -> None:
        self._reached.set()
        self._released.wait()


class Faults:
    """Thread-safe; a fault stays until its count is used up, or until `clear()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._throttles: dict[Target, int] = {}
        self._failures: dict[Target, tuple[int, int]] = {}
        self._latency: dict[Target, int] = {}
        self._stalls: dict[Target, Stall] = {}

    def throttle(self, service: str, operation: str = "*", times: int = 1) -> None:
        """Answer the next calls with the service's throttling error."""
        with self._lock:
            self._throttles[service, operation] = times

    def fail(self, service: str, operation: str = "*", times: int = 1, status: int = 500) -> None:
        """Answer the next calls with a server error, before any effect."""
        with self._lock:
            self._failures[service, operation] = (times, status)

    def latency(self, service: str, operation: str = "*", milliseconds: int = 0) -> None:
        """Wait so long before each call."""
        with self._lock:
            self._latency[service, operation] = milliseconds

    def stall_after_effect(self, service: str, operation: str) -> Stall:
        """Carry the next calls out, but hold their answers until `release()`."""
        with self._lock:
            stall = self._stalls[service, operation] = Stall()
            return stall

    def release(self) -> None:
        """Release every stall."""
        with self._lock:
            stalls = list(self._stalls.values())
            self._stalls.clear()
        for stall in stalls:
            stall.release()

    def clear(self) -> None:
        """Take all faults back."""
        self.release()
        with self._lock:
            for table in (self._throttles, self._failures, self._latency):
                table.clear()

    # -- asked by the gate -----------------------------------------------------------------------------

    def before(self, service: str, operation: str) -> None:
        """Wait, throttle or fail as ordered.

        Raises:
            AwsError: the ordered error.
        """
        with self._lock:
            delay = next((self._latency[t] for t in _targets(service, operation) if t in self._latency), 0)
            throttled = self._use(self._throttles, service, operation)
            status = self._use_failure(service, operation)
        if delay:
            time.sleep(delay / 1000)
        if throttled:
            raise errors.throttled(service)
        if status:
            raise errors.server_fault(service, status)

    def after(self, service: str, operation: str) -> None:
        """Hold the answer when that was ordered."""
        with self._lock:
            stall = next((self._stalls[t] for t in _targets(service, operation) if t in self._stalls), None)
        if stall:
            stall.hold()

    def _use(self, table: dict[Target, int], service: str, operation: str) -> bool:
        for target in _targets(service, operation):
            if table.get(target, 0) > 0:
                table[target] -= 1
                return True
        return False

    def _use_failure(self, service: str, operation: str) -> int:
        for target in _targets(service, operation):
            times, status = self._failures.get(target, (0, 0))
            if times > 0:
                self._failures[target] = (times - 1, status)
                return status
        return 0


def _targets(service: str, operation: str) -> tuple[Target, Target]:
    return (service, operation), (service, "*")
