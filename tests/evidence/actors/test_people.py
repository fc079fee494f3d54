"""Who is one, by what proof; and that nothing less than proof joins."""

from datetime import timedelta
from typing import Any

from bot.evidence.report import Person
from tests.evidence.records import (
    CI_IP,
    LEAKED_KEY,
    SECOND_KEY,
    Caller,
    Log,
    anonymous,
    service,
    session,
    user,
)
from tests.evidence.stories import BROWSER, LINUX, MAC, OFFICE, OTHER_ACCOUNT, assumed, role_arn
from tests.evidence.story import ask


def people(log: Log) -> list[Person]:
    return list(ask(log).people)


def known_as(who: Caller, name: str) -> Caller:
    """The same session with a SourceIdentity."""
    context = {**who.identity["sessionContext"], "sourceIdentity": name}
    return Caller({**who.identity, "sessionContext": context}, who.source_ip, who.user_agent)


def test_a_shared_address_joins_nobody() -> None:
    log = Log()
    for name, key in (("anna", LEAKED_KEY), ("ben", SECOND_KEY)):
        log.object(user(name, key, OFFICE, MAC), "GetObject", "a")
    assert [person.joined for person in people(log)] == [(), ()]


def test_a_session_belongs_to_whoever_started_it() -> None:
    log = Log()
    ci = user("ci", LEAKED_KEY, CI_IP, LINUX)
    log.assume(ci, "deploy", "x", "ASIADEPLOY0000000001")
    log.wait(minutes=1).object(
        session("deploy", "x", "ASIADEPLOY0000000001", "10.0.0.1", MAC), "GetObject", "a"
    )
    (person,) = people(log)
    assert person.name == "user ci"
    assert person.joined == ("user ci started session x of role deploy with AssumeRole.",)
    assert person.access_key_ids == (LEAKED_KEY, "ASIADEPLOY0000000001")
    assert person.elsewhere == {"sts:AssumeRole": 1}


def test_one_source_identity_is_one_person_over_roles() -> None:
    log = Log()
    for role, key in (("reader", "ASIAREADER0000000001"), ("writer", "ASIAWRITER0000000001")):
        log.object(known_as(session(role, "s", key, OFFICE, MAC), "anna@acme"), "GetObject", "a")
    (person,) = people(log)
    assert "carry the SourceIdentity anna@acme" in person.joined[0]


def test_a_broker_for_several_people_is_none_of_them() -> None:
    log = Log()
    broker = user("vault", LEAKED_KEY, "10.0.0.9", "vault/1.20")
    for number, name in enumerate(("anna@acme", "ben@acme")):
        key = f"ASIABROKERED{number:08d}"
        log.assume(broker, "ops", name.split("@")[0], key)
        log.wait(minutes=1).object(
            known_as(session("ops", name.split("@")[0], key, OFFICE, MAC), name), "GetObject", "a"
        )
    assert len(people(log)) == 3


def test_services_start_sessions_for_many_and_join_none() -> None:
    log = Log()
    for number, role in enumerate(("web", "batch")):
        key = f"ASIASERVICE{number:09d}"
        log.call(
            service("lambda.amazonaws.com"),
            "sts",
            "AssumeRole",
            requestParameters={"roleArn": role_arn(role), "roleSessionName": "fn"},
            responseElements=assumed(key),
        )
        log.object(session(role, "fn", key, "3.3.3.3", LINUX), "GetObject", "a")
    names = {person.name for person in people(log) if person.kind != "service"}
    assert names == {"session fn of role web", "session fn of role batch"}


def test_whole_foreign_accounts_are_no_person() -> None:
    log = Log()
    whole = Caller(
        {"type": "AWSAccount", "principalId": OTHER_ACCOUNT, "accountId": OTHER_ACCOUNT}, CI_IP, LINUX
    )
    for number in range(2):
        log.assume(whole, "entry", f"s{number}", f"ASIAENTRY{number:011d}")
        log.object(session("entry", f"s{number}", f"ASIAENTRY{number:011d}", CI_IP, LINUX), "GetObject", "a")
    assert [len(person.principals) for person in people(log)] == [1, 1, 1]


def test_sessions_that_a_program_named_at_one_home_are_one_workload() -> None:
    log = Log()
    for number in range(3):
        worker = session(
            "etl", f"botocore-session-{number}", f"ASIAETL{number:013d}", f"10.0.1.{number}", LINUX
        )
        log.object(worker, "GetObject", "a")
    (person,) = people(log)
    assert (person.kind, len(person.principals)) == ("workload", 3)
    assert "inside the VPC" in person.joined[0]


