"""KMS: the key policy decides, states forbid, and a policy that locks the key is refused."""

from typing import Any

from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, document, refusal

ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def key(lab: Lab) -> tuple[Any, str]:
    kms = lab.root.client("kms")
    return kms, str(kms.create_key()["KeyMetadata"]["Arn"])


def test_without_the_key_policy_an_iam_policy_is_worth_nothing(lab: Lab) -> None:
    kms, arn = key(lab)
    ann = lab.user("ann", allow("kms:*")).client("kms")
    ann.describe_key(KeyId=arn)
    only_root = {
        **allow("kms:*"),
        "Principal": ROOT,
        "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}},
    }
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=document(only_root))
    code, message, _ = refusal(lambda: ann.describe_key(KeyId=arn))
    assert code == "AccessDeniedException"
    assert "no resource-based policy allows the kms:DescribeKey action" in message


def test_and_without_an_iam_policy_one_that_leaves_it_to_iam_is_worth_nothing(lab: Lab) -> None:
    _, arn = key(lab)
    ann = lab.user("ann", allow("kms:DescribeKey", resource="arn:aws:kms:us-east-1:111122223333:key/other"))
    assert refusal(lambda: ann.client("kms").describe_key(KeyId=arn))[0] == "AccessDeniedException"


def test_nobody_locks_a_key_by_mistake(lab: Lab) -> None:
    kms, arn = key(lab)
    useless = {**allow("kms:Decrypt"), "Principal": ROOT}
    put = {"KeyId": arn, "PolicyName": "default", "Policy": document(useless)}
    code, message, _ = refusal(lambda: kms.put_key_policy(**put))
    assert code == "MalformedPolicyDocumentException"
    assert message == "The new key policy will not allow you to update the key policy in the future."
    assert (
        refusal(lambda: kms.put_key_policy(**{**put, "Policy": "{"}))[0] == "MalformedPolicyDocumentException"
    )
    kms.put_key_policy(**put, BypassPolicyLockoutSafetyCheck=True)
    assert refusal(lambda: kms.put_key_policy(**put))[0] == "AccessDeniedException"


def test_what_a_key_s_state_forbids(lab: Lab) -> None:
    kms, arn = key(lab)
    assert refusal(lambda: kms.cancel_key_deletion(KeyId=arn))[0] == "KMSInvalidStateException"
    kms.disable_key(KeyId=arn)
    assert refusal(lambda: kms.encrypt(KeyId=arn, Plaintext=b"x"))[0] == "DisabledException"
    kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
    assert refusal(lambda: kms.enable_key(KeyId=arn))[0] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=arn)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Disabled"


def test_a_grant_s_token_is_in_no_record(lab: Lab) -> None:
    kms, arn = key(lab)
    made = kms.create_grant(
        KeyId=arn, GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root", Operations=["Decrypt"]
    )
    record = lab.records("CreateGrant")[0]
    assert record["responseElements"] == {"grantId": made["GrantId"]}
    assert record["requestParameters"]["keyId"] == arn
    unknown = refusal(lambda: kms.revoke_grant(KeyId=arn, GrantId="f" * 64))
    assert unknown[0] == "NotFoundException"
