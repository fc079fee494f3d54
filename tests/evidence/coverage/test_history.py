"""Recording that changed within the window: "no until ..., cannot know since ..."."""

from datetime import timedelta
from typing import Any

import pytest

from bot.evidence.coverage.history import Past, changes
from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.events import event_from
from bot.evidence.report import Coverage, Investigation
from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, SECOND_KEY, START, WINDOW, Log, user
from tests.evidence.stories import LINUX, OFFICE
from tests.evidence.story import ask

THIEF = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "Boto3/1.40.1")
ALL = [{"type": "AWS::S3::Object", "values": [f"arn:aws:s3:::{BUCKET}/"]}]


def selectors(resources: list[dict[str, Any]]) -> dict[str, Any]:
    one = {"readWriteType": "All", "includeManagementEvents": True, "dataResources": resources}
    return {"trailName": "acme-trail", "eventSelectors": [one]}


def facts(resources: list[dict[str, Any]], *, logging: bool = True) -> TrailFacts:
    values = [{"Type": one["type"], "Values": one["values"]} for one in resources]
    basic = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": values}
    status = {"IsLogging": logging}
    return TrailFacts([TrailFact({"Name": "acme-trail"}, status, {"EventSelectors": [basic]})], {})


def stretches(log: Log, known: TrailFacts | None, name: str = "GetObject") -> list[tuple[str, str | None]]:
    events = [event_from(record) for record in log.records]
    found = Past(known, changes(events)).stretches(BUCKET, [name])
    return [(one.recorded, one.opened_by.name if one.opened_by else None) for one in found]


def act(log: Log, call: str, **parameters: Any) -> Log:
    log.wait(minutes=10).call(THIEF, "cloudtrail", call, requestParameters=parameters)
    return log


def test_without_changes_todays_settings_hold() -> None:
    assert stretches(Log(), facts(ALL)) == [("yes", None)]
    assert stretches(Log(), facts([])) == [("no", None)]
    assert stretches(Log(), None) == [("cannot_know", None)]


def test_stopped_and_started_again() -> None:
    arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/acme-trail"
    log = act(act(Log(), "StopLogging", name="acme-trail"), "StartLogging", name=arn)
    assert stretches(log, facts(ALL)) == [("yes", None), ("no", "StopLogging"), ("yes", "StartLogging")]


def test_a_trail_that_was_deleted_recorded_what_nobody_can_say() -> None:
    log = act(Log(), "DeleteTrail", name="acme-trail")
    assert stretches(log, TrailFacts([], {})) == [("cannot_know", None), ("no", "DeleteTrail")]


def test_what_the_log_says_of_new_selectors_holds_from_then_on() -> None:
    log = act(Log(), "PutEventSelectors", **selectors([]))
    assert stretches(log, facts([])) == [("cannot_know", None), ("no", "PutEventSelectors")]
    log = act(log, "PutEventSelectors", **selectors(ALL))
    assert stretches(log, facts(ALL))[-1] == ("yes", "PutEventSelectors")


def test_a_new_trail_records_no_objects_and_nothing_before_it_was_started() -> None:
    log = act(Log(), "CreateTrail", name="new")
    assert stretches(log, TrailFacts([TrailFact({"Name": "new"}, {"IsLogging": False})], {})) == [
        ("no", None)
    ]


def test_logs_sent_to_another_bucket_are_not_ours_to_read() -> None:
    log = act(Log(), "UpdateTrail", name="acme-trail", s3BucketName="thiefs-bucket")
    assert stretches(log, facts(ALL)) == [("cannot_know", None)]


def test_a_refused_change_changes_nothing() -> None:
    log = act(Log(), "StopLogging", name="acme-trail")
    log.records[0]["errorCode"] = "AccessDenied"
    assert stretches(log, facts(ALL)) == [("yes", None)]


def test_without_aws_answers_another_trail_may_have_gone_on() -> None:
    assert stretches(act(Log(), "StopLogging", name="acme-trail"), None) == [("cannot_know", None)]


