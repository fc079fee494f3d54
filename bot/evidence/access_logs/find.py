"""The wanted lines of access logs, at the speed of the search: only lines with a hit are read one by one.

The log of the wanted bucket itself is the hard case, every line of it is wanted. There the search looks for
lines that are *not* plain lines of the bucket; only those are read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import stringzilla  # type: ignore[import-not-found,unused-ignore]

from bot.evidence.access_logs.event import event_from_line
from bot.evidence.access_logs.line import LONGEST, line_in
from bot.evidence.access_logs.needles import as_lines_say, not_plain, of_bucket, others
from bot.evidence.access_logs.search import LineSearch
from bot.evidence.events import BadRecordError
from bot.evidence.wanted import Wanted

#: What every line has once; where there are fewer of them than lines, something is wrong.
_MARK = b" +0000] "


@dataclass
class FoundLines:
    """The wanted lines, in no particular order; how many lines there are; those that were looked at and are
    none of S3's, with what is wrong.
    """

    lines: list[bytes] = field(default_factory=list)
    records: int = 0
    bad: list[tuple[bytes, str]] = field(default_factory=list)


class LineFinder:
    """Finds the lines for one Wanted; may be used by many threads at once."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = replace(wanted, principals=as_lines_say(wanted.principals))
        self._bucket = wanted.bucket.encode() if wanted.bucket else None
        self._others = LineSearch(others(wanted))
        self._own = LineSearch([(of_bucket(wanted.bucket), 0)] if wanted.bucket else [])
        self._not_plain = LineSearch([(not_plain(wanted.bucket), 0)] if wanted.bucket else [])

    def find(self, data: bytes) -> FoundLines:
        """The wanted lines among whole lines (the last may lack its line feed)."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if data and not data.endswith(b"\n"):
            data += b"\n"
        found = FoundLines(records=stringzilla.count(data, b"\n"))
        mostly_own = self._bucket is not None and 2 * self._named(data) > found.records
        if self._bucket is not None:
            self._find_own(data, data[:-1].split(b"\n") if mostly_own else self._own.lines(data), found)
        candidates = [line for line in self._others.lines(data) if not self._is_own(line)]
        if not mostly_own and stringzilla.count(data, _MARK) < found.records:
            candidates += [line for line in data.split(b"\n") if _MARK not in line]
        self._read(candidates, found)
        return found

    def _named(self, data: bytes) -> int:
        """About how many lines are the bucket's own."""
        return int(stringzilla.count(data, b" %b [" % (self._bucket or b"")))

    def _find_own(self, data: bytes, lines: list[bytes], found: FoundLines) -> None:
        """The plain ones of these lines are taken as they are, the others are read."""
        odd = self._not_plain.lines(data if len(lines) == found.records else b"\n".join(lines) + b"\n")
        if max(map(len, lines), default=0) > LONGEST:
            odd += [line for line in lines if len(line) > LONGEST]
        if odd:
            apart = set(odd)
            lines = [line for line in lines if line not in apart]
            self._read(odd, found)
        found.lines += lines

    def _is_own(self, line: bytes) -> bool:
        """Whether the line was told already with the bucket's own."""
        return self._bucket is not None and line.split(b" ", 2)[1:2] == [self._bucket]

    def _read(self, lines: Iterable[bytes], found: FoundLines) -> None:
        for line in dict.fromkeys(lines):
            try:
                if line.strip() and self.holds(line):
                    found.lines.append(line)
            except BadRecordError as problem:
                found.bad.append((line, str(problem)))

    def holds(self, line: bytes) -> bool:
        """Whether one line is wanted, told from the line as read; raises BadRecordError."""
        read = line_in(line)
        return read.bucket == self._wanted.bucket or self._wanted.holds(event_from_line(read, line))
