"""R4: deny everything to a user who has no room for another attached policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.policy.change import LIMITS
from bot.remediation import sentences
from bot.remediation.arns import partition, refuse_protected, user_arn
from bot.remediation.contract import Automated, PlanContext, Reader
from bot.remediation.created.holders import inline_policies
from bot.remediation.errors import NothingToDo, TargetMissing
from bot.remediation.iam import asked, change, planned, size_of, text_of
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.users import affected_by, observed_of, user_name
from bot.remediation.words import users as words

POLICY_NAME = "S3IncidentDenyAll"
_DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [_DENY]}


class DenyInline(Automated):
    """R4: an inline deny-all; where the quota of 2,048 characters is full, AWSDenyAll as the boundary.

    Source: IAM User Guide, "IAM and AWS STS quotas", "Permissions boundaries for IAM entities".
    """

    row = "R4"
    name = "deny-inline"
    title = "Deny everything to an IAM user by an inline policy or a boundary"
    family = "credentials"
    order = 14
    wants = ("user",)
    reads = ("iam:GetUser", "iam:ListUserPolicies", "iam:GetUserPolicy")
    permissions = (
        *("iam:PutUserPolicy", "iam:DeleteUserPolicy"),
        *("iam:PutUserPermissionsBoundary", "iam:DeleteUserPermissionsBoundary", *reads),
    )
    verb = "Deny everything to"
    undo_verb = "Lift the deny from"
    undo_warning = words.INLINE_LIFTED

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `user`, a name or an ARN."""
        name = user_name(account_id, wanted)
        params = {"user": name, "account_id": account_id, "region": region}
        return Target(kind="user", id=user_arn(account_id, region, name), label=name, params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`DenyPolicy`: our inline policy. `Boundary`: an ARN. `Room`: the quota has room for our policy."""
        name = target.params["user"]
        answer = asked(read, "get_user", {"UserName": name})
        if answer is None:
            raise TargetMissing(sentences.no_such_user(name, target.params["account_id"]))
        inline = inline_policies(read, "user", name)
        others = [document for policy, document in inline.items() if policy != POLICY_NAME]
        boundary = answer["User"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return {
            "User": name,
            "Arn": answer["User"]["Arn"],
            "DenyPolicy": inline.get(POLICY_NAME),
            "Boundary": boundary,
            "Room": size_of([*others, DOCUMENT]) <= LIMITS["user"],
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_protected(target.id, context)
        deny_all = f"arn:{partition(target.params['region'])}:iam::aws:policy/AWSDenyAll"
        if state["DenyPolicy"] == DOCUMENT or state["Boundary"] == deny_all:
            how = "its boundary" if state["Boundary"] == deny_all else f"the inline policy {POLICY_NAME}"
            raise NothingToDo(words.denied_inline(target.label, how))
        changed = {"DenyPolicy": DOCUMENT} if state["Room"] else {"Boundary": deny_all}
        after = {**state, **changed}
        write = _policy if state["Room"] else _boundary
        return planned(
            self,
            target,
            (state, after),
            [write(target, after)],
            [write(target, state)],
            affected=affected_by(observed_of(target.id, context)),
            warnings=_warnings(state),
        )


def _policy(target: Target, after: State) -> Call:
    params: dict[str, Any] = {"UserName": target.params["user"], "PolicyName": POLICY_NAME}
    if after["DenyPolicy"] is None:
        return change(target.id, "delete_user_policy", after, params)
    params["PolicyDocument"] = text_of(after["DenyPolicy"])
    return change(target.id, "put_user_policy", after, params)


def _boundary(target: Target, after: State) -> Call:
    params, boundary = {"UserName": target.params["user"]}, after["Boundary"]
    if boundary is None:
        return change(target.id, "delete_user_permissions_boundary", after, params)
    # Without the condition, the same permission would set any boundary, one that allows all as well.
    only = {"ArnEquals": {"iam:PermissionsBoundary": boundary}}
    params["PermissionsBoundary"] = boundary
    return change(target.id, "put_user_permissions_boundary", after, params, condition=only)


def _warnings(state: State) -> Iterator[str]:
    yield words.WEAKER_THAN_ATTACHED if state["Room"] else words.BY_BOUNDARY
    yield sentences.ROLES_STAY


REMEDIATION = DenyInline()
