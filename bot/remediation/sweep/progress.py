"""How far a sweep is: what the journal keeps after each batch, and what the card shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

#: How many of the objects that were not done are named; the list of all is a file.
MOST_NAMED = 20

Fate = Literal["done", "already", "changed", "failed"]


@dataclass(frozen=True)
class Settled:
    """What became of one object. `why` says it of one that failed; `code` is AWS's own word."""

    fate: Fate
    request_id: str = ""
    why: str = ""
    code: str = ""


@dataclass(frozen=True)
class Progress:
    """Lines of the manifest that were walked, and what became of them.

    Attributes:
        items: lines in all. walked: lines settled, from the first on. done: changed by this run. already: as
            planned before they were touched: by this run, before a crash, or by somebody else. changed:
            another state than the manifest says, and left alone. failed: AWS refused.
        not_done: the first keys that changed or failed, and why.
    """

    items: int
    walked: int = 0
    done: int = 0
    already: int = 0
    changed: int = 0
    failed: int = 0
    not_done: tuple[tuple[str, str], ...] = ()

    def plus(self, key: str, settled: Settled, changed_why: str) -> Progress:
        """With one more object settled."""
        named = self.not_done
        if settled.fate in ("changed", "failed") and len(named) < MOST_NAMED:
            named = (*named, (key, settled.why or changed_why))
        counted: dict[str, Any] = {settled.fate: getattr(self, settled.fate) + 1}
        return replace(self, walked=self.walked + 1, not_done=named, **counted)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Progress:
        return cls(**{**kept, "not_done": tuple((key, why) for key, why in kept["not_done"])})
