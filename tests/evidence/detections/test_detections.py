import json
from pathlib import Path
from typing import Any

import pytest

from bot.evidence.detections.giveaways import is_credential_file, is_ransom_note, tool_in
from bot.evidence.detections.rules import detect
from bot.evidence.detections.ruleset import bundled
from bot.evidence.detections.scene import Scene
from bot.evidence.events import event_from
from bot.evidence.scan.files import events_in
from tests.evidence.records import ACCOUNT, BUCKET, PUBLIC_POLICY, Log, anonymous, outsider, user

ADMIN = user("admin", "AKIAADMIN00000000001", "198.51.100.10", "aws-cli/2.31.0")
SCENE = Scene(BUCKET, ACCOUNT)
OTHER_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT[::-1]}:key/1"
ACL = {
    "AccessControlPolicy": {
        "AccessControlList": {
            "Grant": {
                "Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
                "Permission": "READ",
            }
        }
    }
}
PRIVATE_ACL = {
    "AccessControlPolicy": {
        "AccessControlList": {"Grant": [{"Grantee": {"ID": "x"}}, {"Grantee": {"ID": "y"}}]}
    }
}
ALL_BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


def policy(principal: object) -> dict[str, Any]:
    statement = PUBLIC_POLICY["Statement"][0] | {"Principal": principal}  # type: ignore[index]
    return {"bucketPolicy": {"Version": "2012-10-17", "Statement": statement}}


def titles(record: dict[str, Any]) -> set[str]:
    return {rule.title for rule in detect(event_from(record), SCENE)}


PUBLIC = "The bucket was opened to everybody"


@pytest.mark.parametrize(
    ("name", "parameters", "title"),
    [
        ("PutBucketPolicy", policy("*"), PUBLIC),
        ("PutBucketPolicy", policy({"AWS": "*"}), PUBLIC),
        (
            "PutBucketPolicy",
            policy({"AWS": "arn:aws:iam::999988887777:root"}),
            "A policy lets in another AWS account",
        ),
        ("PutBucketPolicy", policy({"AWS": "999988887777"}), "A policy lets in another AWS account"),
        ("PutBucketPolicy", policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}), None),
        ("PutBucketPolicy", {"bucketPolicy": {"Statement": "nonsense"}}, None),
        ("PutBucketPolicy", {"bucketPolicy": None}, None),
        ("PutBucketAcl", {"x-amz-acl": ["public-read"]}, PUBLIC),
        ("PutBucketAcl", {"x-amz-acl": "private"}, None),
        ("PutBucketAcl", ACL, PUBLIC),
        ("PutBucketAcl", PRIVATE_ACL, None),
        ("DeleteBucketPublicAccessBlock", {}, "Block Public Access was removed or weakened"),
        ("PutBucketPublicAccessBlock", {"PublicAccessBlockConfiguration": ALL_BLOCKED}, None),
        (
            "PutBucketPublicAccessBlock",
            {"PublicAccessBlockConfiguration": ALL_BLOCKED | {"BlockPublicPolicy": False}},
            "Block Public Access was removed or weakened",
        ),
        (
            "PutBucketVersioning",
            {"VersioningConfiguration": {"Status": "Suspended"}},
            "Versioning or MFA Delete was switched off",
        ),
        ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}, None),
        (
            "PutBucketLogging",
            {"BucketLoggingStatus": {"xmlns": "x"}},
            "Access logging of a bucket was switched off",
        ),
        ("PutBucketLogging", {"BucketLoggingStatus": {"LoggingEnabled": {}}}, None),
        (
            "PutBucketLifecycle",
            {"LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}}}},
            "A lifecycle rule deletes objects",
        ),
        ("PutBucketLifecycle", {"LifecycleConfiguration": {"Rule": [{"Transition": {}}]}}, None),
        (
            "PutBucketReplication",
            {"ReplicationConfiguration": {"Rule": {"Destination": {"Account": "999988887777"}}}},
            "Replication sends the objects to another account",
        ),
        (
            "PutBucketReplication",
            {"ReplicationConfiguration": {"Rule": {"Destination": {"Account": ACCOUNT}}}},
            None,
        ),
    ],
)
def test_changes_of_a_bucket(name: str, parameters: dict[str, Any], title: str | None) -> None:
    assert titles(Log().bucket(ADMIN, name, **parameters)) == ({title} if title else set())


def test_another_bucket_is_told_apart() -> None:
    assert titles(Log().bucket(ADMIN, "PutBucketPolicy", bucket="other", **policy("*"))) == {
        "Another bucket was opened to everybody"
    }


