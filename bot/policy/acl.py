"""Whom an S3 access control list lets in, and for what.

Source: S3 User Guide, "Access control list (ACL) overview" (grantees, predefined groups, "Mapping of ACL
permissions and access policy permissions").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.policy.reach import ANY_AWS_ACCOUNT, ANYONE, Reach

_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_PUBLIC_GROUPS: Final = {
    f"{_GROUPS}global/AllUsers": ANYONE,
    f"{_GROUPS}global/AuthenticatedUsers": ANY_AWS_ACCOUNT,
}
_ACTIONS: Final = {
    "READ": ("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"),
    "WRITE": ("s3:PutObject",),
    "READ_ACP": ("s3:GetBucketAcl",),
    "WRITE_ACP": ("s3:PutBucketAcl",),
}
"""What a permission of a bucket's ACL allows; FULL_CONTROL is all of them. Objects have ACLs of their own."""


@dataclass(frozen=True)
class AclGrant:
    """One grant to somebody other than the owner; `permission` as S3 writes it (READ, WRITE_ACP ...)."""

    permission: str
    reach: Reach

    @property
    def public(self) -> bool:
        """Whether it makes the ACL public: it is to everyone, or to everyone with an AWS account."""
        return self.reach in _PUBLIC_GROUPS.values()

    @property
    def actions(self) -> tuple[str, ...]:
        """The IAM actions that the permission amounts to."""
        if self.permission == "FULL_CONTROL":
            return tuple(action for actions in _ACTIONS.values() for action in actions)
        return _ACTIONS.get(self.permission, (self.permission,))


def grants_of(acl: Mapping[str, Any] | None) -> Iterator[AclGrant]:
    """The grants of an ACL (the shape of GetBucketAcl) without those to the bucket's owner."""
    owner = (acl or {}).get("Owner", {}).get("ID")
    for grant in (acl or {}).get("Grants", ()):
        grantee = grant.get("Grantee", {})
        name = grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or ""
        if name != owner:
            yield AclGrant(str(grant.get("Permission", "")), _reach(name))


def _reach(name: str) -> Reach:
    if group := _PUBLIC_GROUPS.get(name):
        return group
    if name.startswith(_GROUPS):
        return Reach("principals", (name,))
    return Reach("accounts", (name,), (name,))
