import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.access_logs.event import ACCESS_LOG, bucket_in_host, event_of
from bot.evidence.access_logs.line import head_in
from bot.evidence.access_logs.operations import event_name, operations_named
from bot.evidence.events import BadRecordError
from bot.evidence.names import COPIES, DATA
from bot.evidence.touching import touches
from tests.evidence.access_logs.lines import (
    BUCKET,
    NOON,
    OWNER,
    ROLE,
    SESSION,
    THIEF_IP,
    USER,
    anonymous,
    copied_from,
    expired,
    line,
    lines_written,
    presigned,
    real_lines,
    written,
)


class TestEvent:
    def test_a_read_is_cloudtrails_get_object(self) -> None:
        event = event_of(line(version_id="Gs.7"))
        assert (event.service, event.name, event.time) == ("s3", "GetObject", NOON)
        assert (event.bucket, event.key, event.parameters["versionId"]) == (BUCKET, "payroll/10.csv", "Gs.7")
        assert (event.request_id, event.bytes_out, event.succeeded) == ("3E57427F3EXAMPLE", 4096, True)
        assert (event.event_type, event.category, event.read_only) == (ACCESS_LOG, "Data", True)
        assert (event.source_ip, event.user_agent, event.account) == ("198.51.100.7", "aws-cli/2.31.0", None)
        assert event.extra["AuthenticationMethod"] == "AuthHeader"
        assert event.extra["objectSize"] == 4096

    def test_real_lines(self, real_data: Path) -> None:
        events = [event_of(raw) for raw in real_lines(real_data, "ncbi")]
        assert [event.name for event in events[:5]] == [
            "HeadBucket",
            "HeadObject",
            "CopyObject",
            "GetObject",
            "HeadObject",
        ]
        assert events[0].denied
        assert events[1].who.is_instance
        assert events[6].parameters["prefix"] == "SRR11060177/SRR11060177.1"

    def test_the_raw_line_is_kept(self) -> None:
        assert event_of(line()).raw == line()

    def test_what_is_no_line_raises(self) -> None:
        with pytest.raises(BadRecordError):
            event_of(b'{"eventName": "GetObject"}')


class TestIds:
    def test_a_line_delivered_twice_is_one_event(self) -> None:
        assert event_of(line()).event_id == event_of(line() + b"\r").event_id

    @pytest.mark.parametrize(
        "members",
        [
            {"request_id": "OTHER"},
            {"operation": "REST.COPY.OBJECT_GET"},
            {"key": "other"},
            {"version_id": "v2"},
            {"bucket": "other"},
        ],
    )
    def test_lines_of_one_request_are_events_of_their_own(self, members: dict[str, str]) -> None:
        assert event_of(line(**members)).event_id != event_of(line()).event_id

    @given(lines_written().map(written) | st.sampled_from([b"", line()[:200], line(time="[x]")]))
    def test_a_line_is_filed_under_its_events_head(self, raw: bytes) -> None:
        try:
            event = event_of(raw)
        except BadRecordError as problem:
            with pytest.raises(BadRecordError, match=re.escape(str(problem))):
                head_in(raw)
        else:
            assert head_in(raw) == (event.event_id, event.time, event.request_id)


class TestOutcome:
    @pytest.mark.parametrize(
        ("status", "code", "error", "denied"),
        [
            ("200", "-", None, False),
            ("206", "-", None, False),
            ("-", "-", None, False),
            ("403", "AccessDenied", "AccessDenied", True),
            ("403", "-", "AccessDenied", True),
            ("403", "SignatureDoesNotMatch", "SignatureDoesNotMatch", False),
            ("404", "NoSuchKey", "NoSuchKey", False),
            ("304", "-", "HTTP 304", False),
            ("200", "InternalError", "InternalError", False),
        ],
    )
    def test_errors(self, status: str, code: str, error: str | None, *, denied: bool) -> None:
        event = event_of(line(status=status, error_code=code))
        assert (event.error_code, event.denied) == (error, denied)

    @pytest.mark.parametrize(
        ("status", "sent", "counted"),
        [("206", "512", 512), ("403", "243", None), ("404", "290", None), ("200", "-", None)],
    )
    def test_only_what_was_handed_over_counts_as_bytes_out(
        self, status: str, sent: str, counted: int | None
    ) -> None:
        assert event_of(line(status=status, bytes_sent=sent)).bytes_out == counted


class TestRequesters:
    @pytest.mark.parametrize(
        ("requester", "principal", "kind"),
        [
            (USER, USER, "IAMUser"),
            (SESSION, SESSION, "AssumedRole"),
            ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root", "Root"),
            ("arn:aws:sts::1:federated-user/bob", "arn:aws:sts::1:federated-user/bob", "FederatedUser"),
            (OWNER, f"canonical user {OWNER}", "Root"),
            ("a" * 64, f"canonical user {'a' * 64}", "AWSAccount"),
            ("-", "anonymous", "AWSAccount"),
            ("AmazonS3", "s3.amazonaws.com", "AWSService"),
            ("svc:delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com", "AWSService"),
            ("whoever", "whoever", "Unknown"),
        ],
    )
    def test_are_named_as_cloudtrail_names_them(self, requester: str, principal: str, kind: str) -> None:
        who = event_of(line(requester=requester)).who
        assert (who.principal, who.type) == (principal, kind)

    def test_a_session_has_its_role_and_name(self) -> None:
        who = event_of(line(requester=SESSION)).who
        assert (who.issuer, who.session_name, who.account) == (ROLE, "app-1", "111122223333")

    def test_a_user_has_a_name_without_path(self) -> None:
        assert event_of(line()).who.user_name == "maria"

    def test_anonymous_requests(self) -> None:
        event = event_of(anonymous(remote_ip=THIEF_IP))
        assert event.who.is_anonymous
        assert (event.who.account, event.who.access_key, event.source_ip) == (None, None, THIEF_IP)

    def test_s3_itself(self) -> None:
        event = event_of(expired())
        assert event.who.is_service
        assert (event.name, event.source_ip, event.category) == (
            "S3.EXPIRE.OBJECT",
            "s3.amazonaws.com",
            "Data",
        )


