"""ACLs: refused where the bucket's owner has turned them off, shown and counted as they are in effect.

Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs", "Access control list overview".
"""

from __future__ import annotations

import re

from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import ALL_USERS, AUTHENTICATED_USERS, Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.public_access import PublicAccess, prevented

ENFORCED = "BucketOwnerEnforced"
PUBLIC_GROUPS = {ALL_USERS, AUTHENTICATED_USERS}
PUBLIC_CANNED = {"public-read", "public-read-write", "authenticated-read"}
WRITES_ACL = {"PutBucketAcl", "PutObjectAcl"}
#: Calls that may write an ACL together with the object.
WRITES_OBJECT = {"PutObject", "CopyObject", "CreateMultipartUpload"}
READS_ACL = {"GetBucketAcl", "GetObjectAcl"}
GRANT_HEADERS = tuple(
    f"x-amz-grant-{name}" for name in ("read", "write", "read-acp", "write-acp", "full-control")
)


class Acls:
    """The rules around ACLs, which moto stores and does not know."""

    def __init__(self, backend: Backend, public_access: PublicAccess) -> None:
        self._backend = backend
        self._public_access = public_access

    def count(self, bucket: str) -> bool:
        """Whether public ACLs of this bucket and its objects have any effect."""
        return not self._enforced(bucket) and not self._public_access.blocks(bucket, "IgnorePublicAcls")

    def _enforced(self, bucket: str) -> bool:
        found = self._backend.bucket(bucket)
        return found is not None and found.ownership_rule == ENFORCED

    def guard(self, call: Call, caller: Caller) -> None:
        """Refuse ACLs under BucketOwnerEnforced, and public ones under BlockPublicAcls.

        Raises:
            AwsError: AccessControlListNotSupported or AccessDenied.
        """
        bucket, asked = str(call.bucket), _asked(call)
        if not asked:
            return
        harmless = call.operation in WRITES_OBJECT and asked == {"bucket-owner-full-control"}
        if self._enforced(bucket) and not harmless:
            raise errors.acls_not_supported()
        if asked & (PUBLIC_CANNED | PUBLIC_GROUPS) and self._public_access.blocks(bucket, "BlockPublicAcls"):
            on = f"arn:aws:s3:::{bucket}" + (f"/{call.key}" if call.key else "")
            raise prevented(caller, f"s3:{call.operation}", on, "ACLs", "BlockPublicAcls")

    def guard_ownership(self, call: Call) -> None:
        """Refuse to turn ACLs off over a public one.

        Raises:
            AwsError: InvalidBucketAclWithObjectOwnership.
        """
        grantees = {grantee for grantee, _ in self._backend.acl_grants(str(call.bucket))}
        if ENFORCED.encode() in call.http.body and grantees & PUBLIC_GROUPS:
            raise errors.acl_against_ownership()

    def show_effective(self, call: Call, response: Response) -> None:
        """Under IgnorePublicAcls S3 shows the ACL that is in effect, not the one that is stored."""
        if self._public_access.blocks(str(call.bucket), "IgnorePublicAcls"):
            grant = re.compile(rb"<Grant>.*?</Grant>", re.DOTALL)
            response.body = grant.sub(lambda m: b"" if b"/groups/global/" in m[0] else m[0], response.body)


def _asked(call: Call) -> set[str]:
    """The canned ACL, the groups and the headers by which a call asks for an ACL; empty for none."""
    canned = call.header("x-amz-acl") or ""
    asked = {canned} - {"", "private" if call.operation in WRITES_OBJECT else ""}
    for name in GRANT_HEADERS:
        value = call.header(name)
        if value:
            asked |= {group for group in PUBLIC_GROUPS if group in value} or {name}
    if call.operation in WRITES_ACL and call.http.body:
        body = call.http.body.decode("utf-8", "replace")
        asked |= {group for group in PUBLIC_GROUPS if group in body} or {"AccessControlPolicy"}
    return asked
