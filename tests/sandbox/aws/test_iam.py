"""IAM's quotas and conflicts, which moto does not have, as AWS words them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.sandbox.aws.iam import passwords
from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, document, refusal, trust

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


def wide(characters: int) -> str:
    """A policy of at least that many characters that count."""
    return document(allow(*(f"s3:{'x' * 90}{number}" for number in range(characters // 95))))


def test_inline_policies_share_one_quota(lab: Lab) -> None:
    lab.user("ann")
    put = lab.root.iam.put_user_policy
    put(UserName="ann", PolicyName="one", PolicyDocument=wide(1800))
    put(UserName="ann", PolicyName="one", PolicyDocument=wide(1700).replace(",", " , "))
    refused = refusal(lambda: put(UserName="ann", PolicyName="two", PolicyDocument=wide(400)))
    assert refused == ("LimitExceeded", "Maximum policy size of 2048 bytes exceeded for user ann", 409)


def test_ten_policies_can_be_attached(lab: Lab) -> None:
    lab.user("ann")
    iam = lab.root.iam
    for number in range(10):
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=document(allow("s3:*")))
        iam.attach_user_policy(UserName="ann", PolicyArn=made["Policy"]["Arn"])
    iam.attach_user_policy(UserName="ann", PolicyArn=made["Policy"]["Arn"])
    refused = refusal(lambda: iam.attach_user_policy(UserName="ann", PolicyArn=DENY_ALL))
    assert refused == ("LimitExceeded", "Cannot exceed quota for PoliciesPerUser: 10", 409)


def test_policies_and_trust_have_a_size(lab: Lab) -> None:
    iam = lab.root.iam
    assert refusal(lambda: iam.create_policy(PolicyName="p", PolicyDocument=wide(6500)))[1] == (
        "Cannot exceed quota for PolicySize: 6144"
    )
    many = trust({"AWS": [f"{number:012}" for number in range(200)]})
    assert refusal(lambda: iam.create_role(RoleName="r", AssumeRolePolicyDocument=many))[1] == (
        "Cannot exceed quota for ACLSizePerRole: 2048"
    )


def test_a_password_cannot_be_changed_or_deleted_while_it_is_being_made(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = lab.root.iam
    lab.user("new", allow("s3:*"))
    monkeypatch.setattr(passwords, "BUSY", 60.0)
    iam.create_login_profile(UserName="new", Password="Correct-horse-7-battery")
    told = "Login Profile for User new cannot be modified while login profile is being created."
    for change in (
        lambda: iam.delete_login_profile(UserName="new"),
        lambda: iam.update_login_profile(UserName="new", PasswordResetRequired=True),
    ):
        assert refusal(change) == ("EntityTemporarilyUnmodifiable", told, 409)
    monkeypatch.setattr(passwords, "BUSY", 0.0)
    iam.delete_login_profile(UserName="new")


def test_a_user_goes_last(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "BUSY", 0.0)
    iam = lab.root.iam
    lab.user("ann", allow("s3:*"))
    iam.create_login_profile(UserName="ann", Password="Correct-horse-7-battery")
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="ann")
    made = iam.create_service_specific_credential(UserName="ann", ServiceName="codecommit.amazonaws.com")
    credential = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="ann", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    in_use = refusal(lambda: iam.delete_virtual_mfa_device(SerialNumber=device))
    assert in_use == ("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", 409)

    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    steps: list[tuple[str, Any]] = [
        ("delete access keys", lambda: iam.delete_access_key(UserName="ann", AccessKeyId=key)),
        ("delete login profile", lambda: iam.delete_login_profile(UserName="ann")),
        ("delete MFA device", lambda: iam.deactivate_mfa_device(UserName="ann", SerialNumber=device)),
        (
            "remove referenced objects",
            lambda: iam.delete_service_specific_credential(
                UserName="ann", ServiceSpecificCredentialId=credential
            ),
        ),
        (
            "remove users from group",
            lambda: iam.remove_user_from_group(GroupName="team", UserName="ann"),
        ),
        ("delete policies", lambda: iam.delete_user_policy(UserName="ann", PolicyName="own")),
    ]
    for first, step in steps:
        refused = refusal(lambda: iam.delete_user(UserName="ann"))
        assert refused == ("DeleteConflict", f"Cannot delete entity, must {first} first.", 409)
        step()
    iam.delete_user(UserName="ann")


def test_a_policy_in_use_or_with_versions_stays(lab: Lab) -> None:
    iam = lab.root.iam
    lab.user("ann")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("s3:Get*")))
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=arn)
    assert refusal(lambda: iam.delete_policy(PolicyArn=arn))[:2] == (
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    )
    iam.delete_user_permissions_boundary(UserName="ann")
    assert "more than one version" in refusal(lambda: iam.delete_policy(PolicyArn=arn))[1]


def test_a_boundary_limits_a_user(lab: Lab) -> None:
    ann = lab.user("ann", allow("s3:*"))
    ann.s3.list_buckets()
    lab.root.iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=DENY_ALL)
    shown = lab.root.iam.get_user(UserName="ann")["User"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": DENY_ALL}
    assert "explicit deny in a permissions boundary" in refusal(ann.s3.list_buckets)[1]


@pytest.mark.parametrize("gone", ["arn:aws:iam::111122223333:user/nobody", "AIDAEXAMPLEEXAMPLE123", "*"])
def test_a_trust_policy_names_who_exists(lab: Lab, gone: str) -> None:
    principal = "*" if gone == "*" else {"AWS": gone}
    code, message, _ = refusal(
        lambda: lab.root.iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(principal))
    )
    assert code == "MalformedPolicyDocument"
    assert message.startswith("Invalid principal in policy: ")
    assert gone in message


def test_who_was_deleted_is_shown_by_a_unique_id(lab: Lab) -> None:
    iam = lab.root.iam
    guest = iam.create_user(UserName="guest")["User"]
    document_ = trust({"AWS": [guest["Arn"], f"arn:aws:iam::{ACCOUNT}:root"]})
    iam.create_role(RoleName="door", AssumeRolePolicyDocument=document_)
    iam.delete_user(UserName="guest")
    shown = iam.get_role(RoleName="door")["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"] == [guest["UserId"], f"arn:aws:iam::{ACCOUNT}:root"]
    refused = refusal(
        lambda: iam.update_assume_role_policy(RoleName="door", PolicyDocument=json.dumps(shown))
    )
    assert refused[1] == f'Invalid principal in policy: "AWS":"{guest["UserId"]}"'
