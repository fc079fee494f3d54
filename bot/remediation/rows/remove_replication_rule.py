"""R28: remove a rule that copies objects elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.remediation.buckets import BucketRow, change, plan_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Permission, Plan, State, Target
from bot.remediation.rule_documents import chosen, document
from bot.remediation.words import bucket as words


class RemoveReplicationRule(BucketRow):
    """R28: take one rule, or several, out of the replication configuration and leave all else as it is.

    Writing a configuration hands its role over to S3, which needs iam:PassRole on exactly that role; deleting
    the last rule does not. Source: S3 API Reference, PutBucketReplication, "Permissions".
    """

    row = "R28"
    name = "remove-replication-rule"
    title = "Remove a replication rule"
    family = "bucket settings"
    order = 112
    optional = ("rule",)
    approvals = 2
    reads = ("s3:GetReplicationConfiguration",)
    permissions = ("s3:PutReplicationConfiguration", "iam:PassRole", *reads)
    verb = "Remove a replication rule from"
    undo_verb = "Write the replication rule back to"
    undo_warning = words.COPIES_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `rule`: an id as S3 shows it, or several with commas; else the only rule."""
        target = super().target(account_id, region, wanted)
        named = {"rule": wanted["rule"]} if wanted.get("rule") else {}
        return target.model_copy(update={"params": {**target.params, **named}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Replication`: the role and all rules, None where nothing is replicated."""
        found = document(read, target, "get_bucket_replication")
        return {"Bucket": target.params["bucket"], "Replication": found.get("ReplicationConfiguration")}

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        configuration = state["Replication"]
        if configuration is None:
            raise NothingToDo(words.no_replication(target.label))
        rules = configuration["Rules"]
        names = chosen(target, target.params.get("rule"), [one["ID"] for one in rules])
        kept = [one for one in rules if one["ID"] not in names]
        after = {**state, "Replication": {**configuration, "Rules": kept} if kept else None}
        plan = plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=[_effect(one) for one in rules if one["ID"] in names],
            warnings=(
                words.keeps(len(kept)),
                words.COPIES_STAY,
                words.ROLE_STAYS,
                words.UNDO_PASSES_ROLE,
            ),
        )
        title = f"Remove the replication rule {', '.join(names)} from {target.label}"
        return plan.model_copy(update={"title": title})


def _write(target: Target, after: State) -> Call:
    action, configuration = "s3:PutReplicationConfiguration", after["Replication"]
    if configuration is None:
        return change(target, "delete_bucket_replication", action, after)
    call = change(target, "put_bucket_replication", action, after, ReplicationConfiguration=configuration)
    to_s3 = {"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}}
    passes = Permission(action="iam:PassRole", resource=configuration["Role"], condition=to_s3)
    return call.model_copy(update={"permissions": (*call.permissions, passes)})


def _effect(rule: Mapping[str, Any]) -> str:
    destination = rule["Destination"]
    return words.copies_to(rule["ID"], destination["Bucket"], destination.get("Account"))


REMEDIATION = RemoveReplicationRule()
