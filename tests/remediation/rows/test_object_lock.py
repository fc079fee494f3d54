"""R42: what a locked version withstands, what cannot be taken back, and where it is refused."""

from __future__ import annotations

import botocore.exceptions
import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import (
    DELIVERY,
    LOG_DELIVERY,
    acl,
    grant,
    new_bucket,
    policy,
    put_acl,
    put_policy,
)
from tests.remediation.rows.cases_protect import lock, put_lock


def planned(account: Account, bucket: str, days: str = "30") -> Plan:
    return plan_for(account, "R42", {"bucket": bucket, "days": days})


def new(account: Account, name: str, found: dict[str, object] | None = None) -> str:
    new_bucket(account, name)
    put_lock(account, name, found)
    return name


def test_a_version_written_after_it_cannot_be_deleted_also_after_the_undo(account: Account) -> None:
    s3, bucket = account.client("s3"), new(account, "acme-lock")
    before = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    plan = planned(account, bucket)
    assert carry_out(account, plan).outcome == "verified"
    after = s3.put_object(Bucket=bucket, Key="k", Body=b"2", ContentMD5="yB5yjZ1MK2UyxL3XC/Wuow==")[
        "VersionId"
    ]
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=before)
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="k", VersionId=after)


def test_that_it_stays_on_for_ever_is_said_and_true(account: Account) -> None:
    bucket = new(account, "acme-ever")
    plan = planned(account, bucket)
    assert "never be switched off again" in plan.irreversible[0]
    carry_out(account, plan)
    assert carry_out(account, undo_plan(plan)).state["ObjectLock"] == lock()  # type: ignore[index]
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidBucketState"):
        account.client("s3").put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
        )


def test_versions_come_first(account: Account) -> None:
    new_bucket(account, "acme-flat")
    with pytest.raises(Refused, match=r"switch versioning on first \(R33\)"):
        planned(account, "acme-flat")
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidBucketState"):
        account.client("s3").put_object_lock_configuration(
            Bucket="acme-flat", ObjectLockConfiguration=lock("GOVERNANCE", Days=1)
        )


def test_a_bucket_that_takes_logs_is_left_alone(account: Account) -> None:
    for name in ("acme-logs-by-policy", "acme-logs-by-acl"):
        new(account, name)
    put_policy(account, "acme-logs-by-policy", policy(DELIVERY))
    put_acl(account, "acme-logs-by-acl", acl([grant("WRITE", uri=LOG_DELIVERY)]))
    for name in ("acme-logs-by-policy", "acme-logs-by-acl"):
        with pytest.raises(Refused, match="takes access logs of S3"):
            planned(account, name)


@pytest.mark.parametrize(
    "found",
    [lock("GOVERNANCE", Days=30), lock("GOVERNANCE", Years=1), lock("COMPLIANCE", Days=1)],
    ids=["as long", "years", "compliance"],
)
def test_what_is_as_strong_is_left_alone(account: Account, found: dict[str, object]) -> None:
    bucket = new(account, f"acme-strong-{len(str(found))}", found)
    with pytest.raises(NothingToDo):
        planned(account, bucket)


@pytest.mark.parametrize("days", ["", "0", "-1", "36501", "1.5", "ten"])
def test_what_is_no_number_of_days(account: Account, days: str) -> None:
    with pytest.raises(BadTarget, match="is not a number of days: 1 to 36500"):
        planned(account, "acme-lock", days)


def test_two_people_must_agree() -> None:
    assert remediation("R42").approvals == 2
