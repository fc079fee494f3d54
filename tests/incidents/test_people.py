from __future__ import annotations

from dataclasses import replace

import pytest

from bot.incidents import sentences
from bot.incidents.people import Person, may_decide
from bot.store.tables.plans import PlanRow
from tests.incidents.doing import DANA, SAM

PLAN = PlanRow(requested_by=DANA.user_id)


def test_another_approver_may() -> None:
    assert may_decide(SAM, PLAN) is None


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (replace(SAM, active=False), sentences.DEACTIVATED),
        (replace(SAM, bot=True), sentences.IS_A_BOT),
        (replace(SAM, stranger=True), sentences.IS_A_STRANGER),
        (replace(SAM, guest=True), sentences.IS_A_GUEST),
        (replace(SAM, approver=False), sentences.NOT_AN_APPROVER),
        (DANA, sentences.IS_THE_REQUESTER),
    ],
)
def test_who_may_not_hears_why(person: Person, why: str) -> None:
    assert may_decide(person, PLAN) == why
