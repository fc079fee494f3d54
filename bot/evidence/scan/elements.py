"""The records of a text in any layout, one by one: for texts too large, or too odd, to be decoded as a whole.

It reads value after value with the standard library's JSON scanner, an order of magnitude slower than the
fast way (see `cut`); only texts come here that CloudTrail did not write. Bytes are held as Latin-1
characters: every byte is one, so that a record goes out exactly as it came in, also where it is no UTF-8.
"""

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from bot.evidence.events import mapping
from bot.evidence.scan.problems import ForeignFileError, NotReadableError

#: Characters. A single JSON value of more than this is no record: CloudTrail's own limit is 256 kB.
MOST_VALUE = 16 << 20

_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_SPACE = re.compile(r"[ \t\r\n]*")
_LIST = re.compile(r'\{[ \t\r\n]*"(Records|Events)"[ \t\r\n]*:[ \t\r\n]*\[')
_LONGEST_OPENING = 256
_DECODER = json.JSONDecoder(strict=False)

Document = dict[str, msgspec.Raw] | list[msgspec.Raw]
_DOCUMENT: msgspec.json.Decoder[Document] = msgspec.json.Decoder(Document)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


def elements(chunks: Iterable[bytes], *, within: bool = False) -> Iterator[bytes]:
    """Each record, as received, without deciding whether it is one.

    Layouts: `{"Records":[...]}` (trail files), `{"Events":[{"CloudTrailEvent":"..."}]}` (what `aws cloudtrail
    lookup-events` prints), a bare list, one record a line, and documents one after the other. `within`: the
    text begins inside the list of a trail file, before one of its elements. Raises
    NotReadableError where it is no JSON.
    """
    text = _Text(iter(chunks))
    if within:
        yield from _listed(text)
        _rest_of_object(text)
        yield from _documents(text)
        return
    text.skip_mark()
    start = text.peek()
    if not start:
        raise NotReadableError("the file is empty")
    if start == "{" and text.starts_with_line():
        yield from text.lines()
    elif start == "[":
        text.drop(1)
        yield from _listed(text)
    else:
        yield from _documents(text)


def records_in(content: bytes | bytearray) -> Iterator[bytes]:
    """Each record of a text that is held as a whole, as received."""
    text = bytes(content.removeprefix(_BYTE_ORDER_MARK.encode("latin-1")).strip())
    if not text:
        raise NotReadableError("the file is empty")
    try:
        document = _DOCUMENT.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from elements([text])
    else:
        yield from members(document, text)


def members(document: Document, text: bytes) -> Iterator[bytes]:
    """The records in a whole document, which is the one in the text."""
    if isinstance(document, list):
        yield from (bytes(raw) for raw in document)
    elif (records := document.get("Records")) is not None:
        yield from _list_of(records, "Records")
    elif (looked_up := document.get("Events")) is not None:
        yield from (inner(entry) for entry in _list_of(looked_up, "Events"))
    elif "digestS3Object" in document:
        raise ForeignFileError("a CloudTrail digest file, which holds no events")
    elif "eventName" in document:
        yield text
    else:
        raise ForeignFileError('JSON, but not CloudTrail: it has no "Records"')


def inner(entry: bytes) -> bytes:
    """LookupEvents wraps the record as a JSON string."""
    try:
        wrapped = mapping(msgspec.json.decode(entry)).get("CloudTrailEvent")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return entry
    return wrapped.encode() if isinstance(wrapped, str) else entry


def _list_of(raw: msgspec.Raw, name: str) -> Iterator[bytes]:
    try:
        entries = _RAWS.decode(raw)
    except msgspec.DecodeError:
        raise NotReadableError(f'"{name}" is not a list') from None
    yield from (bytes(entry) for entry in entries)


