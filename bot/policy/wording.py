"""The sentences of this room. Whatever is put into them (Sids, ARNs, keys, values) is untrusted text."""

from collections.abc import Sequence

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


NOTHING_PUBLIC = "S3 does not call any of its statements public; nothing is to be changed."
NOTHING_LEFT = "No statement remains, so the policy itself is to be deleted."


def removed(statement: str) -> str:
    """A public statement that names nobody goes."""
    return f"Statement {statement} goes: it is public and names nobody whom it could be narrowed to."


def pinned(statement: str, key: str, values: str) -> str:
    """A statement for a pattern of principals gets the account or organisation fixed."""
    return (
        f"Statement {statement} gets the condition StringEquals {key} [{values}]. Everyone its pattern names "
        "keeps access; S3 no longer calls it public."
    )


def unnamed(statement: str, gone: str, kept: str) -> str:
    """The wildcard principals of a statement go, the named ones stay."""
    return f"Statement {statement} no longer grants to {gone}. It still grants to {kept}."


def values_removed(statement: str, key: str, gone: str, kept: str) -> str:
    """The values of a condition that are not fixed go."""
    return f"Statement {statement} no longer takes {key} {gone}. It still takes {kept}."


def too_large(kind: str, size: int, limit: int) -> str:
    """A policy that AWS would refuse for its size."""
    unit = "bytes" if kind == "bucket" else "characters"
    return (
        f"The {kind} policy would have {size:,} {unit}, and AWS takes {limit:,} at most. "
        "Take statements out first that are no longer needed."
    )


def sid_taken(sid: str) -> str:
    """A Sid that another statement has."""
    return f"The policy has another statement {sid}. Remove it first, or use another Sid."


DENIES_WITHOUT_TLS = "Requests without TLS (plain http) are denied, whoever makes them."
NO_NETWORK = "No network is given; a Deny for none of them would mean nothing, or everyone."


def denies_presigned(minutes: int | None) -> str:
    """Which presigned URLs are denied."""
    if minutes is None:
        return "It denies every request that is signed in its URL (presigned), whoever signed it."
    when = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"It denies every request by a presigned URL that was signed more than {when} ago."


def denies(principal: str) -> str:
    """One identity is denied."""
    return f"{principal} is denied everything in the bucket, also after it is deleted and made again."


def denies_role(role: str) -> str:
    """A role and its sessions are denied."""
    return f"{role} and every session of it, running or new, is denied everything in the bucket."


def denies_session(session: str) -> str:
    """One session of a role is denied."""
    return (
        f"{session} is denied everything in the bucket. Other sessions of the role are not: whoever may "
        "assume it can come back under another session name."
    )


def denies_account(account: str) -> str:
    """A whole account is denied."""
    return f"Everyone of account {account} is denied everything in the bucket."


def denies_outside(organization: str, accounts: str) -> str:
    """Everybody outside an organisation is denied."""
    others = f" and the accounts {accounts}" if accounts else ""
    return (
        f"Everyone but organization {organization}{others} is denied, anonymous callers too. AWS services "
        "that act as themselves (CloudTrail, log delivery, Config) are spared, whoever they act for."
    )


def denies_network(networks: str) -> str:
    """Requests from networks are denied."""
    return (
        f"Requests from {networks} are denied, whoever makes them. It does not see requests through VPC "
        "endpoints or by AWS services, and an attacker can change addresses: use it for a short time."
    )


def denies_outside_network(networks: str, vpcs: str) -> str:
    """Requests from elsewhere are denied."""
    through = f"through {vpcs}" if vpcs else "through any VPC endpoint"
    allowed = f"{networks} or {through}" if vpcs else networks
    closed = "" if vpcs else f" Requests {through} are denied as well."
    return (
        f"Requests that do not come from {allowed} are denied.{closed} AWS services, what they call for "
        "others, and service-linked roles are spared."
    )


def already_denied(statement: str) -> str:
    """Nothing to add."""
    return f"Statement {statement} denies that already; nothing is to be changed."


def not_that(value: str, what: str) -> str:
    """A value of the wrong form."""
    return f"{value!r} is not {what}."


def not_a_principal(value: str) -> str:
    """Something that no Deny can be made for."""
    return (
        f"{value!r} is not the ARN of a user, a role, a session, a federated user or a root user, nor an "
        "account id of 12 digits."
    )


NOT_AN_IDENTITY_POLICY = (
    "The policy names principals, so it belongs to a resource. Only a policy of a user, group or role can be "
    "rewritten by what they used."
)
NOTHING_UNUSED = "Everything the policy allows was used; nothing is to be changed."


def unused(statement: str, attacker: Sequence[str]) -> str:
    """A statement that nobody used goes."""
    who = f" but the attacker ({', '.join(attacker)})" if attacker else ""
    return f"Statement {statement} goes: nobody{who} used it."


def rewritten(
    statement: str, used: Sequence[str], where: Sequence[str], attacker: Sequence[str], unseen: int
) -> str:
    """A statement is narrowed to what was used."""
    gone = f" Gone is what only the attacker used: {', '.join(attacker)}." if attacker else ""
    kept = (
        f" {unseen} of them stay, and so do its resources, because the log does not record their use."
        if unseen
        else ""
    )
    on = f" on {', '.join(where)}" if where else ""
    return f"Statement {statement} now allows {', '.join(used)}{on} only.{kept}{gone}"


def would_break(action: str, resource: str) -> str:
    """The rewritten policy does not allow what was used."""
    return f"The rewritten policy would no longer allow {action} on {resource}, which was used."
