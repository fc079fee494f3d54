"""Per-policy approvers, reminders, the wider group, and the inbox: who is called, who may, who sees what."""

from __future__ import annotations

import pytest

from bot.incidents.jobs import (
    APPROVAL_ESCALATE,
    APPROVAL_INVITE,
    APPROVAL_REMIND,
    INBOX_SHOW,
    PLAN_EXECUTE,
)
from bot.sandbox.slack.person import Modal
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.records import UserGroup
from bot.store import plans
from tests.slack.house import deny_all_plan, wait_until
from tests.slack.test_approving import CHANNEL, card

HEADS = {"approvers": ["S0HEADS"]}
WIDER = {"escalate_to": ["S0HEADS"], "escalate_minutes": 10}


@pytest.fixture(autouse=True)
def heads(request):
    """Kim leads, and is in no approver group: gil made a full member."""
    house = request.getfixturevalue("listening")
    gil = house.slack.workspace.users["U0GIL"]
    gil.is_restricted = False
    house.slack.workspace.groups["S0HEADS"] = UserGroup("S0HEADS", "heads", "Heads", ["U0GIL", "U0STRANGER"])
    house.gil = house.slack.person("gil")
    return house


def do(house, kind, row, **more):
    house.handlers[kind]({"plan_id": row.id, **more})
    house.deliver()


