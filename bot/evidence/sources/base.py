"""What every source of evidence has in common: what it covers, and what it could not read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from bot.evidence.events import Event, within
from bot.evidence.scan.files import FileProblem
from bot.evidence.wanted import Wanted

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
ACCESS_LOGS = "access logs"


@dataclass(frozen=True)
class SourceCoverage:
    """What a source could have seen.

    `kind` is "trail files" or "event history"; `where` names it for people. `management` and `data` say
    which event categories it is able to hold (None: depends on the trail's selectors, which the files do
    not tell). `files` and `skipped` count files read and files left out because of their delivery time or
    because they are no logs. `complete` is False when the source stopped early, and `note` says why.
    `calls` were made to AWS, for `dollars` (None: AWS charges nothing).
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
    calls: int = 0
    dollars: float | None = None


@dataclass(frozen=True)
class Cost:
    """What reading a source takes, estimated before it is read.

    `calls` to AWS, `size` in bytes to fetch or scan, `seconds` where a quota decides (look-ups), `dollars`
    where AWS charges (None: it does not).
    """

    calls: int = 0
    size: int = 0
    seconds: float = 0.0
    dollars: float | None = None


@dataclass(frozen=True)
class Part:
    """One piece of a source, read whole: a log file, a look-up, a query's answer.

    `id` names the piece and the state of its content (key and ETag; path, size and time of change; Region,
    attribute and window of a look-up), the same over runs: a piece that was read for the same Wanted need not
    be read again. `found` are the wanted records as received, each one JSON object (for access logs one
    line). `records` counts what was looked through, `size` its bytes unpacked. `regions` are those of which
    the piece is known to hold management events. `problems` are what could not be read of it.

    `name` is the piece whatever its state (key, path), where the id has the state in it: of two states of one
    piece only the newer one counts. `final` is False for what may still grow under the same id: it is read
    again in every run. `time` is that of any one of the records, wanted or not: it shows that the piece
    tells of that time (None: not known). `marks` tell who is in a piece that is read whole (None: not known).
    """

    id: str
    found: Sequence[bytes] = ()
    records: int = 0
    size: int = 0
    regions: frozenset[str] = frozenset()
    problems: tuple[FileProblem, ...] = ()
    log: Literal["cloudtrail", "access log"] = "cloudtrail"
    name: str = ""
    final: bool = True
    time: datetime | None = None
    marks: bytes | None = None


#: Whether a part with this id was already read for the same Wanted.
Done = Callable[[str], bool]


class Source(Protocol):
    """Yields parts in any order; duplicates among them do no harm; `coverage()` is full at the end."""

    def coverage(self) -> SourceCoverage:
        """What this source could have seen, as far as it has been read."""
        ...

    def cost(self, wanted: Wanted) -> Cost:
        """What a search would take."""
        ...

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """Every part that is not done, with its wanted records; may be left at any moment and begun again."""
        ...


@dataclass(frozen=True)
class Reading:
    """What came of one source over all passes: its coverage, what could not be read, how much was looked
    through (`records`, and `size` in bytes unpacked), of which Regions it holds management events, and
    `times` of records, one of each part.
    """

    covered: SourceCoverage
    problems: tuple[FileProblem, ...] = ()
    records: int = 0
    size: int = 0
    regions: frozenset[str] = frozenset()
    times: tuple[datetime, ...] = ()

    def coverage(self) -> SourceCoverage:
        """What the source could have seen."""
        return self.covered


def ignore(_: str) -> None:
    pass


def reach_of(window: Window | None) -> Window | None:
    """The window, and before it the longest life of a session, so that its origin is found."""
    return None if window is None else (window[0] - SESSION_LIFE, window[1])


def in_reach(event: Event, window: Window | None) -> bool:
    """Whether an event belongs to the window, or to the time before it in which its sessions were issued."""
    return within(event.time, reach_of(window))
