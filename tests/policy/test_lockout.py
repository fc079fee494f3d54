"""Nobody who must stay is locked out, and nobody comes back unnoticed."""

from typing import Any

import pytest

from bot.policy.document import Policy, parse
from bot.policy.lockout import Kept, locked_out, who_regains

OWN, OTHER = "111122223333", "444455556666"
ROOT = f"arn:aws:iam::{OWN}:root"
BOT = f"arn:aws:iam::{OWN}:role/s3incident/IRBotRemediate"
BREAK_GLASS = f"arn:aws:iam::{OWN}:role/BreakGlass"
KEEP = (ROOT, BOT, BREAK_GLASS)


def deny(condition: dict[str, Any] | None = None, **more: Any) -> Policy:
    statement = {
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        **more,
    }
    if "NotPrincipal" not in more:
        statement = {"Principal": "*", **statement}
    if "NotAction" in more:
        del statement["Action"]
    if condition:
        statement["Condition"] = condition
    return parse({"Version": "2012-10-17", "Statement": [statement]}, "bucket policy")


def lost(after: Policy | None, before: Policy | None = None, **known: Any) -> dict[str, int]:
    found = locked_out(before, after, "b", OWN, KEEP, known or None)
    return {
        who.rpartition("/")[2]: sum(one.principal == who for one in found)
        for who in KEEP
        if any(one.principal == who for one in found)
    }


LOCKS = [
    ("nothing", None, {}),
    ("deny all", deny(), {"IRBotRemediate": 3, "BreakGlass": 3}),
    ("deny writing only", deny(Action="s3:PutBucketPolicy"), {"IRBotRemediate": 1, "BreakGlass": 1}),
    ("deny objects only", deny(Resource="arn:aws:s3:::b/*"), {}),
    ("another bucket", deny(Resource="arn:aws:s3:::b-2"), {}),
    ("all but the bot", deny({"ArnNotEquals": {"aws:PrincipalArn": [BOT]}}), {"BreakGlass": 3}),
    ("all but both", deny({"StringNotLike": {"aws:PrincipalArn": [BOT, BREAK_GLASS]}}), {}),
    ("one attacker", deny({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:user/ci"}}), {}),
    ("no TLS", deny({"Bool": {"aws:SecureTransport": "false"}}), {}),
    ("outside the account", deny({"StringNotEquals": {"aws:PrincipalAccount": OWN}}), {}),
    ("the bot's role by name", deny(Principal={"AWS": BOT}), {"IRBotRemediate": 3}),
    (
        "all but two, without their sessions",
        deny(NotPrincipal={"AWS": [OWN, BOT, BREAK_GLASS]}),
        {"IRBotRemediate": 3, "BreakGlass": 3},
    ),
    (
        "an address nobody knows",
        deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        {"IRBotRemediate": 3, "BreakGlass": 3},
    ),
]


@pytest.mark.parametrize(("after", "expected"), [case[1:] for case in LOCKS], ids=[case[0] for case in LOCKS])
def test_who_would_be_locked_out(after: Policy | None, expected: dict[str, int]) -> None:
    assert lost(after) == expected


def test_the_root_user_is_never_locked_out_of_the_policy() -> None:
    assert all(one.principal != ROOT for one in locked_out(None, deny(), "b", OWN, KEEP))


def test_a_known_key_decides() -> None:
    office = deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    assert lost(office, **{"aws:SourceIp": "203.0.113.9"}) == {}
    assert lost(office, **{"AWS:sourceip": "198.51.100.9"}) == {"IRBotRemediate": 3, "BreakGlass": 3}


def test_only_what_gets_worse_counts() -> None:
    assert lost(deny(), before=deny()) == {}
    assert lost(None, before=deny()) == {}
    assert lost(deny(), before=deny(Action="s3:GetBucketPolicy")) == {"IRBotRemediate": 2, "BreakGlass": 2}


def test_the_answer_names_principal_and_action() -> None:
    found = locked_out(None, deny(Action="s3:DeleteBucketPolicy"), "b", OWN, [BOT])
    assert found == (Kept(BOT, "s3:DeleteBucketPolicy"),)


def grants(*statements: dict[str, Any]) -> Policy:
    base = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return parse({"Version": "2012-10-17", "Statement": [{**base, **one} for one in statements]})


OPEN = {"Principal": "*"}
VENDOR = {"Principal": {"AWS": [f"arn:aws:iam::{OTHER}:role/vendor", "777788889999", OWN]}}


def test_taking_the_public_statement_out_lets_other_accounts_back_in() -> None:
    assert who_regains(grants(OPEN, VENDOR), grants(VENDOR), OWN) == (OTHER, "777788889999")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (grants(OPEN, VENDOR), grants(OPEN, VENDOR)),
        (grants(OPEN, VENDOR), None),
        (grants(VENDOR), grants(VENDOR)),
        (None, grants(VENDOR)),
        (grants(OPEN), grants({"Principal": {"AWS": OWN}})),
        (grants(OPEN, VENDOR), grants(VENDOR, {"Principal": "*", "Effect": "Deny", "Action": "*"})),
    ],
)
def test_nobody_comes_back(before: Policy | None, after: Policy | None) -> None:
    assert who_regains(before, after, OWN) == ()
