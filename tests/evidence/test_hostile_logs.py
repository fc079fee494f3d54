"""Logs that somebody wrote to break the reader: a right answer or a clear sentence, and no more memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.folder import LocalFolder
from tests.evidence.records import ACCOUNT, BUCKET, LEAKED_KEY, Log, Record, user, write
from tests.evidence.story import received

CALLER = user("ci-deploy", LEAKED_KEY, "198.51.100.10", "aws-cli/2.31.0")
QUESTION = Question(bucket=BUCKET, account_id=ACCOUNT)


def ordinary() -> list[Record]:
    log = Log()
    for number in range(3):
        log.wait(seconds=1).object(CALLER, "GetObject", f"k{number}")
    return log.records


def hostile(**members: Any) -> Record:
    record = Log().object(CALLER, "GetObject", "bait")
    record["eventID"] = "bait"
    return record | members


def ask(folder: Path) -> Investigation:
    return investigate(QUESTION, [LocalFolder(folder)])


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "member",
    [
        pytest.param({"userAgent": "x" * 10_000_000}, id="10 MB user agent"),
        pytest.param({"requestParameters": {"bucketName": BUCKET, "key": "k" * 10_000_000}}, id="10 MB key"),
        pytest.param({"userIdentity": {"arn": "a" * 10_000_000, "accountId": ACCOUNT}}, id="10 MB ARN"),
        pytest.param({"errorMessage": "\x00 \u202e \x1b[2J"}, id="controls"),
        pytest.param({"additionalEventData": {"bytesTransferredOut": float("nan")}}, id="NaN"),
        pytest.param({"additionalEventData": {"bytesTransferredOut": float("inf")}}, id="infinity"),
        pytest.param({"additionalEventData": {"bytesTransferredOut": 10**400}}, id="a number of 400 digits"),
        pytest.param(
            {"resources": [{"ARN": f"arn:aws:s3:::{BUCKET}/{n}"} for n in range(50_000)]}, id="many ARNs"
        ),
    ],
)
def test_a_hostile_record_among_others_leaves_the_others_and_is_read(tmp_path: Path, member: Any) -> None:
    write(tmp_path, [*ordinary(), hostile(**member)])
    result = ask(tmp_path)
    assert result.totals.about_bucket == 4
    assert {"k0", "k1", "k2"} <= {key for actor in result.actors for key in actor.objects_read}
    assert len(result.verdict) < 2_000


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_times_at_the_ends_of_the_calendar_are_none(tmp_path: Path, time: str) -> None:
    write(tmp_path, [*ordinary(), hostile(eventTime=time)])
    result = ask(tmp_path)
    assert result.totals.about_bucket == 3
    assert "is none of CloudTrail's time" in result.sources[0].problems[0]


def test_half_a_surrogate_pair_becomes_a_mark(tmp_path: Path) -> None:
    raws = [*map(received, ordinary()), received(hostile()).replace(b'"key":"bait"', b'"key":"b\\ud800t"')]
    (tmp_path / "log.json").write_bytes(b'{"Records":[' + b",".join(raws) + b"]}")
    (actor,) = ask(tmp_path).actors
    assert actor.objects_read == ("b?t", "k0", "k1", "k2")


@pytest.mark.parametrize("levels", [1_000, 100_000])
def test_a_record_nested_without_end_is_named_and_the_others_are_read(tmp_path: Path, levels: int) -> None:
    raws = [*map(received, ordinary()), received(hostile()).replace(b'"bait"', deep(levels).encode(), 1)]
    (tmp_path / "log.json").write_bytes(b'{"Records":[' + b",".join(raws) + b"]}")
    result = ask(tmp_path)
    told = result.totals.about_bucket, len(result.sources[0].problems)
    assert told in {(3, 1), (4, 0), (0, 1)}
    assert told != (0, 1) or "log.json" in result.sources[0].problems[0]


def test_bytes_that_are_no_text_become_marks(tmp_path: Path) -> None:
    raws = [*map(received, ordinary()), received(hostile()).replace(b"bait", b"b\xff\xfeit")]
    (tmp_path / "log.json").write_bytes(b'{"Records":[' + b",".join(raws) + b"]}")
    (actor,) = ask(tmp_path).actors
    assert actor.objects_read == ("b\ufffd\ufffdit", "k0", "k1", "k2")


def test_one_id_for_all_records_leaves_one_and_counts_the_rest(tmp_path: Path) -> None:
    write(tmp_path, [hostile(eventTime=f"2026-11-23T02:00:{second:02d}Z") for second in range(50)])
    result = ask(tmp_path)
    assert (result.totals.about_bucket, result.totals.duplicates) == (1, 49)


def test_a_million_names_of_one_caller_are_one_place_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.evidence.tallies.MOST_ORIGINS", 20)
    log = Log()
    for number in range(100):
        log.object(CALLER.at("198.51.100.10", f"agent {number}"), "GetObject", f"k{number}")
    write(tmp_path, log.records)
    (actor,) = ask(tmp_path).actors
    assert (actor.events, actor.distinct_objects, len(actor.origins)) == (100, 100, 21)
    assert actor.origins[-1].events + 20 == 100


def test_what_ids_and_requests_hold_is_never_sql(tmp_path: Path) -> None:
    text = "'); DROP TABLE records; --"
    write(tmp_path, [*ordinary(), hostile(eventID=text, requestID=text)])
    result = ask(tmp_path)
    assert result.totals.about_bucket == 4
    assert text in json.dumps(result.answer("E2").event_ids)
