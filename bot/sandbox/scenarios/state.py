"""How the account stands now, as its root reads it: what a story is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.exceptions

from bot.sandbox.scenarios.player import Player


def is_public(root: Player, bucket: str) -> bool:
    """Whether S3 calls the policy public, or the ACL names everybody, and nothing holds that back."""
    block = asked(root, "get_public_access_block", Bucket=bucket).get("PublicAccessBlockConfiguration", {})
    policy = asked(root, "get_bucket_policy_status", Bucket=bucket).get("PolicyStatus", {})
    grants = asked(root, "get_bucket_acl", Bucket=bucket).get("Grants", [])
    open_acl = any("global/A" in grant["Grantee"].get("URI", "") for grant in grants)
    by_policy = bool(policy.get("IsPublic")) and not block.get("RestrictPublicBuckets")
    return by_policy or (open_acl and not block.get("IgnorePublicAcls"))


def asked(root: Player, method: str, **params: Any) -> Mapping[str, Any]:
    """What S3 answers; empty where the setting was never made or was deleted."""
    try:
        found: Mapping[str, Any] = root.do("s3", method, **params)
    except botocore.exceptions.ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code.startswith("NoSuch") or code.endswith("NotFoundError"):
            return {}
        raise
    return found
