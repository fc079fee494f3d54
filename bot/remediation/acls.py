"""Bucket ACLs as states: who is granted what, in one order and without what S3 no longer tells.

Source: S3 User Guide, "Access control list (ACL) overview".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.remediation.buckets import setting
from bot.remediation.contract import Reader
from bot.remediation.plan import State, Target

_GROUPS = "http://acs.amazonaws.com/groups"
#: The groups that stand for everybody, and what people call them.
PUBLIC = {
    f"{_GROUPS}/global/AllUsers": "everybody on the internet",
    f"{_GROUPS}/global/AuthenticatedUsers": "every AWS account in the world",
}
#: Writes access logs into buckets that still let it by ACL.
LOG_DELIVERY = f"{_GROUPS}/s3/LogDelivery"
_GRANTEE = ("ID", "Type", "URI")


def read_acl(read: Reader, target: Target) -> State:
    """The bucket's ACL as S3 shows it: `Owner` and `Grants`, in boto3's shapes, display names left out.

    While public ACLs are ignored, S3 shows the ACL without its public grants.
    """
    return in_order(setting(read, target, "get_bucket_acl") or {})


def in_order(answer: Mapping[str, Any]) -> State:
    """The ACL of a bucket or an object as a state, from S3's answer."""
    grants = [_grant(one) for one in answer["Grants"]]
    return {"Owner": {"ID": answer["Owner"]["ID"]}, "Grants": sorted(grants, key=_order)}


def public_grants(acl: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in acl["Grants"] if one["Grantee"].get("URI") in PUBLIC]


def is_owners(grant: Mapping[str, Any], acl: Mapping[str, Any]) -> bool:
    """Whether the grant gives the bucket's owner what it has anyhow."""
    return bool(grant["Grantee"].get("ID") == acl["Owner"]["ID"])


def called(grant: Mapping[str, Any]) -> str:
    """The grantee for people."""
    grantee = grant["Grantee"]
    if "URI" in grantee:
        return PUBLIC.get(grantee["URI"], f"the group {grantee['URI'].rsplit('/', 1)[-1]}")
    return f"the account with the canonical id {grantee.get('ID', 'unknown')}"


def _grant(one: Mapping[str, Any]) -> dict[str, Any]:
    grantee = {name: one["Grantee"][name] for name in _GRANTEE if one["Grantee"].get(name)}
    return {"Grantee": grantee, "Permission": one["Permission"]}


def _order(grant: Mapping[str, Any]) -> tuple[str, str, str]:
    grantee = grant["Grantee"]
    return grantee.get("ID", ""), grantee.get("URI", ""), grant["Permission"]
