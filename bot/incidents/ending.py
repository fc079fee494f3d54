"""What follows from the end of a change: its watch, its undone original, the playbook's next step."""

from __future__ import annotations

from datetime import timedelta

from bot.incidents import containment, jobs
from bot.incidents.phases import Phase
from bot.incidents.plan_states import UNDOABLE, PlanState
from bot.incidents.recording import redraw
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx, utcnow


def follow_up(tx: Tx, row: PlanRow, outcome: str, watch_seconds: int) -> None:
    """Queues and draws anew what depends on how this plan ended."""
    if outcome == PlanState.VERIFIED and row.undoes:
        plans.move(tx, row.undoes, UNDOABLE, PlanState.UNDONE)
        redraw(tx, row.incident_id, row.undoes)
    elif outcome == PlanState.VERIFIED:
        due = utcnow() + timedelta(seconds=watch_seconds)
        enqueue(tx, jobs.PLAN_WATCH, due_at=due, dedupe_key=f"watch:{row.id}", plan_id=row.id)
    redraw(tx, row.incident_id, row.id)
    containment.recompute(tx, row.incident_id)
    incident = incidents.get(tx, row.incident_id)
    if incident is not None and incident.phase != Phase.CLOSED:
        enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=row.incident_id)
