"""Parts of bucket settings that moto forgets, kept as they were sent; and what blocking SSE-C forbids.

Sources: S3 API Reference, PutBucketLogging (TargetObjectKeyFormat) and PutBucketEncryption
(BlockedEncryptionTypes); S3 User Guide, "Blocking or unblocking SSE-C for a general purpose bucket".
"""

from __future__ import annotations

import re

from bot.sandbox.aws import errors
from bot.sandbox.aws.call import Call, Response

#: Which call sends an element, which shows it, and inside of which element it stands.
_KEPT = {
    "PutBucketLogging": ("TargetObjectKeyFormat", "GetBucketLogging", "LoggingEnabled"),
    "PutBucketEncryption": ("BlockedEncryptionTypes", "GetBucketEncryption", "Rule"),
}
_SHOWN = {shows: (element, inside) for element, shows, inside in _KEPT.values()}
_FORGETS = {"DeleteBucketEncryption": "BlockedEncryptionTypes"}
_CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"


class Fragments:
    """The elements of all buckets, by bucket and name."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def guard_write(self, call: Call) -> None:
        """Refuse objects under a key of the caller's where that is blocked.

        Raises:
            AwsError: AccessDenied.
        """
        blocked = self._kept.get((str(call.bucket), "BlockedEncryptionTypes"), b"")
        if b"SSE-C" in blocked and call.header(_CUSTOMER_KEY):
            raise errors.access_denied("s3")

    def after(self, call: Call, response: Response) -> None:
        """Keep what a successful call said, and add it to what a later one shows."""
        bucket = str(call.bucket)
        if call.operation in _KEPT:
            element = _KEPT[call.operation][0]
            found = re.search(rf"<{element}[ >].*</{element}>".encode(), call.http.body, re.DOTALL)
            self._keep(bucket, element, found[0] if found else None)
        elif call.operation in _FORGETS:
            self._keep(bucket, _FORGETS[call.operation], None)
        elif call.operation in _SHOWN:
            element, inside = _SHOWN[call.operation]
            closing = f"</{inside}>".encode()
            kept = self._kept.get((bucket, element), b"")
            response.body = response.body.replace(closing, kept + closing)

    def forget(self, bucket: str) -> None:
        for element, _, _ in _KEPT.values():
            self._keep(bucket, element, None)

    def _keep(self, bucket: str, element: str, sent: bytes | None) -> None:
        if sent is None:
            self._kept.pop((bucket, element), None)
        else:
            self._kept[bucket, element] = sent
