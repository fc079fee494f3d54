"""Athena and the reader of files find the same records, and come to the same answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.athena.query import CENSUS_COLUMNS, Place, query_for
from bot.evidence.athena.rows import found_in, is_census
from bot.evidence.athena.table import Table
from bot.evidence.events import Event
from bot.evidence.investigate import investigate
from bot.evidence.names import TELLING
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import event_in, events_in
from bot.evidence.sources.base import Source
from bot.evidence.wanted import Wanted
from bot.sandbox.aws.athena.catalog import Catalog
from bot.sandbox.aws.athena.engine import parsed, select
from tests.aws.account import Account
from tests.evidence.athena.stage import Stage
from tests.evidence.scan.plain_reader import plainly
from tests.examples import some_of


def never(_: str) -> bool:
    return False


def events_of(source: Source, wanted: Wanted) -> set[bytes]:
    """Everything an event says but the record's own bytes, in an order that is always the same."""
    return {_told(event_in(raw)) for part in source.search(wanted, never) for raw in part.found}


def _told(event: Event) -> bytes:
    # A record without an id is named after its content; written anew, null members have left that.
    named = event.event_id if not event.event_id.startswith("content-") else ""
    return msgspec.json.encode(msgspec.structs.replace(event, raw=b"", event_id=named), order="deterministic")


def answers_of(result: Investigation) -> dict[str, Any]:
    """All of the answer but what says how it was read."""
    told = result.model_dump(mode="json")
    for name in ("sources", "coverage", "totals"):
        told.pop(name)
    return told


def packed_anew(folder: Path, stage: Stage) -> list[Event]:
    """The records of real trail files, in files of the fake trail, by the minute of their delivery."""
    events: list[Event] = []
    for file in sorted(folder.rglob("*.json.gz")):
        events += events_in(file.read_bytes(), lambda _: None)
    for number in range(0, len(events), 400):
        some = events[number : number + 400]
        stage.lay((json.loads(one.raw) for one in some), some[0].time + timedelta(minutes=5), f"F{number}")
    return events


@pytest.mark.parametrize("name", ["otrf_ec2_proxy_s3_exfil"])
def test_a_real_theft_reads_the_same(account: Account, real_data: Path, tmp_path: Path, name: str) -> None:
    truth = json.loads((real_data / name / "truth.json").read_text())
    stage, bucket = Stage.of(account).make_table(), truth["question"]["bucket"]
    stage.owner = truth["question"]["account"]
    events = packed_anew(real_data / name, stage)
    window = (
        min(one.time for one in events) - timedelta(hours=1),
        max(one.time for one in events) + timedelta(hours=1),
    )
    for wanted in (
        Wanted(bucket=bucket),
        Wanted(names=TELLING, kinds=frozenset({"Root", "AWSService"})),
        Wanted(keys=frozenset(one.who.access_key for one in events[::7] if one.who.access_key)),
        Wanted(
            addresses=frozenset(one.source_ip for one in events[::9]),
            principals=frozenset(one.who.principal for one in events[::11]),
            agents=frozenset({"console", "boto"}),
        ),
    ):
        by_files = events_of(stage.files(window, tmp_path / "cache"), wanted)
        assert by_files
        assert events_of(stage.athena(window), wanted) == by_files
    question = Question(bucket=bucket, window=window)
    by_files_answer = investigate(question, [stage.files(window, tmp_path / "cache")])
    by_athena = investigate(question, [stage.athena(window)])
    assert by_athena.suspects
    assert answers_of(by_athena) == answers_of(by_files_answer)
    assert by_athena.totals.unique_events == by_files_answer.totals.unique_events
    assert by_athena.totals.duplicates == by_files_answer.totals.duplicates


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "acme",
            "a'me",
            "a''; DROP TABLE x; --",
            'a"c"e',
            "a\\c",
            "100%",
            "a_c",
            "a%me",
            "?",
            "${account}",
            "ümläut",
        ]
    ),
    st.text(min_size=1, max_size=12).filter(lambda one: one.encode("utf-8", "ignore").decode() == one),
    st.just("'" * 700),
    st.text("abc", min_size=1, max_size=3).map(lambda one: one * 500),
)


