"""The plan of a change that a person makes by hand: no calls, the steps, and the state to wait for."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from bot.remediation.plan import Permission, Plan, State, Target, state_hash


@dataclass(frozen=True)
class Guide:
    """What people read of the change: the steps of whoever makes it, and what its approvers must know."""

    steps: tuple[str, ...]
    affected: tuple[str, ...]
    warnings: tuple[str, ...]
    irreversible: tuple[str, ...]


class Described(Protocol):
    """What `by_hand` takes from the row."""

    @property
    def row(self) -> str: ...

    @property
    def verb(self) -> str: ...


def by_hand(
    row: Described,
    target: Target,
    states: tuple[State, State],
    title: str,
    guide: Guide,
    reads: Iterable[Permission],
) -> Plan:
    """The plan that leads from the first state to the second by what the guide says."""
    before, after = states
    return Plan(
        remediation=row.row,
        title=title,
        verb=row.verb,
        account_id=target.params["account_id"],
        region=target.params["region"],
        target=target,
        calls=(),
        undo=(),
        base_hash=state_hash(before),
        before=before,
        after=after,
        reads=tuple(reads),
        affected=guide.affected,
        irreversible=guide.irreversible,
        warnings=guide.warnings,
        guide=guide.steps,
    )


def command(*words: str) -> str:
    """A command line for a POSIX shell: whatever a name or a policy holds, it stays one word."""
    return shlex.join(words)
