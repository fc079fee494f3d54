"""Answers that need more than one record, or something beside the records."""

from datetime import timedelta
from typing import Any

import pytest

from bot.evidence.coverage.coverage import cover
from bot.evidence.judge import case_of, judge
from bot.evidence.report import Answer, Clue, Coverage
from tests.evidence import stories
from tests.evidence.records import (
    ACCOUNT,
    ATTACKER_IP,
    BUCKET,
    CI_IP,
    LEAKED_KEY,
    START,
    Caller,
    Log,
    anonymous,
    leaked_key,
    session,
    user,
)
from tests.evidence.stories import LINUX, MAC
from tests.evidence.story import ask, collected

BOT = session("S3IncidentRemediate", "inc-0001", "ASIABOT0000000000001", "10.9.9.9", "Boto3")
OWN = frozenset({f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"})
HOME = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
THIEF = HOME.at(ATTACKER_IP, MAC)
DENY = {"userName": "ci-deploy", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}


def stolen() -> Log:
    log = Log()
    log.call(HOME, "sts", "GetCallerIdentity")
    stories.read_all(log.wait(minutes=5), THIEF)
    return log


class TestDidTheContainmentHold:
    def contained(self) -> Log:
        log = stolen()
        log.wait(minutes=5).call(BOT, "iam", "AttachUserPolicy", requestParameters=DENY)
        return log

    def test_nothing_was_contained(self) -> None:
        assert ask(stolen(), own_principals=OWN).answer("E29").because.startswith("Nothing is contained yet")

    def test_not_held_with_the_calls_that_worked(self) -> None:
        log = self.contained()
        late = log.wait(minutes=3).object(THIEF, "GetObject", "payroll/00.csv")
        answer = ask(log, own_principals=OWN).answer("E29")
        assert (answer.answer, answer.event_ids) == ("no", (late["eventID"],))
        assert answer.because.startswith("Not held: 1 call of suspects worked after the last containment")

    def test_refused_calls_are_not_a_failure_but_time_must_pass(self) -> None:
        log = self.contained()
        log.wait(minutes=3).object(THIEF, "GetObject", "a", errorCode="AccessDenied")
        assert "too soon to say" in ask(log, own_principals=OWN).answer("E29").because
        log.wait(minutes=40).call(HOME, "sts", "GetCallerIdentity", errorCode="AccessDenied")
        answer = ask(log, own_principals=OWN).answer("E29")
        assert (answer.answer, "in the 43 minutes after" in answer.because) == ("yes", True)

    def test_what_spreads_for_seconds_is_no_failure(self) -> None:
        log = self.contained()
        log.wait(seconds=20).object(THIEF, "GetObject", "a")
        assert ask(log, own_principals=OWN).answer("E29").answer == "cannot_know"


def test_secrets_are_named_and_must_be_changed() -> None:
    log = stolen()
    secret = {"secretId": "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbCdEf"}
    log.wait(minutes=1).call(THIEF, "secretsmanager", "GetSecretValue", requestParameters=secret)
    names = {"names": ["/prod/token", "/prod/key"], "withDecryption": True}
    log.wait(minutes=1).call(THIEF, "ssm", "GetParameters", requestParameters=names)
    log.denied(THIEF, "secretsmanager", "GetSecretValue", requestParameters={"secretId": "refused"})
    result = ask(log)
    assert "must be changed too: prod/db-AbCdEf, /prod/token, /prod/key." in result.answer("E13").because
    assert "Change the secrets that were read: prod/db-AbCdEf, /prod/token, /prod/key." in result.next_steps


def test_objects_that_hold_credentials_by_their_names() -> None:
    log = stolen()
    log.wait(seconds=5).object(THIEF, "GetObject", "backup/.env")
    answer = ask(log).answer("E9")
    assert (answer.answer, answer.event_ids) == ("yes", (log.records[-1]["eventID"],))


def test_what_the_owner_read_is_not_the_thiefs() -> None:
    log = stolen()
    for number in range(5):
        log.wait(minutes=1).object(HOME, "GetObject", f"builds/{number}", size=7.0)
    because = ask(log).answer("E8").because
    assert "By suspects: 30 objects read by 30 calls, 30,000 bytes (30.0 kB) sent" in because
    assert "by everybody else: 5 objects read by 5 calls, 35 bytes sent" in because


def test_reads_that_only_kms_saw_name_their_objects() -> None:
    log = Log()
    for key in ("payroll/1.csv", "payroll/2.csv"):
        context = {"encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{BUCKET}/{key}"}}
        log.call(THIEF.at("AWS Internal"), "kms", "Decrypt", requestParameters=context)
    because = ask(log).answer("E8").because
    assert (
        "2 KMS Decrypt calls name 2 objects (payroll/1.csv, payroll/2.csv) and prove reads by user" in because
    )


def test_versions_of_one_key_are_counted() -> None:
    log = Log()
    for version in ("v1", "v2"):
        parameters = {"bucketName": BUCKET, "key": "a", "versionId": version}
        log.object(HOME, "GetObject", "a", requestParameters=parameters)
    assert "2 versions of 1 key" in ask(log).answer("E8").because


def test_places_are_told_apart() -> None:
    log = Log()
    log.object(HOME, "GetObject", "a")
    log.object(session("app", "x", "ASIAAPP", "10.0.0.7", "Boto3"), "GetObject", "a", vpcEndpointId="vpce-1")
    log.object(HOME.at("athena.amazonaws.com"), "GetObject", "a")
    because = ask(log).answer("E3").because
    assert f"1 public address: {CI_IP} (1)" in because
    assert "inside a VPC through VPC endpoint vpce-1: 10.0.0.7 (1)" in because
    assert "AWS itself (athena.amazonaws.com (1))" in because


def test_unsigned_requests_that_were_not_answered() -> None:
    log = Log()
    for _ in range(3):
        log.object(anonymous("192.0.2.1"), "GetObject", "a", errorCode="AccessDenied")
    answer = ask(log).answer("E10")
    assert answer.answer == "no"
    assert answer.because.startswith("3 unsigned requests came and none was answered")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("PutObjectLegalHold", {"LegalHold": {"Status": "OFF"}}),
        ("PutObjectRetention", {"x-amz-bypass-governance-retention": "true"}),
    ],
)
def test_object_lock_that_was_lifted(name: str, parameters: dict[str, Any]) -> None:
    log = Log()
    log.object(HOME, name, "a", requestParameters={"bucketName": BUCKET, "key": "a", **parameters})
    assert ask(log).answer("E22").answer == "yes"


