"""Work that was tried too often: said aloud where people look, never dropped in silence."""

from __future__ import annotations

from bot.store import incidents, ledger, outbox, plans
from bot.store.jobs import Claim
from bot.store.tables.incidents import Incident
from bot.store.types import Tx

SENTENCE = (
    "I gave up on a piece of work ({kind}) after {attempts} tries. The last error was: {error} "
    "Nothing else was changed. Look at the log for job {job}, mend the cause, and ask me again."
)


def give_up(tx: Tx, claim: Claim, error: str) -> None:
    """Records it in the ledger and, when it belongs to an incident, tells that incident's channel."""
    incident = _incident(tx, claim)
    incident_id = incident.id if incident else None
    ledger.append(tx, "s3incident", "job.given_up", incident_id, kind=claim.kind, job=claim.id, error=error)
    if incident is None:
        return
    text = SENTENCE.format(kind=claim.kind, attempts=claim.attempts, error=error, job=claim.id)
    incidents.add_timeline(tx, incident.id, "s3incident", "problem", text)
    outbox.say(tx, f"given-up:{claim.id}", outbox.incident_place(incident.id), "notice", {"text": text})


def _incident(tx: Tx, claim: Claim) -> Incident | None:
    if incident_id := claim.payload.get("incident_id"):
        return incidents.get(tx, incident_id)
    plan = plans.get(tx, claim.payload.get("plan_id", ""))
    return incidents.get(tx, plan.incident_id) if plan else None
