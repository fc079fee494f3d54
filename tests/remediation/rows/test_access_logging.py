"""R34: S3 may write, and writes by date; a bucket that cannot take logs is refused before any approval."""

from __future__ import annotations

import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, DELIVERY, new_bucket, policy, put_policy, statement

KMS = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
RETENTION = {"Mode": "GOVERNANCE", "Days": 1}


def pair(account: Account, name: str) -> dict[str, str]:
    new_bucket(account, name)
    new_bucket(account, f"{name}-to")
    return {"bucket": name, "log_bucket": f"{name}-to"}


def may_write(account: Account, logs: str, source: str) -> bool:
    text = account.client("s3").get_bucket_policy(Bucket=logs)["Policy"]
    context = {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": f"arn:aws:s3:::{source}"}
    request = Request(
        "logging.s3.amazonaws.com", "s3:PutObject", f"arn:aws:s3:::{logs}/{source}/x", ACCOUNT, context
    )
    return evaluate(request, Policies(resource=parse(text))).allowed


def test_s3_may_write_this_bucket_s_logs_there_and_no_other_s(account: Account) -> None:
    wanted = pair(account, "acme-log-1")
    plan = plan_for(account, "R34", wanted, CONTEXT)
    assert [call.operation for call in plan.calls] == ["put_bucket_policy", "put_bucket_logging"]
    assert [call.operation for call in plan.undo] == ["put_bucket_logging", "delete_bucket_policy"]
    assert carry_out(account, plan).outcome == "verified"
    shown = account.client("s3").get_bucket_logging(Bucket="acme-log-1")["LoggingEnabled"]
    assert shown["TargetObjectKeyFormat"] == {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    assert may_write(account, "acme-log-1-to", "acme-log-1")
    assert not may_write(account, "acme-log-1-to", "acme-log-2")
    with pytest.raises(NothingToDo, match="go to acme-log-1-to"):
        plan_for(account, "R34", wanted, CONTEXT)


def test_a_policy_that_lets_s3_write_already_stays_as_it_is(account: Account) -> None:
    wanted = pair(account, "acme-log-3")
    put_policy(account, "acme-log-3-to", policy(DELIVERY))
    plan = plan_for(account, "R34", wanted, CONTEXT)
    assert [call.operation for call in plan.calls] == ["put_bucket_logging"]


def test_what_stops_delivery_is_refused(account: Account) -> None:
    s3 = account.client("s3")
    kms, locked, denied = (pair(account, f"acme-log-{name}") for name in ("kms", "lock", "deny"))
    s3.put_bucket_encryption(Bucket=kms["log_bucket"], ServerSideEncryptionConfiguration=KMS)
    s3.create_bucket(Bucket="acme-log-worm", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket="acme-log-worm",
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": RETENTION}},
    )
    put_policy(account, denied["log_bucket"], policy(statement("No", "Deny", Action="s3:PutObject")))
    for wanted, why in (
        (kms, "SSE-KMS"),
        ({**locked, "log_bucket": "acme-log-worm"}, "default retention"),
        (denied, "denies S3's log delivery"),
    ):
        with pytest.raises(Refused, match=why):
            plan_for(account, "R34", wanted, CONTEXT)


def test_where_the_logs_went_before_is_said(account: Account) -> None:
    wanted = pair(account, "acme-log-5")
    new_bucket(account, "acme-log-thief")
    account.client("s3").put_bucket_logging(
        Bucket="acme-log-5",
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "acme-log-thief", "TargetPrefix": ""}},
    )
    plan = plan_for(account, "R34", wanted, CONTEXT)
    assert any("went to acme-log-thief" in text for text in plan.warnings)


def test_targets_that_cannot_be(account: Account) -> None:
    kind = remediation("R34")
    for logs, why in (("acme", "cannot log into itself"), ("", "not a general purpose bucket")):
        with pytest.raises(BadTarget, match=why):
            kind.target(ACCOUNT, REGION, {"bucket": "acme", "log_bucket": logs})
    new_bucket(account, "acme-log-6")
    with pytest.raises(TargetMissing, match="no bucket acme-log-gone"):
        plan_for(account, "R34", {"bucket": "acme-log-6", "log_bucket": "acme-log-gone"}, CONTEXT)
