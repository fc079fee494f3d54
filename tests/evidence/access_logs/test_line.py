import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.evidence.access_logs.line import LONGEST, AccessLogLine, line_in
from bot.evidence.events import BadRecordError
from tests.evidence.access_logs.lines import (
    BUCKET,
    copied_from,
    expired,
    line,
    lines_written,
    real_lines,
    written,
)

#: Their names of the fields in NCBI's own parse of the same lines.
THEIRS = {
    "owner": "owner",
    "bucket": "bucket",
    "remote_ip": "ip",
    "requester": "requester",
    "request_id": "request_id",
    "operation": "operation",
    "key": "key",
    "status": "res_code",
    "error_code": "error",
    "bytes_sent": "res_len",
    "object_size": "obj_size",
    "total_ms": "total_time",
    "turnaround_ms": "turnaround_time",
    "referer": "referer",
    "user_agent": "agent",
    "version_id": "version_id",
    "host_id": "host_id",
    "signature": "sig_ver",
    "cipher": "cipher_suite",
    "auth_type": "auth_type",
    "host": "host_header",
    "tls": "tls_version",
}


class TestRealLines:
    @pytest.mark.parametrize(("name", "count"), [("aws_docs_example", 5), ("dandi", 24), ("ncbi", 15)])
    def test_every_line_is_read(self, real_data: Path, name: str, count: int) -> None:
        lines = [line_in(raw) for raw in real_lines(real_data, name)]
        assert len(lines) == count
        assert all(one.host and one.tls and one.host.endswith(".amazonaws.com") for one in lines)

    def test_ncbi_reads_the_same(self, real_data: Path) -> None:
        expected = [
            json.loads(text)
            for text in (real_data / "s3_access_logs/ncbi.expected_good.jsonl").read_text().splitlines()
        ]
        lines = {one.request_id: one for one in map(line_in, real_lines(real_data, "ncbi"))}
        assert len(expected) == 9
        for theirs in expected:
            ours = lines[theirs["request_id"]]
            read = {name: getattr(ours, name) for name in THEIRS}
            told = {name: "" if value is None else str(value) for name, value in read.items()}
            assert told == {name: theirs[their] for name, their in THEIRS.items()}

    @pytest.mark.parametrize("number", [12, 19])
    def test_quotes_and_backslashes_of_a_webshell_probe(self, real_data: Path, number: int) -> None:
        one = line_in(real_lines(real_data, "dandi")[number - 1])
        assert (one.status, one.error_code, one.bytes_sent, one.total_ms) == (404, "NoSuchKey", 272, 9)
        assert one.request_uri is not None
        assert one.request_uri.startswith(r"GET //?s=index/\think\template\driver\file/write&")
        assert one.request_uri.endswith("?> HTTP/1.1")
        assert one.referer is not None
        assert one.referer.endswith("$ch[1].$ch[3].$ch[4]);?>")
        assert one.user_agent is not None
        assert one.user_agent.startswith("Mozilla/5.0 (compatible; Baiduspider/2.0;")
        assert one.key == "/"

    @pytest.mark.parametrize("number", [10, 18])
    def test_a_doubled_quote_before_the_user_agent(self, real_data: Path, number: int) -> None:
        one = line_in(real_lines(real_data, "dandi")[number - 1])
        assert one.referer is None
        assert one.user_agent is not None
        assert one.user_agent.startswith('"Mozilla/5.0 (Windows NT 10.0;')
        assert one.user_agent.endswith("Safari/537.36")

    def test_quotes_in_response_content_disposition(self, real_data: Path) -> None:
        one = line_in(real_lines(real_data, "dandi")[20])
        assert (one.status, one.bytes_sent, one.auth_type) == (200, 1194552, "QueryString")
        assert one.request_uri is not None
        assert 'filename="dataset_description.json"&X-Amz-Algorithm=' in one.request_uri

    def test_two_spaces_before_the_requester(self, real_data: Path) -> None:
        one = line_in(real_lines(real_data, "dandi")[23])
        assert (one.remote_ip, one.requester) == ("192.0.2.0", "arn:aws:iam::123:user/dandi-api-heroku")

    def test_a_host_id_of_two_words(self, real_data: Path) -> None:
        one = line_in(real_lines(real_data, "ncbi")[8])
        assert one.host_id is not None
        assert one.host_id.startswith("AIDAISBTTLPGXGH6YFFAY LzYGhqEwXn5")
        assert (one.version_id, one.signature, one.tls) == (None, "SigV4", "TLSv1.2")


class TestColumns:
    @pytest.mark.parametrize("count", range(18, 28))
    def test_lines_of_all_years(self, count: int) -> None:
        full = line(access_point_arn="arn:x", acl_required="Yes")
        # The URI has two spaces and the time one.
        one = line_in(b" ".join(full.split(b" ")[: count + 3]))
        told = [one.host_id, one.signature, one.cipher, one.auth_type, one.host, one.tls]
        told += [one.access_point_arn, one.acl_required, one.source_region]
        assert [value is not None for value in told] == [True] * (count - 18) + [False] * (27 - count)

    def test_columns_to_come_are_kept(self) -> None:
        assert line_in(line() + b" first - third").more == ("first", "-", "third")

    def test_what_made_no_request_has_none(self) -> None:
        for raw in (copied_from(), expired()):
            one = line_in(raw)
            assert (one.request_uri, one.status, one.referer, one.user_agent) == (None, None, None, None)
            assert (one.key, one.object_size) == ("payroll/10.csv", 4096)

    def test_times_of_other_zones_become_utc(self) -> None:
        one = line_in(line(time="[23/Nov/2026:23:30:00 -0200]"))
        assert one.time == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


