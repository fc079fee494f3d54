"""Sessions of EC2 instances: as CloudTrail shows them, and as IAM lets them be revoked."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.aws.account import ACCOUNT, Account, policy_text
from tests.aws.conftest import account

__all__ = ["account"]

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
INSTANCE = "i-0a1b2c3d4e5f67890"


def test_the_service_opens_the_session_and_the_instance_uses_it(account: Account) -> None:
    iam = account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="web", PolicyName="work", PolicyDocument=policy_text("s3:*"))
    bucket = account.bucket("acme-instances")
    session = account.fake.instance_credentials("web", INSTANCE)
    s3 = account.client("s3", session.access_key_id, session.secret_access_key, session.token)
    s3.list_objects_v2(Bucket=bucket)

    assumed = account.records("AssumeRole")
    opened = [one for one in assumed if one["userIdentity"].get("invokedBy") == "ec2.amazonaws.com"]
    assert opened[-1]["requestParameters"]["roleSessionName"] == INSTANCE
    assert opened[-1]["responseElements"]["credentials"]["accessKeyId"] == session.access_key_id
    used = account.records("ListObjects")[-1]["userIdentity"]
    assert used["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{INSTANCE}"
    assert used["sessionContext"]["ec2RoleDelivery"] == "2.0"
    assert used["accessKeyId"] == session.access_key_id


def test_a_role_that_is_not_there_gives_out_nothing(account: Account) -> None:
    with pytest.raises(KeyError, match="nobody"):
        account.fake.instance_credentials("nobody", INSTANCE)


def test_its_role_decides_about_it(account: Account) -> None:
    iam = account.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    iam.create_role(RoleName="idle", AssumeRolePolicyDocument=trust)
    session = account.fake.instance_credentials("idle", INSTANCE)
    s3 = account.client("s3", session.access_key_id, session.secret_access_key, session.token)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_buckets()
