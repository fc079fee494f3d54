"""CloudTrail's trails: which events each one takes, and the log files that it leaves in its bucket.

Source: CloudTrail User Guide, "Finding your CloudTrail log files", "CloudTrail log file name format".
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.sandbox.aws import errors, trail_rules
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.context import Context
from bot.sandbox.aws.events import Event
from bot.sandbox.aws.permissions import Permissions
from bot.sandbox.aws.selectors import DEFAULT, selects

SERVICE = "cloudtrail.amazonaws.com"
#: A file holds the events of five minutes; it is named after the end of them, or after now.
EVERY = timedelta(minutes=5)
UNIQUE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class _Ledger:
    """What one trail has still to deliver, and how its last delivery went."""

    pending: list[Event] = field(default_factory=list)
    delivered_at: datetime | None = None
    error: str | None = None


class Trails:
    """Takes events in as they happen and delivers them. Not thread-safe: the gate's lock is held."""

    def __init__(
        self,
        backend: Backend,
        permissions: Permissions,
        chance: Random,
        look: Callable[[str, datetime], Event],
    ) -> None:
        """`look` makes the event of CloudTrail's own look at its bucket before it writes a file."""
        self._backend = backend
        self._permissions = permissions
        self._chance = chance
        self._look = look
        self._ledgers: defaultdict[str, _Ledger] = defaultdict(_Ledger)

    def guard(self, call: Call) -> None:
        """The rules of trails; and CreateTrail and UpdateTrail need a bucket that lets CloudTrail write.

        Raises:
            AwsError: InsufficientS3BucketPolicyException, or as `trail_rules` has it.
        """
        trail_rules.guard(call, self._backend)
        bucket = call.text("S3BucketName")
        if call.service != "cloudtrail" or call.operation not in {"CreateTrail", "UpdateTrail"} or not bucket:
            return
        if self._backend.owner(bucket) and not self._may_write(
            bucket, call.text("S3KeyPrefix"), self._arn(call)
        ):
            raise errors.insufficient_bucket_policy(bucket)

    def after(self, call: Call, response: Response) -> None:
        """Repair what moto keeps differently: default selectors, one kind of selectors at a time, status."""
        if call.service != "cloudtrail":
            return
        trail = self._backend.trail(call.text("TrailName") or call.text("Name") or "")
        if trail is None:
            return
        if call.operation == "CreateTrail":
            trail.event_selectors = [dict(DEFAULT)]
        elif call.operation == "PutEventSelectors" and call.params.get("EventSelectors"):
            trail.advanced_event_selectors = []
        elif call.operation == "StartLogging":
            trail.status.started = call.stage.at.replace(tzinfo=None)
        elif call.operation == "StopLogging":
            trail.status.stopped = call.stage.at.replace(tzinfo=None)
        elif call.operation == "GetTrailStatus":
            response.body = json.dumps(self._status(trail, json.loads(response.body))).encode()

    def take(self, event: Event) -> None:
        """Give the event to every trail that is logging and selects it."""
        for trail in self._backend.trails():
            if not trail.status.is_logging or not _covers(trail, event):
                continue
            if selects(trail.event_selectors, trail.advanced_event_selectors, event):
                self._ledgers[trail.arn].pending.append(event)

    def deliver(self) -> int:
        """Write all that is pending; the number of files written."""
        return sum(self._deliver(trail) for trail in self._backend.trails())

    def _deliver(self, trail: Any) -> int:
        ledger = self._ledgers[trail.arn]
        if not ledger.pending:
            return 0
        if not self._may_write(trail.bucket_name, trail.s3_key_prefix, trail.arn):
            ledger.error = "AccessDenied" if self._backend.owner(trail.bucket_name) else "NoSuchBucket"
            return 0
        pending, ledger.pending, ledger.error = ledger.pending, [], None
        files = self._files(pending)
        for (at, region), events in files.items():
            self._write(trail, at, region, events)
        ledger.delivered_at = datetime.now(UTC)
        return len(files)

    def _files(self, pending: list[Event]) -> dict[tuple[datetime, str], list[Event]]:
        """Events by file: the time in its name and the Region."""
        now = datetime.now(UTC)
        files: defaultdict[tuple[datetime, str], list[Event]] = defaultdict(list)
        for event in pending:
            minute = event.at.replace(minute=event.at.minute - event.at.minute % 5, second=0, microsecond=0)
            files[min(minute + EVERY, now), event.record["awsRegion"]].append(event)
        return dict(files)

    def _write(self, trail: Any, at: datetime, region: str, events: list[Event]) -> None:
        events = [*events, self._look(trail.bucket_name, at)]
        # Real files are not in order of time, and readers must not count on it.
        shuffled = self._chance.sample(events, len(events))
        body = json.dumps({"Records": [event.record for event in shuffled]}, separators=(",", ":"))
        key = self._key(trail.s3_key_prefix, at, region)
        self._backend.put_log_object(trail.bucket_name, key, gzip.compress(body.encode(), mtime=0), at)

    def _key(self, prefix: str | None, at: datetime, region: str) -> str:
        account = self._backend.account_id
        unique = "".join(self._chance.choices(UNIQUE, k=16))
        folder = f"{_folder(prefix)}AWSLogs/{account}/CloudTrail/{region}/{at:%Y/%m/%d}"
        return f"{folder}/{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"

    def _arn(self, call: Call) -> str:
        name = call.text("Name") or ""
        account = self._backend.account_id
        return name if name.startswith("arn:") else f"arn:aws:cloudtrail:{call.region}:{account}:trail/{name}"

    def _may_write(self, bucket: str, prefix: str | None, trail_arn: str) -> bool:
        account = self._backend.account_id
        resource = f"arn:aws:s3:::{bucket}/{_folder(prefix)}AWSLogs/{account}/file.json.gz"
        keys: Context = {
            "s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceAccount": account,
            "aws:SourceArn": trail_arn,
        }
        return self._permissions.service_may(SERVICE, "s3:PutObject", resource, keys)

    def _status(self, trail: Any, status: dict[str, Any]) -> dict[str, Any]:
        ledger = self._ledgers[trail.arn]
        for name in ("LatestDeliveryTime", "LatestDeliveryAttemptTime", "LatestDeliveryAttemptSucceeded"):
            status.pop(name, None)
        if ledger.delivered_at:
            status["LatestDeliveryTime"] = ledger.delivered_at.timestamp()
        if ledger.error:
            status["LatestDeliveryError"] = ledger.error
        return status


def _folder(prefix: str | None) -> str:
    return f"{prefix}/" if prefix else ""


def _covers(trail: Any, event: Event) -> bool:
    """Whether a trail sees the event's Region; IAM's and STS's global events only where it includes them."""
    if event.record["eventSource"] == "iam.amazonaws.com":
        return bool(trail.include_global_service_events)
    return bool(trail.is_multi_region) or trail.region_name == event.record["awsRegion"]
