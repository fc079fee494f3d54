"""What a record of CloudTrail or of an access log tells of a request, and what it leaves unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.evidence.events import event_from
from bot.evidence.vault.vault import Vault
from bot.incidents.recorded import RequestLog, context_of, requests_of
from bot.policy.recorded import Recorded
from tests.incidents.evidence import KEY, USER, investigation

BUCKET = "arn:aws:s3:::acme-payroll"


def record(name: str = "GetObject", **more: Any) -> dict[str, Any]:
    base = {
        "eventID": f"event-{name}",
        "eventTime": "2026-03-01T02:10:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.66",
        "userAgent": "[aws-cli/2]",
        "requestParameters": {"bucketName": "acme-payroll", "key": "2026/salaries.csv"},
        "additionalEventData": {
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "AuthenticationMethod": "AuthHeader",
            "SignatureVersion": "SigV4",
        },
        "userIdentity": {
            "type": "IAMUser",
            "arn": USER,
            "accountId": "111122223333",
            "principalId": "AIDAEXAMPLE",
            "accessKeyId": KEY,
            "userName": "ci-deploy",
        },
    }
    return {**base, **more}


def of(name: str = "GetObject", **more: Any) -> list[Recorded]:
    return list(requests_of(event_from(record(name, **more))))


SESSION = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::111122223333:assumed-role/etl/run-7",
    "accountId": "111122223333",
    "principalId": "AROAEXAMPLE:run-7",
    "accessKeyId": "ASIAEXAMPLE",
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/jobs/etl"},
        "attributes": {"creationDate": "2026-03-01T01:00:00Z", "mfaAuthenticated": "false"},
    },
}


def test_a_request_of_a_user() -> None:
    (one,) = of()
    assert (one.principal, one.action, one.resource) == (USER, "s3:GetObject", f"{BUCKET}/2026/salaries.csv")
    assert (one.allowed, one.access_key_id, one.issuer, one.named) == (True, KEY, USER, True)
    assert one.context["aws:sourceip"] == "203.0.113.66"
    assert one.context["aws:sourcevpce"] == ()
    assert one.context["aws:securetransport"] == "true"
    assert one.context["s3:authtype"] == "REST-HEADER"
    assert "aws:principalorgid" not in one.context


def test_a_session_is_known_by_its_role_with_its_path_and_its_beginning() -> None:
    (one,) = of(userIdentity=SESSION)
    assert one.issuer == one.context["aws:principalarn"] == "arn:aws:iam::111122223333:role/jobs/etl"
    assert one.context["aws:tokenissuetime"] == "2026-03-01T01:00:00Z"
    assert one.context["aws:multifactorauthpresent"] == "false"


def test_through_an_endpoint_the_address_is_another_key() -> None:
    (one,) = of(vpcEndpointId="vpce-1", sourceIPAddress="10.0.0.4")
    assert (one.context["aws:sourcevpce"], one.context["aws:vpcsourceip"]) == ("vpce-1", "10.0.0.4")
    assert one.context["aws:sourceip"] == ()
    assert "aws:sourcevpc" not in one.context


def test_whose_address_a_service_call_has_is_not_known() -> None:
    (one,) = of(sourceIPAddress="AWS Internal")
    assert not {"aws:sourceip", "aws:sourcevpce"} & set(one.context)


def test_without_a_cipher_whether_it_was_tls_is_not_known() -> None:
    assert "aws:securetransport" not in context_of(event_from(record(additionalEventData={})))


def test_parameters_that_were_left_out_of_the_record_are_unknown_not_absent() -> None:
    listing = {"bucketName": "acme-payroll"}
    assert of("ListObjects", requestParameters=listing)[0].context["s3:prefix"] == ()
    assert "s3:prefix" not in of("ListObjects", requestParameters=None)[0].context


@pytest.mark.parametrize(
    ("name", "parameters", "needs"),
    [
        ("ListObjects", {"bucketName": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        (
            "GetObject",
            {"bucketName": "b", "key": "k", "versionId": "v"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
        ),
        (
            "CopyObject",
            {"bucketName": "b", "key": "k", "x-amz-copy-source": "/a/x%20y"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::a/x y")],
        ),
        ("DeleteObjects", {"bucketName": "b"}, [("s3:DeleteObject", "arn:aws:s3:::b/*")]),
        ("ListBuckets", None, [("s3:ListAllMyBuckets", "*")]),
    ],
)
def test_each_permission_that_a_request_needed(name: str, parameters: Any, needs: list[Any]) -> None:
    assert [(one.action, one.resource) for one in of(name, requestParameters=parameters)] == needs


@pytest.mark.parametrize(
    ("code", "allowed"),
    [(None, True), ("AccessDenied", False), ("NoSuchKey", True), ("InternalError", None)],
)
def test_what_came_of_it(code: str | None, allowed: bool | None) -> None:
    assert of(errorCode=code)[0].allowed is allowed


def test_another_account_without_a_name_is_not_taken_for_anybody() -> None:
    identity = {"type": "AWSAccount", "accountId": "444455556666", "principalId": "AIDAOTHER"}
    (one,) = of(userIdentity=identity)
    assert (one.principal, one.named) == ("arn:aws:iam::444455556666:root", False)
    (anonymous,) = of(userIdentity={"type": "AWSAccount", "accountId": "anonymous", "principalId": ""})
    assert (anonymous.principal, anonymous.named) == ("anonymous", True)


def log(tmp_path: Path, *contents: bytes, **more: Any) -> RequestLog:
    vault = Vault(tmp_path / "vault")
    files = []
    for number, content in enumerate(contents):
        file = tmp_path / f"{number}"
        file.write_bytes(content)
        files.append(vault.seal(f"{number}", file, "events", ""))
    return RequestLog(vault, tuple(files), investigation(**more))


def cloudtrail(*records: dict[str, Any]) -> bytes:
    return json.dumps({"Records": records}).encode()


LINE = (
    b"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be acme-payroll"
    b" [01/Mar/2026:02:11:00 +0000] 198.51.100.9 - 3E57427F3EXAMPLE REST.GET.OBJECT 2026/salaries.csv"
    b' "GET /acme-payroll/2026/salaries.csv HTTP/1.1" 200 - 89 89 7 6 "-" "curl/8" - hostid - -'
    b" TLS_AES_128_GCM_SHA256 - acme-payroll.s3.us-east-1.amazonaws.com TLSv1.3 - -\n"
)


def test_the_attackers_requests_are_known_by_key_and_address(tmp_path: Path) -> None:
    elsewhere = record("PutObject", sourceIPAddress="192.0.2.1")
    found = list(log(tmp_path, cloudtrail(record(), elsewhere)))
    assert [(one.action, one.attacker) for one in found] == [
        ("s3:GetObject", True),
        ("s3:PutObject", False),
    ]


def test_what_came_before_or_after_the_window_is_not_counted(tmp_path: Path) -> None:
    early, late = (
        record(name, eventTime=f"2026-03-01T0{hour}:00:00Z")
        for name, hour in (("PutObject", 1), ("DeleteObject", 3))
    )
    window = {
        "start": "2026-03-01T02:00:00Z",
        "end": "2026-03-01T02:30:00Z",
        "first_event": None,
        "last_event": None,
    }
    found = log(tmp_path, cloudtrail(early, record(), late), window=window)
    assert [one.action for one in found] == ["s3:GetObject"]


def test_access_logs_are_read_where_cloudtrail_has_no_object_reads(tmp_path: Path) -> None:
    without = log(tmp_path, cloudtrail(record()), LINE)
    assert without.unseen == ("management events", "object reads", "object writes")
    assert [one.principal for one in without] == [USER, "anonymous"]
    seen = [
        {"subject": subject, "answer": "yes", "because": "selectors"}
        for subject in ("management events", "object reads", "object writes")
    ]
    complete = log(tmp_path, cloudtrail(record()), LINE, coverage=seen)
    assert complete.unseen == ()
    assert [one.principal for one in complete] == [USER]


def test_a_file_that_is_gone_or_spoilt_is_an_error_not_an_empty_log(tmp_path: Path) -> None:
    broken = log(tmp_path, b'{"Records": [')
    with pytest.raises(OSError, match="not JSON"):
        list(broken)
    gone = log(tmp_path, cloudtrail(record()))
    (tmp_path / "vault" / gone.files[0].path).unlink()
    with pytest.raises(OSError):  # noqa: PT011 -- the system's own words
        list(gone)
