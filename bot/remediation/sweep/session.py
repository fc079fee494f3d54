"""The step's session through a sweep that lasts longer than it: opened anew before it ends (DESIGN rule 2).

STS sessions of a step last 15 minutes. Each new one is of the same plan, the same policy and the same
approver.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer
from bot.remediation.run import Actor

#: Seconds after which the session is opened anew, well before its 900 are over.
RENEW_AFTER = 600.0
#: What AWS answers to a session that has ended: the call was not carried out.
_ENDED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})


class Renewed:
    """An Actor that opens its session when the first call is due, and again in time. Thread-safe."""

    def __init__(
        self, open_session: Callable[[], Actor], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open = open_session
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Actor | None = None
        self._opened = 0.0

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        session = self._current()
        try:
            return session.call(service, operation, params, region)
        except AwsRefused as error:
            if error.code not in _ENDED:
                raise
            return self._current(instead_of=session).call(service, operation, params, region)

    def _current(self, instead_of: Actor | None = None) -> Actor:
        with self._lock:
            old = self._clock() - self._opened >= RENEW_AFTER
            if self._session is None or old or self._session is instead_of:
                self._session, self._opened = self._open(), self._clock()
            return self._session
