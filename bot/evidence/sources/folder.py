"""Trail files on this machine."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.evidence.scan.files import log_files, looks_like_log, may_hold
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
from bot.evidence.sources.log_files import LogFile, is_done, read_files, unread
from bot.evidence.wanted import Wanted


@dataclass
class LocalFolder:
    """Trail files in a folder, however laid out below it, or one file. What cannot be read is named."""

    path: Path
    window: Window | None = None
    progress: Progress = ignore
    _files: int = field(default=0, init=False)
    _skipped: int = field(default=0, init=False)
    _listed: list[LogFile | Part] | None = field(default=None, init=False)

    def coverage(self) -> SourceCoverage:
        """What the files can hold is decided by the trail's selectors, which files do not tell."""
        where = str(self.path)
        return SourceCoverage(TRAIL_FILES, where, self.window, files=self._files, skipped=self._skipped)

    def cost(self, wanted: Wanted) -> Cost:  # noqa: ARG002 - every search reads all files
        """The bytes on disk; the listing is kept for the next search."""
        self._listed = list(self._found())
        return Cost(size=sum(one.size for one in self._listed if isinstance(one, LogFile)))

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """One part for each file, several for a large one."""
        self._files = 0
        found = self._listed if self._listed is not None else list(self._found())
        self._listed = None
        fresh: list[LogFile] = []
        for one in found:
            if isinstance(one, Part):
                yield one
            elif is_done(one.id, done):
                self._files += 1
            else:
                fresh.append(one)
        count = 0
        for read in read_files(fresh, sum(file.size for file in fresh), wanted, done):
            if read.last:
                count += 1
                self._files += read.readable
                self.progress(f"{count} of {len(fresh)} files")
            yield read.part

    def _found(self) -> Iterator[LogFile | Part]:
        """The files that can hold events of the window; parts for those that cannot even be looked at."""
        self._skipped = 0
        reach, home = reach_of(self.window), f"{self.path}{os.sep}"
        for path in log_files(self.path):
            name = str(path).removeprefix(home) if path != self.path else path.name
            try:
                if not (may_hold(name, reach, LATE) and looks_like_log(path)):
                    self._skipped += 1
                    continue
                state = path.stat()
            except OSError as problem:
                yield unread(name, f"could not be read: {problem.strerror or problem}").part
            else:
                yield LogFile(name, f"{name} {state.st_size} {state.st_mtime_ns}", path, state.st_size)
