"""The server as a whole."""

import http.client
import socket
import threading
from collections import Counter

import obstore
import pytest
from obstore.store import S3Store

from bot.sandbox.aws.observed import ObservedCall
from bot.sandbox.aws.server import FakeAws
from tests.sandbox.aws.conftest import ACCOUNT, Lab, allow, refusal


def test_it_listens_on_the_loopback_alone(aws: FakeAws) -> None:
    assert aws.endpoint.startswith("http://127.0.0.1:")
    port = int(aws.endpoint.rpartition(":")[2])
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with socket.socket() as outside:
        outside.bind(("127.0.0.2", port))


def test_one_at_a_time_in_a_process(aws: FakeAws) -> None:
    with pytest.raises(RuntimeError, match="One fake AWS runs in this process already"):
        FakeAws().start()


def test_a_stopped_one_forgets_everything() -> None:
    for _ in range(2):
        aws = FakeAws(delivery_seconds=0)
        aws.start()
        assert Lab(aws).root.s3.list_buckets()["Buckets"] == []
        Lab(aws).bucket("papers")
        aws.stop()


def test_same_seed_same_ids() -> None:
    def story(seed: int) -> tuple[str, list[str]]:
        aws = FakeAws(seed=seed, delivery_seconds=0)
        aws.start()
        lab = Lab(aws)
        user = lab.user("ann", allow("s3:*"))
        user.s3.list_buckets()
        ids = [str(event.record["eventID"]) for event in aws.events]
        aws.stop()
        return str(user.access_key_id), ids

    assert story(3) == story(3)
    assert story(3) != story(4)


def test_another_account_and_region() -> None:
    aws = FakeAws(account_id="444455556666", region="eu-central-1", delivery_seconds=0)
    aws.start()
    try:
        lab = Lab(aws)
        assert lab.user("ann").sts.get_caller_identity()["Account"] == "444455556666"
        client = lab.session.client(
            "s3",
            region_name="eu-central-1",
            endpoint_url=aws.endpoint,
            aws_access_key_id=lab.root.access_key_id,
            aws_secret_access_key=lab.root.secret,
        )
        client.create_bucket(
            Bucket="papers", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        assert client.get_bucket_location(Bucket="papers")["LocationConstraint"] == "eu-central-1"
        assert lab.records("CreateBucket")[0]["awsRegion"] == "eu-central-1"
    finally:
        aws.stop()


def test_watchers_hear_of_every_call(lab: Lab) -> None:
    heard: list[ObservedCall] = []
    lab.aws.subscribe(heard.append)
    lab.bucket("papers", k=b"1")
    user = lab.user("ann")
    user.headers |= {
        "x-sandbox-actor": "attacker",
        "x-sandbox-role": "attacker",
        "x-sandbox-source-ip": "203.0.113.9",
    }
    refusal(lambda: user.s3.get_object(Bucket="papers", Key="k"))
    last = heard[-1]
    assert (last.actor, last.role, last.event_name, last.resource) == (
        "attacker",
        "attacker",
        "GetObject",
        "papers/k",
    )
    assert (last.allowed, last.error_code, last.source_ip) == (False, "AccessDenied", "203.0.113.9")
    assert last.principal == f"arn:aws:iam::{ACCOUNT}:user/ann"
    assert lab.aws.recent(since=last.seq - 2) == heard[-2:]
    assert [call.seq for call in heard] == list(range(1, len(heard) + 1))


def test_many_at_once_and_every_one_recorded(lab: Lab) -> None:
    lab.bucket("papers")

    def write(number: int) -> None:
        client = lab.root.s3
        for part in range(5):
            client.put_object(Bucket="papers", Key=f"{number}/{part}", Body=b"1")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lab.root.s3.list_objects_v2(Bucket="papers")["KeyCount"] == 40
    keys = Counter(record["requestParameters"]["key"] for record in lab.records("PutObject"))
    assert len(keys) == 40
    assert set(keys.values()) == {1}
    assert len({event.record["eventID"] for event in lab.aws.events}) == len(lab.aws.events)


def test_bulk_reading_with_obstore(lab: Lab) -> None:
    lab.bucket("papers", **{f"2026/{n:02}/a b.json": b"x" * n for n in range(1, 6)})
    user = lab.user("ann", allow("s3:ListBucket", "s3:GetObject"))
    store = S3Store(
        "papers",
        endpoint=lab.aws.endpoint,
        region="us-east-1",
        access_key_id=user.access_key_id,
        secret_access_key=user.secret,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )
    listed = [(item["path"], item["size"]) for page in obstore.list(store, prefix="2026/") for item in page]
    assert sorted(listed) == [(f"2026/{n:02}/a b.json", n) for n in range(1, 6)]
    assert bytes(obstore.get(store, "2026/03/a b.json").bytes()) == b"xxx"
    assert {record["userIdentity"]["userName"] for record in lab.records("GetObject")} == {"ann"}


def test_multipart_uploads(lab: Lab) -> None:
    lab.bucket("papers")
    user = lab.user("ann", allow("s3:PutObject"))
    upload = user.s3.create_multipart_upload(Bucket="papers", Key="big")["UploadId"]
    named = {"Bucket": "papers", "Key": "big", "UploadId": upload}
    part = user.s3.upload_part(**named, PartNumber=1, Body=b"x" * 6_000_000)["ETag"]
    user.s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"ETag": part, "PartNumber": 1}]})
    assert lab.root.s3.head_object(Bucket="papers", Key="big")["ContentLength"] == 6_000_000


@pytest.mark.parametrize(
    "path", [b"/%00", b"/papers/..%2f..%2fetc", b"//", b"/?x=%ff", b"/papers/k?versionId=<&>"]
)
def test_odd_requests_get_an_answer_of_s3(lab: Lab, path: bytes) -> None:
    lab.bucket("papers")
    port = int(lab.aws.endpoint.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path.decode())
    answer = connection.getresponse()
    assert answer.status in {400, 403, 404}
    assert b"<Code>" in answer.read()
    assert answer.headers["Access-Control-Allow-Origin"] is None
    connection.close()


def test_the_account_may_stand_before_the_path(lab: Lab) -> None:
    port = int(lab.aws.endpoint.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", f"/{ACCOUNT}/v20180820/configuration/publicAccessBlock")
    body = connection.getresponse().read()
    connection.close()
    # Not signed, so refused: but as account-level S3, and not as a bucket of that name.
    assert b"NoSuchBucket" not in body