def test_a_policy_names_who_may_decide(listening):
    row = listening.propose(listening.open(), policy=HEADS)
    do(listening, APPROVAL_INVITE, row)
    listening.sam.click(card(listening, listening.sam), "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "proposed"
    listening.sam.wait_for(CHANNEL, "You are not an approver of this change")
    shown = card(listening, listening.gil)
    assert "<!subteam^S0HEADS>" in shown.text
    assert "<!subteam^S0APPROVE>" not in shown.text
    listening.gil.click(shown, "Approve")
    listening.settle()
    assert listening.jobs(PLAN_EXECUTE) == [{"plan_id": row.id}]


def test_those_who_have_not_answered_are_called_once(listening):
    incident = listening.open()
    rows = [listening.propose(incident, deny_all_plan(one), required_approvals=2) for one in ("a", "b")]
    for row in rows:
        with listening.database.begin() as tx:
            plans.add_approval(tx, row.id, "U0ANA", row.digest)
    do(listening, APPROVAL_REMIND, rows[0], nth=1)
    do(listening, APPROVAL_REMIND, rows[1], nth=1)
    do(listening, APPROVAL_REMIND, rows[0], nth=1)
    said = [one for one in listening.texts(CHANNEL) if "Still waiting" in one]
    assert len(said) == 1
    assert "<@U0SAM>" in said[0]
    assert "<@U0ANA>" not in said[0]
    assert "<@U0DANA>" not in said[0]
    assert all(str(row.body["title"]) in said[0] for row in rows)


def test_a_reminder_decided_before_it_is_delivered_disturbs_nobody(listening):
    row = listening.propose(listening.open())
    listening.handlers[APPROVAL_REMIND]({"plan_id": row.id, "nth": 1})
    with listening.database.begin() as tx:
        plans.move(tx, row.id, {"proposed"}, "rejected")
    listening.deliver()
    assert not [one for one in listening.texts(CHANNEL) if "Still waiting" in one]


def test_a_reminder_says_when_nothing_of_it_waits_any_more(listening):
    incident = listening.open()
    first, second = (listening.propose(incident, deny_all_plan(one)) for one in ("a", "b"))
    do(listening, APPROVAL_REMIND, first, nth=1)
    reminder = listening.sam.wait_for(CHANNEL, "Still waiting")
    for row, left in ((first, "Still waiting"), (second, "nothing of it waits any more")):
        listening.sam.click(card(listening, listening.sam, f"{row.body['target']['label']}\n"), "Approve")
        listening.settle()
        shown = next(one for one in listening.sam.see(CHANNEL) if one.ts == reminder.ts)
        assert left in words(shown.blocks)
    assert "Decide" not in words(shown.blocks)


def test_the_wider_group_is_let_in_and_may_decide(listening):
    row = listening.propose(listening.open(), policy=WIDER)
    assert CHANNEL not in listening.gil.channels()
    do(listening, APPROVAL_ESCALATE, row)
    call = listening.gil.wait_for(CHANNEL, "more people are asked")
    assert "<@U0GIL>" in call.text
    assert "<@U0STRANGER>" not in call.text
    assert "U0STRANGER" not in listening.slack.workspace.channel_named(CHANNEL).members
    listening.gil.click(card(listening, listening.gil), "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "approved"


def test_before_that_they_may_not(listening):
    row = listening.propose(listening.open(), policy=WIDER)
    listening.slack.workspace.channel_named(CHANNEL).members.append("U0GIL")
    listening.gil.click(card(listening, listening.gil), "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "proposed"


def test_without_a_wider_group_nothing_is_said(listening):
    row = listening.propose(listening.open(), policy={"escalate_minutes": 10})
    before = listening.texts(CHANNEL)
    do(listening, APPROVAL_ESCALATE, row)
    assert listening.texts(CHANNEL) == before
    assert listening.plan(row.id).escalated_at is None


def test_a_reminder_leads_to_the_form(listening):
    rows = [listening.propose(listening.open(), deny_all_plan(one)) for one in ("a",)]
    do(listening, APPROVAL_REMIND, rows[0], nth=1)
    listening.ana.click(listening.ana.wait_for(CHANNEL, "Still waiting"), "Decide…")
    listening.ana.submit(listening.ana.modal())
    listening.settle()
    assert listening.plan(rows[0].id).state == "approved"


def inbox(house, person, words):
    person.command("general", "/s3incident approvals")
    house.settle()
    return person.wait_for("general", words)


def test_the_inbox_knows_what_each_may_do(listening):
    incident = listening.open()
    mine = listening.propose(incident, deny_all_plan("for-approvers"))
    listening.propose(incident, deny_all_plan("for-heads"), policy=HEADS)
    half = listening.propose(incident, deny_all_plan("half"), required_approvals=2)
    with listening.database.begin() as tx:
        plans.add_approval(tx, half.id, "U0SAM", half.digest)

    sam = inbox(listening, listening.sam, "Waiting for your approval: 1 change")
    assert "for-approvers" in sam.text
    assert "for-heads" not in sam.text
    assert "You approved" in sam.text
    assert "1 more needed" in sam.text
    ana = inbox(listening, listening.ana, "Waiting for your approval: 2 changes")
    assert "half" in ana.text
    gil = inbox(listening, listening.gil, "Waiting for your approval: 1 change")
    assert "for-heads" in gil.text
    assert "for-approvers" not in gil.text
    dana = inbox(listening, listening.dana, "Nothing waits for you")
    assert "another person decides" in dana.text

    listening.sam.click(sam, "Approve")
    listening.settle()
    assert listening.plan(mine.id).state == "approved"


def test_an_outsider_learns_nothing(listening):
    listening.propose(listening.open())
    stella = listening.slack.person("stella")
    reply = stella.command("general", "/s3incident approvals")
    listening.settle()
    assert "ci-deploy" not in reply.text
    assert not [one for one in stella.see("general") if "ci-deploy" in one.text]


def test_who_may_break_the_glass_finds_the_button_in_the_inbox(listening):
    row = listening.propose(listening.open(), policy={"break_glass": ["U0DANA"]})
    found = inbox(listening, listening.dana, str(row.body["title"]))
    listening.dana.click(found, "Break glass")
    assert "Break the glass?" in listening.dana.modal().title


def test_app_home_has_the_same_with_buttons(listening):
    incident = listening.open()
    rows = [listening.propose(incident, deny_all_plan(one)) for one in ("a", "b")]
    listening.sam._do({"kind": "open_home"})
    wait_until(lambda: listening.jobs(INBOX_SHOW) != [])
    listening.settle()
    home = Modal(listening.sam.home(containing="Waiting for your approval: 2 changes"))
    listening.sam.click_in(home, "Decide on 2 together")
    listening.sam.submit(listening.sam.modal())
    listening.settle()
    assert [listening.plan(row.id).state for row in rows] == ["approved"] * 2
    listening.sam.wait_for(CHANNEL, "Your approval counts for 2 of 2 changes")


def test_the_inbox_works_from_another_incidents_channel(listening):
    row = listening.propose(listening.open())
    listening.open("other-bucket")
    listening.sam.command("inc-0002-other-bucket", "/s3incident approvals")
    listening.settle()
    shown = listening.sam.wait_for("inc-0002-other-bucket", str(row.body["title"]))
    listening.sam.click(shown, "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "approved"
