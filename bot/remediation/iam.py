"""What the remediations of IAM share: reading what may not be there, names, calls on one ARN, the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bot.aws.errors import AwsRefused
from bot.policy.change import Document, minified
from bot.policy.wildcard import literal
from bot.remediation.arns import account_of
from bot.remediation.contract import Reader
from bot.remediation.errors import BadTarget, Refused, TargetMissing
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording

_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_GROUP = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
#: Roles under these paths belong to AWS services and to IAM Identity Center; IAM refuses to change them.
_NOT_OURS = (":role/aws-service-role/", ":role/aws-reserved/")


class Row(Protocol):
    """What `planned` takes from the row."""

    @property
    def row(self) -> str: ...

    @property
    def verb(self) -> str: ...

    @property
    def reads(self) -> tuple[str, ...]: ...


def asked(read: Reader, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What IAM answers, None where there is no such thing. Raises AwsError."""
    try:
        return read.call("iam", operation, params).data
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            return None
        raise


def listed(read: Reader, operation: str, params: Mapping[str, Any], key: str) -> list[Any]:
    """The items under `key` of every page. Raises AwsError."""
    found: list[Any] = []
    marker: dict[str, str] = {}
    while True:
        page = read.call("iam", operation, {**params, **marker}).data
        found += page[key]
        if not page.get("IsTruncated"):
            return found
        marker = {"Marker": page["Marker"]}


def role_name(account_id: str, given: str) -> str:
    """The name in a role's name, its ARN, or the ARN of one of its sessions. Raises BadTarget."""
    if given.startswith("arn:"):
        if account_of(given) != account_id or not re.search(r":(role|assumed-role)/", given):
            raise BadTarget(wording.not_a_role_here(given, account_id))
        parts = given.split("/")
        given = parts[1] if ":assumed-role/" in given else parts[-1]
    if not _NAME.fullmatch(given):
        raise BadTarget(wording.not_a_role(given))
    return given


def group_name(given: str) -> str | None:
    """The name of a group as IAM takes it; None for anything else."""
    return given if _GROUP.fullmatch(given) else None


def role_of(read: Reader, target: Target) -> Mapping[str, Any]:
    """GetRole's answer: ARN with path, id, trust policy. Raises TargetMissing and AwsError."""
    name = target.params["role"]
    answer = asked(read, "get_role", {"RoleName": name})
    if answer is None:
        raise TargetMissing(wording.no_such_role(name, target.params["account_id"]))
    role: Mapping[str, Any] = answer["Role"]
    return role


def refuse_of_aws(arn: str, label: str) -> None:
    """Raises Refused for a role that IAM lets nobody change."""
    if any(path in arn for path in _NOT_OURS):
        raise Refused(wording.role_of_aws(label))


def change(
    arn: str,
    operation: str,
    after: State,
    params: Mapping[str, Any],
    *,
    condition: dict[str, dict[str, Any]] | None = None,
) -> Call:
    """A call of IAM on one ARN, and the state that it leaves. IAM's actions have the names of its API."""
    action = f"iam:{_api_name(operation)}"
    return Call(
        service="iam",
        operation=operation,
        params=dict(params),
        after=state_hash(after),
        permissions=(Permission(action=action, resource=literal(arn), condition=condition),),
    )


#: Words that IAM's API writes in capitals.
_CAPITALS = {"mfa": "MFA", "ssh": "SSH", "saml": "SAML", "id": "ID"}


def _api_name(operation: str) -> str:
    """`delete_ssh_public_key` is DeleteSSHPublicKey; `delete_open_id_connect_provider` is as AWS has it."""
    words = [_CAPITALS.get(word, word.title()) for word in operation.split("_")]
    return "".join(words)


def text_of(document: Document) -> str:
    """The document as IAM is given it."""
    return minified(document)


def size_of(documents: Iterable[Document]) -> int:
    """Characters as IAM counts them: without white space."""
    return sum(len("".join(text_of(one).split())) for one in documents)


def reads_of(arn: str, *actions: str) -> tuple[Permission, ...]:
    return tuple(Permission(action=action, resource=literal(arn)) for action in actions)


def planned(
    row: Row,
    target: Target,
    states: tuple[State, State],
    calls: Sequence[Call],
    undo: Sequence[Call],
    *,
    affected: Iterable[str],
    warnings: Iterable[str],
    irreversible: Iterable[str] = (),
) -> Plan:
    """The plan that leads from the first state to the second; its reads are on the target's ARN."""
    before, after = states
    return Plan(
        remediation=row.row,
        title=f"{row.verb} {target.label}",
        verb=row.verb,
        account_id=target.params["account_id"],
        region=target.params["region"],
        target=target,
        calls=tuple(calls),
        undo=tuple(undo),
        base_hash=state_hash(before),
        before=before,
        after=after,
        reads=reads_of(target.id, *row.reads),
        affected=tuple(affected),
        irreversible=tuple(irreversible),
        warnings=tuple(warnings),
    )