@st.composite
def records(draw: Any, number: int) -> dict[str, Any]:
    bucket = draw(HOSTILE)
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "eventTime": "2026-11-20T10:00:00Z",
        "eventSource": draw(
            st.sampled_from(["s3.amazonaws.com", "kms.amazonaws.com", "lambda.amazonaws.com"])
        ),
        "eventName": draw(st.sampled_from(["GetObject", "PutBucketPolicy", "UpdateFunctionCode20150331v2"])),
        "awsRegion": "us-east-1",
        "sourceIPAddress": draw(HOSTILE),
        "userAgent": draw(HOSTILE),
        "eventID": f"event-{number}",
        "readOnly": draw(st.booleans()),
        "requestParameters": draw(
            st.sampled_from(
                [
                    None,
                    {"bucketName": bucket, "key": draw(HOSTILE)},
                    {"bucket": bucket, "n": 717.0, "list": [1, None]},
                    {"Host": f"{bucket}.s3.eu-west-1.amazonaws.com"},
                    {"x-amz-copy-source": f"/{bucket}/key"},
                    {"encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::{bucket}/key"}},
                ]
            )
        ),
        "responseElements": draw(
            st.sampled_from(
                [None, {"credentials": {"accessKeyId": bucket}}, {"accessKey": {"accessKeyId": bucket}}]
            )
        ),
        "resources": draw(
            st.sampled_from(
                [None, [], [{"ARN": f"arn:aws:s3:::{bucket}"}], [{"ARNPrefix": f"arn:aws:s3:::{bucket}/"}]]
            )
        ),
        "userIdentity": {
            "type": draw(st.sampled_from(["IAMUser", "Root", "AssumedRole", "AWSAccount", "AWSService", ""])),
            "arn": draw(st.sampled_from([None, f"arn:aws:iam::1:user/{bucket}"])),
            "accountId": draw(st.sampled_from(["111122223333", "anonymous"])),
            "accessKeyId": draw(HOSTILE),
            "principalId": "AIDA",
        },
    }
    for name in draw(
        st.sets(st.sampled_from(["readOnly", "resources", "userAgent", "userIdentity", "eventID"]))
    ):
        record.pop(name)
    return record


@st.composite
def searches(draw: Any) -> Wanted:
    def some(values: st.SearchStrategy[str] = HOSTILE) -> frozenset[str]:
        return frozenset(draw(st.sets(values, max_size=3)))

    return Wanted(
        bucket=draw(st.none() | HOSTILE),
        names=some(st.sampled_from(["PutBucketPolicy", "UpdateFunctionCode", "it's"])),
        keys=some(),
        principals=some(
            st.one_of(HOSTILE.map(lambda one: f"arn:aws:iam::1:user/{one}"), st.just("anonymous"))
        ),
        addresses=some(),
        agents=frozenset(one.lower() for one in some(st.sampled_from(["acme", "a'me", "100%", "\\"]))),
        kinds=some(st.sampled_from(["Root", "AWSService", "Unknown"])),
    )


@settings(max_examples=some_of(12), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), searches())
def test_hostile_records_and_values_find_the_same(data: Any, wanted: Wanted) -> None:
    _compare([data.draw(records(number)) for number in range(data.draw(st.integers(1, 12)))], wanted)


@pytest.mark.proof
@pytest.mark.timeout(600)
@settings(max_examples=some_of(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), searches())
def test_hostile_records_and_values_always_find_the_same(data: Any, wanted: Wanted) -> None:
    _compare([data.draw(records(number)) for number in range(data.draw(st.integers(1, 12)))], wanted)


def _compare(made: list[dict[str, Any]], wanted: Wanted) -> None:
    """One of the records is delivered twice."""
    body = json.dumps({"Records": [*made, made[0]]}).encode()
    expected = sorted(_told(event_in(json.dumps(one).encode())) for one in plainly(body, wanted))
    found, looked_through = _through_sql(body, wanted)
    assert sorted(map(_told, found)) == expected
    assert looked_through == len(made) + 1


def _through_sql(body: bytes, wanted: Wanted) -> tuple[list[Event], int]:
    table, catalog = Table("s3://logs/AWSLogs/"), Catalog()
    for statement in (table.create_database, table.create):
        catalog.make(parsed(statement, ()))  # type: ignore[arg-type]
    query = query_for(
        wanted, Place(table, "111122223333", ("us-east-1",)), datetime(2026, 11, 20, tzinfo=UTC).date()
    )
    key = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/file.json"
    result = select(
        parsed(query.sql, query.parameters), catalog, lambda _: iter([(key, body)]), lambda *_: None, None
    )
    census = sum(int(row[CENSUS_COLUMNS - 1] or 0) for row in result.rows if is_census(row))
    rows = (row for row in result.rows if not is_census(row))
    return [event_in(raw) for row in rows for raw in found_in(row, wanted)], census
