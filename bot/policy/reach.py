"""Who a policy really lets in: an upper bound, in six steps from nobody else to anyone.

Unlike S3's own rule this counts explicit Denies, and tells an organisation from an account from a single
principal.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.policy import wording
from bot.policy.conditions import holds
from bot.policy.context import Context
from bot.policy.document import Condition, Policy, Principal, Statement
from bot.policy.meaning_of_public import fixed_access_point, limited_range
from bot.policy.operators import NULL
from bot.policy.principals import account_in_arn, account_of
from bot.policy.truth import Truth
from bot.policy.wildcard import is_fixed, matches

Level = Literal["nobody_else", "principals", "organization", "accounts", "any_aws_account", "anyone"]
_RANK: Final = {level: rank for rank, level in enumerate(get_args(Level))}

_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_SIGNED_ONLY: Final = ("aws:principal", "aws:username")
"""Keys that anonymous requests lack (apart from aws:PrincipalType)."""


@dataclass(frozen=True)
class Reach:
    """How far a grant reaches, and the names of whom it reaches; `accounts` are the other accounts among
    them.

    `nobody_else` is the bucket's own account; `principals` are single principals, services, or whoever comes
    from a limited network or source.
    """

    level: Level
    who: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """Its place among the levels; more reaches further."""
        return _RANK[self.level]


NOBODY_ELSE: Final = Reach("nobody_else")
ANY_AWS_ACCOUNT: Final = Reach("any_aws_account", (wording.ANY_AWS_ACCOUNT,))
ANYONE: Final = Reach("anyone", (wording.ANYONE,))


def together(reaches: Iterable[Reach]) -> Reach:
    """Whom any of the grants reaches."""
    ordered = sorted(reaches, key=lambda reach: -reach.rank)
    return Reach(
        ordered[0].level if ordered else "nobody_else",
        tuple(dict.fromkeys(name for reach in ordered for name in reach.who)),
        tuple(sorted({account for reach in ordered for account in reach.accounts})),
    )


@dataclass(frozen=True)
class View:
    """From where a policy is looked at.

    `account_id` owns the bucket. `through` holds the access point keys (s3:DataAccessPointArn ...) of
    requests that come through one access point, None for requests straight to the bucket; `all_access_points`
    says that those of this account are looked at one by one, so that they need not be reckoned with
    otherwise.
    """

    account_id: str
    through: Mapping[str, str] | None = None
    all_access_points: bool = False

    def knows(self, condition: Condition) -> bool:
        """Whether it is decided by the access point."""
        return self.through is not None and condition.key.lower() in self.through

    def holds(self, condition: Condition) -> bool:
        """Whether a condition on a known key holds."""
        return holds(condition, Context(self.through or {}), variables=False).truth == Truth.YES


def granted(policy: Policy, view: View | str) -> dict[int, Reach]:
    """Whom each Allow statement lets in, by statement index, what Deny statements take back included."""
    return {index: together(actions.values()) for index, actions in granted_actions(policy, view).items()}


def granted_actions(policy: Policy, view: View | str) -> dict[int, dict[str, Reach]]:
    """For each Allow statement, by index, each of its actions and whom it lets in after Deny statements.

    Actions are patterns as written (`s3:Get*`); a statement with NotAction has one entry, in words. `view`
    may be just the account that owns the bucket.
    """
    seen = View(view) if isinstance(view, str) else view
    denies = [statement for statement in policy.statements if statement.effect == "Deny"]
    return {one.index: _actions(one, denies, seen) for one in policy.statements if one.effect == "Allow"}


def _actions(statement: Statement, denies: Iterable[Statement], view: View) -> dict[str, Reach]:
    limits = [_named(statement, view), *(_bound(condition, view) for condition in statement.conditions)]
    # Each limit holds, so the narrowest is a bound; of equals the statement's own principals say it best.
    most = _narrowest(limits)
    near = [(deny, _spared(deny, view)) for deny in denies if _covers_resources(deny, statement)]
    if not statement.actions:
        spared = [reach for deny, reach in near if "*" in deny.actions]
        return {wording.all_but(", ".join(statement.not_actions)): _narrowest([most, *spared])}
    return {
        action: _narrowest([most, *(reach for deny, reach in near if _covers_action(deny, action))])
        for action in statement.actions
    }


def _narrowest(reaches: Sequence[Reach]) -> Reach:
    return min(reaches, key=lambda one: one.rank)


def _named(statement: Statement, view: View) -> Reach:
    if not statement.principals:
        return ANYONE
    return together(principal_reach(principal, view) for principal in statement.principals)


def principal_reach(principal: Principal, view: View) -> Reach:
    """Whom one named principal stands for, seen from the account that owns the bucket."""
    if principal.is_anyone:
        return ANYONE
    if principal.kind == "Federated":
        return Reach("anyone", (wording.federated(principal.value),))
    if principal.kind != "AWS":
        return Reach("principals", (principal.value,))
    return _account(account, view) if (account := account_of(principal)) else _arn(principal.value, view)


def _account(account: str, view: View) -> Reach:
    return NOBODY_ELSE if account == view.account_id else Reach("accounts", (account,), (account,))


def _arn(value: str, view: View) -> Reach:
    """The reach of a principal ARN or a pattern of one; a unique id is a deleted principal: nobody."""
    if _UNIQUE_ID.fullmatch(value):
        return NOBODY_ELSE
    account = account_in_arn(value)
    if account is None:
        return Reach("principals", (value,)) if is_fixed(value) else ANY_AWS_ACCOUNT
    if account == view.account_id:
        return NOBODY_ELSE
    return Reach("principals" if is_fixed(value) else "accounts", (value,), (account,))


def _organization(value: str, _: View) -> Reach:
    return Reach("organization", (wording.organization(value),)) if is_fixed(value) else ANY_AWS_ACCOUNT


def _principal_account(value: str, view: View) -> Reach:
    return _account(value, view) if is_fixed(value) else ANY_AWS_ACCOUNT


def _source_account(value: str, view: View) -> Reach:
    return _account(value, view) if is_fixed(value) else ANYONE


def _source(value: str, _: View) -> Reach:
    return Reach("principals", (wording.from_source(value),)) if is_fixed(value) else ANYONE


def _address(value: str, _: View) -> Reach:
    return Reach("principals", (wording.from_source(value),)) if limited_range(value) else ANYONE


def _access_point(value: str, view: View) -> Reach:
    if view.all_access_points and _account_of_access_point(value) == view.account_id:
        return NOBODY_ELSE
    fixed = is_fixed(value) or fixed_access_point(value)
    return Reach("principals", (wording.access_points(value),)) if fixed else ANYONE


def _account_of_access_point(value: str) -> str:
    """The account in an access point's ARN, or the value of s3:DataAccessPointAccount itself."""
    return value.split(":")[4] if value.count(":") > 4 else value


