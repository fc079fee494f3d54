"""Whether a trail's files arrive: what its log bucket's policy says, and CloudTrail's own word.

Sources: CloudTrail API Reference, GetTrailStatus (LatestDeliveryError); CloudTrail User Guide, "Amazon S3
bucket policy for CloudTrail".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.document import PolicyError, parse
from bot.policy.lockout import trail_may_write
from bot.remediation.contract import Reader
from bot.remediation.words import delivery as words


def log_bucket(read: Reader, bucket: str, region: str) -> dict[str, Any]:
    """A log bucket's policy as `Policy`, None where it has none; `Unknown` says why it cannot be read."""
    try:
        answer = read.call("s3", "get_bucket_policy", {"Bucket": bucket}, region).data
    except AwsRefused as error:
        if error.code == "NoSuchBucketPolicy":
            return {"Policy": None}
        return {"Unknown": error.code}
    return {"Policy": json.loads(answer["Policy"])}


def latest_error(read: Reader, trail: str, region: str) -> str:
    """The error that S3 gave CloudTrail when it last tried to deliver; empty where it succeeded, or where the
    trail is gone. Raises AwsError.
    """
    try:
        status = read.call("cloudtrail", "get_trail_status", {"Name": trail}, region).data
    except AwsRefused as error:
        if error.code == "TrailNotFoundException":
            return ""
        raise
    return str(status.get("LatestDeliveryError") or "")


def said(found: Mapping[str, Any], settings: Mapping[str, Any], trail: str, account_id: str) -> Iterator[str]:
    """What stands in the way of delivery, or that nothing does. `found`: as `log_bucket`, with `Error`."""
    bucket, prefix = settings["S3BucketName"], settings["S3KeyPrefix"] or ""
    if error := found.get("Error"):
        yield words.last_time(error)
    if "Unknown" in found:
        yield words.policy_unread(bucket, found["Unknown"])
        return
    try:
        policy = parse(found["Policy"], bucket) if found["Policy"] else None
    except PolicyError as error:
        yield words.policy_unread(bucket, str(error))
        return
    decision = trail_may_write(policy, bucket, prefix, account_id, trail)
    yield words.may_write(bucket, decision.outcome)
