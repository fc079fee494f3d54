"""CloudTrail event history: what is looked up, in which order, and what a later run need not ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.evidence import names
from bot.evidence.events import Event
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import event_in
from bot.evidence.sources.event_history import EventHistory
from bot.evidence.sources.plan import LookupPlan
from bot.evidence.wanted import Wanted
from tests.evidence.records import (
    ACCOUNT,
    ATTACKER_IP,
    BUCKET,
    LEAKED_KEY,
    SECOND_KEY,
    START,
    WINDOW,
    Log,
    Record,
    leaked_key,
    service,
    user,
)

THIEF = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "Boto3/1.40.1")
EVERYTHING = Wanted(bucket=BUCKET, names=names.TELLING)


def keys(*some: str, foremost: tuple[str, ...] = ()) -> Wanted:
    return Wanted(keys=frozenset((*some, *foremost)), foremost=frozenset(foremost))


class History:
    """CloudTrail event history over records: one attribute a call, management events only, newest first."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self.asked: list[tuple[str, tuple[str, str]]] = []
        self.since: list[datetime] = []

    def __call__(
        self, *, region: str, attribute: tuple[str, str], start: datetime, end: datetime
    ) -> Iterator[Mapping[str, Any]]:
        self.asked.append((region, attribute))
        self.since.append(start)
        for record in reversed(self.records):
            moment = datetime.fromisoformat(record["eventTime"])
            here = record["awsRegion"] == region and record["eventCategory"] == "Management"
            if here and start <= moment <= end and attribute[1] in self._values(record, attribute[0]):
                yield record

    @staticmethod
    def _values(record: Record, attribute: str) -> list[str | None]:
        if attribute == "EventName":
            return [record["eventName"]]
        if attribute == "AccessKeyId":
            return [record["userIdentity"].get("accessKeyId")]
        if attribute == "Username":
            return [record["userIdentity"].get("userName")]
        issued = ((record["responseElements"] or {}).get("credentials") or {}).get("accessKeyId")
        arns = [resource["ARN"].removeprefix("arn:aws:s3:::") for resource in record.get("resources") or []]
        return [issued, *arns]


def history(records: list[Record], **plan: Any) -> tuple[EventHistory, History]:
    lookup = History(records)
    asked = LookupPlan(**({"bucket": BUCKET, "regions": ("us-east-1",)} | plan))
    return EventHistory(lookup, asked, WINDOW), lookup


def found(source: EventHistory, wanted: Wanted) -> list[Event]:
    return [event_in(raw) for part in source.search(wanted, lambda _: False) for raw in part.found]


def ask(source: EventHistory, matches: Path | None = None) -> Investigation:
    question = Question(bucket=BUCKET, account_id=ACCOUNT, window=source.window)
    return investigate(question, [source], matches=matches)


def test_finds_every_management_event_of_a_key_and_no_object_read() -> None:
    records = leaked_key().records
    source, _ = history(records)
    events = {event.event_id for event in found(source, keys(LEAKED_KEY))}
    of_key = [r for r in records if r["userIdentity"].get("accessKeyId") == LEAKED_KEY]
    assert events == {r["eventID"] for r in of_key if r["eventCategory"] == "Management"}
    assert source.coverage().complete
    assert (source.coverage().management, source.coverage().data) == (True, False)


def test_only_what_is_wanted_is_found() -> None:
    source, _ = history(leaked_key().records)
    source.lookup = lambda **_: iter(leaked_key().records)
    assert {event.who.access_key for event in found(source, keys(SECOND_KEY))} == {SECOND_KEY, LEAKED_KEY}
    assert all(SECOND_KEY in (e.who.access_key, e.minted_key) for e in found(source, keys(SECOND_KEY)))


def test_whoever_changed_something_is_followed_without_a_known_key() -> None:
    source, lookup = history(leaked_key().records)
    ask(source)
    assert ("us-east-1", ("AccessKeyId", LEAKED_KEY)) in lookup.asked
    assert ("us-east-1", ("AccessKeyId", SECOND_KEY)) in lookup.asked
    assert len(lookup.asked) == len(set(lookup.asked))


def test_keys_in_question_come_first_then_the_bucket_and_other_keys_last() -> None:
    source, lookup = history([])
    found(source, EVERYTHING | keys("AKIAOTHER", foremost=("ASIAX",)))
    attributes = [attribute for _, attribute in lookup.asked]
    assert attributes[:3] == [("AccessKeyId", "ASIAX"), ("ResourceName", "ASIAX"), ("ResourceName", BUCKET)]
    assert attributes[-1] == ("AccessKeyId", "AKIAOTHER")


def test_the_origin_of_a_session_lies_before_the_window() -> None:
    log = Log(now=START - timedelta(hours=9))
    log.assume(THIEF, "admin", "x", "ASIAEARLY00000000001")
    source, _ = history(log.records)
    assert [event.minted_key for event in found(source, keys("ASIAEARLY00000000001"))] == [
        "ASIAEARLY00000000001"
    ]


