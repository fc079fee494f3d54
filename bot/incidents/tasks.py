"""Tasks: what the playbook asks people to do by hand."""

from __future__ import annotations

from bot.incidents import jobs, sentences
from bot.incidents.recording import record
from bot.store import incidents, outbox
from bot.store.jobs import enqueue
from bot.store.types import Tx


def task_key(task_id: int) -> str:
    """The outbox key of a task's card."""
    return f"task:{task_id}"


def complete(tx: Tx, task_id: int, user_id: str) -> str:
    """Marks a task done and lets the playbook go on; the sentence tells the person what came of it."""
    task = incidents.get_task(tx, task_id)
    if task is None:
        return sentences.NO_SUCH_TASK
    if not incidents.finish_task(tx, task_id, user_id):
        return sentences.task_was_done(task.title)
    record(tx, task.incident_id, user_id, "task.done", sentences.task_done(task.title), task_id=task_id)
    outbox.refresh(tx, task_key(task_id))
    enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=task.incident_id)
    return sentences.task_done(task.title)
