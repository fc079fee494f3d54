"""Which signs together make a suspect."""

import pytest

from tests.evidence.records import CI_IP, LEAKED_KEY, Caller, Log, session, user
from tests.evidence.stories import LINUX, OFFICE
from tests.evidence.story import ask, labels

CI = user("ci", LEAKED_KEY, CI_IP, LINUX)
QUARANTINE = {"userName": "ci", "policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}


def found_in_public(agent: str) -> Log:
    """A key in two places, one after the other; a day later AWS tells that the key is public."""
    log = Log()
    log.object(CI, "GetObject", "a")
    log.wait(hours=1).object(CI.at("192.0.2.9", agent), "GetObject", "dump.sql", size=5e8)
    support = session(
        "AWSServiceRoleForSupport", "s", "ASIASUPPORT000000001", "support.amazonaws.com", "support"
    )
    log.wait(days=1).call(support, "iam", "AttachUserPolicy", requestParameters=QUARANTINE)
    return log


def test_a_key_that_aws_found_in_public_and_that_was_used_elsewhere_before() -> None:
    result = ask(found_in_public("curl/8"))
    assert labels(result)["ci"] == "suspect"
    assert "1 object read by 1 call" in result.verdict


def test_a_key_that_aws_found_in_public_and_that_was_only_at_home() -> None:
    log = found_in_public(LINUX)
    log.records = [one for one in log.records if one["sourceIPAddress"] != "192.0.2.9"]
    assert labels(ask(log))["ci"] == "unclear"


def at_once(tool: str, *, home_goes_on: bool) -> Log:
    log = Log()
    log.call(CI, "ecr", "GetAuthorizationToken")
    away: Caller = CI.at("192.0.2.9", tool)
    log.wait(hours=5).call(away, "sts", "GetCallerIdentity")
    log.wait(minutes=1).denied(
        away, "s3", "GetObject", requestParameters={"bucketName": "acme-payroll", "key": "a"}
    )
    if home_goes_on:
        log.wait(hours=5).call(CI, "ecr", "GetAuthorizationToken")
    return log


@pytest.mark.parametrize(
    ("tool", "home_goes_on", "label"),
    [("TruffleHog", True, "suspect"), ("TruffleHog", False, "unclear"), ("curl/8", True, "unclear")],
    ids=["at once and with a tool", "one after the other", "at once and with any client"],
)
def test_a_key_at_work_in_two_places_at_once_with_a_tool_of_attackers(
    tool: str, home_goes_on: bool, label: str
) -> None:
    assert labels(ask(at_once(tool, home_goes_on=home_goes_on)))["ci"] == label


def test_a_few_large_objects_count_as_much_as_many_small_ones() -> None:
    log = Log()
    log.call(CI, "ecr", "GetAuthorizationToken")
    browser = CI.at(OFFICE, "S3 Browser/11.6.7 (https://s3browser.com)")
    for number in range(3):
        log.wait(minutes=5).object(browser, "GetObject", f"dump-{number}.sql", size=4e9)
    assert labels(ask(log))["ci"] == "suspect"
    by_its_owner = Log()
    for number in range(3):
        by_its_owner.wait(minutes=5).object(CI, "GetObject", f"dump-{number}.sql", size=4e9)
    assert labels(ask(by_its_owner))["ci"] == "unclear"


def at_ones_desk(*, days: int) -> Log:
    """Somebody reads one object a day, each day with a new session, and at last copies out what is there."""
    log = Log()
    for day in range(days):
        desk = session("AWSReservedSSO_Ops_1", "ines", f"ASIAINES{day:012d}", OFFICE, LINUX)
        log.object(desk, "GetObject", "daily.csv", size=10.0)
        log.wait(days=1)
    for number in range(3):
        log.wait(minutes=1).object(desk, "GetObject", f"{number}.jpg", size=1000.0)
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    log.bucket(desk, "PutBucketPolicy", bucketPolicy=policy)
    return log


def test_the_everyday_work_of_an_insider_is_not_counted_as_taken() -> None:
    result = ask(at_ones_desk(days=6))
    (insider,) = result.suspects
    assert insider.access_key_ids[0] == "ASIAINES000000000005"
    assert (insider.get_object_calls, insider.bytes_out) == (4, 3010)
    assert "since 2026-11-28 02:00:00 UTC" in result.verdict
    assert not any("thief" in reason.text for one in result.people for reason in one.reasons)
