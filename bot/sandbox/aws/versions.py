"""MFA Delete, which moto drops, and retention, for which moto answers with the object itself.

Sources: S3 User Guide, "Configuring MFA delete"; S3 API Reference, GetObjectRetention.
"""

from __future__ import annotations

import re

from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller


class Versions:
    """Which buckets have MFA Delete, and what that forbids."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._mfa_delete: set[str] = set()
        self.answers = {("s3", "GetObjectRetention"): self._retention}

    def mfa_delete(self, bucket: str) -> bool:
        return bucket in self._mfa_delete

    def forget(self, bucket: str) -> None:
        self._mfa_delete.discard(bucket)

    def guard_versioning(self, call: Call, caller: Caller, *, lifecycle: bool) -> None:
        """Only the root user, with its MFA device, changes MFA Delete and what it protects.

        Raises:
            AwsError: AccessDenied; InvalidBucketState beside lifecycle rules.
        """
        if _told(call) == "Enabled" and caller.kind != "root":
            raise errors.bucket_owner_only()
        if _told(call) and not call.header("x-amz-mfa"):
            raise errors.mfa_needed()
        self._need_device(call)
        if _told(call) == "Enabled" and lifecycle:
            message = "MFA delete is not supported on buckets with a lifecycle configuration."
            raise AwsError("InvalidBucketState", message, 409)

    def guard_delete(self, call: Call) -> None:
        """A version is deleted for good: under MFA Delete that needs the device.

        Raises:
            AwsError: AccessDenied.
        """
        if "VersionId" in call.params:
            self._need_device(call)

    def remember(self, call: Call) -> None:
        """Keep what PutBucketVersioning said about MFA Delete."""
        if _told(call) == "Enabled":
            self._mfa_delete.add(str(call.bucket))
        elif _told(call):
            self.forget(str(call.bucket))

    def show(self, call: Call, response: Response) -> None:
        """Add MFA Delete to the answer of GetBucketVersioning."""
        if call.bucket in self._mfa_delete:
            opened, closing, name = response.body.rpartition(b"</")
            response.body = opened + b"<MfaDelete>Enabled</MfaDelete>" + closing + name

    def _need_device(self, call: Call) -> None:
        if call.bucket in self._mfa_delete and not call.header("x-amz-mfa"):
            raise errors.mfa_needed()

    def _retention(self, call: Call) -> Response:
        bucket = self._backend.bucket(str(call.bucket))
        if bucket is None or not bucket.object_lock_enabled:
            raise AwsError("InvalidRequest", "Bucket is missing Object Lock Configuration", 400)
        written = bucket.keys.get(call.key)
        if written is None or not written.lock_mode:
            message = "The specified object does not have a ObjectLock configuration"
            raise AwsError("NoSuchObjectLockConfiguration", message, 404)
        inner = f"<Mode>{written.lock_mode}</Mode><RetainUntilDate>{written.lock_until}</RetainUntilDate>"
        return xml(f"<Retention>{inner}</Retention>")


def _told(call: Call) -> str:
    """Enabled, Disabled, or "" when the call does not speak of MFA Delete."""
    found = re.search(r"<MfaDelete>\s*(\w+)", call.http.body.decode("utf-8", "replace"))
    return found[1] if found else ""
