"""Trail files in S3 by way of Athena: for logs so large that fetching them takes longer than an answer may.

The same records as TrailPrefix finds, at a price. One query reads the files that were delivered on one day.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from bot.evidence.athena.query import Place, Query, query_for
from bot.evidence.athena.rows import Census, Row, found_in, is_census
from bot.evidence.events import within
from bot.evidence.scan.problems import FileProblem
from bot.evidence.sources.base import TRAIL_FILES, Cost, Done, Part, Progress, SourceCoverage, Window, ignore
from bot.evidence.sources.log_files import is_done, unread
from bot.evidence.wanted import Wanted

#: Dollars for each TB scanned, and the bytes that each query is charged for at least (Athena pricing).
DOLLARS_PER_TB, LEAST_CHARGED = 5.0, 10_000_000

#: Queries under way at once; accounts may run 20 and more.
_AHEAD = 4

#: How often a query is begun anew that an earlier run began, and that failed or whose answer is gone.
_ATTEMPTS = 3

#: Seconds between looks at a query, and looks for a free place before this run gives up for now.
_PAUSE, _PATIENCE = 1.0, 300

#: Records that are handed on together.
_HANDFUL = 1000

#: Said wherever the source is named.
REBUILT = (
    "read through Athena: records are made anew from its columns, the files hold them as they were written"
)


class QueryState(Protocol):
    """How a query stands. `status` is Athena's: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""

    @property
    def status(self) -> str: ...

    @property
    def reason(self) -> str:
        """Why it failed or was cancelled, in a sentence; "" while it has not."""
        ...

    @property
    def scanned(self) -> int:
        """Bytes so far."""
        ...

    @property
    def submitted(self) -> datetime: ...


class AthenaQueries(Protocol):
    """Athena in one workgroup. What is refused is an OSError that says why."""

    def start(self, sql: str, parameters: Sequence[str], token: str) -> str | None:
        """The id of the query that has this token, begun if there is none; None: too many are under way."""
        ...

    def state(self, query: str) -> QueryState: ...

    def rows(self, query: str) -> Iterator[Row]:
        """The rows of a query that has succeeded; NULL is None."""
        ...

    def stop(self, query: str) -> None: ...


class ListedObjects(Protocol):
    """The bucket's listing."""

    def entries(self, prefix: str) -> Iterator[tuple[str, int, str]]:
        """(key, size in bytes, ETag) of every object in a folder and below. Raises OSError."""
        ...


@dataclass(frozen=True)
class Day:
    """The files delivered on one day: how many, their bytes, and a hash of what they are."""

    day: date
    name: str
    files: int
    size: int
    state: str

    @property
    def id(self) -> str:
        return f"{self.name} {self.state}"


@dataclass
class _Run:
    """A query under way; without an id it found no place yet."""

    day: Day
    query: Query
    id: str | None = None


class _FailedError(OSError):
    """A query that gave no answer; the text says why."""


