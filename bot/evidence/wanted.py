"""What one pass over the sources looks for: a record is wanted when any one of these holds of it.

The decision falls on the decoded record, never on its bytes; bytes only tell which records need decoding.
"""

import hashlib
from dataclasses import asdict, dataclass, fields

import msgspec

from bot.evidence.events import Event
from bot.evidence.names import plain
from bot.evidence.touching import touches


@dataclass(frozen=True)
class Wanted:
    """Values to look for, each bare (no quotes, no `/`-joined paths but whole ARNs).

    - `bucket`: records about it (see `touches`).
    - `names`: plain event names (`PutBucketPolicy`; Lambda's version suffix does not matter).
    - `keys`: access key ids, as the caller's key or as the key that the call issued.
    - `principals`: ARNs of users, roles (also as a session's issuer) and sessions.
    - `addresses`: sourceIPAddress, exactly.
    - `agents`: parts of user agents in lower case (`kali`); case does not matter.
    - `kinds`: userIdentity.type values (`Root`).

    `foremost` are those of the keys that a source with a quota asks for first; it decides about no record.
    Neither does `marks`: that it is to be noted who is in a file, to spare later searches (`scan.marks`).
    """

    bucket: str | None = None
    names: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    foremost: frozenset[str] = frozenset()
    marks: bool = False

    def holds(self, event: Event) -> bool:
        """Whether the record is wanted."""
        return (
            (self.bucket is not None and touches(event, self.bucket))
            or plain(event.name) in self.names
            or event.who.access_key in self.keys
            or event.minted_key in self.keys
            or event.source_ip in self.addresses
            or event.who.principal in self.principals
            or event.who.issuer in self.principals
            or event.who.type in self.kinds
            or (bool(self.agents) and any(one in event.user_agent.lower() for one in self.agents))
        )

    def __or__(self, other: "Wanted") -> "Wanted":
        """What either holds. Raises ValueError for two buckets."""
        if self.bucket and other.bucket and self.bucket != other.bucket:
            raise ValueError(f"one search is about one bucket, not {self.bucket} and {other.bucket}")
        return Wanted(
            self.bucket or other.bucket,
            **{name: mine | theirs for name, mine, theirs in _sets(self, other)},
            marks=self.marks or other.marks,
        )

    def __sub__(self, other: "Wanted") -> "Wanted":
        """Only the values that the other has not."""
        bucket = None if self.bucket == other.bucket else self.bucket
        return Wanted(
            bucket,
            **{name: mine - theirs for name, mine, theirs in _sets(self, other)},
            marks=self.marks and not other.marks,
        )

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return self.bucket is not None or any(
            mine for name, mine, _ in _sets(self, self) if name != "foremost"
        )

    def meets(self, other: "Wanted") -> bool:
        """Whether both look for something in common."""
        return (self.bucket is not None and self.bucket == other.bucket) or any(
            mine & theirs for name, mine, theirs in _sets(self, other) if name != "foremost"
        )

    @property
    def digest(self) -> str:
        """The same for the same values, over runs and machines: SHA-256 over their canonical JSON."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """Canonical JSON, which `from_json` reads back."""
        values = {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in asdict(self).items()
        }
        return msgspec.json.encode(values, order="deterministic")

    @classmethod
    def from_json(cls, data: bytes) -> "Wanted":
        """What `to_json` wrote."""
        return msgspec.json.decode(data, type=cls)


def _sets(one: Wanted, other: Wanted) -> list[tuple[str, frozenset[str], frozenset[str]]]:
    names = (field.name for field in fields(Wanted) if field.name not in ("bucket", "marks"))
    return [(name, getattr(one, name), getattr(other, name)) for name in names]
