"""Approve, Reject, Undo, Plan again: who may, what happens once, and that everybody gets an answer."""

from __future__ import annotations

import pytest

from bot.incidents import approvals, closing
from bot.incidents.jobs import APPROVAL_DECIDE, PLAN_EXECUTE, PLAN_PREPARE, PLAN_UNDO
from bot.incidents.recording import redraw
from bot.sandbox.slack.reading import words
from bot.store import incidents, outbox, plans
from bot.store.types import utcnow
from tests.slack.house import deny_all_plan

CHANNEL = "inc-0001-acme-payroll"


@pytest.fixture
def proposed(listening):
    return listening.propose(listening.open())


def card(house, person, said="Waiting for approval"):
    return person.wait_for(CHANNEL, said)


def incident_of(house, row):
    with house.database.read() as tx:
        return incidents.get(tx, row.incident_id)


def set_state(house, row, state):
    with house.database.begin() as tx:
        assert plans.move(tx, row.id, {row.state}, state)


def let_in(house, name):
    """Somebody who has no business there sits in the channel all the same."""
    person = house.slack.person(name)
    channel = house.slack.workspace.channel_named(CHANNEL)
    channel.members.append(person.id)
    return person


def test_an_approver_approves_exactly_this_plan(listening, proposed):
    listening.sam.click(card(listening, listening.sam), "Approve")
    [job] = listening.jobs(APPROVAL_DECIDE)
    assert (job["plan_id"], job["digest"], job["user_id"]) == (proposed.id, proposed.digest, "U0SAM")
    assert listening.plan(proposed.id).state == "proposed"
    listening.settle()
    assert listening.plan(proposed.id).state == "approved"
    assert listening.jobs(PLAN_EXECUTE) == [{"plan_id": proposed.id}]
    assert listening.sam.wait_for(CHANNEL, "You approved").only_for == "U0SAM"
    listening.ana.wait_for(CHANNEL, "*Approved* by <@U0SAM>")


def test_declining_the_dialog_does_nothing(listening, proposed):
    listening.sam.click(card(listening, listening.sam), "Approve", confirm=False)
    assert listening.jobs(APPROVAL_DECIDE) == []


def test_a_double_click_is_one_job(listening, proposed):
    shown = card(listening, listening.sam)
    listening.sam.click(shown, "Approve")
    listening.sam.click(shown, "Approve")
    assert len(listening.jobs(APPROVAL_DECIDE)) == 1
    listening.settle()
    listening.sam.wait_for(CHANNEL, "already being looked at")
    assert listening.jobs(PLAN_EXECUTE) == [{"plan_id": proposed.id}]


def test_the_requester_cannot_approve(listening, proposed):
    listening.dana.click(card(listening, listening.dana), "Approve")
    listening.settle()
    assert listening.plan(proposed.id).state == "proposed"
    assert "approver" in listening.dana.wait_for(CHANNEL, "changed nothing").text.lower()


def test_an_approver_who_asked_for_it_cannot_approve(listening):
    listening.propose(listening.open(opened_by="U0SAM"), requested_by="U0SAM")
    listening.sam.click(card(listening, listening.sam), "Approve")
    listening.settle()
    assert "another person must decide" in listening.sam.wait_for(CHANNEL, "You asked").text


@pytest.mark.parametrize(
    ("name", "words"), [("gil", "Guests of this workspace"), ("stella", "another workspace")]
)
def test_guests_and_strangers_are_refused_with_a_sentence(listening, proposed, name, words):
    listening.slack.workspace.groups["S0APPROVE"].users.append(f"U0{name.upper()}")
    person = let_in(listening, name)
    person.click(card(listening, person), "Approve")
    listening.settle()
    assert listening.plan(proposed.id).state == "proposed"
    person.wait_for(CHANNEL, words)


def test_a_deactivated_approver_is_refused(listening, proposed):
    shown = card(listening, listening.sam)
    listening.slack.workspace.users["U0SAM"].deleted = True
    listening.sam.click(shown, "Approve")
    listening.settle()
    assert listening.plan(proposed.id).state == "proposed"


def test_leaving_the_group_takes_effect_at_the_next_click(listening, proposed):
    shown = card(listening, listening.sam)
    listening.slack.workspace.groups["S0APPROVE"].users.remove("U0SAM")
    listening.sam.click(shown, "Approve")
    listening.settle()
    assert listening.plan(proposed.id).state == "proposed"
    listening.sam.wait_for(CHANNEL, "not an approver")


