"""What people decide about a plan: approve, reject, let it expire, ask for a fresh one, ask for its undo.

Each function is one transaction. Who wins a race is decided by one conditional UPDATE of the plan's
state; `hold_undecided` takes it first, so that two approvers at the same moment count one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from pydantic import ValidationError

from bot.incidents import jobs, plan_states, policies, sentences
from bot.incidents.announcing import tell_broken_glass
from bot.incidents.halfway import ends_as, execution_key
from bot.incidents.ordering import newest_on_top
from bot.incidents.people import Person, may_decide
from bot.incidents.phases import Phase
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record, redraw_decided
from bot.remediation.plan import Plan
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx, utcnow

#: An approval given in the last minute still has this long to be taken up by a worker.
START_GRACE = timedelta(minutes=15)


@dataclass(frozen=True)
class Decision:
    """What a click came to, and the sentence for the person who clicked.

    approved: enough people said yes (or, for the other services, what was asked is under way).
    counted: the yes is noted, more are needed. rejected: the no holds. refused: this person, this button
    or this plan cannot; nothing changed. too_late: it was decided, or had expired, before.
    """

    kind: Literal["approved", "counted", "rejected", "refused", "too_late"]
    sentence: str


def label(plan: PlanRow) -> str:
    """How people call the change."""
    return str(plan.body.get("title") or f"plan {plan.number}")


def hold_undecided(tx: Tx, plan_id: str) -> bool:
    """Locks the plan for this transaction if it is still undecided; False when it is not."""
    return plans.move(tx, plan_id, {PlanState.PROPOSED}, PlanState.PROPOSED)


def approve(tx: Tx, plan_id: str, person: Person, digest: str) -> Decision:
    """Counts this person's yes to exactly this digest; with enough people, queues the execution.

    Rule 6: distinct people, never the requester, before the expiry, of the plan that was shown.
    """
    plan = undecided(tx, plan_id, digest, partial(may_decide, person))
    if isinstance(plan, Decision):
        return plan
    return take_in(tx, plan, person)


def take_in(tx: Tx, plan: PlanRow, person: Person, break_glass: str | None = None) -> Decision:
    """Writes down the yes of somebody who may say it, to the undecided plan as it is stored, and counts.

    `break_glass` is the reason of a requester who approves alone.
    """
    digest = plan.digest
    if digest != _digest(plan):
        return Decision("refused", sentences.BODY_CHANGED)
    if not plans.add_approval(tx, plan.id, person.user_id, digest, break_glass):
        return Decision("counted", sentences.counted_before(label(plan), *_count(tx, plan)))
    if break_glass is not None:
        tell_broken_glass(tx, plan, person, break_glass)
    have, need = _count(tx, plan)
    if have < need:
        text = f"{have} of {need} approvals: {label(plan)}."
        record(tx, plan.incident_id, person.user_id, "plan.counted", text, plan_id=plan.id, digest=digest)
        redraw_decided(tx, plan)
        return Decision("counted", sentences.counted(label(plan), have, need))
    return _start(tx, plan, person)


def reject(tx: Tx, plan_id: str, person: Person, digest: str, reason: str) -> Decision:
    """Ends an undecided plan by one person's no, which needs a reason."""
    plan = undecided(tx, plan_id, digest, partial(may_decide, person))
    if isinstance(plan, Decision):
        return plan
    if not reason.strip():
        return Decision("refused", sentences.REASON_NEEDED)
    decided = {"decided_by": person.user_id, "decided_at": utcnow()}
    plans.move(tx, plan.id, {PlanState.PROPOSED}, ends_as(tx, plan, PlanState.REJECTED), **decided)
    text = f"Rejected: {label(plan)}. {reason.strip()}"
    record(tx, plan.incident_id, person.user_id, "plan.rejected", text, plan_id=plan.id, digest=digest)
    _advance(tx, plan)
    return Decision("rejected", sentences.rejected(label(plan)))


def expire(tx: Tx, plan_id: str) -> bool:
    """Ends a plan that nobody decided in time. False when it is decided, or its time is not over yet."""
    plan = plans.get(tx, plan_id)
    if plan is None or utcnow() < plan.expires_at:
        return False
    if not plans.move(tx, plan_id, {PlanState.PROPOSED}, ends_as(tx, plan, PlanState.EXPIRED)):
        return False
    _tell_expired(tx, plan, sentences.expired(label(plan)))
    return True


def expire_unstarted(tx: Tx, plan: PlanRow) -> bool:
    """Ends an approved plan that no worker took up in time: an approval does not hold for ever."""
    if utcnow() < good_until(plan):
        return False
    if not plans.move(tx, plan.id, {PlanState.APPROVED}, ends_as(tx, plan, PlanState.EXPIRED)):
        return False
    _tell_expired(tx, plan, sentences.expired_before_start(label(plan)))
    return True


def good_until(plan: PlanRow) -> datetime:
    """Until when the approval of a plan holds."""
    return max(plan.expires_at, (plan.decided_at or plan.created_at) + START_GRACE)