def test_an_administrator_and_the_colleague_for_whom_she_made_a_key_are_two() -> None:
    log = Log()
    log.create_key(user("admin", LEAKED_KEY, OFFICE, LINUX), "ben", SECOND_KEY)
    log.wait(minutes=1).object(user("ben", SECOND_KEY, OFFICE, LINUX), "GetObject", "a")
    assert len(people(log)) == 2


def test_a_user_whose_every_key_the_thief_made_is_the_thief() -> None:
    log = Log()
    home = user("ci", LEAKED_KEY, CI_IP, LINUX)
    log.call(home, "sts", "GetCallerIdentity")
    thief = home.at("203.0.113.66", "Boto3/1.40 os/macos")
    log.wait(minutes=5).create_key(thief, "sleeper", SECOND_KEY)
    log.wait(minutes=1).object(
        user("sleeper", SECOND_KEY, "203.0.113.66", thief.user_agent), "GetObject", "a"
    )
    (person,) = people(log)
    assert person.label == "suspect"
    assert person.joined == ("user ci made every key that user sleeper used.",)


def test_kinds_of_people() -> None:
    log = Log()
    log.object(user("anna", LEAKED_KEY, OFFICE, BROWSER), "GetObject", "a")
    log.object(
        session("AWSReservedSSO_Admin_1", "ben", "ASIABEN0000000000001", OFFICE, MAC), "GetObject", "a"
    )
    log.object(session("app", "x", "ASIAAPP0000000000001", "10.0.0.1", LINUX), "GetObject", "a")
    log.object(anonymous("192.0.2.1"), "GetObject", "a")
    log.bucket(service("cloudtrail.amazonaws.com"), "GetBucketAcl")
    kinds = {person.name: person.kind for person in people(log)}
    assert kinds == {
        "user anna": "human",
        "session ben of role AWSReservedSSO_Admin_1": "human",
        "session x of role app": "workload",
        "anonymous (192.0.2.1)": "anonymous",
        "cloudtrail.amazonaws.com": "service",
    }


def scores(log: Log, **question: Any) -> dict[str, int]:
    return {person.name: person.score for person in ask(log, **question).people}


def test_the_score_is_the_sum_of_its_reasons_and_decides_nothing() -> None:
    log = Log()
    backup = session("backup", "b", "ASIABACKUP0000000001", "10.0.0.1", LINUX)
    for number in range(30):
        log.wait(seconds=1).object(backup, "GetObject", f"{number}")
    (person,) = people(log)
    assert person.score == sum(reason.points for reason in person.reasons) > 0
    assert person.label == "unclear"
    assert any(reason.points < 0 and "private addresses" in reason.text for reason in person.reasons)


def test_more_of_one_kind_adds_little() -> None:
    log = Log()
    admin = user("admin", LEAKED_KEY, OFFICE, LINUX)
    log.create_key(admin, "anna", "AKIAANNA000000000001")
    one = scores(log)["user admin"]
    log.create_key(admin, "ben", "AKIABEN0000000000001")
    assert scores(log)["user admin"] == one + 5


def test_who_was_there_before_the_window_is_not_new() -> None:
    log = Log()
    for _ in range(30):
        log.wait(hours=1).object(user("anna", LEAKED_KEY, OFFICE, LINUX), "GetObject", "a")
    start = log.now
    log.wait(hours=1).object(user("anna", LEAKED_KEY, OFFICE, LINUX), "GetObject", "b")
    log.object(user("ben", SECOND_KEY, OFFICE, LINUX), "GetObject", "c")
    window = (start + timedelta(minutes=1), log.now)
    result = ask(log, window=window, baseline=timedelta(days=30))
    assert {actor.principal.rsplit("/")[-1]: actor.new for actor in result.actors} == {
        "anna": False,
        "ben": True,
    }
    answer = result.answer("E25")
    assert (answer.answer, "user ben" in answer.because) == ("yes", True)
    assert {actor.new for actor in ask(log, window=window).actors} == {None}


def test_a_second_place_that_the_baseline_knows_is_no_sign() -> None:
    away = user("anna", LEAKED_KEY, "192.0.2.7", "Boto3/1.43 os/windows")
    home = user("anna", LEAKED_KEY, OFFICE, LINUX)
    for usual, label in ((True, "unclear"), (False, "suspect")):
        log = Log()
        log.object(away if usual else home, "GetObject", "a")
        log.wait(hours=30)
        start = log.now
        log.object(home, "GetObject", "a")
        for number in range(30):
            log.wait(seconds=2).object(away, "GetObject", f"{number}")
        result = ask(log, window=(start, log.now), baseline=timedelta(days=30))
        assert [actor.label for actor in result.actors] == [label]
