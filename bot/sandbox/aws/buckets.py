"""What S3 does with a bucket's configuration and moto does not.

The parts: policies, Block Public Access, ACLs, versions. Here is the order in which they are asked.
"""

from __future__ import annotations

import re

from bot.policy.document import Policy
from bot.sandbox.aws import errors
from bot.sandbox.aws.acls import READS_ACL, WRITES_ACL, WRITES_OBJECT, Acls
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.bucket_policies import BucketPolicies
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.configurations import Configurations
from bot.sandbox.aws.control import Control
from bot.sandbox.aws.fragments import Fragments
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.objects import Objects
from bot.sandbox.aws.public_access import PublicAccess
from bot.sandbox.aws.versions import Versions


class Buckets:
    """The layer of S3 above moto: guards before a call, own answers, and what follows from a call."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._public_access = PublicAccess(backend)
        self._policies = BucketPolicies(backend, self._public_access)
        self._versions = Versions(backend)
        self._fragments = Fragments()
        self._configurations = Configurations(backend, self._versions)
        self._objects = Objects(backend)
        self.acls = Acls(backend, self._public_access)
        self._answers = self._policies.answers | self._public_access.answers | self._versions.answers
        self._answers |= self._objects.answers
        self._control = Control(backend, self._public_access)
        self._answers |= self._configurations.answers | self._control.answers

    def policy(self, bucket: str) -> Policy | None:
        return self._policies.of(bucket)

    def policy_text(self, bucket: str) -> str | None:
        """The policy as it was put, byte for byte."""
        return self._policies.text(bucket)

    @property
    def account_block(self) -> dict[str, bool] | None:
        """The account's own Block Public Access, None where it is not set."""
        return self._public_access.account

    def mfa_delete(self, bucket: str) -> bool:
        return self._versions.mfa_delete(bucket)

    def restricted(self, bucket: str, caller: Caller) -> bool:
        """Whether RestrictPublicBuckets keeps this caller from profiting by a public policy."""
        return (
            caller.account_id != self._backend.owner(bucket)
            and self._public_access.blocks(bucket, "RestrictPublicBuckets")
            and self._policies.is_public(bucket)
        )

    def through(self, call: Call) -> Call:
        """The request as one for a bucket, where it comes through an access point."""
        return self._control.points.through(call) if call.service == "s3" else call

    def access_point_policy(self, arn: str, caller: Caller) -> Policy | None:
        """The policy of the access point in an ARN, as it counts for this caller."""
        return self._control.points.policy(arn, outside=caller.account_id != self._backend.account_id)

    def require(self, call: Call) -> None:
        """Before anything else: the buckets exist and belong to whom the caller expects.

        Raises:
            AwsError: NoSuchBucket, or AccessDenied for another owner.
        """
        if call.bucket is not None and call.operation != "CreateBucket":
            self._owned(call.bucket, call.header("x-amz-expected-bucket-owner"))
        source = call.header("x-amz-copy-source")
        if source:
            self._owned(source.lstrip("/").split("/")[0], call.header("x-amz-source-expected-bucket-owner"))

    def _owned(self, bucket: str, expected: str | None) -> None:
        if expected is not None and not re.fullmatch(r"\d{12}", expected):
            raise errors.bad_owner_id(expected)
        owner = self._backend.owner(bucket)
        if owner is None:
            raise errors.no_such_bucket(bucket)
        if expected is not None and expected != owner:
            raise errors.access_denied("s3")

    def guard(self, call: Call, caller: Caller) -> None:
        """What S3 refuses although the policies allow it.

        Raises:
            AwsError: Block Public Access, ACLs under BucketOwnerEnforced, MFA Delete, blocked SSE-C.
        """
        if call.bucket is None:
            return
        self._objects.guard(call)
        if call.operation in WRITES_ACL | WRITES_OBJECT:
            self.acls.guard(call, caller)
            self._fragments.guard_write(call)
        elif call.operation == "PutBucketPolicy":
            self._policies.guard(call, caller)
        elif call.operation == "PutBucketOwnershipControls":
            self.acls.guard_ownership(call)
        elif call.operation == "PutBucketVersioning":
            rules = self._configurations.has_lifecycle(call.bucket)
            self._versions.guard_versioning(call, caller, lifecycle=rules)
            self._guard_replication(call)
        elif call.operation == "DeleteObject":
            self._versions.guard_delete(call)

    def _guard_replication(self, call: Call) -> None:
        if self._configurations.replicates(str(call.bucket)) and b"Suspended" in call.http.body:
            raise errors.versioning_needed()

    def answer(self, call: Call) -> Response | None:
        """Our own answer to the call, None when moto has a right one."""
        own = self._answers.get((call.service, call.operation))
        return own(call) if own else None

    def after(self, call: Call, response: Response) -> None:
        """What follows from a successful call, and what moto left out of its answer."""
        bucket = call.bucket
        if bucket is None:
            return
        if call.operation == "CreateBucket":
            self._backend.apply_bucket_defaults(self._backend.bucket(bucket))
        elif call.operation == "DeleteBucket":
            self._policies.forget(bucket)
            self._versions.forget(bucket)
            self._fragments.forget(bucket)
            self._configurations.forget(bucket)
        elif call.operation == "PutBucketVersioning":
            self._versions.remember(call)
        elif call.operation == "GetBucketVersioning":
            self._versions.show(call, response)
        elif call.operation in READS_ACL:
            self.acls.show_effective(call, response)
        self._objects.after(call, response)
        self._fragments.after(call, response)
