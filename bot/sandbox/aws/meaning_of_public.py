"""What the fake S3 calls a public bucket policy: read from the page, on the bare document.

This does not use the policy language of the bot, which judges the same thing: so the two can disagree, and
where they do, one of them is wrong. Source: S3 User Guide, "Blocking public access to your Amazon S3
storage", "The meaning of 'public'": S3 assumes that a policy is public, and then looks whether it grants
access to fixed values only, of: an AWS principal, user, role or service principal; CIDR blocks by
aws:SourceIp (0.0.0.0/1 and the like are "very broad"); aws:SourceArn, aws:SourceVpc, aws:SourceVpce,
aws:SourceOwner, aws:SourceAccount; aws:userid outside the pattern "AROLEID:*"; s3:DataAccessPointAccount;
s3:DataAccessPointArn, whose name may be a wildcard as long as its account is fixed; and the keys of
organisations and principals (aws:PrincipalOrgID, aws:PrincipalOrgPaths, aws:PrincipalArn,
aws:PrincipalAccount). A fixed value has no wildcard and no policy variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

#: The keys of the page whose values are compared as texts.
TEXT_KEYS = {
    "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:userid",
    "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principalarn", "aws:principalaccount",
}  # fmt: skip
TEXT_OPERATORS = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
#: A request has several values of this key, and a comparison without a set operator never holds.
SEVERAL_VALUES = "aws:principalorgpaths"
#: Prefixes shorter than these are very broad.
NARROWEST = {4: 8, 6: 32}


def is_public(document: Mapping[str, Any]) -> bool:
    """S3's verdict on a bucket policy."""
    return bool(public_statements(document))


def public_statements(document: Mapping[str, Any]) -> tuple[int, ...]:
    """The positions of the statements that make it public."""
    return tuple(
        number
        for number, statement in enumerate(_many(document["Statement"]))
        if statement["Effect"] == "Allow" and _grants_to_many(statement) and not _is_limited(statement)
    )


def _grants_to_many(statement: Mapping[str, Any]) -> bool:
    """Whether the principals are not all fixed; NotPrincipal is everybody else."""
    principal = statement.get("Principal", "*")
    if isinstance(principal, str):
        return not _fixed(principal)
    for kind, names in principal.items():
        # Whoever signs in with a provider is not a fixed principal.
        if kind == "Federated" or not all(_fixed(name) for name in _many(names)):
            return True
    return False


def _is_limited(statement: Mapping[str, Any]) -> bool:
    return any(_limits(*one) for one in _conditions(statement))


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator and key in lower case, and the values as texts."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, values in keys.items():
            yield operator.lower(), key.lower(), [_text(value) for value in _many(values)]


def _limits(operator: str, key: str, values: list[str]) -> bool:
    """Whether only requests with one of some fixed values pass."""
    qualifier, _, name = operator.rpartition(":")
    if key == SEVERAL_VALUES and not qualifier:
        return False
    if qualifier == "forallvalues" and key != SEVERAL_VALUES:
        return False  # it holds for requests without the key
    if key == "aws:sourceip":
        return name == "ipaddress" and all(map(_narrow, values))
    if key not in TEXT_KEYS or name not in TEXT_OPERATORS:
        return False
    return all(_fixed_account(one) if key == "s3:dataaccesspointarn" else _fixed(one) for one in values)


def _fixed(value: str) -> bool:
    return not any(special in value for special in ("*", "?", "${"))


def _fixed_account(arn: str) -> bool:
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[4].isdigit() and _fixed(":".join(parts[:5]))


def _narrow(value: str) -> bool:
    try:
        block = ip_network(value, strict=False)
    except ValueError:
        return False
    return block.prefixlen >= NARROWEST[block.version]


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
