"""Signs that take several records, also where most of them were only counted."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.evidence.collect import collect
from bot.evidence.detections.patterns import signs
from bot.evidence.detections.ruleset import Detections, bundled, load
from bot.evidence.detections.scene import Scene
from bot.evidence.detections.sign import Sign
from bot.evidence.events import event_from
from bot.evidence.questions import Question
from tests.evidence.detections.sigma.test_files import write
from tests.evidence.records import ACCOUNT, BUCKET, Log, user

JO = user("jo", "AKIAJO00000000000001", "198.51.100.10", "aws-cli/2.31.0")


def found(log: Log, detections: Detections | None = None, **asked: Any) -> list[Sign]:
    events = sorted(map(event_from, log.records), key=lambda event: (event.time, event.event_id))
    question = Question(bucket=BUCKET, account_id=ACCOUNT, **asked)
    return signs(collect(question, events), Scene(BUCKET, ACCOUNT, detections=detections or bundled()))


def titles(log: Log, **asked: Any) -> set[str]:
    return {sign.title for sign in found(log, **asked)}


def reads(log: Log, count: int, seconds: int = 2, **members: Any) -> Log:
    for number in range(count):
        log.wait(seconds=seconds).object(JO, "GetObject", f"k/{number}", **members)
    return log


def test_a_bulk_read_names_every_event_and_where_it_came_from() -> None:
    [sign] = found(reads(Log(), 25))
    assert sign.title == "Read 25 different objects within 10 minutes"
    assert (sign.rule, sign.kind, sign.severity, sign.weight) == ("E8", "taking", "high", "adds")
    assert len(sign.event_ids) == 25
    assert sign.origins == {("AKIAJO00000000000001", "198.51.100.10", "aws-cli/2.31.0")}
    assert sign.last - sign.first == timedelta(seconds=48)


def test_two_places_are_not_one_bulk_read() -> None:
    log = reads(Log(), 15)
    for number in range(15):
        log.wait(seconds=2).object(JO.at("203.0.113.9"), "GetObject", f"other/{number}")
    assert not titles(log)


def test_a_bulk_read_of_which_no_call_was_kept() -> None:
    """Calls alike are kept up to a number: here all of the burst were only counted."""
    log = reads(Log(), 520, seconds=3600)
    [sign] = found(reads(log.wait(hours=5), 40))
    assert sign.title == "Read 40 different objects within 10 minutes"
    assert sign.last - sign.first == timedelta(seconds=78)


def test_a_teams_own_number_holds_for_counted_calls_too(tmp_path: Path) -> None:
    [ours] = [one for one in bundled().correlations if one.name == "bulk_read"]
    raised = load([write(tmp_path, bulk=ours.path.read_text().replace("gte: 20", "gte: 100"))])
    assert not raised.problems
    assert not found(reads(reads(Log(), 520, seconds=3600).wait(hours=5), 40), raised)
    assert [one.title for one in found(reads(Log(), 120), raised)] == [
        "Read 120 different objects within 10 minutes"
    ]


def test_those_who_are_set_apart_leave_no_sign() -> None:
    assert not found(reads(Log(), 25), responders=frozenset({str(JO.identity["arn"])}))


def test_refusals_alone_only_tell() -> None:
    log = reads(Log(), 60, errorCode="AccessDenied")
    assert [(sign.rule, sign.weight) for sign in found(log)] == [("D3", "tells")]


def test_read_in_bulk_then_deleted() -> None:
    log = reads(Log(), 25).wait(minutes=5)
    log.object(JO, "DeleteObject", "k/1")
    assert [(sign.rule, sign.weight) for sign in found(log)] == [("D9", "tells"), ("E8", "adds")]
    assert len(found(log)[0].event_ids) == 26


def test_the_same_answer_whatever_the_order() -> None:
    log = reads(Log(), 30, seconds=0)
    again = Log(records=list(reversed(log.records)), now=log.now)
    assert found(log) == found(again)


def test_aws_quarantine_is_a_sign_against_the_user_whose_key_leaked() -> None:
    admin = user("admin", "AKIAADMIN00000000001", "198.51.100.11", "aws-cli/2.31.0")
    log = reads(Log(), 1)
    arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    log.call(admin, "iam", "AttachUserPolicy", requestParameters={"userName": "jo", "policyArn": arn})
    against = {sign.actor.rsplit("/", 1)[-1]: sign.weight for sign in found(log) if sign.rule == "D27"}
    assert against == {"admin": "tells", "jo": "adds"}
