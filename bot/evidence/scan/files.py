"""CloudTrail log files: which of a folder they are, what their names tell, and the events in them."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

import msgspec

from bot.evidence.events import BadRecordError, Event, event_from, fast_event
from bot.evidence.scan.elements import records_in
from bot.evidence.scan.problems import FileProblem, ForeignFileError, NotReadableError
from bot.evidence.scan.unpack import GZIP_MAGIC, unpack

__all__ = [
    "FileProblem",
    "ForeignFileError",
    "NotReadableError",
    "delivered",
    "event_in",
    "events_in",
    "log_files",
    "looks_like_log",
    "may_hold",
]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NAME_TIME = re.compile(r"_CloudTrail_[^_/]+_(\d{8}T\d{4})Z_")
_DIGESTS = "CloudTrail-Digest"
_LOG_SUFFIXES = (".gz", ".json", ".jsonl", ".ndjson")

Report = Callable[[str], None]


def events_in(data: bytes, report: Report) -> Iterator[Event]:
    """Every record of one file's content, packed or not, in any of the layouts people have.

    Records that are none are left out and reported in one line. Raises NotReadableError when nothing of the
    content can be understood.
    """
    good, bad, first = 0, 0, ""
    for number, raw in enumerate(records_in(unpack(data)), start=1):
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


def event_in(raw: bytes) -> Event:
    """The event in one record's bytes; raises BadRecordError when it is none."""
    return fast_event(raw) or event_from(_decode(raw), raw)


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
    yield from map(Path, _files_below(str(folder)))


def _files_below(folder: str) -> Iterator[str]:
    """Links to folders are not followed: they may lead back here. What cannot be opened is passed by."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except (PermissionError, FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if entry.name.startswith(_DIGESTS):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(entry.path)
        elif entry.is_file():
            yield entry.path


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
        return datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
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
