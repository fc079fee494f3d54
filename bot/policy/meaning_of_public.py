"""What S3 itself calls a public bucket policy, as GetBucketPolicyStatus answers it.

Source: S3 User Guide, "The meaning of 'public'": a policy is assumed public, and is not when every Allow
grants to fixed values only (no wildcard, no policy variable) of the principals, keys and address ranges
listed there. Deny statements do not count. A condition key that is not on the list limits nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from bot.policy import wording
from bot.policy.document import Condition, Policy, Principal, Statement
from bot.policy.operators import network
from bot.policy.wildcard import is_fixed

_ACCOUNT_PART: Final = 4
_ARN_PARTS: Final = 6
_WIDEST_V4, _WIDEST_V6 = 8, 32
"""The shortest prefixes that are not "very broad"."""

_EXACT: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_MULTIVALUED: Final = frozenset({"aws:principalorgpaths"})


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
    "s3:dataaccesspointarn": fixed_access_point,
    "aws:sourceip": limited_range,
}
"""The condition keys that can make a statement not public, each with what makes one of its values fixed."""


@dataclass(frozen=True)
class Publicness:
    """S3's verdict on one statement, and the sentence that says why."""

    public: bool
    why: str


def is_public(policy: Policy) -> bool:
    """Whether S3 calls the policy public: one public statement is enough."""
    return any(judge(statement).public for statement in policy.statements)


def judge(statement: Statement) -> Publicness:
    """Whether S3 calls this statement public."""
    if statement.effect == "Deny":
        return Publicness(False, wording.DENY_GRANTS_NOTHING)
    if not statement.principals and not statement.not_principals:
        return Publicness(True, wording.NO_PRINCIPAL)
    wide = next((p for p in statement.principals if not is_fixed_principal(p)), None)
    if wide is None and not statement.not_principals:
        return Publicness(False, wording.FIXED_PRINCIPALS)
    limit = next((c for c in statement.conditions if weakness(c) is None), None)
    if limit:
        return Publicness(False, wording.fixed_by(str(limit)))
    if statement.not_principals:
        return Publicness(True, wording.NOT_PRINCIPAL)
    return Publicness(True, _why_public(wide, statement.conditions))


def is_fixed_principal(principal: Principal) -> bool:
    """Whether it is one AWS account, user, role, session or service; an identity provider's users are not."""
    return principal.kind != "Federated" and is_fixed(principal.value)


def weakness(condition: Condition) -> str | None:
    """Why the condition does not limit a statement to fixed values; None when it does."""
    return next((why for holds, why in _WEAKNESSES if holds(condition)), None)


def _unrecognised(condition: Condition) -> bool:
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
    return not all(map(_LIMITING[condition.key.lower()], condition.values))


_WEAKNESSES: Final = (
    (_unrecognised, wording.UNRECOGNISED_KEY),
    (_negated, wording.NEGATED),
    (_if_exists, wording.IF_EXISTS),
    (_one_for_many, wording.NO_SET_OPERATOR),
    (_all_of_none, wording.FOR_ALL_VALUES),
    (_wrong_operator, wording.WRONG_OPERATOR),
    (_not_fixed, wording.NOT_FIXED),
)
"""What keeps a condition from limiting a statement, asked in this order."""


def _why_public(principal: Principal | None, conditions: Iterable[Condition]) -> str:
    named = wording.ANYONE if principal is None or principal.is_anyone else principal.value
    reasons = "; ".join(f"{condition}: {weakness(condition)}" for condition in conditions)
    return wording.unlimited_by(named, reasons) if reasons else wording.unlimited(named)
