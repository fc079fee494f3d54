"""Who calls, and whether a statement's Principal or NotPrincipal speaks of that caller.

Source: IAM User Guide, "Principal", "NotPrincipal" and "Policy evaluation logic".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from bot.policy.document import Principal
from bot.policy.truth import Truth

CallerKind = Literal["anonymous", "root", "user", "role", "session", "federated", "service"]

_ARN = re.compile(
    r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(root$|user/|role/|assumed-role/|federated-user/)(.*)", re.DOTALL
)
_KINDS: dict[str, CallerKind] = {
    "root": "root",
    "user/": "user",
    "role/": "role",
    "assumed-role/": "session",
    "federated-user/": "federated",
}
_ACCOUNT_IN_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):")
_ACCOUNT_ID = re.compile(r"\d{12}")
_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/(?:.*/)?([^/]+)", re.DOTALL)


class Grant(IntEnum):
    """How closely a resource-based statement names the caller, from not at all to itself.

    Within one account this decides which implicit denials still count (IAM User Guide, "Resource-based
    policies and implicit denies in other policy types"): an ACCOUNT is only delegated to, so identity-based
    policies must allow too; a ROLE stays limited by its permissions boundary and session policy; a DIRECT
    grant (the user, the session, everyone) is limited by none of them.
    """

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


@dataclass(frozen=True)
class Caller:
    """The principal of one request.

    `arn` is the principal as given (an ARN, a service name, `anonymous`); `account` its 12-digit account,
    None where it has none; `name` the user, role or federated user name without path; `unique_id` the AIDA or
    AROA id when known.
    """

    kind: CallerKind
    arn: str
    account: str | None = None
    name: str = ""
    unique_id: str = ""

    @property
    def is_service_linked(self) -> bool:
        """Whether it is a service-linked role, which organisation policies never restrict."""
        return self.kind in ("role", "session") and self.name.startswith("AWSServiceRoleFor")

    @property
    def principal_arn(self) -> str | None:
        """The value of aws:PrincipalArn: for a session its role's ARN, without the path it does not tell."""
        if self.kind == "session":
            return f"{self.arn.split(':sts:')[0]}:iam::{self.account}:role/{self.name}"
        return self.arn if self.account else None


def caller(principal: str, userid: str = "") -> Caller:
    """Read a principal: an ARN, a 12-digit account (its root user), a service name or `anonymous`.

    `userid` is the request's aws:userid where known; it lets unique ids in policies (of deleted principals)
    be compared.
    """
    if principal == "anonymous":
        return Caller("anonymous", principal)
    if _ACCOUNT_ID.fullmatch(principal):
        return Caller("root", f"arn:aws:iam::{principal}:root", principal)
    arn = _ARN.fullmatch(principal)
    if arn is None:
        return Caller("service", principal)
    account, kind, rest = arn[1], _KINDS[arn[2]], arn[3]
    name = rest.split("/")[0] if kind == "session" else rest.rpartition("/")[2]
    return Caller(kind, principal, account, name, userid.partition(":")[0])


def grant(principals: Iterable[Principal], who: Caller) -> tuple[Grant, Truth]:
    """The closest way in which any of the principals names the caller, and how sure that is.

    A CanonicalUser other than the caller itself may be the caller's own account under its other name, which
    cannot be told from here.
    """
    found = max((_grant(principal, who) for principal in principals), default=Grant.NONE)
    if found == Grant.NONE and who.account and any(p.kind == "CanonicalUser" for p in principals):
        return Grant.ACCOUNT, Truth.MAYBE
    return found, Truth.of(found > Grant.NONE)


def excluded(not_principals: Iterable[Principal], who: Caller) -> bool:
    """Whether NotPrincipal leaves the caller out.

    AWS verifies the account, then the user or role, then the session: each must be listed, or the caller is
    not left out.
    """
    listed = {name for principal in not_principals for name in _spellings(principal)}
    if "*" in listed:
        return True
    return who.kind != "anonymous" and all(name in listed for name in _identities(who))


def _grant(principal: Principal, who: Caller) -> Grant:
    if principal.is_anyone:
        return Grant.DIRECT
    if principal.value == who.arn or (who.unique_id and principal.value == who.unique_id):
        by_role = who.kind == "role" or principal.value.startswith("AROA")
        return Grant.ROLE if by_role else Grant.DIRECT
    if principal.kind != "AWS" or who.account is None:
        return Grant.NONE
    if account_of(principal) == who.account:
        return Grant.DIRECT if who.kind == "root" else Grant.ACCOUNT
    same_role = who.kind == "session" and _role(principal.value) == (who.account, who.name)
    return Grant.ROLE if same_role else Grant.NONE


def account_of(principal: Principal) -> str | None:
    """The account id of a principal that names a whole account, in any of its forms; otherwise None."""
    match = _ACCOUNT.fullmatch(principal.value) if principal.kind == "AWS" else None
    return match[1] if match else None


def account_in_arn(arn: str) -> str | None:
    """The 12-digit account of an ARN, or of a pattern of ARNs that fixes it; otherwise None."""
    match = _ACCOUNT_IN_ARN.match(arn)
    return match[1] if match else None


def _role(value: str) -> tuple[str, str] | None:
    match = _ROLE.fullmatch(value)
    return (match[1], match[2]) if match else None


def _spellings(principal: Principal) -> tuple[str, ...]:
    """The identities a listed principal stands for, in the form of `_identities`."""
    if account := account_of(principal):
        return (account,)
    if role := _role(principal.value):
        return (f"{role[0]} role {role[1]}",)
    return (principal.value,)


def _identities(who: Caller) -> tuple[str, ...]:
    role = f"{who.account} role {who.name}"
    match who.kind:
        case "root":
            return (who.account or "",)
        case "role":
            return (who.account or "", role)
        case "session":
            return (who.account or "", role, who.arn)
        case "user" | "federated":
            return (who.account or "", who.arn)
        case _:
            return (who.arn,)
