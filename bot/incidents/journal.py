"""The journal of a run, kept in the database: written before each call and after it (rule 3)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.recording import redraw
from bot.remediation.plan import Call
from bot.remediation.run import Entry
from bot.store import plans
from bot.store.database import Database


class StoredJournal:
    """Implements bot.remediation.run.Journal. Every entry is committed before the method returns."""

    def __init__(self, database: Database, execution_id: int, incident_id: int, plan_id: str) -> None:
        self._database = database
        self._execution_id = execution_id
        self._incident_id = incident_id
        self._plan_id = plan_id

    def entries(self) -> Sequence[Entry]:
        with self._database.read() as tx:
            rows = plans.journal(tx, self._execution_id)
        return tuple(Entry(position=row.position, state=row.state) for row in rows)

    def intent(self, position: int, call: Call) -> None:
        with self._database.begin() as tx:
            plans.write_intent(tx, self._execution_id, position, call.service, call.operation, call.params)
            redraw(tx, self._incident_id, self._plan_id)

    def outcome(
        self, position: int, state: str, request_id: str | None = None, error: str | None = None
    ) -> None:
        with self._database.begin() as tx:
            plans.write_outcome(tx, self._execution_id, position, state, request_id, error)
            redraw(tx, self._incident_id, self._plan_id)
