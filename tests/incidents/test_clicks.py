"""No sequence of clicks, expiries, crashes and redeliveries runs a change that was not approved."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.incidents import approvals, jobs
from bot.incidents.people import Person
from bot.incidents.plan_states import MOVES, UNDER_WAY, PlanState
from bot.remediation.contract import Automated
from bot.store import ledger, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from tests.examples import some_of
from tests.incidents import doing
from tests.incidents.cloud import Cloud, Killed
from tests.incidents.doing import ANA, DANA, SAM, START, Desk

GUEST = replace(SAM, user_id="U0GIL", guest=True)
CARD = st.integers(0, 2)
PEOPLE = st.sampled_from([DANA, SAM, ANA, GUEST, replace(ANA, user_id="U0OUT", stranger=True)])
ABLE = {DANA.user_id, SAM.user_id, ANA.user_id}
WORK = frozenset({jobs.PLAN_PREPARE, jobs.PLAN_EXECUTE, jobs.PLAN_UNDO, jobs.PLAN_EXPIRE})

_template: dict[str, Path] = {}


@pytest.fixture(autouse=True, scope="module")
def _at_hand(sqlite_template: Path) -> Iterator[None]:
    _template["path"] = sqlite_template
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Automated, "patience", (0.0,))
        yield


class Clicks(RuleBasedStateMachine):
    """One incident, the change R2 with one or two approvals, its undo, and fresh plans of both."""

    #: Over all sequences: how many changes reached AWS. A test in which nothing ever runs proves nothing.
    reached = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = self.folder / "clicks.db"
        shutil.copy(_template["path"], path)
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.now = START
        self.desk = Desk(Database(f"sqlite:///{path}"), Cloud(), doing.settings())
        self.states: dict[str, str] = {}

    def teardown(self) -> None:
        Clicks.reached += len(self.desk.cloud.changes)
        self.clock.stop()
        self.desk.database.close()
        shutil.rmtree(self.folder)

    @initialize(required=st.integers(1, 2))
    def propose(self, required: int) -> None:
        self.required = required
        self.desk.propose(self.desk.open(), required=required)

    def card(self, back: int) -> PlanRow:
        """One of the cards in the channel, the newest for 0."""
        shown = self.desk.plans()
        return shown[-1 - back % len(shown)]

    @rule(back=CARD, person=st.sampled_from([SAM, ANA]))
    def approve(self, back: int, person: Person) -> None:
        assert self.desk.approve(self.card(back), person).sentence

    @rule()
    def work(self) -> None:
        self.desk.work(WORK)

    @rule(back=CARD, person=PEOPLE)
    def anybody_approves(self, back: int, person: Person) -> None:
        decision = self.desk.approve(self.card(back), person)
        if person.user_id not in ABLE:
            assert decision.kind in ("refused", "too_late")

    @rule(back=CARD, person=PEOPLE)
    def approve_by_a_button_of_another_version(self, back: int, person: Person) -> None:
        decision = self.desk.approve(self.card(back), person, digest="f" * 64)
        assert decision.kind in ("refused", "too_late")

    @rule(back=CARD, person=PEOPLE)
    def reject(self, back: int, person: Person) -> None:
        self.desk.reject(self.card(back), person)

    @rule(back=CARD, person=PEOPLE)
    def ask_again(self, back: int, person: Person) -> None:
        with self.desk.database.begin() as tx:
            approvals.ask_again(tx, self.card(back).id, person.user_id)

    @rule(back=CARD, person=PEOPLE)
    def request_undo(self, back: int, person: Person) -> None:
        with self.desk.database.begin() as tx:
            approvals.request_undo(tx, self.card(back).id, person.user_id)

    @rule(minutes=st.sampled_from([1, 30, 90]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.traveller.move_to(self.now)

    @rule(back=CARD)
    def deliver_the_execution_again(self, back: int) -> None:
        self.desk.handle(jobs.PLAN_EXECUTE, plan_id=self.card(back).id)

    @rule(back=CARD, moment=st.sampled_from(["before", "after"]))
    def be_killed_while_executing(self, back: int, moment: str) -> None:
        def die(operation: str) -> None:
            if operation.endswith("tach_user_policy"):
                raise Killed

        setattr(self.desk.cloud, moment, die)
        with suppress(Killed):
            self.desk.handle(jobs.PLAN_EXECUTE, plan_id=self.card(back).id)
        setattr(self.desk.cloud, moment, lambda operation: None)

    @invariant()
    def only_what_people_approved_was_called(self) -> None:
        """Each execution has enough distinct able people, none the requester; each makes its call once."""
        run_plans = 0
        with self.desk.database.read() as tx:
            for plan in plans.of_incident(tx, 1):
                if plans.execution_of(tx, plan.id) is None:
                    continue
                people = {one.user_id for one in plans.approvals(tx, plan.id) if one.digest == plan.digest}
                assert len(people - {plan.requested_by}) >= self.required
                assert people <= ABLE
                run_plans += 1
        assert len(self.desk.cloud.changes) <= run_plans

    @invariant()
    def states_move_only_as_they_may(self) -> None:
        for plan in self.desk.plans():
            before = self.states.get(plan.id)
            if before is not None and before != plan.state:
                assert PlanState(plan.state) in _reachable(PlanState(before))
            self.states[plan.id] = plan.state

    @invariant()
    def one_change_is_under_way_at_a_time(self) -> None:
        """Of a change, and of its undo, there is one plan to decide about, not two."""
        under_way = [plan for plan in self.desk.plans() if plan.state in UNDER_WAY]
        assert len({plan.undoes for plan in under_way}) == len(under_way)

    @invariant()
    def the_ledger_holds(self) -> None:
        with self.desk.database.read() as tx:
            assert ledger.first_broken(tx) is None


def _reachable(state: PlanState) -> set[PlanState]:
    """One rule can do several moves: an execution goes from approved to verified."""
    found: set[PlanState] = set()
    todo = [state]
    while todo:
        for target in MOVES[todo.pop()] - found:
            found.add(target)
            todo.append(target)
    return found


@pytest.mark.hypothesis
def test_no_order_of_clicks_runs_what_was_not_approved() -> None:
    run_state_machine_as_test(
        Clicks,
        settings=settings(
            max_examples=some_of(40),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Clicks.reached > 0
