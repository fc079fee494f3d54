"""One CloudTrail record, normalised: the only shape in which the rest of the room sees evidence.

Sources: CloudTrail "record contents" and "userIdentity element" pages of the AWS user guide, and what
real logs do differently (types missing, floats for bytes, addresses that are not addresses).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from bot.evidence.identity import Identity, identify, identity_in

#: CloudTrail spells a refusal in many ways; the VPC endpoint's is the only one S3 never logs itself.
DENIALS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "Client.UnauthorizedOperation",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "ForbiddenException",
        "Forbidden",
        "AllAccessDisabled",
        "VpceAccessDenied",
    }
)


#: Characters. CloudTrail cuts user agents and messages at 1 KB and records at 256 KB, and S3 allows keys of
#: 1 KB: whatever is longer is bait for those who read it, and is cut.
MOST_TEXT = 256 * 1024

#: CloudTrail began in 2013; logs with times far from that are no logs.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class BadRecordError(ValueError):
    """A JSON value that stands where a CloudTrail record should be and is none; the text says why."""


class Resource(msgspec.Struct, frozen=True, gc=False):
    """An entry of `resources[]`: `arn` may be an ARN prefix ending in `/` (ListObjects logs it so)."""

    arn: str
    type: str | None
    account: str | None


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A CloudTrail record, typed.

    `time` is eventTime (UTC, completion of the request). `account` is recipientAccountId. `parameters`,
    `response` and `extra` are requestParameters, responseElements and additionalEventData, empty where
    the log has null. `request_id` is requestID, which S3's access logs show too. `rest` are the record's
    other members (tlsDetails, what a collector added), for rules that ask for them. `raw` is the record as
    received, for the vault; it is dropped from events that stay in memory.
    """

    event_id: str
    time: datetime
    service: str
    name: str
    region: str
    account: str | None
    who: Identity
    source_ip: str
    user_agent: str
    error_code: str | None
    error_message: str | None
    read_only: bool | None
    event_type: str
    category: str | None
    parameters: Mapping[str, Any]
    response: Mapping[str, Any]
    extra: Mapping[str, Any]
    resources: tuple[Resource, ...]
    shared_event_id: str | None = None
    vpc_endpoint: str | None = None
    request_id: str | None = None
    rest: Mapping[str, Any] = {}
    raw: bytes = b""

    @property
    def succeeded(self) -> bool:
        """Whether the log shows no error; in exports that drop errorCode every call looks like this."""
        return self.error_code is None

    @property
    def denied(self) -> bool:
        """Whether the request was refused for lack of permission; other errors are failures."""
        return self.error_code in DENIALS

    @property
    def bucket(self) -> str | None:
        """The S3 bucket that requestParameters names, if it names one."""
        return text_or_none(self.parameters.get("bucketName"))

    @property
    def key(self) -> str | None:
        """The object key that requestParameters names, if it names one."""
        key = text_or_none(self.parameters.get("key"))
        return key[:MOST_TEXT] if key else None

    @property
    def bytes_out(self) -> int | None:
        """Bytes sent to the caller; None where unsaid. (Refusals carry the error page's size.)"""
        return whole_number(self.extra.get("bytesTransferredOut")) if self.succeeded else None

    @property
    def minted_key(self) -> str | None:
        """The access key this call issued (temporary credentials or a new IAM access key), if it issued one.

        STS, Cognito identity pools, S3's and EKS's own sessions write `credentials`, IAM `accessKey`, IAM
        Roles Anywhere a list `credentialSet`. S3 Access Grants (GetDataAccess) and AWS IoT's credentials
        provider write no key.
        """
        if not self.response:
            return None
        sets = self.response.get("credentialSet")
        several = [mapping(one).get("credentials") for one in many(sets)] if sets else ()
        for issued in (self.response.get("credentials"), self.response.get("accessKey"), *several):
            if issued and isinstance(issued, Mapping) and (key := text_or_none(issued.get("accessKeyId"))):
                return key
        return None

    def texts(self) -> Iterator[str]:
        """Every ARN in `resources`, for matching."""
        return (resource.arn for resource in self.resources)


