"""Whether a principal's own policies let it do what was done to the bucket (E26), decided as IAM decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.aws.iam_facts import NamedPolicy, PrincipalFacts
from bot.policy.context import UNKNOWN
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

#: Condition keys that follow from who asks for what; bot.policy.request works them out.
FOLLOWING = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:username",
        "aws:principalisawsservice",
        "aws:resourceaccount",
        "s3:resourceaccount",
    }
)
#: What is taken for granted of a request: TLS, and by the principal itself.
USUAL = {"aws:SecureTransport": "true", "aws:ViaAWSService": "false"}

Allowed = tuple[tuple[str, tuple[str, ...]], ...]


def rights(principal: PrincipalFacts, bucket: str) -> tuple[Allowed, tuple[str, ...]]:
    """The actions that its identity-based policies and boundary allow, with the names of those that do (and
    a note where a condition decides that nobody here can know), and the actions that they do not allow.
    """
    policies = Policies(
        identity=tuple(_parsed(principal.policies)), boundaries=_boundary(principal.boundary_policy)
    )
    context = USUAL | dict.fromkeys(_unknown((*policies.identity, *(policies.boundaries or ()))), UNKNOWN)
    partition = principal.arn.split(":")[1]
    allowed, refused = [], []
    for action, inside in ACTIONS:
        resource = f"arn:{partition}:s3:::{bucket}{inside}"
        account = principal.arn.split(":")[4]
        decision = evaluate(Request(principal.arn, action, resource, account, context), policies)
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


def _unknown(policies: Iterable[Policy]) -> Iterator[str]:
    """The condition keys that nobody can know without the request."""
    known = FOLLOWING | {key.lower() for key in USUAL}
    for policy in policies:
        for statement in policy.statements:
            yield from (one.key for one in statement.conditions if one.key.lower() not in known)


def _boundary(policy: NamedPolicy | None) -> tuple[Policy, ...] | None:
    return tuple(_parsed((policy,))) if policy else None
