"""What comes out of an evaluation."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["allowed", "explicitly_denied", "implicitly_denied", "depends"]
Layer = Literal["identity", "resource", "boundary", "session", "scp", "rcp"]


@dataclass(frozen=True)
class Reason:
    """One piece of the why: a statement that decided, or a layer in which no statement allows.

    `policy` is the policy's name, `statement` its Sid or position (`#0`), `effect` its Effect; for a layer
    that allows nothing, `policy` and `effect` are empty and `statement` says so. `conditions` tells of each
    condition whether it held. Sids, names and values are untrusted text.
    """

    layer: Layer
    policy: str
    statement: str
    effect: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What AWS would decide, and why.

    `depends` means that it turns on the condition keys in `depends_on`, which cannot be known.
    """

    outcome: Outcome
    because: tuple[Reason, ...]
    depends_on: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request is certainly allowed."""
        return self.outcome == "allowed"
