"""What somebody who was cut off has left behind since: new keys, users, roles, and rights that were given.

Event history says who made it, minutes late; IAM says at once which keys a user has, and whether what was
made is still there (domain E29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Gateway
from bot.evidence.events import Event, mapping, text_or_none
from bot.incidents import jobs, plan_states
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT
from bot.incidents.sightings import Sightings
from bot.remediation.catalogue import listing
from bot.remediation.plan import Target, state_hash
from bot.store import plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

_STANDS_FOR_IT = plan_states.UNDER_WAY | plan_states.UNDOABLE | {PlanState.WAITING}


@dataclass(frozen=True)
class Newcomer:
    """One thing that was not there when the change was planned, and is there now.

    Attributes:
        id: by which it is told once. sentence: for people; holds names that an attacker chose.
        row, target: the remediation against it; no row where none fits.
    """

    id: str
    sentence: str
    row: str = ""
    target: Mapping[str, str] = field(default_factory=dict)


def newcomers(reader: Gateway, target: Target, done: Sightings, since: datetime) -> tuple[Newcomer, ...]:
    """What is new since a moment and still there. Raises AwsUnavailable."""
    found = {one.id: one for one in _new_keys(reader, target, since)}
    for event in done:
        if event.service == "iam" and event.time > since:
            for one in _left_by(reader, event):
                found.setdefault(one.id, one)
    return tuple(found.values())


def propose(tx: Tx, row: PlanRow, new: tuple[Newcomer, ...]) -> None:
    """Orders a plan against each, under the playbook's approval policy for its row, unless the catalogue has
    none or one for it stands already.
    """
    known = {one.row for one in listing()}
    standing = [
        one for one in plans.of_incident(tx, row.incident_id) if one.undoes is None and _stands(one.state)
    ]
    for one in new:
        if one.row not in known or any(_same(plan, one) for plan in standing):
            continue
        enqueue(
            tx,
            jobs.PLAN_ORDER,
            dedupe_key=f"newcomer:{row.incident_id}:{one.row}:{state_hash(dict(one.target))[:20]}",
            incident_id=row.incident_id,
            remediation=one.row,
            target=dict(one.target),
            why=f"{one.sentence[:1].upper()}{one.sentence[1:]}. Found by the watch of plan {row.number}.",
            requested_by=BOT,
        )


def _stands(state: str) -> bool:
    return state in _STANDS_FOR_IT


def _same(plan: PlanRow, one: Newcomer) -> bool:
    return plan.remediation == one.row and one.target.items() <= plan.target.items()


def _new_keys(reader: Gateway, target: Target, since: datetime) -> Iterator[Newcomer]:
    """Keys of the user that was cut off, whoever made them."""
    user = target.params.get("user")
    if user is None:
        return
    for key in _read(reader, "list_access_keys", UserName=user).get("AccessKeyMetadata", ()):
        if key["Status"] == "Active" and key["CreateDate"] > since:
            yield _key(user, key["AccessKeyId"])


def _key(user: str, key: str) -> Newcomer:
    return Newcomer(
        f"key:{key}",
        f"a new active access key {key} of {user}",
        "R1",
        {"user": user, "access_key_id": key},
    )


def _left_by(reader: Gateway, event: Event) -> Iterator[Newcomer]:
    found = _MADE.get(event.name)
    if found is not None:
        yield from found(reader, event)


def _made_key(reader: Gateway, event: Event) -> Iterator[Newcomer]:
    made = mapping(event.response.get("accessKey"))
    user, key = text_or_none(made.get("userName")), text_or_none(made.get("accessKeyId"))
    if user and key:
        keys = _read(reader, "list_access_keys", UserName=user).get("AccessKeyMetadata", ())
        if any((one["AccessKeyId"], one["Status"]) == (key, "Active") for one in keys):
            yield _key(user, key)


def _about_user(what: str, row: str = "R2") -> Callable[[Gateway, Event], Iterator[Newcomer]]:
    def found(reader: Gateway, event: Event) -> Iterator[Newcomer]:
        user = text_or_none(event.parameters.get("userName"))
        if user and _read(reader, "get_user", UserName=user):
            yield Newcomer(event.event_id, f"{what} {user}", row, {"user": user})

    return found


def _about_role(what: str) -> Callable[[Gateway, Event], Iterator[Newcomer]]:
    def found(reader: Gateway, event: Event) -> Iterator[Newcomer]:
        role = text_or_none(event.parameters.get("roleName"))
        if role and _read(reader, "get_role", RoleName=role):
            yield Newcomer(event.event_id, f"{what} {role}", "R5", {"role": role})

    return found


def _policy(reader: Gateway, event: Event) -> Iterator[Newcomer]:  # noqa: ARG001
    name = text_or_none(event.parameters.get("policyName") or event.parameters.get("policyArn"))
    yield Newcomer(event.event_id, f"{event.name} of {name or 'a policy'}")


_MADE: Mapping[str, Callable[[Gateway, Event], Iterator[Newcomer]]] = {
    "CreateAccessKey": _made_key,
    "CreateUser": _about_user("a new user"),
    "CreateLoginProfile": _about_user("a new console password of", "R8"),
    "PutUserPolicy": _about_user("new rights of the user"),
    "AttachUserPolicy": _about_user("new rights of the user"),
    "AddUserToGroup": _about_user("a new group of the user"),
    "CreateRole": _about_role("a new role"),
    "PutRolePolicy": _about_role("new rights of the role"),
    "AttachRolePolicy": _about_role("new rights of the role"),
    "UpdateAssumeRolePolicy": _about_role("a new trust policy of the role"),
    "CreatePolicy": _policy,
    "CreatePolicyVersion": _policy,
}


def _read(reader: Gateway, operation: str, **params: str) -> Mapping[str, Any]:
    """What IAM says; nothing where it is gone by now. Raises AwsError for every other refusal."""
    try:
        return reader.call("iam", operation, params).data
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            return {}
        raise
