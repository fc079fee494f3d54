"""Log files: where they lie, what stands in them, and what does not."""

import gzip
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios import policies
from tests.sandbox.aws.conftest import ACCOUNT, Lab, document, refusal

KEY = re.compile(
    rf"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/(\d{{4}}/\d\d/\d\d)/"
    rf"{ACCOUNT}_CloudTrail_us-east-1_(\d{{8}}T\d{{4}}Z)_[A-Za-z0-9]{{16}}\.json\.gz"
)
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/audit"


def unrecorded(lab: Lab) -> Any:
    lab.root.headers["x-sandbox-unrecorded"] = "1"
    return lab.root


def make_trail(lab: Lab, *selectors: Mapping[str, Any], start: bool = True) -> None:
    root = unrecorded(lab)
    root.s3.create_bucket(Bucket="audit-logs")
    root.s3.put_bucket_policy(
        Bucket="audit-logs", Policy=policies.trail_bucket("audit-logs", ACCOUNT, TRAIL_ARN)
    )
    root.cloudtrail.create_trail(Name="audit", S3BucketName="audit-logs", IsMultiRegionTrail=True)
    if selectors:
        root.cloudtrail.put_event_selectors(TrailName="audit", EventSelectors=list(selectors))
    if start:
        root.cloudtrail.start_logging(Name="audit")
    lab.root.headers.clear()


