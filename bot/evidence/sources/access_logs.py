"""S3 server access logs, on this machine and in S3."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from bot.evidence.access_logs.find import LineFinder
from bot.evidence.access_logs.names import LATE, day_folders, may_hold, stamp, start_after
from bot.evidence.access_logs.reading import (
    check,
    is_packed,
    part_id,
    piece_name,
    pieces,
    search_piece,
    search_span,
    spans,
    unread,
)
from bot.evidence.scan.files import NotReadableError, log_files
from bot.evidence.sources.base import (
    ACCESS_LOGS,
    MOST_PACKED,
    Cost,
    Done,
    Part,
    Progress,
    SourceCoverage,
    Window,
    ignore,
)
from bot.evidence.wanted import Wanted

#: What no reader of access logs can promise (S3 User Guide, "Best-effort server log delivery").
BEST_EFFORT = (
    "S3 delivers access logs late, usually within hours, and does not promise that every request is in them: "
    "what they show happened, what they lack may have happened too."
)

Task = Callable[[], Part]


@dataclass
class AccessLogFolder:
    """Access logs in a folder, or one file, plain or gzipped; searched in pieces, two at a time."""

    path: Path
    window: Window | None = None
    progress: Progress = ignore
    workers: int = 2
    _files: int = field(default=0, init=False)
    _skipped: int = field(default=0, init=False)

    def coverage(self) -> SourceCoverage:
        """Object reads and writes, and bucket settings; never complete."""
        return _coverage(str(self.path), self.window, self._files, self._skipped)

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all
        """The bytes on disk."""
        return Cost(size=sum(path.stat().st_size for path, _ in self._files_in_reach()[0]))

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """A part for each piece of each file, with the wanted lines in it."""
        self._files = self._skipped = 0
        finder = LineFinder(wanted)
        yield from _searched(self._tasks(finder, done), self.workers)

    def _files_in_reach(self) -> tuple[list[tuple[Path, str]], int]:
        """The files with their names for people, and how many others there are."""
        named = [
            (path, str(path.relative_to(self.path)) if path != self.path else path.name)
            for path in log_files(self.path)
        ]
        within = [(path, name) for path, name in named if may_hold(name, self.window)]
        return within, len(named) - len(within)

    def _tasks(self, finder: LineFinder, done: Done) -> Iterator[Task]:
        files, self._skipped = self._files_in_reach()
        for number, (path, name) in enumerate(files, start=1):
            self.progress(f"{number} of {len(files)} access log files")
            yield from self._of_file(path, name, finder, done)

    def _of_file(self, path: Path, name: str, finder: LineFinder, done: Done) -> Iterator[Task]:
        number, state = 0, ""
        try:
            status = path.stat()
            state = f"{status.st_size} {status.st_mtime_ns}"
            with path.open("rb") as stream:
                for task in _tasks_of(path, stream, name, state, finder):
                    if not done(part_id(name, state, number)):
                        yield task
                    number += 1
        except (OSError, NotReadableError) as problem:
            yield partial(unread, name, state, number, problem)
        self._files += number > 0
        self._skipped += number == 0


def _tasks_of(path: Path, stream: BinaryIO, name: str, state: str, finder: LineFinder) -> Iterator[Task]:
    """One for each piece in their order. Pieces of plain files are read where they are searched."""
    places = None if is_packed(stream) else spans(stream)
    stream.seek(0)
    if places is None:
        yield from (partial(search_piece, name, state, piece, finder) for piece in pieces(stream))
        return
    check(stream.read(1 << 16))
    for number, place in enumerate(places):
        yield partial(search_span, path, name, state, place, number, finder)


class LogObjects(Protocol):
    """A bucket that holds access logs."""

    def list(self, prefix: str, after: str | None = None) -> Iterator[tuple[str, int]]:
        """(key, size in bytes) of every object in a folder and below, in the order of keys; only those behind
        the key `after`, where one is given.
        """
        ...

    def fetch(self, key: str) -> bytes:
        """The object's content; raises OSError when it cannot be had, with a text that says why."""
        ...


