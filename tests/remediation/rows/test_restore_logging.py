"""R37: each way of tampering with a trail is put right, and the log is seen to go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, Account, trail_bucket_policy
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases_protect import advanced, basic, new_trail, trail_arn
from tests.remediation.rows.test_data_events import delivered

TRAIL = "acme-audit-trail"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def planned(account: Account, trail: str = TRAIL, **more: str) -> Plan:
    return plan_for(account, "R37", {"trail": trail, **more})


def calls(plan: Plan) -> list[str]:
    return [call.operation for call in plan.calls]


@pytest.fixture(scope="module")
def trails(account: Account) -> Any:
    """A healthy trail of the bucket acme-audit."""
    new_trail(account, "acme-audit")
    account.client("cloudtrail").update_trail(Name=TRAIL, EnableLogFileValidation=True)
    return account.client("cloudtrail")


def seen(account: Account) -> list[str]:
    """Whether a management event of now comes into the trail's files."""
    delivered(account, "acme-audit")
    account.client("s3").put_bucket_versioning(
        Bucket="acme-audit", VersioningConfiguration={"Status": "Enabled"}
    )
    return delivered(account, "acme-audit")


def select(*selectors: dict[str, Any], kind: str = "EventSelectors") -> Callable[[Any], None]:
    return lambda trails: trails.put_event_selectors(TrailName=TRAIL, **{kind: list(selectors)})


_READS = advanced("Reads", eventCategory={"Equals": ["Management"]}, readOnly={"Equals": ["true"]})
_BUT_S3 = advanced(
    "But S3", eventCategory={"Equals": ["Management"]}, eventSource={"NotEquals": ["s3.amazonaws.com"]}
)
BLINDED: dict[str, Callable[[Any], None]] = {
    "stopped": lambda trails: trails.stop_logging(Name=TRAIL),
    "no management events": select(basic(IncludeManagementEvents=False)),
    "reads only": select(basic(ReadWriteType="ReadOnly")),
    "reads only, advanced": select(_READS, kind="AdvancedEventSelectors"),
    "without S3": select(_BUT_S3, kind="AdvancedEventSelectors"),
    "five useless selectors": select(*[basic(ReadWriteType="ReadOnly")] * 5),
}


@pytest.mark.parametrize("how", BLINDED)
def test_a_blinded_trail_sees_again(account: Account, trails: Any, how: str) -> None:
    BLINDED[how](trails)
    assert seen(account) == []
    plan = planned(account)
    assert carry_out(account, plan).outcome == "verified"
    assert seen(account) == ["PutBucketVersioning acme-audit"]
    with pytest.raises(NothingToDo, match="is logging, validates its files and records management events"):
        planned(account)


@pytest.mark.parametrize(
    "selector",
    [basic(), basic(ReadWriteType="WriteOnly"), basic(ExcludeManagementEventSources=["kms.amazonaws.com"])],
    ids=["all", "changes only", "without KMS"],
)
def test_what_teams_choose_for_themselves_is_not_tampering(
    account: Account, trails: Any, selector: Any
) -> None:
    select(selector)(trails)
    with pytest.raises(NothingToDo):
        planned(account)


def test_it_becomes_what_it_was(account: Account, trails: Any) -> None:
    """The log goes into another bucket, under another key, of one Region, without digests."""
    account.bucket("acme-thief-files")
    account.client("s3").put_bucket_policy(
        Bucket="acme-thief-files",
        Policy=account.client("s3")
        .get_bucket_policy(Bucket="acme-audit-files")["Policy"]
        .replace("acme-audit-files", "acme-thief-files"),
    )
    worse = {"S3BucketName": "acme-thief-files", "S3KeyPrefix": "x", "IsMultiRegionTrail": False}
    trails.update_trail(Name=TRAIL, IncludeGlobalServiceEvents=False, EnableLogFileValidation=False, **worse)
    plan = planned(account, log_bucket="acme-audit-files", prefix="", kms_key=KEY, multi_region="yes")
    assert calls(plan) == ["update_trail"]
    assert carry_out(account, plan).outcome == "verified"
    found = trails.describe_trails(trailNameList=[TRAIL])["trailList"][0]
    assert (found["S3BucketName"], found.get("S3KeyPrefix"), found["KmsKeyId"]) == (
        "acme-audit-files",
        "",
        KEY,
    )
    assert found["IsMultiRegionTrail"]
    assert found["IncludeGlobalServiceEvents"]
    assert found["LogFileValidationEnabled"]
    carry_out(account, planned(account, kms_key=""))


def test_a_bucket_that_cloudtrail_cannot_write_into_is_refused_by_aws(account: Account, trails: Any) -> None:
    del trails
    account.bucket("acme-shut-files")
    result = carry_out(account, planned(account, log_bucket="acme-shut-files"))
    assert result.outcome == "failed"
    assert "InsufficientS3BucketPolicyException" in result.sentence


