"""What a decision is made about: one request, and the policies that apply to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.policy.context import Context
from bot.policy.document import Policy
from bot.policy.principals import Caller, account_in_arn, caller

_PRINCIPAL_TYPES = {
    "anonymous": "Anonymous",
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated": "FederatedUser",
}


@dataclass(frozen=True)
class Request:
    """One request to AWS.

    `principal`: an ARN, a service name (`cloudtrail.amazonaws.com`) or `anonymous`. `action`: the IAM action
    (`s3:ListBucket`). `resource`: an ARN, or `*` where the action has none. `resource_account`: the 12-digit
    account that owns the resource; None means the account in the ARN, or else the caller's own. `context`:
    condition keys, whatever their case, with a value or values; `bot.policy.context.UNKNOWN` for one that
    cannot be known. Keys that follow from the principal (aws:PrincipalArn, aws:PrincipalAccount, aws:username
    ...) need not be given.
    """

    principal: str
    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Policies:
    """The policies that apply to a request; a layer that does not apply is empty or None.

    `scps` and `rcps` have one tuple for each level of the organisation, from its root to the account. An SCP
    level without policies allows nothing; an RCP level always allows (RCPFullAWSAccess cannot be detached).
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundaries: tuple[Policy, ...] | None = None
    session: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()


def caller_of(request: Request) -> Caller:
    """The request's principal; its unique id comes from aws:userid when that is known."""
    given = Context(request.context)
    userid = "" if given.unknown("aws:userid") else "".join(given.values("aws:userid")[:1])
    return caller(request.principal, userid)


def resource_account(request: Request, who: Caller) -> str | None:
    """The account that owns the resource."""
    return request.resource_account or account_in_arn(request.resource) or who.account


def full_context(request: Request, who: Caller) -> Context:
    """The request's condition keys, with those that follow from who calls and whose resource it is."""
    return Context(derived(who, resource_account(request, who)), request.context)


def derived(who: Caller, owner: str | None) -> dict[str, str]:
    """The condition keys that follow from who calls, and from the account that owns the resource.

    Source: IAM User Guide, "AWS global condition context keys", "Principal key values".
    """
    keys = {
        "aws:PrincipalArn": who.principal_arn,
        "aws:PrincipalAccount": who.account,
        "aws:PrincipalType": _PRINCIPAL_TYPES.get(who.kind),
        "aws:username": who.name if who.kind == "user" else None,
        "aws:userid": {"anonymous": "anonymous", "root": who.account}.get(who.kind),
        "aws:PrincipalIsAWSService": None if who.kind == "anonymous" else str(who.kind == "service").lower(),
        "aws:PrincipalServiceName": who.arn if who.kind == "service" else None,
        "aws:ResourceAccount": owner,
        "s3:ResourceAccount": owner,
    }
    return {key: value for key, value in keys.items() if value is not None}
