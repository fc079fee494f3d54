"""Every call is decided by the policies as they stand."""

import json

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, deny, document, refusal, trust

PAPERS = ["arn:aws:s3:::papers", "arn:aws:s3:::papers/*"]


def test_no_policy_is_no_access_and_the_message_says_which_layer(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    user = lab.user("ann")
    code, message, status = refusal(lambda: user.s3.get_object(Bucket="papers", Key="k"))
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: s3:GetObject on resource: "
        '"arn:aws:s3:::papers/k" because no identity-based policy allows the s3:GetObject action'
    )


def test_an_explicit_deny_is_named(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    user = lab.user("ann", allow("s3:*"), deny("s3:GetObject"))
    message = refusal(lambda: user.s3.get_object(Bucket="papers", Key="k"))[1]
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_messages_of_iam_and_cloudtrail(lab: Lab) -> None:
    user = lab.user("ann")
    code, message, status = refusal(lambda: user.iam.list_access_keys(UserName="ann"))
    assert (code, status) == ("AccessDenied", 403)
    assert f"iam:ListAccessKeys on resource: arn:aws:iam::{ACCOUNT}:user/ann because" in message
    code, message, status = refusal(user.cloudtrail.lookup_events)
    assert (code, status) == ("AccessDeniedException", 400)
    assert "cloudtrail:LookupEvents because no identity-based policy allows" in message


def test_inline_managed_and_group_policies_all_count(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    user = lab.user("ann", allow("s3:ListBucket"))
    made = lab.root.iam.create_policy(PolicyName="get", PolicyDocument=document(allow("s3:GetObject")))
    lab.root.iam.attach_user_policy(UserName="ann", PolicyArn=made["Policy"]["Arn"])
    lab.root.iam.create_group(GroupName="g")
    lab.root.iam.put_group_policy(
        GroupName="g", PolicyName="own", PolicyDocument=document(allow("s3:PutObject"))
    )
    assert refusal(lambda: user.s3.put_object(Bucket="papers", Key="k", Body=b"2"))[0] == "AccessDenied"
    lab.root.iam.add_user_to_group(GroupName="g", UserName="ann")
    user.s3.list_objects_v2(Bucket="papers")
    user.s3.get_object(Bucket="papers", Key="k")
    user.s3.put_object(Bucket="papers", Key="k", Body=b"2")


def test_a_new_default_version_of_a_managed_policy_counts_at_once(lab: Lab) -> None:
    user = lab.user("ann")
    arn = lab.root.iam.create_policy(PolicyName="p", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    lab.root.iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    user.s3.list_buckets()
    lab.root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(deny("*")), SetAsDefault=True)
    assert refusal(user.s3.list_buckets)[0] == "AccessDenied"


def test_deny_all_cuts_off_and_detaching_gives_back(lab: Lab) -> None:
    user = lab.user("ann", allow("*"))
    arn = "arn:aws:iam::aws:policy/AWSDenyAll"
    lab.root.iam.attach_user_policy(UserName="ann", PolicyArn=arn)
    assert refusal(user.s3.list_buckets)[0] == "AccessDenied"
    assert refusal(lambda: user.iam.list_access_keys(UserName="ann"))[0] == "AccessDenied"
    lab.root.iam.detach_user_policy(UserName="ann", PolicyArn=arn)
    user.s3.list_buckets()


def test_quarantine_v3_stops_get_object_but_not_get_object_version(lab: Lab) -> None:
    lab.bucket("papers")
    lab.root.s3.put_bucket_versioning(Bucket="papers", VersioningConfiguration={"Status": "Enabled"})
    version = lab.root.s3.put_object(Bucket="papers", Key="k", Body=b"1")["VersionId"]
    user = lab.user("ann", allow("*"))
    quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    lab.root.iam.attach_user_policy(UserName="ann", PolicyArn=quarantine)
    assert refusal(lambda: user.s3.get_object(Bucket="papers", Key="k"))[0] == "AccessDenied"
    assert user.s3.get_object(Bucket="papers", Key="k", VersionId=version)["Body"].read() == b"1"


def test_a_bucket_policy_alone_lets_a_user_of_the_account_in(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    user, other = lab.user("ann"), lab.user("bob")
    grant = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}}
    policy = document(grant | {"Action": "s3:GetObject", "Resource": PAPERS[1]})
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=policy)
    user.s3.get_object(Bucket="papers", Key="k")
    assert refusal(lambda: other.s3.get_object(Bucket="papers", Key="k"))[0] == "AccessDenied"


def test_a_bucket_policys_deny_hits_only_whom_it_names(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    ann, bob = lab.user("ann", allow("s3:*")), lab.user("bob", allow("s3:*"))
    cut = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": PAPERS}
    condition = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/ann"}}
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=document(cut | {"Condition": condition}))
    message = refusal(lambda: ann.s3.get_object(Bucket="papers", Key="k"))[1]
    assert message.endswith("with an explicit deny in a resource-based policy")
    bob.s3.get_object(Bucket="papers", Key="k")