@dataclass
class AccessLogPrefix:
    """Access logs in S3: only keys whose time can fit the window are listed and fetched, many at a time.

    `prefixes` are the target prefixes of the simple key format (`logs/`, `logs/access-`); `partitioned` those
    of the partitioned one, down to the bucket (`logs/ACCOUNT/REGION/BUCKET/`).
    """

    objects: LogObjects
    window: Window
    prefixes: Sequence[str] = ()
    partitioned: Sequence[str] = ()
    progress: Progress = ignore
    workers: int = 16
    _files: int = field(default=0, init=False)
    _found: list[tuple[str, int]] | None = field(default=None, init=False)

    def coverage(self) -> SourceCoverage:
        """Object reads and writes, and bucket settings; never complete."""
        where = ", ".join((*self.prefixes, *self.partitioned)) or "the whole bucket"
        return _coverage(where, self.window, self._files, 0)

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all
        """One call for each thousand keys listed and one for each object fetched. Raises OSError."""
        found = self.keys()
        return Cost(calls=len(found) + len(found) // 1000 + 1, size=sum(size for _, size in found))

    def keys(self) -> list[tuple[str, int]]:
        """The objects that can hold lines of the window, with their sizes; listed once. Raises OSError."""
        if self._found is None:
            self._found = [*self._partitioned_keys(), *self._simple_keys()]
        return self._found

    def _partitioned_keys(self) -> Iterator[tuple[str, int]]:
        for folder in day_folders(self.partitioned, self.window):
            yield from self.objects.list(folder)

    def _simple_keys(self) -> Iterator[tuple[str, int]]:
        for prefix in self.prefixes:
            folder = prefix.rpartition("/")[0]
            for key, size in self.objects.list(folder and f"{folder}/", start_after(prefix, self.window)):
                if not key.startswith(prefix):
                    break
                moment = stamp(key) if "/" not in key[len(prefix) :] else None
                if moment is not None and moment > self.window[1] + LATE:
                    break
                if moment is not None:
                    yield key, size

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """A part for each object, with the wanted lines in it. Raises OSError when listing fails."""
        self._files = 0
        finder = LineFinder(wanted)
        yield from _searched(self._tasks(finder, done), self.workers)

    def _tasks(self, finder: LineFinder, done: Done) -> Iterator[Task]:
        found = self.keys()
        for number, (key, size) in enumerate(found, start=1):
            self.progress(f"{number} of {len(found)} access log files")
            self._files += 1
            # Log objects never change.
            if not done(part_id(key, str(size), 0)):
                yield partial(self._read, key, size, finder)

    def _read(self, key: str, size: int, finder: LineFinder) -> Part:
        try:
            if size > MOST_PACKED:
                raise OSError(f"it has {size:,} bytes, which no access log object has")
            stream = BytesIO(self.objects.fetch(key))
            return _one([search_piece(key, str(size), piece, finder) for piece in pieces(stream)], key, size)
        except (OSError, NotReadableError) as problem:
            return unread(key, str(size), 0, problem)


def _one(parts: Sequence[Part], key: str, size: int) -> Part:
    """The parts of an object's pieces as one."""
    return Part(
        id=part_id(key, str(size), 0),
        name=piece_name(key, 0),
        found=[line for part in parts for line in part.found],
        records=sum(part.records for part in parts),
        size=sum(part.size for part in parts),
        problems=tuple(problem for part in parts for problem in part.problems),
        log="access log",
    )


def _coverage(where: str, window: Window | None, files: int, skipped: int) -> SourceCoverage:
    return SourceCoverage(
        ACCESS_LOGS, where, window, files=files, skipped=skipped, complete=False, note=BEST_EFFORT
    )


def _searched(tasks: Iterable[Task], workers: int) -> Iterator[Part]:
    """The parts in the order of their tasks; no more than a few are in memory at a time."""
    running: deque[Future[Part]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="access-log") as pool:
        for task in tasks:
            running.append(pool.submit(task))
            if len(running) > workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
