"""The undo is the way back: it starts where the plan ended, and ends where the plan started."""

from __future__ import annotations

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.errors import Refused
from bot.remediation.plan import Plan, compared, state_hash
from bot.remediation.undo import undo_plan
from tests.remediation.samples import deactivate, deny_all, one_of_each, remove_public

#: R8 has no undo, and a grant of a key that was revoked (R32) cannot be given again.
REVERSIBLE = [plan for plan in one_of_each() if remediation(plan.remediation).reversible and plan.undo]


@pytest.mark.parametrize("plan", REVERSIBLE, ids=lambda plan: plan.remediation)
def test_the_undo_mirrors_the_plan(plan: Plan) -> None:
    undo = undo_plan(plan)
    assert (undo.calls, undo.undo) == (plan.undo, plan.calls)
    assert (undo.before, undo.after) == (
        plan.after,
        compared(remediation(plan.remediation).undone(plan.before)),
    )
    assert undo.base_hash == plan.final_hash == state_hash(plan.after)
    assert plan.base_hash == state_hash(plan.before)
    assert undo.final_hash == state_hash(undo.after)
    assert undo.digest != plan.digest
    assert undo.undoes == plan.digest


@pytest.mark.parametrize(
    ("plan", "title"),
    [
        (deny_all("ci"), "Lift the deny from ci"),
        (deactivate("ci", "AKIAEXAMPLE12345"), "Reactivate access key AKIAEXAMPLE12345 of ci"),
        (remove_public("acme"), "Restore the public statements in the policy of acme"),
    ],
    ids=("R2", "R1", "R18"),
)
def test_its_card_says_what_it_brings_back(plan: Plan, title: str) -> None:
    undo = undo_plan(plan)
    assert undo.title == title
    assert title.startswith(undo.verb)
    assert len(undo.warnings) == 1


def test_an_undo_is_not_undone() -> None:
    with pytest.raises(Refused, match="This is an undo already"):
        undo_plan(undo_plan(deny_all("ci")))


def test_a_plan_without_undo_calls_has_no_undo() -> None:
    with pytest.raises(Refused, match="cannot be undone"):
        undo_plan(deny_all("ci").model_copy(update={"undo": ()}))


def test_what_was_measured_of_the_change_is_not_told_of_its_undo() -> None:
    plan = remove_public("acme").model_copy(update={"aws_verdicts": ("S3 calls the policy public.",)})
    assert (undo_plan(plan).impact, undo_plan(plan).aws_verdicts) == (None, ())
