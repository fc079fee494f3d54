"""When access keys and principals were last used, as IAM itself keeps it.

Source: IAM API Reference, GetAccessKeyLastUsed; GenerateServiceLastAccessedDetails (a job, polled with
GetServiceLastAccessedDetails; up to four hours behind, 400 days back, refused attempts included).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.errors import AwsUnavailable
from bot.aws.gateway import Gateway

#: How long a job is waited for: seconds between askings.
JOB_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)
#: What IAM writes for a key that was never used.
NEVER = "N/A"


@dataclass(frozen=True)
class KeyUse:
    """A key's last use: by whom, when, with which service and where; `at` None: never used."""

    key: str
    user: str | None
    at: datetime | None
    service: str | None
    region: str | None


@dataclass(frozen=True)
class ServiceUse:
    """One service that a principal reached for: when last, from which Region, and its last actions.

    `actions` are (IAM action, time), for services whose actions IAM tracks.
    """

    service: str
    at: datetime
    region: str | None
    actions: tuple[tuple[str, datetime], ...] = ()


def key_use(reader: Gateway, key: str) -> KeyUse:
    """The last use of a long-term key of the account. Raises AwsError."""
    data = reader.call("iam", "get_access_key_last_used", {"AccessKeyId": key}).data
    used = data.get("AccessKeyLastUsed", {})
    service, region = used.get("ServiceName"), used.get("Region")
    return KeyUse(
        key,
        data.get("UserName"),
        used.get("LastUsedDate"),
        None if service == NEVER else service,
        None if region == NEVER else region,
    )


def service_uses(reader: Gateway, arn: str, pause: Callable[[float], object]) -> tuple[ServiceUse, ...]:
    """The services that a user or role reached for, latest first. Raises AwsError."""
    params = {"Arn": arn, "Granularity": "ACTION_LEVEL"}
    job = reader.call("iam", "generate_service_last_accessed_details", params).data["JobId"]
    uses = (_use(one) for one in _entries(reader, job, pause))
    return tuple(sorted((one for one in uses if one), key=lambda one: one.at, reverse=True))


def _entries(reader: Gateway, job: str, pause: Callable[[float], object]) -> Iterator[Mapping[str, Any]]:
    page = _completed(reader, job, pause)
    while True:
        yield from page.get("ServicesLastAccessed", ())
        if not page.get("IsTruncated"):
            return
        params = {"JobId": job, "Marker": page["Marker"]}
        page = reader.call("iam", "get_service_last_accessed_details", params).data


def _completed(reader: Gateway, job: str, pause: Callable[[float], object]) -> Mapping[str, Any]:
    for seconds in JOB_PAUSES:
        page = reader.call("iam", "get_service_last_accessed_details", {"JobId": job}).data
        if page["JobStatus"] == "COMPLETED":
            return page
        if page["JobStatus"] == "FAILED":
            said = page.get("Error", {})
            raise _unavailable(str(said.get("Code", "Failed")), str(said.get("Message", "the job failed")))
        pause(seconds)
    raise _unavailable("NotReady", f"the job was not ready within {sum(JOB_PAUSES):.0f} seconds")


def _unavailable(code: str, message: str) -> AwsUnavailable:
    return AwsUnavailable("iam", "get_service_last_accessed_details", code, message)


def _use(entry: Mapping[str, Any]) -> ServiceUse | None:
    at = entry.get("LastAuthenticated")
    if at is None:
        return None
    tracked = entry.get("TrackedActionsLastAccessed", ())
    actions = (
        (f"{entry['ServiceNamespace']}:{one['ActionName']}", one["LastAccessedTime"])
        for one in tracked
        if one.get("LastAccessedTime")
    )
    latest = tuple(sorted(actions, key=lambda one: one[1], reverse=True))
    return ServiceUse(entry["ServiceNamespace"], at, entry.get("LastAuthenticatedRegion"), latest)
