"""S3's own verdict and the effective one, on the cases that published evaluators get wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.policy.document import parse
from bot.policy.exposure import AccessPoint, Exposure, exposure, is_public

OWN, OTHER = "111122223333", "444455556666"
OWNER_ID = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
STAR = {"Principal": "*"}
ALL_ON = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


def when(**conditions: Any) -> dict[str, Any]:
    """A grant to everyone under conditions, given as operator={key: value}."""
    return {
        "Principal": "*",
        "Condition": {name.replace("__", ":"): keys for name, keys in conditions.items()},
    }


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    base = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return {"Version": "2012-10-17", "Statement": [{**base, **one} for one in statements]}


def exposed(*statements: Mapping[str, Any], **settings: Any) -> Exposure:
    policy = parse(document(*statements)) if statements else None
    given = {"acl": None, "bucket_pab": None, "account_pab": None, "ownership": None, **settings}
    return exposure(policy, account_id=OWN, **given)


def test_labelled_policies(real_data: Path) -> None:
    rows = [json.loads(line) for line in (real_data / "policies" / "labelled.jsonl").read_text().splitlines()]
    agreed = [row for row in rows if row["agrees"]]
    assert len(agreed) >= 30
    assert [row["case"] for row in agreed if is_public(parse(row["policy"])) != row["label_public"]] == []


HARD_CASES = [
    ("vpc wildcard", when(StringLike={"aws:SourceVpc": "vpc-*"}), True),
    ("fixed vpc by StringLike", when(StringLike={"aws:SourceVpc": "vpc-1"}), False),
    ("the internet", when(IpAddress={"aws:SourceIp": "0.0.0.0/0"}), True),
    ("half the internet", when(IpAddress={"aws:SourceIp": "0.0.0.0/1"}), True),
    ("a /7", when(IpAddress={"aws:SourceIp": "54.0.0.0/7"}), True),
    ("a /8", when(IpAddress={"aws:SourceIp": "54.0.0.0/8"}), False),
    ("a list with one /1", when(IpAddress={"aws:SourceIp": ["203.0.113.0/24", "128.0.0.0/1"]}), True),
    ("one public address", when(IpAddress={"aws:SourceIp": "198.51.100.7"}), False),
    ("an IPv6 /31", when(IpAddress={"aws:SourceIp": "2600::/31"}), True),
    ("an IPv6 /32", when(IpAddress={"aws:SourceIp": "2600::/32"}), False),
    ("not an address", when(IpAddress={"aws:SourceIp": "everywhere"}), True),
    ("NotIpAddress", when(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"}), True),
    ("an address as a string", when(StringLike={"aws:SourceIp": "203.0.113.7"}), True),
    ("any organisation", when(StringLike={"aws:PrincipalOrgID": "o-*"}), True),
    ("one organisation", when(StringEquals={"aws:PrincipalOrgID": "o-1"}), False),
    ("all but one organisation", when(StringNotEquals={"aws:PrincipalOrgID": "o-1"}), True),
    ("an OU, any value", when(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}), False),
    ("an OU, all values", when(ForAllValues__StringEquals={"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}), False),
    ("an OU without a set operator", when(StringEquals={"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/"}), True),
    ("ForAllValues on a single value", when(ForAllValues__StringEquals={"aws:SourceVpce": "vpce-1"}), True),
    ("a role id with any session", when(StringLike={"aws:userid": "AROAEXAMPLEID:*"}), True),
    ("a fixed user id", when(StringEquals={"aws:userid": "AIDAEXAMPLEID"}), False),
    ("aws:username", when(StringEquals={"aws:username": "admin"}), True),
    ("aws:CalledVia", when(ForAnyValue__StringEquals={"aws:CalledVia": "athena.amazonaws.com"}), True),
    ("TLS only", when(Bool={"aws:SecureTransport": "true"}), True),
    (
        "a KMS key, no longer on the list",
        when(StringEquals={"s3:x-amz-server-side-encryption-aws-kms-key-id": "k"}),
        True,
    ),
    ("a policy variable", when(StringEquals={"aws:SourceVpce": "${aws:PrincipalTag/vpce}"}), True),
    ("IfExists", when(StringEqualsIfExists={"aws:SourceVpce": "vpce-1"}), True),
    ("fixed vpce", when(StringEquals={"aws:SourceVpce": "vpce-1"}), False),
    ("one value of two not fixed", when(StringLike={"aws:SourceVpce": ["vpce-1", "vpce-*"]}), True),
    (
        "access points of one account",
        when(ArnLike={"s3:DataAccessPointArn": f"arn:aws:s3:us-west-2:{OWN}:accesspoint/*"}),
        False,
    ),
    (
        "access points of any account",
        when(ArnLike={"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/*"}),
        True,
    ),
    ("access point account", when(StringEquals={"s3:DataAccessPointAccount": OWN}), False),
    (
        "two conditions, one fixed",
        when(StringLike={"aws:SourceVpc": "vpc-*"}, StringEquals={"aws:SourceAccount": OTHER}),
        False,
    ),
    ("fixed role pattern", when(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}), True),
    ("key names in another case", when(StringEquals={"AWS:SOURCEVPCE": "vpce-1"}), False),
    ("NotPrincipal", {"NotPrincipal": {"AWS": OTHER}}, True),
    (
        "NotPrincipal, limited",
        {"NotPrincipal": {"AWS": OTHER}, "Condition": {"StringEquals": {"aws:SourceVpce": "v"}}},
        False,
    ),
    ("an account", {"Principal": {"AWS": OTHER}}, False),
    ("a service", {"Principal": {"Service": "cloudtrail.amazonaws.com"}}, False),
    ("a canonical user", {"Principal": {"CanonicalUser": OWNER_ID}}, False),
    ("an identity provider", {"Principal": {"Federated": "graph.facebook.com"}}, True),
    ("everyone among others", {"Principal": {"AWS": [OTHER, "*"]}}, True),
    ("a wildcard in a principal", {"Principal": {"AWS": "arn:aws:iam::*:role/x"}}, True),
    ("no principal", {}, True),
    ("a Deny", {"Principal": "*", "Effect": "Deny"}, False),
]


@pytest.mark.parametrize(
    ("statement", "public"), [case[1:] for case in HARD_CASES], ids=[case[0] for case in HARD_CASES]
)
def test_hard_cases_of_the_meaning_of_public(statement: dict[str, Any], public: bool) -> None:
    found = exposed(statement)
    assert found.policy_public is public
    assert found.statements[0].public is public
    assert found.statements[0].why


def test_one_public_statement_makes_the_policy_public() -> None:
    found = exposed({"Principal": {"AWS": OTHER}}, STAR)
    assert found.policy_public
    assert [one.public for one in found.statements] == [False, True]


def test_a_statement_as_an_object() -> None:
    assert is_public(
        parse({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}})
    )


EFFECTIVE = [
    (STAR, "anyone"),
    ({"NotPrincipal": {"AWS": OTHER}}, "anyone"),
    (when(StringLike={"aws:PrincipalOrgID": "o-*"}), "any_aws_account"),
    (when(StringEquals={"aws:username": "admin"}), "any_aws_account"),
    (when(Null={"aws:PrincipalArn": "false"}), "any_aws_account"),
    (when(Null={"aws:PrincipalArn": "true"}), "anyone"),
    (when(StringLike={"aws:userid": "AROAEXAMPLEID:*"}), "anyone"),
    (when(StringEquals={"aws:PrincipalType": "Anonymous"}), "anyone"),
    (when(ForAllValues__StringEquals={"aws:PrincipalOrgPaths": "o-1/r-1/"}), "anyone"),
    (when(StringEqualsIfExists={"aws:PrincipalOrgID": "o-1"}), "anyone"),
    ({"Principal": {"AWS": "arn:aws:iam::*:role/x"}}, "any_aws_account"),
    ({"Principal": {"AWS": [OTHER, f"arn:aws:iam::{OWN}:root"]}}, "accounts"),
    (when(ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{OTHER}:role/*"}), "accounts"),
    (when(StringEquals={"aws:PrincipalAccount": OTHER}), "accounts"),
    (when(StringEquals={"aws:PrincipalOrgID": "o-1"}), "organization"),
    ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/vendor"}}, "principals"),
    ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, "principals"),
    (when(IpAddress={"aws:SourceIp": "203.0.113.0/24"}), "principals"),
    ({"Principal": {"AWS": OWN}}, "nobody_else"),
    ({"Principal": {"AWS": f"arn:aws:iam::{OWN}:role/etl"}}, "nobody_else"),
    ({"Principal": {"AWS": "AROAI44QH8DHBEXAMPLE"}}, "nobody_else"),
    (when(StringEquals={"aws:PrincipalAccount": OWN}), "nobody_else"),
    ({"Principal": "*", "Effect": "Deny"}, "nobody_else"),
]


@pytest.mark.parametrize(("statement", "level"), EFFECTIVE)
def test_effective_reach(statement: dict[str, Any], level: str) -> None:
    found = exposed(statement)
    assert found.effective == level
    assert bool(found.reach) is (level != "nobody_else")


def deny(**more: Any) -> dict[str, Any]:
    return {
        **when(**more.pop("when", {})),
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::b*",
        **more,
    }


DENIED = [
    (deny(when={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), "organization"),
    (deny(when={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}), "organization"),
    (deny(when={"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"}}), "nobody_else"),
    (deny(when={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "principals"),
    (deny(when={"Null": {"aws:PrincipalArn": "true"}}), "any_aws_account"),
    (deny(NotPrincipal={"AWS": OTHER}, Principal=None), "accounts"),
    (deny(), "nobody_else"),
    # Denials that leave the stranger in.
    (deny(when={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, Action="s3:Put*"), "anyone"),
    (
        deny(when={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, Resource="arn:aws:s3:::b/secret/*"),
        "anyone",
    ),
    (deny(when={"ForAnyValue__StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}), "anyone"),
    (deny(when={"Bool": {"aws:SecureTransport": "false"}}), "anyone"),
    (deny(when={"StringEquals": {"aws:PrincipalOrgID": "o-2"}}), "anyone"),
    (deny(Principal={"AWS": OTHER}), "anyone"),
    (
        deny(
            when={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }
        ),
        "organization",
    ),
    (
        deny(
            when={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "Bool": {"aws:PrincipalIsAWSService": "false"},
            }
        ),
        "anyone",  # an anonymous request has no aws:PrincipalIsAWSService, so that the Deny spares it
    ),
    (
        deny(
            when={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                "BoolIfExists": {"aws:ViaAWSService": "false"},
            }
        ),
        "any_aws_account",
    ),
]


@pytest.mark.parametrize(("denial", "level"), DENIED)
def test_explicit_denials_count_for_the_reach_but_not_for_s3s_verdict(
    denial: dict[str, Any], level: str
) -> None:
    found = exposed(STAR, {key: value for key, value in denial.items() if value is not None})
    assert found.policy_public
    assert found.public
    assert found.effective == level


def test_restrict_public_buckets_leaves_only_the_owner_and_services() -> None:
    grants = (STAR, {"Principal": {"AWS": OTHER}}, {"Principal": {"Service": "cloudtrail.amazonaws.com"}})
    found = exposed(*grants, bucket_pab=ALL_ON, account_pab={"RestrictPublicBuckets": True})
    assert (found.policy_public, found.public) == (True, False)
    assert found.reach == ("cloudtrail.amazonaws.com",)
    assert found.held_back_by == ("bucket RestrictPublicBuckets", "account RestrictPublicBuckets")
    assert found.cross_account == (OTHER,)


def test_restrict_public_buckets_does_nothing_to_a_policy_that_is_not_public() -> None:
    found = exposed({"Principal": {"AWS": OTHER}}, bucket_pab=ALL_ON)
    assert (found.effective, found.held_back_by, found.cross_account) == ("accounts", (), (OTHER,))


def test_block_public_policy_alone_holds_nothing_back() -> None:
    assert exposed(STAR, bucket_pab={"BlockPublicPolicy": True, "BlockPublicAcls": True}).public


def acl(*grantees: Mapping[str, str]) -> dict[str, Any]:
    owner = {"Grantee": {"Type": "CanonicalUser", "ID": OWNER_ID}, "Permission": "FULL_CONTROL"}
    return {
        "Owner": {"ID": OWNER_ID},
        "Grants": [owner, *({"Grantee": g, "Permission": "READ"} for g in grantees)],
    }


def group(name: str) -> dict[str, str]:
    return {"Type": "Group", "URI": f"http://acs.amazonaws.com/groups/{name}"}


@pytest.mark.parametrize(
    ("grantee", "public", "level"),
    [
        (group("global/AllUsers"), True, "anyone"),
        (group("global/AuthenticatedUsers"), True, "any_aws_account"),
        (group("s3/LogDelivery"), False, "principals"),
        ({"Type": "CanonicalUser", "ID": "f" * 64}, False, "accounts"),
        ({"Type": "CanonicalUser", "ID": OWNER_ID}, False, "nobody_else"),
    ],
)
def test_acl_grants(grantee: dict[str, str], public: bool, level: str) -> None:
    found = exposed(acl=acl(grantee))
    assert (found.acl_public, found.public, found.effective) == (public, public, level)
    assert not found.policy_public


@pytest.mark.parametrize(
    ("settings", "holder"),
    [
        ({"bucket_pab": {"IgnorePublicAcls": True}}, "bucket IgnorePublicAcls"),
        ({"account_pab": {"IgnorePublicAcls": True}}, "account IgnorePublicAcls"),
        ({"ownership": "BucketOwnerEnforced"}, "bucket BucketOwnerEnforced"),
    ],
)
def test_what_holds_a_public_acl_back(settings: dict[str, Any], holder: str) -> None:
    found = exposed(acl=acl(group("global/AllUsers")), **settings)
    assert (found.acl_public, found.public, found.effective) == (True, False, "nobody_else")
    assert found.held_back_by == (holder,)


def test_acl_and_policy_are_held_back_apart() -> None:
    found = exposed(STAR, acl=acl(group("global/AllUsers")), bucket_pab={"RestrictPublicBuckets": True})
    assert (found.public, found.effective) == (True, "anyone")
    assert found.held_back_by == ("bucket RestrictPublicBuckets",)


def test_nothing_at_all() -> None:
    assert exposed() == Exposure(False, False, False, "nobody_else", (), (), (), ())


def test_each_action_is_judged_alone() -> None:
    found = exposed({**STAR, "Action": ["s3:GetObject", "s3:PutObject"]}, deny(Action="s3:Put*", Sid="D"))
    assert found.statements[0].actions == ("s3:GetObject",)
    assert found.statements[1].actions == ()
    (way,) = found.ways
    assert (way.kind, way.name, way.reach.level, way.actions) == (
        "statement",
        "#0",
        "anyone",
        ("s3:GetObject",),
    )


def test_a_denial_that_leaves_an_action_to_some() -> None:
    org = deny(Action="s3:PutObject", when={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})
    found = exposed({**STAR, "Action": ["s3:GetObject", "s3:PutObject"]}, org)
    assert found.statements[0].actions == ("s3:GetObject", "s3:PutObject")
    assert found.statements[0].grants_to == ("anyone, without an AWS account", "organization o-1")


def test_actions_that_are_named_by_exception() -> None:
    policy = document({"Principal": "*", "NotAction": "s3:Delete*", "Action": None})
    body = {key: value for key, value in policy["Statement"][0].items() if value is not None}
    found = exposure(parse({"Statement": body}), None, None, None, None, account_id=OWN)
    assert found.statements[0].actions == ("everything but s3:Delete*",)


def test_ways_through_grants_of_an_acl() -> None:
    found = exposed(acl=acl(group("global/AllUsers")))
    assert [(way.kind, way.name, way.actions) for way in found.ways] == [
        ("grant", "READ", ("s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"))
    ]
    full = acl(group("global/AllUsers"))
    full["Grants"][1]["Permission"] = "FULL_CONTROL"
    assert "s3:PutBucketAcl" in exposed(acl=full).ways[0].actions


@pytest.mark.parametrize(
    ("key", "unrecognised"),
    [
        ("aws:SoureVpc", ("aws:SoureVpc",)),
        ("graph.facebook.com:app_id", ("graph.facebook.com:app_id",)),
        ("aws:SecureTransport", ()),
        ("S3:PREFIX", ()),
        ("aws:PrincipalTag/team", ()),
        ("s3:ExistingObjectTag/public", ()),
    ],
)
def test_unrecognised_condition_keys(key: str, unrecognised: tuple[str, ...]) -> None:
    found = exposed(when(StringEquals={key: "x"}))
    assert found.policy_public
    assert found.unrecognised == found.statements[0].unrecognised == unrecognised
    assert ("unrecognised" in found.statements[0].why) is bool(unrecognised)


def test_the_organization_overrides_the_account() -> None:
    off = dict.fromkeys(ALL_ON, False)
    assert exposed(STAR, organization_pab=ALL_ON).held_back_by == ("organization RestrictPublicBuckets",)
    assert not exposed(STAR, account_pab=off, organization_pab=ALL_ON).public
    assert exposed(STAR, account_pab=ALL_ON, organization_pab=off).public
    assert not exposed(STAR, bucket_pab=ALL_ON, organization_pab=off).public
    assert exposed(acl=acl(group("global/AllUsers")), organization_pab=ALL_ON).held_back_by == (
        "organization IgnorePublicAcls",
    )


AP = f"arn:aws:s3:us-east-1:{OWN}:accesspoint/door"
DELEGATES = when(StringEquals={"s3:DataAccessPointAccount": OWN})


def door(*statements: Mapping[str, Any], **settings: Any) -> AccessPoint:
    """An access point with a policy of these statements."""
    base = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{AP}/object/*"}
    body = {"Version": "2012-10-17", "Statement": [{**base, **one} for one in statements]}
    return AccessPoint(AP, parse(body) if statements else None, **settings)


def test_what_is_delegated_to_access_points_is_as_open_as_they_are() -> None:
    assert exposed(DELEGATES).reach == (f"whoever access points allow: {OWN}",)
    assert exposed(DELEGATES, access_points=()).effective == "nobody_else"
    assert exposed(DELEGATES, access_points=[door()]).effective == "nobody_else"
    found = exposed(DELEGATES, access_points=[door(STAR)])
    assert (found.policy_public, found.public, found.effective) == (False, True, "anyone")
    assert [(way.kind, way.name, way.actions) for way in found.ways] == [
        ("access point", "door", ("s3:GetObject",))
    ]


def test_access_points_of_another_account_stay_unknown() -> None:
    foreign = when(StringEquals={"s3:DataAccessPointAccount": OTHER})
    assert exposed(foreign, access_points=()).reach == (f"whoever access points allow: {OTHER}",)


def test_both_policies_must_let_in() -> None:
    vendor = {"Principal": {"AWS": OTHER}}
    found = exposed(DELEGATES, access_points=[door(vendor)])
    assert (found.effective, found.cross_account) == ("accounts", (OTHER,))
    assert exposed(vendor, access_points=[door(STAR)]).access_points[0].reach.level == "accounts"
    assert exposed(access_points=[door(STAR)]).effective == "nobody_else"


def test_denials_on_access_points() -> None:
    only_this = deny(when={"StringNotEquals": {"s3:DataAccessPointAccount": OWN}})
    assert exposed(STAR, only_this, access_points=()).effective == "nobody_else"
    assert exposed(STAR, only_this, access_points=[door(STAR)]).effective == "anyone"
    not_this = deny(when={"StringEquals": {"s3:AccessPointNetworkOrigin": "Internet"}})
    through = exposed(DELEGATES, not_this, access_points=[door(STAR)])
    assert through.access_points[0].reach.level == "nobody_else"
    assert exposed(DELEGATES, deny(), access_points=[door(STAR)]).effective == "nobody_else"


def test_a_vpc_access_point_is_never_public() -> None:
    found = exposed(DELEGATES, access_points=[door(STAR, vpc="vpc-1")])
    assert not found.access_points[0].public
    assert (found.public, found.effective, found.reach) == (False, "principals", ("anyone from vpc-1",))


def test_a_set_of_access_points_is_public_in_an_access_points_policy_only() -> None:
    some = when(ArnLike={"s3:DataAccessPointArn": f"arn:aws:s3:us-east-1:{OWN}:accesspoint/*"})
    assert exposed(some, access_points=[door(some)]).access_points[0].public
    assert not exposed(some).policy_public
    one = when(ArnLike={"s3:DataAccessPointArn": AP})
    assert not exposed(one, access_points=[door(one)]).access_points[0].public


@pytest.mark.parametrize(
    ("settings", "own", "holder"),
    [
        ({}, {"RestrictPublicBuckets": True}, "access point door RestrictPublicBuckets"),
        ({"bucket_pab": ALL_ON}, None, "bucket RestrictPublicBuckets"),
        ({"account_pab": ALL_ON}, None, "account RestrictPublicBuckets"),
        ({"organization_pab": ALL_ON}, None, "organization RestrictPublicBuckets"),
    ],
)
def test_what_holds_an_access_point_back(settings: dict[str, Any], own: Any, holder: str) -> None:
    found = exposed(DELEGATES, access_points=[door(STAR, public_access_block=own)], **settings)
    assert (found.public, found.effective, found.held_back_by) == (False, "nobody_else", (holder,))
    assert found.access_points[0].public


def test_as_json_keeps_the_two_verdicts_apart() -> None:
    found = exposed(STAR, {"Principal": {"AWS": OTHER}, "Sid": "Vendor"}, bucket_pab=ALL_ON)
    written = json.loads(json.dumps(found.as_json()))
    assert written["public"] is True
    assert written["effective"] == {
        "public": False,
        "level": "nobody_else",
        "who": [],
        "actions": [],
        "through": [],
        "held_back_by": ["bucket RestrictPublicBuckets"],
    }
    assert written["cross_account"] == [OTHER]
    assert [one["sid"] for one in written["statements"]] == [None, "Vendor"]