def event_from(record: object, raw: bytes = b"") -> Event:
    """Normalise one decoded record; raises BadRecordError when it lacks what makes a record one."""
    if not isinstance(record, Mapping):
        raise BadRecordError("not a JSON object")
    missing = [name for name in ("eventTime", "eventSource", "eventName") if not _text(record, name)]
    if missing:
        raise BadRecordError(f"no {' and no '.join(missing)}")
    return Event(
        event_id=_text(record, "eventID") or _own_id(record),
        time=moment_of(_text(record, "eventTime")),
        service=_text(record, "eventSource").removesuffix(".amazonaws.com"),
        name=_text(record, "eventName"),
        region=_text(record, "awsRegion"),
        account=text_or_none(record.get("recipientAccountId")),
        who=identify(mapping(record.get("userIdentity")), _text(record, "sourceIPAddress")),
        source_ip=_text(record, "sourceIPAddress"),
        user_agent=_bare_agent(_text(record, "userAgent"))[:MOST_TEXT],
        error_code=text_or_none(record.get("errorCode")),
        error_message=text_or_none(_text(record, "errorMessage")[:MOST_TEXT]),
        read_only=_flag(record.get("readOnly")),
        event_type=_text(record, "eventType"),
        category=text_or_none(record.get("eventCategory")),
        parameters=mapping(record.get("requestParameters")),
        response=mapping(record.get("responseElements")),
        extra=mapping(record.get("additionalEventData")),
        resources=tuple(_resources(record.get("resources"))),
        shared_event_id=text_or_none(record.get("sharedEventID")),
        vpc_endpoint=text_or_none(record.get("vpcEndpointId")),
        request_id=text_or_none(record.get("requestID")),
        rest={name: value for name, value in record.items() if name not in _TYPED and value is not None},
        raw=raw,
    )


class _Resource(msgspec.Struct):
    ARN: str | None = None
    ARNPrefix: str | None = None
    type: str | None = None
    accountId: str | None = None  # noqa: N815


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    """The members that AWS writes, in its types: other types, and other members, take the tolerant way."""

    eventID: str  # noqa: N815
    eventTime: str  # noqa: N815
    eventSource: str  # noqa: N815
    eventName: str  # noqa: N815
    awsRegion: str | None = None  # noqa: N815
    recipientAccountId: str | None = None  # noqa: N815
    userIdentity: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    sourceIPAddress: str | None = None  # noqa: N815
    userAgent: str | None = None  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    errorMessage: str | None = None  # noqa: N815
    readOnly: bool | str | None = None  # noqa: N815
    eventType: str | None = None  # noqa: N815
    eventCategory: str | None = None  # noqa: N815
    requestParameters: Any = None  # noqa: N815
    responseElements: Any = None  # noqa: N815
    additionalEventData: Any = None  # noqa: N815
    resources: list[_Resource] | None = None
    sharedEventID: str | None = None  # noqa: N815
    vpcEndpointId: str | None = None  # noqa: N815
    requestID: str | None = None  # noqa: N815
    managementEvent: Any = None  # noqa: N815
    eventVersion: Any = None  # noqa: N815
    apiVersion: Any = None  # noqa: N815
    tlsDetails: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    sessionCredentialFromConsole: Any = None  # noqa: N815
    serviceEventDetails: Any = None  # noqa: N815
    addendum: Any = None


#: Members that events hold only as `rest`.
_REST = (
    "eventVersion",
    "apiVersion",
    "tlsDetails",
    "sessionCredentialFromConsole",
    "serviceEventDetails",
    "addendum",
)

#: Texts that are held once for many events, so many and up to so many characters.
_SHARED: dict[str, str] = {}
_MOST_TEXTS, _MOST_SHARED = 4096, 1024

#: Members that events hold by name, or (managementEvent) that follow from one.
_TYPED = frozenset(_Record.__struct_fields__) - frozenset(_REST)

_RECORD = msgspec.json.Decoder(_Record)


