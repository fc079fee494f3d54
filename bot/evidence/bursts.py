"""Many different objects in a short time: the busiest stretch of each caller, found as the events go by."""

from collections import Counter, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar

from bot.evidence.report import MOST_EVENT_IDS

#: The length of a stretch: long enough for a person's tool, short against a working day.
STRETCH = timedelta(minutes=10)

#: So many calls of a stretch are held; of a faster one the last so many tell, as "at least".
MOST_CALLS = 1_000

#: After so many calls, what lies too far back is let go, whoever made it.
_SWEEP = 50_000

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Burst:
    """The stretch of at most STRETCH in which most different objects were called for, the earliest of equals.

    `objects` and `calls` are lower bounds where `exact` is False: at some time there were more calls than are
    held. `event_ids` are the first of it.
    """

    objects: int
    calls: int
    first: datetime
    last: datetime
    event_ids: tuple[str, ...]
    exact: bool


@dataclass
class _Running:
    """The calls of the stretch that ends now, and the best stretch so far.

    `starts_here`: the best stretch begins with the first of `calls`, so that its ids need not be held yet.
    """

    calls: deque[tuple[datetime, str, str]] = field(default_factory=deque)
    objects: Counter[str] = field(default_factory=Counter)
    exact: bool = True
    most: int = 0
    at_most: tuple[int, datetime, datetime] | None = None
    ids: list[str] = field(default_factory=list)
    starts_here: bool = False

    def let_go(self, moment: datetime) -> None:
        """Calls that lie too far before this moment."""
        since = moment - STRETCH
        while self.calls and self.calls[0][0] < since:
            self.drop()

    def drop(self) -> None:
        self.hold()
        _, key, _ = self.calls.popleft()
        if self.objects[key] == 1:
            del self.objects[key]
        else:
            self.objects[key] -= 1

    def mark(self) -> None:
        """The stretch that ends now is the best."""
        self.most = len(self.objects)
        self.at_most = len(self.calls), self.calls[0][0], self.calls[-1][0]
        self.starts_here = True

    def hold(self) -> None:
        """Holds the first ids of the best stretch, before they go."""
        if self.starts_here and self.at_most:
            self.ids = [one for *_, one in islice(self.calls, min(MOST_EVENT_IDS, self.at_most[0]))]
            self.starts_here = False


class Bursts(Generic[K]):
    """Told of every call in order of time, under what belongs together."""

    def __init__(self) -> None:
        self._running: dict[K, _Running] = {}
        self._told = 0

    def add(self, group: K, moment: datetime, key: str, event_id: str) -> None:
        """One more call for an object."""
        running = self._running.get(group)
        if running is None:
            running = self._running[group] = _Running()
        running.let_go(moment)
        if len(running.calls) >= MOST_CALLS:
            running.drop()
            running.exact = False
        running.calls.append((moment, key, event_id))
        running.objects[key] += 1
        if len(running.objects) > running.most:
            running.mark()
        self._told += 1
        if self._told % _SWEEP == 0:
            for one in self._running.values():
                one.let_go(moment)

    def best(self) -> dict[K, Burst]:
        """The busiest stretch of each group."""
        return {group: _burst(running) for group, running in self._running.items()}


def _burst(running: _Running) -> Burst:
    running.hold()
    calls, first, last = running.at_most or (0, datetime.min, datetime.min)  # noqa: DTZ901 - never empty
    return Burst(running.most, calls, first, last, tuple(running.ids), running.exact)
