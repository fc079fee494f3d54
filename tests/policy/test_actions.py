"""The names of S3 operations, checked against AWS's own service model."""

import botocore.session
import pytest

from bot.policy.actions import TABLE, actions_of_event, event_name, iam_action, iam_actions


@pytest.mark.parametrize(
    ("service", "operation", "action", "event"),
    [
        ("s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
        ("s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
        (
            "s3control",
            "PutPublicAccessBlock",
            "s3:PutAccountPublicAccessBlock",
            "PutAccountPublicAccessBlock",
        ),
        (
            "s3control",
            "DeletePublicAccessBlock",
            "s3:PutAccountPublicAccessBlock",
            "DeleteAccountPublicAccessBlock",
        ),
        ("s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration", "PutBucketLifecycle"),
        ("s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration", "DeleteBucketLifecycle"),
        ("s3", "PutBucketNotificationConfiguration", "s3:PutBucketNotification", "PutBucketNotification"),
        (
            "s3",
            "PutObjectLockConfiguration",
            "s3:PutBucketObjectLockConfiguration",
            "PutBucketObjectLockConfiguration",
        ),
        ("s3", "ListObjectsV2", "s3:ListBucket", "ListObjects"),
        ("s3", "ListObjectVersions", "s3:ListBucketVersions", "ListObjectVersions"),
        ("s3", "ListBuckets", "s3:ListAllMyBuckets", "ListBuckets"),
        ("s3", "HeadBucket", "s3:ListBucket", "HeadBucket"),
        ("s3", "HeadObject", "s3:GetObject", "HeadObject"),
        ("s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration", "PutBucketEncryption"),
        ("s3", "DeleteBucketReplication", "s3:PutReplicationConfiguration", "DeleteBucketReplication"),
        ("s3", "DeleteObjects", "s3:DeleteObject", "DeleteObjects"),
        ("s3", "PutBucketPolicy", "s3:PutBucketPolicy", "PutBucketPolicy"),
        ("s3", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "GetBucketPolicyStatus"),
        ("iam", "AttachUserPolicy", "iam:AttachUserPolicy", "AttachUserPolicy"),
        ("cloudtrail", "LookupEvents", "cloudtrail:LookupEvents", "LookupEvents"),
        (
            "accessanalyzer",
            "CheckNoPublicAccess",
            "access-analyzer:CheckNoPublicAccess",
            "CheckNoPublicAccess",
        ),
    ],
)
def test_names(service: str, operation: str, action: str, event: str) -> None:
    assert iam_action(service, operation) == action
    assert event_name(service, operation) == event


def test_a_copy_needs_both_ends() -> None:
    assert iam_actions("s3", "CopyObject") == ("s3:PutObject", "s3:GetObject")
    assert iam_actions("s3", "CopyObject", versioned=True) == ("s3:PutObject", "s3:GetObjectVersion")


def test_a_version_has_actions_of_its_own() -> None:
    assert iam_action("s3", "GetObject", versioned=True) == "s3:GetObjectVersion"
    assert iam_action("s3", "HeadObject", versioned=True) == "s3:GetObjectVersion"
    assert iam_action("s3", "DeleteObject", versioned=True) == "s3:DeleteObjectVersion"
    assert iam_action("s3", "PutBucketAcl", versioned=True) == "s3:PutBucketAcl"


def test_from_a_cloudtrail_record_back_to_actions() -> None:
    assert actions_of_event("s3.amazonaws.com", "ListObjects") == ("s3:ListBucket",)
    assert actions_of_event("s3.amazonaws.com", "PutAccountPublicAccessBlock") == (
        "s3:PutAccountPublicAccessBlock",
    )
    assert actions_of_event("s3.amazonaws.com", "CopyObject") == ("s3:PutObject", "s3:GetObject")
    assert actions_of_event("s3.amazonaws.com", "PreflightRequest") == ()
    assert actions_of_event("iam.amazonaws.com", "CreateAccessKey") == ("iam:CreateAccessKey",)


def test_every_row_is_an_operation_of_aws_and_says_where_it_is_from() -> None:
    session = botocore.session.get_session()
    services = ("s3", "s3control", "accessanalyzer")
    known = {service: set(session.get_service_model(service).operation_names) for service in services}
    assert [row.operation for row in TABLE if row.operation not in known[row.service]] == []
    assert all(row.source.startswith(("S3 User Guide", "IAM Access Analyzer API")) for row in TABLE)
    assert len({(row.service, row.operation) for row in TABLE}) == len(TABLE)


def test_only_rows_that_differ_are_in_the_table() -> None:
    assert [row for row in TABLE if row.operation == row.event and row.actions == (row.operation,)] == []
