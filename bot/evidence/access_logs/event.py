"""An access log line as the event that CloudTrail would have had of the same request.

What differs is said in the event: `event_type` is "S3ServerAccessLog", `account` and `region` are not in
the log, errors are told from the status where the log has no code. See domain 1.2 and 1.4.
"""

from typing import Any

from bot.evidence import names
from bot.evidence.access_logs.line import AccessLogLine, line_id, line_in
from bot.evidence.access_logs.operations import COPIED_FROM, event_name
from bot.evidence.access_logs.requester import Query, identity_of, query_of, signing_key
from bot.evidence.events import Event

#: Event.event_type of what comes from access logs.
ACCESS_LOG = "S3ServerAccessLog"

#: Members of `extra` that CloudTrail's additionalEventData has under the same names.
_EXTRA = {
    "auth_type": "AuthenticationMethod",
    "signature": "SignatureVersion",
    "cipher": "CipherSuite",
    "host_id": "x-amz-id-2",
    "status": "httpStatus",
    "object_size": "objectSize",
    "total_ms": "totalTime",
    "turnaround_ms": "turnAroundTime",
    "referer": "referer",
    "tls": "tlsVersion",
    "access_point_arn": "accessPointArn",
    "acl_required": "aclRequired",
    "source_region": "sourceRegion",
}

#: Query parameters that say what was asked for, and how long a presigned URL was to live.
_ASKED = ("prefix", "delimiter", "list-type")
_PRESIGNED = {"x-amz-date": "X-Amz-Date", "x-amz-expires": "X-Amz-Expires", "expires": "Expires"}


def event_of(line: bytes) -> Event:
    """The event of one line; raises BadRecordError where it is no access log line."""
    return event_from_line(line_in(line), line)


def event_from_line(line: AccessLogLine, raw: bytes) -> Event:
    """The same for a line that was already read."""
    query = query_of(line)
    who = identity_of(line, query)
    name = event_name(line.operation, on_object=line.key is not None)
    return Event(
        event_id=line_id(raw),
        time=line.time,
        service="s3",
        name=name,
        region="",
        account=None,
        who=who,
        source_ip=line.remote_ip or who.invoked_by or "",
        user_agent=line.user_agent or "",
        error_code=_error(line),
        error_message=None,
        read_only=name.startswith(("Get", "Head", "List", "Select", "Preflight")),
        event_type=ACCESS_LOG,
        category="Data" if line.key is not None or name in names.DATA else "Management",
        parameters=_parameters(line, query),
        response={},
        extra=_extra(line, query),
        resources=(),
        request_id=line.request_id,
        raw=raw,
    )


def _error(line: AccessLogLine) -> str | None:
    """The error code; where the log has none, a status that is no success tells (304 hands nothing over)."""
    if line.error_code is not None:
        return line.error_code
    if line.status is None or 200 <= line.status < 300:
        return None
    return "AccessDenied" if line.status == 403 else f"HTTP {line.status}"


def _parameters(line: AccessLogLine, query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {name: query[name] for name in _ASKED if name in query}
    if line.host:
        found["Host"] = line.host.lower()
    if line.operation in COPIED_FROM:
        # The line is in the source's log; the target is known where the endpoint names it.
        found["x-amz-copy-source"] = f"{line.bucket}/{line.key}"
        if (target := bucket_in_host(line.host)) is not None:
            found["bucketName"] = target
        return found
    found["bucketName"] = line.bucket
    if line.key is not None:
        found["key"] = line.key
    if line.version_id is not None:
        found["versionId"] = line.version_id
    return found


def bucket_in_host(host: str | None) -> str | None:
    """The bucket of a virtual-hosted endpoint (`NAME.s3.REGION.amazonaws.com`); None for other endpoints."""
    name, dot, rest = (host or "").lower().rpartition(".s3")
    return name if dot and name and rest[:1] in {".", "-"} and ".amazonaws.com" in rest else None


def _extra(line: AccessLogLine, query: Query) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: value for member, name in _EXTRA.items() if (value := getattr(line, member)) is not None
    }
    found |= {name: query[read] for read, name in _PRESIGNED.items() if read in query}
    found["operation"] = line.operation
    if line.bytes_sent is not None and line.status is not None and 200 <= line.status < 300:
        found["bytesTransferredOut"] = line.bytes_sent
    if line.requester is None and query and (claimed := signing_key(query)) is not None:
        found["claimedAccessKeyId"] = claimed
    return found
