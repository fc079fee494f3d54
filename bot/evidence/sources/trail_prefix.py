"""Trail files in S3."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bot.evidence.scan.files import may_hold
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
from bot.evidence.sources.log_files import LogFile, is_done, read_files, unread
from bot.evidence.wanted import Wanted


class TrailObjects(Protocol):
    """A bucket that holds trail files."""

    def entries(self, prefix: str) -> Iterator[tuple[str, int, str]]:
        """(key, size in bytes, ETag) of every object in a folder and below. Raises OSError."""
        ...

    def fetch(self, key: str) -> bytes:
        """The object's content; raises OSError when it cannot be had, with a text that says why."""
        ...


@dataclass(frozen=True)
class TrailObject:
    """A trail file in S3. Trail files do not change; that one did all the same shows in its ETag."""

    key: str
    size: int
    etag: str

    @property
    def id(self) -> str:
        """The object in this state."""
        return f"{self.key} {self.etag}"


@dataclass
class TrailPrefix:
    """Trail files in S3: only the day prefixes of the window are listed, and files are fetched in parallel.

    `prefixes` end at the Region: `AWSLogs/ACCOUNT/CloudTrail/REGION/`, for an organization's trail
    `AWSLogs/o-ORG/ACCOUNT/CloudTrail/REGION/`; those of several trails may stand
    side by side. Files land in `cache` and are read from there while others are on their way; at most `ahead`
    are in flight, or fetched and not yet given to a reader.
    """

    objects: TrailObjects
    prefixes: Sequence[str]
    window: Window
    cache: Path
    progress: Progress = ignore
    ahead: int = 64
    _files: int = field(default=0, init=False)
    _skipped: int = field(default=0, init=False)
    _found: list[TrailObject] | None = field(default=None, init=False)

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors."""
        return SourceCoverage(
            TRAIL_FILES,
            ", ".join(self.prefixes),
            self.window,
            regions=tuple(dict.fromkeys(prefix.rstrip("/").rsplit("/", 1)[-1] for prefix in self.prefixes)),
            files=self._files,
            skipped=self._skipped,
        )

    def keys(self) -> Iterator[tuple[str, int]]:
        """The objects that can hold events of the window, with their sizes. Raises OSError."""
        yield from ((one.key, one.size) for one in self._listed())

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all files
        """One call for each object; the listing is kept for the next search."""
        self._found = list(self._listed())
        return Cost(calls=len(self._found), size=sum(one.size for one in self._found))

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """One part for each object. Raises OSError when the objects cannot be listed."""
        listed = self._found if self._found is not None else list(self._listed())
        self._found = None
        fresh = [one for one in listed if not is_done(one.id, done)]
        self._files = len(listed) - len(fresh)
        FileCache(self.cache).open()
        count = 0
        for part, last, readable in self._read(fresh, wanted, done):
            if last:
                count += 1
                self._files += readable
                self.progress(f"{count} of {len(fresh)} trail files")
            yield part

    def _read(
        self, fresh: Sequence[TrailObject], wanted: Wanted, done: Done
    ) -> Iterator[tuple[Part, bool, bool]]:
        """Parts, whether they are the last of their object, and whether that could be read."""
        failed: list[Part] = []
        size = sum(one.size for one in fresh)
        with ThreadPoolExecutor(self.ahead, thread_name_prefix="trail") as pool:
            try:
                for read in read_files(self._fetched(pool, fresh, failed), size, wanted, done):
                    yield read.part, read.last, read.readable
                yield from ((part, True, False) for part in failed)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _fetched(
        self, pool: ThreadPoolExecutor, fresh: Sequence[TrailObject], failed: list[Part]
    ) -> Iterator[LogFile]:
        """The objects as files, in their order; what could not be fetched goes to `failed`."""
        for one, path in _ahead(pool, self._fetch, fresh, self.ahead):
            try:
                yield LogFile(one.key, one.id, path.result(), one.size)
            except OSError as problem:
                failed.append(unread(one.key, f"could not be fetched: {problem}").part)

    def _fetch(self, one: TrailObject) -> Path:
        if one.size > MOST_PACKED:
            raise OSError(f"it has {one.size:,} bytes, which no CloudTrail file has")
        return FileCache(self.cache).get(one.key, one.etag, one.size, self.objects.fetch)

    def _listed(self) -> Iterator[TrailObject]:
        self._skipped = 0
        for folder in day_prefixes(self.prefixes, self.window):
            for key, size, etag in self.objects.entries(folder):
                if may_hold(key, self.window, LATE):
                    yield TrailObject(key, size, etag)
                else:
                    self._skipped += 1


def _ahead(
    pool: ThreadPoolExecutor,
    fetch: Callable[[TrailObject], Path],
    wanted: Sequence[TrailObject],
    ahead: int,
) -> Iterator[tuple[TrailObject, "Future[Path]"]]:
    """Submit at most `ahead` fetches before the reader has caught up: the cache grows, memory does not."""
    running: deque[tuple[TrailObject, Future[Path]]] = deque()
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