def fast_event(raw: bytes) -> Event | None:
    """The event in a record that has the shape that AWS gives it; None sends all others the tolerant way.

    The same event as `event_from` makes of it, five times as fast: members that nobody asks for are not
    built, and an identity that was met before is not read again.
    """
    try:
        record = _RECORD.decode(raw)
        who = identity_in(bytes(record.userIdentity), record.sourceIPAddress or "")
        connection = _connection(record.tlsDetails)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not (record.eventID and record.eventTime and record.eventSource and record.eventName):
        return None
    return Event(
        event_id=record.eventID,
        time=moment_of(record.eventTime),
        service=_one(record.eventSource.removesuffix(".amazonaws.com")),
        name=_one(record.eventName),
        region=_one(record.awsRegion or ""),
        account=_one(record.recipientAccountId or "") or None,
        who=who,
        source_ip=_one(record.sourceIPAddress or ""),
        user_agent=_one(_bare_agent(record.userAgent or "")[:MOST_TEXT]),
        error_code=record.errorCode or None,
        error_message=(record.errorMessage or "")[:MOST_TEXT] or None,
        read_only=_flag(record.readOnly),
        event_type=_one(record.eventType or ""),
        category=_one(record.eventCategory or "") or None,
        parameters=mapping(record.requestParameters),
        response=mapping(record.responseElements),
        extra=mapping(record.additionalEventData),
        resources=tuple(
            [
                Resource(arn, one.type or None, one.accountId or None)
                for one in record.resources or ()
                if (arn := one.ARN or one.ARNPrefix)
            ]
        ),
        shared_event_id=record.sharedEventID or None,
        vpc_endpoint=record.vpcEndpointId or None,
        request_id=record.requestID or None,
        rest=_rest(record, connection),
        raw=raw,
    )


def _rest(record: _Record, connection: object) -> dict[str, Any]:
    members: tuple[Any, ...] = (
        record.eventVersion,
        record.apiVersion,
        connection,
        record.sessionCredentialFromConsole,
        record.serviceEventDetails,
        record.addendum,
    )
    return {name: value for name, value in zip(_REST, members, strict=True) if value is not None}


def _connection(raw: msgspec.Raw) -> object:
    """What tlsDetails say: few different things in many records, each held once.

    Raises msgspec.DecodeError, RecursionError or UnicodeDecodeError.
    """
    text = bytes(raw)
    return _decoded(text) if len(text) <= _MOST_SHARED else msgspec.json.decode(text)


_decoded = lru_cache(maxsize=1024)(msgspec.json.decode)


def _one(text: str) -> str:
    """The text, held once however many events have it: ten thousand events are 10 MB smaller."""
    known = _SHARED.get(text)
    if known is None:
        if len(text) > _MOST_SHARED:
            return text
        if len(_SHARED) >= _MOST_TEXTS:
            _SHARED.clear()
        known = _SHARED[text] = text
    return known


def without_raw(event: Event) -> Event:
    """The event for keeping in memory: without the record as received."""
    return msgspec.structs.replace(event, raw=b"") if event.raw else event


def text_or_none(value: object) -> str | None:
    """The value when it is a string with something in it, else None."""
    return value if isinstance(value, str) and value else None


def mapping(value: object) -> Mapping[str, Any]:
    """The value when it is an object, else an empty one: CloudTrail writes null, "" and strings there too."""
    # Nearly all are dicts or null, and asking for those is ten times as fast.
    if type(value) is dict:
        return value
    return value if value is not None and isinstance(value, Mapping) else {}


def many(value: object) -> list[Any]:
    """AWS's "one or many": a list as it is, a single value as a list of one, null as none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def whole_number(value: object) -> int | None:
    """A count that may be an int, a float (`717.0`) or a string; None for anything else.

    Also for negatives, and for what no counter of 64 bits holds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1 << 63 else None


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _flag(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def moment_of(text: str) -> datetime:
    """An eventTime in UTC; raises BadRecordError for what is no time, or none that CloudTrail has seen."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadRecordError(f"eventTime {text[:40]!r} is not an ISO 8601 time") from None
    # Also far from the ends of the calendar, so that hours may be added and taken away.
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise BadRecordError(f"eventTime {text[:40]!r} is none of CloudTrail's time")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _own_id(record: Mapping[str, Any]) -> str:
    """Some exports have no eventID: the content stands for it, so that duplicates still fall away."""
    canonical = json.dumps(record, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return "content-" + hashlib.sha256(canonical).hexdigest()[:32]


def _bare_agent(text: str) -> str:
    """S3 writes user agents in square brackets, other services do not."""
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def _resources(value: object) -> Iterator[Resource]:
    for entry in value if type(value) is list else many(value):
        get = mapping(entry).get
        if arn := text_or_none(get("ARN")) or text_or_none(get("ARNPrefix")):
            yield Resource(arn, text_or_none(get("type")), text_or_none(get("accountId")))


def within(
    moment: datetime, window: tuple[datetime, datetime] | None, slack: timedelta = timedelta()
) -> bool:
    """Whether a moment lies in a window (both ends included); no window holds everything."""
    return window is None or window[0] - slack <= moment <= window[1] + slack
