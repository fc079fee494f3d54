"""Counts over time in a bounded space: minutes, and wider bins where there are too many of them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

#: At most so many bins are kept; then neighbours are joined two and two.
MOST_BINS = 1200

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@dataclass
class Pulse:
    """How many requests ended in each bin of `minutes`, the refused ones apart.

    Bins are counted from the epoch and their width is a power of two, so that any two pulses can be brought
    to one width, and the order in which requests are added plays no part.
    """

    minutes: int = 1
    ok: Counter[int] = field(default_factory=Counter)
    denied: Counter[int] = field(default_factory=Counter)

    def add(self, moment: datetime, *, denied: bool) -> None:
        """Counts one request."""
        counts, at = self.denied if denied else self.ok, (moment - _EPOCH) // _MINUTE // self.minutes
        counts[at] += 1
        if counts[at] == 1:
            self._bound()

    def update(self, other: "Pulse") -> None:
        """Adds all that another pulse counted, which is left as it is."""
        self.widen(other.minutes)
        for mine, theirs in ((self.ok, other.ok), (self.denied, other.denied)):
            for at, count in theirs.items():
                mine[at * other.minutes // self.minutes] += count
        self._bound()

    def widen(self, minutes: int) -> None:
        """Brings the bins to at least this width."""
        while self.minutes < minutes:
            self.minutes *= 2
            self.ok, self.denied = _joined(self.ok), _joined(self.denied)

    def bins(self) -> Iterator[tuple[datetime, int, int]]:
        """(start, ok, denied) of every bin that is not empty, in order of time."""
        for at in sorted(self.ok.keys() | self.denied.keys()):
            yield _EPOCH + at * self.minutes * _MINUTE, self.ok[at], self.denied[at]

    def __bool__(self) -> bool:
        return bool(self.ok or self.denied)

    def _bound(self) -> None:
        while max(len(self.ok), len(self.denied)) > MOST_BINS:
            self.widen(self.minutes * 2)


def _joined(counts: Counter[int]) -> Counter[int]:
    wider: Counter[int] = Counter()
    for at, count in counts.items():
        wider[at // 2] += count
    return wider
