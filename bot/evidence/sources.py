"""Where events come from. Each source says what it could have seen, and what it could not read."""

import json
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from bot.evidence.events import BadRecordError, Event, within
from bot.evidence.file_cache import FileCache
from bot.evidence.files import (
    FileProblem,
    ForeignFileError,
    NotReadableError,
    event_in,
    events_in,
    log_files,
    looks_like_log,
    may_hold,
)
from bot.evidence.plan import Lookup, LookupPlan

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


class LookupEvents(Protocol):
    """CloudTrail event history, one attribute a call; paging, pacing and retries happen behind it."""

    def __call__(
        self, *, region: str, attribute: tuple[str, str], start: datetime, end: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """The decoded CloudTrailEvent documents that match, all pages."""
        ...


class TrailObjects(Protocol):
    """A bucket that holds trail files."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, size in bytes) of every object under a prefix."""
        ...

    def fetch(self, key: str) -> bytes:
        """The object's content; raises OSError when it cannot be had, with a text that says why."""
        ...


def _ignore(_: str) -> None:
    pass


@dataclass
class LocalFolder:
    """Trail files in a folder, or one file. Files are read one at a time, in the order of their paths."""

    path: Path
    window: Window | None = None
    progress: Progress = _ignore
    problems: list[FileProblem] = field(default_factory=list)
    _files: int = 0
    _skipped: int = 0

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors, which files do not tell."""
        where = str(self.path)
        return SourceCoverage(TRAIL_FILES, where, self.window, files=self._files, skipped=self._skipped)

    def events(self) -> Iterator[Event]:
        """Every event of every readable file; damaged and foreign files go to `problems`, one line each."""
        self.problems.clear()
        self._files = self._skipped = 0
        paths = list(log_files(self.path))
        reach = _reach(self.window)
        for number, path in enumerate(paths, start=1):
            self.progress(f"{number} of {len(paths)} files")
            yield from self._read(path, reach)

    def _read(self, path: Path, reach: Window | None) -> Iterator[Event]:
        name = str(path.relative_to(self.path)) if path != self.path else path.name
        try:
            if not (may_hold(name, reach, LATE) and looks_like_log(path)):
                self._skipped += 1
                return
            data = path.read_bytes()
        except OSError as problem:
            self.problems.append(FileProblem(name, problem.strerror or str(problem)))
            return
        self._files += yield from _events_of(name, data, self.problems)


def _events_of(name: str, data: bytes, problems: list[FileProblem]) -> Generator[Event, None, bool]:
    """The file's events; the result says whether it could be read."""

    def report(reason: str, *, lost: bool = True) -> None:
        problems.append(FileProblem(name, reason, lost))

    try:
        yield from events_in(data, report)
    except NotReadableError as problem:
        report(f"{problem}; the file was skipped", lost=not isinstance(problem, ForeignFileError))
        return False
    return True


def _reach(window: Window | None) -> Window | None:
    """The window, and before it the longest life of a session, so that its origin is found."""
    return None if window is None else (window[0] - SESSION_LIFE, window[1])


#: What a short plan asked, said wherever the source is named.
BESIDE_FILES = (
    "asked only for the bucket, the keys it met and changes of trails: the trail's files tell the rest"
)


@dataclass
class EventHistory:
    """CloudTrail event history: 90 days of management events, trail or no trail; never an object read."""

    lookup: LookupEvents
    plan: LookupPlan
    window: Window
    progress: Progress = _ignore
    problems: list[FileProblem] = field(default_factory=list)
    _done: int = 0
    _left: int = 0

    def coverage(self) -> SourceCoverage:
        """Complete when every look-up was made; beside a trail's files it proves nothing alone."""
        note = BESIDE_FILES if self.plan.beside_files else ""
        if self._left:
            note = f"partial: {self._done} of {self._done + self._left} look-ups were made"
        return SourceCoverage(
            EVENT_HISTORY,
            "CloudTrail event history",
            self.window,
            regions=self.plan.regions,
            management=None if self.plan.beside_files else True,
            data=False,
            lookups=self._done,
            complete=not self._left,
            note=note,
        )

    def events(self) -> Iterator[Event]:
        """The plan's look-ups in order; keys met on the way are followed, keys and issued sessions first."""
        self.problems.clear()
        self._done = 0
        waiting = deque(self.plan.lookups())
        seen_keys = set(self.plan.keys)
        asked: set[Lookup] = set()
        while waiting and self._done < self.plan.most:
            lookup = waiting.popleft()
            if lookup in asked:
                continue
            asked.add(lookup)
            met: list[str] = []
            for event in self._ask(lookup):
                met.extend(_keys_worth_following(event, lookup))
                yield event
            fresh = [key for key in dict.fromkeys(met) if key not in seen_keys]
            seen_keys.update(fresh)
            waiting.extendleft(reversed(list(chain.from_iterable(map(self.plan.follow_ups, fresh)))))
            self._done += 1
            self.progress(f"{self._done} of {self._done + len(waiting)} look-ups done")
        self._left = len({lookup for lookup in waiting if lookup not in asked})

    def _ask(self, lookup: Lookup) -> Iterator[Event]:
        back = SESSION_LIFE if lookup.attribute[0] == "ResourceName" else timedelta()
        start, end = self.window[0] - back, self.window[1]
        records = self.lookup(region=lookup.region, attribute=lookup.attribute, start=start, end=end)
        for record in records:
            try:
                yield event_in(json.dumps(record, separators=(",", ":")).encode())
            except BadRecordError as problem:
                name = f"event history {lookup.region} {'='.join(lookup.attribute)}"
                self.problems.append(FileProblem(name, str(problem)))


def _keys_worth_following(event: Event, lookup: Lookup) -> Iterator[str]:
    """Keys that changed something the plan asks about by name or bucket, and keys that a followed key issued.

    A key met only because it belongs to a service, or because it looked at the bucket, is not followed.
    """
    if event.who.is_service or event.who.invoked_by:
        return
    if lookup.attribute[0] == "AccessKeyId" and event.minted_key:
        yield event.minted_key
    if lookup.attribute[0] == "ResourceName" and event.minted_key and event.who.access_key:
        yield event.who.access_key
    if (
        event.read_only is False
        and lookup.attribute[0] in {"ResourceName", "EventName"}
        and event.who.access_key
    ):
        yield event.who.access_key


@dataclass
class TrailPrefix:
    """Trail files in S3: only the day prefixes of the window are listed, and files are fetched in parallel.

    `prefixes` end at the Region: `AWSLogs/ACCOUNT/CloudTrail/REGION/`. Files land in `cache` under the
    hash of their key (trail files never change) and are read from there one at a time; at most `ahead`
    are in flight.
    """

    objects: TrailObjects
    prefixes: Sequence[str]
    window: Window
    cache: Path
    progress: Progress = _ignore
    ahead: int = 16
    problems: list[FileProblem] = field(default_factory=list)
    _files: int = 0
    _skipped: int = 0

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors."""
        return SourceCoverage(
            TRAIL_FILES,
            ", ".join(self.prefixes),
            self.window,
            regions=tuple(prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in self.prefixes),
            files=self._files,
            skipped=self._skipped,
        )

    def keys(self) -> Iterator[tuple[str, int]]:
        """The objects that can hold events of the window, with their sizes."""
        for prefix in day_prefixes(self.prefixes, self.window):
            for key, size in self.objects.list(prefix):
                if may_hold(key, self.window, LATE):
                    yield key, size
                else:
                    self._skipped += 1

    def events(self) -> Iterator[Event]:
        """Every event of every readable object, in the order of the listing."""
        self.problems.clear()
        self._files = self._skipped = 0
        FileCache(self.cache).open()
        wanted = list(self.keys())
        with ThreadPoolExecutor(self.ahead, thread_name_prefix="trail") as pool:
            for number, (key, fetched) in enumerate(_ahead(pool, self._fetch, wanted, self.ahead), start=1):
                self.progress(f"{number} of {len(wanted)} trail files")
                yield from self._read(key, fetched)

    def _fetch(self, wanted: tuple[str, int]) -> Path:
        key, size = wanted
        if size > MOST_PACKED:
            raise OSError(f"it has {size:,} bytes, which no CloudTrail file has")
        return FileCache(self.cache).get(key, size, self.objects.fetch)

    def _read(self, wanted: tuple[str, int], fetched: "Future[Path]") -> Iterator[Event]:
        key = wanted[0]
        try:
            data = fetched.result().read_bytes()
        except OSError as problem:
            self.problems.append(FileProblem(key, f"could not be fetched: {problem}"))
            return
        self._files += yield from _events_of(key, data, self.problems)


def _ahead(
    pool: ThreadPoolExecutor,
    fetch: Callable[[tuple[str, int]], Path],
    wanted: Sequence[tuple[str, int]],
    ahead: int,
) -> Iterator[tuple[tuple[str, int], "Future[Path]"]]:
    """Submit at most `ahead` fetches before the reader has caught up: the cache grows, memory does not."""
    running: deque[tuple[tuple[str, int], Future[Path]]] = deque()
    for item in wanted:
        running.append((item, pool.submit(fetch, item)))
        if len(running) >= ahead:
            yield running.popleft()
    yield from running


def day_prefixes(prefixes: Sequence[str], window: Window) -> Iterator[str]:
    """`PREFIX/YYYY/MM/DD/` for each day of the window and the next: keys have the day of delivery."""
    start, end = window
    for prefix in prefixes:
        day = start.date()
        while day <= end.date() + timedelta(days=1):
            yield f"{prefix.rstrip('/')}/{day:%Y/%m/%d}/"
            day += timedelta(days=1)


def in_reach(event: Event, window: Window | None) -> bool:
    """Whether an event belongs to the window, or to the time before it in which its sessions were issued."""
    return within(event.time, _reach(window))
