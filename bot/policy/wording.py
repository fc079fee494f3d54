"""The sentences of this room. Whatever is put into them (Sids, ARNs, keys, values) is untrusted text."""

ANYONE = "anyone, without an AWS account"
ANY_AWS_ACCOUNT = "anyone with an AWS account"
AWS_SERVICES = "AWS services"
DENY_GRANTS_NOTHING = "It is a Deny; it grants nothing."
NO_PRINCIPAL = "It names no principal, which S3 does not accept; treated as public."
NOT_PRINCIPAL = "NotPrincipal with Allow grants to everyone who is not named."
FIXED_PRINCIPALS = "It names fixed principals only."

NOT_COUNTED_KEY = "the key is not one that S3 takes into account"
UNRECOGNISED_KEY = "the key is unrecognised, and so is treated as limiting nothing"
SET_OF_ACCESS_POINTS = "in an access point's policy a set of access points is public"
NEGATED = "a negated operator excludes, it does not limit"
IF_EXISTS = "IfExists lets requests without the key through"
NO_SET_OPERATOR = "a key with several values needs ForAnyValue or ForAllValues"
FOR_ALL_VALUES = "ForAllValues lets requests without the key through"
WRONG_OPERATOR = "the operator does not compare this key with fixed values"
NOT_FIXED = "its values are not all fixed"


def fixed_by(condition: str) -> str:
    """Why a statement for everyone is not public."""
    return f"The condition {condition} limits it to fixed values."


def unlimited(principal: str) -> str:
    """Why a statement without conditions is public."""
    return f"It grants to {principal} and no condition limits it."


def unlimited_by(principal: str, reasons: str) -> str:
    """Why a statement is public in spite of its conditions."""
    return f"It grants to {principal} and no condition limits it to fixed values: {reasons}."


def from_source(value: str) -> str:
    """A grantee that is known by where requests come from only."""
    return f"anyone from {value}"


def organization(value: str) -> str:
    """A grantee that is an organisation or a part of one."""
    return f"organization {value}"


def access_points(value: str) -> str:
    """A grantee that is whoever comes through an access point."""
    return f"whoever access points allow: {value}"


def all_but(actions: str) -> str:
    """The actions of a statement that names what it does not grant."""
    return f"everything but {actions}"


def federated(value: str) -> str:
    """A grantee that is every user of an identity provider."""
    return f"anyone signed in with {value}"
