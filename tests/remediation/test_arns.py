"""ARNs: partitions, whose they are, and who is protected."""

from __future__ import annotations

import pytest

from bot.remediation.arns import account_of, bucket_arn, is_user, refuse_protected
from bot.remediation.contract import PlanContext
from bot.remediation.errors import Refused

USER = "arn:aws:iam::111122223333:user/robots/ci"


@pytest.mark.parametrize(
    ("region", "arn"),
    [
        ("eu-central-1", "arn:aws:s3:::acme"),
        ("cn-northwest-1", "arn:aws-cn:s3:::acme"),
        ("us-gov-east-1", "arn:aws-us-gov:s3:::acme"),
    ],
)
def test_the_region_decides_the_partition(region: str, arn: str) -> None:
    assert bucket_arn("acme", region) == arn


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        (USER, "111122223333"),
        ("arn:aws:s3:::acme", None),
        ("anonymous", None),
        ("cloudtrail.amazonaws.com", None),
        ("", None),
    ],
)
def test_whose_an_arn_is(arn: str, account: str | None) -> None:
    assert account_of(arn) == account


@pytest.mark.parametrize(
    ("principal", "same"),
    [
        (USER, True),
        ("arn:aws:sts::111122223333:federated-user/ci", True),
        ("arn:aws:sts::999999999999:federated-user/ci", False),
        ("arn:aws:sts::111122223333:assumed-role/app/ci", False),
        ("arn:aws:iam::111122223333:user/ci", False),
        ("arn:aws:iam::111122223333:user/robots/ci2", False),
        ("anonymous", False),
    ],
)
def test_who_is_the_user(principal: str, same: bool) -> None:
    assert is_user(principal, USER) is same


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111122223333:role/aws-service-role/macie.amazonaws.com/AWSServiceRoleForAmazonMacie",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123",
        "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole",
        "arn:aws:iam::111122223333:role/break-glass",
        "arn:aws:iam::111122223333:user/protected-by-name",
    ],
)
def test_the_protected_are_refused(arn: str) -> None:
    context = PlanContext(
        "inc-0001", keep=("arn:aws:iam::111122223333:role/break-glass",), protected=("protected-*",)
    )
    with pytest.raises(Refused, match="is protected"):
        refuse_protected(arn, context)


def test_others_are_not() -> None:
    context = PlanContext("inc-0001", keep=(USER,))
    refuse_protected("arn:aws:iam::111122223333:user/robots/ci2", context)


@pytest.mark.parametrize(
    "name", ["AWSServiceRoleForX", "AWSReservedSSO_admin", "OrganizationAccountAccessRole"]
)
def test_an_attackers_user_is_not_protected_by_the_name_it_was_given(name: str) -> None:
    """Only roles of these names are AWS's own: IAM lets anybody name a user so."""
    refuse_protected(f"arn:aws:iam::111122223333:user/{name}", PlanContext("inc-0001"))