def _documents(text: "_Text") -> Iterator[bytes]:
    """Whole documents, one after the other; most files have one."""
    while start := text.peek():
        if start == "{" and (opening := text.matches(_LIST)):
            text.drop(opening.end())
            wraps = opening[1] == "Events"
            yield from (inner(one) if wraps else one for one in _listed(text))
            _rest_of_object(text)
        else:
            yield from _of_one(text.value())


def _of_one(document: bytes) -> Iterator[bytes]:
    try:
        yield from members(_DOCUMENT.decode(document), document)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # A record with something in it that JSON may not hold; whoever decodes it will tell.
        yield document


def _listed(text: "_Text") -> Iterator[bytes]:
    """Elements, up to the end of the list and past it."""
    if text.peek() == "]":
        text.drop(1)
        return
    while True:
        yield text.value()
        following = text.peek()
        if following not in (",", "]"):
            raise text.broken()
        text.drop(1)
        if following == "]":
            return


def _rest_of_object(text: "_Text") -> None:
    """The members after the list."""
    while (following := text.peek()) == ",":
        text.drop(1)
        text.value()
        if text.peek() != ":":
            raise text.broken()
        text.drop(1)
        text.value()
    if following != "}":
        raise text.broken()
    text.drop(1)


class _Text:
    """A text that comes in chunks, of which only what is being looked at is held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = ""
        self._at = 0
        self._done = 0

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        if chunk:
            self._done += self._at
            self._held, self._at = self._held[self._at :] + chunk.decode("latin-1"), 0
        return bool(chunk)

    def skip_mark(self) -> None:
        self._more()
        if self._held.startswith(_BYTE_ORDER_MARK):
            self._at = len(_BYTE_ORDER_MARK)

    def peek(self) -> str:
        """The next character that is not white space; "" at the end."""
        while True:
            match = _SPACE.match(self._held, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._held):
                return self._held[self._at]
            if not self._more():
                return ""

    def drop(self, count: int) -> None:
        self._at += count

    def matches(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        while len(self._held) - self._at < _LONGEST_OPENING and self._more():
            pass
        return pattern.match(self._held[self._at : self._at + _LONGEST_OPENING])

    def starts_with_line(self) -> bool:
        """Whether the first line is an object of its own, as exports of one record a line have it."""
        while (end := self._held.find("\n", self._at)) < 0 and len(self._held) < MOST_VALUE and self._more():
            pass
        return end > 0 and self._held[self._at : end].rstrip().endswith("}")

    def lines(self) -> Iterator[bytes]:
        """Every line that is not blank. A line that is broken is one record's loss, not the others'."""
        more = True
        while more:
            whole, _, rest = self._held[self._at :].rpartition("\n")
            self._held, self._at = rest, 0
            yield from (line.encode("latin-1") for line in whole.split("\n") if line.strip())
            if len(rest) > MOST_VALUE:
                raise NotReadableError(f"a single line of more than {MOST_VALUE >> 20} MB")
            more = self._more()
        if self._held.strip():
            yield self._held.encode("latin-1")

    def value(self) -> bytes:
        """The next value as it stands."""
        self.peek()
        while True:
            try:
                _, end = _DECODER.raw_decode(self._held, self._at)
            except json.JSONDecodeError:
                end = 0
            except RecursionError:
                raise self.broken("nested too deeply") from None
            # A number at the end of what is held may go on.
            if end and (end < len(self._held) or not self._more_of(end)):
                raw, self._at = self._held[self._at : end], end
                return raw.encode("latin-1")
            if not end and not self._more_of(len(self._held)):
                raise self.broken()

    def _more_of(self, end: int) -> bool:
        if end - self._at > MOST_VALUE:
            raise NotReadableError(f"a single JSON value of more than {MOST_VALUE >> 20} MB")
        return self._more()

    def broken(self, why: str = "") -> NotReadableError:
        """What to raise where the text does not go on as JSON does."""
        place = f"at byte {self._done + self._at:,}"
        return NotReadableError(f"not JSON {place}{': ' + why if why else ''}")
