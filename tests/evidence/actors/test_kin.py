"""Who is a suspect because of another suspect, and who is not although it looks alike."""

import json
from typing import Any

import pytest

from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, SECOND_KEY, Log, outsider, session, user
from tests.evidence.stories import BOTO, LINUX, MAC, OTHER_ACCOUNT, lets_in, read_all, role_arn
from tests.evidence.story import ask, labels, steps

ADMIN = user("root-admin", LEAKED_KEY, ATTACKER_IP, MAC)
MADE = user("helper", SECOND_KEY, "192.0.2.77", LINUX)
PARTNER = "111122220000"


def ransom_with_a_made_key(*, first_use: dict[str, float], at_work_before: bool = False) -> Log:
    log = Log()
    log.call(ADMIN, "iam", "CreateUser", requestParameters={"userName": "helper"})
    log.wait(minutes=1).create_key(ADMIN, "helper", SECOND_KEY)
    log.wait(**first_use)
    if at_work_before:
        log.object(MADE.at("10.0.0.9", BOTO), "PutObject", "daily.csv")
        log.wait(hours=1)
    log.object(MADE, "PutObject", "HOW_TO_RECOVER.txt", size=0.0)
    return log


def test_whoever_made_the_key_that_only_the_attack_has_used() -> None:
    result = ask(ransom_with_a_made_key(first_use={"minutes": 80}))
    assert labels(result) == {"root-admin": "suspect", "helper": "suspect"}
    (person,) = [one for one in result.people if one.label == "suspect"]
    assert person.joined == ("user root-admin made every key that user helper used.",)
    assert [step for step in steps(result) if step[0] == "R10" or step[1] == {"user": "root-admin"}] == [
        ("R2", {"user": "root-admin"}),
        ("R10", {"user": "helper"}),
    ]


@pytest.mark.parametrize(
    ("first_use", "at_work_before"),
    [({"hours": 1.0}, True), ({"days": 3.0}, False)],
    ids=["the key was at work before the attack", "the key lay about for days"],
)
def test_an_administrator_whose_key_for_somebody_leaked(
    first_use: dict[str, float], at_work_before: bool
) -> None:
    found = labels(ask(ransom_with_a_made_key(first_use=first_use, at_work_before=at_work_before)))
    assert found["helper"] == "suspect"
    assert found["root-admin"] != "suspect"


def copied_away(role: str, *, made: bool, before: bool) -> Log:
    """A suspect's replication, carried out by a role that was made for it, or that was there before."""
    log = Log()
    mover = session(role, "s3-replication", "ASIAMOVER00000000001", "s3.amazonaws.com", "s3.amazonaws.com")
    if before:
        log.object(mover, "GetObject", "earlier")
        log.wait(hours=2)
    if made:
        log.call(ADMIN, "iam", "CreateRole", requestParameters={"roleName": role})
    away = {"Destination": {"Bucket": "arn:aws:s3:::elsewhere", "Account": OTHER_ACCOUNT}}
    rules: dict[str, Any] = {"Role": role_arn(role), "Rule": [away]}
    log.wait(minutes=1).bucket(ADMIN, "PutBucketReplication", ReplicationConfiguration=rules)
    log.wait(minutes=5)
    read_all(log, mover, 6)
    return log


@pytest.mark.parametrize(
    ("made", "before", "label"),
    [(True, False, "suspect"), (False, False, "suspect"), (False, True, "known")],
    ids=["a role made for it", "a role that did nothing before", "a role that was at work before"],
)
def test_what_a_suspects_replication_reads_is_taken(made: bool, before: bool, label: str) -> None:
    result = ask(copied_away("mover", made=made, before=before))
    assert labels(result)["s3-replication"] == label
    assert ("6 objects read by 6 calls" in result.verdict) is (label == "suspect")


def test_an_account_that_a_suspect_let_in_and_one_that_was_there_before() -> None:
    log = Log()
    thief, partner = outsider(OTHER_ACCOUNT, "192.0.2.5"), outsider(PARTNER, "198.51.100.44")
    log.object(partner, "GetObject", "shared.csv")
    log.denied(thief, "s3", "GetObject", requestParameters={"bucketName": BUCKET, "key": "closed.csv"})
    policy = lets_in(PARTNER)
    policy["Statement"] += lets_in(OTHER_ACCOUNT)["Statement"]
    log.wait(hours=1).bucket(ADMIN, "PutBucketPolicy", bucketPolicy=policy)
    log.wait(hours=5).object(thief, "GetObject", "closed.csv", size=1e6)
    log.object(partner, "GetObject", "shared.csv")
    result = ask(log)
    found = {
        actor.principal.split()[2]: actor.label for actor in result.actors if "account" in actor.principal
    }
    assert found == {OTHER_ACCOUNT: "suspect", PARTNER: "unclear"}
    assert result.verdict.endswith(
        "1 object read by 1 call, exactly 1,000,000 bytes (1.0 MB) sent; they also "
        "opened doors to the bucket."
    )


def test_a_session_that_came_through_a_trust_that_a_suspect_changed() -> None:
    log = Log()
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
    }
    change = {
        "roleName": "ingest",
        "policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    }
    log.call(ADMIN, "cloudtrail", "StopLogging", requestParameters={"name": "main"})
    log.wait(minutes=1).call(ADMIN, "iam", "UpdateAssumeRolePolicy", requestParameters=change)
    log.wait(days=2).assume(outsider(OTHER_ACCOUNT, "192.0.2.5"), "ingest", "x", "ASIAINGEST0000000001")
    log.wait(minutes=1).object(
        session("ingest", "x", "ASIAINGEST0000000001", "192.0.2.5", LINUX), "GetObject", "a"
    )
    log.object(session("ingest", "own", "ASIAINGEST0000000002", "10.0.0.1", BOTO), "GetObject", "a")
    found = labels(ask(log))
    assert (found["x"], found["own"]) == ("suspect", "known")
