"""R34: switch server access logging on, with what the log bucket's policy needs for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.policy.change import PolicyTooLargeError, fitting, minified, statements_of, with_statements
from bot.policy.document import PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation import denying, sentences
from bot.remediation.arns import bucket_arn
from bot.remediation.buckets import BucketRow, change, plan_of, setting
from bot.remediation.contract import PlanContext, Reader
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, Target, state_hash
from bot.remediation.rows import wording

_SERVICE = "logging.s3.amazonaws.com"
_ON_BUCKET = ("s3:GetBucketLogging",)
_ON_LOGS = ("s3:GetBucketPolicy", "s3:GetEncryptionConfiguration", "s3:GetBucketObjectLockConfiguration")


class AccessLogging(BucketRow):
    """R34: S3 writes a line for every request into another bucket, by date of the request.

    Source: S3 User Guide, "Enabling Amazon S3 server access logging", "Permissions for log delivery".
    """

    row = "R34"
    name = "access-logging"
    title = "Switch server access logging on for a bucket"
    family = "protection"
    order = 210
    wants = ("bucket", "log_bucket")
    optional = ("prefix",)
    reads = _ON_BUCKET
    permissions = (
        *("s3:PutBucketLogging", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
        *(*_ON_BUCKET, *_ON_LOGS),
    )
    verb = "Switch access logging on for"
    undo_verb = "Switch access logging back for"
    undo_warning = wording.NO_LINE_ANY_MORE

    def target(self, account_id: str, region: str, wanted: Mapping[str, str]) -> Target:
        """Takes `bucket`, `log_bucket`, where S3 writes, and `prefix`, by default the bucket's name."""
        target = super().target(account_id, region, wanted)
        logs = super().target(account_id, region, {"bucket": wanted.get("log_bucket", "")})
        if logs.id == target.id:
            raise BadTarget(wording.logs_into_itself(target.label))
        params = {"log_bucket": logs.label, "prefix": wanted.get("prefix", f"{target.label}/")}
        return target.model_copy(update={"params": {**target.params, **params}})

    def snapshot(self, read: Reader, target: Target) -> State:
        """`Logging`: None when off. `LogPolicy`: the log bucket's. `Unfit`: why S3 could not write there."""
        logs = _logs(target)
        answer = setting(read, target, "get_bucket_logging") or {}
        return {
            "Bucket": target.params["bucket"],
            "Logging": answer.get("LoggingEnabled"),
            "LogBucket": logs.label,
            "LogPolicy": denying.snapshot(read, logs)["Policy"],
            "Unfit": _unfit(read, logs),
        }

    def plan(self, target: Target, state: State, context: PlanContext) -> Plan:  # noqa: ARG002
        logs, before = _logs(target), state["Logging"]
        if before and before["TargetBucket"] == logs.label:
            raise NothingToDo(wording.already_logged(target.label, logs.label))
        if state["Unfit"]:
            raise Refused(wording.unfit_for_logs(logs.label, state["Unfit"]))
        allowed = {**state, "LogPolicy": _allowing(target, state["LogPolicy"])}
        after = {**allowed, "Logging": _wanted(target)}
        calls, undo = [_log(target, after)], [_log(target, {**after, "Logging": before})]
        if allowed != state:
            calls.insert(0, _write_policy(logs, allowed))
            undo.append(_write_policy(logs, state))
        plan = plan_of(
            self,
            target,
            (state, after),
            calls,
            undo,
            affected=(wording.NOBODY_FEELS_LOGGING,),
            warnings=(wording.FIRST_LINES_LATE, *_replaced(before)),
        )
        reads = [Permission(action=action, resource=logs.id) for action in _ON_LOGS]
        return plan.model_copy(
            update={"title": f"{plan.title}, into {logs.label}", "reads": (*plan.reads, *reads)}
        )


def _logs(target: Target) -> Target:
    """The log bucket as a target, for what is read and written there."""
    name = target.params["log_bucket"]
    params = {**target.params, "bucket": name}
    return Target(kind="bucket", id=bucket_arn(name, target.params["region"]), label=name, params=params)


def _unfit(read: Reader, logs: Target) -> str | None:
    """S3 cannot write logs where the default is SSE-KMS or a retention of Object Lock."""
    answer = setting(read, logs, "get_bucket_encryption") or {"ServerSideEncryptionConfiguration": {}}
    rules = answer["ServerSideEncryptionConfiguration"].get("Rules", [])
    default = [one.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "") for one in rules]
    if any(algorithm.startswith("aws:kms") for algorithm in default):
        return wording.BY_KMS
    lock = setting(read, logs, "get_object_lock_configuration") or {"ObjectLockConfiguration": {}}
    return wording.BY_RETENTION if lock["ObjectLockConfiguration"].get("Rule") else None


def _wanted(target: Target) -> dict[str, Any]:
    return {
        "TargetBucket": target.params["log_bucket"],
        "TargetPrefix": target.params["prefix"],
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }


def _allowing(target: Target, document: dict[str, Any] | None) -> Mapping[str, Any]:
    """The log bucket's policy with a statement for S3's log delivery, where it does not let it in already."""
    logs = _logs(target)
    statement = {
        "Sid": f"S3IncidentR34x{state_hash(target.params)[:12]}",
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Action": "s3:PutObject",
        "Resource": f"{logs.id}/{target.params['prefix']}*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": target.params["account_id"]},
            "ArnLike": {"aws:SourceArn": target.id},
        },
    }
    empty = {"Version": "2012-10-17", "Statement": []}
    try:
        if document is not None and _delivers(target, document):
            return document
        made = document or empty
        after = fitting(with_statements(made, [*statements_of(made), statement]), "bucket")
        if not _delivers(target, after):
            raise Refused(wording.denies_delivery(logs.label))
    except (PolicyError, PolicyTooLargeError) as error:
        raise Refused(sentences.not_understood(logs.label, str(error))) from error
    return after


def _delivers(target: Target, document: Mapping[str, Any]) -> bool:
    """Whether the policy lets S3 write this bucket's logs."""
    request = Request(
        _SERVICE,
        "s3:PutObject",
        f"{_logs(target).id}/{target.params['prefix']}2026-01-01-00-00-00-0123456789ABCDEF",
        target.params["account_id"],
        {
            "aws:SourceAccount": target.params["account_id"],
            "aws:SourceArn": target.id,
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true",
        },
    )
    return evaluate(request, Policies(resource=parse(document))).allowed


def _log(target: Target, after: State) -> Call:
    status = {"LoggingEnabled": after["Logging"]} if after["Logging"] else {}
    return change(target, "put_bucket_logging", "s3:PutBucketLogging", after, BucketLoggingStatus=status)


def _write_policy(logs: Target, after: State) -> Call:
    document = after["LogPolicy"]
    if document is None:
        return change(logs, "delete_bucket_policy", "s3:DeleteBucketPolicy", after)
    return change(logs, "put_bucket_policy", "s3:PutBucketPolicy", after, Policy=minified(document))


def _replaced(before: Mapping[str, Any] | None) -> list[str]:
    return [wording.logs_moved(before["TargetBucket"])] if before else []


REMEDIATION = AccessLogging()
