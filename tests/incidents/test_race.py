"""Fifty clicks at once, from two processes, by people who may and people who may not: one execution at most,
and never below the number of distinct approvers that is asked for."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from bot.store import ledger, plans
from bot.store.database import Database
from tests.incidents.clicking import PEOPLE, crowd
from tests.incidents.cloud import Cloud
from tests.incidents.doing import ANA, SAM, Desk, settings

#: Nobody in it may decide.
CROWD = ("requester", "guest", "stranger", "outsider", "robot", "gone") * 3
#: 25 clicks for each of the two processes.
ENOUGH = (*CROWD, "sam", "sam", "ana", "sam", "ana", "requester", "guest")
ONE_SHORT = (*CROWD, "sam", "sam", "sam", "sam", "requester", "requester", "guest")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, Cloud(), settings())


@pytest.mark.parametrize(
    ("clicks", "people", "runs"),
    [(ENOUGH, {SAM.user_id, ANA.user_id}, 1), (ONE_SHORT, {SAM.user_id}, 0)],
    ids=["enough", "one short"],
)
def test_fifty_clicks_at_once(
    desk: Desk, tmp_path: Path, clicks: tuple[str, ...], people: set[str], runs: int
) -> None:
    assert (len(clicks), set(clicks) <= set(PEOPLE)) == (25, True)
    plan = desk.propose(desk.open(), required=2)
    file = tmp_path / "changes"
    file.touch()
    both_at_once(desk, (plan.id, plan.digest, str(file)), clicks)
    assert file.read_text().splitlines() == ["attach_user_policy"] * runs
    assert desk.plan(plan.id).state == ("verified" if runs else "proposed")
    with desk.database.read() as tx:
        assert {one.user_id for one in plans.approvals(tx, plan.id)} == people
        assert len(plans.approvals(tx, plan.id)) == len(people)
        assert (plans.execution_of(tx, plan.id) is not None) == bool(runs)
        actions = [one.action for one in ledger.entries(tx)]
        assert ledger.first_broken(tx) is None
    assert (actions.count("plan.approved"), actions.count("plan.started")) == (runs, runs)


def both_at_once(desk: Desk, what: tuple[str, str, str], clicks: tuple[str, ...]) -> None:
    """Two processes that let their people go at the same moment. They are forks of one that is warm."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([crowd.__module__])
    url = desk.database.engine.url.render_as_string(hide_password=False)
    gate = context.Barrier(2)
    processes = [
        context.Process(target=crowd, args=(url, *what, names, gate)) for names in (clicks, clicks[::-1])
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
