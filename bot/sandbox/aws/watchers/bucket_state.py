"""One bucket as the services that watch it see it: its settings and whom they let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.policy.document import Policy
from bot.policy.exposure import Exposure, exposure
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.buckets import Buckets


@dataclass(frozen=True)
class BucketState:
    """A bucket's settings at one moment; `acl` as GetBucketAcl tells it, `policy_text` byte for byte."""

    name: str
    region: str
    owner_id: str
    created: datetime
    policy_text: str | None
    policy: Policy | None
    acl: dict[str, Any]
    block: dict[str, bool] | None
    account_block: dict[str, bool] | None
    ownership: str | None
    versioning: str | None
    mfa_delete: bool
    logging: dict[str, str]

    def exposure(self, account_id: str) -> Exposure:
        """Whom it lets in."""
        return exposure(
            self.policy,
            self.acl,
            self.block,
            self.account_block,
            self.ownership,
            account_id=account_id,
            access_points=(),
        )


class BucketStates:
    """Looks at the buckets of the account."""

    def __init__(self, backend: Backend, buckets: Buckets) -> None:
        self._backend = backend
        self._buckets = buckets

    @property
    def account_block(self) -> dict[str, bool] | None:
        return self._buckets.account_block

    def names(self) -> list[str]:
        return self._backend.bucket_names()

    def of(self, name: str) -> BucketState | None:
        """The bucket as it is now; None when there is none (any more)."""
        found = self._backend.bucket(name)
        if found is None:
            return None
        owner = self._backend.owner_id
        return BucketState(
            name=name,
            region=found.region_name,
            owner_id=owner,
            created=found.creation_date.replace(tzinfo=found.creation_date.tzinfo or UTC),
            policy_text=self._buckets.policy_text(name),
            policy=self._buckets.policy(name),
            acl={"Owner": {"ID": owner}, "Grants": [_grant(*one) for one in self._backend.acl_grants(name)]},
            block=self._backend.public_access_block(found),
            account_block=self._buckets.account_block,
            ownership=found.ownership_rule,
            versioning=found.versioning_status,
            mfa_delete=self._buckets.mfa_delete(name),
            logging={
                "TargetBucket": str(found.logging.get("TargetBucket", "")),
                "TargetPrefix": str(found.logging.get("TargetPrefix", "")),
            }
            if found.logging
            else {},
        )


def _grant(grantee: str, permission: str) -> dict[str, Any]:
    group = grantee.startswith("http")
    who = {"Type": "Group", "URI": grantee} if group else {"Type": "CanonicalUser", "ID": grantee}
    return {"Grantee": who, "Permission": permission}
