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
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from bot.incidents import approvals, jobs
from bot.incidents.plan_states import MOVES, UNDER_WAY, PlanState
from bot.remediation import run
from bot.store import incidents, ledger, plans
from bot.store.database import Database
from tests.incidents import doing
from tests.incidents.cloud import Cloud, Killed
from tests.incidents.doing import ANA, DANA, SAM, START, Desk

GUEST = replace(SAM, user_id="U0GIL", guest=True)
PEOPLE = st.sampled_from([DANA, SAM, ANA, GUEST, replace(ANA, user_id="U0OUT", stranger=True)])
ABLE = {DANA.user_id, SAM.user_id, ANA.user_id}
WORK = frozenset({jobs.PLAN_PREPARE, jobs.PLAN_EXECUTE, jobs.PLAN_UNDO, jobs.PLAN_EXPIRE})

_template: dict[str, Path] = {}


@pytest.fixture(autouse=True, scope="module")
def _at_hand(sqlite_template: Path) -> Iterator[None]:
    _template["path"] = sqlite_template
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "PATIENCE", (0.0,))
        yield


class Clicks(RuleBasedStateMachine):
    """One incident, the change R2, two approvals needed; its undo, and fresh plans of both."""

    shown = Bundle("shown")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = self.folder / "clicks.db"
        shutil.copy(_template["path"], path)
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.now = START
        self.desk = Desk(Database(f"sqlite:///{path}"), Cloud(), doing.settings())
        self.desk.open()
        self.states: dict[str, str] = {}

    def teardown(self) -> None:
        self.clock.stop()
        self.desk.database.close()
        shutil.rmtree(self.folder)

    @rule(target=shown)
    def propose(self) -> object:
        with self.desk.database.read() as tx:
            incident = incidents.get(tx, 1)
        assert incident is not None
        self.desk.handle(jobs.PLAN_PREPARE, **self.desk.order(incident, required=2).model_dump(mode="json"))
        return self.cards()

    @rule(target=shown)
    def work(self) -> object:
        self.desk.work(WORK)
        return self.cards()

    def cards(self) -> object:
        return multiple(*((plan.id, plan.digest) for plan in self.desk.plans()))

    @rule(card=shown, person=PEOPLE)
    def approve(self, card: tuple[str, str], person: doing.Person) -> None:
        with self.desk.database.begin() as tx:
            decision = approvals.approve(tx, card[0], person, card[1])
        assert decision.sentence
        if person.user_id not in ABLE:
            assert decision.kind in ("refused", "too_late")

    @rule(card=shown, person=PEOPLE)
    def approve_by_a_button_of_another_plan(self, card: tuple[str, str], person: doing.Person) -> None:
        with self.desk.database.begin() as tx:
            decision = approvals.approve(tx, card[0], person, "f" * 64)
        assert decision.kind in ("refused", "too_late")

    @rule(card=shown, person=PEOPLE)
    def reject(self, card: tuple[str, str], person: doing.Person) -> None:
        with self.desk.database.begin() as tx:
            approvals.reject(tx, card[0], person, card[1], "no")

    @rule(card=shown, person=PEOPLE)
    def ask_again(self, card: tuple[str, str], person: doing.Person) -> None:
        with self.desk.database.begin() as tx:
            approvals.ask_again(tx, card[0], person.user_id)

    @rule(card=shown, person=PEOPLE)
    def request_undo(self, card: tuple[str, str], person: doing.Person) -> None:
        with self.desk.database.begin() as tx:
            approvals.request_undo(tx, card[0], person.user_id)

    @rule(minutes=st.sampled_from([1, 30, 90]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.traveller.move_to(self.now)

    @rule(card=shown)
    def deliver_the_execution_again(self, card: tuple[str, str]) -> None:
        self.desk.handle(jobs.PLAN_EXECUTE, plan_id=card[0])

    @rule(card=shown, after=st.booleans())
    def be_killed_while_executing(self, card: tuple[str, str], after: bool) -> None:
        def die(operation: str) -> None:
            if operation.endswith("_user_policy"):
                raise Killed

        name = "after" if after else "before"
        setattr(self.desk.cloud, name, die)
        with suppress(Killed):
            self.desk.handle(jobs.PLAN_EXECUTE, plan_id=card[0])
        setattr(self.desk.cloud, name, lambda operation: None)

    @invariant()
    def only_what_people_approved_was_called(self) -> None:
        """Each execution has two distinct able people, neither the requester; each makes its call once."""
        run_plans = 0
        with self.desk.database.read() as tx:
            for plan in plans.of_incident(tx, 1):
                if plans.execution_of(tx, plan.id) is None:
                    continue
                people = {one.user_id for one in plans.approvals(tx, plan.id) if one.digest == plan.digest}
                assert len(people - {plan.requested_by}) >= 2
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


TestClicks = Clicks.TestCase
TestClicks.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
