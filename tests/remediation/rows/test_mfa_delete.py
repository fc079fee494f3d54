"""R43: the command that is printed is the one that works, and where it cannot."""

from __future__ import annotations

import shlex

import botocore.exceptions
import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import Refused
from bot.remediation.plan import Plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, plan_for
from tests.remediation.rows.cases import new_bucket


def planned(account: Account, bucket: str) -> Plan:
    return plan_for(account, "R43", {"bucket": bucket})


def test_the_command_has_the_bucket_and_places_for_serial_and_code(account: Account) -> None:
    new_bucket(account, "acme-mfa")
    (step,) = [one for one in planned(account, "acme-mfa").guide if "aws s3api" in one]
    words = shlex.split(step[step.index("aws s3api") :])
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert words[:3] == ["aws", "s3api", "put-bucket-versioning"]
    assert options == {
        "--region": REGION,
        "--bucket": "acme-mfa",
        "--expected-bucket-owner": ACCOUNT,
        "--versioning-configuration": "Status=Enabled,MFADelete=Enabled",
        "--mfa": "SERIAL CODE",
    }


def test_no_role_and_no_user_can_do_it(account: Account) -> None:
    new_bucket(account, "acme-mfa-user")
    admin = account.of("s3", account.user("mfa-admin", allow="*"))
    for more in ({}, {"MFA": "arn:aws:iam::111122223333:mfa/admin 123456"}):
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            admin.put_bucket_versioning(
                Bucket="acme-mfa-user",
                VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
                **more,
            )


def test_lifecycle_rules_stand_against_it(account: Account) -> None:
    new_bucket(account, "acme-mfa-rules")
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 9}}
    s3 = account.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket="acme-mfa-rules", LifecycleConfiguration={"Rules": [rule]})
    with pytest.raises(Refused, match="S3 allows no MFA Delete beside them"):
        planned(account, "acme-mfa-rules")
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidBucketState"):
        s3.put_bucket_versioning(
            Bucket="acme-mfa-rules",
            VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
            MFA="serial 123456",
        )


def test_without_a_root_user_other_ways_are_named() -> None:
    kind = remediation("R43")
    target = kind.target(ACCOUNT, REGION, {"bucket": "acme"})
    state = {"Bucket": "acme", "Status": "Enabled", "MfaDelete": False, "Lifecycle": False, "Root": False}
    with pytest.raises(Refused, match=r"Object Lock \(R42\), or deny .* service control policy \(R13\)"):
        kind.plan(target, state, CONTEXT)
