"""A managed policy attached to a user, role or group; and a user in a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.given.form import (
    Holder,
    affected,
    holder_in,
    holder_target,
    refuse_holder,
    ways,
)
from bot.remediation.iam import asked, change, group_name, listed, planned, reads_of
from bot.remediation.plan import Plan, State, Target
from bot.remediation.words import rights as words

_KINDS = ("User", "Role", "Group")
#: What this program stops people with: taken back by the undo of what attached it.
_STOPPING = (":aws:policy/AWSDenyAll", ":aws:policy/AWSCompromisedKeyQuarantine")


class Attachment:
    """AttachUserPolicy, AttachRolePolicy, AttachGroupPolicy: what AWS manages cannot be edited, but detached.

    The bot's role attaches nothing to a user but what contains (domain 0.12): there a person undoes it.
    """

    ways = ways("policy_arn")
    permissions = tuple(
        f"iam:{action}"
        for kind in _KINDS
        for action in (
            *([f"Attach{kind}Policy"] if kind != "User" else []),
            f"Detach{kind}Policy",
            f"ListAttached{kind}Policies",
            f"Get{kind}",
        )
    )

    def target(self, account_id: str, region: str, given: Mapping[str, str]) -> Target:
        target, arn = holder_target(account_id, region, given), given["policy_arn"]
        if not arn.startswith("arn:") or ":policy/" not in arn:
            raise BadTarget(words.not_a_policy(arn))
        label = f"policy {arn.rsplit('/', 1)[-1]} of {target.label}"
        return target.model_copy(update={"label": label, "params": {**target.params, "policy_arn": arn}})

    def snapshot(self, read: Reader, target: Target) -> State:
        holder, policy = holder_in(target.params), target.params["policy_arn"]
        arn = holder.arn_of(read, target.params["account_id"])
        attached = listed(read, f"list_attached_{holder.kind}_policies", holder.params, "AttachedPolicies")
        return {"Arn": arn, "PolicyArn": policy, "Attached": policy in {one["PolicyArn"] for one in attached}}

    def plan(self, row: Any, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        policy, holder = target.params["policy_arn"], holder_in(target.params)
        refuse_holder(target.id, target.label, context)
        if any(one in policy for one in _STOPPING):
            raise Refused(words.stops_somebody(policy))
        if not state["Attached"]:
            raise NothingToDo(words.not_attached(target.label))
        wanted, params = {**state, "Attached": False}, {**holder.params, "PolicyArn": policy}
        only = {"ArnEquals": {"iam:PolicyARN": policy}}
        detach, attach = holder.action("detach", "policy"), holder.action("attach", "policy")
        by_hand = holder.kind == "user"
        plan = planned(
            row,
            target,
            (state, wanted),
            [change(target.id, detach, wanted, params, condition=only)],
            [] if by_hand else [change(target.id, attach, state, params, condition=only)],
            affected=affected(target.id, context),
            warnings=(words.ROOM_FOR_UNDO, words.OTHER_RIGHTS),
            irreversible=[words.attach_by_hand(holder.name, policy)] if by_hand else (),
        )
        kind = holder.kind.title()
        reads = reads_of(target.id, f"iam:Get{kind}", f"iam:ListAttached{kind}Policies")
        return plan.model_copy(update={"reads": reads})


class Membership:
    """AddUserToGroup: the user leaves the group, and with it what the group may."""

    ways = (frozenset({"user", "group"}),)
    permissions = (
        *("iam:RemoveUserFromGroup", "iam:AddUserToGroup"),
        *("iam:GetUser", "iam:GetGroup", "iam:ListGroupsForUser"),
    )

    def target(self, account_id: str, region: str, given: Mapping[str, str]) -> Target:
        user = holder_target(account_id, region, {"user": given["user"]})
        group = group_name(given["group"])
        if group is None:
            raise BadTarget(words.not_a_group(given["group"]))
        label = f"membership of {user.label} in {group}"
        return user.model_copy(update={"label": label, "params": {**user.params, "group": group}})

    def snapshot(self, read: Reader, target: Target) -> State:
        user, group = Holder("user", target.params["user"]), target.params["group"]
        arn = user.arn_of(read, target.params["account_id"])
        answer = asked(read, "get_group", {"GroupName": group})
        if answer is None:
            raise TargetMissing(words.no_holder(f"group {group}", target.params["account_id"]))
        groups = listed(read, "list_groups_for_user", user.params, "Groups")
        member = group in {one["GroupName"] for one in groups}
        return {"Arn": arn, "GroupArn": answer["Group"]["Arn"], "Member": member}

    def plan(self, row: Any, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_holder(target.id, target.label, context)
        if not state["Member"]:
            raise NothingToDo(words.no_member(target.params["user"], target.params["group"]))
        wanted, group = {**state, "Member": False}, state["GroupArn"]
        params = {"UserName": target.params["user"], "GroupName": target.params["group"]}
        plan = planned(
            row,
            target,
            (state, wanted),
            [change(group, "remove_user_from_group", wanted, params)],
            [change(group, "add_user_to_group", state, params)],
            affected=affected(target.id, context),
            warnings=(words.GROUP_STAYS, words.OTHER_RIGHTS),
        )
        reads = reads_of(target.id, "iam:GetUser", "iam:ListGroupsForUser")
        return plan.model_copy(update={"reads": (*reads, *reads_of(group, "iam:GetGroup"))})
