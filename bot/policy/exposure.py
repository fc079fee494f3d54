"""How exposed a bucket is: what S3 calls public, and who really gets in.

Two verdicts kept apart. S3's own (`policy_public`, `acl_public`) is what GetBucketPolicyStatus and Block
Public Access go by. The effective one (`public`, `effective`, `reach`) also counts explicit Denies and what
Block Public Access and Object Ownership hold back. Source: S3 User Guide, "Blocking public access to your
Amazon S3 storage", "Object Ownership"; Organizations User Guide, "Amazon S3 policies".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from bot.policy.access_points import AccessPoint, AccessPointVerdict, judge_access_point
from bot.policy.acl import AclGrant, grants_of
from bot.policy.document import Policy, Statement
from bot.policy.meaning_of_public import is_public, judge
from bot.policy.reach import NOBODY_ELSE, Level, Reach, View, granted_actions, principal_reach, together

__all__ = ["AccessPoint", "Exposure", "StatementVerdict", "Way", "exposure", "is_public"]

ACLS_OFF: Final = "BucketOwnerEnforced"
OWNERSHIPS: Final = (ACLS_OFF, "BucketOwnerPreferred", "ObjectWriter")
"""The values of ObjectOwnership."""

Settings = Mapping[str, Any] | None
"""A PublicAccessBlockConfiguration, or None where none is set."""


@dataclass(frozen=True)
class StatementVerdict:
    """One statement: whether S3 calls it public and why, and whom it lets in after explicit Denies.

    `actions` are those that it lets them do (patterns as written; none where it lets nobody else in).
    `unrecognised` are condition keys that AWS documents nowhere for S3: they are treated as limiting nothing.
    """

    index: int
    sid: str | None
    public: bool
    grants_to: tuple[str, ...]
    why: str
    actions: tuple[str, ...] = ()
    unrecognised: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """One way in that is open now, for whom and for which actions.

    `name` is a statement's Sid or position, an ACL permission, or the name of an access point.
    """

    kind: Literal["statement", "grant", "access point"]
    name: str
    reach: Reach
    actions: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The way as it is written out."""
        return {
            "kind": self.kind,
            "name": self.name,
            "level": self.reach.level,
            "who": list(self.reach.who),
            "actions": list(self.actions),
        }


@dataclass(frozen=True)
class Exposure:
    """The exposure of one bucket.

    `policy_public` and `acl_public` are S3's own words for the policy and the stored ACL. `public` says
    whether the policy or the ACL (or an access point) is public and nothing holds it back. `effective` is how
    far access reaches now, `reach` the names of whom, `ways` through what. `cross_account` are the other
    accounts that the policies (account ids) or the ACL (canonical user IDs) name, whether held back or not.
    `held_back_by` are the settings that keep public access closed ("bucket RestrictPublicBuckets"). Sids,
    ARNs and values are untrusted text.
    """

    policy_public: bool
    acl_public: bool
    public: bool
    effective: Level
    reach: tuple[str, ...]
    statements: tuple[StatementVerdict, ...]
    cross_account: tuple[str, ...]
    held_back_by: tuple[str, ...]
    ways: tuple[Way, ...] = ()
    access_points: tuple[AccessPointVerdict, ...] = ()

    @property
    def s3_public(self) -> bool:
        """Whether S3 itself calls the bucket public, by its policy or its ACL, held back or not."""
        return self.policy_public or self.acl_public

    def as_json(self) -> dict[str, Any]:
        """The exposure as it is written out: `public` is S3's own verdict, `effective` who gets in now."""
        return {
            "public": self.s3_public,
            "policy_public": self.policy_public,
            "acl_public": self.acl_public,
            "effective": {
                "public": self.public,
                "level": self.effective,
                "who": list(self.reach),
                "actions": sorted({action for way in self.ways for action in way.actions}),
                "through": [way.as_json() for way in self.ways],
                "held_back_by": list(self.held_back_by),
            },
            "statements": [asdict(one) for one in self.statements],
            "cross_account": list(self.cross_account),
            "unrecognised": list(self.unrecognised),
        }

    @property
    def unrecognised(self) -> tuple[str, ...]:
        """The unrecognised condition keys of all statements."""
        return tuple(dict.fromkeys(key for one in self.statements for key in one.unrecognised))


