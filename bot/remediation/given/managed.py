"""A customer managed policy: some of its statements go, or an earlier version is put in force.

A policy has at most five versions (IAM User Guide, "Versioning IAM policies"): where a sixth is needed, the
oldest that is not in force goes first, and its text stays in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.policy.change import Document
from bot.remediation.arns import account_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.created.policies import attached
from bot.remediation.denying import several
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.given.form import refuse_holder
from bot.remediation.given.statements import denies_in, without
from bot.remediation.iam import asked, change, listed, planned, reads_of, text_of
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.words import rights as words

_MOST_VERSIONS = 5
READS = ("iam:GetPolicy", "iam:ListPolicyVersions", "iam:GetPolicyVersion")
_NEW = "new"


class ManagedPolicy:
    """CreatePolicyVersion, SetDefaultPolicyVersion: undone by putting the old version in force again.

    The number of a new version is not known before it is made. A plan therefore looks at the versions up to
    the newest that it knew (`until`), and says `new` where a later one is in force.
    """

    ways = (frozenset({"policy_arn", "statement"}), frozenset({"policy_arn", "version"}))
    permissions = (
        *("iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"),
        *READS,
    )

    def target(self, account_id: str, region: str, given: Mapping[str, str]) -> Target:
        arn = given["policy_arn"]
        if account_of(arn) != account_id or ":policy/" not in arn:
            raise BadTarget(words.not_editable(arn, account_id))
        params = {**given, "account_id": account_id, "region": region}
        return Target(kind="policy", id=arn, label=f"policy {arn.rsplit('/', 1)[-1]}", params=params)

    def snapshot(self, read: Reader, target: Target) -> State:
        """`AttachedTo` is asked for planning only: who joins or leaves meanwhile changes nothing here."""
        which = {"PolicyArn": target.params["policy_arn"]}
        answer = asked(read, "get_policy", which)
        if answer is None:
            raise TargetMissing(words.no_such_policy(target.label))
        default, until = answer["Policy"]["DefaultVersionId"], target.params.get("until")
        versions = {
            one["VersionId"]: {
                "CreateDate": one["CreateDate"].isoformat(),
                "Document": _text(read, which, one),
            }
            for one in listed(read, "list_policy_versions", which, "Versions")
            if until is None or _number(one["VersionId"]) <= int(until) or one["VersionId"] == default
        }
        state = {
            "PolicyArn": target.params["policy_arn"],
            "Default": default,
            "Document": versions[default]["Document"],
            "Versions": versions,
            "Deletes": target.params.get("deletes"),
        }
        if until is None:
            return {**state, "AttachedTo": dict(attached(read, which))}
        if _number(default) > int(until):
            del versions[default]
            state["Default"] = _NEW
        return state

    def plan(self, row: Any, target: Target, state: State, context: PlanContext) -> Plan:
        state = dict(state)
        holders = state.pop("AttachedTo", {})
        for who, arn in holders.items():
            refuse_holder(arn, who, context)
        state["Deletes"] = None if "version" in target.params else oldest(state)
        target = pinned(target, state)
        change_of = _to_earlier if "version" in target.params else _to_new
        calls, undo, after = change_of(target, state, context)
        plan = planned(
            row,
            target,
            (state, after),
            calls,
            undo,
            affected=[words.loses_rights(who) for who in sorted(holders)] or [words.ATTACHED_TO_NOBODY],
            warnings=_warnings(state, after),
            irreversible=[words.version_goes(state["Deletes"])] if state["Deletes"] else (),
        )
        return plan.model_copy(update={"reads": reads_of(target.id, *READS)})


def undone(before: State) -> State:
    """Without the version that had to go: its number is never given again."""
    left = {name: one for name, one in before["Versions"].items() if name != before["Deletes"]}
    return {**before, "Versions": left}


def _text(read: Reader, which: Mapping[str, str], version: Mapping[str, Any]) -> Document:
    params = {**which, "VersionId": version["VersionId"]}
    found: Document = read.call("iam", "get_policy_version", params).data["PolicyVersion"]["Document"]
    return found


def _number(version: str) -> int:
    return int(version[1:].partition(".")[0])


def pinned(target: Target, state: State) -> Target:
    """The target with what the plan knew of the policy's versions."""
    pins = {"until": str(max(map(_number, state["Versions"])))}
    if state["Deletes"]:
        pins["deletes"] = state["Deletes"]
    return target.model_copy(update={"params": {**target.params, **pins}})


def oldest(state: State) -> str | None:
    """The version that must go so that there is room for another; None where there is room."""
    others = sorted(set(state["Versions"]) - {state["Default"]}, key=_number)
    return others[0] if len(state["Versions"]) >= _MOST_VERSIONS else None


Made = tuple[list[Call], list[Call], State]


def _to_new(target: Target, state: State, context: PlanContext) -> Made:  # noqa: ARG001
    """A new version without the statement."""
    document = without(state["Document"], target.params["statement"], target.label)
    if document is None:
        raise Refused(words.nothing_left(target.label))
    return to_document(target, state, document)


def to_document(target: Target, state: State, document: Document) -> Made:
    """The calls that put a new version with this document in force, the undo, and the state after."""
    arn, calls, room = target.id, [], state
    if state["Deletes"]:
        room = undone(state)
        params = {"PolicyArn": arn, "VersionId": state["Deletes"]}
        calls.append(change(arn, "delete_policy_version", room, params))
    after = {**room, "Default": _NEW, "Document": document}
    params = {"PolicyArn": arn, "PolicyDocument": text_of(document), "SetAsDefault": True}
    calls.append(change(arn, "create_policy_version", after, params))
    return calls, [_set_default(target, room)], after


def _to_earlier(target: Target, state: State, context: PlanContext) -> Made:
    """The version that was in force before, as far as can be told."""
    wanted = several(target.params["version"])
    if state["Default"] not in wanted:
        raise NothingToDo(words.not_in_force(target.label, wanted, state["Default"]))
    earlier = _before(state, wanted, context.since)
    after = {**state, "Default": earlier, "Document": state["Versions"][earlier]["Document"]}
    return [_set_default(target, after)], [_set_default(target, state)], after


def _before(state: State, wanted: tuple[str, ...], since: datetime | None) -> str:
    """The newest of the other versions, of those from before the attack where that is known."""
    others = [name for name in state["Versions"] if name not in wanted]
    if since is not None:
        made = {name: datetime.fromisoformat(state["Versions"][name]["CreateDate"]) for name in others}
        others = [name for name in others if made[name] < since]
    if not others:
        raise Refused(words.no_earlier(state["PolicyArn"]))
    newest: str = max(others, key=_number)
    return newest


def _set_default(target: Target, after: State) -> Call:
    params = {"PolicyArn": target.id, "VersionId": after["Default"]}
    return change(target.id, "set_default_policy_version", after, params)


def _warnings(before: State, after: State) -> Iterator[str]:
    if denies := denies_in(before["Document"], after["Document"]):
        yield words.denies_go(denies)
    yield words.VERSION_STAYS if after["Default"] == _NEW else words.put_in_force(after["Default"])
    yield words.OTHER_RIGHTS
