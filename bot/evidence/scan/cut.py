"""The fast way through a file as CloudTrail writes it: cut out the records with a hit, and prove the cuts.

CloudTrail writes `{"Records":[{"eventVersion":...},{"eventVersion":...}]}` without white space. In JSON
the text `},{"eventVersion":` cannot stand inside a string (its quotes would be escaped), but it can stand in
a list of objects inside a record; and whoever chooses such objects' members could forge a whole record there.
So the cuts are proven: every stretch between two cuts must be a list of whole values, as simdjson sees it.
Where all stretches and all records cut out are whole, the cuts lie between records and nowhere else.

One stretch of a file, the widest, need not be: the records before it are proven by what stands between them
and the file's beginning, those after it by what stands between them and its end, and of a list that has a cut
in it at most one end can lie in the stretch. All that nobody looks at then is whether the stretch is JSON, as
in files without a hit, and whether "Records" ends in it and another member begins: nobody but who writes the
log files can do that, and who can do that needs no forgery. Files too small for it to matter are proven
whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import simdjson

from bot.evidence.events import BadRecordError, Event, fast_event, moment_of
from bot.evidence.scan.files import event_in
from bot.evidence.scan.marks import marks_in
from bot.evidence.scan.needles import Needles
from bot.evidence.scan.substring import count, find, rfind
from bot.evidence.wanted import Wanted

HEAD = b'{"Records":['
FIRST = b'{"eventVersion":'
BETWEEN = b"}," + FIRST
TAIL = b"]}"

#: How a list of records begins, in the file or in anything that is no file of CloudTrail's.
OPENING = b"[" + FIRST

_OPEN, _CLOSE = b"[]"

#: Bytes proven at once: simdjson needs several times as much memory.
_STRETCH = 4 << 20

#: Bytes: a stretch of a file's records is taken unseen from this size on.
_UNSEEN = 64 << 10

#: What follows a file, at most, for it to be taken for CloudTrail's.
_PADDING = 64


class UnsureError(Exception):
    """Not what CloudTrail writes, or not provably: every value must be parsed."""


@dataclass(frozen=True)
class Slice:
    """`records` records were looked through; `found` are the wanted ones, `sample` one management event.

    `marks` tell who is in it, where that was to be noted and could be.
    """

    found: list[bytes]
    records: int
    sample: Event | None
    marks: bytes | None = None


class _Asked(msgspec.Struct):
    bucketName: str  # noqa: N815


class _Glance(msgspec.Struct):
    """What shows at a glance that a record is a data event, and of which bucket: see `Event`."""

    eventID: str  # noqa: N815
    eventTime: str  # noqa: N815
    eventSource: str  # noqa: N815
    eventName: str  # noqa: N815
    eventCategory: Literal["Data"]  # noqa: N815
    requestParameters: _Asked  # noqa: N815


_GLANCE = msgspec.json.Decoder(_Glance)


class Cutter:
    """Cuts what one `Wanted` wants out of texts. Not for several threads at once."""

    def __init__(self, wanted: Wanted, needles: Needles) -> None:
        self._wanted = wanted
        self._needles = needles
        self._parser = simdjson.Parser()

    def file(self, text: bytearray) -> Slice:
        """A whole file. Raises UnsureError."""
        end = len(text) - len(text[-_PADDING:]) + len(text[-_PADDING:].rstrip())
        if text.startswith(HEAD + TAIL) and end == len(HEAD + TAIL):
            return Slice([], 0, None)
        if not text.startswith(HEAD + FIRST) or text[end - 3 : end] != b"}" + TAIL:
            raise UnsureError
        part = self.records(text, len(HEAD), end - len(TAIL))
        return replace(part, marks=marks_in(text)) if self._wanted.marks else part

    def records(self, text: bytearray, first: int, last: int, *, prove: bool = False) -> Slice:
        """The records in `text[first:last]`, which begin and end there; a character stands before and after.

        Without a hit nothing is parsed: what is not in the bytes is in no record, however they are cut. With
        `prove` the cuts are proven even then. Raises UnsureError.
        """
        if self._needles.in_doubt(text):
            raise UnsureError
        spans = self._spans(text, first, last)
        if not spans and not prove:
            if self._wanted.bucket is None:  # a later search: the first one counted
                return Slice([], 0, None)
            return Slice([], count(text, BETWEEN, first, last) + 1, _sample(text, first, last))
        found, records, at = [], 0, first
        sample = None
        unseen = None if prove else _widest(text, first, last, spans)
        for start, end in sorted(spans.items()):
            records += self._values(text, at, start - 1, unseen) + 1
            raw = bytes(text[start:end])
            if self._plainly_wanted(raw):
                found.append(raw)
            else:
                event = self._event(raw)
                if event.category == "Management":
                    sample = event
                if self._wanted.holds(event):
                    found.append(raw)
            at = end + 1
        records += self._values(text, at, last, unseen)
        return Slice(found, records, sample or _sample(text, first, last))

    def _spans(self, text: bytearray, first: int, last: int) -> dict[int, int]:
        """Where the records with a hit begin, and end."""
        spans: dict[int, int] = {}
        for literal in self._needles.literals:
            at = find(text, literal, first, last)
            while at >= 0:
                start, end = _around(text, at, first, last)
                spans[start] = end
                at = find(text, literal, end, last)
        past = first
        for at in self._needles.places(text):
            if past <= at < last:
                start, past = _around(text, at, first, last)
                spans[start] = past
        return spans

    def _plainly_wanted(self, raw: bytes) -> bool:
        """Whether a record cut out is a whole one of a call for the bucket's objects: most are, and need no
        more than a glance.
        """
        try:
            seen = _GLANCE.decode(raw)
            if seen.requestParameters.bucketName != self._wanted.bucket:
                return False
            moment_of(seen.eventTime)
            self._parser.parse(raw)
        except (ValueError, RuntimeError, RecursionError, BadRecordError):
            return False
        return bool(seen.eventID and seen.eventSource and seen.eventName)

    def _event(self, raw: bytes) -> Event:
        """A record cut out; that it can be decoded proves it to be one value. Raises UnsureError."""
        try:
            if event := fast_event(raw):
                return event
            self._parser.parse(raw)
            return event_in(raw)
        except (ValueError, RuntimeError, BadRecordError):
            raise UnsureError from None

    def _values(self, text: bytearray, start: int, end: int, unseen: int | None) -> int:
        """How many values a stretch has. Raises UnsureError where it is not the unseen one, and not whole."""
        return count(text, BETWEEN, start, end) + 1 if start == unseen else self._proven(text, start, end)

    def _proven(self, text: bytearray, start: int, end: int) -> int:
        """How many values a stretch has, without the commas around it. Raises UnsureError when not whole."""
        values = 0
        while start < end:
            cut = end
            if end - start > _STRETCH:
                cut = rfind(text, BETWEEN, start, start + _STRETCH) + 1 or end
            values += self._listed(text, start, cut)
            start = cut + 1
        return values

    def _listed(self, text: bytearray, start: int, end: int) -> int:
        """How many values stand there, the characters before and after taken for a list's brackets."""
        before, after = text[start - 1], text[end]
        text[start - 1], text[end] = _OPEN, _CLOSE
        try:
            found = self._parser.parse(memoryview(text)[start - 1 : end + 1])
            return len(found) if isinstance(found, simdjson.Array) else 0
        except (ValueError, RuntimeError):  # RuntimeError: a number that 64 bits cannot hold
            raise UnsureError from None
        finally:
            text[start - 1], text[end] = before, after


def _around(text: bytearray, at: int, first: int, last: int) -> tuple[int, int]:
    """Where the record at a place begins, and ends."""
    before = rfind(text, BETWEEN, first, min(at + len(BETWEEN), last))
    after = find(text, BETWEEN, at, last)
    return (first if before < 0 else before + 2), (last if after < 0 else after + 1)


def _widest(text: bytearray, first: int, last: int, spans: Mapping[int, int]) -> int | None:
    """Where the widest stretch between the hits of a whole file begins, if it need not be seen."""
    starts = [first, *(end + 1 for _, end in sorted(spans.items()))]
    ends = [*(start - 1 for start in sorted(spans)), last]
    width, start = max((end - start, start) for start, end in zip(starts, ends, strict=True))
    if width < _UNSEEN or find(text, OPENING, start, start + width) >= 0:
        return None
    return start


def _sample(text: bytearray, first: int, last: int) -> Event | None:
    """One of the text's management events, to tell its Region."""
    at = find(text, b'"eventCategory":"Management"', first, last)
    start, end = _around(text, at, first, last) if at >= 0 else _around(text, first, first, last)
    try:
        return event_in(bytes(text[start:end]))
    except BadRecordError:
        return None
