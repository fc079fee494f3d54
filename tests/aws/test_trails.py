"""What was being recorded: known, known to be off, or unknown with the reason."""

from __future__ import annotations

import json

import pytest

from bot.aws.trails import trail_facts
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, REGION, Account


@pytest.fixture(scope="module")
def trail(account: Account) -> str:
    """A trail with data events of one bucket, logging."""
    account.bucket("acme-trail-logs")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": ["s3:GetBucketAcl", "s3:PutObject"],
                "Resource": ["arn:aws:s3:::acme-trail-logs", "arn:aws:s3:::acme-trail-logs/*"],
            }
        ],
    }
    account.client("s3").put_bucket_policy(Bucket="acme-trail-logs", Policy=json.dumps(policy))
    cloudtrail = account.client("cloudtrail")
    cloudtrail.create_trail(Name="acme-trail", S3BucketName="acme-trail-logs", IsMultiRegionTrail=True)
    selector = {
        "ReadWriteType": "All",
        "IncludeManagementEvents": True,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::acme-data/"]}],
    }
    cloudtrail.put_event_selectors(TrailName="acme-trail", EventSelectors=[selector])
    cloudtrail.start_logging(Name="acme-trail")
    account.bucket("acme-data")
    return "acme-trail"


def test_a_trail_its_status_and_its_selectors(account: Account, trail: str) -> None:
    facts = trail_facts(account.access.reader(ACCOUNT), "acme-data")
    assert facts.bucket_region.value == REGION
    assert facts.bucket_logging.known
    assert facts.bucket_logging.value == {}
    assert facts.trails.value is not None
    [one] = facts.trails.value
    assert one.trail["Name"] == trail
    assert one.status.value is not None
    assert one.status.value["IsLogging"] is True
    assert one.selectors.value is not None
    assert one.selectors.value["EventSelectors"][0]["DataResources"][0]["Values"] == [
        "arn:aws:s3:::acme-data/"
    ]


def test_a_stopped_trail_says_since_when(account: Account, trail: str) -> None:
    account.client("cloudtrail").stop_logging(Name=trail)
    facts = trail_facts(account.access.reader(ACCOUNT), "acme-data")
    account.client("cloudtrail").start_logging(Name=trail)
    assert facts.trails.value is not None
    status = facts.trails.value[0].status.value
    assert status is not None
    assert status["IsLogging"] is False
    assert status["StopLoggingTime"] >= status["StartLoggingTime"]


def test_an_account_without_permission_is_unknown_and_not_off(account: Account, trail: str) -> None:
    iam = account.client("iam")
    name = EVIDENCE_ROLE.rsplit("/", 1)[-1]
    deny = {"Effect": "Deny", "Action": ["cloudtrail:GetTrailStatus", "s3:GetBucketLogging"], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [deny]}
    iam.put_role_policy(RoleName=name, PolicyName="blind", PolicyDocument=json.dumps(document))
    try:
        facts = trail_facts(account.access.reader(ACCOUNT), "acme-data")
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="blind")
    assert not facts.bucket_logging.known
    assert facts.bucket_logging.value is None
    assert "AccessDenied" in str(facts.bucket_logging.unknown)
    assert facts.trails.value is not None
    assert "AccessDenied" in str(facts.trails.value[0].status.unknown)
    assert facts.trails.value[0].selectors.known


def test_a_missing_bucket_leaves_the_trails_known(account: Account, trail: str) -> None:
    facts = trail_facts(account.access.reader(ACCOUNT), "acme-nowhere")
    assert "s3:head_bucket" in str(facts.bucket_region.unknown)
    assert not facts.bucket_logging.known
    assert facts.trails.known


def test_bucket_logging_that_is_on(account: Account) -> None:
    account.bucket("acme-logged")
    account.bucket("acme-access-logs")
    s3 = account.client("s3")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::acme-access-logs/*",
            }
        ],
    }
    s3.put_bucket_policy(Bucket="acme-access-logs", Policy=json.dumps(policy))
    target = {"TargetBucket": "acme-access-logs", "TargetPrefix": "acme-logged/"}
    s3.put_bucket_logging(Bucket="acme-logged", BucketLoggingStatus={"LoggingEnabled": target})
    facts = trail_facts(account.access.reader(ACCOUNT), "acme-logged")
    assert facts.bucket_logging.value is not None
    assert facts.bucket_logging.value["TargetBucket"] == "acme-access-logs"
