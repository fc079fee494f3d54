"""Trail files on this machine."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.evidence.events import Event
from bot.evidence.names import DATA
from bot.evidence.scan.files import (
    FileProblem,
    ForeignFileError,
    NotReadableError,
    events_in,
    log_files,
    looks_like_log,
    may_hold,
)
from bot.evidence.sources.base import (
    LATE,
    TRAIL_FILES,
    Cost,
    Done,
    Part,
    Progress,
    SourceCoverage,
    Window,
    ignore,
    reach_of,
)
from bot.evidence.wanted import Wanted


@dataclass
class LocalFolder:
    """Trail files in a folder, or one file. Files are read one at a time, in the order of their paths."""

    path: Path
    window: Window | None = None
    progress: Progress = ignore
    problems: list[FileProblem] = field(default_factory=list)
    _files: int = 0
    _skipped: int = 0

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors, which files do not tell."""
        where = str(self.path)
        return SourceCoverage(TRAIL_FILES, where, self.window, files=self._files, skipped=self._skipped)

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all files
        """The size of the files."""
        return Cost(size=sum(path.stat().st_size for path in log_files(self.path)))

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """One part for each file."""
        self._files = self._skipped = 0
        paths = list(log_files(self.path))
        for number, path in enumerate(paths, start=1):
            self.progress(f"{number} of {len(paths)} files")
            name = str(path.relative_to(self.path)) if path != self.path else path.name
            if not (may_hold(name, reach_of(self.window), LATE) and looks_like_log(path)):
                self._skipped += 1
                continue
            state = path.stat()
            part_id = f"{name} {state.st_size} {state.st_mtime_ns}"
            if done(part_id):
                self._files += 1
                continue
            part, readable = part_of(part_id, name, path.read_bytes(), wanted)
            self._files += readable
            yield part

    def events(self) -> Iterator[Event]:
        """Every event of every readable file; damaged and foreign files go to `problems`, one line each."""
        self.problems.clear()
        self._files = self._skipped = 0
        paths = list(log_files(self.path))
        reach = reach_of(self.window)
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
        self._files += yield from events_of(name, data, self.problems)


def part_of(part_id: str, name: str, data: bytes, wanted: Wanted) -> tuple[Part, bool]:
    """The wanted records of a file's content, and whether it could be read."""
    problems: list[FileProblem] = []
    events = list(events_of(name, data, problems))
    part = Part(
        part_id,
        [event.raw for event in events if wanted.holds(event)],
        records=len(events),
        size=len(data),
        regions=frozenset(e.region for e in events if not (e.category == "Data" or e.name in DATA)),
        problems=tuple(problems),
        name=name,
        time=events[0].time if events else None,
    )
    return part, bool(events) or not problems


def events_of(name: str, data: bytes, problems: list[FileProblem]) -> Generator[Event, None, bool]:
    """The file's events; the result says whether it could be read."""

    def report(reason: str, *, lost: bool = True) -> None:
        problems.append(FileProblem(name, reason, lost))

    try:
        yield from events_in(data, report)
    except NotReadableError as problem:
        report(f"{problem}; the file was skipped", lost=not isinstance(problem, ForeignFileError))
        return False
    return True
