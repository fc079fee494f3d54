"""Trail files in S3."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bot.evidence.events import Event
from bot.evidence.scan.files import FileProblem, may_hold
from bot.evidence.sources.base import (
    LATE,
    MOST_PACKED,
    TRAIL_FILES,
    Cost,
    Done,
    Part,
    Progress,
    SourceCoverage,
    Window,
    ignore,
)
from bot.evidence.sources.file_cache import FileCache
from bot.evidence.sources.folder import events_of, part_of
from bot.evidence.wanted import Wanted


class TrailObjects(Protocol):
    """A bucket that holds trail files."""

    def list(self, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, size in bytes) of every object under a prefix."""
        ...

    def fetch(self, key: str) -> bytes:
        """The object's content; raises OSError when it cannot be had, with a text that says why."""
        ...


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
    progress: Progress = ignore
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

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all files
        keys = list(self.keys())
        return Cost(calls=len(keys), size=sum(size for _, size in keys))

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        self._files = self._skipped = 0
        FileCache(self.cache).open()
        keys = list(self.keys())
        fresh = [one for one in keys if not done(one[0])]
        self._files += len(keys) - len(fresh)
        with ThreadPoolExecutor(self.ahead, thread_name_prefix="trail") as pool:
            for number, (one, fetched) in enumerate(_ahead(pool, self._fetch, fresh, self.ahead), start=1):
                self.progress(f"{number} of {len(fresh)} trail files")
                try:
                    data = fetched.result().read_bytes()
                except OSError as problem:
                    yield Part(
                        one[0],
                        problems=(FileProblem(one[0], f"could not be fetched: {problem}"),),
                        final=False,
                    )
                    continue
                part, readable = part_of(one[0], one[0], data, wanted)
                self._files += readable
                yield part

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
        self._files += yield from events_of(key, data, self.problems)


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
