"""While versioning is suspended, what was written before is kept; only the version `null` comes and goes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.account import Account
from tests.aws.conftest import account

__all__ = ["account"]
KEY = "payslip"


@pytest.fixture
def bucket(account: Account, request: pytest.FixtureRequest) -> str:
    """Two versions of one object, then suspended."""
    name = "acme-" + request.node.name.replace("_", "-")[-40:].strip("-")
    s3 = account.client("s3")
    s3.create_bucket(Bucket=name)
    for status, bodies in (("Enabled", [b"one", b"two"]), ("Suspended", [])):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
        for body in bodies:
            s3.put_object(Bucket=name, Key=KEY, Body=body)
    return name


def versions(account: Account, bucket: str) -> list[tuple[str, bool]]:
    """Each version, newest first: its content or "marker", and whether its id is null."""
    s3 = account.client("s3")
    found = s3.list_object_versions(Bucket=bucket)
    markers = [("marker", one["VersionId"] == "null") for one in found.get("DeleteMarkers", [])]
    return [*markers, *(_content(s3, bucket, one) for one in found.get("Versions", []))]


def _content(s3: Any, bucket: str, one: Any) -> tuple[str, bool]:
    body = s3.get_object(Bucket=bucket, Key=KEY, VersionId=one["VersionId"])["Body"].read()
    return body.decode(), one["VersionId"] == "null"


def test_a_write_replaces_the_null_version_and_no_other(account: Account, bucket: str) -> None:
    s3 = account.client("s3")
    assert s3.put_object(Bucket=bucket, Key=KEY, Body=b"three")["VersionId"] == "null"
    itself = {"Bucket": bucket, "Key": KEY}
    s3.copy_object(Bucket=bucket, Key=KEY, CopySource=itself, MetadataDirective="REPLACE")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"four")
    assert sorted(versions(account, bucket)) == [("four", True), ("one", False), ("two", False)]
    assert s3.get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"four"


def test_a_deletion_leaves_a_null_marker(account: Account, bucket: str) -> None:
    s3 = account.client("s3")
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"three")
    gone = s3.delete_object(Bucket=bucket, Key=KEY)
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert sorted(versions(account, bucket)) == [("marker", True), ("one", False), ("two", False)]
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key=KEY)


def test_one_version_is_deleted_for_good_and_the_others_stay(account: Account, bucket: str) -> None:
    s3 = account.client("s3")
    latest = s3.head_object(Bucket=bucket, Key=KEY)["VersionId"]
    s3.delete_object(Bucket=bucket, Key=KEY, VersionId=latest)
    assert versions(account, bucket) == [("one", False)]
