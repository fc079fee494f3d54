"""What was handed over: objects, calls and bytes, from the counts (single records may be aggregated)."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.evidence.collect import Collected, OriginKey
from bot.evidence.report import MOST_OBJECTS
from bot.evidence.wording import size, some

#: (actor, place)
Place = tuple[str, OriginKey]


@dataclass(frozen=True)
class Haul:
    """Distinct keys, the calls that read them, and the bytes sent: None where no record says.

    `exact` is False where some records do not say: then the bytes are a lower bound. `keys` are at most
    MOST_OBJECTS of the keys, the first in their order.
    """

    objects: int
    keys: tuple[str, ...]
    calls: int
    size: int | None
    exact: bool

    @property
    def amount(self) -> str:
        """The bytes in words: exact, at least, or unknown."""
        if self.size is None:
            return "an unknown number of bytes"
        return size(self.size) if self.exact else f"at least {size(self.size)}"

    def __str__(self) -> str:
        calls = some(self.calls, "call")
        return f"{some(self.objects, 'object')} read by {calls}, {self.amount} sent"


def haul_from(collected: Collected, places: Iterable[Place]) -> Haul:
    """Everything read from these places together."""
    chosen = [(actor, place) for actor, place in places]
    counts = [collected.tallies[actor].origins[place] for actor, place in chosen]
    calls, told = sum(one.get_calls for one in counts), sum(one.calls_with_bytes for one in counts)
    return Haul(
        objects=collected.objects.count(chosen) if calls else 0,
        keys=tuple(collected.objects.first(chosen, MOST_OBJECTS)) if calls else (),
        calls=calls,
        size=sum(one.bytes_out for one in counts) if told else None,
        exact=told == calls,
    )
