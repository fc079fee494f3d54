"""Everything about a bucket, a key or an identity that decides about requests, at one time.

For comparing the state before a change with the state after it. A log and a bucket's settings leave some of
it open (the policies of callers, the ACLs of objects): what is left open is `Assumed`, the same before and
after. Sources: those of `evaluate`, `exposure` and `acl`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, Final

from bot.policy.acl import AclGrant, grants_of
from bot.policy.document import Policy, Statement
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.exposure import ACLS_OFF, Settings
from bot.policy.meaning_of_public import is_public
from bot.policy.principals import Caller
from bot.policy.reach import ANY_AWS_ACCOUNT, ANYONE
from bot.policy.statements import Ask, judge, speaks_of_action
from bot.policy.truth import Truth

OWN_POLICIES: Final = "the caller's own policies"
OBJECT_ACLS: Final = "ACLs that were not read"
RESTRICTING: Final = "RestrictPublicBuckets, which was not read"

_EVERYTHING: Final = Policy(
    "everything", None, (Statement(-1, None, "Allow", actions=("*",), resources=("*",)),), {}
)
_TRUTH: Final = {
    "allowed": Truth.YES,
    "depends": Truth.MAYBE,
    "implicitly_denied": Truth.NO,
    "explicitly_denied": Truth.NO,
}


@dataclass(frozen=True)
class Access:
    """What decides about requests, as far as a change can touch it.

    `bucket` is the ARN of the bucket whose settings these are (empty: only keys and identities are
    compared), `account_id` its owner. `acl` is GetBucketAcl's answer, None where it was not read. `blocks`
    are the Block Public Access settings in force (bucket, and account or organisation), None where they were
    not read. `inactive_keys` are access keys that do not work. `identities` are policies of a user or role
    (by ARN) beside those that are not known; of those in `complete` they are all that there are. A role's
    sessions are known by its ARN.
    """

    bucket: str = ""
    account_id: str = ""
    policy: Policy | None = None
    acl: Mapping[str, Any] | None = None
    blocks: tuple[Settings, ...] | None = None
    ownership: str | None = None
    inactive_keys: frozenset[str] = frozenset()
    identities: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()

    @cached_property
    def public(self) -> bool:
        """Whether S3 calls the policy public."""
        return self.policy is not None and is_public(self.policy)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The policy's statements without their positions, which a change moves."""
        return tuple(replace(one, index=0) for one in self.policy.statements) if self.policy else ()

    @cached_property
    def grants(self) -> tuple[AclGrant, ...]:
        """The grants of the bucket's ACL."""
        return tuple(grants_of(self.acl))

    def is_set(self, flag: str) -> bool | None:
        """Whether a Block Public Access setting is in force; None where they were not read."""
        if self.blocks is None:
            return None
        return any(bool(settings and settings.get(flag)) for settings in self.blocks)

    def holds(self, resource: str) -> bool:
        """Whether a resource is the bucket or in it."""
        return bool(self.bucket) and (resource == self.bucket or resource.startswith(f"{self.bucket}/"))


#: Nobody can be denied these while the credentials work (AWS STS API Reference, GetCallerIdentity).
NEED_NO_PERMISSION: Final = frozenset({"sts:GetCallerIdentity"})


@dataclass(frozen=True)
class Assumed:
    """One way in which what is not known could be: the same before the change and after it.

    `own_policies`: the caller's own side (its policies, its organisation) allows the request; `acl`: an ACL
    that was not read lets the caller in; `restricting`: RestrictPublicBuckets is on.
    """

    own_policies: bool
    acl: bool
    restricting: bool