class TestPresigned:
    def test_the_signers_key_is_told_and_the_signature_is_not(self) -> None:
        event = event_of(presigned())
        assert event.who.access_key == "AKIASIGNER0000000001"
        assert event.extra["AuthenticationMethod"] == "QueryString"
        assert (event.extra["X-Amz-Date"], event.extra["X-Amz-Expires"]) == ("20261123T115900Z", "3600")
        told = str(event.parameters) + str(event.extra)
        assert "XXXXXXXX" not in told
        assert "Signature=" not in told

    def test_a_key_id_hidden_behind_percent_signs(self) -> None:
        assert event_of(presigned("%41KIASIGNER0000000001")).who.access_key == "AKIASIGNER0000000001"

    def test_the_older_signature(self) -> None:
        uri = '"GET /a?AWSAccessKeyId=AKIAOLD&Expires=1795000000&Signature=abc HTTP/1.1"'
        event = event_of(line(request_uri=uri, signature="SigV2", auth_type="QueryString"))
        assert (event.who.access_key, event.extra["Expires"]) == ("AKIAOLD", "1795000000")

    def test_a_key_id_that_proved_nothing_accuses_nobody(self) -> None:
        event = event_of(presigned(requester="-", status="403", error_code="SignatureDoesNotMatch"))
        assert (event.who.access_key, event.who.is_anonymous) == (None, True)
        assert event.extra["claimedAccessKeyId"] == "AKIASIGNER0000000001"


class TestCopies:
    def test_the_source_side_names_source_and_target(self) -> None:
        event = event_of(copied_from())
        assert (event.name, event.bucket) == ("CopyObject", "drop-zone")
        assert event.parameters["x-amz-copy-source"] == f"{BUCKET}/payroll/10.csv"
        assert touches(event, BUCKET)
        assert touches(event, "drop-zone")

    def test_a_target_that_the_endpoint_does_not_name_is_not_guessed(self) -> None:
        event = event_of(copied_from(host="s3.eu-west-1.amazonaws.com"))
        assert event.bucket is None
        assert touches(event, BUCKET)

    def test_the_target_side(self) -> None:
        event = event_of(line(operation="REST.COPY.OBJECT"))
        assert (event.name, event.bucket, event.key) == ("CopyObject", BUCKET, "payroll/10.csv")

    @pytest.mark.parametrize(
        ("host", "bucket"),
        [
            ("A.b.s3.amazonaws.com", "a.b"),
            ("x.s3-eu-west-1.amazonaws.com", "x"),
            ("my.s3x.s3.dualstack.eu-west-1.amazonaws.com", "my.s3x"),
            ("s3.amazonaws.com", None),
            ("files.example.com", None),
            ("x.s3.example.com", None),
            (None, None),
        ],
    )
    def test_buckets_in_endpoints(self, host: str | None, bucket: str | None) -> None:
        assert bucket_in_host(host) == bucket


class TestOperations:
    @pytest.mark.parametrize(
        ("operation", "on_bucket", "on_object"),
        [
            ("REST.GET.ACL", "GetBucketAcl", "GetObjectAcl"),
            ("REST.PUT.ACL", "PutBucketAcl", "PutObjectAcl"),
            ("REST.GET.BUCKET", "ListObjects", "ListObjects"),
            ("REST.GET.BUCKETVERSIONS", "ListObjectVersions", "ListObjectVersions"),
            ("REST.GET.LOGGING_STATUS", "GetBucketLogging", "GetBucketLogging"),
            ("REST.PUT.PUBLIC_ACCESS_BLOCK", "PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
            ("REST.DELETE.BUCKETPOLICY", "DeleteBucketPolicy", "DeleteBucketPolicy"),
            ("REST.POST.MULTI_OBJECT_DELETE", "DeleteObjects", "DeleteObjects"),
            ("BATCH.DELETE.OBJECT", "DeleteObject", "DeleteObject"),
            ("WEBSITE.GET.OBJECT", "GetObject", "GetObject"),
            ("SOAP.CreateBucket", "CreateBucket", "CreateBucket"),
            ("S3.CREATE.DELETEMARKER", "S3.CREATE.DELETEMARKER", "S3.CREATE.DELETEMARKER"),
            ("REST.PUT.SOMETHING_NEW", "REST.PUT.SOMETHING_NEW", "REST.PUT.SOMETHING_NEW"),
        ],
    )
    def test_have_cloudtrails_names(self, operation: str, on_bucket: str, on_object: str) -> None:
        assert event_name(operation, on_object=False) == on_bucket
        assert event_name(operation, on_object=True) == on_object
        assert operation in operations_named(frozenset({on_bucket}))

    def test_every_s3_data_event_can_be_told_from_a_log(self) -> None:
        assert all(operations_named(frozenset({name})) for name in DATA)
        assert {"REST.COPY.OBJECT", "REST.COPY.PART_GET"} <= operations_named(COPIES)

    def test_bucket_settings_are_management_events(self) -> None:
        event = event_of(line(operation="REST.PUT.BUCKETPOLICY", key="-"))
        assert (event.name, event.category, event.key) == ("PutBucketPolicy", "Management", None)
