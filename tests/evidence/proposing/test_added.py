"""What is proposed to be taken away names exactly what the event added, where the record says so."""

from __future__ import annotations

from typing import Any

import pytest

from bot.evidence.report import Investigation
from bot.remediation.catalogue import remediation
from tests.evidence.records import ACCOUNT, ATTACKER_IP, BUCKET, CI_IP, LEAKED_KEY, Log, user
from tests.evidence.stories import LINUX, MAC, OTHER_ACCOUNT
from tests.evidence.story import ask, steps

ADMIN = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, MAC)
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ARCHIVE = {"ID": "archive", "Status": "Enabled", "Transition": {"Days": 30, "StorageClass": "GLACIER"}}
PURGE = {"ID": "purge", "Status": "Enabled", "Expiration": {"Days": 1}}


def lifecycle(*rules: dict[str, Any]) -> dict[str, Any]:
    """CloudTrail writes one rule as an object, several as a list."""
    return {"LifecycleConfiguration": {"Rule": rules[0] if len(rules) == 1 else list(rules)}}


def copies(name: str, account: str | None = None) -> dict[str, Any]:
    destination = {"Bucket": f"arn:aws:s3:::{name}"} | ({"Account": account} if account else {})
    return {"ID": name, "Status": "Enabled", "Destination": destination}


def thief(log: Log | None = None) -> Log:
    """A key that leaked: its holder makes a user, and opens the bucket."""
    log = Log() if log is None else log
    log.call(THIEF, "iam", "CreateUser", requestParameters={"userName": "helpdesk"})
    log.bucket(THIEF, "DeleteBucketPublicAccessBlock", publicAccessBlock="")
    return log.wait(minutes=1)


def wrote(name: str, log: Log | None = None, **parameters: Any) -> Log:
    """The thief writes a setting of the bucket."""
    log = thief(log)
    log.bucket(THIEF, name, **parameters)
    return log


def proposed(result: Investigation, row: str) -> list[dict[str, str]]:
    """The targets that a row is proposed for; the row must take them."""
    found = [target for kind, target in steps(result) if kind == row]
    for target in found:
        remediation(row).target(ACCOUNT, "us-east-1", target)
    return found


def test_a_rule_that_stands_alone_is_named() -> None:
    result = ask(wrote("PutBucketLifecycle", **lifecycle(PURGE)))
    assert proposed(result, "R29") == [{"bucket": BUCKET, "rule": "purge"}]


def test_rules_that_somebody_honest_had_written_before_are_not_named() -> None:
    log = Log()
    log.bucket(ADMIN, "PutBucketLifecycle", **lifecycle(ARCHIVE))
    wrote("PutBucketLifecycle", log.wait(days=1), **lifecycle(ARCHIVE, PURGE))
    assert proposed(ask(log), "R29") == [{"bucket": BUCKET, "rule": "purge"}]


@pytest.mark.parametrize(
    "rules", [(ARCHIVE, PURGE), ({"Status": "Enabled", "Expiration": {"Days": 1}},)], ids=["several", "no id"]
)
def test_what_cannot_be_told_is_left_to_whoever_plans(rules: tuple[dict[str, Any], ...]) -> None:
    result = ask(wrote("PutBucketLifecycle", **lifecycle(*rules)))
    assert proposed(result, "R29") == [{"bucket": BUCKET}]


def test_of_several_copies_those_to_strangers_are_named() -> None:
    rules = [copies("acme-replica"), copies("sync", OTHER_ACCOUNT), copies("drop", OTHER_ACCOUNT)]
    log = wrote("PutBucketReplication", ReplicationConfiguration={"Rule": rules})
    assert proposed(ask(log), "R28") == [{"bucket": BUCKET, "rule": "sync, drop"}]


def test_settings_are_named_with_what_was_added_to_them() -> None:
    queue = {"Id": "drop-box", "Queue": f"arn:aws:sqs:us-east-1:{OTHER_ACCOUNT}:x", "Event": "s3:*"}
    inventory = {"Id": "weekly", "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::x"}}}
    cors = {"AllowedOrigin": ["https://evil.example"], "AllowedMethod": "GET"}
    log = thief()
    log.bucket(THIEF, "PutBucketNotification", NotificationConfiguration={"QueueConfiguration": queue})
    log.bucket(THIEF, "PutBucketInventoryConfiguration", InventoryConfiguration=inventory, id="weekly")
    log.bucket(THIEF, "PutBucketCors", CORSConfiguration={"CORSRule": cors})
    log.bucket(THIEF, "PutBucketWebsite", WebsiteConfiguration={"IndexDocument": {"Suffix": "x"}})
    assert sorted(proposed(ask(log), "R30"), key=lambda target: target["setting"]) == [
        {"bucket": BUCKET, "setting": "cors", "id": "https://evil.example"},
        {"bucket": BUCKET, "setting": "inventory", "id": "weekly"},
        {"bucket": BUCKET, "setting": "notification", "id": "drop-box"},
        {"bucket": BUCKET, "setting": "website"},
    ]


@pytest.mark.parametrize(
    ("name", "more", "target"),
    [
        (
            "CreateGrant",
            {"responseElements": {"grantId": "f020fe75", "keyId": KEY}},
            {"key": KEY, "act": "revoke-grant", "grant": "f020fe75"},
        ),
        ("PutKeyPolicy", {}, {"key": "1234abcd", "act": "restore-policy"}),
        ("DisableKey", {"resources": [{"ARN": KEY, "type": "AWS::KMS::Key"}]}, {"key": KEY, "act": "enable"}),
        ("ScheduleKeyDeletion", {}, {"key": "1234abcd", "act": "cancel-deletion"}),
        ("DeleteImportedKeyMaterial", {}, {"key": "1234abcd"}),
    ],
)
def test_a_key_is_named_with_what_undoes_the_act(
    name: str, more: dict[str, Any], target: dict[str, str]
) -> None:
    log = thief()
    log.call(THIEF, "kms", name, requestParameters={"keyId": "1234abcd"}, **more)
    assert proposed(ask(log), "R32") == [target]


def test_access_points_and_grants_are_named() -> None:
    log = thief()
    point = {"bucketName": BUCKET, "name": "drop", "policy": "{}"}
    log.call(THIEF, "s3", "PutAccessPointPolicy", requestParameters=point)
    request = {"Details": {"Name": "everywhere", "Policy": "{}"}}
    log.call(
        THIEF,
        "s3",
        "PutMultiRegionAccessPointPolicy",
        requestParameters={"PutMultiRegionAccessPointPolicyRequest": request},
    )
    scope = {"accessGrantId": "a1b2", "grantScope": f"s3://{BUCKET}/payroll/*"}
    log.call(
        THIEF, "s3", "CreateAccessGrant", requestParameters={"Permission": "READ"}, responseElements=scope
    )
    result = ask(log)
    assert proposed(result, "R24") == [{"bucket": BUCKET, "access_point": "drop"}]
    assert proposed(result, "R25") == [{"multi_region_access_point": "everywhere"}]
    assert proposed(result, "R26") == [{"grant": "a1b2"}]
