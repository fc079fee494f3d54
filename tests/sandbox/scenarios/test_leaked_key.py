"""What the scenario leaves behind: the account, and the evidence of its last hour."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.sandbox.aws.events import Event
from bot.sandbox.scenarios import account, cast
from bot.sandbox.scenarios.leaked_key import COPIED
from tests.sandbox.scenarios.conftest import Built


def of_attacker(built: Built) -> list[Event]:
    return [event for event in built.past if event.record["sourceIPAddress"] in built.world.attacker_ips]


def told(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(event.record["eventName"], event.record.get("errorCode")) for event in events]


def test_the_attack_in_its_order(looked_at: Built) -> None:
    steps = told(sorted(of_attacker(looked_at), key=lambda event: (event.at, event.sequence)))
    denied = "AccessDenied"
    assert steps[:9] == [
        ("GetCallerIdentity", None),
        ("ListBuckets", denied),
        ("ListObjects", denied),
        ("GetObject", denied),
        ("PutUserPolicy", None),
        ("ListBuckets", None),
        ("GetBucketPolicy", None),
        ("GetBucketVersioning", None),
        ("GetBucketLogging", None),
    ]
    reads = steps[10 : 10 + COPIED]
    assert reads == [("GetObject", None)] * COPIED
    rest = [name for name, _ in steps[10 + COPIED :]]
    assert rest[:3] == ["CreateAccessKey", "GetCallerIdentity", "ListObjects"]
    assert rest.index("DeleteBucketPublicAccessBlock") + 1 == rest.index("PutBucketPolicy")
    assert all(error is None for _, error in steps[4:])


def test_the_whole_payroll_is_among_what_was_read(looked_at: Built) -> None:
    read = {
        event.record["requestParameters"]["key"]
        for event in of_attacker(looked_at)
        if event.record["eventName"] == "GetObject" and "errorCode" not in event.record
    }
    stored = looked_at.root("s3").list_objects_v2(Bucket=looked_at.world.bucket, Prefix="2026/")["Contents"]
    assert {item["Key"] for item in stored} <= read
    assert all(1_000 < item["Size"] < 10_000 for item in stored)


def test_the_past_lies_in_the_last_hour(looked_at: Built) -> None:
    now = datetime.now(UTC)
    times = [event.at for event in looked_at.past]
    assert now - timedelta(minutes=62) < min(times)
    assert max(times) <= now
    attack = [event.at for event in of_attacker(looked_at)]
    assert timedelta(minutes=35) < max(attack) - min(attack) < timedelta(minutes=50)


def test_innocents_and_their_sessions(looked_at: Built) -> None:
    for role in looked_at.world.innocent_roles:
        own = [
            e for e in looked_at.past if f"assumed-role/{role}/" in e.record["userIdentity"].get("arn", "")
        ]
        assert len(own) > 5
        assert all("errorCode" not in event.record for event in own)
        keys = {event.record["userIdentity"]["accessKeyId"] for event in own}
        minted = {
            event.record["responseElements"]["credentials"]["accessKeyId"]
            for event in looked_at.of("AssumeRole")
        }
        assert keys <= minted
    maria = [e for e in looked_at.past if e.record["userIdentity"].get("userName") == account.OPERATOR]
    assert {event.record["sourceIPAddress"] for event in maria} == {cast.OFFICE}
    assert any("errorCode" in event.record for event in maria)


def test_the_key_was_used_from_the_pipeline_too(looked_at: Built) -> None:
    with_key = [
        e
        for e in looked_at.past
        if e.record["userIdentity"].get("accessKeyId") == looked_at.world.leaked_key_id
    ]
    assert {event.record["sourceIPAddress"] for event in with_key} == {cast.CI, cast.FOREIGN}


def test_clients_show_no_trace_of_the_sandbox(looked_at: Built) -> None:
    agents = {str(event.record["userAgent"]) for event in looked_at.past}
    assert all("1.44.5" not in agent and "sandbox" not in agent for agent in agents)
    assert f"[{cast.BOTO3}]" in agents


def test_the_second_key(looked_at: Built) -> None:
    minted = looked_at.of("CreateAccessKey")
    assert len(minted) == 1
    key = minted[0].record["responseElements"]["accessKey"]
    assert key["accessKeyId"] == looked_at.world.second_key_id
    listed = looked_at.root("iam").list_access_keys(UserName=looked_at.world.attacker_user)[
        "AccessKeyMetadata"
    ]
    dates = {item["AccessKeyId"]: item["CreateDate"] for item in listed}
    assert dates[looked_at.world.second_key_id].replace(microsecond=0) == minted[0].at
    assert datetime.now(UTC) - dates[looked_at.world.leaked_key_id] > timedelta(days=300)
    assert any(
        e.record["userIdentity"].get("accessKeyId") == key["accessKeyId"] for e in of_attacker(looked_at)
    )


def test_the_bucket_is_open_and_its_own_statement_is_still_there(looked_at: Built) -> None:
    s3 = looked_at.root("s3")
    bucket = looked_at.world.bucket
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True
    sids = [s["Sid"] for s in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]]
    assert sids == ["DenyInsecureTransport", "PartnerSync"]
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_the_other_buckets_differ_as_audits_need(looked_at: Built) -> None:
    s3 = looked_at.root("s3")
    names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert {account.WEBSITE, account.ARCHIVE, account.PARTNER, account.TRAIL_BUCKET} <= names
    for name in (account.WEBSITE, account.PARTNER):
        assert s3.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"] is False
    kept = s3.get_bucket_versioning(Bucket=account.ARCHIVE)
    assert (kept["Status"], kept["MFADelete"]) == ("Enabled", "Enabled")
    assert (
        s3.get_bucket_logging(Bucket=account.ARCHIVE)["LoggingEnabled"]["TargetBucket"] == account.ACCESS_LOGS
    )


def test_the_log_files_tell_the_same_story(looked_at: Built) -> None:
    s3 = looked_at.root("s3")
    listed = s3.list_objects_v2(Bucket=looked_at.world.trail_bucket)["Contents"]
    records: list[dict[str, Any]] = []
    for item in listed:
        body = s3.get_object(Bucket=looked_at.world.trail_bucket, Key=item["Key"])["Body"].read()
        records += json.loads(gzip.decompress(body))["Records"]
    ids = [record["eventID"] for record in records]
    assert len(set(ids)) == len(ids)
    prefix = f"arn:aws:s3:::{looked_at.world.bucket}"
    selected = {
        event.record["eventID"]
        for event in looked_at.past
        if event.is_management or prefix in json.dumps(event.record["resources"])
    }
    assert set(ids) == selected


# -- the bot's roles -----------------------------------------------------------------------------------


def test_the_base_identity_can_only_become_its_roles(looked_at: Built) -> None:
    for service, method in (("s3", "list_buckets"), ("iam", "list_users"), ("cloudtrail", "lookup_events")):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(looked_at.bot(service), method)()
    with pytest.raises(ClientError, match="AccessDenied"):
        looked_at.bot("sts").assume_role(RoleArn=looked_at.world.break_glass_arn, RoleSessionName="inc-1")


def as_evidence(looked_at: Built, service: str) -> Any:
    return looked_at.as_role(looked_at.world.evidence_role_arn, service, SourceIdentity="s3incident")


def test_the_evidence_role_reads_logs_and_settings_but_no_victims_objects(looked_at: Built) -> None:
    world = looked_at.world
    s3 = as_evidence(looked_at, "s3")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket=world.trail_bucket)["Contents"]]
    s3.get_object(Bucket=world.trail_bucket, Key=keys[0])
    s3.get_bucket_policy(Bucket=world.bucket)
    as_evidence(looked_at, "cloudtrail").lookup_events(MaxResults=1)
    as_evidence(looked_at, "iam").list_attached_user_policies(UserName=world.attacker_user)
    with pytest.raises(ClientError, match="explicit deny in an identity-based policy"):
        s3.get_object(Bucket=world.bucket, Key="readme.txt")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_bucket_policy(Bucket=world.bucket)


def test_both_roles_want_to_know_who_is_behind_the_session(looked_at: Built) -> None:
    role = looked_at.world.remediation_role_arn
    with pytest.raises(ClientError, match="AccessDenied"):
        looked_at.as_role(looked_at.world.evidence_role_arn, "iam")
    with pytest.raises(ClientError, match="AccessDenied"):
        looked_at.as_role(role, "iam")
    with pytest.raises(ClientError, match="AccessDenied"):
        looked_at.as_role(role, "iam", SourceIdentity="slack-U02", ExternalId="guess")
    iam = looked_at.as_role(role, "iam", SourceIdentity="slack-U02")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.attach_user_policy(UserName=account.OPERATOR, PolicyArn=admin)
