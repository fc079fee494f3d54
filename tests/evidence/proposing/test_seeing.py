"""R36 and R34 are proposed where nothing showed the reads, with what is known; else it is said in words."""

from dataclasses import replace
from typing import Any

from bot.evidence.clues.gathered import Gathered
from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from tests.evidence.records import ACCOUNT, ATTACKER_IP, BUCKET, CI_IP, LEAKED_KEY, START, WINDOW, Log, user
from tests.evidence.stories import LINUX, MAC, OTHER_ACCOUNT
from tests.evidence.story import Records, ask, steps

ADMIN = user("admin", "AKIAADMIN00000000001", CI_IP, LINUX)
THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, MAC)
NO_DATA = {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]}
ALL_DATA = {
    "EventSelectors": [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
        }
    ]
}


def arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:cloudtrail:us-east-1:{account}:trail/{name}"


def trail(name: str, selectors: dict[str, Any] = NO_DATA, *, on: bool = True, **members: Any) -> TrailFact:
    told = {"Name": name, "TrailARN": arn(name), "IsMultiRegionTrail": True, **members}
    return TrailFact(told, {"IsLogging": on, "StartLoggingTime": START.replace(year=2020)}, selectors)


def off(*trails: TrailFact) -> TrailFacts:
    """Access logging is off."""
    return TrailFacts(trails or (trail("acme"),), {})


def logging_to(target: str, prefix: str = "") -> dict[str, Any]:
    return {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}


def opened() -> Log:
    """A thief opens the bucket, in a log of management events alone."""
    log = Log()
    log.bucket(THIEF, "DeleteBucketPublicAccessBlock", publicAccessBlock="")
    log.wait(minutes=1).call(THIEF, "iam", "CreateUser", requestParameters={"userName": "helpdesk"})
    return log


def proposed(result: Investigation, row: str) -> list[dict[str, str]]:
    return [target for remediation, target in steps(result) if remediation == row]


def test_data_events_that_were_off_are_switched_on_in_the_trail_that_logs() -> None:
    regional = trail("a-regional", IsMultiRegionTrail=False)
    stopped = trail("a-stopped", on=False)
    result = ask(opened(), trails=off(regional, stopped, trail("acme")))
    assert proposed(result, "R36") == [{"bucket": BUCKET, "trail": arn("acme")}]
    (step,) = [one for one in result.proposals if one.remediation == "R36"]
    assert "trail acme is logging, and selects no data events of this bucket" in step.why
    assert not any("PutEventSelectors" in one for one in result.next_steps)
    assert any("PutEventSelectors" in one for one in result.unknown)


def test_a_trail_that_is_not_ours_to_change_is_said_in_words() -> None:
    organization = trail("org", IsOrganizationTrail=True)
    foreign = trail("theirs", TrailARN=arn("theirs", OTHER_ACCOUNT))
    result = ask(opened(), trails=off(organization, foreign))
    assert not proposed(result, "R36")
    assert any("R36, PutEventSelectors" in one for one in result.next_steps)


def test_nothing_is_switched_on_that_was_on_or_of_which_nobody_knows() -> None:
    recorded = ask(opened(), trails=TrailFacts([trail("acme", ALL_DATA)], logging_to("acme-logs")))
    unknown = ask(opened())
    for result in (recorded, unknown):
        assert not proposed(result, "R36")
        assert not proposed(result, "R34")
    assert any("R36, PutEventSelectors" in one for one in unknown.next_steps)


def test_a_trail_whose_selectors_could_not_be_read_is_not_one_that_selects_nothing() -> None:
    unread = replace(trail("acme"), selectors=None)
    result = ask(opened(), trails=off(unread, trail("second")))
    assert not proposed(result, "R36")
    assert any("What trail acme selects could not be read" in one for one in result.unknown)
    (answer,) = [one.answer for one in result.coverage if one.subject == "object reads"]
    assert answer == "cannot_know"
    sure = ask(opened(), trails=off(unread, trail("all", ALL_DATA)))
    assert not any("could not be read" in one for one in sure.unknown)


def test_access_logs_without_a_log_bucket_are_said_in_words() -> None:
    result = ask(opened(), trails=off())
    assert not proposed(result, "R34")
    assert any("R34, PutBucketLogging): name a log bucket" in one for one in result.next_steps)


def test_access_logs_go_where_those_of_the_neighbours_go() -> None:
    log = Log()
    for other, target in (("acme-web", "acme-logs"), ("acme-app", "acme-logs"), ("acme-x", "strange")):
        log.bucket(ADMIN, "PutBucketLogging", bucket=other, BucketLoggingStatus=logging_to(target, "web/"))
    log.wait(days=1).bucket(
        THIEF, "PutBucketLogging", bucket="acme-y", BucketLoggingStatus=logging_to("mine")
    )
    log.records += opened().wait(days=1).records
    result = ask(log, trails=off())
    assert proposed(result, "R34") == [{"bucket": BUCKET, "log_bucket": "acme-logs"}]
    (step,) = [one for one in result.proposals if one.remediation == "R34"]
    assert "and access logs are off. Those of bucket acme-" in step.why
    assert set(step.event_ids) <= {one["eventID"] for one in log.records[:2]}


def test_access_logs_that_a_suspect_switched_off_or_sent_away_go_where_they_went_before() -> None:
    for now in ("", logging_to("thiefs-bucket")):
        log = Log()
        log.bucket(ADMIN, "PutBucketLogging", BucketLoggingStatus=logging_to("acme-logs", "payroll/"))
        log.wait(days=2).bucket(THIEF, "PutBucketLogging", BucketLoggingStatus=now)
        log.call(THIEF, "cloudtrail", "StopLogging", requestParameters={"name": "acme"})
        result = ask(log)
        assert proposed(result, "R34") == [
            {"bucket": BUCKET, "log_bucket": "acme-logs", "prefix": "payroll/"}
        ]
    assert proposed(result, "R30")


def test_a_suspects_own_target_and_the_bucket_itself_are_no_log_buckets() -> None:
    log = Log()
    log.bucket(THIEF, "PutBucketLogging", BucketLoggingStatus=logging_to("thiefs-bucket"))
    log.bucket(THIEF, "PutBucketLogging", bucket="acme-y", BucketLoggingStatus=logging_to("thiefs-bucket"))
    log.call(THIEF, "cloudtrail", "StopLogging", requestParameters={"name": "acme"})
    log.bucket(ADMIN, "PutBucketLogging", bucket="acme-web", BucketLoggingStatus=logging_to(BUCKET))
    assert not proposed(ask(log, trails=off()), "R34")


def test_what_config_had_before_the_attack_comes_first() -> None:
    log = opened()
    log.bucket(ADMIN, "PutBucketLogging", bucket="acme-web", BucketLoggingStatus=logging_to("acme-logs"))
    before = {"captured_at": "2026-11-01T00:00:00+00:00", "logging": logging_to("acme-archive", "p/")}
    result = investigate(
        Question(bucket=BUCKET, account_id=ACCOUNT, window=WINDOW),
        [Records(log.records)],
        trails=off(),
        facts=lambda _: Gathered(bucket_before=before),
    )
    assert proposed(result, "R34") == [{"bucket": BUCKET, "log_bucket": "acme-archive", "prefix": "p/"}]
    assert "AWS Config had them there at 2026-11-01" in str(result.proposals)
