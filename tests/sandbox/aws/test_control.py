"""S3 Control: access points and their policies, those of several Regions, access grants."""

from typing import Any

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, Who, allow, document, refusal

ARN = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/papers-ap"
OFF = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)
AP = {"AccountId": ACCOUNT, "Name": "papers-ap"}


def control(who: Who, region: str = "us-east-1") -> Any:
    client = who.lab.session.client(
        "s3control",
        region_name=region,
        endpoint_url=who.lab.aws.endpoint,
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret,
    )

    def drop_account(request: Any, **_: object) -> None:
        request.url = request.url.replace(f"//{ACCOUNT}.", "//")

    client.meta.events.register("before-sign.s3-control", drop_account)
    return client


def to_all(arn: str = ARN) -> str:
    return document({**allow("s3:GetObject", resource=f"{arn}/object/*"), "Principal": "*"})


@pytest.fixture
def open_bucket(lab: Lab) -> Lab:
    lab.bucket("papers")
    lab.root.s3.delete_public_access_block(Bucket="papers")
    return lab


def test_an_access_point_blocks_public_policies_unless_made_otherwise(open_bucket: Lab) -> None:
    client = control(open_bucket.root)
    client.create_access_point(**AP, Bucket="papers")
    assert refusal(lambda: client.put_access_point_policy(**AP, Policy=to_all()))[0] == "AccessDenied"
    client.delete_access_point(**AP)
    client.create_access_point(**AP, Bucket="papers", PublicAccessBlockConfiguration=OFF)
    client.put_access_point_policy(**AP, Policy=to_all())
    assert client.get_access_point_policy(**AP)["Policy"] == to_all()
    assert client.get_access_point_policy_status(**AP)["PolicyStatus"]["IsPublic"] is True
    listed = client.list_access_points(AccountId=ACCOUNT, Bucket="papers")["AccessPointList"]
    assert [one["AccessPointArn"] for one in listed] == [ARN]
    assert (
        refusal(lambda: client.create_access_point(**AP, Bucket="papers"))[0]
        == "AccessPointAlreadyOwnedByYou"
    )


@pytest.mark.parametrize("policy", ["{", to_all(ARN.replace("papers-ap", "another")), "x" * 20_481])
def test_a_policy_that_is_none_of_this_access_point(open_bucket: Lab, policy: str) -> None:
    client = control(open_bucket.root)
    client.create_access_point(**AP, Bucket="papers")
    assert refusal(lambda: client.put_access_point_policy(**AP, Policy=policy))[0] == "MalformedPolicy"
    missing = refusal(lambda: client.get_access_point_policy(**AP))
    assert missing[::2] == ("NoSuchAccessPointPolicy", 404)


def test_who_may_is_decided_on_the_access_point_s_own_arn(open_bucket: Lab) -> None:
    control(open_bucket.root).create_access_point(**AP, Bucket="papers")
    ann = open_bucket.user("ann", allow("s3:GetAccessPoint", resource=ARN))
    assert control(ann).get_access_point(**AP)["Bucket"] == "papers"
    assert refusal(lambda: control(ann).get_access_point_policy(**AP))[0] == "AccessDenied"
    assert (
        refusal(lambda: control(ann).get_access_point(AccountId=ACCOUNT, Name="other-ap"))[0]
        == "AccessDenied"
    )
    other = refusal(lambda: control(open_bucket.root).get_access_point(AccountId=ACCOUNT, Name="other-ap"))
    assert other[::2] == ("NoSuchAccessPoint", 404)


