"""What a change written in an event would let others do: policies, ACLs, Block Public Access, trust."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.evidence.events import Event, many, mapping, text_or_none
from bot.policy.document import Policy, PolicyError, Principal, parse
from bot.policy.exposure import is_public

#: S3's predefined groups that make an ACL grant public.
PUBLIC_GROUPS = frozenset(
    {
        "http://acs.amazonaws.com/groups/global/AllUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    }
)
PUBLIC_CANNED_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True)
class LetIn:
    """Whom a policy's Allow statements let in: everybody (`public`, by S3's rule), and other `accounts`."""

    public: bool = False
    accounts: tuple[str, ...] = ()


def let_in_by_policy(event: Event, owner: str | None) -> LetIn:
    """Whom the bucket, access point, role trust or function policy in an event lets in besides the owner."""
    documents = list(_documents(event.parameters))
    policies = [policy for document in documents if (policy := _parsed(document))]
    accounts = {account for policy in policies for account in _accounts(policy)} - {owner} if owner else set()
    return LetIn(any(is_public(policy) for policy in policies), tuple(sorted(accounts)))


def federated_by(event: Event) -> frozenset[str]:
    """The identity providers that the role trust in an event lets in, by name."""
    policies = [policy for document in _documents(event.parameters) if (policy := _parsed(document))]
    return frozenset(
        provider_name(one.value)
        for policy in policies
        for statement in policy.statements
        if statement.effect == "Allow"
        for one in statement.principals
        if one.kind == "Federated"
    )


def provider_name(named: str) -> str:
    """A provider's name without where it lies: of an ARN, of a URL, or as it is."""
    return re.sub(r"^(?:.*:(?:oidc|saml)-provider/|https://)", "", named).lower()


def allows_everything(event: Event) -> bool:
    """Whether an identity policy in an event allows `*` or a whole service such as `s3:*` or `iam:*`."""
    policies = [policy for document in _documents(event.parameters) if (policy := _parsed(document))]
    return any(
        statement.effect == "Allow"
        and any(action == "*" or action.endswith(":*") for action in statement.actions)
        for policy in policies
        for statement in policy.statements
    )


def acl_is_public(event: Event) -> bool:
    """Whether the ACL in an event grants something to everybody, by canned name, header or body."""
    canned = {text for name in ("x-amz-acl", "acl") for text in map(str, many(event.parameters.get(name)))}
    if canned & PUBLIC_CANNED_ACLS:
        return True
    grants = (str(value) for name, value in event.parameters.items() if name.startswith("x-amz-grant-"))
    if any(group in grant for grant in grants for group in PUBLIC_GROUPS):
        return True
    return any(
        mapping(grant.get("Grantee")).get("URI") in PUBLIC_GROUPS for grant in _acl_grants(event.parameters)
    )


def _acl_grants(parameters: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    body = mapping(parameters.get("AccessControlPolicy"))
    return map(mapping, many(mapping(body.get("AccessControlList")).get("Grant")))


def blocks_less(event: Event) -> bool:
    """Whether a Block Public Access change leaves any of the four settings off (also by Put with false)."""
    if event.name.startswith("Delete"):
        return True
    settings = mapping(event.parameters.get("PublicAccessBlockConfiguration"))
    return any(str(settings.get(block, "true")).lower() == "false" for block in BLOCKS)


def _documents(parameters: Mapping[str, Any]) -> Iterator[object]:
    for name in ("bucketPolicy", "policyDocument", "assumeRolePolicyDocument", "policy", "Policy"):
        if value := parameters.get(name):
            yield value


def _parsed(document: object) -> Policy | None:
    """A document that AWS took, or refused; what is no policy lets nobody in."""
    if not isinstance(document, str | Mapping):
        return None
    try:
        return parse(document, "policy in the log")
    except PolicyError:
        return None


def _accounts(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        if statement.effect == "Allow":
            yield from filter(None, map(_account, statement.principals))


def _account(principal: Principal) -> str | None:
    if principal.kind != "AWS":
        return None
    if principal.value.isdigit() and len(principal.value) == 12:
        return principal.value
    parts = principal.value.split(":", 5)
    return text_or_none(parts[4]) if len(parts) == 6 and parts[0] == "arn" else None
