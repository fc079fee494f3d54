"""Reading the buckets of an account: each setting by its own call, each refusal kept as what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from bot.audits.readings import Bucket, Document, Reading, Unknown
from bot.aws.errors import AwsError, AwsRefused
from bot.aws.gateway import Answer

T = TypeVar("T")


class Reader(Protocol):
    """What reads AWS: the gateway with the evidence role."""

    account_id: str

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer: ...


#: S3's "not configured" answers: a state like any other, not a failure.
NOT_CONFIGURED = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


def buckets(read: Reader) -> Iterator[Bucket]:
    """Every bucket of the account, in S3's order. Raises AwsError when the buckets cannot even be listed."""
    account = _account_block(read)
    for listed in read.call("s3", "list_buckets", {}).data.get("Buckets", []):
        yield _bucket(read, listed["Name"], account)


def _account_block(read: Reader) -> Reading[Document | None]:
    def ask() -> Document:
        answer = read.call("s3control", "get_public_access_block", {"AccountId": read.account_id})
        block: Document = answer.data["PublicAccessBlockConfiguration"]
        return block

    return _reading(ask)


def _bucket(read: Reader, name: str, account: Reading[Document | None]) -> Bucket:
    region = _reading(lambda: _region(read, name)) or "us-east-1"
    where = None if isinstance(region, Unknown) else region

    def get(operation: str) -> Mapping[str, Any]:
        return read.call("s3", operation, {"Bucket": name}, region=where).data

    ownership = _reading(lambda: _ownership(get("get_bucket_ownership_controls")))
    logging = _reading(lambda: get("get_bucket_logging").get("LoggingEnabled"))
    return Bucket(
        name=name,
        account_id=read.account_id,
        region=region,
        policy=_reading(lambda: _document(get("get_bucket_policy")["Policy"])),
        acl=_reading(lambda: get("get_bucket_acl")),
        public_access_block=_reading(
            lambda: get("get_public_access_block")["PublicAccessBlockConfiguration"]
        ),
        account_public_access_block=account,
        ownership=ownership,
        versioning=_reading(lambda: get("get_bucket_versioning")) or {},
        logging=logging,
        encryption=_reading(lambda: get("get_bucket_encryption")["ServerSideEncryptionConfiguration"]),
    )


def _reading(ask: Callable[[], T]) -> T | Unknown | None:
    try:
        return ask()
    except AwsRefused as error:
        return None if error.code in NOT_CONFIGURED else Unknown(str(error))
    except AwsError as error:
        return Unknown(str(error))


def _region(read: Reader, name: str) -> str:
    # GetBucketLocation answers null for us-east-1 and "EU" for the oldest buckets in Ireland.
    location = read.call("s3", "get_bucket_location", {"Bucket": name}).data.get("LocationConstraint")
    return {"EU": "eu-west-1", None: "us-east-1", "": "us-east-1"}.get(location, str(location))


def _document(text: str) -> Document:
    document: Document = json.loads(text)
    return document


def _ownership(answer: Mapping[str, Any]) -> str | None:
    rules = answer["OwnershipControls"]["Rules"]
    return str(rules[0]["ObjectOwnership"]) if rules else None
