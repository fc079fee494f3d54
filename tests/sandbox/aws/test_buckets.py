"""Bucket configuration as S3 keeps it: policies, Block Public Access, ACLs, owners, MFA Delete."""

import json
from typing import Any

import pytest

from bot.sandbox.aws.public_access import SETTINGS
from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, document, public_policy, refusal

ON, OFF = dict.fromkeys(SETTINGS, True), dict.fromkeys(SETTINGS, False)
MFA = f"arn:aws:iam::{ACCOUNT}:mfa/root 123456"


def s3control(lab: Lab) -> Any:
    client = lab.root.client("s3control")

    def drop_account(request: Any, **_: object) -> None:
        request.url = request.url.replace(f"//{ACCOUNT}.", "//")

    client.meta.events.register("before-sign.s3-control", drop_account)
    return client


def test_a_new_bucket_has_the_defaults_of_today(lab: Lab) -> None:
    lab.bucket("papers")
    assert lab.root.s3.get_public_access_block(Bucket="papers")["PublicAccessBlockConfiguration"] == ON
    rules = lab.root.s3.get_bucket_ownership_controls(Bucket="papers")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rule = lab.root.s3.get_bucket_encryption(Bucket="papers")["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert refusal(lambda: lab.root.s3.get_bucket_policy(Bucket="papers"))[::2] == ("NoSuchBucketPolicy", 404)
    lab.root.s3.delete_public_access_block(Bucket="papers")
    code, _, status = refusal(lambda: lab.root.s3.get_public_access_block(Bucket="papers"))
    assert (code, status) == ("NoSuchPublicAccessBlockConfiguration", 404)


def test_a_bucket_can_be_made_with_another_ownership(lab: Lab) -> None:
    lab.root.s3.create_bucket(Bucket="old-style", ObjectOwnership="ObjectWriter")
    rules = lab.root.s3.get_bucket_ownership_controls(Bucket="old-style")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]


# -- policies ------------------------------------------------------------------------------------------


def test_a_policy_comes_back_byte_for_byte_and_can_be_deleted_twice(lab: Lab) -> None:
    lab.bucket("papers")
    text = public_policy("papers").replace('"Open"', '"  spaced  Ü"')
    lab.root.s3.delete_public_access_block(Bucket="papers")
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=text)
    assert lab.root.s3.get_bucket_policy(Bucket="papers")["Policy"] == text
    lab.root.s3.delete_bucket_policy(Bucket="papers")
    lab.root.s3.delete_bucket_policy(Bucket="papers")
    assert refusal(lambda: lab.root.s3.get_bucket_policy(Bucket="papers"))[0] == "NoSuchBucketPolicy"


