"""What each call leaves in CloudTrail."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, document, public_policy, refusal, trust


def test_a_read_by_a_user(lab: Lab) -> None:
    lab.bucket("papers", **{"a b.txt": b"12345"})
    user = lab.user("ann", allow("s3:GetObject"))
    user.headers |= {"x-sandbox-source-ip": "203.0.113.9", "x-sandbox-time": "2026-11-01T03:04:05+00:00"}
    answer = user.s3.get_object(Bucket="papers", Key="a b.txt")
    record = lab.records("GetObject")[-1]
    identity = record["userIdentity"]
    assert (identity["type"], identity["userName"], identity["accessKeyId"]) == (
        "IAMUser",
        "ann",
        user.access_key_id,
    )
    assert identity["principalId"].startswith("AIDA")
    assert record["eventTime"] == "2026-11-01T03:04:05Z"
    assert record["sourceIPAddress"] == "203.0.113.9"
    assert record["userAgent"] == "[test-client/1.0]"
    parameters = record["requestParameters"]
    assert (parameters["bucketName"], parameters["key"]) == ("papers", "a b.txt")
    assert record["additionalEventData"]["bytesTransferredOut"] == 5
    assert record["requestID"] == answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"]
    assert (record["eventCategory"], record["managementEvent"], record["readOnly"]) == ("Data", False, True)
    assert record["resources"][0] == {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::papers/a b.txt"}
    assert "x-sandbox" not in json.dumps(record)


def test_a_refused_read_carries_the_message_and_no_object(lab: Lab) -> None:
    lab.bucket("papers", k=b"1" * 5000)
    user = lab.user("ann")
    message = refusal(lambda: user.s3.get_object(Bucket="papers", Key="k"))[1]
    record = lab.records("GetObject")[-1]
    assert (record["errorCode"], record["errorMessage"]) == ("AccessDenied", message)
    assert record["additionalEventData"]["bytesTransferredOut"] < 1000


def test_head_is_refused_with_a_reason_in_the_record_only(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    user = lab.user("ann")
    assert refusal(lambda: user.s3.head_object(Bucket="papers", Key="k"))[2] == 403
    record = lab.records("HeadObject")[-1]
    assert record["errorCode"] == "AccessDenied"
    assert record["additionalEventData"]["bytesTransferredOut"] == 0


def test_an_anonymous_read(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.open_to_everyone("papers")
    lab.anonymous().s3.get_object(Bucket="papers", Key="k")
    record = lab.records("GetObject")[-1]
    assert record["userIdentity"] == {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
    assert "AuthenticationMethod" not in record["additionalEventData"]


def test_a_session(lab: Lab) -> None:
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    session = lab.assume(lab.root, role, "shift-1")
    session.s3.list_buckets()
    identity = lab.records("ListBuckets")[-1]["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/shift-1"
    assert identity["accessKeyId"] == session.access_key_id
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["arn"], issuer["userName"]) == (role, "worker")
    assert identity["principalId"] == f"{issuer['principalId']}:shift-1"


@pytest.mark.parametrize(
    ("method", "params", "event", "category"),
    [
        ("list_objects_v2", {}, "ListObjects", "Data"),
        ("head_bucket", {}, "HeadBucket", "Data"),
        ("get_bucket_acl", {}, "GetBucketAcl", "Management"),
        ("delete_public_access_block", {}, "DeleteBucketPublicAccessBlock", "Management"),
        ("get_public_access_block", {}, "GetBucketPublicAccessBlock", "Management"),
        (
            "put_bucket_versioning",
            {"VersioningConfiguration": {"Status": "Enabled"}},
            "PutBucketVersioning",
            "Management",
        ),
    ],
)
def test_names_and_categories(
    lab: Lab, method: str, params: dict[str, Any], event: str, category: str
) -> None:
    lab.bucket("papers")
    getattr(lab.root.s3, method)(Bucket="papers", **params)
    record = lab.records(event)[-1]
    assert record["eventCategory"] == category
    assert record["readOnly"] is not event.startswith(("Put", "Delete"))


def test_configurations_stand_in_the_parameters(lab: Lab) -> None:
    lab.bucket("papers")
    lab.open_to_everyone("papers")
    put = lab.records("PutBucketPolicy")[-1]["requestParameters"]
    assert put["bucketPolicy"] == json.loads(public_policy("papers"))
    assert put["policy"] == ""
    only = {"BlockPublicAcls": True, "BlockPublicPolicy": False}
    lab.root.s3.put_public_access_block(Bucket="papers", PublicAccessBlockConfiguration=only)
    block = lab.records("PutBucketPublicAccessBlock")[-1]["requestParameters"]
    assert block["PublicAccessBlockConfiguration"] == only
    lab.root.s3.put_bucket_versioning(Bucket="papers", VersioningConfiguration={"Status": "Suspended"})
    versioning = lab.records("PutBucketVersioning")[-1]["requestParameters"]
    assert versioning["VersioningConfiguration"] == {"Status": "Suspended"}


def test_a_new_key_is_recorded_without_its_secret(lab: Lab) -> None:
    lab.root.headers["x-sandbox-time"] = "2026-07-30T21:53:13+00:00"
    lab.root.iam.create_user(UserName="ann")
    key = lab.root.iam.create_access_key(UserName="ann")["AccessKey"]
    record = lab.records("CreateAccessKey")[-1]
    assert record["responseElements"] == {
        "accessKey": {
            "userName": "ann",
            "accessKeyId": key["AccessKeyId"],
            "status": "Active",
            "createDate": "Jul 30, 2026, 9:53:13 PM",
        }
    }
    assert key["SecretAccessKey"] not in json.dumps(record)
    assert key["CreateDate"].isoformat().startswith("2026-07-30T21:53:13")
    assert record["awsRegion"] == "us-east-1"


def test_policies_of_iam_are_text_and_refused_calls_have_no_parameters(lab: Lab) -> None:
    user = lab.user("ann")
    text = document(allow("s3:*"))
    lab.root.iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=text)
    record = lab.records("PutUserPolicy")[-1]
    assert record["requestParameters"] == {"userName": "ann", "policyName": "p", "policyDocument": text}
    assert record["responseElements"] is None
    refusal(lambda: user.iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=text))
    assert lab.records("PutUserPolicy")[-1]["requestParameters"] is None


def test_an_error_of_the_service_is_recorded_too(lab: Lab) -> None:
    refusal(lambda: lab.root.iam.get_user(UserName="nobody"))
    assert lab.records("GetUser")[-1]["errorCode"] == "NoSuchEntity"
    refusal(lambda: lab.root.s3.get_object(Bucket="none-such", Key="k"))
    assert lab.records("GetObject")[-1]["errorCode"] == "NoSuchBucket"


def test_the_building_of_the_stage_leaves_no_trace(lab: Lab) -> None:
    lab.root.headers["x-sandbox-unrecorded"] = "1"
    before = len(lab.aws.events)
    lab.bucket("papers", k=b"1")
    assert len(lab.aws.events) == before


def test_request_ids_of_answers_are_those_of_the_records(lab: Lab) -> None:
    for service, method, event in (
        ("sts", "get_caller_identity", "GetCallerIdentity"),
        ("iam", "list_users", "ListUsers"),
        ("cloudtrail", "describe_trails", "DescribeTrails"),
    ):
        answer = getattr(lab.root.client(service), method)()
        assert lab.records(event)[-1]["requestID"] == answer["ResponseMetadata"]["RequestId"]


def names(node: Any, path: str = "") -> set[str]:
    """The paths of all fields of a record."""
    if not isinstance(node, Mapping):
        return {path}
    return {path} | {name for key, value in node.items() for name in names(value, f"{path}.{key}")}


def test_records_have_the_fields_of_real_ones(lab: Lab, real_data: Path) -> None:
    """A GetObject of a role's session, beside one that AWS wrote."""
    import gzip

    folder = real_data / "otrf_ec2_proxy_s3_exfil"
    records = json.loads(gzip.decompress(next(folder.rglob("*.json.gz")).read_bytes()))["Records"]
    real = next(r for r in records if r["eventName"] == "GetObject" and "errorCode" not in r)
    lab.bucket("papers", k=b"1")
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    lab.assume(lab.root, role).s3.get_object(Bucket="papers", Key="k")
    # Only what belongs to an EC2 instance's session is missing from ours.
    assert names(real) - names(lab.records("GetObject")[-1]) == {
        ".userIdentity.sessionContext.ec2RoleDelivery"
    }
