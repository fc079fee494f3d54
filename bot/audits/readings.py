"""What an audit knows of a bucket: each setting as AWS answered, or why it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, Union

from bot.policy.exposure import AccessPoint

T = TypeVar("T")


@dataclass(frozen=True)
class Unknown:
    """AWS did not tell: `why` is a sentence. An unknown setting is never taken for a good one."""

    why: str


Reading: TypeAlias = Union[T, Unknown]  # noqa: UP007 -- an alias with a type variable

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Bucket:
    """One bucket's settings. `None` means that AWS answered "not configured".

    `policy_is_public` is S3's own verdict (GetBucketPolicyStatus), None where it was not asked for.
    `organization_public_access_block` is what the organisation's S3 policy sets for the account.
    `access_points` are those of the bucket in its own account.
    `policy`, `acl`, `public_access_block`, `encryption`, `versioning` and `logging` have boto3's shapes:
    the policy document, GetBucketAcl, PublicAccessBlockConfiguration,
    ServerSideEncryptionConfiguration, GetBucketVersioning and LoggingEnabled.
    """

    name: str
    account_id: str
    region: Reading[str]
    policy: Reading[Document | None]
    acl: Reading[Document | None]
    public_access_block: Reading[Document | None]
    account_public_access_block: Reading[Document | None]
    ownership: Reading[str | None]
    versioning: Reading[Document]
    logging: Reading[Document | None]
    encryption: Reading[Document | None]
    policy_is_public: Reading[bool | None] = None
    organization_public_access_block: Reading[Document | None] = None
    access_points: Reading[tuple[AccessPoint, ...]] = ()
