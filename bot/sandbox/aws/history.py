"""CloudTrail's event history: LookupEvents.

Source: CloudTrail API Reference, LookupEvents: management events of the last 90 days in one account and
Region, one attribute, newest first, 50 a page, two requests per second.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.datastructures import Headers

from bot.sandbox.aws import errors
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.events import Event, Record

DAYS = 90
PAGE = 50
ATTRIBUTES: Mapping[str, Callable[[Record, str], bool]] = {
    "EventId": lambda r, v: r["eventID"] == v,
    "EventName": lambda r, v: r["eventName"] == v,
    "ReadOnly": lambda r, v: str(r["readOnly"]).lower() == v,
    "Username": lambda r, v: username(r) == v,
    "ResourceType": lambda r, v: any(kind == v for kind, _ in resources(r)),
    "ResourceName": lambda r, v: any(name == v for _, name in resources(r)),
    "EventSource": lambda r, v: r["eventSource"] == v,
    "AccessKeyId": lambda r, v: r["userIdentity"].get("accessKeyId") == v,
}


class Pace:
    """So many requests a second; the bucket holds one second's worth."""

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._tokens: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, region: str) -> bool:
        """Whether a request may pass now."""
        with self._lock:
            now = time.monotonic()
            tokens, last = self._tokens.get(region, (self._per_second, now))
            tokens = min(self._per_second, tokens + (now - last) * self._per_second)
            allowed = tokens >= 1
            self._tokens[region] = (tokens - 1 if allowed else tokens, now)
            return allowed


class History:
    """Every event of the account, and the one question that AWS lets one ask of it."""

    def __init__(self, per_second: float) -> None:
        self._events: list[Event] = []
        self._pace = Pace(per_second)

    def add(self, event: Event) -> None:
        self._events.append(event)

    def __len__(self) -> int:
        return len(self._events)

    @property
    def events(self) -> list[Event]:
        """All events, data events too, in the order in which they were recorded."""
        return list(self._events)

    def answer(self, call: Call) -> Response | None:
        """The answer to LookupEvents, None for every other call.

        Raises:
            AwsError: throttled, or a parameter that AWS refuses.
        """
        if (call.service, call.operation) != ("cloudtrail", "LookupEvents"):
            return None
        if not self._pace.take(call.region):
            raise errors.throttled("cloudtrail")
        matching = self._matching(call)
        start = _position(call)
        page = [event for event in matching if start is None or (event.at, event.sequence) < start][
            : _size(call)
        ]
        body: dict[str, Any] = {"Events": [_entry(event) for event in page]}
        if page and (page[-1].at, page[-1].sequence) != (matching[-1].at, matching[-1].sequence):
            body["NextToken"] = _token(call, page[-1])
        return Response(
            200, json.dumps(body).encode(), Headers([("Content-Type", "application/x-amz-json-1.1")])
        )

    def _matching(self, call: Call) -> list[Event]:
        key, value = _attribute(call)
        start, end = _window(call)
        test = ATTRIBUTES[key] if key else lambda _record, _value: True
        found = [
            event
            for event in self._events
            if event.is_management
            and start <= event.at <= end
            and event.record["awsRegion"] == call.region
            and test(event.record, value)
        ]
        return sorted(found, key=lambda event: (event.at, event.sequence), reverse=True)


def _attribute(call: Call) -> tuple[str, str]:
    attributes = call.params.get("LookupAttributes") or []
    if len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can only specify one lookup attribute.", 400)
    if not attributes:
        return "", ""
    key, value = str(attributes[0].get("AttributeKey")), str(attributes[0].get("AttributeValue"))
    if key not in ATTRIBUTES:
        raise AwsError("InvalidLookupAttributesException", f"{key} is not a valid lookup attribute key.", 400)
    return key, value


def _window(call: Call) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    start = _time(call.params.get("StartTime"), now - timedelta(days=DAYS))
    end = _time(call.params.get("EndTime"), now + timedelta(minutes=1))
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time must be earlier than the end time.", 400)
    return max(start, now - timedelta(days=DAYS)), end


def _time(value: Any, otherwise: datetime) -> datetime:
    return otherwise if value is None else datetime.fromtimestamp(float(value), UTC)


def _size(call: Call) -> int:
    size = int(call.params.get("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise AwsError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.", 400)
    return size


def _token(call: Call, last: Event) -> str:
    content = {"at": last.at.isoformat(), "sequence": last.sequence, "asked": _fingerprint(call)}
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _position(call: Call) -> tuple[datetime, int] | None:
    """Where the last page ended; a token counts only with the parameters it was given for."""
    token = call.text("NextToken")
    if token is None:
        return None
    try:
        content = json.loads(base64.urlsafe_b64decode(token))
        asked, position = content["asked"], (datetime.fromisoformat(content["at"]), int(content["sequence"]))
    except (ValueError, KeyError, TypeError):
        asked, position = "", None
    if asked != _fingerprint(call):
        raise AwsError("InvalidNextTokenException", "The NextToken does not match the parameters.", 400)
    return position


def _fingerprint(call: Call) -> str:
    asked = {name: value for name, value in call.params.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _entry(event: Event) -> dict[str, Any]:
    record = event.record
    entry: dict[str, Any] = {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "EventTime": event.at.timestamp(),
        "EventSource": record["eventSource"],
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in resources(record)],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":")),
    }
    key, user = record["userIdentity"].get("accessKeyId"), username(record)
    return entry | ({"AccessKeyId": key} if key else {}) | ({"Username": user} if user else {})


def username(record: Record) -> str | None:
    """The `Username` of an entry: a user's name, a session's name, "root"."""
    identity = record["userIdentity"]
    if identity["type"] == "AssumedRole":
        return str(identity["arn"]).rpartition("/")[2]
    return "root" if identity["type"] == "Root" else identity.get("userName")


def resources(record: Record) -> list[tuple[str, str]]:
    """Type and name of what an event is about, as LookupEvents lists it (domain 0.2: the issued key too)."""
    found = [(r["type"], _resource_name(r)) for r in record.get("resources") or [] if "ARN" in r]
    asked = record["requestParameters"] or {}
    answered = record["responseElements"] or {}
    for kind, name in (
        ("AWS::IAM::AccessKey", (answered.get("credentials") or {}).get("accessKeyId")),
        ("AWS::STS::AssumedRole", (answered.get("assumedRoleUser") or {}).get("arn")),
        ("AWS::IAM::AccessKey", (answered.get("accessKey") or {}).get("accessKeyId")),
        ("AWS::IAM::AccessKey", asked.get("accessKeyId")),
        ("AWS::IAM::User", asked.get("userName")),
        ("AWS::IAM::Role", asked.get("roleName")),
        ("AWS::IAM::Policy", asked.get("policyArn") or asked.get("policyName")),
        ("AWS::CloudTrail::Trail", asked.get("trailName") or asked.get("name")),
    ):
        if name and not (
            kind.startswith("AWS::CloudTrail") and record["eventSource"] != "cloudtrail.amazonaws.com"
        ):
            found.append((kind, str(name)))
    return found


def _resource_name(resource: Mapping[str, str]) -> str:
    # Buckets are listed by name, everything else by ARN.
    return (
        resource["ARN"].removeprefix("arn:aws:s3:::")
        if resource["type"] == "AWS::S3::Bucket"
        else resource["ARN"]
    )
