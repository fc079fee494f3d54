"""A bucket's settings as they are, to say what a change of one of them does; what is refused is unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.aws.errors import AwsRefused
from bot.remediation.contract import Reader

T = TypeVar("T")
_NOT_SET = frozenset(
    {"NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError"}
)

Block = Mapping[str, Any] | None


@dataclass(frozen=True)
class BucketSettings:
    """What decides about requests to a bucket, in the shapes of S3's API.

    `acl` is None where it was not read. The Block Public Access settings of bucket and account are each in a
    tuple of one (None in it: none is set), or None where they were not read. `ownership` is None where none
    is set or it was not read: then ACLs may count. `policy` is None where there is none.
    """

    policy: Mapping[str, Any] | None = None
    acl: Mapping[str, Any] | None = None
    bucket_block: tuple[Block] | None = None
    account_block: tuple[Block] | None = None
    ownership: str | None = None


def read_settings(read: Reader, bucket: str, account_id: str, region: str) -> BucketSettings:
    """The settings as AWS shows them. Raises AwsUnavailable."""

    def s3(operation: str) -> Mapping[str, Any]:
        return read.call("s3", operation, {"Bucket": bucket}, region).data

    def account() -> Block:
        answer = read.call("s3control", "get_public_access_block", {"AccountId": account_id}, region).data
        return dict(answer["PublicAccessBlockConfiguration"])

    return BucketSettings(
        policy=_or_none(lambda: dict(json.loads(s3("get_bucket_policy")["Policy"]))),
        acl=_or_none(lambda: s3("get_bucket_acl")),
        bucket_block=_block(lambda: s3("get_public_access_block")["PublicAccessBlockConfiguration"]),
        account_block=_block(account),
        ownership=_or_none(
            lambda: str(
                s3("get_bucket_ownership_controls")["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
            )
        ),
    )


def _or_none(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except AwsRefused:
        return None


def _block(ask: Callable[[], Block]) -> tuple[Block] | None:
    try:
        return (ask(),)
    except AwsRefused as error:
        return (None,) if error.code in _NOT_SET else None
