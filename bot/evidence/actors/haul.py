"""What was handed over: objects, calls and bytes, from the counts (single records may be aggregated)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.evidence.collect import Collected, OriginKey
from bot.evidence.report import MOST_OBJECTS
from bot.evidence.wording import size, some

#: (actor, place)
Place = tuple[str, OriginKey]


@dataclass(frozen=True)
class Haul:
    """Distinct keys, the calls that read them, and the bytes sent: None where no record says.

    `exact` is False where some records do not say: then the bytes are a lower bound. `keys` are at most
    MOST_OBJECTS of the keys, the first in their order. `least`: more may have been read than was found.
    """

    objects: int
    keys: tuple[str, ...]
    calls: int
    size: int | None
    exact: bool
    least: bool = False

    @property
    def amount(self) -> str:
        """The bytes in words: exact, at least, or unknown."""
        if self.size is None:
            return "an unknown number of bytes"
        return size(self.size) if self.exact and not self.least else f"at least {size(self.size)}"

    @property
    def amount_of_objects(self) -> str:
        """The distinct objects in words."""
        return f"{'at least ' if self.least else ''}{some(self.objects, 'object')}"

    def at_least(self) -> "Haul":
        """The same as a lower bound."""
        return replace(self, least=True)

    def __str__(self) -> str:
        calls = some(self.calls, "call")
        return f"{self.amount_of_objects} read by {calls}, {self.amount} sent"


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
