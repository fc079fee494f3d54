"""An inline policy of a user, role or group: it goes, or some of its statements do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.policy.change import Document
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo
from bot.remediation.given.form import (
    Holder,
    affected,
    holder_in,
    holder_target,
    refuse_holder,
    ways,
)
from bot.remediation.given.statements import denies_in, without
from bot.remediation.iam import asked, change, planned, reads_of, text_of
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.words import rights as words

_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_KINDS = ("User", "Role", "Group")


class InlinePolicy:
    """PutUserPolicy, PutRolePolicy, PutGroupPolicy: undone by the document that was there."""

    ways = (*ways("policy"), *ways("policy", "statement"))
    permissions = tuple(
        f"iam:{verb}{kind}{what}"
        for kind in _KINDS
        for verb, what in (("Put", "Policy"), ("Delete", "Policy"), ("Get", "Policy"), ("Get", ""))
    )

    def target(self, account_id: str, region: str, given: Mapping[str, str]) -> Target:
        target = holder_target(account_id, region, given)
        if not _NAME.fullmatch(given["policy"]):
            raise BadTarget(words.not_a_policy_name(given["policy"]))
        more = {name: given[name] for name in ("policy", "statement") if name in given}
        label = f"inline policy {given['policy']} of {target.label}"
        return target.model_copy(update={"label": label, "params": {**target.params, **more}})

    def snapshot(self, read: Reader, target: Target) -> State:
        holder = holder_in(target.params)
        arn = holder.arn_of(read, target.params["account_id"])
        which = {**holder.params, "PolicyName": target.params["policy"]}
        answer = asked(read, holder.action("get", "policy"), which)
        document = answer["PolicyDocument"] if answer else None
        return {"Arn": arn, "PolicyName": target.params["policy"], "Document": document}

    def plan(self, row: Any, target: Target, state: State, context: PlanContext) -> Plan:
        target = target.model_copy(update={"id": state["Arn"]})
        refuse_holder(target.id, target.label, context)
        document = state["Document"]
        if document is None:
            raise NothingToDo(words.no_such_policy(target.label))
        statement = target.params.get("statement")
        left = without(document, statement, target.label) if statement else None
        holder, wanted = holder_in(target.params), {**state, "Document": left}
        plan = planned(
            row,
            target,
            (state, wanted),
            [write(holder, target, wanted)],
            [write(holder, target, state)],
            affected=affected(target.id, context),
            warnings=_warnings(document, left, statement),
        )
        kind = holder.kind.title()
        reads = reads_of(target.id, f"iam:Get{kind}", f"iam:Get{kind}Policy")
        return plan.model_copy(update={"reads": reads})


def write(holder: Holder, target: Target, after: State) -> Call:
    params = {**holder.params, "PolicyName": target.params["policy"]}
    if after["Document"] is None:
        return change(target.id, holder.action("delete", "policy"), after, params)
    params["PolicyDocument"] = text_of(after["Document"])
    return change(target.id, holder.action("put", "policy"), after, params)


def _warnings(before: Document, after: Document | None, statement: str | None) -> Iterator[str]:
    if denies := denies_in(before, after):
        yield words.denies_go(denies)
    if after is None:
        yield words.LAST_STATEMENT if statement else words.WHOLE_POLICY
    yield words.ROOM_FOR_UNDO
    yield words.OTHER_RIGHTS