def test_insecure_transport_statements_do_not_break_the_sandbox(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    cut = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": PAPERS}
    policy = document(cut | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=policy)
    lab.user("ann", allow("s3:*")).s3.get_object(Bucket="papers", Key="k")


def test_the_root_cannot_be_locked_out_of_a_bucket_policy(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    cut = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": PAPERS}
    lab.root.s3.put_bucket_policy(Bucket="papers", Policy=document(cut))
    assert refusal(lambda: lab.root.s3.get_object(Bucket="papers", Key="k"))[0] == "AccessDenied"
    lab.root.s3.delete_bucket_policy(Bucket="papers")
    lab.root.s3.get_object(Bucket="papers", Key="k")


def test_conditions_see_address_and_prefix(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    condition = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}, "StringLike": {"s3:prefix": "2026/*"}}
    user = lab.user("ann", allow("s3:ListBucket", Condition=condition))
    assert refusal(lambda: user.s3.list_objects_v2(Bucket="papers", Prefix="2026/"))[0] == "AccessDenied"
    user.headers["x-sandbox-source-ip"] = "198.51.100.7"
    user.s3.list_objects_v2(Bucket="papers", Prefix="2026/01/")
    assert refusal(lambda: user.s3.list_objects_v2(Bucket="papers", Prefix=""))[0] == "AccessDenied"


def test_only_the_named_policies_may_be_attached(lab: Lab) -> None:
    lab.user("victim")
    only = {"ArnEquals": {"iam:PolicyARN": ["arn:aws:iam::aws:policy/AWSDenyAll"]}}
    user = lab.user("ann", allow("iam:AttachUserPolicy", Condition=only))
    user.iam.attach_user_policy(UserName="victim", PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert (
        refusal(lambda: user.iam.attach_user_policy(UserName="victim", PolicyArn=admin))[0] == "AccessDenied"
    )


def test_a_versioned_object_needs_its_own_permission(lab: Lab) -> None:
    lab.bucket("papers")
    lab.root.s3.put_bucket_versioning(Bucket="papers", VersioningConfiguration={"Status": "Enabled"})
    version = lab.root.s3.put_object(Bucket="papers", Key="k", Body=b"1")["VersionId"]
    user = lab.user("ann", allow("s3:GetObject"))
    message = refusal(lambda: user.s3.get_object(Bucket="papers", Key="k", VersionId=version))[1]
    assert "s3:GetObjectVersion" in message


def test_a_copy_needs_the_source_as_well(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    lab.bucket("elsewhere")
    user = lab.user("ann", allow("s3:PutObject", resource="arn:aws:s3:::elsewhere/*"))
    copy = {"Bucket": "elsewhere", "Key": "k", "CopySource": {"Bucket": "papers", "Key": "k"}}
    assert "s3:GetObject" in refusal(lambda: user.s3.copy_object(**copy))[1]
    lab.grant("ann", allow("s3:GetObject", resource=PAPERS[1]), policy="more")
    user.s3.copy_object(**copy)


def test_a_missing_key_is_a_secret_without_list_bucket(lab: Lab) -> None:
    lab.bucket("papers")
    user = lab.user("ann", allow("s3:GetObject"))
    assert refusal(lambda: user.s3.get_object(Bucket="papers", Key="none"))[0] == "AccessDenied"
    lab.grant("ann", allow("s3:ListBucket"), policy="more")
    assert refusal(lambda: user.s3.get_object(Bucket="papers", Key="none"))[0] == "NoSuchKey"


def test_calls_about_oneself_name_nobody(lab: Lab) -> None:
    own = f"arn:aws:iam::{ACCOUNT}:user/ann"
    user = lab.user("ann", allow("iam:CreateAccessKey", "iam:ListAccessKeys", "iam:GetUser", resource=own))
    second = user.iam.create_access_key()["AccessKey"]
    assert second["UserName"] == "ann"
    assert len(user.iam.list_access_keys()["AccessKeyMetadata"]) == 2
    assert user.iam.get_user()["User"]["Arn"] == own


def test_a_permissions_boundary_limits_a_role(lab: Lab) -> None:
    boundary = lab.root.iam.create_policy(
        PolicyName="b", PolicyDocument=document(allow("s3:ListAllMyBuckets"))
    )
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("*"))
    lab.root.iam.put_role_permissions_boundary(
        RoleName="worker", PermissionsBoundary=boundary["Policy"]["Arn"]
    )
    session = lab.assume(lab.root, role)
    session.s3.list_buckets()
    message = refusal(session.iam.list_users)[1]
    assert "because no permissions boundary allows the iam:ListUsers action" in message


def test_revoking_older_sessions_spares_new_ones(lab: Lab) -> None:
    from datetime import UTC, datetime, timedelta

    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    earlier = lab.assume(lab.root, role)
    moment = datetime.now(UTC) + timedelta(seconds=2)
    revoke = deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": moment.isoformat()}})
    lab.root.iam.put_role_policy(
        RoleName="worker", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(revoke)
    )
    assert refusal(earlier.s3.list_buckets)[0] == "AccessDenied"
    lab.root.headers["x-sandbox-time"] = (moment + timedelta(seconds=5)).isoformat()
    lab.assume(lab.root, role).s3.list_buckets()


def test_anonymous_callers_reach_nothing_but_s3(lab: Lab) -> None:
    lab.bucket("papers", k=b"1")
    nobody = lab.anonymous()
    assert refusal(lambda: nobody.s3.get_object(Bucket="papers", Key="k"))[:2] == (
        "AccessDenied",
        "Access Denied",
    )
    assert refusal(nobody.s3.list_buckets)[0] == "AccessDenied"
    assert refusal(nobody.iam.list_users)[0] == "MissingAuthenticationToken"


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"Statement": []})])
def test_iam_refuses_what_is_no_policy(lab: Lab, text: str) -> None:
    lab.user("ann")
    call = {"UserName": "ann", "PolicyName": "p", "PolicyDocument": text or " "}
    assert refusal(lambda: lab.root.iam.put_user_policy(**call))[0] in {
        "MalformedPolicyDocument",
        "ValidationError",
    }
