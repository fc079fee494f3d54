"""What every source of evidence has in common: what it covers, and what it could not read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.evidence.events import Event, within
from bot.evidence.scan.files import FileProblem

Window = tuple[datetime, datetime]
Progress = Callable[[str], None]

#: CloudTrail delivers on average within 5 minutes, nearly always within 10; nothing is guaranteed.
LATE = timedelta(minutes=15)

#: Sessions live at most 12 hours, 36 for GetSessionToken and GetFederationToken: how far back a session
#: was issued.
SESSION_LIFE = timedelta(hours=36)

#: Bytes. CloudTrail packs at most 50 MB of records into one file; whoever can write to the trail's bucket
#: can put anything there.
MOST_PACKED = 64 * 1024 * 1024

#: What SourceCoverage.kind can be.
TRAIL_FILES, EVENT_HISTORY = "trail files", "event history"


@dataclass(frozen=True)
class SourceCoverage:
    """What a source could have seen.

    `kind` is "trail files" or "event history"; `where` names it for people. `management` and `data` say
    which event categories it is able to hold (None: depends on the trail's selectors, which the files do
    not tell). `files` and `skipped` count files read and files left out because of their delivery time or
    because they are no logs. `complete` is False when the source stopped early, and `note` says why.
    """

    kind: str
    where: str
    window: Window | None
    regions: tuple[str, ...] = ()
    management: bool | None = None
    data: bool | None = None
    files: int = 0
    skipped: int = 0
    lookups: int = 0
    complete: bool = True
    note: str = ""


class Source(Protocol):
    """Yields events in any order, duplicates too; `problems` and `coverage()` are full at the end."""

    problems: list[FileProblem]

    def coverage(self) -> SourceCoverage:
        """What this source could have seen, as far as it has been read."""
        ...

    def events(self) -> Iterator[Event]:
        """Every event of the window, plus the earlier ones needed to follow sessions back."""
        ...


def ignore(_: str) -> None:
    pass


def reach_of(window: Window | None) -> Window | None:
    """The window, and before it the longest life of a session, so that its origin is found."""
    return None if window is None else (window[0] - SESSION_LIFE, window[1])


def in_reach(event: Event, window: Window | None) -> bool:
    """Whether an event belongs to the window, or to the time before it in which its sessions were issued."""
    return within(event.time, reach_of(window))
