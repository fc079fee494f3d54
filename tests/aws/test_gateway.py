"""The one seam: what the gateway adds to a call, refuses to send, and remembers of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.credentials import Credentials

from bot.aws.access import AwsAccess
from bot.aws.clients import Clients, new_loader
from bot.aws.errors import AwsRefused, AwsUnavailable, DryRun
from bot.aws.gateway import ANY_OWNER, CallRecord, Gateway
from bot.aws.lookup import event_history
from bot.aws.pacing import Pacer
from tests.aws.account import ACCOUNT, EXTERNAL_ID, REGION, Account, account_of


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
def base(account: Account, records: list[CallRecord]) -> Gateway:
    """A gateway with the account root's rights, to see what the gateway itself does."""
    key = Credentials(account.fake.root_access_key_id, account.fake.root_secret_access_key)
    return Gateway(ACCOUNT, REGION, Clients(new_loader(), key), pacer=Pacer(1000), on_call=records.append)


def test_an_answer_has_data_without_envelope_and_the_request_id(account: Account, base: Gateway) -> None:
    answer = base.call("sts", "get_caller_identity", {})
    assert answer.data["Account"] == ACCOUNT
    assert "ResponseMetadata" not in answer.data
    assert answer.request_id == account.records("GetCallerIdentity")[-1]["requestID"]


def test_every_call_is_recorded_also_a_refused_one_and_never_its_parameters(
    base: Gateway, records: list[CallRecord]
) -> None:
    base.call("iam", "list_users", {})
    with pytest.raises(AwsRefused, match="NoSuchEntity"):
        base.call("iam", "get_user", {"UserName": "secret-name"})
    assert [(one.operation, one.code) for one in records] == [
        ("list_users", None),
        ("get_user", "NoSuchEntity"),
    ]
    assert all(one.request_id and one.seconds >= 0 and one.account_id == ACCOUNT for one in records)
    assert "secret-name" not in repr(records)


def test_a_bucket_of_somebody_else_is_refused(account: Account, base: Gateway) -> None:
    account.bucket("acme-owned")
    assert base.call("s3", "head_bucket", {"Bucket": "acme-owned"}).request_id
    key = base.credentials()
    assert key is not None
    stranger = Gateway("999999999999", REGION, Clients(new_loader(), key), pacer=Pacer(1000))
    for operation, params in (
        ("head_bucket", {}),
        ("get_bucket_versioning", {}),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ):
        with pytest.raises(AwsRefused) as refused:
            stranger.call("s3", operation, {"Bucket": "acme-owned", **params})
        assert refused.value.status == 403


def test_a_log_archive_of_another_account_can_be_read_but_never_written(
    account: Account, base: Gateway
) -> None:
    account.bucket("acme-archive")
    key = base.credentials()
    assert key is not None
    stranger = Gateway("999999999999", REGION, Clients(new_loader(), key), pacer=Pacer(1000))
    anyone = {"Bucket": "acme-archive", "ExpectedBucketOwner": ANY_OWNER}
    assert stranger.call("s3", "head_bucket", anyone).request_id
    with pytest.raises(AwsRefused, match="AccessDenied"):
        stranger.call("s3", "delete_bucket_policy", anyone)


def test_calls_that_do_not_take_an_owner_are_sent_without_one(base: Gateway) -> None:
    assert "Buckets" in base.call("s3", "list_buckets", {}).data


def test_pages_are_followed_to_the_end(account: Account, base: Gateway, records: list[CallRecord]) -> None:
    account.bucket("acme-pages")
    for number in range(5):
        account.client("s3").put_object(Bucket="acme-pages", Key=f"k{number}", Body=b"")
    items = base.pages("s3", "list_objects_v2", {"Bucket": "acme-pages", "MaxKeys": 2}, "Contents")
    assert [item["Key"] for item in items] == ["2026/salaries.csv", *(f"k{number}" for number in range(5))]
    assert len(records) == 3


def test_an_operation_that_has_no_pages_is_one_page(account: Account, base: Gateway) -> None:
    trails = base.pages("cloudtrail", "describe_trails", {}, "trailList")
    assert list(trails) == []