@dataclass(frozen=True)
class Terms:
    """What in an `Access` speaks of one request: where they are equal, a change does not touch it.

    `statements` are those of the bucket policy that apply or may apply; `held_back` says that
    RestrictPublicBuckets, if on (`restricting`; None: not read), takes the Allow statements from this
    caller; `granted` whether the bucket's ACL lets the caller in, `acls` whether an ACL that was not read
    could. `identity` are the caller's policies that are known, `complete` says that they are all.
    """

    key_works: bool
    statements: tuple[Statement, ...]
    held_back: bool
    restricting: bool | None
    granted: Truth
    acls: bool
    identity: tuple[Policy, ...]
    complete: bool = False

    def open_questions(self, who: Caller) -> Iterator[Assumed]:
        """Every way in which what these terms leave open could be."""
        own = (True, False) if who.account and who.kind != "root" and not self.complete else (True,)
        acl = (True, False) if self.acls else (False,)
        restricting = (False,) if not self.held_back else (True, False)
        if self.held_back and self.restricting is not None:
            restricting = (self.restricting,)
        yield from (Assumed(*one) for one in product(own, acl, restricting))

    def decide(self, request: Request, who: Caller, assumed: Assumed) -> tuple[Truth, tuple[str, ...]]:
        """Whether the request is allowed, and the condition keys that it depends on."""
        if not self.key_works:
            return Truth.NO, ()
        if request.action in NEED_NO_PERMISSION:
            return Truth.YES, ()
        held = self.held_back and (assumed.restricting if self.restricting is None else self.restricting)
        statements = tuple(one for one in self.statements if one.effect == "Deny" or not held)
        own = (_EVERYTHING,) if assumed.own_policies and not self.complete else ()
        policy = Policy("bucket policy", None, statements, {}) if self.statements else None
        decision = evaluate(request, Policies(identity=(*own, *self.identity), resource=policy))
        truth = _TRUTH[decision.outcome]
        if decision.outcome != "explicitly_denied":
            truth = max(truth, self._by_acl(who, assumed))
        return truth, decision.depends_on

    def _by_acl(self, who: Caller, assumed: Assumed) -> Truth:
        """Whether an ACL allows it. A Deny statement that did not certainly apply may yet do so."""
        granted = Truth.YES if self.acls and assumed.acl else self.granted
        if who.account and not assumed.own_policies:
            return Truth.NO
        return min(granted, Truth.MAYBE) if any(s.effect == "Deny" for s in self.statements) else granted


def terms(access: Access, ask: Ask, key: str | None, issuer: str | None) -> Terms:
    """What of `access` speaks of a request."""
    inside = access.holds(ask.resource)
    outsider = ask.caller.account != access.account_id and ask.caller.kind != "service"
    speaking = access.statements if inside else ()
    applying = tuple(one for one in speaking if _may_apply(one, ask))
    held_back = access.public and outsider and any(one.effect == "Allow" for one in applying)
    return Terms(
        key_works=key not in access.inactive_keys,
        statements=applying,
        held_back=held_back,
        restricting=access.is_set("RestrictPublicBuckets") if held_back else None,
        granted=_granted(access, ask) if inside and outsider else Truth.NO,
        acls=inside and outsider and _acls_could(access, ask),
        identity=access.identities.get(issuer or "", ()),
        complete=issuer in access.complete,
    )


def _may_apply(statement: Statement, ask: Ask) -> bool:
    named = bool(statement.principals or statement.not_principals)
    return named and speaks_of_action(statement, ask.action) and judge(statement, ask).applies > Truth.NO


def _granted(access: Access, ask: Ask) -> Truth:
    """Whether the bucket's ACL lets the caller in; which account a canonical user ID is, is not known."""
    if access.ownership == ACLS_OFF:
        return Truth.NO
    ignored = bool(access.is_set("IgnorePublicAcls"))
    return max(
        (_of(grant, ask.caller) for grant in access.grants
         if ask.action in grant.actions and not (ignored and grant.public)),
        default=Truth.NO,
    )  # fmt: skip


def _of(grant: AclGrant, who: Caller) -> Truth:
    if grant.reach == ANYONE or (grant.reach == ANY_AWS_ACCOUNT and who.account):
        return Truth.YES
    return Truth.MAYBE if who.account and not grant.public and grant.reach.accounts else Truth.NO


_OBJECT_ACL_ACTIONS: Final = frozenset(
    {"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAcl", "s3:GetObjectVersionAcl", "s3:PutObjectAcl"}
)


def _acls_could(access: Access, ask: Ask) -> bool:
    """Whether an ACL that was not read (objects have their own) could let the caller in."""
    if access.ownership == ACLS_OFF or (ask.caller.account is None and access.is_set("IgnorePublicAcls")):
        return False
    return access.acl is None or ask.action in _OBJECT_ACL_ACTIONS
