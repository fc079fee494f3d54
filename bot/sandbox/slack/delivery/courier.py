"""Brings what happens in the workspace to the app, and waits three seconds for its answer.

Slash commands and interactions are brought once; events up to three times more when they are not
acknowledged (docs.slack.dev/apis/events-api, "Error handling").
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.records import Json

Kind = Literal["slash_commands", "interactive", "events_api"]
ACK_SECONDS = 3.0
RETRY_DELAYS = (0.0, 60.0, 300.0)
TIMEOUT = "operation_timeout"
NOT_CONNECTED = "dispatch_failed"


@dataclass(frozen=True)
class Parcel:
    """One delivery: ``attempt`` counts the retries, ``reason`` is Slack's word for why."""

    kind: Kind
    payload: Json
    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Ack:
    """The app's answer; ``error`` is Slack's code when there was none in time."""

    payload: Any = None
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error


@dataclass(frozen=True)
class Delivered:
    """An entry of the courier's log; ``seconds`` is how long the acknowledgement took."""

    parcel: Parcel
    ack: Ack
    seconds: float


class Carrier(Protocol):
    """A way to the app: Socket Mode or HTTP."""

    async def bring(self, parcel: Parcel, seconds: float) -> Ack: ...


class Courier:
    """Delivers over one carrier, with the faults that are switched on.

    Args:
        ack_seconds: how long Slack waits for an acknowledgement.
        retry_delays: seconds before each new delivery of an event.
    """

    def __init__(
        self,
        carrier: Carrier,
        faults: Faults,
        *,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: Sequence[float] = RETRY_DELAYS,
    ) -> None:
        self._carrier = carrier
        self._faults = faults
        self._ack_seconds = ack_seconds
        self._retry_delays = retry_delays
        self._running: set[asyncio.Task[None]] = set()
        self.log: deque[Delivered] = deque(maxlen=2000)

    async def ask(self, kind: Kind, payload: Json) -> Ack:
        """Bring a command or an interaction once."""
        return await self._bring(Parcel(kind, payload))

    def tell(self, payload: Json) -> None:
        """Bring an event in the background, again if it is not acknowledged."""
        self.spawn(self._tell(Parcel("events_api", payload)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the current request, until it ends or the courier is stopped."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def stop(self) -> None:
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _tell(self, parcel: Parcel) -> None:
        ack = await self._bring(parcel)
        if ack.ok and self._faults.take_redelivery():
            await self._bring(replace(parcel, attempt=1, reason="timeout"))
            return
        for attempt, delay in enumerate(self._retry_delays, start=1):
            if ack.ok:
                return
            await asyncio.sleep(delay)
            ack = await self._bring(replace(parcel, attempt=attempt, reason=_reason(ack.error)))

    async def _bring(self, parcel: Parcel) -> Ack:
        started = time.perf_counter()
        ack = await self._carrier.bring(parcel, self._ack_seconds)
        if self._faults.take_lost_ack():
            await asyncio.sleep(max(0.0, self._ack_seconds - (time.perf_counter() - started)))
            ack = Ack(error=TIMEOUT)
        self.log.append(Delivered(parcel, ack, time.perf_counter() - started))
        return ack


def _reason(error: str) -> str:
    """Slack's X-Slack-Retry-Reason for a failed delivery."""
    reasons = {TIMEOUT: "http_timeout", NOT_CONNECTED: "connection_failed"}
    return reasons.get(error, "http_error")
