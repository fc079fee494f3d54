"""AWS Config's record of a bucket: what it was before, and each change since.

Source: AWS Config API Reference, GetResourceConfigHistory, DescribeConfigurationRecorderStatus; Config
Developer Guide, "Components of a configuration item".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.errors import AwsRefused
from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway

Item = Mapping[str, Any]

BUCKET = "AWS::S3::Bucket"
ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"
NEVER_SEEN = frozenset({"ResourceNotDiscoveredException", "NoAvailableConfigurationRecorderException"})


@dataclass(frozen=True)
class Recorder:
    """The Region's configuration recorder: whether it records now, and since (or until) when."""

    name: str
    recording: bool
    records_buckets: bool
    started: datetime | None = None
    stopped: datetime | None = None


@dataclass(frozen=True)
class ConfigHistory:
    """Config's record, oldest first: the last state captured before the start, and every later one.

    `recorder`: known and None where there is none. `bucket` and `account_block` are configuration items in
    AWS's shape (empty: Config has never seen the resource); the values of supplementaryConfiguration are
    JSON in strings. `start` is the time asked for, UTC.
    """

    start: datetime
    recorder: Fact[Recorder | None]
    bucket: Fact[tuple[Item, ...]]
    account_block: Fact[tuple[Item, ...]]


def bucket_history(reader: Gateway, bucket: str, start: datetime, region: str | None = None) -> ConfigHistory:
    """What Config has recorded of the bucket and of the account's Block Public Access since `start`.

    Raises nothing of AWS's: each part carries its own reason.
    """
    return ConfigHistory(
        start,
        ask(lambda: _recorder(reader, region)),
        ask(lambda: _items(reader, BUCKET, bucket, start, region)),
        ask(lambda: _items(reader, ACCOUNT_BLOCK, reader.account_id, start, region)),
    )


def _recorder(reader: Gateway, region: str | None) -> Recorder | None:
    found = reader.call("config", "describe_configuration_recorders", {}, region).data
    status = reader.call("config", "describe_configuration_recorder_status", {}, region).data
    groups = {one["name"]: one.get("recordingGroup", {}) for one in found.get("ConfigurationRecorders", ())}
    recorders = [
        Recorder(
            name=str(one.get("name", "default")),
            recording=bool(one.get("recording")),
            records_buckets=_records_buckets(groups.get(one.get("name"), {})),
            started=one.get("lastStartTime"),
            stopped=one.get("lastStopTime"),
        )
        for one in status.get("ConfigurationRecordersStatus", ())
    ]
    # Besides the customer's own there may be recorders that AWS services keep for themselves.
    return max(recorders, key=lambda one: (one.recording, one.records_buckets), default=None)


def _records_buckets(group: Mapping[str, Any]) -> bool:
    """Source: Config API Reference, RecordingGroup."""
    if BUCKET in group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()):
        return False
    named = group.get("resourceTypes", ())
    return BUCKET in named or not named


def _items(
    reader: Gateway, kind: str, resource: str, start: datetime, region: str | None
) -> tuple[Item, ...]:
    """Newest first from AWS, so that reading stops at the state that held when the window began."""
    found: list[Item] = []
    try:
        for item in _newest_first(reader, kind, resource, region):
            found.append(item)
            if item["configurationItemCaptureTime"] <= start:
                break
    except AwsRefused as error:
        if error.code not in NEVER_SEEN:
            raise
    return tuple(reversed(found))


def _newest_first(reader: Gateway, kind: str, resource: str, region: str | None) -> Iterator[Item]:
    params = {"resourceType": kind, "resourceId": resource, "chronologicalOrder": "Reverse"}
    yield from reader.pages("config", "get_resource_config_history", params, "configurationItems", region)
