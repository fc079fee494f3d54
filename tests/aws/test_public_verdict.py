"""AWS's own word on a policy and the organisation, asked of an S3 that reads for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.audits.collect import buckets
from bot.aws.identity_policies import identity_policies
from bot.aws.organization import organization_id
from bot.aws.public_verdict import document_is_public, policy_is_public
from bot.policy.document import parse
from bot.policy.exposure import is_public
from bot.remediation.rows.block_public_access import FLAGS
from bot.sandbox.aws.meaning_of_public import is_public as s3_calls_public
from tests.aws.account import ACCOUNT, Account


@pytest.fixture
def may_ask(account: Account) -> None:
    actions = ["access-analyzer:CheckNoPublicAccess", "organizations:DescribeOrganization"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    account.client("iam").put_role_policy(
        RoleName="S3IncidentEvidence", PolicyName="ask", PolicyDocument=json.dumps(policy)
    )


def document(bucket: str, principal: Any = "*") -> dict[str, Any]:
    resource = f"arn:aws:s3:::{bucket}/*"
    statement = {"Sid": "One", "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject"}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Resource": resource}]}


def test_of_the_policy_in_force(account: Account) -> None:
    reader = account.access.reader(ACCOUNT)
    account.bucket("acme-open", document("acme-open"))
    account.bucket("acme-named", document("acme-named", {"AWS": ACCOUNT}))
    account.bucket("acme-none")
    said = [policy_is_public(reader, f"acme-{name}").value for name in ("open", "named", "none")]
    assert said == [True, False, False]
    gone = policy_is_public(reader, "acme-nowhere")
    assert gone.value is None
    assert "NoSuchBucket" in str(gone.unknown)


def test_of_a_document_that_is_planned(account: Account, may_ask: None) -> None:
    reader = account.access.reader(ACCOUNT)
    assert document_is_public(reader, document("acme")).value is True
    assert document_is_public(reader, document("acme", {"AWS": ACCOUNT})).value is False
    assert "InvalidParameterException" in str(document_is_public(reader, {"Statement": [{}]}).unknown)


def test_access_points_are_read_with_their_policies_and_networks(account: Account) -> None:
    account.bucket("acme-doors")
    account.client("s3").delete_public_access_block(Bucket="acme-doors")
    control = account.client("s3control")

    def without_account(request: Any, **_: object) -> None:
        request.url = request.url.replace(f"//{ACCOUNT}.", "//")

    control.meta.events.register("before-sign.s3-control", without_account, unique_id="prefix")
    inside = {"VpcId": "vpc-1a2b3c4d"}
    # A new access point blocks public access unless its maker says otherwise, for good.
    open_ = {"PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, False)}
    control.create_access_point(AccountId=ACCOUNT, Name="door", Bucket="acme-doors", **open_)
    control.create_access_point(AccountId=ACCOUNT, Name="inner", Bucket="acme-doors", VpcConfiguration=inside)
    policy = json.dumps(document("acme-doors")).replace(
        "arn:aws:s3:::acme-doors/*", f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/door/object/*"
    )
    control.put_access_point_policy(AccountId=ACCOUNT, Name="door", Policy=policy)
    found = {one.name: one for one in buckets(account.access.reader(ACCOUNT))}["acme-doors"]
    assert isinstance(found.access_points, tuple)
    points = {one.name: one for one in found.access_points}
    assert (points["door"].public, points["door"].vpc) == (True, None)
    assert (points["inner"].policy, points["inner"].vpc) == (None, "vpc-1a2b3c4d")


def test_an_account_that_is_in_no_organisation(account: Account, may_ask: None) -> None:
    found = organization_id(account.access.reader(ACCOUNT))
    assert found.value is None
    assert "AWSOrganizationsNotInUseException" in str(found.unknown)


def test_all_policies_of_a_user_with_its_groups(account: Account) -> None:
    iam = account.client("iam")
    account.user("grouped", path="/team/", allow="s3:GetObject")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="grouped")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")
    found = identity_policies(account.access.reader(ACCOUNT), f"arn:aws:iam::{ACCOUNT}:user/grouped").value
    assert found is not None
    assert (found.arn, found.bounded) == (f"arn:aws:iam::{ACCOUNT}:user/team/grouped", False)
    statements = [parse(one).statements[0] for one in found.documents]
    assert [(one.effect, one.actions) for one in statements] == [
        ("Allow", ("s3:GetObject",)),
        ("Deny", ("*",)),
    ]
    assert (
        identity_policies(account.access.reader(ACCOUNT), f"arn:aws:iam::{ACCOUNT}:role/none").value is None
    )


def test_both_readings_agree_with_the_labelled_policies(real_data: Path) -> None:
    labelled = (real_data / "policies" / "labelled.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in labelled]
    agreed = [row for row in rows if row["agrees"]]
    assert len(agreed) > 20
    for row in agreed:
        assert s3_calls_public(row["policy"]) == row["label_public"], row["case"]
        assert is_public(parse(row["policy"])) == row["label_public"], row["case"]


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, True),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}, False),
        (
            {"StringEquals": {"s3:DataAccessPointArn": "arn:aws:s3:us-east-1:123456789012:accesspoint/*"}},
            False,
        ),
        ({"StringEquals": {"aws:UserAgent": "me"}}, True),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, True),
    ],
)
def test_the_sandboxs_reading_of_the_page(condition: dict[str, Any], public: bool) -> None:
    body = document("acme")
    statement = {**body["Statement"][0], "Condition": condition}
    assert s3_calls_public({**body, "Statement": statement}) is public
