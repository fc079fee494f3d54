"""Continue and Check now: the buttons of a change that goes on later."""

from __future__ import annotations

from typing import Any

from bot.incidents import halting_sentences
from bot.incidents.jobs import APPROVAL_DECIDE, PLAN_EXECUTE, PLAN_POLL
from bot.store import plans
from bot.store.tables.plans import PlanRow
from bot.store.types import utcnow
from tests.slack.house import House

CHANNEL = "inc-0001-acme-payroll"


def stands(house: House, state: str) -> PlanRow:
    """A plan that was approved, begun, and came to this state."""
    row = house.propose(house.open(), state=state, decided_by="U0SAM", decided_at=utcnow())
    with house.database.begin() as tx:
        plans.add_approval(tx, row.id, "U0SAM", row.digest)
        execution = plans.start_execution(tx, row.id, "inc-0001.p1", "slack-U0SAM")
        plans.end_execution(tx, execution.id, state, {"sentence": "AWS throttled it."})
    return row


def shown(house: House, words: str) -> Any:
    return house.sam.wait_for(CHANNEL, words)


def test_a_halted_change_goes_on_by_a_click(listening: House) -> None:
    row = stands(listening, "halted")
    listening.dana.click(shown(listening, "Halted half way"), "Continue")
    [job] = listening.jobs(APPROVAL_DECIDE)
    assert (job["verdict"], job["user_id"], job["digest"]) == ("continue", "U0DANA", row.digest)
    listening.settle()
    assert listening.plan(row.id).state == "approved"
    assert listening.jobs(PLAN_EXECUTE) == [{"plan_id": row.id}]
    listening.dana.wait_for(CHANNEL, "Continued after 0 of 1 calls")


def test_a_change_by_hand_is_looked_at_by_a_click(listening: House) -> None:
    row = stands(listening, "waiting")
    listening.dana.click(shown(listening, "Waiting for somebody to do it by hand"), "Check now")
    assert listening.jobs(PLAN_POLL) == [{"plan_id": row.id, "asked": True}]
    listening.settle()
    listening.dana.wait_for(CHANNEL, halting_sentences.LOOKING[:30])
