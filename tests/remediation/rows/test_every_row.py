"""What holds for every row: undone is as before, twice is once, drift is refused, no crash doubles a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.s3.models import s3_backends

from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer, Gateway
from bot.policy.actions import event_name
from bot.remediation.catalogue import listing, remediation
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.plan import Call, Permission, Plan, State, compared, state_hash
from bot.remediation.run import run
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, Account
from tests.examples import some_of
from tests.remediation.doing import MANIFESTS, MemoryJournal, carry_out, no_sleep, plan_for, step
from tests.remediation.killing import POINTS, Between, Killed, MortalJournal
from tests.remediation.rows.cases import CONTEXT, Case, account_block
from tests.remediation.rows.every_case import CASES

_NUMBERS = count(1)
Example = Callable[[Case], Plan]
AUTOMATED = [case for case in CASES if remediation(case.row).mode == "automated"]
GUIDED = [case for case in CASES if remediation(case.row).mode == "guided"]
each_case = pytest.mark.parametrize("case", AUTOMATED, ids=lambda case: case.row)
each_guided = pytest.mark.parametrize("case", GUIDED, ids=lambda case: case.row)


#: The points that settling turns on; the others are left to `make proof`.
_MOST_TELLING = ("after call",)
each_point = pytest.mark.parametrize(
    "point",
    [name if name in _MOST_TELLING else pytest.param(name, marks=pytest.mark.proof) for name in POINTS],
)


_OURS = re.compile(r"acme-r\d+-\d+")


@pytest.fixture(autouse=True)
def account_left_open(account: Account) -> Iterator[None]:
    """What one test did to the whole account must not hold for the next, and R20 reads every bucket there is:
    those of the test before are taken away, as no API call could so fast.
    """
    yield
    account_block(account, None)
    mine = s3_backends[ACCOUNT]["aws"].buckets
    for name in [one for one in mine if _OURS.match(one)]:
        del mine[name], s3_backends.bucket_accounts[name]


def test_there_is_a_case_for_every_row() -> None:
    assert sorted(case.row for case in CASES) == sorted(one.row for one in listing())


def prepared(account: Account, case: Case, state: State) -> Plan:
    """The plan for a new target in that state."""
    name = f"acme-{case.row.lower()}-{next(_NUMBERS)}"
    case.make(account, name)
    case.put(account, name, state)
    plan = plan_for(account, case.row, case.wanted(account, name), case.context(name))
    assert plan.before.items() >= case.shown(state).items()
    return plan


def _name(plan: Plan) -> str:
    """What the case named its target: the first that a proposal of the row may name."""
    kind = remediation(plan.remediation)
    named = (one for one in (*kind.wants, *kind.optional) if one in plan.target.params)
    return plan.target.params[next(named)]


def live(account: Account, plan: Plan) -> State:
    return compared(remediation(plan.remediation).snapshot(account.access.reader(ACCOUNT), plan.target))


@each_case
@settings(max_examples=some_of(4), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_from_any_state_it_is_made_once_and_undone_to_where_it_was(
    account: Account, case: Case, data: st.DataObject
) -> None:
    plan = prepared(account, case, data.draw(case.states))
    made = carry_out(account, plan)
    assert (made.outcome, made.calls_made, made.state) == ("verified", len(plan.calls), plan.after)

    again = carry_out(account, plan)
    assert (again.outcome, again.calls_made) == ("stale", 0)

    kind = remediation(case.row)
    if not kind.reversible:
        with pytest.raises(Refused, match="cannot be undone"):
            undo_plan(plan)
        assert plan.irreversible
        return
    undone = carry_out(account, undo_plan(plan))
    assert (undone.outcome, live(account, plan)) == ("verified", compared(kind.undone(plan.before)))
    assert kind.undone(plan.before) == plan.before or plan.irreversible


@pytest.fixture(scope="module")
def example(account: Account) -> Example:
    """A plan of a row from the state that shows most of it."""
    return lambda case: prepared(account, case, case.examples[0])


@each_case
def test_what_somebody_else_changed_is_not_overwritten(
    account: Account, case: Case, example: Example
) -> None:
    plan = example(case)
    case.drift(account, _name(plan))
    found = live(account, plan)
    result = carry_out(account, plan)
    assert (result.outcome, result.calls_made) == ("stale", 0)
    assert live(account, plan) == found != compared(plan.before)


class MortalReader:
    """Reads until it is told to die."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.dead = gateway, False

    def call(self, *rest: Any) -> Answer:
        if self.dead:
            raise Killed("verifying")
        return self.gateway.call(*rest)


@each_case
@each_point
def test_a_crash_at_any_point_leaves_every_call_made_once(
    account: Account, case: Case, example: Example, point: str
) -> None:
    for position in range(len(remediation(case.row).permissions)):
        plan = example(case)
        if position >= len(plan.calls):
            break
        before, journal = effects(account, plan), MortalJournal(dies=point, position=position)
        with pytest.raises(Killed):
            _die(account, plan, journal, point, position)
        again = MemoryJournal(dict(journal.states))
        result = carry_out(account, plan, again)
        assert (result.outcome, result.state) == ("verified", plan.after)
        assert effects(account, plan) - before == len(plan.calls)
        assert {entry.state for entry in again.entries()} == {"done"}