def shut(account: Account, *statements: dict[str, Any]) -> None:
    """The log bucket's policy is these statements, after the one that lets CloudTrail in."""
    policy = trail_bucket_policy("acme-audit-files")
    policy["Statement"] = [*policy["Statement"], *statements]
    account.client("s3").put_bucket_policy(Bucket="acme-audit-files", Policy=json.dumps(policy))


def deny(**more: Any) -> dict[str, Any]:
    where = "arn:aws:s3:::acme-audit-files/*"
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": where, **more}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([], "lets CloudTrail write there"),
        ([deny()], "its policy denies it to cloudtrail.amazonaws.com"),
        (
            [deny(Condition={"StringEquals": {"aws:SourceArn": trail_arn(TRAIL)}})],
            "its policy denies it to cloudtrail.amazonaws.com",
        ),
        ([deny(Condition={"StringEquals": {"aws:SourceArn": trail_arn("other")}})], "lets CloudTrail write"),
        (
            [deny(Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
            "conditions that cannot be known",
        ),
        ([deny(Resource="arn:aws:s3:::acme-audit-files/old/*")], "lets CloudTrail write"),
    ],
    ids=["open", "denied", "denied to the trail", "denied to another", "by address", "elsewhere"],
)
def test_it_says_whether_the_log_bucket_lets_cloudtrail_write(
    account: Account, trails: Any, statements: list[dict[str, Any]], said: str
) -> None:
    trails.stop_logging(Name=TRAIL)
    shut(account, *statements)
    assert said in " ".join(planned(account).warnings)
    shut(account)
    carry_out(account, planned(account))


def test_a_log_bucket_without_policy_or_that_is_gone_is_said(account: Account, trails: Any) -> None:
    trails.stop_logging(Name=TRAIL)
    account.client("s3").delete_bucket_policy(Bucket="acme-audit-files")
    assert "its policy does not let in cloudtrail" in " ".join(planned(account).warnings)
    shut(account)
    gone = planned(account, log_bucket="acme-gone-files")
    assert "its policy cannot be read (NoSuchBucket)" in " ".join(gone.warnings)
    carry_out(account, planned(account))


def test_files_that_do_not_arrive_are_said_before_and_after(account: Account, trails: Any) -> None:
    shut(account, deny())
    seen(account)
    assert trails.get_trail_status(Name=TRAIL)["LatestDeliveryError"] == "AccessDenied"
    trails.stop_logging(Name=TRAIL)
    plan = planned(account)
    assert "LatestDeliveryError: AccessDenied" in " ".join(plan.warnings)
    assert carry_out(account, plan).outcome == "verified"
    trouble = remediation("R37").trouble(account.access.reader(ACCOUNT), plan)
    assert trouble.startswith(f"ATTENTION: {TRAIL} is on again, but its files do not arrive")
    shut(account)
    seen(account)
    assert remediation("R37").trouble(account.access.reader(ACCOUNT), plan) == ""


def test_a_deleted_trail_comes_back_where_its_bucket_is_known(account: Account, trails: Any) -> None:
    trails.delete_trail(Name=TRAIL)
    with pytest.raises(TargetMissing, match="give the bucket that it wrote into") as missing:
        planned(account)
    assert "AWSLogs/" in str(missing.value)
    plan = planned(account, log_bucket="acme-audit-files")
    assert calls(plan) == ["create_trail", "start_logging"]
    assert "set that up again by hand" in " ".join(plan.warnings)
    assert carry_out(account, plan).outcome == "verified"
    assert seen(account) == ["PutBucketVersioning acme-audit"]
    assert trails.describe_trails(trailNameList=[TRAIL])["trailList"][0]["LogFileValidationEnabled"]


def test_stopping_again_is_not_offered(account: Account, trails: Any) -> None:
    trails.stop_logging(Name=TRAIL)
    plan = planned(account)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(Refused):
        undo_plan(plan)


def test_it_acts_in_the_trail_s_home(account: Account) -> None:
    new_trail(account, "acme-home", "eu-west-1")
    account.client("cloudtrail", region="eu-west-1").stop_logging(Name="acme-home-trail")
    plan = planned(account, "acme-home-trail")
    assert {call.region for call in plan.calls} == {"eu-west-1"}
    assert plan.target.id == trail_arn("acme-home-trail", "eu-west-1")
    assert carry_out(account, plan).outcome == "verified"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kms_key": "alias/logs"}, "is not the ARN of a KMS key"),
        ({"multi_region": "true"}, "multi_region is yes or no"),
        ({"log_bucket": "No Bucket"}, "is not a general purpose bucket"),
    ],
)
def test_what_cannot_have_been(account: Account, more: dict[str, str], why: str) -> None:
    with pytest.raises(BadTarget, match=why):
        planned(account, **more)
