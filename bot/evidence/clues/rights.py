"""Whether a principal's own policies let it do what was done to the bucket (E26), decided as IAM decides."""

from __future__ import annotations

from collections.abc import Iterator

from bot.aws.iam_facts import NamedPolicy, PrincipalFacts
from bot.policy.document import Policy, PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate

#: What thieves do to a bucket, and whether it is done to the bucket or to its objects.
ACTIONS = (
    ("s3:ListBucket", ""),
    ("s3:GetObject", "/*"),
    ("s3:PutObject", "/*"),
    ("s3:DeleteObject", "/*"),
    ("s3:PutBucketPolicy", ""),
    ("s3:PutBucketPublicAccessBlock", ""),
)

Allowed = tuple[tuple[str, tuple[str, ...]], ...]


def rights(principal: PrincipalFacts, bucket: str) -> tuple[Allowed, tuple[str, ...]]:
    """The actions that its identity-based policies and boundary allow, each with the policies' names (and
    "maybe" where a condition decides), and the actions that they do not allow."""
    policies = Policies(
        identity=tuple(_parsed(principal.policies)), boundaries=_boundary(principal.boundary_policy)
    )
    partition = principal.arn.split(":")[1]
    allowed, refused = [], []
    for action, inside in ACTIONS:
        resource = f"arn:{partition}:s3:::{bucket}{inside}"
        account = principal.arn.split(":")[4]
        decision = evaluate(Request(principal.arn, action, resource, account), policies)
        if decision.outcome in ("allowed", "depends"):
            named = [one.policy for one in decision.because if one.layer == "identity" and one.policy]
            doubt = ("if its conditions hold",) if decision.outcome == "depends" else ()
            allowed.append((action, (*dict.fromkeys(named), *doubt)))
        else:
            refused.append(action)
    return tuple(allowed), tuple(refused)


def _parsed(policies: tuple[NamedPolicy, ...]) -> Iterator[Policy]:
    for one in policies:
        name = one.name.rpartition("/")[2] + (f" of group {one.group}" if one.group else "")
        try:
            yield parse(one.document, name)
        except PolicyError:
            continue  # IAM stores no policy that it cannot read; a new element of the language may be one


def _boundary(policy: NamedPolicy | None) -> tuple[Policy, ...] | None:
    return tuple(_parsed((policy,))) if policy else None
