"""Bucket policies: kept here, byte for byte, and never handed to moto, which would deny everybody.

Sources: S3 API Reference, PutBucketPolicy; S3 User Guide, "Bucket policies"; answers recorded from AWS.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from bot.policy.document import Policy, PolicyError, parse
from bot.sandbox.aws import errors, wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.meaning_of_public import is_public, public_statements
from bot.sandbox.aws.public_access import PublicAccess, prevented

#: Largest bucket policy, bytes.
MOST_BYTES = 20 * 1024
BUCKET_ARN = "arn:aws:s3:::"


@dataclass(frozen=True)
class _Stored:
    text: str
    policy: Policy


class BucketPolicies:
    """The policies of all buckets."""

    def __init__(self, backend: Backend, public_access: PublicAccess) -> None:
        self._backend = backend
        self._public_access = public_access
        self._stored: dict[str, _Stored] = {}
        self.answers = {
            ("s3", "PutBucketPolicy"): self._put,
            ("s3", "GetBucketPolicy"): self._get,
            ("s3", "DeleteBucketPolicy"): self._delete,
            ("s3", "GetBucketPolicyStatus"): self._status,
            ("accessanalyzer", "CheckNoPublicAccess"): self._check,
        }

    def of(self, bucket: str) -> Policy | None:
        stored = self._stored.get(bucket)
        return stored.policy if stored else None

    def text(self, bucket: str) -> str | None:
        stored = self._stored.get(bucket)
        return stored.text if stored else None

    def is_public(self, bucket: str) -> bool:
        """Whether S3 calls the bucket's policy public."""
        stored = self._stored.get(bucket)
        return stored is not None and is_public(stored.policy.source)

    def forget(self, bucket: str) -> None:
        self._stored.pop(bucket, None)

    def guard(self, call: Call, caller: Caller) -> None:
        """Refuse a policy that is none, and a public one under BlockPublicPolicy.

        Raises:
            AwsError: MalformedPolicy or AccessDenied.
        """
        bucket = str(call.bucket)
        public = is_public(self._readable(call).source)
        if public and self._public_access.blocks(bucket, "BlockPublicPolicy"):
            on = f"{BUCKET_ARN}{bucket}"
            raise prevented(caller, "s3:PutBucketPolicy", on, "policies", "BlockPublicPolicy")

    # -- answers ---------------------------------------------------------------------------------------

    def _put(self, call: Call) -> Response:
        self._stored[str(call.bucket)] = _Stored(call.http.body.decode(), self._readable(call))
        return Response(204)

    def _get(self, call: Call) -> Response:
        text = self._known(call).text
        return Response(200, text.encode(), Headers([("Content-Type", "application/json")]))

    def _delete(self, call: Call) -> Response:
        self.forget(str(call.bucket))
        return Response(204)

    def _status(self, call: Call) -> Response:
        public = str(is_public(self._known(call).policy.source)).lower()
        return xml(f"<PolicyStatus><IsPublic>{public}</IsPublic></PolicyStatus>")

    def _check(self, call: Call) -> Response:
        """IAM Access Analyzer's custom check of a document that need not be anybody's policy."""
        if call.text("resourceType") != "AWS::S3::Bucket":
            raise AwsError("InvalidParameterException", "The resource type is not supported here.", 400)
        try:
            policy = parse(str(call.text("policyDocument")), "policyDocument")
        except PolicyError as error:
            raise AwsError("InvalidParameterException", f"The policy is invalid: {error}", 400) from None
        public = public_statements(policy.source)
        reasons = [
            {
                "description": "One or more of the statements grant public access.",
                "statementIndex": index,
                **({"statementId": sid} if (sid := policy.statements[index].sid) else {}),
            }
            for index in public
        ]
        result = "FAIL" if public else "PASS"
        message = f"The resource policy {'grants' if public else 'does not grant'} public access."
        return wire.answer(call, {"result": result, "message": message, "reasons": reasons})

    def _known(self, call: Call) -> _Stored:
        stored = self._stored.get(str(call.bucket))
        if stored is None:
            raise errors.no_such_bucket_policy(str(call.bucket))
        return stored

    # -- what AWS takes for a policy -------------------------------------------------------------------

    def _readable(self, call: Call) -> Policy:
        if len(call.http.body) > MOST_BYTES:
            raise errors.malformed_policy(
                f"Normalized policy document exceeds the maximum allowed size of {MOST_BYTES} bytes."
            )
        text = call.http.body.decode("utf-8", "replace")
        try:
            policy = parse(text, f"bucket policy of {call.bucket}")
        except PolicyError as error:
            raise errors.malformed_policy(_sentence(text, error)) from None
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
            known = r"\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+"
            return re.fullmatch(known, principal) is not None
        name = principal.rpartition("/")[2]
        found = self._backend.user(name) if ":user/" in principal else self._backend.role(name)
        return found is not None and found.arn == principal


def _sentence(text: str, error: PolicyError) -> str:
    try:
        json.loads(text)
    except ValueError:
        return "Policies must be valid JSON and the first byte must be '{'"
    return f"Policy has an invalid element: {error}"


def _speaks_of(resource: str, bucket: str) -> bool:
    """Whether a resource of a bucket policy is this bucket or objects of it (wildcards allowed)."""
    if not resource.startswith(BUCKET_ARN):
        return resource == "*"
    name = resource.removeprefix(BUCKET_ARN).split("/")[0]
    pattern = re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, bucket) is not None
