"""A trail with log file validation, as CloudTrail leaves it: signed with a key made for the test."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.evidence.digests.rsa import PublicKey

ACCOUNT, REGION, BUCKET, TRAIL = "111122223333", "eu-central-1", "acme-trail-logs", "acme_trail-1"
BEGIN = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"


@cache
def private_key(number: int) -> rsa.RSAPrivateKey:
    """Made once for each number: making one takes a while."""
    return rsa.generate_private_key(65537, 2048)


def der(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def public_keys(number: int = 0) -> dict[str, PublicKey]:
    return {FINGERPRINT: PublicKey.from_der(der(private_key(number)))}


def sign(message: bytes, number: int = 0) -> str:
    return private_key(number).sign(message, padding.PKCS1v15(), SHA256()).hex()


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Trail:
    """Files by key, and the signatures that lie in the digests' metadata."""

    prefix: str = ""
    region: str = REGION
    files: dict[str, bytes] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    previous: dict[str, str] | None = None

    def log(self, at: datetime, number: int = 0) -> str:
        """A log file delivered at a time; its key."""
        name = f"{ACCOUNT}_CloudTrail_{self.region}_{at:%Y%m%dT%H%MZ}_{number:016}.json.gz"
        key = f"{self.prefix}AWSLogs/{ACCOUNT}/CloudTrail/{self.region}/{at:%Y/%m/%d}/{name}"
        content = json.dumps({"Records": [{"eventName": "GetObject", "at": iso(at), "number": number}]})
        self.files[key] = gzip.compress(content.encode(), mtime=0)
        return key

    def digest(self, end: datetime, logs: list[str], *, backfill: bool = False, **more: Any) -> str:
        """A digest of the hour before `end`, chained to the one before; its key."""
        late = "_backfill" if backfill else ""
        name = (
            f"{ACCOUNT}_CloudTrail-Digest_{self.region}_{TRAIL}_{REGION}_{end:%Y%m%dT%H%M%SZ}{late}.json.gz"
        )
        key = f"{self.prefix}AWSLogs/{ACCOUNT}/CloudTrail-Digest/{self.region}/{end:%Y/%m/%d}/{name}"
        before = self.previous or {}
        digest = {
            "awsAccountId": ACCOUNT,
            "digestStartTime": iso(end - timedelta(hours=1)),
            "digestEndTime": iso(end),
            "digestS3Bucket": BUCKET,
            "digestS3Object": key,
            "digestPublicKeyFingerprint": FINGERPRINT,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": None,
            "oldestEventTime": None,
            "previousDigestS3Bucket": BUCKET if before else None,
            "previousDigestS3Object": before.get("key"),
            "previousDigestHashValue": before.get("hash"),
            "previousDigestHashAlgorithm": "SHA-256" if before else None,
            "previousDigestSignature": before.get("signature"),
            "logFiles": [self._listed(log) for log in logs],
        } | more
        content = json.dumps(digest).encode()
        hashed = hashlib.sha256(content).hexdigest()
        message = f"{iso(end)}\n{BUCKET}/{key}\n{hashed}\n{digest['previousDigestSignature'] or 'null'}"
        signature = sign(message.encode())
        self.files[key] = gzip.compress(content, mtime=0)
        self.signatures[key] = signature
        self.previous = {"key": key, "hash": hashed, "signature": signature}
        return key

    def _listed(self, key: str) -> dict[str, Any]:
        content = gzip.decompress(self.files[key])
        return {
            "s3Bucket": BUCKET,
            "s3Object": key,
            "hashValue": hashlib.sha256(content).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": iso(BEGIN),
            "oldestEventTime": iso(BEGIN),
        }

    def hours(self, count: int, begin: datetime = BEGIN) -> list[str]:
        """That many hours, each with two log files and its digest; the digests' keys."""
        made = []
        for number in range(count):
            start = begin + timedelta(hours=number)
            logs = [self.log(start + timedelta(minutes=20)), self.log(start + timedelta(minutes=40))]
            made.append(self.digest(start + timedelta(hours=1), logs))
        return made

    @property
    def logs(self) -> list[str]:
        return sorted(key for key in self.files if "/CloudTrail/" in key)

    # -- as Objects: the bucket itself

    where = f"s3://{BUCKET}"
    bucket = BUCKET

    def names(self) -> list[str]:
        return list(self.files)

    def fetch(self, name: str) -> bytes:
        return self.files[name]

    def signature(self, name: str) -> str | None:
        return self.signatures.get(name)

    def copy_to(self, folder: Path, below: str = "") -> Path:
        """As `aws s3 cp --recursive` copies it; metadata is lost."""
        for key, content in self.files.items():
            path = folder / key.removeprefix(below)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder
