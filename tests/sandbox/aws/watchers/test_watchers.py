"""The services that watch the account answer as AWS does, of what really happened in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.sandbox.aws.server import FakeAws
from tests.sandbox.aws.conftest import ACCOUNT, Lab, Who, allow, public_policy, refusal

THIEF, HOME = "203.0.113.66", "198.51.100.77"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    aws = FakeAws(lookups_per_second=1000, delivery_seconds=0)
    aws.start()
    yield Lab(aws)
    aws.stop()


def record(who: Who) -> None:
    """Turn the recorder on."""
    config = who.client("config")
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "config-items"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def history(lab: Lab, bucket: str, **more: Any) -> list[dict[str, Any]]:
    answer = lab.root.client("config").get_resource_config_history(
        resourceType="AWS::S3::Bucket", resourceId=bucket, chronologicalOrder="Forward", **more
    )
    items: list[dict[str, Any]] = answer["configurationItems"]
    return items


def at(who: Who, moment: datetime, source_ip: str = HOME, agent: str = "test-client/1.0") -> Who:
    """The same credentials, played at a time and from a place."""
    headers = {"x-sandbox-time": moment.isoformat(), "x-sandbox-source-ip": source_ip}
    return Who(who.lab, who.access_key_id, who.secret, who.token, headers, agent)


def test_config_keeps_each_state_of_a_bucket(lab: Lab) -> None:
    past = datetime.now(UTC) - timedelta(hours=3)
    at(lab.root, past).s3.create_bucket(Bucket="config-kept")
    record(at(lab.root, past + timedelta(minutes=1)))
    try:
        at(lab.root, past + timedelta(hours=1)).s3.delete_public_access_block(Bucket="config-kept")
        later = at(lab.root, past + timedelta(hours=2))
        later.s3.put_bucket_policy(Bucket="config-kept", Policy=public_policy("config-kept"))
    finally:
        lab.root.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")
    items = history(lab, "config-kept")
    assert [one["configurationItemStatus"] for one in items] == ["ResourceDiscovered", "OK", "OK"]
    blocked = ["PublicAccessBlockConfiguration" in one["supplementaryConfiguration"] for one in items]
    assert blocked == [True, False, False]
    lag = items[1]["configurationItemCaptureTime"] - past
    assert timedelta(hours=1) < lag < timedelta(hours=1, minutes=1)
    assert len(history(lab, "config-kept", limit=2)) == 2
    last = history(lab, "config-kept")[-1]["supplementaryConfiguration"]
    told = json.loads(last["BucketPolicy"])["policyText"]
    assert told == public_policy("config-kept")
    acl = json.loads(json.loads(last["AccessControlList"]))
    assert [one["permission"] for one in acl["grantList"]] == ["FullControl"]


def test_config_knows_nothing_of_what_it_never_recorded(lab: Lab) -> None:
    lab.root.s3.create_bucket(Bucket="config-unseen")
    code, _, status = refusal(lambda: history(lab, "config-unseen"))
    assert (code, status) == ("ResourceNotDiscoveredException", 400)


def test_an_analyzer_tells_of_outside_access_and_when_it_ended(lab: Lab) -> None:
    client = lab.root.client("accessanalyzer")
    lab.bucket("analyzed")
    made = client.create_analyzer(analyzerName="account", type="ACCOUNT")
    arn = made["arn"]
    wanted = {"analyzerArn": arn, "filter": {"resource": {"eq": ["arn:aws:s3:::analyzed"]}}}
    assert client.list_findings_v2(**wanted)["findings"] == []
    lab.open_to_everyone("analyzed")
    [found] = client.list_findings_v2(**wanted)["findings"]
    assert (found["status"], found["findingType"]) == ("ACTIVE", "ExternalAccess")
    told = client.get_finding_v2(analyzerArn=arn, id=found["id"])
    [details] = told["findingDetails"]
    assert details["externalAccessDetails"]["isPublic"] is True
    assert details["externalAccessDetails"]["principal"] == {"AWS": "*"}
    lab.root.s3.delete_bucket_policy(Bucket="analyzed")
    [closed] = client.list_findings_v2(**wanted)["findings"]
    assert (closed["id"], closed["status"]) == (found["id"], "RESOLVED")
    assert closed["updatedAt"] >= found["updatedAt"]
    assert [one["name"] for one in client.list_analyzers()["analyzers"]] == ["account"]
    client.delete_analyzer(analyzerName="account")
    assert client.list_analyzers()["analyzers"] == []
    assert refusal(lambda: client.list_findings_v2(**wanted))[0] == "ResourceNotFoundException"


def test_block_public_access_closes_an_analyzers_finding(lab: Lab) -> None:
    client = lab.root.client("accessanalyzer")
    lab.bucket("shielded")
    lab.open_to_everyone("shielded")
    arn = client.create_analyzer(analyzerName="shield", type="ACCOUNT")["arn"]
    all_on = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    lab.root.s3.put_public_access_block(Bucket="shielded", PublicAccessBlockConfiguration=all_on)
    found = client.list_findings_v2(analyzerArn=arn, filter={"resource": {"eq": ["arn:aws:s3:::shielded"]}})[
        "findings"
    ]
    client.delete_analyzer(analyzerName="shield")
    assert [one["status"] for one in found] == ["RESOLVED"]


@pytest.fixture
def detector(lab: Lab) -> str:
    client = lab.root.client("guardduty")
    made: str = client.create_detector(Enable=True)["DetectorId"]
    return made


def findings(lab: Lab, detector: str, **criterion: Any) -> list[dict[str, Any]]:
    client = lab.root.client("guardduty")
    names = {key.replace("__", "."): value for key, value in criterion.items()}
    ids = client.list_findings(DetectorId=detector, FindingCriteria={"Criterion": names})["FindingIds"]
    found: list[dict[str, Any]] = client.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
    return found


def test_guardduty_tells_of_what_was_done(lab: Lab, detector: str) -> None:
    client = lab.root.client("guardduty")
    features = {one["Name"]: one["Status"] for one in client.get_detector(DetectorId=detector)["Features"]}
    assert features["S3_DATA_EVENTS"] == "ENABLED"
    lab.bucket("watched", **{f"k{number}": b"x" for number in range(25)})
    user = lab.user("worker", allow("s3:*"))
    now = datetime.now(UTC)
    at(user, now).s3.get_object(Bucket="watched", Key="k0")
    bucket = {"resource__s3BucketDetails__name": {"Equals": ["watched"]}}
    assert findings(lab, detector, **bucket) == []
    thief = at(user, now, THIEF).s3
    for number in range(25):
        thief.get_object(Bucket="watched", Key=f"k{number}")
    [stolen] = findings(lab, detector, **bucket)
    assert (stolen["Type"], stolen["Severity"]) == ("Exfiltration:S3/AnomalousBehavior", 8.0)
    assert stolen["Service"]["Count"] == 6
    action = stolen["Service"]["Action"]["AwsApiCallAction"]
    assert action["RemoteIpDetails"]["IpAddressV4"] == THIEF
    opener = at(user, now, THIEF).s3
    opener.delete_public_access_block(Bucket="watched")
    opener.put_bucket_policy(Bucket="watched", Policy=public_policy("watched"))
    types = {one["Type"] for one in findings(lab, detector, **bucket)}
    assert {
        "Policy:S3/BucketBlockPublicAccessDisabled",
        "Policy:S3/BucketAnonymousAccessGranted",
    } <= types
    by_key = {"resource__accessKeyDetails__accessKeyId": {"Equals": [user.access_key_id]}}
    assert {one["Type"] for one in findings(lab, detector, **by_key)} == types


def test_guardduty_is_blind_on_public_objects(lab: Lab, detector: str) -> None:
    lab.bucket("in-the-open", a=b"x")
    lab.open_to_everyone("in-the-open")
    user = lab.user("kali-user", allow("s3:*"))
    at(user, datetime.now(UTC), THIEF, "aws-cli os/linux-kali").s3.get_object(Bucket="in-the-open", Key="a")
    criterion = {"resource__s3BucketDetails__name": {"Equals": ["in-the-open"]}}
    assert "PenTest:S3/KaliLinux" not in {one["Type"] for one in findings(lab, detector, **criterion)}


def test_guardduty_refuses_what_it_does_not_know(lab: Lab, detector: str) -> None:
    client = lab.root.client("guardduty")
    code, _, _ = refusal(lambda: findings(lab, detector, severity={"Equals": ["8"]}))
    assert code == "BadRequestException"
    assert refusal(lambda: client.list_findings(DetectorId="0" * 32))[0] == "BadRequestException"


def test_the_credential_report_is_ordered_and_then_fetched(lab: Lab) -> None:
    iam = lab.root.iam
    lab.user("reported", allow("s3:*"))
    assert refusal(iam.get_credential_report)[0] == "ReportNotPresent"
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert datetime.now(UTC) - report["GeneratedTime"] < timedelta(minutes=1)
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}
    assert rows["reported"]["access_key_1_active"] == "true"


def test_what_a_principal_last_reached_for(lab: Lab) -> None:
    user = lab.user("busy", allow("s3:ListAllMyBuckets"))
    user.s3.list_buckets()
    assert refusal(user.iam.list_users)[0] == "AccessDenied"
    iam = lab.root.iam
    job = iam.generate_service_last_accessed_details(
        Arn=f"arn:aws:iam::{ACCOUNT}:user/busy", Granularity="ACTION_LEVEL"
    )["JobId"]
    assert iam.get_service_last_accessed_details(JobId=job)["JobStatus"] == "IN_PROGRESS"
    answer = iam.get_service_last_accessed_details(JobId=job)
    assert answer["JobStatus"] == "COMPLETED"
    tracked = {
        one["ServiceNamespace"]: [action["ActionName"] for action in one["TrackedActionsLastAccessed"]]
        for one in answer["ServicesLastAccessed"]
    }
    assert tracked == {"iam": ["ListUsers"], "s3": ["ListBuckets"]}
    missing = lambda: iam.generate_service_last_accessed_details(Arn="arn:aws:iam::1:user/no")  # noqa: E731
    assert refusal(missing)[0] in {"NoSuchEntity", "ParamValidationError"}


def test_findings_need_the_actions_that_aws_names(lab: Lab) -> None:
    lab.root.client("accessanalyzer").create_analyzer(analyzerName="rights", type="ACCOUNT")
    arn = f"arn:aws:access-analyzer:us-east-1:{ACCOUNT}:analyzer/rights"
    reader = lab.user("analyst", allow("access-analyzer:ListFindings", "config:Get*"))
    assert reader.client("accessanalyzer").list_findings_v2(analyzerArn=arn)["findings"] is not None
    code, _, _ = refusal(lambda: reader.client("accessanalyzer").list_analyzers())
    assert code == "AccessDeniedException"
    lab.root.client("accessanalyzer").delete_analyzer(analyzerName="rights")
