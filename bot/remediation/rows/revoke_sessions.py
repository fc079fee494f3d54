"""R5: revoke the sessions of a role."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.aws.errors import AwsRefused
from bot.policy.change import LIMITS
from bot.policy.wildcard import literal
from bot.remediation.arns import is_role, refuse_protected, role_arn
from bot.remediation.buckets import feel_it
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.iam import refuse_of_aws, role_name, role_of
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording
from bot.remediation.words.moments import read_utc

#: The name that AWS's own console gives this policy (IAM User Guide, "Revoke IAM role temporary security
#: credentials"): whoever knows the one knows the other.
POLICY_NAME = "AWSRevokeOlderSessions"
_READS = ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies")


class RevokeSessions(Automated):
    """R5: deny everything to the sessions that were opened before now, by an inline policy of the role.

    Sessions of further roles that were opened with them go on: each role of the chain is a target of its own.
    """

    row = "R5"
    name = "revoke-sessions"
    title = "Revoke a role's sessions"
    family = "credentials"
    order = 30
    wants = ("role",)
    permissions = ("iam:PutRolePolicy", "iam:DeleteRolePolicy", *_READS)
    undo_verb = "Lift the revocation of the sessions of"
    undo_warning = wording.SESSIONS_WORK_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `role`: a name, the role's ARN, or the ARN of one of its sessions."""
        name = role_name(account_id, wanted.get("role", ""))
        return Target(
            kind="role",
            id=role_arn(account_id, region, name),
            label=name,
            params={"role": name, "account_id": account_id, "region": region},
        )

    def snapshot(self, read: Reader, target: Target) -> State:
        """`DenyPolicy`: that inline policy, None where there is none. `Room`: the quota has room for it."""
        name = target.params["role"]
        return {
            "Role": name,
            "Arn": role_of(read, target)["Arn"],
            "DenyPolicy": _inline(read, name, POLICY_NAME),
            "Room": _has_room(read, name),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        refuse_of_aws(target.id, target.label)
        if not state["Room"]:
            raise Refused(wording.no_room_in_role(target.label))
        until = _cut(context.now)
        revoked = _revoked_until(state["DenyPolicy"])
        if revoked and revoked >= until:
            raise NothingToDo(wording.already_revoked(target.label, read_utc(revoked)))
        after = {**state, "DenyPolicy": _revocation(until)}
        used = [one for one in context.observed if is_role(one.principal, target.id)]
        return Plan(
            remediation=self.row,
            title=f"Revoke the sessions of {target.label} that were opened before {read_utc(until)}",
            verb="Revoke the sessions of",
            account_id=target.params["account_id"],
            region=target.params["region"],
            target=target,
            calls=(_write(target, after),),
            undo=(_write(target, state),),
            base_hash=state_hash(state),
            before=state,
            after=after,
            reads=tuple(Permission(action=action, resource=literal(target.id)) for action in _READS),
            affected=tuple(feel_it(used)),
            warnings=tuple(_warnings(state, until)),
        )


def _inline(read: Reader, role: str, policy: str) -> dict[str, Any] | None:
    try:
        answer = read.call("iam", "get_role_policy", {"RoleName": role, "PolicyName": policy})
    except AwsRefused as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    document: dict[str, Any] = answer.data["PolicyDocument"]
    return document


def _has_room(read: Reader, role: str) -> bool:
    """IAM counts all inline policies of a role together, without white space."""
    names = read.call("iam", "list_role_policies", {"RoleName": role}).data["PolicyNames"]
    others = (_inline(read, role, name) for name in names if name != POLICY_NAME)
    size = sum(len("".join(_text(one).split())) for one in others if one)
    return size + len(_text(_revocation("9999-12-31T23:59:59Z"))) <= LIMITS["role"]


def _cut(now: datetime) -> str:
    """The next full second: aws:TokenIssueTime has no fractions, and a session opened now is meant too."""
    return f"{now.replace(microsecond=0) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"


def _revocation(until: str) -> dict[str, Any]:
    """AWS's own document for it, letter by letter."""
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": until}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _revoked_until(document: Mapping[str, Any] | None) -> str | None:
    """Until when a policy of this form revokes; None for every other policy."""
    try:
        until = str((document or {})["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"])
    except (KeyError, IndexError, TypeError):
        return None
    return until if document == _revocation(until) else None


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _write(target: Target, after: State) -> Call:
    params, document = {"RoleName": target.params["role"], "PolicyName": POLICY_NAME}, after["DenyPolicy"]
    operation, action = "delete_role_policy", "iam:DeleteRolePolicy"
    if document is not None:
        operation, action = "put_role_policy", "iam:PutRolePolicy"
        params["PolicyDocument"] = _text(document)
    return Call(
        service="iam",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=literal(target.id)),),
    )


def _warnings(state: State, until: str) -> Iterator[str]:
    yield wording.opened_later(read_utc(until))
    yield wording.EVERY_HOP
    yield wording.WORKLOADS_FETCH
    if state["DenyPolicy"] is not None and _revoked_until(state["DenyPolicy"]) is None:
        yield wording.replaces_inline(POLICY_NAME)


REMEDIATION = RevokeSessions()
