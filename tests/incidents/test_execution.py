from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from bot.aws.errors import AwsRefused, AwsUnavailable, DryRun
from bot.incidents import approvals, jobs
from bot.incidents.given_up import give_up
from bot.incidents.notes import add_note
from bot.incidents.recording import record
from bot.remediation.plan import Plan
from bot.remediation.session_policy import session_policy
from bot.store import incidents, ledger, outbox, plans
from bot.store import jobs as queue
from bot.store.jobs import Claim
from tests.incidents.cloud import DENY_ALL, CloudGateway, Killed
from tests.incidents.doing import ANA, SAM, START, Desk, later


def execute(desk: Desk, plan_id: str) -> None:
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan_id)


def test_what_was_approved_runs_and_is_proven(both: Desk) -> None:
    plan = both.carried_out()

    assert both.cloud.users["ci-deploy"].policies == {DENY_ALL}
    assert plan.state == "verified"
    with both.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert execution.state == "verified"
        assert execution.result["request_ids"] == ["request-1"]
        assert [(one.position, one.state) for one in plans.journal(tx, execution.id)] == [(0, "done")]
        entry = next(one for one in ledger.entries(tx) if one.action == "plan.verified")
        assert entry.detail["digest"] == plan.digest
        assert entry.detail["request_ids"] == ["request-1"]
        (watch,) = queue.open_jobs(tx, jobs.PLAN_WATCH)
        assert (watch.due_at - START).total_seconds() == both.settings.watch_seconds
    assert both.queued(jobs.PLAYBOOK_ADVANCE) == [{"incident_id": 1}]


def test_the_step_has_its_own_session_in_the_approvers_name(desk: Desk) -> None:
    plan = desk.carried_out()
    (session,) = desk.cloud.sessions
    assert (session.name, session.source_identity) == ("inc-0001.p1", "slack-U0SAM")
    assert session.policy == session_policy(Plan.model_validate(plan.body))
    assert session.tags["digest"] == plan.digest[:16]


@pytest.mark.parametrize("times", [2, 5])
def test_the_same_job_again_changes_nothing(desk: Desk, times: int) -> None:
    plan = desk.carried_out()
    for _ in range(times):
        execute(desk, plan.id)
    assert len(desk.cloud.changes) == 1


@pytest.mark.parametrize("state", ["proposed", "rejected", "expired", "stale"])
def test_what_is_not_approved_does_not_run(desk: Desk, state: str) -> None:
    plan = desk.propose(desk.open())
    with desk.database.begin() as tx:
        plans.move(tx, plan.id, {"proposed"}, state)
    execute(desk, plan.id)
    execute(desk, "gone")
    assert desk.cloud.changes == []
    assert desk.plan(plan.id).state == state


def test_two_workers_at_once_make_each_call_once(both: Desk) -> None:
    plan = both.propose(both.open())
    both.approve(plan)
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        both.work(frozenset({jobs.PLAN_EXECUTE}))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(both.cloud.changes) == 1
    assert both.plan(plan.id).state == "verified"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_killed_around_the_call_has_one_effect(both: Desk, moment: str) -> None:
    plan = both.propose(both.open())
    both.approve(plan)

    def die(operation: str) -> None:
        if operation == "attach_user_policy":
            raise Killed

    setattr(both.cloud, moment, die)
    with pytest.raises(Killed):
        execute(both, plan.id)
    assert both.plan(plan.id).state == "running"

    setattr(both.cloud, moment, lambda operation: None)
    execute(both, plan.id)
    assert len(both.cloud.changes) == 1
    assert both.plan(plan.id).state == "verified"
    assert ("s3incident", "plan.resumed") in both.timeline()


def test_a_process_killed_and_the_state_changed_by_others_stops_for_a_person(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)

    def die(operation: str) -> None:
        if operation == "attach_user_policy":
            raise Killed

    desk.cloud.before = die
    with pytest.raises(Killed):
        execute(desk, plan.id)
    desk.cloud.before = lambda operation: None
    del desk.cloud.users["ci-deploy"]
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "stopped"
    assert desk.cloud.changes == []
    assert desk.said()


def test_a_plan_whose_ground_moved_is_stale_and_nothing_is_called(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)
    desk.cloud.users["ci-deploy"].policies.add(DENY_ALL)
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "stale"
    assert desk.cloud.changes == []
    assert desk.said()[-1].startswith("Plan 1 stale")


@pytest.mark.parametrize(
    "error",
    [
        AwsRefused("iam", "attach_user_policy", "AccessDenied", "no", "request-9", 403),
        DryRun("iam", "attach_user_policy"),
    ],
)
def test_a_refused_call_fails_and_says_so(desk: Desk, error: Exception) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)

    def refuse(operation: str) -> None:
        if operation == "attach_user_policy":
            raise error

    desk.cloud.before = refuse
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "failed"
    assert desk.said()[-1].startswith("Plan 1 failed")
    assert desk.queued(jobs.PLAN_WATCH) == []


def test_aws_out_of_reach_at_the_start_calls_nothing(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)

    def silent(operation: str) -> None:
        raise AwsUnavailable("iam", operation, "EndpointConnectionError", "no connection")

    desk.cloud.before = silent
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "failed"
    assert desk.cloud.sessions == []


def test_a_step_too_large_for_one_session_says_to_split_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)

    def full(account_id: str, session: object) -> CloudGateway:
        said = "Packed policy consumes 124% of allotted space, please use smaller policy."
        raise AwsRefused("sts", "assume_role", "PackedPolicyTooLarge", said, "request-1", 400)

    monkeypatch.setattr(desk.cloud, "step", full)
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "failed"
    assert "124%" in desk.said()[-1]
    assert "Split it into smaller changes." in desk.said()[-1]
    assert desk.cloud.changes == []


