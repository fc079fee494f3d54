"""Work that was tried too often: said aloud where people look, and nothing left hanging."""

from __future__ import annotations

from bot.evidence.redact import redact
from bot.incidents import containment, jobs, planning, sentences
from bot.incidents.evidence_runs import fail_run
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.store import incidents, ledger, plans
from bot.store.jobs import Claim
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def give_up(tx: Tx, claim: Claim, error: str) -> None:
    """Records it, tells the incident's channel, and ends what the job would have ended.

    A plan that was being carried out becomes `stopped`; an order for a plan, and an investigation, fail
    with the error as their reason, so that the playbook goes on.
    """
    error = redact(error)
    incident = _incident(tx, claim)
    if incident is None:
        ledger.append(tx, BOT, "job.given_up", work=claim.kind, job=claim.id, error=error)
        return
    incidents.hold(tx, incident.id)
    text = sentences.gave_up(claim.kind, claim.attempts, error, claim.id)
    record(tx, incident.id, BOT, "job.given_up", text, work=claim.kind, job=claim.id, error=error)
    notice(tx, incident.id, f"given-up:{claim.id}", text)
    if claim.kind == jobs.PLAN_PREPARE:
        planning.say_none(tx, planning.Order.model_validate(claim.payload), error)
    elif claim.kind == jobs.EVIDENCE_COLLECT:
        fail_run(tx, incident.id, claim.payload["step_id"], error)
    elif claim.kind == jobs.PLAN_EXECUTE:
        _stop(tx, incident.id, claim.payload["plan_id"], error)


def _stop(tx: Tx, incident_id: int, plan_id: str, error: str) -> None:
    if not plans.move(tx, plan_id, {PlanState.RUNNING}, PlanState.STOPPED):
        return
    execution = plans.execution_of(tx, plan_id)
    if execution is not None:
        plans.end_execution(tx, execution.id, "stopped", {"sentence": error})
    redraw(tx, incident_id, plan_id)
    containment.recompute(tx, incident_id)


def _incident(tx: Tx, claim: Claim) -> Incident | None:
    if incident_id := claim.payload.get("incident_id"):
        return incidents.get(tx, incident_id)
    plan = plans.get(tx, claim.payload.get("plan_id", ""))
    return incidents.get(tx, plan.incident_id) if plan else None
