"""What a new bucket policy would take away from those who must stay, and whom it would let back in.

Those who must stay are people and roles (`locked_out`) and the services that write to the bucket (`stopped`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.policy.context import UNKNOWN
from bot.policy.decision import Decision
from bot.policy.document import Policy, Principal, Statement
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.log_writers import (
    OWNER_GETS_ALL,
    REPLICATION,
    REPLICATION_ACTIONS,
    WRITERS,
    is_named,
    objects_of,
    replication_roles,
)
from bot.policy.meaning_of_public import is_public
from bot.policy.principals import account_in_arn
from bot.policy.reach import granted, together

_KEPT_ACTIONS: Final = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
_ROLE = re.compile(r"(arn:[\w-]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SEVERITY: Final = {"allowed": 0, "depends": 1, "implicitly_denied": 2, "explicitly_denied": 2}
_DENIED: Final = 2

Known = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Kept:
    """A principal that must keep an action, the action, and the statements that would take it."""

    principal: str
    action: str
    statements: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Stopped:
    """A service that would no longer be able to write.

    `writer` is its name for people, `resource` an example of what it could not do `action` on. `statements`
    are the labels (Sid or position) of the Deny statements in the new policy that would stop it; empty where
    it is the loss of an Allow.
    """

    writer: str
    principal: str
    action: str
    resource: str
    statements: tuple[str, ...]


def locked_out(
    before: Policy | None,
    after: Policy | None,
    bucket: str,
    account_id: str,
    keep: Sequence[str],
    known: Known | None = None,
) -> tuple[Kept, ...]:
    """Who of `keep` (ARNs) would lose the right to read, write or delete the bucket policy by a Deny in
    `after`.

    A Deny that turns on a condition key which is not `known` (aws:SourceIp, aws:PrincipalOrgID ...) counts as
    one that applies: a lock-out that might happen is refused as well. `known` are condition keys of those
    principals' requests, the same for all; requests over TLS are taken for granted. The root user of the
    bucket's account is never locked out of these actions by a bucket policy (S3 API Reference,
    PutBucketPolicy).
    """
    arn = f"arn:aws:s3:::{bucket}"
    wants = (_Want(who, action, arn, account_id, known or {}) for who in keep for action in _KEPT_ACTIONS)
    return tuple(Kept(want.principal, want.action, by) for want, by in _losses(wants, before, after))


def stopped(
    before: Policy | None,
    after: Policy | None,
    bucket: str,
    account_id: str,
    replicating: Collection[str] = (),
    known: Known | None = None,
) -> tuple[Stopped, ...]:
    """Which services that could write to the bucket before would no longer be able to.

    Looked at are CloudTrail, AWS Config, log delivery, server access logging and S3's own reports wherever
    `before` names them and lets them write, the roles that it lets replicate, and `replicating`, other roles
    that replicate to the bucket (those of its own account may do so by their own policies). As in
    `locked_out`, what might stop them counts as what does; `known` are condition keys of their requests
    (aws:SourceArn ...).
    """
    wants = {
        want: writer
        for writer, want in (
            *_of_services(before, f"arn:aws:s3:::{bucket}", account_id, known or {}),
            *_of_roles(before, f"arn:aws:s3:::{bucket}", account_id, known or {}, replicating),
        )
    }
    return tuple(
        Stopped(wants[want], want.principal, want.action, want.resource, by)
        for want, by in _losses(wants, before, after)
    )


def trail_may_write(policy: Policy | None, bucket: str, prefix: str, account_id: str, trail: str) -> Decision:
    """Whether a bucket policy lets CloudTrail write the files of a trail (its ARN) below a prefix.

    The hardest of what decides about all that CloudTrail asks for; "depends" where that turns on a condition
    key whose value is not known. Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail".
    """
    writer, arn = WRITERS[0], f"arn:aws:s3:::{bucket}"
    known = {"aws:SourceArn": trail, "aws:SourceAccount": account_id, "s3:x-amz-acl": OWNER_GETS_ALL}
    file = f"{arn}/{f'{prefix}/' if prefix else ''}{writer.tail.format(account=account_id)}"
    asked = [*((one, arn) for one in writer.on_bucket), *((one, file) for one in writer.on_objects)]
    wants = [_Want(writer.principal, action, resource, account_id, known) for action, resource in asked]
    statements = policy.statements if policy else ()
    held = Policies(resource=Policy("bucket policy", None, statements, {}))
    return max((evaluate(want.request(statements), held) for want in wants), key=_severity)


def who_regains(before: Policy | None, after: Policy | None, account_id: str) -> tuple[str, ...]:
    """The other accounts that would get in again where RestrictPublicBuckets is on.

    It holds every other account back while the policy is public, so that taking out the public statement
    re-opens what the remaining statements grant. Source: S3 User Guide, "How Amazon S3 evaluates a bucket
    policy that contains both public and non-public access grants".
    """
    if before is None or after is None or not is_public(before) or is_public(after):
        return ()
    return together(granted(after, account_id).values()).accounts


@dataclass(frozen=True)
class _Want:
    """Something that a principal must be able to do; `known` are the condition keys of its request.

    `by_policy` says that the bucket policy must allow it; otherwise it is allowed already, and the bucket
    policy only must not deny it.
    """

    principal: str
    action: str
    resource: str
    account_id: str
    known: Known = field(hash=False)
    by_policy: bool = False

    @property
    def is_service(self) -> bool:
        """Whether it is an AWS service that acts as itself."""
        return not self.principal.startswith("arn:")

    def request(self, statements: Iterable[Statement]) -> Request:
        """The request, with every key that is not known and that the statements look at marked so."""
        asked = {condition.key.lower() for one in statements for condition in one.conditions}
        unknown = {key: UNKNOWN for key in asked if not _follows(key, service=self.is_service)}
        caller = {} if self.is_service else {"aws:principalarn": self.principal}
        named = {"aws:principalservicenameslist": self.principal} if self.is_service else {}
        given = {key.lower(): value for key, value in self.known.items()}
        return Request(
            principal=_session(self.principal),
            action=self.action,
            resource=self.resource,
            resource_account=self.account_id,
            context={**unknown, **caller, **named, "aws:securetransport": "true", **given},
        )


def _of_services(
    before: Policy | None, arn: str, account_id: str, known: Known
) -> Iterator[tuple[str, _Want]]:
    given = {"s3:x-amz-acl": OWNER_GETS_ALL, **known}
    for writer in WRITERS:
        # A statement for everyone lets services in too, and does not say that one writes there.
        if before is None or not is_named(writer, before):
            continue
        objects = dict.fromkeys(objects_of(writer, before, arn, account_id))
        resources = [(action, arn) for action in writer.on_bucket]
        resources += [(action, one) for action in writer.on_objects for one in objects]
        for action, resource in resources:
            yield writer.name, _Want(writer.principal, action, resource, account_id, given, by_policy=True)


def _of_roles(
    before: Policy | None, arn: str, account_id: str, known: Known, replicating: Iterable[str]
) -> Iterator[tuple[str, _Want]]:
    for role in dict.fromkeys([*replication_roles(before), *replicating]):
        for action in REPLICATION_ACTIONS:
            foreign = account_in_arn(role) != account_id
            yield REPLICATION, _Want(role, action, f"{arn}/object", account_id, known, by_policy=foreign)


def _losses(
    wants: Iterable[_Want], before: Policy | None, after: Policy | None
) -> Iterator[tuple[_Want, tuple[str, ...]]]:
    """What could be done before and no longer can, with the Deny statements by which that is so."""
    for want in wants:
        was, now = _denial(want, before), _denial(want, after)
        had, has = (_grant(want, one) if want.by_policy else 0 for one in (before, after))
        if max(_severity(was), had) < _DENIED and (_severity(now) > _severity(was) or has > had):
            denies = (reason.statement for reason in now.because if reason.effect == "Deny")
            yield want, tuple(dict.fromkeys(denies)) if _severity(now) > _severity(was) else ()


def _denial(want: _Want, policy: Policy | None) -> Decision:
    """What the policy's Deny statements alone decide."""
    denies = tuple(one for one in policy.statements if one.effect == "Deny") if policy else ()
    return _decide(want, (*denies, _EVERYTHING))


