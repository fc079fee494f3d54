"""What IAM knows of given users, roles and access keys, as they are now.

Source: IAM API Reference, GetAccountAuthorizationDetails (documents are URL-encoded), GetAccessKeyLastUsed,
GenerateCredentialReport; the credential report is at most four hours old (IAM User Guide, "Generate
credential reports").
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal
from urllib.parse import unquote

from bot.aws.errors import AwsUnavailable
from bot.aws.fact import Fact, ask
from bot.aws.gateway import Gateway
from bot.aws.iam_uses import KeyUse, ServiceUse, key_use, service_uses
from bot.policy.principals import caller

Pause = Callable[[float], object]
#: How long the credential report is waited for: seconds between askings.
REPORT_PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2, 6.4)


@dataclass(frozen=True)
class NamedPolicy:
    """One identity-based policy: its name or ARN, its document (text or decoded), and through which group."""

    name: str
    document: str | Mapping[str, Any]
    group: str | None = None


@dataclass(frozen=True)
class Key:
    """An access key of a user, as ListAccessKeys tells."""

    id: str
    active: bool
    created: datetime


@dataclass(frozen=True)
class PrincipalFacts:
    """One user or role of the account as it is now.

    `attached` are the ARNs of its managed policies, groups' included; `boundary` the ARN of its permissions
    boundary, whose document is `boundary_policy`. `keys` is empty for roles. `last_accessed` tells which
    services it used: with a lag of up to four hours, over 400 days, refused attempts included.
    """

    arn: str
    kind: Literal["user", "role"]
    name: str
    created: datetime | None
    policies: tuple[NamedPolicy, ...]
    attached: tuple[str, ...]
    groups: tuple[str, ...]
    boundary: str | None
    boundary_policy: NamedPolicy | None
    keys: Fact[tuple[Key, ...]]
    last_accessed: Fact[tuple[ServiceUse, ...]]


@dataclass(frozen=True)
class CredentialReport:
    """The account's credential report: one row a user (`<root_account>` too), columns named as AWS does."""

    generated: datetime
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class IamFacts:
    """All that was asked. A principal or key that does not exist in the account has no entry or no value."""

    principals: Fact[tuple[PrincipalFacts, ...]]
    key_uses: Mapping[str, Fact[KeyUse]]
    report: Fact[CredentialReport]


def iam_facts(
    reader: Gateway, principals: Collection[str], keys: Collection[str], pause: Pause = time.sleep
) -> IamFacts:
    """What IAM knows of the principals (ARNs of users, roles or sessions) and of the long-term keys.

    Raises nothing of AWS's: each part carries its own reason.
    """
    long_term = sorted(key for key in keys if key.startswith("AKIA"))
    return IamFacts(
        ask(lambda: tuple(_principals(reader, principals, pause))),
        {key: ask(partial(key_use, reader, key)) for key in long_term},
        ask(lambda: _report(reader, pause)),
    )


def _principals(reader: Gateway, wanted: Collection[str], pause: Pause) -> Iterator[PrincipalFacts]:
    names = {(who.kind, who.name) for who in map(caller, wanted) if who.account == reader.account_id}
    users = {name for kind, name in names if kind == "user"}
    roles = {name for kind, name in names if kind in ("role", "session")}
    if not users | roles:
        return
    account = _Account(reader, pause)
    yield from (account.user(one) for one in account.users if one["UserName"] in users)
    yield from (account.role(one) for one in account.roles if one["RoleName"] in roles)


