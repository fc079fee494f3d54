"""The condition operators of the policy language.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". Operator names are read whatever
their case, as AWS does (`ARNLike`). A value that is not of the operator's kind matches nothing.
"""

import base64
import binascii
import operator as py
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from bot.policy.wildcard import arn_matches, matches, plain

Compare = Callable[[str, str], bool]
"""Whether the policy's value (first) matches the request's value (second)."""


@dataclass(frozen=True)
class Operator:
    """One comparison.

    `negated` operators hold when nothing matches, and when the key is absent. `variables` says whether its
    policy values may hold policy variables.
    """

    name: str
    compare: Compare
    negated: bool = False
    variables: bool = False


def _string_equals(wanted: str, given: str) -> bool:
    return plain(wanted) == given


def _string_equals_ignore_case(wanted: str, given: str) -> bool:
    return plain(wanted).lower() == given.lower()


def _bool(wanted: str, given: str) -> bool:
    return plain(wanted).lower() == given.lower()


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str) -> Decimal | None:
    """Seconds since 1970 of an epoch time or a W3C date (`2026`, `2026-11-23T03:00Z`); UTC without zone."""
    year_or_month = {4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text)
    try:
        at = datetime.fromisoformat(year_or_month)
        return Decimal(str((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()))
    except (ValueError, OverflowError):
        return _number(text)


def _ordered(read: Callable[[str], Decimal | None], test: Callable[[Decimal, Decimal], bool]) -> Compare:
    def compare(wanted: str, given: str) -> bool:
        right, left = read(wanted), read(given)
        return left is not None and right is not None and test(left, right)

    return compare


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """The CIDR block of a policy value; a bare address is a block of one; None when it is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _ip(wanted: str, given: str) -> bool:
    block, address = network(wanted), network(given)
    if isinstance(block, IPv4Network) and isinstance(address, IPv4Network):
        return address.subnet_of(block)
    if isinstance(block, IPv6Network) and isinstance(address, IPv6Network):
        return address.subnet_of(block)
    return False


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _binary(wanted: str, given: str) -> bool:
    left, right = _bytes(wanted), _bytes(given)
    return left is not None and left == right


def _text(name: str, compare: Compare, *, negated: bool = False) -> Operator:
    return Operator(name, compare, negated, variables=True)


def _ordered_family(family: str, read: Callable[[str], Decimal | None]) -> list[Operator]:
    tests = {
        "Equals": py.eq,
        "LessThan": py.lt,
        "LessThanEquals": py.le,
        "GreaterThan": py.gt,
        "GreaterThanEquals": py.ge,
    }
    positive = [Operator(family + suffix, _ordered(read, test)) for suffix, test in tests.items()]
    return [*positive, Operator(f"{family}NotEquals", _ordered(read, py.eq), negated=True)]


NULL: Final = Operator("Null", _bool)
"""Holds when the key is absent ("true") or present ("false"); it never looks at the key's value."""

OPERATORS: Final = {
    one.name.lower(): one
    for one in (
        _text("StringEquals", _string_equals),
        _text("StringNotEquals", _string_equals, negated=True),
        _text("StringEqualsIgnoreCase", _string_equals_ignore_case),
        _text("StringNotEqualsIgnoreCase", _string_equals_ignore_case, negated=True),
        _text("StringLike", matches),
        _text("StringNotLike", matches, negated=True),
        _text("ArnEquals", arn_matches),
        _text("ArnLike", arn_matches),
        _text("ArnNotEquals", arn_matches, negated=True),
        _text("ArnNotLike", arn_matches, negated=True),
        _text("Bool", _bool),
        *_ordered_family("Numeric", _number),
        *_ordered_family("Date", _moment),
        Operator("BinaryEquals", _binary),
        Operator("IpAddress", _ip),
        Operator("NotIpAddress", _ip, negated=True),
        NULL,
    )
}
