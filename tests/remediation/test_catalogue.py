"""The catalogue itself, and what holds for every row of it."""

from __future__ import annotations

import pytest

from bot.remediation.catalogue import listing, remediation
from bot.remediation.errors import NoSuchRemediation, RemediationError
from bot.remediation.plan import Plan, state_hash
from tests.remediation.samples import one_of_each


def test_rows_and_names_are_unique() -> None:
    rows = listing()
    assert {one.row for one in rows} == {"R1", "R2", "R18"}
    assert len({one.name for one in rows}) == len(rows)
    assert all(remediation(one.row) is one for one in rows)


def test_an_unknown_row_is_answered_with_those_there_are() -> None:
    with pytest.raises(NoSuchRemediation, match="no remediation R99; there are R2, R1, R18"):
        remediation("R99")
    assert issubclass(NoSuchRemediation, RemediationError)


@pytest.mark.parametrize("plan", one_of_each(), ids=lambda plan: plan.remediation)
class TestEveryPlan:
    def test_starts_from_the_state_it_shows(self, plan: Plan) -> None:
        assert plan.base_hash == state_hash(plan.before)
        assert plan.final_hash == state_hash(plan.after)
        assert plan.base_hash != plan.final_hash

    def test_can_be_undone_to_where_it_started(self, plan: Plan) -> None:
        assert plan.undo[-1].after == plan.base_hash
        assert remediation(plan.remediation).reversible

    def test_asks_for_a_permission_for_every_call_on_an_exact_arn(self, plan: Plan) -> None:
        for permission in [p for call in (*plan.calls, *plan.undo) for p in call.permissions]:
            assert permission.resource == plan.target.id
            assert "*" not in permission.action + permission.resource
        assert all(call.permissions for call in (*plan.calls, *plan.undo))

    def test_says_who_feels_it(self, plan: Plan) -> None:
        assert plan.affected
        assert plan.warnings
        assert plan.title.startswith(plan.verb.split()[0])