def _grant(want: _Want, policy: Policy | None) -> int:
    """How much stands in the way in the policy's Allow statements alone."""
    allows = tuple(one for one in policy.statements if one.effect == "Allow") if policy else ()
    return _severity(_decide(want, allows))


def _decide(want: _Want, statements: tuple[Statement, ...]) -> Decision:
    identity = Policy("everything", None, (replace(_EVERYTHING, principals=()),), {})
    resource = Policy("bucket policy", None, statements, {})
    return evaluate(want.request(statements), Policies(identity=(identity,), resource=resource))


def _severity(decision: Decision) -> int:
    return _SEVERITY[decision.outcome]


_EVERYTHING: Final = Statement(
    index=-1, sid=None, effect="Allow", actions=("*",), resources=("*",), principals=(Principal("AWS", "*"),)
)


def _session(principal: str) -> str:
    """Roles act through sessions; which name the session will have is not known, so no policy can name it."""
    role = _ROLE.fullmatch(principal)
    return f"{role[1]}:sts::{role[2]}:assumed-role/{role[3]}/any-session" if role else principal


def _follows(key: str, *, service: bool) -> bool:
    """Whether the key's value, or its absence, follows from the principal and the resource."""
    if service and key.startswith(("aws:principal", "aws:username")):
        return True
    return key in (
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:resourceaccount",
        "s3:resourceaccount",
    )
