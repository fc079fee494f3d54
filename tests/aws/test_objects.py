"""Log objects in bulk, signed with the evidence role."""

from __future__ import annotations

import json

import pytest

from bot.aws.errors import AwsRefused
from bot.aws.objects import S3Objects, Unreadable
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, Account


@pytest.fixture(scope="module")
def logs(account: Account) -> str:
    account.bucket("acme-logs")
    s3 = account.client("s3")
    for number in range(3):
        s3.put_object(
            Bucket="acme-logs", Key=f"trail/AWSLogs/1/2026/11/23/file {number}+ä.gz", Body=b"x" * number
        )
    s3.put_object(Bucket="acme-logs", Key="trail/AWSLogs/1/2026/11/24/other.gz", Body=b"")
    s3.put_object(Bucket="acme-logs", Key="elsewhere/file.gz", Body=b"")
    return "s3://acme-logs/trail"


def test_keys_are_listed_and_fetched_below_the_prefix(account: Account, logs: str) -> None:
    objects = S3Objects(account.access.reader(ACCOUNT), logs)
    found = list(objects.list("AWSLogs/1/2026/11/23/"))
    assert found == [(f"AWSLogs/1/2026/11/23/file {number}+ä.gz", number) for number in range(3)]
    assert [objects.fetch(key) for key, _ in found] == [b"", b"x", b"xx"]


def test_a_bucket_without_prefix_is_read_from_its_root(account: Account, logs: str) -> None:
    objects = S3Objects(account.access.reader(ACCOUNT), "s3://acme-logs")
    assert list(objects.list("elsewhere/")) == [("elsewhere/file.gz", 0)]
    assert list(objects.list("nothing-here/")) == []


def test_reads_are_the_evidence_role_s(account: Account, logs: str) -> None:
    S3Objects(account.access.reader(ACCOUNT), logs).fetch("AWSLogs/1/2026/11/24/other.gz")
    issuer = account.records("GetObject")[-1]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
    assert issuer == EVIDENCE_ROLE


def test_the_proxy_of_the_environment_is_not_asked_for_the_loopback(
    account: Account, logs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    objects = S3Objects(account.access.reader(ACCOUNT), logs)
    assert objects.fetch("AWSLogs/1/2026/11/24/other.gz") == b""


def test_what_cannot_be_had_is_an_oserror_that_names_it(account: Account, logs: str) -> None:
    objects = S3Objects(account.access.reader(ACCOUNT), logs)
    with pytest.raises(Unreadable, match=r"s3://acme-logs/trail AWSLogs/missing\.gz"):
        objects.fetch("AWSLogs/missing.gz")
    assert issubclass(Unreadable, OSError)


def test_a_denied_object_and_a_denied_listing_are_named_in_one_line(account: Account) -> None:
    account.bucket("acme-denied")
    s3 = account.client("s3")
    everything = {"Effect": "Deny", "Principal": "*", "Resource": ["arn:aws:s3:::acme-denied/*"]}
    listing = {**everything, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme-denied"}
    read = {**everything, "Action": "s3:GetObject"}
    objects = S3Objects(account.access.reader(ACCOUNT), "s3://acme-denied")
    document = {"Version": "2012-10-17", "Statement": [listing, read]}
    s3.put_bucket_policy(Bucket="acme-denied", Policy=json.dumps(document))
    for attempt in (lambda: objects.fetch("2026/salaries.csv"), lambda: list(objects.list(""))):
        with pytest.raises(Unreadable) as refused:
            attempt()
        assert "\n" not in str(refused.value)
        assert "acme-denied" in str(refused.value)


def test_a_missing_bucket_is_refused_at_once(account: Account) -> None:
    with pytest.raises(AwsRefused) as refused:
        S3Objects(account.access.reader(ACCOUNT), "s3://acme-nowhere/trail")
    assert refused.value.status == 404


@pytest.mark.parametrize("url", ["acme-logs/trail", "https://acme-logs/trail", "s3:///trail", ""])
def test_other_urls_are_refused(account: Account, url: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        S3Objects(account.access.reader(ACCOUNT), url)


@pytest.mark.parametrize(
    ("after", "left"),
    [("file", 4), ("file 0+ä.gz", 3), ("file 2", 2), ("g", 1), ("~", 1)],
)
def test_a_listing_can_begin_behind_a_key(account: Account, logs: str, after: str, left: int) -> None:
    objects = S3Objects(account.access.reader(ACCOUNT), logs)
    day = "AWSLogs/1/2026/11/23/"
    everything = list(objects.list(""))
    assert list(objects.list("", day + after)) == everything[-left:]
    assert list(objects.list(day, day + after)) == everything[-left:-1]