def test_an_approval_does_not_hold_for_ever(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    with later(minutes=59):
        desk.approve(plan)
    with later(minutes=73):
        execute(desk, plan.id)
        assert desk.plan(plan.id).state == "verified"


def test_an_approved_plan_that_no_worker_took_expires(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    with later(minutes=59):
        desk.approve(plan)
    with later(minutes=75):
        execute(desk, plan.id)
    assert desk.plan(plan.id).state == "expired"
    assert desk.cloud.changes == []
    assert "no worker could start it in time" in desk.said()[-1]


def test_cards_follow_every_step(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)
    before = desk.wanted(f"plan:{plan.id}")
    execute(desk, plan.id)
    # Started, intent, outcome, end: the card shows each.
    assert desk.wanted(f"plan:{plan.id}") >= before + 4


def test_a_tampered_approval_stops_it(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.approve(plan)
    with desk.database.begin() as tx:
        row = plans.get(tx, plan.id)
        assert row is not None
        calls = [{**row.body["calls"][0], "params": {"UserName": "root", "PolicyArn": DENY_ALL}}]
        row.body = {**row.body, "calls": calls}
    execute(desk, plan.id)
    assert desk.plan(plan.id).state == "stopped"
    assert desk.cloud.changes == []


def test_undo_is_a_plan_that_another_person_approves(both: Desk) -> None:
    plan = both.carried_out()
    for _ in range(2):
        with both.database.begin() as tx:
            assert approvals.request_undo(tx, plan.id, ANA.user_id).kind == "approved"
    both.work(frozenset({jobs.PLAN_UNDO}))
    _, undo = both.plans()
    assert (undo.undoes, undo.state, undo.requested_by) == (plan.id, "proposed", ANA.user_id)
    with both.database.begin() as tx:
        assert approvals.request_undo(tx, plan.id, SAM.user_id).kind == "too_late"
    assert both.approve(undo, ANA).kind == "refused"
    assert both.approve(undo, SAM).kind == "approved"
    both.work(frozenset({jobs.PLAN_EXECUTE}))
    assert both.cloud.users["ci-deploy"].policies == set()
    assert [one.state for one in both.plans()] == ["undone", "verified"]
    with both.database.begin() as tx:
        assert approvals.request_undo(tx, undo.id, SAM.user_id).kind == "refused"
        assert approvals.request_undo(tx, plan.id, SAM.user_id).kind == "too_late"


def test_an_undo_that_would_destroy_later_work_is_not_proposed(desk: Desk) -> None:
    plan = desk.carried_out()
    del desk.cloud.users["ci-deploy"]
    with desk.database.begin() as tx:
        approvals.request_undo(tx, plan.id, ANA.user_id)
    desk.work(frozenset({jobs.PLAN_UNDO}))
    assert len(desk.plans()) == 1
    assert len(desk.said()) == 1


def test_an_undo_somebody_did_by_hand_is_said(desk: Desk) -> None:
    plan = desk.carried_out()
    desk.cloud.users["ci-deploy"].policies.clear()
    with desk.database.begin() as tx:
        approvals.request_undo(tx, plan.id, ANA.user_id)
    desk.work(frozenset({jobs.PLAN_UNDO}))
    assert "already shows the state from before" in desk.said()[-1]


def test_work_given_up_is_said_and_ends_what_it_was(desk: Desk) -> None:
    incident = desk.open()
    plan = desk.propose(incident)
    desk.approve(plan)
    order = desk.order(incident, remediation="R1")
    with desk.database.begin() as tx:
        plans.move(tx, plan.id, {"approved"}, "running")
        give_up(tx, Claim(7, jobs.PLAN_EXECUTE, {"plan_id": plan.id}, 8, "me"), "Boom: x")
        give_up(tx, Claim(8, jobs.PLAN_PREPARE, order.model_dump(mode="json"), 8, "me"), "Boom: y")
        give_up(tx, Claim(9, jobs.AUDIT_RUN, {"account_id": "1"}, 8, "me"), "Boom: z")
        assert outbox.find(tx, "given-up:7") is not None
        assert [e.action for e in ledger.entries(tx)].count("job.given_up") == 3
    assert desk.plan(plan.id).state == "stopped"
    assert any(text.startswith("No plan for R1") for text in desk.said())


def test_people_and_workers_never_wait_for_each_other(both: Desk) -> None:
    """Notes, watches and the end of executions at the same time: on PostgreSQL a wrong order of locks would
    end one of them with a deadlock."""
    plan = both.propose(both.open())
    both.approve(plan)
    failures: list[BaseException] = []
    gate = threading.Barrier(4)

    def repeat(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            for _ in range(15):
                act()
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    def note() -> None:
        with both.database.begin() as tx:
            add_note(tx, 1, SAM.user_id, "looking")

    def turn() -> None:
        with both.database.begin() as tx:
            incidents.hold(tx, 1)
            record(tx, 1, "s3incident", "turn", "a turn of the playbook")

    def give() -> None:
        with both.database.begin() as tx:
            give_up(tx, Claim(1, jobs.PLAN_WATCH, {"plan_id": plan.id}, 8, "me"), "x")

    acts = (note, turn, give, lambda: execute(both, plan.id))
    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert both.plan(plan.id).state == "verified"
    with both.database.read() as tx:
        assert ledger.first_broken(tx) is None
