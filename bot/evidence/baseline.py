"""Who usually is at the bucket: the time before the window, added up per principal, address and client."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.evidence.clients import family
from bot.evidence.events import Event
from bot.evidence.identity import Identity
from bot.evidence.tallies import reads_content

#: So many (principal, address, client) are told apart; more would be no baseline to compare with.
MOST_HABITS = 100_000


@dataclass
class Habit:
    """What one principal did at the bucket from one address with one client family."""

    first: datetime
    last: datetime
    events: int = 0
    denied: int = 0
    reads: int = 0
    bytes_out: int = 0


@dataclass
class Usual:
    """The baseline, and the number of `events` it was drawn from.

    Sessions of one role count as one, and so do all unsigned requests.
    """

    events: int = 0
    habits: dict[tuple[str, str, str], Habit] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """One more event about the bucket from before the window."""
        self.events += 1
        place = usual_name(event.who), event.source_ip, family(event.user_agent)
        if place not in self.habits and len(self.habits) >= MOST_HABITS:
            return
        habit = self.habits.setdefault(place, Habit(event.time, event.time))
        habit.last = event.time
        habit.events += 1
        habit.denied += event.denied
        habit.reads += reads_content(event)
        habit.bytes_out += event.bytes_out or 0


def usual_name(who: Identity) -> str:
    """What a principal is compared by: the role behind a session, else itself."""
    return who.issuer or who.principal
