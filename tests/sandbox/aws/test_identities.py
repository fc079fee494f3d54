"""Who may speak at all: keys, secrets, tokens, signatures."""

import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError

import pytest

from tests.sandbox.aws.conftest import ACCOUNT, Lab, Who, allow, refusal, trust


def test_everybody_is_who_they_are(lab: Lab) -> None:
    user = lab.user("ann", allow("sts:AssumeRole"))
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}))
    session = lab.assume(user, role, "shift-1")
    assert lab.root.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert user.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert session.sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/shift-1"


def test_unknown_keys_are_refused_in_each_services_own_words(lab: Lab) -> None:
    stranger = Who(lab, "AKIAUNKNOWN", "secret")
    assert refusal(stranger.s3.list_buckets)[::2] == ("InvalidAccessKeyId", 403)
    assert refusal(stranger.sts.get_caller_identity)[::2] == ("InvalidClientTokenId", 403)
    assert refusal(stranger.cloudtrail.describe_trails)[::2] == ("UnrecognizedClientException", 400)


@pytest.mark.parametrize("service", ["s3", "sts", "cloudtrail"])
def test_a_wrong_secret_does_not_pass(lab: Lab, service: str) -> None:
    user = lab.user("ann", allow("*"))
    forged = Who(lab, user.access_key_id, "guess")
    calls = {"s3": "list_buckets", "sts": "get_caller_identity", "cloudtrail": "describe_trails"}
    code, _, status = refusal(getattr(forged.client(service), calls[service]))
    assert code in {"SignatureDoesNotMatch", "InvalidSignatureException"}
    assert status == 403


def test_an_inactive_key_is_refused_and_an_active_one_again_not(lab: Lab) -> None:
    user = lab.user("ann", allow("s3:ListAllMyBuckets"))
    user.s3.list_buckets()
    lab.root.iam.update_access_key(UserName="ann", AccessKeyId=user.access_key_id, Status="Inactive")
    assert refusal(user.s3.list_buckets)[0] == "InvalidAccessKeyId"
    assert refusal(user.sts.get_caller_identity)[0] == "InvalidClientTokenId"
    lab.root.iam.update_access_key(UserName="ann", AccessKeyId=user.access_key_id, Status="Active")
    user.s3.list_buckets()


def test_deactivating_a_key_does_not_end_sessions_minted_from_it(lab: Lab) -> None:
    user = lab.user("ann")
    lab.grant("ann", allow("sts:AssumeRole"))
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:ListAllMyBuckets"))
    session = lab.assume(user, role)
    lab.root.iam.update_access_key(UserName="ann", AccessKeyId=user.access_key_id, Status="Inactive")
    session.s3.list_buckets()


def test_a_session_needs_its_own_token(lab: Lab) -> None:
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    session = lab.assume(lab.root, role)
    without = Who(lab, session.access_key_id, session.secret)
    wrong = Who(lab, session.access_key_id, session.secret, "FwoGsomebodyelses")
    assert refusal(without.s3.list_buckets)[0] == "InvalidToken"
    assert refusal(wrong.s3.list_buckets)[0] == "InvalidToken"
    assert refusal(wrong.sts.get_caller_identity)[0] == "InvalidClientTokenId"


def test_sessions_run_out(lab: Lab) -> None:
    role = lab.role("worker", trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), allow("s3:*"))
    session = lab.assume(lab.root, role, DurationSeconds=900)
    session.headers["x-sandbox-time"] = (datetime.now(UTC) + timedelta(seconds=890)).isoformat()
    session.s3.list_buckets()
    session.headers["x-sandbox-time"] = (datetime.now(UTC) + timedelta(seconds=910)).isoformat()
    assert refusal(session.s3.list_buckets)[0] == "ExpiredToken"
    assert refusal(session.sts.get_caller_identity)[0] == "ExpiredToken"


def test_refused_callers_leave_no_trace_in_cloudtrail(lab: Lab) -> None:
    before = len(lab.aws.events)
    refusal(Who(lab, "AKIAUNKNOWN", "secret").s3.list_buckets)
    assert len(lab.aws.events) == before
    assert lab.aws.recent()[-1].error_code == "InvalidAccessKeyId"


def test_the_panel_knows_whose_inactive_key_it_was(lab: Lab) -> None:
    user = lab.user("ann")
    lab.root.iam.update_access_key(UserName="ann", AccessKeyId=user.access_key_id, Status="Inactive")
    refusal(user.s3.list_buckets)
    assert lab.aws.recent()[-1].principal == f"arn:aws:iam::{ACCOUNT}:user/ann"


def get(url: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def presigned(lab: Lab, who: Who, key: str, seconds: int) -> str:
    from botocore.config import Config

    client = lab.session.client(
        "s3",
        endpoint_url=lab.aws.endpoint,
        aws_access_key_id=who.access_key_id,
        aws_secret_access_key=who.secret,
        config=Config(signature_version="s3v4", proxies={}),
    )
    url: str = client.generate_presigned_url(
        "get_object", {"Bucket": "papers", "Key": key}, ExpiresIn=seconds
    )
    return url


def test_presigned_urls_work_until_they_expire_or_are_touched(lab: Lab) -> None:
    lab.bucket("papers", **{"a b.txt": b"hello"})
    user = lab.user("ann", allow("s3:GetObject"))
    url = presigned(lab, user, "a b.txt", 60)
    assert get(url) == (200, b"hello")
    assert lab.records("GetObject")[-1]["additionalEventData"]["AuthenticationMethod"] == "QueryString"
    assert get(url.replace("a%20b.txt", "other.txt"))[0] == 403
    status, body = get(presigned(lab, user, "a b.txt", -5))
    assert status == 403
    assert b"Request has expired" in body


def test_signature_version_2_is_refused_as_for_new_buckets(lab: Lab) -> None:
    lab.bucket("papers")
    status, body = get(f"{lab.aws.endpoint}/papers/k?AWSAccessKeyId=AKIA&Signature=x&Expires=1")
    assert status == 400
    assert b"AWS4-HMAC-SHA256" in body
