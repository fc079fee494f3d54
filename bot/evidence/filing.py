"""What a found record is filed under, read without making an event of it where that is possible."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from bot.evidence.access_logs.event import event_of
from bot.evidence.events import BadRecordError, Event, moment_of, without_raw
from bot.evidence.scan.files import FileProblem, event_in
from bot.evidence.sources.base import Part

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Filed(NamedTuple):
    """A record as received, under its event id, time (microseconds since 1970) and request id.

    `event` is there where it was wanted too.
    """

    id: str
    time: int
    request: str | None
    raw: bytes
    event: Event | None = None


class _Head(msgspec.Struct):
    eventID: str  # noqa: N815
    eventTime: str  # noqa: N815
    eventSource: str  # noqa: N815
    eventName: str  # noqa: N815
    requestID: str | None = None  # noqa: N815


_HEAD = msgspec.json.Decoder(_Head)


def filed(part: Part, *, events: bool = False) -> tuple[list[Filed], list[FileProblem]]:
    """The part's records, with their `events` or without, and the part's problems with those of records that
    turn out to be none.
    """
    good: list[Filed] = []
    problems = list(part.problems)
    for raw in part.found:
        try:
            good.append(_filed(raw, line=part.log != "cloudtrail", whole=events))
        except BadRecordError as problem:
            problems.append(FileProblem(part.name or part.id, f"a record was left out: {problem}"))
    return good, problems


def read(raw: bytes, *, line: bool) -> Event:
    """The event in a record as received, of CloudTrail or (`line`) of a server access log."""
    return event_of(raw) if line else event_in(raw)


def _filed(raw: bytes, *, line: bool, whole: bool) -> Filed:
    head = None if line or whole else _head(raw)
    if head:
        return Filed(head.eventID, _microseconds(moment_of(head.eventTime)), head.requestID or None, raw)
    event = read(raw, line=line)
    kept = without_raw(event) if whole else None
    return Filed(event.event_id, _microseconds(event.time), event.request_id, raw, kept)


def _head(raw: bytes) -> _Head | None:
    try:
        head = _HEAD.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return head if head.eventID and head.eventTime and head.eventSource and head.eventName else None


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
