"""What a change would do to the requests that were recorded: part of the plan that people approve."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from bot.policy.recorded import Recorded
from bot.policy.replay import FATES, Fate, Replay, Row

#: Rows of a plan; more are counted in its totals only.
MOST_ROWS = 200
_FIRST: tuple[Fate, ...] = ("stops", "opens", "depends", "keeps", "refused")


class RequestLog(Protocol):
    """The recorded requests of a time, to be gone through; `unseen` is what the log does not tell of."""

    @property
    def start(self) -> datetime | None: ...
    @property
    def end(self) -> datetime | None: ...
    @property
    def unseen(self) -> tuple[str, ...]: ...
    def __iter__(self) -> Iterable[Recorded]: ...


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Requests(_Frozen):
    """Requests of one maker (a role for all its sessions) for one action below one prefix, with one fate.

    `depends_on`: condition keys and settings that neither the log nor AWS tells, where the fate is open.
    """

    fate: Fate
    attacker: bool
    maker: str
    action: str
    prefix: str
    requests: int
    last_seen: datetime | None
    depends_on: tuple[str, ...] = ()


class Total(_Frozen):
    """How many requests have one fate: the attacker's, and everybody else's."""

    fate: Fate
    attacker: int
    others: int


class Impact(_Frozen):
    """All recorded requests by what becomes of them, and the time they are of (None: not limited).

    `rows` begin with what is stopped, let in and open, everybody else before the attacker; `left_out` rows
    did not fit. `unseen` are the kinds of requests of which not all were recorded.
    """

    start: datetime | None
    end: datetime | None
    requests: int
    totals: tuple[Total, ...]
    rows: tuple[Requests, ...]
    left_out: int
    unseen: tuple[str, ...]

    def total(self, fate: Fate) -> Total:
        return next(one for one in self.totals if one.fate == fate)

    def of(self, fate: Fate, *, attacker: bool) -> tuple[Requests, ...]:
        """The rows of one fate, of the attacker or of everybody else."""
        return tuple(one for one in self.rows if one.fate == fate and one.attacker == attacker)


def impact_of(found: Replay, log: RequestLog) -> Impact:
    """The impact as a plan keeps it."""
    ordered = sorted(found.rows, key=lambda row: (_FIRST.index(row.fate), row.attacker, -row.requests))
    return Impact(
        start=log.start,
        end=log.end,
        requests=found.requests,
        totals=tuple(_total(found, fate) for fate in FATES),
        rows=tuple(_requests(row) for row in ordered[:MOST_ROWS]),
        left_out=max(0, len(ordered) - MOST_ROWS),
        unseen=log.unseen,
    )


def _total(found: Replay, fate: Fate) -> Total:
    attacker, others = (
        sum(row.requests for row in found.of(fate, attacker=whose)) for whose in (True, False)
    )
    return Total(fate=fate, attacker=attacker, others=others)


def _requests(row: Row) -> Requests:
    return Requests(
        fate=row.fate,
        attacker=row.attacker,
        maker=row.maker,
        action=row.action,
        prefix=row.prefix,
        requests=row.requests,
        last_seen=row.last_seen,
        depends_on=tuple(sorted(row.depends_on)),
    )
