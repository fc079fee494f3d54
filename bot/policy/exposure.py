"""How exposed a bucket is: what S3 calls public, and who really gets in.

Two verdicts kept apart. S3's own (`policy_public`, `acl_public`) is what GetBucketPolicyStatus and Block
Public Access go by. The effective one (`public`, `effective`, `reach`) also counts explicit Denies and what
Block Public Access and Object Ownership hold back. Source: S3 User Guide, "Blocking public access to your
Amazon S3 storage", "Object Ownership".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.policy.document import Policy
from bot.policy.meaning_of_public import is_public, judge
from bot.policy.reach import (
    ANY_AWS_ACCOUNT,
    ANYONE,
    NOBODY_ELSE,
    Level,
    Reach,
    granted,
    principal_reach,
    together,
)

__all__ = ["Exposure", "StatementVerdict", "exposure", "is_public"]

_GROUPS: Final = "http://acs.amazonaws.com/groups/"
_PUBLIC_GROUPS: Final = {
    f"{_GROUPS}global/AllUsers": ANYONE,
    f"{_GROUPS}global/AuthenticatedUsers": ANY_AWS_ACCOUNT,
}
_ACLS_OFF: Final = "BucketOwnerEnforced"


@dataclass(frozen=True)
class StatementVerdict:
    """One statement: whether S3 calls it public and why, and whom it lets in after explicit Denies."""

    index: int
    sid: str | None
    public: bool
    grants_to: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Exposure:
    """The exposure of one bucket.

    `policy_public` and `acl_public` are S3's own words for the policy and the stored ACL. `public` says
    whether the policy or the ACL is public and nothing holds it back. `effective` is how far access reaches
    now, `reach` the names of whom. `cross_account` are the other accounts that the policy (account ids) or
    the ACL (canonical user IDs) names, whether held back or not. `held_back_by` are the settings that keep
    public access closed ("bucket RestrictPublicBuckets"). Sids, ARNs and values are untrusted text.
    """

    policy_public: bool
    acl_public: bool
    public: bool
    effective: Level
    reach: tuple[str, ...]
    statements: tuple[StatementVerdict, ...]
    cross_account: tuple[str, ...]
    held_back_by: tuple[str, ...]


def exposure(
    policy: Policy | None,
    acl: Mapping[str, Any] | None,
    bucket_pab: Mapping[str, Any] | None,
    account_pab: Mapping[str, Any] | None,
    ownership: str | None,
    *,
    account_id: str,
) -> Exposure:
    """How exposed the bucket is.

    `acl` is GetBucketAcl's answer or None (not read); `*_pab` the PublicAccessBlockConfiguration, None where
    none is set; `ownership` the ObjectOwnership value (`BucketOwnerEnforced` turns ACLs off) or None;
    `account_id` the account that owns the bucket.
    """
    by_statement = granted(policy, account_id) if policy else {}
    by_acl = tuple(_acl_reaches(acl))
    policy_public = policy is not None and is_public(policy)
    acl_public = any(reach in _PUBLIC_GROUPS.values() for reach in by_acl)
    restricted = _set_in("RestrictPublicBuckets", bucket_pab, account_pab) if policy_public else ()
    ignored = (
        (*_set_in("IgnorePublicAcls", bucket_pab, account_pab), *_acls_off(ownership)) if acl_public else ()
    )
    policy_reach = _services(policy, account_id) if policy and restricted else together(by_statement.values())
    reach = together([policy_reach, _acl_reach(by_acl, ownership, ignored=bool(ignored))])
    return Exposure(
        policy_public=policy_public,
        acl_public=acl_public,
        public=(policy_public and not restricted) or (acl_public and not ignored),
        effective=reach.level,
        reach=reach.who,
        statements=tuple(_verdicts(policy, by_statement)),
        cross_account=together([*by_statement.values(), *by_acl]).accounts,
        held_back_by=(*restricted, *ignored),
    )


def _set_in(
    flag: str, bucket: Mapping[str, Any] | None, account: Mapping[str, Any] | None
) -> tuple[str, ...]:
    levels = (("bucket", bucket), ("account", account))
    return tuple(f"{name} {flag}" for name, settings in levels if settings and settings.get(flag))


def _acls_off(ownership: str | None) -> tuple[str, ...]:
    return (f"bucket {_ACLS_OFF}",) if ownership == _ACLS_OFF else ()


def _services(policy: Policy, account_id: str) -> Reach:
    """Whom RestrictPublicBuckets still lets in: AWS service principals (and the owner's account)."""
    named = (p for s in policy.statements if s.effect == "Allow" for p in s.principals if p.kind == "Service")
    return together(principal_reach(principal, account_id) for principal in named)


def _acl_reaches(acl: Mapping[str, Any] | None) -> Iterator[Reach]:
    """Whom each grant of an ACL names, the owner left out."""
    owner = (acl or {}).get("Owner", {}).get("ID")
    for grant in (acl or {}).get("Grants", ()):
        grantee = grant.get("Grantee", {})
        name = grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress") or ""
        if group := _PUBLIC_GROUPS.get(name):
            yield group
        elif name.startswith(_GROUPS):
            yield Reach("principals", (name,))
        elif name != owner:
            yield Reach("accounts", (name,), (name,))


def _acl_reach(reaches: tuple[Reach, ...], ownership: str | None, *, ignored: bool) -> Reach:
    if ownership == _ACLS_OFF:
        return NOBODY_ELSE
    return together(reach for reach in reaches if not (ignored and reach in _PUBLIC_GROUPS.values()))


def _verdicts(policy: Policy | None, reaches: Mapping[int, Reach]) -> Iterator[StatementVerdict]:
    for statement in policy.statements if policy else ():
        verdict = judge(statement)
        grants_to = reaches.get(statement.index, NOBODY_ELSE).who
        yield StatementVerdict(statement.index, statement.sid, verdict.public, grants_to, verdict.why)
