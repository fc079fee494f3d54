"""Suspended versioning, under which moto forgets the versions that are there.

Writes and deletions replace the version `null` alone; what was written while versioning was on stays.
Source: S3 User Guide, "Working with objects in a versioning-suspended bucket".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.sandbox.aws.call import Call, Response

_WRITES = {"PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"}
_NULL = "null"


@contextmanager
def keeping_versions(bucket: Any | None, call: Call) -> Iterator[None]:
    """While moto carries the call out: it adds a version, which then becomes the one without an id."""
    if bucket is None or not _concerns(bucket, call):
        yield
        return
    before = list(bucket.keys.getlist(call.key, []))
    bucket.versioning_status = "Enabled"
    try:
        yield
    finally:
        bucket.versioning_status = "Suspended"
    now = bucket.keys.getlist(call.key, [])
    if "VersionId" not in call.params and now and now[-1] not in before:
        now[-1]._version_id = _NULL
        older = [one for one in now[:-1] if one.version_id != _NULL]
        bucket.keys.setlist(call.key, [*older, now[-1]])


def without_id(bucket: Any | None, call: Call, response: Response) -> None:
    """The answer to such a call names the version `null`."""
    if bucket is not None and _concerns(bucket, call) and "VersionId" not in call.params and response.ok:
        response.headers["x-amz-version-id"] = _NULL


def _concerns(bucket: Any, call: Call) -> bool:
    suspended = bucket.versioning_status == "Suspended"
    return suspended and call.key is not None and call.operation in _WRITES
