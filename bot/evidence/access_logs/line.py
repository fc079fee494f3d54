"""One line of an S3 server access log, typed.

Source: S3 User Guide, "Amazon S3 server access log format" (27 fields today, 18 in the oldest lines, more
may come), and what real logs do beside it: a requester's quotes stand unescaped inside the quoted fields,
two spaces before a requester, two words for a host id, bare `-` where no request was made.

The head of a line is written by S3 alone, everything from the key on by whoever made the request. So the
Request-URI ends at the first quote with a status and four numbers behind it (a URI holds no space), and
the user agent at the last quote with the words behind it that S3 writes there.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, unquote_plus

import msgspec

from bot.evidence.events import BadRecordError

#: Bytes. S3 takes 8 kB of headers and 1 kB of key; a line above this is none of S3's.
LONGEST = 1 << 20

_HEAD = re.compile(
    rb"([^ ]+) +([^ ]+) +\[([^\]]{20,30})\] +([^ ]+) +([^ ]+) +([^ ]+) +([A-Z][\w.]+) +([^ ]+) +"
)
_REQUEST = re.compile(rb'(?:-|"(.*?)") (\d{3}|-) ([^ ]+) (\d+|-) (\d+|-) (\d+|-) (\d+|-) ', re.DOTALL)
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"),
        start=1,
    )
}
_TIME = re.compile(rb"(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")

#: How many quotes from the right are looked at for the end of the user agent.
_TRIES = 32

#: The operations whose key is URL-encoded once; S3 encodes the key of all others twice (Yelp engineering,
#: "S3 server access logs at scale", 2025). A space is `+` in the inner encoding, as HTML forms have it.
_ENCODED_ONCE = ("BATCH.", "S3.")


class AccessLogLine(msgspec.Struct, frozen=True, kw_only=True):
    """The fields by their place in the documentation; None where the log has `-` or the line ends before.

    `key` is decoded, `request_uri` is as sent. `time` is UTC: when the request was received (CloudTrail
    has its end). `bytes_sent` excludes protocol overhead, `object_size` is the whole object's;
    `total_ms` and `turnaround_ms` are milliseconds. `more` are columns that S3 may add one day.
    """

    owner: str
    bucket: str
    time: datetime
    remote_ip: str | None = None
    requester: str | None = None
    request_id: str | None = None
    operation: str
    key: str | None = None
    request_uri: str | None = None
    status: int | None = None
    error_code: str | None = None
    bytes_sent: int | None = None
    object_size: int | None = None
    total_ms: int | None = None
    turnaround_ms: int | None = None
    referer: str | None = None
    user_agent: str | None = None
    version_id: str | None = None
    host_id: str | None = None
    signature: str | None = None
    cipher: str | None = None
    auth_type: str | None = None
    host: str | None = None
    tls: str | None = None
    access_point_arn: str | None = None
    acl_required: str | None = None
    source_region: str | None = None
    more: tuple[str, ...] = ()


def line_in(raw: bytes) -> AccessLogLine:
    """The fields of one line (without its line feed); raises BadRecordError where it is none of S3's."""
    if len(raw) > LONGEST:
        raise BadRecordError(f"it has {len(raw):,} bytes, which no access log line has")
    head = _HEAD.match(raw)
    if head is None:
        raise BadRecordError("it does not begin as an S3 access log line does")
    request = _REQUEST.match(raw, head.end())
    if request is None:
        raise BadRecordError("it ends before the request's status and sizes")
    referer, user_agent, rest = _tail(raw[request.end() :].rstrip())
    uri, status, error_code, *numbers = request.groups()
    sent, size, total, turnaround = map(_number, numbers)
    operation, request_uri = head[7].decode(), _text(uri)
    return AccessLogLine(
        owner=_plain(head[1]),
        bucket=_plain(head[2]),
        time=_moment(head[3]),
        remote_ip=_text(head[4]),
        requester=_text(head[5]),
        request_id=_text(head[6]),
        operation=operation,
        key=_key(_text(head[8]), operation, request_uri, _plain(head[2])),
        request_uri=request_uri,
        status=_number(status),
        error_code=_text(error_code),
        bytes_sent=sent,
        object_size=size,
        total_ms=total,
        turnaround_ms=turnaround,
        referer=_text(referer),
        user_agent=_text(user_agent),
        **_named(rest),
    )