def data_of(*values: str) -> dict[str, Any]:
    resources = [{"Type": "AWS::S3::Object", "Values": list(values)}]
    return {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": resources}


def files(lab: Lab) -> dict[str, list[Mapping[str, Any]]]:
    """Keys of the log files and the records in each."""
    root = unrecorded(lab)
    listed = root.s3.list_objects_v2(Bucket="audit-logs").get("Contents", [])
    found = {}
    for item in listed:
        body = root.s3.get_object(Bucket="audit-logs", Key=item["Key"])["Body"].read()
        found[item["Key"]] = json.loads(gzip.decompress(body))["Records"]
    lab.root.headers.clear()
    return found


def delivered(lab: Lab) -> list[str]:
    """Names of the delivered events, CloudTrail's own looks at its bucket left out."""
    lab.aws.deliver()
    records = [record for listed in files(lab).values() for record in listed]
    return sorted(r["eventName"] for r in records if r["userIdentity"]["type"] != "AWSService")


def test_files_lie_where_aws_puts_them(lab: Lab) -> None:
    make_trail(lab)
    lab.root.headers["x-sandbox-time"] = "2026-11-20T23:57:30+00:00"
    lab.root.sts.get_caller_identity()
    lab.root.headers["x-sandbox-time"] = "2026-11-20T23:41:00+00:00"
    lab.root.sts.get_caller_identity()
    assert lab.aws.deliver() == 2
    days_and_times = [KEY.fullmatch(key) for key in files(lab)]
    assert all(days_and_times)
    assert sorted((m[1], m[2]) for m in days_and_times if m) == [
        ("2026/11/20", "20261120T2345Z"),
        ("2026/11/21", "20261121T0000Z"),
    ]


def test_a_file_is_compact_json_with_records_in_any_order(lab: Lab) -> None:
    make_trail(lab)
    for second in range(20):
        lab.root.headers["x-sandbox-time"] = f"2026-11-20T10:00:{second:02}+00:00"
        lab.root.sts.get_caller_identity()
    lab.aws.deliver()
    (key, records), *rest = files(lab).items()
    assert rest == []
    body = lab.root.s3.get_object(Bucket="audit-logs", Key=key)["Body"].read()
    assert gzip.decompress(body).startswith(b'{"Records":[{"eventVersion":"1.11",')
    times = [record["eventTime"] for record in records if record["eventName"] == "GetCallerIdentity"]
    assert sorted(times) == [f"2026-11-20T10:00:{second:02}Z" for second in range(20)]
    assert times != sorted(times)


def test_management_events_without_being_told_and_no_data_events(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    make_trail(lab)
    lab.root.s3.get_object(Bucket="papers", Key="k")
    lab.root.s3.get_bucket_acl(Bucket="papers")
    assert delivered(lab) == ["GetBucketAcl"]
    selectors = lab.root.cloudtrail.get_event_selectors(TrailName="audit")["EventSelectors"]
    assert selectors[0]["IncludeManagementEvents"] is True


def test_data_events_where_the_selectors_say_so(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.bucket("papers-2", k=b"1")
    make_trail(lab, data_of("arn:aws:s3:::papers/"))
    for bucket in ("papers", "papers-2"):
        lab.root.s3.get_object(Bucket=bucket, Key="k")
        lab.root.s3.list_objects_v2(Bucket=bucket)
    assert delivered(lab) == ["GetObject", "ListObjects"]


def test_advanced_selectors_replace_basic_ones_and_the_other_way_round(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    make_trail(lab, data_of("arn:aws:s3:::papers/"))
    trail = unrecorded(lab).cloudtrail
    fields = [{"Field": "eventCategory", "Equals": ["Data"]}, {"Field": "eventName", "Equals": ["PutObject"]}]
    advanced = [
        {
            "Name": "writes",
            "FieldSelectors": [*fields, {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}],
        }
    ]
    trail.put_event_selectors(TrailName="audit", AdvancedEventSelectors=advanced)
    lab.root.headers.clear()
    lab.root.s3.get_object(Bucket="papers", Key="k")
    lab.root.s3.put_object(Bucket="papers", Key="k", Body=b"2")
    lab.root.s3.get_bucket_acl(Bucket="papers")
    assert delivered(lab) == ["PutObject"]
    unrecorded(lab).cloudtrail.put_event_selectors(
        TrailName="audit", EventSelectors=[data_of("arn:aws:s3:::papers/")]
    )
    told = lab.root.cloudtrail.get_event_selectors(TrailName="audit")
    assert not told.get("AdvancedEventSelectors")
    assert told["EventSelectors"][0]["DataResources"][0]["Values"] == ["arn:aws:s3:::papers/"]


def test_nothing_after_stop_logging_and_the_stop_itself_stays_in_the_history(lab: Lab) -> None:
    make_trail(lab)
    lab.root.sts.get_caller_identity()
    lab.root.cloudtrail.stop_logging(Name="audit")
    lab.root.iam.list_users()
    assert delivered(lab) == ["GetCallerIdentity"]
    assert lab.root.cloudtrail.get_trail_status(Name="audit")["IsLogging"] is False
    attribute = [{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}]
    assert len(lab.root.cloudtrail.lookup_events(LookupAttributes=attribute)["Events"]) == 1


def test_cloudtrail_looks_at_its_bucket_before_it_writes(lab: Lab) -> None:
    make_trail(lab)
    lab.root.sts.get_caller_identity()
    lab.aws.deliver()
    (records,) = files(lab).values()
    own = next(record for record in records if record["eventName"] == "GetBucketAcl")
    assert own["userIdentity"] == {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    assert lab.aws.deliver() == 0


def test_a_bucket_that_does_not_let_cloudtrail_write(lab: Lab) -> None:
    lab.bucket("closed")
    call = {"Name": "audit", "S3BucketName": "closed"}
    code = refusal(lambda: lab.root.cloudtrail.create_trail(**call))[0]
    assert code == "InsufficientS3BucketPolicyException"
    make_trail(lab)
    closed = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::audit-logs/*",
    }
    lab.root.s3.put_bucket_policy(Bucket="audit-logs", Policy=document(closed))
    assert lab.aws.deliver() == 0
    assert lab.root.cloudtrail.get_trail_status(Name="audit")["LatestDeliveryError"] == "AccessDenied"
    opened = policies.trail_bucket("audit-logs", ACCOUNT, TRAIL_ARN)
    lab.root.s3.put_bucket_policy(Bucket="audit-logs", Policy=opened)
    assert "PutBucketPolicy" in delivered(lab)
    status = lab.root.cloudtrail.get_trail_status(Name="audit")
    assert "LatestDeliveryError" not in status
    assert abs(status["LatestDeliveryTime"] - datetime.now(UTC)) < timedelta(minutes=1)


def test_files_come_by_themselves() -> None:
    aws = FakeAws(delivery_seconds=0.05)
    aws.start()
    try:
        lab = Lab(aws)
        make_trail(lab)
        lab.root.sts.get_caller_identity()
        deadline = time.monotonic() + 5
        while not files(lab) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert files(lab)
    finally:
        aws.stop()


@pytest.mark.parametrize("kept", ["prefix/of/mine"])
def test_a_key_prefix_stands_before_everything(lab: Lab, kept: str) -> None:
    root = unrecorded(lab)
    root.s3.create_bucket(Bucket="audit-logs")
    policy = policies.trail_bucket("audit-logs", ACCOUNT, TRAIL_ARN).replace("/AWSLogs", f"/{kept}/AWSLogs")
    root.s3.put_bucket_policy(Bucket="audit-logs", Policy=policy)
    root.cloudtrail.create_trail(Name="audit", S3BucketName="audit-logs", S3KeyPrefix=kept)
    root.cloudtrail.start_logging(Name="audit")
    lab.root.headers.clear()
    lab.root.sts.get_caller_identity()
    lab.aws.deliver()
    assert all(key.startswith(f"{kept}/AWSLogs/{ACCOUNT}/") for key in files(lab))
    assert files(lab)
