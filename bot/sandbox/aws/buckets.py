"""What S3 does with a bucket's configuration and moto does not: policies, Block Public Access, ACL rules.

Bucket policies are kept here and never handed to moto, which would deny everybody. Every sentence and code
was recorded from AWS or stands in its documentation (S3 User Guide, "Blocking public access", "Controlling
ownership of objects"; domain 4).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from bot.policy.document import Policy, PolicyError, parse
from bot.policy.exposure import is_public
from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import ALL_USERS, AUTHENTICATED_USERS, Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller

#: Largest bucket policy, bytes (S3 User Guide, "Bucket policies").
POLICY_BYTES = 20 * 1024
SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
PUBLIC_GROUPS = {ALL_USERS, AUTHENTICATED_USERS}
PUBLIC_CANNED = {"public-read", "public-read-write", "authenticated-read"}
#: Calls that write an ACL with the object.
WRITES_OBJECT = {"PutObject", "CopyObject", "CreateMultipartUpload"}
GRANT_HEADERS = tuple(
    f"x-amz-grant-{name}" for name in ("read", "write", "read-acp", "write-acp", "full-control")
)


@dataclass(frozen=True)
class StoredPolicy:
    """A bucket policy as it was put, byte for byte, and read."""

    text: str
    policy: Policy


class Buckets:
    """The layer of S3 above moto: guards before a call, own answers, and what follows from a call."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._policies: dict[str, StoredPolicy] = {}
        self._account_block: dict[str, bool] | None = None
        self._mfa_delete: set[str] = set()
        self._answers: dict[tuple[str, str], Callable[[Call], Response]] = {
            ("s3", "PutBucketPolicy"): self._put_policy,
            ("s3", "GetBucketPolicy"): self._get_policy,
            ("s3", "DeleteBucketPolicy"): self._delete_policy,
            ("s3", "GetBucketPolicyStatus"): self._policy_status,
            ("s3", "GetObjectRetention"): self._retention,
            ("s3control", "GetPublicAccessBlock"): self._get_account_block,
            ("s3control", "PutPublicAccessBlock"): self._put_account_block,
            ("s3control", "DeletePublicAccessBlock"): self._delete_account_block,
        }

    # -- asked by the permissions ----------------------------------------------------------------------

    def policy(self, bucket: str) -> Policy | None:
        stored = self._policies.get(bucket)
        return stored.policy if stored else None

    def restricted(self, resource: str, caller: Caller) -> bool:
        """Whether RestrictPublicBuckets keeps this caller from profiting by a public policy."""
        bucket = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
        policy = self.policy(bucket)
        return (
            policy is not None
            and caller.account_id != self._backend.owner(bucket)
            and self.setting(bucket, "RestrictPublicBuckets")
            and is_public(policy)
        )

    def acls_count(self, bucket: str) -> bool:
        """Whether public ACLs of this bucket and its objects have any effect."""
        found = self._backend.bucket(bucket)
        if found is None or found.ownership_rule == "BucketOwnerEnforced":
            return False
        return not self.setting(bucket, "IgnorePublicAcls")

    def setting(self, bucket: str, name: str) -> bool:
        """A Block Public Access setting in effect: the bucket's or the account's, whichever restricts."""
        found = self._backend.bucket(bucket)
        own = self._backend.public_access_block(found) if found is not None else None
        return bool((own or {}).get(name)) or bool((self._account_block or {}).get(name))

    # -- the way of a call -----------------------------------------------------------------------------

    def require(self, call: Call) -> None:
        """Before anything else: the bucket exists and belongs to whom the caller expects.

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
            AwsError: Block Public Access, ACLs under BucketOwnerEnforced, MFA Delete.
        """
        if call.bucket is None:
            return
        if call.operation in {"PutBucketAcl", "PutObjectAcl"} or call.operation in WRITES_OBJECT:
            self._guard_acl(call, caller)
        elif call.operation == "PutBucketPolicy":
            self._guard_policy(call, caller)
        elif call.operation == "PutBucketOwnershipControls":
            self._guard_ownership(call)
        elif call.operation == "PutBucketVersioning":
            self._guard_versioning(call, caller)
        elif call.operation == "DeleteObject" and "VersionId" in call.params:
            self._guard_mfa(call)

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
            self._policies.pop(bucket, None)
            self._mfa_delete.discard(bucket)
        elif call.operation == "PutBucketVersioning":
            self._remember_mfa(call)
        elif call.operation == "GetBucketVersioning" and bucket in self._mfa_delete:
            opened, closing, name = response.body.rpartition(b"</")
            response.body = opened + b"<MfaDelete>Enabled</MfaDelete>" + closing + name
        elif call.operation in {"GetBucketAcl", "GetObjectAcl"} and self.setting(bucket, "IgnorePublicAcls"):
            response.body = _without_public_grants(response.body)

    # -- bucket policy ---------------------------------------------------------------------------------

    def _guard_policy(self, call: Call, caller: Caller) -> None:
        bucket = str(call.bucket)
        policy = self._readable(call)
        if self.setting(bucket, "BlockPublicPolicy") and is_public(policy):
            raise _prevented(
                caller, "s3:PutBucketPolicy", f"arn:aws:s3:::{bucket}", "policies", "BlockPublicPolicy"
            )

    def _readable(self, call: Call) -> Policy:
        text = call.http.body.decode("utf-8", "replace")
        if len(call.http.body) > POLICY_BYTES:
            raise errors.malformed_policy(
                "Normalized policy document exceeds the maximum allowed size of 20480 bytes."
            )
        try:
            policy = parse(text, f"bucket policy of {call.bucket}")
        except PolicyError as error:
            raise errors.malformed_policy(_policy_sentence(text, error)) from None
        self._check_statements(policy, str(call.bucket))
        return policy

    def _check_statements(self, policy: Policy, bucket: str) -> None:
        for statement in policy.statements:
            if not statement.principals and not statement.not_principals:
                raise errors.malformed_policy("Missing required field Principal")
            for resource in (*statement.resources, *statement.not_resources):
                if not _speaks_of(resource, bucket):
                    raise errors.malformed_policy("Policy has invalid resource")
            for principal in statement.principals:
                if principal.kind == "AWS" and not self._exists(principal.value):
                    raise errors.malformed_policy("Invalid principal in policy")

    def _exists(self, principal: str) -> bool:
        """Whether AWS would accept a principal: it knows every user and role, here those of the account."""
        own = f"arn:aws:iam::{self._backend.account_id}:"
        if not principal.startswith(own) or principal == f"{own}root":
            return principal == "*" or bool(re.fullmatch(r"\d{12}|arn:aws:(iam|sts)::\d{12}:.+", principal))
        name = principal.rpartition("/")[2]
        found = self._backend.user(name) if ":user/" in principal else self._backend.role(name)
        return found is not None and found.arn == principal

    def _put_policy(self, call: Call) -> Response:
        text = call.http.body.decode()
        self._policies[str(call.bucket)] = StoredPolicy(text, self._readable(call))
        return Response(204)

    def _get_policy(self, call: Call) -> Response:
        stored = self._stored(call)
        return Response(200, stored.text.encode(), Headers([("Content-Type", "application/json")]))

    def _delete_policy(self, call: Call) -> Response:
        self._policies.pop(str(call.bucket), None)
        return Response(204)

    def _policy_status(self, call: Call) -> Response:
        public = str(is_public(self._stored(call).policy)).lower()
        return _xml(f"<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>")

    def _stored(self, call: Call) -> StoredPolicy:
        stored = self._policies.get(str(call.bucket))
        if stored is None:
            raise errors.no_such_bucket_policy(str(call.bucket))
        return stored

    # -- Block Public Access of the account ------------------------------------------------------------

    def _get_account_block(self, call: Call) -> Response:
        if self._account_block is None:
            raise errors.no_public_access_block({"AccountId": self._account_of(call)})
        inner = "".join(
            f"<{name}>{str(value).lower()}</{name}>" for name, value in self._account_block.items()
        )
        return _xml(f"<PublicAccessBlockConfiguration>{inner}</PublicAccessBlockConfiguration>")

    def _put_account_block(self, call: Call) -> Response:
        self._account_of(call)
        body = call.http.body.decode()
        told = {name: _flag(body, name) for name in SETTINGS}
        if all(value is None for value in told.values()):
            raise AwsError("InvalidRequest", "Must specify at least one configuration.", 400)
        self._account_block = {name: bool(value) for name, value in told.items()}
        return Response(200)

    def _delete_account_block(self, call: Call) -> Response:
        self._account_of(call)
        self._account_block = None
        return Response(204)

    def _account_of(self, call: Call) -> str:
        account = call.header("x-amz-account-id") or ""
        if account != self._backend.account_id:
            raise errors.access_denied("s3control")
        return account

    # -- ACLs and ownership ----------------------------------------------------------------------------

    def _guard_acl(self, call: Call, caller: Caller) -> None:
        bucket = self._backend.bucket(str(call.bucket))
        asked = _asked_acl(call)
        if bucket is None or not asked:
            return
        harmless = call.operation in WRITES_OBJECT and asked == {"bucket-owner-full-control"}
        if bucket.ownership_rule == "BucketOwnerEnforced" and not harmless:
            raise errors.acls_not_supported()
        if asked & (PUBLIC_CANNED | PUBLIC_GROUPS) and self.setting(bucket.name, "BlockPublicAcls"):
            on = f"arn:aws:s3:::{bucket.name}" + (f"/{call.key}" if call.key else "")
            raise _prevented(caller, f"s3:{call.operation}", on, "ACLs", "BlockPublicAcls")

    def _guard_ownership(self, call: Call) -> None:
        if b"BucketOwnerEnforced" not in call.http.body:
            return
        grantees = {grantee for grantee, _ in self._backend.acl_grants(str(call.bucket))}
        if grantees & PUBLIC_GROUPS:
            raise errors.acl_against_ownership()

    # -- object lock -----------------------------------------------------------------------------------

    def _retention(self, call: Call) -> Response:
        """moto would answer with the object itself."""
        bucket = self._backend.bucket(str(call.bucket))
        if bucket is None or not bucket.object_lock_enabled:
            raise AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration", 400)
        written = bucket.keys.get(call.key)
        if written is None or not written.lock_mode:
            message = "The specified object does not have a ObjectLock configuration"
            raise AwsError("NoSuchObjectLockConfiguration", message, 404)
        inner = f"<Mode>{written.lock_mode}</Mode><RetainUntilDate>{written.lock_until}</RetainUntilDate>"
        return _xml(f"<Retention>{inner}</Retention>")

    # -- versioning and MFA Delete ---------------------------------------------------------------------

    def _guard_versioning(self, call: Call, caller: Caller) -> None:
        body = call.http.body.decode("utf-8", "replace")
        if re.search(r"<MfaDelete>\s*Enabled", body, re.IGNORECASE) and caller.kind != "root":
            raise errors.bucket_owner_only()
        if "<MfaDelete>" in body and not call.header("x-amz-mfa"):
            raise errors.mfa_needed()
        self._guard_mfa(call)

    def _guard_mfa(self, call: Call) -> None:
        if call.bucket in self._mfa_delete and not call.header("x-amz-mfa"):
            raise errors.mfa_needed()

    def _remember_mfa(self, call: Call) -> None:
        told = re.search(r"<MfaDelete>\s*(\w+)", call.http.body.decode("utf-8", "replace"))
        if told and told[1] == "Enabled":
            self._mfa_delete.add(str(call.bucket))
        elif told:
            self._mfa_delete.discard(str(call.bucket))


