"""What IAM knows: AWS's own alarm, rights, keys old and new, and who signs in how."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from bot.aws.fact import Fact
from bot.aws.iam_facts import IamFacts, Key, NamedPolicy
from bot.aws.iam_uses import KeyUse, ServiceUse
from bot.evidence.clues.gathered import Gathered, Suspicion
from bot.evidence.clues.iam import told
from bot.evidence.report import Clue
from tests.evidence.clues.answers import BUCKET, T0, USER, document, iam, principal

KEY = "AKIAEXAMPLE000000001"
NOW = T0 + timedelta(hours=2)
SUSPECTED = Suspicion(frozenset({KEY}), frozenset({USER}), T0)
NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"


def of(facts: IamFacts, suspicion: Suspicion = SUSPECTED) -> Gathered:
    return told(facts, suspicion, BUCKET, NOW)


def titled(found: Gathered, words: str) -> Clue:
    [clue] = [one for one in found.clues if words in one.title]
    return clue


def test_the_quarantine_policy_is_awss_own_alarm() -> None:
    clue = titled(of(iam(principal(attached=(QUARANTINE,)))), "quarantine")
    assert clue.severity == "critical"
    assert clue.principal == USER


def test_what_the_policies_allow_and_which_of_them() -> None:
    clue = titled(of(iam(principal())), "may do to the bucket")
    assert "s3:GetObject (by ci)" in clue.text
    assert "Not: s3:ListBucket" in clue.text


def test_a_boundary_limits_and_a_condition_makes_it_uncertain() -> None:
    nothing = NamedPolicy(
        "arn:aws:iam::1:policy/none", document({"Effect": "Deny", "Action": "*", "Resource": "*"})
    )
    bounded = principal(boundary=nothing.name, boundary_policy=nothing)
    assert "allow nothing there" in titled(of(iam(bounded)), "may do").text
    office = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    }
    maybe = principal(policies=(NamedPolicy("office", document(office)),))
    assert "if its conditions hold" in titled(of(iam(maybe)), "may do").text


def test_rights_through_a_group_name_the_group() -> None:
    grant = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    grouped = principal(policies=(NamedPolicy("all", grant, "operators"),))
    assert "all of group operators" in titled(of(iam(grouped)), "may do").text


def test_the_leaked_key_with_its_age_and_last_use() -> None:
    use = KeyUse(KEY, "ci-deploy", NOW - timedelta(minutes=9), "s3", "us-east-1")
    clue = titled(of(iam(principal(), key_uses={KEY: Fact(use)})), f"Key {KEY}")
    assert "400 days ago" in clue.text
    assert "Last used 2026-11-23 03:51:00 UTC with s3 in us-east-1" in clue.text
    assert (clue.severity, clue.access_key_id) == ("info", KEY)


def test_a_key_made_since_stands_out_also_when_nobody_suspects_it_yet() -> None:
    keys = (Key(KEY, True, T0 - timedelta(days=9)), Key("AKIANEW", True, T0 + timedelta(minutes=5)))
    clue = titled(of(iam(principal(keys=Fact(keys)))), "was created after")
    assert (clue.severity, clue.access_key_id) == ("high", "AKIANEW")
    assert "1 other active key" in clue.text


def test_keys_and_users_of_others_made_since_are_in_the_report() -> None:
    old = "2024-01-01T00:00:00+00:00"
    new = "2026-11-23T02:30:00+00:00"
    common = {"password_enabled": "false", "mfa_active": "false"}
    rows = (
        _row("<root_account>", user_creation_time=old, access_key_1_active="true"),
        _row("backup", user_creation_time=old, access_key_1_active="true", access_key_1_last_rotated=old),
        _row("helper", user_creation_time=new, **common),
        _row("worker", user_creation_time=old, access_key_2_active="true", access_key_2_last_rotated=new),
    )
    found = of(iam(principal(), rows=rows))
    assert titled(found, "User helper was created").severity == "high"
    assert titled(found, "Key 2 of user worker was created").severity == "high"
    assert titled(found, "root user has an active access key").severity == "medium"
    assert not [one for one in found.clues if "backup" in one.title]
    quiet = Suspicion(frozenset({KEY}), frozenset({USER}), None)
    assert not [
        one for one in of(iam(principal(), rows=rows), quiet).clues if "was created after" in one.title
    ]


def _row(user: str, **told: str) -> dict[str, str]:
    unsaid = dict.fromkeys(
        (
            "access_key_1_active",
            "access_key_1_last_rotated",
            "access_key_2_active",
            "access_key_2_last_rotated",
        ),
        "N/A",
    )
    return {"user": user, "arn": f"arn:aws:iam::111122223333:user/{user}", **unsaid, **told}


def test_a_suspect_who_signs_in_without_mfa() -> None:
    row = {**_row("ci-deploy", password_enabled="true", mfa_active="false"), "arn": USER}
    assert titled(of(iam(principal(), rows=(row,))), "without MFA").severity == "medium"


def test_what_it_last_reached_for() -> None:
    uses = (ServiceUse("secretsmanager", NOW, "us-east-1", (("secretsmanager:GetSecretValue", NOW),)),)
    clue = titled(of(iam(principal(last_accessed=Fact(uses)))), "last reached for")
    assert "secretsmanager at 2026-11-23 04:00:00 UTC (secretsmanager:GetSecretValue)" in clue.text
    assert clue.time == NOW


def test_a_key_that_belongs_to_nobody_here() -> None:
    facts = iam(key_uses={"AKIAELSEWHERE": Fact(unknown="AWS refused iam:get_access_key_last_used")})
    assert "not known" in titled(of(facts), "Key AKIAELSEWHERE").text


def test_coverage_says_what_to_allow() -> None:
    refused: dict[str, Any] = {"principals": Fact(unknown="AWS refused", denied=True)}
    [row] = of(iam(**refused)).coverage
    assert (row.answer, "GetAccountAuthorizationDetails" in str(row.turn_on)) == ("cannot_know", True)
    [row] = of(iam(principal(last_accessed=Fact(unknown="not ready")))).coverage
    assert (row.answer, "not ready" in row.because) == ("yes", True)


def test_a_document_that_cannot_be_read_allows_nothing() -> None:
    broken = principal(policies=(NamedPolicy("new", json.dumps({"Statement": [{"Effect": "Perhaps"}]})),))
    assert "allow nothing there" in titled(of(iam(broken)), "may do").text