def ask_again(tx: Tx, plan_id: str, user_id: str) -> Decision:
    """Replaces a plan that ended without effect by a fresh one, made from what AWS shows then.

    The requester stays who it was: asking again is not a way to become somebody else's second person.
    """
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Decision("refused", sentences.NO_SUCH_PLAN)
    if _closed(tx, plan):
        return Decision("refused", sentences.INCIDENT_IS_CLOSED)
    if not plans.move(tx, plan_id, plan_states.REPLACEABLE, PlanState.REPLACED):
        return Decision("too_late", sentences.cannot_ask_again(plan.state))
    sentence = sentences.asked_again(label(plan))
    record(tx, plan.incident_id, user_id, "plan.asked_again", sentence, plan_id=plan.id)
    _queue_fresh(tx, plan)
    _advance(tx, plan)
    return Decision("approved", sentence)


def request_undo(tx: Tx, plan_id: str, user_id: str) -> Decision:
    """Asks for the undo of a plan in force: a plan of its own, which another person approves."""
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Decision("refused", sentences.NO_SUCH_PLAN)
    if plan.undoes:
        return Decision("refused", sentences.UNDO_OF_UNDO)
    if plan.state not in plan_states.UNDOABLE:
        return Decision("too_late", sentences.cannot_undo(plan.state))
    if any(undo.state in plan_states.UNDER_WAY for undo in plans.undo_of(tx, plan.id)):
        return Decision("too_late", sentences.UNDO_UNDER_WAY)
    if newer := newest_on_top(tx, plan):
        return Decision("too_late", sentences.undo_newer_first(newer.number, label(newer)))
    sentence = sentences.undo_asked(label(plan))
    record(tx, plan.incident_id, user_id, "plan.undo_asked", sentence, plan_id=plan.id)
    enqueue(tx, jobs.PLAN_UNDO, plan_id=plan.id, requested_by=user_id)
    return Decision("approved", sentence)


def undecided(tx: Tx, plan_id: str, digest: str, may: Callable[[PlanRow], str | None]) -> PlanRow | Decision:
    """The plan, locked, if it can be decided by this button now and `may` has no objection; else why not."""
    held = hold_undecided(tx, plan_id)
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Decision("refused", sentences.NO_SUCH_PLAN)
    if not held or expire(tx, plan_id):
        return Decision("too_late", sentences.TOO_LATE[plan.state])
    if sentence := obstacle(tx, plan, digest) or may(plan):
        return Decision("refused", sentence)
    return plan


def obstacle(tx: Tx, plan: PlanRow, digest: str) -> str | None:
    """Why a button that carries this digest can do nothing for the plan, whoever presses it."""
    if digest != plan.digest:
        return sentences.OTHER_VERSION
    return sentences.INCIDENT_IS_CLOSED if _closed(tx, plan) else None


def _start(tx: Tx, plan: PlanRow, person: Person) -> Decision:
    decided = {"decided_by": person.user_id, "decided_at": utcnow()}
    plans.move(tx, plan.id, {PlanState.PROPOSED}, PlanState.APPROVED, **decided)
    people = [approval.user_id for approval in plans.approvals(tx, plan.id)]
    text = f"Approved: {label(plan)}."
    detail = {"plan_id": plan.id, "digest": plan.digest, "approved_by": people}
    record(tx, plan.incident_id, person.user_id, "plan.approved", text, **detail)
    enqueue(tx, jobs.PLAN_EXECUTE, dedupe_key=execution_key(tx, plan.id), priority=10, plan_id=plan.id)
    redraw_decided(tx, plan)
    return Decision("approved", sentences.approved(label(plan)))


def _count(tx: Tx, plan: PlanRow) -> tuple[int, int]:
    people = {one.user_id for one in policies.counting(tx, plan) if one.digest == plan.digest}
    return len(people), policies.needed(plan)


def _digest(plan: PlanRow) -> str | None:
    """The digest of what would execute, computed anew; None when the stored plan cannot even be read."""
    try:
        return Plan.model_validate(plan.body).digest
    except ValidationError:
        return None


def _tell_expired(tx: Tx, plan: PlanRow, sentence: str) -> None:
    record(tx, plan.incident_id, BOT, "plan.expired", sentence, plan_id=plan.id)
    notice(tx, plan.incident_id, f"expired:{plan.id}", sentence)
    _advance(tx, plan)


def _advance(tx: Tx, plan: PlanRow) -> None:
    redraw_decided(tx, plan)
    enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=plan.incident_id)


def _queue_fresh(tx: Tx, plan: PlanRow) -> None:
    if plan.undoes:
        enqueue(tx, jobs.PLAN_UNDO, plan_id=plan.undoes, requested_by=plan.requested_by)
        return
    minutes = (plan.expires_at - plan.created_at) // timedelta(minutes=1)
    enqueue(
        tx,
        jobs.PLAN_PREPARE,
        incident_id=plan.incident_id,
        step_id=plan.step_id,
        remediation=plan.remediation,
        target=plan.target,
        why=plan.reason,
        requested_by=plan.requested_by,
        replaces=plan.id,
        required=plan.required_approvals,
        expires_minutes=max(1, minutes),
        policy=plan.policy,
        batch_id=plan.batch_id,
        batch_position=plan.batch_position,
        must_wait_for=plan.must_wait_for,
    )


def _closed(tx: Tx, plan: PlanRow) -> bool:
    """Whether the plan is a change in a closed incident's name. An undo stays possible after closing."""
    incident = incidents.get(tx, plan.incident_id)
    return plan.undoes is None and (incident is None or incident.phase == Phase.CLOSED)
