"""Who a principal in a policy is: every form, exact and by role, and whom NotPrincipal leaves out."""

import pytest

from bot.policy.document import Principal, PrincipalKind
from bot.policy.principals import Grant, caller, excluded, grant
from bot.policy.truth import Truth

ACCOUNT = "111122223333"
USER = f"arn:aws:iam::{ACCOUNT}:user/team/david"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service-role/etl"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/etl/nightly"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/david"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TRAIL = "cloudtrail.amazonaws.com"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"


@pytest.mark.parametrize(
    ("kind", "value", "who", "expected"),
    [
        ("AWS", "*", "anonymous", Grant.DIRECT),
        ("AWS", "*", TRAIL, Grant.DIRECT),
        ("AWS", ROOT, USER, Grant.ACCOUNT),
        ("AWS", ACCOUNT, SESSION, Grant.ACCOUNT),
        ("AWS", ACCOUNT, ROOT, Grant.DIRECT),
        ("AWS", ROOT, ACCOUNT, Grant.DIRECT),
        ("AWS", "999999999999", USER, Grant.NONE),
        ("AWS", ACCOUNT, "anonymous", Grant.NONE),
        ("AWS", ACCOUNT, TRAIL, Grant.NONE),
        ("AWS", USER, USER, Grant.DIRECT),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:user/david", USER, Grant.NONE),
        ("AWS", USER.upper(), USER, Grant.NONE),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:user/*", USER, Grant.NONE),
        ("AWS", ROLE, SESSION, Grant.ROLE),
        ("AWS", ROLE, ROLE, Grant.ROLE),
        ("AWS", "arn:aws:iam::999999999999:role/etl", SESSION, Grant.NONE),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:role/etl-2", SESSION, Grant.NONE),
        ("AWS", SESSION, SESSION, Grant.DIRECT),
        ("AWS", SESSION, f"{SESSION}-2", Grant.NONE),
        ("AWS", SESSION, ROLE, Grant.NONE),
        ("AWS", FEDERATED, FEDERATED, Grant.DIRECT),
        ("AWS", USER, FEDERATED, Grant.NONE),
        ("Service", TRAIL, TRAIL, Grant.DIRECT),
        ("Service", TRAIL, "config.amazonaws.com", Grant.NONE),
        ("Service", TRAIL, USER, Grant.NONE),
        ("Federated", "accounts.google.com", "accounts.google.com", Grant.DIRECT),
        ("CanonicalUser", CANONICAL, CANONICAL, Grant.DIRECT),
        ("CanonicalUser", CANONICAL, "anonymous", Grant.NONE),
    ],
)
def test_how_closely_a_principal_names_the_caller(
    kind: PrincipalKind, value: str, who: str, expected: Grant
) -> None:
    found, truth = grant([Principal(kind, value)], caller(who))
    assert found == expected
    assert truth == Truth.of(expected > Grant.NONE)


def test_a_canonical_user_may_be_the_callers_account() -> None:
    assert grant([Principal("CanonicalUser", CANONICAL)], caller(USER)) == (Grant.ACCOUNT, Truth.MAYBE)
    both = [Principal("CanonicalUser", CANONICAL), Principal("AWS", USER)]
    assert grant(both, caller(USER)) == (Grant.DIRECT, Truth.YES)


def test_unique_ids_name_whoever_has_them() -> None:
    user_id, role_id = "AIDAIOSFODNN7EXAMPLE", "AROAI44QH8DHBEXAMPLE"
    assert grant([Principal("AWS", user_id)], caller(USER, user_id))[0] == Grant.DIRECT
    assert grant([Principal("AWS", role_id)], caller(SESSION, f"{role_id}:nightly"))[0] == Grant.ROLE
    assert grant([Principal("AWS", user_id)], caller(USER))[0] == Grant.NONE


def test_the_closest_of_several_principals_counts() -> None:
    named = [Principal("AWS", ACCOUNT), Principal("AWS", ROLE), Principal("AWS", SESSION)]
    assert grant(named, caller(SESSION))[0] == Grant.DIRECT
    assert grant(named[:2], caller(SESSION))[0] == Grant.ROLE


@pytest.mark.parametrize(
    ("listed", "who", "expected"),
    [
        ([ACCOUNT, USER], USER, True),
        ([USER], USER, False),
        ([ACCOUNT], USER, False),
        ([ROOT], ROOT, True),
        ([ROOT, ROLE, SESSION], SESSION, True),
        ([ROOT, ROLE], SESSION, False),
        ([ROOT, SESSION], SESSION, False),
        ([ROOT, ROLE], ROLE, True),
        ([TRAIL], TRAIL, True),
        ([ROOT], "anonymous", False),
        (["anonymous"], "anonymous", False),
        (["*"], USER, True),
    ],
)
def test_not_principal_leaves_out_only_who_is_listed_at_every_step(
    listed: list[str], who: str, expected: bool
) -> None:
    assert excluded([Principal("AWS", value) for value in listed], caller(who)) is expected


def test_what_follows_from_a_caller() -> None:
    assert caller(SESSION).principal_arn == f"arn:aws:iam::{ACCOUNT}:role/etl"
    assert caller(USER).principal_arn == USER
    assert caller("arn:aws-us-gov:sts::111122223333:assumed-role/a/b").principal_arn == (
        "arn:aws-us-gov:iam::111122223333:role/a"
    )
    assert caller(TRAIL).principal_arn is None
    assert caller(USER).name == "david"
    assert caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForConfig/x").is_service_linked
    assert not caller(f"arn:aws:iam::{ACCOUNT}:user/AWSServiceRoleForConfig").is_service_linked
