"""Closing an incident."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents import jobs, sentences
from bot.incidents.approvals import hold_undecided, label
from bot.incidents.halfway import ends_as
from bot.incidents.phases import Phase, before
from bot.incidents.plan_states import REPLACEABLE, PlanState
from bot.incidents.recording import BOT, notice, record, redraw, redraw_decided
from bot.store import incidents, ledger, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx, utcnow

_BUSY = frozenset({PlanState.APPROVED, PlanState.RUNNING})


@dataclass(frozen=True)
class Closed:
    """`sentence` names the head of the ledger: it is published so that nobody can cut the end off unseen."""

    sentence: str


@dataclass(frozen=True)
class Refused:
    """Not closed; `sentence` says why and what to do."""

    sentence: str


def close(tx: Tx, incident_id: int, user_id: str, note: str = "") -> Closed | Refused:
    """Closes the incident.

    1. Holds the undecided plans, so that an approval at this moment comes either before or too late.
    2. Refuses while an approved change is under way. 3. Closes; the undecided plans expire.
    4. Says the ledger's head in the channel. 5. Queues the report.
    """
    if incidents.hold(tx, incident_id) is None:
        return Refused(sentences.NO_SUCH_INCIDENT)
    undecided = [plan for plan in plans.of_incident(tx, incident_id) if hold_undecided(tx, plan.id)]
    busy = [plan for plan in plans.of_incident(tx, incident_id) if plan.state in _BUSY]
    if busy:
        return Refused(sentences.closing_must_wait([label(plan) for plan in busy]))
    changes = {"closed_by": user_id, "closed_at": utcnow()}
    if not incidents.move(tx, incident_id, before(Phase.CLOSED), Phase.CLOSED, **changes):
        return Refused(sentences.ALREADY_CLOSED)
    for plan in undecided:
        _expire(tx, plan)
    for plan in plans.of_incident(tx, incident_id):
        if plan.state in REPLACEABLE:  # its card offers what no longer works
            redraw(tx, incident_id, plan.id)
    enqueue(tx, jobs.REPORT_WRITE, dedupe_key=f"report:{incident_id}", incident_id=incident_id)
    return _say(tx, incident_id, user_id, note.strip())


def _expire(tx: Tx, plan: PlanRow) -> None:
    plans.move(tx, plan.id, {PlanState.PROPOSED}, ends_as(tx, plan, PlanState.EXPIRED))
    record(tx, plan.incident_id, BOT, "plan.expired", sentences.CLOSED_MEANWHILE, plan_id=plan.id)
    redraw_decided(tx, plan)


def _say(tx: Tx, incident_id: int, user_id: str, note: str) -> Closed:
    open_tasks = sum(task.state == "open" for task in incidents.tasks(tx, incident_id))
    record(tx, incident_id, user_id, "incident.closed", note or "Closed.", open_tasks=open_tasks)
    sentence = sentences.closed(note, open_tasks, str(ledger.head(tx)))
    notice(tx, incident_id, f"closed:{incident_id}", sentence)
    return Closed(sentence)
