"""Stories of theft and of innocence: who is suspect, by which reason, and what is proposed."""

import json
from datetime import timedelta

import pytest

from tests.evidence.records import (
    ACCOUNT,
    ALLOW_ALL,
    ATTACKER_IP,
    BUCKET,
    CI_IP,
    LEAKED_KEY,
    PUBLIC_POLICY,
    SECOND_KEY,
    START,
    Caller,
    Log,
    anonymous,
    leaked_key,
    outsider,
    service,
    session,
    user,
)
from tests.evidence.story import ask, labels, steps

INSTANCE = "i-0317f6c6b66ae9c40"
LINUX = "aws-cli/2.31.0 Linux/6.1"
MAC = "aws-cli/2.31.0 Darwin/24.1.0"


def instance(ip: str, agent: str, key: str = "ASIAINSTANCE00000001") -> Caller:
    return session("web", INSTANCE, key, ip, agent)


def test_the_leaked_key() -> None:
    result = ask(leaked_key())
    assert labels(result) == {
        "ci-deploy": "suspect",
        "anonymous": "suspect",
        "app-1": "known",
        "nightly": "known",
        "maria.ops": "known",
    }
    assert steps(result) == [
        ("R2", {"user": "ci-deploy"}),
        ("R1", {"user": "ci-deploy", "access_key_id": LEAKED_KEY}),
        ("R1", {"user": "ci-deploy", "access_key_id": SECOND_KEY}),
        ("R19", {"bucket": BUCKET}),
        ("R18", {"bucket": BUCKET}),
        ("R11", {"user": "ci-deploy", "policy": "ci-extra"}),
    ]
    thief = result.suspects[0]
    assert len(thief.objects_read) == 35
    assert thief.get_object_calls == 36
    assert thief.bytes_out == sum(1000 + number for number in range(35)) + 1000
    assert thief.denied == 2


def test_the_rights_a_thief_gave_itself_are_shown_with_all_the_events() -> None:
    log = leaked_key()
    found = next(f for f in ask(log).findings if f.rule == "E6" and "ListBuckets" in f.title)
    chain = [next(r for r in log.records if r["eventID"] == one) for one in found.event_ids]
    assert [(r["eventName"], r.get("errorCode")) for r in chain] == [
        ("ListBuckets", "AccessDenied"),
        ("GetObject", "AccessDenied"),
        ("PutUserPolicy", None),
        ("ListBuckets", None),
        ("GetObject", None),
    ]
    assert found.title == (
        "Was refused ListBuckets and GetObject, then gave itself the right with PutUserPolicy, "
        "and then it worked"
    )


def test_the_home_of_the_leaked_key_is_not_marked() -> None:
    thief = ask(leaked_key()).suspects[0]
    assert {origin.source_ip: origin.suspicious for origin in thief.origins} == {
        CI_IP: False,
        ATTACKER_IP: True,
    }


def test_a_key_that_the_thief_never_touched_is_not_switched_off() -> None:
    log = leaked_key()
    log.object(user("ci-deploy", "AKIAOTHERKEY00000003", CI_IP, LINUX), "PutObject", "x")
    assert ("R1", {"user": "ci-deploy", "access_key_id": "AKIAOTHERKEY00000003"}) not in steps(ask(log))


