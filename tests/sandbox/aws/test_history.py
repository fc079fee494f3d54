"""LookupEvents."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.sandbox.aws.history import Pace
from bot.sandbox.aws.server import FakeAws
from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, refusal, trust


def look(lab: Lab, key: str | None = None, value: str = "", **more: Any) -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}] if key else []
    found: list[dict[str, Any]] = lab.root.cloudtrail.lookup_events(LookupAttributes=attributes, **more)[
        "Events"
    ]
    return found


def test_management_events_only_newest_first(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.root.s3.get_object(Bucket="papers", Key="k")
    lab.root.s3.get_bucket_acl(Bucket="papers")
    assert [event["EventName"] for event in look(lab)[:2]] == ["GetBucketAcl", "CreateBucket"]
    assert look(lab, "EventName", "GetObject") == []


def test_the_record_is_a_string_of_json(lab: Lab) -> None:
    lab.bucket("papers")
    event = look(lab, "EventName", "CreateBucket")[0]
    record = json.loads(event["CloudTrailEvent"])
    assert record["eventID"] == event["EventId"]
    assert record == lab.records("CreateBucket")[0]
    assert event["ReadOnly"] == "false"
    assert event["Username"] == "root"


def test_every_attribute(lab: Lab) -> None:
    user = lab.user("ann", allow("s3:ListAllMyBuckets"))
    user.s3.list_buckets()
    record = lab.records("ListBuckets")[0]
    for key, value in (
        ("EventId", record["eventID"]),
        ("EventName", "ListBuckets"),
        ("Username", "ann"),
        ("AccessKeyId", user.access_key_id),
    ):
        assert record["eventID"] in {event["EventId"] for event in look(lab, key, str(value))}, key
    assert {event["EventName"] for event in look(lab, "ReadOnly", "true")} == {"ListBuckets", "LookupEvents"}
    assert "CreateUser" in {event["EventName"] for event in look(lab, "ResourceName", "ann")}
    assert "CreateUser" in {event["EventName"] for event in look(lab, "ResourceType", "AWS::IAM::User")}
    assert {event["EventName"] for event in look(lab, "EventSource", "s3.amazonaws.com")} == {"ListBuckets"}


def test_a_sessions_key_leads_to_the_call_that_minted_it(lab: Lab) -> None:
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    session = lab.assume(lab.root, role, "shift-1")
    session.s3.list_buckets()
    minting = look(lab, "ResourceName", str(session.access_key_id))
    assert [event["EventName"] for event in minting] == ["AssumeRole"]
    resources = {(r["ResourceType"], r["ResourceName"]) for r in minting[0]["Resources"]}
    assert ("AWS::IAM::AccessKey", session.access_key_id) in resources
    assert ("AWS::IAM::Role", role) in resources
    assert [event["Username"] for event in look(lab, "AccessKeyId", str(session.access_key_id))] == [
        "shift-1"
    ]


def test_buckets_are_found_by_name(lab: Lab) -> None:
    lab.bucket("papers")
    assert [event["EventName"] for event in look(lab, "ResourceName", "papers")] == ["CreateBucket"]


def test_pages_hold_fifty_and_lose_nothing(lab: Lab) -> None:
    for number in range(120):
        lab.root.headers["x-sandbox-time"] = (datetime.now(UTC) - timedelta(minutes=number // 7)).isoformat()
        lab.root.sts.get_caller_identity()
    lab.root.headers.clear()
    asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "GetCallerIdentity"}]}
    pages = list(lab.root.cloudtrail.get_paginator("lookup_events").paginate(**asked))
    assert [len(page["Events"]) for page in pages] == [50, 50, 20]
    found = [event["EventId"] for page in pages for event in page["Events"]]
    assert sorted(found) == sorted(str(r["eventID"]) for r in lab.records("GetCallerIdentity"))
    times = [event["EventTime"] for page in pages for event in page["Events"]]
    assert times == sorted(times, reverse=True)


def test_a_token_belongs_to_its_question(lab: Lab) -> None:
    for _ in range(3):
        lab.root.sts.get_caller_identity()
    client = lab.root.cloudtrail
    token = client.lookup_events(MaxResults=1)["NextToken"]
    assert (
        refusal(lambda: client.lookup_events(MaxResults=2, NextToken=token))[0] == "InvalidNextTokenException"
    )
    assert (
        refusal(lambda: client.lookup_events(MaxResults=1, NextToken="bm8="))[0]
        == "InvalidNextTokenException"
    )
    assert len(client.lookup_events(MaxResults=1, NextToken=token)["Events"]) == 1


def test_the_window_and_its_ninety_days(lab: Lab) -> None:
    now = datetime.now(UTC)
    for days in (1, 10, 100):
        lab.root.headers["x-sandbox-time"] = (now - timedelta(days=days)).isoformat()
        lab.root.sts.get_caller_identity()
    assert len(look(lab, "EventName", "GetCallerIdentity")) == 2
    since = now - timedelta(days=2)
    assert len(look(lab, "EventName", "GetCallerIdentity", StartTime=since, EndTime=now)) == 1
    assert len(look(lab, "EventName", "GetCallerIdentity", EndTime=since)) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"StartTime": 2_000_000_000, "EndTime": 1_000_000_000}, "InvalidTimeRangeException"),
        (
            {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": v} for v in ("a", "b")]},
            "InvalidLookupAttributesException",
        ),
        (
            {"LookupAttributes": [{"AttributeKey": "Color", "AttributeValue": "red"}]},
            "InvalidLookupAttributesException",
        ),
    ],
)
def test_what_aws_refuses(lab: Lab, params: dict[str, Any], code: str) -> None:
    client = lab.root.client("cloudtrail")
    client.meta.events.register("provide-client-params.cloudtrail", lambda params, **_: params)
    if "MaxResults" in params:
        # botocore itself would refuse it, so it is asked by hand.
        client = unvalidated(lab)
    assert refusal(lambda: client.lookup_events(**params))[0] == code


def unvalidated(lab: Lab) -> Any:
    from botocore.config import Config

    return lab.session.client(
        "cloudtrail",
        endpoint_url=lab.aws.endpoint,
        aws_access_key_id=lab.root.access_key_id,
        aws_secret_access_key=lab.root.secret,
        config=Config(parameter_validation=False, proxies={}),
    )


@pytest.fixture
def at_aws_pace() -> Iterator[Lab]:
    fake = FakeAws(delivery_seconds=0)
    fake.start()
    yield Lab(fake)
    fake.stop()


def test_two_requests_a_second(at_aws_pace: Lab) -> None:
    client = at_aws_pace.root.cloudtrail
    client.lookup_events()
    client.lookup_events()
    assert refusal(client.lookup_events)[:2] == ("ThrottlingException", "Rate exceeded")
    time.sleep(0.6)
    client.lookup_events()


def test_each_region_has_its_own_pace() -> None:
    pace = Pace(1)
    assert pace.take("us-east-1")
    assert not pace.take("us-east-1")
    assert pace.take("eu-west-1")