@pytest.mark.parametrize(
    ("selectors", "title"),
    [
        ({"eventSelectors": [{"includeManagementEvents": False}]}, "CloudTrail was told to record less"),
        ({"eventSelectors": [{"includeManagementEvents": True}]}, None),
        (
            {
                "advancedEventSelectors": [
                    {"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}
                ]
            },
            "A trail's selectors leave management events out",
        ),
        (
            {
                "advancedEventSelectors": [
                    {"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}
                ]
            },
            None,
        ),
        (
            {"omitted": True, "reason": "requestParameters too large"},
            "A trail's selectors leave management events out",
        ),
    ],
)
def test_event_selectors(selectors: dict[str, Any], title: str | None) -> None:
    record = Log().call(ADMIN, "cloudtrail", "PutEventSelectors", requestParameters=selectors)
    assert titles(record) == ({title} if title else set())


def test_keys_for_others_and_for_oneself() -> None:
    assert titles(Log().create_key(ADMIN, "victim", "AKIAX")) == {"An access key was made for another user"}
    assert titles(Log().create_key(ADMIN, "admin", "AKIAX")) == {
        "The principal made itself another access key"
    }


def test_trust_of_a_role() -> None:
    abroad = json.dumps(
        {"Statement": {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "sts:AssumeRole"}}
    )
    at_home = abroad.replace("999988887777", ACCOUNT)
    change = Log().call(ADMIN, "iam", "UpdateAssumeRolePolicy", requestParameters={"policyDocument": abroad})
    assert titles(change) == {"A role's trust lets in another account"}
    change = Log().call(ADMIN, "iam", "UpdateAssumeRolePolicy", requestParameters={"policyDocument": at_home})
    assert titles(change) == {"A role's trust was changed"}
    assert not titles(
        Log().call(ADMIN, "iam", "CreateRole", requestParameters={"assumeRolePolicyDocument": at_home})
    )


def objects(name: str, key: str = "k", **parameters: Any) -> dict[str, Any]:
    record = Log().object(ADMIN, name, key)
    record["requestParameters"] |= parameters
    return record


@pytest.mark.parametrize(
    ("record", "title"),
    [
        (objects("PutObject", "HOW_TO_DECRYPT.txt"), "A ransom note was written"),
        (objects("GetObject", "deploy/.env"), "A file that holds credentials was read"),
        (
            objects("CopyObject", **{"x-amz-server-side-encryption-customer-algorithm": "AES256"}),
            "Objects were encrypted with a key only the caller has",
        ),
        (
            objects("PutObject", **{"x-amz-server-side-encryption-aws-kms-key-id": OTHER_KEY}),
            "Objects were encrypted with another account's KMS key",
        ),
        (objects("UpdateObjectEncryption"), "Objects were re-encrypted in place"),
        (objects("DeleteObject", versionId="3"), "Object versions were deleted for good"),
        (objects("DeleteObject"), None),
        (objects("PutObject", "report.csv"), None),
        (Log().object(anonymous("1.2.3.4"), "GetObject", "k"), "Read without any credentials"),
        (
            Log().object(outsider("999988887777", "1.2.3.4"), "GetObject", "k"),
            "Read from another AWS account",
        ),
        (
            Log().object(anonymous("1.2.3.4"), "PutObject", "k"),
            "Written or deleted by someone outside the account",
        ),
    ],
)
def test_objects(record: dict[str, Any], title: str | None) -> None:
    assert titles(record) == ({title} if title else set())


def test_a_copy_to_another_accounts_bucket() -> None:
    record = Log().object(ADMIN, "CopyObject", "k", bucket="theirs")
    record["requestParameters"]["x-amz-copy-source"] = f"{BUCKET}/payroll/1.csv"
    assert not titles(record)
    record["resources"][0]["accountId"] = "999988887777"
    assert titles(record) == {"Objects were copied to a bucket of another account"}


@pytest.mark.parametrize(
    ("agent", "tool"),
    [("os/linux#6.8.0-kali md/x", "kali"), ("TruffleHog", "TruffleHog"), ("S3 Browser/12.2", "S3 Browser")],
)
def test_clients_that_attackers_use(agent: str, tool: str) -> None:
    assert tool_in(agent) == tool
    assert tool_in("aws-cli/2.31.0 Linux") is None
    record = Log().call(ADMIN, "sts", "GetCallerIdentity", userAgent=agent)
    assert titles(record) == {"A client that attackers use"}


@pytest.mark.parametrize(
    "key",
    [
        ".env",
        "a/.env.production",
        "home/id_rsa",
        "x.pem",
        "root/.aws/credentials",
        "bob_accessKeys.csv",
        "prod.tfstate",
    ],
)
def test_names_of_credential_files(key: str) -> None:
    assert is_credential_file(key)


@pytest.mark.parametrize("key", ["environment.txt", "stepmother.jpg", "credentials/readme.md", "report.csv"])
def test_other_names_are_none(key: str) -> None:
    assert not is_credential_file(key)


@pytest.mark.parametrize("key", ["RANSOM_NOTE.txt", "a/how-to-restore-files.html", "READ_ME_NOW.txt"])
def test_names_of_ransom_notes(key: str) -> None:
    assert is_ransom_note(key)
    assert not is_ransom_note("docs/README.md")


def test_rules_are_well_formed() -> None:
    for rule in bundled().rules:
        assert rule.title[0].isupper()
        assert not rule.title.endswith(".")
        assert all(one.startswith("T1") for one in rule.mitre)
        assert len(rule.mitre) > 0


def test_every_recorded_technique_is_recognised(real_data: Path) -> None:
    folder = real_data / "stratus_detonations"
    missed: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.json.gz")):
        events = list(events_in(path.read_bytes(), lambda _: None))
        scene = Scene(BUCKET, events[0].account)
        if not any(True for event in events for _ in detect(event, scene)):
            calls = sorted({event.name for event in events})
            missed[path.name.removesuffix(".json.gz")] = calls
    assert not missed
