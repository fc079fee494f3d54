"""The vault's copy in an S3 bucket: written once, never over, locked where the bucket has Object Lock.

Sources: S3 User Guide, "How to prevent object overwrites with conditional writes" (If-None-Match), "Locking
objects with Object Lock"; S3 API Reference, PutObject, GetObjectLockConfiguration.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from bot.aws.errors import AwsError, AwsRefused
from bot.aws.gateway import Gateway
from bot.aws.objects import bucket_region

#: If-None-Match: there is an object of that name; another request is writing one at this moment.
_TAKEN, _BUSY = "PreconditionFailed", "ConditionalRequestConflict"
_RACE = frozenset({_TAKEN, _BUSY})
_GONE = frozenset({"NoSuchKey", "404"})
#: What the check-up writes, once.
_TRIAL, _TRIAL_SAYS = "checkup.txt", b"s3incident doctor could write here.\n"
#: How often a line is tried again after another process wrote one at the same moment.
_TRIES = 50


class VaultBucketError(OSError):
    """The bucket did not take or give what was asked; the text says which and why."""


class S3Vault:
    """Files and manifest lines under `s3://bucket/prefix`. Thread-safe.

    The bucket must belong to the gateway's account. With Object Lock on, an object is locked for
    `retention_days` in the mode of the bucket's own default rule, else in governance mode; without
    `retention_days` the bucket's default rule decides alone. The manifest has one object for each line:
    an object cannot grow. Encryption at rest is the bucket's own default (SSE-S3, or its KMS key).
    Raises ValueError when the URL is not of that form.
    """

    def __init__(self, gateway: Gateway, url: str, retention_days: int | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError(f"{url!r} is not of the form s3://bucket/prefix.")
        self._gateway = gateway
        self._bucket = parts.netloc
        folder = parts.path.strip("/")
        self._prefix = f"{folder}/" if folder else ""
        self._retention_days = retention_days
        self._last = ""
        self.where = url

    def put(self, path: str, packed: Path) -> None:
        """Stores the file, unless there is one: its name is the hash of its content. Raises OSError."""
        with packed.open("rb") as body:
            self._write(path, body, {_TAKEN})

    def open(self, path: str) -> BinaryIO:
        """The stored file. Raises OSError, FileNotFoundError when there is none."""
        return io.BytesIO(self._read(f"{self._prefix}{path}"))

    def append(self, follow: Callable[[Iterable[bytes], bytes], bytes]) -> bytes:
        """Writes the next line; of two processes that write at once one tries again. Raises OSError."""
        for _ in range(_TRIES):
            last = self.newest()
            line = follow([last] if last else [], b"")
            if self._write(f"manifest/{_number(self._last) + 1:09}.json", line, _RACE):
                return line
        raise VaultBucketError(f"Other processes kept writing to the manifest in {self.where}.")

    def newest(self) -> bytes | None:
        """The newest line; None where there is none. Raises OSError."""
        self._last = max(self._keys(after=self._last), default=self._last)
        return self._read(self._last) if self._last else None

    def lines(self) -> Iterator[bytes]:
        """The manifest's lines in order. Raises OSError."""
        return (self._read(key) + b"\n" for key in self._keys())

    def tried(self) -> str | None:
        """Writes a small file as files are written, unless it is there, reads it, and lists the manifest.

        The file stays, locked as all others: a vault that could be tried without a trace would be none.
        Returns how long files are locked, in words; None where nothing locks them. Raises OSError, AwsError.
        """
        self._write(_TRIAL, _TRIAL_SAYS, {_TAKEN})
        if self._read(f"{self._prefix}{_TRIAL}") != _TRIAL_SAYS:
            raise VaultBucketError(f"{self.where} gives another {_TRIAL} than was put there.")
        self.newest()
        if self._lock is None:
            return None
        rule = self._lock.get("Rule", {}).get("DefaultRetention", {})
        mode = str(rule.get("Mode", "GOVERNANCE")).lower()
        if self._retention_days is not None:
            return f"{self._retention_days:,} days in {mode} mode"
        unit = next((one for one in ("Days", "Years") if rule.get(one)), None)
        return f"{rule[unit]:,} {unit.lower()} in {mode} mode, by the bucket's own rule" if unit else None

    @cached_property
    def _region(self) -> str:
        return bucket_region(self._gateway, self._bucket)

    @cached_property
    def _lock(self) -> Mapping[str, Any] | None:
        """The bucket's Object Lock configuration; None where it has none."""
        try:
            found = self._gateway.call(
                "s3", "get_object_lock_configuration", {"Bucket": self._bucket}, self._region
            ).data.get("ObjectLockConfiguration", {})
        except AwsRefused as error:
            if error.code == "ObjectLockConfigurationNotFoundError":
                return None
            raise
        enabled: Mapping[str, Any] | None = found if found.get("ObjectLockEnabled") == "Enabled" else None
        return enabled

    def _retention(self) -> dict[str, Any]:
        if self._retention_days is None or self._lock is None:
            return {}
        rule = self._lock.get("Rule", {}).get("DefaultRetention", {})
        return {
            # Compliance mode cannot be shortened by anyone: only where the bucket's owner chose it.
            "ObjectLockMode": rule.get("Mode", "GOVERNANCE"),
            "ObjectLockRetainUntilDate": datetime.now(UTC) + timedelta(days=self._retention_days),
        }

    def _write(self, path: str, body: BinaryIO | bytes, taken: Set[str]) -> bool:
        """Whether the object was written; False when AWS answers with one of the codes `taken`."""
        try:
            self._gateway.call(
                "s3",
                "put_object",
                {
                    "Bucket": self._bucket,
                    "Key": f"{self._prefix}{path}",
                    "Body": body,
                    "IfNoneMatch": "*",
                    "ChecksumAlgorithm": "SHA256",
                    **self._retention(),
                },
                self._region,
            )
        except AwsError as error:
            if error.code in taken:
                return False
            raise VaultBucketError(f"{self.where} did not take {path}: {error}") from error
        return True

    def _read(self, key: str) -> bytes:
        try:
            answer = self._gateway.call(
                "s3", "get_object", {"Bucket": self._bucket, "Key": key}, self._region
            )
            content: bytes = answer.data["Body"].read()
        except AwsError as error:
            if error.code in _GONE:
                raise FileNotFoundError(f"{self.where} has no {key}") from error
            raise VaultBucketError(f"{self.where} did not give {key}: {error}") from error
        return content

    def _keys(self, after: str = "") -> Iterator[str]:
        """The manifest's keys: S3 lists them in order, and their numbers have leading zeros."""
        asked = {"Bucket": self._bucket, "Prefix": f"{self._prefix}manifest/", "StartAfter": after}
        try:
            for one in self._gateway.pages("s3", "list_objects_v2", asked, "Contents", self._region):
                yield str(one["Key"])
        except AwsError as error:
            raise VaultBucketError(f"{self.where} did not list its manifest: {error}") from error


def _number(key: str) -> int:
    return int(key.rsplit("/", 1)[-1].removesuffix(".json")) if key else 0
