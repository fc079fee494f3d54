"""One line of an S3 server access log, typed.

Source: S3 User Guide, "Amazon S3 server access log format" (27 fields today, 18 in the oldest lines, more
may come), and what real logs do beside it: a requester's quotes stand unescaped inside the quoted fields,
two spaces before a requester, two words for a host id, bare `-` where no request was made.

The head of a line is written by S3 alone, everything from the key on by whoever made the request. So the
Request-URI ends at the first quote with a status and four numbers behind it (a URI holds no space), and
the user agent at the last quote with the words behind it that S3 writes there.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_plus

import msgspec

from bot.evidence.events import BadRecordError

#: Bytes. S3 takes 8 kB of headers and 1 kB of key; a line above this is none of S3's.
LONGEST = 1 << 20

_HEAD = re.compile(
    r"([^ ]+) +([^ ]+) +\[([^\]]{20,30})\] +([^ ]+) +([^ ]+) +([^ ]+) +([A-Z][A-Za-z0-9_.]+) +([^ ]+) +"
)
_REQUEST = re.compile(
    r'(?:-|"(.*?)") ([0-9]{3}|-) ([^ ]+) ([0-9]+|-) ([0-9]+|-) ([0-9]+|-) ([0-9]+|-) ', re.DOTALL
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIME = re.compile(
    r"([0-9]{2})/([A-Z][a-z]{2})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"
)

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


class LineHead(NamedTuple):
    """What a line is filed under: an id of its own, its time and its request id."""

    id: str
    time: datetime
    request_id: str | None


def head_in(raw: bytes) -> LineHead:
    """The head of one line; raises BadRecordError exactly where `line_in` does.

    The id is the same for a line that was delivered twice; the two lines of a copy, which share a request
    id, have two, and so have those of one batch.
    """
    text = _decoded(raw)
    head, _ = _matched(text)
    return LineHead(line_id(raw), _moment(head[3]), _text(head[6]))


def line_id(raw: bytes) -> str:
    """The id of a line, from all of it."""
    return "s3log-" + hashlib.sha256(raw.rstrip()).hexdigest()[:32]


def line_in(raw: bytes) -> AccessLogLine:
    """The fields of one line (without its line feed); raises BadRecordError where it is none of S3's."""
    text = _decoded(raw)
    head, request = _matched(text)
    owner, bucket, time, remote_ip, requester, request_id, operation, key = head.groups()
    uri, status, error_code, sent, size, total, turnaround = request.groups()
    request_uri = None if uri == "-" else uri
    referer, user_agent, rest = _tail(text[request.end() :].rstrip())
    return AccessLogLine(
        owner=owner,
        bucket=bucket,
        time=_moment(time),
        remote_ip=_text(remote_ip),
        requester=_text(requester),
        request_id=_text(request_id),
        operation=operation,
        key=_key(_text(key), operation, request_uri, bucket),
        request_uri=request_uri,
        status=_number(status),
        error_code=_text(error_code),
        bytes_sent=_number(sent),
        object_size=_number(size),
        total_ms=_number(total),
        turnaround_ms=_number(turnaround),
        referer=_text(referer),
        user_agent=_text(user_agent),
        **_named(rest),
    )


def _decoded(raw: bytes) -> str:
    """The line as text. Separators are ASCII, which no damaged character can swallow."""
    if len(raw) > LONGEST:
        raise BadRecordError(f"it has {len(raw):,} bytes, which no access log line has")
    return raw.decode("utf-8", "replace")


def _matched(text: str) -> tuple[re.Match[str], re.Match[str]]:
    head = _HEAD.match(text)
    if head is None:
        raise BadRecordError("it does not begin as an S3 access log line does")
    request = _REQUEST.match(text, head.end())
    if request is None:
        raise BadRecordError("it ends before the request's status and sizes")
    return head, request


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


def _named(rest: list[str]) -> dict[str, Any]:
    named: dict[str, Any] = {
        name: word for name, word in zip(_REST, rest, strict=False) if word not in {"-", ""}
    }
    if len(rest) > len(_REST):
        named["more"] = tuple(rest[len(_REST) :])
    return named


def _tail(tail: str) -> tuple[str, str, list[str]]:
    """Referer, user agent, and the words behind them.

    A referer with `" "` in it cannot be told from the user agent behind it: both are the requester's words.
    """
    end, rest = _agent_end(tail)
    if end < 0:
        return "-", "-", _words(tail.split()[2:])
    quoted = tail[:end]
    if quoted.startswith('- "'):
        return "-", quoted[3:], rest
    referer, between, user_agent = quoted.removeprefix('"').partition('" "')
    return (referer, user_agent, rest) if between else ("-", quoted.removeprefix('"'), rest)


def _agent_end(tail: str) -> tuple[int, list[str]]:
    """Where the user agent's closing quote is (-1: nowhere), and the words behind it.

    It is the last quote, unless a requester got one into a later field: then the last one with S3's own
    words behind it.
    """
    last, end = (-1, _words([])), len(tail)
    for _ in range(_TRIES):
        end = tail.rfind('"', 0, end)
        if end < 0:
            break
        if tail[end + 1 : end + 2] not in {" ", ""}:
            continue
        words = _words(tail[end + 1 :].split())
        if last[0] < 0:
            last = end, words
        if _are_s3s(words):
            return end, words
    return last


def _words(words: list[str]) -> list[str]:
    """Version id, host id, ...: a host id of two words (the S3 console's, in 2019) made one."""
    if len(words) > 3 and not _is_signature(words[2]) and _is_signature(words[3]):
        return [words[0], " ".join(words[1:3]), *words[3:]]
    return words


def _are_s3s(words: list[str]) -> bool:
    signed = len(words) < 3 or _is_signature(words[2])
    return signed and (len(words) < 5 or words[4] in {"-", "AuthHeader", "QueryString"})


def _is_signature(word: str) -> bool:
    return word == "-" or word.startswith("SigV")


def _text(field: str) -> str | None:
    return None if field in {"-", ""} else field


def _number(field: str) -> int | None:
    return None if field == "-" else int(field[:19])


@lru_cache(maxsize=4096)
def _moment(field: str) -> datetime:
    match = _TIME.fullmatch(field)
    try:
        if match is None:
            raise ValueError
        day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes))
        date = datetime(int(year), _MONTHS.index(month) + 1, int(day), tzinfo=UTC)
        moment = date.replace(hour=int(hour), minute=int(minute), second=int(second))
        return moment + away if sign == "-" else moment - away
    except (ValueError, OverflowError):
        raise BadRecordError(f"[{field}] is not a time as access logs have it") from None


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
