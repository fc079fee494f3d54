"""A role's trust policy without some of those whom it lets in. Pure.

Sources: IAM User Guide, "AWS JSON policy elements: Principal", "IAM role trust policies"; domain R6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from bot.policy.change import Document, statements_of, with_statements
from bot.policy.document import Policy, Principal, Statement, parse
from bot.policy.meaning_of_public import judge
from bot.remediation.arns import account_of

#: A user, role or group that was deleted is shown by its id, and IAM takes no policy back that has one.
_DELETED = re.compile(r"A(?:IDA|ROA|GPA)[A-Z0-9]{8,}")
_ACCOUNT = re.compile(r"\d{12}")
#: Stands where nobody is left: IAM takes no policy without a statement.
NOBODY = {"Sid": "S3IncidentNobody", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}

Goes = Callable[[Statement, Principal], bool]


def is_deleted(principal: str) -> bool:
    """Whether it is the unique id of somebody who was deleted."""
    return _DELETED.fullmatch(principal) is not None


def from_outside(account_id: str) -> Goes:
    """Other accounts, everybody, and identity providers that are not the account's own.

    AWS services are none of them, nor is `*` under a condition that names the account or organisation.
    """

    def goes(statement: Statement, principal: Principal) -> bool:
        if principal.kind == "Service" or is_deleted(principal.value):
            return False
        if principal.is_anyone:
            return judge(statement).public
        return _account(principal.value) != account_id

    return goes


def named(wanted: Iterable[str]) -> Goes:
    """These principals: ARNs, `*`, services, providers, unique ids; an account means everybody in it."""
    values = set(wanted)

    def goes(_: Statement, principal: Principal) -> bool:
        return principal.value in values or _account(principal.value) in values

    return goes


def deleted(_: Statement, principal: Principal) -> bool:
    """Those who were deleted: they let nobody in and keep nobody out."""
    return is_deleted(principal.value)


def let_in(document: Document, goes: Goes) -> list[str]:
    """Whom its Allow statements let in that would go, each once; `*` also for a NotPrincipal."""
    found: dict[str, None] = {}
    for statement in _allows(parse(document)):
        if statement.not_principals and goes(statement, Principal("AWS", "*")):
            found["*"] = None
        found.update({one.value: None for one in statement.principals if goes(statement, one)})
    return list(found)


def unique_ids(document: Document) -> list[str]:
    """The ids of deleted principals in any of its statements."""
    policy = parse(document)
    every = [one for each in policy.statements for one in (*each.principals, *each.not_principals)]
    return list(dict.fromkeys(one.value for one in every if is_deleted(one.value)))


def without(document: Document, goes: Goes) -> Document:
    """The document without them, and without deleted principals, which IAM would not take back."""
    policy, kept = parse(document), []
    for statement, body in zip(policy.statements, statements_of(document), strict=True):
        left = _left(statement, body, _or_deleted(goes) if statement.effect == "Allow" else deleted)
        if left is not None:
            kept.append(left)
    if not any(one.get("Effect") == "Allow" for one in kept) and NOBODY not in kept:
        kept.append(NOBODY)
    return with_statements(document, kept)


def without_deleted(document: Document) -> Document:
    """What of it IAM takes back: the undo writes this."""
    return without(document, deleted) if unique_ids(document) else document


def _or_deleted(goes: Goes) -> Goes:
    return lambda statement, principal: deleted(statement, principal) or goes(statement, principal)


def _left(statement: Statement, body: Mapping[str, Any], goes: Goes) -> Mapping[str, Any] | None:
    """The statement without them; None where nobody is left in it."""
    element = "NotPrincipal" if statement.not_principals else "Principal"
    if element == "NotPrincipal" and statement.effect == "Allow":
        return None if goes(statement, Principal("AWS", "*")) else body
    every = (*statement.principals, *statement.not_principals)
    gone = {(one.kind, one.value) for one in every if goes(statement, one)}
    if not gone:
        return body
    written = body[element]
    if isinstance(written, str):
        return None
    kinds = {kind: _kept(kind, values, gone) for kind, values in written.items()}
    principals = {kind: values for kind, values in kinds.items() if values}
    return {**body, element: principals} if principals else None


def _kept(kind: str, values: Any, gone: set[tuple[Any, str]]) -> Any:
    """As written: a string, or a list."""
    if isinstance(values, str):
        return None if (kind, values) in gone else values
    return [value for value in values if (kind, value) not in gone]


def _allows(policy: Policy) -> Iterator[Statement]:
    return (one for one in policy.statements if one.effect == "Allow")


def _account(principal: str) -> str | None:
    return principal if _ACCOUNT.fullmatch(principal) else account_of(principal)