def statement(**changes: Any) -> str:
    base = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::papers/*",
    }
    return document({name: value for name, value in (base | changes).items() if value is not None})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Policies must be valid JSON and the first byte must be '{'"),
        ('{"foo": 1}', "Policy has an invalid element"),
        (statement(Principal=None), "Missing required field Principal"),
        (statement(Resource="arn:aws:s3:::another/*"), "Policy has invalid resource"),
        (statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}), "Invalid principal in policy"),
        (statement(Effect="Maybe"), "Policy has an invalid element"),
        (statement(Sid="x" * 21_000), "exceeds the maximum allowed size"),
    ],
)
def test_malformed_policies(lab: Lab, text: str, sentence: str) -> None:
    lab.bucket("papers")
    lab.root.s3.delete_public_access_block(Bucket="papers")
    code, message, status = refusal(lambda: lab.root.s3.put_bucket_policy(Bucket="papers", Policy=text))
    assert (code, status) == ("MalformedPolicy", 400)
    assert sentence in message


def test_policy_status_by_the_rule_of_s3(lab: Lab) -> None:
    lab.bucket("papers")
    lab.root.s3.delete_public_access_block(Bucket="papers")
    everywhere = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    office = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    for condition, public in ((None, True), (everywhere, True), (office, False)):
        lab.root.s3.put_bucket_policy(Bucket="papers", Policy=statement(Condition=condition))
        assert lab.root.s3.get_bucket_policy_status(Bucket="papers")["PolicyStatus"]["IsPublic"] is public


def test_policy_dies_with_its_bucket(lab: Lab) -> None:
    lab.bucket("papers")
    lab.open_to_everyone("papers")
    lab.root.s3.delete_bucket(Bucket="papers")
    lab.bucket("papers")
    assert refusal(lambda: lab.root.s3.get_bucket_policy(Bucket="papers"))[0] == "NoSuchBucketPolicy"


# -- Block Public Access -------------------------------------------------------------------------------


def test_block_public_policy_refuses_public_policies_only(lab: Lab) -> None:
    lab.bucket("papers")
    code, message, _ = refusal(lambda: lab.root.s3.put_bucket_policy(Bucket="papers", Policy=statement()))
    assert code == "AccessDenied"
    assert message.endswith(
        "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access."
    )
    own = statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=own)


def test_restrict_public_buckets_keeps_strangers_out_and_the_account_in(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.open_to_everyone("papers")
    nobody, ann = lab.anonymous(), lab.user("ann")
    nobody.s3.get_object(Bucket="papers", Key="k")
    only = OFF | {"RestrictPublicBuckets": True}
    lab.root.s3.put_public_access_block(Bucket="papers", PublicAccessBlockConfiguration=only)
    assert refusal(lambda: nobody.s3.get_object(Bucket="papers", Key="k"))[0] == "AccessDenied"
    ann.s3.get_object(Bucket="papers", Key="k")


def test_the_accounts_settings_count_for_every_bucket(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.open_to_everyone("papers")
    control = s3control(lab)
    gone = refusal(lambda: control.get_public_access_block(AccountId=ACCOUNT))
    assert gone[::2] == ("NoSuchPublicAccessBlockConfiguration", 404)
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=ON)
    assert control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"] == ON
    assert refusal(lambda: lab.anonymous().s3.get_object(Bucket="papers", Key="k"))[0] == "AccessDenied"
    control.delete_public_access_block(AccountId=ACCOUNT)
    lab.anonymous().s3.get_object(Bucket="papers", Key="k")
    assert [r["eventName"] for r in lab.records("PutAccountPublicAccessBlock")] == [
        "PutAccountPublicAccessBlock"
    ]


def test_another_accounts_settings_are_not_ours(lab: Lab) -> None:
    client = lab.root.client("s3control")
    client.meta.events.register(
        "before-sign.s3-control",
        lambda request, **_: setattr(request, "url", request.url.replace("//999988887777.", "//")),
    )
    assert refusal(lambda: client.get_public_access_block(AccountId="999988887777"))[0] == "AccessDenied"


def test_an_empty_account_block_is_refused(lab: Lab) -> None:
    control = s3control(lab)
    empty = {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": {}}
    assert refusal(lambda: control.put_public_access_block(**empty))[0] == "InvalidRequest"


# -- ACLs ----------------------------------------------------------------------------------------------


def test_acls_are_not_supported_under_bucket_owner_enforced(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    for call in (
        lambda: lab.root.s3.put_bucket_acl(Bucket="papers", ACL="private"),
        lambda: lab.root.s3.put_object_acl(Bucket="papers", Key="k", ACL="public-read"),
        lambda: lab.root.s3.put_object(Bucket="papers", Key="k2", Body=b"", ACL="public-read"),
    ):
        assert refusal(call)[::2] == ("AccessControlListNotSupported", 400)
    lab.root.s3.put_object(Bucket="papers", Key="k2", Body=b"", ACL="bucket-owner-full-control")


@pytest.fixture
def old_style(lab: Lab) -> Lab:
    lab.root.s3.create_bucket(Bucket="old-style", ObjectOwnership="ObjectWriter")
    lab.root.s3.put_object(Bucket="old-style", Key="k", Body=b"1")
    return lab


def test_block_public_acls(old_style: Lab) -> None:
    root = old_style.root.s3
    message = refusal(lambda: root.put_bucket_acl(Bucket="old-style", ACL="public-read"))[1]
    assert message.endswith(
        "because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access."
    )
    root.put_bucket_acl(Bucket="old-style", ACL="private")


def test_a_public_acl_opens_the_object_until_it_is_ignored(old_style: Lab) -> None:
    root, nobody = old_style.root.s3, old_style.anonymous().s3
    root.delete_public_access_block(Bucket="old-style")
    assert refusal(lambda: nobody.get_object(Bucket="old-style", Key="k"))[0] == "AccessDenied"
    root.put_object_acl(Bucket="old-style", Key="k", ACL="public-read")
    assert nobody.get_object(Bucket="old-style", Key="k")["Body"].read() == b"1"
    assert refusal(lambda: nobody.list_objects_v2(Bucket="old-style"))[0] == "AccessDenied"
    root.put_bucket_acl(Bucket="old-style", ACL="public-read")
    nobody.list_objects_v2(Bucket="old-style")
    ignore = OFF | {"IgnorePublicAcls": True}
    root.put_public_access_block(Bucket="old-style", PublicAccessBlockConfiguration=ignore)
    assert refusal(lambda: nobody.get_object(Bucket="old-style", Key="k"))[0] == "AccessDenied"


def test_under_ignore_public_acls_the_effective_acl_is_shown(old_style: Lab) -> None:
    root = old_style.root.s3
    root.delete_public_access_block(Bucket="old-style")
    root.put_bucket_acl(Bucket="old-style", ACL="public-read")
    assert len(root.get_bucket_acl(Bucket="old-style")["Grants"]) == 2
    ignore = OFF | {"IgnorePublicAcls": True}
    root.put_public_access_block(Bucket="old-style", PublicAccessBlockConfiguration=ignore)
    assert len(root.get_bucket_acl(Bucket="old-style")["Grants"]) == 1


def test_ownership_cannot_be_enforced_over_a_public_acl(old_style: Lab) -> None:
    root = old_style.root.s3
    root.delete_public_access_block(Bucket="old-style")
    root.put_bucket_acl(Bucket="old-style", ACL="public-read")
    enforce = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    call = {"Bucket": "old-style", "OwnershipControls": enforce}
    assert (
        refusal(lambda: root.put_bucket_ownership_controls(**call))[0]
        == "InvalidBucketAclWithObjectOwnership"
    )
    root.put_bucket_acl(Bucket="old-style", ACL="private")
    root.put_bucket_ownership_controls(**call)


# -- owner and MFA Delete ------------------------------------------------------------------------------


def test_expected_bucket_owner(lab: Lab) -> None:
    lab.bucket("papers")
    lab.root.s3.head_bucket(Bucket="papers", ExpectedBucketOwner=ACCOUNT)
    other = {"Bucket": "papers", "ExpectedBucketOwner": "444455556666"}
    assert refusal(lambda: lab.root.s3.get_bucket_location(**other))[:2] == ("AccessDenied", "Access Denied")
    assert refusal(lambda: lab.root.s3.head_bucket(**other))[2] == 403
    wrong = {"Bucket": "papers", "ExpectedBucketOwner": "aa000000000$"}
    code, message, _ = refusal(lambda: lab.root.s3.get_bucket_policy(**wrong))
    assert code == "InvalidBucketOwnerAWSAccountID"
    assert message.endswith("must be an AWS Account ID... [aa000000000$]")


def test_expected_owner_of_a_copys_source(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    copy = {"Bucket": "papers", "Key": "k2", "CopySource": {"Bucket": "papers", "Key": "k"}}
    call = copy | {"ExpectedSourceBucketOwner": "444455556666"}
    assert refusal(lambda: lab.root.s3.copy_object(**call))[0] == "AccessDenied"
    lab.root.s3.copy_object(**copy, ExpectedSourceBucketOwner=ACCOUNT)


def test_mfa_delete_is_the_roots_and_guards_versions(lab: Lab) -> None:
    lab.bucket("papers")
    both = {"Status": "Enabled", "MFADelete": "Enabled"}
    admin = lab.user("ann", allow("*"))
    call = {"Bucket": "papers", "VersioningConfiguration": both}
    assert refusal(lambda: admin.s3.put_bucket_versioning(**call, MFA=MFA))[0] == "AccessDenied"
    assert "Mfa Authentication" in refusal(lambda: lab.root.s3.put_bucket_versioning(**call))[1]
    lab.root.s3.put_bucket_versioning(**call, MFA=MFA)
    assert lab.root.s3.get_bucket_versioning(Bucket="papers")["MFADelete"] == "Enabled"
    version = lab.root.s3.put_object(Bucket="papers", Key="k", Body=b"1")["VersionId"]
    doomed = {"Bucket": "papers", "Key": "k", "VersionId": version}
    assert "Mfa Authentication" in refusal(lambda: admin.s3.delete_object(**doomed))[1]
    admin.s3.delete_object(Bucket="papers", Key="k")
    lab.root.s3.delete_object(**doomed, MFA=MFA)


def test_deleting_many_refuses_each_that_is_not_allowed(lab: Lab) -> None:
    lab.bucket("papers", **{"mine/a": b"1", "theirs/b": b"2"})
    user = lab.user("ann", allow("s3:DeleteObject", resource="arn:aws:s3:::papers/mine/*"))
    keys = [{"Key": "mine/a"}, {"Key": "theirs/b"}]
    answer = user.s3.delete_objects(Bucket="papers", Delete={"Objects": keys})
    assert [done["Key"] for done in answer["Deleted"]] == ["mine/a"]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("theirs/b", "AccessDenied")]
    left = lab.root.s3.list_objects_v2(Bucket="papers")["Contents"]
    assert [item["Key"] for item in left] == ["theirs/b"]
    singly = [(r["requestParameters"]["key"], r.get("errorCode")) for r in lab.records("DeleteObject")]
    assert singly == [("mine/a", None), ("theirs/b", "AccessDenied")]
    assert len(lab.records("DeleteObjects")) == 1


def test_retention_is_answered_and_not_the_object_itself(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    code, _, status = refusal(lambda: lab.root.s3.get_object_retention(Bucket="papers", Key="k"))
    assert (code, status) == ("InvalidRequest", 400)


def test_access_logging_can_be_turned_on_without_invented_log_files(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.bucket("logs")
    wanted = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "papers/"}}
    lab.root.s3.put_bucket_logging(Bucket="papers", BucketLoggingStatus=wanted)
    assert lab.root.s3.get_bucket_logging(Bucket="papers")["LoggingEnabled"]["TargetBucket"] == "logs"
    lab.root.s3.get_object(Bucket="papers", Key="k")
    assert lab.root.s3.list_objects_v2(Bucket="logs")["KeyCount"] == 0


def test_what_the_sandbox_does_not_have_says_so(lab: Lab) -> None:
    code, message, status = refusal(
        lambda: lab.root.iam.get_mfa_device(SerialNumber="arn:aws:iam::111122223333:mfa/ann")
    )
    assert (code, status) == ("NotImplemented", 501)
    assert message == "The sandbox's AWS has no iam:GetMFADevice. Real AWS does."


def test_policies_of_real_snapshots_are_taken(lab: Lab, real_data: Any) -> None:
    """The answers that real AWS gave around bucket policies are ours too."""
    path = real_data / "aws_recorded/s3_iam_snapshots/bucket_policy.snapshot.json"
    recorded = json.loads(path.read_text())[
        "tests/aws/services/s3/test_s3.py::TestS3::test_get_bucket_policy"
    ]
    answers = recorded["recorded-content"]
    lab.bucket("papers")
    lab.root.s3.delete_public_access_block(Bucket="papers")
    missing = answers["get-bucket-policy-no-such-bucket-policy"]
    code, message, status = refusal(lambda: lab.root.s3.get_bucket_policy(Bucket="papers"))
    assert {"Code": code, "Message": message}.items() <= missing["Error"].items()
    assert status == missing["ResponseMetadata"]["HTTPStatusCode"]
    policy = answers["get-bucket-policy"]["Policy"]
    text = json.dumps(policy).replace("<resource:1>", "arn:aws:s3:::papers/*")
    put = lab.root.s3.put_bucket_policy(Bucket="papers", Policy=text)
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert json.loads(lab.root.s3.get_bucket_policy(Bucket="papers")["Policy"]) == json.loads(text)


def test_where_ssec_is_blocked_no_object_is_written_with_a_key_of_the_caller_s(lab: Lab) -> None:
    lab.bucket("papers")
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
        "BucketKeyEnabled": False,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }
    theirs = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    lab.root.s3.put_object(Bucket="papers", Key="a", Body=b"1")
    lab.root.s3.put_bucket_encryption(Bucket="papers", ServerSideEncryptionConfiguration={"Rules": [rule]})
    shown = lab.root.s3.get_bucket_encryption(Bucket="papers")["ServerSideEncryptionConfiguration"]
    assert shown == {"Rules": [rule]}
    put = lab.root.s3.put_object
    code, _, status = refusal(lambda: put(Bucket="papers", Key="b", Body=b"1", **theirs))
    assert (code, status) == ("AccessDenied", 403)
    put(Bucket="papers", Key="b", Body=b"1")
    del rule["BlockedEncryptionTypes"]
    lab.root.s3.put_bucket_encryption(Bucket="papers", ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert lab.root.s3.get_bucket_encryption(Bucket="papers")["ServerSideEncryptionConfiguration"] == {
        "Rules": [rule]
    }


def test_the_format_of_access_log_names_is_shown_as_it_was_put(lab: Lab) -> None:
    lab.bucket("papers")
    lab.bucket("paper-logs")
    status = {
        "LoggingEnabled": {
            "TargetBucket": "paper-logs",
            "TargetPrefix": "papers/",
            "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
        }
    }
    lab.root.s3.put_bucket_logging(Bucket="papers", BucketLoggingStatus=status)
    shown = lab.root.s3.get_bucket_logging(Bucket="papers")
    assert shown["LoggingEnabled"] == status["LoggingEnabled"]
    lab.root.s3.put_bucket_logging(Bucket="papers", BucketLoggingStatus={})
    assert "LoggingEnabled" not in lab.root.s3.get_bucket_logging(Bucket="papers")
