"""How an investigation ends, for the incident and for the playbook's step."""

from __future__ import annotations

from bot.incidents import evidence_sentences as sentences
from bot.incidents import jobs
from bot.incidents.recording import BOT, notice, record
from bot.store import evidence, outbox, playbooks
from bot.store.jobs import enqueue
from bot.store.types import Tx, utcnow


def evidence_key(run_id: int) -> str:
    """The outbox key of an investigation's card; its details follow in the card's thread."""
    return f"evidence:{run_id}"


def end_step(tx: Tx, incident_id: int, step_id: int | None, state: str, sentence: str) -> None:
    """Ends the playbook's step and lets the playbook go on."""
    if step_id is not None:
        playbooks.move_step(tx, step_id, {"running"}, state, {"sentence": sentence})
    enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=incident_id)


def fail_run(tx: Tx, incident_id: int, step_id: int | None, error: str) -> None:
    """The investigation cannot be done: a sentence in the channel, and the step fails with it."""
    run = evidence.run_of_step(tx, step_id) if step_id is not None else None
    if run is not None and run.state == "done":
        return
    text = sentences.evidence_failed(error)
    if run is not None:
        evidence.update_run(tx, run.id, state="failed", error=error, finished_at=utcnow())
        outbox.refresh(tx, evidence_key(run.id))
    record(tx, incident_id, BOT, "evidence.failed", text)
    notice(tx, incident_id, f"evidence-failed:{step_id}", text)
    end_step(tx, incident_id, step_id, "failed", text)
