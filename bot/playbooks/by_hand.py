"""A change that a person asks for beside the playbook: planned, approved and carried out like any other."""

from __future__ import annotations

from bot.incidents import jobs
from bot.incidents.phases import Phase
from bot.incidents.plan_states import IN_FORCE, UNDER_WAY
from bot.incidents.policies import ApprovalPolicy
from bot.incidents.recording import notice, record
from bot.playbooks import sentences
from bot.playbooks.format import Playbook
from bot.playbooks.policies import Asked, asked
from bot.store import incidents, plans, playbooks
from bot.store.database import Database
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx


def order(database: Database, payload: JsonObject) -> None:
    """The handler of plan.order: queues the planning under the playbook's approval policy for that row.

    The same change, proposed or in force already, is not planned twice: that is said instead.
    """
    with database.begin() as tx:
        incident = incidents.hold(tx, payload["incident_id"])
        if incident is None or incident.phase == Phase.CLOSED:
            return
        before = _same(tx, payload)
        if before is not None and before.state in UNDER_WAY | IN_FORCE:
            key = f"ordered-again:{payload.get('job_id', 0)}"
            notice(tx, incident.id, key, sentences.is_there_already(before.number))
            return
        wanted = _asked(tx, incident, payload["remediation"])
        text = sentences.ordered(payload["remediation"], ", ".join(payload["target"].values()))
        record(tx, incident.id, payload["requested_by"], "plan.ordered", text, target=payload["target"])
        enqueue(
            tx,
            jobs.PLAN_PREPARE,
            priority=5,
            incident_id=incident.id,
            remediation=payload["remediation"],
            target=payload["target"],
            why=payload["why"],
            requested_by=payload["requested_by"],
            replaces=before.id if before is not None else None,
            required=wanted.required,
            expires_minutes=wanted.expires_minutes,
            policy=wanted.policy.model_dump(mode="json"),
        )


def _same(tx: Tx, payload: JsonObject) -> PlanRow | None:
    """The latest plan of the incident for that row and target."""
    found = [
        one
        for one in plans.of_incident(tx, payload["incident_id"])
        if one.undoes is None and (one.remediation, one.target) == (payload["remediation"], payload["target"])
    ]
    return found[-1] if found else None


def _asked(tx: Tx, incident: Incident, row: str) -> Asked:
    """What the playbook asks of people for that row; while none could be started, what the catalogue asks."""
    run = playbooks.run_of(tx, incident.id)
    if run is None:
        return Asked(required=1, expires_minutes=None, policy=ApprovalPolicy())
    return asked(Playbook.model_validate(run.definition), None, row, incident.severity)