def test_pages_raise_as_calls_do(base: Gateway) -> None:
    with pytest.raises(AwsRefused, match="NoSuchBucket"):
        list(base.pages("s3", "list_objects_v2", {"Bucket": "acme-nowhere"}, "Contents"))


def test_a_wrong_parameter_is_refused_before_it_is_sent(base: Gateway, records: list[CallRecord]) -> None:
    with pytest.raises(AwsRefused, match="InvalidParameter"):
        base.call("iam", "get_user", {"Name": "ci"})
    assert records[0].request_id is None


def test_an_operation_that_does_not_exist_is_a_mistake_of_the_program(base: Gateway) -> None:
    with pytest.raises(ValueError, match="iam has no operation delete_everything"):
        base.call("iam", "delete_everything", {})


def test_s3control_is_reached_behind_another_endpoint(base: Gateway) -> None:
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    base.call(
        "s3control",
        "put_public_access_block",
        {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": block},
    )
    found = base.call("s3control", "get_public_access_block", {"AccountId": ACCOUNT}).data
    assert found["PublicAccessBlockConfiguration"] == block
    base.call("s3control", "delete_public_access_block", {"AccountId": ACCOUNT})


def test_a_throttled_call_is_tried_again(account: Account, base: Gateway, records: list[CallRecord]) -> None:
    account.fake.faults.throttle("iam", "ListUsers", times=1)
    assert "Users" in base.call("iam", "list_users", {}).data
    assert [one.code for one in records] == [None]


def test_a_dry_run_reads_and_assumes_roles_but_changes_nothing(account: Account) -> None:
    dry = account_of(account.fake, dry_run=True)
    reader = dry.access.reader(ACCOUNT)
    assert reader.call("iam", "list_users", {}).data["Users"]
    for service, operation, params in (
        ("iam", "create_user", {"UserName": "nobody"}),
        ("iam", "tag_user", {"UserName": "s3incident", "Tags": []}),
        ("s3", "put_object", {"Bucket": "acme-owned", "Key": "k"}),
        ("s3", "delete_bucket_policy", {"Bucket": "acme-owned"}),
        ("cloudtrail", "stop_logging", {"Name": "trail"}),
    ):
        before = len(account.fake.events)
        with pytest.raises(DryRun, match="nothing was changed"):
            reader.call(service, operation, params)
        assert len(account.fake.events) == before


def test_one_client_serves_all_threads(account: Account) -> None:
    reader = account.access.reader(ACCOUNT)
    found: list[str] = []

    def ask() -> None:
        found.append(reader.call("iam", "get_user", {"UserName": "s3incident"}).data["User"]["UserName"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["s3incident"] * 8


class _Page(BaseHTTPRequestHandler):
    """Something that is not AWS."""

    def do_POST(self) -> None:
        body = b"<!doctype html><title>404 Not Found</title>"
        self.send_response(404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def elsewhere(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsAccess]:
    server = HTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield AwsAccess(account.settings)
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_instead_of_an_answer_is_not_available_here(elsewhere: AwsAccess) -> None:
    with pytest.raises(AwsUnavailable, match="sts:get_caller_identity"):
        elsewhere.identity()


def test_a_proxy_of_the_environment_is_not_asked_for_the_loopback(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert AwsAccess(account.settings).identity().account_id == ACCOUNT


def test_without_credentials_it_says_so(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(AwsUnavailable, match="NoCredentials"):
        AwsAccess(account.settings).identity()


def test_a_wrong_external_id_is_a_refusal_of_every_call(account: Account) -> None:
    stranger = account.settings.accounts[0].model_copy(update={"external_id": EXTERNAL_ID + "x"})
    access = AwsAccess(account.settings.model_copy(update={"accounts": (stranger,)}))
    with pytest.raises(AwsRefused, match="assume_role"):
        access.reader(ACCOUNT).call("iam", "list_users", {})


def test_look_ups_of_one_region_are_paced(account: Account) -> None:
    settings = account.settings.model_copy(update={"lookups_per_second": 2.0})
    history = event_history(AwsAccess(settings).reader(ACCOUNT))
    now = datetime.now(UTC)
    started = time.monotonic()
    for _ in range(3):
        list(
            history(
                region=REGION, attribute=("EventName", "Nothing"), start=now - timedelta(hours=1), end=now
            )
        )
    assert time.monotonic() - started >= 1.0