def exposure(
    policy: Policy | None,
    acl: Mapping[str, Any] | None,
    bucket_pab: Settings,
    account_pab: Settings,
    ownership: str | None,
    *,
    account_id: str,
    organization_pab: Settings = None,
    access_points: Sequence[AccessPoint] | None = None,
) -> Exposure:
    """How exposed the bucket is.

    `acl` is GetBucketAcl's answer or None (not read); `*_pab` the PublicAccessBlockConfiguration, None where
    none is set; `ownership` the ObjectOwnership value (`BucketOwnerEnforced` turns ACLs off) or None;
    `account_id` the account that owns the bucket. An organisation's S3 policy (`organization_pab`, its four
    settings all on or all off) takes the place of the account's settings. `access_points` are all those of
    the bucket in its own account, None where they were not read: then what is delegated to them counts as
    open to whoever they let in.
    """
    levels = _levels(bucket_pab, account_pab, organization_pab)
    view = View(account_id, all_access_points=access_points is not None)
    grants = tuple(grants_of(acl))
    policy_public, acl_public = policy is not None and is_public(policy), any(one.public for one in grants)
    restricting = _set_in("RestrictPublicBuckets", levels)
    restricted = restricting if policy_public else ()
    ignored = (*_set_in("IgnorePublicAcls", levels), *_acls_off(ownership)) if acl_public else ()
    points = tuple(judge_access_point(one, policy, restricting, account_id) for one in access_points or ())
    ways = (
        *(_services(policy, view) if restricted else _statements(policy, view)),
        *(_grants(grants, ignored=bool(ignored)) if ownership != ACLS_OFF else ()),
        *(Way("access point", one.name, one.reach, one.actions) for one in points),
    )
    ways = tuple(way for way in ways if way.reach != NOBODY_ELSE)
    now = together(way.reach for way in ways)
    return Exposure(
        policy_public=policy_public,
        acl_public=acl_public,
        public=bool((policy_public and not restricted) or (acl_public and not ignored) or _any_open(points)),
        effective=now.level,
        reach=now.who,
        statements=tuple(_verdicts(policy, view)),
        cross_account=_accounts(policy, view, grants, points),
        held_back_by=tuple(dict.fromkeys((*restricted, *ignored, *_holders(points)))),
        ways=ways,
        access_points=points,
    )


def _levels(bucket: Settings, account: Settings, organization: Settings) -> dict[str, Settings]:
    """The settings by level; an organisation's S3 policy overrides the account's own."""
    above = {"account": account} if organization is None else {"organization": organization}
    return {"bucket": bucket, **above}


def _set_in(flag: str, levels: Mapping[str, Settings]) -> tuple[str, ...]:
    return tuple(f"{name} {flag}" for name, settings in levels.items() if settings and settings.get(flag))


def _acls_off(ownership: str | None) -> tuple[str, ...]:
    return (f"bucket {ACLS_OFF}",) if ownership == ACLS_OFF else ()


def _holders(points: Iterable[AccessPointVerdict]) -> Iterator[str]:
    return (setting for one in points for setting in one.held_back_by)


def _any_open(points: Iterable[AccessPointVerdict]) -> bool:
    return any(one.public and one.reach.level in ("anyone", "any_aws_account") for one in points)


def _statements(policy: Policy | None, view: View) -> Iterator[Way]:
    for statement, actions in _allows(policy, view):
        yield Way("statement", statement.label, together(actions.values()), _open(actions))


def _services(policy: Policy | None, view: View) -> Iterator[Way]:
    """What RestrictPublicBuckets leaves open: AWS service principals (and the owner's account)."""
    for statement, actions in _allows(policy, view):
        named = (principal for principal in statement.principals if principal.kind == "Service")
        reach = together(principal_reach(principal, view) for principal in named)
        if left := _open(actions):
            yield Way("statement", statement.label, reach, left)


def _allows(policy: Policy | None, view: View) -> Iterator[tuple[Statement, dict[str, Reach]]]:
    if policy:
        yield from (
            (policy.statements[index], found) for index, found in granted_actions(policy, view).items()
        )


def _open(actions: Mapping[str, Reach]) -> tuple[str, ...]:
    """The actions that somebody else is let in for."""
    return tuple(action for action, reach in actions.items() if reach != NOBODY_ELSE)


def _grants(grants: Iterable[AclGrant], *, ignored: bool) -> Iterator[Way]:
    for one in grants:
        if not (ignored and one.public):
            yield Way("grant", one.permission, one.reach, one.actions)


def _accounts(
    policy: Policy | None, view: View, grants: Iterable[AclGrant], points: Iterable[AccessPointVerdict]
) -> tuple[str, ...]:
    named = [reach for _, actions in _allows(policy, view) for reach in actions.values()]
    through = {account for one in points for account in one.cross_account}
    return tuple(sorted({*together([*named, *(one.reach for one in grants)]).accounts, *through}))


def _verdicts(policy: Policy | None, view: View) -> Iterator[StatementVerdict]:
    by_index = {statement.index: actions for statement, actions in _allows(policy, view)}
    for statement in policy.statements if policy else ():
        verdict, actions = judge(statement), by_index.get(statement.index, {})
        yield StatementVerdict(
            statement.index,
            statement.sid,
            verdict.public,
            together(actions.values()).who,
            verdict.why,
            _open(actions),
            verdict.unrecognised,
        )
