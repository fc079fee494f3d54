"""Each check's answers: good, bad and unknown, and what S3's settings mean together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.audits.catalogue import checks, title
from bot.audits.readings import Bucket, Unknown
from bot.audits.verdict import Check, Verdict
from bot.policy.document import parse
from bot.policy.exposure import AccessPoint

ALL_ON = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OPEN = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Everyone",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme/*",
    },
}
PUBLIC_ACL = {
    "Owner": {"ID": "o"},
    "Grants": [
        {
            "Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
            "Permission": "READ",
        }
    ],
}
BOTH = "bucket RestrictPublicBuckets and bucket IgnorePublicAcls"
DENIED = Unknown("AWS refused s3:GetBucketPolicy: Access Denied")

WELL_KEPT = Bucket(
    name="acme",
    account_id="111122223333",
    region="us-east-1",
    policy=None,
    acl={"Owner": {"ID": "o"}, "Grants": []},
    public_access_block=ALL_ON,
    account_public_access_block=None,
    ownership="BucketOwnerEnforced",
    versioning={"Status": "Enabled", "MFADelete": "Enabled"},
    logging={"TargetBucket": "logs", "TargetPrefix": ""},
    encryption={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
)


def judge(check_id: str, **settings: Any) -> Verdict:
    [check] = [one for one in checks() if one.id == check_id]
    return check.judge(replace(WELL_KEPT, **settings))


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.id)
def test_a_well_kept_bucket_is_good_everywhere(check: Check) -> None:
    assert check.judge(WELL_KEPT).status == "good"


@pytest.mark.parametrize(
    ("check_id", "setting"),
    [
        ("public-access", "policy"),
        ("public-access", "acl"),
        ("public-access", "public_access_block"),
        ("block-public-access", "public_access_block"),
        ("versioning", "versioning"),
        ("mfa-delete", "versioning"),
        ("access-logging", "logging"),
        ("encryption", "encryption"),
    ],
)
def test_what_could_not_be_read_is_unknown_and_says_why(check_id: str, setting: str) -> None:
    verdict = judge(check_id, **{setting: DENIED})
    assert verdict.status == "unknown"
    assert "Access Denied" in verdict.detail


@pytest.mark.parametrize(
    ("settings", "status", "severity"),
    [
        ({"policy": OPEN, "public_access_block": None}, "bad", "critical"),
        ({"policy": OPEN}, "bad", "high"),
        ({"policy": OPEN, "public_access_block": None, "account_public_access_block": ALL_ON}, "bad", "high"),
        (
            {"policy": OPEN, "public_access_block": None, "account_public_access_block": DENIED},
            "bad",
            "critical",
        ),
        ({"acl": PUBLIC_ACL, "public_access_block": None, "ownership": "ObjectWriter"}, "bad", "critical"),
        ({"public_access_block": None}, "good", "low"),
    ],
)
def test_public_access_judges_policy_acl_and_block_together(
    settings: dict[str, Any], status: str, severity: str
) -> None:
    verdict = judge("public-access", **settings)
    assert (verdict.status, verdict.severity) == (status, severity)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"policy": OPEN, "public_access_block": None},
            "Public: its policy lets anyone on the internet in.",
        ),
        (
            {"policy": OPEN, "acl": PUBLIC_ACL, "public_access_block": None, "ownership": "ObjectWriter"},
            "Public: its policy and its ACL let anyone on the internet in.",
        ),
        (
            {"policy": OPEN},
            "Its policy would be public; only bucket RestrictPublicBuckets holds it back.",
        ),
        (
            {"policy": OPEN, "acl": PUBLIC_ACL, "ownership": "ObjectWriter"},
            f"Its policy and its ACL would be public; only {BOTH} hold them back.",
        ),
        (
            {"acl": PUBLIC_ACL, "ownership": "ObjectWriter"},
            "Its ACL would be public; only bucket IgnorePublicAcls holds it back.",
        ),
    ],
)
def test_public_access_is_said_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    assert judge("public-access", **settings).detail == sentence


@pytest.mark.parametrize(
    ("own", "account", "status", "words"),
    [
        (None, None, "bad", "is off"),
        (None, ALL_ON, "good", "for the account"),
        (ALL_ON | {"RestrictPublicBuckets": False}, None, "bad", "RestrictPublicBuckets"),
        (ALL_ON, DENIED, "good", "for the bucket"),
        (None, DENIED, "unknown", "could not be read"),
    ],
)
def test_block_public_access_counts_bucket_and_account(
    own: Any, account: Any, status: str, words: str
) -> None:
    verdict = judge("block-public-access", public_access_block=own, account_public_access_block=account)
    assert verdict.status == status
    assert words in verdict.detail


@pytest.mark.parametrize(
    ("check_id", "settings", "words"),
    [
        ("versioning", {"versioning": {}}, "is off"),
        ("versioning", {"versioning": {"Status": "Suspended"}}, "suspended"),
        ("mfa-delete", {"versioning": {"Status": "Enabled"}}, "MFA Delete is off"),
        ("access-logging", {"logging": None}, "is off"),
        ("access-logging", {"logging": {"TargetBucket": "acme"}}, "endless loop"),
        ("encryption", {"encryption": None}, "No default encryption"),
    ],
)
def test_each_bad_setting_is_named(check_id: str, settings: dict[str, Any], words: str) -> None:
    verdict = judge(check_id, **settings)
    assert verdict.status == "bad"
    assert words in verdict.detail


def test_a_policy_nobody_can_read_is_not_called_good() -> None:
    assert judge("public-access", policy={"Statement": [{"Effect": "Perhaps"}]}).status == "unknown"


def test_ids_are_unique_and_have_titles() -> None:
    ids = [check.id for check in checks()]
    assert len(set(ids)) == len(ids) >= 6
    assert title("versioning") == "Versioning"
    assert title("a-check-of-an-older-version") == "a-check-of-an-older-version"


DELEGATING = {
    "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"],
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}},
    }
}
POINT = "arn:aws:s3:us-east-1:111122223333:accesspoint/door"
OPEN_POINT = AccessPoint(
    POINT,
    parse(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"{POINT}/object/*",
            }
        }
    ),
)


def test_an_access_point_can_be_the_open_door() -> None:
    through = {"policy": DELEGATING, "public_access_block": None, "access_points": (OPEN_POINT,)}
    found = judge("public-access", **through)
    assert (found.status, found.severity) == ("bad", "critical")
    assert found.detail == "Public: its access point door lets anyone on the internet in."
    held = judge(
        "public-access", **{**through, "access_points": (replace(OPEN_POINT, public_access_block=ALL_ON),)}
    )
    assert (held.severity, "only access point door RestrictPublicBuckets holds it back" in held.detail) == (
        "high",
        True,
    )
    assert judge("public-access", **{**through, "access_points": ()}).status == "good"


def test_the_organisation_takes_the_place_of_the_account() -> None:
    open_ = {"policy": OPEN, "public_access_block": None, "account_public_access_block": ALL_ON}
    off = dict.fromkeys(ALL_ON, False)
    assert judge("public-access", **open_, organization_public_access_block=off).severity == "critical"
    held = judge("public-access", **{**open_, "account_public_access_block": None},
                 organization_public_access_block=ALL_ON)  # fmt: skip
    assert "only organization RestrictPublicBuckets holds it back" in held.detail
    lifted = judge("block-public-access", public_access_block=None, account_public_access_block=ALL_ON,
                   organization_public_access_block=off)  # fmt: skip
    assert lifted.status == "bad"
    unread = judge("public-access", **open_, organization_public_access_block=DENIED)
    assert unread.severity == "high"


@pytest.mark.parametrize(
    ("said", "settings", "status", "words"),
    [
        (True, {"policy": OPEN, "public_access_block": None}, "bad", "Public: its policy lets"),
        (True, {"policy": None}, "bad", "calls the policy public, this program not public"),
        (False, {"policy": OPEN}, "bad", "calls the policy not public, this program public"),
        (False, {"policy": None}, "good", "Not public."),
        (DENIED, {"policy": None}, "good", "S3's own verdict could not be read: AWS refused"),
    ],
)
def test_s3s_own_verdict_stands_beside_ours_and_a_difference_is_told(
    said: Any, settings: dict[str, Any], status: str, words: str
) -> None:
    found = judge("public-access", **settings, policy_is_public=said)
    assert found.status == status
    assert words in found.detail
    assert ("look at it" in found.detail) == ("this program" in words)
