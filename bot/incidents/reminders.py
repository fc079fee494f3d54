"""Reminding people of what waits for their decision, and asking a wider group when nobody answers.

All that is due is a job of the queue; which reminder a plan is at stands in its row. A job that runs twice,
or after the decision, finds that out in its transaction and says nothing. One message covers all changes of
the incident that wait, so five changes do not make five reminders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.incidents import jobs, sentences
from bot.incidents.approvals import hold_undecided
from bot.incidents.plan_states import PlanState
from bot.incidents.policies import policy_of
from bot.incidents.recording import BOT, REMINDER, record, redraw
from bot.store import outbox, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx, utcnow


def schedule(tx: Tx, plan: PlanRow) -> None:
    """Queues what is due if nobody decides about this proposed plan; call it whenever it becomes proposed."""
    policy = policy_of(plan)
    now = utcnow()
    if policy.approvers:
        enqueue(tx, jobs.APPROVAL_INVITE, dedupe_key=f"invite:{plan.id}", plan_id=plan.id)
    _queue_reminder(tx, plan, now)
    if policy.escalate_minutes is not None and plan.escalated_at is None:
        due = now + timedelta(minutes=policy.escalate_minutes)
        if due < plan.expires_at:
            key = f"escalate:{plan.id}:{plan.expires_at.isoformat()}"
            enqueue(tx, jobs.APPROVAL_ESCALATE, due_at=due, dedupe_key=key, plan_id=plan.id)


def waiting(tx: Tx, plan_id: str) -> list[PlanRow]:
    """The plan and the others of its incident that wait for a decision now; empty when it does not wait."""
    plan = plans.get(tx, plan_id)
    if plan is None or not _waits(plan):
        return []
    return [one for one in plans.of_incident(tx, plan.incident_id) if _waits(one)]


def remind(tx: Tx, plan_id: str, nth: int, whom: Sequence[str]) -> bool:
    """Says in the channel that these changes wait, to these people (Slack ids). False: nothing to say.

    Everything that waits in the incident counts as reminded of, and gets its next reminder from now.
    """
    covered = _held(tx, plan_id)
    plan = plans.get(tx, plan_id)
    if not covered or plan is None or plan.reminded >= nth:
        return False
    for one in covered:
        one.reminded += 1
        one.reminded_at = utcnow()
        _queue_reminder(tx, one, utcnow())
    tx.flush()
    _say(tx, covered, f"remind:{plan_id}:{nth}", "remind", whom)
    numbers = [one.number for one in covered]
    record(tx, plan.incident_id, BOT, "plan.reminded", sentences.reminded(numbers), plans=numbers)
    return True


def escalate(tx: Tx, plan_id: str, whom: Sequence[str]) -> bool:
    """Lets the wider group decide too, and says so in the channel. False: decided, or escalated already.

    Changes that would be escalated soon are so now: one message, not one for each.
    """
    held = _held(tx, plan_id)
    plan = plans.get(tx, plan_id)
    if not held or plan is None or plan.escalated_at is not None:
        return False
    covered = [one for one in held if one.id == plan_id or _soon(one, plan)]
    for one in covered:
        one.escalated_at = utcnow()
    tx.flush()
    _say(tx, covered, f"escalate:{plan_id}", "escalate", whom)
    numbers = [one.number for one in covered]
    record(tx, plan.incident_id, BOT, "plan.escalated", sentences.escalated(numbers), plans=numbers)
    for one in covered:
        redraw(tx, one.incident_id, one.id)
    return True


def _held(tx: Tx, plan_id: str) -> list[PlanRow]:
    """What waits in the incident, locked in one order; empty when the plan itself does not wait any more."""
    found = waiting(tx, plan_id)
    held = [one for one in found if hold_undecided(tx, one.id)]
    return held if plan_id in {one.id for one in held} else []


def _waits(plan: PlanRow) -> bool:
    return plan.state == PlanState.PROPOSED and utcnow() < plan.expires_at


def _soon(plan: PlanRow, like: PlanRow) -> bool:
    """Whether half of this plan's own time is over, and the same people are to be asked."""
    mine, its = policy_of(plan), policy_of(like)
    if mine.escalate_minutes is None or plan.escalated_at or mine.escalate_to != its.escalate_to:
        return False
    return utcnow() >= plan.created_at + timedelta(minutes=mine.escalate_minutes) / 2


def _queue_reminder(tx: Tx, plan: PlanRow, since: datetime) -> None:
    minutes = policy_of(plan).remind_minutes
    if minutes is None:
        return
    due, nth = since + timedelta(minutes=minutes * 2**plan.reminded), plan.reminded + 1
    if due < plan.expires_at:
        key = f"remind:{plan.id}:{plan.expires_at.isoformat()}:{nth}"
        enqueue(tx, jobs.APPROVAL_REMIND, due_at=due, dedupe_key=key, plan_id=plan.id, nth=nth)


def _say(tx: Tx, covered: Sequence[PlanRow], key: str, why: str, whom: Sequence[str]) -> None:
    args = {"plans": [one.id for one in covered], "whom": list(whom), "why": why}
    outbox.say(tx, key, outbox.incident_place(covered[0].incident_id), REMINDER, args)
