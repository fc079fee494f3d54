"""What somebody who can write to the database can still not do: have something else run than was approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.incidents import jobs
from bot.incidents.halting_sentences import LEDGER_DISAGREES
from bot.remediation.plan import Plan
from bot.store import ledger, plans
from bot.store.tables.plans import Approval, PlanRow
from tests.incidents.cloud import DENY_ALL
from tests.incidents.doing import ANA, DANA, SAM, Desk
from tests.store.tampering import tamper as tamper_ledger


def approved(desk: Desk, **more: Any) -> PlanRow:
    plan = desk.propose(desk.open(), **more)
    desk.approve(plan)
    assert desk.plan(plan.id).state == "approved"
    return plan


def tamper(desk: Desk, plan: PlanRow, **values: Any) -> None:
    with desk.database.begin() as tx:
        tx.execute(update(PlanRow).where(PlanRow.id == plan.id).values(**values))


def with_call(plan: PlanRow, **params: Any) -> dict[str, Any]:
    (call,) = plan.body["calls"]
    return {**plan.body, "calls": [{**call, "params": {**call["params"], **params}}]}


def execute(desk: Desk, plan: PlanRow) -> None:
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)


def stopped(desk: Desk, plan: PlanRow) -> bool:
    return desk.plan(plan.id).state == "stopped" and desk.cloud.changes == [] and desk.cloud.sessions == []


def test_another_call_put_into_an_approved_plan_does_not_run(both: Desk) -> None:
    plan = approved(both)
    tamper(both, plan, body=with_call(plan, UserName="somebody-else"))
    execute(both, plan)
    assert stopped(both, plan)
    assert "not the one that was approved" in both.said()[-1]


def test_another_plan_with_its_own_right_digest_does_not_run(desk: Desk) -> None:
    plan = approved(desk)
    body = with_call(plan, UserName="somebody-else")
    tamper(desk, plan, body=body, digest=Plan.model_validate(body).digest)
    execute(desk, plan)
    assert stopped(desk, plan)


@pytest.mark.parametrize(
    "columns",
    [{"account_id": "999988887777"}, {"remediation": "R1"}, {"target": {"user": "somebody-else"}}],
    ids=str,
)
def test_columns_beside_the_approved_plan_change_nothing_of_what_runs(
    desk: Desk, columns: dict[str, Any]
) -> None:
    """The cloud here has one account: a reader or a session of another one would fail the test."""
    plan = approved(desk)
    tamper(desk, plan, **columns)
    execute(desk, plan)
    assert desk.plan(plan.id).state == "verified"
    assert desk.cloud.changes == [("attach_user_policy", {"UserName": "ci-deploy", "PolicyArn": DENY_ALL})]


@pytest.mark.parametrize("body", [{}, {"remediation": "R2", "title": "x"}, {"title": None}], ids=str)
def test_a_stored_plan_that_cannot_be_read_is_stopped_at_once(desk: Desk, body: dict[str, Any]) -> None:
    plan = approved(desk)
    tamper(desk, plan, body=body)
    execute(desk, plan)
    assert stopped(desk, plan)


def forget(desk: Desk, plan: PlanRow) -> None:
    with desk.database.begin() as tx:
        tx.execute(delete(Approval).where(Approval.plan_id == plan.id))


def for_another_digest(desk: Desk, plan: PlanRow) -> None:
    with desk.database.begin() as tx:
        tx.execute(update(Approval).where(Approval.plan_id == plan.id).values(digest="f" * 64))


def by_the_requester(desk: Desk, plan: PlanRow) -> None:
    with desk.database.begin() as tx:
        tx.execute(update(Approval).where(Approval.plan_id == plan.id).values(user_id=DANA.user_id))


@pytest.mark.parametrize("change", [forget, for_another_digest, by_the_requester])
def test_a_plan_called_approved_without_its_approval_does_not_run(
    desk: Desk, change: Callable[[Desk, PlanRow], None]
) -> None:
    plan = approved(desk)
    change(desk, plan)
    execute(desk, plan)
    assert stopped(desk, plan)


def test_where_two_must_agree_one_approval_of_two_does_not_run(desk: Desk) -> None:
    plan = desk.propose(desk.open(), required=2)
    desk.approve(plan, SAM)
    with desk.database.begin() as tx:
        assert plans.move(tx, plan.id, {"proposed"}, "approved")
    execute(desk, plan)
    assert stopped(desk, plan)


def test_of_two_approvals_both_must_be_for_what_runs(desk: Desk) -> None:
    plan = desk.propose(desk.open(), required=2)
    desk.approve(plan, SAM)
    desk.approve(plan, ANA)
    with desk.database.begin() as tx:
        tx.execute(update(Approval).where(Approval.user_id == SAM.user_id).values(digest="f" * 64))
    execute(desk, plan)
    assert stopped(desk, plan)


def in_the_ledger(desk: Desk, plan: PlanRow) -> list[str]:
    with desk.database.read() as tx:
        return [one.action for one in ledger.entries(tx) if one.detail.get("plan_id") == plan.id]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET actor = 'U0ANA' WHERE action = 'plan.approved'",
        "UPDATE ledger SET action = 'plan.seen' WHERE action = 'plan.approved'",
        "DELETE FROM ledger WHERE action = 'plan.approved'",
    ],
)
def test_a_plan_whose_ledger_entry_was_altered_does_not_run(both: Desk, change: str) -> None:
    plan = approved(both)
    tamper_ledger(both.database, change)
    execute(both, plan)
    assert stopped(both, plan)
    assert both.said()[-1].endswith(LEDGER_DISAGREES)
    assert in_the_ledger(both, plan)[-1] == "plan.stopped"


def test_an_approval_written_into_the_database_beside_the_ledger_does_not_run(desk: Desk) -> None:
    plan = desk.propose(desk.open(), required=2)
    desk.approve(plan, SAM)
    with desk.database.begin() as tx:
        plans.add_approval(tx, plan.id, ANA.user_id, plan.digest)
        assert plans.move(tx, plan.id, {"proposed"}, "approved")
    execute(desk, plan)
    assert stopped(desk, plan)
    assert desk.said()[-1].endswith(LEDGER_DISAGREES)


def test_a_drifted_state_is_refused_with_an_entry(desk: Desk) -> None:
    plan = approved(desk)
    desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    execute(desk, plan)
    assert (desk.plan(plan.id).state, desk.cloud.changes) == ("stale", [])
    assert in_the_ledger(desk, plan)[-1] == "plan.stale"