@dataclass
class AthenaTrail:
    """The trail files of a window, searched by Athena.

    `prefixes` are the folders of the place's Regions, relative to `objects`, as of TrailPrefix: their listing
    tells the price, and which days have changed since they were read. `dollars_per_tb` is the price in use.
    """

    queries: AthenaQueries
    place: Place
    objects: ListedObjects
    prefixes: Sequence[str]
    window: Window
    progress: Progress = ignore
    dollars_per_tb: float = DOLLARS_PER_TB
    sleep: Callable[[float], None] = time.sleep
    _listed: list[Day] | None = field(default=None, init=False)
    _read: dict[str, int] = field(default_factory=dict, init=False)
    _unread: set[str] = field(default_factory=set, init=False)
    _made: int = field(default=0, init=False)
    _scanned: int = field(default=0, init=False)
    _dollars: float = field(default=0.0, init=False)

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors."""
        left = f"; {len(self._unread)} days could not be read" if self._unread else ""
        return SourceCoverage(
            TRAIL_FILES,
            f"{self.place.table.location} through Athena",
            self.window,
            regions=self.place.regions,
            files=sum(self._read.values()),
            complete=not self._unread,
            note=f"{REBUILT}; {self._made} queries scanned {amount(self._scanned)}{left}",
            calls=self._made,
            dollars=round(self._dollars, 4),
        )

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all days
        """What one search takes: each pass scans everything. Raises OSError when nothing can be listed."""
        days = self._days()
        dollars = sum(self._price(day.size) for day in days)
        return Cost(calls=len(days), size=sum(day.size for day in days), dollars=dollars)

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """For each day that is not done, parts of about a thousand records, the last with the day's id."""
        days = self._days()
        fresh = [day for day in days if not is_done(day.id, done)]
        self._read |= {day.name: day.files for day in days if day not in fresh}
        began = datetime.now(UTC)
        running: deque[_Run] = deque()
        waiting = deque(fresh)
        try:
            for number in range(1, len(fresh) + 1):
                while waiting and len(running) < _AHEAD:
                    running.append(self._begun(waiting.popleft(), wanted))
                told = f"query {number} of {len(fresh)}"
                yield from self._finished(running[0], wanted, began, told)
                running.popleft()
        finally:
            for one in running:
                if one.id:
                    self.queries.stop(one.id)

    def _days(self) -> list[Day]:
        """The days with files; listed once, for all passes of a run see the same files."""
        if self._listed is None:
            start, end = self.window[0].date(), self.window[1].date() + timedelta(days=1)
            days = (start + timedelta(days=number) for number in range((end - start).days + 1))
            self._listed = [found for day in days if (found := self._day(day)).files]
        return self._listed

    def _day(self, day: date) -> Day:
        state, size, files = hashlib.sha256(), 0, 0
        for prefix in self.prefixes:
            for key, length, etag in sorted(self.objects.entries(f"{prefix.rstrip('/')}/{day:%Y/%m/%d}/")):
                state.update(f"{key} {length} {etag}\n".encode("utf-8", "backslashreplace"))
                size, files = size + length, files + 1
        name = f"{self.place.table.location} {self.place.account} {day:%Y/%m/%d} through Athena"
        return Day(day, name, files, size, state.hexdigest()[:16])

    def _begun(self, day: Day, wanted: Wanted) -> _Run:
        """Begins ahead of need; what does not begin now is begun when its turn has come."""
        run = _Run(day, query_for(wanted, self.place, day.day))
        try:
            run.id = self._start(run, 1)
        except OSError:
            run.id = None
        return run

    def _start(self, run: _Run, attempt: int) -> str | None:
        token = run.query.token(f"{run.day.id} {attempt}")
        return self.queries.start(run.query.sql, run.query.parameters, token)

    def _finished(self, run: _Run, wanted: Wanted, began: datetime, told: str) -> Iterator[Part]:
        """The parts of a day. A query of an earlier, killed run is taken up; if it failed, begun anew."""
        for attempt in range(1, _ATTEMPTS + 1):
            submitted = began
            try:
                query = run.id = run.id or self._placed(run, attempt)
                state = self._ended(query, told)
                submitted = state.submitted
                if state.status != "SUCCEEDED":
                    raise _FailedError(state.reason)
                self._count(state.scanned, again=submitted < began)
                yield from self._parts(run.day, query, state.scanned, wanted)
            except OSError as problem:
                if submitted < began and attempt < _ATTEMPTS:
                    run.id = None
                    continue
                self._unread.add(run.day.name)
                yield unread(run.day.name, f"was not read: {problem}").part
            return

    def _placed(self, run: _Run, attempt: int) -> str:
        """Begins, waiting for a place as long as it takes."""
        for _ in range(_PATIENCE):
            if query := self._start(run, attempt):
                return query
            self.progress("waiting until Athena takes another query")
            self.sleep(_PAUSE)
        raise _FailedError("Athena takes no more queries at present; try again later")

    def _ended(self, query: str, told: str) -> QueryState:
        while True:
            state = self.queries.state(query)
            self.progress(f"{told}: {amount(state.scanned)} scanned")
            if state.status not in {"QUEUED", "RUNNING"}:
                return state
            self.sleep(_PAUSE)

    def _count(self, scanned: int, *, again: bool) -> None:
        """A query that an earlier run began was paid by that run."""
        self._made += 1
        self._scanned += scanned
        self._dollars += 0.0 if again else self._price(scanned)

    def _price(self, scanned: int) -> float:
        return max(scanned, LEAST_CHARGED) / 10**12 * self.dollars_per_tb

    def _parts(self, day: Day, query: str, scanned: int, wanted: Wanted) -> Iterator[Part]:
        census, handful, number = Census(), list[bytes](), 0
        for row in self.queries.rows(query):
            if is_census(row):
                census.add(row)
                continue
            handful += found_in(row, wanted)
            if len(handful) >= _HANDFUL:
                number += 1
                # Spelled as `is_done` asks for it.
                yield Part(f"{day.id}#{number}", handful, name=f"{day.name}#{number}")
                handful = []
        self._read[day.name] = day.files
        self._unread.discard(day.name)
        yield Part(
            day.id,
            handful,
            records=census.records,
            size=scanned,
            regions=frozenset(census.regions),
            problems=tuple(_left_out(day, census)),
            name=day.name,
            time=_time_of(census, self.window),
        )


def amount(count: int) -> str:
    """Bytes as progress shows them: `1.2 GB`."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _left_out(day: Day, census: Census) -> Iterator[FileProblem]:
    if census.bad:
        reason = (
            f"{census.bad:,} of {census.records:,} records were left out (no time, no service or no name)"
        )
        yield FileProblem(day.name, reason)


def _time_of(census: Census, window: Window) -> datetime | None:
    """One in the window if there is one: it shows that the day tells of it."""
    inside = (moment for moment in census.times if within(moment, window))
    return next(inside, census.times[0] if census.times else None)
