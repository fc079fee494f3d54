"""Access log lines in S3's own words, and strategies for random ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_plus

from hypothesis import strategies as st

from bot.evidence.access_logs.line import AccessLogLine
from bot.evidence.access_logs.operations import COPIED_FROM

OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
BUCKET = "acme-payroll"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
USER = "arn:aws:iam::111122223333:user/ops/maria"
SESSION = "arn:aws:sts::111122223333:assumed-role/payroll-app/app-1"
ROLE = "arn:aws:iam::111122223333:role/payroll-app"
THIEF_IP = "203.0.113.66"


def real_lines(folder: Path, name: str) -> list[bytes]:
    content = (folder / "s3_access_logs" / f"{name}.log").read_bytes()
    return [line for line in content.split(b"\n") if line.strip()]


def line(**members: object) -> bytes:
    """A line of an ordinary read by a user; every field can be given as it stands in the log."""
    fields = {
        "owner": OWNER,
        "bucket": BUCKET,
        "time": NOON.strftime("[%d/%b/%Y:%H:%M:%S +0000]"),
        "remote_ip": "198.51.100.7",
        "requester": USER,
        "request_id": "3E57427F3EXAMPLE",
        "operation": "REST.GET.OBJECT",
        "key": "payroll/10.csv",
        "request_uri": '"GET /payroll/10.csv HTTP/1.1"',
        "status": "200",
        "error_code": "-",
        "bytes_sent": "4096",
        "object_size": "4096",
        "total_ms": "31",
        "turnaround_ms": "29",
        "referer": '"-"',
        "user_agent": '"aws-cli/2.31.0"',
        "version_id": "-",
        "host_id": "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP=",
        "signature": "SigV4",
        "cipher": "TLS_AES_128_GCM_SHA256",
        "auth_type": "AuthHeader",
        "host": f"{BUCKET}.s3.us-east-1.amazonaws.com",
        "tls": "TLSv1.3",
        "access_point_arn": "-",
        "acl_required": "-",
        "source_region": "us-east-1",
    }
    return " ".join(str(value) for value in (fields | members).values()).encode("utf-8", "surrogateescape")


def anonymous(**members: object) -> bytes:
    return line(**({"requester": "-", "signature": "-", "auth_type": "-"} | members))


def presigned(credential: str = "AKIASIGNER0000000001", **members: object) -> bytes:
    query = "&".join(
        (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256",
            f"X-Amz-Credential={credential}%2F20261123%2Fus-east-1%2Fs3%2Faws4_request",
            "X-Amz-Date=20261123T115900Z",
            "X-Amz-Expires=3600",
            "X-Amz-Signature=XXXXXXXX",
        )
    )
    uri = f'"GET /payroll/10.csv?{query} HTTP/1.1"'
    return line(**({"request_uri": uri, "auth_type": "QueryString"} | members))


def copied_from(**members: object) -> bytes:
    """The source's side of a copy: nothing of the request, the target's endpoint."""
    silent = dict.fromkeys(
        ("request_uri", "status", "bytes_sent", "total_ms", "turnaround_ms", "referer", "user_agent"), "-"
    )
    host = "drop-zone.s3.eu-west-1.amazonaws.com"
    return line(**(silent | {"operation": "REST.COPY.OBJECT_GET", "host": host} | members))


def expired(**members: object) -> bytes:
    """What a lifecycle rule did."""
    silent = dict.fromkeys(
        (
            "remote_ip",
            "request_uri",
            "status",
            "bytes_sent",
            "total_ms",
            "turnaround_ms",
            "referer",
            "user_agent",
            "signature",
            "cipher",
            "auth_type",
            "host",
            "tls",
        ),
        "-",
    )
    return line(**(silent | {"requester": "AmazonS3", "operation": "S3.EXPIRE.OBJECT"} | members))


def written(one: AccessLogLine) -> bytes:
    """The line as S3 would write it."""
    internal = one.operation in COPIED_FROM or one.operation.startswith(("S3.", "BATCH."))
    fields = [
        one.owner,
        one.bucket,
        one.time.strftime("[%d/%b/%Y:%H:%M:%S +0000]"),
        one.remote_ip,
        one.requester,
        one.request_id,
        one.operation,
        None if one.key is None else _encoded(one.key, one.operation),
        _quoted(one.request_uri, bare=internal),
        one.status,
        one.error_code,
        one.bytes_sent,
        one.object_size,
        one.total_ms,
        one.turnaround_ms,
        _quoted(one.referer, bare=internal),
        _quoted(one.user_agent, bare=internal),
        one.version_id,
        one.host_id,
        one.signature,
        one.cipher,
        one.auth_type,
        one.host,
        one.tls,
        one.access_point_arn,
        one.acl_required,
        one.source_region,
        *one.more,
    ]
    return " ".join("-" if field is None else str(field) for field in fields).encode()


def _encoded(key: str, operation: str) -> str:
    once = quote_plus(key, safe="/*-._")
    return once if operation.startswith(("S3.", "BATCH.")) else quote_plus(once, safe="/*-._")


def _quoted(text: str | None, *, bare: bool) -> str:
    return "-" if bare and text is None else f'"{"-" if text is None else text}"'


_WORD = st.text(
    st.characters(codec="utf-8", exclude_characters=' "\n\r', exclude_categories=["C", "Z"]), min_size=1
)
_WORDS = _WORD.filter(lambda text: text != "-")
#: Without `" "`, which cannot be told from the border of two quoted fields.
_SENTENCES = (
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=["C"]), min_size=1)
    .map(str.strip)
    .filter(lambda text: text not in {"", "-"} and '" "' not in text)
)
_NUMBERS = st.none() | st.integers(0, 2**53)


def lines_written() -> st.SearchStrategy[AccessLogLine]:
    """Any line that S3 could write of a request; attackers choose URI, referer, user agent and key."""
    return st.builds(
        AccessLogLine,
        owner=st.just(OWNER),
        bucket=st.sampled_from([BUCKET, "acme-website", "a.b"]),
        time=st.integers(0, 10**8).map(lambda seconds: NOON - timedelta(seconds=seconds)),
        remote_ip=st.sampled_from([None, THIEF_IP, "2001:db8::7"]),
        requester=st.sampled_from(
            [None, USER, SESSION, OWNER, "AmazonS3", "svc:delivery.logs.amazonaws.com"]
        ),
        request_id=_WORDS,
        operation=st.sampled_from(["REST.GET.OBJECT", "REST.PUT.ACL", "REST.GET.BUCKET", "REST.X.Y"]),
        key=st.none() | _SENTENCES,
        request_uri=_WORDS.map(lambda path: f"GET /{path} HTTP/1.1"),
        status=st.sampled_from([None, 200, 206, 304, 403]),
        error_code=st.sampled_from([None, "AccessDenied"]),
        bytes_sent=_NUMBERS,
        object_size=_NUMBERS,
        total_ms=_NUMBERS,
        turnaround_ms=_NUMBERS,
        referer=st.none() | _SENTENCES.filter(lambda text: not text.endswith('"') and '" ' not in text),
        user_agent=st.none() | _SENTENCES.filter(lambda text: not text.startswith('" ')),
        version_id=st.none() | st.sampled_from(["Gs.7", "null"]),
        host_id=st.none() | st.sampled_from(["s9lzHYrFp76ZVxRcpX9=", "two words="]),
        signature=st.sampled_from([None, "SigV2", "SigV4"]),
        cipher=st.sampled_from([None, "ECDHE-RSA-AES128-SHA"]),
        auth_type=st.sampled_from([None, "AuthHeader", "QueryString"]),
        host=st.none() | st.just("acme-payroll.s3.amazonaws.com"),
        tls=st.sampled_from([None, "TLSv1.2"]),
        access_point_arn=st.none() | st.just("arn:aws:s3:us-east-1:111122223333:accesspoint/a"),
        acl_required=st.sampled_from([None, "Yes"]),
        source_region=st.sampled_from([None, "eu-west-1"]),
        more=st.sampled_from([(), ("new",)]),
    )


def numbered(count: int, **members: object) -> Iterator[bytes]:
    return (line(**({"request_id": f"REQ{number:08d}"} | members)) for number in range(count))
