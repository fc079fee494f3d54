"""CloudTrail's public keys, asked for over real HTTP as the JSON protocol has it."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from botocore.credentials import Credentials

from bot.aws.clients import Clients, new_loader
from bot.aws.digest_objects import S3TrailObjects, public_keys
from bot.aws.errors import AwsUnavailable
from bot.aws.gateway import Gateway
from bot.aws.objects import Unreadable
from bot.aws.pacing import Pacer
from tests.aws.account import ACCOUNT, Account

WINDOW = (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))


class CloudTrail(ThreadingHTTPServer):
    """Answers ListPublicKeys with one key for each Region, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[dict[str, object]] = []


class _Answer(BaseHTTPRequestHandler):
    server: CloudTrail

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # Credential=KEY/DATE/REGION/cloudtrail/aws4_request
        region = self.headers["Authorization"].split("/")[2]
        self.server.asked.append({"target": self.headers["X-Amz-Target"], "region": region, **body})
        key = {"Value": base64.b64encode(region.encode()).decode(), "Fingerprint": f"of {region}"}
        answer = json.dumps({"PublicKeyList": [key]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cloudtrail(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudTrail]:
    server = CloudTrail()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_keys_of_every_region_are_asked_for(cloudtrail: CloudTrail) -> None:
    clients = Clients(new_loader(), Credentials("AKIAEXAMPLE", "secret"))
    gateway = Gateway(ACCOUNT, "us-east-1", clients, pacer=Pacer(per_second=100), dry_run=True)
    found = public_keys(gateway, ["us-east-1", "eu-central-1", "us-east-1"], WINDOW)
    assert found == {"of eu-central-1": b"eu-central-1", "of us-east-1": b"us-east-1"}
    assert [one["region"] for one in cloudtrail.asked] == ["eu-central-1", "us-east-1"]
    for one in cloudtrail.asked:
        assert str(one["target"]).endswith("ListPublicKeys")
        assert (one["StartTime"], one["EndTime"]) == tuple(moment.timestamp() for moment in WINDOW)


def test_where_the_keys_cannot_be_had_that_is_said(account: Account) -> None:
    with pytest.raises(AwsUnavailable, match="list_public_keys"):
        public_keys(account.access.reader(ACCOUNT), ["us-east-1"], WINDOW)


def test_an_object_that_is_gone_is_unreadable(account: Account) -> None:
    account.bucket("acme-trail-objects")
    objects = S3TrailObjects(account.access.reader(ACCOUNT), "s3://acme-trail-objects/2026")
    assert list(objects.names()) == ["salaries.csv"]
    assert objects.signature("salaries.csv") is None
    with pytest.raises(Unreadable, match="did not give"):
        objects.signature("nothing.json.gz")
