"""CloudTrail log files: unpack, decode, and say in one line what could not be read.

One file is held in memory at a time (AWS delivers at most 50 MB unpacked), never the log as a whole.
"""

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from bot.evidence.events import BadRecordError, Event, event_from, mapping

#: Larger than any file CloudTrail writes by a wide margin; a small file that unpacks to more is not a log.
MOST_UNPACKED = 512 * 1024 * 1024

GZIP_MAGIC = b"\x1f\x8b"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NAME_TIME = re.compile(r"_CloudTrail_[^_/]+_(\d{8}T\d{4})Z_")
_LOG_SUFFIXES = (".gz", ".json", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class FileProblem:
    """A file, or a record in it, that could not be read, and why, in one line.

    `lost` is False for files that are no CloudTrail logs: nothing of the evidence is missing with them.
    """

    path: str
    reason: str
    lost: bool = True

    def __str__(self) -> str:
        # A file's name need not be text; what is said about it must be.
        return f"{self.path}: {self.reason}".encode("utf-8", "replace").decode()


class NotReadableError(ValueError):
    """The content is damaged or is not CloudTrail; the text says which, for people."""


class ForeignFileError(NotReadableError):
    """The content is whole, and is something else than CloudTrail events."""


Report = Callable[[str], None]
Layout = dict[str, msgspec.Raw] | list[msgspec.Raw]


def events_in(data: bytes, report: Report) -> Iterator[Event]:
    """Every record of one file's content, packed or not, in any of the layouts people have.

    Layouts: `{"Records":[...]}` (trail files), `{"Events":[{"CloudTrailEvent":"..."}]}` (what `aws
    cloudtrail lookup-events` prints), a bare list, and one record per line. Records that are none are
    left out and reported in one line. Raises NotReadableError when nothing of the content can be
    understood.
    """
    good, bad, first = 0, 0, ""
    for number, raw in enumerate(_raw_records(unpack(data)), start=1):
        try:
            event = event_in(raw)
        except BadRecordError as problem:
            bad += 1
            first = first or f"record {number}: {problem}"
            continue
        good += 1
        yield event
    if bad and not good:
        raise ForeignFileError(f"JSON, but not CloudTrail ({first})")
    if bad:
        report(f"{bad} of {good + bad} records were left out ({first})")


def unpack(data: bytes) -> bytes:
    """Gunzip where needed (several members and zero padding are fine); raises NotReadableError for damage."""
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        return b"".join(_unpacked_parts(data))
    except EOFError:
        raise NotReadableError("the gzip data is cut short") from None
    except (OSError, zlib.error) as problem:
        raise NotReadableError(f"the gzip data is damaged: {problem}") from None


def _unpacked_parts(data: bytes) -> Iterator[bytes]:
    size = 0
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        while part := stream.read(1 << 20):
            size += len(part)
            if size > MOST_UNPACKED:
                raise NotReadableError(
                    f"it unpacks to more than {MOST_UNPACKED >> 20} MB, which no CloudTrail file does"
                )
            yield part


def _raw_records(content: bytes) -> Iterator[bytes]:
    text = content.removeprefix(_BYTE_ORDER_MARK).strip()
    if not text:
        raise NotReadableError("the file is empty")
    try:
        whole = _LAYOUT.decode(text)
    except (msgspec.DecodeError, RecursionError) as problem:
        if _is_lines(text):
            yield from (line for line in text.splitlines() if line.strip())
            return
        whole = _mended(text, problem)
    if isinstance(whole, list):
        yield from (bytes(raw) for raw in whole)
    else:
        yield from _members(whole)


def _mended(text: bytes, problem: Exception) -> Layout:
    """The document with marks for what JSON may not hold; raises NotReadableError when more is wrong."""
    try:
        return _LAYOUT.decode(msgspec.json.encode(_leniently(text)))
    except (BadRecordError, msgspec.DecodeError, RecursionError):
        raise NotReadableError(f"not JSON: {problem}") from None


def _is_lines(text: bytes) -> bool:
    """One record per line, as many exports write it."""
    first, newline, _ = text.partition(b"\n")
    return bool(newline) and first.startswith(b"{") and first.rstrip().endswith(b"}")


_LAYOUT: msgspec.json.Decoder[Layout] = msgspec.json.Decoder(Layout)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


def _members(document: Mapping[str, msgspec.Raw]) -> Iterator[bytes]:
    if (records := document.get("Records")) is not None:
        yield from _list_of(records, "Records")
    elif (looked_up := document.get("Events")) is not None:
        yield from (_inner(entry) for entry in _list_of(looked_up, "Events"))
    elif "digestS3Object" in document:
        raise ForeignFileError("a CloudTrail digest file, which holds no events")
    elif "eventName" in document:
        yield msgspec.json.encode(document)
    else:
        raise ForeignFileError('JSON, but not CloudTrail: it has no "Records"')


def _list_of(raw: msgspec.Raw, name: str) -> Iterator[bytes]:
    try:
        entries = _RAWS.decode(raw)
    except msgspec.DecodeError:
        raise NotReadableError(f'"{name}" is not a list') from None
    yield from (bytes(entry) for entry in entries)


def _inner(entry: bytes) -> bytes:
    """LookupEvents wraps the record as a JSON string."""
    wrapped = mapping(msgspec.json.decode(entry)).get("CloudTrailEvent")
    return wrapped.encode() if isinstance(wrapped, str) else entry


def event_in(raw: bytes) -> Event:
    """The event in one record's bytes; raises BadRecordError when it is none."""
    return event_from(_decode(raw), raw)


def _decode(raw: bytes) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _leniently(raw)


def _leniently(raw: bytes) -> object:
    """Half a surrogate pair, a byte that is not UTF-8 or a NaN must not hide a record: they become marks."""
    try:
        return _printable(json.loads(raw.decode("utf-8", "replace"), strict=False))
    except (ValueError, RecursionError) as problem:
        raise BadRecordError(f"not JSON: {str(problem) or type(problem).__name__}") from None


def _printable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_printable(one) for one in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(one) for name, one in value.items()}
    return value


def log_files(folder: Path) -> Iterator[Path]:
    """The files of a folder (digests left out), or the one file named, in the order of their paths."""
    if folder.is_file():
        yield folder
        return
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith("CloudTrail-Digest") for part in path.parts):
            yield path


def looks_like_log(path: Path) -> bool:
    """By its name; or, for other names, by a first look inside: gzip or JSON."""
    if path.name.endswith(_LOG_SUFFIXES):
        return True
    with path.open("rb") as stream:
        head = stream.read(4)
    return head.startswith((GZIP_MAGIC, b"{", b"[{", _BYTE_ORDER_MARK))


def delivered(name: str) -> datetime | None:
    """When CloudTrail delivered a file, from its name (UTC); None when the name is not CloudTrail's."""
    match = _NAME_TIME.search(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def may_hold(name: str, window: tuple[datetime, datetime] | None, late: timedelta) -> bool:
    """Whether a file can hold events of the window, judged by its name.

    A file holds events from before its own time, usually up to 10 minutes before; so nothing delivered
    before the window starts, and nothing delivered later than `late` after its end, needs to be read.
    """
    moment = delivered(name)
    if window is None or moment is None:
        return True
    return window[0] - timedelta(minutes=1) <= moment <= window[1] + late
