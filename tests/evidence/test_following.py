"""Whom the later passes follow: found only because of somebody else, and nobody without a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.evidence import following, names, passes
from bot.evidence.following import first
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Actor, Investigation
from tests.evidence.records import (
    ACCOUNT,
    ATTACKER_IP,
    BUCKET,
    CI_IP,
    LEAKED_KEY,
    SECOND_KEY,
    Caller,
    Log,
    leaked_key,
    session,
    user,
)
from tests.evidence.story import Records, ask, labels

LINUX = "aws-cli/2.31.0 Linux/6.1"
CI = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)


def actor(result: Investigation, name: str) -> Actor:
    return next(one for one in result.actors if one.principal.endswith(name))


def reads(log: Log, who: Caller, bucket: str = BUCKET, count: int = 3) -> None:
    for number in range(count):
        log.wait(seconds=5).object(who, "GetObject", f"k{number}", bucket=bucket)


def test_the_first_pass_asks_for_nothing_that_everybody_does_all_day() -> None:
    wanted = first(
        Question(bucket=BUCKET, keys=frozenset({LEAKED_KEY})), frozenset({"AssumeRole", "CreateFleet"})
    )
    assert not wanted.names & {"AssumeRole", "GetObject", "GetCallerIdentity", "Decrypt", "GetBucketAcl"}
    assert {
        "CreateFleet",
        "PutBucketPolicy",
        "CreateAccessKey",
        "ConsoleLogin",
        "ListBuckets",
    } <= wanted.names
    assert wanted.names >= names.EVASION | names.PERSISTENCE | names.EXITS
    assert wanted.keys == wanted.foremost == {LEAKED_KEY}
    assert "Root" in wanted.kinds


def test_who_was_at_the_bucket_is_known_with_all_it_did_elsewhere() -> None:
    log = Log()
    reads(log, CI)
    reads(log, CI, bucket="other")
    log.call(CI, "ec2", "DescribeInstances")
    reads(log, user("stranger", "AKIASTRANGER00000001", CI_IP, LINUX), bucket="other")
    result = ask(log)
    assert [one.principal.rsplit("/", 1)[-1] for one in result.actors] == ["ci-deploy"]
    assert result.actors[0].calls == {"ec2:DescribeInstances": 1, "s3:GetObject": 6}


def test_sessions_are_followed_up_every_hop_to_the_first_key() -> None:
    log = Log()
    caller = CI
    for number in range(4):
        issued = f"ASIAHOP0000000000000{number}"
        log.wait(minutes=1).assume(caller, f"role-{number}", "x", issued)
        caller = session(f"role-{number}", "x", issued, "10.0.0.9", LINUX)
    reads(log, caller)
    source = Records(log.records)
    result = investigate(Question(bucket=BUCKET, account_id=ACCOUNT), [source])
    assert actor(result, "user/ci-deploy").calls == {"sts:AssumeRole": 1}
    assert len(result.actors) == 5
    assert len(source.read) == 6  # each pass finds one more hop, and the last finds nothing new


def test_keys_that_a_suspect_obtained_are_followed_and_those_of_others_are_not() -> None:
    log = leaked_key()
    thief = CI.at(ATTACKER_IP, "Boto3/1.40.1 md/Botocore#1.40.1 os/macos#24.1.0")
    log.wait(minutes=1).assume(thief, "admin", "away", "ASIAAWAY000000000001")
    log.call(session("admin", "away", "ASIAAWAY000000000001", "203.0.113.99", LINUX), "ec2", "DescribeVpcs")
    innocent = session("payroll-app", "app-1", "ASIAPAYROLLAPP000001", "10.0.1.5", "Boto3/1.43.0 os/linux")
    log.assume(innocent, "helper", "x", "ASIAHELPER0000000001")
    log.call(session("helper", "x", "ASIAHELPER0000000001", "10.0.1.5", LINUX), "ec2", "DescribeVpcs")
    found = labels(ask(log))
    assert found["away"] == "suspect"
    assert "x" not in found


def test_a_user_that_a_suspect_made_is_followed_by_name_through_the_console() -> None:
    log = leaked_key()
    thief = CI.at(ATTACKER_IP, "Boto3/1.40.1 md/Botocore#1.40.1 os/macos#24.1.0")
    log.wait(minutes=1).call(
        thief, "iam", "CreateLoginProfile", requestParameters={"userName": "backdoor"}, responseElements={}
    )
    console = user("backdoor", "ASIACONSOLE000000001", "198.51.100.3", "Mozilla/5.0")
    log.wait(minutes=1).call(console, "ec2", "DescribeVpcs")
    assert actor(ask(log), "user/backdoor").calls == {"ec2:DescribeVpcs": 1}


def at_the_same_address(*, long_before: bool) -> list[str]:
    log = Log()
    other = user("pedro", "AKIAPEDRO00000000001", ATTACKER_IP, LINUX)
    if long_before:
        log.object(other, "GetObject", "k")
        log.wait(days=2)
    log.records.extend(leaked_key().records)
    if long_before:
        for record in log.records[1:]:
            record["eventTime"] = record["eventTime"].replace("2026-11-23", "2026-11-25")
    log.call(user("ghost", "AKIAGHOST00000000001", ATTACKER_IP, "x"), "ec2", "DescribeVpcs")
    return sorted(labels(ask(log)))


def test_a_suspects_address_shows_its_other_keys_unless_others_were_there_long_before() -> None:
    assert "ghost" in at_the_same_address(long_before=False)
    shared = at_the_same_address(long_before=True)
    assert ("pedro" in shared, "ghost" in shared) == (True, False)


def test_the_bots_own_and_responders_are_not_followed() -> None:
    log = Log()
    reads(log, CI)
    log.call(CI, "ec2", "DescribeVpcs")
    own = frozenset({f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"})
    for declared in ({"own_principals": own}, {"responders": own}):
        (one,) = ask(log, **declared).actors
        assert one.calls == {"s3:GetObject": 3}


def test_looking_around_elsewhere_is_told_and_not_followed() -> None:
    log = Log()
    scanner = session("cspm", "scan", "ASIACSPM000000000001", "198.51.100.9", "Boto3")
    log.call(scanner, "s3", "ListBuckets")
    log.call(scanner, "ec2", "DescribeVpcs")
    result = ask(log)
    assert actor(result, "cspm/scan").calls == {"s3:ListBuckets": 1}
    assert result.answer("E7").event_ids == (log.records[0]["eventID"],)


def test_keys_in_question_are_followed_wherever_they_were() -> None:
    log = Log()
    log.call(CI, "ec2", "DescribeVpcs")
    assert not ask(log).actors
    (one,) = ask(log, keys=frozenset({LEAKED_KEY})).actors
    assert one.events == 1


def test_too_many_leads_are_cut_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_KEYS", 2)
    log = leaked_key()
    reads(log, user("stranger", "AKIASTRANGERSTRANGER", "198.51.100.77", LINUX))
    result = ask(log)
    # The gravest went first: both keys of the thief.
    assert set(result.suspects[0].access_key_ids) == {LEAKED_KEY, SECOND_KEY}
    (problem,) = result.sources[0].problems
    assert "beyond what is followed in one investigation; the gravest went first" in problem


def test_chains_that_never_end_are_cut_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "MOST_PASSES", 2)
    log = Log()
    caller: Any = CI
    for number in range(4):
        log.assume(caller, f"role-{number}", "x", f"ASIAHOP0000000000000{number}")
        caller = session(f"role-{number}", "x", f"ASIAHOP0000000000000{number}", "10.0.0.9", LINUX)
    reads(log, caller)
    assert "not followed: 1 key" in ask(log).sources[0].problems[0]


def test_the_time_before_the_window_is_the_baseline_and_nothing_else() -> None:
    log = Log()
    reads(log, CI, count=4)
    log.wait(days=3)
    start = log.now
    reads(log, CI.at("198.51.100.11"), count=2)
    window = (start, start + timedelta(hours=1))
    result = ask(log, window=window, baseline=timedelta(days=30))
    assert result.baseline is not None
    assert (result.baseline.start, result.baseline.events) == (start - timedelta(days=30), 4)
    assert (result.totals.about_bucket, result.totals.outside_window) == (2, 0)
    assert ask(log, window=window).totals.outside_window == 4
