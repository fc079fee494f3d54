"""One state of a bucket as AWS Config keeps it, brought to the shapes of S3's own API.

In GetResourceConfigHistory the values of supplementaryConfiguration are JSON in strings, and the ACL's is
JSON in JSON (seen in real items). Config keeps no Object Ownership: an ACL counts unless it is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.evidence.events import many, mapping, text_or_none
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.exposure import Exposure, exposure
from bot.policy.settings import FLAGS

_GROUPS = "http://acs.amazonaws.com/groups/"
_GROUP_URIS = {
    "AllUsers": f"{_GROUPS}global/AllUsers",
    "AuthenticatedUsers": f"{_GROUPS}global/AuthenticatedUsers",
    "LogDelivery": f"{_GROUPS}s3/LogDelivery",
}
_PERMISSIONS = {
    "FullControl": "FULL_CONTROL",
    "Read": "READ",
    "Write": "WRITE",
    "ReadAcp": "READ_ACP",
    "WriteAcp": "WRITE_ACP",
}

Block = Mapping[str, bool]


@dataclass(frozen=True)
class BucketRecord:
    """The bucket at `captured`. `policy` is None without one, or where it cannot be read (`unreadable`)."""

    captured: datetime
    deleted: bool = False
    policy_text: str | None = None
    policy: Policy | None = None
    unreadable: bool = False
    acl: Mapping[str, Any] = field(default_factory=dict)
    block: Block | None = None
    versioning: str = "Off"
    mfa_delete: bool = False
    log_target: str | None = None

    def exposure(self, account_block: Block | None, account_id: str) -> Exposure:
        """Whom it let in, together with the account's Block Public Access of that time."""
        return exposure(
            self.policy, self.acl, self.block, account_block, None, account_id=account_id, access_points=()
        )

    def as_settings(self) -> dict[str, Any]:
        """The state to go back to, in the shapes of S3's API."""
        enabled = {"TargetBucket": self.log_target.split("/", 1)[0]} if self.log_target else None
        if enabled and self.log_target:
            enabled["TargetPrefix"] = self.log_target.partition("/")[2]
        versioning = {} if self.versioning == "Off" else {"Status": self.versioning}
        return {
            "captured_at": self.captured.isoformat(),
            "policy": json.loads(self.policy_text) if self.policy_text and not self.unreadable else None,
            "public_access_block": dict(self.block) if self.block is not None else None,
            "acl": dict(self.acl),
            "versioning": versioning | ({"MFADelete": "Enabled"} if self.mfa_delete else {}),
            "logging": {"LoggingEnabled": enabled} if enabled else {},
        }


def record_of(item: Mapping[str, Any]) -> BucketRecord:
    """A configuration item of AWS::S3::Bucket."""
    captured: datetime = item["configurationItemCaptureTime"]
    if str(item.get("configurationItemStatus", "")).startswith("ResourceDeleted"):
        return BucketRecord(captured, deleted=True)
    parts = {name: _read(value) for name, value in mapping(item.get("supplementaryConfiguration")).items()}
    text = text_or_none(mapping(parts.get("BucketPolicy")).get("policyText"))
    policy, unreadable = _policy(text)
    versioning = mapping(parts.get("BucketVersioningConfiguration"))
    return BucketRecord(
        captured,
        policy_text=text,
        policy=policy,
        unreadable=unreadable,
        acl=_acl(mapping(parts.get("AccessControlList"))),
        block=block_of(parts.get("PublicAccessBlockConfiguration")),
        versioning=text_or_none(versioning.get("status")) or "Off",
        mfa_delete=versioning.get("isMfaDeleteEnabled") is True,
        log_target=_log_target(mapping(parts.get("BucketLoggingConfiguration"))),
    )


def account_block_of(item: Mapping[str, Any]) -> Block | None:
    """A configuration item of AWS::S3::AccountPublicAccessBlock."""
    return block_of(_read(item.get("configuration")))


def block_of(value: object) -> Block | None:
    """Config's spelling of a Block Public Access configuration in S3's; None where there is none."""
    told = mapping(value)
    if not told:
        return None
    return {flag: told.get(flag[:1].lower() + flag[1:]) is True for flag in FLAGS}


def _read(value: object) -> object:
    """What the JSON holds, however often it was packed."""
    for _ in range(3):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            break
    return value


def _policy(text: str | None) -> tuple[Policy | None, bool]:
    if text is None:
        return None, False
    try:
        return parse(text, "bucket policy"), False
    except (PolicyError, ValueError, RecursionError):
        return None, True


def _acl(told: Mapping[str, Any]) -> dict[str, Any]:
    owner = text_or_none(mapping(told.get("owner")).get("id")) or ""
    return {"Owner": {"ID": owner}, "Grants": list(_grants(told))}


def _grants(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for grant in map(mapping, many(told.get("grantList"))):
        permission = str(grant.get("permission"))
        grantee = grant.get("grantee")
        if isinstance(grantee, str):
            who = {"Type": "Group", "URI": _GROUP_URIS.get(grantee, f"{_GROUPS}{grantee}")}
        else:
            who = {"Type": "CanonicalUser", "ID": str(mapping(grantee).get("id"))}
        yield {"Grantee": who, "Permission": _PERMISSIONS.get(permission, permission)}


def _log_target(told: Mapping[str, Any]) -> str | None:
    bucket = text_or_none(told.get("destinationBucketName"))
    return f"{bucket}/{text_or_none(told.get('logFilePrefix')) or ''}" if bucket else None
