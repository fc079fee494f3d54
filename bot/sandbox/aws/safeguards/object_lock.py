"""Object Lock of buckets that exist already, which moto takes for new and empty ones only.

Source: S3 API Reference, PutObjectLockConfiguration, PutBucketVersioning; S3 User Guide, "Locking objects".
"""

from __future__ import annotations

import re
from typing import Any

from werkzeug.datastructures import Headers

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError

MODES = {"GOVERNANCE", "COMPLIANCE"}


class ObjectLock:
    """What Object Lock needs, and what it forbids ever after."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def guard(self, call: Call) -> None:
        """A bucket with Object Lock keeps its versioning.

        Raises:
            AwsError: InvalidBucketState.
        """
        bucket = self._backend.bucket(call.bucket or "")
        suspends = call.operation == "PutBucketVersioning" and _told(call, "Status") == "Suspended"
        if suspends and bucket is not None and bucket.object_lock_enabled:
            message = "An Object Lock configuration is present on this bucket, so the versioning state"
            raise AwsError("InvalidBucketState", f"{message} cannot be changed.", 409)

    def answer(self, call: Call) -> Response | None:
        """PutObjectLockConfiguration; None for every other call.

        Raises:
            AwsError: MalformedXML, InvalidBucketState.
        """
        if (call.service, call.operation) != ("s3", "PutObjectLockConfiguration"):
            return None
        bucket: Any = self._backend.bucket(str(call.bucket))
        mode, days, years = (_told(call, name) for name in ("Mode", "Days", "Years"))
        if _told(call, "ObjectLockEnabled") != "Enabled" or (
            mode and (mode not in MODES or bool(days) == bool(years))
        ):
            message = (
                "The XML you provided was not well-formed or did not validate against our published schema"
            )
            raise AwsError("MalformedXML", message, 400)
        if bucket.versioning_status != "Enabled":
            message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
            raise AwsError("InvalidBucketState", message, 409)
        bucket.object_lock_enabled = True
        bucket.default_lock_mode = mode or None
        bucket.default_lock_days, bucket.default_lock_years = int(days or 0), int(years or 0)
        return Response(200, b"", Headers([("Content-Type", "application/xml")]))


def _told(call: Call, name: str) -> str:
    found = re.search(rf"<{name}>\s*(\w+)", call.http.body.decode("utf-8", "replace"))
    return found[1] if found else ""
