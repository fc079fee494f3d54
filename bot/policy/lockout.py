"""What a new bucket policy would take away from those who must stay, and whom it would let back in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.policy.context import UNKNOWN
from bot.policy.document import Policy, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.meaning_of_public import is_public
from bot.policy.reach import granted, together

_KEPT_ACTIONS: Final = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_ROLE = re.compile(r"(arn:[\w-]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SEVERITY: Final = {"allowed": 0, "depends": 1, "explicitly_denied": 2}


@dataclass(frozen=True)
class Kept:
    """A principal that must keep an action, and the action."""

    principal: str
    action: str


def locked_out(
    before: Policy | None,
    after: Policy | None,
    bucket: str,
    account_id: str,
    keep: Sequence[str],
    known: Mapping[str, str | Sequence[str]] | None = None,
) -> tuple[Kept, ...]:
    """Who of `keep` (ARNs) would lose the right to read, write or delete the bucket policy by a Deny in
    `after`.

    A Deny that turns on a condition key which is not `known` (aws:SourceIp, aws:PrincipalOrgID ...) counts as
    one that applies: a lock-out that might happen is refused as well. `known` are condition keys of those
    principals' requests, the same for all; requests over TLS are taken for granted. The root user of the
    bucket's account is never locked out of these actions by a bucket policy (S3 API Reference,
    PutBucketPolicy).
    """
    candidates = (Kept(principal, action) for principal in keep for action in _KEPT_ACTIONS)
    context = {"aws:SecureTransport": "true", **(known or {})}
    return tuple(
        one
        for one in candidates
        if _severity(one, after, bucket, account_id, context)
        > _severity(one, before, bucket, account_id, context)
    )


def who_regains(before: Policy | None, after: Policy | None, account_id: str) -> tuple[str, ...]:
    """The other accounts that would get in again where RestrictPublicBuckets is on.

    It holds every other account back while the policy is public, so that taking out the public statement
    re-opens what the remaining statements grant. Source: S3 User Guide, "How Amazon S3 evaluates a bucket
    policy that contains both public and non-public access grants".
    """
    if before is None or after is None or not is_public(before) or is_public(after):
        return ()
    return together(granted(after, account_id).values()).accounts


def _severity(
    kept: Kept,
    policy: Policy | None,
    bucket: str,
    account_id: str,
    context: Mapping[str, str | Sequence[str]],
) -> int:
    """How much the policy stands in the way of someone who is otherwise allowed everything."""
    if policy is None:
        return 0
    unknown = {c.key: UNKNOWN for s in policy.statements for c in s.conditions if not _follows(c.key)}
    request = Request(
        principal=_session(kept.principal),
        action=kept.action,
        resource=f"arn:aws:s3:::{bucket}",
        resource_account=account_id,
        context={**_lowered(unknown), "aws:principalarn": kept.principal, **_lowered(context)},
    )
    decision = evaluate(request, Policies(identity=(_everything(),), resource=policy))
    return _SEVERITY.get(decision.outcome, 0)


def _session(principal: str) -> str:
    """Roles act through sessions; which name the session will have is not known, so no policy can name it."""
    role = _ROLE.fullmatch(principal)
    return f"{role[1]}:sts::{role[2]}:assumed-role/{role[3]}/any-session" if role else principal


def _follows(key: str) -> bool:
    """Whether the key's value follows from the principal and the resource."""
    return key.lower() in (
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:resourceaccount",
        "s3:resourceaccount",
    )


def _lowered(context: Mapping[str, str | Sequence[str]]) -> dict[str, str | Sequence[str]]:
    return {key.lower(): value for key, value in context.items()}


def _everything() -> Policy:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return parse({"Version": "2012-10-17", "Statement": statement}, "everything")
