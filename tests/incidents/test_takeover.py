"""Two workers on one plan, because the first lost its lease and did not know it: a suspended laptop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.incidents import approvals, jobs
from bot.store import ledger, plans
from bot.store.tables.plans import PlanRow
from tests.incidents.cloud import DENY_ALL
from tests.incidents.doing import ANA, SAM, Desk


def execute(desk: Desk, plan: PlanRow) -> None:
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)


def approved(desk: Desk) -> PlanRow:
    plan = desk.propose(desk.open())
    desk.approve(plan)
    return plan


def once(desk: Desk, operation: str, act: Callable[[], None]) -> None:
    """`act` happens in the middle of the first worker's run, just before this call of its."""

    def before(name: str) -> None:
        if name == operation:
            desk.cloud.before = lambda _: None
            act()

    desk.cloud.before = before


def undo(desk: Desk, plan: PlanRow) -> None:
    with desk.database.begin() as tx:
        assert approvals.request_undo(tx, plan.id, SAM.user_id).kind == "approved"
    desk.handle(jobs.PLAN_UNDO, plan_id=plan.id, requested_by=SAM.user_id)
    back = desk.plans()[-1]
    assert desk.approve(back, ANA).kind == "approved"
    execute(desk, back)
    assert desk.plan(plan.id).state == "undone"


def finishes(desk: Desk, plan: PlanRow) -> list[str]:
    with desk.database.read() as tx:
        entries = [one for one in ledger.entries(tx) if one.detail.get("plan_id") == plan.id]
    return [one.action for one in entries if one.action in ("plan.verified", "plan.failed", "plan.stopped")]


@pytest.mark.parametrize("asleep", ["get_user", "list_attached_user_policies", "attach_user_policy"])
def test_a_worker_that_was_overtaken_makes_one_finish(both: Desk, asleep: str) -> None:
    plan = approved(both)
    once(both, asleep, lambda: execute(both, plan))
    execute(both, plan)
    assert finishes(both, plan) == ["plan.verified"]
    with both.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert [entry.state for entry in plans.journal(tx, execution.id)] == ["done"]


@pytest.mark.parametrize("asleep", ["get_user", "list_attached_user_policies"])
def test_a_worker_that_was_overtaken_does_not_make_the_call_again(both: Desk, asleep: str) -> None:
    """Meanwhile the other did it, and people undid it: what they undid must not come back."""
    plan = approved(both)

    def meanwhile() -> None:
        execute(both, plan)
        undo(both, plan)

    once(both, asleep, meanwhile)
    execute(both, plan)
    assert [name for name, _ in both.cloud.changes] == ["attach_user_policy", "detach_user_policy"]
    assert DENY_ALL not in both.cloud.users["ci-deploy"].policies
    assert both.plan(plan.id).state == "undone"


def test_a_worker_that_was_overtaken_while_it_opened_its_session_does_not_call(desk: Desk) -> None:
    plan = approved(desk)
    step, taken = desk.cloud.step, []

    def slow(account_id: str, session: object) -> object:
        if not taken:
            taken.append(True)
            execute(desk, plan)
            undo(desk, plan)
        return step(account_id, session)

    desk.cloud.step = slow  # type: ignore[method-assign,assignment]
    execute(desk, plan)
    assert [name for name, _ in desk.cloud.changes] == ["attach_user_policy", "detach_user_policy"]
    assert finishes(desk, plan) == ["plan.verified"]
