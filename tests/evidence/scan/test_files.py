import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.evidence.events import Event
from bot.evidence.scan.files import (
    NotReadableError,
    delivered,
    events_in,
    log_files,
    looks_like_log,
    may_hold,
)
from tests.evidence.records import LEAKED_KEY, Log, user, write

CI = user("ci-deploy", LEAKED_KEY, "203.0.113.66", "aws-cli/2.31.0")


def three() -> list[dict[str, object]]:
    log = Log()
    return [log.object(CI, "GetObject", f"{number}.csv") for number in range(3)]


def read(data: bytes) -> tuple[list[Event], list[str]]:
    reports: list[str] = []
    return list(events_in(data, reports.append)), reports


def packed(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "data",
    [
        packed({"Records": three()}),
        json.dumps({"Records": three()}, indent=4).encode(),
        b"\xef\xbb\xbf" + packed({"Records": three()}),
        packed({"before": [1], "Records": three(), "after": {"Records": 1}}),
        packed(three()),
        b"\n".join(packed(record) for record in three()),
        packed({"Events": [{"EventId": "x", "CloudTrailEvent": json.dumps(record)} for record in three()]}),
        packed({"Events": three()}),
        packed({"Records": [json.loads(json.dumps(r, sort_keys=True)) for r in three()]}),
        packed({"Records": three()}).replace(b"/", b"\\/"),
        packed({"Records": three()}).replace(b"acme-payroll", b"acme\\u002dpayroll"),
    ],
    ids=[
        "trail file",
        "pretty-printed",
        "byte order mark",
        "members around",
        "bare list",
        "one a line",
        "lookup-events output",
        "records under Events",
        "sorted keys",
        "escaped slashes",
        "escaped plain characters",
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_layout_gives_the_same_events(data: bytes, pack: type[bytes]) -> None:
    events, reports = read(pack(data))
    assert [(event.bucket, event.key) for event in events] == [("acme-payroll", f"{n}.csv") for n in range(3)]
    assert reports == []


def test_a_single_record_is_a_log_of_one() -> None:
    events, _ = read(packed(three()[0]))
    assert [event.key for event in events] == ["0.csv"]


def test_several_gzip_members_and_padding() -> None:
    data = packed({"Records": three()})
    assert len(read(gzip.compress(data[:100]) + gzip.compress(data[100:]) + b"\0" * 64)[0]) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (gzip.compress(b""), "empty"),
        (gzip.compress(packed({"Records": three()}))[:-20], "cut short"),
        (gzip.compress(packed({"Records": three()}))[:200] + b"\0" * 50, "cut short|damaged"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
        (packed({"Records": three()})[:-30], "not JSON"),
        (b"<html>AccessDenied</html>", "not JSON"),
        (packed({"Records": {"a": 1}}), '"Records" is not a list'),
        (packed({"answer": 42}), 'no "Records"'),
        (packed({"digestS3Object": "x"}), "digest"),
        (packed([1, 2]), "not CloudTrail"),
        (b'{"Records":' + b"[" * 5000 + b"]" * 5000 + b"}", "not JSON|not CloudTrail"),
        (b'{"Records":[NaN]}', "not JSON|not CloudTrail"),
        (b"\xff\xfe{\x00", "not JSON"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_what_cannot_be_read_is_said_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(NotReadableError, match=reason) as raised:
        read(data)
    assert "\n" not in str(raised.value)


def test_no_records_is_a_file_without_events() -> None:
    assert read(packed({"Records": []})) == ([], [])


def test_bad_records_are_left_out_and_reported_once() -> None:
    records = [*three(), {"eventName": "GetObject"}, 7]
    events, reports = read(packed({"Records": records}))
    assert len(events) == 3
    assert reports == ["2 of 5 records were left out (record 4: no eventTime and no eventSource)"]


def test_the_record_is_kept_as_received() -> None:
    raw = b'{"eventTime" : "2026-11-23T02:00:00Z",  "eventSource":"s3.amazonaws.com","eventName":"GetObject"}'
    events, _ = read(b'{"Records":[' + raw + b"]}")
    assert events[0].raw == raw


def test_a_very_long_string_is_only_long() -> None:
    records = three()
    records[1]["userAgent"] = "x" * 10_000_000
    events, _ = read(packed({"Records": records}))
    assert [event.user_agent[:3] for event in events] == ["aws", "xxx", "aws"]


@pytest.mark.parametrize(
    "bad", [b"\\ud800", b"\xff\xfe", b"\x01"], ids=["half a pair", "not UTF-8", "control"]
)
def test_bad_characters_do_not_hide_a_record(bad: bytes) -> None:
    data = packed({"Records": three()}).replace(b"1.csv", b"1" + bad + b".csv")
    events, reports = read(data)
    assert [(event.key or "")[:1] for event in events] == ["0", "1", "2"]
    assert reports == []
    assert (events[1].key or "").encode()


def test_nesting_without_end_is_refused() -> None:
    deep = b'{"eventName":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    data = b'{"Records":[' + packed(three()[0]) + b"," + deep + b"]}"
    with pytest.raises(NotReadableError, match="not JSON"):
        read(data)


def test_digest_folders_are_left_out_and_a_single_file_stands_for_itself(tmp_path: Path) -> None:
    log = write(tmp_path, three())
    digest = tmp_path / "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/x.json.gz"
    digest.parent.mkdir(parents=True)
    digest.write_bytes(b"x")
    assert list(log_files(tmp_path)) == [log]
    assert list(log_files(log)) == [log]


def test_files_of_other_names_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(packed({"Records": []}))
    (tmp_path / "events2").write_bytes(gzip.compress(b"{}"))
    (tmp_path / "README.md").write_bytes(b"# Logs")
    assert [looks_like_log(tmp_path / name) for name in ("events", "events2", "README.md")] == [
        True,
        True,
        False,
    ]


NAME = "111122223333_CloudTrail_us-east-1_20261123T0330Z_aaaaaaaaaaaaaaaa.json.gz"


def test_the_time_in_a_name() -> None:
    assert delivered(f"AWSLogs/1/CloudTrail/{NAME}") == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert delivered("export.json") is None
    assert delivered(NAME.replace("20261123", "20261399")) is None


def test_names_decide_only_where_they_can() -> None:
    at = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    late = timedelta(minutes=15)
    hour = timedelta(hours=1)
    assert may_hold(NAME, (at - hour, at), late)
    assert may_hold(NAME, (at - hour, at - timedelta(minutes=14)), late)
    assert not may_hold(NAME, (at - hour, at - timedelta(minutes=16)), late)
    assert not may_hold(NAME, (at + hour, at + 2 * hour), late)
    assert may_hold("export.json", (at + hour, at + 2 * hour), late)