_REST = (
    "version_id",
    "host_id",
    "signature",
    "cipher",
    "auth_type",
    "host",
    "tls",
    "access_point_arn",
    "acl_required",
    "source_region",
)


def _named(rest: list[bytes]) -> dict[str, Any]:
    named: dict[str, Any] = dict(zip(_REST, map(_text, rest), strict=False))
    if len(rest) > len(_REST):
        named["more"] = tuple(_plain(one) for one in rest[len(_REST) :])
    return named


def _tail(tail: bytes) -> tuple[bytes, bytes, list[bytes]]:
    """Referer, user agent, and the words behind them.

    A referer with `" "` in it cannot be told from the user agent behind it: both are the requester's words.
    """
    end, rest = _agent_end(tail)
    if end < 0:
        return b"-", b"-", _words(tail.split()[2:])
    quoted = tail[:end]
    if quoted.startswith(b'- "'):
        return b"-", quoted[3:], rest
    referer, between, user_agent = quoted.removeprefix(b'"').partition(b'" "')
    return (referer, user_agent, rest) if between else (b"-", quoted.removeprefix(b'"'), rest)


def _agent_end(tail: bytes) -> tuple[int, list[bytes]]:
    """Where the user agent's closing quote is (-1: nowhere), and the words behind it.

    It is the last quote, unless a requester got one into a later field: then the last one with S3's own
    words behind it.
    """
    last, end = (-1, _words([])), len(tail)
    for _ in range(_TRIES):
        end = tail.rfind(b'"', 0, end)
        if end < 0:
            break
        if tail[end + 1 : end + 2] not in {b" ", b""}:
            continue
        words = _words(tail[end + 1 :].split())
        if last[0] < 0:
            last = end, words
        if _are_s3s(words):
            return end, words
    return last


def _words(words: list[bytes]) -> list[bytes]:
    """Version id, host id, ...: a host id of two words (the S3 console's, in 2019) made one."""
    if len(words) > 3 and not _is_signature(words[2]) and _is_signature(words[3]):
        return [words[0], b" ".join(words[1:3]), *words[3:]]
    return words


def _are_s3s(words: list[bytes]) -> bool:
    signed = len(words) < 3 or _is_signature(words[2])
    return signed and (len(words) < 5 or words[4] in {b"-", b"AuthHeader", b"QueryString"})


def _is_signature(word: bytes) -> bool:
    return word == b"-" or word.startswith(b"SigV")


def _plain(field: bytes) -> str:
    return field.decode("utf-8", "replace")


def _text(field: bytes | None) -> str | None:
    return None if field is None or field in {b"-", b""} else field.decode("utf-8", "replace")


def _number(field: bytes) -> int | None:
    return None if field == b"-" else int(field[:19])


def _moment(field: bytes) -> datetime:
    match = _TIME.fullmatch(field)
    try:
        if match is None:
            raise ValueError
        day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
        zone = UTC
        if hours != b"00" or minutes != b"00":
            away = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-away if sign == b"-" else away)
        moment = datetime(
            int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=zone
        )
        return moment if zone is UTC else moment.astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        raise BadRecordError(f"[{_plain(field)}] is not a time as access logs have it") from None


def _key(field: str | None, operation: str, uri: str | None, bucket: str) -> str | None:
    """The object's key. Where the Request-URI shows what was asked for, it says how the field is encoded."""
    if field is None or ("%" not in field and "+" not in field):
        return field
    outer = unquote(field)
    once, twice = unquote_plus(field), unquote_plus(outer)
    sent = {unquote(path) for path in _paths(uri, bucket)}
    for reading in (twice, once, unquote(outer), outer, field):
        if reading in sent:
            return reading
    return once if operation.startswith(_ENCODED_ONCE) else twice


def _paths(uri: str | None, bucket: str) -> list[str]:
    """What the URI's path says of the key: with the bucket in the host, and with the bucket in the path."""
    words = (uri or "").split(" ")
    if len(words) < 2:
        return []
    path = words[1].partition("?")[0].removeprefix("/")
    return [path, path.removeprefix(f"{bucket}/")]