def _prevented(caller: Caller, action: str, resource: str, what: str, setting: str) -> AwsError:
    message = (
        f'User: {caller.arn} is not authorized to perform: {action} on resource: "{resource}" '
        f"because public {what} are prevented by the {setting} setting in S3 Block Public Access."
    )
    return errors.access_denied("s3", message)


def _policy_sentence(text: str, error: PolicyError) -> str:
    try:
        json.loads(text)
    except ValueError:
        return "Policies must be valid JSON and the first byte must be '{'"
    return f"Policy has an invalid element: {error}"


def _speaks_of(resource: str, bucket: str) -> bool:
    """Whether a resource of a bucket policy is this bucket or objects of it (wildcards may stand in either)."""
    name = resource.removeprefix("arn:aws:s3:::").split("/")[0]
    if not resource.startswith("arn:aws:s3:::"):
        return resource == "*"
    pattern = re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, bucket) is not None


def _asked_acl(call: Call) -> set[str]:
    """The canned ACL, or the groups, that a call asks for; empty when it asks for none."""
    asked = {call.header("x-amz-acl") or ""} - {"", "private" if call.operation in WRITES_OBJECT else ""}
    for name in GRANT_HEADERS:
        value = call.header(name)
        if value:
            asked |= {group for group in PUBLIC_GROUPS if group in value} or {name}
    if call.operation in {"PutBucketAcl", "PutObjectAcl"}:
        body = call.http.body.decode("utf-8", "replace")
        asked |= {group for group in PUBLIC_GROUPS if group in body} or ({"policy"} if body else set())
    return asked


def _without_public_grants(body: bytes) -> bytes:
    """An ACL as S3 shows it under IgnorePublicAcls: what has no effect is not shown (domain 0.8)."""
    grants = re.compile(rb"<Grant>.*?</Grant>", re.DOTALL)
    return grants.sub(lambda m: b"" if b"/groups/global/" in m[0] else m[0], body)


def _flag(body: str, name: str) -> bool | None:
    found = re.search(rf"<{name}>\s*(true|false)", body, re.IGNORECASE)
    return None if found is None else found[1].lower() == "true"


def _xml(inner: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{inner}'
    return Response(200, text.encode(), Headers([("Content-Type", "application/xml")]))