class _Account:
    """The authorization details of an account; documents of AWS's own policies are fetched when needed."""

    def __init__(self, reader: Gateway, pause: Pause) -> None:
        self._reader = reader
        self._pause = pause
        self.users: list[Mapping[str, Any]] = []
        self.roles: list[Mapping[str, Any]] = []
        self._groups: dict[str, Mapping[str, Any]] = {}
        self._documents: dict[str, str | Mapping[str, Any]] = {}
        self._read()

    def _read(self) -> None:
        params: dict[str, Any] = {"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]}
        while True:
            page = self._reader.call("iam", "get_account_authorization_details", params).data
            self.users += page.get("UserDetailList", ())
            self.roles += page.get("RoleDetailList", ())
            self._groups |= {one["GroupName"]: one for one in page.get("GroupDetailList", ())}
            self._documents |= {one["Arn"]: _default_version(one) for one in page.get("Policies", ())}
            if not page.get("IsTruncated"):
                return
            params = {**params, "Marker": page["Marker"]}

    def user(self, one: Mapping[str, Any]) -> PrincipalFacts:
        name = one["UserName"]
        groups = tuple(one.get("GroupList", ()))
        held = [self._groups[group] for group in groups if group in self._groups]
        own = [*self._own(one, "UserPolicyList"), *self._attached(one)]
        through = [
            policy
            for group in held
            for policy in (
                *self._own(group, "GroupPolicyList", group["GroupName"]),
                *self._attached(group, group["GroupName"]),
            )
        ]
        arns = [arn for holder in (one, *held) for arn in _arns(holder)]
        keys = ask(lambda: tuple(self._keys(name)))
        return self._facts(one, "user", name, (*own, *through), arns, groups, keys)

    def role(self, one: Mapping[str, Any]) -> PrincipalFacts:
        policies = (*self._own(one, "RolePolicyList"), *self._attached(one))
        return self._facts(one, "role", one["RoleName"], policies, _arns(one), (), Fact(()))

    def _facts(
        self,
        one: Mapping[str, Any],
        kind: Literal["user", "role"],
        name: str,
        policies: tuple[NamedPolicy, ...],
        attached: Collection[str],
        groups: tuple[str, ...],
        keys: Fact[tuple[Key, ...]],
    ) -> PrincipalFacts:
        boundary = one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return PrincipalFacts(
            arn=one["Arn"],
            kind=kind,
            name=name,
            created=one.get("CreateDate"),
            policies=policies,
            attached=tuple(dict.fromkeys(attached)),
            groups=groups,
            boundary=boundary,
            boundary_policy=NamedPolicy(boundary, self._document(boundary)) if boundary else None,
            keys=keys,
            last_accessed=ask(lambda: service_uses(self._reader, one["Arn"], self._pause)),
        )

    def _own(self, holder: Mapping[str, Any], member: str, group: str | None = None) -> Iterator[NamedPolicy]:
        for one in holder.get(member, ()):
            yield NamedPolicy(one["PolicyName"], _decoded(one["PolicyDocument"]), group)

    def _attached(self, holder: Mapping[str, Any], group: str | None = None) -> Iterator[NamedPolicy]:
        for arn in _arns(holder):
            yield NamedPolicy(arn, self._document(arn), group)

    def _document(self, arn: str) -> str | Mapping[str, Any]:
        if arn not in self._documents:
            version = self._reader.call("iam", "get_policy", {"PolicyArn": arn}).data["Policy"]
            params = {"PolicyArn": arn, "VersionId": version["DefaultVersionId"]}
            found = self._reader.call("iam", "get_policy_version", params).data["PolicyVersion"]
            self._documents[arn] = _decoded(found["Document"])
        return self._documents[arn]

    def _keys(self, user: str) -> Iterator[Key]:
        for one in self._reader.pages("iam", "list_access_keys", {"UserName": user}, "AccessKeyMetadata"):
            yield Key(one["AccessKeyId"], one["Status"] == "Active", one["CreateDate"])


def _arns(holder: Mapping[str, Any]) -> list[str]:
    return [one["PolicyArn"] for one in holder.get("AttachedManagedPolicies", ())]


def _default_version(policy: Mapping[str, Any]) -> str | Mapping[str, Any]:
    versions = policy.get("PolicyVersionList", ())
    return next((_decoded(one["Document"]) for one in versions if one.get("IsDefaultVersion")), {})


def _decoded(document: str | Mapping[str, Any]) -> str | Mapping[str, Any]:
    """botocore decodes the documents of some operations and leaves those of others URL-encoded."""
    return unquote(document) if isinstance(document, str) else document


def _report(reader: Gateway, pause: Pause) -> CredentialReport:
    for seconds in REPORT_PAUSES:
        state = reader.call("iam", "generate_credential_report", {}).data.get("State")
        if state == "COMPLETE":
            data = reader.call("iam", "get_credential_report", {}).data
            rows = csv.DictReader(io.StringIO(data["Content"].decode("utf-8", "replace")))
            return CredentialReport(data["GeneratedTime"], tuple(rows))
        pause(seconds)
    message = f"the credential report was not ready within {sum(REPORT_PAUSES):.0f} seconds"
    raise AwsUnavailable("iam", "generate_credential_report", "NotReady", message)
