"""Reading the buckets of an account: each setting by its own call, each refusal kept as what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from bot.audits.readings import Bucket, Document, Reading, Unknown
from bot.aws.errors import AwsError, AwsRefused
from bot.aws.fact import Fact
from bot.aws.gateway import Answer
from bot.aws.public_verdict import policy_is_public
from bot.policy.document import PolicyError, parse
from bot.policy.exposure import AccessPoint
from bot.policy.settings import FLAGS

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
        "NoSuchAccessPointPolicy",
        "EffectivePolicyNotFoundException",
        "AWSOrganizationsNotInUseException",
    }
)
_ALL_ON = dict.fromkeys(FLAGS, True)
_ALL_OFF = dict.fromkeys(FLAGS, False)


def buckets(read: Reader) -> Iterator[Bucket]:
    """Every bucket of the account, in S3's order. Raises AwsError when the buckets cannot even be listed."""
    account, organization = _account_block(read), _organization_block(read)
    for listed in read.call("s3", "list_buckets", {}).data.get("Buckets", []):
        found = _bucket(read, listed["Name"], account)
        yield replace(found, organization_public_access_block=organization)


def _account_block(read: Reader) -> Reading[Document | None]:
    def ask() -> Document:
        answer = read.call("s3control", "get_public_access_block", {"AccountId": read.account_id})
        block: Document = answer.data["PublicAccessBlockConfiguration"]
        return block

    return _reading(ask)


def _organization_block(read: Reader) -> Reading[Document | None]:
    """What the organisation's S3 policy sets, all four on or all off, for its accounts in place of their own.

    Source: Organizations User Guide, "Amazon S3 policies" (syntax), DescribeEffectivePolicy.
    """

    def ask() -> Document | None:
        answer = read.call("organizations", "describe_effective_policy", {"PolicyType": "S3_POLICY"})
        content = json.loads(answer.data["EffectivePolicy"]["PolicyContent"])
        setting = content.get("s3_attributes", {}).get("public_access_block_configuration")
        return {"all": _ALL_ON, "none": _ALL_OFF}.get(setting)

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
        policy_is_public=_verdict(policy_is_public(read, name, where)),
        access_points=_reading(lambda: tuple(_access_points(read, name, where))) or (),
    )


def _verdict(said: Fact[bool]) -> Reading[bool]:
    return Unknown(said.unknown or "") if said.value is None else said.value


def _access_points(read: Reader, bucket: str, region: str | None) -> Iterator[AccessPoint]:
    """The access points of the bucket's own account, all pages of them. Raises AwsError, also between."""
    asked: dict[str, Any] = {"AccountId": read.account_id, "Bucket": bucket}
    while True:
        page = read.call("s3control", "list_access_points", asked, region).data
        for listed in page.get("AccessPointList", ()):
            yield _access_point(read, listed["Name"], region)
        if not page.get("NextToken"):
            return
        asked = {**asked, "NextToken": page["NextToken"]}


def _access_point(read: Reader, name: str, region: str | None) -> AccessPoint:
    params = {"AccountId": read.account_id, "Name": name}
    found = read.call("s3control", "get_access_point", params, region).data
    try:
        text = read.call("s3control", "get_access_point_policy", params, region).data["Policy"]
    except AwsRefused as error:
        if error.code not in NOT_CONFIGURED:
            raise
        text = None
    return AccessPoint(
        arn=found.get("AccessPointArn", name),
        policy=parse(text, f"access point {name}") if text else None,
        public_access_block=found.get("PublicAccessBlockConfiguration"),
        vpc=(found.get("VpcConfiguration") or {}).get("VpcId"),
    )


def _reading(ask: Callable[[], T]) -> T | Unknown | None:
    try:
        return ask()
    except AwsRefused as error:
        return None if error.code in NOT_CONFIGURED else Unknown(str(error))
    except AwsError as error:
        return Unknown(str(error))
    except PolicyError as error:
        return Unknown(f"A policy could not be understood: {error}")


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
