from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.incidents import approvals, jobs, sentences
from bot.incidents.closing import Closed, Refused, close
from bot.incidents.people import Person
from bot.store import incidents, ledger, plans
from tests.incidents.doing import ANA, DANA, SAM, Desk, later


def test_one_approval_starts_it_once(both: Desk) -> None:
    plan = both.propose(both.open())
    decision = both.approve(plan)

    assert decision.kind == "approved"
    assert both.queued(jobs.PLAN_EXECUTE) == [{"plan_id": plan.id}]
    row = both.plan(plan.id)
    assert (row.state, row.decided_by) == ("approved", SAM.user_id)
    with both.database.read() as tx:
        entry = next(one for one in ledger.entries(tx) if one.action == "plan.approved")
        assert entry.detail == {"plan_id": plan.id, "digest": plan.digest, "approved_by": [SAM.user_id]}
        assert ledger.first_broken(tx) is None


def test_two_people_are_two_people(both: Desk) -> None:
    plan = both.propose(both.open(), required=2)
    assert both.approve(plan).kind == "counted"
    again = both.approve(plan)
    assert (again.kind, again.sentence) == (
        "counted",
        sentences.counted_before(str(plan.body["title"]), 1, 2),
    )
    assert both.queued(jobs.PLAN_EXECUTE) == []
    assert both.approve(plan, ANA).kind == "approved"
    assert len(both.queued(jobs.PLAN_EXECUTE)) == 1


