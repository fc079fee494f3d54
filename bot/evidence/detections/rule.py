"""A detection: what it is called, how bad it is, and how much it says about the principal."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from bot.evidence.report import Severity

Weight = Literal["decides", "adds", "tells"]
Kind = Literal[
    "origin",
    "recon",
    "attempt",
    "escalation",
    "persistence",
    "exposure",
    "evasion",
    "taking",
    "destruction",
    "context",
]


@dataclass(frozen=True)
class Rule:
    """One rule.

    `id` is the row of the catalogue (D6, E14) that it belongs to; rules of others are `S-` and the beginning
    of their id. `weight`: `decides` makes the principal a suspect by itself, `adds` needs another kind of
    sign beside it, `tells` is worth reading and no sign. Kinds keep several records of one sort (three IAM
    changes of an administrator) from adding up. `names` are the plain event names that it looks at (empty:
    all). `says` is the title where it counts something: `{count}` is what a correlation counted; `least` is
    the smallest count with which it holds, and `span` the length of the window it counts in.
    """

    id: str
    kind: Kind
    severity: Severity
    weight: Weight
    title: str
    mitre: tuple[str, ...]
    names: frozenset[str]
    name: str
    says: str | None = None
    least: float | None = None
    span: timedelta | None = None
    path: Path = field(default=Path(), compare=False)

    def titled(self, count: float) -> str:
        """The title, with what was counted."""
        return (self.says or self.title).replace("{count}", f"{count:,.0f}")
