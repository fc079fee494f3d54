"""Who replicates into a bucket, asked of every bucket of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer, Gateway
from bot.aws.replication import replication_into
from tests.aws.account import ACCOUNT, Account

ROLE = f"arn:aws:iam::{ACCOUNT}:role/copies-to-archive"


def replicate(account: Account, source: str, *destinations: str, status: str = "Enabled") -> None:
    s3 = account.client("s3")
    for bucket in {source, *destinations}:
        if bucket not in {one["Name"] for one in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    rules = [
        {
            "ID": f"to-{name}",
            "Priority": number,
            "Status": status,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{name}"},
        }
        for number, name in enumerate(destinations)
    ]
    s3.put_bucket_replication(Bucket=source, ReplicationConfiguration={"Role": ROLE, "Rules": rules})


class Refusing:
    """The account's reader, refused at one bucket."""

    def __init__(self, reader: Gateway, bucket: str) -> None:
        self._reader, self._bucket = reader, bucket

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        if operation == "get_bucket_replication" and params["Bucket"] == self._bucket:
            raise AwsRefused(service, operation, "AccessDenied", "Access Denied", "request-1", 403)
        return self._reader.call(service, operation, params, region)


def test_the_role_of_a_rule_that_is_on_and_names_the_bucket(account: Account) -> None:
    replicate(account, "acme-source", "acme-elsewhere", "acme-copy")
    replicate(account, "acme-paused", "acme-copy2", status="Disabled")
    reader = account.access.reader(ACCOUNT)
    assert replication_into(reader, "acme-copy").roles == (ROLE,)
    assert replication_into(reader, "acme-copy").unread == ()
    assert replication_into(reader, "acme-copy2").roles == ()
    assert replication_into(reader, "acme-cop").roles == ()


def test_what_could_not_be_read_is_named(account: Account) -> None:
    replicate(account, "acme-secretive", "acme-copy3")
    found = replication_into(Refusing(account.access.reader(ACCOUNT), "acme-secretive"), "acme-copy3")
    assert (found.roles, found.unread) == ((), ("acme-secretive",))