def test_logs_sent_elsewhere_are_a_way_out_and_logs_switched_off_are_none() -> None:
    log = Log()
    log.bucket(HOME, "PutBucketLogging", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "thiefs"}})
    assert "to bucket thiefs" in ask(log).answer("E19").because
    log = Log()
    log.bucket(HOME, "PutBucketLogging", BucketLoggingStatus="")
    assert (ask(log).answer("E19").answer, ask(log).answer("E23").answer) == ("no", "yes")


class TestWhatOtherServicesSay:
    def answer(self, number: str, *clues: Clue, rows: tuple[Coverage, ...] = ()) -> Answer:
        found = collected(leaked_key(), account_id=ACCOUNT)
        told = judge(case_of(found, cover(found, [], None, rows), clues))
        return next(one for one in told.answers if one.id == number)

    def test_access_analyzer_decides_what_is_public_now(self) -> None:
        open_to = Clue(
            source="IAM Access Analyzer", id="1", title="t", text="Everybody can read.", severity="critical"
        )
        assert self.answer("E16", open_to).answer == "yes"
        row = Coverage(subject="Access Analyzer findings", answer="yes", because="1 analyzer was asked.")
        was = open_to.model_copy(update={"severity": "info"})
        assert self.answer("E16", was, rows=(row,)).answer == "no"
        assert self.answer("E16", was).answer == "cannot_know"

    def test_iam_tells_what_allows_and_what_leaked(self) -> None:
        rights = Clue(source="IAM", id="arn rights", title="t", text="Its own policies allow s3:GetObject.")
        assert "Its own policies allow s3:GetObject." in self.answer("E26", rights).because
        quarantine = "arn arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
        leak = Clue(source="IAM", id=quarantine, title="t", text="AWS found a key of it in public.")
        assert self.answer("E28", leak).answer == "yes"
        assert self.answer("E28", rights).answer == "cannot_know"

    def test_its_rows_stand_in_the_coverage(self) -> None:
        found = collected(leaked_key(), account_id=ACCOUNT)
        row = Coverage(subject="IAM", answer="cannot_know", because="May not.", turn_on="Allow it.")
        told = judge(case_of(found, cover(found, [], None, [row])))
        assert told.coverage[-1] == row
        assert "IAM: May not. Allow it." in told.unknown


def test_the_timeline_counts_what_was_too_much_to_keep() -> None:
    log = Log()
    log.bucket(HOME, "PutBucketPolicy", bucketPolicy=stories.lets_in("999988887777"))
    for number in range(1200):
        log.wait(seconds=1).object(HOME, "GetObject", f"k/{number % 900}", size=10.0)
    result = ask(log)
    (entry,) = [one for one in result.timeline if one.action == "s3:GetObject"]
    assert entry.events == 1200
    assert entry.text == "Read 900 objects, 1,200 times: 12,000 bytes (12.0 kB)"
    assert entry.until == START + timedelta(seconds=1200)
    assert result.answer("E8").events == 1200
    assert result.actors[0].distinct_objects == 900


def test_changes_are_marked_and_interleaved_acts_stay_runs() -> None:
    log = leaked_key()
    marked = [entry.action for entry in ask(log).timeline if entry.change]
    assert marked == [
        "iam:PutUserPolicy",
        "iam:CreateAccessKey",
        "s3:DeleteBucketPublicAccessBlock",
        "s3:PutBucketPolicy",
    ]
    log = Log()
    other = Caller(user("second", "AKIASECOND0000000001", "192.0.2.9", LINUX).identity, "192.0.2.9", LINUX)
    for who in (HOME, other):
        log.bucket(who, "PutBucketPolicy", bucketPolicy=stories.lets_in("999988887777"))
    for number in range(10):
        log.wait(seconds=1).object(HOME, "GetObject", f"{number}")
        log.object(other, "GetObject", f"{number}")
    reads = [entry for entry in ask(log).timeline if entry.action == "s3:GetObject"]
    assert [entry.events for entry in reads] == [10, 10]


def test_deletes_that_were_too_many_to_keep_are_counted_all_the_same() -> None:
    log = Log()
    for number in range(700):
        log.wait(seconds=1).object(HOME, "DeleteObject", f"{number}", size=None)
    answer = ask(log).answer("E20")
    assert answer.events == 700
    assert answer.because.startswith("700 calls in all; of the first 200: DeleteObject by user ci-deploy")