@pytest.mark.parametrize("required", [1, 2])
def test_everybody_at_once_starts_it_once(both: Desk, required: int) -> None:
    plan = both.propose(both.open(), required=required)
    people = [replace(SAM, user_id=f"U{number}") for number in range(6)] * 2
    gate, kinds = threading.Barrier(len(people)), []

    def click(person: Person) -> None:
        gate.wait()
        kinds.append(both.approve(plan, person).kind)

    threads = [threading.Thread(target=click, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds.count("approved") == 1
    assert kinds.count("counted") >= required - 1
    assert len(kinds) == len(people)
    assert len(both.queued(jobs.PLAN_EXECUTE)) == 1
    with both.database.read() as tx:
        assert len({one.user_id for one in plans.approvals(tx, plan.id)}) == required


def test_the_requester_never_counts(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    decision = desk.approve(plan, DANA)
    assert (decision.kind, decision.sentence) == ("refused", sentences.IS_THE_REQUESTER)
    assert desk.plan(plan.id).state == "proposed"


def test_another_digest_is_another_plan(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    decision = desk.approve(plan, digest="0" * 64)
    assert (decision.kind, decision.sentence) == ("refused", sentences.OTHER_VERSION)
    assert desk.plan(plan.id).state == "proposed"


@pytest.mark.parametrize("tampering", ["params", "shape"])
def test_a_stored_plan_that_was_changed_cannot_be_approved(desk: Desk, tampering: str) -> None:
    plan = desk.propose(desk.open())
    body = {**plan.body}
    if tampering == "params":
        body["calls"] = [{**body["calls"][0], "params": {"UserName": "break-glass"}}]
    else:
        del body["calls"]
    with desk.database.begin() as tx:
        row = plans.get(tx, plan.id)
        assert row is not None
        row.body = body
    assert desk.approve(plan).sentence == sentences.BODY_CHANGED
    assert desk.queued(jobs.PLAN_EXECUTE) == []


def test_a_button_of_a_plan_that_never_was(desk: Desk) -> None:
    with desk.database.begin() as tx:
        assert approvals.approve(tx, "gone", SAM, "0").sentence == sentences.NO_SUCH_PLAN
        assert approvals.reject(tx, "gone", SAM, "0", "no").sentence == sentences.NO_SUCH_PLAN
        assert approvals.ask_again(tx, "gone", "U0SAM").sentence == sentences.NO_SUCH_PLAN
        assert approvals.request_undo(tx, "gone", "U0SAM").sentence == sentences.NO_SUCH_PLAN
        assert not approvals.expire(tx, "gone")


def test_a_no_needs_a_reason_and_ends_it(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    assert desk.reject(plan, reason="  ").sentence == sentences.REASON_NEEDED
    assert desk.plan(plan.id).state == "proposed"

    assert desk.reject(plan, reason="the key is the backup's").kind == "rejected"
    assert desk.plan(plan.id).state == "rejected"
    assert desk.approve(plan, ANA).kind == "too_late"
    assert desk.queued(jobs.PLAYBOOK_ADVANCE) == [{"incident_id": 1}]
    with desk.database.read() as tx:
        assert "the key is the backup's" in incidents.timeline(tx, 1)[-1].text


def test_an_expired_plan_cannot_be_approved_even_before_the_clock_says_so(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    with later(minutes=60):
        decision = desk.approve(plan)
    assert (decision.kind, decision.sentence) == ("too_late", sentences.TOO_LATE["expired"])
    assert desk.plan(plan.id).state == "expired"
    assert "paused, not refused" in desk.said()[-1]


def test_the_clock_expires_what_nobody_decided(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    desk.handle(jobs.PLAN_EXPIRE, plan_id=plan.id)
    assert desk.plan(plan.id).state == "proposed"
    with later(minutes=60):
        assert desk.work() == 1
        desk.handle(jobs.PLAN_EXPIRE, plan_id=plan.id)
    assert desk.plan(plan.id).state == "expired"
    assert len(desk.said()) == 1


def test_asking_again_makes_a_fresh_plan_for_the_same_requester(desk: Desk) -> None:
    plan = desk.propose(desk.open(), required=2)
    with later(minutes=61):
        desk.work()
        with desk.database.begin() as tx:
            assert approvals.ask_again(tx, plan.id, SAM.user_id).kind == "approved"
        with desk.database.begin() as tx:
            assert approvals.ask_again(tx, plan.id, ANA.user_id).kind == "too_late"
        desk.work()
        old, new = desk.plans()
        assert (old.state, new.state, new.replaces) == ("replaced", "proposed", old.id)
        assert (new.number, new.required_approvals, new.requested_by) == (2, 2, DANA.user_id)
        assert desk.approve(old).sentence == sentences.TOO_LATE["replaced"]
        assert desk.approve(new, DANA).sentence == sentences.IS_THE_REQUESTER
        assert desk.approve(new, SAM).kind == "counted"


@pytest.mark.parametrize("state", ["proposed", "approved", "verified", "undone"])
def test_there_is_nothing_to_ask_again(desk: Desk, state: str) -> None:
    plan = desk.propose(desk.open())
    with desk.database.begin() as tx:
        plans.move(tx, plan.id, {"proposed"}, state)
        assert approvals.ask_again(tx, plan.id, SAM.user_id).sentence == sentences.cannot_ask_again(state)


def test_closing_expires_what_is_undecided_and_publishes_the_ledger(desk: Desk) -> None:
    plan = desk.propose(desk.open())
    with desk.database.begin() as tx:
        closed = close(tx, 1, SAM.user_id, "false alarm")
    assert isinstance(closed, Closed)
    assert desk.plan(plan.id).state == "expired"
    assert desk.said() == [closed.sentence]
    with desk.database.begin() as tx:
        assert str(ledger.head(tx)) in closed.sentence
        again = close(tx, 1, SAM.user_id)
        assert again == Refused(sentences.ALREADY_CLOSED)
        assert approvals.ask_again(tx, plan.id, SAM.user_id).sentence == sentences.INCIDENT_IS_CLOSED
        assert close(tx, 99, SAM.user_id) == Refused(sentences.NO_SUCH_INCIDENT)


@pytest.mark.parametrize("state", ["approved", "running"])
def test_closing_waits_for_what_is_under_way(desk: Desk, state: str) -> None:
    incident = desk.open()
    busy, undecided = desk.propose(incident), desk.propose(incident, remediation="R1", target=KEY)
    with desk.database.begin() as tx:
        plans.move(tx, busy.id, {"proposed"}, state)
        refused = close(tx, 1, SAM.user_id)
    assert isinstance(refused, Refused)
    assert str(busy.body["title"]) in refused.sentence
    assert desk.plan(undecided.id).state == "proposed"
    with desk.database.read() as tx:
        current = incidents.get(tx, 1)
        assert current is not None
        assert current.phase == "triage"


def test_no_plan_is_made_in_the_name_of_a_closed_incident(desk: Desk) -> None:
    incident = desk.open()
    order = desk.order(incident)
    with desk.database.begin() as tx:
        close(tx, 1, SAM.user_id)
    desk.handle(jobs.PLAN_PREPARE, **order.model_dump(mode="json"))
    assert desk.plans() == []


KEY = {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}