def _die(account: Account, plan: Plan, journal: MortalJournal, point: str, position: int) -> None:
    reader = MortalReader(account.access.reader(ACCOUNT))
    actor = Between(step(account, plan))

    def made() -> int:
        """Calls of the plan; what the step's session only reads is none."""
        return sum(name in {call.operation for call in plan.calls} for name in actor.calls)

    def die() -> None:
        if point == "before call" and made() == position:
            raise Killed(point)

    def died() -> None:
        reader.dead = point == "verifying" and made() == len(plan.calls)
        if point == "after call" and made() == position + 1:
            raise Killed(point)

    actor.before, actor.after = die, died
    kind = remediation(plan.remediation)
    run(plan, plan.digest, kind, reader, lambda: actor, journal, sleep=no_sleep, manifests=MANIFESTS)


def effects(account: Account, plan: Plan) -> int:
    """How many calls like the plan's AWS has carried out on its targets."""
    names = set(plan.target.params.values())
    events = {event_name(call.service, _api_name(call)) for call in plan.calls}
    return sum(
        "errorCode" not in record and bool(names & set(map(str, _values(record))))
        for event in events
        for record in account.records(event)
    )


def _values(record: dict[str, Any]) -> list[Any]:
    return [*(record["requestParameters"] or {}).values(), record["recipientAccountId"]]


def _api_name(call: Call) -> str:
    return "".join(word.title() for word in call.operation.split("_"))


@each_case
def test_it_runs_under_exactly_its_permissions(account: Account, case: Case, example: Example) -> None:
    """The step's session makes and reads everything; without any one permission it does not get through."""
    plans = [plan := example(case)]
    assert _alone(account, plan) == "verified"
    if remediation(case.row).reversible:
        plans.append(undo := undo_plan(plan))
        assert _alone(account, undo) == "verified"
    for one in plans:
        for permission in _asked(one):
            fresh = example(case)
            if one.undoes:
                assert carry_out(account, fresh).outcome == "verified"
                fresh = undo_plan(fresh)
            ended = _alone(account, _without(fresh, permission.action))
            assert ended in ("failed", "halted"), permission


def _alone(account: Account, plan: Plan) -> str:
    session = step(account, plan)
    kind = remediation(plan.remediation)
    journal = MemoryJournal()
    ended = run(
        plan, plan.digest, kind, session, lambda: session, journal, sleep=no_sleep, manifests=MANIFESTS
    )
    return ended.outcome


def _asked(plan: Plan) -> list[Permission]:
    return [*(permission for call in plan.calls for permission in call.permissions), *plan.reads]


def _without(plan: Plan, action: str) -> Plan:
    def left(permissions: tuple[Permission, ...]) -> tuple[Permission, ...]:
        return tuple(one for one in permissions if one.action != action)

    calls = tuple(call.model_copy(update={"permissions": left(call.permissions)}) for call in plan.calls)
    return plan.model_copy(update={"calls": calls, "reads": left(plan.reads)})


@each_case
def test_the_permissions_listed_are_those_that_its_plans_ask_for(account: Account, case: Case) -> None:
    asked: set[str] = set()
    for state in case.examples:
        plan = prepared(account, case, state)
        asked |= {p.action for call in (*plan.calls, *plan.undo) for p in call.permissions}
        asked |= {permission.action for permission in plan.reads}
        assert plan.base_hash == state_hash(plan.before)
        assert plan.final_hash == state_hash(plan.after) != plan.base_hash
        assert plan.affected
        assert plan.warnings
    assert asked == set(remediation(case.row).permissions)


# -- what a person does by hand ------------------------------------------------------------------------


@each_guided
@settings(max_examples=some_of(3), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_guide_says_leads_to_the_state_that_is_waited_for(
    account: Account, case: Case, data: st.DataObject
) -> None:
    plan = prepared(account, case, data.draw(case.states))
    assert (plan.calls, plan.undo) == ((), ())
    assert plan.guide
    waiting = carry_out(account, plan)
    assert (waiting.outcome, waiting.calls_made) == ("waiting", 0)
    assert case.do is not None
    case.do(account, _name(plan), plan)
    assert state_hash(live(account, plan)) == plan.final_hash
    with pytest.raises(NothingToDo):
        plan_for(account, case.row, plan.target.params, CONTEXT)
    with pytest.raises(Refused, match="cannot be undone"):
        undo_plan(plan)


@each_guided
def test_a_guide_for_a_state_that_is_gone_is_not_waited_for(account: Account, case: Case) -> None:
    plan = prepared(account, case, case.examples[0])
    case.drift(account, _name(plan))
    result = carry_out(account, plan)
    assert (result.outcome, result.calls_made) == ("stale", 0)


@each_guided
def test_it_is_seen_under_exactly_its_permissions(account: Account, case: Case) -> None:
    """A session with the plan's reads sees when it is done; without any one of them it never does."""
    plan = prepared(account, case, case.examples[0])
    kind = remediation(case.row)
    assert {one.action for one in plan.reads} == set(kind.permissions)
    assert kind.snapshot(step(account, plan), plan.target) == plan.before
    assert case.do is not None
    case.do(account, _name(plan), plan)
    assert compared(kind.snapshot(step(account, plan), plan.target)) == plan.after
    for permission in plan.reads:
        with pytest.raises((AwsRefused, Refused)):
            kind.snapshot(step(account, _without(plan, permission.action)), plan.target)


@each_guided
def test_a_guide_asks_for_no_secret(account: Account, case: Case) -> None:
    plan = prepared(account, case, case.examples[0])
    assert plan.affected
    assert plan.warnings
    assert plan.irreversible
    assert plan.base_hash != plan.final_hash
    assert not any(word in " ".join(plan.guide) for word in ("password:", "secret key:", "six digits here"))
