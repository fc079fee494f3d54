"""What one pass over the sources looks for: a record is wanted when any one of these holds of it.

The decision falls on the decoded record, never on its bytes; bytes only tell which records need decoding.
"""

import hashlib
from dataclasses import asdict, dataclass

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
    """

    bucket: str | None = None
    names: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

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

    @property
    def digest(self) -> str:
        """The same for the same values, over runs and machines: SHA-256 over their canonical JSON."""
        values = {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in asdict(self).items()
        }
        return hashlib.sha256(msgspec.json.encode(values, order="deterministic")).hexdigest()
