"""Letting a halted change go on from where it stands.

The approval covers every call of the plan, so while it lasts nobody is asked again; after that people are.
The run itself reads AWS first and goes on only from the state that the last made call left (rule 3).
"""

from __future__ import annotations

from datetime import timedelta

from bot.incidents import halting_sentences as sentences
from bot.incidents import jobs, plan_states, reminders
from bot.incidents.approvals import Decision, good_until, label, obstacle
from bot.incidents.halfway import calls_made, execution_key
from bot.incidents.people import Person, may_act
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import record, redraw
from bot.incidents.sentences import NO_SUCH_PLAN, UNDO_UNDER_WAY
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx, utcnow

#: How long the rest of a plan may wait for a new approval.
LIFE = timedelta(hours=1)


def go_on(tx: Tx, plan_id: str, person: Person, digest: str) -> Decision:
    """Continues a halted plan under its approval, or asks for a new one where that has expired.

    Any full member of the workspace may press the button, the requester too: it adds nothing to what was
    approved.
    """
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Decision("refused", NO_SUCH_PLAN)
    # Held, so that of 'Continue' and 'Undo what ran' at once the second sees the first.
    incidents.hold(tx, plan.incident_id)
    halted = plans.move(tx, plan_id, {PlanState.HALTED}, PlanState.HALTED)
    if sentence := obstacle(tx, plan, digest) or may_act(person):
        return Decision("refused", sentence)
    if not halted:
        return Decision("too_late", sentences.NOT_HALTED)
    if any(undo.state in plan_states.UNDER_WAY for undo in plans.undo_of(tx, plan.id)):
        return Decision("too_late", UNDO_UNDER_WAY)
    if utcnow() < good_until(plan):
        return _resume(tx, plan, person)
    return _ask(tx, plan, person)


def _resume(tx: Tx, plan: PlanRow, person: Person) -> Decision:
    plans.move(tx, plan.id, {PlanState.HALTED}, PlanState.APPROVED)
    sentence = sentences.continued(label(plan), *_so_far(tx, plan))
    record(tx, plan.incident_id, person.user_id, "plan.continued", sentence, **_detail(plan))
    key = execution_key(tx, plan.id)
    enqueue(tx, jobs.PLAN_EXECUTE, dedupe_key=key, priority=10, plan_id=plan.id)
    redraw(tx, plan.incident_id, plan.id)
    return Decision("approved", sentence)


def _ask(tx: Tx, plan: PlanRow, person: Person) -> Decision:
    expiry = utcnow() + LIFE
    plans.forget_approvals(tx, plan.id)
    nobody = {"decided_by": None, "decided_at": None, "expires_at": expiry}
    plans.move(tx, plan.id, {PlanState.HALTED}, PlanState.PROPOSED, **nobody)
    sentence = sentences.asked_for_the_rest(label(plan), *_so_far(tx, plan))
    record(tx, plan.incident_id, person.user_id, "plan.continue_asked", sentence, **_detail(plan))
    key = f"expire:{plan.id}:{expiry.isoformat()}"
    enqueue(tx, jobs.PLAN_EXPIRE, due_at=expiry, dedupe_key=key, plan_id=plan.id)
    reminders.schedule(tx, plan)
    redraw(tx, plan.incident_id, plan.id)
    return Decision("counted", sentence)


def _so_far(tx: Tx, plan: PlanRow) -> tuple[int, int]:
    return calls_made(tx, plan.id), len(plan.body["calls"])


def _detail(plan: PlanRow) -> dict[str, str]:
    return {"plan_id": plan.id, "digest": plan.digest}
