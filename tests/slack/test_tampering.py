"""What somebody may try with a button or a row: each is refused in its own words, and leaves an entry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from bot.incidents import halting_sentences, sentences
from bot.incidents.jobs import APPROVAL_DECIDE, PLAN_EXECUTE
from bot.store import jobs, ledger
from bot.store.tables.plans import PlanRow
from bot.store.types import utcnow
from tests.slack.house import House


@pytest.fixture
def proposed(house: House) -> PlanRow:
    return house.propose(house.open())


def click(house: House, plan: PlanRow, **altered: str) -> None:
    """Sam's click on Approve, as the listener queues it, with something of it altered."""
    here = house.slack.workspace.channel_named("inc-0001-acme-payroll").id
    known: dict[str, Any] = {
        "plan_id": plan.id,
        "digest": plan.digest,
        "verdict": "approve",
        "user_id": "U0SAM",
        "team_id": house.slack.workspace.team_id,
        "channel_id": here,
        "reason": "",
    }
    with house.database.begin() as tx:
        jobs.enqueue(tx, APPROVAL_DECIDE, **(known | altered))
    house.settle()


def refusals(house: House, action: str = "plan.refused") -> list[object]:
    with house.database.read() as tx:
        assert ledger.first_broken(tx) is None
        return [one.detail.get("why") for one in ledger.entries(tx) if one.action == action]


def said(house: House) -> list[str]:
    return [one.text for one in house.sam.see("inc-0001-acme-payroll") if one.only_for == "U0SAM"]


def test_an_altered_button_value(house: House, proposed: PlanRow) -> None:
    click(house, proposed, digest="f" * 64)
    assert refusals(house) == [sentences.OTHER_VERSION]
    assert said(house) == [sentences.OTHER_VERSION]
    assert house.plan(proposed.id).state == "proposed"


def test_an_altered_plan_row(house: House, proposed: PlanRow) -> None:
    body = {**proposed.body, "account_id": "999999999999"}
    with house.database.begin() as tx:
        tx.execute(update(PlanRow).where(PlanRow.id == proposed.id).values(body=body))
    click(house, proposed)
    assert refusals(house) == [sentences.BODY_CHANGED]
    assert house.plan(proposed.id).state == "proposed"


def test_an_approval_for_another_channels_incident(house: House, proposed: PlanRow) -> None:
    house.open("acme-ledgers")
    other = house.slack.workspace.channel_named("inc-0002-acme-ledgers").id
    click(house, proposed, channel_id=other)
    assert refusals(house) == [halting_sentences.other_incident("inc-0001", "inc-0002")]
    assert house.plan(proposed.id).state == "proposed"
    click(house, proposed)
    assert house.plan(proposed.id).state == "approved"


def test_a_click_after_the_expiry(house: House, proposed: PlanRow) -> None:
    with time_machine.travel(utcnow() + timedelta(hours=2), tick=True):
        click(house, proposed)
    assert house.plan(proposed.id).state == "expired"
    assert said(house) == [sentences.TOO_LATE["expired"]]
    assert len(refusals(house, "plan.expired")) == 1
    assert house.jobs(PLAN_EXECUTE) == []
