"""What the services beside CloudTrail add to the evidence, and what they are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.evidence.report import Clue, Coverage


@dataclass(frozen=True)
class Suspicion:
    """Whom the events speak against: access keys, principals (ARNs), and when the first suspicious act was.

    `since` (UTC) is None where there is none: then the window's start stands for it.
    """

    keys: frozenset[str] = frozenset()
    principals: frozenset[str] = frozenset()
    since: datetime | None = None


@dataclass(frozen=True)
class Gathered:
    """Clues in order of time, a coverage row for each service asked, and the bucket as it was before.

    `bucket_before` is the bucket's last recorded state before the suspicion began, in the shapes of S3's
    API: `captured_at`, `policy`, `public_access_block`, `acl`, `versioning`, `logging`; None where unknown.
    It is the better state to go back to. All text may have been written by the attacker.
    """

    clues: tuple[Clue, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    bucket_before: Mapping[str, Any] | None = None


def together(parts: Iterable[Gathered]) -> Gathered:
    """All that the services said, as one."""
    parts = tuple(parts)
    clues = sorted((clue for part in parts for clue in part.clues), key=_order)
    return Gathered(
        clues=tuple(clues),
        coverage=tuple(row for part in parts for row in part.coverage),
        bucket_before=next((part.bucket_before for part in parts if part.bucket_before), None),
    )


def _order(clue: Clue) -> tuple[bool, str, str, str]:
    """By time; facts without one come last."""
    return clue.time is None, clue.time.isoformat() if clue.time else "", clue.source, clue.id
