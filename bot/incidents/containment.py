"""Whether an incident is contained: never claimed, always computed from steps and plans."""

from __future__ import annotations

from bot.incidents import plan_states, sentences
from bot.incidents.phases import Phase
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record
from bot.store import incidents, ledger, plans, playbooks
from bot.store.tables.plans import PlanRow
from bot.store.tables.playbooks import PlaybookRun, Step
from bot.store.types import JsonObject, Tx

_THROUGH = frozenset({"done", "skipped"})


def recompute(tx: Tx, incident_id: int) -> bool:
    """Sets or lifts `contained_at`, says so wherever people look when it changes, and returns the answer.

    Contained means: every containment step of the playbook is done or was not needed, at least one change of
    these steps, or of their kind that somebody asked for beside them, is in force, each of them is, and no
    use of what was cut off was seen since.
    """
    incident = incidents.get(tx, incident_id)
    if incident is None or incident.phase == Phase.CLOSED:
        return incident is not None and incident.contained_at is not None
    changes = _changes(tx, incident_id)
    was, now = incident.contained_at is not None, bool(changes)
    if was != now:
        incidents.mark_contained(tx, incident_id, contained=now)
        sentence = sentences.contained(len(changes)) if now else sentences.NOT_CONTAINED
        action = "incident.contained" if now else "incident.not_contained"
        record(tx, incident_id, BOT, action, sentence)
        notice(tx, incident_id, f"{action}:{incident_id}:{ledger.head(tx).seq}", sentence)
    return now


def _changes(tx: Tx, incident_id: int) -> list[PlanRow]:
    """The containment changes when all of them are in force and every step is through; else none."""
    run = playbooks.run_of(tx, incident_id)
    steps = _containment_steps(tx, run) if run else []
    if any(step.state not in _THROUGH for step in steps):
        return []
    changes = [plan for step in steps for plan in plans.of_step(tx, step.id) if _counts(plan)]
    changes += _by_hand(tx, run) if run else []
    return changes if all(_in_force(tx, plan) for plan in changes) else []


def _by_hand(tx: Tx, run: PlaybookRun) -> list[PlanRow]:
    """Changes that no step proposed, of rows that contain: those in force, and those that may yet be."""
    named = [step.get("remediation") or () for step in _definitions(run)]
    rows = {row for one in named for row in ([one] if isinstance(one, str) else one)}
    return [
        plan
        for plan in plans.of_incident(tx, run.incident_id)
        if plan.step_id is None
        and plan.undoes is None
        and plan.remediation in rows
        and plan.state in plan_states.IN_FORCE | plan_states.UNDER_WAY
    ]


def _definitions(run: PlaybookRun) -> list[JsonObject]:
    return [step for step in run.definition["steps"] if step["phase"] == Phase.CONTAINMENT]


def _containment_steps(tx: Tx, run: PlaybookRun) -> list[Step]:
    keys = {step["key"] for step in _definitions(run)}
    return [step for step in playbooks.steps(tx, run.id) if step.key in keys]


def _counts(plan: PlanRow) -> bool:
    return plan.undoes is None and plan.state != PlanState.REPLACED


def _in_force(tx: Tx, plan: PlanRow) -> bool:
    execution = plans.execution_of(tx, plan.id)
    broken = execution is not None and bool(execution.result.get("broken"))
    return plan.state in plan_states.IN_FORCE and not broken
