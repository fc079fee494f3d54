"""R29: remove a lifecycle rule that deletes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.remediation.buckets import BucketRow, change, plan_of
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import NothingToDo
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.rule_documents import chosen, document
from bot.remediation.words import bucket as words

_MINIMUM = "TransitionDefaultMinimumObjectSize"
_DELETES = {
    "Expiration": "expiration",
    "NoncurrentVersionExpiration": "expiration of noncurrent versions",
    "AbortIncompleteMultipartUpload": "end of incomplete uploads",
    "Transitions": "transition to another storage class",
    "NoncurrentVersionTransitions": "transition of noncurrent versions",
}


class RemoveLifecycleRule(BucketRow):
    """R29: take one rule, or several, out of the lifecycle configuration and leave all else as it is.

    S3 replaces the whole document and keeps no older one. Sources: S3 API Reference,
    PutBucketLifecycleConfiguration; S3 User Guide, "Lifecycle and other bucket configurations".
    """

    row = "R29"
    name = "remove-lifecycle-rule"
    title = "Remove a lifecycle rule that deletes objects"
    family = "bucket settings"
    order = 114
    optional = ("rule",)
    approvals = 2
    reads = ("s3:GetLifecycleConfiguration",)
    permissions = ("s3:PutLifecycleConfiguration", *reads)
    verb = "Remove a lifecycle rule from"
    undo_verb = "Write the lifecycle rule back to"
    undo_warning = words.EXPIRES_AGAIN

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, and `rule`: an id as S3 shows it, or several with commas; else the only rule."""
        target = super().target(account_id, region, wanted)
        named = {"rule": wanted["rule"]} if wanted.get("rule") else {}
        return target.model_copy(update={"params": {**target.params, **named}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Rules`: all of them, None where there are none. The minimum size stands beside them."""
        found = document(read, target, "get_bucket_lifecycle_configuration")
        return {
            "Bucket": target.params["bucket"],
            "Rules": found.get("Rules"),
            _MINIMUM: found.get(_MINIMUM),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        rules = state["Rules"]
        if not rules:
            raise NothingToDo(words.no_lifecycle(target.label))
        names = chosen(target, target.params.get("rule"), [one["ID"] for one in rules])
        kept = [one for one in rules if one["ID"] not in names]
        after = {**state, "Rules": kept or None, _MINIMUM: state[_MINIMUM] if kept else None}
        removed = [one for one in rules if one["ID"] in names]
        plan = plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, state)],
            affected=[*map(_effect, removed), words.NOBODY_FEELS_LIFECYCLE],
            warnings=(words.keeps(len(kept)), words.STOPS_FROM_NOW, words.ID_WAS_TAKEN, words.UNDO_AND_MFA),
        )
        title = f"Remove the lifecycle rule {', '.join(names)} from {target.label}"
        return plan.model_copy(update={"title": title})


def _write(target: Target, after: State) -> Call:
    action = "s3:PutLifecycleConfiguration"
    if after["Rules"] is None:
        return change(target, "delete_bucket_lifecycle", action, after)
    minimum = {_MINIMUM: after[_MINIMUM]} if after[_MINIMUM] else {}
    rules = {"Rules": after["Rules"]}
    operation = "put_bucket_lifecycle_configuration"
    return change(target, operation, action, after, LifecycleConfiguration=rules, **minimum)


def _effect(rule: Mapping[str, Any]) -> str:
    return words.expires(rule["ID"], list(_actions(rule)), _where(rule))


def _actions(rule: Mapping[str, Any]) -> Iterator[str]:
    for name, words_for_it in _DELETES.items():
        if name in rule:
            yield words_for_it


def _where(rule: Mapping[str, Any]) -> str:
    """Which objects a rule is about. A filter of several conditions is in the plan's diff."""
    told = rule.get("Filter", {})
    if told.keys() - {"Prefix"}:
        return words.CERTAIN_OBJECTS
    prefix = told.get("Prefix", rule.get("Prefix", ""))
    return words.under(prefix) if prefix else words.EVERYTHING


REMEDIATION = RemoveLifecycleRule()
