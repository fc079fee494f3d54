"""What S3 itself calls a public bucket policy, as GetBucketPolicyStatus answers it.

Source: S3 User Guide, "The meaning of 'public'": a policy is assumed public, and is not when every Allow
grants to fixed values only (no wildcard, no policy variable) of the principals, keys and address ranges
listed there. Deny statements do not count. A condition key that is not on the list limits nothing. Access
point policies go by the same rule, except that a set of access points (s3:DataAccessPointArn with a wildcard)
is public there (same page, "Access points").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from bot.policy import wording
from bot.policy.condition_keys import is_recognised
from bot.policy.document import Condition, Policy, Principal, Statement
from bot.policy.operators import network
from bot.policy.wildcard import is_fixed

_ACCOUNT_PART: Final = 4
_ARN_PARTS: Final = 6
_WIDEST_V4, _WIDEST_V6 = 8, 32
"""The shortest prefixes that are not "very broad"."""

_EXACT: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_MULTIVALUED: Final = frozenset({"aws:principalorgpaths"})
_ACCESS_POINT: Final = "s3:dataaccesspointarn"


def limited_range(value: str) -> bool:
    """Whether an aws:SourceIp value is an address range S3 does not call very broad."""
    block = network(value)
    if block is None:
        return False
    return block.prefixlen >= (_WIDEST_V4 if isinstance(block, IPv4Network) else _WIDEST_V6)


def fixed_access_point(value: str) -> bool:
    """Whether an access point ARN has a fixed account; its name may hold wildcards (in bucket policies)."""
    parts = value.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and all(map(is_fixed, parts[:-1])) and parts[_ACCOUNT_PART].isdigit()


_LIMITING: Final[dict[str, Callable[[str], bool]]] = {
    **dict.fromkeys(
        (
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalarn",
            "aws:principalaccount",
            "aws:sourcearn",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceowner",
            "aws:sourceaccount",
            "aws:userid",
            "s3:dataaccesspointaccount",
        ),
        is_fixed,
    ),
    _ACCESS_POINT: fixed_access_point,
    "aws:sourceip": limited_range,
}
"""The condition keys that can make a statement not public, each with what makes one of its values fixed."""


@dataclass(frozen=True)
class Publicness:
    """S3's verdict on one statement, and the sentence that says why.

    `unrecognised` are the condition keys that AWS documents nowhere for S3; they limit nothing.
    """

    public: bool
    why: str
    unrecognised: tuple[str, ...] = ()


def is_public(policy: Policy, *, access_point: bool = False) -> bool:
    """Whether S3 calls the policy public: one public statement is enough. `access_point`: it is one's
    policy."""
    return any(judge(statement, access_point=access_point).public for statement in policy.statements)


def judge(statement: Statement, *, access_point: bool = False) -> Publicness:
    """Whether S3 calls this statement public."""
    public, why = _judge(statement, access_point)
    unknown = (c.key for c in statement.conditions if not is_recognised(c.key))
    return Publicness(public, why, tuple(dict.fromkeys(unknown)))


def _judge(statement: Statement, access_point: bool) -> tuple[bool, str]:
    if statement.effect == "Deny":
        return False, wording.DENY_GRANTS_NOTHING
    if not statement.principals and not statement.not_principals:
        return True, wording.NO_PRINCIPAL
    wide = next((p for p in statement.principals if not is_fixed_principal(p)), None)
    if wide is None and not statement.not_principals:
        return False, wording.FIXED_PRINCIPALS
    weak = {condition: weakness(condition, access_point=access_point) for condition in statement.conditions}
    limit = next((condition for condition, why in weak.items() if why is None), None)
    if limit:
        return False, wording.fixed_by(str(limit))
    if statement.not_principals:
        return True, wording.NOT_PRINCIPAL
    return True, _why_public(wide, weak)


def is_fixed_principal(principal: Principal) -> bool:
    """Whether it is one AWS account, user, role, session or service; an identity provider's users are not."""
    return principal.kind != "Federated" and is_fixed(principal.value)


def weakness(condition: Condition, *, access_point: bool = False) -> str | None:
    """Why the condition does not limit a statement to fixed values; None when it does."""
    if access_point and condition.key.lower() == _ACCESS_POINT and not all(map(is_fixed, condition.values)):
        return wording.SET_OF_ACCESS_POINTS
    return next((why for holds, why in _WEAKNESSES if holds(condition)), None)


def fixed_values(condition: Condition) -> tuple[str, ...]:
    """Those of the condition's values that are fixed; none where its key is not one that can limit."""
    is_limit = _LIMITING.get(condition.key.lower())
    return tuple(filter(is_limit, condition.values)) if is_limit else ()


def _unrecognised(condition: Condition) -> bool:
    return not is_recognised(condition.key)


def _not_counted(condition: Condition) -> bool:
    return condition.key.lower() not in _LIMITING


def _negated(condition: Condition) -> bool:
    return condition.operator.negated


def _if_exists(condition: Condition) -> bool:
    return condition.if_exists


def _one_for_many(condition: Condition) -> bool:
    return condition.key.lower() in _MULTIVALUED and condition.qualifier is None


def _all_of_none(condition: Condition) -> bool:
    return condition.qualifier == "ForAllValues" and condition.key.lower() not in _MULTIVALUED


def _wrong_operator(condition: Condition) -> bool:
    name = condition.operator.name.lower()
    return name != "ipaddress" if condition.key.lower() == "aws:sourceip" else name not in _EXACT


def _not_fixed(condition: Condition) -> bool:
    return len(fixed_values(condition)) < len(condition.values)


_WEAKNESSES: Final = (
    (_unrecognised, wording.UNRECOGNISED_KEY),
    (_not_counted, wording.NOT_COUNTED_KEY),
    (_negated, wording.NEGATED),
    (_if_exists, wording.IF_EXISTS),
    (_one_for_many, wording.NO_SET_OPERATOR),
    (_all_of_none, wording.FOR_ALL_VALUES),
    (_wrong_operator, wording.WRONG_OPERATOR),
    (_not_fixed, wording.NOT_FIXED),
)
"""What keeps a condition from limiting a statement, asked in this order."""


def _why_public(principal: Principal | None, weak: Mapping[Condition, str | None]) -> str:
    named = wording.ANYONE if principal is None or principal.is_anyone else principal.value
    reasons = "; ".join(f"{condition}: {why}" for condition, why in weak.items())
    return wording.unlimited_by(named, reasons) if reasons else wording.unlimited(named)
