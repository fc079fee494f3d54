"""CloudTrail's digest files: each hour the log files delivered in it, their hashes, and the digest before.

Source: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail
log file integrity validation".
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

_NAME = re.compile(
    r"(?P<account>\d{12})_CloudTrail-Digest_(?P<region>[a-z0-9-]+)_(?P<trail>.+)_(?P<home>[a-z0-9-]+)"
    r"_(?P<end>\d{8}T\d{6}Z)(?P<backfill>_backfill)?\.json\.gz"
)
#: A digest tells of the hour before the time in its name.
HOUR = timedelta(hours=1)


@dataclass(frozen=True, order=True)
class ChainName:
    """Which chain a digest belongs to. `home` is the Region of the trail, `region` that of the log files.

    Digests that CloudTrail delivers late, for files that it had left out, are a chain of their own.
    """

    account: str
    region: str
    trail: str
    home: str
    backfill: bool

    def __str__(self) -> str:
        late = ", delivered late" if self.backfill else ""
        return f"trail {self.trail} of {self.account} in {self.region}{late}"


@dataclass(frozen=True)
class DigestName:
    """What a digest file's name says; `end` is UTC."""

    chain: ChainName
    end: datetime


class LogFile(msgspec.Struct, frozen=True, rename="camel"):
    """A log file as a digest lists it; the hash is of the file unpacked."""

    s3_bucket: str
    s3_object: str
    hash_value: str
    hash_algorithm: str = "SHA-256"


class Digest(msgspec.Struct, frozen=True, rename="camel"):
    """A digest file's content. The members about the previous digest are null in the first of a chain:
    when validation was switched on, and whenever logging or validation was off before.
    """

    digest_start_time: str
    digest_end_time: str
    digest_s3_bucket: str
    digest_s3_object: str
    digest_public_key_fingerprint: str
    log_files: tuple[LogFile, ...]
    digest_signature_algorithm: str = "SHA256withRSA"
    previous_digest_s3_object: str | None = None
    previous_digest_hash_value: str | None = None
    previous_digest_signature: str | None = None

    @property
    def start(self) -> datetime:
        """The beginning of the hour, UTC."""
        return datetime.fromisoformat(self.digest_start_time)

    @property
    def end(self) -> datetime:
        """The end of the hour, UTC."""
        return datetime.fromisoformat(self.digest_end_time)


def named(name: str) -> DigestName | None:
    """What a file's name says; None when it is no digest's."""
    match = _NAME.fullmatch(name.rsplit("/", 1)[-1])
    if match is None:
        return None
    chain = ChainName(
        match["account"], match["region"], match["trail"], match["home"], bool(match["backfill"])
    )
    try:
        return DigestName(chain, datetime.strptime(match["end"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    except ValueError:
        return None


def digest_in(content: bytes) -> Digest:
    """The digest in an unpacked file. Raises ValueError."""
    digest = msgspec.json.decode(content, type=Digest)
    if digest.start.tzinfo is None or digest.end.tzinfo is None or digest.start >= digest.end:
        raise ValueError("its times are not those of an hour")
    if {one.hash_algorithm for one in digest.log_files} - {"SHA-256"}:
        raise ValueError("it hashes with something else than SHA-256")
    return digest


def string_to_sign(digest: Digest, content: bytes) -> bytes:
    """What CloudTrail signs for a digest file whose unpacked content this is."""
    parts = (
        digest.digest_end_time,
        f"{digest.digest_s3_bucket}/{digest.digest_s3_object}",
        hashlib.sha256(content).hexdigest(),
        digest.previous_digest_signature or "null",
    )
    return "\n".join(parts).encode()