def test_through_an_access_point_both_policies_must_allow(open_bucket: Lab) -> None:
    open_bucket.root.s3.put_object(Bucket="papers", Key="a", Body=b"hello")
    client, nobody = control(open_bucket.root), open_bucket.anonymous().s3
    alias = client.create_access_point(**AP, Bucket="papers", PublicAccessBlockConfiguration=OFF)["Alias"]
    by_alias = {"Bucket": alias, "Key": "a"}
    assert refusal(lambda: nobody.get_object(**by_alias))[0] == "AccessDenied"
    client.put_access_point_policy(**AP, Policy=to_all())
    assert refusal(lambda: nobody.get_object(**by_alias))[0] == "AccessDenied"
    delegates = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    statement = allow("s3:GetObject", resource="arn:aws:s3:::papers/*", Principal="*", Condition=delegates)
    open_bucket.root.s3.put_bucket_policy(Bucket="papers", Policy=document(statement))
    assert nobody.get_object(**by_alias)["Body"].read() == b"hello"
    assert refusal(lambda: nobody.get_object(Bucket="papers", Key="a"))[0] == "AccessDenied"
    record = open_bucket.records("GetObject")[-2]
    assert record["requestParameters"]["bucketName"] == "papers"
    assert record["resources"][-1] == {"accountId": ACCOUNT, "type": "AWS::S3::AccessPoint", "ARN": ARN}
    client.delete_access_point_policy(**AP)
    assert refusal(lambda: nobody.get_object(**by_alias))[0] == "AccessDenied"


def test_a_multi_region_policy_holds_after_a_while_and_a_token_counts_once(open_bucket: Lab) -> None:
    client = control(open_bucket.root, "us-west-2")
    details = {"Name": "papers-everywhere", "Regions": [{"Bucket": "papers"}], "PublicAccessBlock": OFF}
    client.create_multi_region_access_point(AccountId=ACCOUNT, ClientToken="t0", Details=details)
    name = {"AccountId": ACCOUNT, "Name": "papers-everywhere"}
    alias = client.get_multi_region_access_point(**name)["AccessPoint"]["Alias"]
    text = to_all(f"arn:aws:s3::{ACCOUNT}:accesspoint/{alias}")
    put = {
        "AccountId": ACCOUNT,
        "ClientToken": "t1",
        "Details": {"Name": "papers-everywhere", "Policy": text},
    }
    token = client.put_multi_region_access_point_policy(**put)["RequestTokenARN"]
    told = client.describe_multi_region_access_point_operation(AccountId=ACCOUNT, RequestTokenARN=token)
    assert told["AsyncOperation"]["RequestStatus"] == "INPROGRESS"
    seen = [client.get_multi_region_access_point_policy(**name)["Policy"] for _ in range(2)]
    assert seen == [{"Proposed": {"Policy": text}}, {"Established": {"Policy": text}}]
    assert client.put_multi_region_access_point_policy(**put)["RequestTokenARN"] == token
    assert "Proposed" not in client.get_multi_region_access_point_policy(**name)["Policy"]
    elsewhere = control(open_bucket.root)
    assert refusal(lambda: elsewhere.get_multi_region_access_point(**name))[0] == "InvalidRequest"


def test_no_two_grants_say_the_same_and_a_deleted_one_is_gone(open_bucket: Lab) -> None:
    client = control(open_bucket.root)
    location = client.create_access_grants_location(
        AccountId=ACCOUNT, LocationScope="s3://papers/*", IAMRoleArn=f"arn:aws:iam::{ACCOUNT}:role/reads"
    )["AccessGrantsLocationId"]
    wanted = {
        "AccountId": ACCOUNT,
        "AccessGrantsLocationId": location,
        "Grantee": {"GranteeType": "IAM", "GranteeIdentifier": f"arn:aws:iam::{ACCOUNT}:role/x"},
        "Permission": "READ",
    }
    made = client.create_access_grant(**wanted)["AccessGrantId"]
    assert refusal(lambda: client.create_access_grant(**wanted))[::2] == ("AccessGrantAlreadyExists", 409)
    nowhere = {**wanted, "AccessGrantsLocationId": "nowhere"}
    assert refusal(lambda: client.create_access_grant(**nowhere))[0] == "NoSuchAccessGrantsLocationError"
    one = {"AccountId": ACCOUNT, "AccessGrantId": made}
    ann = open_bucket.user("ann", allow("s3:DeleteAccessGrant", resource=f"{ARN}/other"))
    assert refusal(lambda: control(ann).delete_access_grant(**one))[0] == "AccessDenied"
    client.delete_access_grant(**one)
    assert refusal(lambda: client.delete_access_grant(**one))[::2] == ("NoSuchAccessGrantError", 404)
