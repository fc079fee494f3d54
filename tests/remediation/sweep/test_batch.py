"""Long lists go to S3 Batch Operations; what its job leaves is copied one by one, and nothing twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.remediation.plan import Plan
from bot.remediation.rows import restore_objects
from tests.aws.account import ACCOUNT, Account, policy_text
from tests.remediation.doing import MemoryJournal, step
from tests.remediation.killing import Killed
from tests.remediation.rows.cases import CONTEXT
from tests.remediation.sweep.buckets import (
    Disturbed,
    carried_out,
    content,
    history,
    restoring,
    wiped,
)

KEYS = 8
ROLE = "S3IncidentBatch"


@pytest.fixture(scope="module", autouse=True)
def batch(account: Account) -> None:
    """The bucket for lists and reports, and the role that S3 acts with."""
    assert CONTEXT.batch is not None
    assert CONTEXT.batch.role == f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    account.client("s3").create_bucket(Bucket=CONTEXT.batch.bucket)
    service = {"Service": "batchoperations.s3.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)
    may(account, "s3:*")


def may(account: Account, actions: str) -> None:
    iam = account.client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName="work", PolicyDocument=policy_text(actions))


def grown(account: Account, bucket: str, before: dict[str, list[str]]) -> set[int]:
    after = history(account, bucket)
    return {len(after[key]) - len(before[key]) for key in before}


def copies(account: Account, bucket: str, session: str) -> int:
    """Copies in a bucket that a session of that name made."""
    return sum(
        record["requestParameters"]["bucketName"] == bucket and session in record["userIdentity"]["arn"]
        for record in account.records("CopyObject")
        if "errorCode" not in record
    )


def test_a_long_list_is_copied_by_a_job(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    assert [call.operation for call in plan.calls] == ["create_job", "copy_object"]
    assert any("S3 Batch Operations copies these 8 objects" in one for one in plan.warnings)
    journal = MemoryJournal()
    result = carried_out(account, plan, journal)
    assert (result.outcome, result.calls_made, result.state) == ("verified", KEYS, plan.after)
    assert grown(account, bucket, before) == {1}
    assert copies(account, bucket, ROLE) == KEYS
    assert journal.walked[0].done == KEYS
    assert content(account, bucket, "data/0001") == b"content 1"


def test_a_short_list_and_one_with_a_huge_object_are_not(account: Account, monkeypatch: Any) -> None:
    bucket = wiped(account, KEYS)
    assert [call.operation for call in restoring(account, bucket, prefix="data/0001").calls] == [
        "copy_object"
    ]
    monkeypatch.setattr(restore_objects, "MOST_AT_ONCE", 3)
    assert [call.operation for call in restoring(account, bucket).calls] == ["copy_object"]


@pytest.mark.parametrize("operation", ["put_object", "create_job", "describe_job"])
def test_after_a_crash_the_same_job_is_found_again(account: Account, operation: str) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    journal = MemoryJournal()
    session = Disturbed(step(account, plan), operation, after={0: Killed(operation)})
    with pytest.raises(Killed):
        carried_out(account, plan, journal, lambda: session)
    assert carried_out(account, plan, journal).outcome == "verified"
    assert grown(account, bucket, before) == {1}
    assert copies(account, bucket, ROLE) == KEYS


def test_what_changed_before_the_job_is_not_on_its_list(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan = restoring(account, bucket)
    account.client("s3").put_object(Bucket=bucket, Key="data/0005", Body=b"a colleague's repair")
    result = carried_out(account, plan)
    assert (result.outcome, result.calls_made) == ("verified", KEYS - 1)
    assert content(account, bucket, "data/0005") == b"a colleague's repair"


def test_what_the_job_could_not_copy_is_copied_one_by_one(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    deny_some(account, bucket)
    try:
        result = carried_out(account, plan)
    finally:
        account.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="not these")
    assert (result.outcome, result.calls_made) == ("verified", KEYS)
    assert grown(account, bucket, before) == {1}
    assert (copies(account, bucket, ROLE), copies(account, bucket, "inc-0001")) == (KEYS - 2, 2)
    reports = account.client("s3").list_objects_v2(Bucket="acme-batch", Prefix="lists/")["Contents"]
    failed = [
        line
        for one in reports
        if one["Key"].endswith("failed.csv")
        for line in content(account, "acme-batch", one["Key"]).decode().splitlines()
        if line.startswith(f"{bucket},")
    ]
    assert len(failed) == 2
    assert all(",failed,403,AccessDenied," in line for line in failed)


def deny_some(account: Account, bucket: str) -> None:
    keys = [f"arn:aws:s3:::{bucket}/data/000{number}" for number in (2, 6)]
    denied = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": keys}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    account.client("iam").put_role_policy(RoleName=ROLE, PolicyName="not these", PolicyDocument=document)


def test_a_job_that_fails_costs_nothing_but_time(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    may(account, "s3:ListBucket")
    try:
        result = carried_out(account, plan)
    finally:
        may(account, "s3:*")
    assert (result.outcome, result.calls_made) == ("verified", KEYS)
    assert copies(account, bucket, ROLE) == 0
    assert grown(account, bucket, before) == {1}


@pytest.mark.parametrize("action", ["s3:CreateJob", "s3:DescribeJob", "iam:PassRole"])
def test_without_a_permission_there_is_no_job_and_no_copy(account: Account, action: str) -> None:
    bucket = wiped(account, KEYS)
    plan = restoring(account, bucket)
    calls = tuple(
        call.model_copy(update={"permissions": tuple(p for p in call.permissions if p.action != action)})
        for call in plan.calls
    )
    less: Plan = plan.model_copy(update={"calls": calls})
    result = carried_out(account, less)
    assert result.outcome == "halted"
    assert action in result.sentence
    assert copies(account, bucket, "inc-0001") == 0