def test_a_user_under_suspicion_is_asked_for_by_name() -> None:
    source, lookup = history([])
    found(source, Wanted(principals=frozenset({f"arn:aws:iam::{ACCOUNT}:user/team/mallory", "arn:x:role/r"})))
    assert lookup.asked == [("us-east-1", ("Username", "mallory"))]


def test_services_are_not_followed() -> None:
    log = Log()
    log.bucket(service("config.amazonaws.com"), "PutBucketPolicy")
    source, lookup = history(log.records)
    empty, nothing = history([])
    assert ask(source).totals.about_bucket == 1
    ask(empty)
    assert lookup.asked == nothing.asked


def test_the_bound_makes_it_partial_and_says_so() -> None:
    source, lookup = history(leaked_key().records, most=7)
    told: list[str] = []
    source.progress = told.append
    found(source, EVERYTHING)
    found(source, keys(LEAKED_KEY))
    assert len(lookup.asked) == 7
    assert told[-1].startswith("7 of ")
    coverage = source.coverage()
    assert (coverage.complete, coverage.lookups, coverage.calls) == (False, 7, 7)
    assert coverage.note.startswith("partial: 7 of ")


def test_the_cost_is_told_by_the_quota() -> None:
    source, lookup = history([])
    cost = source.cost(EVERYTHING)
    found(source, EVERYTHING)
    assert (cost.calls, cost.seconds) == (len(lookup.asked), len(lookup.asked) / 2)


def test_every_region_is_asked_for_the_bucket_and_iam_only_at_its_own() -> None:
    source, lookup = history([], regions=("eu-west-1",))
    found(source, EVERYTHING)
    regions = {attribute: region for region, attribute in lookup.asked}
    assert regions["ResourceName", BUCKET] == "eu-west-1"
    assert regions["EventName", "CreateAccessKey"] == "us-east-1"
    assert ("eu-west-1", ("EventName", "StopLogging")) in lookup.asked
    assert ("us-east-1", ("EventName", "StopLogging")) in lookup.asked


def test_beside_a_trails_files_it_asks_for_little_and_proves_nothing() -> None:
    source, lookup = history([], beside_files=True)
    found(source, EVERYTHING)
    names_asked = {value for _, (attribute, value) in lookup.asked if attribute == "EventName"}
    assert names_asked == names.BLINDING
    assert source.coverage().management is None


def test_records_that_are_none_are_named() -> None:
    source, _ = history([])
    source.lookup = lambda **_: iter([{"eventName": "x"}])
    problem = next(
        problem for part in source.search(EVERYTHING, lambda _: False) for problem in part.problems
    )
    assert str(problem).startswith("event history us-east-1 ResourceName=acme-payroll: ")


@pytest.mark.parametrize(("key", "origin"), [("AKIAX", False), ("ASIAX", True)])
def test_the_issuing_call_is_asked_for_temporary_keys_only(key: str, origin: bool) -> None:
    plan = LookupPlan(bucket=BUCKET, regions=("us-east-1",))
    attributes = [lookup.attribute for lookup in plan.lookups(keys(key))]
    assert (("ResourceName", key) in attributes) is origin


def run(
    records: list[Record], now: datetime, former: list[datetime], matches: Path | None
) -> tuple[Any, History]:
    """A run whose window ends now, over what is in event history by now."""
    with time_machine.travel(now, tick=False):
        lookup = History([r for r in records if datetime.fromisoformat(r["eventTime"]) <= now])
        plan = LookupPlan(BUCKET, ("us-east-1",))
        result = ask(EventHistory(lookup, plan, (WINDOW[0], now), former=former), matches).to_json()
    del result["totals"], result["sources"]
    return result, lookup


def test_a_later_run_asks_only_for_the_time_since_and_answers_like_a_fresh_one(tmp_path: Path) -> None:
    records, matches = leaked_key().records, tmp_path / "matches.sqlite"
    first, second = START + timedelta(minutes=25), START + timedelta(hours=1)
    run(records, first, [], matches)
    again, lookup = run(records, second, [first], matches)
    fresh, _ = run(records, second, [], None)
    assert again == fresh
    asked = dict(zip(lookup.asked, lookup.since, strict=True))
    assert asked["us-east-1", ("EventName", "CreateAccessKey")] == first - timedelta(minutes=15)
    # Nobody had heard of this key before.
    assert asked["us-east-1", ("AccessKeyId", SECOND_KEY)] == WINDOW[0]


def test_what_came_late_within_15_minutes_is_found_by_the_next_run(tmp_path: Path) -> None:
    records, matches = leaked_key().records, tmp_path / "matches.sqlite"
    now = START + timedelta(minutes=25)
    late = [r for r in records if datetime.fromisoformat(r["eventTime"]) > now - timedelta(minutes=14)]
    run([r for r in records if r not in late], now, [], matches)
    again, _ = run(records, now, [now], matches)
    assert again == run(records, now, [], None)[0]