def test_instance_credentials_on_a_mac() -> None:
    log = Log()
    log.call(
        service("ec2.amazonaws.com"),
        "sts",
        "AssumeRole",
        requestParameters={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/web", "roleSessionName": INSTANCE},
        responseElements={"credentials": {"accessKeyId": "ASIAINSTANCE00000001"}},
    )
    log.wait(minutes=5).object(instance("1.2.3.4", MAC), "GetObject", "ring.txt", size=89.0)
    log.object(user("pedro", "ASIAPEDRO00000000001", "1.2.3.4", "console.amazonaws.com"), "ListObjects", None)
    result = ask(log)
    assert labels(result)[INSTANCE] == "suspect"
    assert labels(result)["pedro"] != "suspect"
    (hop,) = result.lineage
    assert (hop.minted_by, hop.matched, hop.event_id) == (
        "ec2.amazonaws.com",
        "issued key",
        log.records[0]["eventID"],
    )
    assert steps(result) == [("R5", {"role": "web"})]


def test_instance_credentials_at_two_public_addresses_with_two_clients() -> None:
    log = Log()
    log.object(instance("8.8.8.8", "Boto3/1.40 Linux"), "GetObject", "a")
    log.wait(minutes=1).object(instance("9.9.9.9", LINUX), "GetObject", "b")
    assert labels(ask(log))[INSTANCE] == "suspect"


@pytest.mark.parametrize(
    ("second_ip", "second_agent"),
    [
        ("10.0.0.8", "aws-cli/2.31.0 Linux/6.1"),
        ("9.9.9.9", "Boto3/1.40 Linux"),
        ("8.8.8.8", "aws-cli/2 Linux/6.1"),
    ],
    ids=["through a VPC endpoint", "another way out, same client", "another client, same way out"],
)
def test_an_instance_at_its_ordinary_work(second_ip: str, second_agent: str) -> None:
    log = Log()
    log.object(instance("8.8.8.8", "Boto3/1.40 Linux"), "GetObject", "a")
    log.wait(minutes=1).object(instance(second_ip, second_agent), "GetObject", "b")
    assert labels(ask(log))[INSTANCE] != "suspect"


def test_lambda_credentials_outside_the_function() -> None:
    inside = session(
        "fn", "fn", "ASIALAMBDA0000000001", "3.3.3.3", "Boto3/1.40 exec-env/AWS_Lambda_python3.13"
    )
    log = Log()
    log.object(inside, "GetObject", "a")
    log.wait(minutes=1).object(inside.at(ATTACKER_IP, "Boto3/1.40 os/linux"), "GetObject", "b")
    result = ask(log)
    assert labels(result)["fn"] == "suspect"
    marked = {origin.source_ip for origin in result.suspects[0].origins if origin.suspicious}
    assert marked == {ATTACKER_IP}


def test_many_refusals_alone_are_no_sign() -> None:
    log = Log()
    broken = session("backup", "nightly", "ASIABACKUP0000000001", "198.51.100.9", "Boto3/1.40")
    for number in range(200):
        log.wait(seconds=1).object(broken, "GetObject", f"{number}", errorCode="AccessDenied")
    (actor,) = ask(log).actors
    assert (actor.label, actor.denied, actor.bytes_out) == ("unclear", 200, None)
    assert any("no sign of theft" in reason for reason in actor.reasons)


def test_an_address_shared_with_a_suspect_is_no_sign() -> None:
    log = leaked_key()
    neighbour = user("neighbour", "AKIANEIGHBOUR0000001", ATTACKER_IP, "aws-cli/2 Linux")
    log.object(neighbour, "GetObject", "payroll/00.csv")
    assert labels(ask(log))["neighbour"] != "suspect"


def test_who_came_from_inside_is_known_and_who_came_from_outside_is_unclear() -> None:
    log = Log()
    log.object(session("app", "one", "ASIAX", "10.20.1.15", "Boto3"), "GetObject", "a")
    log.object(user("maria", "AKIAX", "198.51.100.20", "aws-cli/2"), "GetObject", "a")
    log.object(session("app", "two", "ASIAY", "253.252.51.07", "Boto3"), "GetObject", "a")
    assert labels(ask(log)) == {"one": "known", "maria": "unclear", "two": "unclear"}


def test_one_weak_sign_is_not_enough_and_says_so() -> None:
    log = Log()
    job = session("export", "nightly", "ASIAEXPORT0000000001", "10.0.0.9", "Boto3/1.40")
    for number in range(50):
        log.wait(seconds=1).object(job, "GetObject", f"{number}")
    (actor,) = ask(log).actors
    assert actor.label == "unclear"
    assert "Read 50 different objects within 10 minutes" in actor.reasons


def test_two_kinds_of_weak_signs_within_an_hour_are() -> None:
    home = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    away = home.at(ATTACKER_IP, "Boto3/1.40 Darwin")
    for pause, label in ((timedelta(minutes=5), "suspect"), (timedelta(hours=30), "unclear")):
        log = Log()
        log.call(home, "sts", "GetCallerIdentity")
        log.wait(minutes=5).call(away, "sts", "GetCallerIdentity")
        log.now += pause
        for number in range(30):
            log.wait(seconds=1).object(home, "GetObject", f"{number}")
        assert labels(ask(log))["ci-deploy"] == label


def test_range_requests_for_one_object_are_no_bulk_read() -> None:
    log = Log()
    for _ in range(100):
        log.wait(seconds=1).object(user("u", "AKIAX", CI_IP, LINUX), "GetObject", "big.bin")
    assert not ask(log).findings


def test_an_administrators_changes_are_one_kind_of_sign() -> None:
    log = Log()
    admin = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
    log.call(admin, "iam", "CreateUser", requestParameters={"userName": "new"})
    log.create_key(admin, "new", "AKIANEWUSER000000001")
    attach = {"userName": "new", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    log.call(admin, "iam", "AttachUserPolicy", requestParameters=attach)
    result = ask(log)
    assert labels(result)["admin"] == "unclear"
    assert result.answer("E14").answer == "yes"
    assert not result.proposals


def test_the_user_and_the_key_that_a_thief_made_are_in_the_proposals() -> None:
    log = leaked_key()
    thief = user("ci-deploy", SECOND_KEY, ATTACKER_IP, "Boto3/1.40.1 os/macos#24.1.0")
    log.call(thief, "iam", "CreateUser", requestParameters={"userName": "helpdesk"})
    log.create_key(thief, "helpdesk", "AKIAHELPDESK00000001")
    proposed = steps(ask(log))
    assert ("R2", {"user": "helpdesk"}) in proposed
    assert ("R1", {"user": "helpdesk", "access_key_id": "AKIAHELPDESK00000001"}) in proposed
    assert proposed.index(("R2", {"user": "ci-deploy"})) < proposed.index(("R2", {"user": "helpdesk"}))


def test_sessions_that_a_thief_started_are_suspects_over_all_hops() -> None:
    log = leaked_key()
    thief = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "Boto3/1.40.1 md/Botocore#1.40.1 os/macos#24.1.0")
    log.assume(thief, "deploy", "one", "ASIAHOP0000000000001")
    hop = session("deploy", "one", "ASIAHOP0000000000001", ATTACKER_IP, thief.user_agent)
    log.wait(minutes=1).assume(hop, "admin", "two", "ASIAHOP0000000000002")
    last = session("admin", "two", "ASIAHOP0000000000002", ATTACKER_IP, thief.user_agent)
    log.wait(minutes=1).object(last, "GetObject", "payroll/00.csv")
    result = ask(log)
    assert labels(result)["two"] == labels(result)["one"] == "suspect"
    chain = {hop.access_key_id: hop.parent_key_id for hop in result.lineage}
    assert chain["ASIAHOP0000000000002"] == "ASIAHOP0000000000001"
    assert chain["ASIAHOP0000000000001"] == LEAKED_KEY
    revoked = [target["role"] for row, target in steps(result) if row == "R5"]
    assert revoked == ["deploy", "admin"]


def test_a_session_started_from_the_keys_home_is_not_the_thiefs() -> None:
    log = leaked_key()
    log.assume(
        user("ci-deploy", LEAKED_KEY, CI_IP, "aws-cli/2.31.0 Linux/6.1 exe/x86_64"),
        "deploy",
        "build",
        "ASIABUILD00000000001",
    )
    log.object(session("deploy", "build", "ASIABUILD00000000001", CI_IP, LINUX), "PutObject", "x")
    assert labels(ask(log))["build"] != "suspect"


def test_another_account_that_writes_unless_it_is_known() -> None:
    log = Log()
    log.object(outsider("999988887777", "1.2.3.4"), "PutObject", "note.txt")
    assert ask(log).suspects
    assert not ask(log, known_accounts=frozenset({"999988887777"})).suspects
    result = ask(log)
    assert result.answer("E11").answer == "yes"
    assert not result.proposals


def test_internet_noise_on_a_public_bucket_is_not_suspect() -> None:
    log = Log()
    for number in range(40):
        log.wait(hours=1).object(anonymous(f"192.0.2.{number}"), "ListObjects", None)
    result = ask(log)
    assert len(result.actors) == 40
    assert not result.suspects
    assert result.answer("E10").answer == "yes"


def test_what_is_set_apart_is_counted_and_not_hidden() -> None:
    log = leaked_key()
    log.bucket(service("config.amazonaws.com"), "GetBucketAcl")
    bot = session("S3IncidentRemediate", "inc-0001", "ASIABOT0000000000001", "10.9.9.9", "Boto3")
    log.call(
        bot,
        "iam",
        "AttachUserPolicy",
        requestParameters={"userName": "ci-deploy", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"},
    )
    maria = f"arn:aws:iam::{ACCOUNT}:user/maria.ops"
    result = ask(
        log,
        own_principals=frozenset({f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"}),
        responders=frozenset({maria}),
    )
    apart = result.totals.set_apart
    assert (apart.own, apart.responders, apart.services) == (1, 24, 1)
    assert labels(result)["inc-0001"] == "known"
    assert labels(result)["maria.ops"] == "known"
    assert result.answer("E30").answer == "yes"


def test_the_bots_own_change_is_no_persistence() -> None:
    log = Log()
    bot = session("S3IncidentRemediate", "inc-0001", "ASIABOT0000000000001", "10.9.9.9", "Boto3")
    log.call(bot, "iam", "AttachUserPolicy", requestParameters={"userName": "x"})
    own = frozenset({f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate"})
    assert ask(log, own_principals=own).answer("E14").answer == "no"


def test_a_quarantined_user_is_under_suspicion_and_not_who_quarantined_it() -> None:
    log = Log()
    home = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    log.call(home, "sts", "GetCallerIdentity")
    log.wait(minutes=1).call(home.at(ATTACKER_IP, "Boto3/1.40 Darwin"), "sts", "GetCallerIdentity")
    attach = {"userName": "ci-deploy", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}
    log.wait(minutes=1).call(
        service("support.amazonaws.com"), "iam", "AttachUserPolicy", requestParameters=attach
    )
    result = ask(log)
    assert labels(result) == {"ci-deploy": "suspect", "support.amazonaws.com": "service"}


def test_who_stops_the_trail_is_a_suspect_and_who_tries_is_not() -> None:
    admin = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
    log = Log()
    log.call(admin, "cloudtrail", "StopLogging", requestParameters={"name": "acme-trail"})
    assert labels(ask(log))["admin"] == "suspect"
    log = Log()
    log.denied(admin, "cloudtrail", "StopLogging", requestParameters={"name": "acme-trail"})
    result = ask(log)
    assert labels(result)["admin"] == "unclear"
    assert result.findings[0].title == "Tried without success: CloudTrail was switched off (acme-trail)"


def test_an_administrator_who_repairs_the_bucket_is_no_thief() -> None:
    admin = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
    log = Log()
    log.object(admin, "GetObject", "k", errorCode="AccessDenied")
    log.wait(minutes=1).bucket(admin, "PutBucketPolicy", bucketPolicy={"Statement": []})
    log.wait(minutes=1).object(admin, "GetObject", "k")
    result = ask(log)
    assert labels(result)["admin"] == "unclear"
    assert result.answer("E6").answer == "yes"


def test_a_grant_for_somebody_else_does_not_explain_a_success() -> None:
    admin = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
    log = Log()
    log.denied(admin, "iam", "ListUsers")
    grant = {"userName": "somebody", "policyName": "p", "policyDocument": ALLOW_ALL}
    log.wait(minutes=1).call(admin, "iam", "PutUserPolicy", requestParameters=grant)
    log.wait(minutes=1).call(admin, "iam", "ListUsers")
    assert not [finding for finding in ask(log).findings if finding.rule == "E6"]


def test_a_policy_for_another_account_names_it_in_the_proposal() -> None:
    policy = json.loads(json.dumps(PUBLIC_POLICY).replace('"*"', '{"AWS": "arn:aws:iam::999988887777:root"}'))
    log = Log()
    log.bucket(user("u", LEAKED_KEY, ATTACKER_IP, LINUX), "PutBucketPolicy", bucketPolicy=policy)
    result = ask(log)
    assert result.findings[0].rule == "D5"
    (step,) = [step for step in result.proposals if step.remediation == "R18"]
    assert "999988887777" in step.why


def test_the_story_is_told_in_order_and_in_runs() -> None:
    log = leaked_key()
    told = [(entry.label, entry.text) for entry in ask(log).timeline]
    assert ("suspect", "ListBuckets (refused)") in told
    assert ("suspect", "Read 35 objects, 35 times: 35,595 bytes (35.6 kB)") in told
    assert told[-1] == ("suspect", "Read 4 objects, 4 times: 16,384 bytes (16.4 kB)")
    times = [entry.time for entry in ask(log).timeline]
    assert times == sorted(times)


def test_nothing_in_the_window_is_said_so() -> None:
    later = (START + timedelta(days=3), START + timedelta(days=4))
    result = ask(leaked_key(), window=later)
    assert result.verdict.startswith("These logs hold no event of the window.")
    assert result.totals.outside_window
    assert not result.totals.about_bucket
    assert not result.actors


def test_a_session_issued_before_the_window_is_walked_back() -> None:
    log = Log(now=START - timedelta(hours=5))
    ci = user("ci-deploy", LEAKED_KEY, CI_IP, LINUX)
    log.assume(ci, "web", INSTANCE, "ASIAINSTANCE00000001")
    log.now = START
    log.object(instance("1.2.3.4", MAC), "GetObject", "ring.txt")
    result = ask(log, window=(START - timedelta(minutes=1), START + timedelta(hours=1)))
    assert [hop.parent_key_id for hop in result.lineage] == [LEAKED_KEY, None]
    assert "ci-deploy" not in labels(result)