class TestForgery:
    def test_a_user_agent_cannot_write_later_fields(self) -> None:
        forged = '"x" - HOSTID= SigV4 AES AuthHeader innocent.example TLSv1.2 - - -"'
        one = line_in(line(user_agent=forged))
        assert one.host == f"{BUCKET}.s3.us-east-1.amazonaws.com"
        assert one.user_agent == forged[1:-1]

    def test_a_referer_cannot_end_the_line(self) -> None:
        one = line_in(line(referer='"a" - HOSTID= SigV4"'))
        assert (one.host, one.auth_type) == (f"{BUCKET}.s3.us-east-1.amazonaws.com", "AuthHeader")

    def test_a_referer_cannot_write_a_status(self) -> None:
        one = line_in(line(status="200", referer='"x HTTP/1.1" 403 AccessDenied - - 1 1 "'))
        assert (one.status, one.bytes_sent) == (200, 4096)

    @pytest.mark.parametrize("members", [{"version_id": 'a"'}, {"host": '"x"'}, {"version_id": '" -'}])
    def test_quotes_in_later_fields_hide_nothing(self, members: dict[str, str]) -> None:
        one = line_in(line(**members))
        assert (one.status, one.bytes_sent, one.key) == (200, 4096, "payroll/10.csv")


class TestKeys:
    @pytest.mark.parametrize(
        ("members", "key"),
        [
            ({"key": "a%252Bb", "request_uri": '"GET /a%2Bb HTTP/1.1"'}, "a+b"),
            ({"key": "a%2Bb", "request_uri": '"GET /a%20b HTTP/1.1"'}, "a b"),
            ({"key": "foo-%2525Y", "request_uri": '"GET /foo-%25Y HTTP/1.1"'}, "foo-%Y"),
            ({"key": "foo-%2525Y", "request_uri": '"GET /foo-%2525Y HTTP/1.1"'}, "foo-%25Y"),
            ({"key": "a+b", "request_uri": '"GET /a+b HTTP/1.1"'}, "a+b"),
            ({"key": "a%2520b", "request_uri": f'"GET /{BUCKET}/a%20b?x HTTP/1.1"'}, "a b"),
            ({"key": "%25C3%25BC", "request_uri": "-"}, "ü"),
            ({"key": "foo-%2525Y", "request_uri": "-", "operation": "S3.EXPIRE.OBJECT"}, "foo-%25Y"),
            ({"key": "foo-%2525Y", "request_uri": "-", "operation": "BATCH.DELETE.OBJECT"}, "foo-%25Y"),
            ({"key": "foo-%2525Y", "request_uri": "-", "operation": "REST.COPY.OBJECT_GET"}, "foo-%Y"),
            ({"key": "SRR9154112/*.fastq*"}, "SRR9154112/*.fastq*"),
            ({"key": "-"}, None),
        ],
    )
    def test_keys_are_decoded_as_often_as_they_were_encoded(
        self, members: dict[str, str], key: str | None
    ) -> None:
        assert line_in(line(**members)).key == key


class TestBadLines:
    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b" ",
            b"no fields",
            b"\xff" * 100,
            line()[:200],
            line(time="[32/Nov/2026:12:00:00 +0000]"),
            line(time="[23/Foo/2026:12:00:00 +0000]"),
            line(time="[29/Feb/2025:12:00:00 +0000]"),
            line(request_uri='"GET /unclosed', status="x"),
            line(status="20"),
            line(bytes_sent="many"),
            b'{"Records":[]}',
            b"-" * (LONGEST + 1),
        ],
    )
    def test_raise_and_say_why(self, raw: bytes) -> None:
        with pytest.raises(BadRecordError, match=r"^(it |\[)"):
            line_in(raw)

    def test_invalid_utf8_is_marked_and_hides_nothing(self) -> None:
        one = line_in(line(user_agent='"\udcff\udcfe"'))
        assert (one.user_agent, one.status) == ("\ufffd\ufffd", 200)

    def test_bait_costs_no_more_than_its_length(self) -> None:
        for bait in ('" 200 - 1 1 1 1' * 40_000, '" ' * 300_000, '" "' * 300_000, "%25" * 300_000):
            one = line_in(line(user_agent=f'"{bait}"'))
            assert one.host == f"{BUCKET}.s3.us-east-1.amazonaws.com"
            assert line_in(line(request_uri=f'"GET /{bait.replace(" ", "_")} HTTP/1.1"')).status == 200


@given(lines_written())
@example(line_in(copied_from()))
@example(line_in(expired()))
def test_what_is_written_is_read_back(one: AccessLogLine) -> None:
    assert line_in(written(one)) == one


@given(st.binary(max_size=400), st.integers(0, 600))
def test_any_bytes_are_read_or_refused(noise: bytes, place: int) -> None:
    whole = line()
    for raw in (noise, whole[:place] + noise + whole[place:]):
        try:
            one = line_in(raw)
        except BadRecordError:
            continue
        assert one.bucket
        assert one.time.tzinfo is UTC
