"""R42: Object Lock in GOVERNANCE mode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.policy.document import PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation import denying
from bot.remediation.buckets import BucketRow, change, plan_of, setting
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Call, Plan, State, Target
from bot.remediation.words import locking as words

_DELIVERY = "logging.s3.amazonaws.com"
_DAYS = re.compile(r"[1-9]\d{0,4}")
#: S3 User Guide, "Object Lock": a hundred years.
_MOST_DAYS = 36500


class ObjectLock(BucketRow):
    """R42: every new version is kept for some days; only s3:BypassGovernanceRetention deletes it before.

    Never COMPLIANCE, which nobody can shorten. Source: S3 API Reference, PutObjectLockConfiguration; S3 User
    Guide, "Locking objects with Object Lock", "Logging requests with server access logging".
    """

    row = "R42"
    name = "object-lock"
    title = "Lock new objects of a bucket for some days (Object Lock, GOVERNANCE)"
    family = "protection"
    order = 310
    approvals = 2
    wants = ("bucket", "days")
    reads = (
        *("s3:GetBucketObjectLockConfiguration", "s3:GetBucketVersioning"),
        *("s3:GetBucketPolicy", "s3:GetBucketAcl"),
    )
    permissions = ("s3:PutBucketObjectLockConfiguration", *reads)
    verb = "Lock new objects of"
    undo_verb = "Take the default retention away from"
    undo_warning = words.NEW_OBJECTS_UNLOCKED

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket` and `days`, 1 to 36500."""
        target, days = super().target(account_id, region, wanted), wanted.get("days", "")
        if not _DAYS.fullmatch(days) or int(days) > _MOST_DAYS:
            raise BadTarget(words.not_days(days))
        return target.model_copy(update={"params": {**target.params, "days": days}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`ObjectLock`: None where it was never on. `LogTarget`: S3 may write access logs here."""
        answer = setting(read, target, "get_object_lock_configuration") or {}
        return {
            "Bucket": target.params["bucket"],
            "ObjectLock": _kept(answer.get("ObjectLockConfiguration")),
            "Versioned": (setting(read, target, "get_bucket_versioning") or {}).get("Status") == "Enabled",
            "LogTarget": _takes_logs(read, target),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        days, retention = int(target.params["days"]), _retention(state)
        if not state["Versioned"]:
            raise Refused(words.needs_versions(target.label))
        if state["LogTarget"]:
            raise Refused(words.logs_stop(target.label))
        if retention.get("Mode") == "COMPLIANCE":
            raise NothingToDo(words.stronger(target.label))
        if retention.get("Days", 0) + 365 * retention.get("Years", 0) >= days:
            raise NothingToDo(words.already_locked(target.label, days))
        after = {**state, "ObjectLock": _locked({"Mode": "GOVERNANCE", "Days": days})}
        undone = self.undone(state)
        plan = plan_of(
            self,
            target,
            (state, after),
            [_write(target, after)],
            [_write(target, undone)],
            affected=(words.deletes_wait(days),),
            warnings=(words.GOVERNANCE, words.OLD_OBJECTS_STAY, words.storage(days)),
            irreversible=[words.STAYS_ON] if state["ObjectLock"] is None else [words.STAYS_LOCKED],
        )
        return plan.model_copy(update={"title": f"{plan.title} for {days} days (GOVERNANCE)"})

    def undone(self, before: State) -> State:
        return {**before, "ObjectLock": before["ObjectLock"] or {"ObjectLockEnabled": "Enabled"}}


def _kept(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The configuration without what is not set."""
    if not found or found.get("ObjectLockEnabled") != "Enabled":
        return None
    retention = (found.get("Rule") or {}).get("DefaultRetention") or {}
    return _locked({name: value for name, value in retention.items() if value})


def _locked(retention: Mapping[str, Any]) -> dict[str, Any]:
    rule = {"Rule": {"DefaultRetention": dict(retention)}} if retention else {}
    return {"ObjectLockEnabled": "Enabled", **rule}


def _retention(state: State) -> dict[str, Any]:
    found: dict[str, Any] = ((state["ObjectLock"] or {}).get("Rule") or {}).get("DefaultRetention") or {}
    return found


def _takes_logs(read: Reader, target: Target) -> bool:
    """Whether access logs can come here, by the bucket's policy or its ACL: a retention would stop them."""
    acl = setting(read, target, "get_bucket_acl") or {}
    groups = [
        one["Grantee"].get("URI", "") for one in acl.get("Grants", ()) if one["Permission"] != "READ_ACP"
    ]
    if any(uri.endswith("/s3/LogDelivery") for uri in groups):
        return True
    document = denying.snapshot(read, target)["Policy"]
    keys = {"aws:SourceAccount": target.params["account_id"], "aws:SourceArn": "arn:aws:s3:::any"}
    request = Request(_DELIVERY, "s3:PutObject", f"{target.id}/any", target.params["account_id"], keys)
    try:
        named = document is not None and _DELIVERY in str(document)
        return (
            named
            and evaluate(request, Policies(resource=parse(document or {}))).outcome != "explicitly_denied"
        )
    except PolicyError:
        return named


def _write(target: Target, after: State) -> Call:
    action = "s3:PutBucketObjectLockConfiguration"
    wanted = after["ObjectLock"]
    return change(target, "put_object_lock_configuration", action, after, ObjectLockConfiguration=wanted)


REMEDIATION = ObjectLock()