def test_two_approvers_are_needed_where_two_are_required(listening):
    row = listening.propose(listening.open(), required_approvals=2)
    listening.sam.click(card(listening, listening.sam), "Approve")
    listening.settle()
    listening.sam.click(card(listening, listening.sam, "1 more needed"), "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "proposed"
    listening.ana.click(card(listening, listening.ana, "1 more needed"), "Approve")
    listening.settle()
    assert listening.plan(row.id).state == "approved"


def test_a_button_of_an_older_version_changes_nothing(listening, proposed):
    shown = card(listening, listening.sam)
    with listening.database.begin() as tx:
        row = plans.get(tx, proposed.id)
        other = deny_all_plan("somebody-else")
        row.body, row.digest = other.model_dump(mode="json"), other.digest
    listening.sam.click(shown, "Approve")
    listening.settle()
    assert listening.plan(proposed.id).state == "proposed"
    listening.sam.wait_for(CHANNEL, "another version of this plan")


def test_a_late_click_is_told_that_it_is_too_late(listening, proposed):
    shown = card(listening, listening.ana)
    listening.sam.click(card(listening, listening.sam), "Approve")
    listening.settle()
    listening.ana.click(shown, "Approve", late=True)
    listening.settle()
    listening.ana.wait_for(CHANNEL, "Too late")


def test_rejecting_needs_a_reason_and_says_it(listening, proposed):
    listening.sam.click(card(listening, listening.sam), "Reject…")
    modal = listening.sam.modal()
    assert deny_all_plan().title in modal.text
    listening.sam.submit(listening.sam.fill(modal, reason="It is our <!channel> deploy day"))
    listening.settle()
    assert listening.plan(proposed.id).state == "rejected"
    shown = listening.ana.wait_for(CHANNEL, "*Rejected* by <@U0SAM>")
    assert "deploy day" in shown.text
    assert "<!channel>" not in shown.text
    assert listening.jobs(PLAN_EXECUTE) == []


def test_rejecting_what_is_decided_says_so_without_a_form(listening, proposed):
    shown = card(listening, listening.sam)
    set_state(listening, proposed, "expired")
    listening.sam.click(shown, "Reject…", late=True)
    listening.settle()
    assert not listening.sam.has_modal()
    listening.sam.wait_for(CHANNEL, "only means: paused")


def test_the_undo_button_asks_for_an_undo_plan(listening, proposed):
    set_state(listening, proposed, "verified")
    refresh(listening, proposed)
    listening.dana.click(card(listening, listening.dana, "Done and verified"), "Undo…")
    listening.settle()
    assert listening.jobs(PLAN_UNDO) == [{"plan_id": proposed.id, "requested_by": "U0DANA"}]
    listening.dana.wait_for(CHANNEL, "Another person must approve")


def test_plan_again_asks_for_a_fresh_plan(listening, proposed):
    set_state(listening, proposed, "stale")
    refresh(listening, proposed)
    listening.ana.click(card(listening, listening.ana, "*Stale:*"), "Plan again")
    listening.settle()
    [job] = listening.jobs(PLAN_PREPARE)
    assert (job["replaces"], job["requested_by"]) == (proposed.id, "U0DANA")
    assert listening.plan(proposed.id).state == "replaced"


def test_details_show_every_call_with_its_parameters(listening, proposed):
    listening.ana.click(card(listening, listening.ana), "Details")
    text = listening.ana.modal().text
    for said in (
        "iam:attach_user_policy",
        "AWSDenyAll",
        "iam:detach_user_policy",
        proposed.digest,
        "Session policy",
    ):
        assert said in text


def test_a_button_for_a_plan_that_is_gone_is_answered(listening, proposed):
    shown = card(listening, listening.sam)
    with listening.database.begin() as tx:
        tx.delete(plans.get(tx, proposed.id))
    listening.sam.click(shown, "Approve")
    listening.sam.click(shown, "Details")
    listening.settle()
    assert len([one for one in listening.sam.see(CHANNEL) if "does not exist" in one.text]) == 2


def test_when_slack_cannot_say_who_it_is_nothing_is_decided(listening, proposed):
    listening.sam.click(card(listening, listening.sam), "Approve")
    listening.slack.faults.fail("users.info", times=1)
    with pytest.raises(Exception, match="Slack API"):
        listening.work()
    assert listening.plan(proposed.id).state == "proposed"


def test_the_same_job_twice_counts_once(listening):
    row = listening.propose(listening.open(), required_approvals=2)
    listening.sam.click(card(listening, listening.sam), "Approve")
    [job] = listening.jobs(APPROVAL_DECIDE)
    listening.handlers[APPROVAL_DECIDE](job)
    listening.handlers[APPROVAL_DECIDE](job)
    with listening.database.read() as tx:
        assert len(plans.approvals(tx, row.id)) == 1
    assert listening.plan(row.id).state == "proposed"


def refresh(house, row):
    with house.database.begin() as tx:
        outbox.refresh(tx, f"plan:{row.id}")
    house.deliver()


def test_closing_takes_the_buttons_of_undecided_changes_away(listening, proposed):
    rejected = listening.propose(incident_of(listening, proposed), deny_all_plan("kim"))
    set_state(listening, rejected, "rejected")
    with listening.database.begin() as tx:
        closing.close(tx, proposed.incident_id, "U0SAM")
    listening.settle()
    paused = listening.sam.wait_for(CHANNEL, "nobody decided before the incident was closed")
    for shown in (paused, card(listening, listening.sam, "user kim")):
        assert "Plan again" not in words(shown.blocks)
        assert "Details" in words(shown.blocks)


def test_an_undo_that_nobody_decided_can_be_asked_for_again(listening, proposed):
    set_state(listening, proposed, "approved")
    set_state(listening, listening.plan(proposed.id), "running")
    set_state(listening, listening.plan(proposed.id), "verified")
    undo = listening.propose(
        incident_of(listening, proposed), deny_all_plan("back"), undoes=proposed.id, expires_at=utcnow()
    )
    with listening.database.begin() as tx:
        redraw(tx, proposed.incident_id, proposed.id)
    listening.deliver()
    assert "Undo" not in words(card(listening, listening.sam, "user ci-deploy").blocks)
    with listening.database.begin() as tx:
        approvals.expire(tx, undo.id)
    listening.deliver()
    assert "Undo" in words(card(listening, listening.sam, "user ci-deploy").blocks)
