"""One file of CloudTrail records, packed or not, in any layout: which of its records are wanted."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec

from bot.evidence import names
from bot.evidence.events import BadRecordError, Event
from bot.evidence.scan.cut import BETWEEN, FIRST, HEAD, TAIL, Cutter, Slice, UnsureError
from bot.evidence.scan.elements import MOST_VALUE, elements, records_in
from bot.evidence.scan.files import event_in
from bot.evidence.scan.needles import Needles
from bot.evidence.scan.problems import ForeignFileError, NotReadableError
from bot.evidence.scan.substring import rfind
from bot.evidence.scan.unpack import MOST_AT_ONCE, TooLargeError, unpack, unpacked
from bot.evidence.wanted import Wanted

#: Bytes of a large file after which its results so far are handed on.
_HANDFUL = 4 << 20


class Unread(msgspec.Struct, frozen=True):
    """What could not be read, for people.

    `lost` is False where it was no evidence (see FileProblem); `again` is True where it may go better next
    time.
    """

    reason: str
    lost: bool = True
    again: bool = False


class FileScan(msgspec.Struct, frozen=True, kw_only=True):
    """What one file, or a piece of a large one, holds.

    `found` are the wanted records as received. `records` were looked through (where nothing was found they
    are counted by the separators that CloudTrail writes), `size` are their bytes unpacked.
    `regions` are some of which it holds management events: one where it was read the fast way, for CloudTrail
    writes a file for each Region. `time` is that of one of the records, wanted or not, if one was decoded.
    `marks` tell who is in a file read whole, where that was to be noted (see `scan.marks`).
    """

    found: list[bytes] = []
    records: int = 0
    size: int = 0
    regions: frozenset[str] = frozenset()
    time: datetime | None = None
    marks: bytes | None = None
    problems: list[Unread] = []


class Reader:
    """Reads files for one `Wanted`. Not for several threads at once."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._cutter = Cutter(wanted, Needles(wanted))

    def file(self, path: Path) -> Iterator[FileScan]:
        """A file of any size, in one piece or, above MOST_AT_ONCE, in several. Raises OSError."""
        size = path.stat().st_size
        if size <= MOST_AT_ONCE:
            yield from self.content(path.read_bytes())
            return
        with path.open("rb") as stream:
            yield from self._streamed(stream, size)

    def content(self, data: bytes) -> Iterator[FileScan]:
        """The same of a file's content."""
        try:
            text = unpack(data)
        except TooLargeError:
            yield from self._streamed(io.BytesIO(data), len(data))
        except NotReadableError as problem:
            yield FileScan(problems=[_skipped(problem)])
        else:
            yield self._whole(text)

    def _whole(self, text: bytearray) -> FileScan:
        try:
            return _scan_of(self._cutter.file(text), len(text))
        except UnsureError:
            pass
        tally = _Tally(self._wanted)
        try:
            for raw in records_in(text):
                tally.add(raw)
        except NotReadableError as problem:
            return FileScan(size=len(text), problems=[_skipped(problem)])
        return tally.scan(len(text), last=True)

    def _streamed(self, stream: BinaryIO, packed: int) -> Iterator[FileScan]:
        try:
            yield from self._pieces(unpacked(stream, packed))
        except NotReadableError as problem:
            reason = f"{problem}; what comes before that was read, what comes after was not"
            yield FileScan(problems=[Unread(reason)])

    def _pieces(self, chunks: Iterator[bytes]) -> Iterator[FileScan]:
        """A large text: the fast way as long as it is sure, and from there on value after value."""
        held = bytearray(next(chunks, b""))
        if not held.startswith(HEAD + FIRST):
            yield from self._one_by_one(chain([bytes(held)], chunks))
            return
        try:
            for chunk in chunks:
                held += chunk
                end = rfind(held, BETWEEN) + 1
                if end:
                    yield _scan_of(self._cutter.records(held, _start(held), end, prove=True), end)
                    del held[:end]  # what is left begins with a comma
                elif len(held) > MOST_VALUE:
                    raise UnsureError
            end = len(held.rstrip()) - len(TAIL)
            if held[end - 1 : end + len(TAIL)] != b"}" + TAIL:
                raise UnsureError
            yield _scan_of(self._cutter.records(held, _start(held), end, prove=True), len(held))
        except UnsureError:
            rest = bytes(held[_start(held) :])
            yield from self._one_by_one(chain([rest], chunks), within=True)

    def _one_by_one(self, chunks: Iterable[bytes], *, within: bool = False) -> Iterator[FileScan]:
        tally = _Tally(self._wanted, begun=within)
        size = 0
        for raw in elements(chunks, within=within):
            tally.add(raw)
            size += len(raw)
            if size > _HANDFUL:
                yield tally.scan(size)
                size = 0
        yield tally.scan(size, last=True)


class _Tally:
    """Records decoded one by one. `begun`: some of the same file were good already."""

    def __init__(self, wanted: Wanted, *, begun: bool = False) -> None:
        self._wanted = wanted
        self._begun = begun
        self._good = self._bad = self._told = 0
        self._first_bad = ""
        self._found: list[bytes] = []
        self._regions: set[str] = set()
        self._time: datetime | None = None

    def add(self, raw: bytes) -> None:
        try:
            event = event_in(raw)
        except BadRecordError as problem:
            self._bad += 1
            self._first_bad = self._first_bad or f"record {self._good + self._bad}: {problem}"
            return
        self._good += 1
        self._regions.update(_regions_of(event))
        self._time = self._time or event.time
        if self._wanted.holds(event):
            self._found.append(raw)

    def scan(self, size: int, *, last: bool = False) -> FileScan:
        """What was added since it was last asked; at the last, also what could not be read."""
        found, self._found = self._found, []
        records = self._good + self._bad - self._told
        self._told += records
        problems = list(self._problems()) if last else []
        return FileScan(
            found=found,
            records=records,
            size=size,
            regions=frozenset(self._regions),
            time=self._time,
            problems=problems,
        )

    def _problems(self) -> Iterator[Unread]:
        if self._bad and not self._good and not self._begun:
            yield _skipped(ForeignFileError(f"JSON, but not CloudTrail ({self._first_bad})"))
        elif self._bad:
            count = f"{self._bad:,} of {self._good + self._bad:,} records were left out"
            yield Unread(f"{count} ({self._first_bad})")


def _scan_of(part: Slice, size: int) -> FileScan:
    one = part.sample
    regions = frozenset(_regions_of(one)) if one else frozenset()
    time = one.time if one else None
    return FileScan(
        found=part.found, records=part.records, size=size, regions=regions, time=time, marks=part.marks
    )


def _regions_of(event: Event) -> Iterator[str]:
    """The Region of a management event; records before eventVersion 1.08 do not say what they are."""
    data = event.service == "s3" and event.name in names.DATA
    if event.category == "Management" or (event.category is None and not data):
        yield event.region


def _start(held: bytearray) -> int:
    """Where the first record begins: after the head of the file, or after the comma."""
    return len(HEAD) if held.startswith(HEAD) else 1


def _skipped(problem: NotReadableError) -> Unread:
    return Unread(f"{problem}; the file was skipped", lost=not isinstance(problem, ForeignFileError))