def row(result: Investigation, subject: str) -> Coverage:
    return next(one for one in result.coverage if one.subject == subject)


@pytest.fixture(scope="module")
def stopped() -> Investigation:
    log = Log(now=WINDOW[0] + timedelta(minutes=30))
    log.object(THIEF, "ListObjects", None)
    log.now = START
    return ask(act(log, "StopLogging", name="acme-trail"), trails=facts(ALL, logging=False), window=WINDOW)


class TestWhatPeopleAreTold:
    def test_recorded_until_and_not_since(self, stopped: Investigation) -> None:
        told = row(stopped, "object reads")
        assert told.answer == "cannot_know"
        assert told.because.startswith("Recorded until 2026-11-23 02:10:00 UTC; not recorded since")
        assert "(StopLogging by user ci-deploy)" in told.because
        assert told.turn_on

    def test_no_until_then_and_cannot_know_since(self, stopped: Investigation) -> None:
        answer = stopped.answer("E8")
        assert answer.answer == "cannot_know"
        assert answer.because.startswith("No object was read until 2026-11-23 02:10:00 UTC")
        assert "After that it cannot be known" in answer.because

    def test_management_events_end_there_too(self, stopped: Investigation) -> None:
        assert (
            "until 2026-11-23 02:10:00 UTC, when user ci-deploy called StopLogging"
            in row(stopped, "management events").because
        )
        assert stopped.answer("E14").because.startswith("Nobody created or changed identities until")


def test_later_events_show_that_another_trail_went_on() -> None:
    log = act(Log(), "StopLogging", name="acme-trail")
    log.wait(minutes=30).call(THIEF, "iam", "ListUsers")
    assert row(ask(log), "management events").answer == "yes"


def test_the_bots_own_switching_on_counts_too() -> None:
    log = Log()
    log.wait(minutes=1).call(THIEF, "sts", "GetCallerIdentity")
    act(log, "PutEventSelectors", **selectors(ALL))
    own = frozenset({THIEF.identity["arn"]})
    told = row(ask(log, trails=facts(ALL), own_principals=own), "object reads").because
    assert told.endswith("recorded since 2026-11-23 02:11:00 UTC (PutEventSelectors by user ci-deploy).")


def test_a_gap_in_recording_is_no_proof_of_anything() -> None:
    thief, app = user("ops", LEAKED_KEY, ATTACKER_IP, LINUX), user("app", SECOND_KEY, OFFICE, LINUX)
    log = Log()
    log.object(app, "GetObject", "a")
    assert ask(log).answer("E10").answer == "no"
    log.wait(minutes=30).call(thief, "cloudtrail", "StopLogging", requestParameters={"name": "main"})
    gone = ask(log)
    again = {"name": "arn:aws:cloudtrail:us-east-1:1:trail/main"}
    log.wait(hours=5).call(app, "cloudtrail", "StartLogging", requestParameters=again)
    log.wait(minutes=30).object(user("app", SECOND_KEY, OFFICE, LINUX), "GetObject", "a")
    back = ask(log)
    for result in (gone, back):
        assert result.answer("E10").answer == "cannot_know"
        assert "until 2026-11-23 02:30:00 UTC" in result.answer("E10").because
    reads = next(row for row in back.coverage if row.subject == "object reads")
    assert reads.because == (
        "Recorded until 2026-11-23 02:30:00 UTC; not known whether recorded since 2026-11-23 02:30:00 UTC "
        "(StopLogging by user ops) until 2026-11-23 07:30:00 UTC; recorded since 2026-11-23 07:30:00 UTC "
        "(StartLogging by user app)."
    )
    gap = "records nothing since 2026-11-23 02:30:00 UTC until 2026-11-23 07:30:00 UTC"
    assert gap in back.answer("E23").because
    management = next(row for row in back.coverage if row.subject == "management events")
    assert management.because.endswith(
        "nothing shows them until it was started again at 2026-11-23 07:30:00 UTC."
    )
    assert back.answer("E17").answer == "cannot_know"
