"""A change that a person asks for goes the way of all others, under the playbook's policy for its row."""

from __future__ import annotations

from bot.incidents import jobs
from bot.incidents.closing import close
from bot.incidents.newcomers import Newcomer, propose
from bot.incidents.plan_states import PlanState
from bot.incidents.tasks import complete
from bot.playbooks import runner
from bot.playbooks.by_hand import order
from bot.playbooks.format import Playbook
from bot.store import incidents, plans
from bot.store.tables.plans import PlanRow
from tests.incidents.cloud import User
from tests.incidents.conftest import both, desk, no_patience, three_in_the_morning
from tests.incidents.doing import DANA, SAM, Desk
from tests.playbooks.test_runner import SHIPPED, Play

__all__ = ["both", "desk", "no_patience", "three_in_the_morning"]

STRICT = Playbook.model_validate(
    {
        "name": "strict",
        "title": "Strict",
        "approvals": {"careful": {"rows": ["R2"], "required": 2, "expires_minutes": 7}},
        "steps": [
            {"key": "look", "kind": "manual", "title": "Look", "phase": "containment", "text": "look.md.j2"}
        ],
    }
)
WANTED = {
    "incident_id": 1,
    "remediation": "R2",
    "target": {"user": "ci-deploy"},
    "why": "it is not ours",
    "requested_by": DANA.user_id,
}


def ask(desk: Desk) -> list[PlanRow]:
    order(desk.database, {**WANTED, "job_id": 77})
    desk.work(frozenset({jobs.PLAN_PREPARE}))
    return desk.plans()


def test_it_is_planned_under_the_policy_of_its_row(both: Desk) -> None:
    both.open()
    with both.database.begin() as tx:
        runner.start(tx, 1, STRICT)
    (plan,) = ask(both)
    assert (plan.state, plan.required_approvals, plan.step_id) == ("proposed", 2, None)
    assert (plan.requested_by, plan.reason) == (DANA.user_id, "it is not ours")
    assert (plan.expires_at - plan.created_at).total_seconds() == 7 * 60


def test_what_the_watch_finds_is_asked_for_as_the_playbook_says(both: Desk) -> None:
    plan = both.carried_out()
    with both.database.begin() as tx:
        runner.start(tx, 1, STRICT)
        new = Newcomer("event-1", "a new user backdoor", "R2", {"user": "backdoor"})
        propose(tx, plan, (new,))
        propose(tx, plan, (new,))
    both.cloud.users["backdoor"] = User()
    (wanted,) = both.queued(jobs.PLAN_ORDER)
    order(both.database, {**wanted, "job_id": 78})
    both.work(frozenset({jobs.PLAN_PREPARE}))
    found = both.plans()[-1]
    assert (found.target, found.requested_by) == ({"user": "backdoor"}, "s3incident")
    assert (found.required_approvals, found.policy["name"]) == (2, "careful")


def test_it_works_before_any_playbook_could_be_started(desk: Desk) -> None:
    desk.open()
    (plan,) = ask(desk)
    assert (plan.state, plan.required_approvals) == ("proposed", 1)


def test_the_same_again_is_not_a_second_plan_but_after_its_end_it_is(desk: Desk) -> None:
    desk.open()
    (first,) = ask(desk)
    assert [one.id for one in ask(desk)] == [first.id]
    assert desk.wanted("ordered-again:77") == 1
    with desk.database.begin() as tx:
        plans.move(tx, first.id, {PlanState.PROPOSED}, PlanState.REJECTED)
    found = ask(desk)
    assert [one.state for one in found] == ["rejected", "proposed"]
    assert found[1].replaces == first.id


def test_a_closed_incident_orders_nothing(desk: Desk) -> None:
    incident = desk.open()
    with desk.database.begin() as tx:
        close(tx, incident.id, DANA.user_id, "")
    assert ask(desk) == []


def test_what_was_asked_for_by_hand_contains_too(both: Desk) -> None:
    """Nobody is suspect on the evidence: people decide, and what they decided is what counts."""
    play = Play(both, SHIPPED)
    play.found()
    with both.database.begin() as tx:
        for task in [one for one in incidents.tasks(tx, 1) if one.state == "open"]:
            complete(tx, task.id, SAM.user_id)
    play.advance()
    assert play.states["decide-containment"] == "done"
    (plan,) = ask(both)
    play.advance()
    assert play.incident.contained_at is None
    both.approve(plan)
    play.work()
    assert play.incident.contained_at is not None
