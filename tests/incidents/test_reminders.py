"""Reminders and escalation: when, of what, once, and never after the decision."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incidents import approvals, jobs, reminders
from bot.incidents.plan_states import PlanState
from bot.store import incidents, ledger, outbox, plans
from bot.store import jobs as queue
from bot.store.tables.plans import PlanRow
from bot.store.tables.work import OutboxMessage
from bot.store.types import utcnow
from tests.incidents.doing import ANA, SAM, START, Desk, later

QUICK = {"remind_minutes": 10, "escalate_minutes": 25, "escalate_to": ["S0ALL"]}
WHOM = [SAM.user_id, ANA.user_id]


def propose(desk: Desk, *, key: bool = False, **policy: Any) -> PlanRow:
    target = {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}
    more: dict[str, Any] = {"remediation": "R1", "target": target} if key else {}
    with desk.database.read() as tx:
        opened = bool(plans.of_incident(tx, 1))
    incident = desk.open() if not opened else incident_of(desk)
    return desk.propose(incident, policy=QUICK | policy, **more)


def incident_of(desk: Desk) -> Any:
    with desk.database.read() as tx:
        return incidents.get(tx, 1)


def due(desk: Desk, kind: str) -> list[tuple[int, int]]:
    """(minutes after the start, which one) of every job of this kind."""
    with desk.database.read() as tx:
        found = queue.open_jobs(tx, kind)
    return [(int((one.due_at - START).total_seconds() // 60), one.payload.get("nth", 0)) for one in found]


def remind(desk: Desk, plan: PlanRow, nth: int = 1) -> bool:
    with desk.database.begin() as tx:
        return reminders.remind(tx, plan.id, nth, WHOM)


def escalate(desk: Desk, plan: PlanRow) -> bool:
    with desk.database.begin() as tx:
        return reminders.escalate(tx, plan.id, WHOM)


def messages(desk: Desk) -> list[OutboxMessage]:
    with desk.database.read() as tx:
        return [one for one in outbox.pending(tx) if one.card == "reminder"]


def test_a_proposal_queues_its_first_reminder_and_its_escalation(both: Desk) -> None:
    propose(both)
    assert due(both, jobs.APPROVAL_REMIND) == [(10, 1)]
    assert due(both, jobs.APPROVAL_ESCALATE) == [(25, 0)]
    assert both.queued(jobs.APPROVAL_INVITE) == []


def test_a_policy_with_its_own_approvers_brings_them_in(desk: Desk) -> None:
    plan = propose(desk, approvers=["S0HEADS"])
    assert desk.queued(jobs.APPROVAL_INVITE) == [{"plan_id": plan.id}]


def test_the_pauses_double_until_it_expires(both: Desk) -> None:
    plan = propose(both)
    for nth, minutes in ((1, 10), (2, 30)):
        with later(minutes=minutes):
            assert remind(both, plan, nth)
    assert due(both, jobs.APPROVAL_REMIND)[-1] == (30, 2)
    assert len(messages(both)) == 2
    with both.database.read() as tx:
        assert [one.action for one in ledger.entries(tx)].count("plan.reminded") == 2


def test_one_message_for_all_that_waits(both: Desk) -> None:
    first, second = propose(both), propose(both, key=True)
    with later(minutes=10):
        assert remind(both, first)
        assert not remind(both, second)
    [message] = messages(both)
    assert message.args == {"plans": [first.id, second.id], "whom": WHOM, "why": "remind"}
    assert (30, 2) in due(both, jobs.APPROVAL_REMIND)


@pytest.mark.parametrize("how", ["approved", "rejected", "expired"])
def test_nothing_is_said_after_the_decision(desk: Desk, how: str) -> None:
    plan = propose(desk)
    if how == "approved":
        desk.approve(plan)
    elif how == "rejected":
        desk.reject(plan)
    with later(minutes=61 if how == "expired" else 26):
        assert not remind(desk, plan)
        assert not escalate(desk, plan)
    assert messages(desk) == []
    assert desk.plan(plan.id).escalated_at is None


def test_the_same_job_twice_says_it_once(both: Desk) -> None:
    plan = propose(both)
    with later(minutes=10):
        assert [remind(both, plan), remind(both, plan)] == [True, False]
    with later(minutes=25):
        assert [escalate(both, plan), escalate(both, plan)] == [True, False]
    assert len(messages(both)) == 2


def test_a_decided_change_is_left_out_of_the_others_reminder(desk: Desk) -> None:
    first, second = propose(desk), propose(desk, key=True)
    desk.reject(first)
    with later(minutes=10):
        assert remind(desk, second)
    assert messages(desk)[0].args["plans"] == [second.id]


def test_escalation_covers_what_would_be_escalated_soon(both: Desk) -> None:
    first, second = propose(both), propose(both, key=True)
    with later(minutes=25):
        assert escalate(both, first)
        assert not escalate(both, second)
    assert len(messages(both)) == 1
    assert both.plan(second.id).escalated_at is not None
    assert both.wanted(f"plan:{first.id}") > 1


def test_others_are_escalated_in_their_own_time(desk: Desk) -> None:
    first = propose(desk)
    with later(minutes=20):
        second = propose(desk, key=True)
    with later(minutes=25):
        assert escalate(desk, first)
    assert desk.plan(second.id).escalated_at is None


@pytest.mark.parametrize(("policy", "kinds"), [({"remind_minutes": None}, 0), ({"remind_minutes": 60}, 0)])
def test_no_reminder_that_nobody_could_heed(desk: Desk, policy: dict[str, Any], kinds: int) -> None:
    propose(desk, **policy)
    assert len(due(desk, jobs.APPROVAL_REMIND)) == kinds


def test_a_fresh_plan_is_reminded_of_anew(desk: Desk) -> None:
    plan = propose(desk)
    with later(minutes=10):
        remind(desk, plan)
    with later(minutes=61):
        with desk.database.begin() as tx:
            approvals.expire(tx, plan.id)
            approvals.ask_again(tx, plan.id, SAM.user_id)
        desk.work(frozenset({jobs.PLAN_PREPARE}))
        fresh = desk.plans()[-1]
        assert (fresh.state, fresh.policy, fresh.reminded) == (PlanState.PROPOSED, plan.policy, 0)
        assert fresh.expires_at > utcnow()
    assert (71, 1) in due(desk, jobs.APPROVAL_REMIND)
