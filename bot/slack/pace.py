"""How fast the bot may write: about one message a second and channel, short bursts allowed.

https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import time
from collections.abc import Callable

BURST = 15
PER_SECOND = 1.0


class Pace:
    """A token bucket for each channel."""

    def __init__(self, burst: int = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._closed_until: dict[str, float] = {}

    def wait(self, channel: str) -> float:
        """Seconds to wait before writing to this channel; 0.0 takes one token, so then write."""
        now = self._clock()
        if (closed := self._closed_until.get(channel, 0.0)) > now:
            return closed - now
        tokens, since = self._buckets.get(channel, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * PER_SECOND)
        if tokens < 1.0:
            return (1.0 - tokens) / PER_SECOND
        self._buckets[channel] = (tokens - 1.0, now)
        return 0.0

    def close(self, channel: str, seconds: float) -> None:
        """Slack asked for a pause: nothing goes to this channel until it is over, so the order stays."""
        self._closed_until[channel] = self._clock() + seconds
