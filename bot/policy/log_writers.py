"""The services that write to buckets, and what each needs of a bucket policy.

They act as service principals, which only a bucket policy can let in, so that a Deny without an exception for
them, or the loss of a statement, stops them without a word. Replication acts as a role.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.policy.document import Policy, Statement
from bot.policy.wildcard import is_fixed, matches

OWNER_GETS_ALL: Final = "bucket-owner-full-control"


@dataclass(frozen=True)
class Writer:
    """A service that writes: its principal, the actions on the bucket and the objects, and where it writes.

    `tail` is what its object keys look like below any prefix; `source` the AWS page that says what it needs.
    """

    name: str
    principal: str
    on_bucket: tuple[str, ...]
    on_objects: tuple[str, ...]
    tail: str
    source: str


WRITERS: Final = (
    Writer(
        "CloudTrail",
        "cloudtrail.amazonaws.com",
        ("s3:GetBucketAcl",),
        ("s3:PutObject",),
        "AWSLogs/{account}/CloudTrail/us-east-1/2026/01/01/log.json.gz",
        "CloudTrail User Guide, Amazon S3 bucket policy for CloudTrail",
    ),
    Writer(
        "AWS Config",
        "config.amazonaws.com",
        ("s3:GetBucketAcl", "s3:ListBucket"),
        ("s3:PutObject",),
        "AWSLogs/{account}/Config/us-east-1/2026/1/1/ConfigHistory/history.json.gz",
        "AWS Config Developer Guide, Permissions for the Amazon S3 Bucket",
    ),
    Writer(
        "S3 server access logging",
        "logging.s3.amazonaws.com",
        (),
        ("s3:PutObject",),
        "2026-01-01-00-00-00-0123456789ABCDEF",
        "S3 User Guide, Enabling Amazon S3 server access logging",
    ),
    Writer(
        "log delivery (VPC flow logs and others)",
        "delivery.logs.amazonaws.com",
        ("s3:GetBucketAcl",),
        ("s3:PutObject",),
        "AWSLogs/{account}/vpcflowlogs/us-east-1/2026/01/01/log.gz",
        "CloudWatch Logs User Guide, Logs sent to Amazon S3",
    ),
    Writer(
        "S3 Inventory and storage class analysis",
        "s3.amazonaws.com",
        (),
        ("s3:PutObject",),
        "inventory/2026-01-01T01-00Z/manifest.json",
        "S3 User Guide, Grant permissions for S3 Inventory and S3 analytics",
    ),
)

REPLICATION: Final = "replication"
REPLICATION_ACTIONS: Final = ("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags")
"""What the replication role needs on the destination's objects (S3 User Guide, "Setting up permissions for
live replication").
"""


def replication_roles(policy: Policy | None) -> Iterator[str]:
    """The roles that a destination's policy lets replicate, by name."""
    for statement in policy.statements if policy else ():
        replicates = any(one.lower().startswith("s3:replicate") for one in statement.actions)
        if statement.effect == "Allow" and replicates:
            yield from (
                one.value for one in statement.principals if ":role/" in one.value and is_fixed(one.value)
            )


def is_named(writer: Writer, policy: Policy) -> bool:
    """Whether a policy lets the service in by its name."""
    allows = (statement for statement in policy.statements if statement.effect == "Allow")
    return any(one.value == writer.principal for statement in allows for one in statement.principals)


def objects_of(writer: Writer, policy: Policy, bucket: str, account_id: str) -> Iterator[str]:
    """Sample objects of a service, one below each place where the policy lets it write."""
    for statement in policy.statements:
        if statement.effect == "Allow" and any(one.value == writer.principal for one in statement.principals):
            yield from _samples(statement, writer.tail.format(account=account_id), bucket)


def _samples(statement: Statement, tail: str, bucket: str) -> Iterator[str]:
    """For each object pattern, an object that it matches and that looks like one of the service's."""
    for pattern in statement.resources:
        start = f"{bucket}/" if pattern == "*" else pattern.partition("*")[0]
        # The deepest overlap of where the pattern ends and how the service's keys begin.
        cuts = (cut for cut in range(len(tail), -1, -1) if start.endswith(tail[:cut]))
        sample = start + tail[next(cuts) :]
        within = (sample, start, f"{bucket}/{tail}", pattern.replace("*", "x"))
        found = (one for one in within if one.startswith(f"{bucket}/") and matches(pattern, one))
        yield from list(found)[:1]
