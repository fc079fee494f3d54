"""Nobody who must stay is locked out, and nobody comes back unnoticed."""

from typing import Any

import pytest

from bot.policy.denials import deny_network, deny_outside_network, deny_outside_organization, deny_without_tls
from bot.policy.document import Policy, parse
from bot.policy.lockout import Kept, Stopped, locked_out, stopped, who_regains

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
    found = locked_out(None, deny(Action="s3:DeleteBucketPolicy", Sid="Shut"), "b", OWN, [BOT])
    assert found == (Kept(BOT, "s3:DeleteBucketPolicy"),)
    assert found[0].statements == ("Shut",)


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


TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/main"
LOGS = f"arn:aws:s3:::b/trail/AWSLogs/{OWN}/*"
REPLICATOR = f"arn:aws:iam::{OTHER}:role/service-role/replicator"


def service(name: str, action: Any, resource: Any, **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": name},
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    }


CLOUDTRAIL = [
    service(
        "cloudtrail.amazonaws.com", "s3:GetBucketAcl", "arn:aws:s3:::b", StringEquals={"aws:SourceArn": TRAIL}
    ),
    service(
        "cloudtrail.amazonaws.com",
        "s3:PutObject",
        LOGS,
        StringEquals={"aws:SourceArn": TRAIL, "s3:x-amz-acl": "bucket-owner-full-control"},
    ),
]
CONFIG = [
    service("config.amazonaws.com", ["s3:GetBucketAcl", "s3:ListBucket"], "arn:aws:s3:::b"),
    service("config.amazonaws.com", "s3:PutObject", f"arn:aws:s3:::b/AWSLogs/{OWN}/Config/*"),
]
DELIVERY = [service("delivery.logs.amazonaws.com", ["s3:PutObject", "s3:GetBucketAcl"], ["arn:aws:s3:::b*"])]
ACCESS_LOGS = [service("logging.s3.amazonaws.com", "s3:PutObject", "arn:aws:s3:::b/access/*")]
REPLICAS = [
    {
        "Effect": "Allow",
        "Principal": {"AWS": REPLICATOR},
        "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
        "Resource": "arn:aws:s3:::b/*",
    }
]
ALL = [*CLOUDTRAIL, *CONFIG, *DELIVERY, *ACCESS_LOGS, *REPLICAS]
EVERY_WRITER = {
    "CloudTrail",
    "AWS Config",
    "S3 server access logging",
    "log delivery (VPC flow logs and others)",
    "replication",
}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def shut(**more: Any) -> dict[str, Any]:
    return {"Sid": "Shut", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **more}


def writers(after: dict[str, Any] | None, **known: str) -> set[str]:
    new = parse(after) if after else None
    return {one.writer for one in stopped(parse(document(*ALL)), new, "b", OWN, known=known)}


STOPS = [
    ("nothing changed", document(*ALL), set()),
    ("deny all", document(*ALL, shut()), EVERY_WRITER),
    ("no policy any more", None, EVERY_WRITER),
    ("a statement lost", document(*ALL[1:]), {"CloudTrail"}),
    ("deny reading", document(*ALL, shut(Action="s3:GetObject")), set()),
    (
        "deny one prefix",
        document(*ALL, shut(Resource=f"arn:aws:s3:::b/trail/AWSLogs/{OWN}/CloudTrail/*")),
        {"CloudTrail"},
    ),
    (
        "deny a key of its own",
        document(*ALL, shut(Resource="arn:aws:s3:::b/access/*")),
        {"S3 server access logging"},
    ),
    (
        "outside the account, services forgotten",
        document(*ALL, shut(Condition={"StringNotEquals": {"aws:PrincipalAccount": [OWN, OTHER]}})),
        EVERY_WRITER - {"replication"},
    ),
    (
        "addresses that nobody knows",
        document(*ALL, shut(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        EVERY_WRITER,
    ),
    (
        "another service's encryption",
        document(*ALL, shut(Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}})),
        EVERY_WRITER,
    ),
    (
        "all but one service",
        document(
            *ALL, shut(Condition={"StringNotEquals": {"aws:PrincipalServiceName": "config.amazonaws.com"}})
        ),
        EVERY_WRITER - {"AWS Config"},
    ),
]


@pytest.mark.parametrize(("after", "expected"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS])
def test_which_services_would_be_stopped(after: dict[str, Any] | None, expected: set[str]) -> None:
    assert writers(after) == expected


def test_the_denials_made_here_spare_the_services() -> None:
    before = document(*ALL)
    for change in (
        deny_outside_organization(before, "b", "Org", "o-1", [OTHER]),
        deny_outside_network(before, "b", "Net", ["203.0.113.0/24"]),
        deny_without_tls(before, "b", "Tls"),
    ):
        assert change.document
        assert writers(dict(change.document)) - {"replication"} == set()
    inside = deny_outside_organization(before, "b", "Org", "o-1")
    assert inside.document
    assert writers(dict(inside.document)) == {"replication"}
    assert writers(dict(inside.document), **{"aws:PrincipalOrgID": "o-1"}) == set()


def test_a_network_denied_might_be_where_a_service_comes_from() -> None:
    change = deny_network(document(*ALL), "b", "Net", ["198.51.100.7"])
    assert change.document
    assert "CloudTrail" in writers(dict(change.document))
    assert writers(dict(change.document), **{"aws:SourceIp": "203.0.113.9"}) == set()


def test_what_would_stop_a_service_is_named() -> None:
    found = stopped(parse(document(*CLOUDTRAIL)), parse(document(*CLOUDTRAIL, shut())), "b", OWN)
    assert found == (
        Stopped("CloudTrail", "cloudtrail.amazonaws.com", "s3:GetBucketAcl", "arn:aws:s3:::b", ("Shut",)),
        Stopped(
            "CloudTrail",
            "cloudtrail.amazonaws.com",
            "s3:PutObject",
            f"arn:aws:s3:::b/trail/AWSLogs/{OWN}/CloudTrail/us-east-1/2026/01/01/log.json.gz",
            ("Shut",),
        ),
    )
    lost = stopped(parse(document(*CLOUDTRAIL)), parse(document(CLOUDTRAIL[0])), "b", OWN)
    assert [(one.action, one.statements) for one in lost] == [("s3:PutObject", ())]


def test_a_service_that_never_could_write_loses_nothing() -> None:
    assert (
        stopped(parse(document(*CONFIG)), parse(document(*CONFIG, shut(Resource="arn:aws:s3:::z"))), "b", OWN)
        == ()
    )
    before = document(*CLOUDTRAIL, shut())
    assert stopped(parse(before), parse(document(*CONFIG, shut())), "b", OWN) == ()
    assert stopped(None, parse(document(shut())), "b", OWN) == ()


def test_a_replication_role_of_the_same_account_may_do_so_by_its_own_policy() -> None:
    role = f"arn:aws:iam::{OWN}:role/replicator"
    assert stopped(None, parse(document(*CONFIG)), "b", OWN, [role]) == ()
    found = stopped(None, parse(document(shut())), "b", OWN, [role])
    assert {(one.writer, one.principal, one.action) for one in found} == {
        ("replication", role, action)
        for action in ("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags")
    }
