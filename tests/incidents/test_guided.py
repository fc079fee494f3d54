"""A change that only a person can make, on an account where somebody makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from bot.incidents import guided, halting_sentences, jobs
from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan
from bot.store import plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from tests.aws.account import Account, running
from tests.incidents.doing import Desk, later
from tests.remediation.rows.cases import ORGANIZATION
from tests.remediation.rows.every_case import CASES

CASE = next(one for one in CASES if one.row == "R43")
NAMES = iter(f"acme-by-hand-{number}" for number in range(99))
POLL = frozenset({jobs.PLAN_POLL})


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running(approval_minutes=60, organization_id=ORGANIZATION) as made:
        yield made


@pytest.fixture
def desk(account: Account, sqlite: Database, three_in_the_morning: None) -> Desk:
    return Desk(sqlite, cast("Any", account.access), account.settings)


@pytest.fixture
def name() -> str:
    return next(NAMES)


@pytest.fixture
def waiting(desk: Desk, account: Account, name: str) -> PlanRow:
    CASE.make(account, name)
    CASE.put(account, name, CASE.examples[0])
    plan = desk.propose(desk.open(), remediation=CASE.row, target=dict(CASE.wanted(account, name)))
    desk.approve(plan)
    desk.work(frozenset({jobs.PLAN_EXECUTE}))
    return desk.plan(plan.id)


def do_it(account: Account, name: str, plan: PlanRow) -> None:
    assert CASE.do is not None
    CASE.do(account, name, Plan.model_validate(plan.body))


def result(desk: Desk, plan: PlanRow) -> dict[str, Any]:
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
    assert execution is not None
    return execution.result


def test_after_the_approval_it_waits_and_nothing_is_called(desk: Desk, waiting: PlanRow) -> None:
    assert remediation(CASE.row).mode == "guided"
    assert waiting.state == "waiting"
    assert "waiting for somebody to do it" in desk.said()[-1]
    assert result(desk, waiting)["calls_made"] == 0
    with later(seconds=31):
        desk.work(POLL)
    assert desk.plan(waiting.id).state == "waiting"
    assert result(desk, waiting)["seen"] == "before"


def test_it_is_done_when_aws_shows_it(desk: Desk, account: Account, name: str, waiting: PlanRow) -> None:
    do_it(account, name, waiting)
    with later(seconds=31):
        desk.work(POLL)
    assert desk.plan(waiting.id).state == "verified"
    assert ("s3incident", "plan.verified") in desk.timeline()
    assert len(desk.queued(jobs.PLAN_WATCH)) == 1
    assert desk.queued(jobs.PLAN_POLL) == []


def test_check_now_looks_at_once_and_keeps_the_patient_looks(
    desk: Desk, account: Account, name: str, waiting: PlanRow
) -> None:
    do_it(account, name, waiting)
    with desk.database.begin() as tx:
        assert guided.check_now(tx, waiting.id) == halting_sentences.LOOKING
    desk.work(POLL)
    assert desk.plan(waiting.id).state == "verified"
    with desk.database.begin() as tx:
        assert guided.check_now(tx, waiting.id) == halting_sentences.NOT_WAITING


def test_the_looks_become_rarer_and_end_aloud(desk: Desk, waiting: PlanRow) -> None:
    looks, said = 0, len(desk.said())
    for minutes in range(0, 25 * 60, 10):
        with later(minutes=minutes):
            looks += desk.work(POLL)
    assert 40 < looks < 70
    assert len(desk.said()) == said + 1
    assert "I stop looking by myself" in desk.said()[-1]
    assert desk.plan(waiting.id).state == "waiting"
    assert desk.queued(jobs.PLAN_POLL) == []
