"""Ending the process at a chosen point of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.aws.gateway import Answer, Gateway
from bot.remediation.plan import Call
from tests.remediation.doing import MemoryJournal

#: Where a run can end.
POINTS = (
    "before intent",
    "after intent",
    "before call",
    "after call",
    "before outcome",
    "after outcome",
    "verifying",
)


class Killed(BaseException):
    """The process ended here: nothing after it runs, not even an `except Exception`."""


@dataclass
class MortalJournal(MemoryJournal):
    """Dies before or after one of its writes about a call."""

    dies: str = ""
    position: int = 0

    def intent(self, position: int, call: Call) -> None:
        self._point("before intent", position)
        super().intent(position, call)
        self._point("after intent", position)

    def outcome(self, position: int, *rest: Any) -> None:
        self._point("before outcome", position)
        super().outcome(position, *rest)
        self._point("after outcome", position)

    def _point(self, name: str, position: int) -> None:
        if (name, position) == (self.dies, self.position):
            raise Killed(name)


@dataclass
class Between:
    """A gateway that does something before or after the call it passes on."""

    gateway: Gateway
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        self.before()
        self.calls.append(operation)
        answer = self.gateway.call(service, operation, params, region)
        self.after()
        return answer
