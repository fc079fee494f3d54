"""What a bucket has and had: every version and delete marker, key by key, page by page.

Source: S3 API Reference, ListObjectVersions: keys come in UTF-8 order, of one key the newest first.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation import sentences
from bot.remediation.contract import Reader
from bot.remediation.errors import TargetMissing
from bot.remediation.plan import Target


@dataclass(frozen=True)
class Entry:
    """One version or delete marker, as the list shows it.

    `etag` is without its quotation marks, empty for a marker. `restored`: an archived version of which S3
    holds a readable copy for the time being.
    """

    key: str
    version_id: str
    is_latest: bool
    modified: datetime
    is_marker: bool
    etag: str = ""
    size: int = 0
    storage_class: str = "STANDARD"
    restored: bool = False


def pages(read: Reader, target: Target, prefix: str = "", most: int = 1000) -> Iterator[list[Entry]]:
    """All versions and delete markers whose keys begin with `prefix`, a page at a time. Raises AwsError and
    TargetMissing.
    """
    asked: dict[str, Any] = {
        "Bucket": target.params["bucket"],
        "Prefix": prefix,
        "MaxKeys": most,
        "OptionalObjectAttributes": ["RestoreStatus"],
    }
    while True:
        page = _page(read, target, asked)
        yield list(_merged(page))
        if not page.get("IsTruncated"):
            return
        asked["KeyMarker"] = page["NextKeyMarker"]
        asked["VersionIdMarker"] = page.get("NextVersionIdMarker") or "null"


def newest(read: Reader, target: Target, key: str) -> list[Entry]:
    """The current state of one key and the one below it, newest first; shorter where there are fewer."""
    asked = {"Bucket": target.params["bucket"], "Prefix": key, "MaxKeys": 2}
    # The key itself comes before all longer ones that begin with it.
    found = [one for one in _merged(_page(read, target, asked)) if one.key == key]
    return sorted(found, key=lambda one: not one.is_latest)


def _page(read: Reader, target: Target, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return read.call("s3", "list_object_versions", asked, target.params["region"]).data
    except AwsRefused as error:
        if error.code == "NoSuchBucket":
            raise TargetMissing(sentences.no_such_bucket(target.label)) from error
        raise


def _merged(page: Mapping[str, Any]) -> Iterator[Entry]:
    """The two lists of a page as one, in the order of keys."""
    versions = (_version(one) for one in page.get("Versions") or ())
    markers = (_marker(one) for one in page.get("DeleteMarkers") or ())
    return heapq.merge(versions, markers, key=lambda one: one.key)


def _version(one: Mapping[str, Any]) -> Entry:
    restored = one.get("RestoreStatus") or {}
    return Entry(
        key=one["Key"],
        version_id=one["VersionId"],
        is_latest=one["IsLatest"],
        modified=one["LastModified"],
        is_marker=False,
        etag=str(one.get("ETag", "")).strip('"'),
        size=int(one.get("Size", 0)),
        storage_class=one.get("StorageClass") or "STANDARD",
        restored=bool(restored.get("RestoreExpiryDate")) and not restored.get("IsRestoreInProgress"),
    )


def _marker(one: Mapping[str, Any]) -> Entry:
    return Entry(one["Key"], one["VersionId"], one["IsLatest"], one["LastModified"], is_marker=True)