def _user_id(value: str, _: View) -> Reach:
    return Reach("principals", (value,)) if is_fixed(value) else ANYONE


_BOUNDS: Final[dict[str, Callable[[str, View], Reach]]] = {
    "aws:principalorgid": _organization,
    "aws:principalorgpaths": _organization,
    "aws:principalaccount": _principal_account,
    "aws:principalarn": _arn,
    "aws:userid": _user_id,
    "aws:sourceip": _address,
    "aws:sourcevpc": _source,
    "aws:sourcevpce": _source,
    "aws:sourcearn": _source,
    "aws:sourceaccount": _source_account,
    "aws:sourceowner": _source_account,
    "s3:dataaccesspointaccount": _access_point,
    "s3:dataaccesspointarn": _access_point,
}


def _bound(condition: Condition, view: View) -> Reach:
    """Whom an Allow's condition can hold for."""
    if view.knows(condition):
        return ANYONE if view.holds(condition) else NOBODY_ELSE
    if condition.operator is NULL:
        return _present(condition) if "true" not in condition.values else ANYONE
    if condition.operator.negated or condition.if_exists or condition.qualifier == "ForAllValues":
        return ANYONE
    return _matching(condition, view)


def _matching(condition: Condition, view: View) -> Reach:
    """Whom the key's values stand for."""
    bound = _BOUNDS.get(condition.key.lower())
    if bound is None:
        return _present(condition)
    return together(bound(value, view) for value in condition.values)


def _present(condition: Condition) -> Reach:
    """Who sends the key at all."""
    key = condition.key.lower()
    signed = key.startswith(_SIGNED_ONLY) and key != "aws:principaltype"
    return ANY_AWS_ACCOUNT if signed else ANYONE


def _spared(deny: Statement, view: View) -> Reach:
    """Whom a Deny leaves alone: whoever it does not name, or for whom one of its conditions does not hold."""
    if deny.not_principals:
        named = together(principal_reach(principal, view) for principal in deny.not_principals)
    elif any(principal.is_anyone for principal in deny.principals):
        named = NOBODY_ELSE
    else:
        named = ANYONE
    return together([named, *(_exempt(condition, view) for condition in deny.conditions)])


def _exempt(condition: Condition, view: View) -> Reach:
    """For whom a Deny's condition does not hold."""
    if view.knows(condition):
        return NOBODY_ELSE if view.holds(condition) else ANYONE
    key = condition.key.lower()
    if condition.operator is NULL:
        return _present(condition) if "false" not in condition.values else ANYONE
    if condition.operator.negated and condition.qualifier != "ForAnyValue":
        return _matching(condition, view)
    if condition.if_exists and condition.values == ("false",):
        if key == "aws:principalisawsservice":
            return Reach("principals", (wording.AWS_SERVICES,))
        if key == "aws:viaawsservice":
            # Anyone with an account can have a service call for them.
            return ANY_AWS_ACCOUNT
    return ANYONE


def covers(deny: Statement, other: Statement) -> bool:
    """Whether the Deny reaches all that the other statement speaks of; when in doubt it does not."""
    return _covers_resources(deny, other) and all_within(other.actions, deny.actions, ignore_case=True)


def _covers_action(deny: Statement, action: str) -> bool:
    return all_within((action,), deny.actions, ignore_case=True)


def _covers_resources(deny: Statement, allow: Statement) -> bool:
    return all_within(allow.resources, deny.resources, ignore_case=False)


def all_within(granted_patterns: tuple[str, ...], denied: tuple[str, ...], *, ignore_case: bool) -> bool:
    """Whether each pattern lies within one of the others; a `?` is only trusted to cover itself."""
    if "*" in denied:
        return True
    return bool(granted_patterns) and all(
        any(
            one == other or ("?" not in one and matches(one, other, ignore_case=ignore_case))
            for one in denied
        )
        for other in granted_patterns
    )
