"""The journal of a run, kept in the database: written before each call and after it (rule 3)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bot.evidence.redact import redact
from bot.incidents.recording import redraw
from bot.remediation.plan import Call
from bot.remediation.run import Entry
from bot.remediation.sweep.progress import Progress
from bot.store import plans
from bot.store.database import Database
from bot.store.types import Tx

#: Seconds between two drawings of the card while objects are walked.
_DRAWN_EVERY = 5.0


class OvertakenError(Exception):
    """Another process carries the plan out now: this one was away too long, and must not touch AWS."""


class StoredJournal:
    """Implements bot.remediation.run.Journal. Every entry is committed before the method returns.

    `taken_up` is the number this process got when it took the execution up. Writing raises OvertakenError
    once another process has taken it up or ended it: so no call is made by a process that lost its lease.
    """

    def __init__(
        self, database: Database, execution_id: int, taken_up: int, incident_id: int, plan_id: str
    ) -> None:
        self._database = database
        self._execution_id = execution_id
        self._taken_up = taken_up
        self._incident_id = incident_id
        self._plan_id = plan_id
        self._drawn = 0.0

    def entries(self) -> Sequence[Entry]:
        with self._database.read() as tx:
            rows = plans.journal(tx, self._execution_id)
        return tuple(Entry(position=row.position, state=row.state) for row in rows)

    def keep(self, what: object) -> None:
        with self._writing(draw=False) as tx:
            plans.note_execution(tx, self._execution_id, kept=what)

    def intent(self, position: int, call: Call) -> None:
        with self._writing() as tx:
            plans.write_intent(tx, self._execution_id, position, call.service, call.operation, call.params)

    def outcome(
        self, position: int, state: str, request_id: str | None = None, error: str | None = None
    ) -> None:
        with self._writing() as tx:
            plans.write_outcome(tx, self._execution_id, position, state, request_id, error and redact(error))

    def checkpoint(self, position: int, progress: Progress) -> None:
        """Also shows it on the card, every few seconds."""
        now = time.monotonic()
        draw = now - self._drawn >= _DRAWN_EVERY or progress.walked == progress.items
        with self._writing(draw=draw) as tx:
            plans.write_progress(tx, self._execution_id, position, progress.to_json())
        self._drawn = now if draw else self._drawn

    def progress(self, position: int) -> Progress | None:
        with self._database.read() as tx:
            rows = plans.journal(tx, self._execution_id)
        found = next((row.progress for row in rows if row.position == position), None)
        return Progress.from_json(found) if found else None

    @contextmanager
    def _writing(self, *, draw: bool = True) -> Iterator[Tx]:
        with self._database.begin() as tx:
            if not plans.is_mine(tx, self._execution_id, self._taken_up):
                raise OvertakenError(self._plan_id)
            yield tx
            if draw:
                redraw(tx, self._incident_id, self._plan_id)
