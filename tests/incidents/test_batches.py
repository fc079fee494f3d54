"""The order of changes that were proposed together: as listed, and never past what must come first."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from bot.incidents import batches, jobs
from bot.incidents.batches import COMES_AFTER
from bot.incidents.plan_states import PlanState
from bot.incidents.together import approve_together
from bot.remediation.catalogue import listing
from bot.store import incidents, ledger, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from tests.incidents.doing import SAM, Desk, later

KEY = {"remediation": "R1", "target": {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}}


def ahead(desk: Desk, plan: PlanRow) -> list[int]:
    with desk.database.read() as tx:
        row = plans.get(tx, plan.id)
        assert row is not None
        return [one.number for one in batches.ahead_of(tx, row)]


def set_state(desk: Desk, plan: PlanRow, state: PlanState) -> None:
    with desk.database.begin() as tx:
        assert plans.move(tx, plan.id, set(PlanState), state)


def two(desk: Desk, **second: Any) -> tuple[PlanRow, PlanRow]:
    incident = desk.open()
    first = desk.propose(incident, batch_id="b", batch_position=0)
    return first, desk.propose(incident, **KEY, **{"batch_id": "b", "batch_position": 1} | second)


def test_what_must_come_first_is_waited_for_even_undecided(both: Desk) -> None:
    deny, key = two(both)
    assert ahead(both, key) == []
    with both.database.begin() as tx:
        row = plans.get(tx, key.id)
        assert row is not None
        row.must_wait_for = [deny.id]
    for state in PlanState:
        set_state(both, deny, state)
        waits = state in (PlanState.PROPOSED, PlanState.APPROVED, PlanState.RUNNING)
        assert ahead(both, key) == ([deny.number] if waits else []), state


def test_approved_together_runs_as_listed(desk: Desk) -> None:
    first, second = two(desk)
    for state in (PlanState.APPROVED, PlanState.RUNNING):
        set_state(desk, first, state)
        assert ahead(desk, second) == [first.number]
        assert ahead(desk, first) == []
    set_state(desk, first, PlanState.VERIFIED)
    assert ahead(desk, second) == []


def test_another_batch_waits_for_nothing(desk: Desk) -> None:
    first, second = two(desk, batch_id="other")
    set_state(desk, first, PlanState.APPROVED)
    assert ahead(desk, second) == []


def test_the_fresh_plan_stands_for_the_one_it_replaced(desk: Desk) -> None:
    deny, key = two(desk)
    with desk.database.begin() as tx:
        row = plans.get(tx, key.id)
        assert row is not None
        row.must_wait_for = [deny.id]
    set_state(desk, deny, PlanState.REPLACED)
    fresh = desk.propose(desk_incident(desk), replaces=deny.id)
    assert ahead(desk, key) == [fresh.number]


def test_an_order_waits_for_what_it_must_not_overtake(desk: Desk) -> None:
    incident = desk.open()
    deny = desk.order(incident)
    key = desk.order(incident, **KEY, must_wait_for=[deny.id])
    with desk.database.begin() as tx:
        for order in (key, deny):
            enqueue(tx, jobs.PLAN_PREPARE, **order.model_dump(mode="json"), order=order.id)
    desk.work(frozenset({jobs.PLAN_PREPARE}))
    assert [one.remediation for one in desk.plans()] == ["R2"]
    with later(seconds=5):
        desk.work(frozenset({jobs.PLAN_PREPARE}))
    assert [one.remediation for one in desk.plans()] == ["R2", "R1"]


def test_a_second_change_of_one_state_is_planned_after_the_first(both: Desk) -> None:
    incident = both.open()
    first = both.propose(incident)
    again = both.order(incident, target={"user": "ci-deploy", "asked": "again"})
    both.handle(jobs.PLAN_PREPARE, **again.model_dump(mode="json"))
    assert [one.id for one in both.plans()] == [first.id]
    [waiting] = both.queued(jobs.PLAN_PREPARE)
    assert waiting["after"] == first.id

    with later(seconds=3):
        both.work(frozenset({jobs.PLAN_PREPARE}))
        assert len(both.plans()) == 1
    both.reject(first)
    with later(seconds=6):
        both.work(frozenset({jobs.PLAN_PREPARE}))
    assert [one.state for one in both.plans()] == ["rejected", "proposed"]


def test_forms_and_single_clicks_at_once_never_block_each_other(both: Desk) -> None:
    """Each takes its plans before the ledger: otherwise PostgreSQL would end one of them as a deadlock."""
    incident = both.open()
    rows = [both.propose(incident, required=5), both.propose(incident, required=5, **KEY)]
    kinds: list[str] = []
    people = [replace(SAM, user_id=f"U{number}") for number in range(8)]
    gate = threading.Barrier(len(people))

    def click(place: int) -> None:
        order = rows if place % 4 == 0 else rows[::-1] if place % 4 == 1 else [rows[place % 2]]
        gate.wait()
        with both.database.begin() as tx:
            mine = dict.fromkeys((row.id for row in rows), people[place])
            wanted = [(row.id, row.digest) for row in order]
            kinds.extend(one.kind for _, one in approve_together(tx, wanted, mine))

    threads = [threading.Thread(target=click, args=(place,)) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds.count("approved") == 2
    assert len(kinds) == 12
    with both.database.read() as tx:
        assert ledger.first_broken(tx) is None
        assert [len(plans.approvals(tx, row.id)) for row in rows] == [5, 5]


def test_no_row_comes_after_itself_in_a_circle() -> None:
    known = {one.row for one in listing()} | set(COMES_AFTER)
    for row in known:
        seen, open_ = set(), {row}
        while open_:
            open_ = {one for other in open_ for one in COMES_AFTER.get(other, ())} - seen
            assert row not in open_
            seen |= open_


def desk_incident(desk: Desk) -> Any:
    with desk.database.read() as tx:
        return incidents.get(tx, 1)
