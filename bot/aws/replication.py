"""Who replicates into a bucket: the roles that other buckets of the account name in their own settings.

A destination of the same account needs no statement for them: their own policies are enough, and nothing in
the destination tells of them. Source: S3 User Guide, "Setting up permissions for live replication"; S3 API
Reference, GetBucketReplication, ListBuckets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bot.aws.errors import AwsError, AwsRefused
from bot.aws.public_verdict import Reader

#: Requests at once: an account can have a thousand buckets, and a plan waits for the answer.
_AT_ONCE = 16
_NONE = "ReplicationConfigurationNotFoundError"


@dataclass(frozen=True)
class Replication:
    """The roles (ARNs) that replicate into a bucket, and the buckets whose settings could not be read."""

    roles: tuple[str, ...]
    unread: tuple[str, ...]


def replication_into(reader: Reader, bucket: str) -> Replication:
    """Asks every bucket of the account. Raises AwsError when the buckets cannot be listed."""
    listed = [one for one in _buckets(reader) if one["Name"] != bucket]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda one: _sender(reader, one, bucket), listed))
    roles = [role for role in answers if role]
    unread = [one["Name"] for one, role in zip(listed, answers, strict=True) if role is None]
    return Replication(tuple(dict.fromkeys(roles)), tuple(unread))


def _buckets(reader: Reader) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = reader.call("s3", "list_buckets", {}).data.get("Buckets", [])
    return found


def _sender(reader: Reader, source: Mapping[str, Any], bucket: str) -> str | None:
    """The role with which `source` replicates into the bucket, empty when it does not, None when unknown."""
    try:
        answer = reader.call(
            "s3", "get_bucket_replication", {"Bucket": source["Name"]}, source.get("BucketRegion")
        )
    except AwsRefused as error:
        return "" if error.code in (_NONE, "NoSuchBucket") else None
    except AwsError:
        return None
    configuration = answer.data["ReplicationConfiguration"]
    targets = {
        str(rule.get("Destination", {}).get("Bucket", "")).rpartition(":")[2]
        for rule in configuration.get("Rules", [])
        if rule.get("Status") == "Enabled"
    }
    return str(configuration["Role"]) if bucket in targets else ""
